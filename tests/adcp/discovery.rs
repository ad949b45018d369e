//! Products and formats: found for a brief, filtered, paged, and each with its reason.

use flightdeck::domain::tenant::role::Role::{Buyer, Viewer};
use serde_json::{Value, json};

use crate::agent::{Agent, House};

const PEOPLE: &[(&str, &str, flightdeck::domain::tenant::role::Role)] =
    &[("main", "buyer", Buyer), ("other", "buyer", Viewer)];

async fn ids(agent: &Agent, asked: Value) -> Vec<String> {
    let told = agent.call("get_products", &asked).await;
    let products = told["products"].as_array().expect("products");
    let id = |product: &Value| product["product_id"].as_str().expect("an id").to_owned();
    products.iter().map(id).collect()
}

#[tokio::test]
async fn a_brief_in_everyday_words_finds_the_right_products_first() {
    for house in House::each("briefs", PEOPLE).await {
        let house = house.stocked().await;
        let agent = house.agent(0);
        for (brief, first) in [
            (
                "video ads for sports content targeting millennials",
                "ctv-outfield-match",
            ),
            (
                "connected TV campaign around esports tournaments",
                "ctv-arcadia-esports",
            ),
            ("audio spots for people who cook", "app-hearth-audio"),
            (
                "broadcast TV spots during the breakfast show",
                "tv-harbour-morning",
            ),
            ("app installs with video", "perf-pocket-install"),
            ("rewarded video in mobile games", "app-pocket-rewarded"),
            ("homepage takeover on a news site", "brand-daybreak-home"),
            (
                "influencer and creator sponsorships",
                "social-kindred-creators",
            ),
            ("OTT pre-roll next to news", "ctv-daybreak-news"),
        ] {
            let asked = json!({"buying_mode": "brief", "brief": brief});
            let found = ids(&agent, asked.clone()).await;
            let best = &found[..found.len().min(3)];
            assert!(best.contains(&first.to_owned()), "{brief}: {best:?}");
            let told = agent.call("get_products", &asked).await;
            for product in told["products"].as_array().expect("products") {
                let why = product["brief_relevance"].as_str().expect("a reason");
                assert!(why.starts_with("Matches \""), "{why}");
            }
        }
        let others = house.agent(1);
        let theirs = ids(&others, json!({"buying_mode": "wholesale"})).await;
        assert_eq!(theirs, Vec::<String>::new(), "nothing of another tenant's");
    }
}

#[tokio::test]
async fn the_whole_shelf_is_read_page_by_page_and_through_filters() {
    let house = House::open(PEOPLE).await.stocked().await;
    let agent = house.agent(0);
    let mut seen = Vec::new();
    let mut asked = json!({"buying_mode": "wholesale", "pagination": {"max_results": 15}});
    loop {
        let page = agent.call("get_products", &asked).await;
        assert_eq!(page["pagination"]["total_count"], 32);
        let products = page["products"].as_array().expect("products");
        seen.extend(products.iter().map(|it| it["product_id"].to_string()));
        match page["pagination"].get("cursor").cloned() {
            Some(cursor) => asked["pagination"]["cursor"] = cursor,
            None => break,
        }
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 32);

    let filtered = |filters: Value| json!({"buying_mode": "wholesale", "filters": filters});
    let count = async |filters: Value| ids(&agent, filtered(filters)).await.len();
    assert_eq!(count(json!({"channels": ["linear_tv"]})).await, 4);
    assert_eq!(count(json!({"channels": ["streaming_audio"]})).await, 1);
    assert_eq!(count(json!({"is_fixed_price": true})).await, 27);
    assert_eq!(count(json!({"is_fixed_price": false})).await, 5);
    assert_eq!(count(json!({"delivery_type": "non_guaranteed"})).await, 5);
    assert_eq!(count(json!({"exclusivity": "exclusive"})).await, 5);
    assert_eq!(count(json!({"countries": ["ZZ"]})).await, 0);
    assert_eq!(
        count(json!({"required_features": {"telepathy": true}})).await,
        0
    );
    assert_eq!(
        count(json!({"budget_range": {"max": 5000, "currency": "EUR"}})).await,
        0
    );
    assert!(count(json!({"min_exposures": 50_000_000})).await < 10);

    let few = json!({"buying_mode": "wholesale", "fields": ["pricing_options"]});
    let (told, failed) = agent.called("get_products", &few).await;
    assert!(!failed);
    let first = told["products"][0].as_object().expect("a product");
    let fields: Vec<&String> = first.keys().collect();
    assert_eq!(fields, ["name", "pricing_options", "product_id"]);
}

#[tokio::test]
async fn a_product_tells_everything_but_what_the_seller_would_take() {
    let house = House::open(PEOPLE).await.stocked().await;
    let agent = house.agent(0);
    let told = agent
        .call("get_products", &json!({"buying_mode": "wholesale"}))
        .await;
    let product = |id: &str| {
        let mut all = told["products"].as_array().expect("products").iter();
        all.find(|it| it["product_id"] == id).cloned().expect(id)
    };
    let fixed = product("brand-daybreak-ros");
    assert_eq!(
        fixed["pricing_options"],
        json!([{
            "pricing_option_id": "cpm_usd", "pricing_model": "cpm", "currency": "USD",
            "fixed_price": 6.5
        }])
    );
    assert!(!fixed.to_string().contains("4.8"), "the floor is not told");
    let auction = product("ctv-daybreak-news");
    assert!(auction["pricing_options"][0]["floor_price"].is_number());
    assert_eq!(auction["delivery_type"], "non_guaranteed");
    let formats = fixed["format_ids"].clone();
    let listed = agent
        .call("list_creative_formats", &json!({"format_ids": formats}))
        .await;
    let count = formats.as_array().map(Vec::len);
    assert_eq!(
        listed["formats"].as_array().map(Vec::len),
        count,
        "every format is known"
    );
}

#[tokio::test]
async fn questions_that_contradict_themselves_are_refused() {
    let house = House::open(PEOPLE).await.stocked().await;
    let agent = house.agent(0);
    for (asked, field) in [
        (json!({"buying_mode": "brief"}), "brief"),
        (json!({"buying_mode": "brief", "brief": "  "}), "brief"),
        (json!({"buying_mode": "wholesale", "brief": "tv"}), "brief"),
        (json!({"buying_mode": "refine"}), "refine"),
        (json!({"buying_mode": "haggle"}), "buying_mode"),
        (
            json!({"buying_mode": "refine", "refine": [{"scope": "moon"}]}),
            "refine[0].scope",
        ),
        (
            json!({"buying_mode": "wholesale", "pagination": {"cursor": "x"}}),
            "pagination.cursor",
        ),
    ] {
        let error = agent
            .refused("get_products", &asked, "INVALID_REQUEST")
            .await;
        let told = error["field"].as_str().expect("a field");
        assert!(
            field.starts_with(told) || told.starts_with(field),
            "{asked}: {error}"
        );
    }
    let nobodys = json!({"buying_mode": "wholesale", "account": {"account_id": "acc_nobody"}});
    agent
        .refused("get_products", &nobodys, "ACCOUNT_NOT_FOUND")
        .await;
}

#[tokio::test]
async fn the_older_shape_is_answered_in_the_older_shape() {
    let house = House::open(PEOPLE).await.stocked().await;
    let agent = house.agent(0);
    let asked =
        json!({"brief": "video ads for sports content targeting millennials", "category": "ctv"});
    let told = agent.call("get_products", &asked).await;
    let product = &told["products"][0];
    assert_eq!(product["product_id"], "ctv-outfield-match");
    assert_eq!(product["pricing_type"], "CPM");
    assert!(product["price_cpm"].is_number() && product["min_spend"].is_number());
    assert!(product["formats"][0].is_string());
    let aims = product["targeting_available"].as_array().expect("a list");
    assert!(aims.contains(&json!("geo")), "{aims:?}");

    let asked = json!({
        "product_ids": ["ctv-outfield-match"], "flight_start_date": "2026-07-01",
        "flight_end_date": "2026-07-31", "total_budget": 22500
    });
    let told = agent.call("get_avails", &asked).await;
    let package = &told["packages"][0];
    assert_eq!(
        (&package["package_id"], &package["product_id"]),
        (&json!("pkg_001"), &json!("ctv-outfield-match"))
    );
    assert_eq!(told["total_impressions"], package["impressions"]);
    let cost = package["impressions"].as_f64().expect("a count")
        * package["cpm"].as_f64().expect("a price")
        / 1000.0;
    assert!(
        (told["total_budget"].as_f64().expect("a sum") - cost).abs() < 0.01,
        "{told}"
    );
    let unknown = json!({
        "product_ids": ["moon"], "flight_start_date": "2026-07-01", "flight_end_date": "2026-07-31"
    });
    agent
        .refused("get_avails", &unknown, "PRODUCT_NOT_FOUND")
        .await;
}

#[tokio::test]
async fn newer_clients_find_what_they_want_to_find() {
    let house = House::open(PEOPLE).await.stocked().await;
    let agent = house.agent(0);
    let told = agent
        .call("get_products", &json!({"buying_mode": "wholesale"}))
        .await;
    assert_eq!(
        told["cache_scope"], "public",
        "one rate card for every account"
    );
    for product in told["products"].as_array().expect("products") {
        let options = product["format_options"].as_array().expect("options");
        let formats = product["format_ids"].as_array().expect("formats");
        assert_eq!(options.len(), formats.len(), "{product:#}");
        for (option, format) in options.iter().zip(formats) {
            assert_eq!(option["v1_format_ref"], json!([format]));
            assert!(option["format_kind"].is_string() && option["params"].is_object());
        }
        let reports = &product["reporting_capabilities"];
        assert_eq!(reports["supports_webhooks"], true);
        let often = &reports["available_reporting_frequencies"];
        assert_eq!(*often, json!(["hourly", "daily", "monthly"]));
    }
    let signals = agent
        .call("get_signals", &json!({"signal_spec": "sports fans"}))
        .await;
    assert_eq!(signals["cache_scope"], "public");
}

#[tokio::test]
async fn formats_are_listed_filtered_and_paged() {
    let house = House::open(PEOPLE).await;
    let agent = house.agent(0);
    let all = agent.call("list_creative_formats", &json!({})).await;
    assert_eq!(
        all["pagination"],
        json!({"has_more": false, "total_count": 17})
    );
    let video = agent
        .call("list_creative_formats", &json!({"asset_types": ["video"]}))
        .await;
    assert_eq!(video["formats"].as_array().map(Vec::len), Some(3));
    let page = agent
        .call(
            "list_creative_formats",
            &json!({"pagination": {"max_results": 1}}),
        )
        .await;
    assert_eq!(page["pagination"]["has_more"], true);
    let next = json!({"pagination": {"max_results": 1, "cursor": page["pagination"]["cursor"]}});
    let next = agent.call("list_creative_formats", &next).await;
    assert_ne!(next["formats"], page["formats"]);
}
