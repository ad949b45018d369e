//! The pane of booking jobs: every job as a row, the one under the cursor in full beside
//! it. Loads all rows page by page and keeps them fresh by what happens; a job is
//! read whole only when the cursor rests on it.

mod deeds;
mod detail;
mod forms;
pub mod orders;
pub mod rows;
#[cfg(test)]
mod tests;

use std::{cell::Cell, collections::BTreeSet};

use self::{
    deeds::{can_cancel, can_retry, can_review},
    detail::Detail,
    forms::Forms,
};
use crate::{
    domain::{ids::JobId, when::Instant},
    engine::{
        bookings::rows::{JobRow, ListRows, Rows},
        events::Event,
    },
    tui::{
        clean::Clean,
        command::{Action, Section},
        effect::{Ctx, Effect, PaneId, Place, Reply, Ticket},
        filter::Filter,
        grid::Grid,
        live::{Live, Taken},
        overlays::{
            palette::{Found, Goal},
            prompt::Purpose,
        },
        paint::{Canvas, Look, Spot},
        panes::{
            Pane,
            rest::Rest,
            split::{self, Split},
        },
    },
};

/// How many jobs are read first, so that something stands there soon.
const FIRST: u32 = 100;
/// How many are read at a time then: an engine that reads few needs little memory.
const PAGE: u32 = 250;
/// How many changed jobs are read at a time.
const FEW: usize = 200;

/// The pane.
#[derive(Default)]
pub struct Jobs {
    grid: Grid<JobRow>,
    /// The pages that are still to come.
    pages: Live<Rows>,
    fresh: Vec<JobRow>,
    loaded: bool,
    /// What has changed while all of them are read again: a page may be older than that.
    meanwhile: BTreeSet<JobId>,
    /// What has changed and was not read yet.
    changed: BTreeSet<JobId>,
    refresh: Live<Rows>,
    detail: Detail,
    /// Failed jobs that are read whole before they are tried again.
    retried: Live<Vec<orders::Known>>,
    rest: Rest,
    shown: bool,
    split: Cell<Split>,
    now: Instant,
    forms: Forms,
}

impl Jobs {
    /// Reads what has changed.
    fn refresh(&mut self, ctx: &mut Ctx<'_>) {
        if self.refresh.is_asking() || self.changed.is_empty() || !self.loaded {
            return;
        }
        let ids: Vec<JobId> = self.changed.iter().take(FEW).copied().collect();
        for id in &ids {
            self.changed.remove(id);
        }
        self.refresh.ask(
            ctx,
            ListRows {
                job_ids: Some(ids),
                ..ListRows::default()
            },
        );
    }

    fn next_page(&mut self, ctx: &mut Ctx<'_>) {
        let Some(page) = self.pages.take_value() else {
            return;
        };
        if self.loaded {
            self.fresh.extend(page.rows);
        } else {
            self.grid.load(page.rows);
        }
        if page.next_cursor.is_some() {
            let cursor = page.next_cursor;
            let more = ListRows {
                cursor,
                limit: Some(PAGE),
                ..ListRows::default()
            };
            self.pages.ask(ctx, more);
        } else {
            if self.loaded {
                self.replace(ctx);
            }
            self.loaded = true;
            self.refresh(ctx);
        }
        self.moved(ctx);
    }

    /// Takes what was read again, but for what is known to be newer; that is asked once more.
    fn replace(&mut self, ctx: &mut Ctx<'_>) {
        let meanwhile = std::mem::take(&mut self.meanwhile);
        let known: Vec<JobRow> = meanwhile
            .iter()
            .filter_map(|id| self.grid.get(id).cloned())
            .collect();
        self.grid.set(std::mem::take(&mut self.fresh), ctx.now);
        for row in known {
            self.put(row, ctx);
        }
        self.changed.extend(meanwhile);
    }

    /// Takes a row, unless a newer one is there.
    fn put(&mut self, row: JobRow, ctx: &mut Ctx<'_>) {
        let known = self.grid.get(&row.job_id);
        if known.is_none_or(|known| known.revision <= row.revision) {
            self.grid.put(row, ctx.now);
        }
    }

    /// The cursor may be on another job now.
    fn moved(&mut self, ctx: &mut Ctx<'_>) {
        let selected = self.grid.selected().map(|row| row.job_id);
        if selected == self.detail.id() {
            self.rest.stop();
        } else if self.rest.moved(ctx.now) {
            self.detail.blank();
        }
    }

    fn selected(&self) -> Option<&JobRow> {
        self.grid.selected()
    }

    fn targets(&self, fits: fn(&JobRow) -> bool) -> Vec<orders::Known> {
        let targets = self.grid.targets().into_iter().filter(|row| fits(row));
        targets.map(orders::Known::from).collect()
    }
}

impl Pane for Jobs {
    fn id(&self) -> PaneId {
        PaneId::Jobs
    }

    fn sections(&self) -> &'static [Section] {
        &[Section::Jobs, Section::List, Section::Global]
    }

    fn count(&self) -> usize {
        self.grid.rows().filter(|row| can_review(row)).count()
    }

    fn wake(&mut self, ctx: &mut Ctx<'_>) {
        self.fresh.clear();
        self.meanwhile.clear();
        self.pages.forget();
        let first = ListRows {
            limit: Some(FIRST),
            ..ListRows::default()
        };
        self.pages.ask(ctx, first);
        self.detail.again(ctx);
    }

    fn show(&mut self, shown: bool, ctx: &mut Ctx<'_>) {
        self.shown = shown;
        if shown {
            self.detail.again(ctx);
        }
    }

    fn act(&mut self, action: Action, ctx: &mut Ctx<'_>) -> bool {
        let mut split = self.split.get();
        if split.act(action) {
            self.split.set(split);
            return true;
        }
        if split.in_detail() && self.detail.act(action) {
            return true;
        }
        if self.grid.act(action) {
            self.moved(ctx);
            return true;
        }
        match action {
            Action::Back => {
                if split.leave() {
                    self.split.set(split);
                } else if !self.grid.clear_marks() {
                    if self.grid.filter().is_empty() {
                        return false;
                    }
                    self.grid.set_filter("");
                    self.moved(ctx);
                }
            }
            Action::Open => match self.selected() {
                Some(row) if can_review(row) => return self.act(Action::Review, ctx),
                Some(_) => {
                    split.enter();
                    self.split.set(split);
                }
                None => {}
            },
            Action::Review => self.review(ctx),
            Action::Retry => self.retry(ctx),
            Action::Cancel => ctx.want(Effect::Propose(orders::cancel(&self.targets(can_cancel)))),
            Action::Trail => {
                let Some(row) = self.selected() else {
                    return false;
                };
                let place = Place {
                    pane: PaneId::Activity,
                    objects: vec![row.job_id.to_string()],
                };
                ctx.want(Effect::Go(place));
            }
            Action::Copy => {
                let ids = self.grid.targets();
                let ids: Vec<String> = ids.iter().map(|row| row.job_id.to_string()).collect();
                ctx.want(Effect::Copy(ids.join("\n")));
            }
            Action::Export => self.export(ctx),
            Action::NewBrief => self.forms.new_brief(ctx),
            Action::LoadBrief => self.forms.load(ctx),
            Action::Duplicate => {
                if let Some(job_id) = self.selected().map(|row| row.job_id) {
                    self.forms.duplicate(job_id, self.detail.job(), ctx);
                }
            }
            _ => return false,
        }
        true
    }

    fn may(&self, action: Action) -> Result<(), Clean> {
        let fits: (fn(&JobRow) -> bool, &str) = match action {
            Action::Cancel => (
                can_cancel,
                "cannot be cancelled: it has ended or books already",
            ),
            Action::Retry => (can_retry, "cannot be retried: only a failed job can"),
            Action::Review => (can_review, "has nothing to review now"),
            Action::Duplicate | Action::Copy | Action::Trail if self.selected().is_none() => {
                return Err("there is no job here".into());
            }
            _ => return Ok(()),
        };
        let targets = self.grid.targets();
        match targets.iter().find(|row| fits.0(row)) {
            Some(_) => Ok(()),
            None => Err(match targets.first() {
                None => "there is no job here".into(),
                Some(row) => clean!("{} {}", row.campaign_name, fits.1),
            }),
        }
    }

    fn reply(&mut self, ticket: Ticket, reply: &mut Option<Reply>, ctx: &mut Ctx<'_>) {
        if self.pages.take(ticket, reply, ctx.now) != Taken::Other {
            self.next_page(ctx);
        }
        if self.refresh.take(ticket, reply, ctx.now) != Taken::Other {
            if let Some(rows) = self.refresh.take_value() {
                for row in rows.rows {
                    self.put(row, ctx);
                }
                self.moved(ctx);
            }
            self.refresh(ctx);
        }
        self.retry_known(ticket, reply, ctx);
        self.forms.reply(ticket, reply, ctx);
        self.detail.reply(ticket, reply, ctx);
    }

    fn happened(&mut self, event: &Event, ctx: &mut Ctx<'_>) {
        if event.kind != "job" {
            return;
        }
        if let Ok(id) = event.object.parse::<JobId>() {
            self.changed.insert(id);
            if self.pages.is_asking() {
                self.meanwhile.insert(id);
            }
            self.refresh(ctx);
            if self.detail.id() == Some(id) {
                self.detail.again(ctx);
            }
        }
    }

    fn typed(&mut self, purpose: Purpose, text: &str, ctx: &mut Ctx<'_>) {
        if purpose == Purpose::Filter {
            self.grid.set_filter(text);
            self.moved(ctx);
        }
    }

    fn click(&mut self, spot: Spot, ctx: &mut Ctx<'_>) {
        if self.grid.click(spot) {
            self.act(Action::Open, ctx);
        }
        self.moved(ctx);
    }

    fn scroll(&mut self, by: isize, ctx: &mut Ctx<'_>) {
        self.grid.scroll(by);
        self.moved(ctx);
    }

    fn unmark(&mut self) {
        self.grid.clear_marks();
    }

    fn go(&mut self, objects: &[String], ctx: &mut Ctx<'_>) {
        let Some(id) = objects.first().and_then(|id| id.parse::<JobId>().ok()) else {
            return;
        };
        if !self.grid.select(&id) {
            if self.grid.get(&id).is_some() {
                self.grid.set_filter("");
                self.grid.select(&id);
            } else {
                self.changed.insert(id);
                self.grid.aim(id);
                self.refresh(ctx);
            }
        }
        self.moved(ctx);
    }

    fn find(&self, text: &str, most: usize) -> Vec<Found> {
        let filter = Filter::new(text, &[]);
        let found = self.grid.find(&filter, most).map(|row| Found {
            title: Clean::new(&row.campaign_name),
            about: clean!("{}, {}", row.status.outside().words(), row.money()),
            side: "job".into(),
            goal: Goal::Go(Place {
                pane: PaneId::Jobs,
                objects: vec![row.job_id.to_string()],
            }),
        });
        found.collect()
    }

    fn filter(&self) -> Option<&str> {
        Some(self.grid.filter().text())
    }

    fn fields(&self) -> Vec<&'static str> {
        Grid::<JobRow>::fields()
    }

    fn due(&self) -> Option<Instant> {
        if !self.shown {
            return None;
        }
        [self.rest.due(), self.grid.next_change()]
            .into_iter()
            .flatten()
            .min()
    }

    fn tick(&mut self, ctx: &mut Ctx<'_>) {
        self.now = ctx.now;
        self.grid.tire(ctx.now);
        if self.rest.is_over(ctx.now) {
            let id = self.selected().map(|row| row.job_id);
            self.detail.look_at(id, ctx);
        }
    }

    fn hints(&self) -> Vec<Action> {
        let mut hints = Vec::new();
        match self.selected() {
            Some(row) if can_review(row) => hints.push(Action::Review),
            Some(row) if can_retry(row) => hints.push(Action::Retry),
            Some(_) => hints.push(Action::Open),
            None => {}
        }
        hints.extend([Action::NewBrief, Action::Sort, Action::Mark, Action::Cancel]);
        hints
    }

    fn save(&self) -> toml::Table {
        self.grid.save()
    }

    fn restore(&mut self, table: &toml::Table) {
        self.grid.restore(table);
    }

    fn draw(&self, canvas: &mut Canvas<'_>, look: &Look<'_>) {
        let (list, detail) = self.split.get().areas(canvas);
        if let Some(area) = list {
            let (all, shown) = self.grid.counts();
            let title = split::title(
                "Jobs",
                (shown, all),
                self.grid.sorted(),
                self.grid.filter().text(),
                self.grid.marked(),
                look,
            );
            let focused = !self.split.get().in_detail();
            let mut panel = canvas.sub(area);
            let mut inside = panel.frame(&title, focused);
            inside.spot(
                ratatui::layout::Rect::new(0, 0, area.width, area.height),
                Spot::Panel(0),
            );
            if all == 0 {
                self.draw_empty(&mut inside, look);
            } else {
                self.grid.draw(&mut inside, look, focused);
            }
        }
        if let Some(area) = detail {
            let focused = self.split.get().in_detail();
            self.detail.draw(&mut canvas.sub(area), look, focused);
        }
    }
}
