//! Triton Digital: what little is known of it, and lists that know no pages.

use std::sync::Arc;

use flightdeck::{
    domain::inventory::{item::ItemStatus, kind::ItemKind, trouble::Category},
    peers::ad_servers::{
        Backend as _, Want,
        triton::{Settings, Triton},
    },
};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::{
    fake_google::Mood,
    ground::{Scripted, Turned, bounds, new_order, says},
};

fn triton(fake: &Scripted) -> Triton {
    let settings = Settings {
        api: fake.url(),
        hierarchy: fake.url(),
        api_key: SecretString::from("canary-triton-key"),
        station: "KEXP".into(),
    };
    Triton::new(settings, Arc::new(Turned::new()), bounds()).expect("a client")
}

fn want(kind: ItemKind, token: Option<&str>) -> Want<'_> {
    Want {
        kind,
        since: None,
        token,
        number: 1,
    }
}

#[tokio::test]
async fn lists_are_read_in_whichever_way_they_are_written() {
    let station = |id: Value| json!({"id": id, "name": "Jazz FM", "callsign": "JAZZ"});
    let fake = Scripted::open([
        says(json!([station(json!("s1"))])),
        says(json!({"items": [station(json!(2))]})),
        says(json!({"data": [{"id": "c1", "name": "Summer", "advertiserId": 7, "active": false,
            "startDate": "2026-07-01", "endDate": "2026-07-31"}]})),
        says(json!([{"id": "f1", "name": "Drive", "campaignId": "c1", "type": "STANDARD", "rate": 8.5,
            "goal": {"type": "IMPRESSIONS", "value": 5000}}])),
    ])
    .await;
    let triton = triton(&fake);
    for id in ["s1", "2"] {
        let page = triton
            .page(want(ItemKind::Station, None))
            .await
            .expect("a page");
        assert_eq!((page.items[0].id.as_str(), page.next), (id, None));
    }
    let campaigns = triton
        .page(want(ItemKind::Order, None))
        .await
        .expect("a page");
    let campaign = &campaigns.items[0];
    assert_eq!(
        (campaign.status, campaign.detail.advertiser.as_deref()),
        (ItemStatus::Paused, Some("7"))
    );
    let flights = triton
        .page(want(ItemKind::LineItem, None))
        .await
        .expect("a page");
    assert_eq!(
        (
            flights.items[0].parent.as_deref(),
            flights.items[0].detail.goal
        ),
        (Some("c1"), Some(5000))
    );
    assert_eq!(
        fake.paths()[0],
        "GET /v2/stations?tap_only=true&limit=500&offset=0"
    );
    assert!(fake.heard()[0].2.contains("Bearer canary-triton-key"));
}

#[tokio::test]
async fn a_server_that_knows_no_pages_is_not_read_for_ever() {
    let full: Vec<Value> = (0..500)
        .map(|n| json!({"id": n, "name": "Station"}))
        .collect();
    let fake = Scripted::open([says(json!(full)), says(json!(full))]).await;
    let triton = triton(&fake);
    let first = triton
        .page(want(ItemKind::Station, None))
        .await
        .expect("a page");
    assert_eq!(
        (first.items.len(), first.next.as_deref()),
        (500, Some("500/0"))
    );
    let again = triton
        .page(want(ItemKind::Station, first.next.as_deref()))
        .await
        .expect("a page");
    assert!(again.items.is_empty() && again.next.is_none());
}

#[tokio::test]
async fn what_could_not_be_ordered_whole_is_said_to_be_left_inactive() {
    let fake = Scripted::open([
        says(json!([])),
        says(json!({"id": "c9", "name": "x", "active": false})),
        says(json!([])),
        Mood::Status(422, json!({"message": "no such station"}), None),
    ])
    .await;
    let trouble = triton(&fake)
        .order(&new_order())
        .await
        .expect_err("refused");
    assert_eq!(trouble.category, Category::Permanent);
    assert!(
        trouble
            .message
            .ends_with("no such station; campaign c9 is left there, inactive"),
        "{trouble}"
    );
    assert_eq!(fake.heard()[1].3["active"], false);
}
