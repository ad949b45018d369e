//! A decision on a job that lives in another company's system: what must hold before it is kept,
//! and what is kept of it so that it is told once.

use crate::{
    domain::{
        booking::{
            job::{Choice, ExecutionStatus, Job},
            recommendation::RecommendationStatus,
            upstream::{decided::Decision, spend::Spend},
        },
        ids::ProductId,
        when::Instant,
    },
    engine::{fault::Fault, work::Work},
};

/// Refuses to decide on what cannot be decided there.
///
/// # Errors
/// With what is in the way.
pub fn check(work: &Work<'_>, job: &Job, choice: &Choice) -> Result<(), Fault> {
    let Some(known) = job.upstream.as_deref() else {
        return Ok(());
    };
    if work.desk().upstreams.of(work.tenant()).is_none() {
        let message = format!(
            "this job lives in {}, which is not set up here any more",
            known.kind.words()
        );
        return Err(Fault::conflict("UPSTREAM_NOT_SET_UP", message)
            .hint("put its address back into the settings"));
    }
    if let Some(since) = known.missing_since {
        let since = since.format("%Y-%m-%d %H:%M:%S UTC");
        let message =
            format!("the upstream does not show this job since {since}: nothing can be booked");
        return Err(Fault::conflict("GONE_AT_UPSTREAM", message)
            .hint("send the brief again; if it was approved before, ask the sellers first"));
    }
    let nothing = job.recommendations().next().is_none();
    if nothing && *choice == Choice::All {
        let why = job.errors.first().map_or("it says nothing", String::as_str);
        let message =
            format!("research failed at the upstream, there is nothing to approve: {why}");
        return Err(Fault::conflict("RESEARCH_FAILED", message)
            .hint("send the brief again, or approve none to complete the job there"));
    }
    Ok(())
}

/// Keeps a decision that was just taken, to be told there. What the other side's own ceiling
/// would not catch is refused until whoever decides has said that it is meant.
///
/// # Errors
/// With the warnings, while nobody has said that it is meant.
pub fn keep(job: &mut Job, despite: bool) -> Result<(), Fault> {
    if job.upstream.is_none() {
        return Ok(());
    }
    let approved = |status| status == RecommendationStatus::Approved;
    let warnings = Spend::of(job, |one| approved(one.status)).warnings();
    if let Some(first) = warnings.first()
        && !despite
    {
        let more = match warnings.len() - 1 {
            0 => String::new(),
            more => format!(" (and {more} more)"),
        };
        return Err(Fault::conflict("SPEND_WARNING", format!("{first}{more}: nothing was approved"))
            .hint("approve less, or say that it is meant: `--despite-warnings`, or the header `despite-warnings: yes`")
            .with("warnings", warnings));
    }
    let mut products: Vec<ProductId> = Vec::new();
    for one in job.recommendations().filter(|one| approved(one.status)) {
        if !products.contains(&one.product_id) {
            products.push(one.product_id.clone());
        }
    }
    let all = job.recommendations().all(|one| approved(one.status));
    let known = super::known(job)?;
    known.decision = Some(Decision {
        all: all && !products.is_empty(),
        products,
        sent_at: None,
        tries: 0,
        answer: None,
        lost: None,
    });
    Ok(())
}

/// Since when a decision is out whose effect was not seen.
#[must_use]
pub fn out_since(job: &Job) -> Option<Instant> {
    let decision = job.upstream.as_deref()?.decision.as_ref()?;
    decision
        .sent_at
        .filter(|_| job.status == ExecutionStatus::ExecutingBookings)
}
