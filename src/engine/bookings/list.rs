//! Lists jobs: by status as the Bookings API has it, and with search, order and cursor.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{elsewhere::brief, view::JobSummary};
use crate::{
    domain::{
        booking::{
            glance::Glance,
            job::{Job, JobStatus},
        },
        money::Money,
        policy::Permission,
        problem::{Code, Problem},
        text,
        when::rfc3339,
    },
    engine::{
        cursor::Pages,
        fault::Fault,
        operation::{Kind, Known, Operation},
        work::Work,
    },
    store::record::{Filter, Part, Row, Sort},
};

/// How many jobs are listed where nobody says.
pub const USUAL: u32 = 20;
/// How many jobs are listed at most.
pub const MOST: u32 = 1000;

/// What a list of jobs is sorted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobSort {
    /// When they were sent.
    #[default]
    Created,
    /// When they last changed.
    Updated,
    /// By name.
    Name,
    /// By budget.
    Budget,
    /// By status.
    Status,
}

/// Which way a list runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Smallest first.
    Asc,
    /// Largest first.
    #[default]
    Desc,
}

/// Lists jobs.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListJobs {
    /// Only in this status.
    #[serde(default)]
    pub status: Option<String>,
    /// At most so many; 20 where it is not said, 1000 at most.
    #[serde(default)]
    pub limit: Option<u32>,
    /// Only those whose name, id or sender contains this.
    #[serde(default)]
    pub search: Option<String>,
    /// Sorted by.
    #[serde(default)]
    pub sort: JobSort,
    /// Which way.
    #[serde(default)]
    pub order: Order,
    /// Where an earlier answer ended.
    #[serde(default)]
    pub cursor: Option<String>,
}

/// A page of jobs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct JobPage {
    /// The jobs.
    pub jobs: Vec<JobSummary>,
    /// How many there are in all.
    pub total: i64,
    /// Where the list goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl Operation for ListJobs {
    const NAME: &'static str = "bookings.list";
    const ABOUT: &'static str = "List booking jobs, newest first, with filter, search and cursor.";
    const KIND: Kind = Kind::Query(Permission::ReadBookings);
    type Output = JobPage;

    async fn perform(self, work: &mut Work<'_>) -> Result<JobPage, Fault> {
        let limit = self.check_limit()?;
        let question = format!(
            "jobs {:?} {:?} {:?} {:?}",
            self.status, self.search, self.sort, self.order
        );
        let pages = Pages::of(&work.desk().secret, work.tenant(), &question);
        let after = pages.after(self.cursor.as_deref())?;
        let sort = self.sort_column();
        let filter = Filter {
            state: self.check_status()?,
            search: self.check_search()?,
            sort,
            descending: self.order == Order::Desc,
            after,
            limit: limit + 1,
            part: match work.desk().upstreams.of(work.tenant()) {
                Some(_) => Part::Glance,
                None => Part::Nothing,
            },
            ..Filter::default()
        };
        let (mut rows, total) = if filter.part == Part::Nothing {
            work.page::<Job>(&filter).await?
        } else {
            let rows = work.rows::<Job>(&filter).await?;
            (rows, work.count::<Job>(&filter).await?)
        };
        let next_cursor = pages.cut(&mut rows, limit, |last| last.mark(sort))?;
        let jobs = rows.iter().map(summary).collect::<Result<_, _>>()?;
        Ok(JobPage {
            jobs,
            total,
            next_cursor,
        })
    }

    async fn known(&self, work: &Work<'_>) -> Result<Known, Fault> {
        Ok(work.changes().await?.map_or(Known::Nothing, Known::Stamp))
    }
}

impl ListJobs {
    fn check_limit(&self) -> Result<u32, Fault> {
        match self.limit {
            None => Ok(USUAL),
            Some(limit) if limit <= MOST => Ok(limit),
            Some(_) => Err(invalid(
                "limit",
                &format!("is more than {MOST}"),
                "page on with next_cursor",
            )),
        }
    }

    fn check_status(&self) -> Result<Option<String>, Fault> {
        match self.status.as_deref() {
            None | Some("") => Ok(None),
            Some(status) if JobStatus::ALL.iter().any(|one| one.name() == status) => {
                Ok(Some(status.to_owned()))
            }
            Some(status) => {
                let said = format!("{} is not a status", text::echo(status));
                Err(invalid(
                    "status",
                    &said,
                    "known are pending, running, awaiting_approval, completed and failed",
                ))
            }
        }
    }

    fn check_search(&self) -> Result<Option<String>, Fault> {
        match self.search.as_deref().map(str::trim) {
            None | Some("") => Ok(None),
            Some(search) if search.len() <= 200 && !search.contains('\0') => {
                Ok(Some(search.to_owned()))
            }
            Some(_) => Err(invalid(
                "search",
                "is longer than 200 bytes or holds a NUL",
                "search for less",
            )),
        }
    }

    fn sort_column(&self) -> Sort {
        match self.sort {
            JobSort::Created => Sort::Created,
            JobSort::Updated => Sort::Updated,
            JobSort::Name => Sort::Label,
            JobSort::Budget => Sort::Amount,
            JobSort::Status => Sort::State,
        }
    }
}

fn invalid(field: &str, said: &str, hint: &str) -> Fault {
    Fault::field(Problem::new(field, Code::new("INVALID_PARAMETER"), said).hint(hint))
}

fn summary(row: &Row) -> Result<JobSummary, Fault> {
    let currency = row.facets.currency.parse().map_err(Fault::broken)?;
    let status = JobStatus::ALL
        .into_iter()
        .find(|one| one.name() == row.facets.state);
    Ok(JobSummary {
        job_id: row.id.parse().map_err(Fault::broken)?,
        status: status.ok_or_else(|| Fault::broken(format!("the status {}", row.facets.state)))?,
        campaign_name: row.facets.label.clone(),
        budget: Money::new(row.facets.amount, currency).amount(),
        created_at: rfc3339(row.created_at),
        updated_at: rfc3339(row.updated_at),
        currency: row.facets.currency.clone(),
        revision: row.revision,
        upstream: serde_json::from_str::<Glance>(&row.body)
            .ok()
            .and_then(|glance| brief(&glance)),
    })
}
