//! A reading: the totals of a line since it began, until some time, as its ad server counts
//! them. Refuses nothing by itself; whether it can follow another one is the track's to say.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{ids::LineId, opendirect::stats::Delivered};

/// What an ad server counted of a line until some time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// Which line.
    pub line_id: LineId,
    /// The totals since it began.
    pub delivered: Delivered,
    /// How the ad server itself says that the line keeps up; 1 is on plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reported_index: Option<f64>,
}
