//! What stands around the list of lines: its title with the money at risk, and what is said
//! while nothing runs.

use super::{Pacing, rows};
use crate::tui::{
    clean::Clean,
    paint::{Canvas, Look},
    panes::{empty, split},
    theme::Role,
};

/// In what is kept, says that the largest first is downwards in every column.
const LARGEST_FIRST: &str = "largest_first_is_down";

/// Marks what is kept by whoever calls the largest first downwards.
pub(super) fn marked(mut table: toml::Table) -> toml::Table {
    table.insert(LARGEST_FIRST.into(), true.into());
    table
}

/// What was kept, with an order that was called upwards once turned round.
pub(super) fn turned(table: &toml::Table) -> toml::Table {
    let mut table = table.clone();
    let sort = table.get("sort").and_then(toml::Value::as_str);
    if matches!(sort, Some("risk" | "alerts")) && !table.contains_key(LARGEST_FIRST) {
        let down = table.get("down").and_then(toml::Value::as_bool);
        table.insert("down".into(), (!down.unwrap_or(false)).into());
    }
    table
}

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
        let how = || {
            let how = "Lines stand here as soon as they are booked.";
            let demo = "To look around first, start `flightdeck --demo`.";
            vec![
                ("Nothing runs yet.".into(), Role::Title),
                (how.into(), Role::Text),
                (demo.into(), Role::Muted),
            ]
        };
        empty::draw(canvas, empty::lines(self.pages.fault(), self.loaded, how));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_that_was_kept_long_ago_stays_what_it_was() {
        let kept = |text: &str| -> toml::Table { text.parse().expect("TOML") };
        let down = |table: &toml::Table| table.get("down").and_then(toml::Value::as_bool);
        let old = kept("sort = \"risk\"\ndown = false");
        assert_eq!(down(&turned(&old)), Some(true));
        assert_eq!(down(&turned(&marked(old))), Some(false));
        let other = kept("sort = \"line\"\ndown = false");
        assert_eq!(turned(&other), other);
    }
}
