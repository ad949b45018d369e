//! Resources, slots, bookings and holds as they are shown, in the names of the Slots API: times by
//! the clock of the place.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    domain::{
        ids::{BookingId, HoldId, LeadId, ResourceId, WaitingId},
        slot::{
            booking::{Booking, Status},
            hold::Hold,
            resource::{Card, Resource},
            schedule::Schedule,
            timetable::Slot,
            token::{Sealer, SlotId},
            waiting::Waiting,
            zone::written,
        },
        when::{Instant, rfc3339},
    },
    engine::{
        fault::Fault,
        slots::{cut, upstream::Whereabouts},
    },
    store::record::Stored,
};

/// Something that can be booked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResourceView {
    /// Its id.
    pub id: ResourceId,
    /// What it is, and where.
    #[serde(flatten)]
    pub card: Card,
    /// When and how it can be booked.
    #[serde(flatten)]
    pub schedule: Schedule,
    /// Whether it can be booked.
    pub is_active: bool,
    /// Whether everybody may see it.
    pub published: bool,
    /// How often it was written.
    pub revision: i64,
    /// When it was made.
    pub created_at: String,
    /// When it was written last.
    pub updated_at: String,
    /// Where its truth lives, where that is elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream: Option<Whereabouts>,
}

impl ResourceView {
    /// As it is stored.
    #[must_use]
    pub fn of(stored: &Stored<Resource>) -> Self {
        Self::with(&stored.record, stored.revision, stored.updated_at)
    }

    /// Of this revision.
    #[must_use]
    pub fn with(resource: &Resource, revision: i64, updated_at: Instant) -> Self {
        Self {
            id: resource.id,
            card: resource.card.clone(),
            schedule: resource.schedule.clone(),
            is_active: resource.is_active,
            published: resource.published,
            revision,
            created_at: rfc3339(resource.created_at),
            updated_at: rfc3339(updated_at),
            upstream: resource.upstream.as_deref().map(Whereabouts::of),
        }
    }
}

/// A slot that can be booked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SlotView {
    /// By which it is booked.
    pub slot_id: String,
    /// Of what.
    pub resource_id: ResourceId,
    /// When it begins.
    pub starts_at: String,
    /// When it is over.
    pub ends_at: String,
    /// How many more can book it.
    pub remaining: u32,
    /// How many it serves at once.
    pub capacity: u32,
}

/// Shows the slots of one resource.
pub struct Shown<'a> {
    resource: &'a Resource,
    revision: u32,
    sealer: Sealer,
}

impl<'a> Shown<'a> {
    /// Under the key that names slots now.
    ///
    /// # Errors
    /// When there is none.
    pub fn of(
        stored: &'a Stored<Resource>,
        keys: &[crate::domain::slot::token::SlotKey],
    ) -> Result<Self, Fault> {
        let sealer = keys.first().and_then(Sealer::new);
        Ok(Self {
            resource: &stored.record,
            revision: cut(stored.revision),
            sealer: sealer.ok_or_else(|| Fault::broken("no key for the names of slots"))?,
        })
    }

    /// A slot as it is shown.
    #[must_use]
    pub fn slot(&self, slot: &Slot) -> SlotView {
        let zone = self.resource.schedule.timezone;
        let id = SlotId {
            resource: self.resource.id,
            start: slot.span.start,
            minutes: u16::try_from(slot.span.minutes()).unwrap_or(u16::MAX),
            revision: self.revision,
        };
        SlotView {
            slot_id: self.sealer.seal(&id),
            resource_id: self.resource.id,
            starts_at: written(zone, slot.span.start),
            ends_at: written(zone, slot.span.end),
            remaining: slot.remaining,
            capacity: slot.capacity,
        }
    }
}

/// A slot that somebody has booked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BookingView {
    /// Its id.
    pub id: BookingId,
    /// What became of it.
    pub status: Status,
    /// What was booked.
    pub resource_id: ResourceId,
    /// What it was called then.
    pub resource_name: String,
    /// The guest's number.
    pub lead_id: LeadId,
    /// When it begins.
    pub starts_at: String,
    /// When it is over.
    pub ends_at: String,
    /// Whose clock hangs on its wall.
    pub timezone: String,
    /// How many come together.
    pub party_size: u32,
    /// The guest's first name.
    pub first_name: String,
    /// The guest's last name.
    pub last_name: String,
    /// Where to write to the guest.
    pub email: String,
    /// Where to call the guest.
    pub phone: Option<String>,
    /// What else the guest said.
    pub notes: Option<String>,
    /// What the guest is interested in.
    pub interest: Option<String>,
    /// Where the booking came from.
    pub source: Option<Value>,
    /// When it was made.
    pub created_at: String,
    /// When it was written last.
    pub updated_at: String,
    /// When it was called off.
    pub cancelled_at: Option<String>,
    /// When it was said that the guest came, or did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled_at: Option<String>,
    /// How often it was moved or called off.
    pub sequence: u32,
    /// Where its truth lives, where that is elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream: Option<Whereabouts>,
}

impl BookingView {
    /// As it is stored.
    #[must_use]
    pub fn of(stored: &Stored<Booking>) -> Self {
        Self::at(&stored.record, stored.updated_at)
    }

    /// As it was written then.
    #[must_use]
    pub fn at(booking: &Booking, updated_at: Instant) -> Self {
        let Booking {
            guest, timezone, ..
        } = booking;
        Self {
            id: booking.id,
            status: booking.status,
            resource_id: booking.resource,
            resource_name: booking.resource_name.clone(),
            lead_id: booking.lead,
            starts_at: written(*timezone, booking.starts_at.timestamp()),
            ends_at: written(*timezone, booking.ends_at.timestamp()),
            timezone: timezone.to_string(),
            party_size: booking.seats,
            first_name: guest.first_name.clone(),
            last_name: guest.last_name.clone(),
            email: guest.email.clone(),
            phone: guest.phone.clone(),
            notes: guest.notes.clone(),
            interest: guest.interest.clone(),
            source: guest.source.clone(),
            created_at: rfc3339(booking.created_at),
            updated_at: rfc3339(updated_at),
            cancelled_at: booking.cancelled_at.map(rfc3339),
            settled_at: booking.settled_at.map(rfc3339),
            sequence: booking.sequence,
            upstream: Whereabouts::of_booking(booking),
        }
    }
}

/// A slot that is kept for somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HoldView {
    /// Its id.
    pub id: HoldId,
    /// What became of it: `held`, `booked`, `released` or `expired`.
    pub status: String,
    /// Of what.
    pub resource_id: ResourceId,
    /// What it is called.
    pub resource_name: String,
    /// When the slot begins.
    pub starts_at: String,
    /// When the slot is over.
    pub ends_at: String,
    /// How many come together.
    pub party_size: u32,
    /// Until when it is kept.
    pub expires_at: String,
    /// Whether it was kept longer once.
    pub extended: bool,
    /// For whom of those who wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_id: Option<WaitingId>,
}

impl HoldView {
    /// As it stands at a moment.
    #[must_use]
    pub fn at(hold: &Hold, now: Instant) -> Self {
        use crate::domain::slot::hold::State;
        let state = match hold.state {
            State::Held if !hold.is_kept(now) => State::Expired,
            state => state,
        };
        Self {
            id: hold.id,
            status: state.name().to_owned(),
            resource_id: hold.resource,
            resource_name: hold.resource_name.clone(),
            starts_at: written(hold.timezone, hold.starts_at.timestamp()),
            ends_at: written(hold.timezone, hold.ends_at.timestamp()),
            party_size: hold.seats,
            expires_at: rfc3339(hold.until),
            extended: hold.extended,
            waiting_id: hold.waiting,
        }
    }
}

/// Somebody who waits for a slot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WaitingView {
    /// Its id.
    pub id: WaitingId,
    /// What became of it: `waiting`, `offered`, `booked` or `gone`.
    pub status: String,
    /// For what.
    pub resource_id: ResourceId,
    /// When the slot begins.
    pub starts_at: String,
    /// How many come together.
    pub party_size: u32,
    /// The guest's first name.
    pub first_name: String,
    /// The guest's last name.
    pub last_name: String,
    /// Where to write to the guest.
    pub email: String,
    /// Since when.
    pub since: String,
    /// The hold that was made, once the slot was free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold_id: Option<HoldId>,
}

impl WaitingView {
    /// As the clock of the place has it.
    #[must_use]
    pub fn of(waiting: &Waiting, zone: crate::domain::zone::Zone) -> Self {
        Self {
            id: waiting.id,
            status: waiting.state.name().to_owned(),
            resource_id: waiting.resource,
            starts_at: written(zone, waiting.starts_at.timestamp()),
            party_size: waiting.seats,
            first_name: waiting.guest.first_name.clone(),
            last_name: waiting.guest.last_name.clone(),
            email: waiting.guest.email.clone(),
            since: rfc3339(waiting.since),
            hold_id: waiting.hold,
        }
    }
}
