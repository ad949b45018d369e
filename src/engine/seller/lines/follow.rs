//! What time does to a line: a hold that ran out is given back, a flight begins and ends.
//! Asked too early it changes nothing and says when to ask again.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::give_back;
use crate::{
    domain::{
        ids::LineId,
        money::Money,
        opendirect::{avails::ByDay, booking_status::LineAction, line::Line},
        policy::Permission,
        tenant::caller::ENGINE,
        when::Instant,
    },
    engine::{
        bookings::moved::moved,
        delivery,
        due::Due,
        fault::Fault,
        operation::{Kind, Operation},
        pacing::alerts::{LINES, WATCH_PACING},
        seller::{refused, tell_line},
        work::Work,
    },
};

/// Moves a line as far as its time has come; for the engine only.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FollowLine {
    /// Which.
    pub line_id: LineId,
}

/// When a line is to be looked at again; for the engine only.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LineDue {
    /// Which.
    pub line_id: LineId,
}

fn due(line: &Line) -> Due {
    Due {
        at: line.next().map(|(at, _)| at),
    }
}

impl Operation for LineDue {
    const NAME: &'static str = "opendirect.line_due";
    const ABOUT: &'static str = "Say when a line is to be looked at; for the engine only.";
    const KIND: Kind = Kind::Query(Permission::RunEngine);
    type Output = Due;

    async fn perform(self, work: &mut Work<'_>) -> Result<Due, Fault> {
        let stored = work.find::<Line, _>(self.line_id).await?;
        Ok(due(&stored.record))
    }
}

impl Operation for FollowLine {
    const NAME: &'static str = "opendirect.follow_line";
    const ABOUT: &'static str = "Move a line as far as its time has come; for the engine only.";
    const KIND: Kind = Kind::Command(Permission::RunEngine);
    type Output = Due;

    async fn perform(self, work: &mut Work<'_>) -> Result<Due, Fault> {
        work.about(format!("line/{}", self.line_id));
        let stored = work.find::<Line, _>(self.line_id).await?;
        let mut line = stored.record.clone();
        while let Some((at, action)) = line.next().filter(|(at, _)| *at <= work.now()) {
            line = step(work, &line, action, at)?;
        }
        if line != stored.record {
            moved(work, &line, Money::zero(line.cost.currency())).await?;
            work.replace(&stored, &line)?;
        }
        Ok(due(&line))
    }
}

/// Takes one step, and dates it when it was due.
fn step(work: &mut Work<'_>, line: &Line, action: LineAction, at: Instant) -> Result<Line, Fault> {
    let mut next = line.clone().after(action, at, ENGINE).map_err(refused)?;
    let happened = match action {
        LineAction::Expire => {
            give_back(work, line, work.now().date_naive(), line.cost)?;
            next.hold = ByDay::new();
            "lines.expired"
        }
        LineAction::Start => {
            work.wake(WATCH_PACING, LINES, work.now());
            delivery::sample(work);
            "lines.started"
        }
        _ => "lines.finished",
    };
    tell_line(work, &next, happened);
    Ok(next)
}
