//! The recommendations of one job, channel by channel: a heading for each channel and its
//! rows below it, in one order and through one filter. The cursor follows its object.
//! Refuses to know what is ticked.

use std::cell::Cell;

use super::{
    item::{Item, SORTS},
    sheet::Seen,
};
use crate::{
    domain::ids::ProductId,
    tui::{
        command::Action,
        filter::{Filter, haystack},
        grid::column::{Row as _, compare},
    },
};

/// What stands on one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// The heading of a channel.
    Group(usize),
    /// A recommendation, by its place in the job.
    Item(usize),
}

/// What the cursor is on: a channel, or a product in it.
pub type At = (usize, Option<ProductId>);

/// The list.
pub struct List {
    lines: Vec<Line>,
    sort: (usize, bool),
    filter: Filter,
    cursor: usize,
    range: Option<At>,
    /// How wide each column likes to be.
    pub widths: Vec<u16>,
    /// The first line of the last picture, and how many there were.
    pub view: Cell<(usize, usize)>,
}

impl Default for List {
    fn default() -> Self {
        Self {
            lines: Vec::new(),
            sort: Item::SORTED,
            filter: Filter::default(),
            cursor: 0,
            range: None,
            widths: Item::COLUMNS.iter().map(|column| column.width).collect(),
            view: Cell::default(),
        }
    }
}

/// What the object of a line is known by, whatever its place.
fn known(line: Line, seen: &Seen) -> Option<At> {
    match line {
        Line::Group(at) => Some((at, None)),
        Line::Item(at) => {
            let item = seen.items.get(at)?;
            Some((item.group, Some(item.product().clone())))
        }
    }
}

impl List {
    /// Puts the lines of a job in order, and the cursor back on what it was on.
    pub fn fill(&mut self, seen: Option<&Seen>, at: Option<&At>) {
        self.lines.clear();
        let Some(seen) = seen else {
            self.cursor = 0;
            return;
        };
        let fits = |item: &Item| {
            let fields = Item::COLUMNS.iter();
            self.filter.is_empty()
                || self.filter.matches(&haystack(
                    fields.map(|column| (column.id, (column.plain)(item))),
                ))
        };
        for group in 0..seen.groups.len() {
            let of_it = seen.items.iter().enumerate();
            let mut places: Vec<usize> = of_it
                .filter(|(_, item)| item.group == group && fits(item))
                .map(|(at, _)| at)
                .collect();
            let (column, down) = self.sort;
            places.sort_by(|a, b| compare(&seen.items[*a], &seen.items[*b], column, down));
            if !places.is_empty() {
                self.lines.push(Line::Group(group));
                self.lines.extend(places.into_iter().map(Line::Item));
            }
        }
        let found = at.and_then(|at| {
            let mut lines = self.lines.iter();
            lines.position(|line| known(*line, seen).as_ref() == Some(at))
        });
        self.go(found.unwrap_or(self.cursor));
    }

    /// How many lines there are, headings too.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// How many lines stand below the last picture.
    #[must_use]
    pub fn below(&self) -> usize {
        let (top, height) = self.view.get();
        self.lines.len().saturating_sub(top + height)
    }

    /// How many recommendations are shown.
    #[must_use]
    pub fn shown(&self) -> usize {
        self.items().count()
    }

    /// The recommendations that are shown, in order, by their places in the job.
    pub fn items(&self) -> impl Iterator<Item = usize> {
        self.lines.iter().filter_map(|line| match line {
            Line::Item(at) => Some(*at),
            Line::Group(_) => None,
        })
    }

    /// The line at a place.
    #[must_use]
    pub fn at(&self, place: usize) -> Option<Line> {
        self.lines.get(place).copied()
    }

    /// The line under the cursor.
    #[must_use]
    pub fn here(&self) -> Option<Line> {
        self.at(self.cursor)
    }

    /// What the cursor is on, to find it again.
    #[must_use]
    pub fn known(&self, seen: &Seen) -> Option<At> {
        known(self.here()?, seen)
    }

    /// Where the cursor is.
    #[must_use]
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// Puts the cursor on a place.
    pub fn go(&mut self, place: usize) {
        self.cursor = place.min(self.lines.len().saturating_sub(1));
    }

    /// Moves the cursor; false when it is no such key.
    pub fn act(&mut self, action: Action) -> bool {
        let page = self.view.get().1.max(2) - 1;
        match action {
            Action::Down => self.go(self.cursor + 1),
            Action::Up => self.go(self.cursor.saturating_sub(1)),
            Action::PageDown => self.go(self.cursor + page),
            Action::PageUp => self.go(self.cursor.saturating_sub(page)),
            Action::Top => self.go(0),
            Action::Bottom => self.go(usize::MAX),
            _ => return false,
        }
        true
    }

    /// Begins a range here, or gives the recommendations from where it began up to here.
    pub fn range(&mut self, seen: &Seen) -> Option<Vec<usize>> {
        let Some(begun) = self.range.take() else {
            self.range = self.known(seen);
            return None;
        };
        let mut lines = self.lines.iter();
        let from = lines.position(|line| known(*line, seen).as_ref() == Some(&begun));
        let from = from.unwrap_or(self.cursor);
        let (first, last) = (from.min(self.cursor), from.max(self.cursor));
        let between = self.lines.get(first..=last)?.iter();
        Some(
            between
                .filter_map(|line| match line {
                    Line::Item(at) => Some(*at),
                    Line::Group(_) => None,
                })
                .collect(),
        )
    }

    /// Whether a range begins on this line.
    #[must_use]
    pub fn ranges_from(&self, line: Line, seen: &Seen) -> bool {
        self.range.is_some() && self.range == known(line, seen)
    }

    /// Gives up a range that was begun; false when there was none.
    pub fn drop_range(&mut self) -> bool {
        self.range.take().is_some()
    }

    /// What it is sorted by, and whether downwards.
    #[must_use]
    pub fn sorted(&self) -> (usize, bool) {
        self.sort
    }

    /// Sorts by the next of what people compare by.
    pub fn sort_next(&mut self) {
        let now = SORTS.iter().position(|(column, _)| *column == self.sort.0);
        self.sort = SORTS[now.map_or(0, |at| (at + 1) % SORTS.len())];
    }

    /// Sorts by a column; the same one again turns it round.
    pub fn sort_by(&mut self, column: usize) {
        if column == self.sort.0 {
            self.sort.1 = !self.sort.1;
        } else if column < Item::COLUMNS.len() {
            let usual = SORTS.iter().find(|(one, _)| *one == column);
            self.sort = (column, usual.is_some_and(|(_, down)| *down));
        }
    }

    /// Makes the sorted column wider or narrower.
    pub fn widen(&mut self, by: i16) {
        let width = &mut self.widths[self.sort.0];
        *width = width.saturating_add_signed(by).clamp(4, 80);
    }

    /// What the filter is.
    #[must_use]
    pub fn filter(&self) -> &str {
        self.filter.text()
    }

    /// Takes the filter as it is typed; the list must be filled after it.
    pub fn set_filter(&mut self, text: &str) {
        self.filter = Filter::new(text, &fields());
    }

    /// What a person set, to keep it until next time.
    #[must_use]
    pub fn save(&self) -> toml::Table {
        let mut table = toml::Table::new();
        table.insert("sort".into(), Item::COLUMNS[self.sort.0].id.into());
        table.insert("down".into(), self.sort.1.into());
        table.insert("filter".into(), self.filter.text().into());
        let changed = Item::COLUMNS.iter().zip(&self.widths);
        let widths: toml::Table = changed
            .filter(|(column, width)| column.width != **width)
            .map(|(column, width)| (column.id.to_owned(), i64::from(*width).into()))
            .collect();
        table.insert("widths".into(), widths.into());
        table
    }

    /// Sets what a person set last time; what is no longer known is left out.
    pub fn restore(&mut self, table: &toml::Table) {
        let text = |name: &str| table.get(name).and_then(toml::Value::as_str);
        let mut titled = Item::COLUMNS.iter().map(|column| !column.title.is_empty());
        let most = titled.position(|titled| !titled);
        let column = |id: &str| {
            let at = Item::COLUMNS.iter().position(|column| column.id == id);
            at.filter(|at| most.is_none_or(|most| *at < most))
        };
        if let Some(at) = text("sort").and_then(column) {
            let down = table.get("down").and_then(toml::Value::as_bool);
            self.sort = (at, down.unwrap_or(false));
        }
        let widths = table.get("widths").and_then(toml::Value::as_table);
        for (id, width) in widths.into_iter().flatten() {
            let width = width.as_integer().and_then(|one| u16::try_from(one).ok());
            if let (Some(at), Some(width)) = (column(id), width) {
                self.widths[at] = width.clamp(4, 80);
            }
        }
        if let Some(filter) = text("filter") {
            self.set_filter(filter);
        }
    }
}

/// The names of the fields that filters know.
#[must_use]
pub fn fields() -> Vec<&'static str> {
    Item::COLUMNS.iter().map(|column| column.id).collect()
}
