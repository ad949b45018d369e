//! A list of any kind of rows, for a pane that shows one of several.

use crate::{
    domain::when::Instant,
    tui::{
        command::Action,
        grid::{Format, Grid, column::Row},
        paint::{Canvas, Look},
    },
};

/// What the pane does with whichever list it shows.
pub trait Sheet {
    /// Does what a key of every list does.
    fn act(&mut self, action: Action) -> bool;
    /// How many rows are shown, and how many there are.
    fn shown_of_all(&self) -> (usize, usize);
    /// What it is sorted by, and whether downwards.
    fn sorted(&self) -> (&'static str, bool);
    /// How many rows are marked.
    fn marked(&self) -> usize;
    /// Takes all marks away; false when there were none.
    fn clear_marks(&mut self) -> bool;
    /// What the filter is.
    fn filter(&self) -> &str;
    /// The fields that the filter may name.
    fn fields(&self) -> Vec<&'static str>;
    /// Filters it.
    fn set_filter(&mut self, text: &str);
    /// Where the cursor is.
    fn cursor(&self) -> usize;
    /// Puts the cursor on a place.
    fn go(&mut self, place: usize);
    /// Sorts by a column.
    fn sort_by(&mut self, column: usize);
    /// The ids of the marked rows, or of the one under the cursor.
    fn ids(&self) -> Vec<String>;
    /// The rows that are shown, as a file.
    fn export(&self, format: Format) -> String;
    /// When a mark of freshness ends.
    fn next_change(&self) -> Option<Instant>;
    /// Takes marks of freshness away that are over.
    fn tire(&mut self, now: Instant);
    /// Sets what a person set last time.
    fn restore(&mut self, table: &toml::Table);
    /// Draws it.
    fn draw(&self, canvas: &mut Canvas<'_>, look: &Look<'_>, focused: bool);
}

impl<R: Row> Sheet for Grid<R> {
    fn act(&mut self, action: Action) -> bool {
        Grid::act(self, action)
    }

    fn shown_of_all(&self) -> (usize, usize) {
        let (all, shown) = self.counts();
        (shown, all)
    }

    fn sorted(&self) -> (&'static str, bool) {
        Grid::sorted(self)
    }

    fn marked(&self) -> usize {
        Grid::marked(self)
    }

    fn clear_marks(&mut self) -> bool {
        Grid::clear_marks(self)
    }

    fn filter(&self) -> &str {
        Grid::filter(self).text()
    }

    fn fields(&self) -> Vec<&'static str> {
        Self::fields()
    }

    fn set_filter(&mut self, text: &str) {
        Grid::set_filter(self, text);
    }

    fn cursor(&self) -> usize {
        Grid::cursor(self)
    }

    fn go(&mut self, place: usize) {
        Grid::go(self, place);
    }

    fn sort_by(&mut self, column: usize) {
        Grid::sort_by(self, column);
    }

    fn ids(&self) -> Vec<String> {
        let rows = self.targets().into_iter();
        rows.map(|row| row.id().to_string()).collect()
    }

    fn export(&self, format: Format) -> String {
        Grid::export(self, format)
    }

    fn next_change(&self) -> Option<Instant> {
        Grid::next_change(self)
    }

    fn tire(&mut self, now: Instant) {
        Grid::tire(self, now);
    }

    fn restore(&mut self, table: &toml::Table) {
        Grid::restore(self, table);
    }

    fn draw(&self, canvas: &mut Canvas<'_>, look: &Look<'_>, focused: bool) {
        Grid::draw(self, canvas, look, focused);
    }
}
