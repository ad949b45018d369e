//! Everything about what the cursor is on: a product with its targeting, availability,
//! rationale, fit and price talks, or a channel with its money. Once a job is decided, what
//! became of every line stands above it.

use std::cell::Cell;

use ratatui::layout::Rect;

use super::{
    figures,
    item::{Item, Stage},
    list::Line as Place,
    result::result,
    sheet::Seen,
};
use crate::{
    domain::booking::negotiation::Side,
    engine::bookings::{
        talks::{NegotiationView, OutcomeView},
        view::RecommendationView,
    },
    tui::{
        clean::Clean,
        command::Action,
        paint::{Canvas, Look, Spot},
        theme::Role,
    },
};

/// Where the text behind a name begins.
const INDENT: u16 = 14;

/// A line: pieces one behind the other, and a bar where there is one.
pub struct Line {
    /// The pieces.
    pub pieces: Vec<(Clean, Role)>,
    /// How full a bar at its end is.
    pub bar: Option<f64>,
}

/// A line of one piece.
pub fn text(text: impl Into<Clean>, role: Role) -> Line {
    Line {
        pieces: vec![(text.into(), role)],
        bar: None,
    }
}

/// A text in as many lines as it takes.
pub fn wrapped(lines: &mut Vec<Line>, what: &Clean, role: Role, width: u16) {
    let parts = what.wrap(width).into_iter();
    lines.extend(parts.map(|part| text(part, role)));
}

/// The panel beside the list.
#[derive(Default)]
pub struct Detail {
    offset: usize,
    height: Cell<usize>,
    below: Cell<usize>,
}

impl Detail {
    /// Begins at the top again.
    pub fn rewind(&mut self) {
        self.offset = 0;
    }

    /// Scrolls.
    pub fn act(&mut self, action: Action) -> bool {
        let page = self.height.get().max(2) - 1;
        let most = self.offset + self.below.get();
        let to = match action {
            Action::Down => self.offset.saturating_add(1),
            Action::Up => self.offset.saturating_sub(1),
            Action::PageDown => self.offset.saturating_add(page),
            Action::PageUp => self.offset.saturating_sub(page),
            Action::Top => 0,
            Action::Bottom => most,
            _ => return false,
        };
        self.offset = to.min(most);
        true
    }

    /// Draws it in its frame.
    pub fn draw(
        &self,
        shown: Option<(&Seen, Option<Place>)>,
        canvas: &mut Canvas<'_>,
        look: &Look<'_>,
        focused: bool,
    ) {
        let title = shown.map(|(seen, place)| vec![(title(seen, place), Role::Title)]);
        let mut inside = canvas.frame(&title.unwrap_or_default(), focused);
        let (width, height) = (inside.width(), inside.height());
        inside.spot(Rect::new(0, 0, width, height), Spot::Panel(1));
        self.height.set(usize::from(height));
        let lines = shown.map(|(seen, place)| describe(seen, place, width.saturating_sub(2), look));
        let lines = lines.unwrap_or_default();
        let most = lines.len().saturating_sub(usize::from(height));
        let skip = self.offset.min(most);
        for (y, line) in (0..height).zip(lines.iter().skip(skip)) {
            let end = inside.line(1, y, &line.pieces);
            if let Some(share) = line.bar {
                let columns = width.saturating_sub(end + 3).min(24);
                inside.bar(end + 1, y, columns, share, Role::Accent);
            }
        }
        let below = lines.len().saturating_sub(skip + usize::from(height));
        self.below.set(below);
        if below > 0 {
            let more = clean!(" {below} more ");
            let (x, y) = (canvas.width(), canvas.height());
            canvas.right(x.saturating_sub(2), y.saturating_sub(1), more, Role::Muted);
        }
    }
}

fn title(seen: &Seen, place: Option<Place>) -> Clean {
    match place {
        Some(Place::Item(at)) => seen.items.get(at).map(Item::name),
        Some(Place::Group(at)) => seen.groups.get(at).map(|one| Clean::new(&one.channel)),
        None => None,
    }
    .unwrap_or_else(|| seen.name.clone())
}

fn describe(seen: &Seen, place: Option<Place>, width: u16, look: &Look<'_>) -> Vec<Line> {
    let mut lines = Vec::new();
    if !seen.waits() {
        result(seen, width, look, &mut lines);
    }
    match place {
        Some(Place::Item(at)) => {
            if let Some(item) = seen.items.get(at) {
                product(item, seen, width, look, &mut lines);
            }
        }
        Some(Place::Group(at)) => channel(seen, at, width, &mut lines),
        None => {}
    }
    about_job(seen, width, look, &mut lines);
    lines
}

/// A name and what stands behind it.
fn field(lines: &mut Vec<Line>, name: &'static str, what: &Clean, width: u16) {
    let room = width.saturating_sub(INDENT).max(8);
    let mut label = name;
    for part in what.wrap(room) {
        lines.push(Line {
            pieces: vec![(clean!("{label:<14}"), Role::Muted), (part, Role::Text)],
            bar: None,
        });
        label = "";
    }
}

fn section(lines: &mut Vec<Line>, title: &'static str) {
    lines.push(text("", Role::Text));
    lines.push(text(title, Role::Title));
}

fn product(item: &Item, seen: &Seen, width: u16, look: &Look<'_>, lines: &mut Vec<Line>) {
    let view = &item.view;
    let dot = look.glyphs.dot;
    let stage = item.stage();
    let sign = stage.sign(look.glyphs);
    lines.push(text(
        clean!(
            "{} {dot} no. {} in {}",
            view.publisher,
            view.priority,
            view.channel
        ),
        Role::Accent,
    ));
    lines.push(text(clean!("{sign} {}", stage.word()), stage.role()));
    let impressions = figures::grouped(view.impressions);
    let price = clean!("{} for {impressions} at {} CPM", item.cost, item.cpm);
    field(lines, "price", &price, width);
    let share = figures::share(item.cost, seen.budget);
    field(lines, "of the budget", &share, width);
    // What comes from another company's system says nothing of supply, delivery and fit.
    if view.fit.is_known() {
        supply(view, width, lines);
    }
    if let Some(format) = &view.format {
        field(lines, "format", &Clean::new(format), width);
    }
    let mut sellers = seen.job.sellers.iter();
    let seller = match sellers.find(|one| one.seller == view.seller) {
        Some(one) => Clean::from(one.whereabouts()),
        None => Clean::new(&view.seller),
    };
    field(lines, "seller", &seller, width);
    field(lines, "product id", &Clean::of(item.product()), width);
    section(lines, "Targeting");
    for (kind, values) in view.targeting.iter().flatten() {
        wrapped(
            lines,
            &clean!("{kind}: {}", values.join(", ")),
            Role::Text,
            width,
        );
    }
    if view.targeting.is_none() {
        lines.push(text("aimed at nobody in particular", Role::Muted));
    }
    if let Some(why) = &view.rationale {
        section(lines, "Why");
        wrapped(lines, &Clean::new(why), Role::Text, width);
    }
    if view.fit.is_known() {
        fit(item, lines);
    }
    if let Some(log) = &view.negotiation {
        talks(log, width, look, lines);
    }
}

/// What there is of it and how firmly it is delivered, as far as its seller says so.
fn supply(view: &RecommendationView, width: u16, lines: &mut Vec<Line>) {
    let told = |what: &str, said: Clean| {
        if view.unsaid.iter().any(|one| one == what) {
            "not said by the seller".into()
        } else {
            said
        }
    };
    let supply = clean!(
        "{} impressions in the flight, {} left after this",
        figures::grouped(view.available),
        figures::grouped(view.available.saturating_sub(view.impressions))
    );
    field(lines, "available", &told("availability", supply), width);
    let delivery = Clean::new(&view.delivery_type);
    field(lines, "delivery", &told("delivery type", delivery), width);
}

fn fit(item: &Item, lines: &mut Vec<Line>) {
    let fit = item.view.fit;
    section(lines, "Fit");
    for (name, bp) in [
        ("all", fit.score_bp),
        ("audience", fit.audience_bp),
        ("format", fit.format_bp),
        ("price", fit.price_bp),
        ("availability", fit.availability_bp),
        ("confidence", fit.confidence_bp),
    ] {
        let percent = figures::percent(bp);
        lines.push(Line {
            pieces: vec![
                (clean!("{name:<13}"), Role::Muted),
                (clean!("{percent:>7}"), Role::Text),
            ],
            bar: Some(f64::from(bp) / 10_000.0),
        });
    }
}

fn talks(log: &NegotiationView, width: u16, look: &Look<'_>, lines: &mut Vec<Line>) {
    section(lines, "Price talks");
    for offer in &log.offers {
        let who = match offer.by {
            Side::Buyer => "we offer",
            Side::Seller => "they ask",
        };
        let said = clean!("{}. {who} {}: {}", offer.round, offer.cpm, offer.note);
        wrapped(lines, &said, Role::Text, width);
    }
    let (sign, said, role) = match &log.outcome {
        OutcomeView::Accepted { cpm } => (look.glyphs.done, clean!("agreed on {cpm}"), Role::Good),
        OutcomeView::Rejected { reason } => {
            let said = clean!("no agreement: {reason}; the listed price stays");
            (look.glyphs.open, said, Role::Warn)
        }
        OutcomeView::Exhausted => {
            let said = "no agreement in all rounds; the listed price stays";
            (look.glyphs.open, said.into(), Role::Warn)
        }
    };
    wrapped(lines, &clean!("{sign} {said}"), role, width);
}

fn channel(seen: &Seen, at: usize, width: u16, lines: &mut Vec<Line>) {
    let Some(group) = seen.groups.get(at) else {
        return;
    };
    let all = seen.sums_of(|item| item.group == at);
    let ticked = seen.sums_of(|item| item.group == at && item.ticked);
    if let Some(given) = group.allocation {
        field(lines, "given", &Clean::of(given), width);
        let share = figures::share(ticked.cost, given);
        field(
            lines,
            "ticked",
            &clean!("{}, {share} of it", ticked.cost),
            width,
        );
    } else {
        field(lines, "ticked", &ticked.cost(), width);
    }
    let offered = clean!("{} for {} in all", all.count, all.cost);
    field(lines, "recommended", &offered, width);
    let volume = clean!(
        "{} of {}",
        ticked.impressions_short(),
        all.impressions_short()
    );
    field(lines, "impressions", &volume, width);
    field(lines, "eCPM", &ticked.ecpm(), width);
    let coverage = seen.job.audience_coverage_estimates.as_ref();
    if let Some(percent) = coverage.and_then(|all| all.get(&*group.channel)) {
        let said = clean!("{percent:.0} % of the audience");
        field(lines, "covers", &said, width);
    }
    if !group.why.is_empty() {
        section(lines, "Why so much");
        wrapped(lines, &group.why, Role::Text, width);
    }
}

fn about_job(seen: &Seen, width: u16, look: &Look<'_>, lines: &mut Vec<Line>) {
    let job = &seen.job;
    section(lines, "Campaign");
    wrapped(lines, &seen.name, Role::Text, width);
    field(lines, "budget", &Clean::of(seen.budget), width);
    let flight = clean!("{} to {}", job.start_date, job.end_date);
    lines.push(Line {
        pieces: vec![
            (clean!("{:<14}", "flight"), Role::Muted),
            (flight, Role::Text),
        ],
        bar: None,
    });
    let goals = clean!("for {}", job.brief.objectives.join(", "));
    wrapped(lines, &goals, Role::Muted, width);
    let sent = figures::minute(&job.created_at);
    wrapped(
        lines,
        &clean!("sent by {} at {sent}", job.submitted_by),
        Role::Muted,
        width,
    );
    if seen.waits() {
        for error in job.errors.iter().flatten() {
            wrapped(
                lines,
                &clean!("{} {error}", look.glyphs.wrong),
                Role::Bad,
                width,
            );
        }
    }
    for note in &job.notes {
        wrapped(lines, &clean!("note: {note}"), Role::Muted, width);
    }
    for gap in job.audience_gaps.iter().flatten() {
        wrapped(lines, &clean!("gap: {gap}"), Role::Muted, width);
    }
    lines.push(text(clean!("job {}", job.job_id), Role::Muted));
}

/// The stages of a line in the order in which they need somebody.
pub const STAGES: [Stage; 5] = [
    Stage::Unclear,
    Stage::Failed,
    Stage::Queued,
    Stage::Reserved,
    Stage::Booked,
];
