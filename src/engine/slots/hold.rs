//! Keeps a slot for somebody for some minutes, longer once, gives it back, and ends it when its
//! time is over: by the clock at once, and for whoever waits as soon as somebody looks.

use chrono::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    END_HOLDS,
    book::check,
    days::Days,
    named, open, party, resource,
    upstream::not_offered,
    view::HoldView,
    waiting::{self, serve},
};
use crate::{
    domain::{
        ids::{HoldId, ResourceId},
        policy::Permission,
        problem::{Code, Problem},
        slot::{
            hold::{Hold, LONGEST, State},
            resource::Resource,
            span::Span,
            waiting::State as Waits,
        },
        when::{Instant, stored},
    },
    engine::{
        due::Due,
        fault::{Fault, FaultKind},
        operation::{Kind, Operation},
        work::Work,
    },
    store::record::{Filter, Sort, Stored},
};

/// Under which name holds are told.
const HOLD: &str = "slot_hold";
/// The most holds that are listed.
const MOST: u32 = 500;

/// Keeps a slot.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HoldSlot {
    /// Which, by its name in the availability.
    pub slot_id: String,
    /// For how many seconds; five minutes where it is not said, and fifteen at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl_seconds: Option<u32>,
    /// How many come together; one where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party_size: Option<u32>,
}

/// A hold, as it is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Held {
    /// The hold.
    pub hold: HoldView,
}

fn lasting(seconds: Option<u32>) -> Result<chrono::TimeDelta, Fault> {
    Hold::lasting(seconds).ok_or_else(|| {
        let said = format!("a hold lasts from 1 to {LONGEST} seconds");
        Fault::field(Problem::new("ttlSeconds", Code::new("INVALID_SIZE"), said))
    })
}

fn told(hold: &Hold) -> String {
    named(&hold.resource_name, hold.timezone, hold.starts_at)
}

/// Makes a hold, and has it ended when its time is over.
pub(super) fn made(
    work: &mut Work<'_>,
    resource: &Resource,
    (span, seats): (Span, u32),
    until: Instant,
) -> Hold {
    let id = work.mint::<HoldId>();
    work.wake(END_HOLDS, id.to_string(), until);
    Hold {
        id,
        resource: resource.id,
        resource_name: resource.card.name.clone(),
        timezone: resource.schedule.timezone,
        state: State::Held,
        starts_at: span.starts_at(),
        ends_at: span.ends_at(),
        seats,
        by: work.caller().name.clone(),
        waiting: None,
        until,
        extended: false,
    }
}

/// Reads a hold that still keeps its slot.
pub(super) async fn find_kept(work: &Work<'_>, id: HoldId) -> Result<Stored<Hold>, Fault> {
    let held = work.find::<Hold, _>(id).await?;
    if held.record.is_kept(work.now()) {
        return Ok(held);
    }
    let message = match held.record.state {
        State::Booked => "the slot of the hold was booked already",
        State::Released => "the hold was given back",
        State::Held | State::Expired => "the time of the hold is over",
    };
    let fault = Fault::new(FaultKind::Gone, "HOLD_EXPIRED", message);
    Err(fault.hint("ask for the availability of the resource, and book or hold again"))
}

/// Notes that the slot of a hold was booked.
pub(super) async fn taken_up(work: &mut Work<'_>, held: &Stored<Hold>) -> Result<(), Fault> {
    let booked = Hold {
        state: State::Booked,
        ..held.record.clone()
    };
    work.replace(held, &booked)?;
    if let Some(id) = held.record.waiting {
        waiting::became(work, id, Waits::Booked).await?;
    }
    Ok(())
}

impl Operation for HoldSlot {
    const NAME: &'static str = "slots.hold";
    const ABOUT: &'static str = "Keep a slot for somebody for some minutes.";
    const KIND: Kind = Kind::Command(Permission::ManageSlots);
    type Output = Held;

    fn queue(&self) -> Option<String> {
        Some(self.slot_id.clone())
    }

    async fn perform(self, work: &mut Work<'_>) -> Result<Held, Fault> {
        let (lasts, seats) = (lasting(self.ttl_seconds)?, party(self.party_size)?);
        let slot = open(work, &self.slot_id).await?;
        let stored_resource = resource(work, slot.resource).await?;
        if stored_resource.record.upstream.is_some() {
            let why = "nobody can hold a slot there";
            return Err(not_offered(work, why, "book it"));
        }
        let mut days = Days::around(work, &stored_resource.record, &[slot.span()]).await?;
        let span = check(work, &stored_resource, (&slot, seats), &days).await?;
        let until = stored(work.now()) + lasts;
        let hold = made(work, &stored_resource.record, (span, seats), until);
        work.create(&hold)?;
        days.hold(span, seats, hold.id, until);
        days.keep(work)?;
        work.tell("slots.held", HOLD, hold.id.to_string(), told(&hold));
        Ok(Held {
            hold: HoldView::at(&hold, work.now()),
        })
    }
}

/// Keeps a slot longer, once.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExtendHold {
    /// By which hold.
    pub hold_id: HoldId,
    /// For how many seconds from now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl_seconds: Option<u32>,
}

impl Operation for ExtendHold {
    const NAME: &'static str = "slots.extend";
    const ABOUT: &'static str = "Keep a slot longer; once.";
    const KIND: Kind = Kind::Command(Permission::ManageSlots);
    type Output = Held;

    async fn perform(self, work: &mut Work<'_>) -> Result<Held, Fault> {
        let lasts = lasting(self.ttl_seconds)?;
        let held = find_kept(work, self.hold_id).await?;
        if held.record.extended {
            let message = "a hold is kept longer once, and this one was";
            return Err(Fault::wrong_state("INVALID_TRANSITION", message));
        }
        let until = (stored(work.now()) + lasts).max(held.record.until);
        let hold = Hold {
            until,
            extended: true,
            ..held.record.clone()
        };
        let of = resource(work, hold.resource).await?;
        let mut days = Days::around(work, &of.record, &[hold.span()]).await?;
        work.replace(&held, &hold)?;
        days.hold(hold.span(), hold.seats, hold.id, until);
        days.keep(work)?;
        work.tell("slots.extended", HOLD, hold.id.to_string(), told(&hold));
        Ok(Held {
            hold: HoldView::at(&hold, work.now()),
        })
    }
}

/// Gives a slot back.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReleaseHold {
    /// Which hold.
    pub hold_id: HoldId,
}

impl Operation for ReleaseHold {
    const NAME: &'static str = "slots.release";
    const ABOUT: &'static str = "Give back a slot that was held.";
    const KIND: Kind = Kind::Command(Permission::ManageSlots);
    type Output = Held;

    async fn perform(self, work: &mut Work<'_>) -> Result<Held, Fault> {
        let held = find_kept(work, self.hold_id).await?;
        let hold = ended(work, &held, State::Released).await?;
        work.tell("slots.released", HOLD, hold.id.to_string(), told(&hold));
        Ok(Held {
            hold: HoldView::at(&hold, work.now()),
        })
    }
}

/// Ends a hold, and keeps its slot for whoever waits.
async fn ended(work: &mut Work<'_>, held: &Stored<Hold>, state: State) -> Result<Hold, Fault> {
    let hold = Hold {
        state,
        ..held.record.clone()
    };
    work.replace(held, &hold)?;
    if let Some(id) = hold.waiting {
        waiting::became(work, id, Waits::Gone).await?;
    }
    let of = resource(work, hold.resource).await?;
    let mut days = Days::around(work, &of.record, &[hold.span()]).await?;
    days.release(hold.id);
    serve(work, &of, hold.span(), (&mut days, hold.waiting)).await?;
    days.keep(work)?;
    Ok(hold)
}

/// Lists the holds that still keep their slots.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct ListHolds {
    /// Only of this resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_id: Option<ResourceId>,
}

/// Holds, by when their slots begin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HoldList {
    /// The holds.
    pub data: Vec<HoldView>,
}

impl Operation for ListHolds {
    const NAME: &'static str = "slots.holds";
    const ABOUT: &'static str = "List the slots that are held now.";
    const KIND: Kind = Kind::Query(Permission::ReadSlots);
    type Output = HoldList;

    async fn perform(self, work: &mut Work<'_>) -> Result<HoldList, Fault> {
        let filter = Filter {
            parent: self.resource_id.map(|id| id.to_string()),
            state: Some(State::Held.name().to_owned()),
            sort: Sort::Begins,
            limit: MOST,
            ..Filter::default()
        };
        let now = work.now();
        let held = work.list::<Hold>(&filter).await?;
        let kept = held.iter().map(|stored| &stored.record);
        let kept = kept.filter(|hold| hold.is_kept(now));
        Ok(HoldList {
            data: kept.map(|hold| HoldView::at(hold, now)).collect(),
        })
    }
}

/// Looks when a hold is over.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldDue {
    /// Which.
    pub hold_id: HoldId,
}

impl Operation for HoldDue {
    const NAME: &'static str = "slots.hold_due";
    const ABOUT: &'static str = "Look when a hold is over.";
    const KIND: Kind = Kind::Query(Permission::RunEngine);
    type Output = Due;

    async fn perform(self, work: &mut Work<'_>) -> Result<Due, Fault> {
        let held = work.find::<Hold, _>(self.hold_id).await?.record;
        Ok(Due {
            at: (held.state == State::Held).then_some(held.until),
        })
    }
}

/// Ends a hold whose time is over.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndHold {
    /// Which.
    pub hold_id: HoldId,
}

impl Operation for EndHold {
    const NAME: &'static str = "slots.end_hold";
    const ABOUT: &'static str =
        "End a hold whose time is over, and keep its slot for whoever waits.";
    const KIND: Kind = Kind::Command(Permission::RunEngine);
    type Output = Due;

    async fn perform(self, work: &mut Work<'_>) -> Result<Due, Fault> {
        let held = work.find::<Hold, _>(self.hold_id).await?;
        if held.record.state != State::Held {
            return Ok(Due { at: None });
        }
        if held.record.until > work.now() {
            let at = Some(held.record.until);
            return Ok(Due { at });
        }
        let hold = ended(work, &held, State::Expired).await?;
        work.tell("slots.hold_expired", HOLD, hold.id.to_string(), told(&hold));
        Ok(Due { at: None })
    }
}

/// How long a slot is kept for somebody who waited for it.
pub(super) fn offer() -> chrono::TimeDelta {
    Duration::seconds(i64::from(LONGEST))
}
