//! Has a media buy placed in the ad server of its tenant, or looked at there again: what was
//! refused is tried once more, and a buy that was agreed to before the tenant had such a server
//! is carried there from now on. Refuses what nobody agreed to, and what is over.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{PLACE, begin};
use crate::{
    domain::{ids::BuyId, media_buy::ad_order::AdOrder, policy::Permission},
    engine::{
        fault::{Fault, FaultKind},
        media_buys::{find, view::BuyView},
        operation::{Kind, Operation},
        work::Work,
    },
};

/// Has a media buy placed in the ad server, or looked at there again.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlaceOrder {
    /// Which.
    pub media_buy_id: BuyId,
}

impl Operation for PlaceOrder {
    const NAME: &'static str = "ad_orders.place";
    const ABOUT: &'static str =
        "Have a media buy placed in the tenant's ad server, or looked at there again.";
    const KIND: Kind = Kind::Command(Permission::ManageAdServer);
    type Output = BuyView;

    async fn perform(self, work: &mut Work<'_>) -> Result<BuyView, Fault> {
        work.about(format!("media_buy/{}", self.media_buy_id));
        let stored = find(work, &self.media_buy_id).await?;
        let buy = &stored.record;
        if buy.upstream.is_some() {
            let message = "the media buy lives in another company's sales agent, which places it";
            return Err(Fault::wrong_state("LIVES_ELSEWHERE", message));
        }
        if buy.confirmed_at.is_none() || buy.sandbox {
            let message = format!("the media buy is {}: nothing of it is placed", buy.status);
            return Err(Fault::wrong_state("NOT_AGREED", message)
                .hint("it is placed by itself once it is approved"));
        }
        let order = match work.get::<AdOrder>(buy.id.as_str()).await? {
            Some(known) => {
                let (mut order, known) = known.part();
                order.ask(buy.revision);
                order.carried = None;
                work.replace(&known, &order)?;
                work.wake(PLACE, buy.id.to_string(), work.now());
                Some(order)
            }
            None if buy.status.is_final() => {
                let message = format!("the media buy is {}", buy.status);
                return Err(Fault::wrong_state("OVER", message));
            }
            None => begin(work, buy).await?,
        };
        let Some(order) = order else {
            let message = "the tenant's ad server is the one inside: there is nowhere to place it";
            let fault = Fault::new(FaultKind::WrongState, "NO_AD_SERVER", message);
            return Err(fault.hint("set the tenant's ad server first"));
        };
        let mut view = BuyView::of(stored);
        view.ad_order = Some(Box::new(order));
        Ok(view)
    }
}
