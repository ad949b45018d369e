//! Slots that live in another company's slot service: mirrored here, what is free asked there,
//! and what is sent there kept before it leaves. The operations of the desk are the same wherever
//! its slots live; what the other side does not offer is refused in words.

pub mod begin;
pub mod carry;
pub mod desk;
pub mod errands;
mod look;
pub mod mirror;
pub mod mirrored;
pub mod offers;
pub mod places;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        booking::upstream::differ::Disagreement,
        slot::{
            booking::Booking,
            upstream::{Elsewhere, disagreements},
        },
        when::rfc3339,
    },
    engine::{
        fault::{Fault, FaultKind},
        upstream::second,
        work::Work,
    },
};

/// The kind of the reconciler that follows what is there.
pub const FOLLOW: &str = "follow_slots";
/// The kind of the reconciler that sees to what was left on its way.
pub const SEND: &str = "send_slots";
/// What the follower's task of a tenant is about.
pub const DESK: &str = "slots";

/// Where the truth about a resource or a booking lives, where that is elsewhere.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "SlotUpstream")]
pub struct Whereabouts {
    /// Its id there, once it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Under which id something is on its way there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_its_way: Option<String>,
    /// When what is shown here changed there last, as far as it was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<String>,
    /// Since when it is not shown there any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing_since: Option<String>,
    /// Where what was asked and what is shown are not the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disagreements: Vec<Disagreement>,
}

impl Whereabouts {
    /// Of something that lives elsewhere.
    #[must_use]
    pub fn of(known: &Elsewhere) -> Self {
        Self {
            id: Some(known.id.clone()),
            on_its_way: None,
            seen_at: Some(rfc3339(known.seen_at)),
            missing_since: known.missing_since.map(rfc3339),
            disagreements: Vec::new(),
        }
    }

    /// Of a booking, if it lives elsewhere.
    #[must_use]
    pub fn of_booking(booking: &Booking) -> Option<Self> {
        let known = booking.upstream.as_deref()?;
        Some(Self {
            disagreements: disagreements(booking),
            ..Self::of(known)
        })
    }

    /// Of something that is on its way there.
    #[must_use]
    pub fn on_its_way(errand: &str) -> Self {
        Self {
            on_its_way: Some(errand.to_owned()),
            ..Self::default()
        }
    }

    /// What people should know, each in a line.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        let mut said = Vec::new();
        if let Some(id) = &self.id {
            said.push(format!("lives in the slot service as {id}"));
        }
        if let Some(since) = &self.missing_since {
            let since = second(since);
            said.push(format!(
                "not shown there since {since}; kept here as it was last seen"
            ));
        }
        let differ = self.disagreements.iter().map(Disagreement::sentence);
        said.extend(differ.map(|one| format!("disagrees: {one}")));
        said
    }
}

/// What people call the slot service of the tenant.
fn name(work: &Work<'_>) -> String {
    let place = work.desk().slot_services.of(work.tenant());
    place.map_or_else(|| "the slot service".to_owned(), |place| place.name.clone())
}

/// Refuses what the other side does not offer.
pub(super) fn not_offered(work: &Work<'_>, why: &str, hint: &str) -> Fault {
    let message = format!("{} does not offer this: {why}", name(work));
    Fault::wrong_state("NOT_OFFERED", message).hint(hint)
}

/// Says that the other side cannot be asked now.
fn unreached(name: &str, why: &str) -> Fault {
    let message = format!("{name} cannot be asked now ({why}); nothing was sent");
    Fault::new(FaultKind::Busy, "UPSTREAM_UNREACHED", message)
        .hint("ask again in a moment, under a new key; slots.desk tells since when it is so")
}

/// Says that what lives in a slot service cannot be reached, because none is set up any more.
fn not_set_up() -> Fault {
    let message = "this lives in a slot service, and none is set up for this tenant any more";
    Fault::wrong_state("UPSTREAM_NOT_SET_UP", message)
        .hint("set it up again with [desks.TENANT.slots]")
}
