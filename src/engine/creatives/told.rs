//! What became of creatives, in the protocol's words.

use serde_json::{Map, Value, json};

use super::sync::{Library, Synced};
use crate::domain::media_buy::creative::LibraryCreative;

/// The answer to a sync.
#[must_use]
pub fn synced(library: &Library) -> Map<String, Value> {
    let creatives: Vec<Value> = library.creatives.iter().map(one).collect();
    let mut told = Map::from_iter([("creatives".to_owned(), creatives.into())]);
    if library.dry_run {
        told.insert("dry_run".into(), true.into());
    }
    told
}

/// What was decided on a creative that had come in before.
#[must_use]
pub fn reviewed(creative: &LibraryCreative) -> Map<String, Value> {
    let mut told = json!({
        "creative_id": creative.creative_id,
        "action": "updated",
        "status": creative.status,
        "changes": ["status"],
    });
    if let Some(reason) = &creative.rejection_reason {
        told["rejection_reason"] = json!(reason);
        told["warnings"] = json!([reason]);
    }
    Map::from_iter([("creatives".to_owned(), json!([told]))])
}

fn one(one: &Synced) -> Value {
    let mut told = json!({"creative_id": one.creative_id, "action": one.action});
    if let Some(status) = one.status {
        told["status"] = json!(status);
    }
    if !one.changes.is_empty() {
        told["changes"] = json!(one.changes);
    }
    if !one.errors.is_empty() {
        let errors = one.errors.iter().map(|wrong| {
            json!({"code": "VALIDATION_ERROR", "message": wrong.message, "field": wrong.field})
        });
        told["errors"] = errors.collect();
    }
    if !one.unassigned.is_empty() {
        told["assignment_errors"] = json!(one.unassigned);
    }
    if !one.assigned_to.is_empty() {
        told["assigned_to"] = json!(one.assigned_to);
    }
    told
}
