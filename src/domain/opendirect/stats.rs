//! How a line does: computed from the line and what was delivered, in whole numbers and
//! basis points (10,000 is all). Refuses to divide by nothing: a rate without a base is
//! missing, not zero.

use chrono::{Duration, NaiveTime};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{line::Line, line_draft::cost, product::RateType};
use crate::domain::{
    ids::LineId,
    money::Money,
    pacing::{outward, status::Status},
    when::{Flight, Instant},
};

/// What was delivered so far, as the ad server counts it. What it does not measure is
/// missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Delivered {
    /// Impressions shown.
    pub impressions: u64,
    /// Clicks on them.
    #[serde(default)]
    pub clicks: Option<u64>,
    /// Videos begun.
    #[serde(default)]
    pub starts: Option<u64>,
    /// Videos seen to the end.
    #[serde(default)]
    pub completes: Option<u64>,
    /// Impressions whose viewability could be measured.
    #[serde(default)]
    pub measurable: Option<u64>,
    /// Impressions that were in view.
    #[serde(default)]
    pub viewable: Option<u64>,
    /// What was spent; computed from the rate when the server does not say.
    #[serde(default)]
    pub spent: Option<Money>,
    /// Until when it was counted.
    pub as_of: Instant,
}

/// Whether a line keeps up with its plan, in the four words that `OpenDirect` clients read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PacingStatus {
    /// Near enough to it.
    OnTrack,
    /// Short of it.
    Behind,
    /// Beyond it.
    Ahead,
    /// Nothing was counted yet, or there is nothing to keep up with.
    NoData,
}

impl PacingStatus {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::OnTrack => "on_track",
            Self::Behind => "behind",
            Self::Ahead => "ahead",
            Self::NoData => "no_data",
        }
    }
}

impl From<Status> for PacingStatus {
    fn from(status: Status) -> Self {
        let word = outward::line_stats(status);
        let all = [Self::OnTrack, Self::Behind, Self::Ahead];
        let known = all.into_iter().find(|one| one.name() == word);
        known.unwrap_or(Self::NoData)
    }
}

/// How a line does. Rates are not capped: over-delivery shows as more than 10,000.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LineStats {
    /// Which line.
    pub line_id: LineId,
    /// Impressions shown.
    pub impressions: u64,
    /// What the line asked for: impressions, or clicks when it pays per click.
    pub target: u64,
    /// Delivered per asked for, in basis points.
    pub delivery_bp: u64,
    /// Whether it keeps up.
    pub pacing: PacingStatus,
    /// What was spent.
    pub spent: Money,
    /// What the line costs when it is delivered in full.
    pub budget: Money,
    /// Spent per budget, in basis points.
    pub utilization_bp: Option<u64>,
    /// What a thousand impressions came to.
    pub effective_cpm: Option<Money>,
    /// Completed per started video, in basis points.
    pub vcr_bp: Option<u64>,
    /// In view per measured, in basis points.
    pub viewability_bp: Option<u64>,
    /// Clicks per impression, in basis points.
    pub ctr_bp: Option<u64>,
    /// Until when it was counted.
    pub as_of: Option<Instant>,
}

impl LineStats {
    /// Weighs what was delivered against the line; whether it keeps up is for pacing to say.
    #[must_use]
    pub fn of(line: &Line, delivered: Option<&Delivered>, status: Status) -> Self {
        let price = Price::of(line);
        let spent = delivered.map_or(Money::zero(line.cost.currency()), |one| price.spent(one));
        let impressions = delivered.map_or(0, |one| one.impressions);
        let units = delivered.map_or(0, |one| price.units(one));
        let rate = |of: fn(&Delivered) -> (Option<u64>, Option<u64>)| {
            let (part, whole) = of(delivered?);
            basis_points(part?, whole?)
        };
        Self {
            line_id: line.id,
            impressions,
            target: line.quantity,
            delivery_bp: basis_points(units, line.quantity).unwrap_or(0),
            pacing: delivered.map_or(PacingStatus::NoData, |_| status.into()),
            spent,
            budget: line.cost,
            utilization_bp: share(spent, line.cost),
            effective_cpm: per_thousand(spent, impressions),
            vcr_bp: rate(|one| (one.completes, one.starts)),
            viewability_bp: rate(|one| (one.viewable, one.measurable)),
            ctr_bp: rate(|one| (one.clicks, Some(one.impressions))),
            as_of: delivered.map(|one| one.as_of),
        }
    }
}

/// What a line is paid by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Price {
    /// How the rate is meant.
    pub rate_type: RateType,
    /// The price of a unit.
    pub rate: Money,
    /// What the whole line costs.
    pub cost: Money,
    /// When it runs.
    pub flight: Flight,
}

impl Price {
    /// What a line is paid by.
    #[must_use]
    pub fn of(line: &Line) -> Self {
        Self {
            rate_type: line.rate_type,
            rate: line.rate,
            cost: line.cost,
            flight: line.flight,
        }
    }

    /// What counts towards the quantity of a line.
    #[must_use]
    pub fn units(&self, delivered: &Delivered) -> u64 {
        match self.rate_type {
            RateType::Cpc => delivered.clicks.unwrap_or(0),
            RateType::Cpmv => delivered.viewable.unwrap_or(delivered.impressions),
            _ => delivered.impressions,
        }
    }

    /// What was spent: as told, else by the rate and never more than the line costs.
    #[must_use]
    pub fn spent(&self, delivered: &Delivered) -> Money {
        let told = delivered.spent;
        told.filter(|own| own.currency() == self.cost.currency())
            .unwrap_or_else(|| self.due(self.units(delivered), delivered.as_of))
    }

    /// What so many units cost by their rate, or so much time, and never more than the line
    /// costs.
    #[must_use]
    pub fn due(&self, units: u64, at: Instant) -> Money {
        let due = match self.rate_type {
            RateType::Cpm | RateType::Cpmv | RateType::Cpc => {
                cost(self.rate_type, self.rate, units, self.flight).unwrap_or(self.cost)
            }
            RateType::Cpd | RateType::FlatRate => {
                let (elapsed, whole) = progress(self.flight, at);
                let parts = self.cost.split(&[elapsed, whole - elapsed]);
                parts.first().copied().unwrap_or(self.cost)
            }
        };
        if due > self.cost { self.cost } else { due }
    }
}

/// The seconds of the flight that are over, and all of them.
fn progress(flight: Flight, at: Instant) -> (u64, u64) {
    let begin = flight.first().and_time(NaiveTime::MIN).and_utc();
    let whole = u64::from(flight.length()) * 86_400;
    let elapsed = (at - begin).max(Duration::zero()).num_seconds();
    (u64::try_from(elapsed).unwrap_or(0).min(whole), whole)
}

/// A part of a whole in basis points, rounded half up; nothing of nothing is no rate.
fn basis_points(part: u64, whole: u64) -> Option<u64> {
    let (part, whole) = (u128::from(part), u128::from(whole));
    let exact = (part * 10_000 + whole / 2).checked_div(whole)?;
    Some(u64::try_from(exact).unwrap_or(u64::MAX))
}

fn share(part: Money, whole: Money) -> Option<u64> {
    let plain = |money: Money| u64::try_from(money.minor()).ok();
    basis_points(plain(part)?, plain(whole)?)
}

/// What a thousand came to, rounded half up; no impressions have no price.
#[must_use]
pub fn per_thousand(cost: Money, impressions: u64) -> Option<Money> {
    let count = i128::from(impressions);
    let exact = i128::from(cost.minor()) * 1000 + count / 2;
    let minor = i64::try_from(exact.checked_div(count)?).ok()?;
    Some(Money::new(minor, cost.currency()))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::domain::{
        money::Currency,
        opendirect::{line::tests::at, line_draft::tests::line},
    };

    pub(crate) fn delivered(impressions: u64, as_of: &str) -> Delivered {
        Delivered {
            impressions,
            clicks: None,
            starts: None,
            completes: None,
            measurable: None,
            viewable: None,
            spent: None,
            as_of: at(as_of),
        }
    }

    #[test]
    fn half_way_and_on_plan() {
        let half = Delivered {
            clicks: Some(500),
            starts: Some(200_000),
            completes: Some(190_000),
            measurable: Some(0),
            viewable: Some(0),
            ..delivered(250_000, "2026-07-06T00:00:00Z")
        };
        let stats = LineStats::of(&line(), Some(&half), Status::OnTrack);
        assert_eq!((stats.impressions, stats.target), (250_000, 500_000));
        assert_eq!(
            (stats.delivery_bp, stats.pacing),
            (5_000, PacingStatus::OnTrack)
        );
        assert_eq!(stats.spent, Money::new(500_000, Currency::USD));
        assert_eq!(stats.utilization_bp, Some(5_000));
        assert_eq!(stats.effective_cpm, Some(Money::new(2_000, Currency::USD)));
        assert_eq!((stats.ctr_bp, stats.vcr_bp), (Some(20), Some(9_500)));
        assert_eq!(stats.viewability_bp, None, "nothing was measurable");
    }

    #[test]
    fn nothing_delivered_divides_by_nothing() {
        let none = LineStats::of(&line(), None, Status::NoData);
        assert_eq!((none.pacing, none.as_of), (PacingStatus::NoData, None));
        assert_eq!((none.effective_cpm, none.ctr_bp), (None, None));
        let zero = LineStats::of(
            &line(),
            Some(&delivered(0, "2026-07-06T00:00:00Z")),
            Status::NotDelivering,
        );
        assert_eq!(
            (zero.pacing, zero.effective_cpm),
            (PacingStatus::Behind, None)
        );
        let free = Line {
            cost: Money::zero(Currency::USD),
            rate: Money::zero(Currency::USD),
            ..line()
        };
        let free = LineStats::of(
            &free,
            Some(&delivered(10, "2026-07-06T00:00:00Z")),
            Status::Behind,
        );
        assert_eq!((free.utilization_bp, free.spent.minor()), (None, 0));
    }

    #[test]
    fn what_pacing_says_is_told_in_four_words() {
        let told = |status| {
            let half = delivered(1, "2026-07-06T00:00:00Z");
            LineStats::of(&line(), Some(&half), status).pacing.name()
        };
        assert_eq!(told(Status::CriticalBehind), "behind");
        assert_eq!(told(Status::AtRisk), "on_track");
        assert_eq!(told(Status::EndedOver), "ahead");
        assert_eq!(told(Status::WarmingUp), "no_data");
        let uncounted = LineStats::of(&line(), None, Status::Behind);
        assert_eq!(uncounted.pacing, PacingStatus::NoData);
    }

    #[test]
    fn over_delivery_shows_and_is_not_charged() {
        let stats = LineStats::of(
            &line(),
            Some(&delivered(600_000, "2026-07-11T00:00:00Z")),
            Status::EndedOver,
        );
        assert_eq!((stats.delivery_bp, stats.spent), (12_000, line().cost));
        let extreme = LineStats::of(
            &line(),
            Some(&delivered(u64::MAX, "2026-07-11T00:00:00Z")),
            Status::EndedOver,
        );
        assert_eq!(extreme.spent, line().cost);
    }

    #[test]
    fn days_and_flat_prices_are_spent_as_time_goes_by() {
        let flat = Line {
            rate_type: RateType::FlatRate,
            ..line()
        };
        let spent = |as_of| {
            LineStats::of(&flat, Some(&delivered(1, as_of)), Status::NoGoal)
                .spent
                .minor()
        };
        assert_eq!(spent("2026-06-30T00:00:00Z"), 0);
        assert_eq!(spent("2026-07-04T00:00:00Z"), 300_000);
        assert_eq!(spent("2026-08-04T00:00:00Z"), 1_000_000);
    }

    #[test]
    fn clicks_count_where_clicks_are_sold() {
        let clicks = Line {
            rate_type: RateType::Cpc,
            quantity: 100,
            ..line()
        };
        let half = Delivered {
            clicks: Some(50),
            ..delivered(90_000, "2026-07-06T00:00:00Z")
        };
        let stats = LineStats::of(&clicks, Some(&half), Status::OnTrack);
        assert_eq!((stats.delivery_bp, stats.spent.minor()), (5_000, 100_000));
    }
}
