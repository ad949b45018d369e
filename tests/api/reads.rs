//! Who is refused learns nothing from how much work the refusal was: what is read for a key that
//! nobody has is what is read for one that somebody has, and what is read for another's tenant is
//! what is read for none. Reads are counted, for time would only tell of the machine.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use flightdeck::{
    api::auth::{Fresh, Keys},
    domain::{
        audit::{Anchor, Sealed},
        ids::TenantId,
        tenant::role::Role,
        when::Instant,
    },
    store::{
        Ending, Happened, Keeping, Lease, Shared, Since, Store, TaskRow, Wall,
        batch::{Batch, CommitError, Committed, Day, Held, Remembered, StoreError, Thing},
        ear::Ear,
        inventory::{Counted, Listing},
        record::{Filter, Mark, Row},
    },
};
use serde_json::{Value, json};

use crate::house::{Ask, House, Plan, Reply, ask, get, key, post};

/// What the store was asked, in order.
#[derive(Clone, Default)]
pub struct Reads(Arc<Mutex<Vec<&'static str>>>);

impl Reads {
    /// Has a store tell what it is asked.
    pub fn of(&self, store: Shared) -> Shared {
        Arc::new(Watched(store, self.clone()))
    }

    fn note(&self, what: &'static str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(what);
    }

    fn take(&self) -> Vec<&'static str> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut all)
    }
}

struct Watched(Shared, Reads);

/// Hands everything on, and notes it.
macro_rules! watched {
    ($($name:ident($($arg:ident: $of:ty),*) -> $out:ty;)*) => {
        #[async_trait]
        impl Store for Watched {
            $(async fn $name(&self, $($arg: $of),*) -> $out {
                self.1.note(stringify!($name));
                self.0.$name($($arg),*).await
            })*
        }
    };
}

watched! {
    commit(batch: Batch) -> Result<Committed, CommitError>;
    get(tenant: &TenantId, kind: &str, id: &str) -> Result<Option<Row>, StoreError>;
    shown(tenant: &TenantId, kind: &str, id: &str, shape: &str)
        -> Result<Option<(i64, Option<String>)>, StoreError>;
    audited(tenant: &TenantId) -> Result<Option<i64>, StoreError>;
    fed(tenant: &TenantId) -> Result<Option<i64>, StoreError>;
    list(tenant: &TenantId, kind: &str, filter: &Filter) -> Result<Vec<Row>, StoreError>;
    page(tenant: &TenantId, kind: &str, filter: &Filter) -> Result<(Vec<Row>, i64), StoreError>;
    count(tenant: &TenantId, kind: &str, filter: &Filter) -> Result<i64, StoreError>;
    tallies(tenant: &TenantId, kind: &str) -> Result<Vec<(String, i64)>, StoreError>;
    used(tenant: &TenantId, space: &str, from: &str, to: &str)
        -> Result<Vec<(String, i64)>, StoreError>;
    used_sums(tenant: &TenantId, prefix: &str, from: &str, to: &str)
        -> Result<Vec<(String, i64)>, StoreError>;
    recall(tenant: &TenantId, caller: &str, key: &str) -> Result<Option<Remembered>, StoreError>;
    events(tenant: &TenantId, since: &Since) -> Result<Vec<Happened>, StoreError>;
    audit(tenant: &TenantId, after: i64, limit: u32) -> Result<Vec<Sealed>, StoreError>;
    audit_before(tenant: Option<&TenantId>, before: Option<&Mark>, limit: u32)
        -> Result<Vec<(TenantId, Sealed)>, StoreError>;
    tallies_of_all(kind: &str) -> Result<Vec<(TenantId, String, i64)>, StoreError>;
    heads() -> Result<Vec<(TenantId, i64, Anchor)>, StoreError>;
    claim(node: &str, kinds: &[&str], now: Instant, until: Instant, most: u32)
        -> Result<Vec<Lease>, StoreError>;
    renew(held: &Held, until: Instant) -> Result<bool, StoreError>;
    end(lease: &Lease, ending: &Ending, now: Instant) -> Result<bool, StoreError>;
    next_due(kinds: &[&str]) -> Result<Option<Instant>, StoreError>;
    tasks(tenant: &TenantId, limit: u32) -> Result<Vec<TaskRow>, StoreError>;
    forget_answers(before: Instant) -> Result<u64, StoreError>;
    forget_used(prefix: &str, before: &str) -> Result<u64, StoreError>;
    forget_objects(tenant: &TenantId, kind: &str, state: &str, before: Instant, most: u32)
        -> Result<u64, StoreError>;
    days(tenant: &TenantId, line: &str, from: &str, to: &str) -> Result<Vec<Day>, StoreError>;
    forget_hours(before: &str) -> Result<u64, StoreError>;
    things(tenant: &TenantId, kind: &str, ids: &[String]) -> Result<Vec<Thing>, StoreError>;
    unmet(tenant: &TenantId, kind: &str, run: i64, limit: u32) -> Result<Vec<String>, StoreError>;
    inventory(tenant: &TenantId, listing: &Listing) -> Result<(Vec<Thing>, i64), StoreError>;
    inventory_counts(tenant: &TenantId) -> Result<Vec<Counted>, StoreError>;
    share(name: &str, value: &str) -> Result<String, StoreError>;
    share_counts(node: &str, own: Vec<(String, i64)>, window: i64)
        -> Result<Vec<(String, i64, i64)>, StoreError>;
    ear() -> Result<Box<dyn Ear>, StoreError>;
    call_out() -> Result<(), StoreError>;
    wall() -> Result<Option<Wall>, StoreError>;
    keeping() -> Result<Option<Keeping>, StoreError>;
    describe() -> Result<String, StoreError>;
    close() -> ();
}

/// A house that tells what it reads, with a management key.
async fn house() -> (House, Reads, String) {
    let reads = Reads::default();
    let mut keys = Keys::default();
    let root = key(&mut keys, "engine", "root", Role::Operator, &[]);
    let plan = Plan {
        keys,
        reads: Some(reads.clone()),
        ..Plan::default()
    };
    (House::build(plan).await, reads, root)
}

/// Asks, and tells what was read for it.
async fn costs(house: &House, reads: &Reads, ask: Ask) -> (Reply, Vec<&'static str>) {
    reads.take();
    let reply = house.ask(ask).await;
    (reply, reads.take())
}

fn manage(key: &str, method: &str, path: &str) -> Ask {
    let path = format!("/api/v1/tenant-management/{path}");
    ask(method, &path).header("x-tenant-management-api-key", key)
}

async fn opened(house: &House, root: &str, name: &str) -> Value {
    let wanted = json!({"name": name, "subdomain": name, "ad_server": "mock"});
    let ask = post("/api/v1/tenant-management/tenants", &wanted);
    let ask = ask.header("x-tenant-management-api-key", root);
    house.ask(ask).await.json()
}

#[tokio::test]
async fn a_wrong_key_costs_what_nobodys_does() {
    let (house, reads, root) = house().await;
    let one = opened(&house, &root, "one").await;
    let shut = opened(&house, &root, "shut").await;
    let path = format!("tenants/{}", shut["tenant_id"].as_str().expect("an id"));
    assert_eq!(house.ask(manage(&root, "DELETE", &path)).await.status, 200);
    let (own, gone) = (&one["admin_token"], &shut["admin_token"]);
    let own = own.as_str().expect("a key").to_owned();
    let gone = gone.as_str().expect("a key").to_owned();
    // As long, with the readable part of one that somebody has.
    let mut wrong = own.clone();
    let last = if wrong.pop() == Some('A') { 'B' } else { 'A' };
    wrong.push(last);
    let mut found = Vec::new();
    for (name, key) in [
        ("nobody's", Fresh::make().key),
        ("wrong", wrong),
        ("of a closed tenant", gone),
    ] {
        house.clock.advance(chrono::Duration::seconds(5));
        let ask = get("/bookings").header("x-api-key", &key);
        let (reply, read) = costs(&house, &reads, ask).await;
        assert_eq!(reply.status, 401, "{name}");
        found.push((reply.text(), read));
    }
    assert!(!found[0].1.is_empty(), "it was looked for");
    assert_eq!(found[0], found[1]);
    assert_eq!(found[0], found[2]);
    let (reply, _) = costs(&house, &reads, get("/bookings").header("x-api-key", &own)).await;
    assert_eq!(reply.status, 200);
}

#[tokio::test]
async fn another_tenants_id_costs_what_no_id_does() {
    let (house, reads, root) = house().await;
    let one = opened(&house, &root, "one").await;
    let other = opened(&house, &root, "another").await;
    let own = one["admin_token"].as_str().expect("a key");
    let theirs = other["tenant_id"].as_str().expect("an id");
    // Whoever asks is known by now.
    house.ask(get("/bookings").header("x-api-key", own)).await;
    for (method, rest) in [("GET", "workflows"), ("GET", "principals"), ("GET", "keys")] {
        let mut found = Vec::new();
        for id in [theirs, "tenant_00000000", "no id at all"] {
            let id = id.replace(' ', "%20");
            let ask = manage(own, method, &format!("tenants/{id}/{rest}"));
            let (reply, read) = costs(&house, &reads, ask).await;
            assert_eq!(reply.status, 404, "{}", reply.text());
            found.push((reply.code(), read));
        }
        assert_eq!(found[0], found[1], "{rest}");
        assert_eq!(found[0], found[2], "{rest}");
    }
    // A job of theirs is looked for as one of nobody's is.
    let key = other["admin_token"].as_str().expect("a key");
    let brief = post("/bookings", &crate::house::seed()).header("x-api-key", key);
    let job = house.ask(brief).await.json()["job_id"].clone();
    let mut found = Vec::new();
    for id in [
        job.as_str().expect("an id"),
        "0197a1b2-0000-7000-8000-00000000000a",
    ] {
        let ask = get(&format!("/bookings/{id}")).header("x-api-key", own);
        let (reply, read) = costs(&house, &reads, ask).await;
        assert_eq!(reply.status, 404);
        found.push(read);
    }
    assert!(!found[0].is_empty());
    assert_eq!(found[0], found[1]);
}
