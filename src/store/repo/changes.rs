//! What is written, as values that a driver can make inside a transaction of its choosing,
//! together with others or again. Refuses to know how that transaction is held.

use super::{commit, delivery, feed, forget, objects, quota, tasks};
use crate::{
    domain::{ids::TenantId, when::Instant},
    store::{
        Ending, Lease,
        batch::{Batch, CommitError, Committed, Held},
        sql::{Change, Conn, Scope},
    },
};

/// A batch, its parts in lock order.
pub struct Apply(pub Batch);

impl Change for Apply {
    type Answer = Committed;

    fn scope(&self) -> Scope<'_> {
        Scope::Of(&self.0.tenant)
    }

    async fn make<C: Conn>(&self, conn: &mut C) -> Result<Committed, CommitError> {
        commit::apply(conn, &self.0).await
    }
}

/// Due work for a node.
pub struct ClaimWork {
    /// Which node.
    pub node: String,
    /// Work of these kinds.
    pub kinds: Vec<String>,
    /// What is due by now.
    pub now: Instant,
    /// Held so long.
    pub until: Instant,
    /// At most so much.
    pub most: u32,
}

impl Change for ClaimWork {
    type Answer = Vec<Lease>;

    fn scope(&self) -> Scope<'_> {
        Scope::All
    }

    async fn make<C: Conn>(&self, conn: &mut C) -> Result<Vec<Lease>, CommitError> {
        Ok(tasks::claim(conn, self).await?)
    }
}

/// A lease that is held for longer.
pub struct Renew(pub Held, pub Instant);

impl Change for Renew {
    type Answer = bool;

    fn scope(&self) -> Scope<'_> {
        Scope::All
    }

    async fn make<C: Conn>(&self, conn: &mut C) -> Result<bool, CommitError> {
        Ok(tasks::renew(conn, &self.0, self.1).await?)
    }
}

/// A lease that ends, and when.
pub struct End(pub Lease, pub Ending, pub Instant);

impl Change for End {
    type Answer = bool;

    fn scope(&self) -> Scope<'_> {
        Scope::Of(&self.0.tenant)
    }

    async fn make<C: Conn>(&self, conn: &mut C) -> Result<bool, CommitError> {
        Ok(tasks::end(conn, &self.0, &self.1, self.2).await?)
    }
}

/// Answers that are older are forgotten.
pub struct ForgetAnswers(pub Instant);

impl Change for ForgetAnswers {
    type Answer = u64;

    fn scope(&self) -> Scope<'_> {
        Scope::All
    }

    async fn make<C: Conn>(&self, conn: &mut C) -> Result<u64, CommitError> {
        Ok(feed::forget_answers(conn, self.0).await?)
    }
}

/// What is used of spaces whose names begin so is forgotten in the cells before one.
pub struct ForgetUsed(pub String, pub String);

impl Change for ForgetUsed {
    type Answer = u64;

    fn scope(&self) -> Scope<'_> {
        Scope::All
    }

    async fn make<C: Conn>(&self, conn: &mut C) -> Result<u64, CommitError> {
        Ok(objects::forget_used(conn, &self.0, &self.1).await?)
    }
}

/// Objects that have been in a state since before an instant are forgotten.
pub struct ForgetObjects {
    /// Whose.
    pub tenant: TenantId,
    /// Of this kind.
    pub kind: String,
    /// In this state.
    pub state: String,
    /// Since before then.
    pub before: Instant,
    /// At most so many.
    pub most: u32,
}

impl Change for ForgetObjects {
    type Answer = u64;

    fn scope(&self) -> Scope<'_> {
        Scope::Of(&self.tenant)
    }

    async fn make<C: Conn>(&self, conn: &mut C) -> Result<u64, CommitError> {
        Ok(forget::objects(conn, self).await?)
    }
}

/// The hours of the days before one are emptied.
pub struct ForgetHours(pub String);

impl Change for ForgetHours {
    type Answer = u64;

    fn scope(&self) -> Scope<'_> {
        Scope::All
    }

    async fn make<C: Conn>(&self, conn: &mut C) -> Result<u64, CommitError> {
        Ok(delivery::forget_hours(conn, &self.0).await?)
    }
}

/// A value that all nodes share, unless there is one: its name and the value.
pub struct Share(pub String, pub String);

impl Change for Share {
    type Answer = String;

    fn scope(&self) -> Scope<'_> {
        Scope::Nobody
    }

    async fn make<C: Conn>(&self, conn: &mut C) -> Result<String, CommitError> {
        Ok(feed::share(conn, &self.0, &self.1).await?)
    }
}

/// What a node let through is told to the others.
pub struct ShareCounts {
    /// Which node.
    pub node: String,
    /// How many, by who asked.
    pub own: Vec<(String, i64)>,
    /// How long it counts, in milliseconds.
    pub window: i64,
}

impl Change for ShareCounts {
    type Answer = Vec<(String, i64, i64)>;

    fn scope(&self) -> Scope<'_> {
        Scope::Nobody
    }

    async fn make<C: Conn>(&self, conn: &mut C) -> Result<Self::Answer, CommitError> {
        Ok(quota::share(conn, self).await?)
    }
}
