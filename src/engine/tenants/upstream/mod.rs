//! A tenant-management server of another house, seen and acted on from here. Read live through a
//! small cache that says how old it is, and not mirrored: its list is short, has no pages in two of
//! its three shapes, and another house's tenants have no place in the directory by which ours are
//! let in. What is sent is kept before it leaves, sent once, and read back; what the server's shape
//! does not offer is said before anything is sent.

pub mod act;
pub(in crate::engine) mod carry;
pub mod errands;
pub mod place;
pub mod view;

use std::sync::Arc;

use self::place::ServerPlace;
use crate::engine::{
    desk::Desk,
    fault::{Fault, FaultKind},
};

/// The kind of the reconciler that settles what was never answered.
pub const SETTLE: &str = "settle_server";

/// The server that is set up, or why there is none.
fn set_up(desk: &Desk) -> Result<&Arc<ServerPlace>, Fault> {
    desk.tenant_server.place().ok_or_else(|| {
        let message = "no tenant-management server of another house is set up";
        Fault::wrong_state("UPSTREAM_NOT_SET_UP", message)
            .hint("set one up with [upstream.tenants] in the settings")
    })
}

/// Says that it cannot be asked now.
fn unreached(name: &str, why: &str) -> Fault {
    let message = format!("{name} cannot be asked now ({why})");
    Fault::new(FaultKind::Busy, "UPSTREAM_UNREACHED", message).hint("ask again in a moment")
}
