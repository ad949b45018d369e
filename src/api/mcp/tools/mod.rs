//! One file for each tool: what the agent reads of it, which operation answers, and the older
//! shapes that it understands.

pub mod activate_signal;
pub mod get_adcp_capabilities;
pub mod get_avails;
pub mod get_products;
pub mod get_signals;
pub mod list_accounts;
pub mod list_creative_formats;
pub mod sync_accounts;
