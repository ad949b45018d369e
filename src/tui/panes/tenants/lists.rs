//! Principals and keys as rows: their columns, and which of them open anything. Shows no more
//! of a key than the part by which it is found.

use crate::{
    domain::tenant::{
        key::{MANAGEMENT_PREFIX, PREFIX, Standing},
        role,
    },
    engine::{keys::KeyView, tenants::principals::PrincipalView},
    tui::{
        clean::Clean,
        grid::column::{Column, Row, SortKey, stamp},
        paint::Look,
        panes::{
            jobs::rows::age,
            tenants::tabs::{Line, Page, stamp as stamp_of},
        },
        theme::{Glyphs, Role},
    },
};

/// What a key is known by to whoever has it: how it begins.
#[must_use]
pub fn beginning(key_id: &str, role: role::Role) -> Clean {
    match (key_id.len(), role) {
        (8, role::Role::Operator) => clean!("{MANAGEMENT_PREFIX}_{key_id}"),
        (8, _) => clean!("{PREFIX}_{key_id}"),
        // Somebody chose it, and nothing of it is known.
        _ => "chosen".into(),
    }
}

impl Row for PrincipalView {
    type Id = String;
    const COLUMNS: &'static [Column<Self>] = PRINCIPALS;
    const SORTED: (usize, bool) = (0, false);

    fn id(&self) -> String {
        self.principal_id.clone()
    }

    fn stamp(&self) -> i64 {
        stamp(format!("{self:?}"))
    }
}

/// What Google Ad Manager calls a principal.
pub fn advertiser(row: &PrincipalView) -> String {
    match &row.gam_advertiser_id {
        Some(serde_json::Value::String(id)) => id.clone(),
        Some(serde_json::Value::Number(id)) => id.to_string(),
        _ => String::new(),
    }
}

const PRINCIPALS: &[Column<PrincipalView>] = &[
    Column {
        id: "principal",
        title: "PRINCIPAL",
        width: 16,
        rank: 0,
        grows: true,
        right: false,
        text: |row, _| Clean::new(&row.name),
        role: |_| Role::Text,
        plain: |row| row.name.as_str().into(),
        key: |row| SortKey::text(&row.name),
    },
    Column {
        id: "role",
        title: "ROLE",
        width: 6,
        rank: 1,
        grows: false,
        right: false,
        text: |row, _| Clean::of(row.role),
        role: |row| match row.role {
            role::Role::Admin => Role::Warn,
            _ => Role::Muted,
        },
        plain: |row| row.role.to_string().into(),
        key: |row| SortKey::text(row.role.name()),
    },
    Column {
        id: "id",
        title: "ID",
        width: 14,
        rank: 2,
        grows: false,
        right: false,
        text: |row, _| Clean::new(&row.principal_id),
        role: |_| Role::Muted,
        plain: |row| row.principal_id.as_str().into(),
        key: |row| SortKey::text(&row.principal_id),
    },
    Column {
        id: "advertiser",
        title: "ADVERTISER",
        width: 11,
        rank: 3,
        grows: false,
        right: false,
        text: |row, _| Clean::new(&advertiser(row)),
        role: |_| Role::Muted,
        plain: |row| advertiser(row).into(),
        key: |row| SortKey::Text(advertiser(row).into()),
    },
];

/// Where a key stands, in a word; one that another has taken the place of still opens for a
/// while.
pub fn words(row: &KeyView) -> &'static str {
    match (row.state, &row.replaced_by) {
        (Standing::Active, None) => "open",
        (Standing::Active, Some(_)) => "replaced",
        (Standing::Expired, _) => "expired",
        (Standing::Revoked, _) => "taken back",
    }
}

/// What that means.
pub fn meaning(row: &KeyView) -> Role {
    match (row.state, &row.replaced_by) {
        (Standing::Active, None) => Role::Good,
        (Standing::Active, Some(_)) => Role::Warn,
        (Standing::Expired | Standing::Revoked, _) => Role::Muted,
    }
}

fn sign(row: &KeyView, glyphs: &Glyphs) -> &'static str {
    match (row.state, &row.replaced_by) {
        (Standing::Active, None) => glyphs.done,
        (Standing::Active, Some(_)) => glyphs.busy,
        (Standing::Expired | Standing::Revoked, _) => glyphs.wrong,
    }
}

impl Row for KeyView {
    type Id = String;
    const COLUMNS: &'static [Column<Self>] = KEYS;
    const SORTED: (usize, bool) = (0, false);

    fn id(&self) -> String {
        self.key_id.clone()
    }

    fn stamp(&self) -> i64 {
        stamp(format!("{self:?}"))
    }
}

const KEYS: &[Column<KeyView>] = &[
    Column {
        id: "state",
        title: "STATE",
        width: 12,
        rank: 1,
        grows: false,
        right: false,
        text: |row, look| clean!("{} {}", sign(row, look.glyphs), words(row)),
        role: meaning,
        plain: |row| words(row).into(),
        key: |row| {
            let opens = row.state != Standing::Active;
            let since = row.created_at.timestamp_micros();
            SortKey::Number((i128::from(opens) << 64) - i128::from(since))
        },
    },
    Column {
        id: "name",
        title: "FOR",
        width: 12,
        rank: 0,
        grows: true,
        right: false,
        text: |row, _| Clean::new(&row.name),
        role: |_| Role::Text,
        plain: |row| row.name.as_str().into(),
        key: |row| SortKey::text(&row.name),
    },
    Column {
        id: "role",
        title: "ROLE",
        width: 10,
        rank: 2,
        grows: false,
        right: false,
        text: |row, _| Clean::of(row.role),
        role: |_| Role::Muted,
        plain: |row| row.role.to_string().into(),
        key: |row| SortKey::text(row.role.name()),
    },
    Column {
        id: "key",
        title: "KEY",
        width: 14,
        rank: 3,
        grows: false,
        right: false,
        text: |row, _| beginning(&row.key_id, row.role),
        role: |_| Role::Muted,
        plain: |row| row.key_id.as_str().into(),
        key: |row| SortKey::text(&row.key_id),
    },
    Column {
        id: "age",
        title: "AGE",
        width: 6,
        rank: 4,
        grows: false,
        right: true,
        text: |row, look| age(row.created_at, look),
        role: |_| Role::Muted,
        plain: |row| {
            row.created_at
                .format("%Y-%m-%d %H:%M:%S")
                .to_string()
                .into()
        },
        key: |row| SortKey::Number(row.created_at.timestamp_micros().into()),
    },
];

/// A principal in full.
pub fn principal(row: &PrincipalView, width: u16) -> Vec<Line> {
    let mut page = Page::new(width);
    page.fact("principal", Clean::new(&row.name), Role::Accent);
    page.fact("asks as", Clean::new(&row.principal_id), Role::Text);
    page.fact("role", Clean::of(row.role), Role::Text);
    page.fact("token", beginning(&row.key_id, row.role), Role::Text);
    page.fact("added", stamp_of(row.created_at), Role::Muted);
    if !row.platform_mappings.is_empty() {
        let json = serde_json::Value::Object(row.platform_mappings.clone());
        page.fact("mappings", clean!("{json}"), Role::Text);
    }
    page.lines()
}

/// A key in full, but for what opens anything.
pub fn key(row: &KeyView, width: u16, look: &Look<'_>) -> Vec<Line> {
    let mut page = Page::new(width);
    let state = clean!("{} {}", sign(row, look.glyphs), words(row));
    page.fact("key", beginning(&row.key_id, row.role), Role::Accent);
    page.fact("state", state, meaning(row));
    page.fact("for", Clean::new(&row.name), Role::Text);
    if let Some(principal) = &row.principal_id {
        page.fact("principal", Clean::new(principal), Role::Text);
    }
    page.fact("role", Clean::of(row.role), Role::Text);
    let scopes = row.scopes.iter().flatten();
    let scopes: Vec<&str> = scopes.map(|scope| scope.name()).collect();
    let scopes = match &scopes[..] {
        [] => "everything that the role may".into(),
        some => clean!("{}", some.join(", ")),
    };
    page.fact("may", scopes, Role::Text);
    page.fact("made", stamp_of(row.created_at), Role::Muted);
    let expires = row.expires_at.map_or("never".into(), stamp_of);
    page.fact("ends", expires, Role::Muted);
    if let Some(at) = row.revoked_at {
        page.fact("taken back", stamp_of(at), Role::Muted);
    }
    if let Some(other) = &row.replaced_by {
        page.fact("replaced by", beginning(other, row.role), Role::Muted);
    }
    page.lines()
}
