//! The controller of the sandbox: testers force states, choose how orders are answered, and
//! seed what they want to find, all by the rules of the real thing.

use flightdeck::domain::tenant::role::Role::{self, Buyer};
use serde_json::{Value, json};

use crate::{
    agent::{Agent, House},
    schemas,
};

const PEOPLE: &[(&str, &str, Role)] = &[
    ("main", "demo-acme-outdoor-v1", Buyer),
    ("main", "demo-acme-outdoor-v2", Buyer),
    ("main", "demo-acme-outdoor-live-v1", Buyer),
    ("elsewhere", "acme", Buyer),
];

async fn control(agent: &Agent, scenario: &str, params: Value) -> Value {
    let ask = json!({"scenario": scenario, "params": params, "context": {"correlation_id": "c"}});
    let told = agent.call("comply_test_controller", &ask).await;
    assert_eq!(told["success"], true, "{scenario}: {told:#}");
    assert_eq!(told["context"]["correlation_id"], "c");
    told
}

async fn refused(agent: &Agent, scenario: &str, params: Value, error: &str) -> Value {
    let ask = json!({"scenario": scenario, "params": params, "context": {"correlation_id": "c"}});
    let (told, failed) = agent.called("comply_test_controller", &ask).await;
    assert!(failed, "{told:#}");
    schemas::hold("comply_test_controller", &told);
    assert_eq!(told["error"], error, "{scenario}: {told:#}");
    assert_eq!(told["context"]["correlation_id"], "c");
    told
}

fn order(key: &str, product: &str) -> Value {
    json!({
        "idempotency_key": format!("controller-order-{key}"),
        "account": {"brand": {"domain": "acme.example"}, "operator": "agency.example"},
        "brand": {"domain": "acme.example"},
        "start_time": "2026-07-01T00:00:00Z", "end_time": "2026-07-31T23:59:59Z",
        "packages": [{"product_id": product, "budget": 5_000, "pricing_option_id": "po"}],
    })
}

async fn seeded(agent: &Agent) {
    let fixture = json!({"delivery_type": "non_guaranteed", "channels": ["video"],
                         "format_ids": [{"id": "video_30s"}]});
    let product = json!({"product_id": "spot", "fixture": fixture});
    control(agent, "seed_product", product).await;
    let price = json!({"product_id": "spot", "pricing_option_id": "po",
                       "fixture": {"pricing_model": "cpm", "currency": "USD", "fixed_price": 12.0}});
    control(agent, "seed_pricing_option", price).await;
}

#[tokio::test]
async fn it_is_there_for_those_who_play_and_for_nobody_else() {
    for house in House::sandboxes("controller_gate", PEOPLE).await {
        let names = async |agent: &Agent| {
            let listed = agent.message("tools/list", json!({})).await;
            listed["result"]["tools"].to_string()
        };
        assert!(
            names(&house.agent(0))
                .await
                .contains("comply_test_controller")
        );
        assert!(
            !names(&house.agent(3))
                .await
                .contains("comply_test_controller")
        );
        let ask =
            json!({"name": "comply_test_controller", "arguments": {"scenario": "list_scenarios"}});
        let answer = house.agent(3).message("tools/call", ask).await;
        assert_eq!(answer["error"]["code"], -32602, "unknown: {answer:#}");

        let live = house.agent(2);
        let params = json!({"creative_id": "probe", "status": "approved"});
        refused(&live, "force_creative_status", params, "FORBIDDEN").await;
        refused(&live, "list_scenarios", json!({}), "FORBIDDEN").await;

        let agent = house.agent(0);
        let told = control(&agent, "list_scenarios", json!({})).await;
        let offered = told["scenarios"].as_array().expect("scenarios");
        assert!(offered.contains(&json!("force_task_completion")));
        let told = agent.call("get_adcp_capabilities", &json!({})).await;
        let claimed = &told["compliance_testing"]["scenarios"];
        for one in claimed.as_array().expect("scenarios") {
            assert!(offered.contains(one), "{one}");
        }
        let told = house
            .agent(3)
            .call("get_adcp_capabilities", &json!({}))
            .await;
        assert!(told.get("compliance_testing").is_none());
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_in_its_own_words() {
    for house in House::sandboxes("controller_refusals", PEOPLE).await {
        let agent = house.agent(0);
        refused(&agent, "explode", json!({}), "UNKNOWN_SCENARIO").await;
        for (scenario, params) in [
            ("force_creative_status", json!({})),
            (
                "force_creative_status",
                json!({"creative_id": "a", "status": "shiny"}),
            ),
            ("force_account_status", json!({"account_id": "a"})),
            (
                "force_media_buy_status",
                json!({"media_buy_id": "a", "status": "draft"}),
            ),
            ("force_create_media_buy_arm", json!({"arm": "submitted"})),
            (
                "force_create_media_buy_arm",
                json!({"arm": "input-required", "task_id": "t"}),
            ),
            ("force_create_media_buy_arm", json!({"arm": "completed"})),
            ("force_task_completion", json!({"task_id": "t"})),
            (
                "force_session_status",
                json!({"session_id": "s", "status": "asleep"}),
            ),
            (
                "simulate_delivery",
                json!({"media_buy_id": "m", "impressions": -1}),
            ),
            ("simulate_budget_spend", json!({"spend_percentage": 50})),
            (
                "simulate_budget_spend",
                json!({"media_buy_id": "m", "spend_percentage": 101}),
            ),
            ("seed_product", json!({"fixture": {}})),
            (
                "seed_product",
                json!({"product_id": "p", "fixture": {"delivery_type": "maybe"}}),
            ),
            (
                "seed_creative",
                json!({"creative_id": "c", "fixture": {"status": "shiny"}}),
            ),
            (
                "seed_media_buy",
                json!({"media_buy_id": "m", "fixture": {"packages": [7]}}),
            ),
        ] {
            let told = refused(&agent, scenario, params, "INVALID_PARAMS").await;
            let said = told["error_detail"].as_str().unwrap_or_default();
            assert!(said.starts_with("params."), "{scenario}: {said}");
        }
        for (scenario, params) in [
            (
                "force_creative_status",
                json!({"creative_id": "a", "status": "approved"}),
            ),
            (
                "force_account_status",
                json!({"account_id": "a", "status": "active"}),
            ),
            (
                "force_media_buy_status",
                json!({"media_buy_id": "a", "status": "active"}),
            ),
            (
                "force_task_completion",
                json!({"task_id": "t", "result": {"media_buy_id": "m", "packages": []}}),
            ),
            (
                "force_session_status",
                json!({"session_id": "s", "status": "complete"}),
            ),
            (
                "seed_pricing_option",
                json!({"product_id": "p", "pricing_option_id": "o"}),
            ),
        ] {
            let told = refused(&agent, scenario, params, "NOT_FOUND").await;
            assert_eq!(told["current_state"], Value::Null);
        }
    }
}

#[tokio::test]
async fn states_are_forced_step_by_step_and_never_out_of_an_end() {
    for house in House::sandboxes("controller_force", PEOPLE).await {
        let agent = house.agent(0);
        seeded(&agent).await;
        let bought = agent.call("create_media_buy", &order("1", "spot")).await;
        let id = &bought["media_buy_id"];
        assert_eq!(bought["status"], "pending_creatives");
        let to = |status: &str| json!({"media_buy_id": id, "status": status});
        for (status, was) in [
            ("active", "pending_creatives"),
            ("active", "active"),
            ("paused", "active"),
            ("active", "paused"),
            ("completed", "active"),
        ] {
            let told = control(&agent, "force_media_buy_status", to(status)).await;
            assert_eq!(
                (&told["previous_state"], &told["current_state"]),
                (&json!(was), &json!(status))
            );
            let shown = agent
                .call("get_media_buys", &json!({"media_buy_ids": [id]}))
                .await;
            assert_eq!(shown["media_buys"][0]["status"], status);
        }
        let told = refused(
            &agent,
            "force_media_buy_status",
            to("active"),
            "INVALID_TRANSITION",
        )
        .await;
        assert_eq!(told["current_state"], "completed");
        let rival = house.agent(1);
        refused(&rival, "force_media_buy_status", to("active"), "NOT_FOUND").await;

        let creative = json!({"creative_id": "banner", "fixture": {"status": "processing"}});
        control(&agent, "seed_creative", creative).await;
        let to = |status: &str| json!({"creative_id": "banner", "status": status, "rejection_reason": "no"});
        control(&agent, "force_creative_status", to("rejected")).await;
        let shown = agent.call("list_creatives", &json!({})).await;
        assert_eq!(shown["creatives"][0]["status"], "rejected");
        control(&agent, "force_creative_status", to("archived")).await;
        let told = refused(
            &agent,
            "force_creative_status",
            to("processing"),
            "INVALID_TRANSITION",
        )
        .await;
        assert_eq!(told["current_state"], "archived");

        let accounts = agent.call("list_accounts", &json!({})).await;
        let account = &accounts["accounts"][0]["account_id"];
        let to = |status: &str| json!({"account_id": account, "status": status});
        control(&agent, "force_account_status", to("suspended")).await;
        agent
            .refused("create_media_buy", &order("2", "spot"), "ACCOUNT_SUSPENDED")
            .await;
        control(&agent, "force_account_status", to("active")).await;
        agent.call("create_media_buy", &order("3", "spot")).await;
        let told = refused(
            &agent,
            "force_account_status",
            to("rejected"),
            "INVALID_TRANSITION",
        )
        .await;
        assert_eq!(told["current_state"], "active");
        refused(&rival, "force_account_status", to("closed"), "NOT_FOUND").await;
    }
}

#[tokio::test]
async fn the_next_order_is_answered_as_it_was_said_and_the_one_behind_it_as_usual() {
    for house in House::sandboxes("controller_arm", PEOPLE).await {
        let agent = house.agent(0);
        seeded(&agent).await;
        let arm = json!({"arm": "submitted", "task_id": "task_io_7", "message": "IO is signed"});
        let told = control(&agent, "force_create_media_buy_arm", arm).await;
        assert_eq!(
            told["forced"],
            json!({"arm": "submitted", "task_id": "task_io_7"})
        );
        // Somebody else's order is answered as usual.
        let theirs = house
            .agent(1)
            .call("create_media_buy", &order("x", "spot"))
            .await;
        assert_eq!(theirs["status"], "pending_creatives");

        let mine = agent.call("create_media_buy", &order("1", "spot")).await;
        assert_eq!(mine["status"], "submitted");
        assert_eq!(mine["task_id"], "task_io_7");
        assert_eq!(mine["message"], "IO is signed");
        let next = agent.call("create_media_buy", &order("2", "spot")).await;
        assert_eq!(next["status"], "pending_creatives");

        let get = json!({"task_id": "task_io_7", "include_result": true});
        assert_eq!(agent.call("tasks/get", &get).await["status"], "submitted");
        house
            .agent(1)
            .refused("tasks/get", &get, "REFERENCE_NOT_FOUND")
            .await;
        let result = json!({"media_buy_id": "mb_by_hand", "status": "active",
            "packages": [{"package_id": "pkg-0", "product_id": "spot", "budget": 5000}]});
        let end = json!({"task_id": "task_io_7", "result": result});
        let told = control(&agent, "force_task_completion", end.clone()).await;
        assert_eq!(told["current_state"], "completed");
        control(&agent, "force_task_completion", end).await;
        let done = agent.call("tasks/get", &get).await;
        assert_eq!(done["status"], "completed");
        for (name, value) in result.as_object().expect("fields") {
            assert_eq!(&done["result"][name], value, "told as it was written");
        }
        let late =
            json!({"task_id": "task_io_7", "result": {"errors": [{"code": "X", "message": "no"}]}});
        refused(&agent, "force_task_completion", late, "INVALID_TRANSITION").await;

        let back = json!({"arm": "input-required", "message": "which cost centre?"});
        control(&agent, "force_create_media_buy_arm", back).await;
        let error = agent
            .refused("create_media_buy", &order("4", "spot"), "IO_REQUIRED")
            .await;
        assert_eq!(error["message"], "which cost centre?");
        let usual = agent.call("create_media_buy", &order("4", "spot")).await;
        assert_eq!(usual["status"], "pending_creatives");
    }
}

#[tokio::test]
async fn what_is_seeded_is_found_by_its_name() {
    for house in House::sandboxes("controller_seed", PEOPLE).await {
        let agent = house.agent(0);
        seeded(&agent).await;
        let shown = agent
            .call("get_products", &json!({"buying_mode": "wholesale"}))
            .await;
        let product = &shown["products"][0];
        assert_eq!(product["product_id"], "spot");
        assert_eq!(product["channels"], json!(["olv"]));
        assert_eq!(product["pricing_options"][0]["fixed_price"], 12.0);
        let id = &product["format_ids"][0];
        let formats = agent
            .call("list_creative_formats", &json!({"format_ids": [id]}))
            .await;
        assert_eq!(
            formats["formats"][0]["format_id"], *id,
            "every format leads somewhere"
        );

        let format =
            json!({"format_id": "hologram", "fixture": {"name": "Hologram", "type": "display"}});
        control(&agent, "seed_creative_format", format).await;
        let found = agent
            .call("list_creative_formats", &json!({"name_search": "hologram"}))
            .await;
        assert_eq!(found["formats"][0]["name"], "Hologram");

        control(
            &agent,
            "seed_plan",
            json!({"plan_id": "plan-1", "fixture": {"budget": {}}}),
        )
        .await;

        let buy = json!({"media_buy_id": "mb_seeded", "fixture": {
            "status": "active", "currency": "USD",
            "packages": [{"package_id": "pkg_seeded", "budget": 2_500}]}});
        control(&agent, "seed_media_buy", buy.clone()).await;
        control(&agent, "seed_media_buy", buy.clone()).await;
        let shown = agent.call("get_media_buys", &json!({})).await;
        let all = shown["media_buys"].as_array().expect("buys");
        assert_eq!(all.len(), 1, "seeded once: {shown:#}");
        assert_eq!(all[0]["media_buy_id"], "mb_seeded");
        assert_eq!(all[0]["packages"][0]["package_id"], "pkg_seeded");
        assert_eq!(all[0]["total_budget"], 2_500.0);
        let pause = json!({"idempotency_key": "pause-what-was-seeded",
            "account": {"brand": {"domain": "acme.example"}, "operator": "agency.example"},
            "media_buy_id": "mb_seeded", "paused": true});
        assert_eq!(
            agent.call("update_media_buy", &pause).await["status"],
            "paused"
        );
        refused(&house.agent(1), "seed_media_buy", buy, "INVALID_PARAMS").await;
    }
}

#[tokio::test]
async fn an_end_that_lies_decades_off_is_brought_within_reach_here_alone() {
    for house in House::sandboxes("controller_far_end", PEOPLE).await {
        let agent = house.agent(0);
        seeded(&agent).await;
        let mut far = order("1", "spot");
        far["end_time"] = json!("2099-12-31T23:59:59Z");
        let bought = agent.call("create_media_buy", &far).await;
        let end = bought["end_time"].as_str().expect("an end");
        assert!(end.starts_with("2031-07"), "told: {end}");
    }
}

#[tokio::test]
async fn delivery_that_is_made_up_adds_to_what_was_counted() {
    for house in House::sandboxes("controller_simulate", PEOPLE).await {
        let agent = house.agent(0);
        seeded(&agent).await;
        let mut two = order("1", "spot");
        two["packages"] = json!([
            {"product_id": "spot", "budget": 3_000, "pricing_option_id": "po"},
            {"product_id": "spot", "budget": 1_000, "pricing_option_id": "po"},
        ]);
        let bought = agent.call("create_media_buy", &two).await;
        let id = &bought["media_buy_id"];
        let some = json!({"media_buy_id": id, "impressions": 10_000, "clicks": 100,
            "reported_spend": {"amount": 120.0, "currency": "USD"}, "conversions": 3});
        control(&agent, "simulate_delivery", some.clone()).await;
        let told = control(&agent, "simulate_delivery", some.clone()).await;
        assert_eq!(told["simulated"]["impressions"], 10_000);
        let cumulative = json!({"impressions": 20_000, "clicks": 200,
            "reported_spend": {"amount": 240.0, "currency": "USD"}});
        assert_eq!(told["cumulative"], cumulative);
        let said = told["message"].as_str().expect("a sentence");
        assert!(said.contains("conversions are not counted"), "{said}");

        let most = json!({"media_buy_id": id, "spend_percentage": 95});
        let told = control(&agent, "simulate_budget_spend", most).await;
        assert_eq!(told["simulated"]["computed_spend"]["amount"], 3_800.0);
        assert_eq!(told["simulated"]["budget"]["amount"], 4_000.0);
        let accounts = agent.call("list_accounts", &json!({})).await;
        let all = json!({"account_id": accounts["accounts"][0]["account_id"],
                         "spend_percentage": 100});
        let told = control(&agent, "simulate_budget_spend", all.clone()).await;
        assert_eq!(told["simulated"]["computed_spend"]["amount"], 4_000.0);

        let mut foreign = some.clone();
        foreign["reported_spend"]["currency"] = json!("EUR");
        refused(&agent, "simulate_delivery", foreign, "INVALID_PARAMS").await;
        let rival = house.agent(1);
        refused(&rival, "simulate_delivery", some.clone(), "NOT_FOUND").await;
        refused(&rival, "simulate_budget_spend", all.clone(), "NOT_FOUND").await;
        let over = json!({"media_buy_id": id, "status": "canceled"});
        control(&agent, "force_media_buy_status", over).await;
        let told = refused(&agent, "simulate_delivery", some, "INVALID_STATE").await;
        assert_eq!(told["current_state"], "canceled");
        refused(&agent, "simulate_budget_spend", all, "INVALID_STATE").await;
    }
}

#[tokio::test]
async fn an_order_that_waits_is_signed_after_a_moment_unless_it_shall_wait() {
    for house in House::sandboxes("controller_signs", PEOPLE).await {
        let agent = house.agent(0);
        let fixture = json!({"delivery_type": "guaranteed", "pricing_options": [
            {"pricing_option_id": "po", "pricing_model": "cpm", "currency": "USD",
             "fixed_price": 12.0}]});
        let product = json!({"product_id": "spot", "fixture": fixture});
        control(&agent, "seed_product", product).await;
        let asked = agent.call("create_media_buy", &order("1", "spot")).await;
        assert_eq!(asked["status"], "submitted");
        let arm = json!({"arm": "submitted", "task_id": "task_waits"});
        control(&agent, "force_create_media_buy_arm", arm).await;
        agent.call("create_media_buy", &order("2", "spot")).await;
        let status = async |task: &Value| {
            let get = json!({"task_id": task, "include_result": true});
            agent.call("tasks/get", &get).await["status"].clone()
        };
        house.pass(chrono::Duration::seconds(2)).await;
        assert_eq!(status(&asked["task_id"]).await, "submitted");
        house.pass(chrono::Duration::seconds(2)).await;
        assert_eq!(status(&asked["task_id"]).await, "completed");
        assert_eq!(status(&json!("task_waits")).await, "submitted");
    }
}
