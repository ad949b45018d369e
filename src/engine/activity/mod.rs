//! What happened and what is at work, across a tenant.

pub mod anchor;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    bookings::history::Events,
    fault::Fault,
    operation::{Kind, Operation},
    reconcile::TRIES,
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

/// How many thousand lines of a trail one question looks at.
const PAGES: usize = 20;

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
    /// Only what happened to this object: `media_buy/ID`, or the id alone of what people look at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
}

/// What people look at, by whose ids alone its history is found.
const LOOKED_AT: [&str; 10] = [
    "job",
    "media_buy",
    "slot_booking",
    "slot_hold",
    "slot_waiting",
    "resource",
    "tenant",
    "order",
    "line",
    "endpoint",
];

impl ReadFeed {
    /// Which objects are meant, each by its kind and id.
    fn objects(&self) -> Vec<Option<(String, String)>> {
        let Some(named) = &self.object else {
            return vec![None];
        };
        if let Some((kind, id)) = named.split_once('/') {
            return vec![Some((kind.to_owned(), id.to_owned()))];
        }
        let object = |kind: &str| Some((kind.to_owned(), named.clone()));
        LOOKED_AT.into_iter().map(object).collect()
    }
}

impl Operation for ReadFeed {
    const NAME: &'static str = "activity.feed";
    const ABOUT: &'static str = "Read what happened, in order.";
    const KIND: Kind = Kind::Query(Permission::ReadActivity);
    type Output = Events;

    async fn perform(self, work: &mut Work<'_>) -> Result<Events, Fault> {
        let limit = limit(self.limit)?;
        let mut events = Vec::new();
        for object in self.objects() {
            let since = Since {
                after: self.after,
                object,
                limit,
            };
            events = work.events(&since).await?;
            // An id is that of one object.
            if !events.is_empty() {
                break;
            }
        }
        Ok(Events { events })
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
        let (store, tenant) = (work.store(), work.tenant());
        let seq = store.fed(tenant).await?.unwrap_or(0);
        let audit = store.audited(tenant).await?.unwrap_or(0);
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
    /// Only what is about this object: `job/ID`, or the id alone.
    pub object: Option<String>,
}

/// Audit lines in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Trail {
    /// The lines.
    pub lines: Vec<Sealed>,
    /// Where one object was asked for and the trail was not read to its end: behind which
    /// number to go on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more_after: Option<i64>,
}

impl ReadAudit {
    /// Reads on until enough lines are about the object, or enough were looked at: the trail
    /// is one chain, in the order of what happened.
    async fn about(&self, work: &mut Work<'_>, object: &str) -> Result<Trail, Fault> {
        let most = limit(self.limit)? as usize;
        let (mut lines, mut after) = (Vec::new(), self.after);
        for _ in 0..PAGES {
            let page = work.store().audit(work.tenant(), after, MOST).await?;
            let last = page.len() < MOST as usize;
            for line in page {
                if lines.len() == most {
                    let more_after = Some(after);
                    return Ok(Trail { lines, more_after });
                }
                after = line.seq;
                if line
                    .entry
                    .object
                    .as_deref()
                    .is_some_and(|named| is(named, object))
                {
                    lines.push(line);
                }
            }
            if last {
                let more_after = None;
                return Ok(Trail { lines, more_after });
            }
        }
        let more_after = Some(after);
        Ok(Trail { lines, more_after })
    }
}

/// Whether a line's object is the one that is meant: by kind and id, or by its id alone.
fn is(named: &str, meant: &str) -> bool {
    named == meant || named.split_once('/').is_some_and(|(_, id)| id == meant)
}

impl Operation for ReadAudit {
    const NAME: &'static str = "audit.read";
    const ABOUT: &'static str = "Read the audit trail, in order.";
    const KIND: Kind = Kind::Query(Permission::ReadAudit);
    type Output = Trail;

    async fn perform(self, work: &mut Work<'_>) -> Result<Trail, Fault> {
        if let Some(object) = &self.object {
            return self.about(work, object).await;
        }
        let lines = work
            .store()
            .audit(work.tenant(), self.after, limit(self.limit)?)
            .await?;
        let more_after = None;
        Ok(Trail { lines, more_after })
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
    /// `ready`, `running`, `resting` where it was tried too often and is taken up again after a
    /// while, or `dead`.
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
            let rests = row.state == "ready" && row.attempts >= TRIES;
            let state = if rests { "resting".into() } else { row.state };
            let (held_by, held_until) = row.lease.unzip();
            TaskView {
                id: row.id,
                kind: row.kind,
                object: row.object,
                state,
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
