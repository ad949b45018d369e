//! Reads what a tenant-management server answers: tenants and lists in whichever envelope, and of
//! what was done what is to be shown once. Nothing secret is left in what is shown.

use serde_json::{Map, Value};

use super::Answered;
use crate::domain::{
    tenant::server::shown::{ServerTenant, is_secret, without_secrets},
    text::inert,
};

/// The longest id that is followed.
const LONGEST_ID: usize = 200;
/// The longest text that is kept, in characters.
const LONGEST: usize = 500;
/// The most rows of a list that are read.
const MOST: usize = 5_000;
/// Under which names lists come.
const LISTS: [&str; 8] = [
    "tenants",
    "principals",
    "audit_logs",
    "logs",
    "entries",
    "data",
    "items",
    "results",
];

fn rows(body: &Value) -> Option<&Vec<Value>> {
    let named = || LISTS.iter().find_map(|name| body.get(name)?.as_array());
    body.as_array().or_else(named)
}

/// A list, without what is secret.
pub(super) fn list(body: &Value) -> Vec<Value> {
    let all = rows(body).into_iter().flatten().take(MOST);
    all.cloned().map(without_secrets).collect()
}

/// Where a list goes on behind so many rows: the name of what says so, and what it says.
pub(super) fn next(body: &Value, got: usize) -> Option<(&'static str, String)> {
    let page = body.get("pagination").unwrap_or(body);
    let cursor = ["next_cursor", "cursor"];
    let cursor = cursor.iter().find_map(|name| page.get(name)?.as_str());
    if let Some(cursor) = cursor.filter(|cursor| !cursor.is_empty()) {
        return Some(("cursor", cursor.to_owned()));
    }
    let more = page.get("has_more").and_then(Value::as_bool) == Some(true);
    let total = ["total", "total_count", "count"];
    let total = total.iter().find_map(|name| page.get(name)?.as_u64());
    let left = total.is_some_and(|total| total > got as u64);
    (more || left).then(|| ("offset", got.to_string()))
}

/// An object, without what is secret.
pub(super) fn object(body: Value) -> Map<String, Value> {
    match without_secrets(body) {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// The ways that a server says it has, where this describes it.
pub(super) fn paths(body: &Value) -> Option<Vec<String>> {
    body.get("openapi").or_else(|| body.get("swagger"))?;
    let paths = body.get("paths")?.as_object()?;
    Some(paths.keys().take(MOST).cloned().collect())
}

/// Tenants.
pub(super) fn tenants(body: &Value) -> Option<Vec<ServerTenant>> {
    Some(rows(body)?.iter().take(MOST).filter_map(tenant).collect())
}

/// A tenant.
pub(super) fn tenant(one: &Value) -> Option<ServerTenant> {
    let id = text(one, "tenant_id").or_else(|| text(one, "id"))?;
    if id.len() > LONGEST_ID {
        return None;
    }
    let adapter = || text(one.get("adapter")?, "type");
    let mut more = object(one.clone());
    for name in [
        "tenant_id",
        "id",
        "name",
        "subdomain",
        "is_active",
        "ad_server",
        "created_at",
    ] {
        more.remove(name);
    }
    Some(ServerTenant {
        name: text(one, "name").unwrap_or_else(|| id.clone()),
        subdomain: text(one, "subdomain").unwrap_or_default(),
        is_active: one.get("is_active").and_then(Value::as_bool),
        ad_server: text(one, "ad_server").or_else(adapter).unwrap_or_default(),
        created_at: text(one, "created_at").unwrap_or_default(),
        more,
        tenant_id: id,
    })
}

/// What was answered to something that was done.
pub(super) fn answered(body: &Value) -> Answered {
    let inside = ["tenant", "principal"];
    let inside = inside.iter().find_map(|name| body.get(name));
    let of = |name: &str| text(body, name).or_else(|| text(inside?, name));
    let mut secrets = Vec::new();
    for part in [Some(body), inside].into_iter().flatten() {
        for (name, value) in part.as_object().into_iter().flatten() {
            if let (true, Some(secret)) = (is_secret(name), value.as_str()) {
                secrets.push((name.clone(), secret.to_owned()));
            }
        }
    }
    let tenant = of("tenant_id").filter(|id| id.len() <= LONGEST_ID);
    let words = ["message", "status", "sync_id"].iter();
    let words: Vec<String> = words.filter_map(|name| of(name)).collect();
    Answered {
        tenant,
        said: words.join(", "),
        secrets,
    }
}

fn text(one: &Value, name: &str) -> Option<String> {
    let found = match one.get(name)? {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let short: String = found.chars().take(LONGEST).collect();
    Some(inert(&short)).filter(|text| !text.is_empty())
}
