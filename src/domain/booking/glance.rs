//! What a list shows of a job beside its name, money and dates: small enough to be kept next
//! to the job and read in its place. Refuses to be more than can be drawn from the job again.

use std::ops::Not;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    job::{ExecutionStatus, Job},
    upstream::differ::{Health, disagreements, health},
};

/// A job at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Glance {
    /// Where it is, in the nine states of the engine.
    pub status: ExecutionStatus,
    /// How far it is, in thousandths.
    pub progress: u16,
    /// The first day that is planned for.
    pub first_day: NaiveDate,
    /// The last day.
    pub last_day: NaiveDate,
    /// How many recommendations there are so far.
    pub recommended: u32,
    /// How many lines were booked, and how many were approved.
    pub booked: (u32, u32),
    /// Who sent it.
    pub submitted_by: Box<str>,
    /// Where it lives elsewhere: what it comes to, and how often asked and shown disagree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream: Option<(Health, u16)>,
    /// How many of its lines are not at their sellers as they were booked.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub amiss: u16,
    /// Whether another job tries it again.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub retried: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(count: &u16) -> bool {
    *count == 0
}

impl Glance {
    /// Looks at a job.
    #[must_use]
    pub fn of(job: &Job) -> Self {
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let booked = job.lines.iter().filter(|line| line.is_booked()).count();
        Self {
            status: job.status,
            progress: job.progress,
            first_day: job.brief.flight.first(),
            last_day: job.brief.flight.last(),
            recommended: count(job.recommendations().count()),
            booked: (count(booked), count(job.lines.len())),
            submitted_by: job.submitted_by.as_str().into(),
            retried: job.retried_as.is_some(),
            amiss: job
                .lines
                .iter()
                .filter_map(|line| line.there.as_ref())
                .fold(0, |count, there| count + u16::from(there.is_amiss())),
            upstream: health(job).map(|health| {
                let count = disagreements(job).len();
                (health, u16::try_from(count).unwrap_or(u16::MAX))
            }),
        }
    }
}
