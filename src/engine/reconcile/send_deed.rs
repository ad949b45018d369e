//! Asks sales agents for what was asked of the media buys that live in them, each thing once. A
//! mark is kept before it leaves; whoever finds the mark and no answer asks nothing again, because
//! the follower sees what came of it. What certainly did not arrive is sent a few times.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;

use super::{GivenUp, Next, Reconciler};
use crate::{
    domain::{
        ids::BuyId,
        media_buy::{
            buy::MediaBuy,
            upstream::{
                Upstream,
                deed::{Deed, LONGEST_WAIT, Stage},
            },
        },
        tenant::caller::Caller,
    },
    engine::{
        core::{Core, Terms},
        fault::{Fault, FaultKind},
        media_buys::{
            get::GetBuy,
            upstream::{
                SEND,
                desks::Place,
                sending::{DeedStep, TakeDeedStep},
            },
        },
    },
    peers::upstream::{Sent, Told},
    store::Lease,
};

/// How often something that certainly did not arrive is sent.
const MOST_TRIES: u32 = 6;
/// When it is looked again whether a new media buy was seen there.
const WAIT: Duration = Duration::from_mins(11);
/// How long a sales agent that is not set up any more is waited for.
const ABSENT: Duration = Duration::from_mins(1);

/// Asks for things.
pub struct SendDeed;

#[async_trait]
impl Reconciler for SendDeed {
    fn kind(&self) -> &'static str {
        SEND
    }

    fn waits(&self) -> bool {
        true
    }

    async fn run(&self, core: &Core, lease: &Lease) -> Result<Next, Fault> {
        let Some(buy) = read(core, lease).await? else {
            return Ok(Next::Done);
        };
        let Some((known, deed)) = to_send(&buy) else {
            return lapse(core, lease, &buy).await;
        };
        let now = core.clock().now();
        if deed.stage == Stage::Out {
            let why = "whoever asked stopped before the answer was kept".to_owned();
            step(core, lease, (&buy, deed), DeedStep::Lost(why)).await?;
            return Ok(Next::At(now + WAIT));
        }
        let Some(place) = core.desk().agents.of(&lease.tenant) else {
            return Ok(Next::At(now + ABSENT));
        };
        if deed.tries >= MOST_TRIES {
            let why = deed.said.clone().unwrap_or_default();
            let why = format!("it could not be told there: {why}");
            step(core, lease, (&buy, deed), DeedStep::Refused(why)).await?;
            return Ok(Next::Done);
        }
        send(core, lease, place, (&buy, known, deed)).await
    }

    async fn give_up(&self, core: &Core, lease: &Lease, fault: &Fault) -> Result<GivenUp, Fault> {
        let Some(buy) = read(core, lease).await? else {
            return Ok(GivenUp::Over);
        };
        let Some((_, deed)) = to_send(&buy) else {
            return Ok(GivenUp::Over);
        };
        let step_of = match deed.stage {
            Stage::Out => DeedStep::Lost(fault.message.clone()),
            _ => DeedStep::Refused(fault.message.clone()),
        };
        step(core, lease, (&buy, deed), step_of)
            .await
            .map(|_| GivenUp::Over)
    }
}

async fn read(core: &Core, lease: &Lease) -> Result<Option<MediaBuy>, Fault> {
    let engine = Caller::engine(lease.tenant.clone());
    let media_buy_id = BuyId::from(lease.object.as_str());
    match core.ask(&engine, GetBuy { media_buy_id }).await {
        Err(fault) if fault.kind == FaultKind::NotFound => Ok(None),
        found => Ok(Some(found?.buy)),
    }
}

fn to_send(buy: &MediaBuy) -> Option<(&Upstream, &Deed)> {
    let known = buy.upstream.as_deref()?;
    Some((known, known.to_send()?))
}

/// Takes a step; whether it fitted, and was taken.
async fn step(
    core: &Core,
    lease: &Lease,
    (buy, deed): (&MediaBuy, &Deed),
    step: DeedStep,
) -> Result<bool, Fault> {
    let engine = Caller::engine(lease.tenant.clone());
    let terms = Terms::under(lease.held.clone());
    let take = TakeDeedStep {
        media_buy_id: buy.id.clone(),
        key: deed.key.clone(),
        step,
    };
    match core.ask_on(&engine, take, terms).await {
        Err(fault) if fault.code == "MOVED_ON" => Ok(false),
        taken => taken.map(|_| true),
    }
}

/// Ends what was never seen there: nobody looks for a buy of which no id is known but this.
async fn lapse(core: &Core, lease: &Lease, buy: &MediaBuy) -> Result<Next, Fault> {
    let known = buy
        .upstream
        .as_deref()
        .filter(|known| known.shown.is_none());
    let mut open = known.into_iter().flat_map(|known| &known.deeds);
    let Some(deed) = open.find(|one| one.is_in_the_way()) else {
        return Ok(Next::Done);
    };
    let now = core.clock().now();
    let over = deed.sent_at.unwrap_or(deed.at) + LONGEST_WAIT;
    if now < over {
        return Ok(Next::At(over));
    }
    step(core, lease, (buy, deed), DeedStep::Lapsed).await?;
    Ok(Next::Done)
}

async fn send(
    core: &Core,
    lease: &Lease,
    place: &Arc<Place>,
    (buy, known, deed): (&MediaBuy, &Upstream, &Deed),
) -> Result<Next, Fault> {
    // What has no mark of its own must not leave.
    if !step(core, lease, (buy, deed), DeedStep::Leaves).await? {
        return Ok(Next::Done);
    }
    let sent = place.client.ask(known.id(), deed).await;
    let again = matches!(sent, Sent::NotDone(_));
    let came = match sent {
        Sent::Done(Told { id, held, said }) => DeedStep::Answered { id, held, said },
        Sent::NotDone(why) => DeedStep::Waits(why),
        Sent::Refused(why) => DeedStep::Refused(why),
        Sent::Lost(why) => DeedStep::Lost(why),
    };
    step(core, lease, (buy, deed), came).await?;
    let now = core.clock().now();
    Ok(if again {
        Next::At(now + pause(deed.tries))
    } else if known.shown.is_none() {
        Next::At(now + WAIT)
    } else {
        Next::Done
    })
}

/// How long to wait before what certainly did not arrive is sent again.
fn pause(tries: u32) -> Duration {
    Duration::from_secs(1 << tries.min(5))
}
