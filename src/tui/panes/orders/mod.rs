//! The pane of orders: what waits for the publisher first, then drafts, what runs and what is
//! over; the one under the cursor in full beside it. Decides nothing: it proposes, pinned to
//! what was seen, and says which guard stands in the way.

pub mod acts;
mod detail;
mod read;
pub mod rows;

use std::{cell::Cell, collections::BTreeSet, slice};

use self::{acts::Verb, detail::Detail, rows::OrderRow};
use crate::{
    domain::{ids::BuyId, text, when::Instant},
    engine::{events::Event, media_buys::check::BuyCheck},
    tui::{
        clean::Clean,
        command::{Action, Section},
        effect::{Ctx, Effect, PaneId, Place, Reply, Ticket},
        filter::Filter,
        grid::{Format, Grid},
        live::{Live, Taken},
        overlays::{
            palette::{Found, Goal},
            prompt::{Prompt, Purpose},
        },
        paint::{Canvas, Look, Spot},
        panes::{
            Pane, empty,
            rest::Rest,
            split::{self, Split},
        },
        theme::Role,
    },
};

/// How many changed orders are read at a time.
const FEW: usize = 50;
/// The longest reason that the engine takes.
const LONGEST_REASON: usize = 500;

/// What would be done to which orders, and what was found of them.
type Looked = (Verb, Vec<OrderRow>, Vec<BuyCheck>);

/// The pane.
#[derive(Default)]
pub struct Orders {
    grid: Grid<OrderRow>,
    /// The pages that are still to come.
    pages: Live<read::Found>,
    fresh: Vec<OrderRow>,
    loaded: bool,
    /// What has changed and was not read yet.
    changed: BTreeSet<BuyId>,
    refresh: Live<read::Found>,
    detail: Detail,
    rest: Rest,
    shown: bool,
    split: Cell<Split>,
    /// What is looked over before a question about it.
    looked: Live<Looked>,
    /// What a reason is being typed for.
    reasons: Option<(Verb, Vec<OrderRow>)>,
}

impl Orders {
    fn refresh(&mut self, ctx: &mut Ctx<'_>) {
        if self.refresh.is_asking() || self.changed.is_empty() || !self.loaded {
            return;
        }
        let ids: Vec<BuyId> = self.changed.iter().take(FEW).cloned().collect();
        for id in &ids {
            self.changed.remove(id);
        }
        self.refresh
            .ask_with(ctx, async move |session| read::few(&session, ids).await);
    }

    fn ask_page(&mut self, cursor: Option<String>, ctx: &mut Ctx<'_>) {
        self.pages
            .ask_with(ctx, async move |session| read::page(&session, cursor).await);
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
        if page.next.is_some() {
            self.ask_page(page.next, ctx);
        } else {
            if self.loaded {
                self.grid.set(std::mem::take(&mut self.fresh), ctx.now);
            }
            self.loaded = true;
            self.refresh(ctx);
        }
        self.moved(ctx);
    }

    /// The cursor may be on another order now.
    fn moved(&mut self, ctx: &mut Ctx<'_>) {
        let selected = self.grid.selected().map(|row| &row.id);
        if selected == self.detail.id() {
            self.rest.stop();
        } else if self.rest.moved(ctx.now) {
            self.detail.blank();
        }
    }

    fn targets(&self, verb: Verb) -> Vec<OrderRow> {
        let all = self.grid.targets().into_iter();
        all.filter(|row| verb.may(row).is_ok()).cloned().collect()
    }

    /// Proposes something, or asks for its reason first.
    fn propose(&mut self, verb: Verb, ctx: &mut Ctx<'_>) {
        let rows = self.targets(verb);
        if verb.needs_reason() {
            let name = match &rows[..] {
                [one] => verb.object(one),
                many => clean!("{} orders", many.len()),
            };
            let label = clean!("why {} {name}: ", verb.word());
            self.reasons = Some((verb, rows));
            let prompt = Prompt::new(Purpose::Reason, label, "");
            ctx.want(Effect::Open(Box::new(prompt)));
            return;
        }
        let check = match &rows[..] {
            [one] => self.detail.check(one),
            _ => None,
        };
        match check {
            None if verb.books() => {
                self.looked.forget();
                self.looked.ask_with(ctx, async move |session| {
                    let checks = acts::looked(&session, &rows).await;
                    Ok((verb, rows, checks))
                });
            }
            check => {
                let proposal = acts::propose(verb, None, &rows, check.map_or(&[], slice::from_ref));
                ctx.want(Effect::Propose(proposal));
            }
        }
    }

    fn reason(&mut self, said: &str, ctx: &mut Ctx<'_>) {
        let Some((verb, rows)) = self.reasons.take() else {
            return;
        };
        let said = said.trim();
        if said.is_empty() {
            ctx.toast(
                "a reason is needed, so that the buyer knows what to change",
                Role::Warn,
            );
        } else if let Err(wrong) = text::check_line(said, LONGEST_REASON) {
            ctx.toast(clean!("the reason {wrong}"), Role::Warn);
        } else {
            let proposal = acts::propose(verb, Some(said), &rows, &[]);
            ctx.want(Effect::Propose(proposal));
        }
    }

    fn back(&mut self, ctx: &mut Ctx<'_>) -> bool {
        let mut split = self.split.get();
        if split.leave() {
            self.split.set(split);
        } else if !self.grid.clear_marks() {
            if self.grid.filter().is_empty() {
                return false;
            }
            self.grid.set_filter("");
            self.moved(ctx);
        }
        true
    }

    fn trail(&self, ctx: &mut Ctx<'_>) -> bool {
        let Some(row) = self.grid.selected() else {
            return false;
        };
        ctx.want(Effect::Go(Place {
            pane: PaneId::Activity,
            objects: vec![row.id.to_string()],
        }));
        true
    }

    fn export(&self, ctx: &mut Ctx<'_>) {
        let files = [Format::Csv, Format::Json].map(|format| {
            let name = format!("flightdeck-orders.{}", format.ending());
            (name, self.grid.export(format))
        });
        split::export(files, ctx);
    }
}

impl Pane for Orders {
    fn id(&self) -> PaneId {
        PaneId::Orders
    }

    fn sections(&self) -> &'static [Section] {
        &[Section::Orders, Section::List, Section::Global]
    }

    fn count(&self) -> usize {
        self.grid.rows().filter(|row| row.waits()).count()
    }

    fn wake(&mut self, ctx: &mut Ctx<'_>) {
        self.fresh.clear();
        self.pages.forget();
        self.ask_page(None, ctx);
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
        if let Some(verb) = Verb::of(action) {
            self.propose(verb, ctx);
            return true;
        }
        match action {
            Action::Back => return self.back(ctx),
            Action::Open => {
                if self.grid.selected().is_some() {
                    split.enter();
                    self.split.set(split);
                }
            }
            Action::Trail => return self.trail(ctx),
            Action::Copy => {
                let ids = self.grid.targets();
                let ids: Vec<String> = ids.iter().map(|row| row.id.to_string()).collect();
                ctx.want(Effect::Copy(ids.join("\n")));
            }
            Action::Export => self.export(ctx),
            _ => return false,
        }
        true
    }

    fn may(&self, action: Action) -> Result<(), Clean> {
        let none = || Clean::from("there is no order here");
        let Some(verb) = Verb::of(action) else {
            let needs_one = matches!(action, Action::Copy | Action::Trail);
            return match self.grid.selected() {
                None if needs_one => Err(none()),
                _ => Ok(()),
            };
        };
        let mut first = Err(none());
        for row in self.grid.targets() {
            match verb.may(row) {
                Ok(()) => return Ok(()),
                Err(why) if first == Err(none()) => first = Err(why),
                Err(_) => {}
            }
        }
        first
    }

    fn reply(&mut self, ticket: Ticket, reply: &mut Option<Reply>, ctx: &mut Ctx<'_>) {
        if self.pages.take(ticket, reply, ctx.now) != Taken::Other {
            self.next_page(ctx);
        }
        if self.refresh.take(ticket, reply, ctx.now) != Taken::Other {
            if let Some(found) = self.refresh.take_value() {
                for row in found.rows {
                    self.grid.put(row, ctx.now);
                }
                for id in found.gone {
                    self.grid.remove(&id);
                }
                self.moved(ctx);
            }
            self.refresh(ctx);
        }
        if self.looked.take(ticket, reply, ctx.now) != Taken::Other
            && let Some((verb, rows, checks)) = self.looked.take_value()
        {
            let proposal = acts::propose(verb, None, &rows, &checks);
            ctx.want(Effect::Propose(proposal));
        }
        self.detail.reply(ticket, reply, ctx);
    }

    fn happened(&mut self, event: &Event, ctx: &mut Ctx<'_>) {
        if event.kind != "media_buy" {
            return;
        }
        let id = BuyId::from(event.object.as_str());
        if self.detail.id() == Some(&id) {
            self.detail.again(ctx);
        }
        self.changed.insert(id);
        self.refresh(ctx);
    }

    fn typed(&mut self, purpose: Purpose, text: &str, ctx: &mut Ctx<'_>) {
        match purpose {
            Purpose::Filter => {
                self.grid.set_filter(text);
                self.moved(ctx);
            }
            Purpose::Reason => self.reason(text, ctx),
            Purpose::File | Purpose::Day | Purpose::Picked => {}
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
        let Some(id) = objects.first().map(|id| BuyId::from(id.as_str())) else {
            return;
        };
        if !self.grid.select(&id) {
            if self.grid.get(&id).is_some() {
                self.grid.set_filter("");
                self.grid.select(&id);
            } else {
                self.grid.aim(id.clone());
                self.changed.insert(id);
                self.refresh(ctx);
            }
        }
        self.moved(ctx);
    }

    fn find(&self, text: &str, most: usize) -> Vec<Found> {
        let filter = Filter::new(text, &[]);
        let found = self.grid.find(&filter, most).map(|row| Found {
            title: Clean::new(&row.name),
            about: clean!("{}, {}, {}", row.owner, row.words(), row.amount()),
            side: "order".into(),
            goal: Goal::Go(Place {
                pane: PaneId::Orders,
                objects: vec![row.id.to_string()],
            }),
        });
        found.collect()
    }

    fn filter(&self) -> Option<&str> {
        Some(self.grid.filter().text())
    }

    fn fields(&self) -> Vec<&'static str> {
        Grid::<OrderRow>::fields()
    }

    fn due(&self) -> Option<Instant> {
        if !self.shown {
            return None;
        }
        let times = [self.rest.due(), self.grid.next_change()];
        times.into_iter().flatten().min()
    }

    fn tick(&mut self, ctx: &mut Ctx<'_>) {
        self.grid.tire(ctx.now);
        if self.rest.is_over(ctx.now) {
            let id = self.grid.selected().map(|row| row.id.clone());
            self.detail.look_at(id, ctx);
        }
    }

    fn hints(&self) -> Vec<Action> {
        let Some(row) = self.grid.selected() else {
            return vec![Action::Sort];
        };
        let can = |verb: &Verb| verb.may(row).is_ok();
        let mut hints: Vec<Action> = Verb::ALL
            .into_iter()
            .filter(can)
            .take(4)
            .map(Verb::action)
            .collect();
        hints.extend([Action::Open, Action::Mark, Action::Trail]);
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
        let in_detail = self.split.get().in_detail();
        if let Some(area) = list {
            let (all, shown) = self.grid.counts();
            let title = split::title(
                "Orders",
                (shown, all),
                self.grid.sorted(),
                self.grid.filter().text(),
                self.grid.marked(),
                look,
            );
            let mut panel = canvas.sub(area);
            let mut inside = panel.frame(&title, !in_detail);
            let whole = ratatui::layout::Rect::new(0, 0, area.width, area.height);
            inside.spot(whole, Spot::Panel(0));
            if all == 0 {
                self.draw_empty(&mut inside);
            } else {
                self.grid.draw(&mut inside, look, !in_detail);
            }
        }
        if let Some(area) = detail {
            self.detail.draw(&mut canvas.sub(area), look, in_detail);
        }
    }
}

impl Orders {
    /// What stands there while there is nothing: loading, a fault, or how orders come.
    fn draw_empty(&self, canvas: &mut Canvas<'_>) {
        let how = || {
            let how = "Buyers' agents order at /mcp, or by `flightdeck mcp`.";
            let demo = "To look around first, start `flightdeck --demo`.";
            vec![
                ("There are no orders yet.".into(), Role::Title),
                (how.into(), Role::Text),
                (demo.into(), Role::Muted),
            ]
        };
        empty::draw(canvas, empty::lines(self.pages.fault(), self.loaded, how));
    }
}
