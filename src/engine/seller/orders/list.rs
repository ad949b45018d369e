//! Lists orders, of one account or of all.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        ids::AccountId,
        opendirect::{
            account::Account,
            order::{Order, OrderStatus},
        },
        policy::Permission,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        seller::page::{Asked, Page, page},
        work::Work,
    },
    store::record::Filter,
};

/// Lists orders.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ListOrders {
    /// Only of this account.
    pub account_id: Option<AccountId>,
    /// Only in this state.
    pub status: Option<OrderStatus>,
    /// At most so many; 50 where it is not said, 1000 at most.
    pub limit: Option<u32>,
    /// Behind so many.
    pub offset: u32,
    /// Only those whose name or id contains this.
    pub search: Option<String>,
}

impl Operation for ListOrders {
    const NAME: &'static str = "opendirect.list_orders";
    const ABOUT: &'static str = "List orders, of one account or of all.";
    const KIND: Kind = Kind::Query(Permission::ReadOrders);
    type Output = Page<Order>;

    async fn perform(self, work: &mut Work<'_>) -> Result<Page<Order>, Fault> {
        if let Some(account) = self.account_id {
            work.find::<Account, _>(account).await?;
        }
        let filter = Filter {
            parent: self.account_id.map(|id| id.to_string()),
            state: self.status.map(|status| status.name().to_owned()),
            ..Filter::default()
        };
        let asked = Asked {
            limit: self.limit,
            offset: self.offset,
            search: self.search,
        };
        page(work, asked, filter).await
    }
}
