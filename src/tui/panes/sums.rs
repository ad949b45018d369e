//! Exact sums over recommendations: cost, impressions, and the price per thousand of it
//! all. Money is never a float here.

use crate::{
    domain::money::{Currency, Money},
    engine::bookings::view::RecommendationView,
    tui::clean::Clean,
};

/// What some recommendations come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sums {
    /// How many they are.
    pub count: usize,
    /// What they cost.
    pub cost: Money,
    /// How many impressions they have.
    pub impressions: u64,
}

impl Sums {
    /// Adds them up, in that currency.
    pub fn of<'a>(all: impl Iterator<Item = &'a RecommendationView>, currency: &str) -> Self {
        let currency = currency.parse().unwrap_or(Currency::USD);
        let none = Self {
            count: 0,
            cost: Money::zero(currency),
            impressions: 0,
        };
        all.fold(none, |sums, one| {
            let cost = Money::from_amount(one.cost, currency).unwrap_or(Money::zero(currency));
            Self {
                count: sums.count + 1,
                cost: sums.cost.plus(cost).unwrap_or(sums.cost),
                impressions: sums.impressions.saturating_add(one.impressions),
            }
        })
    }

    /// What they cost, for people.
    #[must_use]
    pub fn cost(&self) -> Clean {
        Clean::of(self.cost)
    }

    /// The impressions in three digits.
    #[must_use]
    pub fn impressions_short(&self) -> Clean {
        short(self.impressions)
    }

    /// What a thousand of the impressions costs together.
    #[must_use]
    pub fn ecpm(&self) -> Clean {
        if self.impressions == 0 {
            return "-".into();
        }
        let minor = i128::from(self.cost.minor()) * 1000;
        let impressions = i128::from(self.impressions);
        // To the nearest minor unit, half up.
        let each = (minor * 2 + impressions) / (impressions * 2);
        let each = i64::try_from(each).unwrap_or(i64::MAX);
        Clean::of(Money::new(each, self.cost.currency()).amount())
    }
}

/// A count in three digits and a letter.
#[must_use]
pub fn short(count: u64) -> Clean {
    let (unit, letter) = match count {
        0..=9_999 => return Clean::of(count),
        10_000..=999_999 => (1_000, "k"),
        1_000_000..=999_999_999 => (1_000_000, "M"),
        _ => (1_000_000_000, "bn"),
    };
    let (whole, rest) = (count / unit, count % unit * 100 / unit);
    match whole {
        0..=9 => clean!("{whole}.{rest:02} {letter}"),
        10..=99 => clean!("{whole}.{} {letter}", rest / 10),
        _ => clean!("{whole} {letter}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_short_and_never_rounded_up() {
        for (count, said) in [
            (9_999, "9999"),
            (10_000, "10.0 k"),
            (999_999, "999 k"),
            (1_640_000, "1.64 M"),
            (12_345_678, "12.3 M"),
            (2_000_000_000, "2.00 bn"),
        ] {
            assert_eq!(short(count).as_str(), said);
        }
    }
}
