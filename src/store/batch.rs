//! What one command changes, gathered as plain data and committed whole or not at all.
//! Holds no SQL and decides nothing.

use crate::domain::{
    audit::{Anchor, Entry},
    ids::TenantId,
    when::Instant,
};

/// The columns that an object is listed, filtered and sorted by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facets {
    /// What it belongs to, such as the order of a line; empty for none.
    pub parent: String,
    /// Its state, as people filter by it.
    pub state: String,
    /// Its name.
    pub label: String,
    /// What a search looks through, already folded to lower case.
    pub search: String,
    /// Its money in minor units; zero where it has none.
    pub amount: i64,
    /// The money's currency; empty where it has none.
    pub currency: String,
    /// When it begins, in microseconds; zero where it stands in no calendar.
    pub begins: i64,
}

/// One object as it shall be.
#[derive(Debug, Clone)]
pub struct Put {
    /// Which table of the house it stands in.
    pub kind: &'static str,
    /// Its id.
    pub id: String,
    /// The revision and state that it has now; nothing for a new one.
    pub replaces: Option<(i64, String)>,
    /// The columns beside the body.
    pub facets: Facets,
    /// The whole object as JSON.
    pub body: String,
    /// What a list shows of it beside those columns, as JSON; nothing where they are enough.
    pub glance: Option<String>,
    /// It as it is shown, written out; nothing where it is not kept so.
    pub shown: Option<Shown>,
}

/// An object as it is shown to whoever asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Names the way that it is written, so that nobody takes it for another one.
    pub shape: String,
    /// The text.
    pub body: String,
}

/// An object that goes.
#[derive(Debug, Clone)]
pub struct Remove {
    /// Which table of the house it stands in.
    pub kind: &'static str,
    /// Its id.
    pub id: String,
    /// The revision and state that it has now.
    pub replaces: (i64, String),
}

/// An object that was read and must not have changed.
#[derive(Debug, Clone)]
pub struct Expect {
    /// Which table of the house it stands in.
    pub kind: &'static str,
    /// Its id.
    pub id: String,
    /// The revision that was read.
    pub revision: i64,
}

/// An amount that is taken from, or given back to, what a limit leaves.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Claim {
    /// What is counted, such as `avail/prod_001` or `budget`.
    pub space: String,
    /// Which part of it, such as a day or a currency.
    pub cell: String,
    /// How much; below zero gives back.
    pub amount: i64,
    /// The most that may be used in all.
    pub limit: i64,
}

impl Claim {
    /// Whether the two can be made one. What is given back stays apart from what is taken.
    fn is_for_the_same(&self, other: &Self) -> bool {
        let cell = (&self.space, &self.cell) == (&other.space, &other.cell);
        cell && self.limit == other.limit && (self.amount < 0) == (other.amount < 0)
    }
}

/// What was counted of a line on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// Which line.
    pub line: String,
    /// The day, as `2026-07-01`.
    pub day: String,
    /// The totals at its end, as JSON.
    pub last: String,
    /// The totals at the end of each of its hours, as JSON; empty where they are no longer kept.
    pub hours: String,
}

/// A thing of an ad server, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thing {
    /// What it is.
    pub kind: String,
    /// Its id there.
    pub id: String,
    /// The id of what it belongs to; empty for none.
    pub parent: String,
    /// Its name.
    pub name: String,
    /// What a search looks through, already folded to lower case.
    pub search: String,
    /// Its state, or `gone`.
    pub state: String,
    /// The whole thing as JSON.
    pub body: String,
}

/// The state of what is no longer there.
pub const GONE: &str = "gone";

/// What a run brought of the things of an ad server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brought {
    /// The number of the run.
    pub run: i64,
    /// Which kind of things.
    pub kind: &'static str,
    /// Those that are new or not as they were, written over what was known.
    pub things: Vec<Thing>,
    /// The ids of those that are as they were.
    pub same: Vec<String>,
    /// The ids of those that are there no more.
    pub gone: Vec<String>,
}

/// Background work that is due.
#[derive(Debug, Clone)]
pub struct Wake {
    /// The task's id, should it be new.
    pub id: String,
    /// Which reconciler it is for.
    pub kind: &'static str,
    /// What it is about.
    pub object: String,
    /// When it is due.
    pub at: Instant,
}

/// Something that happened, before it has its number.
#[derive(Debug, Clone)]
pub struct Happening {
    /// What, such as `bookings.approved`.
    pub name: &'static str,
    /// The kind of object that it happened to.
    pub kind: &'static str,
    /// The object's id.
    pub object: String,
    /// A sentence for people.
    pub detail: String,
}

/// The key under which the answer is kept.
#[derive(Debug, Clone)]
pub struct Remember {
    /// Who asked.
    pub caller: String,
    /// The key that the asker minted.
    pub key: String,
    /// The operation's name.
    pub operation: &'static str,
    /// A digest of what was asked.
    pub digest: String,
    /// The answer as JSON.
    pub answer: String,
}

/// A lease that must still be held when the batch commits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The task.
    pub task: String,
    /// The fencing number under which it was claimed.
    pub fence: i64,
}

/// Everything that one command changes.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Whose things change.
    pub tenant: TenantId,
    /// When.
    pub at: Instant,
    /// Objects to write.
    pub puts: Vec<Put>,
    /// Objects that go.
    pub removes: Vec<Remove>,
    /// Objects that must be as they were read.
    pub expects: Vec<Expect>,
    /// Amounts to take or give back.
    pub claims: Vec<Claim>,
    /// Days of delivery to write over what was known of them.
    pub days: Vec<Day>,
    /// What a run brought of the things of an ad server.
    pub brought: Option<Brought>,
    /// Background work to start.
    pub wakes: Vec<Wake>,
    /// What happened.
    pub happenings: Vec<Happening>,
    /// The audit line.
    pub audit: Option<Entry>,
    /// The idempotency key and its answer.
    pub remember: Option<Remember>,
    /// The lease of the reconciler that asks.
    pub held: Option<Held>,
    /// What changes of other tenants in the same commit: the directory of the house, mostly.
    /// Audit lines, keys and leases of those do not count.
    pub beside: Vec<Batch>,
    /// Tenants of whom nothing is kept any more; what is still on its way for them is refused.
    pub forgets: Vec<TenantId>,
    /// Tenants for whom something may be written again, although they were forgotten before.
    pub welcomes: Vec<TenantId>,
}

impl Batch {
    /// Nothing yet.
    #[must_use]
    pub fn new(tenant: TenantId, at: Instant) -> Self {
        Self {
            tenant,
            at,
            puts: Vec::new(),
            removes: Vec::new(),
            expects: Vec::new(),
            claims: Vec::new(),
            days: Vec::new(),
            brought: None,
            wakes: Vec::new(),
            happenings: Vec::new(),
            audit: None,
            remember: None,
            held: None,
            beside: Vec::new(),
            forgets: Vec::new(),
            welcomes: Vec::new(),
        }
    }

    /// What changes of another tenant in the same commit.
    pub fn beside(&mut self, tenant: &TenantId) -> &mut Self {
        let found = self.beside.iter().position(|one| one.tenant == *tenant);
        let at = found.unwrap_or_else(|| {
            self.beside.push(Self::new(tenant.clone(), self.at));
            self.beside.len() - 1
        });
        &mut self.beside[at]
    }

    /// Puts everything that takes a lock into one order, so that two batches never wait
    /// for each other in a circle, and what is claimed twice into one claim.
    pub fn in_lock_order(&mut self) {
        self.puts
            .sort_by(|a, b| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
        self.expects
            .sort_by(|a, b| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
        self.claims.sort();
        self.claims.dedup_by(|next, first| {
            let same = first.is_for_the_same(next);
            if same {
                first.amount = first.amount.saturating_add(next.amount);
            }
            same
        });
        self.days
            .sort_by(|a, b| (&a.line, &a.day).cmp(&(&b.line, &b.day)));
        self.wakes
            .sort_by(|a, b| (a.kind, &a.object).cmp(&(b.kind, &b.object)));
        self.removes
            .sort_by(|a, b| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
        self.beside
            .sort_by(|a, b| a.tenant.as_str().cmp(b.tenant.as_str()));
        for beside in &mut self.beside {
            beside.in_lock_order();
        }
    }
}

/// What a commit gave its numbers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// The number of the first event; the others follow without gaps.
    pub first_event: i64,
    /// Where the audit chain ends now.
    pub audit: Option<Anchor>,
    /// The number of the first event of each tenant beside it.
    pub beside: Vec<(TenantId, i64)>,
}

/// An answer that was kept under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    /// When it was answered.
    pub at: Instant,
    /// The operation that was asked.
    pub operation: String,
    /// A digest of what was asked.
    pub digest: String,
    /// The answer as JSON.
    pub answer: String,
}

/// Why a batch was not committed. Nothing of it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// An object has another revision by now.
    #[error("{kind} {id} has changed")]
    Stale {
        /// Which table of the house.
        kind: &'static str,
        /// Which object.
        id: String,
    },
    /// A claim would pass its limit.
    #[error("{space} has not enough left in {cell}")]
    Exhausted {
        /// What is counted.
        space: String,
        /// Which part of it.
        cell: String,
    },
    /// The key was used before; here is what it was answered.
    #[error("the key was used before")]
    Remembered(Remembered),
    /// The lease went to somebody else.
    #[error("the lease was lost")]
    LeaseLost,
    /// Nothing is kept of the tenant any more.
    #[error("the tenant {0} was deleted")]
    Forgotten(TenantId),
    /// The database could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What can be wrong with a database, in the words that its keeper needs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Another writer is in the way; the same may be tried again.
    #[error("the database is busy: {0}")]
    Busy(String),
    /// No room, or no right to write.
    #[error("the database cannot be written: {0}")]
    Unwritable(String),
    /// It does not answer.
    #[error("the database does not answer: {0}")]
    Unreachable(String),
    /// It holds something that this program cannot read.
    #[error("the database holds something unreadable: {0}")]
    Unreadable(String),
}
