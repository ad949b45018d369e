//! `pause_media_buy`: stops an active media buy for a while, in the older shape.

use super::update_media_buy::acting;
use crate::{
    api::mcp::tool::{Tool, named},
    domain::media_buy::action::OrderVerb,
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
.called(|ask| acting(ask, OrderVerb::PauseMediaBuy));
