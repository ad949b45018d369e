//! Bookings as other people's calendars read them: iCalendar, in UTC, every line folded between
//! letters and every text escaped. Whoever reads a feed sees no guest unless it is theirs.

use std::fmt::Write as _;

use super::{
    booking::{Booking, Status},
    hold::Hold,
};
use crate::domain::when::Instant;

/// The most octets of a line.
const WIDEST: usize = 75;

/// What stands in front of every calendar.
const PRODUCT: &str = "-//Flightdeck//Slots//EN";

/// A calendar in the writing.
#[derive(Debug)]
pub struct Calendar {
    text: String,
}

impl Calendar {
    /// With a name, if it is one that people subscribe to.
    #[must_use]
    pub fn new(name: Option<&str>) -> Self {
        let mut calendar = Self {
            text: String::new(),
        };
        calendar.line("BEGIN:VCALENDAR");
        calendar.line("VERSION:2.0");
        calendar.line(&format!("PRODID:{PRODUCT}"));
        calendar.line("CALSCALE:GREGORIAN");
        calendar.line("METHOD:PUBLISH");
        if let Some(name) = name {
            calendar.line(&format!("X-WR-CALNAME:{}", escaped(name)));
        }
        calendar
    }

    /// Adds a booking; with its guest for those who may know.
    pub fn booking(&mut self, booking: &Booking, changed_at: Instant, with_guest: bool) {
        let status = match booking.status {
            Status::Cancelled => "CANCELLED",
            Status::Confirmed | Status::NoShow | Status::Completed => "CONFIRMED",
        };
        self.begin(&booking.id.to_string(), changed_at);
        self.span(booking.starts_at, booking.ends_at);
        self.line(&format!("SEQUENCE:{}", booking.sequence));
        self.line(&format!("STATUS:{status}"));
        let name = &booking.resource_name;
        let summary = if with_guest {
            format!("{name}: {}", booking.guest.name())
        } else {
            name.clone()
        };
        self.line(&format!("SUMMARY:{}", escaped(&summary)));
        if with_guest {
            let guest = &booking.guest;
            let said = [
                Some(&guest.email),
                guest.phone.as_ref(),
                guest.notes.as_ref(),
            ];
            let said: Vec<&str> = said.into_iter().flatten().map(String::as_str).collect();
            self.line(&format!("DESCRIPTION:{}", escaped(&said.join("\n"))));
        }
        self.line("END:VEVENT");
    }

    /// Adds a hold.
    pub fn hold(&mut self, hold: &Hold, changed_at: Instant) {
        self.begin(&hold.id.to_string(), changed_at);
        self.span(hold.starts_at, hold.ends_at);
        self.line("STATUS:TENTATIVE");
        self.line(&format!("SUMMARY:{}", escaped(&hold.resource_name)));
        self.line("END:VEVENT");
    }

    /// The whole text.
    #[must_use]
    pub fn finish(mut self) -> String {
        self.line("END:VCALENDAR");
        self.text
    }

    fn begin(&mut self, id: &str, changed_at: Instant) {
        self.line("BEGIN:VEVENT");
        self.line(&format!("UID:{id}@flightdeck"));
        self.line(&format!("DTSTAMP:{}", stamp(changed_at)));
    }

    fn span(&mut self, starts_at: Instant, ends_at: Instant) {
        self.line(&format!("DTSTART:{}", stamp(starts_at)));
        self.line(&format!("DTEND:{}", stamp(ends_at)));
    }

    /// Writes a line, folded where it is too long: what goes on begins with a space.
    fn line(&mut self, text: &str) {
        let mut width = 0;
        for c in text.chars() {
            if width + c.len_utf8() > WIDEST {
                self.text.push_str("\r\n ");
                width = 1;
            }
            self.text.push(c);
            width += c.len_utf8();
        }
        self.text.push_str("\r\n");
    }
}

fn stamp(at: Instant) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

/// A text without anything that would end it.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => {
                let _ = write!(safe, "\\{c}");
            }
            '\n' => safe.push_str("\\n"),
            c if c.is_control() => {}
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_folded_between_letters_and_nothing_ends_a_text() {
        let mut calendar = Calendar::new(Some("Räume; Süd, \\ Nord\nEND:VCALENDAR\r\n"));
        calendar.line(&"ü€😀".repeat(40));
        let text = calendar.finish();
        assert!(text.lines().all(|line| line.len() <= 75), "{text}");
        assert!(text.contains("X-WR-CALNAME:Räume\\; Süd\\, \\\\ Nord\\nEND:VCALENDAR\\n\r\n"));
        let unfolded = text.replace("\r\n ", "");
        assert!(unfolded.contains(&"ü€😀".repeat(40)));
        assert_eq!(text.matches("\r\nEND:VCALENDAR\r\n").count(), 1);
        assert!(text.split("\r\n").all(|line| !line.contains(['\r', '\n'])));
    }
}
