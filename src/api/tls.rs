//! TLS of our own: the certificate and its key, read once as the server starts. Refuses a key that
//! everybody can read, and files that do not belong together.

use std::{fs, path::Path, sync::Arc};

use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};
use tokio_rustls::TlsAcceptor;

/// What is spoken inside, the better one first.
const INSIDE: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// Gets ready to speak TLS.
///
/// # Errors
/// With what is wrong, and where.
pub fn read(certificate: &Path, key: &Path) -> Result<TlsAcceptor, String> {
    let told = |path: &Path, why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
    let pem = fs::read(certificate).map_err(|error| told(certificate, &error))?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let chain = chain.map_err(|error| told(certificate, &error))?;
    if chain.is_empty() {
        return Err(told(certificate, &"holds no certificate"));
    }
    guard(key)?;
    let pem = fs::read(key).map_err(|error| told(key, &error))?;
    let secret = PrivateKeyDer::from_pem_slice(&pem).map_err(|error| told(key, &error))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|config| config.with_no_client_auth().with_single_cert(chain, secret));
    let mut config = config.map_err(|error| told(key, &error))?;
    config.alpn_protocols = INSIDE.map(<[u8]>::to_vec).to_vec();
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Refuses a key that everybody can read.
fn guard(key: &Path) -> Result<(), String> {
    #[cfg(unix)]
    {
        let mode = fs::metadata(key)
            .map(|about| std::os::unix::fs::PermissionsExt::mode(&about.permissions()));
        if mode.is_ok_and(|mode| mode & 0o007 != 0) {
            return Err(format!(
                "{0} can be read by everybody\nhint: chmod 640 {0}",
                key.display()
            ));
        }
    }
    #[cfg(not(unix))]
    let _ = key;
    Ok(())
}
