//! Tells what was counted of a line over time: by hour as long as hours are kept, by day for
//! ever. Refuses to fill gaps: what was not counted is not there.

use chrono::{Days, NaiveDate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        currency::Currency,
        delivery::{mark::Mark, track::Track},
        ids::LineId,
        opendirect::line::Line,
        policy::Permission,
    },
    engine::{
        fault::{Fault, FaultKind},
        operation::{Kind, Operation},
        work::Work,
    },
};

/// How many days one series may cover by hour.
pub const MOST_BY_HOUR: u64 = 62;
/// How many days one series may cover by day.
pub const MOST_BY_DAY: u64 = 3_660;

/// How fine a series is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Grain {
    /// One mark an hour.
    Hour,
    /// One mark a day.
    #[default]
    Day,
}

/// Tells what was counted of a line over time.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadSeries {
    /// Which line.
    pub line_id: LineId,
    /// By hour or by day.
    #[serde(default)]
    pub grain: Grain,
    /// From this day on, in UTC; the line's first where it is not said.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// Until this day and including it; today where it is not said.
    #[serde(default)]
    pub to: Option<NaiveDate>,
}

/// What was counted of a line over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Series {
    /// Which line.
    pub line_id: LineId,
    /// What was spent is counted in this; missing where money is not counted.
    pub currency: Option<Currency>,
    /// The totals at the end of each hour or day that has any, oldest first: seconds since
    /// 1970, impressions, clicks, starts, completes, measurable, viewable, and what was spent in
    /// minor units.
    pub marks: Vec<Mark>,
}

impl Operation for ReadSeries {
    const NAME: &'static str = "delivery.series";
    const ABOUT: &'static str = "Tell what was counted of a line over time, by hour or by day.";
    const KIND: Kind = Kind::Query(Permission::ReadOrders);
    type Output = Series;

    async fn perform(self, work: &mut Work<'_>) -> Result<Series, Fault> {
        let track = work.get::<Track>(&self.line_id.to_string()).await?;
        let Some(track) = track.map(|stored| stored.record) else {
            work.find::<Line, _>(self.line_id).await?;
            return Ok(Series {
                line_id: self.line_id,
                currency: None,
                marks: Vec::new(),
            });
        };
        let to = self.to.unwrap_or_else(|| work.now().date_naive());
        let most = match self.grain {
            Grain::Hour => MOST_BY_HOUR,
            Grain::Day => MOST_BY_DAY,
        };
        let earliest = to.checked_sub_days(Days::new(most - 1)).unwrap_or(to);
        let from = self.from.unwrap_or_else(|| {
            track
                .first
                .date_naive()
                .pred_opt()
                .unwrap_or(to)
                .max(earliest)
        });
        if from < earliest {
            let message = format!("from, to: at most {most} days at once");
            return Err(Fault::new(FaultKind::Invalid, "SERIES_TOO_LONG", message));
        }
        Ok(Series {
            line_id: self.line_id,
            currency: track.currency(),
            marks: marks(work, &self.line_id, self.grain, (from, to)).await?,
        })
    }
}

/// Reads the marks of a line between two days, both included.
///
/// # Errors
/// When the store cannot, or holds what is no mark.
pub(in crate::engine) async fn marks(
    work: &Work<'_>,
    line: &LineId,
    grain: Grain,
    (from, to): (NaiveDate, NaiveDate),
) -> Result<Vec<Mark>, Fault> {
    let (line, from, to) = (line.to_string(), from.to_string(), to.to_string());
    let days = work.store().days(work.tenant(), &line, &from, &to).await?;
    let mut marks = Vec::new();
    for day in days {
        match grain {
            Grain::Hour if !day.hours.is_empty() => {
                let hours: Vec<Mark> = serde_json::from_str(&day.hours).map_err(Fault::broken)?;
                marks.extend(hours);
            }
            Grain::Hour | Grain::Day => {
                marks.push(serde_json::from_str(&day.last).map_err(Fault::broken)?);
            }
        }
    }
    Ok(marks)
}
