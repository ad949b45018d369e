//! What can be booked, and who has, where that lives in another company's slot service: which of
//! ours stands for which of theirs, what was asked from here and what is shown there, and what is
//! on its way. Refuses to guess: what the other side did not show stays as it is.

pub mod errand;
pub mod mirror;
pub mod shown;
pub mod state;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    booking::{Booking, Status},
    guest::Guest,
    zone::written,
};
use crate::domain::{
    booking::upstream::differ::Disagreement,
    ids::{BookingId, LeadId, ResourceId, TenantId},
    when::Instant,
};

/// The make that is known.
pub const SLOT_SERVICE: &str = "slot-service";
/// The longest id of another side that is followed.
pub const LONGEST_ID: usize = 200;

/// Its counterpart in a slot service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Elsewhere {
    /// Its id there.
    pub id: String,
    /// What was shown of it, as a digest.
    pub digest: String,
    /// The word for its status there, where that is none of ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub word: Option<String>,
    /// When what is known of it changed last, as far as it was seen.
    pub seen_at: Instant,
    /// Since when the other side does not show it any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing_since: Option<Instant>,
}

/// What was asked from here of a booking that lives elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    /// When it was to begin, where it was booked from here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<Instant>,
    /// For whom, where it was booked from here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guest: Option<Guest>,
    /// Whether it was called off from here, and the other side agreed.
    #[serde(default)]
    pub cancelled: bool,
}

/// What a list has to know of something that lives elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Its id there.
    pub id: String,
    /// What was shown of it, as a digest.
    pub digest: String,
    /// Whether the other side does not show it any more.
    #[serde(default)]
    pub gone: bool,
    /// In how many ways asked and shown are not the same.
    #[serde(default)]
    pub differs: usize,
}

/// The id here of something there: its own where that is one in shape, so that people find it by
/// either; else one that always comes out the same.
fn local(tenant: &TenantId, what: &str, remote: &str) -> Uuid {
    let own = (remote.len() == 36).then(|| Uuid::try_parse(remote).ok());
    own.flatten().unwrap_or_else(|| {
        let space = Uuid::new_v5(&Uuid::NAMESPACE_DNS, tenant.as_str().as_bytes());
        Uuid::new_v5(&space, format!("slots/{what}/{remote}").as_bytes())
    })
}

/// The id here of a resource there.
#[must_use]
pub fn resource_id(tenant: &TenantId, remote: &str) -> ResourceId {
    local(tenant, "resource", remote).into()
}

/// The id here of a booking there.
#[must_use]
pub fn booking_id(tenant: &TenantId, remote: &str) -> BookingId {
    local(tenant, "booking", remote).into()
}

/// The id here of a guest there.
#[must_use]
pub fn lead_id(tenant: &TenantId, remote: &str) -> LeadId {
    local(tenant, "lead", remote).into()
}

impl Mark {
    /// Of a booking, if it lives elsewhere.
    #[must_use]
    pub fn of(booking: &Booking) -> Option<Self> {
        let known = booking.upstream.as_deref()?;
        Some(Self {
            differs: disagreements(booking).len(),
            ..Self::plain(known)
        })
    }

    /// Of something that nothing was asked of.
    #[must_use]
    pub fn plain(known: &Elsewhere) -> Self {
        Self {
            id: known.id.clone(),
            digest: known.digest.clone(),
            gone: known.missing_since.is_some(),
            differs: 0,
        }
    }
}

/// Where what was asked of a booking and what is shown of it are not the same.
#[must_use]
pub fn disagreements(booking: &Booking) -> Vec<Disagreement> {
    let Some(known) = booking.upstream.as_deref() else {
        return Vec::new();
    };
    let mut all = Vec::new();
    let mut differ = |about: &str, asked: String, shown: String| {
        if asked != shown {
            all.push(Disagreement {
                about: about.to_owned(),
                asked,
                shown,
            });
        }
    };
    if let Some(word) = &known.word {
        let asked = "a status that is known here".to_owned();
        differ("status", asked, crate::domain::text::echo(word));
    }
    let Some(asked) = booking.asked.as_deref() else {
        return all;
    };
    if let Some(at) = asked.starts_at {
        let by = |at: Instant| written(booking.timezone, at.timestamp());
        differ("begins", by(at), by(booking.starts_at));
    }
    if let Some(guest) = &asked.guest {
        let shown = &booking.guest;
        differ("guest", guest.name(), shown.name());
        let lower = |email: &str| email.to_lowercase();
        differ("email", lower(&guest.email), lower(&shown.email));
        let told = |text: &Option<String>| text.clone().unwrap_or_else(|| "none".to_owned());
        differ("phone", told(&guest.phone), told(&shown.phone));
        differ("notes", told(&guest.notes), told(&shown.notes));
    }
    if asked.cancelled && booking.status != Status::Cancelled {
        let shown = booking.status.words().to_owned();
        differ("status", "cancelled".to_owned(), shown);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_thing_there_has_the_same_id_here() {
        let main: TenantId = "main".parse().expect("a tenant");
        let other: TenantId = "other".parse().expect("a tenant");
        let own = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
        assert_eq!(resource_id(&main, own).to_string(), own);
        let strange = "res-uuid-001";
        assert_eq!(resource_id(&main, strange), resource_id(&main, strange));
        assert_ne!(resource_id(&main, strange), resource_id(&other, strange));
        let (resource, booking) = (resource_id(&main, strange), booking_id(&main, strange));
        assert_ne!(resource.to_string(), booking.to_string());
    }
}
