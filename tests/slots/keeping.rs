//! Slots that are kept for some minutes, and those who wait for what is taken.

use chrono::Duration;
use flightdeck::{
    domain::tenant::{caller::Caller, role::Role},
    engine::activity::ReadFeed,
};
use serde_json::json;

use crate::house::{House, each, guest};

const NINE: &str = "2026-06-16T09:00:00-06:00";

/// What was told of holds so far.
async fn told(house: &House) -> Vec<String> {
    let boss = Caller::new("boss", "main".parse().expect("a tenant"), Role::Admin);
    let question = ReadFeed {
        after: 0,
        limit: Some(1000),
        object: None,
    };
    let feed = house.core.ask(&boss, question).await.expect("read");
    let of_holds = feed.events.iter().filter(|one| &*one.kind == "slot_hold");
    of_holds.map(|one| one.event.clone()).collect()
}

#[tokio::test]
async fn a_hold_keeps_a_slot_until_its_time_is_over() {
    for house in each("keeping::a_hold_keeps_a_slot_until_its_time_is_over").await {
        let id = house.resource(&json!({})).await;
        let slot = house.slot(&id, NINE).await;
        let ask = json!({"slotId": slot, "ttlSeconds": 120});
        let made = house.post("/api/bookings/holds", &ask).await.is(201);
        assert_eq!(made["hold"]["status"], "held");
        assert_eq!(made["hold"]["expiresAt"], "2026-06-15T12:02:00.000000Z");
        let path = format!(
            "/api/bookings/holds/{}",
            made["hold"]["id"].as_str().expect("an id")
        );
        let taken = house.post("/api/bookings", &guest(&slot)).await;
        assert_eq!(taken.refused(409), "SLOT_TAKEN");
        assert_eq!(
            house
                .slots(&id, "from=2026-06-16&to=2026-06-16")
                .await
                .len(),
            7
        );

        house.clock.advance(Duration::seconds(100));
        let longer = house
            .post(&format!("{path}/extend"), &json!({"ttlSeconds": 60}))
            .await
            .is(200);
        assert_eq!(longer["hold"]["expiresAt"], "2026-06-15T12:02:40.000000Z");
        let twice = house.post(&format!("{path}/extend"), &json!({})).await;
        assert_eq!(twice.refused(409), "INVALID_TRANSITION", "once");
        assert_eq!(told(&house).await, ["slots.held", "slots.extended"]);
        // The clock alone ends it: nobody has looked yet.
        house.clock.advance(Duration::seconds(60));
        assert_eq!(
            house
                .slots(&id, "from=2026-06-16&to=2026-06-16")
                .await
                .len(),
            8
        );
        let mut late = guest(&slot);
        late["holdId"] = made["hold"]["id"].clone();
        late.as_object_mut().expect("fields").remove("slotId");
        assert_eq!(
            house.post("/api/bookings", &late).await.refused(410),
            "HOLD_EXPIRED"
        );
        house.runner.settle().await.expect("settled");
        let held = house.get("/api/bookings/holds").await.is(200);
        assert_eq!(held["data"], json!([]));
        house.post("/api/bookings", &guest(&slot)).await.is(201);
    }
}

#[tokio::test]
async fn what_is_held_is_booked_by_whoever_holds_it() {
    for house in each("keeping::what_is_held_is_booked_by_whoever_holds_it").await {
        let id = house.resource(&json!({"maxConcurrent": 3})).await;
        let slot = house.slot(&id, NINE).await;
        let ask = json!({"slotId": slot, "partySize": 2});
        let made = house.post("/api/bookings/holds", &ask).await.is(201);
        let mut body = guest(&slot);
        body.as_object_mut().expect("fields").remove("slotId");
        body["holdId"] = made["hold"]["id"].clone();
        let booked = house.post("/api/bookings", &body).await.is(201);
        assert_eq!(booked["booking"]["partySize"], 2);
        assert_eq!(
            house.post("/api/bookings", &body).await.refused(410),
            "HOLD_EXPIRED"
        );
        house.post("/api/bookings", &guest(&slot)).await.is(201);
        assert_eq!(
            house
                .post("/api/bookings", &guest(&slot))
                .await
                .refused(409),
            "SLOT_TAKEN"
        );
        // Long after the hold would have been over the seats are still taken, once.
        house.pass(Duration::hours(1)).await;
        let left = house
            .slots(&id, "from=2026-06-16&to=2026-06-16&includeFull=true")
            .await;
        assert_eq!(left[0]["remaining"], 0);
        let path = booked["booking"]["id"].as_str().expect("an id");
        house.delete(&format!("/api/bookings/{path}")).await.is(200);
        let left = house.slots(&id, "from=2026-06-16&to=2026-06-16").await;
        assert_eq!(left[0]["remaining"], 2);
        let bad = json!({"slotId": slot, "ttlSeconds": 901});
        assert_eq!(
            house.post("/api/bookings/holds", &bad).await.refused(400),
            "INVALID_SIZE"
        );
        let gone = format!(
            "/api/bookings/holds/{}",
            made["hold"]["id"].as_str().expect("an id")
        );
        assert_eq!(house.delete(&gone).await.refused(410), "HOLD_EXPIRED");
    }
}

#[tokio::test]
async fn whoever_came_first_and_fits_gets_what_becomes_free() {
    for house in each("keeping::whoever_came_first_and_fits_gets_what_becomes_free").await {
        let id = house.resource(&json!({"maxConcurrent": 2})).await;
        let slot = house.slot(&id, NINE).await;
        let wait = |name: &str, seats: u32| {
            let guest = json!({"firstName": name, "lastName": "Lee", "email": "m@example.com"});
            json!({"slotId": slot, "guest": guest, "partySize": seats})
        };
        let free = house.post("/api/bookings/waitlist", &wait("Ann", 1)).await;
        assert_eq!(free.refused(409), "SLOT_FREE");
        let mut booked = Vec::new();
        for _ in 0..2 {
            let made = house.post("/api/bookings", &guest(&slot)).await.is(201);
            let path = made["booking"]["id"].as_str().expect("an id").to_owned();
            booked.push(format!("/api/bookings/{path}"));
        }
        for (name, seats) in [("Pair", 2), ("Kim", 1), ("Lou", 1)] {
            house.clock.advance(Duration::seconds(1));
            let one = house
                .post("/api/bookings/waitlist", &wait(name, seats))
                .await
                .is(201);
            assert_eq!(one["waiting"]["status"], "waiting");
        }
        // One seat is free: the pair does not fit, whoever came next does.
        house.delete(&booked[0]).await.is(200);
        let holds = house.get("/api/bookings/holds").await.is(200);
        assert_eq!(holds["data"].as_array().map(Vec::len), Some(1));
        let first = &holds["data"][0];
        assert_eq!(
            house
                .post("/api/bookings", &guest(&slot))
                .await
                .refused(409),
            "SLOT_TAKEN"
        );
        let list = format!("/api/bookings/resources/{id}/waitlist");
        let waits = |list: serde_json::Value| {
            let all = list["data"].as_array().expect("those who wait").clone();
            all.iter()
                .map(|one| one["firstName"].clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(waits(house.get(&list).await.is(200)), ["Pair", "Lou"]);
        // Kim lets it pass: it goes on to whoever is next.
        house.pass(Duration::minutes(16)).await;
        let holds = house.get("/api/bookings/holds").await.is(200);
        let second = &holds["data"][0];
        assert_ne!(first["id"], second["id"]);
        let made = house
            .post("/api/bookings", &json!({"holdId": second["id"]}))
            .await
            .is(201);
        assert_eq!(made["booking"]["firstName"], "Lou", "the guest who waited");
        assert_eq!(waits(house.get(&list).await.is(200)), ["Pair"]);
        let last = made["booking"]["id"].as_str().expect("an id");
        house.delete(&booked[1]).await.is(200);
        house.delete(&format!("/api/bookings/{last}")).await.is(200);
        let holds = house.get("/api/bookings/holds").await.is(200);
        assert_eq!(holds["data"][0]["partySize"], 2, "now the pair fits");
    }
}
