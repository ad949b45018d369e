//! Drafts a line of an order.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::open;
use crate::{
    domain::{
        ids::{AccountId, OrderId},
        opendirect::{line::Line, line_draft::LineDraft},
        policy::Permission,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        seller::orders::find_order,
        work::Work,
    },
};

/// Drafts a line.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateLine {
    /// The account that the order must belong to.
    #[serde(default)]
    pub account_id: Option<AccountId>,
    /// Of which order.
    pub order_id: OrderId,
    /// The line.
    pub line: LineDraft,
}

impl Operation for CreateLine {
    const NAME: &'static str = "opendirect.create_line";
    const ABOUT: &'static str = "Draft a line of an order.";
    const KIND: Kind = Kind::Command(Permission::TradeOrders);
    type Output = Line;

    async fn perform(self, work: &mut Work<'_>) -> Result<Line, Fault> {
        let order = find_order(work, self.account_id, self.order_id).await?;
        work.expect(&order);
        let id = work.mint();
        open(work, &order.record, self.line, id, None).await
    }
}
