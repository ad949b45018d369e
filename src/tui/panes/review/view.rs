//! Draws the pane: which job of how many, what has changed, the list, what the choice comes
//! to, and everything about what the cursor is on.

use ratatui::layout::Rect;

use super::{
    Review,
    footer::{Footer, areas},
    item::Item,
    sheet::{Seen, Sheet},
    table,
};
use crate::tui::{
    clean::Clean,
    command::Action,
    grid::column::Row as _,
    paint::{Canvas, Look, Spot},
    panes::{empty, jobs::rows},
    theme::Role,
};

/// The most lines of a banner.
const BANNER: u16 = 4;

impl Review {
    /// Draws the pane.
    pub(super) fn view(&self, canvas: &mut Canvas<'_>, look: &Look<'_>) {
        let split = self.split.get();
        let (list, detail) = split.areas(canvas);
        if let Some(area) = list {
            let focused = !split.in_detail();
            let mut panel = canvas.sub(area);
            let title = self.title(area.width, look);
            let mut inside = panel.frame(&title, focused);
            let whole = Rect::new(0, 0, inside.width(), inside.height());
            inside.spot(whole, Spot::Panel(0));
            match self.pile.current().and_then(|one| Some((one, one.seen()?))) {
                Some(shown) => self.body(shown, &mut inside, look, focused),
                None => self.empty(&mut inside, look),
            }
            self.rim(&mut panel, look);
        }
        if let Some(area) = detail {
            let shown = self.seen().map(|seen| (seen, self.list.here()));
            let mut panel = canvas.sub(area);
            self.detail.draw(shown, &mut panel, look, split.in_detail());
        }
    }

    fn body(
        &self,
        (sheet, seen): (&Sheet, &Seen),
        canvas: &mut Canvas<'_>,
        look: &Look<'_>,
        focused: bool,
    ) {
        let width = canvas.width();
        let together = self.pile.together();
        let suggested = !sheet.touched();
        let footer = Footer::new(seen, together.as_ref(), suggested, width, look);
        let banner = banner(sheet, seen, width.saturating_sub(2), look);
        let most = (canvas.height() / 3).min(BANNER);
        let banner_height = u16::try_from(banner.len()).unwrap_or(BANNER).min(most);
        let [top, middle, bottom] = areas(canvas, footer.height(canvas.height()), banner_height);
        let mut line = canvas.sub(top);
        for (y, (text, role)) in (0..top.height).zip(banner) {
            line.text(1, y, text, role);
        }
        let mut area = canvas.sub(middle);
        if seen.items.is_empty() {
            let text = seen.closed().unwrap_or_default();
            area.text(1, 0, text, Role::Muted);
        } else {
            table::draw(&self.list, (sheet, seen), &mut area, look, focused);
        }
        footer.draw(&mut canvas.sub(bottom));
    }

    /// What stands in the lower edge of the list.
    fn rim(&self, panel: &mut Canvas<'_>, look: &Look<'_>) {
        let Some(seen) = self.seen() else { return };
        let (width, y) = (panel.width(), panel.height().saturating_sub(1));
        if seen.waits()
            && width >= 60
            && y > 1
            && let Some(key) = look.keymap.key(Action::Approve)
        {
            let said = clean!(" ticking sends nothing: {key} asks first ");
            panel.text(2, y, said, Role::Muted);
        }
        let below = self.list.below();
        if below > 0 {
            let more = clean!(" {below} more ");
            panel.right(width.saturating_sub(2), y, more, Role::Muted);
        }
    }

    fn title(&self, width: u16, look: &Look<'_>) -> Vec<(Clean, Role)> {
        let dot = look.glyphs.dot;
        let Some(place) = self.pile.place() else {
            return vec![("Review".into(), Role::Title)];
        };
        let (count, total) = self.pile.counts();
        let mut title = Vec::new();
        if width >= 60 {
            title.push((clean!("Review {dot} "), Role::Title));
        }
        if count > 1 {
            title.push((clean!("job {} of {count} {dot} ", place + 1), Role::Accent));
        }
        if total > count && width >= 60 {
            let more = total - count;
            title.push((clean!("{more} more wait {dot} "), Role::Muted));
        }
        let Some(seen) = self.seen() else {
            title.push(("reading ...".into(), Role::Muted));
            return title;
        };
        let room = width.saturating_sub(30).max(12);
        title.push((seen.name.cut(room), Role::Title));
        let status = seen.job.status;
        title.push((clean!(" {dot} {}", status.words()), rows::role(status)));
        let shown = self.list.shown();
        let all = seen.items.len();
        let filter = self.list.filter();
        let counts = if shown == all {
            clean!(" {dot} {all}")
        } else {
            clean!(" {dot} {shown} of {all}")
        };
        title.push((counts, Role::Text));
        if !filter.is_empty() {
            title.push((clean!(" {dot} /{filter}"), Role::Match));
        }
        let (column, down) = self.list.sorted();
        let [up, below] = look.glyphs.sorted;
        let sign = if down { below } else { up };
        let name = Item::COLUMNS[column].id;
        title.push((clean!(" {dot} by {name} {sign}"), Role::Muted));
        if !self.pile.chosen() && total > count {
            let more = total - count;
            title.push((clean!(" {dot} {more} more wait"), Role::Muted));
        }
        title
    }

    /// What stands there while there is nothing.
    fn empty(&self, canvas: &mut Canvas<'_>, look: &Look<'_>) {
        let how = || {
            let key = look.keymap.key(Action::PaneJobs);
            let key = key.map_or_else(|| "the palette".to_owned(), |key| key.to_string());
            let how = clean!("Press {key} for the jobs: a job comes here once it is researched.");
            vec![
                ("Nothing waits for a decision.".into(), Role::Title),
                (how, Role::Text),
            ]
        };
        let lines = match self.pile.current().and_then(Sheet::closed) {
            Some(why) => vec![(why, Role::Muted)],
            None => empty::lines(self.pile.fault(), self.pile.is_listed(), how),
        };
        let width = canvas.width().saturating_sub(3);
        empty::draw(canvas, empty::wrapped(lines, width));
    }
}

/// What a person must know before they go on.
fn banner(sheet: &Sheet, seen: &Seen, width: u16, look: &Look<'_>) -> Vec<(Clean, Role)> {
    let mut lines = Vec::new();
    if let Some(decision) = seen.decision() {
        let wrapped = decision.wrap(width).into_iter();
        lines.extend(wrapped.map(|line| (line, Role::Accent)));
    } else if let Some(why) = seen.closed() {
        let wrapped = why.wrap(width).into_iter();
        lines.extend(wrapped.map(|line| (line, Role::Warn)));
    } else if let Some(why) = seen.ended(look.now) {
        let wrapped = why.wrap(width).into_iter();
        lines.extend(wrapped.map(|line| (line, Role::Warn)));
    }
    if let Some(fault) = sheet.fault() {
        let said = clean!("this may be out of date: {}", fault.message);
        let wrapped = said.wrap(width).into_iter();
        lines.extend(wrapped.map(|line| (line, Role::Bad)));
    }
    let changed: Vec<&str> = sheet.changed().iter().map(Clean::as_str).collect();
    if !changed.is_empty() {
        let key = look.keymap.key(Action::Back);
        let key = key.map_or_else(String::new, |key| format!(" ({key}: seen)"));
        let said = clean!("changed since you looked: {}{key}", changed.join("; "));
        let wrapped = said.wrap(width).into_iter();
        lines.extend(wrapped.map(|line| (line, Role::Warn)));
    }
    lines
}
