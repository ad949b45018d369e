//! Turns the engine's clock forward, so that a month can be watched in a minute: flights begin
//! and end, holds lapse, and the ad server inside delivers as if the time had gone by. For
//! sandboxes and rehearsals; refuses to turn a clock that others go by, and to turn one back.

use chrono::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::sample;
use crate::{
    domain::{
        policy::Permission,
        problem::{Code, Problem},
        when::Instant,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
    store::records::Hands,
};

/// How far a clock can be turned at once, in days.
pub const MOST_DAYS: u32 = 366;

/// Turns the clock forward by so much.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TurnClock {
    /// So many days.
    pub days: u32,
    /// And so many hours.
    pub hours: u32,
    /// And so many minutes.
    pub minutes: u32,
}

/// What the clock shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Turned {
    /// What it showed before.
    pub from: Instant,
    /// What it shows as soon as the background work has looked at it.
    pub to: Instant,
}

impl TurnClock {
    fn span(&self) -> Duration {
        Duration::days(self.days.into())
            + Duration::hours(self.hours.into())
            + Duration::minutes(self.minutes.into())
    }
}

impl Operation for TurnClock {
    const NAME: &'static str = "delivery.turn";
    const ABOUT: &'static str =
        "Turn the clock of a sandbox or a rehearsal forward; its lines are delivered meanwhile.";
    const KIND: Kind = Kind::Command(Permission::ManageTenant);
    type Output = Turned;

    async fn perform(self, work: &mut Work<'_>) -> Result<Turned, Fault> {
        if !work.desk().turnable {
            let message = "the clock of this engine is not to be turned: others go by it";
            return Err(Fault::wrong_state("CLOCK_NOT_TURNABLE", message)
                .hint("set `clock.turnable` for a sandbox or a rehearsal of your own"));
        }
        let span = self.span();
        if span > Duration::days(MOST_DAYS.into()) || span.is_zero() {
            let message = format!("must be from a minute to {MOST_DAYS} days in all");
            let code = Code::new("INVALID_VALUE");
            return Err(Fault::field(Problem::new("days", code, message)));
        }
        let micros = span.num_microseconds().unwrap_or(0);
        let known = work.get::<Hands>(Hands::ID).await?;
        let ahead = known.as_ref().map_or(0, |stored| stored.record.ahead);
        let hands = Hands {
            ahead: ahead.saturating_add(micros),
        };
        match &known {
            Some(stored) => work.replace(stored, &hands)?,
            None => work.create(&hands)?,
        }
        work.tell("clock.turned", "clock", Hands::ID, format!("by {span}"));
        sample(work);
        Ok(Turned {
            from: work.now(),
            to: work.now() + span,
        })
    }
}
