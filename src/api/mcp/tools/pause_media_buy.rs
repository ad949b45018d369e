//! `pause_media_buy`: stops an active media buy for a while, in the older shape.

use serde_json::json;

use super::update_media_buy::acted;
use crate::{
    api::mcp::tool::{Answering, Ask, Tool, named},
    engine::media_buys::act::ActOnBuy,
};

/// The fields that it reads.
const FIELDS: &[&str] = &["media_buy_id", "reason"];

/// The tool.
pub const TOOL: Tool = Tool::of::<ActOnBuy>(
    "pause_media_buy",
    "Pause an active media buy (media_buy_id, optional reason).",
)
.taking(|| named(FIELDS))
.older(|_| true)
.called(call);

fn call(mut ask: Ask) -> Answering {
    Box::pin(async move {
        let mut sent = std::mem::take(&mut ask.arguments);
        sent.insert("action".into(), json!("pause_media_buy"));
        acted(ask, sent).await
    })
}
