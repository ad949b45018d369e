//! What happened to a job, in order.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        booking::job::Job,
        ids::JobId,
        policy::Permission,
        problem::{Code, Problem},
    },
    engine::{
        events::Event,
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
    store::Since,
};

/// How many events are given where nobody says.
const USUAL: u32 = 100;
/// How many events are given at most.
const MOST: u32 = 1000;

/// Shows what happened to a job.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JobHistory {
    /// Which.
    pub job_id: JobId,
    /// Only what came behind this number.
    #[serde(default)]
    pub after: i64,
    /// At most so many; 100 where it is not said, 1000 at most.
    #[serde(default)]
    pub limit: Option<u32>,
}

/// Events in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Events {
    /// What happened.
    pub events: Vec<Event>,
}

impl Operation for JobHistory {
    const NAME: &'static str = "bookings.events";
    const ABOUT: &'static str = "Show what happened to a booking job, in order.";
    const KIND: Kind = Kind::Query(Permission::ReadBookings);
    type Output = Events;

    async fn perform(self, work: &mut Work<'_>) -> Result<Events, Fault> {
        let limit = self.limit.unwrap_or(USUAL);
        if limit > MOST {
            let said = format!("is more than {MOST}");
            return Err(Fault::field(Problem::new(
                "limit",
                Code::new("INVALID_PARAMETER"),
                said,
            )));
        }
        work.find::<Job, _>(self.job_id).await?;
        let object = Some(("job".to_owned(), self.job_id.to_string()));
        let events = work
            .events(&Since {
                after: self.after,
                object,
                limit,
            })
            .await?;
        Ok(Events { events })
    }
}
