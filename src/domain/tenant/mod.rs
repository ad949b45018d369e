//! Who asks: tenants, callers, their roles and scopes.

pub mod caller;
pub mod profile;
pub mod role;
