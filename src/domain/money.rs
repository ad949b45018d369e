//! Exact money. Inside: whole minor units with their currency. At the borders: JSON numbers,
//! read from their own digits so that nothing is rounded on the way in. Refuses floats,
//! unknown currencies, more decimals than the currency has, and sums that overflow.

use std::{fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::Error as _};
use serde_json::value::RawValue;

/// The most digits that a number may be written with.
const MOST_DIGITS: usize = 36;
/// The most decimals that an exponent may give it: enough to say that they are too many.
const FINEST: u32 = 1_000;

/// The most that any single amount may be, in minor units.
pub const MOST_MINOR: i64 = 1_000_000_000_000;

pub use super::currency::Currency;

/// Why something is not an amount of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotMoney {
    /// Not a plain decimal number.
    #[error("is not a number")]
    NotANumber,
    /// More decimals than the currency has.
    #[error("has more decimals than {0} has ({1})")]
    TooFine(&'static str, u32),
    /// More digits than any amount has, or more of them behind the point.
    #[error("has more digits than any amount that is accepted")]
    TooLong,
    /// Beyond what can be worked with.
    #[error("is larger than any amount that is accepted")]
    TooLarge,
    /// Beyond what one amount of a currency may be.
    #[error("is larger than {}, the most that one amount may be", Money::new(MOST_MINOR, *.0))]
    TooMuch(Currency),
    /// No currency that we trade in.
    #[error("is not a currency code that is known here, such as USD or EUR")]
    UnknownCurrency,
    /// Two currencies where one was needed.
    #[error("mixes {0} with {1}")]
    Mixed(&'static str, &'static str),
}

/// An exact decimal as it came over the wire, before its currency is known.
#[derive(Debug, Clone, Copy, Default)]
pub struct Amount {
    digits: i128,
    /// How many of the digits stand behind the point.
    scale: u32,
}

impl From<u32> for Amount {
    fn from(whole: u32) -> Self {
        Self {
            digits: whole.into(),
            scale: 0,
        }
    }
}

impl Amount {
    /// Whether it is above zero.
    #[must_use]
    pub fn is_positive(self) -> bool {
        self.digits > 0
    }

    /// Whether it is below zero.
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.digits < 0
    }

    /// Which of two is more, whatever their currencies.
    #[must_use]
    pub fn compare(self, other: Self) -> std::cmp::Ordering {
        let finest = self.scale.max(other.scale);
        let at = |one: Self| {
            let finer = 10i128.checked_pow(finest - one.scale)?;
            one.digits.checked_mul(finer)
        };
        match (at(self), at(other)) {
            (Some(one), Some(other)) => one.cmp(&other),
            // Too far apart to be written at one scale; then floats tell them apart.
            _ => self.approximate().total_cmp(&other.approximate()),
        }
    }

    /// Whether it has at most so many decimals and fits beside others of its kind.
    #[must_use]
    pub fn is_plain(self, decimals: u32) -> bool {
        let plain = self.plain();
        plain.scale <= decimals && plain.digits.unsigned_abs() < 10u128.pow(25)
    }

    /// As a fraction of two whole numbers; meant for what [`Amount::is_plain`].
    #[must_use]
    pub fn terms(self) -> (i128, i128) {
        let plain = self.plain();
        (
            plain.digits,
            10i128.checked_pow(plain.scale).unwrap_or(i128::MAX),
        )
    }

    /// A float near it, for scores and shares only: never for money.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "only for scores")]
    pub fn approximate(self) -> f64 {
        self.digits as f64 / 10f64.powi(i32::try_from(self.scale).unwrap_or(i32::MAX))
    }
}

impl FromStr for Amount {
    type Err = NotMoney;

    /// Reads the grammar of JSON numbers, exponents too, with every digit kept.
    fn from_str(text: &str) -> Result<Self, NotMoney> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, power_of_ten(exponent)?),
            None => (text, 0),
        };
        let (negative, mantissa) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let fraction_missing = mantissa.contains('.') && fraction.is_empty();
        let all_digits = |part: &str| part.bytes().all(|c| c.is_ascii_digit());
        let padded = whole.len() > 1 && whole.starts_with('0');
        if whole.is_empty()
            || padded
            || fraction_missing
            || !all_digits(whole)
            || !all_digits(fraction)
        {
            return Err(NotMoney::NotANumber);
        }
        if whole.len() + fraction.len() > MOST_DIGITS {
            return Err(NotMoney::TooLong);
        }
        let digits: i128 = format!("{whole}{fraction}")
            .parse()
            .map_err(|_| NotMoney::NotANumber)?;
        let fraction = i32::try_from(fraction.len()).map_err(|_| NotMoney::TooLarge)?;
        Self::of(
            if negative { -digits } else { digits },
            fraction.saturating_sub(exponent),
        )
    }
}

/// What stands behind an `e`: words hold that letter too.
fn power_of_ten(text: &str) -> Result<i32, NotMoney> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|c| c.is_ascii_digit()) {
        return Err(NotMoney::NotANumber);
    }
    text.parse().map_err(|_| NotMoney::TooLarge)
}

impl Amount {
    /// Reads what a person types: as it is on the wire, or with its thousands apart, as people are
    /// shown it (`12,000` or `1,234,567.89`).
    ///
    /// # Errors
    /// When it is neither.
    pub fn typed(text: &str) -> Result<Self, NotMoney> {
        let (whole, rest) = text.find('.').map_or((text, ""), |at| text.split_at(at));
        let digits = whole.strip_prefix('-').unwrap_or(whole);
        let mut groups = digits.split(',');
        let first = groups.next().unwrap_or_default();
        let apart = |group: &str| group.len() == 3;
        if digits.contains(',') && ((1..=3).contains(&first.len()) && groups.all(apart)) {
            return format!("{}{rest}", whole.replace(',', "")).parse();
        }
        text.parse()
    }

    /// Joins digits and a scale that may be negative (as in `1e5`).
    fn of(mut digits: i128, scale: i32) -> Result<Self, NotMoney> {
        let mut scale = scale;
        if digits == 0 {
            scale = scale.max(0);
        }
        if scale < 0 {
            let lift = u32::try_from(-scale)
                .ok()
                .filter(|by| *by <= 36)
                .ok_or(NotMoney::TooLarge)?;
            digits = digits
                .checked_mul(10i128.pow(lift))
                .ok_or(NotMoney::TooLarge)?;
            scale = 0;
        }
        let scale = u32::try_from(scale).map_err(|_| NotMoney::NotANumber)?;
        if scale > FINEST {
            return Err(NotMoney::TooLong);
        }
        Ok(Self { digits, scale })
    }

    /// The same without zeros at its end.
    fn plain(mut self) -> Self {
        while self.scale > 0 && self.digits % 10 == 0 {
            self.digits /= 10;
            self.scale -= 1;
        }
        self
    }
}

impl PartialEq for Amount {
    /// Compares what they are worth, not how they are written.
    fn eq(&self, other: &Self) -> bool {
        let (one, other) = (self.plain(), other.plain());
        (one.digits, one.scale) == (other.digits, other.scale)
    }
}

impl Eq for Amount {}

impl fmt::Display for Amount {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_decimal(out, self.digits, self.scale)
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        if let (0, Ok(whole)) = (self.scale, i64::try_from(self.digits)) {
            return output.serialize_i64(whole);
        }
        RawValue::from_string(self.to_string())
            .map_err(S::Error::custom)?
            .serialize(output)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(input)?;
        match raw.get().as_bytes() {
            [b'-' | b'0'..=b'9', ..] => raw.get().parse().map_err(D::Error::custom),
            _ => Err(D::Error::custom(
                "expected a number, as in 25000 or 19.90, without quotes",
            )),
        }
    }
}

impl JsonSchema for Amount {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Amount".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number", "description": "an exact decimal number" })
    }
}

/// An amount of one currency, in its minor units. Serialised for our own store as
/// `{"minor": 2500000, "currency": "USD"}`; borders use [`Money::amount`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// Minor units of a currency.
    #[must_use]
    pub fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing, in a currency.
    #[must_use]
    pub fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    /// Gives a decimal its currency.
    ///
    /// # Errors
    /// When it carries more decimals than the currency has, or is beyond [`MOST_MINOR`].
    pub fn from_amount(amount: Amount, currency: Currency) -> Result<Self, NotMoney> {
        let (amount, decimals) = (amount.plain(), currency.decimals());
        if amount.scale > decimals {
            return Err(NotMoney::TooFine(currency.code(), decimals));
        }
        let minor = amount
            .digits
            .checked_mul(10i128.pow(decimals - amount.scale))
            .and_then(|minor| i64::try_from(minor).ok())
            .filter(|minor| minor.abs() <= MOST_MINOR)
            .ok_or(NotMoney::TooMuch(currency))?;
        Ok(Self { minor, currency })
    }

    /// The minor units.
    #[must_use]
    pub fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    #[must_use]
    pub fn currency(self) -> Currency {
        self.currency
    }

    /// Whether it is above zero.
    #[must_use]
    pub fn is_positive(self) -> bool {
        self.minor > 0
    }

    /// As a decimal for a border, always with the currency's decimals.
    #[must_use]
    pub fn amount(self) -> Amount {
        Amount {
            digits: i128::from(self.minor),
            scale: self.currency.decimals(),
        }
    }

    /// A float near it, for scores and charts only: never for money.
    #[must_use]
    pub fn approximate(self) -> f64 {
        self.amount().approximate()
    }

    /// The sum of both.
    ///
    /// # Errors
    /// When the currencies differ or the sum overflows.
    pub fn plus(self, other: Self) -> Result<Self, NotMoney> {
        self.same_currency(other)?;
        let minor = self
            .minor
            .checked_add(other.minor)
            .ok_or(NotMoney::TooLarge)?;
        Ok(Self { minor, ..self })
    }

    /// What is left after taking the other.
    ///
    /// # Errors
    /// When the currencies differ or the result overflows.
    pub fn minus(self, other: Self) -> Result<Self, NotMoney> {
        self.plus(Self {
            minor: other.minor.checked_neg().ok_or(NotMoney::TooLarge)?,
            ..other
        })
    }

    /// The exact sum of many, zero when there are none.
    ///
    /// # Errors
    /// When the currencies differ or the sum overflows.
    pub fn sum(currency: Currency, all: impl IntoIterator<Item = Self>) -> Result<Self, NotMoney> {
        all.into_iter().try_fold(Self::zero(currency), Self::plus)
    }

    /// What impressions cost at this price per thousand, rounded half up to the minor unit.
    ///
    /// # Errors
    /// When the cost overflows.
    pub fn cost_of(self, impressions: u64) -> Result<Self, NotMoney> {
        let exact = i128::from(self.minor) * i128::from(impressions);
        let minor =
            i64::try_from((exact + 500).div_euclid(1000)).map_err(|_| NotMoney::TooLarge)?;
        Ok(Self { minor, ..self })
    }

    /// How many impressions this buys at most at a price per thousand; none at a price of zero.
    #[must_use]
    pub fn buys_at(self, cpm: Self) -> u64 {
        if self.currency != cpm.currency || cpm.minor <= 0 || self.minor <= 0 {
            return 0;
        }
        u64::try_from(i128::from(self.minor) * 1000 / i128::from(cpm.minor)).unwrap_or(u64::MAX)
    }

    /// Splits into parts that sum to the whole to the minor unit, by weights; the largest
    /// remainders get the odd units, the earlier first. Weights that sum to zero split evenly.
    #[must_use]
    pub fn split(self, weights: &[u64]) -> Vec<Self> {
        let even = vec![1; weights.len()];
        let weights = if weights.iter().all(|w| *w == 0) {
            &even[..]
        } else {
            weights
        };
        let total: i128 = weights.iter().map(|w| i128::from(*w)).sum();
        let whole = i128::from(self.minor);
        let mut parts: Vec<i128> = weights
            .iter()
            .map(|w| whole * i128::from(*w) / total.max(1))
            .collect();
        let mut order: Vec<usize> = (0..parts.len()).collect();
        order.sort_by_key(|at| {
            std::cmp::Reverse((whole * i128::from(weights[*at])).rem_euclid(total.max(1)))
        });
        let left = whole - parts.iter().sum::<i128>();
        for at in order
            .into_iter()
            .cycle()
            .take(usize::try_from(left.abs()).unwrap_or(0))
        {
            parts[at] += left.signum();
        }
        let minor = |part: i128| i64::try_from(part).unwrap_or(i64::MAX);
        parts
            .into_iter()
            .map(|part| Self {
                minor: minor(part),
                ..self
            })
            .collect()
    }

    fn same_currency(self, other: Self) -> Result<(), NotMoney> {
        if self.currency == other.currency {
            return Ok(());
        }
        Err(NotMoney::Mixed(self.currency.code(), other.currency.code()))
    }
}

impl PartialOrd for Money {
    /// Orders amounts of one currency; two currencies have no order.
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        (self.currency == other.currency).then(|| self.minor.cmp(&other.minor))
    }
}

impl fmt::Display for Money {
    /// For people: `25,000.00 USD`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = self.amount().to_string();
        let (sign, plain) = plain
            .strip_prefix('-')
            .map_or(("", plain.as_str()), |rest| ("-", rest));
        let (whole, rest) = plain.find('.').map_or((plain, ""), |at| plain.split_at(at));
        let mut grouped = String::with_capacity(plain.len() + 8);
        for (at, digit) in whole.chars().enumerate() {
            if at > 0 && (whole.len() - at).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        write!(out, "{sign}{grouped}{rest} {}", self.currency)
    }
}

fn write_decimal(out: &mut fmt::Formatter<'_>, digits: i128, scale: u32) -> fmt::Result {
    let sign = if digits < 0 { "-" } else { "" };
    let digits = digits.unsigned_abs();
    if scale == 0 {
        return write!(out, "{sign}{digits}");
    }
    let unit = 10u128.pow(scale.min(38));
    let width = usize::try_from(scale).unwrap_or(0);
    write!(out, "{sign}{}.{:0width$}", digits / unit, digits % unit)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn amount(json: &str) -> Result<Amount, String> {
        serde_json::from_str(json).map_err(|wrong| wrong.to_string())
    }

    fn money(json: &str, code: &str) -> Result<Money, NotMoney> {
        Money::from_amount(amount(json).expect(json), code.parse().expect(code))
    }

    #[test]
    fn what_is_typed_may_have_its_thousands_apart() {
        for (typed, plain) in [
            ("12,000", "12000"),
            ("1,234,567.89", "1234567.89"),
            ("-1,000", "-1000"),
            ("25000", "25000"),
            ("19.90", "19.90"),
        ] {
            let wanted: Amount = plain.parse().expect("an amount");
            assert_eq!(Amount::typed(typed), Ok(wanted), "{typed}");
        }
        for wrong in [
            "12,00",
            "1,2345",
            ",000",
            "1,,000",
            "1234,567",
            "1,000,",
            "1.000,00",
            "12,000e3x",
        ] {
            assert!(Amount::typed(wrong).is_err(), "{wrong}");
        }
        assert!("12,000".parse::<Amount>().is_err(), "never on the wire");
    }

    #[test]
    fn every_digit_counts() {
        assert_eq!(
            money("25000", "USD"),
            Ok(Money::new(2_500_000, Currency::USD))
        );
        assert_eq!(
            money("1e5", "USD"),
            Ok(Money::new(10_000_000, Currency::USD))
        );
        assert_eq!(money("19.90", "USD"), Ok(Money::new(1_990, Currency::USD)));
        assert_eq!(money("1.234", "KWD").map(Money::minor), Ok(1_234));
        assert_eq!(money("100.5", "JPY"), Err(NotMoney::TooFine("JPY", 0)));
        assert_eq!(money("0.001", "USD"), Err(NotMoney::TooFine("USD", 2)));
        assert_eq!(
            money("100.000000000000000001", "USD"),
            Err(NotMoney::TooFine("USD", 2))
        );
        assert_eq!(money("1e-400", "USD"), Err(NotMoney::TooFine("USD", 2)));
        let most = NotMoney::TooMuch(Currency::USD);
        assert_eq!(money("10000000000.01", "USD"), Err(most));
        let most = money("20000000000", "IDR").expect_err("too much");
        let said = "is larger than 10,000,000,000.00 IDR, the most that one amount may be";
        assert_eq!(most.to_string(), said);
        assert_eq!("usd".parse::<Currency>(), Err(NotMoney::UnknownCurrency));
    }

    #[test]
    fn what_is_no_plain_number_is_refused() {
        for bad in [
            "\"12.5\"",
            "null",
            "true",
            "[]",
            "{}",
            "1e400",
            "-1e9999999999",
            "1e-1001",
            "0e-2147483648",
        ] {
            assert!(amount(bad).is_err(), "{bad}");
        }
        for word in ["reach", "fiver", "1e", "1e+", "2each"] {
            assert_eq!(word.parse::<Amount>(), Err(NotMoney::NotANumber), "{word}");
        }
        for malformed in ["NaN", "Infinity", "00012", ".5", "5.", "+5", "0x10"] {
            assert!(amount(malformed).is_err(), "{malformed}");
            assert!(malformed.parse::<Amount>().is_err(), "{malformed}");
        }
        assert!(amount(&"9".repeat(40)).is_err());
        assert!(!amount("-0.0").expect("zero").is_positive());
    }

    #[test]
    fn it_is_written_as_it_was_read_and_compared_by_its_worth() {
        let (short, long) = (
            amount("19.9").expect("read"),
            amount("19.900").expect("read"),
        );
        assert_eq!(short, long);
        assert_ne!(short, amount("19.91").expect("read"));
        assert_eq!(
            (short.to_string(), long.to_string()),
            ("19.9".into(), "19.900".into())
        );
        assert_eq!(amount("0.00").expect("zero"), amount("0").expect("zero"));
        assert_eq!(amount("1.5e3").expect("read").to_string(), "1500");
    }

    #[test]
    fn people_and_programs_read_it_differently() {
        let money = Money::new(2_500_000_050, Currency::USD);
        assert_eq!(money.to_string(), "25,000,000.50 USD");
        assert_eq!(
            serde_json::to_string(&money.amount()).expect("json"),
            "25000000.50"
        );
        assert_eq!(Money::new(-5, Currency::USD).to_string(), "-0.05 USD");
    }

    #[test]
    fn amounts_compare_whatever_their_digits() {
        let order = |one, other| amount(one).and_then(|one| Ok(one.compare(amount(other)?)));
        for (one, other, wanted) in [
            ("1", "1.00", std::cmp::Ordering::Equal),
            ("0.999", "1", std::cmp::Ordering::Less),
            ("-1", "0", std::cmp::Ordering::Less),
            ("22.01", "22", std::cmp::Ordering::Greater),
            ("1e36", "1e-36", std::cmp::Ordering::Greater),
        ] {
            assert_eq!(order(one, other), Ok(wanted), "{one} {other}");
        }
    }

    proptest! {
        #[test]
        fn a_split_sums_to_the_whole(minor in 0i64..MOST_MINOR, weights in prop::collection::vec(0u64..10_000, 1..9)) {
            let whole = Money::new(minor, Currency::USD);
            let parts = whole.split(&weights);
            prop_assert_eq!(Money::sum(Currency::USD, parts.iter().copied()), Ok(whole));
            prop_assert!(parts.iter().all(|part| part.minor() >= 0));
        }

        #[test]
        fn what_a_budget_buys_never_costs_more(minor in 1i64..MOST_MINOR, cpm in 1i64..100_000) {
            let (budget, cpm) = (Money::new(minor, Currency::USD), Money::new(cpm, Currency::USD));
            prop_assert!(cpm.cost_of(budget.buys_at(cpm)).expect("in range") <= budget);
        }

        #[test]
        fn a_decimal_survives_the_wire(minor in -MOST_MINOR..MOST_MINOR) {
            let money = Money::new(minor, Currency::USD);
            let text = serde_json::to_string(&money.amount()).expect("json");
            prop_assert_eq!(Money::from_amount(amount(&text).expect("number"), Currency::USD), Ok(money));
        }
    }
}
