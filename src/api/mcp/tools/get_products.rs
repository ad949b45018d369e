//! `get_products`: finds what could be bought. A wish to finalize a proposal changes something,
//! so it is asked first, as a command of its own; looking stays without a trace.

use serde_json::{Value, json};

use crate::{
    api::mcp::tool::{Answering, Ask, Object, Tool, Writing, schema},
    domain::problem::{Code, Problem},
    engine::{
        core::Answer,
        discovery::{
            products::{BuyingMode, GetProducts},
            proposals::FinalizeProposal,
            refine::{OfProposal, Refinement},
        },
        fault::Fault,
    },
};

/// The tool.
pub const TOOL: Tool = Tool::of::<GetProducts>(
    "get_products",
    "Find advertising products. buying_mode brief: describe the campaign in everyday words and get the \
     best products first, each with the reason, and a proposal that spreads the budget; wholesale: all \
     that pass the filters; refine: change the last answer, or finalize a proposal so that it can be \
     bought.",
)
.taking(input)
.called(call)
.written(write);

/// The operation's own arguments, and the hook that is refused by name where it makes no sense.
fn input() -> Object {
    let mut schema = schema::<GetProducts>();
    if let Some(Value::Object(fields)) = schema.get_mut("properties") {
        fields.insert("push_notification_config".into(), json!({"type": "object"}));
    }
    schema
}

fn call(mut ask: Ask) -> Answering {
    Box::pin(async move {
        let question = question(&mut ask).await?;
        ask.asked(question).await
    })
}

fn write(mut ask: Ask) -> Writing {
    Box::pin(async move {
        let question = question(&mut ask).await?;
        let answer = ask.core.ask_on(&ask.caller, question, ask.terms).await?;
        Ok(Answer {
            output: answer.output.write().map_err(Fault::broken)?,
            replayed: answer.replayed,
        })
    })
}

/// Reads what is asked, and finalizes what is to be finalized.
async fn question(ask: &mut Ask) -> Result<GetProducts, Fault> {
    let hook = ask.arguments.remove("push_notification_config");
    let question: GetProducts = ask.read()?;
    if hook.is_some() && question.buying_mode == Some(BuyingMode::Wholesale) {
        let code = Code::new("INVALID_REQUEST");
        let message = "the shelf is answered at once, and nothing is sent afterwards";
        return Err(Fault::field(Problem::new(
            "push_notification_config",
            code,
            message,
        )));
    }
    for wish in question.refine.iter().flatten() {
        if let Refinement::Proposal {
            proposal_id,
            action: OfProposal::Finalize,
            ..
        } = wish
        {
            let finalize = FinalizeProposal {
                proposal_id: proposal_id.clone(),
            };
            ask.core.ask(&ask.caller, finalize).await?;
        }
    }
    Ok(question)
}
