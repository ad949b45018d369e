//! Who asks and for whom: tenants, their principals and keys, callers, roles and scopes.

pub mod ad_server;
pub mod caller;
pub mod features;
pub mod key;
pub mod principal;
pub mod profile;
pub mod publisher;
pub mod role;
pub mod secret;
pub mod server;
