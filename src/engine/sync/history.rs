//! Lists runs, the newest first.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        inventory::{
            kind::What,
            run::{Run, RunStatus},
        },
        policy::Permission,
        problem::{Code, Problem},
    },
    engine::{
        cursor::Pages,
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
    store::record::{Filter, Sort},
};

/// How many are listed where nobody says.
pub const USUAL: u32 = 50;
/// How many are listed at most.
pub const MOST: u32 = 500;

/// Lists runs.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ListSyncs {
    /// Only of this sort.
    pub what: Option<What>,
    /// Only where they stand so.
    pub status: Option<RunStatus>,
    /// At most so many; 50 where it is not said, 500 at most.
    pub limit: Option<u32>,
    /// Where an earlier answer ended.
    pub cursor: Option<String>,
}

/// A page of runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SyncPage {
    /// The runs, the newest first.
    pub syncs: Vec<Run>,
    /// How many there are in all.
    pub total: i64,
    /// Where the list goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// Refuses a size that nobody may ask for.
pub(super) fn size(asked: Option<u32>) -> Result<u32, Fault> {
    let limit = asked.unwrap_or(USUAL);
    if (1..=MOST).contains(&limit) {
        return Ok(limit);
    }
    let message = format!("must be 1 to {MOST}");
    let code = Code::new("INVALID_LIMIT");
    Err(Fault::field(Problem::new("limit", code, message)))
}

impl Operation for ListSyncs {
    const NAME: &'static str = "sync.history";
    const ABOUT: &'static str = "List syncs, the newest first.";
    const KIND: Kind = Kind::Query(Permission::ReadActivity);
    type Output = SyncPage;

    async fn perform(self, work: &mut Work<'_>) -> Result<SyncPage, Fault> {
        let limit = size(self.limit)?;
        let question = format!("sync.history {:?} {:?}", self.what, self.status);
        let pages = Pages::of(&work.desk().secret, work.tenant(), &question);
        let after = pages.after(self.cursor.as_deref())?;
        let filter = Filter {
            parent: self.what.map(|what| what.name().to_owned()),
            state: self.status.map(|status| status.name().to_owned()),
            sort: Sort::Created,
            descending: true,
            after,
            limit: limit + 1,
            ..Filter::default()
        };
        let mut rows = work.rows::<Run>(&filter).await?;
        let total = work.count::<Run>(&filter).await?;
        let next_cursor = pages.cut(&mut rows, limit, |last| last.mark(Sort::Created))?;
        let found = work.read_rows::<Run>(rows)?;
        Ok(SyncPage {
            syncs: found.into_iter().map(|stored| stored.record).collect(),
            total,
            next_cursor,
        })
    }
}
