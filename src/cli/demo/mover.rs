//! Keeps the desk moving: every few seconds somebody sends a brief, decides on one, calls one
//! off or changes a price. Leaves alone whatever it did not send itself, so that nobody
//! decides under the hands of the person who looks; and stops sending when there is enough.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{
    people,
    story::{self, Pick},
    teller::price,
    tempo::{Dice, Tempo},
};
use crate::{
    domain::{booking::job::JobStatus, ids::JobId},
    engine::{
        bookings::{
            approve::ApproveJob, cancel::CancelJob, get::GetJob, list::ListJobs, retry::RetryJob,
            submit::SubmitBrief, view::JobView,
        },
        core::Core,
        fault::Fault,
    },
};

/// The most jobs that the desk is brought to.
const MOST_JOBS: i64 = 200;
/// How many beats it goes at its full pace.
const LIVELY: u32 = 120;
/// How much slower it goes then.
const SLOWER: u32 = 6;
/// How many of its own jobs may wait for a decision before one is taken.
const MOST_WAITING: usize = 4;
/// Products whose prices move.
const PRICED: [&str; 4] = [
    "social-kindred-stories",
    "perf-marlow-native",
    "eu-piazza-feed",
    "gb-thames-stream",
];

/// Keeps the desk moving.
pub struct Mover {
    core: Core,
    pool: Vec<serde_json::Map<String, serde_json::Value>>,
    beat: Duration,
    dice: Dice,
    own: Vec<JobId>,
    sent: usize,
}

impl Mover {
    /// With these campaigns, at this tempo.
    pub fn new(core: Core, story: story::Story, tempo: &Tempo) -> Self {
        Self {
            core,
            pool: story.pool,
            beat: tempo.beat,
            dice: Dice::new(tempo.seed.rotate_left(17)),
            own: Vec::new(),
            sent: 0,
        }
    }

    /// Until it is told to stop.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut beats = 0_u32;
        loop {
            let usual = match beats {
                0 => self.beat / 4,
                1..LIVELY => self.beat,
                _ => self.beat * SLOWER,
            };
            beats = beats.saturating_add(1);
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(self.dice.around(usual)) => {}
            }
            // The person who looks may have been there first: that is part of the game.
            if let Err(fault) = self.stir().await {
                tracing::debug!(%fault, "the demonstration was refused something");
            }
        }
    }

    /// Does one thing.
    async fn stir(&mut self) -> Result<(), Fault> {
        let (waiting, failed) = self.own().await?;
        let room = self.total().await? < MOST_JOBS;
        let roll = self.dice.below(100);
        match (waiting.first(), failed.first()) {
            (Some(job), _) if waiting.len() > MOST_WAITING || roll < 30 => self.decide(job).await,
            (_, Some(job)) if room && roll < 38 => self.retry(job).await,
            _ if roll >= 94 => self.reprice().await,
            _ if room => self.send().await,
            (Some(job), _) => self.decide(job).await,
            _ => self.reprice().await,
        }
    }

    /// Its own jobs that wait for a decision, and those that failed and were not retried. What
    /// will not change any more is forgotten.
    async fn own(&mut self) -> Result<(Vec<JobView>, Vec<JobView>), Fault> {
        let looker = people::somebody("mara")?;
        let (mut waiting, mut failed) = (Vec::new(), Vec::new());
        let mut kept = Vec::new();
        for job_id in std::mem::take(&mut self.own) {
            let job = self.core.ask(&looker, GetJob { job_id }).await?;
            match job.status {
                JobStatus::Completed => continue,
                JobStatus::Failed if job.retried_as.is_some() => continue,
                JobStatus::Failed => failed.push(job),
                JobStatus::AwaitingApproval => waiting.push(job),
                JobStatus::Pending | JobStatus::Running => {}
            }
            kept.push(job_id);
        }
        self.own = kept;
        Ok((waiting, failed))
    }

    async fn total(&self) -> Result<i64, Fault> {
        let question = ListJobs {
            limit: Some(0),
            ..ListJobs::default()
        };
        let looker = people::somebody("mara")?;
        Ok(self.core.ask(&looker, question).await?.total)
    }

    async fn send(&mut self) -> Result<(), Fault> {
        let Some(campaign) = self.pool.get(self.sent % self.pool.len().max(1)) else {
            return Ok(());
        };
        let mut campaign = campaign.clone();
        let again = self.sent / self.pool.len();
        if let (Some(name), 1..) = (campaign.get("name").and_then(|name| name.as_str()), again) {
            let name = format!("{name}, wave {}", again + 1);
            campaign.insert("name".into(), name.into());
        }
        let by = people::somebody(["mara", "jonas", "planner-bot"][self.dice.below(3)])?;
        let starts = i64::try_from(self.dice.below(14)).unwrap_or(0) + 2;
        let days = i64::try_from(self.dice.below(40)).unwrap_or(0) + 7;
        let submit = SubmitBrief {
            brief: story::brief(&campaign, self.core.clock().now(), starts, days)?,
            auto_approve: self.dice.below(8) == 0,
        };
        self.sent += 1;
        let started = self.core.ask(&by, submit).await?;
        self.own.push(started.job_id);
        Ok(())
    }

    async fn decide(&self, job: &JobView) -> Result<(), Fault> {
        let by = people::somebody(["priya", "jonas", "sofia"][self.dice.below(3)])?;
        let (job_id, seen) = (job.job_id, Some(job.revision));
        let roll = self.dice.below(100);
        if roll < 12 {
            let cancel = CancelJob {
                job_id,
                expected_revision: seen,
            };
            return self.core.ask(&by, cancel).await.map(drop);
        }
        let pick = match roll {
            12..55 => Pick::All,
            55..75 => Pick::Best,
            75..92 => Pick::AllBut(1),
            _ => Pick::None,
        };
        let approve = ApproveJob {
            job_id,
            approved_product_ids: pick.of(job),
            expected_revision: seen,
            despite_warnings: false,
        };
        self.core.ask(&by, approve).await.map(drop)
    }

    async fn retry(&mut self, job: &JobView) -> Result<(), Fault> {
        let by = people::somebody(["night-desk", "jonas"][self.dice.below(2)])?;
        let retry = RetryJob {
            job_id: job.job_id,
            expected_revision: Some(job.revision),
        };
        let started = self.core.ask(&by, retry).await;
        // Refused once, it is refused for ever.
        self.own.retain(|own| *own != job.job_id);
        self.own.push(started?.job_id);
        Ok(())
    }

    async fn reprice(&self) -> Result<(), Fault> {
        let by = people::somebody("sofia")?;
        let product = PRICED[self.dice.below(PRICED.len())].into();
        // Up by three percent or down by as much, so that it stays about where it was.
        let percent = [97, 103][self.dice.below(2)];
        price(&self.core, &by, &product, percent).await
    }
}
