//! One file for each tool: what the agent reads of it, which operation answers, and the older
//! shapes that it understands.

pub mod activate_signal;
pub mod check_media_buy_status;
pub mod comply_test_controller;
pub mod create_media_buy;
pub mod creatives;
pub mod get_adcp_capabilities;
pub mod get_avails;
pub mod get_media_buy_delivery;
pub mod get_media_buy_report;
pub mod get_media_buys;
pub mod get_products;
pub mod get_signals;
pub mod list_accounts;
pub mod list_creative_formats;
pub mod older_creatives;
pub mod pause_media_buy;
pub mod provide_performance_feedback;
pub mod resume_media_buy;
pub mod sync_accounts;
pub mod sync_governance;
pub mod tasks;
pub mod update_media_buy;
