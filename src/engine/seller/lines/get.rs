//! Shows one line.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::find_line;
use crate::{
    domain::{
        ids::{AccountId, LineId, OrderId},
        opendirect::line::Line,
        policy::Permission,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
};

/// Shows a line.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetLine {
    /// The account that it must belong to.
    #[serde(default)]
    pub account_id: Option<AccountId>,
    /// The order that it must belong to.
    #[serde(default)]
    pub order_id: Option<OrderId>,
    /// Which.
    pub line_id: LineId,
}

impl Operation for GetLine {
    const NAME: &'static str = "opendirect.get_line";
    const ABOUT: &'static str = "Show a line.";
    const KIND: Kind = Kind::Query(Permission::ReadOrders);
    type Output = Line;

    async fn perform(self, work: &mut Work<'_>) -> Result<Line, Fault> {
        let found = find_line(work, self.account_id, self.order_id, self.line_id).await?;
        Ok(found.1.record)
    }
}
