//! What the protocol's fields are, by their names: what an agent reads before it calls a tool.
//! Says as much as it takes to write a request; what is wrong with one, the engine says.

use serde_json::{Value, json};

/// What a field is; nothing is said of one that can be anything.
pub fn kind(name: &str) -> Value {
    match name {
        "account" => account(),
        "brand" => brand(),
        "packages" | "new_packages" => json!({"type": "array", "items": package()}),
        "creatives" => json!({"type": "array", "items": creative()}),
        "assignments" => json!({"type": "array", "items": assignment()}),
        "total_budget" => json!({
            "description": "Money for a proposal: {amount, currency}; in the older shape a number.",
        }),
        "start_time" => json!({"type": "string", "description": "asap, or RFC 3339."}),
        "end_time" => json!({"type": "string", "format": "date-time"}),
        "flight_start_date" | "flight_end_date" | "start_date" | "end_date" => {
            json!({"type": "string", "format": "date"})
        }
        "push_notification_config" => hook(&json!({
            "operation_id": {"type": "string", "description": "Told back in the webhook."},
        })),
        "reporting_webhook" => hook(&json!({
            "reporting_frequency": {"enum": ["hourly", "daily", "monthly"]},
            "requested_metrics": {"type": "array", "items": {"type": "string"}},
        })),
        "artifact_webhook" => hook(&json!({
            "delivery_mode": {"enum": ["realtime", "batched"]},
            "batch_frequency": {"enum": ["hourly", "daily"]},
            "sampling_rate": {"type": "number", "minimum": 0, "maximum": 1},
        })),
        "pagination" => json!({"type": "object", "properties": {
            "max_results": {"type": "integer", "minimum": 1, "maximum": 100},
            "cursor": {"type": "string"},
        }}),
        "status_filter" => json!({"description": "A media buy status, or a list of them."}),
        "canceled" => json!({"const": true, "description": "Calls it off, for good."}),
        "budget" | "bid_price" => json!({"type": "number", "minimum": 0}),
        "revision" => json!({
            "type": "integer", "minimum": 1,
            "description": "The revision that you know; another one is a CONFLICT.",
        }),
        "validation_mode" => json!({"enum": ["strict", "lenient"]}),
        "include_history" | "impressions" => json!({"type": "integer", "minimum": 0}),
        other => plain(other),
    }
}

/// Fields of which the type is all that there is to say.
fn plain(name: &str) -> Value {
    let kind = match name {
        "plan_id"
        | "governance_context"
        | "proposal_id"
        | "advertiser_industry"
        | "po_number"
        | "agency_estimate_number"
        | "name"
        | "media_buy_id"
        | "package_id"
        | "creative_id"
        | "product_id"
        | "pricing_option_id"
        | "task_id"
        | "action"
        | "reason"
        | "cancellation_reason" => "string",
        "paused"
        | "dry_run"
        | "delete_missing"
        | "include_snapshot"
        | "include_assignments"
        | "include_items"
        | "include_variables"
        | "include_pricing"
        | "include_result"
        | "include_package_daily_breakdown" => "boolean",
        "invoice_recipient"
        | "io_acceptance"
        | "targeting_overlay"
        | "creative_requirements"
        | "filters"
        | "sort"
        | "attribution_window"
        | "reporting_dimensions"
        | "ext" => "object",
        "product_ids" | "media_buy_ids" | "creative_ids" | "fields" | "dimensions" | "metrics" => {
            return json!({"type": "array", "items": {"type": "string"}});
        }
        _ => return json!({}),
    };
    json!({ "type": kind })
}

fn brand() -> Value {
    json!({"type": "object", "required": ["domain"], "properties": {
        "domain": {"type": "string"}, "brand_id": {"type": "string"},
    }})
}

fn account() -> Value {
    json!({
        "type": "object",
        "description": "By account_id, or by brand and operator.",
        "properties": {
            "account_id": {"type": "string"},
            "brand": brand(),
            "operator": {"type": "string", "description": "A domain."},
            "sandbox": {"type": "boolean"},
        },
    })
}

fn package() -> Value {
    json!({
        "type": "object",
        "description": "New ones need product_id, budget and pricing_option_id; changed ones \
                        package_id and what shall be different.",
        "properties": {
            "package_id": {"type": "string"},
            "product_id": {"type": "string"},
            "pricing_option_id": {"type": "string"},
            "budget": {"type": "number", "minimum": 0},
            "bid_price": {"type": "number", "minimum": 0},
            "impressions": {"type": "integer", "minimum": 0},
            "pacing": {"enum": ["even", "asap", "front_loaded"]},
            "start_time": {"type": "string", "format": "date-time"},
            "end_time": {"type": "string", "format": "date-time"},
            "paused": {"type": "boolean"},
            "canceled": {"const": true},
            "targeting_overlay": {"type": "object"},
            "creative_assignments": {"type": "array", "items": {"type": "object"}},
            "creatives": {"type": "array", "items": {"type": "object"}},
        },
    })
}

fn creative() -> Value {
    json!({
        "type": "object",
        "required": ["creative_id", "name", "format_id"],
        "properties": {
            "creative_id": {"type": "string"},
            "name": {"type": "string"},
            "format_id": {"type": "object", "properties": {
                "agent_url": {"type": "string"}, "id": {"type": "string"},
            }},
            "assets": {"type": "object"},
            "tags": {"type": "array", "items": {"type": "string"}},
        },
    })
}

fn assignment() -> Value {
    json!({
        "type": "object",
        "required": ["creative_id", "package_id"],
        "properties": {
            "creative_id": {"type": "string"},
            "package_id": {"type": "string"},
            "weight": {"type": "number"},
            "placement_ids": {"type": "array", "items": {"type": "string"}},
        },
    })
}

/// Where to tell something, with what belongs to this one alone.
fn hook(more: &Value) -> Value {
    let mut properties = json!({
        "url": {"type": "string", "format": "uri", "description": "HTTPS, a public host."},
        "token": {"type": "string", "minLength": 16},
        "authentication": {"type": "object", "properties": {
            "schemes": {"type": "array", "items": {"enum": ["Bearer", "HMAC-SHA256"]},
                        "minItems": 1, "maxItems": 1},
            "credentials": {"type": "string", "minLength": 32},
        }},
    });
    if let (Some(all), Some(more)) = (properties.as_object_mut(), more.as_object()) {
        all.extend(more.clone());
    }
    json!({"type": "object", "required": ["url"], "properties": properties})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_of_an_order_are_said_and_strange_ones_are_left_open() {
        assert_eq!(kind("end_time")["type"], "string");
        assert_eq!(
            kind("packages")["items"]["properties"]["budget"]["type"],
            "number"
        );
        assert_eq!(
            kind("reporting_webhook")["properties"]["url"]["format"],
            "uri"
        );
        assert_eq!(kind("anything_else"), json!({}));
    }
}
