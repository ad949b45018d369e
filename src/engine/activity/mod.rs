//! What happened and what is at work, across a tenant.

pub mod anchor;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    bookings::history::Events,
    fault::Fault,
    operation::{Kind, Operation},
    work::Work,
};
use crate::{
    domain::{
        audit::Sealed,
        policy::Permission,
        problem::{Code, Problem},
        when::Instant,
    },
    store::Since,
};

/// How many rows are given where nobody says.
const USUAL: u32 = 100;
/// How many rows are given at most.
const MOST: u32 = 1000;

fn limit(asked: Option<u32>) -> Result<u32, Fault> {
    match asked.unwrap_or(USUAL) {
        limit if limit <= MOST => Ok(limit),
        _ => {
            let said = format!("is more than {MOST}");
            Err(Fault::field(Problem::new(
                "limit",
                Code::new("INVALID_PARAMETER"),
                said,
            )))
        }
    }
}

/// Reads the tenant's feed.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReadFeed {
    /// Only what came behind this number.
    pub after: i64,
    /// At most so many; 100 where it is not said, 1000 at most.
    pub limit: Option<u32>,
}

impl Operation for ReadFeed {
    const NAME: &'static str = "activity.feed";
    const ABOUT: &'static str = "Read what happened, in order.";
    const KIND: Kind = Kind::Query(Permission::ReadActivity);
    type Output = Events;

    async fn perform(self, work: &mut Work<'_>) -> Result<Events, Fault> {
        let since = Since {
            after: self.after,
            object: None,
            limit: limit(self.limit)?,
        };
        Ok(Events {
            events: work.events(&since).await?,
        })
    }
}

/// Says where the tenant's feed and its audit trail end.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FeedEnd {}

/// The end of a feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct End {
    /// The number of the last event; 0 before the first.
    pub seq: i64,
    /// The number of the last line of the audit trail; 0 before the first.
    #[serde(default)]
    pub audit: i64,
}

impl Operation for FeedEnd {
    const NAME: &'static str = "activity.feed_end";
    const ABOUT: &'static str = "Say where the feed ends.";
    const KIND: Kind = Kind::Query(Permission::ReadActivity);
    type Output = End;

    async fn perform(self, work: &mut Work<'_>) -> Result<End, Fault> {
        let heads = work.store().heads().await?;
        let mine = heads
            .into_iter()
            .find(|(tenant, ..)| tenant == work.tenant());
        let (seq, audit) = mine.map_or((0, 0), |(_, feed, head)| (feed, head.seq));
        Ok(End { seq, audit })
    }
}

/// Reads the audit trail.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReadAudit {
    /// Only what came behind this number.
    pub after: i64,
    /// At most so many; 100 where it is not said, 1000 at most.
    pub limit: Option<u32>,
}

/// Audit lines in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Trail {
    /// The lines.
    pub lines: Vec<Sealed>,
}

impl Operation for ReadAudit {
    const NAME: &'static str = "audit.read";
    const ABOUT: &'static str = "Read the audit trail, in order.";
    const KIND: Kind = Kind::Query(Permission::ReadAudit);
    type Output = Trail;

    async fn perform(self, work: &mut Work<'_>) -> Result<Trail, Fault> {
        let lines = work
            .store()
            .audit(work.tenant(), self.after, limit(self.limit)?)
            .await?;
        Ok(Trail { lines })
    }
}

/// Lists background work.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ListTasks {
    /// At most so many; 100 where it is not said, 1000 at most.
    pub limit: Option<u32>,
}

/// Background work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tasks {
    /// Soonest first.
    pub tasks: Vec<TaskView>,
}

/// A piece of background work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TaskView {
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
    /// Which node holds it.
    pub held_by: Option<String>,
    /// Until when.
    pub held_until: Option<Instant>,
    /// How often it was tried.
    pub attempts: i64,
    /// What went wrong last.
    pub last_error: Option<String>,
}

impl Operation for ListTasks {
    const NAME: &'static str = "activity.tasks";
    const ABOUT: &'static str = "List background work with its leases.";
    const KIND: Kind = Kind::Query(Permission::ReadActivity);
    type Output = Tasks;

    async fn perform(self, work: &mut Work<'_>) -> Result<Tasks, Fault> {
        let rows = work
            .store()
            .tasks(work.tenant(), limit(self.limit)?)
            .await?;
        let tasks = rows.into_iter().map(|row| {
            let (held_by, held_until) = row.lease.unzip();
            TaskView {
                id: row.id,
                kind: row.kind,
                object: row.object,
                state: row.state,
                run_at: row.run_at,
                held_by,
                held_until,
                attempts: row.attempts,
                last_error: (!row.last_error.is_empty()).then_some(row.last_error),
            }
        });
        Ok(Tasks {
            tasks: tasks.collect(),
        })
    }
}
