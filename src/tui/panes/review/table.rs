//! Draws the list of a job's recommendations: a heading for each channel with its money
//! against what it was given, and the rows below it. Draws what is seen and nothing else.

use ratatui::layout::Rect;

use super::{
    figures,
    item::Item,
    list::{Line, List},
    sheet::{Seen, Sheet},
};
use crate::tui::{
    clean::Clean,
    grid::column::{Row as _, layout},
    paint::{Canvas, Look, Spot},
    theme::Role,
};

/// Columns before the first: the cursor, and the box a little further in than a heading's.
const MARGIN: u16 = 7;
/// Where the box of a heading stands.
const HEADING: u16 = 2;

/// Draws headings of columns, then the lines; `focused` says whether the keys go here.
pub fn draw(
    list: &List,
    (sheet, seen): (&Sheet, &Seen),
    canvas: &mut Canvas<'_>,
    look: &Look<'_>,
    focused: bool,
) {
    let height = canvas.height().saturating_sub(1);
    if canvas.width() <= MARGIN || canvas.height() == 0 {
        return;
    }
    let columns = layout::<Item>(canvas.width() - MARGIN, &list.widths);
    titles(list, canvas, &columns);
    let top = top(list, usize::from(height));
    list.view.set((top, usize::from(height)));
    for y in 0..height {
        let place = top + usize::from(y);
        let Some(line) = list.at(place) else { break };
        let mut row = canvas.sub(Rect::new(0, y + 1, canvas.width(), 1));
        row.spot(Rect::new(0, 0, row.width(), 1), Spot::Row(place));
        row.spot(Rect::new(0, 0, MARGIN, 1), Spot::Tick(place));
        let here = place == list.cursor();
        if here {
            let role = if focused { Role::Accent } else { Role::Muted };
            row.text(0, 0, look.glyphs.cursor, role);
        }
        if list.ranges_from(line, seen) {
            row.text(1, 0, "v", Role::Marked);
        }
        match line {
            Line::Group(at) => heading(seen, at, &mut row, look, here),
            Line::Item(at) => {
                if let Some(item) = seen.items.get(at) {
                    let fresh = sheet.is_fresh(item.product());
                    recommendation(item, (here, fresh), &columns, &mut row, look);
                }
            }
        }
    }
    if list.is_empty() && height > 0 && !list.filter().is_empty() {
        let text = clean!("nothing matches \"{}\"", list.filter());
        canvas.text(MARGIN, 1, text, Role::Muted);
    }
}

/// The first line to draw, so that the cursor is seen.
fn top(list: &List, rows: usize) -> usize {
    let rows = rows.max(1);
    let (before, _) = list.view.get();
    let top = before.min(list.len().saturating_sub(rows));
    let top = top.min(list.cursor());
    top.max((list.cursor() + 1).saturating_sub(rows))
}

fn titles(list: &List, canvas: &mut Canvas<'_>, columns: &[(usize, u16)]) {
    let [up, down] = canvas.glyphs().sorted;
    let (sorted, downwards) = list.sorted();
    let mut x = MARGIN;
    for (at, width) in columns {
        let column = &Item::COLUMNS[*at];
        let here = sorted == *at;
        let sign = if downwards { down } else { up };
        let text = if here && *width > 2 {
            let title = Clean::from(column.title).cut(width - 2);
            clean!("{title} {sign}")
        } else {
            Clean::from(column.title).cut(*width)
        };
        let role = if here { Role::Title } else { Role::Muted };
        if column.right {
            canvas.right(x + width, 0, text, role);
        } else {
            canvas.text(x, 0, text, role);
        }
        canvas.spot(Rect::new(x, 0, *width, 1), Spot::Heading(*at));
        x += width + 1;
    }
}

/// The box: ticked, partly ticked, not ticked.
fn tick(ticked: usize, all: usize, look: &Look<'_>) -> (Clean, Role) {
    let [full, partly, none] = look.glyphs.tick;
    match ticked {
        0 => (none.into(), Role::Muted),
        some if some < all => (partly.into(), Role::Accent),
        _ => (full.into(), Role::Good),
    }
}

fn heading(seen: &Seen, at: usize, row: &mut Canvas<'_>, look: &Look<'_>, here: bool) {
    let Some(group) = seen.groups.get(at) else {
        return;
    };
    let of_it = |item: &&Item| item.group == at;
    let all = seen.items.iter().filter(of_it).count();
    let sums = seen.sums_of(|item| item.group == at && item.ticked);
    let (sign, role) = tick(sums.count, all, look);
    row.text(HEADING, 0, sign, role);
    let name = Clean::new(&group.channel);
    let role = if here { Role::Selected } else { Role::Title };
    let end = row.cut(HEADING + 4, 0, &name, role, 14);
    let end = row.text(end + 1, 0, clean!("{}/{all}", sums.count), Role::Text);
    let width = row.width();
    let Some(given) = group.allocation else {
        let said = figures::bare(sums.cost);
        if end + said.width() + 2 <= width {
            row.right(width, 0, said, Role::Text);
        }
        return;
    };
    let role = if figures::over(sums.cost, given).is_some() {
        Role::Warn
    } else {
        Role::Text
    };
    let share = figures::share(sums.cost, given);
    let mut right = width;
    if end + share.width() + 2 <= right {
        right = row.right(right, 0, share, role).min(right - 8);
    }
    let bar = (width / 5).min(20);
    if width >= 60 && end + bar + 3 <= right {
        right = right.saturating_sub(bar + 1);
        let full = figures::filled(sums.cost, given);
        let filled = if role == Role::Warn {
            Role::Warn
        } else {
            Role::Accent
        };
        row.bar(right, 0, bar, full, filled);
    }
    let (cost, given) = (figures::bare(sums.cost), figures::bare(given));
    let said = clean!("{cost} of {given} ");
    if end + said.width() < right {
        row.right(right, 0, said, role);
    }
}

fn recommendation(
    item: &Item,
    (here, fresh): (bool, bool),
    columns: &[(usize, u16)],
    row: &mut Canvas<'_>,
    look: &Look<'_>,
) {
    let (sign, role) = tick(usize::from(item.ticked), 1, look);
    row.text(HEADING + 1, 0, sign, role);
    if fresh {
        row.text(1, 0, "*", Role::Fresh);
    }
    let mut x = MARGIN;
    for (at, width) in columns {
        let column = &Item::COLUMNS[*at];
        let text = (column.text)(item, look);
        let role = match (item.ticked, fresh, (column.role)(item)) {
            (_, true, Role::Text) => Role::Fresh,
            (true, _, Role::Text) if column.grows => Role::Marked,
            (_, _, role) => role,
        };
        if column.right {
            row.right(x + width, 0, text.cut(*width), role);
        } else {
            row.cut(x, 0, &text, role, *width);
        }
        if here && column.grows {
            row.tint(Rect::new(x, 0, *width, 1), Role::Selected);
        }
        x += width + 1;
    }
}
