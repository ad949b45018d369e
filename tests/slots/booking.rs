//! A slot is listed, booked, moved, called off, and said to have been kept or not.

use axum::http::Method;
use chrono::Duration;
use flightdeck::domain::tenant::{caller::Caller, role::Role};
use serde_json::json;

use crate::house::{House, each, guest};

/// An id that nothing has.
const NOBODY: &str = "00000000-0000-7000-8000-000000000000";

#[tokio::test]
async fn a_tour_is_booked_and_called_off() {
    for house in each("booking::a_tour_is_booked_and_called_off").await {
        let id = house.resource(&json!({})).await;
        let slots = house.slots(&id, "from=2026-06-16&to=2026-06-16").await;
        assert_eq!(slots.len(), 8);
        let first = &slots[0];
        assert_eq!(first["startsAt"], "2026-06-16T09:00:00-06:00");
        assert_eq!(first["endsAt"], "2026-06-16T10:00:00-06:00");
        assert_eq!(
            (&first["remaining"], &first["capacity"]),
            (&json!(1), &json!(1))
        );
        let slot = first["slotId"].as_str().expect("a name").to_owned();

        let answer = house.post("/api/bookings", &guest(&slot)).await.is(201);
        let booking = &answer["booking"];
        assert_eq!(booking["status"], "confirmed");
        assert_eq!(booking["resourceName"], "Main Campus Tour");
        assert_eq!(booking["startsAt"], "2026-06-16T09:00:00-06:00");
        assert_eq!(booking["timezone"], "America/Denver");
        assert_eq!(booking["source"]["campaign"], "fall-open-day");
        assert_eq!(booking["cancelledAt"], json!(null));
        let path = format!("/api/bookings/{}", booking["id"].as_str().expect("an id"));
        assert_eq!(house.get(&path).await.is(200), answer);

        let again = house.post("/api/bookings", &guest(&slot)).await.is(409);
        assert_eq!(again["code"], "SLOT_TAKEN");
        assert_eq!(again["error"], "Slot is no longer available");
        let others = again["alternatives"].as_array().expect("others");
        assert_eq!(others.len(), 3);
        assert_eq!(
            others[0]["startsAt"], "2026-06-16T10:00:00-06:00",
            "the nearest first"
        );
        let other = guest(others[0]["slotId"].as_str().expect("a name"));
        house.post("/api/bookings", &other).await.is(201);

        assert_eq!(house.delete(&path).await.is(200), json!({"success": true}));
        assert_eq!(house.delete(&path).await.refused(404), "BOOKING_NOT_FOUND");
        let kept = house.get(&path).await.is(200);
        assert_eq!(kept["booking"]["status"], "cancelled");
        assert_eq!(kept["booking"]["sequence"], 1);
        house.post("/api/bookings", &guest(&slot)).await.is(201);
    }
}

#[tokio::test]
async fn bookings_are_found_by_everything_that_is_said_of_them() {
    for house in each("booking::bookings_are_found_by_everything_that_is_said_of_them").await {
        let tour = house.resource(&json!({"maxConcurrent": 9})).await;
        let room = house
            .resource(&json!({"name": "Room 7", "type": "room"}))
            .await;
        let mut ids = Vec::new();
        for (resource, at, email) in [
            (&tour, "2026-06-16T09:00:00-06:00", "a@example.com"),
            (&tour, "2026-06-17T09:00:00-06:00", "b@example.com"),
            (&room, "2026-06-17T10:00:00-06:00", "a@example.com"),
            (&tour, "2026-06-18T09:00:00-06:00", "a@example.com"),
        ] {
            let mut body = guest(&house.slot(resource, at).await);
            body["email"] = json!(email);
            let made = house.post("/api/bookings", &body).await.is(201);
            ids.push((
                made["booking"]["id"].clone(),
                made["booking"]["leadId"].clone(),
            ));
        }
        let first = ids[0].0.as_str().expect("an id");
        house
            .delete(&format!("/api/bookings/{first}"))
            .await
            .is(200);
        let lead = ids[0].1.as_str().expect("a lead");
        for (query, found) in [
            (String::new(), vec![0, 1, 2, 3]),
            (format!("resourceId={tour}"), vec![0, 1, 3]),
            (format!("resourceId={tour}&status=confirmed"), vec![1, 3]),
            ("status=cancelled".to_owned(), vec![0]),
            (format!("leadId={lead}"), vec![0, 2, 3]),
            ("from=2026-06-17".to_owned(), vec![1, 2, 3]),
            ("to=2026-06-17".to_owned(), vec![0, 1, 2]),
            (
                "from=2026-06-17T15:00:00Z&to=2026-06-17T16:00:00Z".to_owned(),
                vec![1, 2],
            ),
            ("from=2026-06-17T15:00:01Z".to_owned(), vec![2, 3]),
            ("limit=2&offset=1".to_owned(), vec![1, 2]),
            ("query=room".to_owned(), vec![2]),
        ] {
            let list = house.get(&format!("/api/bookings?{query}")).await.is(200);
            let data = list["data"].as_array().expect("bookings");
            let got: Vec<_> = data.iter().map(|one| &one["id"]).collect();
            let wanted: Vec<_> = found.iter().map(|at| &ids[*at].0).collect();
            assert_eq!(got, wanted, "{query}");
        }
        assert_eq!(
            house.get("/api/bookings?status=gone").await.refused(400),
            "INVALID_VALUE"
        );
    }
}

#[tokio::test]
async fn what_overlaps_counts_and_buffers_keep_their_distance() {
    for house in each("booking::what_overlaps_counts_and_buffers_keep_their_distance").await {
        let id = house
            .resource(&json!({"slotStepMinutes": 30, "bufferAfterMinutes": 30, "maxConcurrent": 2}))
            .await;
        let at = |time: &str| format!("2026-06-16T{time}:00-06:00");
        let ten = house.slot(&id, &at("10:00")).await;
        house.post("/api/bookings", &guest(&ten)).await.is(201);
        let half = house.slot(&id, &at("10:30")).await;
        house.post("/api/bookings", &guest(&half)).await.is(201);
        // Ten to half past eleven, and half past ten to twelve: eleven meets both.
        let left = |slots: &[serde_json::Value], time: &str| {
            let slot = slots.iter().find(|slot| slot["startsAt"] == at(time));
            slot.map(|slot| slot["remaining"].clone())
        };
        let slots = house
            .slots(&id, "from=2026-06-16&to=2026-06-16&includeFull=true")
            .await;
        assert_eq!(left(&slots, "11:00"), Some(json!(0)));
        assert_eq!(left(&slots, "11:30"), Some(json!(1)));
        assert_eq!(left(&slots, "12:00"), Some(json!(2)));
        assert_eq!(
            left(&slots, "09:00"),
            Some(json!(1)),
            "it needs until half past ten"
        );
        assert_eq!(left(&slots, "08:30"), None);
        let why = |time: &str| format!("/api/bookings/resources/{id}/explain?at=2026-06-16T{time}");
        let eleven = house.get(&why("11:00")).await.is(200);
        assert_eq!(eleven["offered"], false);
        assert_eq!(eleven["reason"]["rule"], "buffer");
        assert_eq!(eleven["bookings"].as_array().map(Vec::len), Some(2));
        let party = json!({"partySize": 2});
        let mut pair = guest(&house.slot(&id, &at("12:30")).await);
        pair["partySize"] = party["partySize"].clone();
        house.post("/api/bookings", &pair).await.is(201);
        let full = house.slot(&id, &at("12:30")).await;
        assert_eq!(
            house
                .post("/api/bookings", &guest(&full))
                .await
                .refused(409),
            "SLOT_TAKEN"
        );
    }
}

#[tokio::test]
async fn every_rule_that_a_time_breaks_is_named() {
    let house = House::open().await;
    let id = house
        .resource(&json!({
            "minNoticeMinutes": 1440, "maxHorizonDays": 10,
            "dateOverrides": {"2026-06-18": []},
            "closures": [
                {"id": "power", "startsAt": "2026-06-17T10:00:00-06:00", "endsAt": "2026-06-17T12:30:00-06:00", "reason": "Power"},
                {"startDate": "2026-06-19", "endDate": "2026-06-20"},
            ],
        }))
        .await;
    for (at, rule) in [
        ("2026-06-16T08:00", "hours"),
        ("2026-06-16T09:30", "grid"),
        ("2026-06-18T09:00", "override"),
        ("2026-06-17T12:00", "closure"),
        ("2026-06-19T09:00", "closure"),
        ("2026-06-12T09:00", "past"),
        ("2026-06-15T16:00", "notice"),
        ("2026-06-26T09:00", "horizon"),
    ] {
        let path = format!("/api/bookings/resources/{id}/explain?at={at}");
        let told = house.get(&path).await.is(200);
        assert_eq!(told["reason"]["rule"], rule, "{at}: {told}");
        assert!(told["sentence"].as_str().is_some_and(|said| said.len() > 5));
    }
    let fine = format!("/api/bookings/resources/{id}/explain?at=2026-06-25T09:00");
    let fine = house.get(&fine).await.is(200);
    assert_eq!(
        (&fine["offered"], &fine["slot"]["remaining"]),
        (&json!(true), &json!(1))
    );
    let path = format!("/api/bookings/resources/{id}");
    let off = json!({"isActive": false});
    house.ask(Method::PATCH, &path, Some(&off)).await.is(200);
    let told = house
        .get(&format!("{path}/explain?at=2026-06-25T09:00"))
        .await
        .is(200);
    assert_eq!(told["reason"]["rule"], "inactive");
    assert_eq!(house.slots(&id, "").await, [json!(null); 0]);
}

#[tokio::test]
async fn a_booking_is_moved_whole_or_not_at_all() {
    for house in each("booking::a_booking_is_moved_whole_or_not_at_all").await {
        let id = house.resource(&json!({})).await;
        let (nine, ten) = ("2026-06-16T09:00:00-06:00", "2026-06-16T10:00:00-06:00");
        let (at_nine, at_ten) = (house.slot(&id, nine).await, house.slot(&id, ten).await);
        let first = house.post("/api/bookings", &guest(&at_nine)).await.is(201);
        let other = house.post("/api/bookings", &guest(&at_ten)).await.is(201);
        let path = format!(
            "/api/bookings/{}",
            first["booking"]["id"].as_str().expect("an id")
        );
        let to = |slot: &str| json!({"slotId": slot});
        let taken = house
            .post(&format!("{path}/reschedule"), &to(&at_ten))
            .await;
        assert_eq!(taken.refused(409), "SLOT_TAKEN");
        assert_eq!(house.get(&path).await.is(200), first, "nothing has changed");

        let id_of = other["booking"]["id"].as_str().expect("an id");
        house
            .delete(&format!("/api/bookings/{id_of}"))
            .await
            .is(200);
        let moved = house
            .post(&format!("{path}/reschedule"), &to(&at_ten))
            .await
            .is(200);
        assert_eq!(moved["booking"]["id"], first["booking"]["id"]);
        assert_eq!(moved["booking"]["startsAt"], ten);
        assert_eq!(moved["booking"]["sequence"], 1);
        // Where it stands already it is not moved, and nobody is told so.
        let again = house
            .post(&format!("{path}/reschedule"), &to(&at_ten))
            .await;
        assert_eq!(again.is(200), moved);
        house.post("/api/bookings", &guest(&at_nine)).await.is(201);
        // To somewhere else, on another clock.
        let room = json!({"name": "Room 7", "type": "room", "timezone": "Europe/Berlin"});
        let room = house.resource(&room).await;
        let far = house.slot(&room, "2026-06-16T09:00:00+02:00").await;
        let moved = house
            .post(&format!("{path}/reschedule"), &to(&far))
            .await
            .is(200);
        assert_eq!(moved["booking"]["resourceName"], "Room 7");
        assert_eq!(moved["booking"]["startsAt"], "2026-06-16T09:00:00+02:00");
        house.post("/api/bookings", &guest(&at_ten)).await.is(201);
    }
}

#[tokio::test]
async fn who_came_is_said_once_it_has_begun_and_taken_back_within_a_day() {
    for house in
        each("booking::who_came_is_said_once_it_has_begun_and_taken_back_within_a_day").await
    {
        let id = house.resource(&json!({})).await;
        let slot = house.slot(&id, "2026-06-15T09:00:00-06:00").await;
        let made = house.post("/api/bookings", &guest(&slot)).await.is(201);
        let path = format!(
            "/api/bookings/{}",
            made["booking"]["id"].as_str().expect("an id")
        );
        let status = format!("{path}/status");
        let says = |status: &str| json!({"status": status});
        let early = house.post(&status, &says("no_show")).await;
        assert_eq!(early.refused(409), "INVALID_TRANSITION");
        house.pass(Duration::hours(3)).await;
        let gone = house.post(&status, &says("no_show")).await.is(200);
        assert_eq!(gone["booking"]["status"], "no_show");
        assert_eq!(house.delete(&path).await.refused(409), "INVALID_TRANSITION");
        house.post(&status, &says("completed")).await.is(200);
        house.pass(Duration::hours(24)).await;
        let back = house.post(&status, &says("confirmed")).await.is(200);
        assert_eq!(back["booking"]["status"], "confirmed");
        house.post(&status, &says("no_show")).await.is(200);
        house.pass(Duration::hours(25)).await;
        let late = house.post(&status, &says("confirmed")).await;
        assert_eq!(late.refused(409), "INVALID_TRANSITION");
    }
}

#[tokio::test]
async fn whoever_may_not_is_refused_in_the_words_of_this_api() {
    let mut house = House::open().await;
    let id = house.resource(&json!({})).await;
    let slot = house.slot(&id, "2026-06-16T09:00:00-06:00").await;
    let reads = house.key("main", Role::Admin, &["bookings.read"]);
    let books = house.key("main", Role::Admin, &["bookings.manage"]);
    let other = house.key("rival", Role::Admin, &[]);
    let ask = async |key: &str, method: Method, path: &str, body: Option<&serde_json::Value>| {
        let bearer = format!("Bearer {key}");
        house
            .ask_with(method, path, body, &[("authorization", &bearer)])
            .await
    };
    let body = guest(&slot);
    let (bookings, resources) = ("/api/bookings", "/api/bookings/resources");
    ask(&reads, Method::GET, resources, None).await.is(200);
    let refused = ask(&reads, Method::POST, bookings, Some(&body)).await;
    assert_eq!(refused.refused(403), "FORBIDDEN");
    let refused = ask(&books, Method::GET, bookings, None).await;
    assert_eq!(refused.refused(403), "FORBIDDEN");
    let refused = ask(&books, Method::POST, resources, Some(&json!({}))).await;
    assert_eq!(refused.refused(403), "FORBIDDEN");
    ask(&books, Method::POST, bookings, Some(&body))
        .await
        .is(201);
    let refused = ask("fd_nobody_x", Method::GET, bookings, None).await;
    assert_eq!(refused.refused(401), "UNAUTHENTICATED");
    // Of another tenant nothing is there, and the names of its slots are none.
    let own = ask(&other, Method::GET, resources, None).await.is(200);
    assert_eq!(own["data"], json!([]));
    let refused = ask(&other, Method::POST, bookings, Some(&body)).await;
    assert_eq!(refused.refused(400), "INVALID_SLOT_ID");
    let path = format!("{resources}/{id}/availability");
    let refused = ask(&other, Method::GET, &path, None).await;
    assert_eq!(refused.refused(404), "RESOURCE_NOT_FOUND");
}

#[tokio::test]
async fn whoever_has_no_key_is_told_how_to_be_let_do_more() {
    let mut house = House::open().await;
    let tenant = "main".parse().expect("a tenant");
    house.open_to(Caller::anonymous(tenant, Role::Trafficker));
    let made = json!({"type": "room", "name": "Room", "timezone": "UTC"});
    let reply = house.post("/api/bookings/resources", &made).await.is(403);
    let text = |field: &str| reply[field].as_str().expect("text").to_owned();
    assert!(text("error").contains("you gave no key"), "{reply}");
    for way in [
        "`server.open_as = \"admin\"`",
        "`flightdeck keys make NAME --role admin`",
    ] {
        assert!(text("hint").contains(way), "{reply}");
    }
    // Whoever has one is told of that.
    let key = house.key("main", Role::Trafficker, &[]);
    let bearer = format!("Bearer {key}");
    let keyed = [("authorization", bearer.as_str())];
    let path = "/api/bookings/resources";
    let reply = house
        .ask_with(Method::POST, path, Some(&made), &keyed)
        .await;
    let reply = reply.is(403);
    assert_eq!(reply["hint"], "ask an admin for a key with that scope");
}

#[tokio::test]
async fn a_request_that_comes_twice_is_answered_twice_and_done_once() {
    for house in each("booking::a_request_that_comes_twice_is_answered_twice_and_done_once").await {
        let id = house.resource(&json!({})).await;
        let body = guest(&house.slot(&id, "2026-06-16T09:00:00-06:00").await);
        let keyed = [("idempotency-key", "tour-1-of-morgan-lee")];
        let ask = async |body| {
            house
                .ask_with(Method::POST, "/api/bookings", Some(body), &keyed)
                .await
        };
        let first = ask(&body).await;
        let second = ask(&body).await;
        assert_eq!(second.headers["idempotent-replayed"], "true");
        assert_eq!(first.is(201), second.is(201));
        let mut other = body.clone();
        other["firstName"] = json!("Kim");
        assert_eq!(ask(&other).await.refused(422), "IDEMPOTENCY_MISMATCH");
        // That a slot was taken is not remembered: it may be free the next time.
        let keyed = [("idempotency-key", "tour-2-of-morgan-lee")];
        let ask = async || {
            house
                .ask_with(Method::POST, "/api/bookings", Some(&body), &keyed)
                .await
        };
        assert_eq!(ask().await.refused(409), "SLOT_TAKEN");
        let list = house.get("/api/bookings").await.is(200);
        let path = list["data"][0]["id"].as_str().expect("an id");
        house.delete(&format!("/api/bookings/{path}")).await.is(200);
        ask().await.is(201);
    }
}

#[tokio::test]
async fn what_cannot_be_kept_is_refused_field_by_field() {
    let house = House::open().await;
    let id = house.resource(&json!({})).await;
    let good = guest(&house.slot(&id, "2026-06-16T09:00:00-06:00").await);
    for (field, value, code) in [
        ("email", json!("nobody"), "INVALID_EMAIL"),
        ("firstName", json!("\u{1b}[31m"), "INVALID_TEXT"),
        ("lastName", json!(null), "MISSING_FIELD"),
        ("partySize", json!(0), "INVALID_SIZE"),
        ("slotId", json!("slot_nothing"), "INVALID_SLOT_ID"),
        ("surprise", json!(1), "UNKNOWN_FIELD"),
    ] {
        let mut body = good.clone();
        body[field] = value;
        assert_eq!(
            house.post("/api/bookings", &body).await.refused(400),
            code,
            "{field}"
        );
    }
    let day = |open: &str, close: &str| json!({"mon": [{"open": open, "close": close}]});
    for (field, value, at) in [
        ("timezone", json!("Mars/Olympus"), "timezone"),
        ("type", json!("boat"), "type"),
        ("name", json!(""), "name"),
        (
            "operatingHours",
            day("09:00", "09:00"),
            "operatingHours.mon[0]",
        ),
        (
            "operatingHours",
            day("9am", "17:00"),
            "operatingHours.mon[0].open",
        ),
        ("maxConcurrent", json!(0), "maxConcurrent"),
        (
            "defaultDurationMinutes",
            json!(100_000),
            "defaultDurationMinutes",
        ),
        ("color", json!("red"), "color"),
    ] {
        let mut fields = json!({"type": "room", "name": "Room", "timezone": "UTC"});
        fields[field] = value;
        let reply = house.post("/api/bookings/resources", &fields).await.is(400);
        assert_eq!(reply["field"], at, "{reply}");
    }
}

#[tokio::test]
async fn all_that_is_missing_is_named_and_every_list_tells_its_words() {
    let house = House::open().await;
    let resources = "/api/bookings/resources";
    let reply = house.post(resources, &json!({})).await.is(400);
    let problems = reply["problems"].as_array().expect("problems");
    let missing: Vec<_> = problems
        .iter()
        .map(|one| (&one["field"], &one["message"]))
        .collect();
    let is_missing = json!("is missing");
    assert_eq!(
        missing,
        [
            (&json!("type"), &is_missing),
            (&json!("name"), &is_missing),
            (&json!("timezone"), &is_missing)
        ]
    );
    let fields = json!({"type": 5, "name": "Room", "timezone": "UTC"});
    let reply = house.post(resources, &fields).await.is(400);
    assert_eq!(reply["field"], "type");
    let said = reply["error"].as_str().expect("a sentence");
    assert!(
        said.starts_with("type: is a number, expected one of `location`"),
        "{said}"
    );
    let status = format!("/api/bookings/{NOBODY}/status");
    for (sent, is) in [
        (json!(null), "null"),
        (json!(5), "a number"),
        (json!([]), "a list"),
        (json!({}), "an object"),
        (json!(true), "true or false"),
    ] {
        let reply = house.post(&status, &json!({ "status": sent })).await;
        let reply = reply.is(400);
        assert_eq!(
            (&reply["code"], &reply["field"]),
            (&json!("INVALID_TYPE"), &json!("status"))
        );
        let said = reply["error"].as_str().expect("a sentence");
        let begins = format!("status: is {is}, expected one of `");
        assert!(said.starts_with(&begins), "{said}");
        assert!(said.contains("`no_show`"), "{said}");
    }
    let json = [("content-type", "application/json")];
    let empty = house.ask_with(Method::POST, resources, None, &json).await;
    let empty = empty.is(400);
    assert_eq!(empty["error"], "the body is empty, expected JSON");
}

#[tokio::test]
async fn what_stands_in_a_query_is_read_as_it_was_meant() {
    let house = House::open().await;
    let id = house.resource(&json!({})).await;
    let path = format!("{}/{id}/availability", "/api/bookings/resources");
    let slots = async |from: &str| {
        let path = format!("{path}?from={from}&to=2026-06-18");
        house.get(&path).await.is(200)["data"].clone()
    };
    let escaped = slots("2026-06-17T20:00:00%2B02:00").await;
    assert!(!escaped[0].is_null(), "{escaped}");
    assert_eq!(slots("2026-06-17T20:00:00+02:00").await, escaped);
    assert_ne!(slots("2026-06-17T20:00:00-02:00").await, escaped);
    for wrong in ["2026-06-17+02:00", "2026-06-17T20:00:00+xx"] {
        let reply = house.get(&format!("{path}?from={wrong}")).await;
        assert_eq!(reply.refused(400), "INVALID_DATE", "{wrong}");
    }
    for limit in ["99999999999", "99999999999999999999"] {
        let list = format!("/api/bookings?limit={limit}");
        let reply = house.get(&list).await.is(400);
        assert_eq!(reply["field"], "limit");
        let said = "limit: is out of range, expected a whole number from 0 to 4294967295";
        assert_eq!(reply["error"], said);
    }
}
