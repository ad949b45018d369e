//! Proposes to move budgets from lines that will not spend them to lines that could spend more.
//! What is given is taken: the sum is exactly zero. Refuses to go below what is spent and to
//! move between currencies.

use std::collections::BTreeMap;

use super::{ratio::Ratio, terms::Name};
use crate::domain::{currency::Currency, money::Money};

/// A line that may give or take, in minor units of one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Which.
    pub name: Name,
    /// What it may cost now.
    pub budget: Money,
    /// What of it is spent.
    pub spent: Money,
    /// What it will have spent at the end if nothing is moved; more than the budget when it could
    /// spend more.
    pub projected: Money,
    /// Whether anybody may touch it.
    pub is_fixed: bool,
}

/// What one line gives or takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// Which.
    pub name: Name,
    /// From what.
    pub before: Money,
    /// To what.
    pub after: Money,
}

impl Move {
    /// What is taken; below zero what is given.
    #[must_use]
    pub fn by(&self) -> i128 {
        i128::from(self.after.minor()) - i128::from(self.before.minor())
    }
}

/// Proposes moves among the packages of each currency: what will not be spent goes to those
/// that could spend it, to each in proportion to what it lacks, and never more than that.
#[must_use]
pub fn propose(packages: &[Package]) -> Vec<Move> {
    let mut groups: BTreeMap<Currency, Vec<&Package>> = BTreeMap::new();
    for package in packages.iter().filter(|package| is_plain(package)) {
        groups
            .entry(package.budget.currency())
            .or_default()
            .push(package);
    }
    groups
        .into_values()
        .flat_map(|group| among(&group))
        .collect()
}

/// Whether its three amounts belong together and it may be touched.
fn is_plain(package: &Package) -> bool {
    let currency = package.budget.currency();
    !package.is_fixed
        && package.spent.currency() == currency
        && package.projected.currency() == currency
        && package.budget.minor() >= 0
}

fn among(group: &[&Package]) -> Vec<Move> {
    let minor = |money: Money| i128::from(money.minor());
    // What will be left over, and never what is spent already.
    let spare = |one: &Package| {
        let kept = minor(one.projected).max(minor(one.spent));
        (minor(one.budget) - kept).max(0)
    };
    let lack = |one: &Package| (minor(one.projected) - minor(one.budget)).max(0);
    let spares: Vec<i128> = group.iter().map(|one| spare(one)).collect();
    let lacks: Vec<i128> = group.iter().map(|one| lack(one)).collect();
    let moved = spares.iter().sum::<i128>().min(lacks.iter().sum());
    let (given, taken) = (split(moved, &spares), split(moved, &lacks));
    let step = |(one, (given, taken)): (&&Package, (i128, i128))| {
        let after = i64::try_from(minor(one.budget) + taken - given).ok()?;
        let after = Money::new(after, one.budget.currency());
        Some(Move {
            name: one.name.clone(),
            before: one.budget,
            after,
        })
    };
    let moves = group.iter().zip(given.into_iter().zip(taken));
    let moves: Option<Vec<Move>> = moves.map(step).collect();
    // One that does not fit leaves the sum open: then there is no proposal.
    let mut moves = moves.unwrap_or_default();
    moves.retain(|one| one.before != one.after);
    moves
}

/// Splits a whole in proportion to parts that sum to it or more; none gets more than its part.
fn split(whole: i128, parts: &[i128]) -> Vec<i128> {
    let sum: i128 = parts.iter().sum();
    let (mut done, mut seen) = (0, 0);
    let mut shares = Vec::with_capacity(parts.len());
    for part in parts {
        // Each gets what the running sum has grown by, so that the last comes out even.
        seen += part;
        let until = if sum == 0 { 0 } else { whole * seen / sum };
        shares.push(until - done);
        done = until;
    }
    shares
}

/// What an amount at the end is in money, rounded to the minor unit.
#[must_use]
pub fn in_money(amount: Ratio, currency: Currency) -> Option<Money> {
    let fine = Ratio::whole(10i64.checked_pow(currency.decimals())?);
    let minor = i64::try_from(amount.times(fine)?.nearest()).ok()?;
    Some(Money::new(minor, currency))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn package(name: &str, budget: i64, spent: i64, projected: i64) -> Package {
        let money = |minor| Money::new(minor, Currency::USD);
        Package {
            name: name.into(),
            budget: money(budget),
            spent: money(spent),
            projected: money(projected),
            is_fixed: false,
        }
    }

    fn told(packages: &[Package]) -> Vec<(String, i128)> {
        propose(packages)
            .iter()
            .map(|one| (one.name.to_string(), one.by()))
            .collect()
    }

    #[test]
    fn what_will_not_be_spent_goes_where_it_could_be() {
        let packages = [
            package("short", 1_000, 100, 400),
            package("could", 1_000, 900, 1_300),
            package("could more", 1_000, 900, 1_600),
            package("even", 1_000, 500, 1_000),
        ];
        let moved = [("short", -600), ("could", 200), ("could more", 400)];
        assert_eq!(
            told(&packages),
            moved.map(|(name, by)| (name.to_owned(), by))
        );
    }

    #[test]
    fn what_is_spent_fixed_or_in_another_currency_stays() {
        let fixed = Package {
            is_fixed: true,
            ..package("fixed", 1_000, 0, 0)
        };
        let could = package("could", 1_000, 900, 2_000);
        assert_eq!(told(&[fixed, could.clone()]), []);
        let spent = package("spent", 1_000, 950, 400);
        assert_eq!(
            told(&[spent, could]),
            [("spent".to_owned(), -50), ("could".to_owned(), 50)]
        );
        let yen: Currency = "JPY".parse().expect("yen");
        let money = |minor| Money::new(minor, yen);
        let other = Package {
            budget: money(900),
            spent: money(0),
            projected: money(0),
            ..package("other", 0, 0, 0)
        };
        assert_eq!(told(&[other, package("could", 1_000, 900, 2_000)]), []);
        assert_eq!(in_money(Ratio::percent(150), yen), Some(money(2)));
    }

    prop_compose! {
        fn any_package()(
            name in "[a-z]{6}", budget in 0i64..1_000_000_000, spent in 0i64..1_200_000_000,
            projected in 0i64..2_000_000_000, is_fixed in prop::bool::weighted(0.2),
        ) -> Package {
            Package { is_fixed, ..package(&name, budget, spent, projected) }
        }
    }

    proptest! {
        #[test]
        fn the_sum_is_kept_and_nobody_falls_below_what_is_spent(
            packages in proptest::collection::vec(any_package(), 0..20),
        ) {
            let moves = propose(&packages);
            prop_assert_eq!(moves.iter().map(Move::by).sum::<i128>(), 0);
            for one in &moves {
                let of = |package: &&Package| package.name == one.name && package.budget == one.before;
                let package = packages.iter().find(of).expect("one of them");
                prop_assert!(!package.is_fixed);
                let least = package.spent.minor().min(package.budget.minor());
                prop_assert!(one.after.minor() >= least, "{:?} {:?}", package, one);
                let most = package.projected.minor().max(package.budget.minor());
                prop_assert!(one.after.minor() <= most, "{:?} {:?}", package, one);
            }
        }
    }
}
