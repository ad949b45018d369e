//! Booking jobs from the command line: everything that the Jobs and Review panes do.

mod brief;
mod show;

use std::time::Duration;

use clap::{Args, Subcommand};

use super::{Ended, Shown, open::Desktop, out};
use crate::{
    config::Settings,
    domain::ids::{JobId, ProductId},
    engine::{
        bookings::{
            approve::ApproveJob,
            cancel::CancelJob,
            get::GetJob,
            history::JobHistory,
            list::{JobSort, ListJobs, Order},
            looked::GetLinesAge,
            retry::RetryJob,
            upstream::desk::GetBookingsDesk,
            view::JobView,
        },
        fault::Fault,
    },
    session::Session,
};

/// The exit code of a job that failed.
const JOB_FAILED: u8 = 7;
/// How long a command waits for the engine before it leaves the job to it.
const PATIENCE: Duration = Duration::from_mins(2);

/// Send briefs, follow jobs, decide on what is recommended.
#[derive(Debug, Subcommand)]
pub enum Jobs {
    /// Send a brief: from flags, from a file, or from standard input.
    New(brief::New),
    /// List jobs, newest first.
    List(List),
    /// Show a job whole.
    Show(Which),
    /// Follow a job until it waits for a person or has ended.
    Watch(Which),
    /// Approve some, all or none of a job's recommendations.
    Approve(Approve),
    /// Cancel a job that has not booked.
    Cancel(Which),
    /// Start a failed job's brief again, as a new job.
    Retry(Which),
}

/// Look at what waits for a decision, and decide.
#[derive(Debug, Subcommand)]
pub enum Review {
    /// List the jobs that wait for a decision, newest first.
    List {
        /// At most so many.
        #[arg(long)]
        limit: Option<u32>,
        /// Where an earlier list ended.
        #[arg(long)]
        cursor: Option<String>,
    },
    /// Show a job with what is recommended.
    Show(Which),
    /// Approve some, all or none of a job's recommendations.
    Approve(Approve),
}

impl From<Review> for Jobs {
    fn from(review: Review) -> Self {
        match review {
            Review::List { limit, cursor } => Self::List(List {
                status: Some("awaiting_approval".into()),
                limit,
                search: None,
                sort: "created".into(),
                ascending: false,
                cursor,
            }),
            Review::Show(which) => Self::Show(which),
            Review::Approve(approve) => Self::Approve(approve),
        }
    }
}

/// Which job.
#[derive(Debug, Args)]
pub struct Which {
    /// The job's id.
    job_id: String,
}

impl Which {
    fn id(&self) -> Result<JobId, Ended> {
        self.job_id
            .parse()
            .map_err(|_| Ended::Fault(Fault::absent("job", &self.job_id)))
    }
}

/// List jobs, newest first.
#[derive(Debug, Args)]
pub struct List {
    /// pending, running, `awaiting_approval`, completed or failed.
    #[arg(long)]
    status: Option<String>,
    /// At most so many.
    #[arg(long)]
    limit: Option<u32>,
    /// Only those whose name, id or sender contains this.
    #[arg(long)]
    search: Option<String>,
    /// created, updated, name, budget or status.
    #[arg(long, default_value = "created", value_parser = ["created", "updated", "name", "budget", "status"])]
    sort: String,
    /// Smallest first.
    #[arg(long)]
    ascending: bool,
    /// Where an earlier list ended.
    #[arg(long)]
    cursor: Option<String>,
}

/// Approve some, all or none of a job's recommendations.
#[derive(Debug, Args)]
pub struct Approve {
    #[command(flatten)]
    which: Which,
    /// The products to approve.
    #[arg(required_unless_present_any = ["all", "none"], conflicts_with_all = ["all", "none"])]
    products: Vec<String>,
    /// Approve all of them.
    #[arg(long, conflicts_with = "none")]
    all: bool,
    /// Approve none, which completes the job with nothing booked.
    #[arg(long)]
    none: bool,
    /// The revision that you looked at; if the job has changed since, nothing is approved.
    #[arg(long)]
    revision: Option<i64>,
    /// Approve although there are warnings about what it spends at an upstream.
    #[arg(long)]
    despite_warnings: bool,
}

/// Does it.
pub async fn run(settings: &Settings, jobs: Jobs, shown: Shown) -> Result<(), Ended> {
    let as_json = shown.as_json;
    // What cannot be asked at all is refused before anything is opened.
    let new = match &jobs {
        Jobs::New(new) => Some(new.read()?),
        Jobs::Show(which) | Jobs::Watch(which) | Jobs::Cancel(which) | Jobs::Retry(which) => {
            which.id()?;
            None
        }
        Jobs::Approve(approve) => {
            approve.which.id()?;
            None
        }
        Jobs::List(_) => None,
    };
    let desktop = Desktop::open(settings, shown.demo).await?;
    let session = &desktop.session;
    let done = match (jobs, new) {
        (Jobs::New(wanted), Some(brief)) => brief::send(session, &wanted, brief, as_json).await,
        (Jobs::New(_), None) => Ok(()),
        (Jobs::List(wanted), _) => list(session, wanted, as_json).await,
        (Jobs::Show(which), _) => show(session, &which, as_json).await,
        (Jobs::Watch(which), _) => watch(session, which.id()?, as_json).await,
        (Jobs::Approve(wanted), _) => approve(session, wanted, as_json).await,
        (Jobs::Cancel(which), _) => {
            let job = session
                .ask(CancelJob {
                    job_id: which.id()?,
                    expected_revision: None,
                })
                .await;
            finish(job.map_err(Ended::from), as_json)
        }
        (Jobs::Retry(which), _) => retry(session, &which, as_json).await,
    };
    let closed = desktop.close().await;
    done?;
    Ok(closed?)
}

fn finish(job: Result<JobView, Ended>, as_json: bool) -> Result<(), Ended> {
    let job = job?;
    if as_json {
        out::json(&job)
    } else {
        show::job(&job)
    }
}

async fn list(session: &Session, wanted: List, as_json: bool) -> Result<(), Ended> {
    let sort = match wanted.sort.as_str() {
        "updated" => JobSort::Updated,
        "name" => JobSort::Name,
        "budget" => JobSort::Budget,
        "status" => JobSort::Status,
        _ => JobSort::Created,
    };
    let order = if wanted.ascending {
        Order::Asc
    } else {
        Order::Desc
    };
    let List {
        status,
        limit,
        search,
        cursor,
        ..
    } = wanted;
    let page = session
        .ask(ListJobs {
            status,
            limit,
            search,
            sort,
            order,
            cursor,
        })
        .await?;
    if as_json {
        return out::json(&page);
    }
    let desk = session.ask(GetBookingsDesk::default()).await?;
    show::list(&page, &desk)
}

async fn show(session: &Session, which: &Which, as_json: bool) -> Result<(), Ended> {
    let job = session
        .ask(GetJob {
            job_id: which.id()?,
        })
        .await;
    let lives_elsewhere = job.as_ref().is_ok_and(|job| job.upstream.is_some());
    let sold = job.as_ref().ok().filter(|job| {
        let mut lines = job.booked_lines.iter().flatten();
        lines.any(|line| line.there.is_some())
    });
    let sold = sold.map(|job| job.job_id);
    finish(job.map_err(Ended::from), as_json)?;
    if lives_elsewhere && !as_json {
        let desk = session.ask(GetBookingsDesk::default()).await?;
        out::line(&desk.sentence())?;
    }
    if let Some(job_id) = sold.filter(|_| !as_json) {
        let age = session.ask(GetLinesAge { job_id }).await?;
        age.sentence().map_or(Ok(()), |said| out::line(&said))?;
    }
    Ok(())
}

async fn retry(session: &Session, which: &Which, as_json: bool) -> Result<(), Ended> {
    let started = session
        .ask(RetryJob {
            job_id: which.id()?,
            expected_revision: None,
        })
        .await?;
    follow(session, started.job_id, as_json).await
}

/// Waits until a job waits for a person or has ended, and shows it.
async fn follow(session: &Session, job_id: JobId, as_json: bool) -> Result<(), Ended> {
    let job = session.wait_for_job(job_id, PATIENCE, is_at_rest).await?;
    finish(Ok(job.clone()), as_json)?;
    verdict(&job)
}

fn is_at_rest(job: &JobView) -> bool {
    use crate::domain::booking::job::ExecutionStatus;
    job.execution_status.is_final() || job.execution_status == ExecutionStatus::AwaitingApproval
}

fn verdict(job: &JobView) -> Result<(), Ended> {
    use crate::domain::booking::job::JobStatus;
    if job.status == JobStatus::Failed {
        Err(Ended::Code(JOB_FAILED))
    } else {
        Ok(())
    }
}

/// Prints what happens to a job as it happens.
async fn watch(session: &Session, job_id: JobId, as_json: bool) -> Result<(), Ended> {
    let mut after = 0;
    loop {
        let seen = session
            .ask(JobHistory {
                job_id,
                after,
                limit: None,
            })
            .await?
            .events;
        for event in &seen {
            after = event.seq;
            if as_json {
                let line = serde_json::to_string(event)
                    .map_err(|error| Ended::Usage(error.to_string()))?;
                out::raw(&(line + "\n"))?;
            } else {
                out::line(&format!(
                    "{}  {:<28}{}",
                    event.at.format("%H:%M:%S%.3f"),
                    event.event,
                    event.detail
                ))?;
            }
        }
        let job = session.ask(GetJob { job_id }).await?;
        if is_at_rest(&job) && seen.is_empty() {
            return verdict(&job);
        }
        if seen.is_empty() {
            let revision = job.revision;
            session
                .wait_for_job(job_id, PATIENCE, |job| {
                    job.revision > revision || is_at_rest(job)
                })
                .await?;
        }
    }
}

async fn approve(session: &Session, wanted: Approve, as_json: bool) -> Result<(), Ended> {
    let products: Vec<ProductId> = wanted
        .products
        .iter()
        .map(|id| ProductId::from(id.as_str()))
        .collect();
    let operation = ApproveJob {
        job_id: wanted.which.id()?,
        approved_product_ids: (!wanted.all).then_some(products),
        expected_revision: wanted.revision,
        despite_warnings: wanted.despite_warnings,
    };
    let job_id = session.ask(operation).await?.job_id;
    let job = session
        .wait_for_job(job_id, PATIENCE, |job| job.execution_status.is_final())
        .await?;
    finish(Ok(job.clone()), as_json)?;
    if !job.execution_status.is_final() {
        out::note("approved; booking goes on");
    }
    verdict(&job)
}
