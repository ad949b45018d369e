//! How the copy of an ad server does: for each sort the last run, how long ago one brought all
//! it was to, what is wrong and what helps. A tenant that never had one is told to have none,
//! not to be in trouble.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{find, slot};
use crate::{
    domain::{
        inventory::{
            kind::{ItemKind, What},
            run::{Run, RunStatus},
            trouble::{Category, Remedy, Trouble},
        },
        policy::Permission,
        when::{Instant, rfc3339},
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
};

/// How old the last complete run may be before the copy is called stale.
const STALE: chrono::Duration = chrono::Duration::hours(48);

/// Tells how the copy does.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SyncHealth {}

/// What came of the last run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LastRun {
    /// It brought all that it was to.
    Success,
    /// It was given up.
    Failed,
    /// It is at work.
    Running,
    /// There was none.
    NeverRun,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Not at all.
    #[default]
    Ok,
    /// Somebody should look.
    Warning,
    /// Somebody must do something.
    Critical,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Issue {
    /// A stable name.
    pub code: String,
    /// What kind of trouble it is.
    pub category: Category,
    /// In a sentence.
    pub message: String,
    /// Whether the same may be asked again with hope.
    pub retryable: bool,
    /// What helps.
    pub action: Remedy,
}

impl From<&Trouble> for Issue {
    fn from(trouble: &Trouble) -> Self {
        Self {
            code: trouble.code.clone(),
            category: trouble.category,
            message: trouble.message.clone(),
            retryable: matches!(trouble.category, Category::Transient | Category::Stale),
            action: trouble.remedy(),
        }
    }
}

/// How one sort does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SortHealth {
    /// Which sort.
    pub what: What,
    /// What came of the last run.
    pub status: LastRun,
    /// How bad it is.
    pub severity: Severity,
    /// The last run.
    pub last: Option<Run>,
    /// When a run last brought all that it was to.
    pub last_success_at: Option<Instant>,
    /// What is wrong.
    pub issue: Option<Issue>,
}

/// How many things of a kind there are here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KindCount {
    /// Which kind.
    pub kind: ItemKind,
    /// How many are there.
    pub items: i64,
    /// How many are there no more.
    pub gone: i64,
}

/// How the copy does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CopyHealth {
    /// Inventory, then orders.
    pub syncs: Vec<SortHealth>,
    /// What there is here, by kind.
    pub counts: Vec<KindCount>,
}

impl Operation for SyncHealth {
    const NAME: &'static str = "sync.status";
    const ABOUT: &'static str =
        "Tell how the copy of the ad server does: last runs, counts, what is wrong and what helps.";
    const KIND: Kind = Kind::Query(Permission::ReadActivity);
    type Output = CopyHealth;

    async fn perform(self, work: &mut Work<'_>) -> Result<CopyHealth, Fault> {
        let mut syncs = Vec::with_capacity(What::ALL.len());
        for what in What::ALL {
            syncs.push(health(work, what).await?);
        }
        Ok(CopyHealth {
            syncs,
            counts: counts(work).await?,
        })
    }
}

async fn counts(work: &Work<'_>) -> Result<Vec<KindCount>, Fault> {
    let counted = work.store().inventory_counts(work.tenant()).await?;
    let of = |kind: ItemKind| {
        let mut count = KindCount {
            kind,
            items: 0,
            gone: 0,
        };
        for one in counted.iter().filter(|one| one.kind == kind.name()) {
            if one.state == crate::store::batch::GONE {
                count.gone += one.n;
            } else {
                count.items += one.n;
            }
        }
        count
    };
    let all = ItemKind::ALL.into_iter().map(of);
    Ok(all.filter(|one| one.items + one.gone > 0).collect())
}

/// How one sort does, by its last run.
///
/// # Errors
/// When the store cannot.
pub(in crate::engine) async fn health(work: &Work<'_>, what: What) -> Result<SortHealth, Fault> {
    let now = work.now();
    let slot = slot(work, what).await?.map(|stored| stored.record);
    let good = slot.as_ref().and_then(|slot| slot.good.clone());
    let last = match slot.and_then(|slot| slot.last) {
        Some(id) => Some(find(work, id).await?.record),
        None => None,
    };
    let mut told = SortHealth {
        what,
        status: LastRun::NeverRun,
        severity: Severity::Ok,
        last_success_at: good.map(|good| good.ended),
        issue: None,
        last: None,
    };
    let Some(last) = last else {
        return Ok(told);
    };
    told.status = match last.status {
        RunStatus::Completed => LastRun::Success,
        RunStatus::Failed => LastRun::Failed,
        RunStatus::Pending | RunStatus::Running => LastRun::Running,
    };
    let trouble = if last.is_stuck(now) {
        Some(last.stuck())
    } else {
        last.trouble.clone().or_else(|| stale(&told, now))
    };
    told.severity = match trouble.as_ref().map(|trouble| trouble.category) {
        None => Severity::Ok,
        Some(Category::Auth | Category::Permanent) => Severity::Critical,
        Some(Category::Transient | Category::Stale) => Severity::Warning,
    };
    told.issue = trouble.as_ref().map(Into::into);
    told.last = Some(last);
    Ok(told)
}

/// That all is well, but too long ago.
fn stale(told: &SortHealth, now: Instant) -> Option<Trouble> {
    let at = told.last_success_at?;
    let is_stale = told.status == LastRun::Success && now - at > STALE;
    is_stale.then(|| {
        let message = format!("nothing was brought since {}", rfc3339(at));
        Trouble::new(Category::Stale, "SYNC_STALE", message)
    })
}
