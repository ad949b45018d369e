//! Says why a time is not offered, or that it is: the first rule that it breaks, who is there, and
//! the nearest times that are free.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    conflict::alternatives,
    days, judged, party, resource, slot_keys,
    upstream::offers,
    view::{BookingView, Shown, SlotView},
};
use crate::{
    domain::{
        ids::ResourceId,
        policy::Permission,
        slot::{
            booking::{Booking, Status},
            range::moment,
            reason::Reason,
            resource::Resource,
            schedule::Schedule,
            span::{Span, seconds},
            upstream::{Elsewhere, shown::ShownSlot},
            zone::written,
        },
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
    store::record::{Filter, Sort, Stored},
};

/// The most bookings that are named.
const MOST: u32 = 20;

/// Asks why a time is not offered.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExplainSlot {
    /// Of which resource.
    pub resource_id: ResourceId,
    /// Which time: an instant, or what the clock of the place shows.
    pub at: String,
    /// How many come together; one where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party_size: Option<u32>,
}

/// Why a time is not offered, or that it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Explained {
    /// The time, by the clock of the place.
    pub at: String,
    /// Whether it is offered.
    pub offered: bool,
    /// The slot, where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot: Option<SlotView>,
    /// The first rule that it breaks, where it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// The same in words.
    pub sentence: String,
    /// Who is there, where it is taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bookings: Vec<BookingView>,
    /// The nearest times that are free.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alternatives: Vec<SlotView>,
}

/// The bookings that a slot would meet.
async fn there(
    work: &Work<'_>,
    (resource, schedule): (ResourceId, &Schedule),
    span: Span,
) -> Result<Vec<BookingView>, Fault> {
    let (before, after) = schedule.buffers();
    let reach = span.padded(before + after, before + after);
    // What began up to a day earlier may still be there: nothing lasts longer.
    let from = reach.padded(86_400, 0).starts_at();
    let filter = Filter {
        parent: Some(resource.to_string()),
        state: Some(Status::Confirmed.name().to_owned()),
        begins: Some((from, reach.ends_at())),
        sort: Sort::Begins,
        descending: true,
        limit: MOST,
        ..Filter::default()
    };
    let mut found = work.list::<Booking>(&filter).await?;
    found.retain(|stored| stored.record.span().meets(reach));
    found.reverse();
    Ok(found.iter().map(BookingView::of).collect())
}

/// Whether another company's system offers a time; why it does not, nobody but it knows.
async fn asked_there(
    work: &Work<'_>,
    (stored, known): (&Stored<Resource>, &Elsewhere),
    (span, seats): (Span, u32),
) -> Result<Explained, Fault> {
    let resource = &stored.record;
    let free = offers::free(work, resource, known, offers::around(span.start)).await?;
    let free = offers::known(free)?;
    let here = |slot: &&ShownSlot| slot.start == span.start && slot.remaining >= seats;
    let at = written(resource.schedule.timezone, span.start);
    if let Some(slot) = free.slots.iter().find(here) {
        let own = offers::slot(resource, slot);
        let views = offers::views(work, stored, std::slice::from_ref(slot)).await?;
        return Ok(Explained {
            at,
            offered: true,
            slot: views.into_iter().next(),
            reason: None,
            sentence: format!(
                "{} of {} seats are free; {}",
                own.remaining,
                own.capacity,
                free.asked.sentence()
            ),
            bookings: Vec::new(),
            alternatives: Vec::new(),
        });
    }
    let others = offers::nearest(&free.slots, span.start);
    let of = (resource.id, &resource.schedule);
    Ok(Explained {
        at,
        offered: false,
        slot: None,
        reason: None,
        sentence: format!(
            "that time is not free; {} does not offer this: it does not say why",
            free.asked.name
        ),
        bookings: there(work, of, span).await?,
        alternatives: offers::views(work, stored, &others).await?,
    })
}

impl Operation for ExplainSlot {
    const NAME: &'static str = "slots.explain";
    const ABOUT: &'static str = "Say why a time of a resource is not offered, or that it is.";
    const KIND: Kind = Kind::Query(Permission::ReadSlots);
    type Output = Explained;

    async fn perform(self, work: &mut Work<'_>) -> Result<Explained, Fault> {
        let stored = resource(work, self.resource_id).await?;
        let seats = party(self.party_size)?;
        let schedule = &stored.record.schedule;
        let zone = schedule.timezone;
        let start = moment(zone, "at", &self.at).map_err(Fault::field)?;
        let length = seconds(schedule.default_duration_minutes);
        let span = Span {
            start,
            end: start + length,
        };
        if let Some(known) = &stored.record.upstream {
            return asked_there(work, (&stored, known), (span, seats)).await;
        }
        let of = (stored.record.id, schedule);
        let taken = days::taken(work, of, span).await?;
        let judged = judged(work, &stored.record, (start, seats), &taken);
        let at = written(zone, start);
        let reason = match judged {
            Ok(slot) => {
                let shown = Shown::of(&stored, &slot_keys(work).await?)?;
                return Ok(Explained {
                    at,
                    offered: true,
                    slot: Some(shown.slot(&slot)),
                    reason: None,
                    sentence: format!("{} of {} seats are free", slot.remaining, slot.capacity),
                    bookings: Vec::new(),
                    alternatives: Vec::new(),
                });
            }
            Err(reason) => reason,
        };
        let is_taken = matches!(reason, Reason::Capacity { .. } | Reason::Buffer { .. });
        let bookings = if is_taken {
            there(work, of, span).await?
        } else {
            Vec::new()
        };
        Ok(Explained {
            at,
            offered: false,
            slot: None,
            sentence: reason.sentence(),
            reason: Some(reason),
            bookings,
            alternatives: alternatives(work, &stored, (start, seats)).await?,
        })
    }
}
