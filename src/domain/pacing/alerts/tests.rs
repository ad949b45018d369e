//! Every rule at its threshold, the life of an alert, and who is looked at first.

use chrono::Duration;

use super::{
    Finding, Rule, Severity,
    rank::{Filed, rank, worst_first},
    rules::{Agreed, Creative, Hour, Signals},
    watch::{Alert, Refusal, State},
};
use crate::domain::{
    currency::Currency,
    delivery::measured::Count,
    pacing::{
        figures::Figures,
        ratio::Ratio,
        samples::Sample,
        status::Bounds,
        terms::{Lifecycle, Name, Seen, Terms},
        tests::{day, n, terms},
    },
    when::Instant,
};

fn line() -> Terms {
    Terms {
        budget: Some(n(10_000)),
        ..terms(1_000_000, 100)
    }
}

/// Half way on its plan.
fn half() -> Seen {
    Seen {
        spent: Some(n(5_000)),
        ..Seen::new(n(500_000), day(50))
    }
}

/// What is wrong with a line after something was arranged.
fn found(terms: &Terms, seen: &Seen, arrange: impl FnOnce(&mut Signals<'_>)) -> Vec<Finding> {
    let (figures, bounds) = (Figures::of(terms, seen), Bounds::default());
    let mut signals = Signals::new(terms, seen, &figures, &bounds, seen.as_of);
    arrange(&mut signals);
    signals.findings()
}

fn rules(terms: &Terms, seen: &Seen, arrange: impl FnOnce(&mut Signals<'_>)) -> Vec<Rule> {
    found(terms, seen, arrange)
        .into_iter()
        .map(|one| one.rule)
        .collect()
}

fn delivered(count: i64, at: i64) -> Seen {
    Seen {
        delivered: n(count),
        as_of: day(at),
        ..half()
    }
}

#[test]
fn a_line_on_its_plan_is_left_alone() {
    assert_eq!(rules(&line(), &half(), |_| ()), []);
}

#[test]
fn pacing_rules_fire_beyond_their_bounds_and_only_for_lines_that_run() {
    assert_eq!(rules(&line(), &delivered(450_000, 50), |_| ()), []);
    assert_eq!(
        rules(&line(), &delivered(449_999, 50), |_| ()),
        [Rule::Behind]
    );
    let far = delivered(374_999, 50);
    assert_eq!(
        rules(&line(), &far, |_| ()),
        [Rule::CritBehind, Rule::Behind]
    );
    assert_eq!(
        rules(&line(), &delivered(625_001, 50), |_| ()),
        [Rule::Burn]
    );
    let paused = Terms {
        lifecycle: Lifecycle::Paused,
        ..line()
    };
    assert_eq!(rules(&paused, &far, |_| ()), []);
    let early = Seen {
        rate_24h: Some(n(10_300)),
        ..half()
    };
    assert_eq!(
        rules(&line(), &early, |_| ()),
        [Rule::Burn],
        "used up 1.46 d early"
    );
    let in_time = Seen {
        rate_24h: Some(n(10_200)),
        ..half()
    };
    assert_eq!(rules(&line(), &in_time, |_| ()), []);
    let small = terms(1_000, 100);
    let few = Seen::new(n(100), day(50));
    assert_eq!(
        rules(&small, &few, |_| ()),
        [Rule::Behind],
        "too few for a critical one"
    );
}

#[test]
fn starting_and_stopping_are_seen() {
    let started = |hours: i64| Seen::new(n(0), day(0) + Duration::hours(hours));
    assert_eq!(rules(&line(), &started(1), |_| ()), [Rule::Behind]);
    assert!(rules(&line(), &started(2), |_| ()).contains(&Rule::NotStarted));
    let hour = |now: i64, expected: i64| {
        let hour = Hour {
            now: n(now),
            then: n(1_000),
            expected: n(expected),
        };
        rules(&line(), &half(), |signals| signals.hour = Some(hour))
    };
    assert_eq!(hour(99, 500), [Rule::Stopped]);
    assert_eq!((hour(100, 500), hour(99, 499)), (vec![], vec![]));
}

#[test]
fn ends_that_will_be_missed_are_seen() {
    let slow = |at: i64, rate: i64| {
        let seen = Seen {
            rate_24h: Some(n(rate)),
            ..delivered(at * 10_000, at)
        };
        found(&line(), &seen, |_| ())
    };
    assert_eq!(slow(90, 1), [], "ten days are left");
    let warned = slow(93, 1);
    assert_eq!(
        (warned[0].rule, warned[0].severity),
        (Rule::ProjectedShort, Severity::Warning)
    );
    assert_eq!(warned[0].hold, Duration::hours(24));
    let seen = Seen {
        rate_24h: Some(n(0)),
        ..delivered(910_000, 97)
    };
    let late = found(&line(), &seen, |_| ());
    assert_eq!(
        (late[0].rule, late[0].severity),
        (Rule::ProjectedShort, Severity::Critical)
    );
    let ending = rules(&line(), &delivered(920_000, 98), |_| ());
    assert_eq!(ending, [Rule::ProjectedShort, Rule::EndingShort]);
    let best = |best: i64| rules(&line(), &half(), |signals| signals.best_day = Some(n(best)));
    assert_eq!(
        (best(9_999), best(10_000)),
        (vec![Rule::CannotFinish], vec![])
    );
}

#[test]
fn money_and_flight_are_kept() {
    let spent = |spent: i64| Seen {
        spent: Some(n(spent)),
        ..half()
    };
    assert_eq!(rules(&line(), &spent(10_000), |_| ()), []);
    assert_eq!(rules(&line(), &spent(10_001), |_| ()), [Rule::Overspend]);
    let capped = |signals: &mut Signals<'_>| signals.budget_cap = Ratio::percent(5);
    assert_eq!(rules(&line(), &spent(10_500), capped), []);
    assert!(rules(&line(), &delivered(1_050_001, 99), |_| ()).contains(&Rule::Overspend));
    assert_eq!(rules(&line(), &delivered(1, -1), |_| ()), [Rule::PreFlight]);
    let after = |signals: &mut Signals<'_>| signals.after_flight = n(7);
    assert_eq!(
        rules(&line(), &delivered(1_000_000, 101), after),
        [Rule::PostFlight]
    );
    let before = |spent: i64, delivered: i64| {
        let sample = Sample {
            at: day(49),
            delivered: n(delivered),
            spent: Some(n(spent)),
        };
        rules(&line(), &half(), |signals| signals.previous = Some(sample))
    };
    assert_eq!(before(4_999, 500_000), [Rule::SpendWithoutDelivery]);
    assert_eq!(before(5_000, 500_000), []);
    assert_eq!(before(4_999, 500_001), [Rule::CounterWentBack]);
}

#[test]
fn figures_are_doubted() {
    let aged = |minutes: i64| {
        rules(&line(), &half(), |signals| {
            signals.cadence = Duration::minutes(15);
            signals.now = day(50) + Duration::minutes(minutes);
        })
    };
    assert_eq!((aged(30), aged(31)), (vec![], vec![Rule::Stale]));
    let theirs = |impressions: u64, ours: u64| {
        let count = Count {
            source: "adserver.example".into(),
            until: day(49),
            impressions,
            measurable: None,
            viewable: None,
            completes: None,
            ours: Some(ours),
        };
        rules(&line(), &half(), |signals| signals.theirs = Some(count))
    };
    assert_eq!(
        (theirs(450_000, 500_000), theirs(449_999, 500_000)),
        (vec![], vec![Rule::Discrepancy])
    );
    assert_eq!(theirs(1, 9_999), [], "too few to compare");
    let upstream = |index: i64| {
        rules(&line(), &half(), |signals| {
            signals.upstream = Some(Ratio::percent(index));
        })
    };
    assert_eq!(
        (upstream(95), upstream(94)),
        (vec![], vec![Rule::UpstreamDisagrees])
    );
    let seen_for = |measured: i64, rate: i64| {
        rules(&line(), &half(), |signals| {
            signals.viewability = Some(Agreed {
                rate: n(rate),
                least: n(70),
                measured: n(measured),
            });
        })
    };
    assert_eq!(seen_for(50, 69), [Rule::Quality]);
    assert_eq!((seen_for(49, 69), seen_for(50, 70)), (vec![], vec![]));
    let rejected = |signals: &mut Signals<'_>| signals.creative = Creative::Rejected;
    assert_eq!(rules(&line(), &half(), rejected), [Rule::CreativeBlocking]);
}

fn at(hours: i64) -> Instant {
    day(50) + Duration::hours(hours)
}

fn finding(severity: Severity, hold: i64, at_risk: i64) -> Finding {
    Finding {
        rule: Rule::CritBehind,
        severity,
        hold: Duration::hours(hold),
        said: "-30 %".into(),
        at_risk: Some(n(at_risk)),
    }
}

fn alert() -> Alert {
    Alert::new("line-1".into(), finding(Severity::Warning, 4, 100), at(0))
}

fn opened() -> Alert {
    alert()
        .seen_again(Some(finding(Severity::Warning, 4, 100)), at(4))
        .expect("held")
}

#[test]
fn an_alert_must_hold_before_anybody_is_told() {
    let wrong = || Some(finding(Severity::Warning, 4, 100));
    let waiting = alert().seen_again(wrong(), at(3)).expect("still wrong");
    assert_eq!(waiting.state, State::Waiting);
    assert_eq!(
        waiting.clone().acknowledge("ann", "", at(3)),
        Err(Refusal::NotYet)
    );
    assert_eq!(
        waiting.clone().seen_again(None, at(3)),
        None,
        "it was never told"
    );
    let open = waiting.seen_again(wrong(), at(4)).expect("still wrong");
    assert_eq!(open.state, State::Open { since: at(4) });
    // Looking again at the same snapshot changes nothing.
    assert_eq!(open.clone().seen_again(wrong(), at(4)), Some(open));
    assert!(Alert::new("a".into(), finding(Severity::Critical, 0, 1), at(0)).is_open());
}

#[test]
fn an_alert_is_seen_to_and_resolves_itself() {
    let known = opened()
        .acknowledge("ann", "asked the publisher", at(5))
        .expect("open");
    assert!(!known.is_open());
    assert_eq!(
        known.clone().acknowledge("bob", "", at(5)),
        Err(Refusal::Acknowledged)
    );
    let wrong = |severity| Some(finding(severity, 4, 100));
    let same = known
        .clone()
        .seen_again(wrong(Severity::Warning), at(6))
        .expect("wrong");
    assert_eq!(same.state, known.state);
    let worse = known
        .clone()
        .seen_again(wrong(Severity::Critical), at(6))
        .expect("worse");
    assert!(worse.is_open(), "worse than what was acknowledged");
    let over = known.seen_again(None, at(7)).expect("told before");
    assert_eq!(over.state, State::Resolved { at: at(7) });
    assert_eq!(
        over.clone().snooze("ann", at(9), at(8)),
        Err(Refusal::Resolved)
    );
    let again = over
        .seen_again(wrong(Severity::Warning), at(9))
        .expect("wrong again");
    assert_eq!((again.state, again.since), (State::Waiting, at(9)));
}

#[test]
fn an_alert_sleeps_until_its_time() {
    let wrong = || Some(finding(Severity::Warning, 4, 100));
    assert_eq!(opened().snooze("ann", at(4), at(5)), Err(Refusal::Past));
    assert_eq!(opened().wake(at(5)), Err(Refusal::Awake));
    let asleep = opened().snooze("ann", at(10), at(5)).expect("open");
    assert!(
        !asleep
            .clone()
            .seen_again(wrong(), at(9))
            .expect("wrong")
            .is_open()
    );
    assert!(
        asleep
            .clone()
            .seen_again(wrong(), at(10))
            .expect("wrong")
            .is_open()
    );
    assert!(asleep.wake(at(6)).expect("asleep").is_open());
}

#[test]
fn money_at_risk_comes_first_and_each_line_counts_once() {
    let open = |line: &str, rule: Rule, severity: Severity, risk: i64| {
        let finding = Finding {
            rule,
            ..finding(severity, 0, risk)
        };
        Alert::new(line.into(), finding, at(0))
    };
    let alerts = [
        ("small", open("a", Rule::CritBehind, Severity::Critical, 10)),
        ("large", open("b", Rule::Behind, Severity::Warning, 700)),
        (
            "large",
            open("b", Rule::EndingShort, Severity::Critical, 700),
        ),
        ("large", open("c", Rule::Stale, Severity::Warning, 50)),
        (
            "known",
            open("d", Rule::Behind, Severity::Warning, 9_000)
                .acknowledge("ann", "", at(0))
                .expect("open"),
        ),
    ];
    let filed = alerts.iter().map(|(order, alert)| Filed {
        order: Name::from(*order),
        currency: Some(Currency::USD),
        alert,
    });
    let rows = rank(filed);
    let told: Vec<_> = rows
        .iter()
        .map(|row| (row.order.as_str(), row.at_risk))
        .collect();
    assert_eq!(told, [("large", n(750)), ("small", n(10))]);
    assert_eq!(
        (rows[0].severity, rows[0].alerts.len()),
        (Severity::Critical, 3)
    );
}

#[test]
fn lines_are_ranked_by_what_is_at_risk() {
    let risks = [
        Some(n(5)),
        None,
        Some(Ratio::percent(1)),
        Some(n(70)),
        Some(n(5)),
        Some(n(0)),
    ];
    assert_eq!(worst_first(risks), [3, 0, 4, 2, 5, 1]);
}
