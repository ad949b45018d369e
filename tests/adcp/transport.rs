//! The transport: who is let in, what may be sent, and what every call and answer carries.

use axum::http::Method;
use flightdeck::domain::tenant::role::Role::{Trafficker, Viewer};
use serde_json::{Value, json};

use crate::agent::House;

const ASK: &str = "get_adcp_capabilities";

fn call() -> String {
    json!({"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {"name": ASK}}).to_string()
}

#[tokio::test]
async fn a_tool_answers_without_a_word_of_greeting_and_on_both_paths() {
    let house = House::open(&[("main", "buyer", Viewer)]).await;
    let agent = house.agent(0);
    for accept in [
        Some("application/json"),
        Some("*/*"),
        Some("application/json, text/event-stream"),
        None,
    ] {
        for path in ["/mcp", "/mcp/"] {
            let agent = match accept {
                Some(accept) => agent.clone().with("accept", accept),
                None => agent.clone().without("accept"),
            };
            let (status, headers, body) = agent.at(path).raw(Method::POST, call()).await;
            assert_eq!(status, 200, "{accept:?} {path}");
            assert_eq!(headers["content-type"], "application/json");
            assert!(
                !headers.contains_key("mcp-session-id"),
                "there are no sessions"
            );
            let answer: Value = serde_json::from_slice(&body).expect("json");
            assert_eq!(answer["id"], 7);
            assert_eq!(answer["result"]["structuredContent"]["status"], "completed");
        }
    }
}

#[tokio::test]
async fn greetings_are_answered_in_the_version_that_they_name() {
    let house = House::open(&[("main", "buyer", Viewer)]).await;
    let agent = house.agent(0);
    for version in ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"] {
        let hello = json!({
            "protocolVersion": version, "capabilities": {},
            "clientInfo": {"name": "test", "version": "1"}
        });
        let answer = agent.message("initialize", hello).await;
        let result = &answer["result"];
        assert_eq!(result["protocolVersion"], version);
        assert_eq!(result["capabilities"], json!({"tools": {}}));
        assert_eq!(result["serverInfo"]["name"], "flightdeck");
    }
    let note = json!({"jsonrpc": "2.0", "method": "notifications/initialized"}).to_string();
    let (status, _, body) = agent.raw(Method::POST, note).await;
    assert_eq!((status, body.as_slice()), (202, &b""[..]));
    for method in [Method::GET, Method::DELETE] {
        assert_eq!(agent.raw(method, "").await.0, 405);
    }
}

#[tokio::test]
async fn strangers_are_told_to_bring_a_key_before_anything_is_looked_at() {
    let house = House::open(&[("main", "buyer", Viewer), ("other", "theirs", Viewer)]).await;
    let agent = house.agent(0);
    let bare = agent.clone().without("authorization");
    let ours = &house.keys[0];
    let strangers = [
        bare.clone(),
        bare.clone().with("x-adcp-auth", "fdk_00000000_00"),
        bare.clone().with("authorization", "Bearer nothing"),
        agent.clone().with("x-adcp-tenant", "other"),
        agent.clone().with("host", "other.localhost"),
        house.agent(1).with("x-adcp-tenant", "main"),
    ];
    for stranger in strangers {
        for body in [call(), "{".into(), String::new()] {
            let (status, headers, _) = stranger.raw(Method::POST, body).await;
            assert_eq!(
                (status, &headers["www-authenticate"]),
                (401, &"Bearer".parse().expect("a value"))
            );
        }
    }
    for agent in [
        bare.clone().with("x-adcp-auth", ours),
        agent.clone().with("x-adcp-tenant", "main"),
        agent.clone().with("host", "main.localhost:8001"),
        house.agent(1).with("x-adcp-tenant", "other"),
    ] {
        assert_eq!(agent.raw(Method::POST, call()).await.0, 200);
    }
    let (status, _, _) = bare
        .at("/.well-known/oauth-protected-resource")
        .raw(Method::GET, "")
        .await;
    assert_eq!(status, 404, "nothing is promised there");
}

#[tokio::test]
async fn pages_and_names_that_are_not_ours_are_refused() {
    let house = House::open(&[("main", "buyer", Viewer)]).await;
    let agent = house.agent(0);
    for (name, value, status) in [
        ("host", "evil.example", 421),
        ("origin", "http://evil.example", 403),
        ("content-type", "text/plain", 415),
        ("accept", "text/html", 406),
    ] {
        let (got, _, body) = agent
            .clone()
            .with(name, value)
            .raw(Method::POST, call())
            .await;
        assert_eq!(got, status, "{name}: {}", String::from_utf8_lossy(&body));
    }
}

#[tokio::test]
async fn what_is_no_message_is_refused_in_the_words_of_json_rpc() {
    let house = House::open(&[("main", "buyer", Viewer)]).await;
    let agent = house.agent(0);
    let (status, _, body) = agent.raw(Method::POST, "{\"jsonrpc\"").await;
    let answer: Value = serde_json::from_slice(&body).expect("json");
    assert_eq!((status, &answer["error"]["code"]), (400, &json!(-32700)));
    let large = format!("{{\"x\": \"{}\"}}", "x".repeat(3 << 20));
    assert_eq!(agent.raw(Method::POST, large).await.0, 413);
    let answer = agent
        .message("tools/call", json!({"name": "launch_rocket"}))
        .await;
    assert_eq!(answer["error"]["code"], -32602, "{answer}");
}

#[tokio::test]
async fn whoever_asks_too_often_has_to_wait() {
    let house = House::limited(&[("main", "buyer", Viewer)], 3).await;
    let agent = house.agent(0);
    for _ in 0..3 {
        assert_eq!(agent.raw(Method::POST, call()).await.0, 200);
    }
    let (status, headers, body) = agent.raw(Method::POST, call()).await;
    assert_eq!(status, 429);
    assert!(headers.contains_key("retry-after"));
    assert_eq!(headers["ratelimit-policy"], "\"mcp-token\";q=3;w=60");
    let answer: Value = serde_json::from_slice(&body).expect("a message of JSON-RPC");
    assert_eq!(answer["error"]["code"], -32010);
    let after = answer["error"]["data"]["retry_after"].as_u64();
    let said = headers["retry-after"].to_str().expect("plain text");
    assert_eq!(after, said.parse().ok(), "{answer}");
}

#[tokio::test]
async fn the_list_of_tools_is_small_and_complete() {
    let house = House::open(&[("main", "buyer", Trafficker)]).await;
    let agent = house.agent(0);
    let list = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}).to_string();
    let (_, _, body) = agent.raw(Method::POST, list).await;
    assert!(body.len() < 200_000, "{} bytes", body.len());
    let answer: Value = serde_json::from_slice(&body).expect("json");
    let tools = answer["result"]["tools"].as_array().expect("tools");
    assert!(tools.iter().any(|tool| tool["name"] == ASK));
    let typed = |tool: &str, field: &str| {
        let found = tools.iter().find(|one| one["name"] == tool);
        let found = found.unwrap_or_else(|| panic!("no {tool}"));
        found["inputSchema"]["properties"][field]["type"].clone()
    };
    for (tool, field, kind) in [
        ("create_media_buy", "packages", "array"),
        ("create_media_buy", "push_notification_config", "object"),
        ("update_media_buy", "revision", "integer"),
        ("sync_creatives", "creatives", "array"),
        ("get_media_buys", "media_buy_ids", "array"),
    ] {
        assert_eq!(typed(tool, field), kind, "{tool} {field}");
    }
    for tool in tools {
        let name = &tool["name"];
        let schema = &tool["inputSchema"];
        assert_eq!(schema["type"], "object", "{name}");
        assert_eq!(schema["additionalProperties"], true, "{name}");
        let arguments = &schema["properties"];
        assert!(
            arguments["context"].is_object(),
            "{name}: nothing may be stripped"
        );
        let read_only = tool["annotations"]["readOnlyHint"] == true;
        assert_eq!(
            arguments["idempotency_key"].is_object(),
            !read_only,
            "{name}"
        );
        assert!(
            tool["description"].as_str().is_some_and(|it| it.len() > 20),
            "{name}"
        );
        let text = schema.to_string();
        assert!(!text.contains("$ref"), "{name}: everything is written out");
    }
}

#[tokio::test]
async fn context_comes_back_and_no_argument_says_who_asks() {
    for house in House::each("context", &[("main", "buyer", Viewer)]).await {
        it_comes_back(&house).await;
        house.pass(chrono::Duration::days(1)).await;
        it_comes_back(&house).await;
    }
}

async fn it_comes_back(house: &House) {
    let agent = house.agent(0);
    let context = json!({"correlation_id": "abc", "deep": {"er": [1, null]}});
    let told = agent.call(ASK, &json!({"context": context})).await;
    assert_eq!(told["context"], context);
    let plain = agent.call(ASK, &json!({})).await;
    assert!(plain.get("context").is_none());
    let posing = json!({"identity": {"tenant": "other", "role": "admin"}, "tenant_id": "other"});
    assert_eq!(agent.call(ASK, &posing).await, plain, "nobody looks at it");
}

#[tokio::test]
async fn versions_that_nobody_speaks_are_refused() {
    let house = House::open(&[("main", "buyer", Viewer)]).await;
    let agent = house.agent(0);
    for spoken in [
        json!({"adcp_major_version": 3}),
        json!({"adcp_version": "3.0"}),
        json!({"adcp_version": "3.1", "adcp_major_version": 3}),
        json!({}),
    ] {
        agent.call(ASK, &spoken).await;
    }
    for unknown in [
        json!({"adcp_major_version": 99, "context": {"correlation_id": "v"}}),
        json!({"adcp_major_version": "3"}),
        json!({"adcp_version": "4.0"}),
        json!({"adcp_version": "next"}),
    ] {
        let error = agent.refused(ASK, &unknown, "VERSION_UNSUPPORTED").await;
        assert_eq!(error["recovery"], "correctable");
        assert_eq!(error["details"]["supported_major_versions"], json!([3]));
    }
}

#[tokio::test]
async fn a_plain_call_and_one_through_the_kit_are_answered_alike() {
    let house = House::open(&[("main", "buyer", Trafficker)])
        .await
        .stocked()
        .await;
    let agent = house.agent(0);
    let context = json!({"mine": ["to", "keep"]});
    for (tool, arguments) in [
        (ASK, json!({"context": context})),
        ("get_products", json!({"brief": "sports"})),
        (
            "get_products",
            json!({"buying_mode": "wholesale", "context": context}),
        ),
        (
            "get_products",
            json!({"buying_mode": "brief", "brief": "say \"video\"", "context": context}),
        ),
        (
            "get_products",
            json!({
                "buying_mode": "refine", "fields": ["channels"],
                "refine": [{"scope": "request", "ask": "connected TV"}],
            }),
        ),
        (
            "get_products",
            json!({"buying_mode": "brief", "context": context}),
        ),
        (
            "get_media_buy_delivery",
            json!({"media_buy_ids": ["mb_nowhere"]}),
        ),
        ("update_media_buy", json!({})),
        ("no_such_tool", json!({})),
    ] {
        for id in [json!(7), json!("seven")] {
            // A mark of progress is the kit's to read.
            let marked =
                json!({"name": tool, "arguments": arguments, "_meta": {"progressToken": 1}});
            let plain = json!({"name": tool, "arguments": arguments});
            let mut answers = Vec::new();
            for params in [plain, marked] {
                let sent = json!({
                    "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params,
                });
                let (status, headers, body) = agent.raw(Method::POST, sent.to_string()).await;
                let answer: Value = serde_json::from_slice(&body).expect("JSON");
                answers.push((status, headers["content-type"].clone(), answer));
            }
            let text = |answer: &Value| {
                let text = answer["result"]["content"][0]["text"].as_str();
                text.map(|text| serde_json::from_str::<Value>(text).expect("JSON"))
            };
            assert_eq!(text(&answers[0].2), text(&answers[1].2), "{tool}");
            for (_, _, answer) in &mut answers {
                if let Some(content) = answer.pointer_mut("/result/content/0/text") {
                    *content = Value::Null;
                }
            }
            assert_eq!(answers[0], answers[1], "{tool}");
        }
    }
}
