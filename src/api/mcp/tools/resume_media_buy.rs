//! `resume_media_buy`: lets a paused media buy go on, in the older shape.

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
    "resume_media_buy",
    "Let a paused media buy go on (media_buy_id).",
)
.taking(|| named(FIELDS))
.older(|_| true)
.called(|ask| acting(ask, OrderVerb::ResumeMediaBuy));
