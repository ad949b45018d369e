//! Events and audit lines as rows: their columns, and where they are read.

use chrono::Timelike as _;
use futures_util::future::BoxFuture;

use super::tail::{Line, MOST};
use crate::{
    domain::{
        audit::{Outcome, Sealed},
        when::Instant,
    },
    engine::{
        activity::{FeedEnd, ReadAudit, ReadFeed},
        events::Event,
        fault::Fault,
    },
    session::Session,
    tui::{
        clean::Clean,
        grid::column::{Column, Row, SortKey},
        paint::Look,
        theme::Role,
    },
};

/// The most lines that are asked for at a time.
const LIMIT: u32 = 1000;
/// How often more is read of one object.
const PAGES: usize = 5;

/// A time of today to the second, another one with its day.
#[must_use]
pub fn time(at: Instant, look: &Look<'_>) -> Clean {
    if at.date_naive() == look.now.date_naive() {
        return clean!("{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second());
    }
    clean!("{}", at.format("%b %d %H:%M"))
}

/// A time in full.
#[must_use]
pub fn stamp(at: Instant) -> String {
    at.format("%Y-%m-%d %H:%M:%S%.3f").to_string()
}

/// The end of an id, by which people tell ids apart that begin with their time.
#[must_use]
pub fn short(id: &str) -> Clean {
    let letters = id.chars().count();
    if letters <= 12 {
        return Clean::new(id);
    }
    let end: String = id.chars().skip(letters - 8).collect();
    clean!("..{end}")
}

fn limit(wanted: i64) -> u32 {
    u32::try_from(wanted).unwrap_or(LIMIT).clamp(1, LIMIT)
}

impl Row for Event {
    type Id = i64;
    const COLUMNS: &'static [Column<Self>] = EVENTS;
    const SORTED: (usize, bool) = (0, true);

    fn id(&self) -> i64 {
        self.seq
    }

    fn stamp(&self) -> i64 {
        self.seq
    }
}

impl Line for Event {
    fn object(&self) -> Option<&str> {
        Some(&self.object)
    }

    fn at(&self) -> Instant {
        self.at
    }

    fn end(session: Session) -> BoxFuture<'static, Result<i64, Fault>> {
        Box::pin(async move { Ok(session.ask(FeedEnd {}).await?.seq) })
    }

    fn read(
        session: Session,
        after: i64,
        wanted: i64,
    ) -> BoxFuture<'static, Result<Vec<Self>, Fault>> {
        Box::pin(async move {
            let limit = Some(limit(wanted));
            let question = ReadFeed {
                after,
                limit,
                object: None,
            };
            Ok(session.ask(question).await?.events)
        })
    }

    fn about(session: Session, object: String) -> BoxFuture<'static, Result<Vec<Self>, Fault>> {
        Box::pin(async move {
            let mut all = Vec::new();
            for _ in 0..PAGES {
                let question = ReadFeed {
                    after: all.last().map_or(0, |event: &Event| event.seq),
                    limit: Some(LIMIT),
                    object: Some(object.clone()),
                };
                let events = session.ask(question).await?.events;
                let last = events.len() < LIMIT as usize;
                all.extend(events);
                if last {
                    break;
                }
            }
            Ok(all)
        })
    }
}

const EVENTS: &[Column<Event>] = &[
    Column {
        id: "time",
        title: "TIME",
        width: 12,
        rank: 0,
        grows: false,
        right: false,
        text: |row, look| time(row.at, look),
        role: |_| Role::Muted,
        plain: |row| stamp(row.at).into(),
        key: |row| SortKey::Number(row.seq.into()),
    },
    Column {
        id: "event",
        title: "EVENT",
        width: 24,
        rank: 1,
        grows: false,
        right: false,
        text: |row, _| Clean::new(&row.event),
        role: |row| event_role(&row.event),
        plain: |row| row.event.as_str().into(),
        key: |row| SortKey::text(&row.event),
    },
    Column {
        id: "kind",
        title: "KIND",
        width: 8,
        rank: 4,
        grows: false,
        right: false,
        text: |row, _| Clean::new(&row.kind),
        role: |_| Role::Muted,
        plain: |row| row.kind.as_str().into(),
        key: |row| SortKey::text(&row.kind),
    },
    Column {
        id: "object",
        title: "OBJECT",
        width: 12,
        rank: 3,
        grows: false,
        right: false,
        text: |row, _| short(&row.object),
        role: |_| Role::Muted,
        plain: |row| row.object.as_str().into(),
        key: |row| SortKey::text(&row.object),
    },
    Column {
        id: "detail",
        title: "DETAIL",
        width: 19,
        rank: 2,
        grows: true,
        right: false,
        text: |row, _| Clean::new(&row.detail),
        role: |_| Role::Text,
        plain: |row| row.detail.as_str().into(),
        key: |row| SortKey::text(&row.detail),
    },
];

/// What went wrong stands out by its name.
fn event_role(event: &str) -> Role {
    let last = event.rsplit('.').next().unwrap_or(event);
    let says = |words: &[&str]| words.iter().any(|word| last.contains(word));
    if says(&["fail", "reject", "dead", "broken", "expired"]) {
        Role::Bad
    } else if says(&["await", "cancel", "retr"]) {
        Role::Warn
    } else {
        Role::Accent
    }
}

impl Row for Sealed {
    type Id = i64;
    const COLUMNS: &'static [Column<Self>] = AUDIT;
    const SORTED: (usize, bool) = (0, true);

    fn id(&self) -> i64 {
        self.seq
    }

    fn stamp(&self) -> i64 {
        self.seq
    }
}

impl Line for Sealed {
    fn object(&self) -> Option<&str> {
        let object = self.entry.object.as_deref()?;
        Some(object.split_once('/').map_or(object, |(_, id)| id))
    }

    fn at(&self) -> Instant {
        self.entry.at
    }

    fn end(session: Session) -> BoxFuture<'static, Result<i64, Fault>> {
        Box::pin(async move { Ok(session.ask(FeedEnd {}).await?.audit) })
    }

    fn read(
        session: Session,
        after: i64,
        wanted: i64,
    ) -> BoxFuture<'static, Result<Vec<Self>, Fault>> {
        Box::pin(async move {
            let limit = Some(limit(wanted));
            let question = ReadAudit {
                after,
                limit,
                object: None,
            };
            Ok(session.ask(question).await?.lines)
        })
    }

    fn about(session: Session, object: String) -> BoxFuture<'static, Result<Vec<Self>, Fault>> {
        Box::pin(async move {
            let (mut all, mut after) = (Vec::new(), 0);
            while all.len() < MOST {
                let question = ReadAudit {
                    after,
                    limit: Some(LIMIT),
                    object: Some(object.clone()),
                };
                let page = session.ask(question).await?;
                all.extend(page.lines);
                match page.more_after {
                    Some(last) => after = last,
                    None => break,
                }
            }
            Ok(all)
        })
    }
}

/// What an outcome means.
#[must_use]
pub fn outcome_role(outcome: Outcome) -> Role {
    match outcome {
        Outcome::Done => Role::Good,
        Outcome::Refused => Role::Alarm,
        Outcome::Failed => Role::Bad,
    }
}

/// The revisions before and after.
#[must_use]
pub fn revisions(line: &Sealed) -> Clean {
    let number = |n: Option<i64>| n.map_or_else(|| "-".to_owned(), |n| n.to_string());
    let entry = &line.entry;
    if entry.revision_before.is_none() && entry.revision_after.is_none() {
        return "".into();
    }
    let (before, after) = (entry.revision_before, entry.revision_after);
    clean!("{} > {}", number(before), number(after))
}

const AUDIT: &[Column<Sealed>] = &[
    Column {
        id: "time",
        title: "TIME",
        width: 12,
        rank: 2,
        grows: false,
        right: false,
        text: |row, look| time(row.entry.at, look),
        role: |_| Role::Muted,
        plain: |row| stamp(row.entry.at).into(),
        key: |row| SortKey::Number(row.seq.into()),
    },
    Column {
        id: "actor",
        title: "ACTOR",
        width: 12,
        rank: 1,
        grows: false,
        right: false,
        text: |row, _| Clean::new(&row.entry.actor),
        role: |_| Role::Accent,
        plain: |row| row.entry.actor.as_str().into(),
        key: |row| SortKey::text(&row.entry.actor),
    },
    Column {
        id: "role",
        title: "ROLE",
        width: 10,
        rank: 6,
        grows: false,
        right: false,
        text: |row, _| Clean::of(row.entry.role),
        role: |_| Role::Muted,
        plain: |row| row.entry.role.to_string().into(),
        key: |row| SortKey::Text(row.entry.role.name().into()),
    },
    Column {
        id: "action",
        title: "ACTION",
        width: 20,
        rank: 0,
        grows: false,
        right: false,
        text: |row, _| Clean::new(&row.entry.action),
        role: |_| Role::Text,
        plain: |row| row.entry.action.as_str().into(),
        key: |row| SortKey::text(&row.entry.action),
    },
    Column {
        id: "outcome",
        title: "OUTCOME",
        width: 9,
        rank: 3,
        grows: false,
        right: false,
        text: |row, _| row.entry.outcome.name().into(),
        role: |row| outcome_role(row.entry.outcome),
        plain: |row| row.entry.outcome.name().into(),
        key: |row| SortKey::Text(row.entry.outcome.name().into()),
    },
    Column {
        id: "object",
        title: "OBJECT",
        width: 12,
        rank: 5,
        grows: false,
        right: false,
        text: |row, _| short(row.object().unwrap_or("")),
        role: |_| Role::Muted,
        plain: |row| row.entry.object.as_deref().unwrap_or("").into(),
        key: |row| SortKey::text(row.entry.object.as_deref().unwrap_or("")),
    },
    Column {
        id: "revision",
        title: "REVISION",
        width: 8,
        rank: 7,
        grows: false,
        right: false,
        text: |row, _| revisions(row),
        role: |_| Role::Muted,
        plain: |row| revisions(row).to_string().into(),
        key: |row| SortKey::Number(row.entry.revision_after.unwrap_or(-1).into()),
    },
    Column {
        id: "detail",
        title: "DETAIL",
        width: 16,
        rank: 4,
        grows: true,
        right: false,
        text: |row, _| Clean::new(&row.entry.words()),
        role: |row| match row.entry.outcome {
            Outcome::Done => Role::Text,
            Outcome::Refused | Outcome::Failed => Role::Bad,
        },
        plain: |row| row.entry.words().into(),
        key: |row| SortKey::text(&row.entry.detail),
    },
];
