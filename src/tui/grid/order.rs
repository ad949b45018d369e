//! Keeps a list in order while rows come, change and go, and while somebody types a
//! filter, without ever sorting everything for the sake of one row.

use super::{
    Grid,
    column::{Row, compare, in_order},
    hay,
};
use crate::{domain::when::Instant, tui::filter::Filter};

/// So many changed rows are always worth a mark.
const FEW: usize = 100;

impl<R: Row> Grid<R> {
    /// Replaces all rows; those that are new or different are marked for a moment.
    pub fn set(&mut self, rows: Vec<R>, now: Instant) {
        let mut moved = self.rows.len() != rows.len();
        let mut changed = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            // Mostly it is where it was.
            let here = self.rows.get(at).filter(|here| here.id() == row.id());
            moved |= here.is_none();
            let before = here.or_else(|| self.get(&row.id()));
            if before.is_none_or(|before| before.stamp() != row.stamp()) {
                changed.push(row.id());
            }
        }
        // Where nearly everything is new, nothing is news.
        if !self.rows.is_empty() && (changed.len() <= FEW || changed.len() * 2 <= rows.len()) {
            self.fresh.extend(changed.into_iter().map(|id| (id, now)));
        }
        self.rows = rows;
        self.hay = self.rows.iter().map(Self::hay_of).collect();
        if moved {
            let places = (0u32..).zip(&self.rows);
            self.places = places.map(|(at, row)| (row.id(), at)).collect();
            self.order = (0u32..).take(self.rows.len()).collect();
            self.marks.retain(|id| self.places.contains_key(id));
        }
        self.sort_all();
    }

    /// Adds many rows that are not there yet, quietly: they were only not read before.
    pub fn load(&mut self, rows: Vec<R>) {
        self.rows.reserve(rows.len());
        for row in rows {
            if let Some(at) = self.places.get(&row.id()) {
                let at = *at as usize;
                self.hay[at] = Self::hay_of(&row);
                self.rows[at] = row;
                continue;
            }
            let Ok(at) = u32::try_from(self.rows.len()) else {
                break;
            };
            self.places.insert(row.id(), at);
            self.hay.push(Self::hay_of(&row));
            self.rows.push(row);
            self.order.push(at);
        }
        self.sort_all();
    }

    /// Puts in one row, new or changed, and marks it for a moment.
    pub fn put(&mut self, row: R, now: Instant) {
        let id = row.id();
        if let Some(at) = self.places.get(&id).copied() {
            if self.rows[at as usize].stamp() == row.stamp() {
                return;
            }
            self.take_out(at);
            self.hay[at as usize] = Self::hay_of(&row);
            self.rows[at as usize] = row;
            self.put_in(at);
        } else {
            let Ok(at) = u32::try_from(self.rows.len()) else {
                return;
            };
            self.places.insert(id.clone(), at);
            self.hay.push(Self::hay_of(&row));
            self.rows.push(row);
            self.put_in(at);
        }
        self.fresh.insert(id, now);
        self.follow();
    }

    /// Takes one row away; the cursor goes to what takes its place.
    pub fn remove(&mut self, id: &R::Id) {
        let Some(at) = self.places.get(id).copied() else {
            return;
        };
        self.take_out(at);
        let last = self.rows.len().saturating_sub(1);
        self.hay.swap_remove(at as usize);
        self.rows.swap_remove(at as usize);
        self.places.remove(id);
        self.marks.remove(id);
        self.fresh.remove(id);
        // The last row has taken the place of the one that is gone.
        if let Some(moved) = self.rows.get(at as usize) {
            self.places.insert(moved.id(), at);
        }
        for list in [&mut self.order, &mut self.shown] {
            for one in list.iter_mut().filter(|one| **one as usize == last) {
                *one = at;
            }
        }
        self.follow();
    }

    /// Takes the filter as it is typed.
    pub fn set_filter(&mut self, text: &str) {
        let names = Self::fields();
        let filter = Filter::new(text, &names);
        let narrower = filter.narrows(&self.filter);
        self.filter = filter;
        if narrower {
            let (rows, all, filter) = (&self.rows, &self.hay, &self.filter);
            self.shown.retain(|at| filter.matches(hay(rows, all, *at)));
            self.follow();
        } else {
            self.show();
        }
    }

    pub(super) fn set_sort(&mut self, column: usize, down: bool) {
        self.sort = (column, down);
        self.sort_all();
    }

    fn sort_all(&mut self) {
        let (rows, (column, down)) = (&self.rows, self.sort);
        // Some keys take longer to make than to compare.
        let keys: Vec<_> = rows.iter().map(R::COLUMNS[column].key).collect();
        self.order.sort_by(|a, b| {
            let (a, b) = (*a as usize, *b as usize);
            in_order((&keys[a], &rows[a]), (&keys[b], &rows[b]), down)
        });
        drop(keys);
        self.show();
    }

    fn show(&mut self) {
        if self.filter.is_empty() {
            self.shown.clone_from(&self.order);
        } else {
            let (rows, all, filter) = (&self.rows, &self.hay, &self.filter);
            let found = self.order.iter().copied();
            self.shown = found
                .filter(|at| filter.matches(hay(rows, all, *at)))
                .collect();
        }
        self.follow();
    }

    /// Puts the cursor back on its object, or on what took its place.
    fn follow(&mut self) {
        self.version += 1;
        let selected = self.selected.clone();
        let at = selected.as_ref().and_then(|id| self.places.get(id));
        // Mostly it is where it was.
        let here = self.shown.get(self.cursor);
        if at.is_some() && here == at {
            return;
        }
        let place = at.and_then(|at| self.shown.iter().position(|one| one == at));
        self.go(place.unwrap_or(self.cursor));
    }

    fn place_of(&self, list: &[u32], at: u32) -> usize {
        let row = &self.rows[at as usize];
        let (column, down) = self.sort;
        list.partition_point(|one| compare(&self.rows[*one as usize], row, column, down).is_lt())
    }

    fn take_out(&mut self, at: u32) {
        let place = self.place_of(&self.order, at);
        if self.order.get(place) == Some(&at) {
            self.order.remove(place);
        }
        let place = self.place_of(&self.shown, at);
        if self.shown.get(place) == Some(&at) {
            self.shown.remove(place);
        }
    }

    fn put_in(&mut self, at: u32) {
        let place = self.place_of(&self.order, at);
        self.order.insert(place, at);
        if self.filter.matches(hay(&self.rows, &self.hay, at)) {
            let place = self.place_of(&self.shown, at);
            self.shown.insert(place, at);
        }
    }
}
