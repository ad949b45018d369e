//! Shows one media buy.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{find, view::BuyView};
use crate::{
    domain::{ids::BuyId, policy::Permission},
    engine::{
        ad_orders,
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
};

/// Shows one media buy.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetBuy {
    /// Which.
    pub media_buy_id: BuyId,
}

impl Operation for GetBuy {
    const NAME: &'static str = "media_buys.get";
    const ABOUT: &'static str = "Show one media buy with its packages and history.";
    const KIND: Kind = Kind::Query(Permission::ReadBuys);
    type Output = BuyView;

    async fn perform(self, work: &mut Work<'_>) -> Result<BuyView, Fault> {
        let mut view = find(work, &self.media_buy_id).await.map(BuyView::of)?;
        ad_orders::beside(work, &mut view).await?;
        Ok(view)
    }
}
