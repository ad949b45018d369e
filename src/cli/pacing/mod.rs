//! Pacing from the command line: a trafficker's calculator.

mod asked;
mod explain;

use clap::Subcommand;

use super::Ended;

/// Work out how lines pace.
#[derive(Debug, Subcommand)]
pub enum Pacing {
    /// Explain the pacing of one line: reads a JSON object from standard input.
    ///
    /// Fields: goal, delivered, start, end, asof; and, where they matter, pacing (even,
    /// `front_loaded`, asap), curve ([[time share, goal share], ...]), timezone, `rate_24h`, budget,
    /// spent, `active_hours` ([9, 10, ...], [[9, 17], ...] or {"mon": [...]}).
    #[command(verbatim_doc_comment)]
    Explain,
}

/// Does it.
pub fn run(pacing: &Pacing, as_json: bool) -> Result<(), Ended> {
    match pacing {
        Pacing::Explain => explain::run(as_json),
    }
}
