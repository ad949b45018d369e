//! Sharing an amount out: by weight, each within its own bound. Refuses to hand out more
//! than there is, or to anyone more than they can take.

use crate::domain::money::Money;

/// All of something, in basis points.
pub(super) const WHOLE: u32 = 10_000;

/// Shares out by weight, nobody beyond their bound; what one cannot take goes to the
/// others. What nobody can take stays unshared.
pub(super) fn pour(whole: Money, weights: &[u64], bounds: &[Money]) -> Vec<Money> {
    let currency = whole.currency();
    let mut parts: Vec<Option<Money>> = vec![None; weights.len()];
    loop {
        let open: Vec<usize> = (0..parts.len()).filter(|at| parts[*at].is_none()).collect();
        let given: i64 = parts.iter().flatten().map(|part| part.minor()).sum();
        let rest = Money::new(whole.minor() - given, currency);
        let open_weights: Vec<u64> = open.iter().map(|at| weights[*at]).collect();
        let slices = rest.split(&open_weights);
        let over: Vec<usize> = open
            .iter()
            .zip(&slices)
            .filter(|(at, slice)| slice.minor() > bounds[**at].minor())
            .map(|(at, _)| *at)
            .collect();
        if over.is_empty() {
            for (at, slice) in open.into_iter().zip(slices) {
                parts[at] = Some(slice);
            }
            break;
        }
        for at in over {
            parts[at] = Some(bounds[at]);
        }
    }
    parts
        .into_iter()
        .map(|part| part.unwrap_or(Money::zero(currency)))
        .collect()
}

/// Shares in basis points that sum to 10,000, by how large each part is.
pub(super) fn shares(parts: &[Money]) -> Vec<u32> {
    let Some(first) = parts.first() else {
        return Vec::new();
    };
    let weights: Vec<u64> = parts
        .iter()
        .map(|part| u64::try_from(part.minor()).unwrap_or(0))
        .collect();
    Money::new(i64::from(WHOLE), first.currency())
        .split(&weights)
        .into_iter()
        .map(|share| u32::try_from(share.minor()).unwrap_or(0))
        .collect()
}

/// How much `part` is of `whole` in basis points, at most all of it.
pub(super) fn ratio(part: u128, whole: u128) -> u32 {
    let all = u128::from(WHOLE);
    if whole == 0 || part >= whole {
        return WHOLE;
    }
    // Both are halved until the product fits: a score does not need their last bits.
    let shift = 14u32.saturating_sub(part.leading_zeros());
    let (part, whole) = (part >> shift, (whole >> shift).max(1));
    u32::try_from((part * all / whole).min(all)).unwrap_or(WHOLE)
}

/// Basis points as people read them: `42.5 %`.
pub(super) fn percent(bp: u32) -> String {
    let (whole, rest) = (bp / 100, bp % 100);
    match (rest, rest % 10) {
        (0, _) => format!("{whole} %"),
        (_, 0) => format!("{whole}.{} %", rest / 10),
        _ => format!("{whole}.{rest:02} %"),
    }
}

/// A count as people read it: `4,000,000`.
pub(super) fn grouped(count: u64) -> String {
    let plain = count.to_string();
    let mut text = String::with_capacity(plain.len() + plain.len() / 3);
    for (at, digit) in plain.chars().enumerate() {
        if at > 0 && (plain.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::money::Currency;

    fn usd(minor: i64) -> Money {
        Money::new(minor, Currency::USD)
    }

    #[test]
    fn what_one_cannot_take_goes_to_the_others() {
        let parts = pour(usd(1_000), &[1, 1, 2], &[usd(10), usd(900), usd(900)]);
        assert_eq!(parts, [usd(10), usd(330), usd(660)]);
        let short = pour(usd(1_000), &[1, 1], &[usd(10), usd(20)]);
        assert_eq!(short, [usd(10), usd(20)]);
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!(percent(4_250), "42.5 %");
        assert_eq!(percent(3_333), "33.33 %");
        assert_eq!(percent(505), "5.05 %");
        assert_eq!(percent(10_000), "100 %");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(grouped(999), "999");
        assert_eq!(ratio(1, 3), 3_333);
        assert_eq!(ratio(0, 0), 10_000);
        assert_eq!(ratio(u128::MAX / 2, u128::MAX), 4_999);
    }

    proptest! {
        #[test]
        fn nobody_gets_beyond_a_bound_and_nothing_is_lost(
            whole in 0i64..1_000_000_000,
            lines in prop::collection::vec((0u64..10_000, 0i64..500_000_000), 1..8),
        ) {
            let weights: Vec<u64> = lines.iter().map(|line| line.0).collect();
            let bounds: Vec<Money> = lines.iter().map(|line| usd(line.1)).collect();
            let parts = pour(usd(whole), &weights, &bounds);
            for (part, bound) in parts.iter().zip(&bounds) {
                prop_assert!(part.minor() >= 0 && part <= bound);
            }
            let most: i64 = bounds.iter().map(|bound| bound.minor()).sum();
            let sum: i64 = parts.iter().map(|part| part.minor()).sum();
            prop_assert_eq!(sum, whole.min(most));
        }

        #[test]
        fn shares_make_a_whole(parts in prop::collection::vec(0i64..1_000_000_000, 1..9)) {
            let parts: Vec<Money> = parts.into_iter().map(usd).collect();
            prop_assert_eq!(shares(&parts).iter().sum::<u32>(), WHOLE);
        }
    }
}
