//! What a media buy was shown beside, sent to its buyer: as it comes, once an hour or once a day,
//! all of it or a part, in as many messages as it takes, each once; and the truth where nobody
//! knows beside which content a line is shown.

use std::collections::BTreeSet;

use flightdeck::{
    domain::{
        opendirect::product::DeliveryType,
        tenant::{
            caller::Caller,
            role::Role::{self, Admin, Buyer},
        },
        when::Instant,
    },
    engine::{
        media_buys::artifacts::{ArtifactsDue, SendArtifacts},
        webhooks::list::ListNotices,
    },
};
use serde_json::{Value, json};

use crate::{
    agent::House,
    receiver::{Came, Receiver},
    schemas,
};

const PEOPLE: &[(&str, &str, Role)] = &[("main", "acme", Buyer)];
const SECRET: &str = "0123456789abcdef0123456789abcdef";
const END: &str = "2026-07-02T06:00:00Z";

fn tenant() -> flightdeck::domain::ids::TenantId {
    "main".parse().expect("a tenant")
}

/// Orders the first thirty hours of July, in so many packages.
async fn ordered(house: &House, key: &str, packages: usize, hook: &Value) -> Value {
    let package = json!({
        "product_id": "open", "budget": 1_000, "pricing_option_id": "default",
        "creatives": [{"creative_id": "spot", "name": "Spot", "format_id": {"id": "video_30s"}}],
    });
    let order = json!({
        "idempotency_key": format!("tell-me-what-is-beside-it-{key}"),
        "account": {"brand": {"domain": "acme.example"}, "operator": "agency.example"},
        "brand": {"domain": "acme.example"},
        "start_time": "2026-07-01T00:00:00Z", "end_time": END,
        "packages": vec![package; packages], "artifact_webhook": hook,
    });
    house.agent(0).call("create_media_buy", &order).await
}

fn hook(url: &str, mode: &str, extra: &Value) -> Value {
    let mut hook = json!({
        "url": format!("{url}/artifacts"), "delivery_mode": mode, "token": "say-this-back-to-me",
        "authentication": {"schemes": ["Bearer"], "credentials": SECRET},
    });
    if let (Some(hook), Value::Object(extra)) = (hook.as_object_mut(), extra.clone()) {
        hook.extend(extra);
    }
    hook
}

/// Lets time pass until an instant.
async fn until(house: &House, instant: &str) {
    let then: Instant = instant.parse().expect("an instant");
    house.pass(then - house.core.clock().now()).await;
}

/// Lets the whole flight pass, a quarter of an hour at a time, and what is sent after it.
async fn whole_flight(house: &House) {
    let [start, end] =
        ["2026-07-01T00:00:06Z", END].map(|at| at.parse::<Instant>().expect("a time"));
    let now = house.core.clock().now();
    house
        .pass((start - now).max(chrono::Duration::zero()))
        .await;
    while house.core.clock().now() < end + chrono::Duration::minutes(30) {
        house.pass(chrono::Duration::minutes(15)).await;
    }
}

/// What a message says, as its schema wants it, from whoever it is to come from.
fn said(came: &Came) -> Value {
    let told = came.json();
    let faults = schemas::faults("content-standards/artifact-webhook-payload.json", &told);
    assert!(faults.is_empty(), "{faults:#?}\n{told:#}");
    assert_eq!(told["token"], "say-this-back-to-me");
    assert_eq!(came.header("authorization"), format!("Bearer {SECRET}"));
    told
}

/// Package, content and hour of everything that came; nothing comes twice.
fn told(receiver: &Receiver) -> BTreeSet<(String, String, String)> {
    let mut all = BTreeSet::new();
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    for came in receiver.came() {
        for one in said(&came)["artifacts"].as_array().expect("a list") {
            let key = (
                text(&one["package_id"]),
                text(&one["artifact"]["artifact_id"]),
                text(&one["delivered_at"]),
            );
            assert!(all.insert(key), "twice: {one:#}");
        }
    }
    all
}

/// The same without the packages, which differ from buy to buy.
fn beside(receiver: &Receiver) -> BTreeSet<(String, String)> {
    let plain = |(_, content, hour)| (content, hour);
    told(receiver).into_iter().map(plain).collect()
}

#[tokio::test]
async fn a_buyer_is_told_each_piece_of_content_once_however_often_it_wants_to_hear() {
    for house in House::serving("artifacts", PEOPLE).await {
        house.sells("open", DeliveryType::Pmp, "USD").await;
        let (now, hour, day) = (
            Receiver::answering(&[]).await,
            Receiver::answering(&[]).await,
            Receiver::answering(&[]).await,
        );
        let often = |often: &str| json!({ "batch_frequency": often });
        for (key, receiver, mode, extra) in [
            ("now", &now, "realtime", json!({})),
            ("hour", &hour, "batched", often("hourly")),
            ("day", &day, "batched", often("daily")),
        ] {
            let bought = ordered(&house, key, 1, &hook(&receiver.url, mode, &extra)).await;
            assert!(bought.get("message").is_none(), "{bought:#}");
        }
        until(&house, "2026-06-30T23:00:00Z").await;
        until(&house, "2026-07-01T00:32:00Z").await;
        until(&house, "2026-07-01T00:46:00Z").await;
        assert!(!now.came().is_empty(), "soon after it was counted");
        assert!(hour.came().is_empty() && day.came().is_empty());
        until(&house, "2026-07-01T01:30:00Z").await;
        until(&house, "2026-07-01T01:36:00Z").await;
        assert_eq!((hour.came().len(), day.came().len()), (1, 0));
        whole_flight(&house).await;

        assert_eq!(beside(&now), beside(&hour), "the same, as it comes");
        assert_eq!(beside(&hour), beside(&day), "the same, once a day");
        let hours: BTreeSet<String> = beside(&day).into_iter().map(|one| one.1).collect();
        assert_eq!(hours.len(), 30, "{hours:?}");
        assert!(
            hours
                .iter()
                .all(|at| at.as_str() >= "2026-07-01" && at.as_str() < END)
        );
        assert_eq!(hour.came().len(), 30);
        assert_eq!(day.came().len(), 2, "a day, and the rest of the flight");
        let last = said(day.came().last().expect("the last"));
        let batch = last["batch_id"].as_str().expect("an id");
        assert!(batch.ends_with(".20260702T060000Z"), "{batch}");
        let one = &last["artifacts"][0]["artifact"];
        let url = one["url"].as_str().expect("an address");
        assert!(url.starts_with("https://example.com/"), "{url}");
        let offered = house.agent(0).call("get_products", &json!({})).await;
        let property = &offered["products"][0]["publisher_properties"][0];
        assert_eq!(one["property_rid"], property["publisher_domain"]);
        house.pass(chrono::Duration::days(3)).await;
        assert_eq!((hour.came().len(), day.came().len()), (30, 2), "it is over");
    }
}

#[tokio::test]
async fn a_part_is_a_part_of_all_and_nothing_is_nothing() {
    for house in House::serving("artifacts_sampled", PEOPLE).await {
        house.sells("open", DeliveryType::Pmp, "USD").await;
        let mut receivers = Vec::new();
        for (key, rate) in [("all", 1.0), ("some", 0.001), ("none", 0.0)] {
            let receiver = Receiver::answering(&[]).await;
            let extra = json!({"batch_frequency": "hourly", "sampling_rate": rate});
            ordered(&house, key, 1, &hook(&receiver.url, "batched", &extra)).await;
            receivers.push(receiver);
        }
        whole_flight(&house).await;
        let (all, some) = (beside(&receivers[0]), beside(&receivers[1]));
        assert!(some.is_subset(&all), "{some:?}");
        assert!(
            !some.is_empty() && some.len() * 10 < all.len() * 9,
            "{} of {}",
            some.len(),
            all.len()
        );
        assert!(receivers[2].came().is_empty());
    }
}

#[tokio::test]
async fn a_long_batch_comes_in_several_messages_that_a_restart_does_not_repeat() {
    for house in House::serving("artifacts_batch", PEOPLE).await {
        house.sells("open", DeliveryType::Pmp, "USD").await;
        // The first is not taken at once; what comes again is the same to the byte.
        let buyer = Receiver::answering(&[(503, "busy")]).await;
        let daily = json!({"batch_frequency": "daily"});
        let bought = ordered(&house, "long", 6, &hook(&buyer.url, "batched", &daily)).await;
        let id = bought["media_buy_id"].as_str().expect("an id");
        until(&house, "2026-07-01T23:59:00Z").await;
        assert!(buyer.came().is_empty());

        // Whoever does the rest is killed after the first message.
        let rest = house.runner.without("tell_artifacts");
        let minutes = chrono::Duration::minutes(1);
        house.clock.advance(minutes * 6);
        rest.settle().await.expect("settled");
        let engine = Caller::engine(tenant());
        let send = || SendArtifacts {
            media_buy_id: id.into(),
        };
        let due = house.core.ask(&engine, send()).await.expect("sent");
        assert_eq!(due.at, Some(house.core.clock().now()), "there is more");
        rest.settle().await.expect("settled");
        assert_eq!(buyer.came().len(), 1);

        let house = house.restarted().await;
        house.pass(minutes).await;
        house.pass(minutes).await;
        let came = buyer.came();
        assert_eq!(
            came[0].body,
            came[1..]
                .iter()
                .find(|one| one.body == came[0].body)
                .expect("again")
                .body
        );
        let messages: Vec<Value> = came[1..].iter().map(said).collect();
        let number = |one: &Value| {
            one["pagination"]["batch_number"]
                .as_u64()
                .expect("a number")
        };
        let mut numbers: Vec<u64> = messages.iter().map(number).collect();
        numbers.sort_unstable();
        let batches = messages[0]["pagination"]["total_batches"]
            .as_u64()
            .expect("how many");
        assert!(batches >= 3, "{batches}");
        assert_eq!(numbers, (1..=batches).collect::<Vec<_>>());
        let keys: BTreeSet<&str> = messages
            .iter()
            .filter_map(|one| one["idempotency_key"].as_str())
            .collect();
        assert_eq!(keys.len(), messages.len(), "each has a key of its own");
        let all: usize = messages
            .iter()
            .map(|one| one["artifacts"].as_array().map_or(0, Vec::len))
            .sum();
        for one in &messages {
            assert_eq!(one["batch_id"], messages[0]["batch_id"]);
            assert_eq!(one["pagination"]["total_artifacts"], all);
            assert!(
                one["artifacts"]
                    .as_array()
                    .is_some_and(|some| some.len() <= 200)
            );
        }
        let boss = Caller::new("boss", tenant(), Admin);
        let list = house.core.ask(&boss, ListNotices::default()).await;
        let sent = list.expect("a list").webhooks;
        assert!(
            sent.iter()
                .any(|one| one.what == format!("artifacts 1 (2 of {batches})")),
            "{sent:#?}"
        );
        assert_eq!(sent.len(), messages.len());
        let due = house
            .core
            .ask(
                &engine,
                ArtifactsDue {
                    media_buy_id: id.into(),
                },
            )
            .await;
        let next: Instant = END.parse().expect("an instant");
        assert!(
            due.expect("due").at.is_some_and(|at| at >= next),
            "the rest of the flight"
        );
    }
}

#[tokio::test]
async fn where_nobody_knows_what_is_beside_a_line_the_buyer_is_told_so() {
    for house in House::sandboxes("artifacts_unknown", PEOPLE).await {
        house.sells("open", DeliveryType::Pmp, "USD").await;
        let buyer = Receiver::answering(&[]).await;
        let bought = ordered(&house, "kept", 1, &hook(&buyer.url, "realtime", &json!({}))).await;
        let message = bought["message"].as_str().expect("a message");
        assert!(message.contains("kept and not called"), "{message}");
        until(&house, "2026-07-03T00:00:00Z").await;
        assert!(buyer.came().is_empty());
    }
}
