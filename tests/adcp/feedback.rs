//! What buyers say of their media buys is kept and told, and creatives come in one by one in the
//! older shape.

use flightdeck::{
    domain::{
        opendirect::product::Product,
        tenant::{
            caller::Caller,
            role::Role::{self, Admin, Buyer},
        },
    },
    engine::{
        creatives::decide::DecideCreative, media_buys::feedback::ListFeedback,
        seller::products::put::PutProduct,
    },
};
use serde_json::{Value, json};

use crate::agent::House;

const PEOPLE: &[(&str, &str, Role)] = &[("main", "acme", Buyer), ("main", "rival", Buyer)];

fn boss() -> Caller {
    Caller::new("boss", "main".parse().expect("a tenant"), Admin)
}

/// A media buy of the first agent, of something that nobody has to agree to.
async fn bought(house: &House) -> Value {
    let product: Product = serde_json::from_value(json!({
        "id": "open", "publisher_id": "pub-1", "publisher": "Northlight", "name": "Open",
        "channel": "ctv", "format": "video", "rate_type": "CPM", "delivery_type": "PMP",
        "base_price": {"minor": 2_000, "currency": "USD"},
        "floor_price": {"minor": 1_000, "currency": "USD"}, "daily_impressions": 100_000,
    }))
    .expect("a product");
    let put = house.core.ask(&boss(), PutProduct(product)).await;
    put.expect("on sale");
    let order = json!({
        "idempotency_key": "feedback-on-this-one",
        "account": {"brand": {"domain": "acme.example"}, "operator": "agency.example"},
        "brand": {"domain": "acme.example"},
        "start_time": "2026-07-01T00:00:00Z", "end_time": "2026-07-31T23:59:59Z",
        "packages": [{"product_id": "open", "budget": 10_000, "pricing_option_id": "default"}],
    });
    house.agent(0).call("create_media_buy", &order).await
}

#[tokio::test]
async fn what_a_buyer_says_is_kept_once_and_told() {
    for house in House::each("feedback", PEOPLE).await {
        let bought = bought(&house).await;
        let agent = house.agent(0);
        let say = json!({
            "idempotency_key": "say-it-once-and-for-all",
            "media_buy_id": bought["media_buy_id"],
            "measurement_period": {"start": "2026-06-01T00:00:00Z", "end": "2026-06-08T00:00:00Z"},
            "performance_index": 1.35, "metric_type": "brand_lift",
            "feedback_source": "third_party_measurement",
            "package_id": bought["packages"][0]["package_id"],
            "context": {"correlation_id": "c-7"},
        });
        let told = agent.call("provide_performance_feedback", &say).await;
        assert_eq!(
            (&told["success"], &told["context"]),
            (&json!(true), &say["context"])
        );
        let again = agent.call("provide_performance_feedback", &say).await;
        assert_eq!(again["replayed"], true);
        let list: ListFeedback =
            serde_json::from_value(json!({"media_buy_id": bought["media_buy_id"]}))
                .expect("a question");
        let kept = house.core.ask(&boss(), list).await.expect("told").feedback;
        assert_eq!(kept.len(), 1, "said once");
        assert_eq!(kept[0].by, "acme");
        let said = serde_json::to_value(&kept[0]).expect("json");
        assert_eq!(said["performance_index"], 1.35);
        assert_eq!(said["metric_type"], "brand_lift");

        let with = |key: &str, field: &str, value: Value| {
            let mut say = say.clone();
            say["idempotency_key"] = json!(format!("say-it-differently-{key}"));
            say[field] = value;
            say
        };
        let backwards = json!({"start": "2026-06-08T00:00:00Z", "end": "2026-06-01T00:00:00Z"});
        for (field, value, code) in [
            ("performance_index", json!(-1), "INVALID_REQUEST"),
            ("measurement_period", backwards, "INVALID_REQUEST"),
            ("metric_type", json!("vibes"), "INVALID_REQUEST"),
            ("package_id", json!("pkg_none"), "PACKAGE_NOT_FOUND"),
            ("creative_id", json!("nothing"), "CREATIVE_NOT_FOUND"),
            ("media_buy_id", json!("mb_none"), "MEDIA_BUY_NOT_FOUND"),
        ] {
            let error = agent
                .refused(
                    "provide_performance_feedback",
                    &with(field, field, value),
                    code,
                )
                .await;
            let at = error["field"].as_str().unwrap_or(field);
            assert!(at.starts_with(field), "{error:#}");
        }
        let theirs = with("rival", "performance_index", json!(0));
        house
            .agent(1)
            .refused(
                "provide_performance_feedback",
                &theirs,
                "MEDIA_BUY_NOT_FOUND",
            )
            .await;
    }
}

#[tokio::test]
async fn a_creative_comes_in_for_a_buy_and_its_status_is_told() {
    for house in House::each("older_creatives", PEOPLE).await {
        let bought = bought(&house).await;
        let agent = house.agent(0);
        assert_eq!(bought["status"], "pending_creatives");
        let upload = json!({
            "media_buy_id": bought["media_buy_id"], "format": "video_1920x1080",
            "creative_url": "https://cdn.acme.example/spots/summer.mp4",
            "metadata": {"name": "Summer spot", "duration": 30},
        });
        let told = agent.call("upload_creative", &upload).await;
        assert_eq!(told["status"], "approved");
        assert_eq!(
            told["package_ids"],
            json!([bought["packages"][0]["package_id"]])
        );
        let same = agent.call("upload_creative", &upload).await;
        assert_eq!(
            same["creative_id"], told["creative_id"],
            "the same is the same"
        );
        let ids = json!({"media_buy_ids": [bought["media_buy_id"]]});
        let shown = agent.call("get_media_buys", &ids).await;
        assert_eq!(shown["media_buys"][0]["status"], "pending_start");

        let decide: DecideCreative = serde_json::from_value(json!({
            "owner": "acme", "creative_id": told["creative_id"], "status": "rejected",
            "reason": "too loud",
        }))
        .expect("a decision");
        house.core.ask(&boss(), decide).await.expect("decided");
        let ask =
            json!({"media_buy_id": bought["media_buy_id"], "creative_id": told["creative_id"]});
        let status = agent.call("get_creative_status", &ask).await;
        let one = &status["creatives"][0];
        assert_eq!(
            (&one["status"], &one["rejection_reason"], &one["name"]),
            (
                &json!("rejected"),
                &json!("too loud"),
                &json!("Summer spot")
            )
        );
        let none = json!({"media_buy_id": bought["media_buy_id"], "creative_id": "nothing"});
        agent
            .refused("get_creative_status", &none, "CREATIVE_NOT_FOUND")
            .await;
        house
            .agent(1)
            .refused("get_creative_status", &ask, "MEDIA_BUY_NOT_FOUND")
            .await;
        for (field, value) in [
            ("creative_url", "ftp://x"),
            ("creative_url", "http://example.com/spot.mp4"),
            ("creative_url", "http://127.0.0.1/spot.mp4"),
            ("creative_url", "https://"),
            ("format", "telepathy"),
        ] {
            let mut wrong = upload.clone();
            wrong[field] = json!(value);
            let error = agent
                .refused("upload_creative", &wrong, "INVALID_REQUEST")
                .await;
            assert_eq!(error["field"], field);
        }
    }
}
