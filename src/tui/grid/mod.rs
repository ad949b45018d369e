//! The one list of the console: rows of any kind, by the hundred thousand. Filter, sort,
//! marks and ranges, a cursor that follows its object, rows that changed a moment ago.
//! Looks only at the rows that are seen; refuses to know what a row means.

pub mod column;
mod draw;
mod export;
mod order;

use std::{
    cell::{Cell, OnceCell},
    collections::{BTreeSet, HashMap},
};

use chrono::TimeDelta;
use foldhash::fast::RandomState;

use self::column::{Row, fields};
use super::{
    command::Action,
    filter::{Filter, haystack},
    paint::Spot,
};
use crate::domain::when::Instant;

pub use export::{Format, written};

/// How long a row that changed is marked.
const FRESH: TimeDelta = TimeDelta::milliseconds(2500);

/// A list.
pub struct Grid<R: Row> {
    rows: Vec<R>,
    hay: Vec<OnceCell<Box<str>>>,
    places: HashMap<R::Id, u32, RandomState>,
    /// All rows in order.
    order: Vec<u32>,
    /// Those that the filter lets through, in order.
    shown: Vec<u32>,
    sort: (usize, bool),
    filter: Filter,
    cursor: usize,
    selected: Option<R::Id>,
    marks: BTreeSet<R::Id>,
    range: Option<R::Id>,
    fresh: HashMap<R::Id, Instant>,
    widths: Vec<u16>,
    /// Changes whenever rows may have changed their places.
    version: u64,
    view: Cell<View>,
}

/// What the last picture showed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct View {
    top: usize,
    height: u16,
    version: u64,
    area: ratatui::layout::Rect,
}

impl<R: Row> Default for Grid<R> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            hay: Vec::new(),
            places: HashMap::default(),
            order: Vec::new(),
            shown: Vec::new(),
            sort: R::SORTED,
            filter: Filter::default(),
            cursor: 0,
            selected: None,
            marks: BTreeSet::new(),
            range: None,
            fresh: HashMap::new(),
            widths: R::COLUMNS.iter().map(|column| column.width).collect(),
            version: 0,
            view: Cell::default(),
        }
    }
}

impl<R: Row> Grid<R> {
    /// How many rows there are, and how many the filter lets through.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        (self.rows.len(), self.shown.len())
    }

    /// The row under the cursor.
    #[must_use]
    pub fn selected(&self) -> Option<&R> {
        self.at(self.cursor)
    }

    /// The row at a place among those that are shown.
    #[must_use]
    pub fn at(&self, place: usize) -> Option<&R> {
        self.shown.get(place).map(|at| &self.rows[*at as usize])
    }

    /// The row of that id, shown or not.
    #[must_use]
    pub fn get(&self, id: &R::Id) -> Option<&R> {
        self.places.get(id).map(|at| &self.rows[*at as usize])
    }

    /// All rows, shown or not.
    pub fn rows(&self) -> impl Iterator<Item = &R> {
        self.rows.iter()
    }

    /// The rows that are shown, in order.
    pub fn shown(&self) -> impl Iterator<Item = &R> {
        self.shown.iter().map(|at| &self.rows[*at as usize])
    }

    /// What an action is about: the marked rows, or the one under the cursor.
    #[must_use]
    pub fn targets(&self) -> Vec<&R> {
        if self.marks.is_empty() {
            return self.selected().into_iter().collect();
        }
        let marked = |row: &&R| self.marks.contains(&row.id());
        self.order
            .iter()
            .map(|at| &self.rows[*at as usize])
            .filter(marked)
            .collect()
    }

    /// How many rows are marked.
    #[must_use]
    pub fn marked(&self) -> usize {
        self.marks.len()
    }

    /// Takes all marks away; false when there were none.
    pub fn clear_marks(&mut self) -> bool {
        self.range = None;
        !std::mem::take(&mut self.marks).is_empty()
    }

    /// Puts the cursor on a row, if it is shown; true when it is.
    pub fn select(&mut self, id: &R::Id) -> bool {
        let place = self
            .places
            .get(id)
            .and_then(|at| self.shown.iter().position(|shown| shown == at));
        if let Some(place) = place {
            self.go(place);
        }
        place.is_some()
    }

    /// Puts the cursor on a row that is not there yet, as soon as it comes.
    pub fn aim(&mut self, id: R::Id) {
        self.selected = Some(id);
    }

    /// The first rows that a filter finds, shown or not.
    pub fn find<'a>(&'a self, filter: &'a Filter, most: usize) -> impl Iterator<Item = &'a R> {
        let fits = |at: &&u32| filter.matches(hay(&self.rows, &self.hay, **at));
        let found = self.order.iter().filter(fits);
        found.take(most).map(|at| &self.rows[*at as usize])
    }

    /// Puts the cursor on a place.
    pub fn go(&mut self, place: usize) {
        self.cursor = place.min(self.shown.len().saturating_sub(1));
        self.selected = self.selected().map(Row::id);
    }

    /// Where the cursor is.
    #[must_use]
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// What the filter is.
    #[must_use]
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// The names of the fields that filters know.
    #[must_use]
    pub fn fields() -> Vec<&'static str> {
        fields::<R>().map(|(name, _)| name).collect()
    }

    /// Whether the filter lets a row through that is not there.
    #[must_use]
    pub fn lets(&self, row: &R) -> bool {
        self.filter.matches(&read(row))
    }

    /// Does what a key of every list does; false when it is not one of those.
    pub fn act(&mut self, action: Action) -> bool {
        let page = usize::from(self.view.get().height.max(2)) - 1;
        match action {
            Action::Down => self.go(self.cursor + 1),
            Action::Up => self.go(self.cursor.saturating_sub(1)),
            Action::PageDown => self.go(self.cursor + page),
            Action::PageUp => self.go(self.cursor.saturating_sub(page)),
            Action::Top => self.go(0),
            Action::Bottom => self.go(usize::MAX),
            Action::Mark => {
                self.mark_here();
                self.go(self.cursor + 1);
            }
            Action::Range => self.mark_range(),
            Action::MarkAll => self.mark_all(),
            Action::Sort => self.sort_by((self.sort.0 + 1) % R::COLUMNS.len()),
            Action::Reverse => self.set_sort(self.sort.0, !self.sort.1),
            Action::Wider => self.widen(2),
            Action::Narrower => self.widen(-2),
            _ => return false,
        }
        true
    }

    /// Moves the picture under the mouse wheel.
    pub fn scroll(&mut self, by: isize) {
        self.go(self.cursor.saturating_add_signed(by));
    }

    /// Goes where the mouse clicked, marks there, or sorts; whether the row under the cursor
    /// was clicked again, which opens it.
    pub fn click(&mut self, spot: Spot) -> bool {
        match spot {
            Spot::Row(place) if place == self.cursor => return true,
            Spot::Row(place) => self.go(place),
            Spot::Tick(place) => {
                self.go(place);
                self.act(Action::Mark);
                self.go(place);
            }
            Spot::Heading(column) => self.sort_by(column),
            _ => {}
        }
        false
    }

    /// Sorts by a column; the same one again turns it round.
    pub fn sort_by(&mut self, column: usize) {
        let down = column == self.sort.0 && !self.sort.1;
        self.set_sort(column, down);
    }

    /// What it is sorted by, and whether downwards.
    #[must_use]
    pub fn sorted(&self) -> (&'static str, bool) {
        (R::COLUMNS[self.sort.0].title, self.sort.1)
    }

    fn mark_here(&mut self) {
        if let Some(id) = self.selected().map(Row::id)
            && !self.marks.remove(&id)
        {
            self.marks.insert(id);
        }
    }

    fn mark_range(&mut self) {
        let Some(begun) = self.range.take() else {
            self.range = self.selected().map(Row::id);
            return;
        };
        let at = self.places.get(&begun);
        let from = at.and_then(|at| self.shown.iter().position(|one| one == at));
        let from = from.unwrap_or(self.cursor);
        let (first, last) = (from.min(self.cursor), from.max(self.cursor));
        // A filter may have left nothing.
        let ids = self.shown.iter().take(last + 1).skip(first);
        self.marks
            .extend(ids.map(|at| self.rows[*at as usize].id()));
    }

    fn mark_all(&mut self) {
        let ids: BTreeSet<R::Id> = self.shown().map(Row::id).collect();
        if ids.is_subset(&self.marks) {
            self.marks.retain(|id| !ids.contains(id));
        } else {
            self.marks.extend(ids);
        }
    }

    fn widen(&mut self, by: i16) {
        let width = &mut self.widths[self.sort.0];
        *width = width.saturating_add_signed(by).clamp(4, 80);
        self.version += 1;
    }

    /// When a mark of freshness ends, if there is one.
    #[must_use]
    pub fn next_change(&self) -> Option<Instant> {
        self.fresh.values().min().map(|at| *at + FRESH)
    }

    /// Takes marks of freshness away that are over.
    pub fn tire(&mut self, now: Instant) {
        self.fresh.retain(|_, at| *at + FRESH > now);
    }

    /// What a person set: sort, widths and filter, to keep it until next time.
    #[must_use]
    pub fn save(&self) -> toml::Table {
        let mut table = toml::Table::new();
        table.insert("sort".into(), R::COLUMNS[self.sort.0].id.into());
        table.insert("down".into(), self.sort.1.into());
        table.insert("filter".into(), self.filter.text().into());
        let changed = R::COLUMNS.iter().zip(&self.widths);
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
        let column = |id: &str| R::COLUMNS.iter().position(|column| column.id == id);
        if let Some(at) = text("sort").and_then(column) {
            let down = table.get("down").and_then(toml::Value::as_bool);
            self.set_sort(at, down.unwrap_or(false));
        }
        let widths = table.get("widths").and_then(toml::Value::as_table);
        for (id, width) in widths.into_iter().flatten() {
            let width = width
                .as_integer()
                .and_then(|width| u16::try_from(width).ok());
            if let (Some(at), Some(width)) = (column(id), width) {
                self.widths[at] = width.clamp(4, 80);
            }
        }
        if let Some(filter) = text("filter") {
            self.set_filter(filter);
        }
    }

    /// What filters read of a row, unless that can wait.
    fn hay_of(row: &R) -> OnceCell<Box<str>> {
        if R::LAZY {
            return OnceCell::new();
        }
        OnceCell::from(read(row))
    }
}

/// What filters read of a row.
fn read<R: Row>(row: &R) -> Box<str> {
    haystack(fields::<R>().map(|(name, plain)| (name, plain(row))))
}

/// What filters read of the row at a place.
fn hay<'a, R: Row>(rows: &[R], hay: &'a [OnceCell<Box<str>>], at: u32) -> &'a str {
    let at = at as usize;
    hay[at].get_or_init(|| read(&rows[at]))
}
