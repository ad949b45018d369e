//! `get_products`: finds what could be bought. A wish to finalize a proposal changes something,
//! so it is asked first, as a command of its own; looking stays without a trace.

use crate::{
    api::mcp::tool::{Answering, Ask, Tool},
    engine::discovery::{
        products::GetProducts,
        proposals::FinalizeProposal,
        refine::{OfProposal, Refinement},
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
.called(call);

fn call(mut ask: Ask) -> Answering {
    Box::pin(async move {
        let question: GetProducts = ask.read()?;
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
        ask.asked(question).await
    })
}
