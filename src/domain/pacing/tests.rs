//! The worked examples of the trade, and what must hold for every line.

use chrono::Duration;
use proptest::prelude::*;

use super::{
    clock::Clock,
    curve::{Curve, Pacing},
    explained::{Explainer, Figure, Value},
    figures::Figures,
    outward,
    ratio::Ratio,
    rollup::roll_up,
    status::{Beside, Bounds, Status, chips},
    terms::{Goal, Lifecycle, Pause, Rebase, Seen, Standard, Terms, Unit},
};
use crate::domain::{currency::Currency, when::Instant, zone::Zone};

pub(super) fn n(number: i64) -> Ratio {
    Ratio::whole(number)
}

/// Day 0 is the first midnight of a flight of so many days in July.
pub(super) fn day(days: i64) -> Instant {
    let start: Instant = "2026-07-01T00:00:00Z".parse().expect("a time");
    start + Duration::days(days)
}

pub(super) fn terms(goal: i64, days: i64) -> Terms {
    let clock = Clock::new(day(0), day(days), Zone::UTC).expect("a flight");
    Terms::new(Goal::Amount(Unit::Impressions, n(goal)), clock)
}

fn figures(terms: &Terms, delivered: i64, at: i64) -> Figures {
    Figures::of(terms, &Seen::new(n(delivered), day(at)))
}

fn status(terms: &Terms, seen: &Seen) -> Status {
    Bounds::default().judge(terms, Some((seen, &Figures::of(terms, seen))))
}

#[test]
fn delivered_by_due_is_the_index() {
    let told = figures(&terms(1_000_000, 30), 280_000, 12);
    assert_eq!(told.expected, Some(n(400_000)));
    assert_eq!(told.index, Some(Ratio::percent(70)));
    assert_eq!(told.required_daily, Some(n(40_000)));
    assert_eq!(told.projected_plan, Some(n(700_000)));
    assert_eq!(told.gap, Some(n(-120_000)));
}

#[test]
fn spend_through_yesterday_is_95_per_cent_of_an_even_plan() {
    let mut line = terms(100, 10);
    line.goal = Goal::Amount(Unit::Money(Currency::USD), n(100));
    assert_eq!(figures(&line, 57, 6).osi_pct, Some(n(95)));
}

#[test]
fn two_thirds_are_shown_rounded_down_as_66() {
    let told = figures(&terms(900, 30), 200, 10);
    assert_eq!(outward::gam(&told), Some(66));
    assert_eq!(told.osi_pct.map(|osi| osi.shown(4)), Some("66.6667".into()));
    assert_eq!(
        outward::adcp(&told).map(|index| index.shown(4)),
        Some("0.6667".into())
    );
}

#[test]
fn a_raise_in_flight_shows_on_the_contract_and_not_on_the_plan() {
    let mut line = terms(1_300_000, 30);
    let delivered = Ratio::new(1_000_000, 3).expect("a third");
    line.rebase = Some(Rebase {
        at: day(10),
        delivered,
    });
    let told = Figures::of(&line, &Seen::new(delivered, day(10)));
    assert_eq!(
        told.index.map(|index| index.shown(4)),
        Some("0.7692".into())
    );
    assert_eq!(told.plan_index, Some(Ratio::ONE));
    // Ten days later along the new plan: half of the rest.
    let half = Ratio::new(1_300_000 + 333_333, 2).expect("about");
    let later = Figures::of(&line, &Seen::new(half, day(20)));
    assert_eq!(
        later.plan_index.map(|index| index.shown(3)),
        Some("1".into())
    );
}

#[test]
fn a_pause_does_not_stop_the_contract_and_says_what_it_cost() {
    let mut line = terms(1_000, 30);
    line.pauses = vec![Pause {
        from: day(4),
        until: Some(day(7)),
    }];
    let told = figures(&line, 233, 10);
    assert_eq!((told.paused_days, told.pause_points), (n(3), Some(n(30))));
    let words: Vec<String> = chips(&told, &Beside::default())
        .iter()
        .map(super::status::Chip::words)
        .collect();
    assert_eq!(words, ["paused 3 d, cost 30 points"]);
}

#[test]
fn chips_say_what_the_status_cannot() {
    let told = figures(&terms(1_000_000, 30), 280_000, 12);
    let beside = Beside {
        age: Some(Duration::hours(36)),
        cadence: Some(Duration::hours(1)),
        upstream: Some(Ratio::ONE),
        missing_metrics: true,
        discrepancy: Some(n(12)),
        no_creative: true,
    };
    let words: Vec<String> = chips(&told, &beside)
        .iter()
        .map(super::status::Chip::words)
        .collect();
    assert_eq!(
        words,
        [
            "stale 36h",
            "upstream says 1.00",
            "missing metrics",
            "discrepancy 12 %",
            "no approved creative"
        ]
    );
    let near = Beside {
        upstream: Some(Ratio::percent(74)),
        ..Beside::default()
    };
    assert_eq!(chips(&told, &near), []);
}

#[test]
fn nothing_is_clamped_and_nothing_is_made_up() {
    let over = figures(&terms(1_000, 10), 1_500, 10);
    assert_eq!(over.rate_pct, Some(n(150)));
    assert_eq!((over.remaining, over.required_daily), (Some(n(0)), None));
    let before = figures(&terms(1_000, 10), 5, -3);
    assert_eq!((before.progress, before.index), (Some(n(0)), None));
    assert_eq!(
        (before.avg_daily, before.lift_avg, before.band),
        (None, None, None)
    );
    let mut asap = terms(1_000, 10);
    asap.pacing = Pacing::Asap;
    let asap = figures(&asap, 500, 5);
    assert_eq!(
        (asap.expected, asap.index, asap.projected_plan),
        (None, None, None)
    );
    let mut share = terms(1, 10);
    share.goal = Goal::Share(Ratio::percent(60));
    let share = figures(&share, 500, 5);
    assert_eq!(
        (share.index, share.rate_pct, share.remaining),
        (None, None, None)
    );
    assert_eq!(share.avg_daily, Some(n(100)));
}

#[test]
fn projections_are_a_band_and_its_low_end_is_at_risk() {
    let mut line = terms(1_000_000, 30);
    line.budget = Some(n(10_000));
    let seen = Seen {
        rate_24h: Some(n(20_000)),
        rate_7d: Some(n(50_000)),
        spent: Some(n(2_800)),
        ..Seen::new(n(280_000), day(12))
    };
    let told = Figures::of(&line, &seen);
    assert_eq!(told.band, Some((n(640_000), n(1_180_000))));
    assert_eq!(told.at_risk, Some(n(3_600)));
    assert_eq!((told.lift_24h, told.extend_days), (Some(n(2)), Some(n(18))));
    assert_eq!(told.finish, Some(day(48)));
    assert_eq!(told.budget_pct, Some(n(28)));
}

/// The status of a line of a million in 100 days, half way, by its index in per cent.
fn half_way(index: i64) -> Status {
    let line = terms(1_000_000, 100);
    let delivered = n(500_000).times(Ratio::percent(index)).expect("short");
    status(
        &line,
        &Seen {
            rate_24h: Some(n(20_000)),
            ..Seen::new(delivered, day(50))
        },
    )
}

#[test]
fn the_bounds_are_outside_of_the_bands() {
    let expected = [
        (74, Status::CriticalBehind),
        (75, Status::Behind),
        (89, Status::Behind),
        (90, Status::OnTrack),
        (110, Status::OnTrack),
        (111, Status::Ahead),
        (125, Status::Ahead),
        (126, Status::CriticalAhead),
    ];
    for (index, status) in expected {
        assert_eq!(half_way(index), status, "{index} %");
    }
}

#[test]
fn towards_the_end_the_bands_are_narrower() {
    let line = terms(1_000_000, 100);
    let at = |index: i64, at: i64| {
        let due = line
            .pacing
            .due(line.clock.progress(day(at)).expect("share"))
            .expect("share");
        let delivered = n(10_000)
            .times(due)
            .and_then(|due| due.times(n(index)))
            .expect("short");
        status(
            &line,
            &Seen {
                rate_24h: Some(n(900_000)),
                ..Seen::new(delivered, day(at))
            },
        )
    };
    assert_eq!([at(94, 89), at(94, 90)], [Status::OnTrack, Status::Behind]);
    assert_eq!(
        [at(95, 90), at(89, 90)],
        [Status::OnTrack, Status::CriticalBehind]
    );
    assert_eq!(
        [at(106, 90), at(111, 97)],
        [Status::Ahead, Status::CriticalAhead]
    );
    let short = terms(1_000_000, 5);
    let seen = Seen {
        rate_24h: Some(n(900_000)),
        ..Seen::new(n(376_000), day(2))
    };
    assert_eq!(status(&short, &seen), Status::Behind, "72 hours are left");
}

#[test]
fn on_track_is_at_risk_when_it_slows_down() {
    let line = terms(1_000_000, 100);
    let seen = |rate_24h, rate_7d| Seen {
        rate_24h,
        rate_7d,
        ..Seen::new(n(500_000), day(50))
    };
    assert_eq!(status(&line, &seen(None, None)), Status::OnTrack);
    assert_eq!(status(&line, &seen(Some(n(8_999)), None)), Status::AtRisk);
    assert_eq!(status(&line, &seen(Some(n(9_000)), None)), Status::OnTrack);
    assert_eq!(status(&line, &seen(None, Some(n(8_000)))), Status::AtRisk);
    let slow = Seen::new(n(430_000), day(47));
    assert_eq!(status(&line, &slow), Status::OnTrack, "a lift of 1.18");
    let mut late = terms(1_000_000, 100);
    late.pacing = Pacing::Custom(
        Curve::new(vec![(Ratio::percent(50), Ratio::percent(30))]).expect("a curve"),
    );
    assert_eq!(
        status(&late, &Seen::new(n(300_000), day(50))),
        Status::AtRisk,
        "a lift of 2.33"
    );
}

#[test]
fn what_comes_first_is_said() {
    let line = terms(1_000_000, 100);
    let judge =
        |line: &Terms, delivered: i64, at: i64| status(line, &Seen::new(n(delivered), day(at)));
    assert_eq!(Bounds::default().judge(&line, None), Status::NoData);
    assert_eq!(judge(&line, 9, -1), Status::NotStarted);
    assert_eq!(judge(&line, 0, 50), Status::NotDelivering);
    assert_eq!(judge(&line, 1, 1), Status::WarmingUp);
    assert_eq!(judge(&terms(10_000, 10), 1, 0), Status::WarmingUp);
    assert_eq!(judge(&line, 1, 2), Status::CriticalBehind);
    assert_eq!(judge(&line, 949_999, 100), Status::EndedShort);
    assert_eq!(judge(&line, 950_000, 100), Status::EndedMet);
    assert_eq!(judge(&line, 1_050_000, 101), Status::EndedMet);
    assert_eq!(judge(&line, 1_050_001, 101), Status::EndedOver);
    let paused = Terms {
        lifecycle: Lifecycle::Paused,
        ..line.clone()
    };
    assert_eq!(judge(&paused, 0, 50), Status::Paused);
    let asap = Terms {
        pacing: Pacing::Asap,
        ..line.clone()
    };
    assert_eq!(judge(&asap, 1_000_000, 50), Status::GoalMet);
    let share = Terms {
        goal: Goal::Share(Ratio::percent(50)),
        ..line.clone()
    };
    assert_eq!(judge(&share, 1_000, 50), Status::NoGoal);
    let quiet = |hours| Seen {
        quiet_since: Some(day(50) - Duration::hours(hours)),
        ..Seen::new(n(500_000), day(50))
    };
    assert_eq!(status(&line, &quiet(4)), Status::NotDelivering);
    assert_eq!(status(&line, &quiet(3)), Status::OnTrack);
}

#[test]
fn every_status_has_a_name_a_sign_and_a_word_outside() {
    let names: std::collections::BTreeSet<_> = Status::ALL.iter().map(|one| one.name()).collect();
    assert_eq!(names.len(), Status::ALL.len());
    for status in Status::ALL {
        let json = serde_json::to_string(&status).expect("json");
        assert_eq!(json, format!("\"{}\"", status.name()));
        assert!(["on_track", "behind", "ahead", "no_data"].contains(&outward::line_stats(status)));
    }
    let signs = [
        Status::CriticalBehind,
        Status::Behind,
        Status::OnTrack,
        Status::Ahead,
        Status::CriticalAhead,
        Status::AtRisk,
    ];
    assert_eq!(signs.map(Status::sign), ["▼▼", "▼", "●", "▲", "▲▲", "◆"]);
}

#[test]
fn kinds_never_mix() {
    let lines: Vec<(Terms, Seen, Figures)> = [
        (Unit::Viewable(Standard::Mrc), Some(Currency::USD), 100),
        (Unit::Viewable(Standard::GroupM), Some(Currency::USD), 100),
        (Unit::Viewable(Standard::Mrc), None, 100),
        (Unit::Viewable(Standard::Mrc), Some(Currency::USD), 300),
    ]
    .into_iter()
    .map(|(unit, currency, goal)| {
        let mut line = terms(goal, 10);
        line.goal = Goal::Amount(unit, n(goal));
        line.currency = currency;
        let seen = Seen::new(n(50), day(5));
        let figures = Figures::of(&line, &seen);
        (line, seen, figures)
    })
    .collect();
    let rolled = roll_up(
        lines
            .iter()
            .map(|(terms, seen, figures)| (terms, seen, figures)),
    );
    assert_eq!(rolled.kinds.len(), 3);
    let sums = rolled
        .kinds
        .values()
        .find(|sums| sums.lines == 2)
        .expect("two");
    // Sums over sums: the mean of 1 and 1/3 would be 2/3.
    assert_eq!(sums.index(), Ratio::percent(50).into());
}

#[test]
fn what_is_too_long_to_add_exactly_is_added_all_the_same() {
    // Every line of a desk has another flight: their fractions have little in common.
    let lines: Vec<_> = (1..=200i64)
        .map(|one| {
            let line = terms(1_000_003 + 7 * one, 10);
            let part = Ratio::new(
                i128::from(one) * 1_000_007 + 1,
                i128::from(one) * 999_983 + 2,
            );
            let seen = Seen::new(part.expect("a fraction"), day(5));
            let figures = Figures::of(&line, &seen);
            (line, seen, figures)
        })
        .collect();
    let rolled = roll_up(
        lines
            .iter()
            .map(|(terms, seen, figures)| (terms, seen, figures)),
    );
    let sums = rolled.kinds.values().next().expect("one kind");
    assert_eq!(sums.lines, 200);
    let exact: f64 = lines
        .iter()
        .map(|(_, seen, _)| seen.delivered.approximate())
        .sum();
    assert!((sums.delivered.approximate() - exact).abs() < 1e-6);
    let due = |it: &Figures| it.expected.map_or(0.0, Ratio::approximate);
    let due: f64 = lines.iter().map(|(_, _, figures)| due(figures)).sum();
    assert!((sums.expected.approximate() - due).abs() < 1e-3);
}

prop_compose! {
    fn any_pacing()(kind in 0..4, time in 1i64..100, goal in 0i64..=100) -> Pacing {
        match kind {
            0 => Pacing::Even,
            1 => Pacing::FrontLoaded,
            2 => Pacing::Asap,
            _ => Pacing::Custom(
                Curve::new(vec![(Ratio::percent(time), Ratio::percent(goal))]).expect("a curve"),
            ),
        }
    }
}

prop_compose! {
    /// A line somewhere around its flight, to the second.
    fn any_line()(
        goal in 1i64..5_000_000_000, part in 0i64..2_000, seconds in 3_600i64..20_000_000,
        at in -100_000i64..25_000_000, pacing in any_pacing(), rate in prop::option::of(0i64..9_000_000),
        budget in prop::option::of(1i64..10_000_000), week in prop::option::of(1i64..9_000_000),
    ) -> (Terms, Seen) {
        let clock = Clock::new(day(0), day(0) + Duration::seconds(seconds), Zone::UTC).expect("one");
        let mut terms = Terms::new(Goal::Amount(Unit::Impressions, n(goal)), clock);
        (terms.pacing, terms.budget) = (pacing, budget.map(n));
        let delivered = n(goal / 1_000 * part);
        let seen = Seen {
            rate_24h: rate.map(n),
            rate_7d: week.map(n),
            spent: budget.map(|budget| n(budget / 2)),
            ..Seen::new(delivered, day(0) + Duration::seconds(at))
        };
        (terms, seen)
    }
}

proptest! {
    #[test]
    fn every_curve_starts_at_nothing_ends_at_all_and_never_falls(
        pacing in any_pacing(), one in 0i64..=10_000, other in 0i64..=10_000,
    ) {
        let due = |at: i64| pacing.due(Ratio::new(at.into(), 10_000).expect("a share"));
        if pacing == Pacing::Asap {
            prop_assert_eq!(due(one), None);
        } else {
            prop_assert_eq!((due(0), due(10_000)), (Some(Ratio::ZERO), Some(Ratio::ONE)));
            prop_assert!(due(one.min(other)) <= due(one.max(other)));
        }
    }

    #[test]
    fn the_index_does_not_know_the_scale((terms, seen) in any_line(), by in 1i64..10_000) {
        let goal = terms.goal.amount().and_then(|goal| goal.times(n(by))).expect("short");
        let large = Terms { goal: Goal::Amount(Unit::Impressions, goal), ..terms.clone() };
        let more = Seen { delivered: seen.delivered.times(n(by)).expect("short"), ..seen };
        let (small, large) = (Figures::of(&terms, &seen), Figures::of(&large, &more));
        prop_assert_eq!(small.index, large.index);
        prop_assert_eq!(small.rate_pct, large.rate_pct);
        prop_assert_eq!(small.lift_avg, large.lift_avg);
    }

    #[test]
    fn what_is_required_until_the_end_is_what_is_missing((terms, seen) in any_line()) {
        let told = Figures::of(&terms, &seen);
        let goal = terms.goal.amount().expect("a goal");
        let end = told.required_daily.and_then(|daily| daily.times(told.days_left)?.plus(seen.delivered));
        match end {
            Some(end) => prop_assert_eq!(end, goal.max(seen.delivered)),
            None => prop_assert!(seen.as_of >= terms.clock.end()),
        }
    }

    #[test]
    fn one_line_rolled_up_is_itself((terms, seen) in any_line()) {
        let told = Figures::of(&terms, &seen);
        let rolled = roll_up([(&terms, &seen, &told)]);
        let sums = rolled.kinds.into_values().next().expect("one");
        prop_assert_eq!(sums.index(), told.index);
        prop_assert_eq!(sums.rate_pct(), told.rate_pct);
        prop_assert_eq!(sums.budget_pct(), told.budget_pct);
        prop_assert_eq!(sums.at_risk, told.at_risk.unwrap_or_default());
    }

    #[test]
    fn every_figure_has_its_sum_and_the_sum_has_the_figure((terms, seen) in any_line()) {
        let (figures, bounds) = (Figures::of(&terms, &seen), Bounds::default());
        let explainer = Explainer { terms: &terms, seen: &seen, figures: &figures, bounds: &bounds };
        for figure in Figure::ALL {
            let told = explainer.explain(*figure);
            prop_assert!(!told.sum.is_empty() && !told.sum.contains("too long"), "{}", told.sum);
            match told.value {
                Some(Value::Number(number)) => {
                    prop_assert!(told.sum.starts_with(&number.to_string()), "{}", told.sum);
                }
                Some(Value::Status(status)) => prop_assert!(!status.name().is_empty()),
                Some(Value::At(at)) => {
                    prop_assert!(told.sum.starts_with(&at.format("%Y").to_string()), "{}", told.sum);
                }
                None => prop_assert!(!told.sum.contains('='), "{}", told.sum),
            }
        }
    }
}
