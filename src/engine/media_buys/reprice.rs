//! What a change makes of the packages that it names: their money, their units, their flights,
//! what they show. Then the order and the lines follow.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{carry, place, price, update::no_package};
use crate::{
    domain::{
        ids::PackageId,
        media_buy::{
            buy::MediaBuy,
            change::{BuyChange, FIXED, PackageChange, REPLACEABLE},
            draft::{PackageDraft, Span},
            history::Done,
            package::{Package, days},
            terms::Cancellation,
        },
        money::Money,
        opendirect::{line::Line, order::Order, product::Product},
        problem::{Code, Problem},
        tenant::role::Role,
        when::Flight,
    },
    engine::{
        creatives::{self, fits},
        delivery,
        fault::Fault,
        seller::{
            lines::carry::{amend, cancel},
            orders,
        },
        work::Work,
    },
    store::record::Stored,
};

/// What a change has touched so far.
#[derive(Default)]
pub(super) struct Touched {
    /// The packages that are different.
    pub packages: BTreeSet<PackageId>,
    /// Those of them whose lines need other terms.
    pub terms: BTreeSet<PackageId>,
    /// Those whose goal or dates are different, so that their plan is laid anew.
    pub anew: BTreeSet<PackageId>,
    /// Whether the flight moved.
    pub dates: bool,
    /// Whether a package was stopped or let go on.
    pub stopped: bool,
    /// Creatives that came in with it and may be shown.
    pub taken: Vec<String>,
    said: Vec<(Done, String)>,
}

impl Touched {
    /// Notes what was done.
    pub(super) fn note(&mut self, done: Done, summary: String) {
        self.said.push((done, summary));
    }

    /// All that was done, as one entry of history.
    pub(super) fn said(&self) -> Option<(Done, String)> {
        let (first, _) = self.said.first()?;
        let alike = self.said.iter().all(|(done, _)| done == first);
        let done = if alike { *first } else { Done::UpdatedPackages };
        let all: Vec<&str> = self.said.iter().map(|(_, said)| said.as_str()).collect();
        let mut summary = all.join("; ");
        if summary.len() > 1_000 {
            summary = format!("{} changes", all.len());
        }
        Some((done, summary))
    }
}

/// What a buy would cost after a change.
///
/// # Errors
/// When that is no amount of its currency.
pub(super) fn total(buy: &MediaBuy, change: &BuyChange) -> Result<Money, Fault> {
    let wrong = |fault: crate::domain::money::NotMoney| {
        Fault::field(Problem::new(
            "packages",
            Code::INVALID_BUDGET,
            fault.to_string(),
        ))
    };
    let mut sum = buy.total().map_err(wrong)?;
    for one in change.packages.iter().flatten() {
        let (Some(package), Some(budget)) = (buy.package(&one.package_id), one.budget) else {
            continue;
        };
        let budget = place::money(budget, buy.currency, "packages")?;
        sum = sum
            .minus(package.budget)
            .and_then(|sum| sum.plus(budget))
            .map_err(wrong)?;
    }
    for one in change.new_packages.iter().flatten() {
        let budget = place::money(one.budget, buy.currency, "new_packages")?;
        sum = sum.plus(budget).map_err(wrong)?;
    }
    Ok(sum)
}

/// The buy as the change would leave it, for whoever has to agree to it.
///
/// # Errors
/// When something about the change is wrong.
pub(in crate::engine) async fn checked(
    work: &Work<'_>,
    buy: &MediaBuy,
    change: &BuyChange,
) -> Result<MediaBuy, Fault> {
    let mut after = buy.clone();
    let mut touched = Touched::default();
    for one in change.packages.iter().flatten() {
        terms(work, &mut after, one.clone(), &mut touched).await?;
    }
    let fresh = change.new_packages.clone().unwrap_or_default();
    place::priced(work, fresh, "new_packages").await?;
    Ok(after)
}

/// Changes one package, except for its order and its line; a package that is called off lets
/// its line go.
///
/// # Errors
/// When something about the change is wrong.
pub(super) async fn package(
    work: &mut Work<'_>,
    buy: &mut MediaBuy,
    change: PackageChange,
    touched: &mut Touched,
) -> Result<(), Fault> {
    let by = work.caller().name.clone();
    let off = change.canceled == Some(true);
    let id = change.package_id.clone();
    let mut change = change;
    shows(work, buy, &mut change, touched).await?;
    terms(work, buy, change, touched).await?;
    if off {
        let package = buy.package(&id).ok_or_else(|| no_package(&id))?;
        let line = carry::line(work, package).await?;
        Box::pin(cancel(work, &line, &by)).await?;
    }
    Ok(())
}

/// Takes in what came with the change, and refuses what is in no library.
async fn shows(
    work: &mut Work<'_>,
    buy: &MediaBuy,
    change: &mut PackageChange,
    touched: &mut Touched,
) -> Result<(), Fault> {
    for shown in change.creative_assignments.iter().flatten() {
        let known = creatives::read(work, &buy.owner, &shown.creative_id).await?;
        if known.is_none() {
            return Err(creatives::decide::absent(&shown.creative_id));
        }
    }
    let at = format!("packages of {}", change.package_id);
    let product = match buy.package(&change.package_id) {
        Some(package) => work.get::<Product>(package.product_id.as_str()).await?,
        None => None,
    };
    if let Some(product) = product.map(|found| found.record) {
        fits::said(work, &product, &change.rest, &at)?;
        let fresh = change.creatives.as_deref().unwrap_or_default();
        fits::drafted(&product, fresh, &at)?;
        let shown = change.creative_assignments.as_deref().unwrap_or_default();
        fits::shown(work, (&buy.owner, &product), shown, &at).await?;
    }
    let Some(inline) = change.creatives.take() else {
        return Ok(());
    };
    let had = buy
        .package(&change.package_id)
        .map(|one| one.creatives.clone());
    let owner = buy.owner.clone();
    let fresh = creatives::sync::inline(work, &owner, inline, &at, &mut touched.taken).await?;
    let mut all = change
        .creative_assignments
        .take()
        .or(had)
        .unwrap_or_default();
    all.retain(|one| fresh.iter().all(|new| new.creative_id != one.creative_id));
    all.extend(fresh);
    change.creative_assignments = Some(all);
    Ok(())
}

async fn terms(
    work: &Work<'_>,
    buy: &mut MediaBuy,
    change: PackageChange,
    touched: &mut Touched,
) -> Result<(), Fault> {
    let currency = buy.currency;
    let span = Span {
        start: buy.start,
        end: buy.end,
    };
    let by_buyer = work.caller().name == buy.owner;
    let mut all = buy.packages.iter_mut().enumerate();
    let Some((n, package)) = all.find(|(_, one)| one.id == change.package_id) else {
        return Err(no_package(&change.package_id));
    };
    let at = format!("packages[{n}]");
    may_change(package, &change, &at)?;
    if change.priority.is_some() && work.caller().role == Role::Buyer {
        let message = "is the publisher's to say";
        let code = Code::new("INVALID_REQUEST");
        return Err(Fault::field(Problem::new(
            format!("{at}.priority"),
            code,
            message,
        )));
    }
    touched.packages.insert(package.id.clone());
    if change.canceled == Some(true) {
        package.cancellation = Some(Cancellation {
            at: work.now(),
            by_buyer,
            reason: change.cancellation_reason,
        });
        package.creatives.clear();
        touched.note(
            Done::UpdatedPackages,
            format!("{} called off", package.product_id),
        );
        return Ok(());
    }
    manner(package, &change, touched);
    let money =
        change.budget.is_some() || change.impressions.is_some() || change.bid_price.is_some();
    let dates = change.start_time.is_some() || change.end_time.is_some();
    if !money && !dates {
        return Ok(());
    }
    let product = product(work, package).await?;
    let draft = redrafted(package, &change);
    let was = (package.quantity, package.start, package.end);
    if let Some(outside) = draft.outside(&at, span) {
        return Err(Fault::field(outside));
    }
    reprice(package, &product, &draft, (currency, &at), touched)?;
    Box::pin(above_spent(work, package, &at)).await?;
    (package.start, package.end) = (draft.start_time, draft.end_time);
    if was != (package.quantity, package.start, package.end) {
        touched.anew.insert(package.id.clone());
    }
    if dates {
        touched.note(
            Done::UpdatedDates,
            format!("{} runs on other days", package.product_id),
        );
    }
    touched.terms.insert(package.id.clone());
    Ok(())
}

fn may_change(package: &Package, change: &PackageChange, at: &str) -> Result<(), Fault> {
    if package.cancellation.is_some() {
        let code = match change.canceled {
            Some(true) => "NOT_CANCELLABLE",
            _ => "INVALID_STATE",
        };
        let message = format!("package {} is called off", package.id);
        return Err(Fault::wrong_state(code, message).with("field", at));
    }
    price::capped(&change.rest, at).map_err(Fault::field)?;
    let Some(field) = FIXED.iter().find(|field| change.rest.contains_key(**field)) else {
        return Ok(());
    };
    let message = "never changes; cancel the package and order another";
    let field = format!("{at}.{field}");
    Err(Fault::field(Problem::new(
        field,
        Code::new("INVALID_REQUEST"),
        message,
    )))
}

/// Changes how a package is delivered: stopped or not, its spread, what it shows, what else
/// was said of it.
fn manner(package: &mut Package, change: &PackageChange, touched: &mut Touched) {
    if let Some(paused) = change.paused.filter(|paused| *paused != package.paused) {
        package.paused = paused;
        touched.stopped = true;
        let (word, done) = if paused {
            ("paused", Done::Paused)
        } else {
            ("resumed", Done::Resumed)
        };
        touched.note(done, format!("{} {word}", package.product_id));
    }
    if let Some(spread) = change.pacing.filter(|spread| *spread != package.spread) {
        package.spread = spread;
        touched.note(Done::UpdatedPackages, format!("spread {}", spread.name()));
    }
    let queued = change.priority.filter(|place| *place != package.priority());
    if let Some(place) = queued {
        package.priority = Some(place).filter(|place| *place != package.item_type.priority());
        touched.note(
            Done::UpdatedPackages,
            format!("{} stands at {place} in the queue", package.product_id),
        );
    }
    if let Some(shown) = &change.creative_assignments {
        package.creatives.clone_from(shown);
        touched.note(
            Done::UpdatedCreatives,
            format!("{} shows others", package.product_id),
        );
    }
    for name in REPLACEABLE {
        let new = change.rest.get(name).filter(|value| !value.is_null());
        if let Some(value) = new.filter(|value| package.asked.get(name) != Some(value)) {
            package.asked.insert(name.to_owned(), value.clone());
            touched.note(
                Done::UpdatedPackages,
                format!("{name} of {}", package.product_id),
            );
        }
    }
    for list in ["keyword_targets", "negative_keywords"] {
        if keywords(package, list, &change.rest) {
            touched.note(
                Done::UpdatedPackages,
                format!("{list} of {}", package.product_id),
            );
        }
    }
}

/// Adds keywords to a list of a package and takes others away; whether anything was asked.
fn keywords(package: &mut Package, list: &str, rest: &Map<String, Value>) -> bool {
    let of = |what: &str| {
        rest.get(&format!("{list}_{what}"))
            .and_then(Value::as_array)
    };
    let (add, remove) = (of("add"), of("remove"));
    if add.is_none() && remove.is_none() {
        return false;
    }
    let empty = || Value::Object(Map::new());
    let overlay = package
        .asked
        .entry("targeting_overlay")
        .or_insert_with(empty);
    let Some(overlay) = overlay.as_object_mut() else {
        return false;
    };
    let had = overlay.get(list).and_then(Value::as_array).cloned();
    let same =
        |a: &Value, b: &Value| a["keyword"] == b["keyword"] && a["match_type"] == b["match_type"];
    let named = |all: Option<&Vec<Value>>, one: &Value| {
        all.into_iter().flatten().any(|named| same(named, one))
    };
    let mut next: Vec<Value> = had.unwrap_or_default();
    next.retain(|one| !named(remove, one) && !named(add, one));
    next.extend(add.into_iter().flatten().cloned());
    overlay.insert(list.to_owned(), Value::Array(next));
    true
}

/// A package as it would be asked for now.
fn redrafted(package: &Package, change: &PackageChange) -> PackageDraft {
    PackageDraft {
        product_id: package.product_id.clone(),
        budget: change.budget.unwrap_or(package.budget.amount()),
        pricing_option_id: package.pricing.option_id.clone(),
        bid_price: change.bid_price.or(Some(package.pricing.rate.amount())),
        impressions: change.impressions.or(match change.budget {
            // Another budget buys what it buys.
            Some(_) => None,
            None => package.impressions,
        }),
        pacing: package.spread,
        start_time: change.start_time.or(package.start),
        end_time: change.end_time.or(package.end),
        paused: package.paused,
        creative_assignments: Vec::new(),
        creatives: Vec::new(),
        rest: Map::new(),
    }
}

fn reprice(
    package: &mut Package,
    product: &Product,
    draft: &PackageDraft,
    (currency, at): (crate::domain::money::Currency, &str),
    touched: &mut Touched,
) -> Result<(), Fault> {
    let budget = place::money(draft.budget, currency, &format!("{at}.budget"))?;
    price::enough(product, &package.pricing, budget, at).map_err(Fault::field)?;
    let mut pricing = package.pricing.clone();
    if !pricing.fixed {
        pricing = price::price(product, draft, at).map_err(Fault::field)?;
    }
    let quantity = price::quantity(&pricing, budget, draft, at).map_err(Fault::field)?;
    if budget != package.budget {
        let said = format!("{} from {} to {budget}", package.product_id, package.budget);
        touched.note(Done::UpdatedBudget, said);
    } else if quantity != package.quantity || pricing != package.pricing {
        let said = format!(
            "{} for {quantity} units at {}",
            package.product_id, pricing.rate
        );
        touched.note(Done::UpdatedPackages, said);
    }
    package.budget = budget;
    package.pricing = pricing;
    package.quantity = quantity;
    package.impressions = draft.impressions;
    Ok(())
}

/// Refuses a budget below what was spent of it already.
async fn above_spent(work: &Work<'_>, package: &Package, at: &str) -> Result<(), Fault> {
    let Some(line) = work.get::<Line>(&package.line_id.to_string()).await? else {
        return Ok(());
    };
    match delivery::spent(work, &line.record).await? {
        Some(spent) if package.budget < spent => {
            let code = Code::new("BUDGET_TOO_LOW");
            let message = format!("is below what was spent of it, {spent}");
            let problem = Problem::new(format!("{at}.budget"), code, message);
            Err(Fault::field(
                problem.hint("to end it now, cancel the package"),
            ))
        }
        _ => Ok(()),
    }
}

async fn product(work: &Work<'_>, package: &Package) -> Result<Product, Fault> {
    let found = work.get::<Product>(package.product_id.as_str()).await?;
    found.map(|stored| stored.record).ok_or_else(|| {
        let message = format!("{} is no longer in the catalogue", package.product_id);
        Fault::conflict("PRODUCT_UNAVAILABLE", message).hint("cancel the package instead")
    })
}

/// Gives the order and the lines the terms that their buy has now.
///
/// # Errors
/// When there is too little left of what they need.
pub(super) async fn carry_out(
    work: &mut Work<'_>,
    buy: &MediaBuy,
    touched: &Touched,
    more: Vec<Money>,
) -> Result<Stored<Order>, Fault> {
    let stored = carry::order(work, buy).await?;
    let own = buy.total().map_err(Fault::broken)?;
    let all = std::iter::once(own).chain(more);
    let budget = Money::sum(buy.currency, all).map_err(|wrong| {
        Fault::field(Problem::new(
            "packages",
            Code::INVALID_BUDGET,
            wrong.to_string(),
        ))
    })?;
    let (first, last) = days(buy.start, buy.end);
    let flight = Flight::new(first, last).map_err(Fault::broken)?;
    let mut amended = stored.clone();
    amended.record.budget = budget;
    amended.record.flight = flight;
    // Those that give come before those that take.
    let mut lines = Vec::new();
    for (n, package) in buy.packages.iter().enumerate() {
        if package.cancellation.is_none() && touched.terms.contains(&package.id) {
            let line = carry::line(work, package).await?;
            let more = package
                .budget
                .minor()
                .saturating_sub(line.record.cost.minor());
            lines.push((more, n, package, line));
        }
    }
    lines.sort_by_key(|(more, n, ..)| (*more, *n));
    for (_, n, package, line) in lines {
        let product = product(work, package).await?;
        let name = line.record.name.clone();
        let terms = (&package.pricing, package.quantity);
        let draft = place::line(&name, &product, terms, package.days(buy.start, buy.end));
        let anew = touched.anew.contains(&package.id);
        amend(work, &amended, (&product, &line), draft, anew)
            .await
            .map_err(|fault| place::within(fault, &format!("packages[{n}]")))?;
    }
    orders::settle(work, &stored, &amended.record, "orders.changed")?;
    Ok(amended)
}
