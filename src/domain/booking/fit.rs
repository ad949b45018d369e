//! How well a product fits a brief, in basis points, part by part. Scores only: they
//! decide an order and never an amount of money by themselves.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{
    booking::{
        kpis::Kpis,
        objective::{Format, Objective},
        share::{WHOLE, percent, ratio},
    },
    money::Money,
    opendirect::product::UsualRates,
};

/// What each part counts, of 100.
const AUDIENCE: u32 = 35;
const FORMAT: u32 = 20;
const PRICE: u32 = 20;
const AVAILABILITY: u32 = 15;
const CONFIDENCE: u32 = 10;

/// How well a product fits, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fit {
    /// All parts together.
    pub score_bp: u32,
    /// How much of the audience it can be aimed at.
    pub audience_bp: u32,
    /// How well its format and its usual rates serve the objectives and KPIs.
    pub format_bp: u32,
    /// How its price stands against what the brief aims at.
    pub price_bp: u32,
    /// How much of the channel's budget it could take.
    pub availability_bp: u32,
    /// How sure its delivery is.
    pub confidence_bp: u32,
}

impl Fit {
    /// Nothing is known: whoever recommends does not say.
    #[must_use]
    pub fn unknown() -> Self {
        Self {
            score_bp: 0,
            audience_bp: 0,
            format_bp: 0,
            price_bp: 0,
            availability_bp: 0,
            confidence_bp: 0,
        }
    }

    /// Whether whoever recommends says how well it fits.
    #[must_use]
    pub fn is_known(&self) -> bool {
        *self != Self::unknown()
    }

    /// Joins the first three parts with what is known of supply.
    #[must_use]
    pub(super) fn join(seen: Glance, availability_bp: u32, confidence_bp: u32) -> Self {
        let confidence_bp = confidence_bp.min(WHOLE);
        let sum = seen.audience * AUDIENCE
            + seen.format * FORMAT
            + seen.price * PRICE
            + availability_bp.min(WHOLE) * AVAILABILITY
            + confidence_bp * CONFIDENCE;
        Self {
            score_bp: sum / 100,
            audience_bp: seen.audience,
            format_bp: seen.format,
            price_bp: seen.price,
            availability_bp: availability_bp.min(WHOLE),
            confidence_bp,
        }
    }

    /// The parts as a phrase with their numbers.
    #[must_use]
    pub fn explain(&self) -> String {
        format!(
            "fit {}: audience {}, format {}, price {}, availability {}, confidence {}",
            percent(self.score_bp),
            percent(self.audience_bp),
            percent(self.format_bp),
            percent(self.price_bp),
            percent(self.availability_bp),
            percent(self.confidence_bp),
        )
    }
}

/// The parts of a fit that need no look at supply, in basis points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Glance {
    pub(super) audience: u32,
    pub(super) format: u32,
    pub(super) price: u32,
}

impl Glance {
    /// The three parts in the proportions that they have in a whole fit.
    pub(super) fn score_bp(self) -> u32 {
        let sum = self.audience * AUDIENCE + self.format * FORMAT + self.price * PRICE;
        sum / (AUDIENCE + FORMAT + PRICE)
    }
}

/// How well each format serves a brief's objectives, prepared once for a brief.
pub(super) struct Formats([u32; Format::ALL.len()]);

impl Formats {
    pub(super) fn of(objectives: &[String]) -> Self {
        let read: Vec<Objective> = objectives
            .iter()
            .map(|text| Objective::read(text))
            .collect();
        let count = u32::try_from(read.len().max(1)).unwrap_or(u32::MAX);
        Self(Format::ALL.map(|format| {
            let sum: u32 = read.iter().map(|objective| objective.suits(format)).sum();
            sum / count
        }))
    }

    /// The format's part of a fit: how it suits, and half of it the usual rates against
    /// the KPIs where the brief has any.
    pub(super) fn fit(&self, format: Format, kpis: &Kpis, usual: UsualRates) -> u32 {
        let suits = self.0[format as usize];
        rates(kpis, usual).map_or(suits, |rates| u32::midpoint(suits, rates))
    }
}

/// How the usual rates stand against the KPIs; an unknown rate counts half.
fn rates(kpis: &Kpis, usual: UsualRates) -> Option<u32> {
    let pairs = [
        (kpis.ctr_bp, usual.ctr_bp),
        (kpis.vcr_bp, usual.vcr_bp),
        (kpis.viewability_bp, usual.viewability_bp),
    ];
    let mut met = (0, 0);
    for (asked, usual) in pairs {
        let Some(asked) = asked else { continue };
        let part = usual.map_or(WHOLE / 2, |usual| {
            ratio(u128::from(usual), u128::from(asked))
        });
        met = (met.0 + part, met.1 + 1);
    }
    (met.1 > 0).then(|| met.0 / met.1)
}

/// The price's part of a fit: all of it up to the target and falling to nothing at twice
/// the target; against a ceiling alone, all of it up to half the ceiling and half of it at
/// the ceiling; with neither, the cheapest against this one.
pub(super) fn price(cpm: Money, kpis: &Kpis, cheapest: Money) -> u32 {
    let units = |money: Money| u128::try_from(money.minor()).unwrap_or(0);
    let over = |from: u128| units(cpm).saturating_sub(from);
    if let Some(target) = kpis.target_cpm {
        return WHOLE - ratio(over(units(target)), units(target));
    }
    if let Some(most) = kpis.max_cpm {
        return WHOLE - ratio(2 * over(units(most) / 2), 2 * units(most));
    }
    ratio(units(cheapest), units(cpm))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::Currency;

    fn usd(minor: i64) -> Money {
        Money::new(minor, Currency::USD)
    }

    #[test]
    fn the_parts_count_a_hundred_together() {
        assert_eq!(AUDIENCE + FORMAT + PRICE + AVAILABILITY + CONFIDENCE, 100);
        let all = Glance {
            audience: WHOLE,
            format: WHOLE,
            price: WHOLE,
        };
        assert_eq!(all.score_bp(), WHOLE);
        assert_eq!(Fit::join(all, WHOLE, WHOLE).score_bp, WHOLE);
        assert_eq!(Fit::join(all, 0, 0).score_bp, 7_500);
        assert_eq!(Fit::join(all, 0, 99_999).confidence_bp, WHOLE);
    }

    #[test]
    fn a_price_is_judged_by_what_the_brief_aims_at() {
        let target = Kpis {
            target_cpm: Some(usd(1_000)),
            ..Kpis::default()
        };
        assert_eq!(price(usd(900), &target, usd(1)), WHOLE);
        assert_eq!(price(usd(1_500), &target, usd(1)), 5_000);
        assert_eq!(price(usd(2_500), &target, usd(1)), 0);
        let most = Kpis {
            max_cpm: Some(usd(1_000)),
            ..Kpis::default()
        };
        assert_eq!(price(usd(400), &most, usd(1)), WHOLE);
        assert_eq!(price(usd(1_000), &most, usd(1)), 5_000);
        assert_eq!(price(usd(1_000), &Kpis::default(), usd(250)), 2_500);
    }

    #[test]
    fn usual_rates_count_where_they_are_asked_for() {
        let formats = Formats::of(&["video_views".to_owned()]);
        let usual = UsualRates {
            vcr_bp: Some(6_000),
            ..UsualRates::default()
        };
        assert_eq!(formats.fit(Format::Video, &Kpis::default(), usual), WHOLE);
        let asked = Kpis {
            vcr_bp: Some(8_000),
            ..Kpis::default()
        };
        assert_eq!(formats.fit(Format::Video, &asked, usual), 8_750);
        assert_eq!(
            formats.fit(Format::Video, &asked, UsualRates::default()),
            7_500
        );
    }
}
