//! Takes over what the other side shows of a job. Taken over twice it changes nothing: what has
//! no order there is put in one here. Refuses to take a decision back because the other side,
//! which knows no state between waiting and done, still shows it as waiting.

use std::collections::BTreeMap;

use super::shown::{ShownJob, ShownLine, ShownRecommendation, status};
use crate::domain::{
    booking::{
        allocation::ChannelAllocation,
        fit::Fit,
        job::{ExecutionStatus, Job, Research},
        lines::{LineWork, Placed},
        recommendation::{Recommendation, RecommendationStatus},
    },
    channel::Channel,
    money::{Currency, Money},
    opendirect::{booking_status::LineBookingStatus, product::DeliveryType},
    when::Instant,
};

/// How far a job is there that waits for a decision, in thousandths.
const AWAITING: u16 = 900;

/// Takes over what is shown; false when that is nothing new.
pub fn take(job: &mut Job, shown: &ShownJob, at: Instant) -> bool {
    let before = job.clone();
    let Some(upstream) = &mut job.upstream else {
        return false;
    };
    upstream.status.clone_from(&shown.status);
    upstream.missing_since = None;
    let decided = upstream.decision.is_some();
    let said = upstream.said.iter().chain(&shown.errors);
    job.errors = said.cloned().collect();
    let over = matches!(&*shown.status, status::COMPLETED | status::FAILED);
    // What was decided is decided, whatever it is shown as until it is over: also where somebody
    // has closed it here meanwhile.
    let waits = matches!(
        job.status,
        ExecutionStatus::ExecutingBookings | ExecutionStatus::Failed
    );
    let deciding = decided && waits;
    if !deciding || over {
        take_whole(job, shown, at);
    }
    let changed = *job != before;
    if changed && let Some(upstream) = &mut job.upstream {
        upstream.seen_at = Some(at);
    }
    changed
}

/// Takes a decision back that did nothing, and says why; a person decides again.
pub fn withdraw(job: &mut Job, why: String) {
    for found in job.research.values_mut() {
        if let Research::Found(all) = found {
            for one in all {
                one.status = RecommendationStatus::PendingApproval;
            }
        }
    }
    job.status = ExecutionStatus::AwaitingApproval;
    job.progress = AWAITING;
    job.approval = None;
    job.lines = Vec::new();
    job.errors.push(why.clone());
    if let Some(upstream) = &mut job.upstream {
        upstream.decision = None;
        upstream.said.push(why);
    }
}

fn take_whole(job: &mut Job, shown: &ShownJob, at: Instant) {
    let currency = job.brief.budget.currency();
    job.status = stands(shown);
    job.progress = shown.progress;
    let allocations = shown.allocations.iter().map(|one| ChannelAllocation {
        channel: channel(&one.channel),
        budget: one.budget,
        share_bp: one.share_bp,
        rationale: one.rationale.clone(),
    });
    job.allocations = allocations.collect();
    job.allocations.sort_by_key(|one| one.channel);
    job.research = research(job, shown, currency);
    job.lines = lines(job, &shown.lines, at);
}

fn stands(shown: &ShownJob) -> ExecutionStatus {
    match &*shown.status {
        status::PENDING => ExecutionStatus::Initialized,
        status::AWAITING => ExecutionStatus::AwaitingApproval,
        status::COMPLETED => ExecutionStatus::Completed,
        status::FAILED => ExecutionStatus::Failed,
        status::RUNNING if shown.progress >= 800 => ExecutionStatus::ExecutingBookings,
        // Whatever the word is, it has not ended.
        _ => ExecutionStatus::Researching,
    }
}

/// A channel by the other side's word; one that nobody here knows is shown as branding, and its
/// own word stands in the reasons.
fn channel(word: &str) -> Channel {
    word.parse().unwrap_or(Channel::Branding)
}

fn reasons(word: &str, rationale: &str) -> String {
    if word.parse::<Channel>().is_ok() {
        return rationale.to_owned();
    }
    let word = crate::domain::text::echo(word);
    format!("Its channel there is \"{word}\". {rationale}")
}

fn research(job: &Job, shown: &ShownJob, currency: Currency) -> BTreeMap<Channel, Research> {
    let mut all = shown.recommendations.clone();
    all.sort();
    let mut found: BTreeMap<Channel, Vec<Recommendation>> = BTreeMap::new();
    for one in all {
        let list = found.entry(channel(&one.channel)).or_default();
        let priority = u32::try_from(list.len() + 1).unwrap_or(u32::MAX);
        let status = became(job, &one);
        list.push(recommendation(one, priority, status, currency));
    }
    let found = found.into_iter();
    found
        .map(|(channel, all)| (channel, Research::Found(all)))
        .collect()
}

/// What has become of a recommendation: the other side leaves some as they were before it was
/// decided, so what was decided here counts where it says nothing.
fn became(job: &Job, one: &ShownRecommendation) -> RecommendationStatus {
    let decision = job
        .upstream
        .as_ref()
        .and_then(|known| known.decision.as_ref());
    match (&*one.status, decision) {
        ("approved", _) => RecommendationStatus::Approved,
        ("rejected", _) => RecommendationStatus::Rejected,
        (_, Some(decision)) => {
            let chosen = |id: &&crate::domain::ids::ProductId| id.as_str() == one.product_id;
            if decision.products.iter().any(|id| chosen(&id)) {
                RecommendationStatus::Approved
            } else {
                RecommendationStatus::Rejected
            }
        }
        _ => RecommendationStatus::PendingApproval,
    }
}

fn recommendation(
    one: ShownRecommendation,
    priority: u32,
    status: RecommendationStatus,
    currency: Currency,
) -> Recommendation {
    Recommendation {
        rationale: reasons(&one.channel, &one.rationale),
        product_id: one.product_id.into(),
        seller: one.publisher.as_str().into(),
        product_name: one.product_name,
        publisher: one.publisher,
        channel: channel(&one.channel),
        format: one.format,
        impressions: one.impressions,
        cpm: Money::new(one.cpm, currency),
        cost: Money::new(one.cost, currency),
        targeting: BTreeMap::new(),
        priority,
        status,
        fit: Fit::unknown(),
        delivery_type: DeliveryType::Guaranteed,
        negotiation: None,
        available: one.impressions,
        unsaid: Vec::new(),
        price: None,
    }
}

/// The lines that are shown, and those that were approved here and are not.
fn lines(job: &Job, shown: &[ShownLine], at: Instant) -> Vec<LineWork> {
    let currency = job.brief.budget.currency();
    let mut shown = shown.to_vec();
    shown.sort();
    let known = |line: &ShownLine| {
        let mut all = job.lines.iter();
        let same = |one: &&LineWork| {
            one.placed
                .as_ref()
                .is_some_and(|own| own.line_id == line.line)
        };
        all.find(same).and_then(|one| one.booked_at)
    };
    let mut lines: Vec<LineWork> = shown
        .iter()
        .map(|one| LineWork {
            product_id: one.product_id.as_str().into(),
            product_name: one.product_name.clone(),
            seller: one.seller.as_str().into(),
            channel: channel(&one.channel),
            impressions: one.impressions,
            cpm: Money::new(one.cpm, currency),
            cost: Money::new(one.cost, currency),
            placed: Some(Placed {
                order_id: one.order.clone(),
                line_id: one.line.clone(),
            }),
            booked_at: Some(one.booked_at.or_else(|| known(one)).unwrap_or(at)),
            failed: None,
            since: Some(line_status(&one.status)),
            asked_at: None,
            unclear: None,
            there: None,
        })
        .collect();
    if !job.status.is_final() || job.approval.is_none() {
        return lines;
    }
    let there = |one: &Recommendation| {
        shown
            .iter()
            .any(|line| line.product_id == one.product_id.as_str())
    };
    let mut missing: Vec<LineWork> = Vec::new();
    for one in job.recommendations() {
        let told = missing.iter().any(|line| line.product_id == one.product_id);
        if one.status == RecommendationStatus::Approved && !there(one) && !told {
            let mut line = LineWork::new(one);
            line.failed = Some(why(job, one));
            missing.push(line);
        }
    }
    lines.extend(missing);
    lines
}

/// Why an approved product has no line, in the other side's words where it has any.
fn why(job: &Job, one: &Recommendation) -> String {
    let mut errors = job.errors.iter();
    let about = |error: &&String| error.contains(one.product_id.as_str());
    errors.find(about).cloned().unwrap_or_else(|| {
        "it was approved, and the other side shows no line for it and no reason".to_owned()
    })
}

/// Where a line is, by its seller's word in any spelling.
fn line_status(word: &str) -> LineBookingStatus {
    match word.to_ascii_lowercase().as_str() {
        "booked" | "active" | "confirmed" => LineBookingStatus::Booked,
        "inflight" | "in_flight" | "delivering" => LineBookingStatus::InFlight,
        "finished" | "completed" => LineBookingStatus::Finished,
        "paused" | "stopped" => LineBookingStatus::Stopped,
        "cancelled" | "canceled" | "rejected" => LineBookingStatus::Cancelled,
        "expired" => LineBookingStatus::Expired,
        _ => LineBookingStatus::PendingBooking,
    }
}
