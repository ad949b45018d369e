//! Secrets that are shown once: a key or a token that was just made, to be copied before it is
//! closed. Keeps nothing, tells nothing to the messages, and is not closed by a key that was
//! meant for something else.

use chrono::TimeDelta;

use super::{Overlay, Stay, centred};
use crate::{
    domain::{tenant::secret::Secret, when::Instant},
    tui::{
        clean::Clean,
        command::{Action, Section},
        effect::{Ctx, Effect},
        paint::{Canvas, Look, Spot},
        theme::Role,
    },
};

/// How long it stands there before a key can close it.
const READ: TimeDelta = TimeDelta::milliseconds(300);

/// What is shown once.
#[derive(Debug, Clone)]
pub struct Shown {
    /// What was made.
    pub title: Clean,
    /// The secrets, each with what it is.
    pub secrets: Vec<(Clean, Secret)>,
    /// What else is worth knowing while it can be seen.
    pub lines: Vec<Clean>,
}

/// The window that shows it.
pub struct Once {
    shown: Shown,
    since: Instant,
    at: usize,
    copied: Vec<bool>,
    leaving: bool,
}

impl Once {
    /// Shows it from now on.
    #[must_use]
    pub fn new(shown: Shown, now: Instant) -> Self {
        Self {
            copied: vec![false; shown.secrets.len()],
            shown,
            since: now,
            at: 0,
            leaving: false,
        }
    }

    /// Closes; what nobody has copied takes a second press.
    fn leave(&mut self, ctx: &mut Ctx<'_>) -> Stay {
        if ctx.now - self.since < READ {
            return Stay::Open;
        }
        if self.leaving || self.copied.iter().all(|copied| *copied) {
            return Stay::Closed;
        }
        self.leaving = true;
        Stay::Open
    }

    fn lines(&self, look: &Look<'_>) -> Vec<(Clean, Role, Option<usize>)> {
        let glyphs = look.glyphs;
        let mut lines: Vec<(Clean, Role, Option<usize>)> = Vec::new();
        for (at, (what, secret)) in self.shown.secrets.iter().enumerate() {
            let cursor = if at == self.at { glyphs.cursor } else { " " };
            let copied = if self.copied[at] { glyphs.done } else { " " };
            let said = clean!("{cursor} {what} {copied}");
            lines.push((said, Role::Title, None));
            lines.push((Clean::new(secret.reveal()), Role::Accent, Some(at)));
            lines.push(("".into(), Role::Text, None));
        }
        let more = self.shown.lines.iter();
        lines.extend(more.map(|line| (line.clone(), Role::Text, None)));
        let (said, role) = if self.leaving {
            let said = "It is not copied yet, and nobody will see it again: once more closes it.";
            (said, Role::Alarm)
        } else {
            let said = "Shown now and never again: copy it and keep it where secrets are kept.";
            (said, Role::Warn)
        };
        lines.push((said.into(), role, None));
        lines
    }
}

impl Overlay for Once {
    fn sections(&self) -> &'static [Section] {
        &[Section::Reader, Section::List]
    }

    fn act(&mut self, action: Action, ctx: &mut Ctx<'_>) -> Stay {
        let last = self.shown.secrets.len().saturating_sub(1);
        match action {
            Action::Close | Action::Back => return self.leave(ctx),
            Action::Down => self.at = (self.at + 1).min(last),
            Action::Up => self.at = self.at.saturating_sub(1),
            Action::Copy => {
                if let Some((_, secret)) = self.shown.secrets.get(self.at) {
                    ctx.want(Effect::Copy(secret.reveal().to_owned()));
                    self.copied[self.at] = true;
                    self.leaving = false;
                    // The next one is meant next.
                    self.at = (self.at + 1).min(last);
                }
            }
            _ => {}
        }
        Stay::Open
    }

    fn click(&mut self, spot: Spot, ctx: &mut Ctx<'_>) -> Stay {
        match spot {
            Spot::Row(at) if at < self.copied.len() => {
                self.at = at;
                self.act(Action::Copy, ctx)
            }
            Spot::Do(action) => self.act(action, ctx),
            _ => Stay::Open,
        }
    }

    fn loses(&self) -> Option<&'static str> {
        let all = self.copied.iter().all(|copied| *copied);
        (!all).then_some("The key that is shown is not copied, and leaving loses it")
    }

    fn hints(&self) -> Vec<Action> {
        vec![Action::Copy, Action::Down, Action::Close]
    }

    fn draw(&self, canvas: &mut Canvas<'_>, look: &Look<'_>) {
        let width = canvas.width().min(86);
        let inner = width.saturating_sub(4);
        let mut rows = Vec::new();
        for (line, role, at) in self.lines(look) {
            rows.extend(line.wrap(inner).into_iter().map(|part| (part, role, at)));
        }
        let body = u16::try_from(rows.len()).unwrap_or(u16::MAX);
        let area = centred(canvas, width, body.saturating_add(2));
        let mut window = canvas.sub(area);
        window.clear();
        let title = self.shown.title.cut(width.saturating_sub(6));
        let mut inside = window.frame(&[(title, Role::Title)], true);
        for (y, (line, role, at)) in (0..inside.height()).zip(rows) {
            inside.text(1, y, line, role);
            if let Some(at) = at {
                let row = ratatui::layout::Rect::new(0, y, width, 1);
                inside.spot(row, Spot::Row(at));
            }
        }
    }
}
