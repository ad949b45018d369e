//! `update_media_buy`: changes a media buy, its packages, or calls it off. Understands the
//! older shape too: one `action` on an order or a package.

use serde_json::{Value, json};

use crate::{
    api::mcp::tool::{self, Answering, Ask, Object, Tool},
    domain::{
        media_buy::action::{OrderVerb, UnknownVerb},
        when::rfc3339,
    },
    engine::{
        core::Answer,
        fault::{Fault, FaultKind},
        governance,
        media_buys::{
            act::ActOnBuy,
            told::{changed, of_ad_server, on_its_way},
            update::UpdateBuy,
        },
    },
};

/// The fields that it reads.
const FIELDS: &[&str] = &[
    "account",
    "media_buy_id",
    "revision",
    "paused",
    "canceled",
    "cancellation_reason",
    "start_time",
    "end_time",
    "packages",
    "invoice_recipient",
    "new_packages",
    "reporting_webhook",
    "push_notification_config",
    "ext",
    "action",
    "package_id",
    "budget",
    "impressions",
    "reason",
];

/// The tool.
pub const TOOL: Tool = Tool::of::<UpdateBuy>(
    "update_media_buy",
    "Change a media buy: budgets, dates, packages, creatives, pause, resume, cancel. Only what is \
     named changes. Or do one action: activate_order, submit_for_approval, approve_order, \
     archive_order, pause_package and so on.",
)
.taking(|| tool::named(FIELDS))
.older(is_older)
.called(call);

/// What belongs to the question itself; everything else is the change.
const OUTSIDE: &[&str] = &["media_buy_id", "revision"];

fn is_older(sent: &Object) -> bool {
    sent.contains_key("action")
}

fn call(mut ask: Ask) -> Answering {
    Box::pin(async move {
        let mut sent = std::mem::take(&mut ask.arguments);
        if is_older(&sent) {
            return acted(ask, sent).await;
        }
        sent.remove("account");
        let mut question = Object::new();
        for name in OUTSIDE {
            if let Some(value) = sent.remove(*name) {
                question.insert((*name).to_owned(), value);
            }
        }
        question.insert("change".into(), sent.into());
        let now = ask.core.clock().now();
        let mut ask = ask.with(question);
        let change = ask.parsed::<UpdateBuy>().await.map_err(named)?;
        let Answer { output, replayed } = Box::pin(governance::change(
            &ask.core,
            &ask.caller,
            change,
            ask.terms,
        ))
        .await
        .map_err(named)?;
        Ok(Answer {
            output: changed(&output, now),
            replayed,
        })
    })
}

/// A failure in the names that the buyer sent: what is changed stands at the top of a request.
fn named(fault: Fault) -> Fault {
    fault.out_of("change")
}

/// Does the one action that a tool of its own stands for.
pub(super) fn acting(mut ask: Ask, verb: OrderVerb) -> Answering {
    Box::pin(async move {
        let mut sent = std::mem::take(&mut ask.arguments);
        sent.insert("action".into(), json!(verb));
        acted(ask, sent).await
    })
}

/// Does one action, and says in the older words what came of it.
async fn acted(ask: Ask, mut sent: Object) -> Result<Answer<Object>, Fault> {
    sent.retain(|name, _| {
        let known = [
            "media_buy_id",
            "action",
            "package_id",
            "budget",
            "impressions",
            "reason",
        ];
        known.contains(&name.as_str())
    });
    let action = sent
        .get("action")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let verb = match action.parse::<OrderVerb>() {
        Ok(verb) => verb,
        Err(UnknownVerb(name)) => {
            return Ok(failed(&UnknownVerb(name).to_string(), "INVALID_REQUEST"));
        }
    };
    let now = ask.core.clock().now();
    match ask.with(sent).reading::<ActOnBuy>().await {
        Ok(Answer { output, replayed }) => {
            let mut told = changed(&output, now);
            if on_its_way(&output.buy) {
                told.insert("status".into(), "submitted".into());
                let detail = format!(
                    "{verb} is asked for where the order lives; read it again to see what came of it"
                );
                told.insert("detail".into(), detail.into());
                return Ok(Answer {
                    output: told,
                    replayed,
                });
            }
            told.insert("status".into(), "accepted".into());
            let order = output.buy.buy.status.order_name();
            let mut detail = if output.affected.is_empty() && output.approval.is_none() {
                format!("Nothing to do for {verb}: it is so already. Order status is '{order}'")
            } else {
                format!("Successfully executed {verb}. Order status is '{order}'")
            };
            match of_ad_server(&output.buy) {
                None => {
                    told.insert("implementation_date".into(), rfc3339(now).into());
                }
                Some(unseen) => {
                    detail.push_str(". ");
                    detail.push_str(unseen);
                }
            }
            told.insert("detail".into(), detail.into());
            Ok(Answer {
                output: told,
                replayed,
            })
        }
        Err(fault) if fault.kind == FaultKind::WrongState || fault.code == "PERMISSION_DENIED" => {
            Ok(failed(&fault.message, &fault.code))
        }
        Err(fault) => Err(fault),
    }
}

/// A refusal in the older words, and in the protocol's beside them.
fn failed(reason: &str, code: &str) -> Answer<Object> {
    let error = json!({"code": code, "message": reason, "recovery": "correctable"});
    Answer {
        output: Object::from_iter([
            ("status".to_owned(), json!("failed")),
            ("reason".to_owned(), json!(reason)),
            ("adcp_error".to_owned(), error.clone()),
            ("errors".to_owned(), json!([error])),
        ]),
        replayed: false,
    }
}
