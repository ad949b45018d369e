//! The protocol's own schemas, and whether an answer is as they want it.

use std::{collections::HashMap, sync::OnceLock};

use jsonschema::{Registry, Validator};
use serde_json::{Map, Value, json};

const WHOLE: &str = include_str!("schemas/adcp-3.0.26.json");
/// Where the schemas say they are; nothing is fetched from anywhere.
const ROOT: &str = "https://schemas.invalid";

/// The tools, and the schemas of their answers.
const ANSWERS: &[(&str, &str)] = &[
    (
        "get_adcp_capabilities",
        "protocol/get-adcp-capabilities-response.json",
    ),
    ("get_products", "media-buy/get-products-response.json"),
    (
        "list_creative_formats",
        "media-buy/list-creative-formats-response.json",
    ),
    ("get_signals", "signals/get-signals-response.json"),
    ("activate_signal", "signals/activate-signal-response.json"),
    ("sync_accounts", "account/sync-accounts-response.json"),
    ("sync_governance", "account/sync-governance-response.json"),
    ("list_accounts", "account/list-accounts-response.json"),
    (
        "create_media_buy",
        "media-buy/create-media-buy-response.json",
    ),
    (
        "update_media_buy",
        "media-buy/update-media-buy-response.json",
    ),
    ("get_media_buys", "media-buy/get-media-buys-response.json"),
    (
        "get_media_buy_delivery",
        "media-buy/get-media-buy-delivery-response.json",
    ),
    ("sync_creatives", "creative/sync-creatives-response.json"),
    ("list_creatives", "creative/list-creatives-response.json"),
    (
        "comply_test_controller",
        "compliance/comply-test-controller-response.json",
    ),
    (
        "provide_performance_feedback",
        "media-buy/provide-performance-feedback-response.json",
    ),
    ("tasks/get", "core/tasks-get-response.json"),
    ("tasks/list", "core/tasks-list-response.json"),
];

fn registry() -> &'static (Map<String, Value>, Registry<'static>) {
    static REGISTRY: OnceLock<(Map<String, Value>, Registry<'static>)> = OnceLock::new();
    REGISTRY.get_or_init(|| {
        let all: Map<String, Value> = serde_json::from_str(WHOLE).expect("schemas");
        let mut registry = Registry::new();
        for (path, schema) in &all {
            let mut schema = schema.clone();
            let uri = format!("{ROOT}/schemas/3.0.26/{path}");
            schema["$id"] = json!(uri);
            registry = registry.add(uri, schema).expect("a schema");
        }
        (
            all,
            registry.prepare().expect("every reference leads somewhere"),
        )
    })
}

/// Says everything in which a value is not as a schema wants it.
pub fn faults(path: &str, value: &Value) -> Vec<String> {
    let (all, registry) = registry();
    assert!(all.contains_key(path), "{path} is not among the schemas");
    let schema = json!({ "$ref": format!("{ROOT}/schemas/3.0.26/{path}") });
    let options = jsonschema::options()
        .with_draft(jsonschema::Draft::Draft7)
        .with_registry(registry)
        .should_validate_formats(true);
    let validator: Validator = options.build(&schema).expect("a schema");
    let say = |error: jsonschema::ValidationError<'_>| {
        let said: String = error.to_string().chars().take(400).collect();
        format!("{}: {said}", error.instance_path())
    };
    validator.iter_errors(value).map(say).collect()
}

/// Fails when the answer of a tool is not as its schema wants it.
#[track_caller]
pub fn hold(tool: &str, answer: &Value) {
    let known: HashMap<_, _> = ANSWERS.iter().copied().collect();
    let Some(path) = known.get(tool) else { return };
    let found = faults(path, answer);
    assert!(found.is_empty(), "{tool}: {found:#?}\n{answer:#}");
}
