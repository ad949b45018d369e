//! Slots from the command line: opening hours tried before anybody can book by them, bookings made
//! and called off, and what is wrong said by its name.

use serde_json::{Value, json};

use crate::desk::Desk;

fn tour() -> Value {
    let day = json!([{"open": "09:00", "close": "12:00"}]);
    json!({
        "type": "location", "name": "Main Campus Tour", "timezone": "America/Denver",
        "operatingHours": {"mon": day, "tue": day, "wed": day},
    })
}

#[test]
fn hours_are_tried_before_anybody_can_book_by_them() {
    let desk = Desk::new();
    let mut rules = tour();
    rules["maxConcurrent"] = json!(2);
    rules["slotStepMinutes"] = json!(30);
    rules["bufferAfterMinutes"] = json!(15);
    rules["color"] = json!("red");
    let tour = desk.file("tour.json", rules.to_string());
    let there = json!([{"start": "2026-06-15T10:00:00-06:00", "end": "2026-06-15T11:00:00-06:00", "status": "confirmed"}]);
    let there = desk.file("there.json", there.to_string());
    let ask = [
        "slots",
        "preview",
        &tour,
        "--from",
        "2026-06-15",
        "--to",
        "2026-06-15",
    ];
    let now = ["--now", "2026-06-15T09:10:00-06:00", "--bookings", &there];
    let ran = desk.run(&[&ask[..], &now[..], &["--json"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("`color` is not read"), "{}", ran.err);
    let told: Value = serde_json::from_str(&ran.out).expect("JSON alone");
    let left = |slot: &Value| (slot["startsAt"].clone(), slot["remaining"].clone());
    let told: Vec<_> = told["data"]
        .as_array()
        .expect("slots")
        .iter()
        .map(left)
        .collect();
    let at = |time: &str| json!(format!("2026-06-15T{time}:00-06:00"));
    assert_eq!(
        told,
        [
            (at("09:30"), json!(1)),
            (at("10:00"), json!(1)),
            (at("10:30"), json!(1)),
            (at("11:00"), json!(1))
        ]
    );
    assert!(!desk.database().exists(), "nothing is stored");
    let table = desk.run(&ask);
    assert_eq!(table.code, 0);
    assert!(
        table.err.contains("by the clock of America/Denver"),
        "{}",
        table.err
    );
    let begun = "nothing from Mon 2026-06-15 on: that time has begun already";
    assert!(table.err.contains(begun), "{}", table.err);
    let sunday = ["--from", "2026-06-14", "--to", "2026-06-14"];
    let shut = desk.run(&[&ask[..3], &sunday, &["--now", "2026-06-01T08:00:00Z"]].concat());
    let why = "it is not open at that time of the week";
    assert!(shut.err.contains(why), "{}", shut.err);
}

#[test]
fn what_cannot_be_tried_is_named() {
    let desk = Desk::new();
    let good = desk.file("good.json", tour().to_string());
    let there = |status: &str| json!([{"start": "2026-06-15T10:00:00Z", "end": "2026-06-15T09:00:00Z", "status": status}]);
    let backwards = desk.file("backwards.json", there("confirmed").to_string());
    let wrong = |field: &str, value: Value| {
        let mut rules = tour();
        rules[field] = value;
        let name = format!("wrong-{field}-{}.json", rules[field].to_string().len());
        desk.file(&name, rules.to_string())
    };
    for (file, more, saying) in [
        (
            wrong("timezone", json!("Mars/Olympus")),
            &[][..],
            "timezone",
        ),
        (wrong("timezone", Value::Null), &[], "timezone"),
        (wrong("maxConcurrent", json!(0)), &[], "maxConcurrent"),
        (
            wrong("operatingHours", json!({"someday": []})),
            &[],
            "someday",
        ),
        (
            wrong(
                "closures",
                json!([{"startDate": "2026-06-16", "endDate": "2026-06-15"}]),
            ),
            &[],
            "closures[0]",
        ),
        (
            wrong("dateOverrides", json!({"2026-02-30": []})),
            &[],
            "dateOverrides",
        ),
        (
            good.clone(),
            &["--bookings", &backwards],
            "ends before it begins",
        ),
        (good.clone(), &["--now", "later"], "--now"),
        (good.clone(), &["--bookings", "/nowhere"], "/nowhere"),
    ] {
        let ask = [
            "slots",
            "preview",
            &file,
            "--from",
            "2026-06-15",
            "--to",
            "2026-06-16",
        ];
        let ran = desk.run(&[&ask[..], more].concat());
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{saying}");
        assert!(ran.err.contains(saying), "{saying}: {}", ran.err);
    }
    let backwards = [
        "slots",
        "preview",
        &good,
        "--from",
        "2026-06-15",
        "--to",
        "2026-06-14",
    ];
    let ran = desk.run(&backwards);
    assert!(ran.err.contains("ends before it begins"), "{}", ran.err);
}

/// The name of the slot that begins then, free or not.
fn slot_of(desk: &Desk, resource: &str, at: &str) -> String {
    let ask = ["slots", "availability", resource, "--include-full"];
    let all = desk.json(&[&ask[..], &["--from", &at[..10], "--to", &at[..10]]].concat());
    let mut all = all["data"].as_array().expect("slots").iter();
    let one = all.find(|slot| slot["startsAt"] == at).expect("that slot");
    one["slotId"].as_str().expect("a name").to_owned()
}

#[test]
fn a_tour_is_booked_moved_and_called_off() {
    let desk = Desk::new();
    let file = desk.file("tour.json", tour().to_string());
    let made = desk.json(&["slots", "add", &file]);
    let id = made["resource"]["id"].as_str().expect("an id");
    let listed = desk.run(&["slots", "list"]);
    assert!(listed.out.contains("Main Campus Tour"), "{}", listed.out);
    let guest = [
        "--first-name",
        "Morgan",
        "--last-name",
        "Lee",
        "--email",
        "morgan.lee@example.com",
    ];
    let book = |at: &str| desk.run(&[&["slots", "book", id, at], &guest[..], &["--json"]].concat());
    let booked = book("2026-06-16T09:00");
    assert_eq!(booked.code, 0, "{}", booked.err);
    let booked: Value = serde_json::from_str(&booked.out).expect("JSON");
    assert_eq!(booked["booking"]["startsAt"], "2026-06-16T09:00:00-06:00");
    let booking = booked["booking"]["id"].as_str().expect("an id").to_owned();
    let taken = book("2026-06-16T09:00");
    assert_eq!((taken.code, taken.out.as_str()), (5, ""));
    assert!(
        taken.err.contains("it is taken") && taken.err.contains("2026-06-16T10:00"),
        "{}",
        taken.err
    );
    let off = book("2026-06-16T09:20");
    assert!(off.err.contains("no slot begins then"), "{}", off.err);

    let moved = desk.json(&["slots", "move", &booking, "2026-06-16T11:00"]);
    assert_eq!(moved["booking"]["startsAt"], "2026-06-16T11:00:00-06:00");
    let why = desk.run(&["slots", "explain", id, "2026-06-16T11:00"]);
    assert!(why.out.contains("Morgan Lee"), "{}", why.out);
    let ics = desk.run(&["slots", "ics", &booking]);
    assert!(ics.out.starts_with("BEGIN:VCALENDAR\r\n"), "{}", ics.out);
    let held = desk.json(&["slots", "hold", id, "2026-06-17T09:00", "--ttl", "600"]);
    let hold = held["hold"]["id"].as_str().expect("an id");
    let holds = desk.run(&["slots", "holds"]);
    assert!(
        holds.out.contains(hold) && holds.out.contains("Main Campus Tour"),
        "{}",
        holds.out
    );
    assert_eq!(desk.run(&["slots", "extend", hold]).code, 0);
    let wait = ["slots", "wait", id, "--slot"];
    let slot = held["hold"]["id"].as_str().expect("an id");
    let nowhere = desk.run(&[&wait[..], &[slot], &guest[..]].concat());
    assert_ne!(nowhere.code, 0, "a hold is no slot");
    assert_eq!(desk.run(&["slots", "release", hold]).code, 0);
    let none = desk.run(&[
        "slots",
        "book",
        "--first-name",
        "A",
        "--last-name",
        "B",
        "--email",
        "a@b.example",
    ]);
    assert_eq!(none.code, 2);
    assert!(none.err.contains("say which slot"), "{}", none.err);
    // What is held is booked for whoever it was held for.
    let held = desk.json(&["slots", "hold", id, "2026-06-17T09:00"]);
    let hold = held["hold"]["id"].as_str().expect("an id");
    let book = [&["slots", "book", "--hold", hold], &guest[..]].concat();
    let booked = desk.run(&[&book[..], &["--json"]].concat());
    assert_eq!(booked.code, 0, "{}", booked.err);
    let booked: Value = serde_json::from_str(&booked.out).expect("JSON");
    assert_eq!(booked["booking"]["startsAt"], "2026-06-17T09:00:00-06:00");
    let kept = booked["booking"]["id"].as_str().expect("an id");
    // Who comes too late waits, and is offered what becomes free.
    let slot = slot_of(&desk, id, "2026-06-17T09:00:00-06:00");
    let waits = desk.json(&[&["slots", "wait", "--slot", &slot], &guest[..]].concat());
    let waiting = waits["waiting"]["id"].as_str().expect("an id");
    let listed = desk.run(&["slots", "waiting", id]);
    assert!(
        listed.out.contains(waiting) && listed.out.contains("Morgan Lee"),
        "{}",
        listed.out
    );
    assert_eq!(desk.run(&["slots", "stop-waiting", waiting]).code, 0);
    assert_eq!(desk.run(&["slots", "cancel", kept]).code, 0);
    assert_eq!(
        desk.run(&["slots", "no-show", &booking]).code,
        5,
        "it has not begun"
    );
    assert_eq!(desk.run(&["slots", "cancel", &booking]).code, 0);
    assert_eq!(desk.run(&["slots", "cancel", &booking]).code, 3);
    let all = desk.json(&["slots", "bookings", "--status", "cancelled"]);
    assert_eq!(all["total"], 2);
    let feed = desk.run(&["slots", "feed", id]);
    assert!(
        feed.out.starts_with("/api/bookings/feeds/main/"),
        "{}",
        feed.out
    );
}
