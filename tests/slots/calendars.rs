//! What other people's calendars read, held against a parser that is not ours.

use std::io::BufReader;

use axum::http::Method;
use flightdeck::domain::tenant::role::Role;
use ical::parser::ical::component::IcalCalendar;
use serde_json::json;

use crate::house::{House, each, guest};

fn parsed(text: &str) -> IcalCalendar {
    assert!(text.ends_with("\r\n"));
    assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
    let mut all = ical::IcalParser::new(BufReader::new(text.as_bytes()));
    let calendar = all
        .next()
        .expect("a calendar")
        .expect("one that can be read");
    assert!(all.next().is_none(), "and nothing else");
    calendar
}

fn value(calendar: &IcalCalendar, event: usize, name: &str) -> String {
    let found = calendar.events[event].properties.iter();
    let found = found
        .filter(|property| property.name == name)
        .collect::<Vec<_>>();
    assert_eq!(found.len(), 1, "{name}");
    found[0].value.clone().expect("a value")
}

#[tokio::test]
async fn a_booking_reads_in_any_calendar() {
    for house in each("calendars::a_booking_reads_in_any_calendar").await {
        let name = "Führung; Räume, \\ und 🏛 ".repeat(4);
        let id = house.resource(&json!({"name": name.trim()})).await;
        let slot = house.slot(&id, "2026-06-16T09:00:00-06:00").await;
        let made = house.post("/api/bookings", &guest(&slot)).await.is(201);
        let id = made["booking"]["id"].as_str().expect("an id");
        let path = format!("/api/bookings/{id}.ics");
        let reply = house.get(&path).await;
        assert_eq!(
            reply.headers["content-type"],
            "text/calendar; charset=utf-8"
        );
        let calendar = parsed(&reply.body);
        assert_eq!(value(&calendar, 0, "DTSTART"), "20260616T150000Z");
        assert_eq!(value(&calendar, 0, "DTEND"), "20260616T160000Z");
        assert_eq!(value(&calendar, 0, "UID"), format!("{id}@flightdeck"));
        assert_eq!(value(&calendar, 0, "STATUS"), "CONFIRMED");
        let summary = value(&calendar, 0, "SUMMARY")
            .replace("\\;", ";")
            .replace("\\,", ",");
        assert_eq!(
            summary.replace("\\\\", "\\"),
            format!("{}: Morgan Lee", name.trim())
        );
        assert!(value(&calendar, 0, "DESCRIPTION").contains("By bike.\\nTwo of us."));
        house.delete(&format!("/api/bookings/{id}")).await.is(200);
        let calendar = parsed(&house.get(&path).await.body);
        assert_eq!(value(&calendar, 0, "STATUS"), "CANCELLED");
        assert_eq!(value(&calendar, 0, "SEQUENCE"), "1");
    }
}

#[tokio::test]
async fn a_feed_is_read_by_its_address_alone_and_names_no_guest() {
    let mut house = House::open().await;
    let id = house.resource(&json!({"maxConcurrent": 2})).await;
    let slot = house.slot(&id, "2026-06-16T09:00:00-06:00").await;
    house.post("/api/bookings", &guest(&slot)).await.is(201);
    let held = json!({"slotId": slot});
    house.post("/api/bookings/holds", &held).await.is(201);
    let feed = format!("/api/bookings/resources/{id}/feed");
    let address = house.get(&feed).await.is(200)["path"]
        .as_str()
        .expect("a path")
        .to_owned();
    // From now on nobody comes in without a key; a calendar has none.
    let key = house.key("main", Role::Admin, &[]);
    let bearer = format!("Bearer {key}");
    let keyed = [("authorization", &*bearer)];
    let reply = house.get(&address).await;
    assert_eq!(reply.status, 200);
    assert!(!reply.body.contains("Morgan") && !reply.body.contains("example.com"));
    let calendar = parsed(&reply.body);
    assert_eq!(value(&calendar, 0, "SUMMARY"), "Main Campus Tour");
    assert_eq!(value(&calendar, 1, "STATUS"), "TENTATIVE");
    let tag = reply.headers["etag"].to_str().expect("a tag").to_owned();
    let again = [("if-none-match", &*tag)];
    let again = house.ask_with(Method::GET, &address, None, &again).await;
    assert_eq!((again.status, &*again.body), (304, ""));

    for wrong in [
        address.replace("/main/", "/rival/"),
        address.replace("/main/", "/engine/"),
        address.replace(".ics", "0.ics"),
        address.replace(".ics", ""),
        address.replace(&id, "00000000-0000-7000-8000-000000000000"),
    ] {
        assert_eq!(
            house.get(&wrong).await.refused(404),
            "FEED_NOT_FOUND",
            "{wrong}"
        );
    }
    let rotate = format!("{feed}/rotate");
    let fresh = house
        .ask_with(Method::POST, &rotate, None, &keyed)
        .await
        .is(200);
    assert_eq!(house.get(&address).await.refused(404), "FEED_NOT_FOUND");
    assert_eq!(
        house
            .get(fresh["path"].as_str().expect("a path"))
            .await
            .status,
        200
    );
}
