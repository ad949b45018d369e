//! A resource as a row: what it is, how many it serves, how full its week is.

use crate::{
    domain::{ids::ResourceId, zone::Zone},
    engine::slots::view::ResourceView,
    tui::{
        clean::Clean,
        grid::column::{Column, Row, SortKey},
        theme::Role,
    },
};

/// A resource.
#[derive(Debug, Clone, PartialEq)]
pub struct ResourceRow {
    /// All of it.
    pub view: ResourceView,
    /// How much of its week is taken, in percent, as far as somebody has looked.
    pub full: Option<u64>,
}

impl ResourceRow {
    /// Whose clock hangs on its wall.
    #[must_use]
    pub fn zone(&self) -> Zone {
        self.view.schedule.timezone
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.view.card.name
    }
}

impl Row for ResourceRow {
    type Id = ResourceId;
    const COLUMNS: &'static [Column<Self>] = COLUMNS;
    const SORTED: (usize, bool) = (0, false);

    fn id(&self) -> ResourceId {
        self.view.id
    }

    fn stamp(&self) -> i64 {
        self.view.revision
    }
}

const COLUMNS: &[Column<ResourceRow>] = &[
    Column {
        id: "resource",
        title: "RESOURCE",
        width: 16,
        rank: 0,
        grows: true,
        right: false,
        text: |row, _| Clean::new(row.name()),
        role: |row| {
            if row.view.is_active {
                Role::Text
            } else {
                Role::Muted
            }
        },
        plain: |row| row.name().into(),
        key: |row| SortKey::text(row.name()),
    },
    Column {
        id: "type",
        title: "TYPE",
        width: 9,
        rank: 2,
        grows: false,
        right: false,
        text: |row, _| Clean::from(row.view.card.kind.name()),
        role: |_| Role::Muted,
        plain: |row| row.view.card.kind.name().into(),
        key: |row| SortKey::text(row.view.card.kind.name()),
    },
    Column {
        id: "seats",
        title: "SEATS",
        width: 5,
        rank: 3,
        grows: false,
        right: true,
        text: |row, _| clean!("{}", row.view.schedule.max_concurrent),
        role: |_| Role::Text,
        plain: |row| row.view.schedule.max_concurrent.to_string().into(),
        key: |row| SortKey::Number(row.view.schedule.max_concurrent.into()),
    },
    Column {
        id: "full",
        title: "FULL",
        width: 5,
        rank: 1,
        grows: false,
        right: true,
        text: |row, _| match row.full {
            _ if !row.view.is_active => "off".into(),
            Some(full) => clean!("{full} %"),
            None => "".into(),
        },
        role: |row| match row.full {
            Some(90..) => Role::Bad,
            Some(60..) => Role::Warn,
            _ => Role::Muted,
        },
        plain: |row| {
            row.full
                .map(|full| full.to_string())
                .unwrap_or_default()
                .into()
        },
        key: |row| SortKey::Number(row.full.unwrap_or(0).into()),
    },
    Column {
        id: "zone",
        title: "TIME ZONE",
        width: 20,
        rank: 4,
        grows: false,
        right: false,
        text: |row, _| Clean::of(row.zone()),
        role: |_| Role::Muted,
        plain: |row| row.zone().to_string().into(),
        key: |row| SortKey::Text(row.zone().to_string().into()),
    },
];
