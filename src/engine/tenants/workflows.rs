//! What waits for the publisher, as operators of several tenants see it. Deciding is the same
//! operation as everywhere; here it is only asked and shown.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{find, page_size};
use crate::{
    domain::{
        ids::{ApprovalId, BuyId},
        media_buy::approval::{Approval, Decision, Wanted},
        money::Amount,
        policy::Permission,
        tenant::role::Role,
        when::Instant,
    },
    engine::{
        cursor::Pages,
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
    store::record::{Filter, Sort, Stored},
};

/// How many are listed where nobody says, and at most.
const MOST: u32 = 500;

/// Which of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WorkflowStatus {
    /// Those that wait for somebody.
    #[default]
    Pending,
    /// Those that were agreed to.
    Approved,
    /// Those that were refused.
    Rejected,
    /// Those that were sent back to be changed.
    SentBack,
    /// Those that nobody asks for any more.
    Withdrawn,
}

impl WorkflowStatus {
    /// All of them.
    const ALL: [Self; 5] = [
        Self::Pending,
        Self::Approved,
        Self::Rejected,
        Self::SentBack,
        Self::Withdrawn,
    ];

    /// The state that it is stored under.
    fn state(self) -> &'static str {
        match self {
            Self::Pending => "waiting",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::SentBack => "sent_back",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// A question to the publisher as operators see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Workflow {
    /// Its id.
    pub workflow_id: ApprovalId,
    /// `create_media_buy` or `update_media_buy`.
    pub workflow_type: String,
    /// Where it stands.
    pub status: WorkflowStatus,
    /// `media_buy`.
    pub subject_type: String,
    /// Which.
    pub subject_id: BuyId,
    /// What the order is called.
    pub description: String,
    /// What the order is worth.
    pub amount: Amount,
    /// In which currency.
    pub currency: String,
    /// Who asks.
    pub requested_by_principal_id: String,
    /// Who decided what, and why.
    pub decision: Option<Decision>,
    /// When it was asked.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

impl From<Stored<Approval>> for Workflow {
    fn from(stored: Stored<Approval>) -> Self {
        let (one, known) = stored.part();
        let state = one.state();
        let status = WorkflowStatus::ALL
            .into_iter()
            .find(|it| it.state() == state);
        let workflow_type = match one.wanted {
            Wanted::Order => "create_media_buy",
            Wanted::Change { .. } => "update_media_buy",
        };
        Self {
            workflow_id: one.id,
            workflow_type: workflow_type.to_owned(),
            status: status.unwrap_or_default(),
            subject_type: "media_buy".to_owned(),
            subject_id: one.buy_id,
            description: one.name,
            amount: one.amount.amount(),
            currency: one.amount.currency().code().to_owned(),
            requested_by_principal_id: one.asked_by,
            decision: one.decision,
            created_at: known.created_at,
            updated_at: known.updated_at,
        }
    }
}

/// Lists what waits for the publisher.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ListWorkflows {
    /// Which of them; those that wait where it is not said.
    pub status: WorkflowStatus,
    /// At most so many; 500 where it is not said and at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where an earlier answer ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// A page of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WorkflowPage {
    /// The longest waiting first.
    pub workflows: Vec<Workflow>,
    /// How many there are on this page.
    pub count: usize,
    /// How many there are in all.
    pub total: i64,
    /// Where the list goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl Operation for ListWorkflows {
    const NAME: &'static str = "workflows.list";
    const ABOUT: &'static str = "List what waits for the publisher, or was decided.";
    const KIND: Kind = Kind::Query(Permission::ApproveBuys);
    type Output = WorkflowPage;

    async fn perform(self, work: &mut Work<'_>) -> Result<WorkflowPage, Fault> {
        if work.caller().role == Role::Operator {
            find(work, work.tenant()).await?;
        }
        let limit = page_size(self.limit, MOST, MOST)?;
        let question = format!("workflows {}", self.status.state());
        let pages = Pages::of(&work.desk().secret, work.tenant(), &question);
        let after = pages.after(self.cursor.as_deref())?;
        let filter = Filter {
            state: Some(self.status.state().to_owned()),
            sort: Sort::Created,
            after,
            limit: limit + 1,
            ..Filter::default()
        };
        let mut rows = work.rows::<Approval>(&filter).await?;
        let total = work.count::<Approval>(&filter).await?;
        let next_cursor = pages.cut(&mut rows, limit, |last| last.mark(Sort::Created))?;
        let found = work.read_rows::<Approval>(rows)?;
        let workflows: Vec<Workflow> = found.into_iter().map(Into::into).collect();
        Ok(WorkflowPage {
            count: workflows.len(),
            workflows,
            total,
            next_cursor,
        })
    }
}

/// Shows one of them.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetWorkflow {
    /// Which.
    pub workflow_id: ApprovalId,
}

impl Operation for GetWorkflow {
    const NAME: &'static str = "workflows.get";
    const ABOUT: &'static str = "Show one thing that waits for the publisher, or was decided.";
    const KIND: Kind = Kind::Query(Permission::ApproveBuys);
    type Output = Workflow;

    async fn perform(self, work: &mut Work<'_>) -> Result<Workflow, Fault> {
        if work.caller().role == Role::Operator {
            find(work, work.tenant()).await?;
        }
        let id = self.workflow_id.to_string();
        let found = work.get::<Approval>(&id).await?;
        let found = found.ok_or_else(|| Fault::absent("workflow", &id))?;
        Ok(found.into())
    }
}
