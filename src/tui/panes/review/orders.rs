//! The approval as a proposal: every line that will be booked with its numbers, what it
//! comes to, what is left, pinned to the revision that the person saw. Refuses to be made of
//! a job that nobody can decide about any more.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    figures,
    item::Item,
    sheet::{Seen, Sheet},
};
use crate::{
    domain::{
        ids::{JobId, ProductId},
        money::Money,
    },
    engine::{
        bookings::{approve::ApproveJob, get::GetJob, view::JobView},
        fault::Fault,
    },
    tui::{
        clean::Clean,
        consent::Consent,
        effect::{Done, Proposal, Renew, Step},
        panes::sums::Sums,
        theme::Role,
    },
};

/// What a proposal has to know of a job.
#[derive(Debug, Clone)]
pub struct Choice {
    id: JobId,
    name: Clean,
    revision: i64,
    budget: Money,
    flight: Clean,
    sums: Sums,
    all: usize,
    lines: Vec<Clean>,
    products: Vec<ProductId>,
    /// What was ticked and is no longer there.
    gone: Vec<ProductId>,
    changed: Vec<Clean>,
    /// What it spends that the ceiling of the system that it lives in does not catch.
    warnings: Vec<Clean>,
}

impl Choice {
    /// What is ticked of a job, as the person sees it.
    #[must_use]
    pub fn of(sheet: &Sheet) -> Option<Self> {
        let changed = sheet.changed().to_vec();
        Some(Self::new(sheet.seen()?, sheet.ticks(), changed))
    }

    fn new(seen: &Seen, ticks: &BTreeSet<ProductId>, changed: Vec<Clean>) -> Self {
        let ticked = seen.items.iter().filter(|item| item.ticked);
        let lines = ticked.clone().map(|item| {
            let publisher = &item.view.publisher;
            let impressions = figures::grouped(item.view.impressions);
            let (cpm, cost) = (figures::bare(item.cpm), item.cost);
            clean!(
                "{}, {publisher}: {impressions} impressions at {cpm} CPM, {cost}",
                item.name()
            )
        });
        let there: BTreeSet<&ProductId> = ticked.clone().map(Item::product).collect();
        Self {
            id: seen.job.job_id,
            name: seen.name.clone(),
            revision: seen.job.revision,
            budget: seen.budget,
            flight: clean!("{} to {}", seen.job.start_date, seen.job.end_date),
            sums: seen.sums(),
            all: seen.items.len(),
            lines: lines.collect(),
            gone: ticks
                .iter()
                .filter(|id| !there.contains(id))
                .cloned()
                .collect(),
            products: there.into_iter().cloned().collect(),
            changed,
            warnings: seen
                .job
                .spend_warnings(|id| {
                    seen.items
                        .iter()
                        .any(|one| one.ticked && one.product() == id)
                })
                .iter()
                .map(|one| Clean::new(one))
                .collect(),
        }
    }

    /// The command that it comes to.
    #[must_use]
    pub fn operation(&self) -> ApproveJob {
        ApproveJob {
            job_id: self.id,
            approved_product_ids: Some(self.products.clone()),
            expected_revision: Some(self.revision),
            // They stand in the question that was agreed to.
            despite_warnings: !self.warnings.is_empty(),
        }
    }

    fn step(&self) -> Step {
        let name = self.name.clone();
        let (count, cost) = (self.sums.count, self.sums.cost);
        Step::new(self.name.clone(), self.operation(), move |_: JobView| {
            Done::said(match count {
                0 => clean!("{name} is completed with nothing booked"),
                count => {
                    let lines = figures::many(count, "line");
                    clean!("{name}: {lines} for {cost} are being booked")
                }
            })
        })
    }

    fn describe(&self, lines: &mut Vec<(Clean, Role)>) {
        lines.push(("".into(), Role::Text));
        let (name, flight) = (&self.name, &self.flight);
        lines.push((
            clean!(
                "{name}: {} of {} recommendations, flight {flight}",
                self.sums.count,
                self.all
            ),
            Role::Title,
        ));
        let changed = self.changed.iter();
        lines.extend(changed.map(|one| (clean!("! changed since you looked: {one}"), Role::Warn)));
        let gone = self.gone.iter();
        lines.extend(gone.map(|id| (clean!("! no longer offered, left out: {id}"), Role::Warn)));
        let warnings = self.warnings.iter();
        lines.extend(warnings.map(|one| (clean!("! {one}"), Role::Warn)));
        let each = self.lines.iter();
        lines.extend(each.map(|line| (clean!("  {line}"), Role::Text)));
        if self.sums.count == 0 {
            let said = "  Nothing will be booked: the job completes as it is.";
            lines.push((said.into(), Role::Warn));
        } else {
            let left = self.budget.minus(self.sums.cost).unwrap_or(self.budget);
            let cost = self.sums.cost;
            lines.push((
                clean!("  together {cost} of {}, {left} left", self.budget),
                Role::Accent,
            ));
        }
        if let Some(rest) = self.all.checked_sub(self.sums.count)
            && rest > 0
        {
            let rest = figures::many(rest, "recommendation");
            lines.push((clean!("  {rest} will be turned down"), Role::Muted));
        }
    }
}

/// What the person types to agree.
fn typed(choices: &[Choice]) -> Consent {
    match choices {
        // A name of nothing cannot be typed.
        [one] if !one.name.is_empty() => Consent::name(one.name.as_str(), &one.id.to_string()),
        [_] => Consent::words("approve"),
        many => Consent::words(figures::many(many.len(), "job")),
    }
}

/// Approves what is ticked of jobs, for good. `beside` says what is left alone, and why.
#[must_use]
pub fn approve(choices: &[Choice], beside: Vec<Clean>) -> Proposal {
    let count: usize = choices.iter().map(|one| one.sums.count).sum();
    let cost = figures::apart(choices.iter().map(|one| one.sums.cost));
    let what = match choices {
        [one] => one.name.clone(),
        many => figures::many(many.len(), "job"),
    };
    let head = if count == 0 {
        clean!("This decides for none of it: {what} completes, and no money is spent.")
    } else {
        clean!(
            "This books {} with their sellers for {cost}.",
            figures::many(count, "line")
        )
    };
    let mut lines = vec![
        (head, Role::Text),
        ("It cannot be undone.".into(), Role::Warn),
    ];
    for one in choices {
        one.describe(&mut lines);
    }
    if !beside.is_empty() {
        lines.push(("".into(), Role::Text));
        let left = beside.into_iter();
        lines.extend(left.map(|one| (clean!("left alone: {one}"), Role::Muted)));
    }
    Proposal {
        title: if count == 0 {
            clean!("Approve nothing of {what}")
        } else {
            clean!("Approve {what}")
        },
        lines,
        typed: Some(typed(choices)),
        button: if count == 0 {
            "complete with nothing"
        } else {
            "approve and book"
        },
        steps: choices.iter().map(Choice::step).collect(),
        renew: Some(renewed(choices)),
    }
}

/// Reads the jobs that have changed again and proposes the same products of what they are now.
fn renewed(choices: &[Choice]) -> Renew {
    let wanted: Vec<(JobId, BTreeSet<ProductId>)> = choices
        .iter()
        .map(|one| {
            (
                one.id,
                one.products.iter().chain(&one.gone).cloned().collect(),
            )
        })
        .collect();
    Arc::new(move |session, late| {
        let late = late.iter().filter_map(|at| wanted.get(*at).cloned());
        let wanted: Vec<_> = late.collect();
        Box::pin(async move {
            let mut jobs = Vec::with_capacity(wanted.len());
            for (job_id, ticks) in wanted {
                jobs.push((session.ask(GetJob { job_id }).await?, ticks));
            }
            again(jobs)
        })
    })
}

/// The same products of the jobs as they are now.
///
/// # Errors
/// When nothing is left to decide, or what was ticked no longer fits the budget.
pub fn again(jobs: Vec<(JobView, BTreeSet<ProductId>)>) -> Result<Proposal, Fault> {
    let (mut choices, mut beside) = (Vec::new(), Vec::new());
    for (job, ticks) in jobs {
        let seen = Seen::ticked(job, &ticks);
        if let Some(why) = seen.closed() {
            beside.push(why);
            continue;
        }
        if let Some(over) = seen.over() {
            let message = format!(
                "what is ticked of {} now costs {over} more than its budget",
                seen.name
            );
            let fault = Fault::conflict("OVER_BUDGET", message);
            return Err(fault.hint("close this and take some ticks away"));
        }
        if !ticks.is_empty() && seen.sums().count == 0 {
            let message = format!(
                "nothing of what was ticked of {} is still offered",
                seen.name
            );
            return Err(Fault::conflict("NOT_OFFERED", message));
        }
        choices.push(Choice::new(&seen, &ticks, Vec::new()));
    }
    if choices.is_empty() {
        let why: Vec<String> = beside.iter().map(ToString::to_string).collect();
        return Err(Fault::conflict("ALREADY_DECIDED", why.join("; ")));
    }
    Ok(approve(&choices, beside))
}
