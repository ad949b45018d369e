//! Who asks: tenants, callers, their roles and scopes.

pub mod caller;
pub mod role;
