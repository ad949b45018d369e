//! What is read beside the list: orders and currencies as sums, and the journal of changes with
//! what can still be taken back.

use super::{
    acts,
    rows::{count, money},
};
use crate::{
    domain::pacing::{journal::Changed, ratio::Ratio},
    engine::pacing::{
        list::PacePage,
        steer::journal::{JournalEntry, JournalPage},
        sums::PaceSums,
    },
    tui::{
        clean::Clean,
        effect::{Ctx, Effect},
        overlays::{menu::Menu, reader::Reader},
        theme::Role,
    },
};

fn index(index: Option<Ratio>) -> Clean {
    index.map_or_else(|| "-".into(), |index| clean!("{index:.2}"))
}

fn summed(sums: &PaceSums) -> Clean {
    let code = sums.currency.map_or("", |currency| currency.code());
    clean!(
        "  index {}, {} of {} delivered, {} of {} {code} spent, {} at risk",
        index(sums.index),
        count(Some(sums.delivered)),
        count(Some(sums.goal)),
        money(Some(sums.spent), sums.currency),
        money(Some(sums.budget), sums.currency),
        money(Some(sums.at_risk), sums.currency)
    )
}

/// All lines by currency, then by order.
#[must_use]
pub fn totals(page: &PacePage) -> Reader {
    let mut lines: Vec<(Clean, Role)> = Vec::new();
    for sums in &page.sums {
        let code = sums
            .currency
            .map_or("no currency", |currency| currency.code());
        lines.push((clean!("{code}: {} lines", sums.lines), Role::Title));
        lines.push((summed(sums), Role::Text));
    }
    lines.push(("".into(), Role::Text));
    for order in &page.orders {
        let head = match order.alerts {
            0 => clean!("{} of {}: {} lines", order.order, order.owner, order.lines),
            alerts => clean!(
                "{} of {}: {} lines, {alerts} alerts",
                order.order,
                order.owner,
                order.lines
            ),
        };
        let role = super::rows::severity(order.severity);
        let role = if order.alerts == 0 { Role::Title } else { role };
        lines.push((head, role));
        lines.extend(order.sums.iter().map(|sums| (summed(sums), Role::Text)));
    }
    if page.orders.is_empty() {
        lines.push(("nothing runs".into(), Role::Muted));
    }
    Reader::new("Sums, the most money at risk first", lines)
}

fn told(one: &JournalEntry) -> Clean {
    let entry = &one.entry;
    let at = entry.at.format("%b %d %H:%M");
    let said: Vec<String> = entry.changes.iter().take(3).map(Changed::words).collect();
    let lines = entry.changes.first().map_or("", |first| &*first.line);
    let state = match (&entry.undone, entry.undoes, entry.asked.is_empty()) {
        (Some(_), ..) => " [undone]",
        (None, Some(_), _) => " [an undo]",
        (None, None, false) => " [asked]",
        (None, None, true) => "",
    };
    clean!("{at}  {}{state}  {lines}: {}", entry.by, said.join(", ")).cut(96)
}

/// Opens the journal: what is picked is proposed to be taken back.
pub fn journal(page: JournalPage, ctx: &mut Ctx<'_>) {
    if page.entries.is_empty() {
        ctx.toast("nothing was changed here yet", Role::Muted);
        return;
    }
    let items = page.entries.iter().map(told).collect();
    let title = "Changes, the newest first; pick one to take it back";
    let menu = Menu::new(title, items, move |at, ctx| {
        let Some(JournalEntry { entry, kept }) = page.entries.get(at) else {
            return;
        };
        if let Some(why) = kept {
            ctx.toast(Clean::new(why), Role::Warn);
            return;
        }
        let mut lines: Vec<(Clean, Role)> =
            vec![("Every field becomes again what it was:".into(), Role::Text)];
        for change in &entry.changes {
            let (after, before) = (change.after.words(), change.before.words());
            let name = change.before.name();
            lines.push((
                clean!("  {}: {name} {after} → {before}", change.line),
                Role::Text,
            ));
        }
        let title = clean!("Undo what {} changed", entry.by);
        ctx.want(Effect::Propose(acts::take_back(entry.id, title, lines)));
    });
    ctx.want(Effect::Open(Box::new(menu)));
}
