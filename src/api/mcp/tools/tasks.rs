//! `tasks/get` and `tasks/list`: what waits for the publisher, and what became of it.

use serde_json::{Value, json};

use crate::{
    api::mcp::tool::{Answering, Ask, Object, Tool, named},
    engine::{
        core::Answer,
        fault::Fault,
        media_buys::{
            approvals::{ApprovalView, GetApproval, ListApprovals},
            get::GetBuy,
            told::task,
            view::BuyView,
        },
    },
};

/// The fields of a question for one.
const OF_ONE: &[&str] = &["task_id", "include_history", "include_result"];

/// The fields of a question for all.
const OF_ALL: &[&str] = &["filters", "sort", "pagination", "include_history", "ext"];

/// One task.
pub const GET: Tool = Tool::of::<GetApproval>(
    "tasks/get",
    "Show what became of a task that was submitted; with its result once it is completed.",
)
.taking(|| named(OF_ONE))
.called(get);

/// All tasks.
pub const LIST: Tool = Tool::of::<ListApprovals>(
    "tasks/list",
    "List your tasks that wait for the publisher or were decided, newest first.",
)
.taking(|| named(OF_ALL))
.called(list);

fn get(mut ask: Ask) -> Answering {
    Box::pin(async move {
        let sent = std::mem::take(&mut ask.arguments);
        let id = sent
            .get("task_id")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let get = GetApproval {
            approval_id: id.to_owned(),
        };
        let view = ask.core.ask(&ask.caller, get).await?;
        let buy = buy(&ask, &view).await?;
        Ok(Answer {
            output: task(&view, Some(&buy), true),
            replayed: false,
        })
    })
}

async fn buy(ask: &Ask, view: &ApprovalView) -> Result<BuyView, Fault> {
    let get = GetBuy {
        media_buy_id: view.approval.buy_id.clone(),
    };
    ask.core.ask(&ask.caller, get).await
}

fn list(ask: Ask) -> Answering {
    Box::pin(async move {
        let list = ListApprovals {
            decided: true,
            limit: None,
        };
        let found = ask.core.ask(&ask.caller, list).await?;
        let tasks: Vec<Value> = found
            .approvals
            .iter()
            .map(|one| task(one, None, false).into())
            .collect();
        let n = tasks.len();
        Ok(Answer {
            output: Object::from_iter([
                (
                    "query_summary".to_owned(),
                    json!({"total_matching": n, "returned": n}),
                ),
                ("tasks".to_owned(), tasks.into()),
                ("pagination".to_owned(), json!({"has_more": false})),
            ]),
            replayed: false,
        })
    })
}
