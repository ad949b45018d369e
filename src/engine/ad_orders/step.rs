//! Takes note of what came of going to the ad server with a media buy: under the lease of the
//! reconciler, in a commit of its own for each step, so that what was sent is known before it
//! leaves. For the engine only.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::COUNT;
use crate::{
    domain::{
        ids::BuyId,
        inventory::trouble::Trouble,
        media_buy::{
            ad_order::{AdLine, AdOrder, Came, Standing},
            buy::MediaBuy,
            status::BuyStatus,
        },
        policy::Permission,
    },
    engine::{
        delivery::LINES,
        fault::Fault,
        media_buys::absent,
        operation::{Kind, Operation},
        work::Work,
    },
};

/// What is said of a buy that was put away before it was in the ad server.
const OVER: &str = "the media buy was over before it was in the ad server: nothing of it was \
                    delivered there";

/// Takes note of what came of going to the ad server; for the engine only.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeOrderStep {
    /// With which buy.
    pub media_buy_id: BuyId,
    /// With which revision of it.
    pub revision: u64,
    /// The names of its lines.
    #[serde(default)]
    pub lines: Vec<AdLine>,
    /// What came of it; nothing where the buy never was there and need not be any more.
    pub came: Option<Came>,
}

/// What is known then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Stepped {
    /// The order; nothing where there is none any more.
    pub order: Option<AdOrder>,
}

impl Operation for TakeOrderStep {
    const NAME: &'static str = "ad_orders.step";
    const ABOUT: &'static str =
        "Take note of what came of going to the ad server; for the engine only.";
    const KIND: Kind = Kind::Command(Permission::RunEngine);
    type Output = Stepped;

    async fn perform(self, work: &mut Work<'_>) -> Result<Stepped, Fault> {
        work.about(format!("media_buy/{}", self.media_buy_id));
        let stored = work.get::<AdOrder>(self.media_buy_id.as_str()).await?;
        let stored = stored.ok_or_else(|| absent(&self.media_buy_id))?;
        let came = match self.came {
            Some(came) => came,
            None if never_ran(work, &self.media_buy_id).await? => {
                work.remove(&stored);
                return Ok(Stepped { order: None });
            }
            // Without the order, the lines would count as delivered by the one inside.
            None => Came::Trouble(Trouble::permanent(OVER)),
        };
        let was = (stored.record.standing, stored.record.order_id.is_some());
        let (mut order, known) = stored.part();
        for line in self.lines {
            if !order
                .lines
                .iter()
                .any(|one| one.package_id == line.package_id)
            {
                order.lines.push(line);
            }
        }
        let before = order.clone();
        order.came(came, self.revision, work.now());
        work.replace(&known, &order)?;
        tell(work, &order, was, before.trouble.is_some());
        Ok(Stepped { order: Some(order) })
    }
}

/// Whether a buy is gone, or was called off or turned down: no line of it counts then.
async fn never_ran(work: &Work<'_>, id: &BuyId) -> Result<bool, Fault> {
    let buy = work.get::<MediaBuy>(id.as_str()).await?;
    let off = [BuyStatus::Canceled, BuyStatus::Rejected];
    Ok(buy.is_none_or(|stored| off.contains(&stored.record.status)))
}

/// Tells whoever watches, where there is news.
fn tell(
    work: &mut Work<'_>,
    order: &AdOrder,
    (was, was_there): (Standing, bool),
    was_in_trouble: bool,
) {
    if order.order_id.is_some() && !was_there {
        // From now on it is counted there.
        work.wake(COUNT, LINES, work.now());
    }
    let name = match order.standing {
        Standing::Waiting if order.trouble.is_some() && !was_in_trouble => "ad_orders.waiting",
        Standing::Placed if was != Standing::Placed => "ad_orders.placed",
        Standing::Differs if was != Standing::Differs => "ad_orders.differs",
        Standing::Refused if was != Standing::Refused => "ad_orders.refused",
        _ => return,
    };
    let remark = order.remarks().into_iter().next();
    let remark = remark.map_or_else(String::new, |one| format!(": {one}"));
    let detail = format!("{}: {}{remark}", order.name, order.sentence());
    work.tell(name, "media_buy", order.media_buy_id.to_string(), detail);
}
