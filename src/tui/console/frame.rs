//! The frame around the panes: who and where on top, what can be pressed at the foot, the
//! pane between them and what lies over it. Draws from what is known and asks nothing.

use chrono::Timelike as _;
use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    Console, TOAST,
    pulse::Pulse,
    tabs::{self, Tab},
};
use crate::{
    domain::tenant::role,
    tui::{
        clean::Clean,
        command::{Action, Weight},
        paint::{Canvas, Look, Notes, Spot},
        theme::Role,
    },
};

/// The smallest screen that is drawn.
const LEAST: (u16, u16) = (40, 10);
/// From this height on a question leaves the head in sight.
const WITH_HEAD: u16 = 12;
/// How far two hints are apart.
const APART: u16 = 3;
/// How wide it is where there is room for more than the names of panes.
const ROOMY: u16 = 100;

fn wide(pieces: &[(Clean, Role)]) -> u16 {
    pieces.iter().map(|(text, _)| text.width()).sum()
}

impl Console {
    /// Draws everything; what it finds out besides goes into `notes`.
    pub fn draw(&self, buffer: &mut Buffer, notes: &mut Notes) {
        *notes = Notes::default();
        let look = Look {
            now: self.now,
            glyphs: &self.theme.glyphs,
            keymap: &self.keymap,
        };
        let mut canvas = Canvas::new(buffer, notes, &self.theme);
        let whole = Rect::new(0, 0, canvas.width(), canvas.height());
        canvas.tint(whole, Role::Text);
        if canvas.width() < LEAST.0 || canvas.height() < LEAST.1 {
            let (width, height) = LEAST;
            let said = ["make me larger: ", "needs ", ""].map(|it| clean!("{it}{width}x{height}"));
            let mut fitting = said.into_iter().filter(|it| it.width() <= canvas.width());
            let said = fitting.next().unwrap_or_else(|| "+".into());
            canvas.text(0, 0, said, Role::Warn);
            return;
        }
        let (width, height) = (canvas.width(), canvas.height());
        self.top_bar(&mut canvas.sub(Rect::new(0, 0, width, 1)));
        let body = Rect::new(0, 1, width, height - 2);
        match &self.pulse {
            Pulse::Unreached(missing) => self.unreached(&mut canvas.sub(body), missing),
            Pulse::Opening if self.engines.unmet => self.reaching(&mut canvas.sub(body)),
            Pulse::Opening | Pulse::Seen(..) => {
                self.panes[self.at].draw(&mut canvas.sub(body), &look);
            }
        }
        if !self.overlays.is_empty() {
            // What lies below does not move and cannot be clicked.
            let kept = canvas.notes();
            kept.scroll = None;
            kept.spots.clear();
            kept.cursor = None;
        }
        self.hint_bar(&mut canvas.sub(Rect::new(0, height - 1, width, 1)));
        if self.overlays.last().is_some_and(|top| top.is_foot()) {
            canvas.notes().spots.clear();
        }
        for (at, overlay) in self.overlays.iter().enumerate() {
            let top = at + 1 == self.overlays.len();
            // Whose money it is, and how old what is known, is seen behind every question that
            // can be read whole in what is left.
            let head = u16::from(height >= WITH_HEAD);
            let foot = u16::from(!overlay.is_foot());
            let mut over = canvas.sub(Rect::new(0, head, width, height - head - foot));
            overlay.draw(&mut over, &look);
            if !top {
                // The hint bar is about the top one.
                canvas
                    .notes()
                    .spots
                    .retain(|(area, _)| area.y + 1 == height);
                canvas.notes().cursor = None;
            }
        }
    }

    /// Remembers what the last picture said about the mouse.
    pub fn drawn(&mut self, notes: Notes) {
        self.spots = notes;
    }

    fn top_bar(&self, canvas: &mut Canvas<'_>) {
        let width = canvas.width();
        let signs = canvas.glyphs();
        let signs = [signs.here, signs.busy, signs.open];
        let (pulse, pulse_role) = self.pulse.words(self.now, signs);
        let clock = clean!("{:02}:{:02} UTC", self.now.hour(), self.now.minute());
        let tenant = self.tenant();
        let mut left: Vec<(Clean, Role)> = vec![
            (" ".into(), Role::Text),
            (tenant.cut(24), Role::Accent),
            ("  ".into(), Role::Text),
            (pulse, pulse_role),
        ];
        let all = self.tabs();
        let whole = tabs::whole(&all).width();
        let fits = |left: &[(Clean, Role)], more: u16| {
            wide(left) + more + whole + clock.width() + 6 <= width
        };
        // Where it could be another one, it matters more than the whole names of panes.
        let matters = self.engines.are_many() && width >= ROOMY;
        if matters || fits(&left, self.identity.engine.width() + 1) {
            left.push((clean!(" {}", self.identity.engine.cut(24)), Role::Muted));
        }
        left.extend([("  ".into(), Role::Text), self.badge()]);
        // The clock, and what keeps it apart.
        let beside = clock.width() + 3;
        let mut room = width.saturating_sub(wide(&left) + 2);
        let (mut row, mut with_clock) = tabs::fit(&all, room, beside);
        if row.width() > room && !self.is_live() {
            // That it is away matters; since when is said at the foot as well.
            left[3].0 = self.pulse.briefly(self.now, signs);
            room = width.saturating_sub(wide(&left) + 2);
            (row, with_clock) = tabs::fit(&all, room, beside);
        }
        if row.width() > room {
            // Which tenant it is can be told from its beginning; which pane calls cannot.
            let short = tenant.width().saturating_sub(row.width() - room).max(4);
            left[1].0 = tenant.cut(short);
            row = tabs::least(&all, width.saturating_sub(wide(&left) + 2));
            if wide(&left) + 2 + row.width() > width {
                left[3].0 = self.pulse.briefly(self.now, signs);
            }
        } else if fits(&left, 12) {
            left.insert(0, (" flightdeck ".into(), Role::Title));
        }
        let tabs_wide = row.width() + 2;
        let mut x = canvas.line(0, 0, &left) + 2;
        if x + row.width() > width {
            // Where one is stands there whatever has to go for it.
            x = width.saturating_sub(row.width());
            let room = " ".repeat(usize::from(row.width()) + 2);
            canvas.right(width, 0, room, Role::Text);
        }
        if x + tabs_wide <= width {
            let right = if with_clock { clock.width() + 1 } else { 0 };
            x = x.max(width.saturating_sub(tabs_wide + right + 2));
        }
        for (at, (tab, role)) in (0u8..).zip(&row.tabs) {
            if x >= width {
                break;
            }
            let end = canvas.text(x, 0, tab.clone(), *role);
            canvas.spot(Rect::new(x, 0, end - x, 1), Spot::Tab(at));
            x = end + row.gap;
        }
        if with_clock {
            canvas.right(width.saturating_sub(1), 0, clock, Role::Muted);
        }
    }

    /// Whose engine it is, once that is known.
    fn tenant(&self) -> Clean {
        if self.engines.unmet {
            return "...".into();
        }
        Clean::new(self.identity.caller.tenant.as_str())
    }

    /// What a person may not overlook about themselves.
    fn badge(&self) -> (Clean, Role) {
        let caller = &self.identity.caller;
        if self.engines.unmet {
            return ("".into(), Role::Muted);
        }
        if self.identity.read_only || caller.role == role::Role::Viewer {
            return ("READ ONLY".into(), Role::Warn);
        }
        match caller.role {
            role::Role::Admin => ("ADMIN".into(), Role::Key),
            other => (Clean::from(other.to_string().to_uppercase()), Role::Muted),
        }
    }

    fn tabs(&self) -> Vec<Tab> {
        let panes = self.panes.iter().enumerate();
        let tabs = panes.map(|(at, pane)| Tab {
            digit: pane.id().digit(),
            title: pane.id().title(),
            short: pane.id().short(),
            count: pane.count(),
            front: at == self.at,
        });
        tabs.collect()
    }

    /// What was said a moment ago; or else, for as long as the engine is silent, why it is.
    fn said(&self) -> Option<(Clean, Role)> {
        let last = self.messages.back();
        match last.filter(|last| !last.gone && last.at + TOAST > self.now) {
            Some(toast) => Some((toast.text.clone(), toast.role)),
            None => self.pulse.why(self.now).map(|why| (why, Role::Warn)),
        }
    }

    fn hint_bar(&self, canvas: &mut Canvas<'_>) {
        let width = canvas.width();
        let mut room = width;
        if let Some((text, role)) = self.said() {
            let text = text.cut(width.saturating_sub(2));
            let from = canvas.right(width.saturating_sub(1), 0, text, role);
            room = from.saturating_sub(1);
        }
        let mut line = canvas.sub(Rect::new(0, 0, room, 1));
        let hints = self.overlays.last().map_or_else(
            || {
                let mut hints = self.panes[self.at].hints();
                hints.extend([Action::Filter, Action::Palette, Action::Help]);
                hints
            },
            |top| top.hints(),
        );
        let all: Vec<Hint> = hints.into_iter().filter_map(|it| self.hint(it)).collect();
        // Help, and then what finds everything else, have room before anything else has.
        let mut left = room.saturating_sub(1);
        let mut shown = vec![false; all.len()];
        let first = |hint: &Hint| match hint.action {
            Action::Help => 0,
            Action::Palette => 1,
            _ => 2,
        };
        let mut order: Vec<usize> = (0..all.len()).collect();
        order.sort_by_key(|at| first(&all[*at]));
        for at in order {
            let wide = all[at].width();
            if wide > left {
                break;
            }
            shown[at] = true;
            left = left.saturating_sub(wide + APART);
        }
        let mut x = 1;
        for (hint, _) in all.into_iter().zip(shown).filter(|(_, shown)| *shown) {
            let weighs = hint.action.command().weight != Weight::Look;
            let refused = weighs && self.may(hint.action).is_err();
            let (key_role, role) = if refused {
                (Role::Muted, Role::Muted)
            } else {
                (Role::Key, Role::Text)
            };
            let from = x;
            x = line.text(x, 0, hint.key, key_role) + 1;
            x = line.text(x, 0, hint.title, role);
            line.spot(Rect::new(from, 0, x - from, 1), Spot::Do(hint.action));
            x += APART;
        }
    }

    /// What the bar says of a command, where it has a key now.
    fn hint(&self, action: Action) -> Option<Hint> {
        let types = self.overlays.last().is_some_and(|top| top.types());
        // Where letters are typed, a letter is no key.
        let mut keys = self.keymap.keys(action).iter();
        let key = keys.find(|key| !types || key.typed().is_none())?;
        let key = match key.to_string().as_str() {
            "enter" => Clean::from(self.theme.glyphs.enter),
            other => Clean::new(other),
        };
        let title = Clean::from(action.command().title);
        Some(Hint { action, key, title })
    }
}

/// A command as the hint bar has it.
struct Hint {
    action: Action,
    key: Clean,
    title: Clean,
}

impl Hint {
    fn width(&self) -> u16 {
        self.key.width() + 1 + self.title.width()
    }
}
