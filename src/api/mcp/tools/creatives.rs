//! `sync_creatives` and `list_creatives`: a buyer's library, filled and shown.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    api::mcp::tool::{Answering, Ask, Object, Tool, named},
    domain::{
        adcp::page::Paging,
        media_buy::creative::CreativeStatus,
        problem::{Code, Problem},
        when::rfc3339,
    },
    engine::{
        core::Answer,
        creatives::{
            list::{CreativeView, ListLibrary},
            sync::SyncCreatives,
            told,
        },
        fault::Fault,
        paging,
    },
};

/// The fields of what comes in.
const TO_SYNC: &[&str] = &[
    "account",
    "creatives",
    "creative_ids",
    "assignments",
    "delete_missing",
    "dry_run",
    "validation_mode",
    "push_notification_config",
    "ext",
];

/// The fields of a question.
const TO_LIST: &[&str] = &[
    "filters",
    "sort",
    "pagination",
    "include_assignments",
    "include_snapshot",
    "include_items",
    "include_variables",
    "include_pricing",
    "account",
    "fields",
    "ext",
];

/// Fills the library.
pub const SYNC: Tool = Tool::of::<SyncCreatives>(
    "sync_creatives",
    "Put creatives into your library, replace those that are there, and assign them to packages.",
)
.taking(|| named(TO_SYNC))
.called(sync);

/// Shows the library.
pub const LIST: Tool = Tool::of::<ListLibrary>(
    "list_creatives",
    "List the creatives in your library with their review status.",
)
.taking(|| named(TO_LIST))
.called(list);

fn sync(mut ask: Ask) -> Answering {
    Box::pin(async move {
        let mut sent = std::mem::take(&mut ask.arguments);
        sent.remove("account");
        let Answer { output, replayed } = ask.with(sent).reading::<SyncCreatives>().await?;
        Ok(Answer {
            output: told::synced(&output),
            replayed,
        })
    })
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Filters {
    creative_ids: Option<Vec<String>>,
    statuses: Option<Vec<CreativeStatus>>,
    name_contains: Option<String>,
    tags: Option<Vec<String>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wanted {
    filters: Filters,
    pagination: Paging,
}

fn list(mut ask: Ask) -> Answering {
    Box::pin(async move {
        let Wanted {
            filters,
            pagination,
        } = ask.read()?;
        let size = paging::size(&pagination)?;
        let offset = match pagination.cursor.as_deref() {
            None => 0,
            Some(cursor) => cursor
                .strip_prefix("behind-")
                .and_then(|n| n.parse().ok())
                .ok_or_else(|| wrong("pagination.cursor", "is not a cursor of this list"))?,
        };
        let question = ListLibrary {
            creative_ids: filters.creative_ids,
            statuses: filters.statuses,
            name_contains: filters.name_contains,
            tags: filters.tags,
            offset,
            limit: Some(size),
        };
        let shelf = ask.core.ask(&ask.caller, question).await?;
        let returned = shelf.creatives.len();
        let creatives: Vec<Value> = shelf.creatives.into_iter().map(shown).collect();
        let behind = offset + returned;
        let more = behind < shelf.total;
        let mut page = json!({"has_more": more, "total_count": shelf.total});
        if more {
            page["cursor"] = json!(format!("behind-{behind}"));
        }
        let summary = json!({"total_matching": shelf.total, "returned": returned});
        Ok(Answer {
            output: Object::from_iter([
                ("query_summary".to_owned(), summary),
                ("pagination".to_owned(), page),
                ("creatives".to_owned(), creatives.into()),
            ]),
            replayed: false,
        })
    })
}

fn wrong(field: &str, message: &str) -> Fault {
    Fault::field(Problem::new(field, Code::new("INVALID_REQUEST"), message))
}

fn shown(view: CreativeView) -> Value {
    let one = view.creative;
    let mut told: Map<String, Value> = Map::new();
    told.insert("creative_id".into(), one.creative_id.into());
    told.insert("name".into(), one.name.into());
    told.insert("format_id".into(), one.format_id.into());
    told.insert("status".into(), json!(one.status));
    told.insert("created_date".into(), rfc3339(view.created_at).into());
    told.insert("updated_date".into(), rfc3339(view.updated_at).into());
    if !one.assets.is_empty() {
        told.insert("assets".into(), one.assets.into());
    }
    if !one.tags.is_empty() {
        told.insert("tags".into(), json!(one.tags));
    }
    told.into()
}
