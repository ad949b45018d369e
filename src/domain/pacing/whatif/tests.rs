//! Changes tried, applied and taken back.

use proptest::prelude::*;

use super::*;
use crate::domain::{
    currency::Currency,
    pacing::tests::{day, n, terms},
};

/// Two lines of a million in 30 days at day 12, with 10,000 each.
fn lines() -> Lines {
    let line = |delivered: i64, spent: i64| Line {
        terms: Terms {
            budget: Some(n(10_000)),
            ..terms(1_000_000, 30)
        },
        seen: Seen {
            spent: Some(n(spent)),
            rate_24h: Some(n(20_000)),
            ..Seen::new(n(delivered), day(12))
        },
    };
    [
        ("a".into(), line(280_000, 2_800)),
        ("b".into(), line(500_000, 9_000)),
    ]
    .into()
}

fn diff(changes: &[(&str, Change)]) -> Result<Diff, Refused> {
    let named: Vec<_> = changes
        .iter()
        .map(|(name, it)| (Name::from(*name), it.clone()))
        .collect();
    Diff::of(&lines(), &named)
}

fn days(days: i64) -> Duration {
    Duration::days(days)
}

#[test]
fn a_change_shows_its_projection_before_anything_is_sent() {
    let longer = diff(&[("a", Change::Extend(days(3)))]).expect("possible");
    let shown = longer.projected(&lines()).expect("fresh");
    let (before, after) = &shown[&Name::from("a")];
    assert_eq!(
        (before.projected_24h, after.projected_24h),
        (Some(n(640_000)), Some(n(700_000)))
    );
    assert_eq!(
        after.required_daily.map(|daily| daily.shown(1)),
        Some("34285.7".into())
    );
    assert_eq!(after.plan_index, Some(Ratio::ONE), "the plan is laid anew");
    let less = diff(&[("a", Change::GoalBy(Ratio::percent(-10)))]).expect("possible");
    let (_, after) = &less.projected(&lines()).expect("fresh")[&Name::from("a")];
    assert_eq!(after.remaining, Some(n(620_000)));
    let pace = diff(&[("a", Change::Pace(Pacing::Asap))]).expect("possible");
    let (_, after) = &pace.projected(&lines()).expect("fresh")[&Name::from("a")];
    assert_eq!((after.index, after.projected_24h), (None, Some(n(640_000))));
}

#[test]
fn a_budget_is_never_below_what_is_spent() {
    let less = diff(&[("b", Change::Budget(n(9_000)))]).expect("possible");
    assert_eq!(less.edits().len(), 1);
    let no = diff(&[("b", Change::Budget(n(8_999)))]).expect_err("refused");
    assert_eq!(
        no.to_string(),
        "only 1,000 of the budget can be taken away: 9,000 is spent"
    );
    let none = diff(&[("b", Change::Budget(n(0)))]).expect_err("refused");
    assert_eq!(none, Refused::NotABudget(n(0)));
}

#[test]
fn many_changes_are_one_diff_and_one_undo() {
    let all = diff(&[
        ("a", Change::Extend(days(3))),
        ("a", Change::Goal(n(900_000))),
        ("b", Change::Shift(n(500), "a".into())),
        ("b", Change::Priority(6)),
        ("b", Change::Pause),
        ("b", Change::Resume),
    ])
    .expect("possible");
    let mut changed = lines();
    all.apply(&mut changed).expect("fresh");
    let budget = |name: &str| changed[&Name::from(name)].terms.budget;
    assert_eq!(
        (budget("a"), budget("b")),
        (Some(n(10_500)), Some(n(9_500)))
    );
    assert_eq!(
        all.apply(&mut changed),
        Err(Refused::Stale("a".into())),
        "only once"
    );
    all.inverse().apply(&mut changed).expect("as it was left");
    assert_eq!(changed, lines());
}

#[test]
fn all_of_a_diff_is_applied_or_nothing() {
    let two = diff(&[("a", Change::Priority(6)), ("b", Change::Priority(8))]).expect("possible");
    let mut meddled = lines();
    meddled.get_mut(&Name::from("b")).expect("b").terms.priority = Some(4);
    let before = meddled.clone();
    assert_eq!(two.apply(&mut meddled), Err(Refused::Stale("b".into())));
    assert_eq!(meddled, before);
}

#[test]
fn what_cannot_be_is_refused() {
    let refused = |name, change| diff(&[(name, change)]).expect_err("refused");
    assert_eq!(refused("c", Change::Pause), Refused::NoLine("c".into()));
    assert_eq!(
        refused("a", Change::Shorten(days(18))),
        Refused::Past(day(12))
    );
    assert_eq!(
        refused("a", Change::Shorten(days(40))),
        Refused::Flight(NotAFlight::Backwards)
    );
    assert_eq!(refused("a", Change::Goal(n(0))), Refused::NotAGoal(n(0)));
    assert_eq!(
        refused("a", Change::GoalBy(n(-2))),
        Refused::NotAGoal(n(-1_000_000))
    );
    assert_eq!(
        refused("a", Change::Goal(n(1_000_000))),
        Refused::Already("a".into())
    );
    assert_eq!(refused("a", Change::Priority(0)), Refused::Priority);
    assert_eq!(refused("a", Change::Resume), Refused::Already("a".into()));
    assert_eq!(
        refused("a", Change::Shift(n(1), "a".into())),
        Refused::Nothing
    );
    assert_eq!(
        refused("a", Change::Shift(n(-1), "b".into())),
        Refused::Nothing
    );
    assert_eq!(
        refused("a", Change::Extend(days(4_000))),
        Refused::Flight(NotAFlight::TooLong)
    );
    let spent = Refused::Spent {
        line: "b".into(),
        left: n(1_000),
        spent: n(9_000),
    };
    assert_eq!(refused("b", Change::Shift(n(1_001), "a".into())), spent);
    let mut mixed = lines();
    mixed.get_mut(&Name::from("a")).expect("a").terms.currency = Some(Currency::USD);
    let shift = [("b".into(), Change::Shift(n(1), "a".into()))];
    assert_eq!(Diff::of(&mixed, &shift), Err(Refused::Mixed));
    let mut over = lines();
    over.get_mut(&Name::from("a")).expect("a").seen.as_of = day(30);
    assert_eq!(
        Diff::of(&over, &[("a".into(), Change::Pause)]),
        Err(Refused::Over("a".into()))
    );
}

prop_compose! {
    fn any_change()(kind in 0..8, by in 1i64..40, to_a in any::<bool>()) -> (Name, Change) {
        let (name, other) = if to_a { ("b", "a") } else { ("a", "b") };
        let change = match kind {
            0 => Change::Extend(days(by)),
            1 => Change::Shorten(days(by)),
            2 => Change::Goal(n(by * 50_000)),
            3 => Change::GoalBy(Ratio::percent(by - 20)),
            4 => Change::Shift(n(by * 30), other.into()),
            5 => Change::Pace(Pacing::FrontLoaded),
            6 => Change::Pause,
            _ => Change::Resume,
        };
        (name.into(), change)
    }
}

proptest! {
    #[test]
    fn what_was_done_can_be_undone(changes in proptest::collection::vec(any_change(), 1..8)) {
        let budgets = |lines: &Lines| lines.values().map(|line| line.terms.budget).collect::<Vec<_>>();
        if let Ok(made) = Diff::of(&lines(), &changes) {
            let mut changed = lines();
            prop_assert_eq!(made.apply(&mut changed), Ok(()));
            let sum = budgets(&changed).into_iter().flatten().try_fold(Ratio::ZERO, Ratio::plus);
            prop_assert_eq!(sum, Some(n(20_000)), "shifts keep the sum");
            prop_assert_eq!(made.inverse().apply(&mut changed), Ok(()));
            prop_assert_eq!(changed, lines());
        }
    }
}
