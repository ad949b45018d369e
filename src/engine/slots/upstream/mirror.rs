//! Writes down what was seen in a slot service: what can be booked, who has, what is gone there,
//! what was free last, and how the contact is. The engine's own; whoever asks has compared first,
//! so what has not changed is not written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{BOOKING, said};
use crate::{
    domain::{
        ids::{BookingId, ResourceId},
        policy::Permission,
        slot::{
            booking::{Booking, Status},
            resource::Resource,
            upstream::{
                booking_id, mirror, resource_id,
                shown::{ShownBooking, ShownResource},
                state::{Contact, Counts, LastSlots},
            },
        },
        when::{Instant, stored},
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
};

/// How many changes are written at once.
pub const MOST: usize = 50;
/// Under which name resources are told.
const RESOURCE: &str = "resource";

/// Writes down what was seen in a slot service; for the engine only.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MirrorSlots {
    /// What has changed.
    #[schemars(with = "serde_json::Value")]
    pub changes: Vec<Change>,
}

/// Something that has changed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Something that can be booked.
    Resource(Box<ShownResource>),
    /// A booking.
    Booking(Box<ShownBooking>),
    /// A resource that is not shown any more.
    LostResource {
        /// Which.
        id: ResourceId,
        /// Since when.
        since: Instant,
    },
    /// A booking that is not shown any more.
    LostBooking {
        /// Which.
        id: BookingId,
        /// Since when.
        since: Instant,
    },
    /// What was free of a resource.
    Offers(LastSlots),
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WroteSlots {
    /// How many changes.
    pub changes: usize,
}

impl Operation for MirrorSlots {
    const NAME: &'static str = "slots.mirror";
    const ABOUT: &'static str = "Write down what was seen in a slot service; for the engine only.";
    const KIND: Kind = Kind::Command(Permission::RunEngine);
    type Output = WroteSlots;

    async fn perform(self, work: &mut Work<'_>) -> Result<WroteSlots, Fault> {
        let changes = self.changes.len().min(MOST);
        for change in self.changes.into_iter().take(MOST) {
            match change {
                Change::Resource(shown) => resource(work, *shown).await?,
                Change::Booking(shown) => booking(work, *shown).await?,
                Change::LostResource { id, since } => lost_resource(work, id, since).await?,
                Change::LostBooking { id, since } => lost_booking(work, id, since).await?,
                Change::Offers(last) => {
                    match work.get::<LastSlots>(&last.resource.to_string()).await? {
                        Some(was) => work.replace(&was, &last)?,
                        None => work.create(&last)?,
                    }
                }
            }
        }
        work.about("slot_desk/slots");
        Ok(WroteSlots { changes })
    }
}

async fn resource(work: &mut Work<'_>, shown: ShownResource) -> Result<(), Fault> {
    let id = resource_id(work.tenant(), &shown.id).to_string();
    let known = work.get::<Resource>(&id).await?;
    let record = known.as_ref().map(|stored| &stored.record);
    let next = mirror::resource(work.tenant(), shown, record, work.now());
    if record == Some(&next) {
        return Ok(());
    }
    let name = next.card.name.clone();
    if let Some(known) = &known {
        work.replace(known, &next)?;
        work.tell("slots.resource_changed", RESOURCE, id, name);
    } else {
        work.create(&next)?;
        work.tell("slots.resource_found", RESOURCE, id, name);
    }
    Ok(())
}

async fn booking(work: &mut Work<'_>, shown: ShownBooking) -> Result<(), Fault> {
    let id = booking_id(work.tenant(), &shown.id).to_string();
    let of = resource_id(work.tenant(), &shown.resource).to_string();
    let known = work.get::<Booking>(&id).await?;
    let of = work.get::<Resource>(&of).await?;
    let record = known.as_ref().map(|stored| &stored.record);
    let of = of.as_ref().map(|stored| &stored.record);
    let next = mirror::booking(work.tenant(), shown, (record, of), work.now());
    if record == Some(&next) {
        return Ok(());
    }
    let line = said(&next);
    let Some(known) = known else {
        work.create(&next)?;
        work.tell("slots.found", BOOKING, id, line);
        return Ok(());
    };
    work.replace(&known, &next)?;
    let event = match (known.record.status, next.status) {
        (before, after) if before == after => "slots.changed",
        (_, Status::Cancelled) => "slots.cancelled",
        (_, Status::NoShow) => "slots.no_show",
        (_, Status::Completed) => "slots.completed",
        (_, Status::Confirmed) => "slots.restored",
    };
    work.tell(event, BOOKING, id, line);
    Ok(())
}

async fn lost_resource(work: &mut Work<'_>, id: ResourceId, since: Instant) -> Result<(), Fault> {
    let Some(was) = work.get::<Resource>(&id.to_string()).await? else {
        return Ok(());
    };
    let mut next = was.record.clone();
    let Some(known) = next.upstream.as_deref_mut() else {
        return Ok(());
    };
    known.missing_since = known.missing_since.or(Some(since));
    // What is not shown there cannot be booked there.
    next.is_active = false;
    work.replace(&was, &next)?;
    work.tell(
        "slots.resource_gone",
        RESOURCE,
        id.to_string(),
        next.card.name,
    );
    Ok(())
}

async fn lost_booking(work: &mut Work<'_>, id: BookingId, since: Instant) -> Result<(), Fault> {
    let Some(was) = work.get::<Booking>(&id.to_string()).await? else {
        return Ok(());
    };
    let mut next = was.record.clone();
    let Some(known) = next.upstream.as_deref_mut() else {
        return Ok(());
    };
    known.missing_since = known.missing_since.or(Some(since));
    work.replace(&was, &next)?;
    let line = format!(
        "{}: the slot service does not show it any more; it is kept here",
        said(&next)
    );
    work.tell("slots.gone_upstream", BOOKING, id.to_string(), line);
    Ok(())
}

/// Notes how the contact with a slot service is; for the engine only.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NoteSlotContact {
    /// Why it cannot be reached, when it cannot.
    pub trouble: Option<String>,
    /// What was counted, when it was reached.
    #[schemars(with = "serde_json::Value")]
    pub counts: Option<Counts>,
}

impl Operation for NoteSlotContact {
    const NAME: &'static str = "slots.note_contact";
    const ABOUT: &'static str = "Note how the contact with a slot service is; for the engine only.";
    const KIND: Kind = Kind::Command(Permission::RunEngine);
    type Output = WroteSlots;

    async fn perform(self, work: &mut Work<'_>) -> Result<WroteSlots, Fault> {
        let was = work.get::<Contact>(Contact::ID).await?;
        let known = was.as_ref().map(|stored| &stored.record);
        let reached = self.trouble.is_none();
        let turned = known.is_none_or(|known| known.trouble.is_none() != reached);
        let next = Contact {
            // Another reason is no other time.
            since: known
                .filter(|_| !turned)
                .map_or(stored(work.now()), |known| known.since),
            counts: self
                .counts
                .or(known.map(|known| known.counts))
                .unwrap_or_default(),
            trouble: self.trouble,
        };
        if known == Some(&next) {
            return Ok(WroteSlots { changes: 0 });
        }
        match &was {
            Some(was) => work.replace(was, &next)?,
            None => work.create(&next)?,
        }
        if turned {
            let name = if reached {
                "slots.upstream_reached"
            } else {
                "slots.upstream_unreached"
            };
            let detail = next.trouble.unwrap_or_else(|| "it answers".into());
            work.tell(name, "slot_desk", Contact::ID, detail);
        }
        Ok(WroteSlots { changes: 1 })
    }
}
