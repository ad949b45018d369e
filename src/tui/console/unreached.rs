//! What stands where the panes would be until the engine was reached: what is tried, since when,
//! why it is not there, and what can be done. Knows nothing of what the panes would show.

use super::{Console, pulse::Missing};
use crate::tui::{clean::Clean, command::Action, paint::Canvas, theme::Role};

impl Console {
    /// Nobody has answered yet, and nothing went wrong.
    pub(super) fn reaching(&self, canvas: &mut Canvas<'_>) {
        let said = "It has not answered yet. Everything is read as soon as it does.";
        self.waits(canvas, vec![(said.into(), Role::Text)]);
    }

    /// It was tried in vain, and is tried again.
    pub(super) fn unreached(&self, canvas: &mut Canvas<'_>, missing: &Missing) {
        let mut said: Vec<(Clean, Role)> = Vec::new();
        for (at, line) in missing.why.iter().enumerate() {
            let role = if at == 0 { Role::Warn } else { Role::Text };
            said.push((line.clone(), role));
        }
        let age = (self.now - missing.since).num_seconds().max(0);
        let times = if missing.tries == 1 { "time" } else { "times" };
        let tried = clean!(
            "Tried {} {times} in {age} s, and tried again by itself: everything is read as soon as it answers.",
            missing.tries
        );
        said.extend([("".into(), Role::Text), (tried, Role::Text)]);
        self.waits(canvas, said);
    }

    fn waits(&self, canvas: &mut Canvas<'_>, mut said: Vec<(Clean, Role)>) {
        let title = clean!("waiting for {}", self.identity.engine);
        let mut inside = canvas.frame(&[(title, Role::Title)], true);
        said.push(("".into(), Role::Text));
        for action in [Action::Engine, Action::Quit] {
            if action == Action::Engine && !self.engines.are_many() {
                continue;
            }
            if let Some(key) = self.keymap.key(action) {
                let about = action.command().about;
                said.push((clean!("{key}  {about}"), Role::Muted));
            }
        }
        let room = inside.width().saturating_sub(2);
        let lines = said.iter().flat_map(|(text, role)| {
            let wrapped = text.wrap(room).into_iter();
            wrapped.map(|line| (line, *role))
        });
        for (y, (line, role)) in (1..inside.height()).zip(lines) {
            inside.text(1, y, line, role);
        }
    }
}
