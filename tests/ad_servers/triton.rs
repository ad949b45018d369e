//! Triton Digital: what little is known of it, and lists that know no pages.

use std::sync::Arc;

use flightdeck::{
    domain::{
        inventory::{item::ItemStatus, kind::ItemKind, order::Turn, trouble::Category},
        opendirect::product::RateType,
    },
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

#[tokio::test]
async fn a_campaign_is_kept_by_days_and_off_until_it_is_agreed_to() {
    let flight = |id: &str, name: &str| {
        json!({"id": id, "name": name, "campaignId": "c9", "active": true, "rate": 12.34,
            "startDate": "2026-07-01", "endDate": "2026-07-31",
            "goal": {"type": "IMPRESSIONS", "value": 500_000},
            "metrics": {"impressions": 77, "clicks": 2}})
    };
    let off = json!({"id": "c9", "name": "x", "active": false});
    let flights = says(json!([flight("f1", "pkg_1"), flight("f2", "pkg_2")]));
    let fake = Scripted::open([
        says(json!([])),
        says(off.clone()),
        says(json!([])),
        says(flight("f1", "pkg_1")),
        says(flight("f2", "pkg_2")),
        says(off),
        flights.clone(),
        says(json!({})),
        says(json!({})),
        says(json!({})),
        flights,
    ])
    .await;
    let triton = triton(&fake);
    let mut order = new_order();
    order.lines = order.lines.into_iter().map(|one| triton.fit(one)).collect();
    let held = triton.order(&order).await.expect("ordered");
    assert_eq!((held.status, held.lines.len()), (ItemStatus::Paused, 2));
    let line = &held.lines[0];
    assert_eq!(
        (line.starts, line.ends, line.goal),
        (
            Some(order.lines[0].starts),
            Some(order.lines[0].ends),
            Some(500_000)
        ),
        "the last day is one of its days"
    );
    assert_eq!(fake.heard()[3].3["endDate"], "2026-07-31");
    triton.turn("c9", Turn::Activate).await.expect("on");
    triton.set("f1", &order.lines[0]).await.expect("changed");
    let one = ["f2".to_owned()];
    triton
        .turn_lines("c9", &one, Turn::Pause)
        .await
        .expect("held");
    let heard = fake.heard();
    let told: Vec<_> = heard[7..10]
        .iter()
        .map(|(method, path, _, body)| (method.as_str(), path.as_str(), &body["active"]))
        .collect();
    assert_eq!(
        told,
        [
            ("PUT", "/v1/campaigns/c9", &json!(true)),
            ("PUT", "/v1/flights/f1", &Value::Null),
            ("PUT", "/v1/flights/f2", &json!(false)),
        ]
    );
    let since = order.lines[0].starts;
    let counts = triton.counts("c9", since).await.expect("counted");
    assert_eq!((counts[0].line.as_str(), counts[0].impressions), ("f1", 77));
}

#[tokio::test]
async fn what_it_cannot_be_told_is_refused_before_anything_is_sent() {
    let fake = Scripted::open([]).await;
    let mut order = new_order();
    order.lines[0].priced = RateType::Cpc;
    let trouble = triton(&fake).order(&order).await.expect_err("no clicks");
    assert!(
        trouble.message.contains("paid by CPM, not CPC: pkg_1"),
        "{trouble}"
    );
    order.lines[0].priced = RateType::Cpm;
    order.lines[1].units.clear();
    let trouble = triton(&fake).order(&order).await.expect_err("nowhere");
    assert!(
        trouble.message.contains("it is not placed everywhere"),
        "{trouble}"
    );
    assert!(fake.heard().is_empty(), "nothing was sent");
}
