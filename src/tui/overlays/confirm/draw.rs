//! Draws a question: its lines as far as there is room for them, what has to be typed on a line
//! of its own, and its buttons, which are there however small the screen is.

use ratatui::layout::Rect;

use super::{Confirm, Focus, MOST, State, told};
use crate::tui::{
    clean::Clean,
    command::Action,
    overlays::{Overlay as _, centred},
    paint::{Canvas, Look, Spot},
    theme::Role,
};

/// The widest that it gets.
const WIDEST: u16 = 84;
/// As many of its lines are seen before anything is given up for empty rows.
const SEEN: u16 = 3;

/// What stands below the lines.
struct Foot {
    /// What asks for something to be typed; empty where nothing is.
    prompt: Vec<Clean>,
    /// Whether there is room for empty rows.
    roomy: bool,
}

impl Foot {
    fn rows(&self) -> u16 {
        let typed = match u16::try_from(self.prompt.len()).unwrap_or(u16::MAX) {
            0 => 0,
            prompt => prompt.saturating_add(1 + u16::from(self.roomy)),
        };
        typed.saturating_add(1 + u16::from(self.roomy))
    }
}

impl Confirm {
    pub(super) fn paint(&self, canvas: &mut Canvas<'_>, look: &Look<'_>) {
        let width = canvas.width().min(WIDEST);
        let columns = width.saturating_sub(4);
        let lines = self.lines().into_iter();
        let wrapped: Vec<(Clean, Role)> = lines
            .flat_map(|(text, role)| {
                let parts = text.wrap(columns).into_iter();
                parts.map(move |part| (part, role))
            })
            .collect();
        let body = u16::try_from(wrapped.len()).unwrap_or(u16::MAX);
        let asks = matches!(self.state, State::Asking);
        let consent = self.proposal.typed.as_ref().filter(|_| asks);
        let mut foot = Foot {
            prompt: consent.map_or_else(Vec::new, |consent| consent.prompt().wrap(columns)),
            roomy: true,
        };
        let least = |foot: &Foot| foot.rows().saturating_add(2 + body.min(SEEN));
        foot.roomy = least(&foot) <= canvas.height();
        let height = foot.rows().saturating_add(body.saturating_add(2));
        let area = centred(canvas, width, height);
        let mut window = canvas.sub(area);
        window.clear();
        let title = (self.proposal.title.clone(), Role::Title);
        let mut inside = window.frame(&[title], true);
        let room = inside.height().saturating_sub(foot.rows());
        let most = body.saturating_sub(room);
        let skip = self.offset.get().min(most);
        self.offset.set(skip);
        self.height.set(room);
        for (y, (text, role)) in (0..room).zip(wrapped.iter().skip(usize::from(skip))) {
            inside.text(1, y, text.clone(), *role);
        }
        self.foot(&mut inside, room, &foot, look);
        let below = most - skip;
        if most > 0 {
            let said = match below {
                0 => clean!(" all {body} lines read, pgup goes back "),
                1 => " 1 more line, pgdn reads on ".into(),
                more => clean!(" {more} more lines, pgdn reads on "),
            };
            let (x, y) = (area.width.saturating_sub(2), area.height.saturating_sub(1));
            window.right(x, y, said, Role::Muted);
        }
    }

    fn lines(&self) -> Vec<(Clean, Role)> {
        let mut lines: Vec<(Clean, Role)> = Vec::new();
        if !self.changed.is_empty() {
            lines.extend(self.changed.iter().cloned());
            lines.push(("".into(), Role::Text));
        }
        if let State::Sent(_) = self.state {
            for (step, result) in self.proposal.steps.iter().zip(&self.results).take(MOST) {
                lines.extend(told(&step.about, result.as_ref()));
            }
            lines.extend(self.ways.lines());
            return lines;
        }
        if let State::Renewing(_) = self.state {
            lines.push(("Looking at it again ...".into(), Role::Muted));
            return lines;
        }
        if !self.meanwhile.is_empty() {
            lines.extend(self.meanwhile.iter().cloned());
            lines.push(("".into(), Role::Text));
        }
        lines.extend(self.proposal.lines.iter().take(MOST).cloned());
        let more = self.proposal.lines.len().saturating_sub(MOST);
        if more > 0 {
            lines.push((clean!("and {more} more"), Role::Muted));
        }
        lines
    }

    /// What has to be typed, and the buttons.
    fn foot(&self, inside: &mut Canvas<'_>, y: u16, foot: &Foot, look: &Look<'_>) {
        let gap = u16::from(foot.roomy);
        let mut y = y + gap;
        for line in &foot.prompt {
            inside.text(1, y, line.clone(), Role::Text);
            y += 1;
        }
        if !foot.prompt.is_empty() {
            let field = Rect::new(1, y, inside.width().saturating_sub(2), 1);
            self.name.draw(inside, field, self.types());
            y += 1 + gap;
        }
        let over = self.is_over();
        let keeps = self.proposal.typed.as_ref();
        let (no, yes) = match (over, self.lost()) {
            (true, true) => ("leave it", "ask again"),
            (true, false) => ("close", "close"),
            _ => (
                keeps.map_or("cancel", |consent| consent.no()),
                self.proposal.button,
            ),
        };
        let mut x = 1;
        x = button(inside, x, y, no, self.focus == Focus::Cancel, Action::No) + 2;
        if over && !self.lost() {
            return;
        }
        let ready = self.lost() || self.ready(look.now).is_ok();
        if ready {
            x = button(inside, x, y, yes, self.focus == Focus::Do, Action::Yes) + 2;
            if self.proposal.typed.is_none()
                && let Some(key) = look.keymap.key(Action::Yes)
            {
                inside.text(x, y, clean!("or {key}"), Role::Muted);
            }
        } else {
            inside.text(x, y, clean!("[ {yes} ]"), Role::Muted);
        }
    }
}

/// Draws a button and says where it ends.
fn button(
    canvas: &mut Canvas<'_>,
    x: u16,
    y: u16,
    word: &'static str,
    focused: bool,
    action: Action,
) -> u16 {
    let text = if focused {
        clean!("[>{word}<]")
    } else {
        clean!("[ {word} ]")
    };
    let role = if focused { Role::Focus } else { Role::Text };
    let end = canvas.text(x, y, text, role);
    canvas.spot(Rect::new(x, y, end.saturating_sub(x), 1), Spot::Do(action));
    end
}
