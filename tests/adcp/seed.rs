//! The older document of the agent's tools, section by section: what it prints is typed as it
//! stands, over its header and its path, and what it prints as the answer is what comes back.
//! Ids are the seller's own.

use chrono::Duration;
use flightdeck::{
    domain::tenant::{
        caller::Caller,
        role::Role::{self, Admin, Buyer},
    },
    engine::{
        creatives::decide::DecideCreative,
        delivery::record::RecordReadings,
        media_buys::get::GetBuy,
        seller::products::put::PutProduct,
        tenants::logs::{LogLine, ReadLogs},
    },
};
use serde_json::{Value, json};

use crate::agent::{Agent, House};

const PEOPLE: &[(&str, &str, Role)] = &[("main", "acme", Buyer), ("main", "boss", Admin)];
/// What the document's flight is sold from.
const SPORTS: &str = "connected_tv_sports";

fn boss() -> Caller {
    Caller::new("boss", "main".parse().expect("a tenant"), Admin)
}

/// The house of the document, a fortnight before its flight begins.
async fn opened(test: &str) -> Vec<House> {
    let houses = House::each(test, PEOPLE).await;
    for house in &houses {
        house.clock.advance(Duration::days(-516));
        sell(house, SPORTS, json!({"delivery_type": "PMP"})).await;
    }
    houses
}

/// Puts the document's product on sale, with something different about it.
async fn sell(house: &House, id: &str, different: Value) {
    let mut product = json!({
        "id": id, "publisher_id": "pub-1", "publisher": "Northlight",
        "name": "Connected TV - Sports",
        "description": "Premium CTV inventory on sports channels",
        "channel": "ctv", "format": "video", "rate_type": "CPM",
        "base_price": {"minor": 4_500, "currency": "USD"},
        "floor_price": {"minor": 4_000, "currency": "USD"},
        "targeting": {"geo": ["US"], "demo": ["25-54"], "interests": ["sports"]},
        "daily_impressions": 1_000_000,
        "offer": {
            "formats": ["video_1920x1080", "video_1280x720"],
            "min_spend": {"minor": 1_000_000, "currency": "USD"},
        },
    });
    lay(&mut product, different);
    let product: PutProduct = serde_json::from_value(product).expect("a product");
    house.core.ask(&boss(), product).await.expect("on sale");
}

/// Lays fields over those that are there, however deep.
fn lay(over: &mut Value, fields: Value) {
    match (over, fields) {
        (Value::Object(over), Value::Object(fields)) => {
            for (name, value) in fields {
                lay(over.entry(name).or_insert(Value::Null), value);
            }
        }
        (over, value) => *over = value,
    }
}

/// The document's client: its header, its path.
fn typist(house: &House, number: usize) -> Agent {
    let agent = house.agent(number).without("authorization").at("/mcp/");
    agent.with("x-adcp-auth", &house.keys[number])
}

/// Types what is printed; it may not fail.
async fn typed(agent: &Agent, tool: &str, printed: Value) -> Value {
    let (told, failed) = agent.called(tool, &printed).await;
    assert!(!failed, "{tool} {printed}: {told:#}");
    told
}

/// Everything that is printed stands in the answer: lists in any order, numbers by their worth.
#[track_caller]
fn says(told: &Value, printed: &Value, at: &str) {
    match (told, printed) {
        (Value::Object(told), Value::Object(printed)) => {
            for (name, value) in printed {
                let found = told.get(name);
                let found = found.unwrap_or_else(|| panic!("no {name} at {at}: {told:#?}"));
                says(found, value, &format!("{at}.{name}"));
            }
        }
        (Value::Array(told), Value::Array(printed)) if printed.iter().all(Value::is_string) => {
            let sorted = |list: &[Value]| {
                let mut list: Vec<String> = list.iter().map(ToString::to_string).collect();
                list.sort();
                list
            };
            assert_eq!(sorted(told), sorted(printed), "{at}");
        }
        (Value::Array(told), Value::Array(printed)) => {
            for (n, value) in printed.iter().enumerate() {
                says(&told[n], value, &format!("{at}[{n}]"));
            }
        }
        (Value::Number(told), Value::Number(printed)) => {
            assert_eq!(told.as_f64(), printed.as_f64(), "{at}");
        }
        _ => assert_eq!(told, printed, "{at}"),
    }
}

/// The document's order, of one product.
fn order(product: &str) -> Value {
    json!({
        "product_ids": [product],
        "total_budget": 50_000,
        "flight_start_date": "2025-02-01",
        "flight_end_date": "2025-02-28",
        "targeting_overlay": {
            "geo_country_any_of": ["US"],
            "signals": ["sports_enthusiasts_2025", "auto_intenders_q1_2025"],
        },
    })
}

async fn act(agent: &Agent, buy: &Value, action: &str, more: Value) -> Value {
    let mut sent = json!({"media_buy_id": buy["media_buy_id"], "action": action});
    lay(&mut sent, more);
    agent.called("update_media_buy", &sent).await.0
}

#[tokio::test]
async fn authentication_and_discovery() {
    for house in opened("seed_discovery").await {
        let agent = typist(&house, 0);
        let list = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}).to_string();
        let stranger = agent.clone().without("x-adcp-auth");
        let (status, ..) = stranger.raw(axum::http::Method::POST, list).await;
        assert_eq!(status, 401, "all requests are authenticated");

        let brief = "video ads for sports content targeting millennials";
        let printed = json!({"products": [{
            "product_id": "connected_tv_sports",
            "name": "Connected TV - Sports",
            "description": "Premium CTV inventory on sports channels",
            "formats": ["video_1920x1080", "video_1280x720"],
            "min_spend": 10000,
            "pricing_type": "CPM",
            "price_cpm": 45.00,
            "targeting_available": ["geo", "demo", "interests"],
        }]});
        for asked in [
            json!({ "brief": brief }),
            json!({"brief": brief, "category": "video"}),
            json!({}),
        ] {
            let told = typed(&agent, "get_products", asked).await;
            says(&told, &printed, "products");
        }
        let other = typed(&agent, "get_products", json!({"category": "audio"})).await;
        assert_eq!(other["products"], json!([]));

        let printed = json!({
            "signal_id": "sports_enthusiasts_2025",
            "name": "Sports Enthusiasts",
            "type": "audience",
            "description": "Users interested in sports content",
            "reach": 2_500_000,
        });
        let asked = json!({"query": "sports", "type": "audience"});
        let told = typed(&agent, "get_signals", asked).await;
        let signal = told["signals"][0].as_object().expect("a signal");
        let names: Vec<&String> = signal.keys().collect();
        let printed_names: Vec<&String> = printed.as_object().expect("fields").keys().collect();
        assert_eq!(names, printed_names, "these fields and no others");
        for name in ["name", "type", "reach"] {
            assert_eq!(signal[name], printed[name]);
        }
        let described = signal["description"].as_str();
        assert!(
            described.is_some_and(|text| !text.is_empty()),
            "in the seller's own words"
        );
        for kind in ["audience", "contextual", "geo"] {
            let told = typed(&agent, "get_signals", json!({ "type": kind })).await;
            let all = told["signals"].as_array().expect("signals");
            assert!(!all.is_empty() && all.iter().all(|one| one["type"] == kind));
        }
    }
}

#[tokio::test]
async fn planning() {
    for house in opened("seed_planning").await {
        let asked = json!({
            "product_ids": ["connected_tv_sports"],
            "flight_start_date": "2025-02-01",
            "flight_end_date": "2025-02-28",
            "total_budget": 22500,
            "targeting_overlay": {"geo_country_any_of": ["US"]},
        });
        let told = typed(&typist(&house, 0), "get_avails", asked).await;
        let printed = json!({
            "packages": [{
                "package_id": "pkg_001",
                "product_id": "connected_tv_sports",
                "impressions": 500_000,
                "cpm": 45.00,
                "total_cost": 22500,
            }],
            "total_budget": 22500,
            "total_impressions": 500_000,
        });
        says(&told, &printed, "avails");
    }
}

#[tokio::test]
async fn buying_creatives_and_monitoring() {
    for house in opened("seed_buying").await {
        let agent = typist(&house, 0);
        let buy = typed(&agent, "create_media_buy", order(SPORTS)).await;
        assert_eq!(buy["total_budget"].as_f64(), Some(50_000.0));
        assert_eq!(buy["start_time"], "2025-02-01T00:00:00.000000Z");
        assert_eq!(
            buy["end_time"], "2025-03-01T00:00:00.000000Z",
            "its last day counts"
        );
        let overlay = &buy["packages"][0]["targeting_overlay"];
        assert_eq!(
            *overlay,
            order(SPORTS)["targeting_overlay"],
            "signals included"
        );
        let mut needs = order(SPORTS);
        needs["creative_requirements"] = json!({"formats": ["video_1920x1080"]});
        typed(&agent, "create_media_buy", needs).await;

        let upload = json!({
            "media_buy_id": buy["media_buy_id"],
            "creative_url": "https://cdn.example.com/spot.mp4",
            "format": "video_1920x1080",
            "metadata": {"duration": 30},
        });
        let creative = typed(&agent, "upload_creative", upload).await;
        assert_eq!(creative["status"], "approved");
        let ask = json!({"media_buy_id": buy["media_buy_id"]});
        let mut one = ask.clone();
        one["creative_id"] = creative["creative_id"].clone();
        for asked in [ask.clone(), one] {
            let told = typed(&agent, "get_creative_status", asked).await;
            let of = &told["creatives"][0];
            assert_eq!(of["creative_id"], creative["creative_id"]);
            assert_eq!(
                (&of["status"], &of["format"]),
                (&json!("approved"), &upload_format())
            );
        }

        // From noon of January 15 to the beginning, and 45 % of 28 days.
        house
            .pass(Duration::hours(16 * 24 + 12) + Duration::minutes(28 * 1_440 * 45 / 100))
            .await;
        count(&house, &buy).await;
        let told = typed(&agent, "check_media_buy_status", ask.clone()).await;
        let printed = json!({
            "status": "active",
            "flight_progress": 0.45,
            "budget_spent": 22500,
            "impressions_delivered": 450_000,
            "performance": {"ctr": 0.025, "viewability": 0.78, "completion_rate": 0.85},
        });
        says(&told, &printed, "status");
        assert_eq!(told["media_buy_id"], buy["media_buy_id"]);

        let mut report = ask.clone();
        lay(
            &mut report,
            json!({
                "start_date": "2025-02-01", "end_date": "2025-02-28",
                "dimensions": ["date", "package"], "metrics": ["impressions", "clicks", "spend"],
            }),
        );
        let told = typed(&agent, "get_media_buy_report", report).await;
        let totals = json!({"impressions": 450_000, "clicks": 11_250, "spend": 22500});
        says(&told["totals"], &totals, "report");
        refused_creative(&house, &creative).await;
        let told = typed(&agent, "get_creative_status", ask).await;
        assert_eq!(told["creatives"][0]["status"], "rejected");
    }
}

fn upload_format() -> Value {
    json!("video_1920x1080")
}

async fn refused_creative(house: &House, creative: &Value) {
    let say = json!({"owner": "acme", "creative_id": creative["creative_id"],
        "status": "rejected", "reason": "too loud"});
    let say: DecideCreative = serde_json::from_value(say).expect("a decision");
    house.core.ask(&boss(), say).await.expect("decided");
}

/// What the document's ad server has counted by then.
async fn count(house: &House, buy: &Value) {
    let media_buy_id = buy["media_buy_id"].as_str().expect("an id").into();
    let view = house.core.ask(&boss(), GetBuy { media_buy_id }).await;
    let record: RecordReadings = serde_json::from_value(json!({"readings": [{
        "line_id": view.expect("a buy").buy.packages[0].line_id,
        "delivered": {
            "impressions": 450_000, "clicks": 11_250,
            "starts": 450_000, "completes": 382_500,
            "measurable": 450_000, "viewable": 351_000,
            "spent": {"minor": 2_250_000, "currency": "USD"},
            "as_of": "2025-02-13T14:00:00Z",
        },
    }]}))
    .expect("readings");
    house.core.ask(&boss(), record).await.expect("taken in");
}

#[tokio::test]
async fn pausing_resuming_and_the_standard_actions() {
    for house in opened("seed_actions").await {
        let agent = typist(&house, 0);
        let buy = typed(&agent, "create_media_buy", order(SPORTS)).await;
        let upload = json!({"media_buy_id": buy["media_buy_id"], "format": "video_1920x1080",
            "creative_url": "https://cdn.example.com/spot.mp4"});
        typed(&agent, "upload_creative", upload).await;
        house.pass(Duration::days(20)).await;
        let mut ask = json!({"media_buy_id": buy["media_buy_id"]});
        ask["reason"] = json!("the match was called off");
        let told = typed(&agent, "pause_media_buy", ask).await;
        assert_eq!(
            (&told["status"], &told["media_buy_status"]),
            (&json!("accepted"), &json!("paused"))
        );
        let ask = json!({"media_buy_id": buy["media_buy_id"]});
        let told = typed(&agent, "resume_media_buy", ask).await;
        assert_eq!(
            (&told["status"], &told["media_buy_status"]),
            (&json!("accepted"), &json!("active"))
        );

        let package = &buy["packages"][0]["package_id"];
        let of = |more: Value| {
            let mut all = json!({ "package_id": package });
            lay(&mut all, more);
            all
        };
        for (action, more, stands) in [
            ("pause_media_buy", json!({}), "paused"),
            ("resume_media_buy", json!({}), "active"),
            ("pause_package", of(json!({})), "active"),
            ("resume_package", of(json!({})), "active"),
            (
                "update_package_budget",
                of(json!({"budget": 60_000})),
                "active",
            ),
            (
                "update_package_impressions",
                of(json!({"budget": 1_000_000})),
                "active",
            ),
        ] {
            let told = act(&agent, &buy, action, more).await;
            assert_eq!(told["status"], "accepted", "{action}: {told:#}");
            assert_eq!(told["media_buy_status"], stands, "{action}");
        }
        let ids = json!({"media_buy_ids": [buy["media_buy_id"]]});
        let told = typed(&agent, "get_media_buys", ids).await;
        let package = &told["media_buys"][0]["packages"][0];
        says(
            package,
            &json!({"budget": 60_000, "impressions": 1_000_000, "paused": false}),
            "package",
        );
    }
}

#[tokio::test]
async fn orders_are_activated_by_their_line_item_types() {
    for house in opened("seed_activation").await {
        let agent = typist(&house, 0);
        for kind in ["NETWORK", "BULK", "PRICE_PRIORITY", "HOUSE"] {
            let id = format!("of_{kind}");
            sell(
                &house,
                &id,
                json!({"delivery_type": "PMP", "offer": {"line_item_type": kind}}),
            )
            .await;
            let buy = typed(&agent, "create_media_buy", order(&id)).await;
            let told = act(&agent, &buy, "activate_order", json!({})).await;
            assert_eq!(told["status"], "accepted", "{kind}: {told:#}");
            let detail = told["detail"].as_str().expect("a sentence");
            assert!(detail.contains("Order status is 'APPROVED'"), "{detail}");
            let logged = logged(&house).await;
            assert_eq!(
                (logged.operation.as_str(), logged.success),
                ("media_buys.act", true),
                "audit log entry created"
            );
            let object = format!("media_buy/{}", buy["media_buy_id"].as_str().expect("an id"));
            assert_eq!(logged.object, Some(object));
        }
        for kind in ["STANDARD", "SPONSORSHIP"] {
            let id = format!("of_{kind}");
            let promised =
                json!({"delivery_type": "Guaranteed", "offer": {"line_item_type": kind}});
            sell(&house, &id, promised).await;
            let buy = typed(&agent, "create_media_buy", order(&id)).await;
            let told = act(&agent, &buy, "activate_order", json!({})).await;
            let reason = format!(
                "Cannot auto-activate order with guaranteed line items (['{kind}']). Use \
                 submit_for_approval instead."
            );
            says(
                &told,
                &json!({"status": "failed", "reason": reason}),
                "blocked",
            );
        }
    }
}

async fn logged(house: &House) -> LogLine {
    let ask = ReadLogs {
        limit: Some(1),
        ..ReadLogs::default()
    };
    let logs = house.core.ask(&boss(), ask).await.expect("the trail");
    logs.audit_logs.into_iter().next().expect("a line")
}

#[tokio::test]
async fn guaranteed_orders_are_submitted_approved_by_admins_and_archived_when_over() {
    for house in opened("seed_approval").await {
        let (agent, admin) = (typist(&house, 0), typist(&house, 1));
        sell(&house, "promised", json!({"delivery_type": "Guaranteed"})).await;
        let buy = typed(&agent, "create_media_buy", order("promised")).await;
        let told = act(&agent, &buy, "submit_for_approval", json!({})).await;
        assert_eq!(told["status"], "accepted", "{told:#}");
        let told = act(&agent, &buy, "approve_order", json!({})).await;
        let no = json!({"status": "failed", "reason": "Only admin users can approve orders"});
        says(&told, &no, "not an admin");
        let told = act(&admin, &buy, "approve_order", json!({})).await;
        assert_eq!(told["status"], "accepted", "{told:#}");
        let told = act(&agent, &buy, "archive_order", json!({})).await;
        let no = json!({"status": "failed", "reason": "Order status is 'APPROVED'. Can only \
            archive DELIVERED, COMPLETED, CANCELLED, or PAUSED orders"});
        says(&told, &no, "not over");
        house.pass(Duration::days(60)).await;
        let told = act(&agent, &buy, "archive_order", json!({})).await;
        assert_eq!(told["status"], "accepted", "{told:#}");

        for (sent, reason) in [
            (
                json!({"action": "explode"}),
                "Action 'explode' not supported.",
            ),
            (
                json!({"action": "approve_order"}),
                "Only admin users can approve orders",
            ),
        ] {
            let told = act(&agent, &buy, "", sent).await;
            let said = told["reason"].as_str().expect("no quiet failures");
            assert!(said.starts_with(reason), "{said}");
        }
    }
}
