//! `get_media_buys`: the caller's media buys, by id or by status, page by page.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    api::mcp::tool::{Answering, Ask, Object, Tool, named},
    domain::{
        adcp::page::Paging,
        ids::{BuyId, PackageId},
        media_buy::{creative::CreativeStatus, package::Package, status::BuyStatus},
        problem::{Code, Problem},
    },
    engine::{
        core::Answer,
        creatives::list::ListLibrary,
        fault::{Fault, FaultKind},
        media_buys::{
            delivered::snapshot,
            delivery::{GetDelivery, PackageDelivery},
            get::GetBuy,
            list::{BuyPage, ListBuys},
            told::listed,
            view::BuyView,
        },
        paging,
    },
};

/// The fields that it reads.
const FIELDS: &[&str] = &[
    "account",
    "media_buy_ids",
    "status_filter",
    "include_snapshot",
    "include_history",
    "pagination",
    "ext",
];

/// The tool.
pub const TOOL: Tool = Tool::of::<ListBuys>(
    "get_media_buys",
    "Show your media buys with packages, status, creative approvals and history; active ones \
     where neither ids nor a status are named.",
)
.taking(|| named(FIELDS))
.called(call);

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "expected a status such as `active` or `completed`, or a list of them"
)]
enum Statuses {
    One(BuyStatus),
    Many(Vec<BuyStatus>),
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wanted {
    media_buy_ids: Option<Vec<BuyId>>,
    status_filter: Option<Statuses>,
    include_snapshot: bool,
    include_history: usize,
    pagination: Paging,
}

fn call(mut ask: Ask) -> Answering {
    Box::pin(async move {
        let wanted: Wanted = ask.read()?;
        let mut errors = Vec::new();
        let (views, pagination) = match &wanted.media_buy_ids {
            Some(ids) => (
                by_id(&ask, ids, &mut errors).await?,
                json!({"has_more": false}),
            ),
            None => found(&ask, &wanted).await?,
        };
        let statuses = match &wanted.status_filter {
            Some(Statuses::One(one)) => Some(vec![*one]),
            Some(Statuses::Many(many)) => Some(many.clone()),
            None => None,
        };
        let fits = |view: &&BuyView| {
            let status = view.buy.status;
            let wanted = statuses.as_ref().is_none_or(|all| all.contains(&status));
            wanted && status.is_agreed()
        };
        let library = ask.core.ask(&ask.caller, ListLibrary::default()).await?;
        let known: BTreeMap<String, (CreativeStatus, Option<String>)> = library
            .creatives
            .into_iter()
            .map(|one| {
                (
                    one.creative.creative_id,
                    (one.creative.status, one.creative.rejection_reason),
                )
            })
            .collect();
        let approval = |id: &str| of_creative(id, known.get(id));
        let counted = counted(&ask, wanted.include_snapshot, &views).await?;
        let (now, desk) = (ask.core.clock().now(), ask.core.desk());
        let cycle = desk.ad_server.unwrap_or_default().every;
        let latest = |package: &Package, told: &mut Object| {
            if wanted.include_snapshot {
                snapshot(told, counted.get(&package.id), now, cycle);
            }
        };
        let told: Vec<Value> = views
            .iter()
            .filter(fits)
            .map(|view| listed(view, wanted.include_history, latest, approval))
            .collect();
        let mut output = Object::from_iter([
            ("media_buys".to_owned(), told.into()),
            ("pagination".to_owned(), pagination),
        ]);
        if !errors.is_empty() {
            output.insert("errors".into(), errors.into());
        }
        Ok(Answer {
            output,
            replayed: false,
        })
    })
}

/// What was counted of the packages of some buys, where that is wanted.
async fn counted(
    ask: &Ask,
    wanted: bool,
    views: &[BuyView],
) -> Result<BTreeMap<PackageId, PackageDelivery>, Fault> {
    if !wanted || views.is_empty() {
        return Ok(BTreeMap::new());
    }
    let get = GetDelivery {
        media_buy_ids: Some(views.iter().map(|view| view.buy.id.clone()).collect()),
        ..GetDelivery::default()
    };
    let told = ask.core.ask(&ask.caller, get).await?;
    let packages = told.buys.into_iter().flat_map(|buy| buy.packages);
    Ok(packages.map(|one| (one.package_id.clone(), one)).collect())
}

fn of_creative(id: &str, known: Option<&(CreativeStatus, Option<String>)>) -> Value {
    let status = match known.map(|(status, _)| *status) {
        Some(CreativeStatus::Approved) => "approved",
        Some(CreativeStatus::Rejected | CreativeStatus::Archived) => "rejected",
        _ => "pending_review",
    };
    let mut told = json!({"creative_id": id, "approval_status": status});
    if let Some((_, Some(reason))) = known {
        told["rejection_reason"] = json!(reason);
    }
    told
}

async fn by_id(ask: &Ask, ids: &[BuyId], errors: &mut Vec<Value>) -> Result<Vec<BuyView>, Fault> {
    let mut views = Vec::new();
    for (n, id) in ids.iter().enumerate() {
        let get = GetBuy {
            media_buy_id: id.clone(),
        };
        match ask.core.ask(&ask.caller, get).await {
            Ok(view) => {
                if let Some((why, hint)) = view.buy.status.not_yet() {
                    errors.push(json!({
                        "code": "INVALID_STATE", "message": format!("media buy {id} {why}"),
                        "recovery": "correctable", "suggestion": hint,
                        "field": format!("media_buy_ids[{n}]"),
                    }));
                }
                views.push(view);
            }
            Err(fault) if fault.kind == FaultKind::NotFound => errors.push(json!({
                "code": fault.code, "message": fault.message, "recovery": "correctable",
                "field": format!("media_buy_ids[{n}]"),
            })),
            Err(fault) => return Err(fault),
        }
    }
    Ok(views)
}

async fn found(ask: &Ask, wanted: &Wanted) -> Result<(Vec<BuyView>, Value), Fault> {
    let limit = u32::try_from(paging::size(&wanted.pagination)?).map_err(Fault::broken)?;
    let one = match &wanted.status_filter {
        None => Some(BuyStatus::Active),
        Some(Statuses::One(one)) => Some(*one),
        Some(Statuses::Many(many)) if many.len() == 1 => many.first().copied(),
        Some(Statuses::Many(_)) => None,
    };
    let list = ListBuys {
        status: one,
        limit: Some(limit),
        cursor: wanted.pagination.cursor.clone(),
        ..ListBuys::default()
    };
    let BuyPage {
        media_buys,
        next_cursor,
        ..
    } = ask.core.ask(&ask.caller, list).await.map_err(|fault| {
        if wanted.pagination.cursor.is_some() && fault.kind == FaultKind::Invalid {
            let code = Code::new("INVALID_REQUEST");
            return Fault::field(Problem::new(
                "pagination.cursor",
                code,
                "is not a cursor of this list",
            ));
        }
        fault
    })?;
    let mut pagination = json!({"has_more": next_cursor.is_some()});
    if let Some(cursor) = next_cursor {
        pagination["cursor"] = json!(cursor);
    }
    Ok((media_buys, pagination))
}
