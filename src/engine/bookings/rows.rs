//! Jobs as rows of a list that shows all of them: only what a list shows, a thousand at a
//! time, or a few by their ids.

use std::ops::Not;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::elsewhere::{brief, short};
use crate::{
    domain::{
        booking::{
            glance::Glance,
            job::{ExecutionStatus, Job},
            upstream::differ::Health,
        },
        ids::JobId,
        money::{Amount, Currency, Money},
        policy::Permission,
        problem::{Code, Problem},
        when::Instant,
    },
    engine::{
        cursor::Pages,
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
    store::record::{Filter, Part, Record as _, Row, Sort, Stored},
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
    /// Where it lives elsewhere: what it comes to, and how often asked and shown disagree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream: Option<Box<str>>,
    /// Whether another job tries it again.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub retried: bool,
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
            let filter = Filter {
                limit: u32::try_from(ids.len()).unwrap_or(MOST),
                ids: Some(ids.iter().map(ToString::to_string).collect()),
                part: Part::Glance,
                ..Filter::default()
            };
            return Ok(Rows {
                rows: shown(work, work.rows::<Job>(&filter).await?).await?,
                next_cursor: None,
            });
        }
        let pages = Pages::of(&work.desk().secret, work.tenant(), QUESTION);
        let after = pages.after(self.cursor.as_deref())?;
        let filter = Filter {
            sort: Sort::Created,
            descending: true,
            after,
            limit: limit + 1,
            part: Part::Glance,
            ..Filter::default()
        };
        let mut rows = work.rows::<Job>(&filter).await?;
        let next_cursor = pages.cut(&mut rows, limit, |last| last.mark(Sort::Created))?;
        let rows = shown(work, rows).await?;
        Ok(Rows { rows, next_cursor })
    }
}

/// Reads rows from what is kept for them; only where that is missing, from the job itself.
async fn shown(work: &Work<'_>, found: Vec<Row>) -> Result<Vec<JobRow>, Fault> {
    let mut rows = Vec::with_capacity(found.len());
    for row in found {
        if let Ok(glance) = serde_json::from_str(&row.body) {
            rows.push(JobRow::new(row, glance)?);
        } else if let Some((job, known)) = work.get::<Job>(&row.id).await?.map(Stored::part) {
            let glance = Glance::of(&job);
            let row = Row {
                facets: job.facets(),
                revision: known.revision,
                updated_at: known.updated_at,
                ..row
            };
            rows.push(JobRow::new(row, glance)?);
        }
    }
    Ok(rows)
}

impl JobRow {
    fn new(row: Row, glance: Glance) -> Result<Self, Fault> {
        let currency: Currency = row.facets.currency.parse().map_err(Fault::broken)?;
        let upstream = brief(&glance);
        Ok(Self {
            job_id: row.id.parse().map_err(Fault::broken)?,
            campaign_name: row.facets.label.into(),
            status: glance.status,
            progress: glance.progress,
            budget: Money::new(row.facets.amount, currency).amount(),
            currency,
            first_day: glance.first_day,
            last_day: glance.last_day,
            recommended: glance.recommended,
            booked: glance.booked,
            created_at: row.created_at,
            updated_at: row.updated_at,
            revision: row.revision,
            submitted_by: glance.submitted_by,
            upstream: upstream.map(Into::into),
            retried: glance.retried,
        })
    }

    /// Whether the system that it lives in does not show it any more.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        let gone = short(Health::Gone, 0);
        let known = self.upstream.as_deref();
        known.is_some_and(|known| known.starts_with(&gone))
    }

    /// Its budget as money.
    #[must_use]
    pub fn money(&self) -> Money {
        Money::from_amount(self.budget, self.currency).unwrap_or(Money::zero(self.currency))
    }
}
