//! A desk with people at it, each with a session: in this process, over HTTP, or over TLS; on
//! either database.

use std::{fmt, net::SocketAddr, time::Duration};

use flightdeck::{
    api::{self, Setup, address::Address, auth::Keys, serve, tls::Certificate},
    domain::tenant::{
        caller::{Caller, house},
        key::Fresh,
        role::Role,
    },
    engine::{fault::Fault, seller::products::stock},
    remote::{Place, Remote},
    session::Session,
    store::{
        Shared,
        open::{Database, open},
    },
};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{
    authority::Authority,
    desk::{self, Desk},
    people,
};

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
    /// What it keeps its things in.
    on: &'static str,
    pub at: SocketAddr,
    keys: Vec<(&'static str, String)>,
    /// Who vouches for it.
    pub authority: Option<Authority>,
    /// The certificate that it shows, and the directory with its files.
    pub certificate: Option<Certificate>,
    pub files: TempDir,
    _serves: DropGuard,
}

impl fmt::Debug for Stage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?} on {}", self.way, self.on)
    }
}

impl Stage {
    /// Each way on each database that is there, and each on one of its own. Without PostgreSQL
    /// it is said once that a test is not done on it.
    pub async fn each(test: &str) -> Vec<Self> {
        let mut all = Vec::new();
        let mut is_there = true;
        for way in [Way::Embedded, Way::Http, Way::Tls] {
            if !is_there {
                all.push(Self::open(way).await);
                continue;
            }
            let databases = desk::databases(test).await;
            is_there = databases.len() > 1;
            for (on, (store, home)) in ["SQLite", "PostgreSQL"].into_iter().zip(databases) {
                all.push(Self::open_on(way, on, (store, home)).await);
            }
        }
        all
    }

    /// One way, on SQLite.
    pub async fn open(way: Way) -> Self {
        let home = tempfile::tempdir().expect("a scratch directory");
        let file = Database::File(home.path().join("desk.db"));
        let store = open(&file).await.expect("a new database");
        Self::open_on(way, "SQLite", (store, Some(home))).await
    }

    async fn open_on(way: Way, on: &'static str, (store, home): (Shared, Option<TempDir>)) -> Self {
        let own = ["acme", "rivals"].map(|name| name.parse().expect("a tenant"));
        let desk = Desk::on(store, NOW, home, |desk| desk.tenants = own.to_vec()).await;
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
        let authority = (way == Way::Tls).then(Authority::new);
        let certificate = authority.as_ref().map(|authority| {
            authority.vouches_in(files.path());
            Certificate::read(
                &files.path().join("chain.pem"),
                &files.path().join("key.pem"),
            )
            .expect("a certificate")
        });
        let acceptor = certificate.as_ref().map(Certificate::acceptor);
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
            on,
            at,
            keys: handed,
            authority,
            certificate,
            files,
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
            authority: self.authority.as_ref().map(Authority::pem),
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
