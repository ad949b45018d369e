//! What tenant management costs: a list of tenants and one of them against a route that says next
//! to nothing, and a refusal for asking too often against the answer that it is in place of.

use criterion::{Criterion, measurement::WallTime};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    Sum,
    client::Connection,
    server::Server,
    spend_on,
    table::{Row, Table, Target},
};

/// How many tenants there are.
const TENANTS: usize = 50;
/// Where they are managed.
const AT: &str = "/api/v1/tenant-management";

/// How an answer begins that was served, and how any does.
const SERVED: &[u8] = b"HTTP/1.1 20";
const ANY: &[u8] = b"HTTP/1.1 ";

/// A connection that carries the management key.
fn keyed(server: &Server, key: &str, status: &'static [u8]) -> Connection {
    let header = format!("x-tenant-management-api-key: {key}\r\n");
    Connection::with(server.address(), header, status)
}

/// A server with tenants, its management key, and the id of one of them.
fn house(dir: &TempDir) -> (Server, String, String) {
    let server = Server::ours(dir.path(), &[]);
    let mut connection = Connection::open(server.address());
    let made = connection.post(&format!("{AT}/init-api-key"), "{}");
    let made: Value = serde_json::from_slice(made).expect("JSON");
    let key = made["api_key"].as_str().expect("a key").to_owned();
    let mut connection = keyed(&server, &key, SERVED);
    let mut id = String::new();
    for n in 0..TENANTS {
        let wanted = json!({"name": format!("Publisher {n}"), "subdomain": format!("pub-{n}"),
            "ad_server": "google_ad_manager", "gam_network_code": "123456789",
            "gam_refresh_token": "1//oauth-refresh-token",
            "features": {"max_daily_budget": 50_000, "enable_axe_signals": true}});
        let made = connection.post(&format!("{AT}/tenants"), &wanted.to_string());
        let made: Value = serde_json::from_slice(made).expect("JSON");
        made["tenant_id"]
            .as_str()
            .expect("an id")
            .clone_into(&mut id);
    }
    (server, key, id)
}

/// Measures it.
pub fn measure(criterion: &mut Criterion<WallTime>, table: &mut Table) {
    let dir = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a scratch directory");
    let (server, key, id) = house(&dir);
    let plain = Server::plain();
    let (empty, list, one) = (Sum::default(), Sum::default(), Sum::default());
    let shown = format!("{AT}/tenants/{id}");
    for (name, path, sum) in [
        ("cpu/GET tenants, 50", format!("{AT}/tenants"), &list),
        ("cpu/GET tenants/{id}", shown.clone(), &one),
    ] {
        let bare = Connection::open(plain.address());
        spend_on(criterion, "cpu/plain route", (&plain, bare), &empty, || {
            "/".into()
        });
        let keyed = keyed(&server, &key, SERVED);
        spend_on(criterion, name, (&server, keyed), sum, || path.clone());
    }
    drop(server);
    let limit = [("FLIGHTDECK_SERVER_ADMIN_REQUESTS_PER_MINUTE", "1")];
    let server = Server::ours(dir.path(), &limit);
    let keyed = keyed(&server, &key, ANY);
    let refused = Sum::default();
    let name = "cpu/GET tenants/{id}, refused";
    spend_on(criterion, name, (&server, keyed), &refused, || {
        shown.clone()
    });
    for (what, ours, against, most) in [
        (
            "GET tenants, 50 of them, CPU per request",
            &list,
            &empty,
            3.0,
        ),
        ("GET tenants/{id}, CPU per request", &one, &empty, 3.0),
        (
            "the same, refused by the limit, against served",
            &refused,
            &one,
            1.0,
        ),
    ] {
        let pair = (ours.micros(), against.micros());
        table.push(Row::ratio(what, pair, "µs", Target::AtMost(most)));
    }
}
