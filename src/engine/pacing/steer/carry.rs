//! Carries out what lines shall be by the rules of media buys and lines, all in one commit:
//! prices, inventory, budgets of orders, and who has to agree. Refuses what a line without a
//! media buy has no place for.

use std::collections::BTreeMap;

use super::{Outcome, Outlook, plan::Found};
use crate::{
    domain::{
        ids::{BuyId, LineId},
        media_buy::{
            buy::MediaBuy,
            change::{BuyChange, PackageChange},
            package::{Package, days},
            status::BuyStatus,
            terms::{PricingModel, Spread},
        },
        money::Money,
        opendirect::{line::Line, line_draft::LineDraft, order::Order, product::Product},
        pacing::{
            booked::{Booked, Bought},
            figures::Figures,
            journal::{Changed, Field, Left},
            ratio::Ratio,
            reallocate::in_money,
            status::Bounds,
            terms::Terms,
        },
        when::Instant,
    },
    engine::{
        fault::Fault,
        media_buys::update,
        pacing::book::{Buy, Entry, Weighed},
        seller::lines::carry::{amend, stop},
        work::Work,
    },
    store::record::Record,
};

/// What must become different of a line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Target {
    pub end: Option<Instant>,
    pub goal: Option<u64>,
    pub budget: Option<Money>,
    pub pacing: Option<Spread>,
    pub priority: Option<u8>,
    pub paused: Option<bool>,
}

/// What was carried out.
pub(super) struct Carried {
    pub lines: Vec<Outcome>,
    pub asked: Vec<BuyId>,
    pub left: Vec<Left>,
}

/// Carries out what lines shall be.
///
/// # Errors
/// When one of it cannot be done; then nothing is.
pub(super) async fn carry(
    work: &mut Work<'_>,
    found: &Found,
    targets: BTreeMap<LineId, (Target, Terms)>,
) -> Result<Carried, Fault> {
    let mut buys: BTreeMap<&BuyId, Vec<(LineId, &Target)>> = BTreeMap::new();
    let mut carried = Carried {
        lines: Vec::new(),
        asked: Vec::new(),
        left: Vec::new(),
    };
    for (id, (target, _)) in &targets {
        match &found[id].entry.buy {
            Some(buy) => buys.entry(&buy.id).or_default().push((*id, target)),
            None => carried.left.push(alone(work, &found[id], target).await?),
        }
    }
    for (id, lines) in buys {
        let stored = work.get::<MediaBuy>(id.as_str()).await?;
        let stored = stored.ok_or_else(|| Fault::absent("media_buy", id.as_str()))?;
        let change = change(&stored.record, &lines)?;
        let left = Left {
            kind: MediaBuy::KIND.to_owned(),
            id: id.to_string(),
            revision: stored.revision + 1,
        };
        let ordered = update::change(work, stored, change, None).await?;
        // What lives elsewhere is asked for there, and done once it is seen.
        if ordered.approval.is_some() || ordered.buy.buy.upstream.is_some() {
            carried.asked.push(id.clone());
        }
        carried.left.push(left);
    }
    for (id, (_, terms)) in targets {
        let one = &found[&id];
        let asks = one
            .entry
            .buy
            .as_ref()
            .is_some_and(|buy| carried.asked.contains(&buy.id));
        carried.lines.push(outcome(work, one, terms, asks)?);
    }
    Ok(carried)
}

/// The change of a buy that makes its packages what their lines shall be.
fn change(buy: &MediaBuy, lines: &[(LineId, &Target)]) -> Result<BuyChange, Fault> {
    let mut whole = BuyChange::default();
    let mut packages: BTreeMap<usize, PackageChange> = BTreeMap::new();
    let at = |line: LineId| buy.packages.iter().position(|one| one.line_id == line);
    for (line, target) in lines {
        let Some(at) = at(*line) else {
            return Err(Fault::broken(format!(
                "line {line} is in no package of {}",
                buy.id
            )));
        };
        let package = &buy.packages[at];
        let mut one = PackageChange::of(package.id.clone());
        terms(&mut one, package, target)?;
        one.pacing = target.pacing;
        one.priority = target.priority;
        one.paused = target.paused;
        packages.insert(at, one);
    }
    dates(buy, lines, &mut whole, &mut packages);
    goes_on(buy, lines, &mut whole, &mut packages);
    whole.packages = Some(packages.into_values().collect());
    Ok(whole)
}

/// Budget and goal: another budget buys what it buys; a goal that costs more takes more.
fn terms(change: &mut PackageChange, package: &Package, target: &Target) -> Result<(), Fault> {
    let by_impression = matches!(
        package.pricing.model,
        PricingModel::Cpm | PricingModel::Vcpm
    );
    let mut budget = target.budget;
    if let Some(goal) = target.goal {
        let least = match package.pricing.model {
            PricingModel::Cpm | PricingModel::Vcpm => price(goal, package.pricing.rate, 1_000),
            PricingModel::Cpc => price(goal, package.pricing.rate, 1),
            PricingModel::Time | PricingModel::FlatRate => None,
        };
        let least = least.ok_or_else(|| {
            let message = format!("{} is sold as a whole: it has no goal", package.product_id);
            Fault::wrong_state("REFUSED", message)
        })?;
        let own = budget.unwrap_or(package.budget);
        if !by_impression || least > own {
            budget = Some(budget.map_or(least, |set| if set > least { set } else { least }));
        }
        let buys = package.pricing.units(budget.unwrap_or(own));
        change.impressions = Some(goal).filter(|goal| by_impression && *goal != buys);
    }
    change.budget = budget.map(Money::amount);
    if change.budget.is_none() && target.goal.is_some() && change.impressions.is_none() {
        // The whole of what the budget buys.
        change.budget = Some(package.budget.amount());
    }
    Ok(())
}

/// The least that so many units cost, at a price for so many of them.
fn price(units: u64, rate: Money, of: i64) -> Option<Money> {
    let exact = Ratio::count(units)
        .times(Ratio::from(rate))?
        .over(Ratio::whole(of))?;
    let fine = Ratio::whole(10i64.checked_pow(rate.currency().decimals())?);
    let minor = exact.times(fine)?.ceiling();
    Some(Money::new(i64::try_from(minor).ok()?, rate.currency()))
}

/// Ends: a package's own where it lies within its buy's flight; else the buy's too, and those
/// that nobody named keep theirs.
fn dates(
    buy: &MediaBuy,
    lines: &[(LineId, &Target)],
    whole: &mut BuyChange,
    packages: &mut BTreeMap<usize, PackageChange>,
) {
    let end = |line: LineId| lines.iter().find(|(id, _)| *id == line)?.1.end;
    let living = || {
        let all = buy.packages.iter().enumerate();
        all.filter(|(_, package)| package.cancellation.is_none())
    };
    let after = |package: &Package| {
        let own = package.end.unwrap_or(buy.end);
        end(package.line_id).unwrap_or(own)
    };
    if lines.iter().all(|(_, target)| target.end.is_none()) {
        return;
    }
    let latest = living().map(|(_, package)| after(package)).max();
    let latest = latest.unwrap_or(buy.end);
    if latest != buy.end {
        whole.end_time = Some(latest);
    }
    for (at, package) in living() {
        let own = package.end.unwrap_or(latest);
        if after(package) != own {
            let change = packages
                .entry(at)
                .or_insert_with(|| PackageChange::of(package.id.clone()));
            change.end_time = Some(after(package));
        }
    }
}

/// A package of a buy that is stopped as a whole goes on with its buy; the others stay stopped.
fn goes_on(
    buy: &MediaBuy,
    lines: &[(LineId, &Target)],
    whole: &mut BuyChange,
    packages: &mut BTreeMap<usize, PackageChange>,
) {
    let resumed = |package: &Package| {
        let mut of = lines.iter().filter(|(id, _)| *id == package.line_id);
        of.any(|(_, target)| target.paused == Some(false))
    };
    if buy.status != BuyStatus::Paused || !buy.packages.iter().any(resumed) {
        return;
    }
    whole.paused = Some(false);
    for (at, package) in buy.packages.iter().enumerate() {
        if package.cancellation.is_some() || package.paused || resumed(package) {
            continue;
        }
        let change = packages
            .entry(at)
            .or_insert_with(|| PackageChange::of(package.id.clone()));
        change.paused = Some(true);
    }
}

/// Changes a line that belongs to no media buy: its days, or whether it runs.
async fn alone(work: &mut Work<'_>, one: &Weighed, target: &Target) -> Result<Left, Fault> {
    let id = one.entry.line;
    let stored = work.find::<Line, _>(id).await?;
    let left = Left {
        kind: Line::KIND.to_owned(),
        id: id.to_string(),
        revision: stored.revision + 1,
    };
    let allowed = Target {
        end: target.end,
        paused: target.paused,
        ..Target::default()
    };
    if allowed != *target || (target.end.is_some() && target.paused.is_some()) {
        let message = format!(
            "{} belongs to no media buy: only its end can be changed, or whether it runs",
            one.entry.name
        );
        return Err(Fault::wrong_state("REFUSED", message));
    }
    let by = work.caller().name.clone();
    let before = work.batch.puts.len();
    if let Some(paused) = target.paused {
        stop(work, &stored, paused, &by)?;
    }
    if let Some(end) = target.end {
        let order = work.find::<Order, _>(stored.record.order_id).await?;
        let product = work
            .get::<Product>(stored.record.product_id.as_str())
            .await?;
        let product = product.ok_or_else(|| {
            Fault::conflict(
                "PRODUCT_UNAVAILABLE",
                "its product is no longer in the catalogue",
            )
        })?;
        let line = &stored.record;
        let draft = LineDraft {
            product_id: line.product_id.clone(),
            name: line.name.clone(),
            start: line.flight.first(),
            end: days(one.terms.clock.start(), end).1,
            rate_type: Some(line.rate_type),
            rate: Some(line.rate.amount()),
            quantity: line.quantity,
            targeting: line.targeting.clone(),
            ext: line.ext.clone(),
        };
        amend(work, &order, (&product.record, &stored), draft, true).await?;
        work.expect(&order);
    }
    if work.batch.puts.len() == before {
        let message = format!("{} does not run yet", one.entry.name);
        return Err(Fault::wrong_state("REFUSED", message));
    }
    Ok(left)
}

/// What is written of an object in this commit.
fn written<R: Record>(work: &Work<'_>, id: &str) -> Result<Option<R>, Fault> {
    let mut puts = work.batch.puts.iter().rev();
    let put = puts.find(|put| put.kind == R::KIND && put.id == id);
    put.map(|put| serde_json::from_str(&put.body).map_err(Fault::broken))
        .transpose()
}

/// A line before, and as it is written now; where the publisher has to agree first, as it would
/// be.
fn outcome(work: &Work<'_>, one: &Weighed, wanted: Terms, asks: bool) -> Result<Outcome, Fault> {
    let mut entry = one.entry.clone();
    if let Some(line) = written::<Line>(work, &entry.line.to_string())? {
        entry.booked = Booked::of(&line);
    }
    if let Some(buy) = entry.buy.as_deref().filter(|_| !asks)
        && let Some(after) = written::<MediaBuy>(work, buy.id.as_str())?
    {
        let buy = Buy {
            bought: Bought::of(&after),
            ..buy.clone()
        };
        entry.buy = Some(buy.into());
    }
    let after = if asks {
        would(entry, wanted, one)
    } else {
        Weighed::new(entry, &Bounds::default(), work.now())?
    };
    Ok(Outcome {
        line_id: one.entry.line,
        line: one.entry.name.clone(),
        currency: one.terms.currency,
        changes: changed(one, &after),
        before: Outlook::of(one),
        after: Outlook::of(&after),
        asks,
    })
}

fn would(entry: Entry, terms: Terms, one: &Weighed) -> Weighed {
    let figures = one.seen.as_ref().map(|seen| Figures::of(&terms, seen));
    let counted = one.seen.as_ref().zip(figures.as_ref());
    let status = Bounds::default().judge(&terms, counted);
    Weighed {
        entry,
        terms,
        seen: one.seen,
        figures,
        status,
    }
}

impl Outlook {
    fn of(one: &Weighed) -> Self {
        let figures = one.figures.as_ref();
        Self {
            status: one.status,
            goal: one.terms.goal.amount(),
            budget: one.terms.budget,
            end: one.terms.clock.end(),
            index: figures.and_then(|figures| figures.index),
            required_daily: figures.and_then(|figures| figures.required_daily),
            projected: figures.and_then(|figures| figures.band),
            projected_share: figures.and_then(|figures| figures.projected),
            at_risk: figures.and_then(|figures| figures.at_risk),
        }
    }
}

/// What is different of a line.
fn changed(before: &Weighed, after: &Weighed) -> Vec<Changed> {
    let pairs = fields(before).into_iter().zip(fields(after));
    let parcel = before.entry.parcel().map(|(_, parcel)| parcel);
    pairs
        .filter_map(|(was, is)| Some((was?, is?)))
        .filter(|(was, is)| was != is)
        .map(|(was, is)| Changed {
            line_id: before.entry.line,
            line: before.entry.name.clone(),
            media_buy_id: before.entry.buy.as_ref().map(|buy| buy.id.clone()),
            package_id: parcel.map(|parcel| parcel.id.clone()),
            before: was,
            after: is,
        })
        .collect()
}

fn fields(one: &Weighed) -> [Option<Field>; 6] {
    use crate::domain::pacing::{curve::Pacing, terms::Lifecycle};
    let terms = &one.terms;
    let goal = terms.goal.amount().map(Ratio::floor);
    let budget = terms.budget.zip(terms.currency);
    [
        Some(Field::End(terms.clock.end())),
        goal.and_then(|goal| u64::try_from(goal).ok())
            .map(Field::Goal),
        budget
            .and_then(|(budget, currency)| in_money(budget, currency))
            .map(Field::Budget),
        Some(Field::Pacing(match terms.pacing {
            Pacing::Asap => Spread::Asap,
            Pacing::FrontLoaded => Spread::FrontLoaded,
            Pacing::Even | Pacing::Custom(_) => Spread::Even,
        })),
        terms.priority.map(Field::Priority),
        Some(Field::Paused(terms.lifecycle == Lifecycle::Paused)),
    ]
}
