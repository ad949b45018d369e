//! What was sent to others' addresses, as rows and as lines: where each delivery stands, how often
//! it was tried, what the other side said last. Proposes to send again what was given up, and
//! sends nothing itself.

use std::collections::HashSet;

use super::activity::{
    rows::{short, stamp, time},
    work::off,
};
use crate::{
    domain::{
        ids::{NoticeId, TenantId},
        notify::slack::Channel,
        webhook::notice::NoticeStatus,
    },
    engine::{
        fault::Fault,
        notify::replay::{Replay, Replayed},
        webhooks::list::{ListNotices, NoticeView},
    },
    session::Session,
    tui::{
        clean::Clean,
        effect::{Done, Place, Proposal, Step},
        grid::column::{self, Column, Row, SortKey},
        paint::Look,
        theme::{Glyphs, Role},
    },
};

/// How many of the newest are read, and how many of those that were given up.
const MOST: u32 = 200;
/// How many are named in a question; the rest is counted.
const NAMED: usize = 12;

/// Reads the newest deliveries, and the newest of those that were given up.
///
/// # Errors
/// When they cannot be read.
pub async fn read(session: &Session) -> Result<Vec<NoticeView>, Fault> {
    let newest = ListNotices {
        limit: Some(MOST),
        ..ListNotices::default()
    };
    let dead = ListNotices {
        status: Some(NoticeStatus::Dead),
        ..newest.clone()
    };
    let mut all = session.ask(newest).await?.webhooks;
    let known: HashSet<NoticeId> = all.iter().map(|one| one.id).collect();
    let dead = session.ask(dead).await?.webhooks.into_iter();
    all.extend(dead.filter(|one| !known.contains(&one.id)));
    Ok(all)
}

/// How many deliveries were given up, as far as they are counted.
///
/// # Errors
/// When they cannot be read.
pub async fn given_up(session: &Session) -> Result<usize, Fault> {
    let dead = ListNotices {
        limit: Some(MOST),
        status: Some(NoticeStatus::Dead),
        ..ListNotices::default()
    };
    Ok(session.ask(dead).await?.webhooks.len())
}

/// Whether it was given up.
#[must_use]
pub fn is_dead(row: &NoticeView) -> bool {
    row.status == NoticeStatus::Dead
}

/// Where a delivery stands, in words.
#[must_use]
pub fn words(row: &NoticeView) -> &'static str {
    match row.status {
        NoticeStatus::Waiting => "waiting",
        NoticeStatus::Delivered => "delivered",
        NoticeStatus::Dead => "given up",
    }
}

/// What that means.
#[must_use]
pub fn meaning(row: &NoticeView) -> Role {
    match (row.status, row.tries) {
        (NoticeStatus::Delivered, _) => Role::Good,
        (NoticeStatus::Dead, _) => Role::Bad,
        (NoticeStatus::Waiting, 0) => Role::Accent,
        (NoticeStatus::Waiting, _) => Role::Warn,
    }
}

/// The sign of it.
#[must_use]
pub fn sign(row: &NoticeView, glyphs: &Glyphs) -> &'static str {
    match row.status {
        NoticeStatus::Delivered => glyphs.done,
        NoticeStatus::Dead => glyphs.wrong,
        NoticeStatus::Waiting => glyphs.busy,
    }
}

/// The channel of Slack that an owner is, where it is one.
#[must_use]
pub fn channel(owner: &str) -> Option<Channel> {
    owner.strip_prefix("slack/").and_then(Channel::read)
}

/// The endpoint that an owner is, where it is one.
#[must_use]
pub fn endpoint(owner: &str) -> Option<&str> {
    owner.strip_prefix("endpoint/")
}

/// What people call a channel of Slack.
#[must_use]
pub fn called(channel: Channel) -> &'static str {
    match channel {
        Channel::Work => "Slack",
        Channel::Audit => "Slack audit",
    }
}

/// Who it goes to.
#[must_use]
pub fn to(row: &NoticeView) -> Clean {
    match channel(&row.owner) {
        Some(channel) => called(channel).into(),
        None if endpoint(&row.owner).is_some() => Clean::new(&row.host),
        None => clean!("{} at {}", row.owner, row.host),
    }
}

/// What the other side said last.
#[must_use]
pub fn answer(row: &NoticeView) -> Clean {
    match &row.last {
        None => "-".into(),
        Some(tried) => match (&tried.error, tried.status) {
            (Some(error), _) => Clean::new(error),
            (None, Some(status)) => clean!("it answered {status}"),
            (None, None) => "taken".into(),
        },
    }
}

/// How often it was tried, in words.
#[must_use]
pub fn tries(row: &NoticeView) -> Clean {
    match row.tries {
        0 => "not tried yet".into(),
        1 => "1 try".into(),
        more => clean!("{more} tries"),
    }
}

fn next(row: &NoticeView, look: &Look<'_>) -> Clean {
    match (row.status, row.next) {
        (NoticeStatus::Waiting, Some(at)) => off(at, look.now),
        _ => "".into(),
    }
}

impl Row for NoticeView {
    type Id = NoticeId;
    const COLUMNS: &'static [Column<Self>] = SENT;
    const SORTED: (usize, bool) = (0, true);

    fn id(&self) -> NoticeId {
        self.id
    }

    fn stamp(&self) -> i64 {
        column::stamp((words(self), self.tries, self.next))
    }
}

const SENT: &[Column<NoticeView>] = &[
    Column {
        id: "time",
        title: "TIME",
        width: 12,
        rank: 2,
        grows: false,
        right: false,
        text: |row, look| time(row.created_at, look),
        role: |_| Role::Muted,
        plain: |row| stamp(row.created_at).into(),
        key: |row| SortKey::Number(row.created_at.timestamp_micros().into()),
    },
    Column {
        id: "state",
        title: "STATE",
        width: 11,
        rank: 0,
        grows: false,
        right: false,
        text: |row, look| clean!("{} {}", sign(row, look.glyphs), words(row)),
        role: meaning,
        plain: |row| words(row).into(),
        key: |row| SortKey::text(words(row)),
    },
    Column {
        id: "what",
        title: "WHAT",
        width: 22,
        rank: 1,
        grows: false,
        right: false,
        text: |row, _| Clean::new(&row.what),
        role: |_| Role::Text,
        plain: |row| row.what.as_str().into(),
        key: |row| SortKey::text(&row.what),
    },
    Column {
        id: "to",
        title: "TO",
        width: 18,
        rank: 3,
        grows: false,
        right: false,
        text: |row, _| to(row),
        role: |_| Role::Text,
        plain: |row| to(row).as_str().to_owned().into(),
        key: |row| SortKey::Text(to(row).as_str().to_owned().into()),
    },
    Column {
        id: "tries",
        title: "TRIES",
        width: 5,
        rank: 4,
        grows: false,
        right: true,
        text: |row, _| Clean::of(row.tries),
        role: |row| {
            if row.tries > 1 {
                Role::Warn
            } else {
                Role::Muted
            }
        },
        plain: |row| row.tries.to_string().into(),
        key: |row| SortKey::Number(row.tries.into()),
    },
    Column {
        id: "next",
        title: "NEXT",
        width: 9,
        rank: 5,
        grows: false,
        right: true,
        text: next,
        role: |_| Role::Muted,
        plain: |row| row.next.map(stamp).unwrap_or_default().into(),
        key: |row| SortKey::Number(row.next.map_or(0, |at| at.timestamp_micros()).into()),
    },
    Column {
        id: "answer",
        title: "LAST ANSWER",
        width: 16,
        rank: 6,
        grows: true,
        right: false,
        text: |row, _| answer(row),
        role: meaning,
        plain: |row| answer(row).as_str().to_owned().into(),
        key: |row| SortKey::Text(answer(row).as_str().to_owned().into()),
    },
    Column {
        id: "about",
        title: "ABOUT",
        width: 12,
        rank: 7,
        grows: false,
        right: false,
        text: |row, _| short(&row.about),
        role: |_| Role::Muted,
        plain: |row| row.about.as_str().into(),
        key: |row| SortKey::text(&row.about),
    },
];

/// A delivery in full: names with what stands behind them.
#[must_use]
pub fn facts(row: &NoticeView, look: &Look<'_>) -> Vec<(&'static str, Clean, Role)> {
    let state = clean!("{} {}", sign(row, look.glyphs), words(row));
    let mut facts = vec![
        ("what", Clean::new(&row.what), Role::Accent),
        ("state", state, meaning(row)),
        ("to", to(row), Role::Text),
        ("about", Clean::new(&row.about), Role::Text),
        ("made", clean!("{} UTC", stamp(row.created_at)), Role::Text),
        ("tries", Clean::of(row.tries), Role::Text),
    ];
    if let Some(last) = &row.last {
        let at = clean!("{} UTC, {}", stamp(last.at), off(last.at, look.now));
        facts.push(("last", at, Role::Text));
        facts.push(("answer", answer(row), meaning(row)));
    }
    if row.status == NoticeStatus::Waiting
        && let Some(at) = row.next
    {
        let at = clean!("{} UTC, {}", stamp(at), off(at, look.now));
        facts.push(("next", at, Role::Text));
    }
    facts.push(("id", Clean::of(row.id), Role::Muted));
    facts
}

/// Proposes to send some again that were given up, of the tenant or of one's own.
#[must_use]
pub fn again(rows: &[NoticeView], of: Option<TenantId>, place: Option<Place>) -> Proposal {
    let count = rows.len();
    let named = if count == 1 {
        "this delivery".into()
    } else {
        clean!("{count} deliveries")
    };
    let mut lines: Vec<(Clean, Role)> = Vec::new();
    for row in rows.iter().take(NAMED) {
        let said = clean!(
            "{} to {}: {}, {}",
            row.what,
            to(row),
            tries(row),
            answer(row)
        );
        lines.push((said, Role::Text));
    }
    if count > NAMED {
        lines.push((clean!("and {} more", count - NAMED), Role::Muted));
    }
    let same = "The same bytes go out under the same id: who had one after all knows it.";
    lines.push((same.into(), Role::Text));
    let operation = Replay {
        delivery_ids: rows.iter().map(|row| row.id).collect(),
        ..Replay::default()
    };
    let door = move |session: Session| {
        let own = session.caller().tenant.clone();
        session.for_tenant(of.as_ref().unwrap_or(&own))
    };
    let step = Step::by(named.clone(), door, operation, move |again: Replayed| {
        Done {
            place: place.clone(),
            ..Done::said(match again.delivery_ids.len() {
                1 => "1 delivery is on its way again".into(),
                more => clean!("{more} deliveries are on their way again"),
            })
        }
    });
    Proposal {
        title: clean!("Send {named} again"),
        lines,
        typed: None,
        button: "send again",
        steps: vec![step],
        renew: None,
    }
}
