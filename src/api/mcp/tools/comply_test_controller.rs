//! `comply_test_controller`: how testers of agents force states and seed what they want to
//! find. Listed and known in a sandbox alone.

use serde_json::{Value, json};

use crate::{
    api::mcp::tool::{Answering, Ask, Object, Tool, fields},
    domain::sandbox::Scenario,
    engine::{
        core::Answer,
        fault::{Fault, FaultKind},
        sandbox::Control,
    },
};

/// The tool.
pub const TOOL: Tool = Tool::of::<Control>(
    "comply_test_controller",
    "Sandbox only: force the state of a creative, account, media buy or task, choose how the next \
     order is answered, or seed products, prices, creatives, formats and media buys. Begin with \
     scenario list_scenarios.",
)
.taking(input)
.older(|_| true)
.in_sandbox()
.called(call);

fn input() -> Object {
    let names: Vec<&str> = Scenario::ALL.iter().map(|(_, name)| *name).collect();
    Object::from_iter([
        ("type".to_owned(), json!("object")),
        ("required".to_owned(), json!(["scenario"])),
        (
            "properties".to_owned(),
            json!({
                "scenario": {"type": "string", "description": format!("One of {}.", names.join(", "))},
                "params": {"type": "object", "description": "What the scenario needs."},
                "account": {"type": "object"},
                "brand": {"type": "object"},
            }),
        ),
    ])
}

fn call(mut ask: Ask) -> Answering {
    Box::pin(async move {
        let mut sent = std::mem::take(&mut ask.arguments);
        sent.retain(|name, _| ["scenario", "params"].contains(&name.as_str()));
        if sent.get("params").is_some_and(Value::is_null) {
            sent.remove("params");
        }
        let stands = seeded_status(&sent);
        let again = ask.again();
        match ask.with(sent).reading::<Control>().await {
            Ok(answer) => {
                let mut output = good(fields(&answer.output)?);
                if let Some(forced) = stands
                    && let Err(fault) = again.with(forced).reading::<Control>().await
                {
                    output = refused(&fault);
                }
                Ok(Answer {
                    output,
                    replayed: answer.replayed,
                })
            }
            Err(fault) => Ok(Answer {
                output: refused(&fault),
                replayed: false,
            }),
        }
    })
}

/// Where an order that is seeded shall stand, as the question that brings it there.
fn seeded_status(sent: &Object) -> Option<Object> {
    if sent.get("scenario")? != Scenario::SeedBuy.name() {
        return None;
    }
    let params = sent.get("params")?;
    let status = params.get("fixture")?.get("status")?;
    let force = json!({
        "scenario": Scenario::ForceBuy.name(),
        "params": {"media_buy_id": params.get("media_buy_id"), "status": status},
    });
    force.as_object().cloned()
}

fn good(mut told: Object) -> Object {
    told.insert("success".into(), true.into());
    told
}

/// A refusal in the controller's own words.
fn refused(fault: &Fault) -> Object {
    let error = match (fault.code.as_str(), fault.kind) {
        ("UNKNOWN_SCENARIO", _) => "UNKNOWN_SCENARIO",
        (_, FaultKind::NotFound) => "NOT_FOUND",
        (_, FaultKind::Forbidden | FaultKind::Unauthenticated) => "FORBIDDEN",
        (_, FaultKind::Invalid | FaultKind::Malformed) => "INVALID_PARAMS",
        ("NOT_NOW", FaultKind::WrongState) => "INVALID_STATE",
        (_, FaultKind::WrongState | FaultKind::Conflict) => "INVALID_TRANSITION",
        _ => "INTERNAL_ERROR",
    };
    let mut told = Object::from_iter([
        ("success".to_owned(), json!(false)),
        ("status".to_owned(), json!("failed")),
        ("error".to_owned(), json!(error)),
        ("error_detail".to_owned(), json!(fault.message)),
    ]);
    if let Some(state) = fault.details.get("state") {
        told.insert("current_state".into(), state.clone());
    } else if error == "NOT_FOUND" {
        told.insert("current_state".into(), Value::Null);
    }
    told
}
