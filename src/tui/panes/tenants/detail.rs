//! One tenant in full, a tab at a time. Reads what the tab shows and nothing else; keeps what it
//! knew while new answers are on their way, and forgets it with the tenant.

use ratatui::layout::Rect;

use super::{
    listeners::{self, Listener},
    lists,
    read::{self, Fetched, Seen},
    rows::TenantEntry,
    tabs::{self, Line, Tab},
};
use crate::{
    domain::{audit::Sealed, ids::TenantId},
    engine::{
        fault::Fault,
        keys::KeyView,
        tenants::{principals::PrincipalView, view::TenantView},
    },
    tui::{
        clean::Clean,
        command::Action,
        effect::{Ctx, Reply, Ticket},
        grid::Grid,
        live::{Live, Taken},
        paint::{Canvas, Look, Spot},
        panes::{
            activity::{detail as line, sheet::Sheet},
            scroll::Scroll,
        },
        theme::Role,
    },
};

/// The first of the numbers by which the mouse finds the names of the tabs.
pub const NAMES: u8 = 10;
/// From so many rows on what is under the cursor is told below its list.
const TALL: u16 = 12;
/// The same for those who are told: what was sent there is what people look for.
const LOW: u16 = 7;

/// The detail.
#[derive(Default)]
pub struct Detail {
    id: Option<TenantId>,
    tab: Tab,
    seen: Live<Seen>,
    principals: Grid<PrincipalView>,
    buyers: Live<Vec<PrincipalView>>,
    fetched: Live<Fetched>,
    listeners: Grid<Listener>,
    told: Live<Vec<Listener>>,
    keys: Grid<KeyView>,
    doors: Live<Vec<KeyView>>,
    trail: Grid<Sealed>,
    lines: Live<Vec<Sealed>>,
    blank: bool,
    scroll: Scroll,
}

impl Detail {
    /// Which tenant it shows.
    #[must_use]
    pub fn id(&self) -> Option<&TenantId> {
        self.id.as_ref().filter(|_| !self.blank)
    }

    /// Which tab is shown.
    #[must_use]
    pub fn tab(&self) -> Tab {
        self.tab
    }

    /// The tenant in full, as far as it was read.
    #[must_use]
    pub fn view(&self) -> Option<&TenantView> {
        self.seen().map(|seen| &seen.view)
    }

    /// How it is, as far as it was read.
    #[must_use]
    pub fn seen(&self) -> Option<&Seen> {
        self.seen.value().filter(|_| !self.blank)
    }

    /// The principal under the cursor, where principals are shown.
    #[must_use]
    pub fn principal(&self) -> Option<&PrincipalView> {
        let shown = self.tab == Tab::Principals && !self.blank;
        self.principals.selected().filter(|_| shown)
    }

    /// The key under the cursor, where keys are shown.
    #[must_use]
    pub fn key(&self) -> Option<&KeyView> {
        let shown = self.tab == Tab::Keys && !self.blank;
        self.keys.selected().filter(|_| shown)
    }

    /// Who is told and stands under the cursor, where those are shown.
    #[must_use]
    pub fn listener(&self) -> Option<&Listener> {
        let shown = self.tab == Tab::Notices && !self.blank;
        self.listeners.selected().filter(|_| shown)
    }

    /// Whether something is brought from its ad server before somebody's eyes.
    #[must_use]
    pub fn is_moving(&self) -> bool {
        let fetched = self.fetched.value().filter(|_| self.tab == Tab::AdServer);
        fetched.is_some_and(Fetched::is_moving)
    }

    /// The list that the tab shows, where it is one.
    #[must_use]
    pub fn sheet(&self) -> Option<&dyn Sheet> {
        match self.tab {
            Tab::Principals => Some(&self.principals),
            Tab::Notices => Some(&self.listeners),
            Tab::Keys => Some(&self.keys),
            Tab::Audit => Some(&self.trail),
            Tab::Overview | Tab::Settings | Tab::AdServer => None,
        }
    }

    /// The same, to move in it.
    pub fn sheet_mut(&mut self) -> Option<&mut dyn Sheet> {
        match self.tab {
            Tab::Principals => Some(&mut self.principals),
            Tab::Notices => Some(&mut self.listeners),
            Tab::Keys => Some(&mut self.keys),
            Tab::Audit => Some(&mut self.trail),
            Tab::Overview | Tab::Settings | Tab::AdServer => None,
        }
    }

    /// Shows nothing until it is told what to look at.
    pub fn blank(&mut self) {
        self.blank = true;
    }

    /// Looks at another tenant.
    pub fn look_at(&mut self, id: Option<TenantId>, ctx: &mut Ctx<'_>) {
        self.blank = false;
        if self.id != id {
            *self = Self {
                id,
                tab: self.tab,
                ..Self::default()
            };
        }
        self.again(ctx);
    }

    /// Shows another tab.
    pub fn turn(&mut self, tab: Tab, ctx: &mut Ctx<'_>) {
        self.tab = tab;
        self.scroll.home();
        self.again(ctx);
    }

    /// Puts the cursor on a principal, a key or somebody who is told, as soon as it is there.
    pub fn aim(&mut self, id: &str) {
        self.principals.aim(id.to_owned());
        self.keys.aim(id.to_owned());
        self.listeners.aim(id.to_owned());
    }

    /// Asks again for what is shown.
    pub fn again(&mut self, ctx: &mut Ctx<'_>) {
        self.ask_seen(ctx);
        self.ask_tab(ctx);
    }

    fn ask_seen(&mut self, ctx: &mut Ctx<'_>) {
        let Some(id) = self.id.clone() else { return };
        self.seen
            .ask_with(ctx, async move |session| read::tenant(session, id).await);
    }

    fn ask_tab(&mut self, ctx: &mut Ctx<'_>) {
        let Some(id) = self.id.clone() else { return };
        match self.tab {
            Tab::Principals => self.buyers.ask_with(ctx, async move |session| {
                read::principals(session, id).await
            }),
            Tab::Keys => self
                .doors
                .ask_with(ctx, async move |session| read::keys(session, id).await),
            Tab::Audit => self
                .lines
                .ask_with(ctx, async move |session| read::trail(session, id).await),
            Tab::AdServer => self
                .fetched
                .ask_with(ctx, async move |session| read::fetched(session, id).await),
            Tab::Notices => self
                .told
                .ask_with(ctx, async move |session| read::listeners(session, id).await),
            Tab::Overview | Tab::Settings => {}
        }
    }

    /// Takes an answer, if it is its own; true when it is how the tenant is.
    pub fn reply(&mut self, ticket: Ticket, reply: &mut Option<Reply>, ctx: &mut Ctx<'_>) -> bool {
        let taken = [
            self.seen.take(ticket, reply, ctx.now),
            self.buyers.take(ticket, reply, ctx.now),
            self.doors.take(ticket, reply, ctx.now),
            self.lines.take(ticket, reply, ctx.now),
            self.fetched.take(ticket, reply, ctx.now),
            self.told.take(ticket, reply, ctx.now),
        ];
        if let Some(all) = self.buyers.take_value() {
            self.principals.set(all, ctx.now);
        }
        if let Some(all) = self.doors.take_value() {
            self.keys.set(all, ctx.now);
        }
        if let Some(all) = self.lines.take_value() {
            self.trail.set(all, ctx.now);
        }
        if let Some(all) = self.told.take_value() {
            self.listeners.set(all, ctx.now);
        }
        // Each alone: asked together again, two that were overtaken would overtake each other
        // for ever.
        if taken[0] == Taken::AskAgain {
            self.ask_seen(ctx);
        }
        if taken[1..].contains(&Taken::AskAgain) {
            self.ask_tab(ctx);
        }
        taken[0] != Taken::Other
    }

    /// Does what a key of every detail does.
    pub fn act(&mut self, action: Action) -> bool {
        match self.sheet_mut() {
            Some(sheet) => sheet.act(action),
            None => self.scroll.act(action),
        }
    }

    /// Why what is shown is not there.
    fn fault(&self) -> Option<&Fault> {
        match self.tab {
            Tab::Principals => self.buyers.fault(),
            Tab::Keys => self.doors.fault(),
            Tab::Audit => self.lines.fault(),
            Tab::AdServer => self.fetched.fault().or_else(|| self.seen.fault()),
            Tab::Notices => self.told.fault(),
            Tab::Overview | Tab::Settings => self.seen.fault(),
        }
    }

    /// Draws it in its frame.
    pub fn draw(
        &self,
        canvas: &mut Canvas<'_>,
        entry: Option<&TenantEntry>,
        look: &Look<'_>,
        focused: bool,
    ) {
        let entry = entry.filter(|entry| Some(&entry.id) == self.id());
        let title = entry.map_or_else(Vec::new, |entry| {
            let name = Clean::new(&entry.name).cut(canvas.width().saturating_sub(22));
            let (dot, sign) = (look.glyphs.dot, entry.sign(look.glyphs));
            let state = clean!(" {dot} {sign} {}", entry.words());
            vec![(name, Role::Title), (state, entry.role())]
        });
        let mut inside = canvas.frame(&title, focused);
        let (width, height) = (inside.width(), inside.height());
        inside.spot(Rect::new(0, 0, width, height), Spot::Panel(1));
        let Some(entry) = entry else { return };
        let top = self.names(&mut inside) + 1;
        let body = Rect::new(0, top, width, height.saturating_sub(top));
        if let Some(fault) = self.fault() {
            return told(&mut inside.sub(body), fault);
        }
        if let Some(sheet) = self.sheet() {
            return self.list(&mut inside.sub(body), sheet, look, focused);
        }
        self.scroll.fit(usize::from(body.height));
        let Some(seen) = self.seen.value() else {
            return;
        };
        let lines = self.text(seen, entry, width.saturating_sub(2), look);
        let mut page = inside.sub(body);
        let skip = self.scroll.first(lines.len());
        for (y, line) in (0..body.height).zip(lines.iter().skip(skip)) {
            page.line(1, y, line);
        }
        self.scroll.tell(canvas, lines.len());
    }

    fn text(&self, seen: &Seen, entry: &TenantEntry, width: u16, look: &Look<'_>) -> Vec<Line> {
        match self.tab {
            Tab::Settings => tabs::settings::lines(&seen.view, width),
            Tab::AdServer => tabs::ad_server::lines(seen, self.fetched.value(), width, look),
            _ => tabs::overview::lines(seen, entry, width, look),
        }
    }

    /// The names of the tabs, on as many rows as they need; the last of those rows.
    fn names(&self, canvas: &mut Canvas<'_>) -> u16 {
        let (mut x, mut y) = (1, 0);
        for (at, tab) in (NAMES..).zip(Tab::ALL) {
            let (text, role) = if tab == self.tab {
                (clean!("[{}]", tab.name()), Role::Focus)
            } else {
                (clean!(" {} ", tab.name()), Role::Text)
            };
            if x > 1 && x + text.width() > canvas.width() {
                (x, y) = (1, y + 1);
            }
            let end = canvas.text(x, y, text, role);
            canvas.spot(Rect::new(x, y, end.saturating_sub(x), 1), Spot::Panel(at));
            x = end;
        }
        y + 1
    }

    /// A list with what is under its cursor in full below it.
    fn list(&self, canvas: &mut Canvas<'_>, sheet: &dyn Sheet, look: &Look<'_>, focused: bool) {
        let (width, height) = (canvas.width(), canvas.height());
        if sheet.shown_of_all().1 == 0 {
            let (said, role) = self.nothing(look);
            for (y, part) in (0..height).zip(said.wrap(width.saturating_sub(2))) {
                canvas.text(1, y, part, role);
            }
            return;
        }
        let enough = if self.tab == Tab::Notices { LOW } else { TALL };
        let below = if height >= enough {
            self.under_cursor(width.saturating_sub(2), look)
        } else {
            Vec::new()
        };
        // A list that is shorter than its half gives the rest away.
        let listed = u16::try_from(sheet.shown_of_all().0 + 1).unwrap_or(height);
        let most = height.saturating_sub(listed.min(height / 2) + 1);
        let below_rows = u16::try_from(below.len()).unwrap_or(most).min(most);
        let rows = height.saturating_sub(below_rows + u16::from(below_rows > 0));
        sheet.draw(&mut canvas.sub(Rect::new(0, 0, width, rows)), look, focused);
        for (y, line) in (rows + 1..height).zip(&below) {
            canvas.line(1, y, line);
        }
    }

    fn nothing(&self, look: &Look<'_>) -> (Clean, Role) {
        let key = |action: Action| look.keymap.key(action).map(|key| key.to_string());
        let (loaded, said, action) = match self.tab {
            Tab::Principals => (
                self.buyers.at(),
                "Nobody buys from this tenant yet.",
                Some(Action::AddPrincipal),
            ),
            Tab::Keys => (
                self.doors.at(),
                "Nobody has a key of this tenant.",
                Some(Action::MakeKey),
            ),
            Tab::Notices => (self.told.at(), "Nobody is told what happens.", None),
            _ => (self.lines.at(), "Nothing was written down yet.", None),
        };
        if loaded.is_none() {
            return ("loading ...".into(), Role::Muted);
        }
        match action.and_then(|action| Some((key(action)?, action.command().title))) {
            Some((key, title)) => (clean!("{said} {key}: {title}"), Role::Muted),
            None => (said.into(), Role::Muted),
        }
    }

    fn under_cursor(&self, width: u16, look: &Look<'_>) -> Vec<Line> {
        match self.tab {
            Tab::Principals => {
                let row = self.principals.selected();
                row.map_or_else(Vec::new, |row| lists::principal(row, width))
            }
            Tab::Keys => {
                let row = self.keys.selected();
                row.map_or_else(Vec::new, |row| lists::key(row, width, look))
            }
            Tab::Notices => {
                let row = self.listeners.selected();
                row.map_or_else(Vec::new, |row| listeners::lines(row, width, look))
            }
            _ => {
                let facts = self.trail.selected().map(line::audit).unwrap_or_default();
                let mut page = tabs::Page::new(width);
                for (name, text, role) in facts {
                    page.fact(name, text, role);
                }
                page.lines()
            }
        }
    }
}

fn told(canvas: &mut Canvas<'_>, fault: &Fault) {
    let width = canvas.width().saturating_sub(2);
    let mut lines: Vec<(Clean, Role)> = Vec::new();
    for part in Clean::new(&fault.message).wrap(width) {
        lines.push((part, Role::Bad));
    }
    if let Some(hint) = &fault.hint {
        let parts = clean!("hint: {hint}").wrap(width).into_iter();
        lines.extend(parts.map(|part| (part, Role::Muted)));
    }
    for (y, (line, role)) in (0..canvas.height()).zip(lines) {
        canvas.text(1, y, line, role);
    }
}
