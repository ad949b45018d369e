//! How one tenant is, in one answer: its ad server, what was last fetched from there, what waits
//! for a person, what runs, and what could not be delivered. What nobody has looked at yet is
//! said to be so, and nothing else.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::find;
use crate::{
    domain::{
        ids::TenantId,
        inventory::{connection::Connection, kind::What},
        media_buy::{
            ad_order::{AdOrder, Standing},
            approval::Approval,
            buy::MediaBuy,
            status::BuyStatus,
        },
        policy::Permission,
        tenant::{
            ad_server::AdServerKind,
            key::{self, Key},
            principal::Principal,
        },
        webhook::notice::{Notice, NoticeStatus},
        when::Instant,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        sync::status::{Issue, LastRun, Severity, SortHealth, health},
        work::Work,
    },
    store::record::{Filter, Part, Record, Sort},
};

/// How many keys of a tenant are looked at.
const MOST_KEYS: u32 = 10_000;

/// How something that is tried ended last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// It was never tried.
    #[default]
    NeverRun,
    /// It is at work.
    Running,
    /// It went well.
    Success,
    /// It did not.
    Failed,
}

/// The ad server of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AdServerStatus {
    /// Which one.
    #[serde(rename = "type")]
    pub kind: AdServerKind,
    /// Whether there is what it takes to speak to it.
    pub configured: bool,
    /// Whether it answered when it was last asked; nothing where nobody has asked.
    pub connected: Option<bool>,
    /// When that was.
    pub last_tested_at: Option<Instant>,
    /// What went wrong then.
    pub last_test_error: Option<String>,
}

/// Something that is fetched from the ad server now and then.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct SyncStatus {
    /// How it ended last.
    pub status: Ended,
    /// When it last ran.
    pub last_run_at: Option<Instant>,
    /// When it last went well.
    pub last_success_at: Option<Instant>,
    /// How many things the last run fetched.
    pub item_count: Option<i64>,
    /// What went wrong.
    pub error: Option<String>,
    /// How bad that is.
    pub severity: Severity,
    /// The same for programs, with what helps.
    pub issue: Option<Issue>,
}

impl From<SortHealth> for SyncStatus {
    fn from(of: SortHealth) -> Self {
        let last = of.last.as_ref();
        Self {
            status: match of.status {
                LastRun::NeverRun => Ended::NeverRun,
                LastRun::Running => Ended::Running,
                LastRun::Success => Ended::Success,
                LastRun::Failed => Ended::Failed,
            },
            last_run_at: last.map(|run| run.started_at),
            last_success_at: of.last_success_at,
            item_count: last.map(|run| i64::try_from(run.seen()).unwrap_or(i64::MAX)),
            error: of.issue.as_ref().map(|issue| issue.message.clone()),
            severity: of.severity,
            issue: of.issue,
        }
    }
}

/// Everything that is fetched from the ad server.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Syncs {
    /// Ad units, placements and what can be targeted.
    pub inventory: SyncStatus,
    /// Orders and line items.
    pub orders: SyncStatus,
}

/// What waits for the publisher.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OpenWorkflows {
    /// How many.
    pub open_count: i64,
    /// Since when the longest waiting one does.
    pub oldest_opened_at: Option<Instant>,
}

/// Media buys by what they are at.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct BuyCounts {
    /// Those that run.
    pub active_count: i64,
    /// Those that were stopped for a while.
    pub paused_count: i64,
    /// Those that wait for a person.
    pub pending_approval_count: i64,
}

/// Orders of media buys in the ad server, by how they stand there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct AdOrderCounts {
    /// Those that were read back as they were sold.
    pub placed_count: i64,
    /// Those of which something was not read back yet.
    pub waiting_count: i64,
    /// Those that are there, and not as they were sold.
    pub differing_count: i64,
    /// Those that were refused, or lack something in the set-up.
    pub refused_count: i64,
}

/// What is told to others' addresses.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct WebhookStatus {
    /// How many wait to be delivered.
    pub waiting_count: i64,
    /// How many were given up.
    pub failed_count: i64,
    /// When the last was given up.
    pub last_failure_at: Option<Instant>,
}

/// How a tenant is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TenantStatus {
    /// Which tenant.
    pub tenant_id: TenantId,
    /// What people call it.
    pub name: String,
    /// Whether its keys open anything.
    pub is_active: bool,
    /// Its ad server.
    pub ad_server: AdServerStatus,
    /// What is fetched from there.
    pub syncs: Syncs,
    /// What waits for the publisher.
    pub workflows: OpenWorkflows,
    /// Its media buys.
    pub media_buys: BuyCounts,
    /// What they have in the ad server.
    #[serde(default)]
    pub ad_orders: AdOrderCounts,
    /// What is told to others' addresses.
    pub webhooks: WebhookStatus,
    /// How many principals buy from it.
    pub principals_count: i64,
    /// How many keys of it open anything, but for those whose time is over.
    pub keys_count: i64,
    /// When this was.
    pub fetched_at: Instant,
}

/// Asks how the tenant is.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetStatus {}

impl Operation for GetStatus {
    const NAME: &'static str = "tenants.status";
    const ABOUT: &'static str = "Say how the tenant is, in one answer.";
    const KIND: Kind = Kind::Query(Permission::ManageTenants);
    type Output = TenantStatus;

    async fn perform(self, work: &mut Work<'_>) -> Result<TenantStatus, Fault> {
        look(work).await
    }
}

/// Looks how the tenant is that is asked for.
pub(super) async fn look(work: &Work<'_>) -> Result<TenantStatus, Fault> {
    let publisher = find(work, work.tenant()).await?.record;
    let of_it = Filter {
        parent: Some(publisher.id.to_string()),
        state: Some("active".to_owned()),
        ..Filter::default()
    };
    let connection = work.get::<Connection>(Connection::ID).await?;
    let connection = connection.map(|stored| stored.record).unwrap_or_default();
    Ok(TenantStatus {
        ad_server: AdServerStatus {
            kind: publisher.ad_server.kind,
            configured: publisher.ad_server.is_configured(),
            connected: connection.connected(),
            last_tested_at: connection.tested_at,
            last_test_error: connection.trouble.map(|trouble| trouble.message),
        },
        syncs: Syncs {
            inventory: health(work, What::Inventory).await?.into(),
            orders: health(work, What::Orders).await?.into(),
        },
        workflows: workflows(work).await?,
        media_buys: buys(work).await?,
        ad_orders: ad_orders(work).await?,
        webhooks: webhooks(work).await?,
        principals_count: work.count::<Principal>(&Filter::default()).await?,
        keys_count: open_keys(work, &of_it).await?,
        fetched_at: work.now(),
        tenant_id: publisher.id,
        name: publisher.name,
        is_active: publisher.active,
    })
}

/// How many keys open something: a key whose time is over is none of them.
async fn open_keys(work: &Work<'_>, of_it: &Filter) -> Result<i64, Fault> {
    let filter = Filter {
        limit: MOST_KEYS,
        ..of_it.clone()
    };
    let found = work.list_in_house::<Key>(&filter).await?;
    let now = work.now();
    let open = found
        .iter()
        .filter(|it| it.record.standing(now) == key::Standing::Active);
    Ok(i64::try_from(open.count()).unwrap_or(i64::MAX))
}

/// How many of a kind are in a state.
fn in_state(tallies: &[(String, i64)], state: &str) -> i64 {
    let found = tallies.iter().find(|(own, _)| own == state);
    found.map_or(0, |(_, n)| *n)
}

/// The first of a kind in a state, by when it was written, without its body.
async fn first<R: Record>(
    work: &Work<'_>,
    state: &str,
    (sort, descending): (Sort, bool),
) -> Result<Option<crate::store::record::Row>, Fault> {
    let filter = Filter {
        state: Some(state.to_owned()),
        sort,
        descending,
        limit: 1,
        part: Part::Nothing,
        ..Filter::default()
    };
    Ok(work.rows::<R>(&filter).await?.pop())
}

async fn workflows(work: &Work<'_>) -> Result<OpenWorkflows, Fault> {
    let open_count = in_state(&work.tallies::<Approval>().await?, "waiting");
    let oldest = match open_count {
        0 => None,
        _ => first::<Approval>(work, "waiting", (Sort::Created, false)).await?,
    };
    Ok(OpenWorkflows {
        open_count,
        oldest_opened_at: oldest.map(|row| row.created_at),
    })
}

async fn buys(work: &Work<'_>) -> Result<BuyCounts, Fault> {
    let tallies = work.tallies::<MediaBuy>().await?;
    let count = |status: BuyStatus| in_state(&tallies, status.name());
    Ok(BuyCounts {
        active_count: count(BuyStatus::Active),
        paused_count: count(BuyStatus::Paused),
        pending_approval_count: count(BuyStatus::AwaitingApproval),
    })
}

async fn ad_orders(work: &Work<'_>) -> Result<AdOrderCounts, Fault> {
    let tallies = work.tallies::<AdOrder>().await?;
    let count = |standing: Standing| in_state(&tallies, standing.name());
    Ok(AdOrderCounts {
        placed_count: count(Standing::Placed),
        waiting_count: count(Standing::Waiting),
        differing_count: count(Standing::Differs),
        refused_count: count(Standing::Refused),
    })
}

async fn webhooks(work: &Work<'_>) -> Result<WebhookStatus, Fault> {
    let tallies = work.tallies::<Notice>().await?;
    let dead = NoticeStatus::Dead.name();
    let failed_count = in_state(&tallies, dead);
    let last = match failed_count {
        0 => None,
        _ => first::<Notice>(work, dead, (Sort::Updated, true)).await?,
    };
    Ok(WebhookStatus {
        waiting_count: in_state(&tallies, NoticeStatus::Waiting.name()),
        failed_count,
        last_failure_at: last.map(|row| row.updated_at),
    })
}
