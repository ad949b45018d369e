//! Somebody who vouches for servers, with certificates that no one else trusts.

use std::{fs, path::Path};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

/// Lets nobody else read a file.
pub fn set_private(path: &Path) {
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(path, mode).expect("a private file");
}

/// Somebody who vouches for servers.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    pub fn new() -> Self {
        let mut above = CertificateParams::new(Vec::new()).expect("an authority");
        above.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let pem = above.self_signed(&key).expect("an authority").pem();
        let issuer = Issuer::new(above, key);
        Self { issuer, pem }
    }

    /// Its own certificate.
    pub fn pem(&self) -> Vec<u8> {
        self.pem.clone().into_bytes()
    }

    /// A certificate for this machine and its key, in PEM.
    pub fn vouches(&self) -> (String, String) {
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let own = KeyPair::generate().expect("a key");
        let leaf = CertificateParams::new(names).expect("names");
        let leaf = leaf.signed_by(&own, &self.issuer).expect("a certificate");
        (leaf.pem(), own.serialize_pem())
    }

    /// The same, as files of a directory.
    pub fn vouches_in(&self, files: &Path) {
        let (chain, key) = self.vouches();
        fs::write(files.join("chain.pem"), chain).expect("a file");
        fs::write(files.join("key.pem"), key).expect("a file");
        set_private(&files.join("key.pem"));
    }
}
