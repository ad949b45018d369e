//! The names of slots: only ours, only of this tenant, and never more than an offer.

use axum::http::Method;
use flightdeck::domain::tenant::role::Role;
use serde_json::json;

use crate::house::{House, each, guest};

const NINE: &str = "2026-06-16T09:00:00-06:00";

#[tokio::test]
async fn a_name_outlives_one_key_and_not_two() {
    for house in each("names::a_name_outlives_one_key_and_not_two").await {
        let id = house.resource(&json!({"maxConcurrent": 9})).await;
        let old = house.slot(&id, NINE).await;
        let rotate = async || {
            house
                .post("/api/bookings/keys/rotate", &json!({}))
                .await
                .is(200)
        };
        assert_eq!(rotate().await, json!({"keyId": 1, "previousKeyId": 0}));
        house.post("/api/bookings", &guest(&old)).await.is(201);
        let young = house.slot(&id, NINE).await;
        assert_ne!(young, old);
        rotate().await;
        assert_eq!(
            house.post("/api/bookings", &guest(&old)).await.refused(400),
            "INVALID_SLOT_ID"
        );
        house.post("/api/bookings", &guest(&young)).await.is(201);
    }
}

#[tokio::test]
async fn nothing_but_what_was_given_out_is_a_name() {
    let mut house = House::open().await;
    let id = house.resource(&json!({})).await;
    let name = house.slot(&id, NINE).await;
    let theirs = house.key("rival", Role::Admin, &[]);
    let ours = house.key("main", Role::Admin, &[]);
    let book = async |key: &str, name: &str| {
        let bearer = format!("Bearer {key}");
        let headers = [("authorization", &*bearer)];
        let reply = house
            .ask_with(Method::POST, "/api/bookings", Some(&guest(name)), &headers)
            .await;
        (reply.status, reply.body)
    };
    let refused = book(&ours, "slot_").await;
    assert_eq!(refused.0, 400);
    let last = name.len() - 1;
    let bent = |at: usize| {
        let other = if name.as_bytes()[at] == b'A' {
            "B"
        } else {
            "A"
        };
        let mut bent = name.clone();
        bent.replace_range(at..=at, other);
        bent
    };
    for name in [
        bent(5),
        bent(20),
        bent(40),
        bent(last),
        format!("{name}A"),
        name[..last].to_owned(),
    ] {
        assert_eq!(book(&ours, &name).await, refused, "{name}");
    }
    assert_eq!(book(&theirs, &name).await, refused, "of another tenant");
    assert_eq!(book(&ours, &name).await.0, 201);
}

#[tokio::test]
async fn an_offer_is_looked_at_again_when_it_is_taken_up() {
    for house in each("names::an_offer_is_looked_at_again_when_it_is_taken_up").await {
        let id = house.resource(&json!({})).await;
        let name = house.slot(&id, NINE).await;
        let path = format!("/api/bookings/resources/{id}");
        let change = async |fields: serde_json::Value| {
            house.ask(Method::PATCH, &path, Some(&fields)).await.is(200)
        };
        // Another name changes nothing.
        let renamed = change(json!({"name": "Grand Tour"})).await;
        assert_eq!(renamed["resource"]["revision"], 2);
        change(json!({"closures": [{"id": "power", "startDate": "2026-06-16", "endDate": "2026-06-16"}]})).await;
        assert_eq!(
            house
                .post("/api/bookings", &guest(&name))
                .await
                .refused(409),
            "SLOT_CLOSED"
        );
        change(json!({"closures": [], "defaultDurationMinutes": 45})).await;
        assert_eq!(
            house
                .post("/api/bookings", &guest(&name))
                .await
                .refused(409),
            "SLOT_STALE"
        );
        change(json!({"defaultDurationMinutes": 60, "dateOverrides": {"2026-06-16": []}})).await;
        assert_eq!(
            house
                .post("/api/bookings", &guest(&name))
                .await
                .refused(409),
            "SLOT_STALE"
        );
        change(json!({"dateOverrides": {}, "isActive": false})).await;
        assert_eq!(
            house
                .post("/api/bookings", &guest(&name))
                .await
                .refused(409),
            "RESOURCE_INACTIVE"
        );
        change(json!({"isActive": true})).await;
        let made = house.post("/api/bookings", &guest(&name)).await.is(201);
        assert_eq!(made["booking"]["resourceName"], "Grand Tour");
        let seen = json!({"name": "Late", "revision": 1});
        assert_eq!(
            house
                .ask(Method::PATCH, &path, Some(&seen))
                .await
                .refused(412),
            "STALE"
        );
    }
}
