//! What if: changes as they are typed, with the projection that they make, before anything is
//! sent. Enter lays them before the person as a plan; refuses to send anything itself.

use ratatui::layout::Rect;

use super::acts;
use crate::{
    domain::ids::LineId,
    engine::pacing::{
        row::PaceRow,
        steer::{LineChange, Projection, whatif::WhatIf, words},
    },
    tui::{
        clean::Clean,
        command::{Action, Section},
        effect::{Ctx, Effect, Reply, Ticket},
        field::Field,
        input::Key,
        live::{Live, Taken},
        overlays::{Overlay, Stay, centred},
        paint::{Canvas, Look},
        theme::Role,
    },
};

/// How many lines are shown with their projection.
const SHOWN: usize = 4;

/// Changes that are being typed.
pub struct Form {
    rows: Vec<PaceRow>,
    /// Lines that a budget can be shifted to, in the order in which they are numbered.
    others: Vec<(LineId, Box<str>)>,
    field: Field,
    changes: Vec<LineChange>,
    trial: Live<Projection>,
    /// The last projection, until the next one is there.
    last: Option<Projection>,
    wrong: Option<Clean>,
    /// Whether the plan is wanted as soon as it is there.
    wanted: bool,
}

impl Form {
    /// About some lines, with a text to begin with.
    pub fn new(
        rows: Vec<PaceRow>,
        others: Vec<(LineId, Box<str>)>,
        text: &str,
        ctx: &mut Ctx<'_>,
    ) -> Self {
        let mut form = Self {
            rows,
            others,
            field: Field::new(text),
            changes: Vec::new(),
            trial: Live::default(),
            last: None,
            wrong: None,
            wanted: false,
        };
        form.tried(ctx);
        form
    }

    /// Tries what is typed.
    fn tried(&mut self, ctx: &mut Ctx<'_>) {
        self.trial.forget();
        self.wanted = false;
        self.changes.clear();
        self.wrong = None;
        let text = self.field.text().trim();
        if text.is_empty()
            || text.ends_with(char::is_alphabetic) && !text.contains(' ') && text.len() < 3
        {
            return;
        }
        match words::read(text, |name| self.named(name)) {
            Ok(steers) => {
                self.changes = acts::changes(&self.rows, &steers);
                let changes = self.changes.clone();
                self.trial.ask(ctx, WhatIf { changes });
            }
            Err(wrong) => self.wrong = Some(Clean::new(&wrong)),
        }
    }

    /// The line that somebody means: by its number here, or a part of its name.
    fn named(&self, name: &str) -> Option<LineId> {
        if let Ok(number) = name.parse::<usize>() {
            let other = self.others.get(number.checked_sub(1)?)?;
            return Some(other.0);
        }
        let name = name.to_lowercase();
        let mut found = self
            .others
            .iter()
            .filter(|(id, own)| own.to_lowercase().contains(&name) || id.to_string() == name);
        let one = found.next()?;
        found.next().is_none().then_some(one.0)
    }

    fn propose(&mut self, ctx: &mut Ctx<'_>) -> Stay {
        if let Some(tried) = self.trial.value() {
            let proposal = acts::apply(self.changes.clone(), tried);
            ctx.want(Effect::Propose(proposal));
            return Stay::Closed;
        }
        if let Some(fault) = self.trial.fault() {
            ctx.toast(Clean::new(&fault.message), Role::Warn);
        } else if self.trial.is_asking() {
            self.wanted = true;
        } else {
            ctx.toast("write what to change", Role::Warn);
        }
        Stay::Open
    }
}

impl Overlay for Form {
    fn sections(&self) -> &'static [Section] {
        &[Section::Prompt]
    }

    fn types(&self) -> bool {
        true
    }

    fn act(&mut self, action: Action, ctx: &mut Ctx<'_>) -> Stay {
        match action {
            Action::Accept => self.propose(ctx),
            Action::Dismiss | Action::Back | Action::Close => Stay::Closed,
            _ => Stay::Open,
        }
    }

    fn key(&mut self, key: Key, ctx: &mut Ctx<'_>) -> Stay {
        if self.field.key(key) {
            self.tried(ctx);
        }
        Stay::Open
    }

    fn paste(&mut self, text: &str, ctx: &mut Ctx<'_>) -> Stay {
        self.field.paste(text);
        self.tried(ctx);
        Stay::Open
    }

    fn reply(&mut self, ticket: Ticket, reply: &mut Option<Reply>, ctx: &mut Ctx<'_>) -> Stay {
        if self.trial.take(ticket, reply, ctx.now) == Taken::Other {
            return Stay::Open;
        }
        self.last = self.trial.value().cloned();
        if std::mem::take(&mut self.wanted) {
            return self.propose(ctx);
        }
        Stay::Open
    }

    fn hints(&self) -> Vec<Action> {
        vec![Action::Accept, Action::Dismiss]
    }

    fn draw(&self, canvas: &mut Canvas<'_>, _: &Look<'_>) {
        let width = canvas.width().min(88);
        let inner = width.saturating_sub(4);
        let mut lines: Vec<(Clean, Role)> = Vec::new();
        for (text, role) in self.lines() {
            lines.extend(text.wrap(inner).into_iter().map(|part| (part, role)));
        }
        let body = u16::try_from(lines.len()).unwrap_or(u16::MAX);
        let most = canvas.height().saturating_sub(1);
        let area = centred(canvas, width, body.saturating_add(5).min(most));
        let mut window = canvas.sub(area);
        window.clear();
        let title = match &self.rows[..] {
            [one] => clean!("What if {} ...", one.line),
            many => clean!("What if {} lines ...", many.len()),
        };
        let mut inside = window.frame(&[(title.cut(width.saturating_sub(6)), Role::Title)], true);
        let x = inside.text(1, 0, "change: ", Role::Key);
        let field = Rect::new(x, 0, inside.width().saturating_sub(x + 1), 1);
        self.field.draw(&mut inside, field, true);
        for (y, (line, role)) in (2..inside.height()).zip(lines) {
            inside.text(1, y, line, role);
        }
    }
}

impl Form {
    fn lines(&self) -> Vec<(Clean, Role)> {
        let mut lines = Vec::new();
        let tried = self.trial.value().or(self.last.as_ref());
        if let Some(wrong) = &self.wrong {
            lines.push((wrong.clone(), Role::Warn));
        } else if let Some(fault) = self.trial.fault() {
            lines.push((Clean::new(&fault.message), Role::Bad));
            if let Some(hint) = &fault.hint {
                lines.push((clean!("hint: {hint}"), Role::Muted));
            }
        } else if let Some(tried) = tried.filter(|_| !self.changes.is_empty()) {
            let alone = tried.lines.len() == 1;
            for one in tried.lines.iter().take(SHOWN) {
                lines.extend(acts::outcome(one, alone));
            }
            let more = tried.lines.len().saturating_sub(SHOWN);
            if more > 0 {
                lines.push((clean!("and {more} more lines"), Role::Muted));
            }
        } else {
            lines.push((clean!("{}", words::KNOWN), Role::Muted));
        }
        if !self.others.is_empty() && self.field.text().contains("shift") {
            lines.push(("shift to one of the same order:".into(), Role::Muted));
            for (n, (_, name)) in self.others.iter().enumerate().take(9) {
                lines.push((clean!("  {}. {name}", n + 1), Role::Text));
            }
        }
        lines
    }
}
