//! `get_media_buy_report`: a report on one media buy, in the older shape.

use serde::Deserialize;

use super::get_media_buy_delivery::day;
use crate::{
    api::mcp::tool::{Answering, Ask, Tool, named},
    domain::ids::BuyId,
    engine::media_buys::report::GetReport,
};

/// The fields that it reads.
const FIELDS: &[&str] = &[
    "media_buy_id",
    "start_date",
    "end_date",
    "dimensions",
    "metrics",
];

/// The tool.
pub const TOOL: Tool = Tool::of::<GetReport>(
    "get_media_buy_report",
    "Report on one media buy. dimensions: date, package, product, media_buy; metrics: impressions, \
     spend, clicks, ctr, video_starts, completed_views, completion_rate, measurable_impressions, \
     viewable_impressions, viewability, effective_cpm. Rates are fractions.",
)
.taking(|| named(FIELDS))
.called(call);

#[derive(Deserialize)]
struct Wanted {
    media_buy_id: BuyId,
    #[serde(default)]
    start_date: Option<String>,
    #[serde(default)]
    end_date: Option<String>,
    #[serde(default)]
    dimensions: Option<Vec<String>>,
    #[serde(default)]
    metrics: Option<Vec<String>>,
}

fn call(mut ask: Ask) -> Answering {
    Box::pin(async move {
        let wanted: Wanted = ask.read()?;
        let report = GetReport {
            media_buy_id: wanted.media_buy_id,
            start_date: day(wanted.start_date.as_deref(), "start_date")?,
            end_date: day(wanted.end_date.as_deref(), "end_date")?,
            dimensions: wanted.dimensions,
            metrics: wanted.metrics,
        };
        let mut answer = ask.asked(report).await?;
        // `status` is the task's; the buy's own stands beside it.
        if let Some(status) = answer.output.remove("status") {
            answer.output.insert("media_buy_status".into(), status);
        }
        Ok(answer)
    })
}
