//! Assignments: a creative that runs on a line. Made, shown, listed and switched off.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::find_creative;
use crate::{
    domain::{
        ids::{AccountId, AssignmentId, CreativeId, LineId},
        opendirect::{
            Ext,
            account::Account,
            assignment::{Assignment, AssignmentAction},
            line::Line,
        },
        policy::Permission,
        problem::{Code, Problem},
    },
    engine::{
        fault::{Fault, FaultKind},
        operation::{Kind, Operation},
        seller::{
            orders::find_order,
            page::{Asked, Page, page},
            products::find_product,
            refused,
        },
        work::Work,
    },
    store::record::{Filter, Stored},
};

/// Puts a creative on a line.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateAssignment {
    /// The account of both.
    pub account_id: AccountId,
    /// What is shown.
    pub creative_id: CreativeId,
    /// Where it is shown.
    pub line_id: LineId,
    /// What a vendor added.
    #[serde(default)]
    pub ext: Option<Ext>,
}

impl Operation for CreateAssignment {
    const NAME: &'static str = "opendirect.create_assignment";
    const ABOUT: &'static str = "Put a creative on a line.";
    const KIND: Kind = Kind::Command(Permission::TradeOrders);
    type Output = Assignment;

    async fn perform(self, work: &mut Work<'_>) -> Result<Assignment, Fault> {
        let account = work.find::<Account, _>(self.account_id).await?.record.id;
        let creative = find_creative(work, account, self.creative_id).await;
        let creative = named("creative_id", creative)?;
        let line = named("line_id", work.find::<Line, _>(self.line_id).await)?;
        let order = find_order(work, Some(account), line.record.order_id).await;
        let order = named("line_id", order)?.record;
        let product = find_product(work, &line.record.product_id).await?.record;
        let (id, publisher) = (work.mint(), product.publisher_id);
        let on = (&order, &line.record);
        let made = Assignment::new(id, &creative.record, on, &publisher, self.ext)
            .map_err(Fault::invalid)?;
        work.expect(&creative);
        work.expect(&line);
        work.create(&made)?;
        let detail = format!("{} on {}", creative.record.name, line.record.name);
        work.tell("assignments.created", "assignment", id.to_string(), detail);
        Ok(made)
    }
}

/// A thing that the body names and nobody knows is a wrong field, not a missing page.
fn named<T>(field: &str, found: Result<T, Fault>) -> Result<T, Fault> {
    found.map_err(|fault| {
        if fault.kind != FaultKind::NotFound {
            return fault;
        }
        let message = "is not known in this account";
        Fault::field(Problem::new(field, Code::new("UNKNOWN_VALUE"), message))
    })
}

/// Finds an assignment of an account.
async fn find(
    work: &Work<'_>,
    account: AccountId,
    id: AssignmentId,
) -> Result<Stored<Assignment>, Fault> {
    let stored = work.find::<Assignment, _>(id).await?;
    if stored.record.account_id != account {
        return Err(Fault::missing(id));
    }
    Ok(stored)
}

/// Shows an assignment.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetAssignment {
    /// Of which account.
    pub account_id: AccountId,
    /// Which.
    pub assignment_id: AssignmentId,
}

impl Operation for GetAssignment {
    const NAME: &'static str = "opendirect.get_assignment";
    const ABOUT: &'static str = "Show an assignment.";
    const KIND: Kind = Kind::Query(Permission::ReadOrders);
    type Output = Assignment;

    async fn perform(self, work: &mut Work<'_>) -> Result<Assignment, Fault> {
        let stored = find(work, self.account_id, self.assignment_id).await?;
        Ok(stored.record)
    }
}

/// Switches an assignment off.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeAssignment {
    /// Of which account.
    pub account_id: AccountId,
    /// Which.
    pub assignment_id: AssignmentId,
    /// What to do.
    pub action: AssignmentAction,
}

impl Operation for ChangeAssignment {
    const NAME: &'static str = "opendirect.change_assignment";
    const ABOUT: &'static str = "Switch an assignment off.";
    const KIND: Kind = Kind::Command(Permission::TradeOrders);
    type Output = Assignment;

    async fn perform(self, work: &mut Work<'_>) -> Result<Assignment, Fault> {
        work.about(format!("assignment/{}", self.assignment_id));
        let stored = find(work, self.account_id, self.assignment_id).await?;
        let next = stored.record.clone().after(self.action).map_err(refused)?;
        work.replace(&stored, &next)?;
        let detail = next.status.name();
        let id = next.id.to_string();
        work.tell("assignments.changed", "assignment", id, detail);
        Ok(next)
    }
}

/// Lists the assignments of an account.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListAssignments {
    /// Of which account.
    pub account_id: AccountId,
    /// Only on this line.
    #[serde(default)]
    pub line_id: Option<LineId>,
    /// At most so many; 50 where it is not said, 1000 at most.
    #[serde(default)]
    pub limit: Option<u32>,
    /// Behind so many.
    #[serde(default)]
    pub offset: u32,
}

impl Operation for ListAssignments {
    const NAME: &'static str = "opendirect.list_assignments";
    const ABOUT: &'static str = "List the assignments of an account.";
    const KIND: Kind = Kind::Query(Permission::ReadOrders);
    type Output = Page<Assignment>;

    async fn perform(self, work: &mut Work<'_>) -> Result<Page<Assignment>, Fault> {
        work.find::<Account, _>(self.account_id).await?;
        let filter = Filter {
            parent: Some(self.account_id.to_string()),
            ..Filter::default()
        };
        let asked = Asked {
            limit: self.limit,
            offset: self.offset,
            search: self.line_id.map(|id| id.to_string()),
        };
        page(work, asked, filter).await
    }
}
