//! What time does to a media buy: its flight begins, and is over. Asked too early it changes
//! nothing and says when to ask again.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{carry, find, refused, write};
use crate::{
    domain::{
        ids::BuyId,
        media_buy::{
            buy::{Hand, MediaBuy},
            status::{BuyStatus, Ready},
        },
        policy::Permission,
        tenant::caller::ENGINE,
        when::Instant,
    },
    engine::{
        due::Due,
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
};

/// Moves a media buy as far as its time has come; for the engine only.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FollowBuy {
    /// Which.
    pub media_buy_id: BuyId,
}

/// When a media buy is to be looked at again; for the engine only.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BuyDue {
    /// Which.
    pub media_buy_id: BuyId,
}

impl Operation for BuyDue {
    const NAME: &'static str = "media_buys.due";
    const ABOUT: &'static str = "Say when a media buy is to be looked at; for the engine only.";
    const KIND: Kind = Kind::Query(Permission::RunEngine);
    type Output = Due;

    async fn perform(self, work: &mut Work<'_>) -> Result<Due, Fault> {
        let stored = find(work, &self.media_buy_id).await?;
        Ok(Due {
            at: stored.record.next(),
        })
    }
}

impl Operation for FollowBuy {
    const NAME: &'static str = "media_buys.follow";
    const ABOUT: &'static str =
        "Move a media buy as far as its time has come; for the engine only.";
    const KIND: Kind = Kind::Command(Permission::RunEngine);
    type Output = Due;

    async fn perform(self, work: &mut Work<'_>) -> Result<Due, Fault> {
        work.about(format!("media_buy/{}", self.media_buy_id));
        let stored = find(work, &self.media_buy_id).await?;
        let mut buy = stored.record.clone();
        while let Some(at) = buy.next().filter(|at| *at <= work.now()) {
            step(&mut buy, at)?;
        }
        if buy != stored.record {
            carry::hold(work, &buy, buy.status == BuyStatus::Paused).await?;
            let happened = if buy.status == BuyStatus::Completed {
                "media_buys.completed"
            } else {
                "media_buys.started"
            };
            write(work, &stored, &buy, happened).await?;
        }
        Ok(Due { at: buy.next() })
    }
}

/// Takes one step, and dates it when it was due.
fn step(buy: &mut MediaBuy, at: Instant) -> Result<(), Fault> {
    let hand = Hand { by: ENGINE, at };
    if buy.status == BuyStatus::PendingStart && at < buy.end {
        buy.settle(hand, Ready::Run).map_err(refused)?;
        return Ok(());
    }
    buy.complete(hand).map_err(refused)
}
