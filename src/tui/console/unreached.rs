//! What stands where the panes would be while the engine was never reached: what is tried, since
//! when, why it is not there, and what can be done. Knows nothing of what the panes would show.

use super::{Console, pulse::Missing};
use crate::tui::{clean::Clean, command::Action, paint::Canvas, theme::Role};

impl Console {
    pub(super) fn unreached(&self, canvas: &mut Canvas<'_>, missing: &Missing) {
        let title = clean!("waiting for {}", self.identity.engine);
        let mut inside = canvas.frame(&[(title, Role::Title)], true);
        let mut said: Vec<(Clean, Role)> = Vec::new();
        for (at, line) in missing.why.iter().enumerate() {
            let role = if at == 0 { Role::Warn } else { Role::Text };
            said.push((line.clone(), role));
        }
        let age = (self.now - missing.since).num_seconds().max(0);
        let times = if missing.tries == 1 { "time" } else { "times" };
        said.extend([
            ("".into(), Role::Text),
            (
                clean!("Tried {} {times} in {age} s, and tried again by itself: everything is read as soon as it answers.", missing.tries),
                Role::Text,
            ),
            ("".into(), Role::Text),
        ]);
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
