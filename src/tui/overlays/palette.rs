//! Finds any command and any object by a few letters of its name. What cannot be done now
//! is there all the same, with the reason.

use ratatui::layout::Rect;

use super::{Overlay, Stay, centred};
use crate::tui::{
    clean::Clean,
    command::{Action, Section},
    effect::{Ctx, Effect, Place},
    field::Field,
    filter::{Filter, haystack},
    input::Key,
    paint::{Canvas, Look, Spot},
    theme::Role,
};

/// The most objects that are offered.
pub const MOST: usize = 50;

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What it is called.
    pub title: Clean,
    /// What it is.
    pub about: Clean,
    /// Its key, or what kind of object it is.
    pub side: Clean,
    /// Where it leads.
    pub goal: Goal,
}

/// Where something leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Goal {
    /// To a command.
    Do(Action),
    /// To a place.
    Go(Place),
    /// Nowhere now, and why.
    Refused(Clean),
}

/// The palette.
pub struct Palette {
    field: Field,
    commands: Vec<(Found, Box<str>)>,
    found: Vec<Found>,
    objects: usize,
    cursor: usize,
}

impl Palette {
    /// Offers these commands.
    #[must_use]
    pub fn new(commands: Vec<Found>) -> Self {
        let with_hay = |found: Found| {
            let fields = [&found.title, &found.about].map(|text| ("", text.as_str().into()));
            let hay = haystack(fields);
            (found, hay)
        };
        let mut palette = Self {
            field: Field::default(),
            commands: commands.into_iter().map(with_hay).collect(),
            found: Vec::new(),
            objects: 0,
            cursor: 0,
        };
        palette.find(Vec::new());
        palette
    }

    /// Takes the objects that match, and finds the commands that do.
    fn find(&mut self, objects: Vec<Found>) {
        let filter = Filter::new(self.field.text(), &[]);
        let typed = self.field.text().trim().to_lowercase();
        let fits = |(_, hay): &&(Found, Box<str>)| filter.matches(hay);
        let mut found: Vec<Found> = self
            .commands
            .iter()
            .filter(fits)
            .map(|(found, _)| found.clone())
            .collect();
        // What begins with what was typed comes first.
        found.sort_by_key(|found| !found.title.as_str().to_lowercase().starts_with(&typed));
        self.objects = objects.len();
        found.extend(objects);
        self.found = found;
        self.cursor = 0;
    }
}

impl Overlay for Palette {
    fn sections(&self) -> &'static [Section] {
        &[Section::Prompt]
    }

    fn types(&self) -> bool {
        true
    }

    fn act(&mut self, action: Action, ctx: &mut Ctx<'_>) -> Stay {
        let last = self.found.len().saturating_sub(1);
        match action {
            Action::Dismiss | Action::Back | Action::Close => return Stay::Closed,
            Action::NextMatch => self.cursor = (self.cursor + 1).min(last),
            Action::PreviousMatch => self.cursor = self.cursor.saturating_sub(1),
            Action::Complete => {
                if let Some(found) = self.found.get(self.cursor) {
                    let title = found.title.as_str().to_owned();
                    self.field.set(&title);
                    ctx.want(Effect::Search(title));
                }
            }
            Action::Accept => {
                let Some(found) = self.found.get(self.cursor) else {
                    return Stay::Open;
                };
                match found.goal.clone() {
                    Goal::Do(action) => ctx.want(Effect::Do(action)),
                    Goal::Go(place) => ctx.want(Effect::Go(place)),
                    Goal::Refused(why) => {
                        ctx.toast(why, Role::Warn);
                        return Stay::Open;
                    }
                }
                return Stay::Closed;
            }
            _ => {}
        }
        Stay::Open
    }

    fn key(&mut self, key: Key, ctx: &mut Ctx<'_>) -> Stay {
        if self.field.key(key) {
            ctx.want(Effect::Search(self.field.text().to_owned()));
        }
        Stay::Open
    }

    fn paste(&mut self, text: &str, ctx: &mut Ctx<'_>) -> Stay {
        self.field.paste(text);
        ctx.want(Effect::Search(self.field.text().to_owned()));
        Stay::Open
    }

    fn found(&mut self, objects: Vec<Found>) {
        self.find(objects);
    }

    fn click(&mut self, spot: Spot, ctx: &mut Ctx<'_>) -> Stay {
        if let Spot::Row(at) = spot
            && at < self.found.len()
        {
            self.cursor = at;
            return self.act(Action::Accept, ctx);
        }
        Stay::Open
    }

    fn hints(&self) -> Vec<Action> {
        vec![
            Action::Accept,
            Action::NextMatch,
            Action::Complete,
            Action::Dismiss,
        ]
    }

    fn draw(&self, canvas: &mut Canvas<'_>, _look: &Look<'_>) {
        let width = canvas.width().min(90);
        let height = canvas.height().saturating_sub(2).min(22);
        let mut window = {
            let area = centred(canvas, width, height);
            canvas.sub(area)
        };
        window.clear();
        let commands = self.found.len() - self.objects;
        let title = clean!("{commands} commands, {} objects", self.objects);
        let mut inside = window.frame(&[(title, Role::Title)], true);
        let width = inside.width();
        inside.text(1, 0, ":", Role::Key);
        let line = Rect::new(2, 0, width.saturating_sub(3), 1);
        self.field.draw(&mut inside, line, true);
        let rows = usize::from(inside.height().saturating_sub(1));
        let top = (self.cursor + 1).saturating_sub(rows);
        let cursor = inside.glyphs().cursor;
        for (y, (at, found)) in (1u16..).zip(self.found.iter().enumerate().skip(top).take(rows)) {
            let refused = matches!(found.goal, Goal::Refused(_));
            let role = if refused { Role::Muted } else { Role::Text };
            if at == self.cursor {
                inside.text(0, y, cursor, Role::Accent);
            }
            let side = found.side.width();
            let room = width.saturating_sub(side + 4);
            let end = inside.cut(2, y, &found.title, role, room);
            let about = match &found.goal {
                Goal::Refused(why) => why,
                _ => &found.about,
            };
            let room = width.saturating_sub(end + side + 4);
            inside.cut(end + 2, y, about, Role::Muted, room);
            inside.right(width.saturating_sub(1), y, found.side.clone(), Role::Key);
            inside.spot(Rect::new(0, y, width, 1), Spot::Row(at));
        }
    }
}
