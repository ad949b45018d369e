//! Who is at the desk, and what they send.

use flightdeck::{domain::tenant::role::Role, engine::bookings::submit::SubmitBrief};
use serde_json::{Value, json};

/// Everybody: name, role, tenant.
pub const ALL: [(&str, Role, &str); 8] = [
    ("anna", Role::Trafficker, "acme"),
    ("ben", Role::Approver, "acme"),
    ("cara", Role::Approver, "acme"),
    ("sofia", Role::Admin, "acme"),
    ("vera", Role::Viewer, "acme"),
    ("zeno", Role::Buyer, "acme"),
    ("rita", Role::Admin, "rivals"),
    ("olga", Role::Operator, "engine"),
];

/// A brief.
pub fn brief(name: &str) -> Value {
    json!({
        "name": name,
        "objectives": ["brand_awareness"],
        "budget": 25000,
        "start_date": "2026-07-01",
        "end_date": "2026-09-30",
        "target_audience": {
            "demographics": {"age": "18-34"},
            "interests": ["gaming", "technology"]
        },
        "kpis": {"target_cpm": 10},
        "channels": ["ctv", "branding", "performance"]
    })
}

/// The same, to be sent.
pub fn submit(name: &str) -> SubmitBrief {
    serde_json::from_value(json!({ "brief": brief(name) })).expect("a brief")
}
