//! How much of each day a line takes from others. Clicks are told in impressions first, an
//! exclusive product is taken whole. Refuses to hold what cannot be counted.

use super::{
    avails::{ByDay, Short, hold},
    product::{DeliveryType, Product, RateType},
};
use crate::domain::when::Flight;

/// Why nothing can be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotHeld {
    /// Not enough is free.
    #[error(transparent)]
    Short(#[from] Short),
    /// It is sold by the click, and nobody knows how many impressions a click takes.
    #[error("the product is sold by the click, and how many impressions a click takes is unknown")]
    Uncounted,
}

/// Lays what a line asks for over the days of a flight, within what is free of them.
///
/// # Errors
/// When too little is free, or the quantity cannot be told in impressions.
pub fn holding(
    product: &Product,
    quantity: u64,
    flight: Flight,
    free: &ByDay,
) -> Result<ByDay, NotHeld> {
    let wanted = impressions(product, quantity)?;
    if product.delivery_type == DeliveryType::Exclusive {
        return Ok(whole(product, wanted, flight, free)?);
    }
    Ok(hold(wanted, flight, free)?)
}

/// What a quantity takes in impressions, rounded up.
fn impressions(product: &Product, quantity: u64) -> Result<u64, NotHeld> {
    if product.rate_type != RateType::Cpc {
        return Ok(quantity);
    }
    let ctr = product.usual.ctr_bp.filter(|ctr| *ctr > 0);
    let ctr = u64::from(ctr.ok_or(NotHeld::Uncounted)?);
    Ok(quantity.saturating_mul(10_000).div_ceil(ctr))
}

/// Every day whole, or nothing.
fn whole(product: &Product, wanted: u64, flight: Flight, free: &ByDay) -> Result<ByDay, Short> {
    let all = product.daily_impressions;
    let untouched = |day| free.get(&day).is_some_and(|free| *free >= all);
    let most = all.saturating_mul(u64::from(flight.length()));
    let free = if flight.days().all(untouched) {
        most
    } else {
        0
    };
    if wanted > free {
        return Err(Short { wanted, free });
    }
    Ok(flight.days().map(|day| (day, all)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::opendirect::{
        line_draft::tests::product, order::tests::day, product::UsualRates,
    };

    fn three_days(free: u64) -> (Flight, ByDay) {
        let flight = Flight::new(day("2026-07-01"), day("2026-07-03")).expect("flight");
        (flight, flight.days().map(|day| (day, free)).collect())
    }

    #[test]
    fn an_exclusive_product_is_taken_whole_or_not_at_all() {
        let product = Product {
            delivery_type: DeliveryType::Exclusive,
            ..product()
        };
        let (flight, mut free) = three_days(100_000);
        let held = holding(&product, 1_000, flight, &free).expect("untouched");
        assert_eq!(held, free);
        let most = holding(&product, 300_001, flight, &free);
        let (wanted, all) = (300_001, 300_000);
        assert_eq!(most, Err(NotHeld::Short(Short { wanted, free: all })));
        free.insert(day("2026-07-02"), 99_999);
        let spoiled = holding(&product, 1_000, flight, &free).expect_err("one day is touched");
        assert_eq!(spoiled.to_string(), "only 0 of 1,000 impressions are free");
    }

    #[test]
    fn clicks_take_as_many_impressions_as_they_usually_do() {
        let clicks = |ctr_bp| Product {
            rate_type: RateType::Cpc,
            usual: UsualRates {
                ctr_bp,
                ..UsualRates::default()
            },
            ..product()
        };
        let (flight, free) = three_days(100_000);
        let held = holding(&clicks(Some(30)), 100, flight, &free).expect("held");
        assert_eq!(held.values().sum::<u64>(), 33_334);
        for none in [None, Some(0)] {
            let no = holding(&clicks(none), 100, flight, &free);
            assert_eq!(no, Err(NotHeld::Uncounted));
        }
    }
}
