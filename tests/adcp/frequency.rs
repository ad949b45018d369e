//! A frequency cap: it bounds what the ad server inside shows, reach and frequency are told with
//! it, pacing names it where it holds a line back, and a looser one lets the line go on.

use flightdeck::{
    domain::{
        ids::LineId,
        opendirect::product::DeliveryType,
        tenant::{
            caller::Caller,
            role::Role::{self, Admin, Buyer},
        },
        when::Instant,
    },
    engine::{media_buys::get::GetBuy, pacing::get::GetPacing},
};
use serde_json::{Value, json};

use crate::agent::House;

const PEOPLE: &[(&str, &str, Role)] = &[("main", "acme", Buyer)];

fn boss() -> Caller {
    Caller::new("boss", "main".parse().expect("a tenant"), Admin)
}

fn cap(most: u64, per: &str) -> Value {
    json!({"frequency_cap": {"max_impressions": most, "per": per,
        "window": {"interval": 1, "unit": "days"}}})
}

fn account() -> Value {
    json!({"brand": {"domain": "acme.example"}, "operator": "agency.example"})
}

/// Half of what there is in the first ten days of July.
fn order(key: &str, product: &str, overlay: &Value) -> Value {
    json!({
        "idempotency_key": format!("not-too-often-please-{key}"), "account": account(),
        "brand": {"domain": "acme.example"},
        "start_time": "2026-07-01T00:00:00Z", "end_time": "2026-07-11T00:00:00Z",
        "packages": [{
            "product_id": product, "budget": 10_000, "pricing_option_id": "default",
            "creatives": [{"creative_id": "spot", "name": "Spot", "format_id": {"id": "video_30s"}}],
            "targeting_overlay": overlay,
        }],
    })
}

async fn until(house: &House, instant: &str) {
    let then: Instant = instant.parse().expect("an instant");
    house.pass(then - house.core.clock().now()).await;
}

/// What its first package delivered.
async fn delivered(house: &House, buy: &Value, more: Value) -> Value {
    let mut ask = json!({"media_buy_ids": [buy]});
    if let (Some(ask), Value::Object(more)) = (ask.as_object_mut(), more) {
        ask.extend(more);
    }
    let told = house.agent(0).call("get_media_buy_delivery", &ask).await;
    told["media_buy_deliveries"][0]["by_package"][0].clone()
}

async fn reasons(house: &House, buy: &Value) -> Vec<String> {
    let media_buy_id = buy.as_str().expect("an id").into();
    let view = house.core.ask(&boss(), GetBuy { media_buy_id }).await;
    let line_id: LineId = view.expect("a buy").buy.packages[0].line_id;
    let pace = house
        .core
        .ask(
            &boss(),
            GetPacing {
                line_id,
                as_of: None,
            },
        )
        .await;
    let reasons = pace.expect("a pace").reasons.into_iter();
    reasons.map(|one| one.evidence).collect()
}

#[tokio::test]
async fn a_tight_cap_holds_a_line_back_until_it_is_loosened() {
    for house in House::serving("frequency", PEOPLE).await {
        for product in ["tight", "free"] {
            house.sells(product, DeliveryType::Pmp, "USD").await;
        }
        let agent = house.agent(0);
        let tight = order("1", "tight", &cap(1, "individuals"));
        let tight = agent.call("create_media_buy", &tight).await;
        let (id, package) = (&tight["media_buy_id"], &tight["packages"][0]["package_id"]);
        let free = agent
            .call("create_media_buy", &order("2", "free", &json!({})))
            .await;
        until(&house, "2026-07-04T00:00:00Z").await;

        let open = delivered(&house, &free["media_buy_id"], json!({})).await;
        assert!(open["impressions"].as_u64() > Some(145_000), "{open:#}");
        assert!(
            open.get("reach").is_none() && open.get("ext").is_none(),
            "{open:#}"
        );
        let told = delivered(&house, id, json!({})).await;
        let number = |of: &Value, name: &str| {
            of[name]
                .as_f64()
                .unwrap_or_else(|| panic!("{name}: {of:#}"))
        };
        let shown = number(&told, "impressions");
        assert!(shown > 20_000.0 && shown < 120_000.0, "{told:#}");
        assert_eq!(told["reach_unit"], "individuals");
        assert!(
            told["ext"]["flightdeck"]["reach"]
                .as_str()
                .is_some_and(|said| said.contains("modelled"))
        );
        let (reach, often) = (number(&told, "reach"), number(&told, "frequency"));
        assert!(
            reach > 0.0 && (1.0..=3.0).contains(&often),
            "once a day in three days: {told:#}"
        );
        assert!((reach * often - shown).abs() < 1.0, "{told:#}");
        let days = json!({"start_date": "2026-07-02", "end_date": "2026-07-02"});
        let day = delivered(&house, id, days).await;
        assert!(
            (number(&day, "frequency") - 1.0).abs() < 1e-9,
            "once on one day: {day:#}"
        );

        let why = reasons(&house, id).await;
        let said = why
            .iter()
            .find(|said| said.contains("frequency cap"))
            .expect("the cap");
        assert!(
            said.starts_with("the frequency cap of 1 in 1 d lets "),
            "{said}"
        );
        assert!(said.ends_with(" a day are needed"), "{said}");
        assert!(
            reasons(&house, &free["media_buy_id"])
                .await
                .iter()
                .all(|said| !said.contains("cap"))
        );

        let change = |key: &str, overlay: &Value| {
            json!({"idempotency_key": format!("now-more-often-{key}"), "media_buy_id": id,
                "account": account(),
                "packages": [{"package_id": package, "targeting_overlay": overlay}]})
        };
        let wrong = json!({"frequency_cap": {"max_impressions": 3, "per": "individuals"}});
        let error = agent
            .refused(
                "update_media_buy",
                &change("wrong-it-is", &wrong),
                "INVALID_REQUEST",
            )
            .await;
        assert_eq!(
            error["field"],
            "packages[0].targeting_overlay.frequency_cap.window"
        );
        agent
            .call(
                "update_media_buy",
                &change("as-you-like", &cap(500, "individuals")),
            )
            .await;
        until(&house, "2026-07-05T00:00:00Z").await;
        let after = number(&delivered(&house, id, json!({})).await, "impressions");
        assert!(after - shown > shown / 3.0 * 1.5, "{shown} {after}");
        let why = reasons(&house, id).await;
        assert!(
            why.iter().all(|said| !said.contains("frequency cap")),
            "{why:?}"
        );
    }
}

#[tokio::test]
async fn a_cap_that_makes_no_sense_is_refused_by_its_field() {
    let house = House::open(PEOPLE).await;
    house.sells("open", DeliveryType::Pmp, "USD").await;
    let at = "packages[0].targeting_overlay.frequency_cap";
    for (overlay, field) in [
        (json!({"frequency_cap": {}}), at.to_owned()),
        (cap(0, "individuals"), format!("{at}.max_impressions")),
        (cap(3, "people"), format!("{at}.per")),
        (
            json!({"frequency_cap": {"suppress_minutes": -5}}),
            format!("{at}.suppress_minutes"),
        ),
    ] {
        let order = order("wrong", "open", &overlay);
        let error = house
            .agent(0)
            .refused("create_media_buy", &order, "INVALID_REQUEST")
            .await;
        assert_eq!(error["field"], field.as_str());
    }
}
