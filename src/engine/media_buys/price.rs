//! What a package costs: which of its product's prices, and what that buys. Refuses terms
//! that no publisher here agrees to.

use serde_json::{Map, Value};

use crate::domain::{
    adcp::offer::{self, Price},
    delivery::people::Cap,
    media_buy::{
        draft::PackageDraft,
        terms::{Pricing, PricingModel},
    },
    money::{Amount, Money},
    opendirect::product::Product,
    problem::{Code, Problem},
};

/// What is agreed to at least of a difference between two counts, in per cent.
const LEAST_VARIANCE: f64 = 1.0;
/// What a window of measurement may be called.
const WINDOWS: [&str; 4] = ["live", "c3", "c7", "same_day"];

/// Finds what a package is bought at.
///
/// # Errors
/// When the product has no such price, or the bid or the budget is too low for it.
pub fn price(product: &Product, draft: &PackageDraft, at: &str) -> Result<Pricing, Problem> {
    let prices = offer::prices(product);
    let named = |one: &&Price| one.id == draft.pricing_option_id;
    let usual = prices
        .first()
        .filter(|_| draft.pricing_option_id == "default");
    let Some(price) = prices.iter().find(named).or(usual) else {
        let field = format!("{at}.pricing_option_id");
        let message = "is no price of this product";
        let all: Vec<&str> = prices.iter().map(|one| one.id.as_str()).collect();
        return Err(Problem::new(field, Code::new("INVALID_REQUEST"), message)
            .hint(format!("it is sold at {}", all.join(", "))));
    };
    let bid = draft.bid_price.filter(|_| price.auction);
    let rate = bid.map_or(Ok(price.amount), |bid| bidden(price, bid, at))?;
    Ok(Pricing {
        option_id: price.id.clone(),
        model: price.model,
        rate,
        fixed: !price.auction,
    })
}

fn bidden(price: &Price, bid: Amount, at: &str) -> Result<Money, Problem> {
    let field = format!("{at}.bid_price");
    let bid = Money::from_amount(bid, price.amount.currency()).map_err(|wrong| {
        Problem::new(
            field.clone(),
            Code::new("INVALID_REQUEST"),
            wrong.to_string(),
        )
    })?;
    if bid < price.amount {
        let message = format!("is below the floor, {}", price.amount);
        return Err(Problem::new(field, Code::new("BUDGET_TOO_LOW"), message));
    }
    Ok(bid)
}

/// Refuses to spend less on a package than its product is worth.
///
/// # Errors
/// When the budget is too low.
pub fn enough(
    product: &Product,
    pricing: &Pricing,
    budget: Money,
    at: &str,
) -> Result<(), Problem> {
    let prices = offer::prices(product);
    let own = prices.iter().find(|one| one.id == pricing.option_id);
    let least = own
        .and_then(|one| one.min_spend)
        .or(product.offer.min_spend);
    match least.filter(|least| budget < *least) {
        None => Ok(()),
        Some(least) => {
            let message = format!("is below the least that is spent on it, {least}");
            let field = format!("{at}.budget");
            Err(Problem::new(field, Code::new("BUDGET_TOO_LOW"), message))
        }
    }
}

/// Checks that somebody here can agree to how a package is to be measured.
///
/// # Errors
/// With the term that nobody agrees to.
pub fn measured(draft: &PackageDraft, at: &str) -> Result<(), Problem> {
    let terms = draft.rest.get("measurement_terms");
    let Some(billing) = terms.and_then(|terms| terms.get("billing_measurement")) else {
        return Ok(());
    };
    let no = |field: &str, message: String| {
        let field = format!("{at}.measurement_terms.billing_measurement.{field}");
        Problem::new(field, Code::new("TERMS_REJECTED"), message)
    };
    let variance = billing.get("max_variance_percent").and_then(Value::as_f64);
    if variance.is_some_and(|most| most < LEAST_VARIANCE) {
        let message = format!("no two counts are closer than {LEAST_VARIANCE} per cent");
        return Err(no("max_variance_percent", message).hint("allow 10 per cent"));
    }
    match billing.get("measurement_window").and_then(Value::as_str) {
        Some(window) if !WINDOWS.contains(&window) => {
            let message = format!("is none of {}", WINDOWS.join(", "));
            Err(no("measurement_window", message))
        }
        _ => Ok(()),
    }
}

/// Refuses a frequency cap that makes no sense.
///
/// # Errors
/// With the field of it.
pub fn capped(rest: &Map<String, Value>, at: &str) -> Result<(), Problem> {
    let Err((field, message)) = Cap::read(rest.get("targeting_overlay")) else {
        return Ok(());
    };
    let mut at = format!("{at}.targeting_overlay.frequency_cap");
    if !field.is_empty() {
        at = format!("{at}.{field}");
    }
    Err(Problem::new(at, Code::new("INVALID_REQUEST"), message))
}

/// How many units of what is paid for a package buys.
///
/// # Errors
/// When its budget buys nothing.
pub fn quantity(
    pricing: &Pricing,
    budget: Money,
    draft: &PackageDraft,
    at: &str,
) -> Result<u64, Problem> {
    let units = pricing.units(budget);
    let by_impression = matches!(pricing.model, PricingModel::Cpm | PricingModel::Vcpm);
    let wanted = draft.impressions.filter(|_| by_impression);
    if units == 0 {
        let message = format!("{budget} buys nothing at {}", pricing.rate);
        let field = format!("{at}.budget");
        return Err(Problem::new(field, Code::new("BUDGET_TOO_LOW"), message));
    }
    match wanted {
        Some(0) => {
            let message = "must be above zero";
            Err(Problem::new(
                format!("{at}.impressions"),
                Code::new("INVALID_REQUEST"),
                message,
            ))
        }
        Some(wanted) if wanted > units => {
            let message = format!("{budget} buys {units} impressions at {}", pricing.rate);
            Err(Problem::new(
                format!("{at}.impressions"),
                Code::new("BUDGET_TOO_LOW"),
                message,
            )
            .hint("ask for fewer, or for a larger budget"))
        }
        Some(wanted) => Ok(wanted),
        None => Ok(units),
    }
}
