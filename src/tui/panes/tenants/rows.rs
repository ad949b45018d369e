//! A tenant as a row of the directory: how it is in a word, its columns, what they sort by.

use crate::{
    domain::{ids::TenantId, tenant::ad_server::AdServerKind, when::Instant},
    engine::tenants::{
        status::{Ended, TenantStatus},
        view::TenantRow,
    },
    tui::{
        clean::Clean,
        grid::column::{Column, Row, SortKey, stamp},
        panes::jobs::rows::age,
        theme::{Glyphs, Role},
    },
};

/// How a tenant is, the worst that is known of it first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// Its ad server did not answer when it was last asked.
    Unreachable,
    /// What is fetched from its ad server could not be fetched.
    SyncFailed,
    /// Something could not be delivered and was given up.
    Undelivered,
    /// Its ad server cannot be spoken to: something is missing.
    NotSetUp,
    /// Something is being fetched from its ad server.
    Syncing,
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
    /// How it is, once somebody has looked.
    pub looked: Option<Looked>,
}

/// How a tenant is, as far as a list shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Looked {
    /// Whether its ad server answered, if it was asked.
    pub connected: Option<bool>,
    /// How the worse of its syncs ended.
    pub sync: Ended,
    /// How much waits for a person.
    pub waiting: i64,
    /// How many media buys run.
    pub running: i64,
    /// How much was given up.
    pub undelivered: i64,
}

impl Looked {
    /// Of an answer.
    #[must_use]
    pub fn new(status: &TenantStatus) -> Self {
        let both = [status.syncs.inventory.status, status.syncs.orders.status];
        let order = [Ended::Failed, Ended::Running, Ended::Success];
        let sync = order.into_iter().find(|one| both.contains(one));
        Self {
            connected: status.ad_server.connected,
            sync: sync.unwrap_or_default(),
            waiting: status.workflows.open_count,
            running: status.media_buys.active_count,
            undelivered: status.webhooks.failed_count,
        }
    }
}

/// How a sync ended, in words.
#[must_use]
pub fn ended(how: Ended) -> &'static str {
    match how {
        Ended::NeverRun => "never ran",
        Ended::Running => "runs",
        Ended::Success => "done",
        Ended::Failed => "failed",
    }
}

/// What that means.
#[must_use]
pub fn meaning(how: Ended) -> Role {
    match how {
        Ended::NeverRun => Role::Muted,
        Ended::Running => Role::Accent,
        Ended::Success => Role::Good,
        Ended::Failed => Role::Bad,
    }
}

impl TenantEntry {
    /// Of an answer, as somebody of the tenant `own` sees it.
    #[must_use]
    pub fn new(row: &TenantRow, own: &TenantId) -> Self {
        Self {
            own: row.tenant_id == *own,
            looked: None,
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
        let looked = self.looked.as_ref();
        let is = |fits: fn(&Looked) -> bool| looked.is_some_and(fits);
        if !self.active {
            Health::Closed
        } else if is(|it| it.connected == Some(false)) {
            Health::Unreachable
        } else if is(|it| it.sync == Ended::Failed) {
            Health::SyncFailed
        } else if is(|it| it.undelivered > 0) {
            Health::Undelivered
        } else if !self.configured {
            Health::NotSetUp
        } else if is(|it| it.sync == Ended::Running) {
            Health::Syncing
        } else {
            Health::Healthy
        }
    }

    /// The same, in words.
    #[must_use]
    pub fn words(&self) -> &'static str {
        match self.health() {
            Health::Closed => "closed",
            Health::Unreachable => "unreachable",
            Health::SyncFailed => "sync failed",
            Health::Undelivered => "undelivered",
            Health::NotSetUp => "not set up",
            Health::Syncing => "syncing",
            Health::Healthy => "healthy",
        }
    }

    /// What that means.
    #[must_use]
    pub fn role(&self) -> Role {
        match self.health() {
            Health::Closed => Role::Muted,
            Health::Unreachable | Health::SyncFailed => Role::Bad,
            Health::Undelivered | Health::NotSetUp => Role::Warn,
            Health::Syncing => Role::Accent,
            Health::Healthy => Role::Good,
        }
    }

    /// The sign of it.
    #[must_use]
    pub fn sign(&self, glyphs: &Glyphs) -> &'static str {
        match self.health() {
            Health::Closed => glyphs.open,
            Health::Unreachable | Health::SyncFailed => glyphs.wrong,
            Health::Undelivered | Health::NotSetUp => glyphs.waits,
            Health::Syncing => glyphs.busy,
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
        stamp(format!("{self:?}"))
    }
}

/// How its sync is, in words; nothing where there is nothing to fetch.
fn sync(row: &TenantEntry) -> &'static str {
    match (row.ad_server, row.looked) {
        (AdServerKind::Mock, _) | (_, None) => "-",
        (_, Some(it)) => ended(it.sync),
    }
}

fn count(count: Option<i64>) -> Clean {
    count.map_or("-".into(), Clean::of)
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
        text: |row, _| {
            if row.own {
                clean!("{} (yours)", row.name)
            } else {
                Clean::new(&row.name)
            }
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
        id: "sync",
        title: "SYNC",
        width: 9,
        rank: 4,
        grows: false,
        right: false,
        text: |row, _| sync(row).into(),
        role: |row| row.looked.map_or(Role::Muted, |it| meaning(it.sync)),
        plain: |row| sync(row).into(),
        key: |row| SortKey::text(sync(row)),
    },
    Column {
        id: "waiting",
        title: "WAIT",
        width: 5,
        rank: 3,
        grows: false,
        right: true,
        text: |row, _| count(row.looked.map(|it| it.waiting)),
        role: |row| match row.looked {
            Some(it) if it.waiting > 0 => Role::Warn,
            _ => Role::Muted,
        },
        plain: |row| row.looked.map_or(0, |it| it.waiting).to_string().into(),
        key: |row| SortKey::Number(row.looked.map_or(-1, |it| it.waiting).into()),
    },
    Column {
        id: "running",
        title: "BUYS",
        width: 5,
        rank: 5,
        grows: false,
        right: true,
        text: |row, _| count(row.looked.map(|it| it.running)),
        role: |_| Role::Text,
        plain: |row| row.looked.map_or(0, |it| it.running).to_string().into(),
        key: |row| SortKey::Number(row.looked.map_or(-1, |it| it.running).into()),
    },
    Column {
        id: "subdomain",
        title: "SUBDOMAIN",
        width: 12,
        rank: 7,
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
        rank: 8,
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
        rank: 6,
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
        rank: 9,
        grows: false,
        right: false,
        text: |row, _| Clean::of(&row.id),
        role: |_| Role::Muted,
        plain: |row| row.id.as_str().into(),
        key: |row| SortKey::text(row.id.as_str()),
    },
];
