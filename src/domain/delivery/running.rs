//! A line as an ad server runs it: what it is to show, when it may, and how far it has got.
//! Refuses to know who bought it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::people::Cap;
use crate::domain::{
    ids::{LineId, ProductId},
    media_buy::terms::Spread,
    opendirect::{
        booking_status::LineBookingStatus,
        line::Line,
        product::{Product, RateType, UsualRates},
        stats::{Delivered, Price},
    },
    tenant::caller::ENGINE,
    when::Instant,
};

/// What a product usually reaches where it does not say, in basis points.
const USUAL_CTR: u32 = 12;
const USUAL_VCR: u32 = 7_800;
const USUAL_VIEWABILITY: u32 = 6_800;

/// A time in which a line may show something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Span {
    /// Since when.
    pub from: Instant,
    /// Until when, unless it still may.
    pub until: Option<Instant>,
}

/// A line as an ad server runs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Running {
    /// Which.
    pub line_id: LineId,
    /// What it shows on.
    pub product_id: ProductId,
    /// How many impressions the product can show on one day.
    pub daily: u64,
    /// What it usually reaches.
    pub reaches: Reaches,
    /// Where it stands in the queue; lower goes first.
    pub priority: u8,
    /// How it is spread over its flight.
    pub spread: Spread,
    /// How many units of what is paid for it is to deliver.
    pub quantity: u64,
    /// What they cost.
    pub price: Price,
    /// When it begins.
    pub starts: Instant,
    /// When it is over.
    pub ends: Instant,
    /// How often somebody may be shown it, where that is bounded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<Cap>,
    /// When it may show something, in order and apart.
    pub spans: Vec<Span>,
    /// What was counted of it before, if anything was.
    pub so_far: Option<Delivered>,
}

/// What of the impressions of a line is usually clicked, seen to the end, and in view, in basis
/// points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reaches {
    /// Clicks per impression.
    pub ctr: u64,
    /// Completed views per started one; nothing where nothing is played.
    pub vcr: Option<u64>,
    /// In view per measured impression.
    pub viewability: u64,
}

impl Reaches {
    /// What a product usually reaches.
    #[must_use]
    pub fn of(product: &Product) -> Self {
        let UsualRates {
            ctr_bp,
            vcr_bp,
            viewability_bp,
        } = product.usual;
        let all = |share: u32| u64::from(share.min(10_000));
        let plays = matches!(product.format.as_str(), "video" | "audio") || vcr_bp.is_some();
        Self {
            ctr: all(ctr_bp.unwrap_or(USUAL_CTR)),
            vcr: plays.then(|| all(vcr_bp.unwrap_or(USUAL_VCR))),
            viewability: all(viewability_bp.unwrap_or(USUAL_VIEWABILITY)),
        }
    }
}

impl Running {
    /// From when on it is still to be counted; nothing when it was counted to its end.
    #[must_use]
    pub fn since(&self) -> Option<Instant> {
        let first = self.spans.first().map_or(self.starts, |span| span.from);
        let since = self.so_far.as_ref().map_or(first, |one| one.as_of);
        (since < self.ends).then_some(since)
    }

    /// Whether it may show something at an instant.
    #[must_use]
    pub fn may_show(&self, at: Instant) -> bool {
        at >= self.starts
            && at < self.ends
            && self
                .spans
                .iter()
                .any(|span| span.from <= at && span.until.is_none_or(|until| at < until))
    }

    /// Whether it is paid for by time and has no number to reach: it shows what there is.
    #[must_use]
    pub fn is_share(&self) -> bool {
        let by_time = matches!(self.price.rate_type, RateType::Cpd | RateType::FlatRate);
        by_time && self.quantity <= 1
    }

    /// A number of its own, for what looks random.
    #[must_use]
    pub fn key(&self) -> u64 {
        line_key(self.line_id)
    }

    /// How many units it may deliver: what was bought, within what its budget pays for.
    #[must_use]
    pub fn goal(&self) -> u64 {
        let (rate, cost) = (self.price.rate.minor(), self.price.cost.minor());
        let per = match self.price.rate_type {
            RateType::Cpm | RateType::Cpmv => 1_000,
            RateType::Cpc => 1,
            RateType::Cpd | RateType::FlatRate => return self.quantity,
        };
        // As many as are rounded to no more than the budget.
        let most = ((i128::from(cost) * 2 + 1) * per - 1).checked_div(i128::from(rate) * 2);
        let most = most.and_then(|most| u64::try_from(most.max(0)).ok());
        self.quantity.min(most.unwrap_or(u64::MAX))
    }
}

/// A number of a line's own, for what looks random.
#[must_use]
pub fn line_key(line: LineId) -> u64 {
    let (high, low) = uuid::Uuid::from(line).as_u64_pair();
    high ^ low
}

/// The line as it is once everything has happened to it that time alone does until an instant.
#[must_use]
pub fn by(mut line: Line, at: Instant) -> Line {
    while let Some((due, action)) = line.next().filter(|(due, _)| *due <= at) {
        match line.clone().after(action, due, ENGINE) {
            Ok(next) => line = next,
            Err(_) => break,
        }
    }
    line
}

/// When a line was in flight, from its history; never before it was booked.
#[must_use]
pub fn spans(line: &Line) -> Vec<Span> {
    use LineBookingStatus as S;
    let booked = line.history.iter().find(|step| step.to == S::Booked);
    let booked = booked.map(|step| step.at);
    let mut spans: Vec<Span> = Vec::new();
    for step in &line.history {
        let at = booked.map_or(step.at, |booked| booked.max(step.at));
        if step.to == S::InFlight {
            let until = None;
            spans.push(Span { from: at, until });
            continue;
        }
        let open = spans.last_mut().filter(|span| span.until.is_none());
        if let Some(span) = open {
            span.until = Some(at);
        }
    }
    spans
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::domain::{
        media_buy::item_type::ItemType,
        opendirect::{
            booking_status::LineAction,
            line_draft::tests::{line, product},
        },
    };

    pub(crate) fn at(text: &str) -> Instant {
        text.parse().expect(text)
    }

    #[test]
    fn a_line_may_show_while_it_is_in_flight_and_never_before_it_was_booked() {
        use LineAction as A;
        let june = at("2026-06-10T12:00:00Z");
        let until = at("2026-07-01T14:00:00Z");
        let noon = at("2026-07-01T12:00:00Z");
        let late = line()
            .after(A::Reserve, june, "ann")
            .and_then(|line| line.after(A::ConfirmReservation { until }, june, "seller"))
            .and_then(|line| line.after(A::Book, noon, "ann"))
            .and_then(|line| line.after(A::ConfirmBooking, noon, "seller"))
            .and_then(|line| line.after(A::Start, at("2026-07-01T00:00:00Z"), "engine"))
            .and_then(|line| line.after(A::Stop, at("2026-07-02T00:00:00Z"), "ann"))
            .and_then(|line| line.after(A::Resume, at("2026-07-03T00:00:00Z"), "ann"))
            .expect("runs");
        let told: Vec<_> = spans(&late)
            .iter()
            .map(|one| (one.from, one.until))
            .collect();
        assert_eq!(
            told,
            [
                (noon, Some(at("2026-07-02T00:00:00Z"))),
                (at("2026-07-03T00:00:00Z"), None)
            ]
        );
        assert!(spans(&line()).is_empty());
    }

    /// The line of the other tests in July, from its first midnight on.
    pub(crate) fn running(n: u128) -> Running {
        let line = line();
        let starts = at("2026-07-01T00:00:00Z");
        Running {
            line_id: uuid::Uuid::from_u128(n).into(),
            product_id: line.product_id.clone(),
            daily: product().daily_impressions,
            reaches: Reaches::of(&product()),
            priority: ItemType::Standard.priority(),
            spread: Spread::Even,
            quantity: line.quantity,
            price: Price::of(&line),
            starts,
            ends: at("2026-07-11T00:00:00Z"),
            cap: None,
            spans: vec![Span {
                from: starts,
                until: None,
            }],
            so_far: None,
        }
    }
}
