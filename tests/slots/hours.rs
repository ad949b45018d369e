//! Opening hours, as anybody could check them: by properties, by the days on which clocks change,
//! and by the program itself under other clocks than ours.

use std::process::Command;

use chrono::{Duration, NaiveDate};
use flightdeck::domain::{
    slot::{
        closure::Closure,
        hours::{Opening, Wall, Week},
        load::Taken,
        schedule::Schedule,
        span::Span,
        timetable::{Slot, Timetable},
        zone::{midnight, shifted},
    },
    when::Instant,
    zone::Zone,
};
use proptest::prelude::*;
use serde_json::{Value, json};

const ZONES: [&str; 8] = [
    "UTC",
    "America/New_York",
    "America/Denver",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "Africa/Cairo",
];

fn wall() -> impl Strategy<Value = Wall> {
    (0_u16..96).prop_map(|quarter| Wall::after_midnight(quarter * 15).expect("a time"))
}

fn openings() -> impl Strategy<Value = Vec<Opening>> {
    let one = (wall(), wall()).prop_map(|(open, close)| Opening { open, close });
    let one = one.prop_filter("an opening lasts", |one| one.makes_sense());
    prop::collection::vec(one, 0..3)
}

fn schedule() -> impl Strategy<Value = Schedule> {
    let day = openings;
    let week = (day(), day(), day(), day(), day(), day(), day()).prop_map(
        |(mon, tue, wed, thu, fri, sat, sun)| Week {
            mon,
            tue,
            wed,
            thu,
            fri,
            sat,
            sun,
        },
    );
    let sizes = (
        1_u32..12,
        prop::option::of(1_u32..12),
        0_u32..3,
        0_u32..3,
        1_u32..4,
    );
    (prop::sample::select(&ZONES[..]), week, sizes, 0_u32..300).prop_map(
        |(zone, operating_hours, (long, step, before, after, seats), notice)| Schedule {
            operating_hours,
            default_duration_minutes: long * 15,
            slot_step_minutes: step.map(|step| step * 15),
            buffer_before_minutes: before * 15,
            buffer_after_minutes: after * 15,
            max_concurrent: seats,
            min_notice_minutes: notice,
            max_horizon_days: Some(40),
            ..Schedule::closed(zone.parse().expect("a zone"))
        },
    )
}

/// Days around those on which clocks change, and any others.
fn day() -> impl Strategy<Value = NaiveDate> {
    let turns = [
        "2026-03-06",
        "2026-03-28",
        "2026-04-03",
        "2026-04-22",
        "2026-10-02",
        "2026-10-24",
        "2026-10-30",
        "2011-12-28",
    ];
    let near = prop::sample::select(turns.to_vec()).prop_map(|day| day.parse().expect("a day"));
    let any = (0_i64..700).prop_map(|days| shifted("2026-01-01".parse().expect("a day"), days));
    prop_oneof![near, any]
}

fn within(zone: Zone, first: NaiveDate, days: i64) -> Span {
    let end = midnight(zone, shifted(first, days));
    Span::new(midnight(zone, first), end).expect("time")
}

fn slots(schedule: &Schedule, span: Span, now: Instant, taken: &[Taken]) -> Vec<Slot> {
    let days = flightdeck::domain::slot::range::days(schedule.timezone, span);
    Timetable::new(schedule, days, now, taken).slots(span, true)
}

fn before(span: Span) -> Instant {
    span.starts_at() - Duration::days(1)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    /// What is listed can be booked, and what is not cannot: minute by minute.
    #[test]
    fn a_list_and_a_judgment_never_differ(schedule in schedule(), first in day(), bookings in prop::collection::vec((0_i64..200, 1_i64..12, 1_u32..3), 0..8)) {
        let span = within(schedule.timezone, first, 2);
        let taken: Vec<Taken> = bookings.iter().map(|(at, long, seats)| Taken {
            span: Span::new(span.start + at * 900, span.start + (at + long) * 900).expect("time"),
            seats: *seats,
        }).collect();
        let now = before(span);
        let listed: Vec<i64> = slots(&schedule, span, now, &taken).iter()
            .filter(|slot| slot.remaining > 0).map(|slot| slot.span.start).collect();
        let mut agreed = Vec::new();
        for start in (span.start..span.end).step_by(300) {
            let table = Timetable::around(&schedule, start, now, &taken);
            if table.judge(start, 1).is_ok() {
                agreed.push(start);
            }
        }
        prop_assert_eq!(listed, agreed);
    }

    /// Two questions about days that follow each other come to the same as one about both.
    #[test]
    fn it_does_not_matter_where_a_question_begins(schedule in schedule(), first in day(), cut in 1_i64..1500) {
        let zone = schedule.timezone;
        let span = within(zone, first, 4);
        let now = before(span);
        let middle = (span.start + cut * 211).min(span.end - 1);
        let whole = slots(&schedule, span, now, &[]);
        let mut parts = slots(&schedule, Span::new(span.start, middle).expect("time"), now, &[]);
        parts.extend(slots(&schedule, Span::new(middle, span.end).expect("time"), now, &[]));
        prop_assert_eq!(whole, parts);
    }

    /// A closure takes slots away and moves none of the others.
    #[test]
    fn a_closure_only_takes_away(schedule in schedule(), first in day(), from in 0_i64..300, long in 1_i64..100) {
        let span = within(schedule.timezone, first, 4);
        let now = before(span);
        let all = slots(&schedule, span, now, &[]);
        let start = span.start + from * 900;
        let closed: Closure = serde_json::from_value(json!({
            "startsAt": flightdeck::domain::slot::span::instant(start),
            "endsAt": flightdeck::domain::slot::span::instant(start + long * 900),
        })).expect("a closure");
        let closed = Schedule { closures: vec![closed], ..schedule.clone() };
        let left = slots(&closed, span, now, &[]);
        prop_assert!(left.iter().all(|slot| all.contains(slot)));
        let gone = Span::new(start, start + long * 900).expect("time");
        prop_assert!(left.iter().all(|slot| !slot.span.meets(gone)));
        prop_assert!(all.iter().all(|slot| slot.span.meets(gone) || left.contains(slot)));
    }

    /// Slots that are no closer than they are long never overlap, and none ends after its place closes.
    #[test]
    fn a_grid_never_overlaps_itself(schedule in schedule(), first in day()) {
        prop_assume!(schedule.step() >= schedule.default_duration_minutes);
        let span = within(schedule.timezone, first, 4);
        let all = slots(&schedule, span, before(span), &[]);
        prop_assert!(all.windows(2).all(|two| two[0].span.end <= two[1].span.start));
    }
}

#[test]
fn a_day_has_as_many_minutes_as_its_clock_shows() {
    let open: Opening = serde_json::from_str(r#"{"open":"00:00","close":"24:00"}"#).expect("one");
    for (zone, day, minutes) in [
        ("America/New_York", "2026-03-08", 1380),
        ("America/New_York", "2026-06-15", 1440),
        ("America/New_York", "2026-11-01", 1500),
        ("Australia/Lord_Howe", "2026-10-04", 1410),
        ("Australia/Lord_Howe", "2026-04-05", 1470),
        ("Africa/Cairo", "2026-04-24", 1380),
        ("Pacific/Apia", "2011-12-30", 0),
    ] {
        let zone: Zone = zone.parse().expect("a zone");
        let schedule = Schedule {
            operating_hours: Week::daily(&[open]),
            default_duration_minutes: 30,
            ..Schedule::closed(zone)
        };
        let day: NaiveDate = day.parse().expect("a day");
        let (start, end) = (midnight(zone, day), midnight(zone, shifted(day, 1)));
        let all = Span::new(start, end).map(|span| slots(&schedule, span, before(span), &[]));
        let offered = all.map_or(0, |all| {
            all.iter().map(|slot| slot.span.minutes()).sum::<u32>()
        });
        assert_eq!(offered, minutes, "{zone} {day}");
    }
}

fn preview(file: &std::path::Path, zone: &str, more: &[&str]) -> Value {
    let out = Command::new(env!("CARGO_BIN_EXE_flightdeck"))
        .args(["slots", "preview", &file.display().to_string(), "--json"])
        .args(more)
        .env("TZ", zone)
        .output()
        .expect("the program runs");
    assert!(
        out.status.success(),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    serde_json::from_slice(&out.stdout).expect("JSON")
}

#[test]
fn the_clock_of_the_machine_changes_nothing() {
    let home = tempfile::tempdir().expect("a scratch directory");
    let (file, there) = (
        home.path().join("tour.json"),
        home.path().join("there.json"),
    );
    let tour = json!({
        "timezone": "America/New_York", "defaultDurationMinutes": 30, "maxConcurrent": 2,
        "operatingHours": {"sat": [{"open": "22:00", "close": "03:00"}], "sun": [{"open": "10:00", "close": "11:00"}]},
    });
    let bookings = json!([
        {"start": "2026-11-01T05:30:00Z", "end": "2026-11-01T06:00:00Z", "status": "confirmed"},
        {"start": "2026-11-01T01:30:00", "end": "2026-11-01T01:45:00", "status": "confirmed"},
        {"start": "2026-11-01T10:00:00", "end": "2026-11-01T10:30:00", "status": "cancelled"},
    ]);
    std::fs::write(&file, tour.to_string()).expect("written");
    std::fs::write(&there, bookings.to_string()).expect("written");
    let there = there.display().to_string();
    let more = [
        "--from",
        "2026-10-31",
        "--to",
        "2026-11-01",
        "--now",
        "2026-10-30",
        "--bookings",
        &there,
        "--include-full",
    ];
    let here = preview(&file, "UTC", &more);
    let data = here["data"].as_array().expect("slots");
    assert_eq!(data.len(), 12 + 2, "the repeated hour is there twice");
    assert_eq!(data[7]["startsAt"], "2026-11-01T01:30:00-04:00");
    assert_eq!(data[7]["remaining"], 0);
    assert_eq!(data[8]["startsAt"], "2026-11-01T01:00:00-05:00");
    assert_eq!(data[12]["remaining"], 2);
    for zone in [
        "America/New_York",
        "Pacific/Apia",
        "Asia/Kathmandu",
        "Europe/Berlin",
    ] {
        assert_eq!(preview(&file, zone, &more), here, "{zone}");
    }
}
