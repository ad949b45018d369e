//! The calculator as a trafficker and a script use it: figures with their sums, refusals that
//! name the field, and the same answer wherever the machine stands.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::desk::{Desk, Ran};

const EXPLAIN: &[&str] = &["--json", "pacing", "explain"];

/// A million from July 1 to 30, asked on the 13th.
fn line() -> Value {
    json!({
        "goal": 1_000_000, "delivered": 280_000,
        "start": "2026-07-01", "end": "2026-07-30", "asof": "2026-07-13",
    })
}

/// The line with other fields laid over it.
fn with(fields: &Value) -> Value {
    let mut line = line();
    for (name, value) in fields.as_object().expect("an object") {
        line[name] = value.clone();
    }
    line
}

fn ask(desk: &Desk, asked: &Value) -> Ran {
    desk.told(EXPLAIN, &asked.to_string())
}

#[track_caller]
fn answer(fields: &Value) -> Value {
    ask(&Desk::new(), &with(fields)).json(0)
}

/// Checks that the answer has these figures.
#[track_caller]
fn tells(fields: &Value, expected: &Value) {
    let told = answer(fields);
    for (name, value) in expected.as_object().expect("an object") {
        assert_eq!(&told[name], value, "{name} in {told:#}");
    }
}

#[test]
fn every_figure_comes_with_its_sum() {
    let told = answer(&json!({"rate_24h": 20_000, "budget": 10_000, "spent": 2_800}));
    let figures = json!({
        "progress": 0.4, "expected": 400_000, "index": 0.7, "osi_pct": 70, "deviation_pct": -30,
        "rate_pct": 28, "gap": -120_000, "days_left": 18, "required_daily": 40_000,
        "avg_daily": 23_333.333_333_333_3, "lift_avg": 1.714_285_714_3, "lift_24h": 2,
        "projected_plan": 700_000, "projected_24h": 640_000,
        "finish_date": "2026-08-18T00:00:00.000000Z", "extend_days": 18, "budget_pct": 28,
        "spend_at_risk": 3_600, "status": "critical_behind",
    });
    for (name, value) in figures.as_object().expect("an object") {
        assert_eq!(&told[name], value, "{name}");
        assert!(told["arithmetic"][name].is_string(), "{name}");
    }
    let sums = &told["arithmetic"];
    assert_eq!(sums["index"], "0.7 = 280,000 / 400,000");
    assert_eq!(sums["expected"], "400,000 = 1,000,000 × 12 d / 30 d");
    assert_eq!(
        sums["required_daily"],
        "40,000 = 720,000 / 18 d; 720,000 = 1,000,000 − 280,000"
    );
    assert_eq!(sums["status"], "critical_behind: -30 % is below -25 %");
    let table = Desk::new().told(&["pacing", "explain"], &line().to_string());
    table.ended(0, &[]);
    for words in ["FIGURE", "0.7", "280,000 / 400,000", "▼▼ critical_behind"] {
        assert!(table.out.contains(words), "{words} in {}", table.out);
    }
}

#[test]
fn a_line_tells_where_it_is_in_its_life() {
    tells(
        &json!({"asof": "2026-06-21", "delivered": 0}),
        &json!({"status": "not_started", "progress": 0, "index": null, "days_left": 40}),
    );
    tells(
        &json!({"asof": "2026-07-01T00:01:00Z", "delivered": 20}),
        &json!({"status": "warming_up", "index": 0.864, "avg_daily": 28_800}),
    );
    tells(
        &json!({"asof": "2026-08-02", "rate_24h": 0}),
        &json!({"status": "ended_short", "progress": 1, "days_left": 0, "required_daily": null}),
    );
    tells(
        &json!({"asof": "2026-07-20", "delivered": 1_200_000}),
        &json!({"status": "critical_ahead", "rate_pct": 120, "required_daily": 0, "lift_avg": 0}),
    );
    tells(
        &json!({"pacing": "asap", "rate_24h": 60_000}),
        &json!({"status": "on_track", "index": null, "expected": null, "projected_24h": 1_360_000}),
    );
    tells(
        &json!({"curve": [[0.25, 0.4], [0.75, 0.6]]}),
        &json!({"expected": 460_000, "osi_pct": 60.869_565_217_4}),
    );
    tells(
        &json!({"pacing": "front_loaded", "delivered": 500_000}),
        &json!({"expected": 500_000, "index": 1}),
    );
    tells(
        &json!({"goal": 0, "delivered": 0}),
        &json!({"status": "no_goal", "rate_pct": null, "expected": null}),
    );
}

#[test]
fn a_day_is_as_long_as_it_is_there() {
    let autumn = json!({
        "goal": 25_000, "delivered": 13_000, "start": "2026-10-25", "end": "2026-10-25",
        "timezone": "Europe/Berlin", "asof": "2026-10-25T12:00:00+01:00",
    });
    tells(
        &autumn,
        &json!({"progress": 0.52, "index": 1, "days_left": 0.5}),
    );
    let spring = json!({
        "goal": 23_000, "delivered": 11_000, "start": "2026-03-29", "end": "2026-03-29",
        "timezone": "Europe/Berlin", "asof": "2026-03-29T12:00:00+02:00",
    });
    tells(
        &spring,
        &json!({"expected": 11_000, "index": 1, "days_left": 0.5}),
    );
    let evenings = json!({
        "active_hours": [[18, 22]], "timezone": "Europe/Berlin", "asof": "2026-07-13T20:30:00+02:00",
    });
    tells(&evenings, &json!({"progress": 0.420_833_333_3}));
    let mondays = json!({"active_hours": {"mon": [0, 1]}});
    tells(&mondays, &json!({"progress": 0.25}));
}

#[test]
fn what_cannot_be_explained_is_refused_by_name_with_a_hint() {
    let desk = Desk::new();
    for (fields, saying) in [
        (json!({"gaol": 1}), "gaol: "),
        (json!({"goal": -1}), "goal: is below zero"),
        (json!({"goal": "1000000"}), "goal: "),
        (json!({"goal": null}), "goal: "),
        (json!({"delivered": -0.5}), "delivered: is below zero"),
        (json!({"rate_24h": -1}), "rate_24h: is below zero"),
        (json!({"budget": 1e300}), "budget: "),
        (json!({"spent": [1]}), "spent: "),
        (
            json!({"end": "2026-06-30"}),
            "end: does not come after the start",
        ),
        (json!({"end": "2040-06-30"}), "end: is more than five years"),
        (
            json!({"start": "soon"}),
            "start: is neither a day nor a time",
        ),
        (
            json!({"asof": "2026-07-13T00:00:00"}),
            "asof: is a time without its offset",
        ),
        (json!({"asof": 5}), "asof: is a number"),
        (json!({"pacing": "fast"}), "pacing: `fast`"),
        (
            json!({"curve": [[0.5, 0.6], [0.7, 0.5]]}),
            "curve: falls at point 2",
        ),
        (
            json!({"curve": [[0.5]]}),
            "curve[0]: has a point that is no pair",
        ),
        (
            json!({"curve": [[0.5, 0.5]], "pacing": "asap"}),
            "curve: does not go with pacing asap",
        ),
        (
            json!({"timezone": "Mars/Olympus"}),
            "timezone: `Mars/Olympus` is not a time zone",
        ),
        (json!({"active_hours": [24]}), "active_hours: "),
        (json!({"active_hours": []}), "active_hours: leaves no hour"),
        (json!({"active_hours": 12}), "active_hours: is not a list"),
        (json!({"active_hours": {"day": []}}), "active_hours: `day`"),
    ] {
        let ran = ask(&desk, &with(&fields));
        ran.refused(2, &[saying, "\nhint: "]);
        assert_eq!(ran.err.lines().count(), 2, "{ran:?}");
    }
    for input in [
        "",
        "[]",
        "{",
        "7",
        "{\"goal\": 1}",
        "{\"goal\": 1, \"goal\": 2}",
    ] {
        desk.told(EXPLAIN, input).refused(2, &["\nhint: "]);
    }
    assert!(!desk.database().exists(), "a calculator makes no database");
}

/// Where machines stand.
const ZONES: [&str; 6] = [
    "UTC",
    "Pacific/Kiritimati",
    "America/Los_Angeles",
    "Asia/Kolkata",
    "Europe/Berlin",
    "Mars/Olympus",
];

#[test]
fn the_machines_own_time_zone_changes_nothing() {
    let desk = Desk::new();
    for asked in [
        line(),
        with(&json!({"timezone": "America/New_York", "active_hours": [[6, 12]]})),
        with(&json!({"asof": "2026-07-13T05:00:00+09:00", "rate_24h": 41_000})),
        // A day of 25 hours there, and one of 23.
        with(&json!({
            "start": "2026-10-25", "end": "2026-10-25", "timezone": "Europe/Berlin",
            "asof": "2026-10-25T02:30:00+01:00", "active_hours": [[1, 4]],
        })),
        with(&json!({
            "start": "2027-03-14", "end": "2027-03-16", "timezone": "America/New_York",
            "asof": "2027-03-15",
        })),
    ] {
        for args in [EXPLAIN, &EXPLAIN[1..]] {
            let told = ZONES.map(|zone| desk.told_in(zone, args, &asked.to_string()));
            assert_eq!(told[0].code, 0, "{asked}: {}", told[0].err);
            for (zone, ran) in ZONES.iter().zip(&told) {
                assert_eq!(ran.out, told[0].out, "{asked} in {zone}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn no_line_paces_otherwise_on_a_machine_elsewhere(
        (start, days) in (0i64..400, 1i64..60),
        (share, delivered) in (0i64..140, 0u64..2_000_000),
        zone in prop::sample::select(&["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"]),
        machine in prop::sample::select(&ZONES),
    ) {
        let day = |n: i64| {
            let first = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day");
            (first + chrono::Duration::days(n)).to_string()
        };
        let asof = chrono::DateTime::parse_from_rfc3339(&format!("{}T00:00:00Z", day(start)));
        let asof = asof.expect("an instant") + chrono::Duration::minutes(share * days * 1_440 / 100);
        let asked = with(&json!({
            "start": day(start), "end": day(start + days - 1), "delivered": delivered,
            "timezone": zone, "asof": asof.to_rfc3339(),
        }));
        let desk = Desk::new();
        let told = ["UTC", machine].map(|tz| desk.told_in(tz, EXPLAIN, &asked.to_string()).json(0));
        prop_assert_eq!(&told[0], &told[1], "{} in {}", asked, machine);
    }
}

/// The same figures by floating point and nothing else.
fn plainly(
    goal: f64,
    delivered: f64,
    gone: f64,
    whole: f64,
    rate: f64,
) -> [(&'static str, f64); 10] {
    let progress = (gone / whole).clamp(0.0, 1.0);
    let expected = goal * progress;
    let left = (whole - gone) / 86_400.0;
    let required = (goal - delivered).max(0.0) / left;
    let average = delivered / (gone / 86_400.0);
    [
        ("progress", progress),
        ("expected", expected),
        ("index", delivered / expected),
        ("osi_pct", 100.0 * delivered / expected),
        ("deviation_pct", 100.0 * delivered / expected - 100.0),
        ("rate_pct", 100.0 * delivered / goal),
        ("days_left", left),
        ("required_daily", required),
        ("lift_avg", required / average),
        ("projected_24h", delivered + rate * left),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn a_naive_calculation_comes_to_the_same(
        goal in 1_000i32..1_000_000_000, delivered in 1i32..1_200_000_000,
        gone in 60i32..2_500_000, rate in 1i32..90_000_000,
    ) {
        let asof = chrono::DateTime::from_timestamp(1_782_864_000 + i64::from(gone), 0).expect("a time");
        let fields = json!({
            "goal": goal, "delivered": delivered, "rate_24h": rate, "asof": asof.to_rfc3339(),
        });
        let told = answer(&fields);
        let plain = plainly(goal.into(), delivered.into(), gone.into(), 2_592_000.0, rate.into());
        for (name, value) in plain {
            let ours = told[name].as_f64().expect(name);
            let near = (ours - value).abs() <= value.abs().max(1.0) * 1e-9;
            prop_assert!(near, "{name}: {ours} and {value}");
        }
    }
}
