//! Orders and the questions about them as tables for people.

use super::super::{Ended, out};
use crate::{
    domain::{
        media_buy::{approval::Wanted, package::days},
        when::Instant,
    },
    engine::media_buys::{
        approvals::Approvals,
        check::{BuyCheck, Stock},
        list::BuyPage,
        upstream::desk::BuysDesk,
        view::BuyView,
    },
};

/// The questions to the publisher.
pub fn approvals(found: &Approvals, now: Instant) -> Result<(), Ended> {
    let headings = [
        "ORDER", "NAME", "BUYER", "ASKS FOR", "AMOUNT", "WAITED", "DECIDED",
    ];
    let mut table = out::Table::new(&headings).right(&[4, 5]);
    for one in &found.approvals {
        let asked = &one.approval;
        let what = match asked.wanted {
            Wanted::Order => "the order",
            Wanted::Change { .. } => "a change",
        };
        let (waited, decided) = match &asked.decision {
            None => (age(asked.asked_at, now), String::new()),
            Some(made) => (
                age(asked.asked_at, made.at),
                format!("{} by {}", made.verdict.name().replace('_', " "), made.by),
            ),
        };
        table.row(&[
            asked.buy_id.to_string(),
            asked.name.clone(),
            asked.asked_by.clone(),
            what.to_owned(),
            asked.amount.to_string(),
            waited,
            decided,
        ]);
    }
    table.print_or("no order waits for the publisher")?;
    if found.approvals.is_empty() {
        out::note("nothing waits for the publisher");
    }
    Ok(())
}

/// How long, in the largest unit that says enough.
fn age(from: Instant, to: Instant) -> String {
    match (to - from).num_minutes() {
        minutes @ ..60 => format!("{} min", minutes.max(0)),
        minutes @ 60..2880 => format!("{} h", minutes / 60),
        minutes => format!("{} d", minutes / 1440),
    }
}

/// A list of media buys.
pub fn buys(page: &BuyPage, desk: &BuysDesk) -> Result<(), Ended> {
    let mut headings = vec![
        "ORDER", "STATUS", "NAME", "BUYER", "TOTAL", "FLIGHT", "TYPES",
    ];
    if !desk.is_embedded() {
        headings.push("UPSTREAM");
    }
    let mut table = out::Table::new(&headings).right(&[4]);
    for view in &page.media_buys {
        let buy = &view.buy;
        let mut types: Vec<&str> = buy.item_types().iter().map(|one| one.name()).collect();
        types.sort_unstable();
        types.dedup();
        let status = match buy.archived_at {
            Some(_) => format!("{}, archived", words(view)),
            None => words(view),
        };
        let mut cells = vec![
            buy.id.to_string(),
            status,
            buy.name.clone(),
            buy.owner.clone(),
            view.total.to_string(),
            flight(view),
            types.join(" "),
        ];
        if !desk.is_embedded() {
            let known = buy.upstream.as_ref();
            cells.push(known.map_or_else(|| "lives here".into(), |known| known.short()));
        }
        table.row(&cells);
    }
    table.print_or("buyers order by `create_media_buy`, and a filter may hide orders")?;
    if !desk.is_embedded() {
        out::note(&desk.sentence());
    }
    if let Some(cursor) = &page.next_cursor {
        let (some, all) = (page.media_buys.len(), page.total);
        out::note(&format!("{some} of {all}; go on with --cursor {cursor}"));
    }
    Ok(())
}

fn words(view: &BuyView) -> String {
    view.buy.status.name().replace('_', " ")
}

fn flight(view: &BuyView) -> String {
    if view.buy.is_undated() {
        return "not shown there".to_owned();
    }
    let (first, last) = days(view.buy.start, view.buy.end);
    format!("{first} to {last}")
}

/// What an order is now, in a line.
pub fn said(view: &BuyView) -> Result<(), Ended> {
    let put = match view.buy.archived_at {
        Some(_) => ", archived",
        None => "",
    };
    out::line(&format!(
        "{}  {}: {}{put}, {}, revision {}",
        view.buy.id,
        view.buy.name,
        words(view),
        view.total,
        view.seen
    ))?;
    let known = view.buy.upstream.as_ref();
    match known.and_then(|known| known.deeds.last()) {
        Some(deed) => out::line(&format!("  asked the sales agent to {}", deed.line())),
        None => Ok(()),
    }
}

/// An order whole.
pub fn order(check: &BuyCheck) -> Result<(), Ended> {
    let view = &check.order;
    let buy = &view.buy;
    out::line(&format!("{}  {}  {}", buy.name, words(view), view.total))?;
    out::line(&format!("order {}, revision {}", buy.id, view.seen))?;
    out::line(&format!("by {}, {}", buy.owner, flight(view)))?;
    upstream(view)?;
    ad_order(view)?;
    if let Some(said) = view.artifacts() {
        out::line(&said)?;
    }
    for one in &check.questions {
        let what = match one.approval.wanted {
            Wanted::Order => "the whole order".to_owned(),
            Wanted::Change { .. } => format!("a change to {}", one.approval.amount),
        };
        let (by, at) = (&one.approval.asked_by, one.approval.asked_at);
        let at = at.format("%Y-%m-%d %H:%M");
        out::line(&format!("{by} asks for {what} since {at}"))?;
    }
    for one in &check.differences {
        out::line(&format!("  {}: {} → {}", one.about, one.old, one.new))?;
    }
    if let Some(problem) = &check.problem {
        out::line(&format!("  ✗ {problem}"))?;
    }
    if let Some(why) = &buy.rejection {
        out::line(&format!("rejected: {why}"))?;
    }
    packages(check)?;
    for one in buy.history.iter().rev() {
        let at = one.at.format("%Y-%m-%d %H:%M:%S");
        out::line(&format!("{at}  {}: {}", one.by, one.summary))?;
    }
    Ok(())
}

/// Where it lives, what came of what was asked, and where it disagrees.
fn upstream(view: &BuyView) -> Result<(), Ended> {
    let Some(known) = &view.buy.upstream else {
        return Ok(());
    };
    out::line(&known.line())?;
    for one in known.remarks() {
        out::line(&format!("  {one}"))?;
    }
    for one in &view.disagreements {
        out::line(&format!("disagrees: {}", one.sentence()))?;
    }
    Ok(())
}

/// Where it is in the tenant's own ad server, and what is not there as it was sold.
pub fn ad_order(view: &BuyView) -> Result<(), Ended> {
    let Some(order) = &view.ad_order else {
        return Ok(());
    };
    out::line(&format!("ad server: {}", order.sentence()))?;
    for one in order.remarks() {
        out::line(&format!("  {one}"))?;
    }
    Ok(())
}

fn packages(check: &BuyCheck) -> Result<(), Ended> {
    let headings = [
        "TYPE",
        "PRODUCT",
        "BUDGET",
        "RATE",
        "UNITS",
        "FLIGHT",
        "CREATIVES",
        "INVENTORY",
    ];
    let mut table = out::Table::new(&headings).right(&[2, 3, 4, 6]);
    for one in &check.packages {
        let package = one
            .package_id
            .as_ref()
            .and_then(|id| check.order.buy.package(id));
        let told = |tell: &dyn Fn(&crate::domain::media_buy::package::Package) -> String| {
            package.map_or_else(|| "new".to_owned(), tell)
        };
        let stock = match one.stock() {
            Stock::Short(problem) => format!("✗ {problem}"),
            Stock::Elsewhere => "kept there".to_owned(),
            Stock::Held => format!("✓ holds all {}", one.needs),
            Stock::Free => format!("✓ needs {}, {} free", one.needs, one.free),
            Stock::Loose => format!("needs {}, {} free", one.needs, one.free),
            Stock::Over => format!("needs {}, and is over", one.needs),
        };
        table.row(&[
            one.item_type.to_string(),
            one.product.clone(),
            told(&|package| package.budget.to_string()),
            told(&|package| package.pricing.rate.to_string()),
            one.needs.to_string(),
            format!("{} to {}", one.first, one.last),
            told(&|package| package.creatives.len().to_string()),
            stock,
        ]);
    }
    table.print()
}
