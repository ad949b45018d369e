//! Figures as people read them: amounts without their currency, counts in threes, shares in
//! percent. Everything is counted in whole units; nothing is rounded up to look complete.

use std::collections::BTreeMap;

use crate::{
    domain::money::{Amount, Currency, Money},
    tui::clean::Clean,
};

/// An amount without its currency, for where that is said already.
#[must_use]
pub fn bare(money: Money) -> Clean {
    let text = money.to_string();
    Clean::new(text.split(' ').next().unwrap_or(&text))
}

/// An amount of a job as money of its currency.
#[must_use]
pub fn money(amount: Amount, currency: Currency) -> Money {
    Money::from_amount(amount, currency).unwrap_or(Money::zero(currency))
}

/// A count as people read it: `4,000,000`.
#[must_use]
pub fn grouped(count: u64) -> Clean {
    let plain = count.to_string();
    let mut text = String::with_capacity(plain.len() + plain.len() / 3);
    for (at, digit) in plain.chars().enumerate() {
        if at > 0 && (plain.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    Clean::from(text)
}

/// Basis points as people read them: `42.5 %`.
#[must_use]
pub fn percent(bp: u32) -> Clean {
    clean!("{}.{} %", bp / 100, bp % 100 / 10)
}

/// How much one amount is of another, such as `49.3 %`.
#[must_use]
pub fn share(part: Money, whole: Money) -> Clean {
    if whole.minor() <= 0 {
        return "-".into();
    }
    let tenths = i128::from(part.minor()) * 1000 / i128::from(whole.minor());
    clean!("{}.{} %", tenths / 10, tenths % 10)
}

/// The same for a bar, which is drawn and not read.
#[must_use]
pub fn filled(part: Money, whole: Money) -> f64 {
    part.approximate() / whole.approximate()
}

/// By how much one amount passes another, if it does.
#[must_use]
pub fn over(cost: Money, most: Money) -> Option<Money> {
    let over = cost.minus(most).ok()?;
    over.is_positive().then_some(over)
}

/// Amounts of several currencies, each currency for itself.
#[must_use]
pub fn apart(all: impl IntoIterator<Item = Money>) -> Clean {
    let mut sums: BTreeMap<&'static str, Money> = BTreeMap::new();
    for one in all {
        let sum = sums
            .entry(one.currency().code())
            .or_insert(Money::zero(one.currency()));
        *sum = sum.plus(one).unwrap_or(*sum);
    }
    let texts: Vec<String> = sums.values().map(ToString::to_string).collect();
    Clean::from(texts.join(" + "))
}

/// So many of something.
#[must_use]
pub fn many(count: usize, one: &str) -> Clean {
    match count {
        1 => clean!("1 {one}"),
        count => clean!("{count} {one}s"),
    }
}

/// An instant to the minute.
#[must_use]
pub fn minute(instant: &str) -> Clean {
    Clean::new(&instant.get(..16).unwrap_or(instant).replace('T', " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd(minor: i64) -> Money {
        Money::new(minor, Currency::USD)
    }

    #[test]
    fn figures_never_look_better_than_they_are() {
        assert_eq!(bare(usd(2_500_000)).as_str(), "25,000.00");
        assert_eq!(share(usd(9_999), usd(10_000)).as_str(), "99.9 %");
        assert_eq!(share(usd(12_500), usd(10_000)).as_str(), "125.0 %");
        assert_eq!(share(usd(1), usd(0)).as_str(), "-");
        assert_eq!(grouped(1_234_567).as_str(), "1,234,567");
        assert_eq!(percent(8_125).as_str(), "81.2 %");
        assert_eq!(over(usd(5), usd(5)), None);
        assert_eq!(over(usd(6), usd(5)), Some(usd(1)));
    }

    #[test]
    fn currencies_are_kept_apart() {
        let eur = Money::new(300, "EUR".parse().expect("a currency"));
        let said = apart([usd(100), eur, usd(50)]);
        assert_eq!(said.as_str(), "3.00 EUR + 1.50 USD");
    }
}
