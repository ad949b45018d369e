//! Draws the pane: the resources, the calendar with what is under its cursor in words, who comes,
//! and one of them in full. Draws from what is known and asks nothing.

use ratatui::layout::Rect;

use super::{
    RESOURCES, Slots, acts, agenda,
    heat::{self, State},
    month,
    sheet::{Column, Sheet},
    today,
    view::Focus,
    wall,
};
use crate::{
    domain::{
        slot::{resource::ResourceType, zone::local},
        zone::Zone,
    },
    tui::{
        clean::Clean,
        paint::{Canvas, Look, Spot},
        panes::{empty, split},
        theme::Role,
    },
};

type Line = (Clean, Role);

impl Slots {
    pub(super) fn paint(&self, canvas: &mut Canvas<'_>, look: &Look<'_>) {
        let areas = self.view.get().areas(canvas.width(), canvas.height());
        self.areas.set(areas);
        if let Some(area) = areas.resources {
            self.draw_resources(&mut canvas.sub(area), look);
        }
        if let Some(area) = areas.month {
            let mut panel = canvas.sub(area);
            let mut inside = panel.frame(&[("Month".into(), Role::Title)], false);
            let zone = self.calendar.zone();
            let day = self.calendar.day();
            month::draw(&mut inside, day, today(zone, look.now));
        }
        if let Some(area) = areas.calendar {
            self.draw_calendar(&mut canvas.sub(area), look);
        }
        if let Some(area) = areas.agenda {
            self.draw_agenda(&mut canvas.sub(area), look);
        }
        if let Some(area) = areas.detail {
            self.draw_detail(&mut canvas.sub(area), look);
        }
    }

    fn draw_resources(&self, canvas: &mut Canvas<'_>, look: &Look<'_>) {
        let focused = self.focus() == Focus::Resources;
        let (all, shown) = self.chooser.counts();
        let mut title = split::title(
            "Resources",
            (shown, all),
            self.chooser.sorted(),
            self.chooser.filter().text(),
            0,
            look,
        );
        if self.more > 0 {
            title.push((clean!(" {} more are not shown", self.more), Role::Warn));
        }
        let whole = Rect::new(0, 0, canvas.width(), canvas.height());
        let mut inside = canvas.frame(&title, focused);
        inside.spot(whole, Spot::Panel(2));
        let before = inside.notes().spots.len();
        if all == 0 {
            self.draw_empty(&mut inside);
        } else {
            self.chooser.draw(&mut inside, look, focused);
        }
        // The rows of two lists are told apart by their numbers.
        for (_, spot) in inside.notes().spots.iter_mut().skip(before) {
            *spot = match *spot {
                Spot::Row(at) | Spot::Tick(at) => Spot::Row(at + RESOURCES),
                Spot::Heading(at) => Spot::Heading(at + RESOURCES),
                other => other,
            };
        }
        inside.notes().scroll = None;
    }

    /// Whether it is known that there is nothing to book.
    fn is_bare(&self) -> bool {
        self.chooser.counts().0 == 0 && self.directory.at().is_some()
    }

    fn draw_empty(&self, canvas: &mut Canvas<'_>) {
        let how = || {
            let how = "Add something with its hours: `flightdeck slots add FILE`.";
            let file = "`flightdeck slots add --help` shows such a file; over REST it is POST /api/bookings/resources.";
            vec![
                ("There is nothing to book yet.".into(), Role::Title),
                (how.into(), Role::Text),
                (file.into(), Role::Muted),
            ]
        };
        let loaded = self.directory.at().is_some();
        let lines = empty::lines(self.directory.fault(), loaded, how);
        let width = canvas.width().saturating_sub(4);
        empty::draw(canvas, empty::wrapped(lines, width));
    }

    /// What the calendar is of, and by whose clock.
    fn title(&self, look: &Look<'_>, width: u16) -> Vec<Line> {
        let dot = look.glyphs.dot;
        let Some(row) = self.chooser.selected() else {
            return vec![("Slots".into(), Role::Title)];
        };
        let monday = self.calendar.monday();
        let what = if self.view.get().side {
            clean!("All on {}", self.calendar.day().format("%a %d %b %Y"))
        } else {
            clean!("{}", row.name())
        };
        let zone = self.calendar.zone();
        let offset = local(zone, self.calendar.at()).format("%:z").to_string();
        // The zone is always named; where there is little room it is whole at the foot.
        let mut clock = clean!(" {dot} {zone} {offset}");
        if what.width() + clock.width() + 3 > width {
            clock = clean!(" {dot} {} {offset}", city(zone));
        }
        let room = width.saturating_sub(clock.width() + 4).max(6);
        let mut title = vec![
            (what.cut(room), Role::Title),
            (clock, Role::Accent),
            (clean!(" {dot} {}", monday.format("w%V %Y")), Role::Muted),
        ];
        if self.view.get().side {
            let span = self.calendar.span_of(self.calendar.day());
            let known = self
                .chooser
                .shown()
                .filter_map(|row| self.row_of(row.view.id));
            let (taken, seats) = known.fold((0, 0), |(taken, seats), row| {
                let more = heat::sums(row, span);
                (taken + more.0, seats + more.1)
            });
            if let Some(full) = heat::percent((taken, seats)) {
                let said = clean!(" {dot} {taken} of {seats} seats, {full} % full");
                title.push((said, Role::Text));
            }
        }
        if row.view.upstream.is_some()
            && let Some((said, role)) = self.elsewhere.title(look.now)
        {
            title.push((clean!(" {dot} {said}"), role));
        }
        if !row.view.is_active {
            title.push((clean!(" {dot} not bookable"), Role::Warn));
        }
        title
    }

    fn draw_calendar(&self, canvas: &mut Canvas<'_>, look: &Look<'_>) {
        let focused = self.focus() == Focus::Calendar;
        let title = self.title(look, canvas.width());
        let whole = Rect::new(0, 0, canvas.width(), canvas.height());
        let mut inside = canvas.frame(&title, focused);
        inside.spot(whole, Spot::Panel(0));
        if self.chooser.counts().0 == 0 {
            return self.draw_empty(&mut inside);
        }
        let side = self.view.get().side;
        let columns = if side { self.resources() } else { self.days() };
        if columns.is_empty() {
            inside.text(1, 1, "no resource matches the filter", Role::Muted);
            return;
        }
        // How high a row is has to be known before what is under the cursor is.
        let foot = self.foot(look);
        let sheet = Sheet {
            calendar: &self.calendar,
            columns: &columns,
            foot: &foot,
            focused,
        };
        sheet.draw(&mut inside, look, !side);
    }

    fn days(&self) -> Vec<Column<'_>> {
        let known = self
            .chooser
            .selected()
            .and_then(|row| self.row_of(row.view.id));
        let here = self.calendar.day();
        let days = wall::week(self.calendar.monday()).into_iter();
        let column = |day: chrono::NaiveDate| {
            let sums = known.map(|row| heat::sums(row, self.calendar.span_of(day)));
            Column {
                heading: clean!("{}", day.format("%a %d")),
                short: clean!("{:.2}{}", day.format("%a").to_string(), day.format("%d")),
                under: percent(sums),
                day,
                row: known,
                here: day == here,
            }
        };
        days.map(column).collect()
    }

    fn resources(&self) -> Vec<Column<'_>> {
        let day = self.calendar.day();
        let here = self.chooser.selected().map(|row| row.view.id);
        let column = |row: &super::ResourceRow| {
            let known = self.row_of(row.view.id);
            let sums = known.map(|row| heat::sums(row, self.calendar.span_of(day)));
            let full = percent(sums);
            let under = match row.zone() {
                zone if zone == self.calendar.zone() => full,
                zone => clean!("{full} {}", city(zone)),
            };
            Column {
                heading: Clean::new(row.name()),
                short: Clean::new(row.name()),
                under,
                day,
                row: known,
                here: Some(row.view.id) == here,
            }
        };
        self.chooser.shown().map(column).collect()
    }

    /// What is under the cursor, in words: when by both clocks, and how it stands.
    fn foot(&self, look: &Look<'_>) -> Vec<Line> {
        let (start, end) = self.calendar.cell();
        let row = self.chooser.selected();
        let own = row.map_or(self.home, super::ResourceRow::zone);
        let dot = look.glyphs.dot;
        let (times, home) = (wall::span(own, (start, end)), self.home);
        let other = if own == home {
            String::new()
        } else {
            format!(" {dot} {} {home}", wall::time(home, start))
        };
        let when = (clean!("{times} {own}{other}"), Role::Text);
        let mut lines = vec![when, self.stands((start, end), look)];
        lines.extend(self.stale_offers());
        lines.extend(self.totals(look));
        if let Some(moving) = &self.moving {
            let said = clean!(
                "moving {}, {}: enter moves it here",
                agenda::guest(moving),
                acts::time_of(moving)
            );
            lines.insert(0, (said, Role::Alarm));
        }
        lines
    }

    /// How much of each type of resource is taken on the day, where all stand side by side.
    fn totals(&self, look: &Look<'_>) -> Option<Line> {
        if !self.view.get().side {
            return None;
        }
        let span = self.calendar.span_of(self.calendar.day());
        let of = |kind: &ResourceType| {
            let rows = self.chooser.shown();
            let rows = rows.filter(|row| row.view.card.kind == *kind);
            let known = rows.filter_map(|row| self.row_of(row.view.id));
            let (taken, seats) = known.fold((0, 0), |(taken, seats), row| {
                let more = heat::sums(row, span);
                (taken + more.0, seats + more.1)
            });
            let full = heat::percent((taken, seats))?;
            Some(format!("{} {taken}/{seats} {full} %", kind.name()))
        };
        let all: Vec<String> = ResourceType::ALL.iter().filter_map(of).collect();
        let between = format!(" {} ", look.glyphs.dot);
        (!all.is_empty()).then(|| (Clean::new(&all.join(&between)), Role::Muted))
    }

    fn stands(&self, (start, end): (i64, i64), look: &Look<'_>) -> Line {
        let id = self.chooser.selected().map(|row| row.view.id);
        let Some(row) = id.and_then(|id| self.row_of(id)) else {
            return match self.week.fault() {
                _ if self.is_bare() => ("nothing can be booked yet".into(), Role::Muted),
                Some(fault) => (Clean::new(&fault.message), Role::Bad),
                None => ("loading ...".into(), Role::Muted),
            };
        };
        let waiting = self.waiting_at((start, end));
        let waiting = match waiting {
            0 => String::new(),
            count => format!(", {count} waiting"),
        };
        match heat::state(row, (start, end), look.now.timestamp()) {
            State::Outside => ("not open then".into(), Role::Muted),
            State::Closed(at) => {
                let why = row.closures.get(at).map_or("", |closed| &*closed.why);
                (clean!("closed: {why}"), Role::Warn)
            }
            State::Open {
                taken,
                seats,
                begins,
                free,
            } => {
                let word = match (free, begins) {
                    (Some(_), _) if taken == 0 => "free",
                    (Some(_), _) => "can be booked",
                    (None, Some(_)) if taken >= seats => "full",
                    (None, Some(at)) if at < look.now.timestamp() => "over, or under way",
                    (None, Some(_)) => "cannot be booked now",
                    (None, None) => "part of a slot",
                };
                (
                    clean!("{taken} of {seats} taken, {word}{waiting}"),
                    heat::role(heat::shade(taken, seats)),
                )
            }
        }
    }

    /// How many wait for a time.
    fn waiting_at(&self, (start, end): (i64, i64)) -> usize {
        let waiting = self
            .known()
            .map(|week| &week.waiting[..])
            .unwrap_or_default();
        let here = |one: &&crate::engine::slots::view::WaitingView| {
            (start..end).contains(&super::second(&one.starts_at))
        };
        waiting.iter().filter(here).count()
    }

    fn draw_agenda(&self, canvas: &mut Canvas<'_>, look: &Look<'_>) {
        let focused = self.focus() == Focus::Agenda;
        let title = self.agenda_title(look);
        let whole = Rect::new(0, 0, canvas.width(), canvas.height());
        let mut inside = canvas.frame(&title, focused);
        inside.spot(whole, Spot::Panel(1));
        if self.agenda.counts().0 > 0 {
            return self.agenda.draw(&mut inside, look, focused);
        }
        let (said, role) = match self.week.fault() {
            _ if self.is_bare() => (
                "Bookings stand here as soon as there are any.".into(),
                Role::Muted,
            ),
            _ if self.known().is_some() => ("Nobody is booked on this day.".into(), Role::Muted),
            Some(fault) => (Clean::new(&fault.message), Role::Bad),
            None => ("loading ...".into(), Role::Muted),
        };
        let room = inside.width().saturating_sub(4);
        for (y, line) in (1u16..).zip(said.wrap(room)) {
            inside.text(2, y, line, role);
        }
    }

    fn agenda_title(&self, look: &Look<'_>) -> Vec<Line> {
        let dot = look.glyphs.dot;
        let counts = agenda::counts(self.agenda.rows());
        let day = self.calendar.day();
        let mut title = vec![
            (clean!("{}", day.format("%a %d %b")), Role::Title),
            (clean!(" {dot} {} booked", counts.booked), Role::Text),
        ];
        let mut more = |count: usize, what: &'static str, role| {
            if count > 0 {
                title.push((clean!(" {dot} {count} {what}"), role));
            }
        };
        more(counts.no_shows, "no-show", Role::Warn);
        more(counts.held, "held", Role::Warn);
        more(counts.waiting, "waiting", Role::Warn);
        let row = self
            .chooser
            .selected()
            .and_then(|row| self.row_of(row.view.id));
        let full = row.and_then(|row| heat::percent(heat::sums(row, self.calendar.span_of(day))));
        if let Some(full) = full {
            title.push((clean!(" {dot} {full} % full"), Role::Muted));
        }
        let marked = self.agenda.marked();
        if marked > 0 {
            title.push((clean!(" {dot} {marked} marked"), Role::Marked));
        }
        let filter = self.agenda.filter().text();
        if !filter.is_empty() {
            title.push((clean!(" {dot} /{filter}"), Role::Match));
        }
        let unread = self.known().map_or(0, |week| week.more);
        if unread > 0 {
            title.push((
                clean!(" {dot} {unread} of the week are not shown"),
                Role::Warn,
            ));
        }
        title
    }
}

fn percent(sums: Option<(u64, u64)>) -> Clean {
    match sums.and_then(heat::percent) {
        Some(full) => clean!("{full} %"),
        None => "".into(),
    }
}

/// The last part of a zone's name.
fn city(zone: Zone) -> String {
    let name = zone.name();
    name.rsplit('/').next().unwrap_or(name).replace('_', " ")
}
