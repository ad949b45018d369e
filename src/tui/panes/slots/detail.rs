//! All that is known of one booking, of what is held, of who waits, or of the resource where nobody
//! is: as lines, for the panel beside the calendar and to be read in full. Asks nothing.

use ratatui::layout::Rect;

use super::{
    Slots, acts,
    agenda::{self, Entry, What, left},
    read::second,
    view::Focus,
    wall,
};
use crate::{
    domain::{when::Instant, zone::Zone},
    engine::slots::{
        upstream::Whereabouts,
        view::{BookingView, HoldView, WaitingView},
    },
    tui::{
        clean::Clean,
        paint::{Canvas, Look, Spot},
        theme::{Glyphs, Role},
    },
};

type Line = (Clean, Role);

fn fact(label: &str, value: impl std::fmt::Display) -> Line {
    (clean!("{label:<9} {value}"), Role::Text)
}

/// A moment by the clock in Greenwich, which logs have too.
fn utc(text: &str) -> String {
    let at = second(text);
    let clock = wall::day_and_time(Zone::UTC, at);
    format!("{clock} UTC")
}

/// All that is known of a line of the agenda.
#[must_use]
pub fn entry(entry: &Entry, glyphs: &Glyphs, now: Instant) -> Vec<Line> {
    match &entry.what {
        What::Booking(view) => booking(view, glyphs),
        What::Hold(view) => hold(view, now),
        What::Waiting(view, place) => waiting(view, *place),
    }
}

fn waiting(view: &WaitingView, place: usize) -> Vec<Line> {
    vec![
        (clean!("{}", agenda::waits(view)), Role::Title),
        (clean!("waits, number {place} for that time"), Role::Warn),
        fact("when", wall::answered(&view.starts_at)),
        fact("seats", view.party_size),
        fact("e-mail", &view.email),
        fact("since", utc(&view.since)),
        (clean!("id {}", view.id), Role::Muted),
    ]
}

fn booking(view: &BookingView, glyphs: &Glyphs) -> Vec<Line> {
    let name = agenda::guest(view);
    let sign = agenda::sign(view.status, glyphs);
    let state = clean!("{sign} {}", agenda::words(view.status));
    let (zone, start) = (acts::zone(&view.timezone), second(&view.starts_at));
    let mut lines = vec![
        (clean!("{name}"), Role::Title),
        (state, agenda::role(view.status)),
        fact("what", &view.resource_name),
        fact("when", wall::span(zone, (start, second(&view.ends_at)))),
        fact("", &view.timezone),
        fact("", utc(&view.starts_at)),
        fact("seats", view.party_size),
        fact("e-mail", &view.email),
    ];
    for (label, value) in [
        ("phone", &view.phone),
        ("interest", &view.interest),
        ("notes", &view.notes),
    ] {
        // What a guest wrote in several lines stays in several lines.
        for (at, line) in value.iter().flat_map(|text| text.lines()).enumerate() {
            lines.push(fact(if at == 0 { label } else { "" }, line));
        }
    }
    if let Some(source) = &view.source {
        lines.push(fact("source", agenda::source_words(source)));
    }
    lines.push(fact("made", utc(&view.created_at)));
    for (label, value) in [
        ("said", &view.settled_at),
        ("cancelled", &view.cancelled_at),
    ] {
        lines.extend(value.iter().map(|at| fact(label, utc(at))));
    }
    if view.sequence > 0 {
        let times = match view.sequence {
            1 => "once".to_owned(),
            times => format!("{times} times"),
        };
        lines.push(fact("changed", times));
    }
    for one in view.upstream.iter().flat_map(Whereabouts::remarks) {
        let role = if one.starts_with("lives") {
            Role::Muted
        } else {
            Role::Warn
        };
        lines.push((Clean::from(one), role));
    }
    lines.push((clean!("id {}", view.id), Role::Muted));
    lines.push((clean!("guest {}", view.lead_id), Role::Muted));
    lines
}

fn hold(view: &HoldView, now: Instant) -> Vec<Line> {
    let mut lines = vec![
        (
            clean!("Held for {}", left(&view.expires_at, now)),
            Role::Warn,
        ),
        fact("what", &view.resource_name),
        fact("when", wall::zoned(&view.starts_at, &view.ends_at)),
        fact("seats", view.party_size),
        fact("until", utc(&view.expires_at)),
    ];
    if view.extended {
        lines.push(fact("", "kept longer once already"));
    }
    if let Some(waiting) = view.waiting_id {
        lines.push(fact("for", format!("whoever waited ({waiting})")));
    }
    lines.push((clean!("id {}", view.id), Role::Muted));
    lines
}

impl Slots {
    /// What the detail is of: the line under the cursor of the agenda, or whoever is booked under
    /// that of the calendar.
    pub(super) fn told_of(&self) -> Option<&Entry> {
        if self.view.get().of_line {
            return self.agenda.selected();
        }
        let (start, end) = self.calendar.cell();
        let here = |entry: &&Entry| entry.start < end && start < entry.end;
        let is_there = |entry: &&Entry| here(entry) && entry.is_there();
        let found = self.agenda.shown().find(is_there);
        found.or_else(|| self.agenda.shown().find(here))
    }

    pub(super) fn draw_detail(&self, canvas: &mut Canvas<'_>, look: &Look<'_>) {
        let (title, lines) = match self.told_of() {
            Some(one) => (Clean::new(one.time()), entry(one, look.glyphs, look.now)),
            None => ("Resource".into(), self.about_resource()),
        };
        let focused = self.focus() == Focus::Detail;
        let whole = Rect::new(0, 0, canvas.width(), canvas.height());
        let mut inside = canvas.frame(&[(title, Role::Title)], focused);
        inside.spot(whole, Spot::Panel(3));
        let (width, height) = (inside.width().saturating_sub(2), inside.height());
        let wrapped = lines
            .into_iter()
            .flat_map(|(line, role)| line.wrap(width).into_iter().map(move |part| (part, role)));
        let wrapped: Vec<Line> = wrapped.collect();
        self.told.fit(usize::from(height));
        let skip = self.told.first(wrapped.len());
        for (y, (line, role)) in (0..height).zip(wrapped.iter().skip(skip)) {
            inside.text(1, y, line.clone(), *role);
        }
        self.told.tell(canvas, wrapped.len());
    }

    fn about_resource(&self) -> Vec<Line> {
        let Some(row) = self.chooser.selected() else {
            return Vec::new();
        };
        let (card, schedule) = (&row.view.card, &row.view.schedule);
        let mut lines = vec![(Clean::new(row.name()), Role::Title)];
        let mut tell = |label: &str, value: String| lines.push(fact(label, value));
        tell("type", card.kind.name().to_owned());
        tell("clock", schedule.timezone.to_string());
        let length = schedule.default_duration_minutes;
        tell("slots", format!("{length} minutes"));
        tell("seats", schedule.max_concurrent.to_string());
        let (before, after) = (
            schedule.buffer_before_minutes,
            schedule.buffer_after_minutes,
        );
        if before + after > 0 {
            tell(
                "kept free",
                format!("{before} min before, {after} min after"),
            );
        }
        if schedule.min_notice_minutes > 0 {
            tell("notice", format!("{} minutes", schedule.min_notice_minutes));
        }
        if let Some(days) = schedule.max_horizon_days {
            tell("ahead", format!("{days} days at most"));
        }
        let known = self.row_of(row.view.id).map(|row| &row.closures[..]);
        for closed in known.unwrap_or_default() {
            let zone = schedule.timezone;
            let span = format!(
                "{} to {}: {}",
                wall::day_and_time(zone, closed.start),
                wall::day_and_time(zone, closed.end),
                closed.why
            );
            tell("closed", span);
        }
        if let Some(upstream) = &row.view.upstream {
            let remarks = upstream.remarks().into_iter();
            lines.extend(remarks.map(|one| (Clean::from(one), Role::Muted)));
            lines.extend(self.elsewhere.lines());
        }
        lines
    }
}
