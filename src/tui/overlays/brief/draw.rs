//! Draws the brief form: labels, inputs, what is wrong beside each, and at the foot what
//! would be sent. Follows the field that has the focus when there is more than fits.

use ratatui::{layout::Rect, style::Modifier};

use super::{
    BriefForm,
    filled::Talks,
    part::{Group, Part, Shape},
};
use crate::{
    domain::{
        booking::wants::{Want, Wants},
        money::Money,
    },
    tui::{
        clean::Clean,
        command::Action,
        overlays::centred,
        paint::{Canvas, Look, Spot},
        theme::Role,
    },
};

/// The widest that the form gets.
const WIDEST: u16 = 110;
/// The widest that a line to type in gets beside what is said about it.
const LINE: u16 = 56;

/// A row of the form.
enum Row {
    Blank,
    Heading(Group),
    Input(Part),
    /// Boxes from here to there, on one row.
    Ticks(usize, usize),
    Said(Part, Clean, Role),
    Notice(Clean, Role),
    Offer(Vec<&'static str>),
}

impl Row {
    fn belongs(&self, part: Part) -> bool {
        match self {
            Self::Input(one) | Self::Said(one, ..) => *one == part,
            Self::Ticks(..) => part == Part::Channels,
            Self::Offer(_) => part == Part::Objectives,
            Self::Blank | Self::Heading(_) | Self::Notice(..) => false,
        }
    }
}

impl BriefForm {
    pub(super) fn paint(&self, canvas: &mut Canvas<'_>, look: &Look<'_>) {
        let area = centred(canvas, canvas.width().min(WIDEST), canvas.height());
        let mut window = canvas.sub(area);
        window.clear();
        let title = [(Clean::from(self.title), Role::Title)];
        let mut inside = window.frame(&title, true);
        let (width, height) = (inside.width(), inside.height());
        if width < 4 || height == 0 {
            return;
        }
        let label = if width >= 60 { 17 } else { 14.min(width / 3) };
        let foot = self.foot(width.saturating_sub(2), look);
        let most = (height / 3).max(1);
        let foot_rows = u16::try_from(foot.len()).unwrap_or(1).min(most);
        let body = height - foot_rows;
        let rows = self.rows(width, label, look);
        let top = self.scroll(&rows, usize::from(body));
        for (y, row) in (0..body).zip(rows.iter().skip(top)) {
            self.row(&mut inside, y, row, label, look);
        }
        for (y, (line, role)) in (body..height).zip(foot) {
            inside.text(1, y, line, role);
        }
        let below = rows.len().saturating_sub(top + usize::from(body));
        if below > 0 {
            let (x, y) = (area.width.saturating_sub(2), area.height.saturating_sub(1));
            window.right(x, y, clean!(" {below} more "), Role::Muted);
        }
    }

    /// Keeps the field that has the focus in sight, with what is said about it.
    fn scroll(&self, rows: &[Row], height: usize) -> usize {
        self.height.set(height);
        let first = rows
            .iter()
            .position(|row| row.belongs(self.at))
            .unwrap_or(0);
        let last = rows.iter().rposition(|row| row.belongs(self.at));
        let last = last.unwrap_or(first);
        let mut top = self.top.get();
        if last >= top + height {
            top = last + 1 - height;
        }
        // The heading above the first field of a group is worth its row.
        let wanted = match first.checked_sub(1).and_then(|at| rows.get(at)) {
            Some(Row::Heading(_)) if last + 1 - first < height => first - 1,
            _ => first,
        };
        top = top.min(wanted).min(rows.len().saturating_sub(height));
        self.top.set(top);
        top
    }

    fn rows(&self, width: u16, label: u16, look: &Look<'_>) -> Vec<Row> {
        let mut rows = Vec::new();
        let room = width.saturating_sub(label + 3).max(8);
        if let Some((said, role)) = &self.notice {
            let lines = said.wrap(width.saturating_sub(2)).into_iter();
            rows.extend(lines.map(|line| Row::Notice(line, *role)));
        }
        let mut group = None;
        for part in self.filled.parts() {
            if group != Some(part.group()) {
                self.close_group(group, room, &mut rows);
                if group.is_some() {
                    rows.push(Row::Blank);
                }
                rows.push(Row::Heading(part.group()));
                group = Some(part.group());
            }
            match part.shape() {
                Shape::Ticks => self.boxes(room, look, &mut rows),
                _ => rows.push(Row::Input(part)),
            }
            self.said(part, room, look, &mut rows);
        }
        rows
    }

    /// What a group keeps beside its fields, and how it is understood.
    fn close_group(&self, group: Option<Group>, room: u16, rows: &mut Vec<Row>) {
        let Some(group) = group else { return };
        let Some(last) = self
            .filled
            .parts()
            .into_iter()
            .rfind(|part| part.group() == group)
        else {
            return;
        };
        let kept = self.filled.kept(group);
        let mut say = |text: Clean| {
            let lines = text.wrap(room).into_iter();
            rows.extend(lines.map(|line| Row::Said(last, line, Role::Muted)));
        };
        if !kept.is_empty() {
            say(clean!("kept as it is: {}", kept.join(", ")));
        }
        if group == Group::Audience
            && let Ok(map) = self.filled.map(group)
        {
            let wants = Wants::of(&map);
            let understood: Vec<String> = wants.wants.iter().map(Want::understood).collect();
            if !understood.is_empty() {
                say(clean!("understood as {}", understood.join("; ")));
            }
        }
    }

    /// The boxes of the channels, in as many rows as they need.
    fn boxes(&self, room: u16, look: &Look<'_>, rows: &mut Vec<Row>) {
        let tick = Clean::from(look.glyphs.tick[0]).width();
        let (mut from, mut used) = (0, 0);
        for (at, (name, _)) in self.filled.ticks.iter().enumerate() {
            let wide = tick + 3 + Clean::new(name).width();
            if at > from && used + wide > room {
                rows.push(Row::Ticks(from, at));
                (from, used) = (at, 0);
            }
            used += wide;
        }
        rows.push(Row::Ticks(from, self.filled.ticks.len()));
    }

    /// What is said below a field: what is wrong with it, what it may become, a warning.
    fn said(&self, part: Part, room: u16, look: &Look<'_>, rows: &mut Vec<Row>) {
        let told = self.pressed || self.touched.contains(&part);
        let role = if self.at == part {
            Role::Warn
        } else {
            Role::Bad
        };
        let refused = self.refused.iter().filter(|(at, _)| *at == part);
        let refused = refused.map(|(_, problem)| problem);
        let problems = self.found.of(part).filter(|_| told).chain(refused);
        for problem in problems {
            let said = match &problem.hint {
                Some(hint) => clean!("{} {}; {hint}", look.glyphs.wrong, problem.message),
                None => clean!("{} {}", look.glyphs.wrong, problem.message),
            };
            let lines = said.wrap(room).into_iter();
            rows.extend(lines.map(|line| Row::Said(part, line, role)));
        }
        if part == Part::Objectives && self.at == part {
            let offers = self.suggestions();
            if !offers.is_empty() {
                rows.push(Row::Offer(offers));
            }
        }
        if part == Part::AutoApprove && self.filled.auto_approve {
            let warning = "Everything that is recommended will be booked, and its money spent, \
                without asking anybody.";
            let lines = Clean::from(warning).wrap(room).into_iter();
            rows.extend(lines.map(|line| Row::Said(part, line, Role::Warn)));
        }
    }

    fn row(&self, canvas: &mut Canvas<'_>, y: u16, row: &Row, label: u16, look: &Look<'_>) {
        let whole = Rect::new(0, y, canvas.width(), 1);
        match row {
            Row::Blank => {}
            Row::Heading(group) => {
                let x = canvas.text(1, y, group.title(), Role::Title);
                if group.raw().is_some()
                    && let Some(key) = look.keymap.key(Action::Raw)
                {
                    let now = if self.filled.is_raw(*group) {
                        "fields"
                    } else {
                        "JSON"
                    };
                    canvas.text(x + 2, y, clean!("{key} {now}"), Role::Muted);
                }
            }
            Row::Input(part) => {
                self.label(canvas, y, *part, label);
                self.input(canvas, y, *part, label + 2, look);
                canvas.spot(whole, Spot::Row(*part as usize));
            }
            Row::Ticks(from, to) => {
                if *from == 0 {
                    self.label(canvas, y, Part::Channels, label);
                }
                canvas.spot(whole, Spot::Row(Part::Channels as usize));
                self.ticks(canvas, y, (*from, *to), label + 2);
            }
            Row::Said(_, line, role) => {
                canvas.text(label + 2, y, line.clone(), *role);
            }
            Row::Notice(line, role) => {
                canvas.text(1, y, line.clone(), *role);
            }
            Row::Offer(words) => {
                let mut x = label + 2;
                for (at, word) in words.iter().enumerate() {
                    let end = canvas.text(x, y, *word, Role::Muted);
                    canvas.spot(Rect::new(x, y, end.saturating_sub(x), 1), Spot::Heading(at));
                    x = end + 2;
                }
            }
        }
    }

    fn label(&self, canvas: &mut Canvas<'_>, y: u16, part: Part, label: u16) {
        let here = part == self.at;
        if here {
            let cursor = canvas.glyphs().cursor;
            canvas.text(0, y, cursor, Role::Accent);
        }
        let role = if here { Role::Focus } else { Role::Text };
        canvas.cut(1, y, &part.label().into(), role, label);
    }

    fn input(&self, canvas: &mut Canvas<'_>, y: u16, part: Part, x: u16, look: &Look<'_>) {
        let here = part == self.at;
        if part.shape() == Shape::Choice {
            let role = if here { Role::Selected } else { Role::Text };
            let [yes, _, no] = look.glyphs.tick;
            let text = match part {
                Part::Talks => match self.filled.talks {
                    Talks::Usual => "as the desk usually does".into(),
                    Talks::On => "yes, within these bounds".into(),
                    Talks::Off => "no".into(),
                },
                _ if self.filled.auto_approve => clean!("{yes} yes, without asking"),
                _ => clean!("{no} no, somebody decides"),
            };
            canvas.text(x, y, text, role);
            return;
        }
        let room = canvas.width().saturating_sub(x + 1);
        let raw = part.group().raw() == Some(part);
        let width = if raw || room < LINE + 8 { room } else { LINE };
        let area = Rect::new(x, y, width, 1);
        let empty = self.filled.text(part).is_empty();
        match self.filled.seen(part) {
            Some(field) => field.draw(canvas, area, here),
            None => crate::tui::field::Field::default().draw(canvas, area, here),
        }
        if empty {
            let from = x + u16::from(here);
            // Where nothing but a line tells a field, what stands on it looks typed.
            let lined = canvas.style(Role::Input).add_modifier;
            let example = if lined.contains(Modifier::UNDERLINED) {
                clean!("({})", part.example())
            } else {
                part.example().into()
            };
            canvas.cut(from, y, &example, Role::Muted, width.saturating_sub(1));
        }
        if width < room
            && let Some(aside) = self.aside(part)
        {
            canvas.cut(x + width + 2, y, &aside, Role::Muted, room - width - 2);
        }
    }

    /// How what was typed is read.
    fn aside(&self, part: Part) -> Option<Clean> {
        let day = |text: &str| crate::domain::when::parse_day(text);
        let (first, last) = (
            day(&self.found.sent.start_date),
            day(&self.found.sent.end_date),
        );
        match part {
            Part::Budget => self
                .found
                .brief
                .as_ref()
                .map(|brief| Clean::of(brief.budget)),
            Part::Currency if self.filled.text(part).is_empty() => {
                Some(clean!("{}", self.currency))
            }
            Part::Start => first.map(|day| Clean::of(day.format("%A"))),
            Part::End => last.map(|day| {
                let days = first.map(|first| (day - first).num_days() + 1);
                match days {
                    Some(days) if days > 0 => clean!("{}, day {days}", day.format("%A")),
                    _ => Clean::of(day.format("%A")),
                }
            }),
            _ => None,
        }
    }

    fn ticks(&self, canvas: &mut Canvas<'_>, y: u16, (from, to): (usize, usize), x: u16) {
        let [on_sign, _, off_sign] = canvas.glyphs().tick;
        let mut x = x;
        let here = self.at == Part::Channels;
        let all = self.filled.ticks.iter().enumerate();
        for (at, (name, on)) in all.take(to).skip(from) {
            let role = if here && at == self.tick {
                Role::Selected
            } else {
                Role::Text
            };
            let sign = if *on { on_sign } else { off_sign };
            let end = canvas.text(x, y, clean!("{sign} {name}"), role);
            canvas.spot(Rect::new(x, y, end.saturating_sub(x), 1), Spot::Tick(at));
            x = end + 2;
        }
    }

    /// What would be sent, or how much is missing for that.
    fn foot(&self, width: u16, look: &Look<'_>) -> Vec<(Clean, Role)> {
        let key = look.keymap.key(Action::Send);
        let key = key.map_or_else(|| "send".to_owned(), |key| key.to_string());
        if self.leaving {
            let said = "Not sent yet. esc again closes the form; what you typed is kept for the \
                next new brief.";
            return lines(&said.into(), Role::Warn, width);
        }
        let wrong = self.found.problems.len();
        let Some(brief) = self.found.brief.as_ref().filter(|_| wrong == 0) else {
            let noun = if wrong == 1 { "problem" } else { "problems" };
            let role = if self.pressed { Role::Bad } else { Role::Muted };
            let said = clean!("{wrong} {noun} to mend; {key} goes to the first");
            return lines(&said, role, width);
        };
        let said = clean!(
            "{} {} {} {} {} to {}",
            brief.name,
            look.glyphs.dot,
            brief.budget,
            look.glyphs.dot,
            brief.asked.first(),
            brief.asked.last()
        );
        let mut foot = lines(&said, Role::Good, width);
        foot.truncate(2);
        let end = match self.left() {
            Some(left) => clean!("{key} sends it; {left}"),
            None => clean!("{key} sends it"),
        };
        foot.extend(lines(&end, Role::Muted, width));
        foot
    }

    /// What the tenant may still commit, where there is a limit.
    fn left(&self) -> Option<Clean> {
        let purse = self.purse.value()?;
        let limit = purse.limit?;
        let currency = self.found.brief.as_ref()?.budget.currency();
        let money = |amount| Money::from_amount(amount, currency).ok();
        let (committed, limit) = money(purse.committed).zip(money(limit))?;
        (currency.code() == purse.currency)
            .then(|| clean!("the tenant has committed {committed} of {limit}"))
    }
}

fn lines(text: &Clean, role: Role, width: u16) -> Vec<(Clean, Role)> {
    let parts = text.wrap(width.max(1)).into_iter();
    parts.map(|part| (part, role)).collect()
}
