//! Background work and the console's own log as rows: their columns.

use chrono::TimeDelta;
use tracing::Level;

use super::rows::{short, stamp, time};
use crate::{
    domain::when::Instant,
    engine::activity::TaskView,
    tui::{
        clean::Clean,
        grid::column::{self, Column, Row, SortKey},
        logbook::Line,
        paint::Look,
        theme::Role,
    },
};

impl Row for TaskView {
    type Id = String;
    const COLUMNS: &'static [Column<Self>] = WORK;
    const SORTED: (usize, bool) = (0, false);

    fn id(&self) -> String {
        self.id.clone()
    }

    fn stamp(&self) -> i64 {
        let held = (&self.held_by, self.held_until);
        column::stamp((
            &self.state,
            self.run_at,
            held,
            self.attempts,
            &self.last_error,
        ))
    }
}

/// How far off a time is, in words.
#[must_use]
pub fn off(at: Instant, now: Instant) -> Clean {
    let ahead = at - now;
    let far = ahead.abs();
    let (number, unit) = match far {
        far if far < TimeDelta::seconds(1) => return "now".into(),
        far if far < TimeDelta::minutes(2) => (far.num_seconds(), "s"),
        far if far < TimeDelta::hours(2) => (far.num_minutes(), "min"),
        far if far < TimeDelta::days(2) => (far.num_hours(), "h"),
        far => (far.num_days(), "d"),
    };
    if ahead > TimeDelta::zero() {
        clean!("in {number} {unit}")
    } else {
        clean!("{number} {unit} ago")
    }
}

/// What a state means.
#[must_use]
pub fn state_role(state: &str) -> Role {
    match state {
        "dead" => Role::Bad,
        "resting" => Role::Warn,
        "running" => Role::Accent,
        _ => Role::Text,
    }
}

/// Dead work comes first, then what was tried too often, then what runs.
fn rank(state: &str) -> i128 {
    match state {
        "dead" => 0,
        "resting" => 1,
        "running" => 2,
        _ => 3,
    }
}

fn until(at: Option<Instant>, look: &Look<'_>) -> Clean {
    at.map_or("".into(), |at| off(at, look.now))
}

const WORK: &[Column<TaskView>] = &[
    Column {
        id: "state",
        title: "STATE",
        width: 8,
        rank: 0,
        grows: false,
        right: false,
        text: |row, _| Clean::new(&row.state),
        role: |row| state_role(&row.state),
        plain: |row| row.state.as_str().into(),
        key: |row| {
            SortKey::Number(
                rank(&row.state) * (1 << 70) + i128::from(row.run_at.timestamp_micros()),
            )
        },
    },
    Column {
        id: "kind",
        title: "KIND",
        width: 16,
        rank: 1,
        grows: false,
        right: false,
        text: |row, _| Clean::new(&row.kind),
        role: |_| Role::Text,
        plain: |row| row.kind.as_str().into(),
        key: |row| SortKey::text(&row.kind),
    },
    Column {
        id: "object",
        title: "OBJECT",
        width: 12,
        rank: 2,
        grows: false,
        right: false,
        text: |row, _| short(&row.object),
        role: |_| Role::Muted,
        plain: |row| row.object.as_str().into(),
        key: |row| SortKey::text(&row.object),
    },
    Column {
        id: "due",
        title: "DUE",
        width: 10,
        rank: 3,
        grows: false,
        right: true,
        // What runs is due no more.
        text: |row, look| match &*row.state {
            "running" => "".into(),
            _ => off(row.run_at, look.now),
        },
        role: |_| Role::Muted,
        plain: |row| stamp(row.run_at).into(),
        key: |row| SortKey::Number(row.run_at.timestamp_micros().into()),
    },
    Column {
        id: "attempts",
        title: "TRIES",
        width: 6,
        rank: 4,
        grows: false,
        right: true,
        text: |row, _| Clean::of(row.attempts),
        role: |row| {
            if row.attempts > 1 {
                Role::Warn
            } else {
                Role::Muted
            }
        },
        plain: |row| row.attempts.to_string().into(),
        key: |row| SortKey::Number(row.attempts.into()),
    },
    Column {
        id: "held_by",
        title: "HELD BY",
        width: 12,
        rank: 6,
        grows: false,
        right: false,
        text: |row, _| Clean::new(row.held_by.as_deref().unwrap_or("")),
        role: |_| Role::Accent,
        plain: |row| row.held_by.as_deref().unwrap_or("").into(),
        key: |row| SortKey::text(row.held_by.as_deref().unwrap_or("")),
    },
    Column {
        id: "until",
        title: "UNTIL",
        width: 10,
        rank: 7,
        grows: false,
        right: true,
        text: |row, look| until(row.held_until, look),
        role: |_| Role::Muted,
        plain: |row| row.held_until.map(stamp).unwrap_or_default().into(),
        key: |row| SortKey::Number(row.held_until.map_or(0, |at| at.timestamp_micros()).into()),
    },
    Column {
        id: "error",
        title: "LAST ERROR",
        width: 16,
        rank: 5,
        grows: true,
        right: false,
        text: |row, _| Clean::new(row.last_error.as_deref().unwrap_or("")),
        role: |_| Role::Bad,
        plain: |row| row.last_error.as_deref().unwrap_or("").into(),
        key: |row| SortKey::text(row.last_error.as_deref().unwrap_or("")),
    },
    Column {
        id: "id",
        title: "ID",
        width: 36,
        rank: 9,
        grows: false,
        right: false,
        text: |row, _| Clean::new(&row.id),
        role: |_| Role::Muted,
        plain: |row| row.id.as_str().into(),
        key: |row| SortKey::text(&row.id),
    },
];

impl Row for Line {
    type Id = i64;
    const COLUMNS: &'static [Column<Self>] = LOG;
    const SORTED: (usize, bool) = (0, true);

    fn id(&self) -> i64 {
        self.seq
    }

    fn stamp(&self) -> i64 {
        self.seq
    }
}

/// What a level means.
#[must_use]
pub fn level_role(level: Level) -> Role {
    match level {
        Level::ERROR => Role::Bad,
        Level::WARN => Role::Warn,
        Level::INFO => Role::Text,
        _ => Role::Muted,
    }
}

const LOG: &[Column<Line>] = &[
    Column {
        id: "time",
        title: "TIME",
        width: 12,
        rank: 2,
        grows: false,
        right: false,
        text: |row, look| time(row.at, look),
        role: |_| Role::Muted,
        plain: |row| stamp(row.at).into(),
        key: |row| SortKey::Number(row.seq.into()),
    },
    Column {
        id: "level",
        title: "LEVEL",
        width: 5,
        rank: 1,
        grows: false,
        right: false,
        text: |row, _| row.level.as_str().into(),
        role: |row| level_role(row.level),
        plain: |row| row.level.as_str().into(),
        key: |row| {
            SortKey::Number(match row.level {
                Level::ERROR => 0,
                Level::WARN => 1,
                Level::INFO => 2,
                _ => 3,
            })
        },
    },
    Column {
        id: "target",
        title: "FROM",
        width: 20,
        rank: 3,
        grows: false,
        right: false,
        text: |row, _| row.target.clone(),
        role: |_| Role::Muted,
        plain: |row| row.target.as_str().into(),
        key: |row| SortKey::text(row.target.as_str()),
    },
    Column {
        id: "text",
        title: "SAID",
        width: 20,
        rank: 0,
        grows: true,
        right: false,
        text: |row, _| row.text.clone(),
        role: |row| level_role(row.level),
        plain: |row| row.text.as_str().into(),
        key: |row| SortKey::text(row.text.as_str()),
    },
];
