//! Delivery as a buyer's agent reads it: schema-complete from the first day, its own alone, and
//! every figure worked out from what was counted.

use chrono::Duration;
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
        delivery::record::RecordReadings,
        media_buys::{delivery::GetDelivery, get::GetBuy},
    },
};
use serde_json::{Value, json};

use crate::agent::{Agent, House};

const PEOPLE: &[(&str, &str, Role)] = &[
    ("main", "acme", Buyer),
    ("main", "rival", Buyer),
    ("main", "boss", Admin),
];

fn boss() -> Caller {
    Caller::new("boss", "main".parse().expect("a tenant"), Admin)
}

/// Two products at 20.00 a thousand: `open` in dollars, `offen` in euros.
async fn stocked(house: &House) {
    for (id, currency) in [("open", "USD"), ("offen", "EUR")] {
        house.sells(id, DeliveryType::Pmp, currency).await;
    }
}

/// Orders 31 days of July for 10,000.00, half a million impressions.
async fn order(agent: &Agent, key: &str, product: &str) -> Value {
    let order = json!({
        "idempotency_key": format!("create-a-buy-{key}-00"),
        "account": account(),
        "brand": {"domain": "acme.example"},
        "start_time": "2026-07-01T00:00:00Z",
        "end_time": "2026-08-01T00:00:00Z",
        "packages": [{
            "product_id": product, "budget": 10_000, "pricing_option_id": "default",
            "creatives": [{"creative_id": "spot", "name": "Spot", "format_id": {"id": "video_30s"}}],
        }],
    });
    agent.call("create_media_buy", &order).await["media_buy_id"].clone()
}

fn account() -> Value {
    json!({"brand": {"domain": "acme.example"}, "operator": "agency.example"})
}

/// Counts so many impressions of a buy by the end of a day of July.
async fn count(house: &House, buy: &Value, day: i64, impressions: u64, currency: &str) {
    let media_buy_id = buy.as_str().expect("an id").into();
    let view = house
        .core
        .ask(&boss(), GetBuy { media_buy_id })
        .await
        .expect("a buy");
    let begin: Instant = "2026-07-01T00:00:00Z".parse().expect("a time");
    let record: RecordReadings = serde_json::from_value(json!({"readings": [{
        "line_id": view.buy.packages[0].line_id,
        "delivered": {
            "impressions": impressions, "clicks": impressions / 500,
            "starts": impressions, "completes": impressions * 3 / 4,
            "measurable": impressions / 2, "viewable": impressions / 4,
            "spent": {"minor": impressions * 2, "currency": currency},
            "as_of": begin + Duration::days(day),
        },
    }]}))
    .expect("readings");
    house.core.ask(&boss(), record).await.expect("taken in");
}

async fn delivery(agent: &Agent, ask: Value) -> Value {
    agent.call("get_media_buy_delivery", &ask).await
}

#[tokio::test]
async fn a_buy_has_its_delivery_told_from_the_first_day_on() {
    for house in House::each("its_delivery_told", PEOPLE).await {
        stocked(&house).await;
        let acme = house.agent(0);
        let buy = order(&acme, "one", "open").await;
        let ask = json!({"account": account(), "media_buy_ids": [buy]});
        let none = delivery(&acme, ask.clone()).await;
        let own = &none["media_buy_deliveries"][0];
        assert_eq!(own["status"], "pending_start");
        assert_eq!(own["totals"]["spend"], json!(0.0));
        assert_eq!(own["by_package"][0]["rate"], json!(20.0));
        assert_eq!(none["aggregated_totals"]["media_buy_count"], 1);

        house.pass(Duration::hours(15 * 24 + 12 + 10 * 24)).await;
        count(&house, &buy, 9, 100_000, "USD").await;
        count(&house, &buy, 10, 125_000, "USD").await;
        let told = delivery(&acme, ask).await;
        let own = &told["media_buy_deliveries"][0];
        assert_eq!(
            (&own["status"], &own["totals"]["impressions"]),
            (&json!("active"), &json!(125_000))
        );
        assert_eq!(own["totals"]["spend"], json!(2_500.0));
        assert_eq!(own["totals"]["effective_rate"], json!(20.0));
        assert_eq!(own["totals"]["ctr"], json!(0.002));
        assert_eq!(own["totals"]["completion_rate"], json!(0.75));
        assert_eq!(own["totals"]["viewability"]["viewable_rate"], json!(0.5));
        let package = &own["by_package"][0];
        // 125,000 of 500,000 · 10 / 31.
        assert_eq!(package["pacing_index"], json!(0.775));
        assert_eq!(package["delivery_status"], "delivering");
        assert_eq!(
            (&package["is_final"], &package["paused"]),
            (&json!(false), &json!(false))
        );
        assert!(own.get("daily_breakdown").is_none() && package.get("daily_breakdown").is_none());
        assert_eq!(
            told["reporting_period"]["end"],
            "2026-07-11T00:00:00.000000Z"
        );
    }
}

#[tokio::test]
async fn days_are_told_one_by_one_and_add_up() {
    let house = House::open(PEOPLE).await;
    stocked(&house).await;
    let acme = house.agent(0);
    let buy = order(&acme, "days", "open").await;
    house.pass(Duration::days(30)).await;
    for (day, impressions) in [(1, 10_000), (2, 30_000), (3, 35_000)] {
        count(&house, &buy, day, impressions, "USD").await;
    }
    let ask = json!({"media_buy_ids": [buy], "include_package_daily_breakdown": true});
    let told = delivery(&acme, ask).await;
    let own = &told["media_buy_deliveries"][0];
    let days = |from: &Value| -> Vec<(String, f64, f64)> {
        let day = |day: &Value| {
            let number = |name: &str| day[name].as_f64().expect("a number");
            (
                day["date"].as_str().expect("a day").to_owned(),
                number("impressions"),
                number("spend"),
            )
        };
        from["daily_breakdown"]
            .as_array()
            .expect("days")
            .iter()
            .map(day)
            .collect()
    };
    let wanted = [
        ("2026-07-01", 10_000.0, 200.0),
        ("2026-07-02", 20_000.0, 400.0),
        ("2026-07-03", 5_000.0, 100.0),
    ];
    let wanted = wanted.map(|(day, shown, spent)| (day.to_owned(), shown, spent));
    assert_eq!(days(own), wanted);
    assert_eq!(days(&own["by_package"][0]), wanted);

    let ask = json!({"media_buy_ids": [buy], "start_date": "2026-07-02", "end_date": "2026-07-02"});
    let told = delivery(&acme, ask).await;
    assert_eq!(told["aggregated_totals"]["impressions"], 20_000);
    assert_eq!(
        told["reporting_period"],
        json!({"start": "2026-07-02T00:00:00.000000Z", "end": "2026-07-03T00:00:00.000000Z"})
    );
    for (ask, field) in [
        (json!({"start_date": "July"}), "start_date"),
        (
            json!({"start_date": "2026-07-03", "end_date": "2026-07-02"}),
            "end_date",
        ),
    ] {
        let error = acme
            .refused("get_media_buy_delivery", &ask, "INVALID_REQUEST")
            .await;
        assert_eq!(error["field"], field);
    }
}

#[tokio::test]
async fn a_buyer_sees_its_own_alone_and_currencies_are_not_added_up() {
    let house = House::open(PEOPLE).await;
    stocked(&house).await;
    let (acme, rival) = (house.agent(0), house.agent(1));
    let dollars = order(&acme, "dollars", "open").await;
    let euros = order(&acme, "euros", "offen").await;
    house.pass(Duration::days(20)).await;
    count(&house, &dollars, 2, 10_000, "USD").await;
    count(&house, &euros, 2, 20_000, "EUR").await;
    let told = delivery(&rival, json!({"media_buy_ids": [dollars]})).await;
    assert_eq!(told["media_buy_deliveries"], json!([]));
    assert_eq!(told["errors"][0]["code"], "MEDIA_BUY_NOT_FOUND");
    let none = json!({"media_buy_id": dollars});
    rival
        .refused("get_media_buy_report", &none, "MEDIA_BUY_NOT_FOUND")
        .await;

    let both = delivery(&acme, json!({})).await;
    assert_eq!(
        both["media_buy_deliveries"].as_array().map(Vec::len),
        Some(2)
    );
    assert!(both.get("aggregated_totals").is_none(), "{both:#}");
    assert!(
        both["errors"][0]["message"]
            .to_string()
            .contains("several currencies")
    );
    let one = delivery(&acme, json!({"media_buy_ids": [euros]})).await;
    assert_eq!(
        (&one["currency"], &one["aggregated_totals"]["spend"]),
        (&json!("EUR"), &json!(400.0))
    );
    for (filter, many) in [(json!("paused"), 0), (json!(["active", "paused"]), 2)] {
        let told = delivery(&acme, json!({"status_filter": filter})).await;
        assert_eq!(
            told["media_buy_deliveries"].as_array().map(Vec::len),
            Some(many)
        );
    }
    let other =
        json!({"account": {"brand": {"domain": "other.example"}, "operator": "agency.example"}});
    assert_eq!(
        delivery(&acme, other).await["media_buy_deliveries"],
        json!([])
    );
}

#[tokio::test]
async fn the_older_shapes_and_the_snapshot_tell_the_same() {
    let house = House::open(PEOPLE).await;
    stocked(&house).await;
    let acme = house.agent(0);
    let buy = order(&acme, "older", "open").await;
    let listed = json!({"media_buy_ids": [buy], "include_snapshot": true});
    let told = acme.call("get_media_buys", &listed).await;
    let package = &told["media_buys"][0]["packages"][0];
    assert_eq!(
        package["snapshot_unavailable_reason"],
        "SNAPSHOT_TEMPORARILY_UNAVAILABLE"
    );
    house
        .pass(Duration::hours(15 * 24 + 12 + 10 * 24 + 2))
        .await;
    count(&house, &buy, 9, 100_000, "USD").await;
    count(&house, &buy, 10, 125_000, "USD").await;

    let told = acme.call("get_media_buys", &listed).await;
    let snapshot = &told["media_buys"][0]["packages"][0]["snapshot"];
    assert_eq!(snapshot["as_of"], "2026-07-11T00:00:00.000000Z");
    assert_eq!(snapshot["staleness_seconds"], 7_200);
    assert_eq!(
        (&snapshot["pacing_index"], &snapshot["spend"]),
        (&json!(0.775), &json!(2_500.0))
    );
    assert_eq!(snapshot["delivery_status"], "delivering");

    let (told, _) = acme
        .called("check_media_buy_status", &json!({"media_buy_id": buy}))
        .await;
    assert_eq!(
        (&told["budget_spent"], &told["impressions_delivered"]),
        (&json!(2_500.0), &json!(125_000))
    );
    assert_eq!(
        told["performance"],
        json!({"ctr": 0.002, "viewability": 0.5, "completion_rate": 0.75})
    );

    let ask = json!({
        "media_buy_id": buy, "dimensions": ["date", "package"], "metrics": ["impressions", "effective_cpm"],
    });
    let report = acme.called("get_media_buy_report", &ask).await.0;
    let rows = report["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[1]["impressions"], 25_000);
    assert_eq!(
        report["totals"],
        json!({"impressions": 125_000, "effective_cpm": 20.0})
    );
    assert_eq!(report["media_buy_status"], "active");
    let ask = json!({"media_buy_id": buy, "metrics": ["video_completions"]});
    let report = acme.called("get_media_buy_report", &ask).await.0;
    assert_eq!(report["totals"], json!({"completed_views": 93_750}));
    let ask = json!({"media_buy_id": buy, "dimensions": []});
    let whole = acme.called("get_media_buy_report", &ask).await.0;
    assert_eq!(whole["rows"].as_array().map(Vec::len), Some(1));
    assert_eq!(whole["rows"][0], whole["totals"]);
    for (field, word) in [("dimensions", "mood"), ("metrics", "joy")] {
        let ask = json!({"media_buy_id": buy, field: ["date", word]});
        let error = acme
            .refused("get_media_buy_report", &ask, "INVALID_REQUEST")
            .await;
        let at = i32::from(field != "metrics");
        assert_eq!(error["field"], format!("{field}[{at}]"));
        assert!(
            error["suggestion"].to_string().contains("known are"),
            "{error}"
        );
    }
    let seen = GetDelivery::default();
    let all = house.core.ask(&boss(), seen).await.expect("told");
    assert_eq!(all.buys[0].packages[0].pacing, "behind");
}
