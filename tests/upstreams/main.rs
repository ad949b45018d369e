//! A desk whose bookings live in another company's system: every story runs against a server on
//! loopback that behaves as that system was observed to, faults included, and says which of them
//! fired.

mod approvals;
mod briefs;
mod buyer_agent;
mod buys;
mod buys_told;
#[path = "../support/desk.rs"]
#[expect(dead_code, reason = "these stories ask the engine itself")]
mod desk;
mod ground;
mod looks;
mod market;
mod mcp;
#[path = "../console/person.rs"]
#[expect(dead_code, reason = "these stories press few keys")]
mod person;
mod program;
#[path = "../cli/desk.rs"]
#[expect(dead_code, reason = "these stories run few commands")]
mod prompt;
mod sales_agent;
mod sellers_adcp;
mod sellers_avails;
mod sellers_booking;
mod sellers_fake;
mod sellers_followed;
mod sellers_ground;
mod sellers_ours;
mod sellers_program;
mod sellers_research;
mod sellers_shown;
mod shown;
mod slot_service;
mod slots;
mod tenant_server;
mod tenants;
