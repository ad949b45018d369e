//! Named styles and glyphs: panes speak of what a text means, a theme says how that looks.
//! Themes are data in `assets/themes`. Colours are brought down to what the terminal has
//! here, so that nothing below has to know.

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;
use toml::Table;

/// What a piece of the screen means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Ordinary text.
    Text,
    /// What matters less.
    Muted,
    /// Headings.
    Title,
    /// What leads on: links, names, progress.
    Accent,
    /// As it should be.
    Good,
    /// Needs somebody.
    Warn,
    /// Went wrong.
    Bad,
    /// Where the cursor is.
    Selected,
    /// Marked for a bulk action.
    Marked,
    /// Lines between things.
    Border,
    /// The border of what has the keys.
    Focus,
    /// A key to press.
    Key,
    /// A field to type into.
    Input,
    /// Changed a moment ago.
    Fresh,
    /// Cannot be overlooked.
    Alarm,
    /// What a filter found.
    Match,
}

/// The names of the roles in a theme's file, in the order of the enum.
const ROLES: [&str; 16] = [
    "text", "muted", "title", "accent", "good", "warn", "bad", "selected", "marked", "border",
    "focus", "key", "input", "fresh", "alarm", "match",
];

/// How many colours the terminal has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// None: bold, underline and reverse alone.
    None,
    /// The sixteen of every terminal.
    Sixteen,
    /// The palette of 256.
    Palette,
    /// All.
    True,
}

/// The themes that come with the program.
const THEMES: [(&str, &str); 4] = [
    ("dark", include_str!("../../assets/themes/dark.toml")),
    ("light", include_str!("../../assets/themes/light.toml")),
    (
        "contrast",
        include_str!("../../assets/themes/contrast.toml"),
    ),
    ("safe", include_str!("../../assets/themes/safe.toml")),
];

/// Signs that are drawn, in Unicode or in ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glyphs {
    /// Corners and lines: top left, top right, bottom left, bottom right, across, down.
    pub frame: [&'static str; 6],
    /// The cursor of a list.
    pub cursor: &'static str,
    /// A mark.
    pub mark: &'static str,
    /// Done.
    pub done: &'static str,
    /// At work.
    pub busy: &'static str,
    /// Not begun.
    pub open: &'static str,
    /// Here, now.
    pub here: &'static str,
    /// Held back for a while.
    pub paused: &'static str,
    /// Waits for a person.
    pub waits: &'static str,
    /// Went wrong.
    pub wrong: &'static str,
    /// Sorted up and down.
    pub sorted: [&'static str; 2],
    /// A full cell of a bar, and an empty one.
    pub bar: [&'static str; 2],
    /// Ticked, partly ticked, not ticked.
    pub tick: [&'static str; 3],
    /// Between things on one line.
    pub dot: &'static str,
    /// The enter key.
    pub enter: &'static str,
}

/// For terminals that draw Unicode.
pub const UNICODE: Glyphs = Glyphs {
    frame: ["┌", "┐", "└", "┘", "─", "│"],
    cursor: "▸",
    mark: "◆",
    done: "✓",
    busy: "◐",
    open: "○",
    here: "●",
    paused: "‖",
    waits: "◆",
    wrong: "✗",
    sorted: ["▲", "▼"],
    bar: ["█", "░"],
    tick: ["[✓]", "[-]", "[ ]"],
    dot: "·",
    enter: "⏎",
};

/// For those that do not.
pub const ASCII: Glyphs = Glyphs {
    frame: ["+", "+", "+", "+", "-", "|"],
    cursor: ">",
    mark: "*",
    done: "+",
    busy: "~",
    open: ".",
    here: "@",
    paused: "=",
    waits: "?",
    wrong: "x",
    sorted: ["^", "v"],
    bar: ["#", "."],
    tick: ["[x]", "[-]", "[ ]"],
    dot: "-",
    enter: "enter",
};

/// A theme on a terminal.
#[derive(Debug, Clone, PartialEq)]
pub struct Theme {
    /// Its name.
    pub name: String,
    /// How many colours it may use.
    pub depth: Depth,
    /// What it draws with.
    pub glyphs: Glyphs,
    styles: [Style; ROLES.len()],
}

/// Why a theme cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadTheme {
    /// There is none of that name.
    #[error("there is no theme \"{0}\"; there are dark, light, contrast and safe")]
    Unknown(String),
    /// It cannot be read.
    #[error("the theme: {0}")]
    Unreadable(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Look {
    fg: Option<String>,
    bg: Option<String>,
    #[serde(default)]
    bold: bool,
    #[serde(default)]
    underline: bool,
    #[serde(default)]
    reverse: bool,
}

impl Theme {
    /// The theme of that name, for a terminal with so many colours.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn named(name: &str, depth: Depth, ascii: bool) -> Result<Self, BadTheme> {
        let (name, text) = THEMES
            .into_iter()
            .find(|(known, _)| *known == name)
            .ok_or_else(|| BadTheme::Unknown(name.to_owned()))?;
        let styles = read(text, depth)?;
        Ok(Self {
            name: name.to_owned(),
            depth,
            glyphs: if ascii { ASCII } else { UNICODE },
            styles,
        })
    }

    /// The names of all themes.
    pub fn names() -> impl Iterator<Item = &'static str> {
        THEMES.into_iter().map(|(name, _)| name)
    }

    /// The next theme, on the same terminal.
    #[must_use]
    pub fn next(&self) -> Self {
        let at = THEMES.iter().position(|(name, _)| *name == self.name);
        let next = THEMES[(at.unwrap_or(0) + 1) % THEMES.len()].0;
        Self::named(next, self.depth, self.is_ascii()).unwrap_or_else(|_| self.clone())
    }

    /// Whether it draws with ASCII alone.
    #[must_use]
    pub fn is_ascii(&self) -> bool {
        self.glyphs == ASCII
    }

    /// How a role looks.
    #[must_use]
    pub fn style(&self, role: Role) -> Style {
        self.styles[role as usize]
    }
}

fn read(text: &str, depth: Depth) -> Result<[Style; ROLES.len()], BadTheme> {
    let unreadable = |why: String| BadTheme::Unreadable(why);
    let mut table: Table = toml::from_str(text).map_err(|why| unreadable(why.to_string()))?;
    let mut styles = [Style::new(); ROLES.len()];
    for (name, style) in ROLES.iter().zip(&mut styles) {
        let look = table
            .remove(*name)
            .ok_or_else(|| unreadable(format!("{name} is missing")))?;
        let look: Look = look
            .try_into()
            .map_err(|why: toml::de::Error| unreadable(why.to_string()))?;
        *style = look.style(depth).map_err(unreadable)?;
    }
    if let Some(unknown) = table.keys().next() {
        return Err(unreadable(format!("nothing is drawn as {unknown}")));
    }
    // Without colours what carries a background must still stand out.
    if depth == Depth::None {
        for role in [Role::Selected, Role::Alarm] {
            styles[role as usize] = Style::new().add_modifier(Modifier::REVERSED);
        }
        styles[Role::Input as usize] = Style::new().add_modifier(Modifier::UNDERLINED);
    }
    Ok(styles)
}

impl Look {
    fn style(&self, depth: Depth) -> Result<Style, String> {
        let mut style = Style::new();
        if let Some(fg) = &self.fg {
            style.fg = lower(colour(fg)?, depth);
        }
        if let Some(bg) = &self.bg {
            style.bg = lower(colour(bg)?, depth);
        }
        let modifiers = [
            (self.bold, Modifier::BOLD),
            (self.underline, Modifier::UNDERLINED),
            (self.reverse, Modifier::REVERSED),
        ];
        for (_, modifier) in modifiers.into_iter().filter(|(on, _)| *on) {
            style = style.add_modifier(modifier);
        }
        Ok(style)
    }
}

/// The sixteen, in the order of their numbers.
const SIXTEEN: [(&str, [u8; 3]); 16] = [
    ("black", [0, 0, 0]),
    ("red", [205, 49, 49]),
    ("green", [13, 188, 121]),
    ("yellow", [229, 229, 16]),
    ("blue", [36, 114, 200]),
    ("magenta", [188, 63, 188]),
    ("cyan", [17, 168, 205]),
    ("white", [204, 204, 204]),
    ("bright-black", [102, 102, 102]),
    ("bright-red", [241, 76, 76]),
    ("bright-green", [35, 209, 139]),
    ("bright-yellow", [245, 245, 67]),
    ("bright-blue", [59, 142, 234]),
    ("bright-magenta", [214, 112, 214]),
    ("bright-cyan", [41, 184, 219]),
    ("bright-white", [255, 255, 255]),
];

fn colour(text: &str) -> Result<Color, String> {
    if let Some(at) = SIXTEEN.iter().position(|(name, _)| *name == text) {
        return Ok(Color::Indexed(u8::try_from(at).unwrap_or(7)));
    }
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6);
    let number = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
    let [_, r, g, b] = number
        .ok_or_else(|| format!("{text} is no colour"))?
        .to_be_bytes();
    Ok(Color::Rgb(r, g, b))
}

/// The nearest colour that the terminal has.
fn lower(colour: Color, depth: Depth) -> Option<Color> {
    match (colour, depth) {
        (_, Depth::None) => None,
        (Color::Rgb(r, g, b), Depth::Palette) => Some(Color::Indexed(nearest_of_cube([r, g, b]))),
        (Color::Rgb(r, g, b), Depth::Sixteen) => {
            Some(Color::Indexed(nearest_of_sixteen([r, g, b])))
        }
        (other, _) => Some(other),
    }
}

fn distance(a: [u8; 3], b: [u8; 3]) -> u32 {
    let each = a.into_iter().zip(b);
    each.map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
}

fn nearest_of_sixteen(wanted: [u8; 3]) -> u8 {
    let all = (0u8..).zip(SIXTEEN);
    all.min_by_key(|(_, (_, rgb))| distance(wanted, *rgb))
        .map_or(7, |(at, _)| at)
}

/// The steps of the cube of 6x6x6 colours.
const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];

fn nearest_of_cube(wanted: [u8; 3]) -> u8 {
    let step = |value: u8| {
        (0u8..6)
            .min_by_key(|at| STEPS[usize::from(*at)].abs_diff(value))
            .unwrap_or(0)
    };
    let [r, g, b] = wanted.map(step);
    let cube = [r, g, b].map(|at| STEPS[usize::from(at)]);
    let sum: u32 = wanted.iter().map(|value| u32::from(*value)).sum();
    let grey = u8::try_from(((sum / 3).saturating_sub(3) / 10).min(23)).unwrap_or(23);
    let level = 8 + grey * 10;
    if distance(wanted, [level; 3]) < distance(wanted, cube) {
        232 + grey
    } else {
        16 + 36 * r + 6 * g + b
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_theme_can_be_read_at_every_depth() {
        for name in Theme::names() {
            for depth in [Depth::None, Depth::Sixteen, Depth::Palette, Depth::True] {
                let theme = Theme::named(name, depth, false);
                assert!(theme.is_ok(), "{name}: {theme:?}");
            }
        }
        assert!(Theme::named("pink", Depth::True, false).is_err());
    }

    #[test]
    fn without_colours_the_cursor_still_shows() {
        for name in Theme::names() {
            let theme = Theme::named(name, Depth::None, true).expect("a theme");
            let style = theme.style(Role::Selected);
            assert!(style.add_modifier.contains(Modifier::REVERSED));
            assert_eq!((style.fg, style.bg), (None, None));
        }
    }

    #[test]
    fn a_colour_becomes_the_nearest_one_there_is() {
        assert_eq!(nearest_of_sixteen([255, 255, 255]), 15);
        assert_eq!(nearest_of_cube([255, 0, 0]), 196);
        assert_eq!(nearest_of_cube([128, 128, 128]), 244);
    }
}
