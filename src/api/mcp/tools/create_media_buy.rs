//! `create_media_buy`: orders packages or a proposal. Understands the older shape too:
//! `product_ids`, one `total_budget`, and days.

mod older;

use crate::{
    api::mcp::tool::{self, Answering, Ask, Object, Tool},
    domain::{media_buy::draft::BuyDraft, tenant::caller::Caller},
    engine::{
        core::{Answer, Core},
        fault::Fault,
        governance,
        media_buys::{create::CreateBuy, told::ordered, view::Ordered},
        notify::failed::NoteFailure,
        sandbox::{
            self,
            arm::{TakeQuestion, asked_back},
        },
    },
};

/// The tool.
pub const TOOL: Tool = Tool::of::<CreateBuy>(
    "create_media_buy",
    "Order a media buy: packages of products with budgets and flight, or a proposal with a total \
     budget. What is guaranteed waits for the publisher: the answer is a task then.",
)
.taking(|| tool::named(FIELDS))
.older(older::is)
.called(call);

/// The protocol's fields, and the older ones.
const FIELDS: &[&str] = &[
    "plan_id",
    "governance_context",
    "account",
    "proposal_id",
    "total_budget",
    "packages",
    "brand",
    "advertiser_industry",
    "invoice_recipient",
    "io_acceptance",
    "po_number",
    "agency_estimate_number",
    "start_time",
    "end_time",
    "push_notification_config",
    "reporting_webhook",
    "artifact_webhook",
    "ext",
    "name",
    "product_ids",
    "flight_start_date",
    "flight_end_date",
    "targeting_overlay",
    "creative_requirements",
];

fn call(mut ask: Ask) -> Answering {
    Box::pin(async move {
        let sent = std::mem::take(&mut ask.arguments);
        if older::is(&sent) {
            let question = older::question(&ask, sent).await?;
            let Answer { output, replayed } =
                ordering(ask, question).await.map_err(older::named)?;
            return Ok(Answer {
                output: older::told(&output),
                replayed,
            });
        }
        if let Some(question) = question_back(&ask).await? {
            return Err(asked_back(question));
        }
        let Answer { output, replayed } = ordering(ask, wrapped(sent)).await.map_err(named)?;
        Ok(Answer {
            output: ordered(&output),
            replayed,
        })
    })
}

/// Orders, once those agree who govern the account.
async fn ordering(ask: Ask, question: Object) -> Result<Answer<Ordered>, Fault> {
    let mut ask = ask.with(question);
    let order = ask.parsed::<CreateBuy>().await?;
    let draft = order.draft.clone();
    let made = Box::pin(governance::order(&ask.core, &ask.caller, order, ask.terms)).await;
    if let Err(fault) = &made {
        note_failure(&ask.core, &ask.caller, &draft, fault).await;
    }
    made
}

/// A failure in the names that the buyer sent: what is ordered stands at the top of a request.
fn named(fault: Fault) -> Fault {
    fault.out_of("draft")
}

/// Has those hear of it who look after the seller, where the buyer cannot mend it alone.
async fn note_failure(core: &Core, caller: &Caller, draft: &BuyDraft, fault: &Fault) {
    let Some(note) = NoteFailure::of(&caller.name, draft, fault) else {
        return;
    };
    let engine = Caller::engine(caller.tenant.clone());
    if let Err(other) = core.ask(&engine, note).await {
        tracing::error!(%fault, %other, "nobody hears that an order failed");
    }
}

/// What a tester wants this order to be answered with; in a sandbox alone.
async fn question_back(ask: &Ask) -> Result<Option<String>, Fault> {
    if !sandbox::plays(ask.core.desk().sandbox.as_ref(), &ask.caller) {
        return Ok(None);
    }
    let taken = ask.core.ask(&ask.caller, TakeQuestion::default()).await?;
    Ok(taken.question)
}

/// The protocol's fields as a question to the engine.
fn wrapped(mut arguments: Object) -> Object {
    let mut question = Object::new();
    if let Some(account) = arguments.remove("account") {
        question.insert("account".into(), account);
    }
    question.insert("draft".into(), arguments.into());
    question
}
