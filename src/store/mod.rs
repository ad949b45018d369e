//! Where everything is kept: the only module that speaks SQL. One SQL source serves
//! SQLite and PostgreSQL. Refuses to decide anything: it commits batches and reads rows.

use std::sync::Arc;

use async_trait::async_trait;

mod ad_servers;
mod agents;
pub mod batch;
pub mod ear;
mod header;
pub mod inventory;
mod migrations;
pub mod open;
mod postgres;
pub mod record;
pub mod records;
mod repo;
mod sql;
mod sqlite;

use batch::{Batch, CommitError, Committed, Day, Held, Remembered, StoreError, Thing};
use ear::Ear;
use inventory::{Counted, Listing};
use record::{Filter, Mark, Row};

use crate::domain::{audit::Sealed, ids::TenantId, when::Instant};

/// Something that happened, in its place in the feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happened {
    /// Its number in the tenant's feed, without gaps.
    pub seq: i64,
    /// When.
    pub at: Instant,
    /// What, such as `bookings.approved`.
    pub name: String,
    /// The kind of object that it happened to.
    pub kind: String,
    /// The object's id.
    pub object: String,
    /// A sentence for people.
    pub detail: String,
}

/// A claimed piece of background work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// What must be held when its effects commit.
    pub held: Held,
    /// Whose work it is.
    pub tenant: TenantId,
    /// Which reconciler it is for.
    pub kind: String,
    /// What it is about.
    pub object: String,
    /// How often it was claimed since it last succeeded.
    pub attempts: i64,
    /// How often it had been woken when it was claimed.
    pub wakes: i64,
}

/// A piece of background work, as people look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskRow {
    /// Its id.
    pub id: String,
    /// Which reconciler it is for.
    pub kind: String,
    /// What it is about.
    pub object: String,
    /// `ready`, `running` or `dead`.
    pub state: String,
    /// When it is due.
    pub run_at: Instant,
    /// Which node holds it, and until when.
    pub lease: Option<(String, Instant)>,
    /// How often it was claimed since it last succeeded.
    pub attempts: i64,
    /// What went wrong last; empty for nothing.
    pub last_error: String,
}

/// How a leased piece of work ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// Nothing is left to do, unless it was woken meanwhile.
    Done,
    /// To be taken up again, with what went wrong if anything did.
    Again(Instant, String),
    /// Given up, with the reason.
    Dead(String),
}

/// Which events are wanted.
#[derive(Debug, Clone, Default)]
pub struct Since {
    /// Only behind this number.
    pub after: i64,
    /// Only of this object, by kind and id.
    pub object: Option<(String, String)>,
    /// At most so many.
    pub limit: u32,
}

/// A database, whichever it is.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Applies everything in the batch, or nothing.
    async fn commit(&self, batch: Batch) -> Result<Committed, CommitError>;
    /// Reads one object.
    async fn get(&self, tenant: &TenantId, kind: &str, id: &str)
    -> Result<Option<Row>, StoreError>;
    /// Reads the revision of one object, and it as it is shown where that is kept in this shape.
    async fn shown(
        &self,
        tenant: &TenantId,
        kind: &str,
        id: &str,
        shape: &str,
    ) -> Result<Option<(i64, Option<String>)>, StoreError>;
    /// Reads the number of a tenant's last audit line.
    async fn audited(&self, tenant: &TenantId) -> Result<Option<i64>, StoreError>;
    /// Reads the number of the last thing that happened to a tenant.
    async fn fed(&self, tenant: &TenantId) -> Result<Option<i64>, StoreError>;
    /// Reads a page of objects.
    async fn list(
        &self,
        tenant: &TenantId,
        kind: &str,
        filter: &Filter,
    ) -> Result<Vec<Row>, StoreError>;
    /// Reads a page of objects without their bodies, and how many there are in all.
    async fn page(
        &self,
        tenant: &TenantId,
        kind: &str,
        filter: &Filter,
    ) -> Result<(Vec<Row>, i64), StoreError>;
    /// Counts the objects that a filter matches, whatever its page.
    async fn count(
        &self,
        tenant: &TenantId,
        kind: &str,
        filter: &Filter,
    ) -> Result<i64, StoreError>;
    /// Counts the objects of a kind by state.
    async fn tallies(
        &self,
        tenant: &TenantId,
        kind: &str,
    ) -> Result<Vec<(String, i64)>, StoreError>;
    /// Reads what is used of a space, for the cells between two, both included.
    async fn used(
        &self,
        tenant: &TenantId,
        space: &str,
        from: &str,
        to: &str,
    ) -> Result<Vec<(String, i64)>, StoreError>;
    /// Sums what is used of every space whose name begins so, over the cells between two,
    /// both included.
    async fn used_sums(
        &self,
        tenant: &TenantId,
        prefix: &str,
        from: &str,
        to: &str,
    ) -> Result<Vec<(String, i64)>, StoreError>;
    /// Reads the answer that is kept under a key.
    async fn recall(
        &self,
        tenant: &TenantId,
        caller: &str,
        key: &str,
    ) -> Result<Option<Remembered>, StoreError>;
    /// Reads events in order.
    async fn events(&self, tenant: &TenantId, since: &Since) -> Result<Vec<Happened>, StoreError>;
    /// Reads audit lines in order, behind a number.
    async fn audit(
        &self,
        tenant: &TenantId,
        after: i64,
        limit: u32,
    ) -> Result<Vec<Sealed>, StoreError>;
    /// Reads audit lines, the newest first, of a tenant or of all: behind the line that ends a
    /// page, which is its tenant, its instant and its number.
    async fn audit_before(
        &self,
        tenant: Option<&TenantId>,
        before: Option<&Mark>,
        limit: u32,
    ) -> Result<Vec<(TenantId, Sealed)>, StoreError>;
    /// Counts the objects of a kind by tenant and state.
    async fn tallies_of_all(&self, kind: &str) -> Result<Vec<(TenantId, String, i64)>, StoreError>;
    /// Where the chains of all tenants end.
    async fn heads(&self)
    -> Result<Vec<(TenantId, i64, crate::domain::audit::Anchor)>, StoreError>;
    /// Claims due work of these kinds for a node.
    async fn claim(
        &self,
        node: &str,
        kinds: &[&str],
        now: Instant,
        until: Instant,
        most: u32,
    ) -> Result<Vec<Lease>, StoreError>;
    /// Holds a lease for longer; false when it went to somebody else.
    async fn renew(&self, held: &Held, until: Instant) -> Result<bool, StoreError>;
    /// Ends a lease; false when it went to somebody else.
    async fn end(&self, lease: &Lease, ending: &Ending, now: Instant) -> Result<bool, StoreError>;
    /// When the next work of these kinds is due; nothing when there is none.
    async fn next_due(&self, kinds: &[&str]) -> Result<Option<Instant>, StoreError>;
    /// The background work of a tenant, soonest first.
    async fn tasks(&self, tenant: &TenantId, limit: u32) -> Result<Vec<TaskRow>, StoreError>;
    /// Forgets answers that are older; says how many.
    async fn forget_answers(&self, before: Instant) -> Result<u64, StoreError>;
    /// Forgets what is used, of all tenants, of spaces whose names begin so, in the cells
    /// before one; says how many cells.
    async fn forget_used(&self, prefix: &str, before: &str) -> Result<u64, StoreError>;
    /// Forgets objects of a kind that came into a state before an instant and are in it still:
    /// so many at most, the oldest first; says how many.
    async fn forget_objects(
        &self,
        tenant: &TenantId,
        kind: &str,
        state: &str,
        before: Instant,
        most: u32,
    ) -> Result<u64, StoreError>;
    /// Reads what was counted of a line on the days between two, both included, oldest first.
    async fn days(
        &self,
        tenant: &TenantId,
        line: &str,
        from: &str,
        to: &str,
    ) -> Result<Vec<Day>, StoreError>;
    /// Empties the hours, of all tenants, of the days before one; says of how many days.
    async fn forget_hours(&self, before: &str) -> Result<u64, StoreError>;
    /// Reads those of some things of an ad server that are known, by their ids.
    async fn things(
        &self,
        tenant: &TenantId,
        kind: &str,
        ids: &[String],
    ) -> Result<Vec<Thing>, StoreError>;
    /// Reads ids of things that a run has not met, and that are not known to be gone.
    async fn unmet(
        &self,
        tenant: &TenantId,
        kind: &str,
        run: i64,
        limit: u32,
    ) -> Result<Vec<String>, StoreError>;
    /// Reads a page of the things of an ad server, and how many there are in all.
    async fn inventory(
        &self,
        tenant: &TenantId,
        listing: &Listing,
    ) -> Result<(Vec<Thing>, i64), StoreError>;
    /// Counts the things of an ad server by kind and state.
    async fn inventory_counts(&self, tenant: &TenantId) -> Result<Vec<Counted>, StoreError>;
    /// Keeps a value that all nodes share, unless there is one; answers the one that is kept.
    async fn share(&self, name: &str, value: &str) -> Result<String, StoreError>;
    /// Keeps what a node let through, by who asked, for so many milliseconds; says what the
    /// others did, how many milliseconds ago.
    async fn share_counts(
        &self,
        node: &str,
        own: Vec<(String, i64)>,
        window: i64,
    ) -> Result<Vec<(String, i64, i64)>, StoreError>;
    /// Begins to listen for what others write.
    async fn ear(&self) -> Result<Box<dyn Ear>, StoreError>;
    /// Tells others that something was written, where they would not notice by themselves.
    async fn call_out(&self) -> Result<(), StoreError>;
    /// How the database's own wall between tenants stands; nothing where it can have none.
    async fn wall(&self) -> Result<Option<Wall>, StoreError>;
    /// How the database keeps what it has acknowledged; nothing where it is a file of ours.
    async fn keeping(&self) -> Result<Option<Keeping>, StoreError>;
    /// Which database this is, for people: `SQLite 3.51.3 at /…` or `PostgreSQL 15.18`.
    async fn describe(&self) -> Result<String, StoreError>;
    /// Finishes writing and closes.
    async fn close(&self);
}

/// How the database's own wall between tenants stands for whom the store works as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wall {
    /// As whom it works.
    pub user: String,
    /// Why that one passes it; empty where it does not.
    pub passes: String,
    /// The tables that it does not stand around, separated by commas.
    pub open: String,
}

/// How a server keeps what it has acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keeping {
    /// Whether it waits for its own disk: `fsync`.
    pub disk: String,
    /// What a commit waits for: `synchronous_commit`.
    pub commit: String,
    /// The replicas that are waited for: `synchronous_standby_names`.
    pub waited_for: String,
    /// How many replicas follow it.
    pub replicas: i64,
}

/// A database that is shared by everything in this process.
pub type Shared = Arc<dyn Store>;
