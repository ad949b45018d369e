//! What the engine needs of others, as small traits, and the clients of other companies'
//! systems that serve them. Knows the domain only; refuses to keep anything.

pub mod ad_server;
pub mod ad_servers;
pub mod governance;
pub mod mcp;
mod once;
pub mod outside;
pub mod seller;
pub mod sellers;
pub mod upstream;
