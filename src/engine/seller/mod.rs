//! The seller inside: a catalogue, its availability by day, and `OpenDirect` orders from an
//! account to the stats of a line. Refuses to sell an impression twice.

pub mod avails;
pub mod creatives;
pub mod embedded;
pub mod lines;
pub mod orders;
pub mod page;
pub mod parties;
pub mod place;
pub mod products;

use super::{fault::Fault, work::Work};
use crate::domain::opendirect::{line::Line, order::Order, refusal::Refusal};

/// Begins the names of the counters of taken impressions; the product's id follows.
pub const AVAILS: &str = "avail/";
/// The kind of the reconciler that moves lines when their time has come.
pub const FOLLOW_LINE: &str = "follow_line";

/// Says why a state machine refused, in the words of the border.
fn refused(refusal: Refusal) -> Fault {
    Fault::wrong_state("INVALID_STATUS", refusal.to_string())
        .with("state", refusal.state)
        .with("possible", refusal.possible)
}

/// Says why an order does not let its lines go on.
fn not_let(refusal: Refusal) -> Fault {
    Fault {
        code: "ORDER_NOT_APPROVED".into(),
        ..refused(refusal)
    }
}

/// Tells whoever watches what happened to an order.
fn tell_order(work: &mut Work<'_>, order: &Order, name: &'static str) {
    let detail = format!("{} for {}", order.name, order.budget);
    work.tell(name, "order", order.id.to_string(), detail);
}

/// Tells whoever watches what happened to a line.
fn tell_line(work: &mut Work<'_>, line: &Line, name: &'static str) {
    let detail = format!("{} for {}", line.name, line.cost);
    work.tell(name, "line", line.id.to_string(), detail);
}
