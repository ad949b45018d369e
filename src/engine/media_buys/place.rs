//! Turns drafts of packages into packages and their lines, each priced by its product.
//! Every problem is told with the package that it is in.

use chrono::NaiveDate;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::price;
use crate::{
    domain::{
        adcp::offer::line_item_type,
        ids::{AccountId, BuyId, LineId, PackageId},
        media_buy::{
            draft::{KEPT, PackageDraft, Span},
            package::{Package, days},
            terms::Pricing,
        },
        money::{Currency, Money},
        opendirect::{Targeting, line_draft::LineDraft, order::Order, product::Product},
        problem::{Code, Problem},
    },
    engine::{
        creatives::{fits, sync},
        fault::{Fault, FaultKind},
        seller::{lines::carry, place::account_named},
        work::Work,
    },
    store::record::Stored,
};

/// A package that is priced and not yet placed.
pub(in crate::engine) struct Priced {
    pub draft: PackageDraft,
    pub product: Product,
    pub pricing: Pricing,
    pub budget: Money,
    pub quantity: u64,
    /// Where it stood in the request.
    pub at: String,
}

/// Prices drafts; they are all in one currency.
///
/// # Errors
/// With the first package that cannot be sold so.
pub(in crate::engine) async fn priced(
    work: &Work<'_>,
    drafts: Vec<PackageDraft>,
    list: &str,
) -> Result<Vec<Priced>, Fault> {
    let mut all: Vec<Priced> = Vec::with_capacity(drafts.len());
    for (n, draft) in drafts.into_iter().enumerate() {
        let at = format!("{list}[{n}]");
        let product = on_sale(work, &draft, &at).await?;
        let pricing = price::price(&product, &draft, &at).map_err(Fault::field)?;
        price::measured(&draft, &at).map_err(Fault::field)?;
        fits::said(work, &product, &draft.rest, &at)?;
        fits::drafted(&product, &draft.creatives, &at)?;
        price::capped(&draft.rest, &at).map_err(Fault::field)?;
        let currency = pricing.rate.currency();
        if let Some(first) = all
            .first()
            .filter(|first| first.budget.currency() != currency)
        {
            let own = first.budget.currency();
            let message = format!("is sold in {currency}, the packages before it in {own}");
            let code = Code::new("INVALID_REQUEST");
            let problem = Problem::new(format!("{at}.product_id"), code, message);
            return Err(Fault::field(
                problem.hint("order it in a media buy of its own"),
            ));
        }
        let budget = money(draft.budget, currency, &format!("{at}.budget"))?;
        price::enough(&product, &pricing, budget, &at).map_err(Fault::field)?;
        let quantity = price::quantity(&pricing, budget, &draft, &at).map_err(Fault::field)?;
        all.push(Priced {
            draft,
            product,
            pricing,
            budget,
            quantity,
            at,
        });
    }
    Ok(all)
}

/// Reads an amount in a currency.
///
/// # Errors
/// When it is none.
pub(super) fn money(
    amount: crate::domain::money::Amount,
    currency: Currency,
    field: &str,
) -> Result<Money, Fault> {
    Money::from_amount(amount, currency)
        .map_err(|wrong| Fault::field(Problem::new(field, Code::INVALID_BUDGET, wrong.to_string())))
}

async fn on_sale(work: &Work<'_>, draft: &PackageDraft, at: &str) -> Result<Product, Fault> {
    let found = work.get::<Product>(draft.product_id.as_str()).await?;
    let no = |code: &str, message: String| {
        Fault::new(FaultKind::NotFound, code, message)
            .hint("ask for products")
            .with("field", format!("{at}.product_id"))
    };
    let id = crate::domain::text::echo(draft.product_id.as_str());
    match found {
        None => Err(no("PRODUCT_NOT_FOUND", format!("there is no product {id}"))),
        Some(stored) if !stored.record.active => Err(no(
            "PRODUCT_UNAVAILABLE",
            format!("{} is not on sale", stored.record.name),
        )),
        Some(stored) => Ok(stored.record),
    }
}

/// Where packages are placed.
pub(super) struct Place<'a> {
    pub order: &'a Stored<Order>,
    pub buy: &'a BuyId,
    pub name: &'a str,
    pub span: Span,
    pub agreed: bool,
    /// Whose it is.
    pub owner: &'a str,
}

/// Places a package: its line is drafted, and booked where the order is agreed to.
///
/// # Errors
/// When the line cannot be.
pub(super) async fn package(
    work: &mut Work<'_>,
    place: &Place<'_>,
    priced: Priced,
    taken: &mut Vec<String>,
) -> Result<Package, Fault> {
    let line_id: LineId = work.mint();
    let id = PackageId::from(format!("pkg_{}", Uuid::from(line_id).simple()));
    let mut draft = priced.draft;
    let inline = std::mem::take(&mut draft.creatives);
    let mut creatives = draft.creative_assignments;
    let whose = (place.owner, &priced.product);
    fits::shown(work, whose, &creatives, &priced.at).await?;
    creatives.extend(sync::inline(work, place.owner, inline, &priced.at, taken).await?);
    let span = place.span;
    let own = (
        draft.start_time.unwrap_or(span.start),
        draft.end_time.unwrap_or(span.end),
    );
    let line = line(
        &format!("{} · {}", place.name, priced.product.name),
        &priced.product,
        (&priced.pricing, priced.quantity),
        days(own.0, own.1),
    );
    carry::open(
        work,
        place.order,
        &priced.product,
        (line_id, place.buy),
        line,
        place.agreed,
    )
    .await
    .map_err(|fault| within(fault, &priced.at))?;
    Ok(Package {
        id,
        line_id,
        product_id: draft.product_id,
        item_type: line_item_type(&priced.product),
        budget: priced.budget,
        pricing: priced.pricing,
        quantity: priced.quantity,
        impressions: draft.impressions,
        start: draft.start_time,
        end: draft.end_time,
        spread: draft.pacing,
        priority: None,
        paused: draft.paused,
        cancellation: None,
        creatives,
        asked: kept(draft.rest),
    })
}

/// The line that delivers a package.
pub(super) fn line(
    name: &str,
    product: &Product,
    (pricing, quantity): (&Pricing, u64),
    (start, end): (NaiveDate, NaiveDate),
) -> LineDraft {
    LineDraft {
        product_id: product.id.clone(),
        name: name.chars().take(150).collect(),
        start,
        end,
        rate_type: Some(product.rate_type),
        rate: Some(pricing.rate.amount()),
        quantity,
        targeting: Targeting::default(),
        ext: None,
    }
}

fn kept(mut rest: Map<String, Value>) -> Map<String, Value> {
    rest.retain(|name, value| {
        let known = KEPT.contains(&name.as_str()) || name == "agency_estimate_number";
        known && !value.is_null()
    });
    rest
}

/// Says of a line's failure which package it is in, and in the words of packages.
pub(super) fn within(fault: Fault, at: &str) -> Fault {
    if fault.code == "OUT_OF_INVENTORY" || fault.code == "NOT_ON_SALE" {
        return Fault {
            code: "PRODUCT_UNAVAILABLE".into(),
            ..fault
        }
        .with("field", at);
    }
    if fault.problems.is_empty() {
        return fault;
    }
    let name = |field: &str| match field {
        "quantity" => "budget".to_owned(),
        "start" => "start_time".to_owned(),
        "end" => "end_time".to_owned(),
        "rate" => "bid_price".to_owned(),
        other => other.to_owned(),
    };
    let problems = fault.problems.into_iter().map(|one| Problem {
        field: format!("{at}.{}", name(&one.field)),
        ..one
    });
    Fault::invalid(problems.collect())
}

/// The account that a buyer's orders stand in, opened where it is not there yet.
pub(super) async fn account(work: &mut Work<'_>, owner: &str) -> Result<AccountId, Fault> {
    let name = format!("media buys of {owner}");
    let plain = |text: &str| -> String {
        let letters = text.chars().filter(|c| !c.is_control());
        letters.take(200).collect()
    };
    account_named(work, &name, &plain(owner), &plain(&name)).await
}
