//! TLS of our own: the certificate and its key, read as the server starts and again whenever their
//! files have changed, so that whoever renews them restarts nothing. Refuses a key that everybody
//! can read, and files that do not belong together: then the pair before goes on.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use sha2::{Digest as _, Sha256};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

/// What is spoken inside, the better one first.
const INSIDE: [&[u8]; 2] = [b"h2", b"http/1.1"];
/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(2);

/// A certificate with its key, as their files have them; clones are the same one.
#[derive(Clone)]
pub struct Certificate(Arc<Kept>);

struct Kept {
    chain: PathBuf,
    key: PathBuf,
    acceptor: TlsAcceptor,
    shown: Arc<Shown>,
    /// What the files held when they were last looked at, good or bad.
    seen: Mutex<Seen>,
}

/// A digest of both files.
type Seen = [u8; 32];

/// What whoever connects is shown.
#[derive(Debug)]
struct Shown(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let shown = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Some(Arc::clone(&shown))
    }
}

impl Certificate {
    /// Gets ready to speak TLS.
    ///
    /// # Errors
    /// With what is wrong, and where.
    pub fn read(chain: &Path, key: &Path) -> Result<Self, String> {
        let files = Files::read(chain, key)?;
        let pair = files.pair(chain, key)?;
        let shown = Arc::new(Shown(RwLock::new(Arc::new(pair))));
        let config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(|error| told(key, &error))?;
        let resolves = Arc::clone(&shown);
        let mut config = config.with_no_client_auth().with_cert_resolver(resolves);
        config.alpn_protocols = INSIDE.map(<[u8]>::to_vec).to_vec();
        Ok(Self(Arc::new(Kept {
            chain: chain.to_owned(),
            key: key.to_owned(),
            acceptor: TlsAcceptor::from(Arc::new(config)),
            shown,
            seen: Mutex::new(files.digest()),
        })))
    }

    /// What connections are taken with, now and after every renewal.
    #[must_use]
    pub fn acceptor(&self) -> TlsAcceptor {
        self.0.acceptor.clone()
    }

    /// Looks whether the files hold another pair, and shows that from now on; says whether.
    ///
    /// # Errors
    /// With what is wrong with them, once for each change; the pair before goes on.
    pub fn look(&self) -> Result<bool, String> {
        let Kept {
            chain, key, shown, ..
        } = &*self.0;
        let files = Files::read(chain, key);
        let digest = match &files {
            Ok(files) => files.digest(),
            // A file that is not there, in the middle of being replaced or for good.
            Err(why) => Sha256::digest(why).into(),
        };
        let mut seen = self.0.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if *seen == digest {
            return Ok(false);
        }
        *seen = digest;
        let pair = files?.pair(chain, key)?;
        let mut shown = shown.0.write().unwrap_or_else(PoisonError::into_inner);
        let differs = shown.cert != pair.cert;
        *shown = Arc::new(pair);
        Ok(differs)
    }

    /// Looks again and again until it is cancelled, and logs what comes of it.
    pub async fn follow(self, stop: CancellationToken) {
        let path = self.0.chain.display().to_string();
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(LOOK) => {}
            }
            let looks = self.clone();
            match tokio::task::spawn_blocking(move || looks.look()).await {
                Ok(Ok(false)) => {}
                Ok(Ok(true)) => tracing::info!(path, "the certificate was renewed"),
                Ok(Err(why)) => {
                    tracing::warn!(%why, "the certificate has changed and cannot be used; the one before goes on");
                }
                Err(error) => tracing::error!(%error, "the certificate is not looked at"),
            }
        }
    }
}

/// Both files as they were read.
struct Files {
    chain: Vec<u8>,
    key: Vec<u8>,
}

impl Files {
    fn read(chain: &Path, key: &Path) -> Result<Self, String> {
        let read = |path: &Path| fs::read(path).map_err(|error: io::Error| told(path, &error));
        guard(key)?;
        Ok(Self {
            chain: read(chain)?,
            key: read(key)?,
        })
    }

    fn digest(&self) -> Seen {
        let parts = [&self.chain, &self.key].map(Sha256::digest);
        Sha256::digest(parts.concat()).into()
    }

    /// The pair in them, if they belong together.
    fn pair(&self, chain: &Path, key: &Path) -> Result<CertifiedKey, String> {
        let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&self.chain).collect();
        let all = all.map_err(|error| told(chain, &error))?;
        if all.is_empty() {
            return Err(told(chain, &"holds no certificate"));
        }
        let secret = PrivateKeyDer::from_pem_slice(&self.key).map_err(|error| told(key, &error))?;
        CertifiedKey::from_der(all, secret, &provider()).map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => {
                told(key, &"it is not the key of that certificate")
            }
            other => told(key, &other),
        })
    }
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn told(path: &Path, why: &dyn std::fmt::Display) -> String {
    format!("{}: {why}", path.display())
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
