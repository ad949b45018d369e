//! Lists bookings of slots, and shows one.

use chrono::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{book::Booked, resource, view::BookingView};
use crate::{
    domain::{
        ids::{BookingId, LeadId, ResourceId},
        policy::Permission,
        problem::{Code, Problem},
        slot::{
            booking::{Booking, Status},
            range::{is_day, moment},
            span::instant,
            zone::{day_of, midnight, shifted},
        },
        when::Instant,
        zone::Zone,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
    store::record::{Filter, Sort},
};

/// How many are listed where nobody says.
const USUAL: u32 = 100;
/// How many are listed at most.
const MOST: u32 = 500;

/// Lists bookings, by when they begin.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct ListBookings {
    /// Only of this resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_id: Option<ResourceId>,
    /// Only these: `confirmed`, `cancelled`, `no_show` or `completed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Only of this guest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead_id: Option<LeadId>,
    /// Only those that begin on or after this day or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Only those that begin on or before this day or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Only those in whose names or addresses this stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// At most so many; 100 where it is not said, and 500 at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Only what comes behind so many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<u32>,
}

/// Bookings, by when they begin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BookingList {
    /// The bookings.
    pub data: Vec<BookingView>,
    /// How many there are in all.
    pub total: i64,
    /// How many are listed at most.
    pub limit: u32,
    /// How many come before these.
    pub offset: u32,
}

/// How many are listed, if that many are.
pub(super) fn page_of(limit: Option<u32>, usual: u32, most: u32) -> Result<u32, Fault> {
    let limit = limit.unwrap_or(usual);
    if (1..=most).contains(&limit) {
        return Ok(limit);
    }
    let said = format!("is {limit}; it must be from 1 to {most}");
    Err(Fault::field(Problem::new(
        "limit",
        Code::new("INVALID_LIMIT"),
        said,
    )))
}

/// The end of a stretch of time that has this day or instant in it.
fn through(zone: Zone, text: &str) -> Result<Instant, Fault> {
    let at = moment(zone, "to", text).map_err(Fault::field)?;
    let end = if is_day(text) {
        midnight(zone, shifted(day_of(zone, at), 1))
    } else {
        at + 1
    };
    Ok(instant(end))
}

impl Operation for ListBookings {
    const NAME: &'static str = "slots.bookings";
    const ABOUT: &'static str = "List bookings of slots, by when they begin.";
    const KIND: Kind = Kind::Query(Permission::ReadSlots);
    type Output = BookingList;

    async fn perform(self, work: &mut Work<'_>) -> Result<BookingList, Fault> {
        let limit = page_of(self.limit, USUAL, MOST)?;
        let offset = self.offset.unwrap_or(0);
        // Days are those of the place, where one is named.
        let zone = match self.resource_id {
            Some(id) => resource(work, id).await?.record.schedule.timezone,
            None => Zone::UTC,
        };
        let from = match self.from.as_deref() {
            Some(text) => instant(moment(zone, "from", text).map_err(Fault::field)?),
            None => Instant::UNIX_EPOCH + Duration::seconds(1),
        };
        let until = match self.to.as_deref() {
            Some(text) => through(zone, text)?,
            None => Instant::MAX_UTC,
        };
        let lead = self
            .lead_id
            .map(|lead| Booking::lead_mark(&lead.to_string()));
        let filter = Filter {
            parent: self.resource_id.map(|id| id.to_string()),
            state: self.status.map(|status| status.name().to_owned()),
            search: lead.or(self.query),
            begins: Some((from, until)),
            sort: Sort::Begins,
            limit,
            offset,
            ..Filter::default()
        };
        let found = work.list::<Booking>(&filter).await?;
        Ok(BookingList {
            data: found.iter().map(BookingView::of).collect(),
            total: work.count::<Booking>(&filter).await?,
            limit,
            offset,
        })
    }
}

/// Shows a booking.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetBooking {
    /// Which.
    pub booking_id: BookingId,
}

impl Operation for GetBooking {
    const NAME: &'static str = "slots.booking";
    const ABOUT: &'static str = "Show a booking of a slot.";
    const KIND: Kind = Kind::Query(Permission::ReadSlots);
    type Output = Booked;

    async fn perform(self, work: &mut Work<'_>) -> Result<Booked, Fault> {
        let found = work.find::<Booking, _>(self.booking_id).await?;
        Ok(Booked {
            booking: BookingView::of(&found),
        })
    }
}
