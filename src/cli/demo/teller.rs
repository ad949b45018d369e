//! Tells the story to an engine, by asking the engine: everything that is there afterwards was
//! submitted, approved, cancelled or refused by somebody. Writes nothing by any other way.

use std::collections::HashMap;

use super::{
    buys::Buys,
    clock::CatchingUp,
    house::House,
    past::Moving,
    people,
    story::{self, Act, Deed, Pick},
};
use crate::{
    domain::{
        ids::{JobId, ProductId},
        money::Money,
        tenant::caller::Caller,
    },
    engine::{
        bookings::{
            approve::ApproveJob, budget::SetBudget, cancel::CancelJob, get::GetJob,
            retry::RetryJob, submit::SubmitBrief,
        },
        core::Core,
        delivery::SAMPLE,
        fault::Fault,
        reconcile::Runner,
        seller::products::{get::GetProduct, put::PutProduct},
    },
};

/// Tells the story.
pub struct Teller {
    core: Core,
    runner: Runner,
    /// The same without the ad server, which need not be asked at every turn of history.
    quick: Runner,
    clock: CatchingUp,
    jobs: HashMap<String, JobId>,
    buys: Buys,
    house: House,
    motion: Vec<Moving>,
}

impl Teller {
    /// To this engine, whose clock this is.
    pub fn new(core: Core, runner: Runner, clock: CatchingUp) -> Self {
        Self {
            core,
            quick: runner.without(SAMPLE),
            runner,
            clock,
            jobs: HashMap::new(),
            buys: Buys::default(),
            house: House::default(),
            motion: Vec::new(),
        }
    }

    /// Tells something that is over, and what followed from it.
    ///
    /// # Errors
    /// When it went otherwise than the story says.
    pub async fn tell(&mut self, act: &Act) -> Result<(), Fault> {
        self.clock.reach(act.ago);
        // What was delivered until a media buy changes follows from what it was before.
        match act.deed {
            Deed::Trade(_) => self.runner.settle().await?,
            _ => self.quick.settle().await?,
        }
        self.play(act).await?;
        if !act.wait {
            self.quick.settle().await?;
        }
        Ok(())
    }

    /// Asks the ad server how far lines have got by the time that history has come to.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub async fn count(&self) -> Result<(), Fault> {
        self.runner.settle().await
    }

    /// Tells something that is on its way, and leaves it there.
    ///
    /// # Errors
    /// When it went otherwise than the story says.
    pub async fn begin(&mut self, act: &Act) -> Result<(), Fault> {
        self.clock.reach(act.ago);
        self.play(act).await
    }

    /// What it has left on its way.
    pub fn in_motion(self) -> Vec<Moving> {
        self.motion
    }

    async fn play(&mut self, act: &Act) -> Result<(), Fault> {
        let by = people::somebody(&act.by)?;
        match (self.act(&by, &act.deed).await, &act.refused) {
            (Ok(()), None) => Ok(()),
            (Err(fault), Some(code)) if fault.code == *code => Ok(()),
            (Err(fault), _) => Err(fault.with("deed", format!("{:?}", act.deed))),
            (Ok(()), Some(code)) => Err(Fault::broken(format!("no {code} for {:?}", act.deed))),
        }
    }

    async fn act(&mut self, by: &Caller, deed: &Deed) -> Result<(), Fault> {
        match deed {
            Deed::Submit { name, passes, .. } => {
                let job = self.submit(by, deed).await?;
                self.know(name, job, *passes);
            }
            Deed::Approve { job, pick, passes } => {
                let job_id = self.job(job)?;
                let revision = self.approve(by, job_id, pick).await?;
                let moving = |steps: &usize| Moving {
                    job_id,
                    revision: revision + 1,
                    steps: *steps,
                };
                self.motion.extend(passes.as_ref().map(moving));
            }
            Deed::Cancel { job } => {
                let cancel = CancelJob {
                    job_id: self.job(job)?,
                    expected_revision: None,
                };
                self.core.ask(by, cancel).await?;
            }
            Deed::Retry { job, name } => {
                let retry = RetryJob {
                    job_id: self.job(job)?,
                    expected_revision: None,
                };
                let started = self.core.ask(by, retry).await?;
                self.know(name, started.job_id, None);
            }
            Deed::Trade(trade) => Box::pin(self.buys.trade(&self.core, by, trade)).await?,
            Deed::House(asked) => Box::pin(self.house.ask(&self.core, by, asked)).await?,
            Deed::Hours(hours) => Box::pin(hours.tell(&self.core, by)).await?,
            Deed::Budget { limit, currency } => {
                let budget = SetBudget {
                    limit: *limit,
                    currency: Some(currency.clone()),
                };
                self.core.ask(by, budget).await?;
            }
            Deed::Price { product, percent } => {
                price(&self.core, by, product, *percent).await?;
            }
        }
        Ok(())
    }

    async fn submit(&self, by: &Caller, deed: &Deed) -> Result<JobId, Fault> {
        let Deed::Submit {
            brief,
            starts,
            days,
            auto,
            ..
        } = deed
        else {
            return Err(Fault::broken("nothing is submitted"));
        };
        let submit = SubmitBrief {
            brief: story::brief(brief, self.core.clock().now(), *starts, *days)?,
            auto_approve: *auto,
        };
        Ok(self.core.ask(by, submit).await?.job_id)
    }

    async fn approve(&self, by: &Caller, job_id: JobId, pick: &Pick) -> Result<i64, Fault> {
        let job = self.core.ask(by, GetJob { job_id }).await?;
        let approve = ApproveJob {
            job_id,
            approved_product_ids: pick.of(&job),
            expected_revision: None,
            despite_warnings: false,
        };
        Ok(self.core.ask(by, approve).await?.revision)
    }

    fn know(&mut self, name: &str, job: JobId, passes: Option<usize>) {
        let moving = |steps: usize| Moving {
            job_id: job,
            revision: 1 + i64::try_from(steps).unwrap_or(0),
            steps,
        };
        self.motion.extend(passes.map(moving));
        self.jobs.insert(name.to_owned(), job);
    }

    fn job(&self, name: &str) -> Result<JobId, Fault> {
        let known = self.jobs.get(name).copied();
        known.ok_or_else(|| Fault::broken(format!("the story has no job {name}")))
    }
}

/// Sets the price of a product to so many hundredths of what it was, never below its floor.
///
/// # Errors
/// When whoever asks may not, or there is no such product.
pub async fn price(
    core: &Core,
    by: &Caller,
    product_id: &ProductId,
    percent: i64,
) -> Result<(), Fault> {
    let question = GetProduct {
        product_id: product_id.clone(),
    };
    let mut product = core.ask(by, question).await?;
    let was = product.base_price;
    let minor = (was.minor().saturating_mul(percent) / 100).max(product.floor_price.minor());
    product.base_price = Money::new(minor, was.currency());
    core.ask(by, PutProduct(product)).await.map(drop)
}
