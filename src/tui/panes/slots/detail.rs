//! All that is known of one booking, of what is held, or of a time that nobody has: as lines, for
//! the panel beside the calendar and to be read in full.

use chrono_tz::Tz;

use super::{
    acts,
    agenda::{self, Entry, What, left},
    read::second,
    wall,
};
use crate::{
    domain::when::Instant,
    engine::slots::view::{BookingView, HoldView},
    tui::{
        clean::Clean,
        theme::{Glyphs, Role},
    },
};

type Line = (Clean, Role);

fn fact(label: &str, value: impl std::fmt::Display) -> Line {
    (clean!("{label:<9} {value}"), Role::Text)
}

/// A moment by the clock in Greenwich, which logs have too.
fn utc(text: &str) -> String {
    let at = second(text);
    let clock = wall::day_and_time(Tz::UTC, at);
    format!("{clock} UTC")
}

/// All that is known of a line of the agenda.
#[must_use]
pub fn entry(entry: &Entry, glyphs: &Glyphs, now: Instant) -> Vec<Line> {
    match &entry.what {
        What::Booking(view) => booking(view, glyphs),
        What::Hold(view) => hold(view, now),
    }
}

fn booking(view: &BookingView, glyphs: &Glyphs) -> Vec<Line> {
    let name = agenda::guest(view);
    let sign = agenda::sign(view.status, glyphs);
    let state = clean!("{sign} {}", agenda::words(view.status));
    let mut lines = vec![
        (clean!("{name}"), Role::Title),
        (state, agenda::role(view.status)),
        fact("what", &view.resource_name),
        fact("when", acts::time_of(view)),
        fact("", utc(&view.starts_at)),
        fact("seats", view.party_size),
        fact("e-mail", &view.email),
    ];
    for (label, value) in [
        ("phone", &view.phone),
        ("interest", &view.interest),
        ("notes", &view.notes),
    ] {
        // What a guest wrote in several lines stays in several lines.
        for (at, line) in value.iter().flat_map(|text| text.lines()).enumerate() {
            lines.push(fact(if at == 0 { label } else { "" }, line));
        }
    }
    if let Some(source) = &view.source {
        lines.push(fact("source", agenda::source_words(source)));
    }
    lines.push(fact("made", utc(&view.created_at)));
    for (label, value) in [
        ("said", &view.settled_at),
        ("cancelled", &view.cancelled_at),
    ] {
        lines.extend(value.iter().map(|at| fact(label, utc(at))));
    }
    if view.sequence > 0 {
        lines.push(fact("changed", format!("{} times", view.sequence)));
    }
    lines.push((clean!("{:<9} {}", "id", view.id), Role::Muted));
    lines.push((clean!("{:<9} {}", "guest id", view.lead_id), Role::Muted));
    lines
}

fn hold(view: &HoldView, now: Instant) -> Vec<Line> {
    let mut lines = vec![
        (
            clean!("Held for {}", left(&view.expires_at, now)),
            Role::Warn,
        ),
        fact("what", &view.resource_name),
        fact("when", wall::zoned(&view.starts_at, &view.ends_at)),
        fact("seats", view.party_size),
        fact("until", utc(&view.expires_at)),
    ];
    if view.extended {
        lines.push(fact("", "kept longer once already"));
    }
    if let Some(waiting) = view.waiting_id {
        lines.push(fact("for", format!("whoever waited ({waiting})")));
    }
    lines.push((clean!("{:<9} {}", "id", view.id), Role::Muted));
    lines
}
