//! Exact fractions of whole numbers, for every figure of pacing. Refuses to round before it is
//! asked to show, to divide by nothing, and to give a wrong number where it runs out of digits:
//! then there is none.

use std::{cmp::Ordering, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::Error as _};

use crate::domain::money::{Amount, Money};

/// The most decimals that a figure is shown with.
const FINEST: u32 = 10;

/// What long sums are rounded to.
const BILLION: i128 = 1_000_000_000;

/// A fraction. Terms are shortened only when they would not fit otherwise, which is seldom.
#[derive(Debug, Clone, Copy)]
pub struct Ratio {
    num: i128,
    /// Always above zero.
    den: i128,
}

impl Ratio {
    /// Nothing.
    pub const ZERO: Self = Self::whole(0);
    /// One.
    pub const ONE: Self = Self::whole(1);
    /// A hundred.
    pub const HUNDRED: Self = Self::whole(100);

    /// A whole number.
    #[must_use]
    pub const fn whole(number: i64) -> Self {
        Self {
            num: number as i128,
            den: 1,
        }
    }

    /// A count.
    #[must_use]
    pub const fn count(number: u64) -> Self {
        Self {
            num: number as i128,
            den: 1,
        }
    }

    /// So many hundredths: `percent(95)` is 0.95.
    #[must_use]
    pub const fn percent(number: i64) -> Self {
        Self {
            num: number as i128,
            den: 100,
        }
    }

    /// One number by another, or nothing when that is zero.
    #[must_use]
    pub fn new(num: i128, den: i128) -> Option<Self> {
        match den.signum() {
            0 => None,
            1 => Some(Self { num, den }),
            _ => Some(Self {
                num: num.checked_neg()?,
                den: den.checked_neg()?,
            }),
        }
    }

    /// So many microseconds, in seconds.
    #[must_use]
    pub fn seconds(micros: i64) -> Self {
        if micros % 1_000_000 == 0 {
            return Self::whole(micros / 1_000_000);
        }
        Self {
            num: i128::from(micros),
            den: 1_000_000,
        }
    }

    /// The sum.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        self.add(other)
            .or_else(|| self.shortened().add(other.shortened()))
    }

    /// The sum of many: exact as long as that can be written down, then to the billionth.
    /// Nothing is ever left out.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.plus(other).unwrap_or_else(|| Self {
            num: self.billionths().saturating_add(other.billionths()),
            den: BILLION,
        })
    }

    /// How many billionths it is, downwards.
    fn billionths(self) -> i128 {
        let (whole, rest) = (self.floor(), self.num.rem_euclid(self.den));
        let part = match rest.checked_mul(BILLION) {
            Some(fine) => fine / self.den,
            None => rest / (self.den / BILLION),
        };
        whole.saturating_mul(BILLION).saturating_add(part)
    }

    fn add(self, other: Self) -> Option<Self> {
        if self.den == other.den {
            let num = self.num.checked_add(other.num)?;
            return Some(Self { num, ..self });
        }
        let one = product(self.num, other.den)?;
        let two = product(other.num, self.den)?;
        Some(Self {
            num: one.checked_add(two)?,
            den: product(self.den, other.den)?,
        })
    }

    /// The difference.
    #[must_use]
    pub fn minus(self, other: Self) -> Option<Self> {
        self.plus(other.negative()?)
    }

    /// The product.
    #[must_use]
    pub fn times(self, other: Self) -> Option<Self> {
        let multiply = |one: Self, other: Self| {
            Some(Self {
                num: product(one.num, other.num)?,
                den: product(one.den, other.den)?,
            })
        };
        multiply(self, other).or_else(|| {
            let (own, other) = (self.shortened(), other.shortened());
            // Across too: what stands above one may shorten what stands below the other.
            let one = Self {
                den: other.den,
                ..own
            }
            .shortened();
            let two = Self {
                den: own.den,
                ..other
            }
            .shortened();
            let (one, two) = (
                Self {
                    den: two.den,
                    ..one
                },
                Self {
                    den: one.den,
                    ..two
                },
            );
            multiply(one, two)
        })
    }

    /// The quotient, or nothing by zero.
    #[must_use]
    pub fn over(self, other: Self) -> Option<Self> {
        self.times(Self::new(other.den, other.num)?)
    }

    /// The same below zero.
    #[must_use]
    pub fn negative(self) -> Option<Self> {
        let num = self.num.checked_neg()?;
        Some(Self { num, ..self })
    }

    /// Itself, or zero when it is below.
    #[must_use]
    pub fn or_zero(self) -> Self {
        if self.num < 0 { Self::ZERO } else { self }
    }

    /// Without its sign.
    #[must_use]
    pub fn size(self) -> Self {
        Self {
            num: self.num.saturating_abs(),
            ..self
        }
    }

    /// Whether it is exactly nothing.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.num == 0
    }

    /// Whether it is above zero.
    #[must_use]
    pub fn is_positive(self) -> bool {
        self.num > 0
    }

    /// The whole number at or below it.
    #[must_use]
    pub fn floor(self) -> i128 {
        self.num.div_euclid(self.den)
    }

    /// The same without what is behind the point, downwards.
    #[must_use]
    pub fn whole_part(self) -> Self {
        Self {
            num: self.floor(),
            den: 1,
        }
    }

    /// The whole number at or above it.
    #[must_use]
    pub fn ceiling(self) -> i128 {
        let floor = self.floor();
        if self.num.rem_euclid(self.den) == 0 {
            floor
        } else {
            floor.saturating_add(1)
        }
    }

    /// The nearest whole number, halves away from zero.
    #[must_use]
    pub fn nearest(self) -> i128 {
        let (whole, rest) = (self.num / self.den, self.num % self.den);
        let up = rest.unsigned_abs() >= self.den.unsigned_abs().div_ceil(2);
        whole + if up { self.num.signum() } else { 0 }
    }

    /// With so many decimals, halves away from zero, without zeros at its end.
    #[must_use]
    pub fn shown(self, decimals: u32) -> String {
        let text = self.fixed(decimals);
        if !text.contains('.') {
            return text;
        }
        let text = text.trim_end_matches('0').trim_end_matches('.');
        if text == "-0" { "0" } else { text }.to_owned()
    }

    /// With four decimals, two where it is large, and more where they would not show it.
    fn readable(self) -> String {
        let size = self.size();
        if size >= Self::whole(1_000) {
            self.shown(2)
        } else if size.num == 0 || size.floor() > 0 || size.num >= size.den / 1_000 {
            self.shown(4)
        } else {
            self.shown(8)
        }
    }

    /// With exactly so many decimals, halves away from zero.
    #[must_use]
    pub fn fixed(self, decimals: u32) -> String {
        let fine = 10i128.pow(decimals.min(FINEST));
        let scaled = self.times(Self { num: fine, den: 1 }).map(Self::nearest);
        let Some(scaled) = scaled else {
            return self.nearest().to_string();
        };
        let sign = if scaled < 0 { "-" } else { "" };
        let (whole, rest) = (scaled.unsigned_abs(), fine.unsigned_abs());
        let width = usize::try_from(decimals.min(FINEST)).unwrap_or(0);
        if width == 0 {
            return format!("{sign}{whole}");
        }
        format!("{sign}{}.{:0width$}", whole / rest, whole % rest)
    }

    /// A float near it: for charts only.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "only for charts")]
    pub fn approximate(self) -> f64 {
        let short = self.shortened();
        short.num as f64 / short.den as f64
    }

    /// Which is more, when floats are enough to tell.
    #[expect(clippy::cast_precision_loss, reason = "what is near is not told")]
    fn far_from(self, other: Self) -> Option<Ordering> {
        let float = |one: Self| one.num as f64 / one.den as f64;
        let (one, two) = (float(self), float(other));
        let near = one.abs().max(two.abs()) * 1e-12;
        ((one - two).abs() > near).then(|| one.total_cmp(&two))
    }

    fn shortened(self) -> Self {
        let (mut one, mut two) = (self.num.unsigned_abs(), self.den.unsigned_abs());
        while two != 0 {
            (one, two) = match (u64::try_from(one), u64::try_from(two)) {
                // Short numbers divide many times faster.
                (Ok(one), Ok(two)) => (u128::from(two), u128::from(one % two)),
                _ => (two, one % two),
            };
        }
        let by = i128::try_from(one).unwrap_or(1).max(1);
        Self {
            num: self.num / by,
            den: self.den / by,
        }
    }
}

/// The product, or nothing where it does not fit. Short numbers need not be watched.
fn product(one: i128, other: i128) -> Option<i128> {
    match (i64::try_from(one), i64::try_from(other)) {
        (Ok(one), Ok(other)) => Some(i128::from(one) * i128::from(other)),
        _ => one.checked_mul(other),
    }
}

impl Default for Ratio {
    fn default() -> Self {
        Self::ZERO
    }
}

impl Ord for Ratio {
    /// Exact, however long the terms are.
    fn cmp(&self, other: &Self) -> Ordering {
        if self.den == other.den {
            return self.num.cmp(&other.num);
        }
        let one = product(self.num, other.den);
        let two = product(other.num, self.den);
        if let (Some(one), Some(two)) = (one, two) {
            return one.cmp(&two);
        }
        if let Some(order) = self.far_from(*other) {
            return order;
        }
        // By whole parts, then by what is left of each turned upside down.
        let (mut one, mut two, mut turned) = (*self, *other, false);
        loop {
            let whole = one.floor().cmp(&two.floor());
            let left = (one.num.rem_euclid(one.den), two.num.rem_euclid(two.den));
            let found = match (whole, left) {
                (Ordering::Equal, (0, 0)) => Ordering::Equal,
                (Ordering::Equal, (0, _)) => Ordering::Less,
                (Ordering::Equal, (_, 0)) => Ordering::Greater,
                (Ordering::Equal, (a, b)) => {
                    one = Self {
                        num: one.den,
                        den: a,
                    };
                    two = Self {
                        num: two.den,
                        den: b,
                    };
                    turned = !turned;
                    continue;
                }
                (unequal, _) => unequal,
            };
            return if turned { found.reverse() } else { found };
        }
    }
}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ratio {
    /// Compares what they are worth, not how they are written.
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Ratio {}

impl From<Amount> for Ratio {
    fn from(amount: Amount) -> Self {
        let (num, den) = amount.terms();
        Self { num, den }
    }
}

impl From<Money> for Ratio {
    /// In whole units of the currency, whichever that is.
    fn from(money: Money) -> Self {
        money.amount().into()
    }
}

impl fmt::Display for Ratio {
    /// For people: thousands apart; with as many decimals as are asked for, else as many as
    /// help.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = out.precision().and_then(|all| u32::try_from(all).ok());
        let plain = decimals.map_or_else(|| self.readable(), |decimals| self.fixed(decimals));
        let (sign, plain) = plain
            .strip_prefix('-')
            .map_or(("", plain.as_str()), |rest| ("-", rest));
        let (whole, rest) = plain.find('.').map_or((plain, ""), |at| plain.split_at(at));
        out.write_str(sign)?;
        for (at, digit) in whole.chars().enumerate() {
            if at > 0 && (whole.len() - at).is_multiple_of(3) {
                out.write_str(",")?;
            }
            write!(out, "{digit}")?;
        }
        out.write_str(rest)
    }
}

impl Serialize for Ratio {
    /// As a JSON number with up to ten decimals.
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        let number: serde_json::Number = self.shown(FINEST).parse().map_err(S::Error::custom)?;
        number.serialize(output)
    }
}

impl<'de> Deserialize<'de> for Ratio {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let amount = Amount::deserialize(input)?;
        if !amount.is_plain(FINEST) {
            return Err(D::Error::custom("has more digits than any figure"));
        }
        Ok(amount.into())
    }
}

impl JsonSchema for Ratio {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Ratio".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number", "description": "exact to ten decimals" })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ratio(num: i128, den: i128) -> Ratio {
        Ratio::new(num, den).expect("not by zero")
    }

    #[test]
    fn nothing_is_divided_by_nothing() {
        assert_eq!(Ratio::new(1, 0), None);
        assert_eq!(Ratio::ONE.over(Ratio::ZERO), None);
        assert_eq!(Ratio::ZERO.over(Ratio::ONE), Some(Ratio::ZERO));
        assert_eq!(ratio(1, -2), ratio(-1, 2));
    }

    #[test]
    fn it_is_rounded_only_to_be_shown() {
        assert_eq!(ratio(2, 3).shown(4), "0.6667");
        assert_eq!(ratio(-1, 8).shown(2), "-0.13");
        assert_eq!(ratio(-1, 1000).shown(2), "0");
        assert_eq!(ratio(1_000_000, 4).shown(4), "250000");
        assert_eq!(ratio(12_345_678, 10).to_string(), "1,234,567.8");
        assert_eq!(ratio(-1_000, 3).to_string(), "-333.3333");
        assert_eq!((ratio(-5, 2).floor(), ratio(-5, 2).ceiling()), (-3, -2));
        assert_eq!((ratio(5, 2).nearest(), ratio(-5, 2).nearest()), (3, -3));
        let json = serde_json::to_string(&[ratio(400_000, 1), ratio(2, 3)]).expect("json");
        assert_eq!(json, "[400000,0.6666666667]");
    }

    #[test]
    fn a_long_sum_is_rounded_and_leaves_nothing_out() {
        assert_eq!(ratio(1, 3).and(ratio(1, 6)), ratio(1, 2));
        let (one, two) = (ratio(1, i128::MAX), ratio(i128::MAX - 2, i128::MAX - 1));
        assert_eq!(one.plus(two), None);
        assert_eq!(one.and(two).shown(6), "1");
        let long = ratio(-7 * (i128::MAX / 8), i128::MAX);
        assert_eq!(two.and(long).shown(6), "0.125");
    }

    #[test]
    fn what_does_not_fit_is_nothing_and_still_compares() {
        let large = ratio(i128::MAX - 1, 3);
        assert_eq!(large.times(large), None);
        assert_eq!(large.times(ratio(3, i128::MAX - 1)), Some(Ratio::ONE));
        let near = ratio(i128::MAX - 4, 3);
        assert!(near < large);
        assert!(large > near);
        assert!(ratio(1, i128::MAX) < ratio(1, i128::MAX - 1));
        assert!(ratio(-1, i128::MAX) > ratio(-1, i128::MAX - 1));
    }

    proptest! {
        #[test]
        fn it_counts_like_whole_numbers_do(
            a in -1_000_000_000i64..1_000_000_000, b in 1i64..1_000_000_000,
            c in -1_000_000_000i64..1_000_000_000, d in 1i64..1_000_000_000,
        ) {
            let (one, two) = (ratio(a.into(), b.into()), ratio(c.into(), d.into()));
            prop_assert_eq!(one.plus(two).and_then(|sum| sum.minus(two)), Some(one));
            if c != 0 {
                prop_assert_eq!(one.over(two).and_then(|part| part.times(two)), Some(one));
            }
            let scaled = ratio(i128::from(a) * 7_000_000_000_000, i128::from(b) * 7_000_000_000_000);
            prop_assert_eq!(scaled.cmp(&two), one.cmp(&two));
            prop_assert!((one.approximate() - one.shown(10).parse::<f64>().expect("a number")).abs() < 1e-6);
        }
    }
}
