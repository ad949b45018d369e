//! What stands around the list of lines: its title with the money at risk, and what is said
//! while nothing runs.

use super::{Pacing, rows};
use crate::tui::{
    clean::Clean,
    paint::{Canvas, Look},
    panes::split,
    theme::Role,
};

impl Pacing {
    pub(super) fn title(&self, look: &Look<'_>) -> Vec<(Clean, Role)> {
        let (all, shown) = self.grid.counts();
        let mut title = split::title(
            "Pacing",
            (shown, all),
            self.grid.sorted(),
            self.grid.filter().text(),
            self.grid.marked(),
            look,
        );
        for sums in self
            .sums
            .iter()
            .filter(|sums| sums.at_risk.is_positive())
            .take(3)
        {
            let code = sums.currency.map_or("", |currency| currency.code());
            let risk = rows::money(Some(sums.at_risk), sums.currency);
            let said = clean!(" {} {risk} {code} at risk", look.glyphs.dot);
            title.push((said, Role::Warn));
        }
        title
    }

    /// What stands there while there is nothing: loading, a fault, or how lines come.
    pub(super) fn draw_empty(&self, canvas: &mut Canvas<'_>) {
        let mut lines: Vec<(Clean, Role)> = Vec::new();
        match (self.pages.fault(), self.loaded) {
            (Some(fault), _) => {
                lines.push((Clean::new(&fault.message), Role::Bad));
                if let Some(hint) = &fault.hint {
                    lines.push((clean!("hint: {hint}"), Role::Muted));
                }
            }
            (None, false) => lines.push(("loading ...".into(), Role::Muted)),
            (None, true) => {
                lines.push(("Nothing runs yet.".into(), Role::Title));
                let how = "Lines stand here as soon as they are booked.";
                lines.push((how.into(), Role::Text));
                let demo = "To look around first, start `flightdeck --demo`.";
                lines.push((demo.into(), Role::Muted));
            }
        }
        for (y, (line, role)) in (1u16..).zip(lines) {
            canvas.text(2, y, line, role);
        }
    }
}
