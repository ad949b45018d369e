//! An order as a row of the queue: its columns, what they sort by, what filters find.

use crate::{
    domain::{
        ids::{ApprovalId, BuyId},
        media_buy::{
            action::guaranteed,
            approval::{Approval, Wanted},
            buy::MediaBuy,
            item_type::ItemType,
            status::BuyStatus,
        },
        money::Money,
        when::Instant,
    },
    engine::media_buys::view::BuyView,
    tui::{
        clean::Clean,
        grid::column::{Column, Field, Row, SortKey},
        panes::jobs::rows::age,
        theme::{Glyphs, Role},
    },
};

/// What the publisher is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// The question's id.
    pub id: ApprovalId,
    /// Whether it is about a change and not the whole order.
    pub change: bool,
    /// For how much.
    pub amount: Money,
    /// Who asks.
    pub by: Box<str>,
    /// Since when.
    pub at: Instant,
}

impl From<&Approval> for Asked {
    fn from(approval: &Approval) -> Self {
        Self {
            id: approval.id,
            change: matches!(approval.wanted, Wanted::Change { .. }),
            amount: approval.amount,
            by: approval.asked_by.as_str().into(),
            at: approval.asked_at,
        }
    }
}

/// An order.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderRow {
    /// Its id.
    pub id: BuyId,
    /// What it is called.
    pub name: Box<str>,
    /// Who ordered it.
    pub owner: Box<str>,
    /// Where it stands.
    pub status: BuyStatus,
    /// What its packages may cost together.
    pub total: Money,
    /// The types in it, called off packages left out.
    pub types: Vec<ItemType>,
    /// When it begins.
    pub start: Instant,
    /// When it is over.
    pub end: Instant,
    /// The revision to pin a decision to.
    pub seen: i64,
    /// The revision that its buyer pins a change to.
    pub revision: u64,
    /// When it last changed.
    pub updated: Instant,
    /// The question that waits longest.
    pub asked: Option<Asked>,
    /// How many questions wait.
    pub questions: usize,
    /// What it comes to in the system that it lives in, where that is another company's; empty
    /// where all is as it was asked for.
    pub elsewhere: Option<Box<str>>,
    /// Whether that system does not show when it runs.
    pub undated: bool,
}

impl OrderRow {
    /// Of an order and the questions about it, the longest waiting first.
    pub fn new<'a>(view: &BuyView, asked: impl Iterator<Item = &'a Approval>) -> Self {
        let MediaBuy {
            id,
            name,
            owner,
            status,
            start,
            end,
            revision,
            ..
        } = &view.buy;
        let questions: Vec<Asked> = asked.map(Asked::from).collect();
        Self {
            id: id.clone(),
            name: name.as_str().into(),
            owner: owner.as_str().into(),
            status: *status,
            total: view.total,
            types: view.buy.item_types(),
            start: *start,
            end: *end,
            seen: view.seen,
            revision: *revision,
            updated: view.updated_at,
            questions: questions.len(),
            asked: questions.into_iter().next(),
            elsewhere: view.buy.upstream.as_ref().map(|known| known.short().into()),
            undated: view.buy.is_undated(),
        }
    }

    /// Whether somebody at the publisher has to decide.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.asked.is_some() || self.status == BuyStatus::AwaitingApproval
    }

    /// What it is about: what is asked for where something is, and else what it costs.
    #[must_use]
    pub fn amount(&self) -> Money {
        let change = self.asked.as_ref().filter(|asked| asked.change);
        change.map_or(self.total, |asked| asked.amount)
    }

    /// Where it stands, in words.
    #[must_use]
    pub fn words(&self) -> &'static str {
        match (&self.asked, self.status) {
            (Some(asked), _) if asked.change => "change asked for",
            (_, BuyStatus::Draft) => "draft",
            (_, BuyStatus::AwaitingApproval) => "awaiting approval",
            (_, BuyStatus::PendingCreatives) => "lacks creatives",
            (_, BuyStatus::PendingStart) => "starts soon",
            (_, BuyStatus::Active) => "running",
            (_, BuyStatus::Paused) => "paused",
            (_, BuyStatus::Completed) => "completed",
            (_, BuyStatus::Rejected) => "rejected",
            (_, BuyStatus::Canceled) => "canceled",
        }
    }

    /// The types in it, each once, the promised ones first.
    #[must_use]
    pub fn types(&self) -> String {
        let mut all = guaranteed(self.types.iter().copied());
        let mut rest = self.types.clone();
        rest.sort_unstable();
        rest.dedup();
        rest.retain(|one| !one.is_guaranteed());
        all.extend(rest);
        let names: Vec<&str> = all.iter().map(|one| one.name()).collect();
        names.join(" ")
    }

    /// Its flight in two short days.
    #[must_use]
    pub fn flight(&self) -> Clean {
        if self.undated {
            return "not shown".into();
        }
        let (first, last) = crate::domain::media_buy::package::days(self.start, self.end);
        clean!("{}–{}", first.format("%b %d"), last.format("%b %d"))
    }
}

impl Row for OrderRow {
    type Id = BuyId;
    const COLUMNS: &'static [Column<Self>] = COLUMNS;
    const SORTED: (usize, bool) = (0, false);
    const SIGNED: Option<usize> = Some(0);
    const BESIDE: &'static [Field<Self>] =
        &[("currency", |row| row.amount().currency().code().into())];

    fn id(&self) -> BuyId {
        self.id.clone()
    }

    fn stamp(&self) -> i64 {
        let questions = i64::try_from(self.questions).unwrap_or(0).min(9);
        self.seen * 10 + questions
    }
}

const COLUMNS: &[Column<OrderRow>] = &[
    Column {
        id: "status",
        title: "STATUS",
        width: 19,
        rank: 1,
        grows: false,
        right: false,
        text: |row, look| clean!("{} {}", sign(row, look.glyphs), row.words()),
        role,
        plain: |row| row.words().into(),
        key: |row| SortKey::Number(place(row)),
    },
    Column {
        id: "order",
        title: "ORDER",
        width: 18,
        rank: 0,
        grows: true,
        right: false,
        text: |row, _| match row.elsewhere.as_deref() {
            Some(comes_to) if !comes_to.is_empty() => clean!("{} ≠ {comes_to}", row.name),
            _ => Clean::new(&row.name),
        },
        role: |_| Role::Text,
        plain: |row| (&*row.name).into(),
        key: |row| SortKey::text(&row.name),
    },
    Column {
        id: "buyer",
        title: "BUYER",
        width: 11,
        rank: 5,
        grows: false,
        right: false,
        text: |row, _| Clean::new(&row.owner),
        role: |_| Role::Muted,
        plain: |row| (&*row.owner).into(),
        key: |row| SortKey::text(&row.owner),
    },
    Column {
        id: "amount",
        title: "AMOUNT",
        width: 15,
        rank: 2,
        grows: false,
        right: true,
        text: |row, _| Clean::of(row.amount()),
        role: |_| Role::Text,
        plain: |row| row.amount().amount().to_string().into(),
        key: |row| SortKey::Number(row.amount().minor().into()),
    },
    Column {
        id: "types",
        title: "TYPES",
        width: 14,
        rank: 6,
        grows: false,
        right: false,
        text: |row, _| Clean::new(&row.types()),
        role: |_| Role::Muted,
        plain: |row| row.types().into(),
        key: |row| SortKey::Text(row.types().into()),
    },
    Column {
        id: "flight",
        title: "FLIGHT",
        width: 13,
        rank: 4,
        grows: false,
        right: false,
        text: |row, _| row.flight(),
        role: |_| Role::Muted,
        plain: |row| format!("{}/{}", row.start.date_naive(), row.end.date_naive()).into(),
        key: |row| SortKey::Number(row.start.timestamp_micros().into()),
    },
    Column {
        id: "waited",
        title: "WAITED",
        width: 7,
        rank: 3,
        grows: false,
        right: true,
        text: |row, look| match &row.asked {
            Some(asked) => age(asked.at, look),
            None => "".into(),
        },
        role: |_| Role::Warn,
        plain: |row| match &row.asked {
            Some(asked) => asked.at.format("%Y-%m-%d %H:%M:%S").to_string().into(),
            None => "".into(),
        },
        key: |row| {
            let at = row.asked.as_ref().map(|asked| asked.at.timestamp_micros());
            SortKey::Number(at.unwrap_or(i64::MAX).into())
        },
    },
    Column {
        id: "id",
        title: "ID",
        width: 35,
        rank: 9,
        grows: false,
        right: false,
        text: |row, _| Clean::of(&row.id),
        role: |_| Role::Muted,
        plain: |row| row.id.as_str().into(),
        key: |row| SortKey::Text(row.id.as_str().into()),
    },
];

/// What waits for the publisher comes first, the longest waiting on top; then drafts, what is
/// agreed to, and what is over, each with what changed last on top.
fn place(row: &OrderRow) -> i128 {
    let group = match row.status {
        _ if row.waits() => {
            let since = row.asked.as_ref().map_or(row.updated, |asked| asked.at);
            return since.timestamp_micros().into();
        }
        BuyStatus::Draft | BuyStatus::AwaitingApproval => 1,
        status if !status.is_final() => 2,
        _ => 3,
    };
    (group << 64) - i128::from(row.updated.timestamp_micros())
}

/// What a state means.
#[must_use]
pub fn role(row: &OrderRow) -> Role {
    match row.status {
        _ if row.waits() => Role::Warn,
        BuyStatus::Draft | BuyStatus::Canceled => Role::Muted,
        BuyStatus::AwaitingApproval | BuyStatus::Paused | BuyStatus::PendingCreatives => Role::Warn,
        BuyStatus::PendingStart | BuyStatus::Active => Role::Accent,
        BuyStatus::Completed => Role::Good,
        BuyStatus::Rejected => Role::Bad,
    }
}

/// The sign of a state.
#[must_use]
pub fn sign(row: &OrderRow, glyphs: &Glyphs) -> &'static str {
    match row.status {
        _ if row.waits() => glyphs.waits,
        BuyStatus::AwaitingApproval => glyphs.waits,
        BuyStatus::Draft | BuyStatus::PendingStart | BuyStatus::PendingCreatives => glyphs.open,
        BuyStatus::Active => glyphs.busy,
        BuyStatus::Paused => glyphs.paused,
        BuyStatus::Completed => glyphs.done,
        BuyStatus::Rejected | BuyStatus::Canceled => glyphs.wrong,
    }
}
