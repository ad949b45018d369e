//! The steps of what is sent to a slot service, one commit each: it leaves, nobody knows, it was
//! done and read back, somebody else had it, or it was refused. The engine's own. A mark is kept
//! before anything leaves, so that whoever goes on looks before anybody sends again.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    super::{BOOKING, said},
    offers::{nearest, views},
};
use crate::{
    domain::{
        ids::BookingId,
        policy::Permission,
        slot::{
            booking::{Booking, Status},
            resource::Resource,
            upstream::{
                Asked, booking_id,
                errand::{Errand, State, What, Wish},
                mirror, resource_id,
                shown::{ShownBooking, ShownResource, ShownSlot},
            },
        },
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
};

/// Reads something on its way; for the engine only.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadErrand {
    /// Which.
    pub errand: BookingId,
}

/// Something on its way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Underway {
    /// As it is kept.
    #[schemars(with = "serde_json::Value")]
    pub errand: Errand,
}

impl Operation for ReadErrand {
    const NAME: &'static str = "slots.errand";
    const ABOUT: &'static str = "Read what is on its way to a slot service; for the engine only.";
    const KIND: Kind = Kind::Query(Permission::RunEngine);
    type Output = Underway;

    async fn perform(self, work: &mut Work<'_>) -> Result<Underway, Fault> {
        let errand = work.find::<Errand, _>(self.errand).await?.record;
        Ok(Underway { errand })
    }
}

/// Takes a step of something on its way; for the engine only.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeErrandStep {
    /// Of what.
    pub errand: BookingId,
    /// Which step.
    #[schemars(with = "serde_json::Value")]
    pub step: Step,
    /// Whether it was decided upon before anything was sent, and is void once something was.
    #[serde(default)]
    pub unsent: bool,
}

/// A step.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// It is about to be sent.
    Leaves,
    /// Nobody knows whether it arrived.
    Lost(String),
    /// It is booked, and this is what is shown of it.
    Booked {
        /// As it is shown.
        shown: Box<ShownBooking>,
        /// Whether it was only found by what it is like.
        found: bool,
    },
    /// It was said to be called off, and this is what is shown of it.
    Cancelled(Box<ShownBooking>),
    /// The resource is as it is shown.
    Written(Box<ShownResource>),
    /// Somebody else has the slot.
    Taken {
        /// What is said of it.
        words: String,
        /// The name of the reason.
        code: Option<String>,
        /// What is free instead.
        alternatives: Vec<ShownSlot>,
    },
    /// It was not done, for this reason.
    Refused(Value),
}

/// Something moved on while this was on its way.
fn late() -> Fault {
    Fault::conflict("MOVED_ON", "this has moved on")
}

/// A fault as it is kept.
pub(super) fn written(fault: &Fault) -> Value {
    serde_json::to_value(fault).unwrap_or_else(|_| json!({}))
}

impl Operation for TakeErrandStep {
    const NAME: &'static str = "slots.errand_step";
    const ABOUT: &'static str = "Take a step of sending to a slot service; for the engine only.";
    const KIND: Kind = Kind::Command(Permission::RunEngine);
    type Output = Underway;

    async fn perform(self, work: &mut Work<'_>) -> Result<Underway, Fault> {
        let stored = work.find::<Errand, _>(self.errand).await?;
        let mut errand = stored.record.clone();
        let (sent_at, kept) = (errand.sent_at(), errand.state == State::Kept);
        if self.unsent && !kept {
            return Err(late());
        }
        errand.state = match (self.step, sent_at) {
            (Step::Leaves, None) if kept => State::Left { at: work.now() },
            (Step::Refused(fault), sent) if kept || sent.is_some() => State::Refused { fault },
            (
                Step::Taken {
                    words,
                    code,
                    alternatives,
                },
                sent,
            ) if kept || sent.is_some() => {
                let fault = taken(work, &errand, (words, code, alternatives)).await?;
                State::Refused {
                    fault: written(&fault),
                }
            }
            (Step::Lost(why), Some(at)) => {
                let detail = format!("{}: {why}", errand.line());
                work.tell("slots.unanswered", BOOKING, errand.id.to_string(), detail);
                State::Lost { at, why }
            }
            (Step::Booked { shown, found }, Some(_)) => {
                booked(work, &errand, *shown, found).await?
            }
            (Step::Cancelled(shown), Some(_)) => cancelled(work, &errand, *shown).await?,
            (Step::Written(shown), Some(_)) => resource(work, *shown).await?,
            _ => return Err(late()),
        };
        work.about(format!("slot_errand/{}", errand.id));
        work.replace(&stored, &errand)?;
        Ok(Underway { errand })
    }
}

fn wish(errand: &Errand) -> Result<&Wish, Fault> {
    match &errand.what {
        What::Book(wish) => Ok(wish),
        _ => Err(late()),
    }
}

/// Writes down what is booked.
async fn booked(
    work: &mut Work<'_>,
    errand: &Errand,
    shown: ShownBooking,
    found: bool,
) -> Result<State, Fault> {
    let wish = wish(errand)?;
    let id = booking_id(work.tenant(), &shown.id).to_string();
    let known = work.get::<Booking>(&id).await?;
    if found && known.is_some() {
        // That one was known before, or stands for another one that was sent.
        return Err(Fault::conflict(
            "LINKED",
            "another booking here stands for that one",
        ));
    }
    let of = work.get::<Resource>(&wish.resource.to_string()).await?;
    let record = known.as_ref().map(|stored| &stored.record);
    let of = of.as_ref().map(|stored| &stored.record);
    let mut booking = mirror::booking(work.tenant(), shown, (record, of), work.now());
    booking.asked = Some(Box::new(Asked {
        starts_at: Some(crate::domain::slot::span::instant(wish.start)),
        guest: Some(wish.guest.clone()),
        cancelled: false,
    }));
    match &known {
        Some(known) => work.replace(known, &booking)?,
        None => work.create(&booking)?,
    }
    work.tell("slots.confirmed", BOOKING, id.clone(), said(&booking));
    Ok(State::Done { object: id })
}

/// Writes down what is shown of a booking that was said to be called off.
async fn cancelled(
    work: &mut Work<'_>,
    errand: &Errand,
    shown: ShownBooking,
) -> Result<State, Fault> {
    let What::Cancel { booking, .. } = &errand.what else {
        return Err(late());
    };
    let was = work.find::<Booking, _>(*booking).await?;
    let of = work
        .get::<Resource>(&was.record.resource.to_string())
        .await?;
    let of = of.as_ref().map(|stored| &stored.record);
    let mut now = mirror::booking(work.tenant(), shown, (Some(&was.record), of), work.now());
    let mut asked = was.record.asked.as_deref().cloned().unwrap_or(Asked {
        starts_at: None,
        guest: None,
        cancelled: false,
    });
    asked.cancelled = true;
    now.asked = Some(Box::new(asked));
    let is_off = now.status == Status::Cancelled;
    work.replace(&was, &now)?;
    let (id, line) = (now.id.to_string(), said(&now));
    if is_off {
        work.tell("slots.cancelled", BOOKING, id.clone(), line);
        return Ok(State::Done { object: id });
    }
    let name = super::name(work);
    let message = format!(
        "{name} answered that it is called off, and still shows it as {}",
        now.status.words()
    );
    work.tell(
        "slots.not_applied",
        BOOKING,
        id,
        format!("{line}: {message}"),
    );
    let fault = Fault::conflict("NOT_APPLIED", message);
    Ok(State::Refused {
        fault: written(&fault.hint("look there; what is shown here follows it")),
    })
}

/// Writes down what is shown of a resource.
async fn resource(work: &mut Work<'_>, shown: ShownResource) -> Result<State, Fault> {
    let id = resource_id(work.tenant(), &shown.id).to_string();
    let known = work.get::<Resource>(&id).await?;
    let record = known.as_ref().map(|stored| &stored.record);
    let next = mirror::resource(work.tenant(), shown, record, work.now());
    let name = next.card.name.clone();
    let event = if let Some(known) = &known {
        work.replace(known, &next)?;
        "slots.resource_changed"
    } else {
        work.create(&next)?;
        "slots.resource_created"
    };
    work.tell(event, "resource", id.clone(), name);
    Ok(State::Done { object: id })
}

/// That somebody else has the slot, and what is free instead, as our own desk says it.
async fn taken(
    work: &Work<'_>,
    errand: &Errand,
    (words, code, alternatives): (String, Option<String>, Vec<ShownSlot>),
) -> Result<Fault, Fault> {
    let wish = wish(errand)?;
    let code = code.unwrap_or_else(|| "SLOT_TAKEN".to_owned());
    let mut fault = Fault::conflict(&code, format!("{} says: {words}", super::name(work)));
    let of = work.find::<Resource, _>(wish.resource).await?;
    let others = nearest(&alternatives, wish.start);
    if !others.is_empty() {
        fault = fault.hint("one of the alternatives is free");
    }
    let others = views(work, &of, &others).await?;
    Ok(fault
        .with("remaining", 0)
        .with("alternatives", json!(others)))
}
