//! What a package costs: which of its product's prices, and what that buys. Refuses terms
//! that no publisher here agrees to.

use serde_json::Value;

use crate::domain::{
    media_buy::{
        draft::PackageDraft,
        item_type::ItemType,
        terms::{Pricing, PricingModel},
    },
    money::Money,
    opendirect::product::{DeliveryType, Product},
    problem::{Code, Problem},
};

/// What is agreed to at least of a difference between two counts, in per cent.
const LEAST_VARIANCE: f64 = 1.0;
/// What a window of measurement may be called.
const WINDOWS: [&str; 4] = ["live", "c3", "c7", "same_day"];

/// How a product's lines compete.
#[must_use]
pub fn item_type(product: &Product) -> ItemType {
    match product.delivery_type {
        DeliveryType::Exclusive => ItemType::Sponsorship,
        DeliveryType::Guaranteed => ItemType::Standard,
        DeliveryType::Pmp => ItemType::PricePriority,
    }
}

/// The name of a product's price.
#[must_use]
pub fn option_id(product: &Product) -> String {
    let model = PricingModel::from(product.rate_type).name();
    let currency = product.base_price.currency().code().to_ascii_lowercase();
    format!("{model}_{currency}")
}

/// Finds what a package is bought at.
///
/// # Errors
/// When the product has no such price, or the bid or the budget is too low for it.
pub fn price(product: &Product, draft: &PackageDraft, at: &str) -> Result<Pricing, Problem> {
    let own = option_id(product);
    if draft.pricing_option_id != own && draft.pricing_option_id != "default" {
        let field = format!("{at}.pricing_option_id");
        let message = "is no price of this product";
        return Err(Problem::new(field, Code::new("INVALID_REQUEST"), message)
            .hint(format!("it is sold at {own}")));
    }
    let fixed = product.delivery_type != DeliveryType::Pmp;
    let rate = match draft.bid_price.filter(|_| !fixed) {
        None => product.base_price,
        Some(bid) => {
            let field = format!("{at}.bid_price");
            let currency = product.base_price.currency();
            let bid = Money::from_amount(bid, currency).map_err(|wrong| {
                Problem::new(
                    field.clone(),
                    Code::new("INVALID_REQUEST"),
                    wrong.to_string(),
                )
            })?;
            if bid < product.floor_price {
                let message = format!("is below the floor, {}", product.floor_price);
                return Err(Problem::new(field, Code::new("BUDGET_TOO_LOW"), message));
            }
            bid
        }
    };
    Ok(Pricing {
        option_id: own,
        model: product.rate_type.into(),
        rate,
        fixed,
    })
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
