//! The end of something that only grows: read from its newest lines on, kept up to date at
//! its head, read further back when somebody goes there. Keeps a bounded number of lines.

use std::collections::BTreeMap;

use futures_util::future::BoxFuture;

use super::search::Search;
use crate::{
    domain::when::Instant,
    engine::fault::Fault,
    session::Session,
    tui::{
        clean::Clean,
        command::Action,
        effect::{Ctx, Reply, Ticket},
        grid::{Grid, column::Row},
        live::{Live, Taken},
        paint::Look,
    },
};

/// How many of the newest lines are read at first, and how many older ones at a time.
pub const PAGE: i64 = 500;
/// How many lines are kept while the newest are followed.
pub const KEPT: usize = 2000;
/// How many lines are kept at most, for somebody who reads far back.
pub const MOST: usize = 20_000;

/// A line of it.
pub trait Line: Row<Id = i64> + Clone {
    /// The id of the object that it is about.
    fn object(&self) -> Option<&str>;

    /// When it was written.
    fn at(&self) -> Instant;

    /// Says where it ends.
    fn end(session: Session) -> BoxFuture<'static, Result<i64, Fault>>;

    /// Reads at most so many lines behind a number.
    fn read(
        session: Session,
        after: i64,
        limit: i64,
    ) -> BoxFuture<'static, Result<Vec<Self>, Fault>>;

    /// Reads lines about one object, where they can be read alone.
    fn about(session: Session, object: String) -> BoxFuture<'static, Result<Vec<Self>, Fault>>;
}

/// Lines that were read, and from which number on there is no gap.
type Page<R> = (Vec<R>, Option<i64>);

/// The end of it.
pub struct Tail<R: Line> {
    /// The lines that are shown.
    pub grid: Grid<R>,
    lines: BTreeMap<i64, R>,
    /// Lines of the one object that are older than all of `lines`.
    apart: BTreeMap<i64, R>,
    /// The one object that is looked at.
    only: Option<String>,
    /// Whether the cursor keeps to the newest line.
    pub follows: bool,
    newer: Live<Page<R>>,
    older: Live<Page<R>>,
    about: Live<Vec<R>>,
    /// What a filter finds further back than is kept.
    search: Search<R>,
    loaded: bool,
}

impl<R: Line> Default for Tail<R> {
    fn default() -> Self {
        Self {
            grid: Grid::default(),
            lines: BTreeMap::new(),
            apart: BTreeMap::new(),
            only: None,
            follows: true,
            newer: Live::default(),
            older: Live::default(),
            about: Live::default(),
            search: Search::default(),
            loaded: false,
        }
    }
}

impl<R: Line> Tail<R> {
    /// The number of the newest line that is known.
    #[must_use]
    pub fn newest(&self) -> i64 {
        self.lines.keys().next_back().copied().unwrap_or(0)
    }

    /// The number of the oldest.
    #[must_use]
    pub fn oldest(&self) -> i64 {
        self.lines.keys().next().copied().unwrap_or(0)
    }

    /// Whether anything was read.
    #[must_use]
    pub fn is_loaded(&self) -> bool {
        self.loaded
    }

    /// Why nothing more can be read.
    #[must_use]
    pub fn fault(&self) -> Option<&Fault> {
        self.newer.fault()
    }

    /// Whether older lines are on their way.
    #[must_use]
    pub fn reads_back(&self) -> bool {
        self.older.is_asking() || self.about.is_asking()
    }

    /// Reads what is newer than what is known; of much, only the end.
    pub fn ask(&mut self, ctx: &mut Ctx<'_>) {
        let newest = self.newest();
        self.newer.ask_with(ctx, move |session| async move {
            let end = R::end(session.clone()).await?;
            let from = newest.max(end - PAGE).max(0);
            // What a database was set back to may end before what was seen of it.
            let from = if end < newest {
                (end - PAGE).max(0)
            } else {
                from
            };
            let gap = from != newest || newest == 0;
            let lines = R::read(session, from, PAGE * 2).await?;
            Ok((lines, gap.then_some(from)))
        });
    }

    /// Reads what is older than what is known, when the cursor has come to it.
    pub fn read_back(&mut self, ctx: &mut Ctx<'_>) {
        let (_, shown) = self.grid.counts();
        let oldest = self.oldest();
        let there = self.grid.cursor() + 1 >= shown;
        if !there || oldest <= 1 || self.older.is_asking() || self.lines.len() >= MOST {
            return;
        }
        let after = (oldest - 1 - PAGE).max(0);
        self.older.ask_with(ctx, move |session| async move {
            let lines = R::read(session, after, oldest - 1 - after).await?;
            Ok((lines, None))
        });
    }

    /// Takes an answer, if it is its own; says whether it should look at its object anew.
    pub fn reply(&mut self, ticket: Ticket, reply: &mut Option<Reply>, ctx: &mut Ctx<'_>) {
        let taken = self.newer.take(ticket, reply, ctx.now);
        if taken != Taken::Other {
            if let Some(page) = self.newer.take_value() {
                let gap = page.1.is_some();
                self.newer_came(page, ctx.now);
                if gap {
                    self.ask_about(ctx);
                }
            }
            if taken == Taken::AskAgain {
                self.ask(ctx);
            }
            self.search_on(ctx);
        }
        let fits = |line: &R| self.grid.lets(line);
        if let Some(found) = self.search.reply(ticket, reply, ctx.now, fits) {
            self.load(found);
            self.search_on(ctx);
        }
        if self.older.take(ticket, reply, ctx.now) != Taken::Other
            && let Some((lines, _)) = self.older.take_value()
        {
            let lines = lines.into_iter().map(|line| (line.id(), line));
            self.lines.extend(lines);
            let older: Vec<R> = self.lines.values().cloned().collect();
            self.load(older);
        }
        let taken = self.about.take(ticket, reply, ctx.now);
        if taken != Taken::Other
            && let Some(lines) = self.about.take_value()
        {
            self.apart = lines.iter().map(|line| (line.id(), line.clone())).collect();
            self.load(lines);
        }
        if taken == Taken::AskAgain {
            self.ask_about(ctx);
        }
    }

    fn load(&mut self, lines: Vec<R>) {
        let only = self.only.clone();
        let fits = |line: &R| only.is_none() || line.object() == only.as_deref();
        self.grid.load(lines.into_iter().filter(fits).collect());
        if self.follows {
            self.seek_newest();
        }
    }

    fn newer_came(&mut self, page: Page<R>, now: Instant) {
        let (lines, from) = page;
        if from.is_some() {
            // What lies before a gap would look as if nothing was missing.
            self.lines.clear();
            self.search = Search::default();
        }
        let first = !self.loaded || from.is_some();
        self.loaded = true;
        if first {
            let lines = lines.into_iter().map(|line| (line.id(), line));
            self.lines.extend(lines);
            return self.show(now);
        }
        for line in lines {
            self.put(line, now);
        }
    }

    /// Takes a line as it is written; false when lines are missing before it.
    pub fn put(&mut self, line: R, now: Instant) -> bool {
        let (seq, newest) = (line.id(), self.newest());
        if !self.loaded || seq > newest + 1 {
            return false;
        }
        let fits = self.only.is_none() || line.object() == self.only.as_deref();
        if fits {
            self.grid.put(line.clone(), now);
        }
        self.lines.insert(seq, line);
        if self.follows {
            if self.lines.len() > KEPT + KEPT / 10 {
                let cut = self.newest() - i64::try_from(KEPT).unwrap_or(i64::MAX);
                let newer = self.lines.split_off(&(cut + 1));
                let older = std::mem::replace(&mut self.lines, newer).into_values();
                for line in older {
                    if self.only.is_some() && line.object() == self.only.as_deref() {
                        self.apart.insert(line.id(), line);
                    } else if !self.grid.filter().is_empty() && self.grid.lets(&line) {
                        self.search.keep(line);
                    }
                }
                self.show(now);
            }
            self.seek_newest();
        }
        true
    }

    /// Puts into the list what is known and meant.
    fn show(&mut self, now: Instant) {
        let only = self.only.as_deref();
        let fits = |line: &&R| only.is_none() || line.object() == only;
        let mut rows: BTreeMap<i64, R> = match only {
            Some(_) => self.apart.clone(),
            None => BTreeMap::new(),
        };
        let known = self.search.found().chain(self.lines.values()).filter(fits);
        rows.extend(known.map(|line| (line.id(), line.clone())));
        self.grid.set(rows.into_values().collect(), now);
        if self.follows {
            self.seek_newest();
        }
    }

    fn seek_newest(&mut self) {
        let newest = self.grid.rows().map(Row::id).max();
        if let Some(newest) = newest {
            self.grid.select(&newest);
        }
    }

    /// Follows the newest line, or stops to.
    pub fn follow(&mut self, on: bool) {
        self.follows = on;
        if on {
            self.seek_newest();
        }
    }

    /// Looks at one object, or at all of them.
    pub fn only(&mut self, object: Option<String>, ctx: &mut Ctx<'_>) {
        if self.only == object {
            return;
        }
        self.only = object;
        self.search = Search::default();
        self.apart.clear();
        self.about.forget();
        self.grid = {
            let mut fresh = Grid::default();
            fresh.restore(&self.grid.save());
            fresh
        };
        self.show(ctx.now);
        self.ask_about(ctx);
    }

    /// Reads what there is of the one object, also what lies in a gap of the rest.
    fn ask_about(&mut self, ctx: &mut Ctx<'_>) {
        if let Some(object) = self.only.clone() {
            self.about
                .ask_with(ctx, move |session| R::about(session, object));
        }
    }

    /// Learns that a key has moved the cursor.
    pub fn moved(&mut self, action: Action, ctx: &mut Ctx<'_>) {
        let moves = matches!(
            action,
            Action::Down
                | Action::Up
                | Action::PageDown
                | Action::PageUp
                | Action::Top
                | Action::Bottom
                | Action::Mark
        );
        if moves {
            let newest = self.grid.rows().map(Row::id).max();
            self.follows = self.grid.selected().map(Row::id) == newest;
            if !self.searches() {
                self.read_back(ctx);
            } else if action == Action::Bottom {
                self.search_more(ctx);
            }
        }
    }

    /// Whether a filter is looked for in all that was ever written.
    fn searches(&self) -> bool {
        !self.grid.filter().is_empty() && self.only.is_none()
    }

    /// Takes the filter as it is typed, and searches for it further back than is kept.
    pub fn set_filter(&mut self, text: &str, ctx: &mut Ctx<'_>) {
        let before = self.grid.filter().clone();
        self.grid.set_filter(text);
        let filter = self.grid.filter();
        if filter.is_empty() || !filter.narrows(&before) {
            let had = self.search.found().next().is_some();
            self.search = Search::default();
            if had {
                self.show(ctx.now);
            }
        }
        let screen = self.grid.window().1;
        self.search.may_go(0, screen);
        self.search_on(ctx);
    }

    /// Begins to search for the filter that was set last time, unless that was done.
    pub fn search(&mut self, ctx: &mut Ctx<'_>) {
        if self.searches() && !self.search.has_begun() {
            self.search.may_go(0, self.grid.window().1);
            self.search_on(ctx);
        }
    }

    /// Searches for another screenful.
    fn search_more(&mut self, ctx: &mut Ctx<'_>) {
        let (_, shown) = self.grid.counts();
        self.search.may_go(shown, self.grid.window().1);
        self.search_on(ctx);
    }

    fn search_on(&mut self, ctx: &mut Ctx<'_>) {
        if self.searches() && self.loaded {
            let (_, shown) = self.grid.counts();
            self.search.step(shown, self.oldest(), ctx);
        }
    }

    /// Searches no further than what is on its way.
    pub fn stop(&mut self) {
        self.search.stop();
    }

    /// How far back the filter was looked for.
    #[must_use]
    pub fn searched(&self, look: &Look<'_>) -> Option<Clean> {
        let oldest = self.lines.values().next();
        let said = self.search.said(oldest, look);
        (self.searches() && self.loaded && !said.is_empty()).then_some(said)
    }

    /// Takes the first lines as if they had been read.
    #[cfg(test)]
    pub fn take_first(&mut self, lines: Vec<R>, now: Instant) {
        self.newer_came((lines, Some(0)), now);
    }
}
