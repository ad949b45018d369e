//! `create_media_buy`: orders packages or a proposal. Understands the older shape too:
//! `product_ids`, one `total_budget`, and days.

use serde_json::{Value, json};

use crate::{
    api::mcp::tool::{Answering, Ask, Object, Tool, named},
    domain::{
        ids::ProductId,
        media_buy::{draft::BuyDraft, status::BuyStatus},
        money::{Amount, Money},
        problem::{Code, Problem},
        tenant::caller::Caller,
        when::parse_day,
    },
    engine::{
        core::{Answer, Core},
        fault::{Fault, FaultKind},
        governance,
        media_buys::{
            create::CreateBuy,
            told::{confirmed, ordered},
        },
        notify::failed::NoteFailure,
        sandbox::{
            self,
            arm::{TakeQuestion, asked_back},
        },
        seller::products::get::GetProduct,
    },
};

/// The tool.
pub const TOOL: Tool = Tool::of::<CreateBuy>(
    "create_media_buy",
    "Order a media buy: packages of products with budgets and flight, or a proposal with a total \
     budget. What is guaranteed waits for the publisher: the answer is a task then.",
)
.taking(|| named(FIELDS))
.older(is_older)
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

fn is_older(sent: &Object) -> bool {
    sent.contains_key("product_ids")
}

fn call(mut ask: Ask) -> Answering {
    Box::pin(async move {
        let arguments = std::mem::take(&mut ask.arguments);
        if is_older(&arguments) {
            return older(ask, &arguments).await;
        }
        if let Some(question) = question_back(&ask).await? {
            return Err(asked_back(question));
        }
        let mut ask = ask.with(wrapped(arguments));
        let order = ask.parsed::<CreateBuy>().await?;
        let draft = order.draft.clone();
        let made = Box::pin(governance::order(&ask.core, &ask.caller, order, ask.terms)).await;
        if let Err(fault) = &made {
            note_failure(&ask.core, &ask.caller, &draft, fault).await;
        }
        let Answer { output, replayed } = made?;
        Ok(Answer {
            output: self::ordered(&output),
            replayed,
        })
    })
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

/// The older shape: a budget that is spread evenly over products.
async fn older(ask: Ask, sent: &Object) -> Result<Answer<Object>, Fault> {
    let missing = |field: &str, what: &str| {
        let code = Code::new("INVALID_REQUEST");
        Fault::field(Problem::new(field, code, what))
    };
    let ids: Vec<&str> = sent["product_ids"]
        .as_array()
        .map(|ids| ids.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    if ids.is_empty() {
        return Err(missing("product_ids", "must name a product"));
    }
    let day = |field: &str| {
        let text = sent.get(field).and_then(Value::as_str);
        text.and_then(parse_day)
            .ok_or_else(|| missing(field, "must be a day such as 2026-07-01"))
    };
    let (first, last) = (day("flight_start_date")?, day("flight_end_date")?);
    let total: Amount = sent
        .get("total_budget")
        .and_then(|total| serde_json::from_value(total.clone()).ok())
        .ok_or_else(|| missing("total_budget", "must be an amount"))?;
    let packages = spread(&ask, &ids, total, sent).await?;
    let overnight = last.succ_opt().unwrap_or(last);
    let mut draft = json!({
        "start_time": format!("{first}T00:00:00Z"),
        "end_time": format!("{overnight}T00:00:00Z"),
        "packages": packages,
    });
    for name in [
        "po_number",
        "brand",
        "name",
        "push_notification_config",
        "reporting_webhook",
        "ext",
    ] {
        if let Some(value) = sent.get(name) {
            draft[name] = value.clone();
        }
    }
    let question = Object::from_iter([
        ("draft".to_owned(), draft),
        ("keep_draft".to_owned(), json!(true)),
    ]);
    let Answer { output, replayed } = ask.with(question).reading::<CreateBuy>().await?;
    let mut told = confirmed(&output.buy);
    if output.buy.buy.status == BuyStatus::Draft {
        let detail =
            "guaranteed line items need approval: call update_media_buy with submit_for_approval";
        told.insert("status".into(), "draft".into());
        told.insert("detail".into(), detail.into());
    }
    Ok(Answer {
        output: told,
        replayed,
    })
}

async fn spread(
    ask: &Ask,
    ids: &[&str],
    total: Amount,
    sent: &Object,
) -> Result<Vec<Value>, Fault> {
    let mut packages = Vec::new();
    let mut products = Vec::new();
    for id in ids {
        let get = GetProduct {
            product_id: ProductId::from(*id),
        };
        let found = ask.core.ask(&ask.caller, get).await.map_err(|fault| {
            if fault.kind == FaultKind::NotFound {
                let id = crate::domain::text::echo(id);
                let message = format!("there is no product {id}");
                return Fault::new(FaultKind::NotFound, "PRODUCT_NOT_FOUND", message);
            }
            fault
        })?;
        products.push(found);
    }
    let currency = products.first().map(|one| one.base_price.currency());
    let currency = currency.ok_or_else(|| Fault::broken("no products"))?;
    let total = Money::from_amount(total, currency).map_err(|wrong| {
        Fault::field(Problem::new(
            "total_budget",
            Code::INVALID_BUDGET,
            wrong.to_string(),
        ))
    })?;
    let shares = total.split(&vec![1; products.len()]);
    for (product, share) in products.iter().zip(shares) {
        let mut package = json!({
            "product_id": product.id,
            "budget": share.amount(),
            "pricing_option_id": "default",
        });
        for name in ["targeting_overlay", "creative_requirements"] {
            if let Some(value) = sent.get(name) {
                package[name] = value.clone();
            }
        }
        packages.push(package);
    }
    Ok(packages)
}
