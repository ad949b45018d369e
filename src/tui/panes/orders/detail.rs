//! One order in full: what the publisher is asked, what would be different, its packages
//! line by line with what is free for them, what can be done and which guard stands in the
//! way, and its history.

use ratatui::layout::Rect;

use super::{
    acts::{Verb, blocked},
    rows::{OrderRow, role, sign},
};
use crate::{
    domain::{
        ids::BuyId,
        media_buy::{
            ad_order::Standing,
            history::Entry,
            package::Package,
            terms::{Pricing, PricingModel},
        },
        text::grouped,
    },
    engine::media_buys::{
        check::{BuyCheck, CheckBuy, PackageCheck, Stock},
        upstream::desk::{BuysDesk, GetBuysDesk},
    },
    tui::{
        clean::Clean,
        command::Action,
        effect::{Ctx, Reply, Ticket},
        live::{Live, Taken},
        paint::{Canvas, Look, Spot},
        panes::{jobs::rows::age, scroll::Scroll},
        theme::Role,
    },
};

/// The detail of the order under the cursor.
#[derive(Default)]
pub struct Detail {
    id: Option<BuyId>,
    check: Live<BuyCheck>,
    desk: Live<BuysDesk>,
    blank: bool,
    scroll: Scroll,
}

type Line = Vec<(Clean, Role)>;

fn text(text: impl Into<Clean>, role: Role) -> Line {
    vec![(text.into(), role)]
}

impl Detail {
    /// Which order it shows.
    #[must_use]
    pub fn id(&self) -> Option<&BuyId> {
        self.id.as_ref().filter(|_| !self.blank)
    }

    /// The order as it was looked over, if it is the one of that revision.
    #[must_use]
    pub fn check(&self, row: &OrderRow) -> Option<&BuyCheck> {
        let check = self.check.value();
        check.filter(|check| check.order.buy.id == row.id && check.order.seen == row.seen)
    }

    /// Shows nothing until it is told what to look at.
    pub fn blank(&mut self) {
        self.blank = true;
    }

    /// Looks at another order.
    pub fn look_at(&mut self, id: Option<BuyId>, ctx: &mut Ctx<'_>) {
        self.blank = false;
        if self.id != id {
            self.id = id;
            self.scroll.home();
            self.check.forget();
        }
        self.again(ctx);
    }

    /// Looks the order over again.
    pub fn again(&mut self, ctx: &mut Ctx<'_>) {
        if let Some(media_buy_id) = self.id.clone() {
            self.check.ask(ctx, CheckBuy { media_buy_id });
        }
        self.whereabouts(ctx);
    }

    /// Asks how old what is shown is, where it lives elsewhere.
    fn whereabouts(&mut self, ctx: &mut Ctx<'_>) {
        let check = self.check.value();
        if check.is_some_and(|check| check.order.buy.upstream.is_some()) {
            self.desk.ask(ctx, GetBuysDesk::default());
        }
    }

    /// Takes an answer, if it is its own.
    pub fn reply(&mut self, ticket: Ticket, reply: &mut Option<Reply>, ctx: &mut Ctx<'_>) {
        let known = self.desk.value().is_some();
        match self.check.take(ticket, reply, ctx.now) {
            Taken::AskAgain => return self.again(ctx),
            Taken::Mine if known => return,
            // The first answer says whether there is more to ask.
            Taken::Mine => {}
            Taken::Other => {
                let taken = self.desk.take(ticket, reply, ctx.now);
                if taken != Taken::AskAgain {
                    return;
                }
            }
        }
        self.whereabouts(ctx);
    }

    /// Scrolls.
    pub fn act(&mut self, action: Action) -> bool {
        self.scroll.act(action)
    }

    /// Draws it in its frame.
    pub fn draw(&self, canvas: &mut Canvas<'_>, look: &Look<'_>, focused: bool) {
        let check = self.check.value().filter(|_| !self.blank);
        let row = check.map(row);
        let title = match &row {
            Some(row) => {
                let name = Clean::new(&row.name).cut(canvas.width().saturating_sub(26));
                let sign = sign(row, look.glyphs);
                let state = clean!(" {} {sign} {}", look.glyphs.dot, row.words());
                vec![(name, Role::Title), (state, role(row))]
            }
            None => Vec::new(),
        };
        let mut inside = canvas.frame(&title, focused);
        let (width, height) = (inside.width(), inside.height());
        inside.spot(Rect::new(0, 0, width, height), Spot::Panel(1));
        self.scroll.fit(usize::from(height));
        if self.blank {
            return;
        }
        let lines = match (check, &row, self.check.fault()) {
            (Some(check), Some(row), _) => {
                let desk = self.desk.value();
                let desk = desk.filter(|_| check.order.buy.upstream.is_some());
                describe(check, desk, row, width.saturating_sub(2), look)
            }
            (_, _, Some(fault)) => vec![text(Clean::new(&fault.message), Role::Bad)],
            _ => Vec::new(),
        };
        let skip = self.scroll.first(lines.len());
        for (y, line) in (0..height).zip(lines.iter().skip(skip)) {
            inside.line(1, y, line);
        }
        self.scroll.tell(canvas, lines.len());
    }
}

/// The order as a row, by which guards and words go.
fn row(check: &BuyCheck) -> OrderRow {
    let asked = check.questions.iter().map(|one| &one.approval);
    OrderRow::new(&check.order, asked)
}

/// What is too long goes on below, under its own beginning.
fn wrapped(lines: &mut Vec<Line>, what: &Clean, role: Role, width: u16) {
    let body = what.as_str().trim_start();
    let indent = what.as_str().len() - body.len();
    hung(lines, &" ".repeat(indent), &Clean::new(body), role, width);
}

/// A head with a text beside it that goes on under itself.
fn hung(lines: &mut Vec<Line>, head: &str, what: &Clean, role: Role, width: u16) {
    let columns = Clean::new(head).width();
    let below = " ".repeat(usize::from(columns));
    for (n, part) in what.wrap(width.saturating_sub(columns)).iter().enumerate() {
        let before = if n == 0 { head } else { &below };
        lines.push(text(clean!("{before}{part}"), role));
    }
}

fn describe(
    check: &BuyCheck,
    desk: Option<&BuysDesk>,
    row: &OrderRow,
    width: u16,
    look: &Look<'_>,
) -> Vec<Line> {
    let mut lines = Vec::new();
    let dot = look.glyphs.dot;
    let mut head = vec![(
        clean!(
            "{} {dot} {} {dot} {}",
            check.order.total,
            row.flight(),
            row.owner
        ),
        Role::Text,
    )];
    if let Some(po) = &check.order.buy.particulars.po_number {
        head.push((clean!(" {dot} {po}"), Role::Muted));
    }
    lines.push(head);
    elsewhere(check, desk, width, &mut lines);
    in_ad_server(check, width, &mut lines);
    if let Some(said) = check.order.artifacts() {
        wrapped(&mut lines, &Clean::from(said), Role::Muted, width);
    }
    question(check, row, width, look, &mut lines);
    if let Some(why) = &check.order.buy.rejection {
        wrapped(&mut lines, &clean!("rejected: {why}"), Role::Bad, width);
    }
    let off = check.order.buy.cancellation.as_ref();
    if let Some(why) = off.and_then(|off| off.reason.as_ref()) {
        wrapped(&mut lines, &clean!("called off: {why}"), Role::Bad, width);
    }
    packages(check, width, look, &mut lines);
    guards(check, row, width, look, &mut lines);
    history(&check.order.buy.history, width, &mut lines);
    lines.push(text("", Role::Text));
    lines.push(text(clean!("order {}", row.id), Role::Muted));
    lines.push(text(clean!("revision {}", row.revision), Role::Muted));
    lines
}

/// Where its truth lives, what came of what was asked, and where the two disagree.
fn elsewhere(check: &BuyCheck, desk: Option<&BuysDesk>, width: u16, lines: &mut Vec<Line>) {
    let Some(known) = &check.order.buy.upstream else {
        return;
    };
    let role = if known.missing_since.is_some() {
        Role::Warn
    } else {
        Role::Muted
    };
    wrapped(lines, &Clean::from(known.line()), role, width);
    for one in known.remarks() {
        wrapped(lines, &clean!("  {one}"), Role::Muted, width);
    }
    for one in &check.order.disagreements {
        wrapped(lines, &clean!("≠ {}", one.sentence()), Role::Warn, width);
    }
    if let Some(desk) = desk {
        let role = match desk.trouble {
            Some(_) => Role::Bad,
            None => Role::Muted,
        };
        wrapped(lines, &Clean::from(desk.sentence()), role, width);
    }
}

/// Where it is in the tenant's own ad server, since when, and what is not there as it was sold.
fn in_ad_server(check: &BuyCheck, width: u16, lines: &mut Vec<Line>) {
    let Some(order) = &check.order.ad_order else {
        return;
    };
    let role = match order.standing {
        Standing::Placed => Role::Muted,
        Standing::Waiting => Role::Text,
        Standing::Differs => Role::Warn,
        Standing::Refused => Role::Bad,
    };
    wrapped(lines, &Clean::from(order.sentence()), role, width);
    for one in order.remarks() {
        wrapped(lines, &clean!("  {one}"), Role::Warn, width);
    }
}

/// What the publisher is asked, and what would be different.
fn question(check: &BuyCheck, row: &OrderRow, width: u16, look: &Look<'_>, lines: &mut Vec<Line>) {
    let Some(asked) = &row.asked else { return };
    let what = if asked.change {
        clean!("a change to {}", asked.amount)
    } else {
        "the whole order".into()
    };
    let waited = age(asked.at, look);
    let said = clean!(
        "{} {} asks for {what}, {waited}",
        look.glyphs.waits,
        asked.by
    );
    wrapped(lines, &said, Role::Warn, width);
    if row.questions > 1 {
        let more = row.questions - 1;
        let said = clean!("  {more} more asked for after that; this one comes first");
        wrapped(lines, &said, Role::Muted, width);
    }
    for one in &check.differences {
        let said = clean!("  {}: {} → {}", one.about, one.old, one.new);
        wrapped(lines, &said, Role::Text, width);
    }
    if let Some(problem) = &check.problem {
        let said = clean!("{} {problem}", look.glyphs.wrong);
        wrapped(lines, &said, Role::Bad, width);
    }
}

fn packages(check: &BuyCheck, width: u16, look: &Look<'_>, lines: &mut Vec<Line>) {
    lines.push(text("", Role::Text));
    let buy = &check.order.buy;
    for (n, package) in buy.packages.iter().enumerate() {
        let found = check
            .packages
            .iter()
            .find(|one| one.package_id.as_ref() == Some(&package.id));
        let name = found.map_or(package.product_id.as_str(), |one| one.product.as_str());
        let role = match package.cancellation {
            Some(_) => Role::Muted,
            None => Role::Title,
        };
        let first = clean!(
            "{}. {} {} {name}",
            n + 1,
            package.item_type,
            look.glyphs.dot
        );
        wrapped(lines, &first, role, width);
        terms(package, check, width, look, lines);
        if let Some(found) = found {
            stock(found, width, look, lines);
        }
    }
    let fresh = check.packages.iter().filter(|one| one.package_id.is_none());
    for one in fresh {
        let first = clean!("+ {} {} {}", one.item_type, look.glyphs.dot, one.product);
        wrapped(lines, &first, Role::Title, width);
        stock(one, width, look, lines);
    }
}

fn terms(package: &Package, check: &BuyCheck, width: u16, look: &Look<'_>, lines: &mut Vec<Line>) {
    let dot = look.glyphs.dot;
    let said = clean!(
        "   {} {dot} {} at {}",
        package.budget,
        units(&package.pricing, package.quantity),
        package.pricing.rate
    );
    wrapped(lines, &said, Role::Text, width);
    let (first, last) = package.days(check.order.buy.start, check.order.buy.end);
    let creatives = match package.creatives.len() {
        0 => "no creative yet".to_owned(),
        1 => "1 creative".to_owned(),
        many => format!("{many} creatives"),
    };
    let state = match (&package.cancellation, package.paused) {
        (Some(_), _) => ", called off",
        (None, true) => ", paused",
        (None, false) => "",
    };
    let spread = package.spread.name().replace('_', " ");
    let said = clean!("   {first} to {last} {dot} {spread} {dot} {creatives}{state}");
    wrapped(lines, &said, Role::Muted, width);
}

fn units(pricing: &Pricing, quantity: u64) -> String {
    let count = grouped(quantity);
    match pricing.model {
        PricingModel::Cpm | PricingModel::Vcpm => format!("{count} impressions"),
        PricingModel::Cpc => format!("{count} clicks"),
        PricingModel::Time | PricingModel::FlatRate => "flat".to_owned(),
    }
}

/// What there is against what is needed.
fn stock(one: &PackageCheck, width: u16, look: &Look<'_>, lines: &mut Vec<Line>) {
    let held = match one.holds {
        0 => String::new(),
        holds => format!(", holds {}", grouped(holds)),
    };
    let (done, wrong) = (look.glyphs.done, look.glyphs.wrong);
    let (needs, free) = (grouped(one.needs), grouped(one.free));
    let (said, role) = match one.stock() {
        Stock::Short(problem) => (clean!("   {wrong} {problem}"), Role::Bad),
        Stock::Elsewhere => return,
        Stock::Held => (clean!("   {done} holds all {needs}"), Role::Good),
        Stock::Free => (
            clean!("   {done} needs {needs}, {free} free{held}"),
            Role::Good,
        ),
        Stock::Loose => (clean!("   needs {needs}, {free} free{held}"), Role::Text),
        Stock::Over => (clean!("   needs {needs}, and is over"), Role::Muted),
    };
    wrapped(lines, &said, role, width);
}

/// What can be done, and which guard stands in the way of the rest.
fn guards(check: &BuyCheck, row: &OrderRow, width: u16, look: &Look<'_>, lines: &mut Vec<Line>) {
    lines.push(text("", Role::Text));
    for verb in Verb::ALL {
        let key = look.keymap.key(verb.action());
        let key = key.map_or_else(String::new, |key| key.to_string());
        let may = verb.may(row);
        if let (Ok(()), Some(why)) = (&may, blocked(verb, check)) {
            let head = format!("{} {:<10}", look.glyphs.wrong, verb.word());
            hung(lines, &head, &Clean::new(why), Role::Bad, width);
            continue;
        }
        match may {
            Ok(()) => lines.push(vec![
                (
                    clean!("{} {:<10}", look.glyphs.done, verb.word()),
                    Role::Good,
                ),
                (clean!("{key}"), Role::Key),
            ]),
            Err(why) => {
                let head = format!("{} {:<10}", look.glyphs.wrong, verb.word());
                hung(lines, &head, &why, Role::Muted, width);
            }
        }
    }
}

fn history(all: &[Entry], width: u16, lines: &mut Vec<Line>) {
    lines.push(text("", Role::Text));
    for one in all.iter().rev() {
        let at = one.at.format("%b %d %H:%M");
        let said = clean!("{at}  {}: {}", one.by, one.summary);
        wrapped(lines, &said, Role::Muted, width);
    }
}
