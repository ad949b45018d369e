//! Draws the views of what happened: their names in a line, the list, and beside it one line
//! in full, with everything that has no room in the list.

use ratatui::layout::Rect;

use super::{
    Activity, NAMES, Sheet as _, View, refused,
    rows::{outcome_role, revisions, stamp},
    work::{level_role, off, state_role},
};
use crate::{
    domain::audit::{Outcome, Sealed},
    engine::{activity::TaskView, events::Event},
    tui::{
        clean::Clean,
        command::Action,
        logbook::Line,
        paint::{Canvas, Look, Spot},
        panes::{sent, split},
        theme::Role,
    },
};

/// How wide the names in the detail are.
const NAME: u16 = 10;

/// A name with what stands behind it.
pub type Fact = (&'static str, Clean, Role);

impl Activity {
    pub(super) fn paint(&self, canvas: &mut Canvas<'_>, look: &Look<'_>) {
        let (width, height) = (canvas.width(), canvas.height());
        self.names(&mut canvas.sub(Rect::new(0, 0, width, 1)));
        let mut body = canvas.sub(Rect::new(0, 1, width, height.saturating_sub(1)));
        let split = self.split.get();
        let (list, detail) = split.areas(&body);
        if let Some(area) = list {
            self.list(&mut body.sub(area), look, !split.in_detail());
        }
        if let Some(area) = detail {
            self.detail(&mut body.sub(area), look, split.in_detail());
        }
    }

    fn names(&self, canvas: &mut Canvas<'_>) {
        // Where not all have room, the first give way to the one that is seen.
        let room = usize::from(canvas.width());
        let wide = |views: &[View]| {
            views
                .iter()
                .map(|view| view.name().len() + 3)
                .sum::<usize>()
        };
        let seen = &View::ALL[..=self.view as usize];
        let fits = |from: &usize| wide(&seen[*from..]) <= room;
        let hidden = (0..seen.len()).find(fits).unwrap_or(self.view as usize);
        let mut x = 1;
        for (at, view) in (NAMES..).zip(View::ALL).skip(hidden) {
            let (text, role) = if view == self.view {
                (clean!("[{}]", view.name()), Role::Focus)
            } else {
                (clean!(" {} ", view.name()), Role::Text)
            };
            let end = canvas.text(x, 0, text, role);
            canvas.spot(Rect::new(x, 0, end.saturating_sub(x), 1), Spot::Panel(at));
            x = end + 1;
        }
    }

    fn list(&self, canvas: &mut Canvas<'_>, look: &Look<'_>, focused: bool) {
        let sheet = self.sheet();
        let (shown, all) = sheet.shown_of_all();
        let mut title = split::title(
            match self.view {
                View::Events => "Events",
                View::Audit => "Audit trail",
                View::Sent => "Deliveries",
                View::Work => "Background work",
                View::Log => "Log of this console",
            },
            (shown, all),
            sheet.sorted(),
            sheet.filter(),
            sheet.marked(),
            look,
        );
        let dot = look.glyphs.dot;
        if let Some(only) = self.only.as_ref().filter(|_| self.view != View::Log) {
            title.push((clean!(" {dot} only {only}"), Role::Match));
        }
        if self.follows() {
            title.push((clean!(" {dot} follows"), Role::Muted));
        }
        let back = match self.view {
            View::Events => self.events.reads_back(),
            View::Audit => self.audit.reads_back(),
            View::Sent | View::Work | View::Log => false,
        };
        if back {
            title.push((clean!(" {dot} reads further back"), Role::Muted));
        }
        let mut inside = canvas.frame(&title, focused);
        let area = Rect::new(0, 0, inside.width(), inside.height());
        inside.spot(area, Spot::Panel(0));
        if all == 0 {
            self.empty(&mut inside, look);
        } else {
            sheet.draw(&mut inside, look, focused);
        }
        if let Some(said) = self.searched(look) {
            let (x, y) = (canvas.width().saturating_sub(2), canvas.height() - 1);
            canvas.right(x, y, clean!(" {said} "), Role::Accent);
        }
    }

    /// What stands there while there is nothing: why, or that it is still on its way.
    fn empty(&self, canvas: &mut Canvas<'_>, look: &Look<'_>) {
        let width = canvas.width().saturating_sub(4);
        let mut lines: Vec<(Clean, Role)> = Vec::new();
        let loaded = match self.view {
            View::Events => self.events.is_loaded(),
            View::Audit => self.audit.is_loaded(),
            View::Sent => self.deliveries.value().is_some(),
            View::Work => self.tasks.value().is_some(),
            View::Log => true,
        };
        match self.fault() {
            Some(fault) => {
                lines.push((Clean::new(&fault.message), Role::Bad));
                let hint = fault.hint.as_deref();
                let hint = hint.map(|hint| clean!("hint: {hint}"));
                let ask = "hint: ask an admin for a role that may see it".into();
                let hint = hint.or_else(|| refused(fault).then_some(ask));
                lines.extend(hint.map(|hint| (hint, Role::Muted)));
            }
            None if !loaded => lines.push(("loading ...".into(), Role::Muted)),
            None => {
                let nothing = match (self.view, &self.only) {
                    (View::Log, _) => "Nothing was logged yet.",
                    (View::Sent, None) => "Nothing was sent to anybody yet.",
                    (View::Work, None) => "No work waits: everything has been done.",
                    (_, None) => "Nothing has happened yet.",
                    (_, Some(_)) => "Nothing is known here of this object.",
                };
                lines.push((nothing.into(), Role::Title));
                if self.only.is_some()
                    && let Some(key) = look.keymap.key(Action::AllObjects)
                {
                    lines.push((clean!("{key} shows all objects again."), Role::Text));
                }
            }
        }
        let wrapped = lines
            .into_iter()
            .flat_map(|(line, role)| line.wrap(width).into_iter().map(move |part| (part, role)));
        for (y, (line, role)) in (1u16..).zip(wrapped) {
            canvas.text(2, y, line, role);
        }
    }

    /// What `copy` takes: objects by their ids, else the lines by theirs, or their words.
    pub(super) fn copied(&self) -> String {
        let lines: Vec<String> = match self.view {
            View::Events => {
                let rows = self.events.grid.targets().into_iter();
                rows.map(|row| row.object.clone()).collect()
            }
            View::Audit => {
                let rows = self.audit.grid.targets().into_iter();
                rows.map(|row| row.hash.clone()).collect()
            }
            View::Sent => self.sent.ids(),
            View::Work => self.work.ids(),
            View::Log => {
                let rows = self.log.targets().into_iter();
                rows.map(|row| {
                    format!(
                        "{} {} {} {}",
                        stamp(row.at),
                        row.level,
                        row.target,
                        row.text
                    )
                })
                .collect()
            }
        };
        lines.join("\n")
    }

    fn detail(&self, canvas: &mut Canvas<'_>, look: &Look<'_>, focused: bool) {
        let facts = match self.view {
            View::Events => self.events.grid.selected().map(event),
            View::Audit => self.audit.grid.selected().map(audit),
            View::Sent => self.sent.selected().map(|one| sent::facts(one, look)),
            View::Work => self.work.selected().map(|task| work(task, look)),
            View::Log => self.log.selected().map(log),
        };
        let facts = facts.unwrap_or_default();
        let title = facts
            .first()
            .map(|(_, text, _)| (text.clone(), Role::Title));
        let title: Vec<(Clean, Role)> = title.into_iter().collect();
        let mut inside = canvas.frame(&title, focused);
        let (width, height) = (inside.width(), inside.height());
        inside.spot(Rect::new(0, 0, width, height), Spot::Panel(1));
        let room = width.saturating_sub(NAME + 3);
        let mut lines: Vec<Fact> = Vec::new();
        for (name, text, role) in facts {
            for (at, part) in text.wrap(room).into_iter().enumerate() {
                lines.push((if at == 0 { name } else { "" }, part, role));
            }
        }
        let most = lines.len().saturating_sub(usize::from(height));
        let top = self.offset.get().min(most);
        self.offset.set(top);
        for (y, (name, text, role)) in (0..height).zip(lines.into_iter().skip(top)) {
            inside.cut(1, y, &name.into(), Role::Muted, NAME + 1);
            inside.text(NAME + 2, y, text, role);
        }
        if top < most {
            let (x, y) = (
                canvas.width().saturating_sub(2),
                canvas.height().saturating_sub(1),
            );
            canvas.right(x, y, clean!(" {} more ", most - top), Role::Muted);
        }
    }
}

fn event(event: &Event) -> Vec<Fact> {
    vec![
        ("event", Clean::new(&event.event), Role::Accent),
        ("number", Clean::of(event.seq), Role::Text),
        ("time", clean!("{} UTC", stamp(event.at)), Role::Text),
        ("kind", Clean::new(&event.kind), Role::Text),
        ("object", Clean::new(&event.object), Role::Text),
        ("detail", Clean::new(&event.detail), Role::Text),
    ]
}

/// A line of the audit trail in full.
pub fn audit(line: &Sealed) -> Vec<Fact> {
    let entry = &line.entry;
    let object = entry.object.as_deref().unwrap_or("none");
    let detail = match entry.outcome {
        Outcome::Done => "key",
        Outcome::Refused | Outcome::Failed => "detail",
    };
    let mut facts = vec![
        ("action", Clean::new(&entry.action), Role::Accent),
        (
            "outcome",
            entry.outcome.name().into(),
            outcome_role(entry.outcome),
        ),
        ("number", Clean::of(line.seq), Role::Text),
        ("time", clean!("{} UTC", stamp(entry.at)), Role::Text),
        ("actor", Clean::new(&entry.actor), Role::Text),
        ("role", Clean::of(entry.role), Role::Text),
        ("object", Clean::new(object), Role::Text),
        ("revision", revisions(line), Role::Text),
        (detail, Clean::new(&entry.detail), Role::Text),
    ];
    let changed = |change| ("changed", Clean::of(change), Role::Text);
    facts.extend(entry.changes.iter().map(changed));
    facts.extend([
        ("hash", Clean::new(&line.hash), Role::Muted),
        ("previous", Clean::new(&line.previous), Role::Muted),
    ]);
    facts
}

fn work(task: &TaskView, look: &Look<'_>) -> Vec<Fact> {
    let due = clean!("{} UTC, {}", stamp(task.run_at), off(task.run_at, look.now));
    let mut facts = vec![
        ("kind", Clean::new(&task.kind), Role::Accent),
        ("state", Clean::new(&task.state), state_role(&task.state)),
        ("object", Clean::new(&task.object), Role::Text),
        ("due", due, Role::Text),
        ("tries", Clean::of(task.attempts), Role::Text),
    ];
    if let Some(node) = &task.held_by {
        facts.push(("held by", Clean::new(node), Role::Text));
    }
    if let Some(until) = task.held_until {
        let until = clean!("{} UTC, {}", stamp(until), off(until, look.now));
        facts.push(("until", until, Role::Text));
    }
    if let Some(error) = &task.last_error {
        facts.push(("error", Clean::new(error), Role::Bad));
    }
    facts.push(("id", Clean::new(&task.id), Role::Muted));
    facts
}

fn log(line: &Line) -> Vec<Fact> {
    vec![
        ("level", line.level.as_str().into(), level_role(line.level)),
        ("time", clean!("{} UTC", stamp(line.at)), Role::Text),
        ("from", line.target.clone(), Role::Text),
        ("said", line.text.clone(), Role::Text),
    ]
}
