//! Reports that a buyer wants to be sent: one a period, numbered, with what came in meanwhile;
//! late where something is not counted yet, and final once.

use flightdeck::{
    domain::{
        opendirect::product::DeliveryType,
        tenant::{
            caller::Caller,
            role::Role::{self, Admin, Buyer},
        },
        when::Instant,
    },
    engine::{delivery::record::RecordReadings, media_buys::get::GetBuy},
};
use serde_json::{Value, json};

use crate::{
    agent::House,
    receiver::{Came, Receiver},
    schemas,
};

const PEOPLE: &[(&str, &str, Role)] = &[("main", "acme", Buyer)];
const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn boss() -> Caller {
    Caller::new("boss", "main".parse().expect("a tenant"), Admin)
}

/// Orders the first three days of July, with a report of each day to somebody.
async fn ordered(house: &House, url: &str, extra: Value) -> Value {
    let mut hook = json!({
        "url": format!("{url}/reports"), "reporting_frequency": "daily",
        "authentication": {"schemes": ["Bearer"], "credentials": SECRET},
        "token": "say-this-back-to-me",
    });
    if let (Some(hook), Value::Object(extra)) = (hook.as_object_mut(), extra) {
        hook.extend(extra);
    }
    let order = json!({
        "idempotency_key": "report-on-it-every-day-00",
        "account": {"brand": {"domain": "acme.example"}, "operator": "agency.example"},
        "brand": {"domain": "acme.example"},
        "start_time": "2026-07-01T00:00:00Z", "end_time": "2026-07-04T00:00:00Z",
        "packages": [{
            "product_id": "open", "budget": 10_000, "pricing_option_id": "default",
            "creatives": [{"creative_id": "spot", "name": "Spot", "format_id": {"id": "video_30s"}}],
        }],
        "reporting_webhook": hook,
    });
    house.agent(0).call("create_media_buy", &order).await["media_buy_id"].clone()
}

/// Counts so many impressions of a buy, in all, until an instant.
async fn count(house: &House, buy: &Value, until: &str, impressions: u64) {
    let media_buy_id = buy.as_str().expect("an id").into();
    let view = house.core.ask(&boss(), GetBuy { media_buy_id }).await;
    let line = view.expect("a buy").buy.packages[0].line_id;
    let record: RecordReadings = serde_json::from_value(json!({"readings": [{
        "line_id": line,
        "delivered": {
            "impressions": impressions, "clicks": impressions / 100, "starts": impressions,
            "completes": impressions / 2,
            "spent": {"minor": impressions * 2, "currency": "USD"}, "as_of": until,
        },
    }]}))
    .expect("readings");
    house.core.ask(&boss(), record).await.expect("taken in");
}

/// Lets time pass until an instant.
async fn until(house: &House, instant: &str) {
    let then: Instant = instant.parse().expect("an instant");
    house.pass(then - house.core.clock().now()).await;
}

/// What a report says: kind, number, impressions, the end of its period, when the next comes.
fn said(came: &Came) -> (Value, Value, Value, Value, Value) {
    let told = came.json();
    let payload = told.as_object().cloned().unwrap_or_default();
    let ours = ["idempotency_key", "token"];
    let plain: Value = payload
        .into_iter()
        .filter(|(name, _)| !ours.contains(&name.as_str()))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let faults = schemas::faults("media-buy/get-media-buy-delivery-response.json", &plain);
    assert!(faults.is_empty(), "{faults:#?}\n{told:#}");
    assert_eq!(told["token"], "say-this-back-to-me");
    assert_eq!(came.header("authorization"), format!("Bearer {SECRET}"));
    (
        told["notification_type"].clone(),
        told["sequence_number"].clone(),
        told["aggregated_totals"]["impressions"].clone(),
        told["reporting_period"]["end"].clone(),
        told["next_expected_at"].clone(),
    )
}

#[tokio::test]
async fn a_buyer_is_sent_a_report_of_each_day_and_told_when_one_is_late() {
    for house in House::sandboxes("reporting", PEOPLE).await {
        house.sells("open", DeliveryType::Pmp, "USD").await;
        let buyer = Receiver::answering(&[]).await;
        let buy = ordered(&house, &buyer.url, json!({})).await;
        until(&house, "2026-07-01T23:59:00Z").await;
        count(&house, &buy, "2026-07-01T23:59:00Z", 900).await;
        assert!(buyer.came().is_empty(), "the day is not over");

        until(&house, "2026-07-02T00:10:00Z").await;
        assert!(
            buyer.came().is_empty(),
            "the last minute is not counted yet"
        );
        count(&house, &buy, "2026-07-02T00:00:00Z", 1_000).await;
        until(&house, "2026-07-02T00:20:00Z").await;
        assert_eq!(buyer.came().len(), 1);
        until(&house, "2026-07-03T00:00:00Z").await;
        count(&house, &buy, "2026-07-03T00:00:00Z", 2_500).await;
        until(&house, "2026-07-03T00:10:00Z").await;
        // The last day is counted late.
        until(&house, "2026-07-04T03:50:00Z").await;
        assert_eq!(buyer.came().len(), 2);
        until(&house, "2026-07-04T04:10:00Z").await;
        assert_eq!(
            buyer.came().len(),
            3,
            "the buyer is told that it takes longer"
        );
        until(&house, "2026-07-04T06:00:00Z").await;
        assert_eq!(buyer.came().len(), 3, "and is told so once");
        count(&house, &buy, "2026-07-04T00:00:00Z", 3_000).await;
        until(&house, "2026-07-08T00:00:00Z").await;

        let came: Vec<_> = buyer.came().iter().map(said).collect();
        let late = buyer.came()[2].json();
        assert_eq!(
            late["media_buy_deliveries"][0]["status"],
            "reporting_delayed"
        );
        let days = [
            "2026-07-02T00:00:00.000000Z",
            "2026-07-03T00:00:00.000000Z",
            "2026-07-04T00:00:00.000000Z",
        ];
        let expected = [
            (json!("scheduled"), 1, json!(1_000), days[0], json!(days[1])),
            (json!("scheduled"), 2, json!(1_500), days[1], json!(days[2])),
            (
                json!("delayed"),
                3,
                json!(0),
                days[2],
                json!("2026-07-06T00:00:00.000000Z"),
            ),
            (json!("final"), 4, json!(500), days[2], Value::Null),
        ];
        let expected = expected.map(|(kind, number, impressions, end, next)| {
            (kind, json!(number), impressions, json!(end), next)
        });
        assert_eq!(came, expected);
    }
}

#[tokio::test]
async fn a_report_tells_what_was_asked_for_and_is_sent_once_however_often_it_is_looked_at() {
    for house in House::sandboxes("reporting_metrics", PEOPLE).await {
        house.sells("open", DeliveryType::Pmp, "USD").await;
        let buyer = Receiver::answering(&[(503, "busy")]).await;
        // Two names are known for views to the end; they are told under the present one.
        let wanted = ["impressions", "spend", "clicks", "video_completions"];
        let wanted = json!({ "requested_metrics": wanted });
        let buy = ordered(&house, &buyer.url, wanted).await;
        until(&house, "2026-07-02T00:00:00Z").await;
        count(&house, &buy, "2026-07-02T00:00:00Z", 1_000).await;
        until(&house, "2026-07-02T01:00:00Z").await;
        assert_eq!(buyer.came().len(), 1, "and was refused");
        until(&house, "2026-07-02T03:00:00Z").await;
        until(&house, "2026-07-02T03:30:00Z").await;
        let came = buyer.came();
        assert_eq!(came.len(), 2, "then taken, once");
        assert_eq!(came[0].body, came[1].body, "byte for byte");
        let told = came[1].json();
        let totals = &told["media_buy_deliveries"][0]["totals"];
        assert_eq!(totals["clicks"], 10);
        assert_eq!(totals["spend"], json!(20.0));
        assert_eq!(totals["completed_views"], 500);
        assert!(totals.get("ctr").is_none(), "{totals}");
        let package = &told["media_buy_deliveries"][0]["by_package"][0];
        assert!(package.get("completion_rate").is_none(), "{package}");
        assert_eq!(package["rate"], json!(20.0));
    }
}
