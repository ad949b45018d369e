//! Shows one order.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::find_order;
use crate::{
    domain::{
        ids::{AccountId, OrderId},
        opendirect::order::Order,
        policy::Permission,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
};

/// Shows an order.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetOrder {
    /// The account that it must belong to.
    #[serde(default)]
    pub account_id: Option<AccountId>,
    /// Which.
    pub order_id: OrderId,
}

impl Operation for GetOrder {
    const NAME: &'static str = "opendirect.get_order";
    const ABOUT: &'static str = "Show an order.";
    const KIND: Kind = Kind::Query(Permission::ReadOrders);
    type Output = Order;

    async fn perform(self, work: &mut Work<'_>) -> Result<Order, Fault> {
        let stored = find_order(work, self.account_id, self.order_id).await?;
        Ok(stored.record)
    }
}
