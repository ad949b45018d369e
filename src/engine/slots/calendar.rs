//! Bookings for other people's calendars: one as a file, and all of a resource as a feed under an
//! address that nobody can guess. A feed names no guest.

use chrono::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::resource;
use crate::{
    domain::{
        ids::{BookingId, ResourceId},
        policy::Permission,
        slot::{booking::Booking, calendar::Calendar, hold::Hold, resource::Resource},
        when::Instant,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
    store::record::{Filter, Sort, Stored},
};

/// How far back a feed goes.
const BACK: i64 = 30;
/// How far ahead a feed goes, in days.
const AHEAD: i64 = 366;
/// The most bookings of a feed.
const MOST: u32 = 5000;

/// A calendar as a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ics {
    /// The text, as `text/calendar`.
    pub ics: String,
}

/// Writes a booking as a calendar.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BookingCalendar {
    /// Which.
    pub booking_id: BookingId,
}

impl Operation for BookingCalendar {
    const NAME: &'static str = "slots.booking_calendar";
    const ABOUT: &'static str = "Write a booking as a calendar that other programs read.";
    const KIND: Kind = Kind::Query(Permission::ReadSlots);
    type Output = Ics;

    async fn perform(self, work: &mut Work<'_>) -> Result<Ics, Fault> {
        let found = work.find::<Booking, _>(self.booking_id).await?;
        let mut calendar = Calendar::new(None);
        calendar.booking(&found.record, found.updated_at, true);
        Ok(Ics {
            ics: calendar.finish(),
        })
    }
}

/// The unguessable part of a feed's address.
fn token(work: &Work<'_>, resource: &Resource) -> Result<String, Fault> {
    let what = format!("feed {} {}", resource.id, resource.feed);
    let name = work.desk().secret.name(work.tenant(), &what);
    name.ok_or_else(|| Fault::broken("a feed cannot be named"))
}

/// Shows where the feed of a resource is.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FeedAddress {
    /// Of which.
    pub resource_id: ResourceId,
}

/// Where a feed is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Feed {
    /// The path on this server, for whoever subscribes to it.
    pub path: String,
}

fn address(work: &Work<'_>, resource: &Resource) -> Result<Feed, Fault> {
    let token = token(work, resource)?;
    let (tenant, id) = (work.tenant(), resource.id);
    Ok(Feed {
        path: format!("/api/bookings/feeds/{tenant}/{id}/{token}.ics"),
    })
}

impl Operation for FeedAddress {
    const NAME: &'static str = "slots.feed_address";
    const ABOUT: &'static str =
        "Say where other people's calendars find the bookings of a resource.";
    const KIND: Kind = Kind::Query(Permission::ManageResources);
    type Output = Feed;

    async fn perform(self, work: &mut Work<'_>) -> Result<Feed, Fault> {
        let of = resource(work, self.resource_id).await?;
        address(work, &of.record)
    }
}

/// Gives the feed of a resource another address; the one before ends.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RotateFeed {
    /// Of which.
    pub resource_id: ResourceId,
}

impl Operation for RotateFeed {
    const NAME: &'static str = "slots.rotate_feed";
    const ABOUT: &'static str = "Give the feed of a resource another address; the one before ends.";
    const KIND: Kind = Kind::Command(Permission::ManageResources);
    type Output = Feed;

    async fn perform(self, work: &mut Work<'_>) -> Result<Feed, Fault> {
        let was = resource(work, self.resource_id).await?;
        let resource = Resource {
            feed: was.record.feed.wrapping_add(1),
            ..was.record.clone()
        };
        work.replace(&was, &resource)?;
        address(work, &resource)
    }
}

/// Reads the feed of a resource by its address.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReadFeed {
    /// Of which.
    pub resource_id: ResourceId,
    /// The unguessable part of its address.
    pub token: String,
}

impl Operation for ReadFeed {
    const NAME: &'static str = "slots.feed";
    const ABOUT: &'static str = "Read the feed of a resource by its address; guests are not named.";
    const KIND: Kind = Kind::Query(Permission::ReadSlots);
    type Output = Ics;

    async fn perform(self, work: &mut Work<'_>) -> Result<Ics, Fault> {
        let missing = || Fault::absent("feed", "");
        let of = work.get::<Resource>(&self.resource_id.to_string()).await?;
        let of = of.ok_or_else(missing)?.record;
        let expected = token(work, &of)?;
        let same = subtle::ConstantTimeEq::ct_eq(expected.as_bytes(), self.token.as_bytes());
        if !bool::from(same) {
            return Err(missing());
        }
        let now = work.now();
        let within = (now - Duration::days(BACK), now + Duration::days(AHEAD));
        let mut calendar = Calendar::new(Some(&of.card.name));
        for stored in those::<Booking>(work, of.id, within).await? {
            calendar.booking(&stored.record, stored.updated_at, false);
        }
        for stored in those::<Hold>(work, of.id, within).await? {
            if stored.record.is_kept(now) {
                calendar.hold(&stored.record, stored.updated_at);
            }
        }
        Ok(Ics {
            ics: calendar.finish(),
        })
    }
}

/// What of a resource begins in a stretch of time.
async fn those<R: crate::store::record::Record>(
    work: &Work<'_>,
    resource: ResourceId,
    within: (Instant, Instant),
) -> Result<Vec<Stored<R>>, Fault> {
    let filter = Filter {
        parent: Some(resource.to_string()),
        begins: Some(within),
        sort: Sort::Begins,
        limit: MOST,
        ..Filter::default()
    };
    work.list::<R>(&filter).await
}
