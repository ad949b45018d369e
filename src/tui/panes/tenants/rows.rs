//! A tenant as a row of the directory: how it is in a word, its columns, what they sort by.

use crate::{
    domain::{ids::TenantId, tenant::ad_server::AdServerKind, when::Instant},
    engine::tenants::view::TenantRow,
    tui::{
        clean::Clean,
        grid::column::{Column, Row, SortKey},
        panes::jobs::rows::age,
        theme::{Glyphs, Role},
    },
};

/// How a tenant is, the worst that is known of it first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// Its ad server cannot be spoken to: something is missing.
    NotSetUp,
    /// Nothing is known to be wrong.
    Healthy,
    /// Its keys open nothing.
    Closed,
}

/// A tenant of the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantEntry {
    /// Its id.
    pub id: TenantId,
    /// What people call it.
    pub name: Box<str>,
    /// The name before our own under which it is asked.
    pub subdomain: Box<str>,
    /// What delivers for it.
    pub ad_server: AdServerKind,
    /// Whether there is what it takes to speak to that.
    pub configured: bool,
    /// Whether its keys open anything.
    pub active: bool,
    /// What it pays by.
    pub plan: Box<str>,
    /// When it was opened.
    pub created: Instant,
    /// Whether whoever looks sits in it.
    pub own: bool,
}

impl TenantEntry {
    /// Of an answer, as somebody of the tenant `own` sees it.
    #[must_use]
    pub fn new(row: &TenantRow, own: &TenantId) -> Self {
        Self {
            own: row.tenant_id == *own,
            id: row.tenant_id.clone(),
            name: row.name.as_str().into(),
            subdomain: row.subdomain.as_str().into(),
            ad_server: row.ad_server,
            configured: row.adapter_configured,
            active: row.is_active,
            plan: row.billing_plan.as_str().into(),
            created: row.created_at,
        }
    }

    /// How it is.
    #[must_use]
    pub fn health(&self) -> Health {
        if !self.active {
            Health::Closed
        } else if self.configured {
            Health::Healthy
        } else {
            Health::NotSetUp
        }
    }

    /// The same, in words.
    #[must_use]
    pub fn words(&self) -> &'static str {
        match self.health() {
            Health::Closed => "closed",
            Health::NotSetUp => "not set up",
            Health::Healthy => "healthy",
        }
    }

    /// What that means.
    #[must_use]
    pub fn role(&self) -> Role {
        match self.health() {
            Health::Closed => Role::Muted,
            Health::NotSetUp => Role::Warn,
            Health::Healthy => Role::Good,
        }
    }

    /// The sign of it.
    #[must_use]
    pub fn sign(&self, glyphs: &Glyphs) -> &'static str {
        match self.health() {
            Health::Closed => glyphs.open,
            Health::NotSetUp => glyphs.waits,
            Health::Healthy => glyphs.done,
        }
    }
}

/// The name of an ad server as people write it.
#[must_use]
pub fn server(kind: AdServerKind) -> &'static str {
    match kind {
        AdServerKind::Mock => "built in",
        AdServerKind::GoogleAdManager => "Google Ad Manager",
        AdServerKind::Kevel => "Kevel",
        AdServerKind::TritonDigital => "Triton Digital",
    }
}

impl Row for TenantEntry {
    type Id = TenantId;
    const COLUMNS: &'static [Column<Self>] = COLUMNS;
    const SORTED: (usize, bool) = (0, false);

    fn id(&self) -> TenantId {
        self.id.clone()
    }

    fn stamp(&self) -> i64 {
        let text = format!("{self:?}");
        super::lists::stamp(&[&text])
    }
}

const COLUMNS: &[Column<TenantEntry>] = &[
    Column {
        id: "health",
        title: "HEALTH",
        width: 13,
        rank: 1,
        grows: false,
        right: false,
        text: |row, look| clean!("{} {}", row.sign(look.glyphs), row.words()),
        role: TenantEntry::role,
        plain: |row| row.words().into(),
        key: |row| SortKey::Number(row.health() as i128),
    },
    Column {
        id: "tenant",
        title: "TENANT",
        width: 18,
        rank: 0,
        grows: true,
        right: false,
        text: |row, _| match row.own {
            true => clean!("{} (yours)", row.name),
            false => Clean::new(&row.name),
        },
        role: |_| Role::Text,
        plain: |row| (&*row.name).into(),
        key: |row| SortKey::text(&row.name),
    },
    Column {
        id: "ad_server",
        title: "AD SERVER",
        width: 17,
        rank: 2,
        grows: false,
        right: false,
        text: |row, _| server(row.ad_server).into(),
        role: |_| Role::Text,
        plain: |row| server(row.ad_server).into(),
        key: |row| SortKey::text(server(row.ad_server)),
    },
    Column {
        id: "subdomain",
        title: "SUBDOMAIN",
        width: 14,
        rank: 4,
        grows: false,
        right: false,
        text: |row, _| Clean::new(&row.subdomain),
        role: |_| Role::Muted,
        plain: |row| (&*row.subdomain).into(),
        key: |row| SortKey::text(&row.subdomain),
    },
    Column {
        id: "plan",
        title: "PLAN",
        width: 10,
        rank: 5,
        grows: false,
        right: false,
        text: |row, _| Clean::new(&row.plan),
        role: |_| Role::Muted,
        plain: |row| (&*row.plan).into(),
        key: |row| SortKey::text(&row.plan),
    },
    Column {
        id: "age",
        title: "AGE",
        width: 6,
        rank: 3,
        grows: false,
        right: true,
        text: |row, look| age(row.created, look),
        role: |_| Role::Muted,
        plain: |row| row.created.format("%Y-%m-%d %H:%M:%S").to_string().into(),
        key: |row| SortKey::Number(row.created.timestamp_micros().into()),
    },
    Column {
        id: "id",
        title: "ID",
        width: 15,
        rank: 6,
        grows: false,
        right: false,
        text: |row, _| Clean::of(&row.id),
        role: |_| Role::Muted,
        plain: |row| row.id.as_str().into(),
        key: |row| SortKey::text(row.id.as_str()),
    },
];
