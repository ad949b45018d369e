//! What a job that lives elsewhere comes to, and where what was asked and what is shown are not
//! the same. Worked out from what is known each time; decides nothing.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Upstream, decided::Decision, shown::status};
use crate::domain::{
    booking::{
        job::{Approval, ExecutionStatus, Job},
        lines::LineWork,
        recommendation::{Recommendation, RecommendationStatus},
    },
    money::Money,
    opendirect::booking_status::LineBookingStatus,
};

/// The most that is said of one job.
const MOST: usize = 50;

/// What a job that lives elsewhere comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// Its brief has yet to be sent.
    Unsent,
    /// Its brief was sent, and nobody knows yet whether it arrived.
    OnItsWay,
    /// It is being worked on there.
    Working,
    /// It waits for a decision.
    ToDecide,
    /// It says that it waits for a decision, and there is nothing to decide on.
    ResearchFailed,
    /// The decision was sent; what was booked has yet to be seen.
    Deciding,
    /// Everything that was approved was booked.
    Booked,
    /// Some of what was approved was booked, or there were errors.
    Partial,
    /// It says that it is done, and nothing was booked.
    BookedNothing,
    /// Nothing was approved, and nothing was booked.
    NothingApproved,
    /// It failed.
    Failed,
    /// It says something of itself that nobody here knows.
    Unknown,
    /// The other side does not show it any more.
    Gone,
}

impl Health {
    /// In words, for people.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Unsent => "not sent yet",
            Self::OnItsWay => "sent, not seen there yet",
            Self::Working => "at work there",
            Self::ToDecide => "waits for a decision",
            Self::ResearchFailed => "research failed: there is nothing to decide on",
            Self::Deciding => "decided, what was booked is not seen yet",
            Self::Booked => "booked",
            Self::Partial => "booked in part or with errors",
            Self::BookedNothing => "booked nothing",
            Self::NothingApproved => "nothing was approved",
            Self::Failed => "failed there",
            Self::Unknown => "in a state that is not known here",
            Self::Gone => "gone at the upstream, kept here",
        }
    }

    /// Whether somebody should look.
    #[must_use]
    pub fn is_bad(self) -> bool {
        matches!(
            self,
            Self::ResearchFailed
                | Self::Partial
                | Self::BookedNothing
                | Self::Failed
                | Self::Unknown
                | Self::Gone
        )
    }
}

/// Something that is not as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Disagreement {
    /// What it is about, such as `budget`.
    pub about: String,
    /// What was asked, or told before.
    pub asked: String,
    /// What is shown.
    pub shown: String,
}

impl Disagreement {
    fn new(about: impl Into<String>, asked: impl Into<String>, shown: impl Into<String>) -> Self {
        Self {
            about: about.into(),
            asked: asked.into(),
            shown: shown.into(),
        }
    }

    /// As a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        format!("{}: asked {}, shown {}", self.about, self.asked, self.shown)
    }
}

/// What a job comes to; nothing for one that lives here.
#[must_use]
pub fn health(job: &Job) -> Option<Health> {
    let known = job.upstream.as_deref()?;
    if known.missing_since.is_some() {
        return Some(Health::Gone);
    }
    if known.id.is_none() && !job.status.is_final() {
        return Some(if known.sent_at.is_some() {
            Health::OnItsWay
        } else {
            Health::Unsent
        });
    }
    let booked = job.lines.iter().filter(|line| line.is_booked()).count();
    let none_approved = known
        .decision
        .as_ref()
        .is_some_and(|one| one.products.is_empty());
    Some(match job.status {
        ExecutionStatus::AwaitingApproval if job.recommendations().next().is_none() => {
            Health::ResearchFailed
        }
        ExecutionStatus::AwaitingApproval => Health::ToDecide,
        ExecutionStatus::ExecutingBookings => Health::Deciding,
        ExecutionStatus::Completed if booked == 0 && none_approved => Health::NothingApproved,
        ExecutionStatus::Completed if booked == 0 => Health::BookedNothing,
        ExecutionStatus::Completed if booked < job.lines.len() || !job.errors.is_empty() => {
            Health::Partial
        }
        ExecutionStatus::Completed => Health::Booked,
        ExecutionStatus::Failed | ExecutionStatus::ValidationFailed => Health::Failed,
        _ if matches!(&*known.status, "" | status::PENDING | status::RUNNING) => Health::Working,
        _ => Health::Unknown,
    })
}

/// Where what was asked and what is shown are not the same.
#[must_use]
pub fn disagreements(job: &Job) -> Vec<Disagreement> {
    let Some(known) = job.upstream.as_deref() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    of_the_brief(job, known, &mut found);
    of_the_plan(job, &mut found);
    if let (Some(decision), Some(approval)) = (&known.decision, &job.approval) {
        if job.status.is_final() {
            of_the_count(job, decision, approval, &mut found);
            of_the_lines(job, decision, &mut found);
        } else if known.missing_since.is_some() && decision.sent_at.is_some() {
            found.push(Disagreement::new(
                "booking",
                format!("{} approved for {}", approval.approved, approval.cost),
                "the job is gone there before it was seen what was booked",
            ));
        }
    } else if known.own && job.lines.iter().any(LineWork::is_booked) {
        found.push(Disagreement::new(
            "booking",
            "nothing was approved here",
            format!("{} lines booked", job.lines.len()),
        ));
    }
    of_the_sellers(job, &mut found);
    found.truncate(MOST);
    found
}

fn of_the_brief(job: &Job, known: &Upstream, found: &mut Vec<Disagreement>) {
    let Some(listed) = known.listed.as_ref().filter(|_| known.own) else {
        return;
    };
    if listed.name != job.brief.name {
        found.push(Disagreement::new("name", &job.brief.name, &listed.name));
    }
    if listed.budget != Some(job.brief.budget) {
        let shown = listed
            .budget
            .map_or_else(|| "no amount".to_owned(), |it| it.to_string());
        found.push(Disagreement::new(
            "budget",
            job.brief.budget.to_string(),
            shown,
        ));
    }
}

fn of_the_plan(job: &Job, found: &mut Vec<Disagreement>) {
    let budget = job.brief.budget;
    let spread = Money::sum(
        budget.currency(),
        job.allocations.iter().map(|one| one.budget),
    );
    if let Ok(spread) = spread
        && !job.allocations.is_empty()
        // The other side rounds each channel by itself.
        && (spread.minor() - budget.minor()).abs() > 100
    {
        found.push(Disagreement::new(
            "sum of the channels",
            budget.to_string(),
            spread.to_string(),
        ));
    }
    for one in &job.allocations {
        if !job.brief.allows(one.channel) {
            found.push(Disagreement::new(
                format!("channel {}", one.channel),
                "not asked for",
                one.budget.to_string(),
            ));
        }
    }
}

fn of_the_count(
    job: &Job,
    decision: &Decision,
    approval: &Approval,
    found: &mut Vec<Disagreement>,
) {
    let booked: Vec<&LineWork> = job.lines.iter().filter(|line| line.is_booked()).collect();
    let matched = job
        .recommendations()
        .filter(|one| one.status == RecommendationStatus::Approved)
        .count();
    let lines = |count: usize| {
        if count == 1 {
            "1 line".to_owned()
        } else {
            format!("{count} lines")
        }
    };
    let approved = usize::try_from(approval.approved).unwrap_or(usize::MAX);
    if matched != approved {
        found.push(Disagreement::new(
            "approved",
            approval.approved.to_string(),
            matched.to_string(),
        ));
    }
    if booked.len() != approved {
        found.push(Disagreement::new(
            "booked",
            lines(approved),
            lines(booked.len()),
        ));
    }
    let told = decision.answer.as_ref().and_then(|answer| answer.booked);
    if let Some(told) = told.filter(|told| usize::try_from(*told) != Ok(booked.len())) {
        let told = usize::try_from(told).unwrap_or(usize::MAX);
        found.push(Disagreement::new(
            "its own answer",
            format!("{} said to be booked", lines(told)),
            lines(booked.len()),
        ));
    }
    let cost = Money::sum(
        approval.cost.currency(),
        booked.iter().map(|line| line.cost),
    );
    if let Ok(cost) = cost
        && cost != approval.cost
    {
        found.push(Disagreement::new(
            "total cost",
            approval.cost.to_string(),
            cost.to_string(),
        ));
    }
}

fn of_the_lines(job: &Job, decision: &Decision, found: &mut Vec<Disagreement>) {
    for line in job.lines.iter().filter(|line| line.is_booked()) {
        if !decision.products.contains(&line.product_id) {
            found.push(Disagreement::new(
                &line.product_name,
                "not approved here",
                format!("booked for {}", line.cost),
            ));
            continue;
        }
        let approved = approved(job, line);
        let Some(approved) = approved else { continue };
        if line.cpm != approved.cpm {
            let about = format!("price of {}", line.product_name);
            let (asked, shown) = (approved.cpm.to_string(), line.cpm.to_string());
            found.push(Disagreement::new(about, asked, shown));
        }
        if line.impressions != approved.impressions {
            let about = format!("impressions of {}", line.product_name);
            let (asked, shown) = (
                approved.impressions.to_string(),
                line.impressions.to_string(),
            );
            found.push(Disagreement::new(about, asked, shown));
        }
    }
}

/// The recommendation that a line was booked for: of two with one product the one with most
/// impressions, as the other side chooses.
fn approved<'a>(job: &'a Job, line: &LineWork) -> Option<&'a Recommendation> {
    let same = job
        .recommendations()
        .filter(|one| one.product_id == line.product_id);
    same.max_by_key(|one| one.impressions)
}

fn of_the_sellers(job: &Job, found: &mut Vec<Disagreement>) {
    let booked = job.lines.iter().filter(|line| line.is_booked());
    let proposed = booked
        .filter(|line| line.since == Some(LineBookingStatus::PendingBooking))
        .count();
    if proposed > 0 {
        found.push(Disagreement::new(
            "sellers",
            "booked",
            format!("{proposed} only proposed"),
        ));
    }
}
