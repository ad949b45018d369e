//! Carries media buys to the ad servers of their tenants. Looks for the order by the name that it
//! was to have before anything is made, writes down that something leaves before it does, and
//! reads back after every change; what was read is all that is believed. Killed anywhere, the next
//! run finds what the last one left. An order that nothing was asked of is only looked at: what
//! somebody changed there is told, and left as it is.

use std::sync::Arc;

use async_trait::async_trait;

use super::{GivenUp, Next, Reconciler};
use crate::{
    domain::{
        ids::BuyId,
        inventory::{
            item::ItemStatus,
            order::{HeldOrder, NewLine, NewOrder, Turn, Will},
            trouble::{NO_SUCH, Trouble},
        },
        media_buy::ad_order::{
            AdOrder, Came,
            compare::{Deed, deeds},
        },
        tenant::caller::Caller,
        when::Instant,
    },
    engine::{
        ad_orders::{
            PLACE,
            step::TakeOrderStep,
            wanted::{Plan, WantedOrder},
        },
        core::{Core, Terms},
        fault::{Fault, FaultKind},
        sync::servers,
    },
    peers::ad_servers::Backend,
    store::Lease,
};

/// How often what is there is compared with what is to be, and changed: agreeing to an order
/// changes what its lines do.
const MOST_ROUNDS: usize = 3;

/// Carries media buys to ad servers.
pub struct PlaceOrders;

#[async_trait]
impl Reconciler for PlaceOrders {
    fn kind(&self) -> &'static str {
        PLACE
    }

    fn waits(&self) -> bool {
        true
    }

    async fn run(&self, core: &Core, lease: &Lease) -> Result<Next, Fault> {
        let engine = Caller::engine(lease.tenant.clone());
        let look = WantedOrder {
            media_buy_id: BuyId::from(lease.object.as_str()),
        };
        let planned = match core.ask(&engine, look).await {
            // The tenant is gone, and all that it had.
            Err(fault) if fault.kind == FaultKind::NotFound => return Ok(Next::Done),
            planned => planned?,
        };
        let Some(plan) = planned.plan else {
            return Ok(Next::Done);
        };
        let now = core.clock().now();
        if let Some(at) = plan.known.next_at.filter(|at| *at > now) {
            return Ok(Next::At(at));
        }
        let on = On { core, lease, plan };
        on.go().await
    }

    async fn give_up(&self, core: &Core, lease: &Lease, fault: &Fault) -> Result<GivenUp, Fault> {
        let engine = Caller::engine(lease.tenant.clone());
        let look = WantedOrder {
            media_buy_id: BuyId::from(lease.object.as_str()),
        };
        let Some(plan) = core.ask(&engine, look).await?.plan else {
            return Ok(GivenUp::Over);
        };
        let trouble = Trouble::permanent(fault.message.clone());
        let on = On { core, lease, plan };
        on.step(Some(Came::Trouble(trouble))).await?;
        // An order that is there is looked at for as long as its buy lives.
        Ok(GivenUp::Rests)
    }
}

/// A buy on its way.
struct On<'a> {
    core: &'a Core,
    lease: &'a Lease,
    plan: Plan,
}

/// Why it went no further.
enum Stop {
    /// The ad server did not do it.
    Trouble(Trouble),
    /// The engine did not.
    Fault(Fault),
}

impl From<Trouble> for Stop {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl On<'_> {
    async fn go(&self) -> Result<Next, Fault> {
        let came = match self.carry().await {
            Ok(came) => came,
            Err(Stop::Trouble(trouble)) => Some(Came::Trouble(trouble)),
            Err(Stop::Fault(fault)) => return Err(fault),
        };
        let Some(order) = self.step(came).await? else {
            return Ok(Next::Done);
        };
        let nothing_there = order.order_id.is_none() && order.trouble.is_some();
        let waits_for_us = order.trouble.as_ref().is_some_and(is_ours);
        if !order.is_asked() && (self.plan.over || (nothing_there && !waits_for_us)) {
            return Ok(Next::Done);
        }
        Ok(Next::At(order.next_at.unwrap_or(self.now())))
    }

    fn now(&self) -> Instant {
        self.core.clock().now()
    }

    /// Keeps what came of it.
    async fn step(&self, came: Option<Came>) -> Result<Option<AdOrder>, Fault> {
        let engine = Caller::engine(self.lease.tenant.clone());
        let terms = Terms::under(self.lease.held.clone());
        let take = TakeOrderStep {
            media_buy_id: self.plan.known.media_buy_id.clone(),
            revision: self.plan.revision,
            lines: self.plan.lines.clone(),
            came,
        };
        let answer = self.core.ask_on(&engine, take, terms).await?;
        Ok(answer.output.order)
    }

    /// Takes the buy there, or looks how it is there; nothing where it need not be there.
    async fn carry(&self) -> Result<Option<Came>, Stop> {
        let known = &self.plan.known;
        let Some(wanted) = &self.plan.wanted else {
            self.stop().await?;
            let gap = self.plan.gap.clone();
            let none = || Trouble::permanent("nobody knows what is to be there");
            return Err(gap.unwrap_or_else(none).into());
        };
        let server = servers::of(self.core, &self.lease.tenant).await?;
        if known.is_there() && known.server != server.source() {
            return Err(Trouble::permanent(format!(
                "the order is in {}, and the tenant's ad server is {} now: it is left there",
                known.server,
                server.source()
            ))
            .into());
        }
        let over = wanted.lines.iter().all(|line| line.will == Will::End);
        let wanted = self.fitted(&*server, wanted);
        let (held, known) = match &known.order_id {
            Some(id) => (server.read(id).await?, known.clone()),
            None if over => match self.left(&server, &wanted).await? {
                Some(found) => found,
                None => return Ok(None),
            },
            None if !wanted.lines.iter().any(NewLine::can_begin) => {
                let late = "the flight was over before it could be placed: nothing was sent";
                let found = self.left(&server, &wanted).await?;
                found.ok_or_else(|| Trouble::permanent(late))?
            }
            None => self.place(&server, &wanted).await?,
        };
        let brought = known.is_asked();
        let held = if brought {
            self.bring(&server, (&wanted, held, &known)).await?
        } else {
            held
        };
        Ok(Some(Came::Read {
            held,
            wanted,
            brought,
        }))
    }

    /// Holds the lines there that are to deliver no more, although the whole cannot be carried.
    async fn stop(&self) -> Result<(), Stop> {
        let (known, stop) = (&self.plan.known, &self.plan.stop);
        let Some(id) = known.order_id.as_deref().filter(|_| !stop.is_empty()) else {
            return Ok(());
        };
        if !known.is_asked() {
            return Ok(());
        }
        let server = servers::of(self.core, &self.lease.tenant).await?;
        if known.server != server.source() {
            return Ok(());
        }
        let held = server.read(id).await?;
        let delivers = |id: &&String| {
            let mut lines = held.lines.iter();
            lines.any(|line| line.id == **id && line.status == ItemStatus::Active)
        };
        let lines: Vec<String> = stop.iter().filter(delivers).cloned().collect();
        if !lines.is_empty() {
            let turned = server.turn_lines(id, &lines, Turn::Pause).await;
            turned.map_err(not_gone)?;
        }
        Ok(())
    }

    /// What is to be there, as this server can hold it.
    fn fitted(&self, server: &dyn Backend, wanted: &NewOrder) -> NewOrder {
        let soonest = self.now() + server.lead();
        let fit = |line: &NewLine| {
            let lines = &self.plan.known.lines;
            let mut seen = lines.iter().filter(|one| one.id.is_some());
            let is_there = seen.any(|one| one.name == line.name);
            let mut line = line.clone();
            if !is_there && line.starts < soonest {
                // What has begun already begins as soon as it can.
                line.starts = soonest.min(line.ends);
            }
            if line.starts < line.ends {
                server.fit(line)
            } else {
                line
            }
        };
        NewOrder {
            lines: wanted.lines.iter().map(fit).collect(),
            ..wanted.clone()
        }
    }

    /// An order that may have been left there although its buy is over before it was seen.
    async fn left(
        &self,
        server: &Arc<dyn Backend>,
        wanted: &NewOrder,
    ) -> Result<Option<(HeldOrder, AdOrder)>, Stop> {
        if self.plan.known.sent_at.is_none() {
            return Ok(None);
        }
        let Some(id) = server.find(&wanted.name).await? else {
            return Ok(None);
        };
        let held = server.read(&id).await?;
        self.seen(held).await
    }

    /// Places the order, unless it is there.
    async fn place(
        &self,
        server: &Arc<dyn Backend>,
        wanted: &NewOrder,
    ) -> Result<(HeldOrder, AdOrder), Stop> {
        let leaves = Came::Leaves {
            server: server.source(),
        };
        self.step(Some(leaves)).await?;
        let living = |line: &&NewLine| line.can_begin();
        let order = NewOrder {
            lines: wanted.lines.iter().filter(living).cloned().collect(),
            ..wanted.clone()
        };
        let held = server.order(&order).await?;
        match self.seen(held).await? {
            Some(found) => Ok(found),
            None => Err(Fault::conflict("MOVED_ON", "the order is gone").into()),
        }
    }

    /// Keeps that the order was seen there before anything else is done to it.
    async fn seen(&self, held: HeldOrder) -> Result<Option<(HeldOrder, AdOrder)>, Stop> {
        let known = self.step(Some(Came::Seen(held.clone()))).await?;
        Ok(known.map(|known| (held, known)))
    }

    /// Makes what is there what it is to be, and reads it back.
    async fn bring(
        &self,
        server: &Arc<dyn Backend>,
        (wanted, mut held, known): (&NewOrder, HeldOrder, &AdOrder),
    ) -> Result<HeldOrder, Stop> {
        for _ in 0..MOST_ROUNDS {
            let all = deeds(wanted, &held, known, (self.plan.agreed, self.now()));
            if all.is_empty() {
                break;
            }
            for deed in all {
                self.perform(server, (wanted, &held.id), deed).await?;
            }
            held = server.read(&held.id).await?;
        }
        Ok(held)
    }

    async fn perform(
        &self,
        server: &Arc<dyn Backend>,
        (wanted, order): (&NewOrder, &str),
        deed: Deed,
    ) -> Result<(), Trouble> {
        let done = match deed {
            Deed::Fill(lines) => {
                let missing = NewOrder {
                    lines,
                    ..wanted.clone()
                };
                server.fill(order, &missing).await
            }
            Deed::Set { id, line } => server.set(&id, &line).await,
            Deed::Order(turn) => server.turn(order, turn).await,
            Deed::Lines(turn, lines) => server.turn_lines(order, &lines, turn).await,
        };
        done.map_err(not_gone)
    }
}

/// What became of a deed: that the whole order is gone is only believed when it is read.
fn not_gone(trouble: Trouble) -> Trouble {
    if trouble.code == NO_SUCH {
        return Trouble::permanent(trouble.message);
    }
    trouble
}

/// Whether it passes once the publisher has set something up.
fn is_ours(trouble: &Trouble) -> bool {
    trouble.code == crate::domain::media_buy::ad_order::NOT_MAPPED
}
