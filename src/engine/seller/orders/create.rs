//! Places an order in an account.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::open;
use crate::{
    domain::{
        ids::AccountId,
        opendirect::{
            account::Account,
            order::{Order, OrderDraft},
        },
        policy::Permission,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
};

/// Places an order.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateOrder {
    /// In which account.
    pub account_id: AccountId,
    /// The order.
    pub order: OrderDraft,
}

impl Operation for CreateOrder {
    const NAME: &'static str = "opendirect.create_order";
    const ABOUT: &'static str = "Place an order.";
    const KIND: Kind = Kind::Command(Permission::TradeOrders);
    type Output = Order;

    async fn perform(self, work: &mut Work<'_>) -> Result<Order, Fault> {
        work.find::<Account, _>(self.account_id).await?;
        let id = work.mint();
        open(work, self.order, id, self.account_id)
    }
}
