//! Says how one line does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::find_line;
use crate::{
    domain::{
        ids::{AccountId, LineId, OrderId},
        opendirect::stats::LineStats,
        pacing::status::Status,
        policy::Permission,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        pacing::book::{Which, weighed},
        work::Work,
    },
};

/// Says how a line does.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetLineStats {
    /// The account that it must belong to.
    #[serde(default)]
    pub account_id: Option<AccountId>,
    /// The order that it must belong to.
    #[serde(default)]
    pub order_id: Option<OrderId>,
    /// Which.
    pub line_id: LineId,
}

impl Operation for GetLineStats {
    const NAME: &'static str = "opendirect.get_line_stats";
    const ABOUT: &'static str = "Say how a line does.";
    const KIND: Kind = Kind::Query(Permission::ReadOrders);
    type Output = LineStats;

    async fn perform(self, work: &mut Work<'_>) -> Result<LineStats, Fault> {
        let (_, line) = find_line(work, self.account_id, self.order_id, self.line_id).await?;
        let weighed = weighed(work, Which::These(vec![self.line_id]), None).await?;
        let weighed = weighed.into_iter().next();
        let status = weighed.as_ref().map_or(Status::NoData, |one| one.status);
        let counted = weighed.and_then(|one| one.entry.counted);
        let delivered = counted.map(|counted| counted.delivered());
        Ok(LineStats::of(&line.record, delivered.as_ref(), status))
    }
}
