//! Who comes on a day, as rows: bookings, and what is held for a while. Counts them.

use serde_json::Value;

use super::{read::second, wall};
use crate::{
    domain::{slot::booking::Status, when::Instant, zone::Zone},
    engine::slots::view::{BookingView, HoldView, WaitingView},
    tui::{
        clean::Clean,
        grid::column::{Column, Row, SortKey},
        paint::Look,
        theme::{Glyphs, Role},
    },
};

/// What stands in the agenda.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// A booking.
    Booking(Box<BookingView>),
    /// What is held.
    Hold(Box<HoldView>),
    /// Somebody who waits, and the how manieth for that time.
    Waiting(Box<WaitingView>, usize),
}

/// A line of the agenda.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// What it is.
    pub what: What,
    /// From when, in seconds since 1970.
    pub start: i64,
    /// Until when.
    pub end: i64,
    /// The same, by the clock that is shown.
    time: String,
}

impl Entry {
    /// A booking, by this clock.
    #[must_use]
    pub fn booking(view: &BookingView, zone: Zone) -> Self {
        let (start, end) = (second(&view.starts_at), second(&view.ends_at));
        Self::new(What::Booking(Box::new(view.clone())), (start, end), zone)
    }

    /// A hold, by this clock.
    #[must_use]
    pub fn hold(view: &HoldView, zone: Zone) -> Self {
        let (start, end) = (second(&view.starts_at), second(&view.ends_at));
        Self::new(What::Hold(Box::new(view.clone())), (start, end), zone)
    }

    /// The how manieth who waits for a time that lasts so many seconds, by this clock.
    #[must_use]
    pub fn waiting(view: &WaitingView, (place, length): (usize, i64), zone: Zone) -> Self {
        let start = second(&view.starts_at);
        let what = What::Waiting(Box::new(view.clone()), place);
        Self::new(what, (start, start + length), zone)
    }

    fn new(what: What, (start, end): (i64, i64), zone: Zone) -> Self {
        let time = format!("{}-{}", wall::time(zone, start), wall::time(zone, end));
        Self {
            what,
            start,
            end,
            time,
        }
    }

    /// The booking, if it is one.
    #[must_use]
    pub fn booked(&self) -> Option<&BookingView> {
        match &self.what {
            What::Booking(view) => Some(view),
            What::Hold(_) | What::Waiting(..) => None,
        }
    }

    /// The hold, if it is one.
    #[must_use]
    pub fn held(&self) -> Option<&HoldView> {
        match &self.what {
            What::Hold(view) => Some(view),
            What::Booking(_) | What::Waiting(..) => None,
        }
    }

    /// Who waits, if somebody does.
    #[must_use]
    pub fn awaits(&self) -> Option<&WaitingView> {
        match &self.what {
            What::Waiting(view, _) => Some(view),
            What::Booking(_) | What::Hold(_) => None,
        }
    }

    /// Whether it takes seats, or took them.
    #[must_use]
    pub fn is_there(&self) -> bool {
        match &self.what {
            What::Booking(view) => view.status != Status::Cancelled,
            What::Hold(_) => true,
            What::Waiting(..) => false,
        }
    }

    /// From when until when.
    #[must_use]
    pub fn time(&self) -> &str {
        &self.time
    }

    fn guest(&self) -> String {
        match &self.what {
            What::Booking(view) => guest(view),
            What::Hold(view) if view.waiting_id.is_some() => "for waitlist".to_owned(),
            What::Hold(_) => "held".to_owned(),
            What::Waiting(view, _) => waits(view),
        }
    }

    fn seats(&self) -> u32 {
        match &self.what {
            What::Booking(view) => view.party_size,
            What::Hold(view) => view.party_size,
            What::Waiting(view, _) => view.party_size,
        }
    }

    fn state(&self) -> &'static str {
        match &self.what {
            What::Booking(view) => words(view.status),
            What::Hold(_) => "held",
            What::Waiting(..) => "waits",
        }
    }

    fn email(&self) -> &str {
        match &self.what {
            What::Booking(view) => &view.email,
            What::Hold(_) => "",
            What::Waiting(view, _) => &view.email,
        }
    }

    fn source(&self) -> String {
        let source = self.booked().and_then(|view| view.source.as_ref());
        source.map(source_words).unwrap_or_default()
    }
}

/// The whole name of a guest.
#[must_use]
pub fn guest(view: &BookingView) -> String {
    format!("{} {}", view.first_name, view.last_name)
}

/// The whole name of a guest who waits.
#[must_use]
pub fn waits(view: &WaitingView) -> String {
    format!("{} {}", view.first_name, view.last_name)
}

/// Where a booking came from, in a word.
#[must_use]
pub fn source_words(source: &Value) -> String {
    match source {
        Value::String(word) => word.clone(),
        Value::Object(fields) => {
            let known = ["channel", "medium", "campaign"];
            let known = known.iter().find_map(|name| fields.get(*name)?.as_str());
            known.unwrap_or("other").to_owned()
        }
        other => other.to_string(),
    }
}

/// How long is left until a moment: `4:31`.
#[must_use]
pub fn left(until: &str, now: Instant) -> String {
    let left = (second(until) - now.timestamp()).max(0);
    format!("{}:{:02}", left / 60, left % 60)
}

/// What a state is called here.
#[must_use]
pub fn words(status: Status) -> &'static str {
    match status {
        Status::Confirmed => "confirmed",
        Status::Cancelled => "cancelled",
        Status::NoShow => "no-show",
        Status::Completed => "came",
    }
}

/// What a state means.
#[must_use]
pub fn role(status: Status) -> Role {
    match status {
        Status::Confirmed => Role::Accent,
        Status::Cancelled => Role::Muted,
        Status::NoShow => Role::Warn,
        Status::Completed => Role::Good,
    }
}

/// The sign of a state.
#[must_use]
pub fn sign(status: Status, glyphs: &Glyphs) -> &'static str {
    match status {
        Status::Confirmed => glyphs.here,
        Status::Cancelled => glyphs.wrong,
        Status::NoShow => glyphs.open,
        Status::Completed => glyphs.done,
    }
}

fn status_text(row: &Entry, look: &Look<'_>) -> Clean {
    match &row.what {
        What::Booking(view) => clean!("{} {}", sign(view.status, look.glyphs), words(view.status)),
        What::Hold(view) => clean!("{} {}", look.glyphs.busy, left(&view.expires_at, look.now)),
        What::Waiting(_, place) => clean!("{} waits #{place}", look.glyphs.open),
    }
}

/// How many come, did not come, were called off or are held.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Booked, whatever came of it.
    pub booked: usize,
    /// Of them, those who did not come.
    pub no_shows: usize,
    /// Called off.
    pub cancelled: usize,
    /// Held.
    pub held: usize,
    /// Waiting.
    pub waiting: usize,
}

/// Counts entries.
pub fn counts<'a>(entries: impl Iterator<Item = &'a Entry>) -> Counts {
    let mut counts = Counts::default();
    for entry in entries {
        match &entry.what {
            What::Hold(_) => counts.held += 1,
            What::Waiting(..) => counts.waiting += 1,
            What::Booking(view) if view.status == Status::Cancelled => counts.cancelled += 1,
            What::Booking(view) => {
                counts.booked += 1;
                counts.no_shows += usize::from(view.status == Status::NoShow);
            }
        }
    }
    counts
}

impl Row for Entry {
    type Id = String;
    const COLUMNS: &'static [Column<Self>] = COLUMNS;
    const SORTED: (usize, bool) = (0, false);

    fn id(&self) -> String {
        match &self.what {
            What::Booking(view) => view.id.to_string(),
            What::Hold(view) => view.id.to_string(),
            What::Waiting(view, _) => view.id.to_string(),
        }
    }

    fn stamp(&self) -> i64 {
        match &self.what {
            What::Booking(view) => i64::from(view.sequence) * 8 + view.status as i64,
            What::Hold(view) => second(&view.expires_at),
            What::Waiting(_, place) => i64::try_from(*place).unwrap_or(i64::MAX),
        }
    }
}

const COLUMNS: &[Column<Entry>] = &[
    Column {
        id: "time",
        title: "TIME",
        width: 12,
        rank: 0,
        grows: false,
        right: false,
        text: |row, _| Clean::new(&row.time),
        role: |row| {
            if row.is_there() {
                Role::Text
            } else {
                Role::Muted
            }
        },
        plain: |row| (&*row.time).into(),
        key: |row| SortKey::Number(row.start.into()),
    },
    Column {
        id: "guest",
        title: "GUEST",
        width: 12,
        rank: 1,
        grows: true,
        right: false,
        text: |row, _| Clean::new(&row.guest()),
        role: |row| {
            if row.is_there() {
                Role::Text
            } else {
                Role::Muted
            }
        },
        plain: |row| row.guest().into(),
        key: |row| SortKey::Text(row.guest().to_lowercase().into()),
    },
    Column {
        id: "status",
        title: "STATUS",
        width: 11,
        rank: 2,
        grows: false,
        right: false,
        text: status_text,
        role: |row| row.booked().map_or(Role::Warn, |view| role(view.status)),
        plain: |row| row.state().into(),
        key: |row| SortKey::text(row.state()),
    },
    Column {
        id: "party",
        title: "#",
        width: 3,
        rank: 3,
        grows: false,
        right: true,
        text: |row, _| clean!("{}", row.seats()),
        role: |_| Role::Muted,
        plain: |row| row.seats().to_string().into(),
        key: |row| SortKey::Number(row.seats().into()),
    },
    Column {
        id: "source",
        title: "SOURCE",
        width: 9,
        rank: 4,
        grows: false,
        right: false,
        text: |row, _| Clean::new(&row.source()),
        role: |_| Role::Muted,
        plain: |row| row.source().into(),
        key: |row| SortKey::Text(row.source().into()),
    },
    Column {
        id: "email",
        title: "E-MAIL",
        width: 24,
        rank: 5,
        grows: false,
        right: false,
        text: |row, _| Clean::new(row.email()),
        role: |_| Role::Muted,
        plain: |row| row.email().into(),
        key: |row| SortKey::text(row.email()),
    },
    Column {
        id: "id",
        title: "ID",
        width: 36,
        rank: 9,
        grows: false,
        right: false,
        text: |row, _| clean!("{}", Row::id(row)),
        role: |_| Role::Muted,
        plain: |row| Row::id(row).into(),
        key: |row| SortKey::Text(Row::id(row).into()),
    },
];
