//! The table of everything that an agent can call. Adding a tool is one file and one line.

use super::{tool::Tool, tools};

/// Every tool.
pub static TOOLS: &[Tool] = &[
    tools::get_adcp_capabilities::TOOL,
    tools::create_media_buy::TOOL,
    tools::update_media_buy::TOOL,
    tools::get_media_buys::TOOL,
    tools::get_media_buy_delivery::TOOL,
    tools::get_media_buy_report::TOOL,
    tools::tasks::GET,
    tools::tasks::LIST,
    tools::creatives::SYNC,
    tools::creatives::LIST,
    tools::older_creatives::UPLOAD,
    tools::older_creatives::STATUS,
    tools::provide_performance_feedback::TOOL,
    tools::check_media_buy_status::TOOL,
    tools::pause_media_buy::TOOL,
    tools::resume_media_buy::TOOL,
    tools::get_products::TOOL,
    tools::list_creative_formats::TOOL,
    tools::get_signals::TOOL,
    tools::activate_signal::TOOL,
    tools::get_avails::TOOL,
    tools::sync_accounts::TOOL,
    tools::list_accounts::TOOL,
    tools::sync_governance::TOOL,
    tools::comply_test_controller::TOOL,
];
