//! Chances as parts of a whole number, so that every machine and every run comes to the same.
//! Refuses fractions of the machine's own: what rounds differently is no seed's.

use super::traffic::scramble;

/// All of it: a chance of one.
pub const ONE: u64 = 1_000_000_000_000_000_000;
/// How many digits of a fraction are read.
const DIGITS: usize = 9;

/// Reads a fraction between 0 and 1; nothing where it is none.
#[must_use]
pub fn fraction(number: f64) -> Option<u64> {
    if !(0.0..=1.0).contains(&number) {
        return None;
    }
    let written = format!("{number:.DIGITS$}").replace('.', "");
    let scale = 10_u64.pow(u32::try_from(DIGITS).unwrap_or(0));
    written.parse::<u64>().ok()?.checked_mul(ONE / scale)
}

/// A part of a whole as a chance, rounded down.
#[must_use]
pub fn part(of: u64, whole: u64) -> u64 {
    let exact = u128::from(of.min(whole)) * u128::from(ONE);
    let exact = exact.checked_div(u128::from(whole));
    exact.map_or(ONE, |exact| u64::try_from(exact).unwrap_or(ONE))
}

/// The chance that something happens as often in a row, rounded up.
#[must_use]
pub fn power(chance: u64, times: u64) -> u64 {
    let mut result = ONE;
    let (mut base, mut left) = (chance.min(ONE), times);
    while left > 0 {
        if left % 2 == 1 {
            result = both(result, base);
        }
        base = both(base, base);
        left /= 2;
    }
    result
}

/// The chance that two things happen together, rounded up.
fn both(one: u64, other: u64) -> u64 {
    let exact = (u128::from(one) * u128::from(other)).div_ceil(u128::from(ONE));
    u64::try_from(exact).unwrap_or(ONE)
}

/// So much of a number, rounded down.
#[must_use]
pub fn of(chance: u64, number: u64) -> u64 {
    let exact = u128::from(chance.min(ONE)) * u128::from(number) / u128::from(ONE);
    u64::try_from(exact).unwrap_or(number)
}

/// Draws a lot for these parts, evenly between nothing and all of it; the same for the same parts.
#[must_use]
pub fn draw(parts: &[u64]) -> u64 {
    let drawn = (u128::from(scramble(parts)) * u128::from(ONE)) >> 64;
    u64::try_from(drawn).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn fractions_are_read_and_nothing_else_is() {
        assert_eq!(fraction(0.0), Some(0));
        assert_eq!(fraction(1.0), Some(ONE));
        assert_eq!(fraction(0.1), Some(ONE / 10));
        for none in [-0.1, 1.5, f64::NAN, f64::INFINITY] {
            assert_eq!(fraction(none), None, "{none}");
        }
    }

    #[test]
    fn a_chance_in_a_row_is_what_it_is_on_paper() {
        assert_eq!(power(ONE / 2, 3), ONE / 8);
        assert_eq!(power(ONE, 1_000_000), ONE);
        assert_eq!((power(0, 0), power(0, 7)), (ONE, 0));
        assert_eq!(of(part(1, 4), 1_000), 250);
        assert_eq!(part(7, 0), ONE);
    }

    proptest! {
        #[test]
        fn the_oftener_the_less_likely(chance in 0..=ONE, times in 0u64..10_000) {
            prop_assert!(power(chance, times + 1) <= power(chance, times));
        }

        #[test]
        fn lots_fall_between_nothing_and_all(parts: [u64; 3]) {
            prop_assert!(draw(&parts) < ONE);
            prop_assert_eq!(draw(&parts), draw(&parts));
        }
    }
}
