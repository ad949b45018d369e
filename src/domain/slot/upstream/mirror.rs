//! Makes of what a slot service shows what stands here for it. Taken over twice it changes
//! nothing. What only we know of it, its feed and what was asked from here, is kept.

use super::{
    Elsewhere, booking_id, lead_id, resource_id,
    shown::{ShownBooking, ShownResource},
};
use crate::domain::{
    ids::TenantId,
    slot::{
        booking::{Booking, Status},
        resource::Resource,
    },
    when::{Instant, stored},
    zone::Zone,
};

/// The resource that stands here for one there.
#[must_use]
pub fn resource(
    tenant: &TenantId,
    shown: ShownResource,
    known: Option<&Resource>,
    now: Instant,
) -> Resource {
    let digest = shown.digest();
    let id = resource_id(tenant, &shown.id);
    let before = known.and_then(|known| known.upstream.as_deref());
    Resource {
        id,
        upstream: Some(Box::new(seen(shown.id, digest, None, (before, now)))),
        card: shown.card,
        schedule: shown.schedule,
        is_active: shown.is_active,
        published: shown.published,
        feed: known.map_or(1, |known| known.feed),
        created_at: known.map_or(stored(now), |known| known.created_at),
    }
}

/// The booking that stands here for one there, of what stands for its resource, where that is
/// known.
#[must_use]
pub fn booking(
    tenant: &TenantId,
    shown: ShownBooking,
    (known, of): (Option<&Booking>, Option<&Resource>),
    now: Instant,
) -> Booking {
    let digest = shown.digest();
    let resource = resource_id(tenant, &shown.resource);
    let before = known.and_then(|known| known.upstream.as_deref());
    let name = Some(shown.resource_name).filter(|name| !name.is_empty());
    let lasts = of.map_or(60, |of| of.schedule.default_duration_minutes);
    let usual = shown.starts_at + chrono::Duration::minutes(lasts.into());
    let called_off = known.and_then(|known| known.cancelled_at);
    // Calendars that know it have to see that it is another one.
    let turned = known.is_some_and(|known| {
        known.starts_at != stored(shown.starts_at) || known.status != shown.status
    });
    let is_settled = matches!(shown.status, Status::NoShow | Status::Completed);
    let settled_at = known.and_then(|known| known.settled_at);
    let is_off = shown.status == Status::Cancelled;
    let lead = match &*shown.lead {
        "" => shown.guest.lead(tenant),
        lead => lead_id(tenant, lead),
    };
    Booking {
        id: booking_id(tenant, &shown.id),
        resource,
        resource_name: name
            .or_else(|| of.map(|of| of.card.name.clone()))
            .unwrap_or_else(|| shown.resource.clone()),
        timezone: of.map_or(Zone::UTC, |of| of.schedule.timezone),
        status: shown.status,
        starts_at: stored(shown.starts_at),
        ends_at: stored(if shown.ends_at > shown.starts_at {
            shown.ends_at
        } else {
            usual
        }),
        seats: 1,
        guest: shown.guest,
        lead,
        sequence: known.map_or(0, |known| known.sequence) + u32::from(turned),
        created_at: shown
            .created_at
            .or_else(|| known.map(|known| known.created_at))
            .map_or(stored(now), stored),
        cancelled_at: is_off.then(|| {
            shown
                .cancelled_at
                .or(called_off)
                .map_or(stored(now), stored)
        }),
        settled_at: is_settled.then(|| settled_at.unwrap_or(stored(now))),
        moved_from: None,
        upstream: Some(Box::new(seen(shown.id, digest, shown.word, (before, now)))),
        asked: known.and_then(|known| known.asked.clone()),
    }
}

/// What is known of a counterpart: when it changed is when another digest was seen.
fn seen(
    id: String,
    digest: String,
    word: Option<String>,
    (before, now): (Option<&Elsewhere>, Instant),
) -> Elsewhere {
    let same = before.filter(|before| before.digest == digest);
    Elsewhere {
        id,
        digest,
        word,
        seen_at: same.map_or(stored(now), |before| before.seen_at),
        missing_since: None,
    }
}
