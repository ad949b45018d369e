//! A desk with people at it, each with a session: in this process, over HTTP, or over TLS.

use std::{fs, net::SocketAddr, path::Path, time::Duration};

use flightdeck::{
    api::{self, Setup, address::Address, auth::Keys, serve, tls},
    domain::tenant::{
        caller::{Caller, house},
        key::Fresh,
        role::Role,
    },
    engine::{fault::Fault, seller::products::stock},
    remote::{Place, Remote},
    session::Session,
};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{desk::Desk, people};

/// When all of it happens.
pub const NOW: &str = "2026-06-15T12:00:00Z";

/// How the engine is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Embedded,
    Http,
    Tls,
}

/// A desk, and the way to it.
pub struct Stage {
    pub desk: Desk,
    pub way: Way,
    pub at: SocketAddr,
    keys: Vec<(&'static str, String)>,
    authority: Option<Vec<u8>>,
    _files: TempDir,
    _serves: DropGuard,
}

impl Stage {
    /// The three of them, each on a database of its own.
    pub async fn each() -> Vec<Self> {
        let mut all = Vec::new();
        for way in [Way::Embedded, Way::Http, Way::Tls] {
            all.push(Self::open(way).await);
        }
        all
    }

    pub async fn open(way: Way) -> Self {
        let own = ["acme", "rivals"].map(|name| name.parse().expect("a tenant"));
        let desk = Desk::sqlite_with(NOW, |desk| desk.tenants = own.to_vec()).await;
        let acme = "acme".parse().expect("a tenant");
        let products = stock::demo().expect("products");
        let stocked = stock::stock(&desk.core, &acme, products).await;
        stocked.expect("stocked");
        desk.pass(chrono::Duration::zero()).await;

        let (mut keys, mut handed) = (Keys::default(), Vec::new());
        for (name, role, tenant) in people::ALL {
            let fresh = Fresh::of(role);
            keys.add(&fresh.id, &fresh.sha256, caller(name, role, tenant));
            handed.push((name, fresh.key));
        }
        let setup = Setup {
            keys,
            address: Address::default(),
            requests_per_minute: 0,
            mcp_per_minute: 0,
            admin_per_minute: 0,
            approve_wait: Duration::ZERO,
        };
        let router = api::router(desk.core.clone(), setup, None);
        let files = tempfile::tempdir().expect("a scratch directory");
        let (acceptor, authority) = match way {
            Way::Tls => {
                let (acceptor, authority) = certificate(files.path());
                (Some(acceptor), Some(authority))
            }
            _ => (None, None),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let at = listener.local_addr().expect("an address");
        let stop = CancellationToken::new();
        tokio::spawn(serve::serve(
            listener,
            (router, acceptor),
            512,
            stop.clone(),
        ));
        Self {
            desk,
            way,
            at,
            keys: handed,
            authority,
            _files: files,
            _serves: stop.drop_guard(),
        }
    }

    /// The session of one of the people.
    pub async fn session(&self, name: &str) -> Session {
        if self.way == Way::Embedded {
            let known = people::ALL.iter().find(|one| one.0 == name);
            let (name, role, tenant) = *known.expect("somebody");
            return Session::embedded(self.desk.core.clone(), caller(name, role, tenant));
        }
        self.session_at(name, self.at).await.expect(name)
    }

    /// The same, by another way there.
    pub async fn session_at(&self, name: &str, at: SocketAddr) -> Result<Session, Fault> {
        let remote = self.remote_at(name, at);
        let met = remote.meet().await?;
        Ok(Session::remote(remote, &met))
    }

    /// The engine as one of the people asks it.
    pub fn remote_at(&self, name: &str, at: SocketAddr) -> Remote {
        Remote::new(&self.place(name, at)).expect("an engine")
    }

    /// Where it is, and the key of one of the people.
    pub fn place(&self, name: &str, at: SocketAddr) -> Place {
        let key = self.keys.iter().find(|(of, _)| *of == name);
        let scheme = if self.way == Way::Tls {
            "https"
        } else {
            "http"
        };
        Place {
            url: format!("{scheme}://localhost:{}", at.port()),
            token: key.map(|(_, key)| key.clone().into()),
            authority: self.authority.clone(),
            insecure: false,
        }
    }
}

fn caller(name: &str, role: Role, tenant: &str) -> Caller {
    let tenant = match role {
        Role::Operator => house(),
        _ => tenant.parse().expect("a tenant"),
    };
    Caller::new(name, tenant, role)
}

/// A certificate of an authority of its own, ready to be served, and that authority in PEM.
fn certificate(files: &Path) -> (TlsAcceptor, Vec<u8>) {
    let (chain, key, authority) = pems();
    let (at, secret) = (files.join("chain.pem"), files.join("key.pem"));
    fs::write(&at, chain).expect("a file");
    fs::write(&secret, key).expect("a file");
    set_private(&secret);
    let acceptor = tls::read(&at, &secret).expect("a certificate");
    (acceptor, authority.into_bytes())
}

/// Lets nobody else read a file.
pub fn set_private(path: &Path) {
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(path, mode).expect("a private file");
}

/// A certificate for this machine, its key, and who vouches for it, all in PEM.
pub fn pems() -> (String, String, String) {
    let key = || KeyPair::generate().expect("a key");
    let mut above = CertificateParams::new(Vec::new()).expect("an authority");
    above.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let above_key = key();
    let authority = above.self_signed(&above_key).expect("an authority").pem();
    let issuer = Issuer::new(above, above_key);
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let own = key();
    let leaf = CertificateParams::new(names).expect("names");
    let leaf = leaf.signed_by(&own, &issuer).expect("a certificate");
    (leaf.pem(), own.serialize_pem(), authority)
}
