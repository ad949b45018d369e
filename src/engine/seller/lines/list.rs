//! Lists lines, of one order or of all.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        ids::{AccountId, OrderId},
        opendirect::{booking_status::LineBookingStatus, line::Line},
        policy::Permission,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        seller::{
            orders::find_order,
            page::{Asked, Page, page},
        },
        work::Work,
    },
    store::record::Filter,
};

/// Lists lines.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ListLines {
    /// The account that the order must belong to.
    pub account_id: Option<AccountId>,
    /// Only of this order.
    pub order_id: Option<OrderId>,
    /// Only in this state.
    pub status: Option<LineBookingStatus>,
    /// At most so many; 50 where it is not said, 1000 at most.
    pub limit: Option<u32>,
    /// Behind so many.
    pub offset: u32,
    /// Only those whose name, id or product contains this.
    pub search: Option<String>,
}

impl Operation for ListLines {
    const NAME: &'static str = "opendirect.list_lines";
    const ABOUT: &'static str = "List lines, of one order or of all.";
    const KIND: Kind = Kind::Query(Permission::ReadOrders);
    type Output = Page<Line>;

    async fn perform(self, work: &mut Work<'_>) -> Result<Page<Line>, Fault> {
        if let Some(order) = self.order_id {
            find_order(work, self.account_id, order).await?;
        }
        let filter = Filter {
            parent: self.order_id.map(|id| id.to_string()),
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
