//! Why a command cannot be done now: the role of whoever asks, a session that only reads, an
//! engine that is silent, or what lies on top. Hides nothing, and keeps nobody from writing down
//! what can be sent later.

use super::Console;
use crate::tui::{
    clean::Clean,
    command::{Action, Weight},
};

impl Console {
    /// Why a command cannot be done now; nothing is hidden for it.
    ///
    /// # Errors
    /// With the reason.
    pub fn may(&self, action: Action) -> Result<(), Clean> {
        let command = action.command();
        let caller = &self.identity.caller;
        if let Some(needed) = command.needs
            && !self.identity.may(needed)
        {
            return Err(clean!(
                "your role {} may not: it takes {}",
                caller.role,
                needed.name()
            ));
        }
        if command.weight != Weight::Look && self.identity.read_only {
            return Err("this session is read only: it sends no commands".into());
        }
        // A form is filled whatever the engine does; sending it is another command.
        if !matches!(command.weight, Weight::Look | Weight::Write) {
            self.pulse.writable(self.now)?;
        }
        match self.overlays.last() {
            Some(top) => top.may(action),
            None => self.panes[self.at].may(action),
        }
    }
}
