//! A job as a row of the list: its columns, what they sort by, what filters find.

use std::borrow::Cow;

use chrono::TimeDelta;

use crate::{
    domain::{
        booking::job::{ExecutionStatus, JobStatus},
        ids::JobId,
        when::Instant,
    },
    engine::bookings::rows::JobRow,
    tui::{
        clean::Clean,
        grid::column::{Column, Field, Row, SortKey},
        paint::Look,
        theme::{Glyphs, Role},
    },
};

impl Row for JobRow {
    type Id = JobId;
    const COLUMNS: &'static [Column<Self>] = COLUMNS;
    const SORTED: (usize, bool) = (6, true);
    const SIGNED: Option<usize> = Some(0);
    const BESIDE: &'static [Field<Self>] =
        &[("currency", |row| row.money().currency().code().into())];

    fn id(&self) -> JobId {
        self.job_id
    }

    fn stamp(&self) -> i64 {
        self.revision
    }
}

const COLUMNS: &[Column<JobRow>] = &[
    Column {
        id: "status",
        title: "STATUS",
        width: 19,
        rank: 1,
        grows: false,
        right: false,
        text: |row, look| status(row, look.glyphs),
        role: |row| role(row.status.outside()),
        plain: |row| row.status.outside().words().into(),
        key: |row| SortKey::Number(rank(row)),
    },
    Column {
        id: "campaign",
        title: "CAMPAIGN",
        width: 18,
        rank: 0,
        grows: true,
        right: false,
        text: |row, _| Clean::new(&row.campaign_name),
        role: |_| Role::Text,
        plain: |row| Cow::Borrowed(&row.campaign_name),
        key: |row| SortKey::text(&row.campaign_name),
    },
    Column {
        id: "budget",
        title: "BUDGET",
        width: 15,
        rank: 2,
        grows: false,
        right: true,
        text: |row, _| Clean::of(row.money()),
        role: |_| Role::Text,
        plain: |row| row.money().amount().to_string().into(),
        key: |row| SortKey::Number(row.money().minor().into()),
    },
    Column {
        id: "flight",
        title: "FLIGHT",
        width: 15,
        rank: 4,
        grows: false,
        right: false,
        text: |row, _| {
            let (first, last) = (row.first_day, row.last_day);
            clean!("{}–{}", first.format("%b %d"), last.format("%b %d"))
        },
        role: |_| Role::Muted,
        plain: |row| format!("{}/{}", row.first_day, row.last_day).into(),
        key: |row| SortKey::Text(row.first_day.to_string().into()),
    },
    Column {
        id: "waits",
        title: "WAITS FOR",
        width: 16,
        rank: 5,
        grows: false,
        right: false,
        text: |row, _| Clean::new(&waits(row)),
        role: |_| Role::Muted,
        plain: waits,
        key: |row| SortKey::Text(waits(row)),
    },
    Column {
        id: "by",
        title: "BY",
        width: 10,
        rank: 6,
        grows: false,
        right: false,
        text: |row, _| Clean::new(&row.submitted_by),
        role: |_| Role::Muted,
        plain: |row| Cow::Borrowed(&row.submitted_by),
        key: |row| SortKey::text(&row.submitted_by),
    },
    Column {
        id: "changed",
        title: "CHANGED",
        width: 9,
        rank: 3,
        grows: false,
        right: true,
        text: |row, look| age(row.updated_at, look),
        role: |_| Role::Muted,
        plain: |row| {
            row.updated_at
                .format("%Y-%m-%d %H:%M:%S")
                .to_string()
                .into()
        },
        key: |row| SortKey::Number(row.updated_at.timestamp_micros().into()),
    },
    Column {
        id: "id",
        title: "ID",
        width: 36,
        rank: 9,
        grows: false,
        right: false,
        text: |row, _| Clean::of(row.job_id),
        role: |_| Role::Muted,
        plain: |row| row.job_id.to_string().into(),
        key: |row| SortKey::Text(row.job_id.to_string().into()),
    },
];

/// What needs somebody comes first.
fn rank(row: &JobRow) -> i128 {
    match row.status.outside() {
        JobStatus::AwaitingApproval => 0,
        JobStatus::Failed => 1,
        JobStatus::Running => 2,
        JobStatus::Pending => 3,
        JobStatus::Completed => 4,
    }
}

/// What a status means.
#[must_use]
pub fn role(status: JobStatus) -> Role {
    match status {
        JobStatus::Pending => Role::Muted,
        JobStatus::Running => Role::Accent,
        JobStatus::AwaitingApproval => Role::Warn,
        JobStatus::Completed => Role::Good,
        JobStatus::Failed => Role::Bad,
    }
}

/// The sign of a status.
#[must_use]
pub fn sign(status: JobStatus, glyphs: &Glyphs) -> &'static str {
    match status {
        JobStatus::Pending => glyphs.open,
        JobStatus::Running => glyphs.busy,
        JobStatus::AwaitingApproval => glyphs.waits,
        JobStatus::Completed => glyphs.done,
        JobStatus::Failed => glyphs.wrong,
    }
}

fn status(row: &JobRow, glyphs: &Glyphs) -> Clean {
    let status = row.status.outside();
    if row.is_gone() && !row.status.is_final() {
        return clean!("{} gone there", glyphs.wrong);
    }
    let sign = sign(status, glyphs);
    if status != JobStatus::Running {
        return clean!("{sign} {}", status.words());
    }
    let [full, empty] = glyphs.bar;
    let filled = usize::from(row.progress.min(1000)) * 6 / 1000;
    let (on, off) = (full.repeat(filled), empty.repeat(6 - filled));
    clean!("{sign} running  {on}{off}")
}

/// What a job waits for; of one that lives elsewhere, what it comes to there.
fn waits(row: &JobRow) -> Cow<'_, str> {
    let elsewhere = row.upstream.as_deref();
    elsewhere.map_or_else(|| waits_for(row).into(), Cow::Borrowed)
}

/// What a job waits for.
#[must_use]
pub fn waits_for(row: &JobRow) -> &'static str {
    match row.status {
        ExecutionStatus::Initialized => "the engine",
        ExecutionStatus::BriefReceived => "allocation",
        ExecutionStatus::BudgetAllocated | ExecutionStatus::Researching => "research",
        ExecutionStatus::AwaitingApproval => "your review",
        ExecutionStatus::ExecutingBookings => "the sellers",
        ExecutionStatus::ValidationFailed => "a better brief",
        ExecutionStatus::Failed if row.retried => "",
        ExecutionStatus::Failed => "a retry",
        ExecutionStatus::Completed => "",
    }
}

/// How long ago something was, in the largest unit that says enough.
#[must_use]
pub fn age(at: Instant, look: &Look<'_>) -> Clean {
    let age = (look.now - at).max(TimeDelta::zero());
    let (number, unit) = match age.num_minutes() {
        0 => return "now".into(),
        minutes @ 1..=59 => (minutes, "min"),
        minutes @ 60..=2879 => (minutes / 60, "h"),
        minutes => (minutes / 1440, "d"),
    };
    clean!("{number} {unit}")
}
