//! Writes down what was seen of jobs at an upstream: new ones, changed ones, those that are gone
//! and those whose decision did nothing. The engine's own; whoever asks has looked first, so what
//! has not changed is not written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        booking::{
            brief::{Brief, CampaignBrief},
            job::{Choice, ExecutionStatus, Job},
            kpis::Kpis,
            upstream::{
                Listing, Upstream, UpstreamKind,
                differ::{Health, health},
                link::Link,
                mirror,
                shown::{ListedJob, ShownJob},
            },
        },
        ids::JobId,
        money::{Currency, Money},
        policy::Permission,
        when::{Flight, Instant, rfc3339},
    },
    engine::{
        bookings::{approve::decide, budget, kept, tell},
        fault::{Fault, FaultKind},
        operation::{Kind, Operation},
        work::Work,
    },
    store::record::Stored,
};

/// How many changes are written at once.
pub const MOST: usize = 50;

/// Writes down what was seen of one job at an upstream; for the engine only.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MirrorJobs {
    /// What has changed.
    #[schemars(with = "serde_json::Value")]
    pub changes: Vec<Change>,
}

/// Something that has changed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// A job that somebody else sent there.
    Found {
        /// As it is listed.
        row: ListedJob,
        /// In full.
        shown: ShownJob,
    },
    /// A job that is known here.
    Seen {
        /// Which.
        job_id: JobId,
        /// As it is listed, if it is.
        row: Option<ListedJob>,
        /// In full, if it was looked at.
        shown: Option<ShownJob>,
    },
    /// A job that is not shown any more.
    Missing {
        /// Which.
        job_id: JobId,
        /// Since when.
        since: Instant,
    },
    /// A decision was sent long ago and shows no effect.
    Lapsed {
        /// Of which job.
        job_id: JobId,
    },
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Wrote {
    /// How many jobs.
    pub jobs: u32,
}

impl Operation for MirrorJobs {
    const NAME: &'static str = "bookings.mirror";
    const ABOUT: &'static str = "Write down what was seen at an upstream; for the engine only.";
    const KIND: Kind = Kind::Command(Permission::RunEngine);
    type Output = Wrote;

    async fn perform(self, work: &mut Work<'_>) -> Result<Wrote, Fault> {
        let mut jobs = 0;
        for change in self.changes.into_iter().take(MOST) {
            jobs += u32::from(match change {
                Change::Found { row, shown } => found(work, row, &shown).await?,
                Change::Seen { job_id, row, shown } => {
                    seen(work, job_id, row.as_ref(), shown.as_ref()).await?
                }
                Change::Missing { job_id, since } => missing(work, job_id, since).await?,
                Change::Lapsed { job_id } => lapsed(work, job_id).await?,
            });
        }
        Ok(Wrote { jobs })
    }
}

/// Takes in a job that somebody else sent there.
async fn found(work: &mut Work<'_>, row: ListedJob, shown: &ShownJob) -> Result<bool, Fault> {
    if work.get::<Link>(&row.id).await?.is_some() {
        return Ok(false);
    }
    let Some(place) = work.desk().upstreams.of(work.tenant()) else {
        return Ok(false);
    };
    let kind = place.kind;
    // Its own id where that is one of ours in shape, so that people find it by either.
    let job_id = match row.id.parse::<JobId>() {
        Ok(id) if work.get::<Job>(&id.to_string()).await?.is_none() => id,
        _ => work.mint(),
    };
    let mut job = foreign(job_id, kind, &row, work.now());
    mirror::take(&mut job, shown, work.now());
    link(work, &job, &row.id, None)?;
    work.create(&job)?;
    let detail = format!("{}, found at {}", job.brief.name, kind.words());
    tell(work, &job, "bookings.found", detail);
    if job.status == ExecutionStatus::AwaitingApproval {
        awaiting(work, &job);
    }
    Ok(true)
}

/// A job of which only what the other side shows is known.
fn foreign(id: JobId, kind: UpstreamKind, row: &ListedJob, now: Instant) -> Job {
    let sent_at = row.created_at.unwrap_or(now);
    let budget = row.budget.unwrap_or(Money::zero(Currency::USD));
    let day = sent_at.date_naive();
    let sent = CampaignBrief {
        name: row.name.clone(),
        objectives: Vec::new(),
        budget: budget.amount(),
        currency: None,
        start_date: String::new(),
        end_date: String::new(),
        target_audience: serde_json::Map::new(),
        kpis: None,
        channels: None,
        negotiation: None,
    };
    let mut notes = vec![format!(
        "Sent to {} by somebody else at {}: it tells name and budget of a brief, and nothing more.",
        kind.words(),
        rfc3339(sent_at)
    )];
    if row.budget.is_none() {
        notes.push("Its budget there is no amount: nothing can be approved from here.".into());
    }
    let brief = Brief {
        name: row.name.clone(),
        objectives: Vec::new(),
        budget,
        flight: Flight::day(day),
        asked: Flight::day(day),
        audience: serde_json::Map::new(),
        kpis: Kpis::default(),
        channels: Vec::new(),
        negotiation: None,
        notes,
    };
    let mut upstream = Upstream::found(kind, row.id.clone());
    upstream.listed = Some(listing(row));
    let mut job = Job::new(
        id,
        sent,
        brief,
        false,
        format!("somebody at {}", kind.words()),
    );
    job.upstream = Some(Box::new(upstream));
    job
}

fn listing(row: &ListedJob) -> Listing {
    Listing {
        name: row.name.clone(),
        budget: row.budget,
    }
}

/// Writes which job here stands for which one there, and where that is.
fn link(
    work: &mut Work<'_>,
    job: &Job,
    remote: &str,
    was: Option<&Stored<Link>>,
) -> Result<(), Fault> {
    let known = job.upstream.as_deref();
    let next = Link {
        remote: remote.to_owned(),
        job_id: job.id,
        status: known.map(|known| known.status.clone()).unwrap_or_default(),
        open: !job.status.is_final(),
        gone: known.is_some_and(|known| known.missing_since.is_some()),
    };
    match was {
        Some(was) if was.record == next => Ok(()),
        Some(was) => work.replace(was, &next),
        None => work.create(&next),
    }
}

/// Writes a job and its link, both only if they have changed.
pub(in crate::engine::bookings) async fn write(
    work: &mut Work<'_>,
    stored: &Stored<Job>,
    job: &Job,
) -> Result<bool, Fault> {
    if let Some(remote) = job
        .upstream
        .as_deref()
        .and_then(|known| known.id.as_deref())
    {
        let was = work.get::<Link>(remote).await?;
        link(work, job, remote, was.as_ref())?;
    }
    if *job == stored.record {
        return Ok(false);
    }
    kept::keep(work, stored, job)?;
    Ok(true)
}

async fn seen(
    work: &mut Work<'_>,
    job_id: JobId,
    row: Option<&ListedJob>,
    shown: Option<&ShownJob>,
) -> Result<bool, Fault> {
    let Some(stored) = work.get::<Job>(&job_id.to_string()).await? else {
        return Ok(false);
    };
    work.about(format!("job/{job_id}"));
    let (mut job, before) = (stored.record.clone(), stored.record.status);
    let returned = look_again(&mut job, row, work.now());
    if let Some(shown) = shown {
        mirror::take(&mut job, shown, work.now());
    }
    if returned {
        tell(
            work,
            &job,
            "bookings.seen_again",
            "the upstream shows it again",
        );
    }
    let is_final = job.status.is_final();
    if is_final && before == ExecutionStatus::ExecutingBookings {
        settle(work, &job);
    } else if is_final && before.is_final() {
        settle_again(work, &stored.record, &job);
    }
    if job.status != before {
        match job.status {
            ExecutionStatus::AwaitingApproval => {
                awaiting(work, &job);
                job = in_advance(work, job).await?;
            }
            ExecutionStatus::Completed | ExecutionStatus::Failed => ended(work, &job),
            _ => {}
        }
    }
    write(work, &stored, &job).await
}

/// Whether taking over what was seen would change a job, or where its link says it is.
#[must_use]
pub fn would_change(
    job: &Job,
    row: Option<&ListedJob>,
    shown: Option<&ShownJob>,
    now: Instant,
) -> bool {
    let mut next = job.clone();
    look_again(&mut next, row, now);
    if let Some(shown) = shown {
        mirror::take(&mut next, shown, now);
    }
    next != *job
}

/// What a list alone tells; true when the job was gone before.
fn look_again(job: &mut Job, row: Option<&ListedJob>, now: Instant) -> bool {
    let Some(known) = job.upstream.as_deref_mut() else {
        return false;
    };
    let Some(row) = row else { return false };
    let next = Some(listing(row));
    let returned = known.missing_since.take().is_some();
    if known.listed != next || returned {
        known.listed = next;
        known.seen_at = Some(now);
    }
    returned
}

fn awaiting(work: &mut Work<'_>, job: &Job) {
    let count = job.recommendations().count();
    if health(job) == Some(Health::ResearchFailed) {
        let why = job.errors.first().cloned().unwrap_or_default();
        let detail = format!("research failed at the upstream: {why}");
        tell(work, job, "bookings.research_failed", detail);
    } else {
        let detail = format!("{count} recommendations");
        tell(work, job, "bookings.awaiting_approval", detail);
    }
}

/// Approves what was to be approved in advance, by the rules that hold for a person.
async fn in_advance(work: &mut Work<'_>, mut job: Job) -> Result<Job, Fault> {
    let nothing = job.recommendations().next().is_none();
    if !job.auto_approve || nothing {
        return Ok(job);
    }
    let by = job.submitted_by.clone();
    match decide(work, job.clone(), &Choice::All, by, (true, false)).await {
        Ok(decided) => Ok(decided),
        Err(fault) if fault.is_passing() || fault.kind == FaultKind::Broken => Err(fault),
        Err(fault) => {
            let said = format!("Not approved automatically: {}", fault.message);
            job.errors.insert(0, said.clone());
            if let Some(known) = job.upstream.as_deref_mut() {
                known.said.push(said);
            }
            tell(work, &job, "bookings.auto_approve_refused", fault.message);
            Ok(job)
        }
    }
}

/// Puts the tenant's budget right where a job that had ended is shown with other lines: what was
/// booked of it counted before, what is booked counts now.
fn settle_again(work: &mut Work<'_>, before: &Job, job: &Job) {
    let Some(approval) = &job.approval else {
        return;
    };
    let booked = |of: &Job| {
        let booked = of.lines.iter().filter(|line| line.is_booked());
        Money::sum(approval.cost.currency(), booked.map(|line| line.cost))
    };
    if let (Ok(was), Ok(is)) = (booked(before), booked(job)) {
        budget::correct(work, was, is);
    }
}

/// Puts the tenant's budget right: what was approved was committed, what was booked counts.
fn settle(work: &mut Work<'_>, job: &Job) {
    let Some(approval) = &job.approval else {
        return;
    };
    let booked = job.lines.iter().filter(|line| line.is_booked());
    let booked = Money::sum(approval.cost.currency(), booked.map(|line| line.cost));
    budget::correct(work, approval.cost, booked.unwrap_or(approval.cost));
}

fn ended(work: &mut Work<'_>, job: &Job) {
    if job.status == ExecutionStatus::Completed {
        let booked = job.lines.iter().filter(|line| line.is_booked()).count();
        let all = job.lines.len();
        let words = health(job).map_or("", Health::words);
        let detail = format!("{booked} of {all} lines booked at the upstream: {words}");
        tell(work, job, "bookings.completed", detail);
    } else {
        let why = job.errors.last().cloned();
        let detail = why.unwrap_or_else(|| "the upstream says that it failed".into());
        tell(work, job, "bookings.failed", detail);
    }
}

async fn missing(work: &mut Work<'_>, job_id: JobId, since: Instant) -> Result<bool, Fault> {
    let Some(stored) = work.get::<Job>(&job_id.to_string()).await? else {
        return Ok(false);
    };
    work.about(format!("job/{job_id}"));
    let mut job = stored.record.clone();
    if let Some(known) = job.upstream.as_deref_mut() {
        known.missing_since = known.missing_since.or(Some(since));
    }
    let detail = "the upstream does not show it any more; it is kept here as it was last seen";
    tell(work, &job, "bookings.gone_upstream", detail);
    write(work, &stored, &job).await
}

/// A decision that shows no effect after so long is a person's to take again, or not.
async fn lapsed(work: &mut Work<'_>, job_id: JobId) -> Result<bool, Fault> {
    let Some(stored) = work.get::<Job>(&job_id.to_string()).await? else {
        return Ok(false);
    };
    let sent_at = super::decision::out_since(&stored.record);
    let (Some(sent_at), Some(approval)) = (sent_at, &stored.record.approval) else {
        return Ok(false);
    };
    let why = format!(
        "The approval by {} was sent at {}, its answer never came, and the upstream still waits. It was not sent again. Look there before you approve again: if the first is still at work, this would book twice.",
        approval.by,
        rfc3339(sent_at)
    );
    work.about(format!("job/{job_id}"));
    let mut job = stored.record.clone();
    budget::give_back(work, approval.cost);
    mirror::withdraw(&mut job, why.clone());
    tell(work, &job, "bookings.decision_lost", why);
    write(work, &stored, &job).await
}
