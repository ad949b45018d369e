//! A booking job: one brief on its way to booked lines. Nine states inside, five outside,
//! every step checked; a job moves forward only and its progress never goes back. Refuses
//! to wait for anything: whoever runs it tells it what came of each step.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{
    booking::{
        allocation::ChannelAllocation,
        asked::AskedSeller,
        audience::AudiencePlan,
        brief::{Brief, CampaignBrief},
        lines::{LineOutcome, LineWork},
        recommendation::{Recommendation, RecommendationStatus},
        upstream::Upstream,
    },
    channel::Channel,
    ids::{JobId, ProductId},
    money::{Money, NotMoney},
    opendirect::booking_status::LineBookingStatus,
    when::Instant,
};

pub use super::status::{ExecutionStatus, JobStatus};

/// What came of searching one channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Research {
    /// What is recommended there.
    Found(Vec<Recommendation>),
    /// Nothing, and why.
    Failed(String),
}

/// Who decided what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Approval {
    /// Who decided; `auto_approve` in the name of whoever sent the brief.
    pub by: String,
    /// When.
    pub at: Instant,
    /// Whether it was decided in advance.
    pub automatic: bool,
    /// How many were approved.
    pub approved: u32,
    /// What they cost together.
    pub cost: Money,
}

/// A job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// The brief as it was sent, for another try.
    pub sent: CampaignBrief,
    /// The brief as it was checked.
    pub brief: Brief,
    /// Whether everything is approved in advance.
    pub auto_approve: bool,
    /// Who sent it.
    pub submitted_by: String,
    /// Where it is.
    pub status: ExecutionStatus,
    /// How far it is, in thousandths.
    pub progress: u16,
    /// The planned audience, once there is one.
    pub audience: Option<AudiencePlan>,
    /// The budget by channel, once it is spread.
    pub allocations: Vec<ChannelAllocation>,
    /// What each seller said, where any is somewhere else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<AskedSeller>,
    /// What came of each channel, as it arrives.
    pub research: BTreeMap<Channel, Research>,
    /// The decision, once there is one.
    pub approval: Option<Approval>,
    /// What became of each approved line.
    pub lines: Vec<LineWork>,
    /// What went wrong, for people.
    pub errors: Vec<String>,
    /// The job that this one tries again.
    pub retry_of: Option<JobId>,
    /// The job that tries this one again.
    pub retried_as: Option<JobId>,
    /// What is known of it in another company's system, where it lives in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream: Option<Box<Upstream>>,
}

/// Why a step is not possible now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not in this state.
    #[error("{0}")]
    WrongState(String),
    /// These ids are none of the job's recommendations.
    #[error("not recommended in this job: {0:?}")]
    Unknown(Vec<String>),
    /// More than the brief allows.
    #[error("the approved lines cost {cost}, {over} more than the budget of {budget}")]
    OverBudget {
        /// What the approved lines cost.
        cost: Money,
        /// What the brief allows.
        budget: Money,
        /// By how much it is passed.
        over: Money,
    },
    /// The sums are no sums of one currency.
    #[error(transparent)]
    Money(#[from] NotMoney),
}

/// Which recommendations are approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// All of them.
    All,
    /// These, and no others; none at all is a decision too.
    Only(Vec<ProductId>),
}

/// Progress at the steps, in thousandths.
mod at {
    pub const RECEIVED: u16 = 50;
    pub const ALLOCATED: u16 = 150;
    pub const RESEARCHED: u16 = 700;
    pub const AWAITING: u16 = 800;
    pub const EXECUTING: u16 = 850;
    pub const DONE: u16 = 1000;
}

impl Job {
    /// Begins with a checked brief.
    #[must_use]
    pub fn new(
        id: JobId,
        sent: CampaignBrief,
        brief: Brief,
        auto_approve: bool,
        submitted_by: String,
    ) -> Self {
        Self {
            id,
            sent,
            brief,
            auto_approve,
            submitted_by,
            status: ExecutionStatus::Initialized,
            progress: 0,
            audience: None,
            allocations: Vec::new(),
            asked: Vec::new(),
            research: BTreeMap::new(),
            approval: None,
            lines: Vec::new(),
            errors: Vec::new(),
            retry_of: None,
            retried_as: None,
            upstream: None,
        }
    }

    /// Everything that is recommended so far, channel by channel.
    pub fn recommendations(&self) -> impl Iterator<Item = &Recommendation> {
        self.research.values().flat_map(|found| match found {
            Research::Found(all) => all.iter(),
            Research::Failed(_) => [].iter(),
        })
    }

    pub(super) fn recommendations_mut(&mut self) -> impl Iterator<Item = &mut Recommendation> {
        self.research.values_mut().flat_map(|found| match found {
            Research::Found(all) => all.iter_mut(),
            Research::Failed(_) => [].iter_mut(),
        })
    }

    fn require(&self, states: &[ExecutionStatus], doing: &str) -> Result<(), Refusal> {
        if states.contains(&self.status) {
            return Ok(());
        }
        Err(Refusal::WrongState(format!(
            "a job that is {} cannot {doing}",
            self.status.outside().words()
        )))
    }

    fn reach(&mut self, progress: u16) {
        self.progress = self.progress.max(progress);
    }

    /// Is taken up, with the audience that was planned.
    ///
    /// # Errors
    /// When it was taken up before.
    pub fn receive(&mut self, audience: AudiencePlan) -> Result<(), Refusal> {
        self.require(&[ExecutionStatus::Initialized], "be taken up")?;
        self.audience = Some(audience);
        self.status = ExecutionStatus::BriefReceived;
        self.reach(at::RECEIVED);
        Ok(())
    }

    /// Finds that its brief no longer holds.
    ///
    /// # Errors
    /// When it has gone on already.
    pub fn fail_validation(&mut self, why: String) -> Result<(), Refusal> {
        self.require(
            &[ExecutionStatus::Initialized, ExecutionStatus::BriefReceived],
            "fail its checks",
        )?;
        self.errors.push(why);
        self.status = ExecutionStatus::ValidationFailed;
        Ok(())
    }

    /// Has its budget spread.
    ///
    /// # Errors
    /// When it is not its turn.
    pub fn allocate(&mut self, allocations: Vec<ChannelAllocation>) -> Result<(), Refusal> {
        self.require(&[ExecutionStatus::BriefReceived], "be allocated")?;
        self.allocations = allocations;
        self.status = ExecutionStatus::BudgetAllocated;
        self.reach(at::ALLOCATED);
        Ok(())
    }

    /// Learns what each seller said that was asked what it has.
    pub fn ask(&mut self, asked: Vec<AskedSeller>) {
        for unasked in asked.iter().filter_map(AskedSeller::unasked) {
            if !self.errors.contains(&unasked) {
                self.errors.push(unasked);
            }
        }
        self.asked = asked;
    }

    /// The channels that nobody has searched yet.
    #[must_use]
    pub fn unsearched(&self) -> Vec<Channel> {
        let searched = |channel: &Channel| self.research.contains_key(channel);
        self.allocations
            .iter()
            .map(|one| one.channel)
            .filter(|channel| !searched(channel))
            .collect()
    }

    /// Has one channel searched.
    ///
    /// # Errors
    /// When it is not its turn, or the channel is not one of the job's.
    pub fn research(&mut self, channel: Channel, outcome: Research) -> Result<(), Refusal> {
        self.require(
            &[
                ExecutionStatus::BudgetAllocated,
                ExecutionStatus::Researching,
            ],
            "be researched",
        )?;
        if !self.unsearched().contains(&channel) {
            return Err(Refusal::WrongState(format!(
                "{channel} was researched already or has no budget"
            )));
        }
        if let Research::Failed(why) = &outcome {
            self.errors
                .push(format!("Research of {channel} failed: {why}"));
        }
        self.research.insert(channel, outcome);
        self.status = ExecutionStatus::Researching;
        let (done, all) = (self.research.len(), self.allocations.len().max(1));
        let part = usize::from(at::RESEARCHED - at::ALLOCATED) * done / all;
        self.reach(at::ALLOCATED + u16::try_from(part).unwrap_or(0));
        Ok(())
    }

    /// Puts the channels together: something to approve, or a failure that says why.
    ///
    /// # Errors
    /// When a channel is still being searched.
    pub fn consolidate(&mut self) -> Result<(), Refusal> {
        self.require(&[ExecutionStatus::Researching], "be consolidated")?;
        if !self.unsearched().is_empty() {
            return Err(Refusal::WrongState(
                "not every channel was researched yet".into(),
            ));
        }
        if self.recommendations().next().is_none() {
            self.fail(
                "There is nothing to approve: no channel has a product that fits this brief."
                    .into(),
            );
            return Ok(());
        }
        for recommendation in self.recommendations_mut() {
            recommendation.status = RecommendationStatus::PendingApproval;
        }
        self.status = ExecutionStatus::AwaitingApproval;
        self.reach(at::AWAITING);
        Ok(())
    }

    /// Takes a decision, whole or not at all.
    ///
    /// # Errors
    /// When nothing waits for one, an id is none of the job's, or the total is over the
    /// budget.
    pub fn approve(
        &mut self,
        choice: &Choice,
        by: String,
        automatic: bool,
        at: Instant,
    ) -> Result<(), Refusal> {
        self.require(&[ExecutionStatus::AwaitingApproval], "be approved")?;
        if let Choice::Only(ids) = choice {
            let known = |id: &ProductId| self.recommendations().any(|one| one.product_id == *id);
            let unknown: Vec<String> = ids
                .iter()
                .filter(|id| !known(id))
                .map(ToString::to_string)
                .collect();
            if !unknown.is_empty() {
                return Err(Refusal::Unknown(unknown));
            }
        }
        let chosen = |one: &Recommendation| match choice {
            Choice::All => true,
            Choice::Only(ids) => ids.contains(&one.product_id),
        };
        let approved: Vec<&Recommendation> =
            self.recommendations().filter(|one| chosen(one)).collect();
        let (budget, lines) = (
            self.brief.budget,
            approved
                .iter()
                .map(|one| LineWork::new(one))
                .collect::<Vec<_>>(),
        );
        let cost = Money::sum(budget.currency(), approved.iter().map(|one| one.cost))?;
        if cost > budget {
            return Err(Refusal::OverBudget {
                cost,
                budget,
                over: cost.minus(budget)?,
            });
        }
        let approved = u32::try_from(lines.len()).unwrap_or(u32::MAX);
        for one in self.recommendations_mut() {
            one.status = if chosen(one) {
                RecommendationStatus::Approved
            } else {
                RecommendationStatus::Rejected
            };
        }
        self.approval = Some(Approval {
            by,
            at,
            automatic,
            approved,
            cost,
        });
        self.lines = lines;
        if approved == 0 && self.upstream.is_none() {
            self.status = ExecutionStatus::Completed;
            self.reach(at::DONE);
        } else {
            self.status = ExecutionStatus::ExecutingBookings;
            self.reach(at::EXECUTING);
        }
        Ok(())
    }

    /// Learns what became of one line.
    ///
    /// # Errors
    /// When nothing is being booked, or there is no such line.
    pub fn line(&mut self, product: &ProductId, outcome: LineOutcome) -> Result<(), Refusal> {
        self.require(&[ExecutionStatus::ExecutingBookings], "book lines")?;
        let Some(line) = self
            .lines
            .iter_mut()
            .find(|line| line.product_id == *product)
        else {
            return Err(Refusal::Unknown(vec![product.to_string()]));
        };
        let note = match &outcome {
            LineOutcome::Booked(booked) => booked.note.clone(),
            _ => None,
        };
        line.learn(outcome)?;
        let told = note.map(|note| format!("{}, by {}: {note}.", line.product_name, line.seller));
        self.brief.notes.extend(told);
        let (done, all) = (
            self.lines.iter().filter(|line| line.is_settled()).count(),
            self.lines.len().max(1),
        );
        let part = usize::from(at::DONE - 1 - at::EXECUTING) * done / all;
        self.reach(at::EXECUTING + u16::try_from(part).unwrap_or(0));
        Ok(())
    }

    /// Learns that a seller's line was moved by somebody else than this job; false when
    /// that changes nothing here.
    pub fn line_moved(&mut self, product: &ProductId, to: LineBookingStatus, by: &str) -> bool {
        let line = self.lines.iter_mut();
        let mut line = line.filter(|line| line.product_id == *product);
        line.next().is_some_and(|line| line.moved(to, by))
    }

    /// Ends the booking: done when something was booked, failed when nothing was.
    ///
    /// # Errors
    /// When a line is still open.
    pub fn finish(&mut self) -> Result<(), Refusal> {
        self.require(&[ExecutionStatus::ExecutingBookings], "be finished")?;
        if self.lines.iter().any(|line| !line.is_settled()) {
            return Err(Refusal::WrongState("a line is still being booked".into()));
        }
        let failures: Vec<String> = self.lines.iter().filter_map(LineWork::failure).collect();
        let none_booked = failures.len() == self.lines.len();
        self.errors.extend(failures);
        let doubts = self.lines.iter().filter_map(LineWork::doubt);
        self.errors.extend(doubts);
        if none_booked {
            self.fail("None of the approved lines could be booked.".into());
        } else {
            self.status = ExecutionStatus::Completed;
            self.reach(at::DONE);
        }
        Ok(())
    }

    /// Ends without what was asked for.
    pub fn fail(&mut self, why: String) {
        self.errors.push(why);
        self.status = ExecutionStatus::Failed;
    }

    /// Is called off by a person, before anything is booked.
    ///
    /// # Errors
    /// When it books already, or has ended.
    pub fn cancel(&mut self, by: &str) -> Result<(), Refusal> {
        let before_booking =
            !self.status.is_final() && self.status != ExecutionStatus::ExecutingBookings;
        if !before_booking {
            let status = self.status.outside().words();
            return Err(Refusal::WrongState(format!(
                "a job that is {status} cannot be cancelled: it has ended or books already"
            )));
        }
        for one in self.recommendations_mut() {
            one.status = RecommendationStatus::Rejected;
        }
        self.fail(format!("Cancelled by {by}."));
        Ok(())
    }

    /// Is tried again as another job.
    ///
    /// # Errors
    /// When it has not failed, or was tried again before.
    pub fn retry(&mut self, as_job: JobId) -> Result<(), Refusal> {
        self.require(
            &[ExecutionStatus::Failed, ExecutionStatus::ValidationFailed],
            "be retried",
        )?;
        if let Some(other) = self.retried_as {
            return Err(Refusal::WrongState(format!(
                "this job was retried already, as job {other}"
            )));
        }
        self.retried_as = Some(as_job);
        Ok(())
    }
}
