//! How far back a filter has searched what only grows. Reads page by page behind what the list
//! keeps, and keeps of it only what matches. Goes a bounded way at a time, stops at the next key,
//! and says where it stopped: what was not looked at is never taken for what is not there.

use std::collections::BTreeMap;

use super::tail::{Line, PAGE};
use crate::{
    domain::when::Instant,
    tui::{
        clean::Clean,
        command::Action,
        effect::{Ctx, Reply, Ticket},
        live::{Live, Taken},
        paint::Look,
    },
};

/// How many pages are read before somebody has to say that it is to go on.
const PAGES: usize = 20;
/// As many lines as are enough where nobody knows yet how many fit on the screen.
const ENOUGH: usize = 20;
/// How many lines are kept at most of what was found.
const MOST: usize = 5_000;

/// A search.
pub struct Search<R: Line> {
    /// What was found, older than all that the list keeps by itself.
    found: BTreeMap<i64, R>,
    /// The oldest number that was looked at, and when that was.
    back: Option<(i64, Option<Instant>)>,
    /// How many lines are enough.
    enough: usize,
    /// How many pages may still be read.
    left: usize,
    page: Live<(i64, Vec<R>)>,
}

impl<R: Line> Default for Search<R> {
    fn default() -> Self {
        Self {
            found: BTreeMap::new(),
            back: None,
            enough: 0,
            left: 0,
            page: Live::default(),
        }
    }
}

impl<R: Line> Search<R> {
    /// What was found.
    pub fn found(&self) -> impl Iterator<Item = &R> {
        self.found.values()
    }

    /// Keeps a line that the list lets go of.
    pub fn keep(&mut self, line: R) {
        if self.found.len() < MOST {
            self.found.insert(line.id(), line);
        }
    }

    /// Whether it has begun.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.back.is_some() || self.page.is_asking()
    }

    /// May go a bounded way on from here, until so many lines more than are shown are there.
    pub fn may_go(&mut self, shown: usize, screen: usize) {
        self.left = PAGES;
        self.enough = shown + if screen == 0 { ENOUGH } else { screen };
    }

    /// Stops after what is on its way.
    pub fn stop(&mut self) {
        self.left = 0;
    }

    /// Reads the next page, where there is one and it is wanted; `oldest` is the oldest line that
    /// the list keeps.
    pub fn step(&mut self, shown: usize, oldest: i64, ctx: &mut Ctx<'_>) {
        let full = shown >= self.enough || self.found.len() >= MOST;
        if self.left == 0 || full || self.page.is_asking() {
            return;
        }
        let (from, _) = *self.back.get_or_insert((oldest, None));
        if from <= 1 {
            return;
        }
        self.left -= 1;
        let after = (from - 1 - PAGE).max(0);
        self.page.ask_with(ctx, move |session| async move {
            let lines = R::read(session, after, from - 1 - after).await?;
            Ok((after + 1, lines))
        });
    }

    /// Takes a page, if it is its own; what is found in it is what `fits`.
    pub fn reply(
        &mut self,
        ticket: Ticket,
        reply: &mut Option<Reply>,
        now: Instant,
        fits: impl Fn(&R) -> bool,
    ) -> Option<Vec<R>> {
        if self.page.take(ticket, reply, now) == Taken::Other {
            return None;
        }
        let Some((from, lines)) = self.page.take_value() else {
            self.stop();
            return Some(Vec::new());
        };
        let before = self.back.and_then(|(_, at)| at);
        let at = lines.iter().min_by_key(|line| line.id()).map(Line::at);
        self.back = Some((from, at.or(before)));
        let found: Vec<R> = lines.into_iter().filter(|line| fits(line)).collect();
        for line in &found {
            self.found.insert(line.id(), line.clone());
        }
        Some(found)
    }

    /// How far back was searched; the oldest line that the list keeps says it before anything else
    /// was read.
    #[must_use]
    pub fn said(&self, oldest: Option<&R>, look: &Look<'_>) -> Clean {
        let (from, at) = match (self.back, oldest) {
            (Some((from, at)), oldest) => (from, at.or(oldest.map(Line::at))),
            (None, Some(oldest)) => (oldest.id(), Some(oldest.at())),
            (None, None) => return "".into(),
        };
        if from <= 1 {
            return "searched all".into();
        }
        let Some(at) = at else {
            return "searching".into();
        };
        let time = if at.date_naive() == look.now.date_naive() {
            at.format("%H:%M")
        } else {
            at.format("%b %d %H:%M")
        };
        if self.page.is_asking() {
            return clean!("searching, back to {time}");
        }
        match look.keymap.key(Action::Bottom) {
            Some(key) => clean!("searched back to {time}, {key} goes on"),
            None => clean!("searched back to {time}"),
        }
    }
}
