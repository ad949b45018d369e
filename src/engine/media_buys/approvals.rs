//! The questions to the publisher: those that wait, and those that were decided.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{only_of, view::hush_change};
use crate::{
    domain::{
        ids::ApprovalId,
        media_buy::approval::{Approval, Wanted},
        policy::Permission,
        when::Instant,
    },
    engine::{
        fault::{Fault, FaultKind},
        operation::{Kind, Operation},
        sandbox,
        work::Work,
    },
    store::record::{Filter, Sort, Stored},
};

/// How many are listed at most.
pub const MOST: u32 = 500;

/// A question to the publisher as it is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ApprovalView {
    /// The question and its answer.
    pub approval: Approval,
    /// The revision to pin a decision to.
    pub seen: i64,
    /// When it last changed.
    pub updated_at: Instant,
}

impl From<Stored<Approval>> for ApprovalView {
    fn from(mut stored: Stored<Approval>) -> Self {
        if let Wanted::Change { change } = &mut stored.record.wanted {
            hush_change(change);
        }
        Self {
            seen: stored.revision,
            updated_at: stored.updated_at,
            approval: stored.record,
        }
    }
}

/// Lists questions to the publisher.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ListApprovals {
    /// Those that were decided too.
    pub decided: bool,
    /// At most so many.
    pub limit: Option<u32>,
}

/// Questions to the publisher.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Approvals {
    /// The longest waiting first; decided ones the newest first.
    pub approvals: Vec<ApprovalView>,
    /// How many wait.
    pub waiting: i64,
}

impl Operation for ListApprovals {
    const NAME: &'static str = "media_buys.approvals";
    const ABOUT: &'static str = "List the orders that wait for the publisher's approval.";
    const KIND: Kind = Kind::Query(Permission::ReadBuys);
    type Output = Approvals;

    async fn perform(self, work: &mut Work<'_>) -> Result<Approvals, Fault> {
        let waiting = Filter {
            state: (!self.decided).then(|| "waiting".to_owned()),
            sort: Sort::Created,
            descending: self.decided,
            limit: self.limit.unwrap_or(MOST).clamp(1, MOST),
            ..Filter::default()
        };
        let found = work.list::<Approval>(&waiting).await?;
        let mine = only_of(work.caller());
        let found = found
            .into_iter()
            .filter(|one| mine.is_none_or(|own| own == one.record.asked_by));
        let count = Filter {
            state: Some("waiting".to_owned()),
            ..Filter::default()
        };
        let approvals: Vec<ApprovalView> = found.map(Into::into).collect();
        let waiting = if mine.is_none() {
            work.count::<Approval>(&count).await?
        } else {
            let open = approvals
                .iter()
                .filter(|one| one.approval.decision.is_none());
            i64::try_from(open.count()).unwrap_or(i64::MAX)
        };
        Ok(Approvals { approvals, waiting })
    }
}

/// Shows one question to the publisher.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetApproval {
    /// Which.
    pub approval_id: String,
}

impl Operation for GetApproval {
    const NAME: &'static str = "media_buys.approval";
    const ABOUT: &'static str = "Show one question to the publisher and its answer.";
    const KIND: Kind = Kind::Query(Permission::ReadBuys);
    type Output = ApprovalView;

    async fn perform(self, work: &mut Work<'_>) -> Result<ApprovalView, Fault> {
        let id = match self.approval_id.parse::<ApprovalId>() {
            Ok(id) => Some(id),
            Err(_) => sandbox::arm::named(work, &self.approval_id).await?,
        };
        find(work, id).await.map(Into::into)
    }
}

/// Finds a question of the caller's.
pub(in crate::engine) async fn find(
    work: &Work<'_>,
    id: Option<ApprovalId>,
) -> Result<Stored<Approval>, Fault> {
    let stored = match id {
        Some(id) => work.get::<Approval>(&id.to_string()).await?,
        None => None,
    };
    stored
        .filter(|one| only_of(work.caller()).is_none_or(|own| own == one.record.asked_by))
        .ok_or_else(|| {
            let message = "there is no such task";
            Fault::new(FaultKind::NotFound, "REFERENCE_NOT_FOUND", message)
        })
}
