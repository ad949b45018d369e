//! Jobs as rows of a list that shows all of them: only what a list shows, a thousand at a
//! time, or a few by their ids.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        booking::job::{ExecutionStatus, Job},
        ids::JobId,
        money::{Amount, Currency, Money},
        policy::Permission,
        problem::{Code, Problem},
        when::Instant,
    },
    engine::{
        fault::{Fault, FaultKind},
        operation::{Kind, Operation},
        work::Work,
    },
    store::record::{Filter, Row, Sort, Stored},
};

/// How many rows are given at most.
pub const MOST: u32 = 1000;
/// What a cursor of this list is for.
const QUESTION: &str = "job rows";

/// Lists jobs as rows.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ListRows {
    /// Only these, in no order; what is not there is left out.
    pub job_ids: Option<Vec<JobId>>,
    /// Where an earlier answer ended.
    pub cursor: Option<String>,
    /// At most so many; 1000 where it is not said and at most.
    pub limit: Option<u32>,
}

/// A page of rows, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Rows {
    /// The rows.
    pub rows: Vec<JobRow>,
    /// Where the list goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// A job as a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JobRow {
    /// Its id.
    pub job_id: JobId,
    /// The campaign's name.
    pub campaign_name: Box<str>,
    /// Where it is, in the nine states of the engine.
    pub status: ExecutionStatus,
    /// How far it is, in thousandths.
    pub progress: u16,
    /// What may be spent.
    pub budget: Amount,
    /// In which currency.
    pub currency: Currency,
    /// The first day that is planned for.
    pub first_day: NaiveDate,
    /// The last day.
    pub last_day: NaiveDate,
    /// How many recommendations there are so far.
    pub recommended: u32,
    /// How many lines were booked, and how many were approved.
    pub booked: (u32, u32),
    /// When it was sent.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
    /// How often it was written.
    pub revision: i64,
    /// Who sent it.
    pub submitted_by: Box<str>,
}

impl Operation for ListRows {
    const NAME: &'static str = "bookings.rows";
    const ABOUT: &'static str = "List booking jobs as compact rows, a thousand at a time.";
    const KIND: Kind = Kind::Query(Permission::ReadBookings);
    type Output = Rows;

    async fn perform(self, work: &mut Work<'_>) -> Result<Rows, Fault> {
        let limit = self.limit.unwrap_or(MOST);
        let asked = self.job_ids.as_ref().map_or(0, Vec::len);
        if limit > MOST || asked > MOST as usize {
            let problem = Problem::new(
                "limit",
                Code::new("INVALID_PARAMETER"),
                format!("is more than {MOST}"),
            );
            return Err(Fault::field(problem.hint("page on with next_cursor")));
        }
        if let Some(ids) = self.job_ids {
            return some(work, ids).await;
        }
        let secret = &work.desk().secret;
        let after = self
            .cursor
            .as_deref()
            .map(|cursor| secret.open(work.tenant(), QUESTION, cursor))
            .transpose()?;
        let filter = Filter {
            sort: Sort::Created,
            descending: true,
            after,
            limit: limit + 1,
            ..Filter::default()
        };
        let mut rows = work.rows::<Job>(&filter).await?;
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > wanted;
        rows.truncate(wanted);
        let next_cursor = match rows.last() {
            Some(last) if more => {
                Some(secret.seal(work.tenant(), QUESTION, &last.mark(Sort::Created))?)
            }
            _ => None,
        };
        let rows = rows.iter().map(read).collect::<Result<_, _>>()?;
        Ok(Rows { rows, next_cursor })
    }
}

async fn some(work: &Work<'_>, ids: Vec<JobId>) -> Result<Rows, Fault> {
    let mut rows = Vec::with_capacity(ids.len());
    for id in ids {
        match work.find::<Job, _>(id).await {
            Ok(stored) => rows.push(JobRow::of(&stored)),
            Err(fault) if fault.kind == FaultKind::NotFound => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(Rows {
        rows,
        next_cursor: None,
    })
}

fn read(row: &Row) -> Result<JobRow, Fault> {
    let job: Job = serde_json::from_str(&row.body).map_err(Fault::broken)?;
    Ok(JobRow::of(&Stored {
        record: job,
        revision: row.revision,
        state: String::new(),
        created_at: row.created_at,
        updated_at: row.updated_at,
    }))
}

impl JobRow {
    /// The row of a stored job.
    #[must_use]
    pub fn of(stored: &Stored<Job>) -> Self {
        let job = &stored.record;
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let booked = job.lines.iter().filter(|line| line.is_booked()).count();
        Self {
            job_id: job.id,
            campaign_name: job.brief.name.as_str().into(),
            status: job.status,
            progress: job.progress,
            budget: job.brief.budget.amount(),
            currency: job.brief.budget.currency(),
            first_day: job.brief.flight.first(),
            last_day: job.brief.flight.last(),
            recommended: count(job.recommendations().count()),
            booked: (count(booked), count(job.lines.len())),
            created_at: stored.created_at,
            updated_at: stored.updated_at,
            revision: stored.revision,
            submitted_by: job.submitted_by.as_str().into(),
        }
    }

    /// Its budget as money.
    #[must_use]
    pub fn money(&self) -> Money {
        Money::from_amount(self.budget, self.currency).unwrap_or(Money::zero(self.currency))
    }
}
