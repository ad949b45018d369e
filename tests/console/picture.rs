//! Pictures of the console as text: what stands there, and how it looks, row by row. What
//! is different each time, ids above all, is replaced by what is always the same.

use std::fmt::Write as _;

use ratatui::{
    buffer::Buffer,
    style::{Color, Modifier, Style},
};

/// Replaces every UUID, whole or cut off at either end, by one and the same.
pub fn settle(picture: &mut Buffer) {
    let area = picture.area;
    for y in 0..area.height {
        let row: Vec<String> = (0..area.width)
            .map(|x| picture[(x, y)].symbol().to_owned())
            .collect();
        let mut x = 0;
        while x < row.len() {
            let end = end_of_an_id(&row[x..]);
            for at in 0..end {
                let column = u16::try_from(x + 2 + at).expect("a column");
                picture[(column, y)].set_char('0');
            }
            let like = like_an_id(&row[x..]);
            let short = end_of_a_name(&row, x, like);
            for at in x..x + short {
                let column = u16::try_from(at).expect("a column");
                picture[(column, y)].set_char('0');
            }
            if like >= 11 && (x == 0 || !is_word(&row[x - 1])) {
                for at in (x..x + like).filter(|at| row[*at] != "-") {
                    let column = u16::try_from(at).expect("a column");
                    picture[(column, y)].set_char('0');
                }
                x += like;
            } else {
                x += 1;
            }
        }
    }
}

fn is_word(cell: &str) -> bool {
    cell.chars().all(char::is_alphanumeric)
}

/// How many digits of an id of which only the end is shown stand behind two points.
fn end_of_an_id(cells: &[String]) -> usize {
    let digit = |cell: &&String| cell.len() == 1 && cell.chars().all(|c| c.is_ascii_hexdigit());
    let points = cells.iter().take_while(|cell| *cell == ".").count();
    let digits = cells.iter().skip(2).take_while(digit).count();
    if points == 2 && digits == 8 { 8 } else { 0 }
}

/// How many digits behind a prefix make the id of a tenant or a key, whole or cut off.
fn end_of_a_name(row: &[String], x: usize, like: usize) -> usize {
    let prefixed = x > 0 && ["_", "/"].contains(&row[x - 1].as_str());
    let cut = row.get(x + like).is_some_and(|cell| cell == "…");
    let fits = like == 8 || (cut && (1..8).contains(&like));
    if prefixed && fits { like } else { 0 }
}

/// How many cells look like a part of an id, or of a hash.
fn like_an_id(cells: &[String]) -> usize {
    let fits =
        |cell: &&String| cell.len() == 1 && cell.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    cells.iter().take_while(fits).count()
}

/// A picture as text, with its styles behind each row that has any.
pub fn text(picture: &Buffer) -> String {
    let mut out = String::new();
    let area = picture.area;
    for y in 0..area.height {
        let cells = || (0..area.width).map(|x| &picture[(x, y)]);
        let row: String = cells().map(ratatui::buffer::Cell::symbol).collect();
        let _ = writeln!(out, "{}", row.trim_end());
    }
    out.push_str("---\n");
    for y in 0..area.height {
        let mut runs: Vec<(u16, u16, Style)> = Vec::new();
        for x in 0..area.width {
            let style = picture[(x, y)].style();
            match runs.last_mut() {
                Some((_, end, last)) if *last == style => *end = x,
                _ => runs.push((x, x, style)),
            }
        }
        let told: Vec<String> = runs
            .iter()
            .filter_map(|(from, to, style)| Some(format!("{from}-{to} {}", name(*style)?)))
            .collect();
        if !told.is_empty() {
            let _ = writeln!(out, "{y:>3}: {}", told.join(", "));
        }
    }
    out
}

fn name(style: Style) -> Option<String> {
    let colour = |colour: Option<Color>| colour.filter(|one| *one != Color::Reset);
    let mut parts = Vec::new();
    parts.extend(colour(style.fg).map(|fg| fg.to_string()));
    parts.extend(colour(style.bg).map(|bg| format!("on {bg}")));
    for (modifier, word) in [
        (Modifier::BOLD, "bold"),
        (Modifier::UNDERLINED, "underlined"),
        (Modifier::REVERSED, "reversed"),
    ] {
        if style.add_modifier.contains(modifier) {
            parts.push(word.into());
        }
    }
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// The colours of a terminal that has not been changed: text and background.
const PLAIN: [&str; 2] = ["#c9d1d9", "#0d1117"];
const CELL: (u32, u32) = (8, 17);

/// A picture as SVG.
pub fn svg(picture: &Buffer) -> String {
    let area = picture.area;
    let (wide, high) = CELL;
    let width = u32::from(area.width) * wide + 16;
    let height = u32::from(area.height) * high + 16;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"ui-monospace, 'DejaVu Sans Mono', \
         Menlo, Consolas, monospace\" font-size=\"13\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"{}\"/>\n",
        PLAIN[1]
    );
    for y in 0..area.height {
        let mut x = 0;
        while x < area.width {
            let style = picture[(x, y)].style();
            let from = x;
            let mut words = String::new();
            while x < area.width && picture[(x, y)].style() == style {
                words.push_str(picture[(x, y)].symbol());
                x += 1;
            }
            run(&mut out, from, x, y, &words, style);
        }
    }
    out.push_str("</svg>\n");
    out
}

fn run(out: &mut String, from: u16, to: u16, y: u16, words: &str, style: Style) {
    let (wide, high) = CELL;
    let left = u32::from(from) * wide + 8;
    let top = u32::from(y) * high + 8;
    let mut fg = hex(style.fg).unwrap_or_else(|| PLAIN[0].to_owned());
    let mut bg = hex(style.bg);
    if style.add_modifier.contains(Modifier::REVERSED) {
        let back = bg.replace(fg).unwrap_or_else(|| PLAIN[1].to_owned());
        fg = back;
    }
    let span = u32::from(to - from) * wide;
    if let Some(bg) = bg {
        let _ = writeln!(
            out,
            "<rect x=\"{left}\" y=\"{top}\" width=\"{span}\" height=\"{high}\" fill=\"{bg}\"/>"
        );
    }
    if words.trim().is_empty() {
        return;
    }
    let mut more = String::new();
    if style.add_modifier.contains(Modifier::BOLD) {
        more.push_str(" font-weight=\"bold\"");
    }
    if style.add_modifier.contains(Modifier::UNDERLINED) {
        more.push_str(" text-decoration=\"underline\"");
    }
    let base = top + 13;
    let words = words.trim_end();
    let lead = words.chars().take_while(|c| *c == ' ').count();
    let left = left + u32::try_from(lead).expect("columns") * wide;
    let words = words.trim_start();
    let span = u32::try_from(unicode_width::UnicodeWidthStr::width(words)).expect("columns") * wide;
    let words = words
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace(' ', "\u{a0}");
    let _ = writeln!(
        out,
        "<text x=\"{left}\" y=\"{base}\" textLength=\"{span}\" fill=\"{fg}\"{more}>{words}</text>"
    );
}

fn hex(colour: Option<Color>) -> Option<String> {
    const SIXTEEN: [&str; 16] = [
        "#000000", "#cd3131", "#0dbc79", "#e5e510", "#2472c8", "#bc3fbc", "#11a8cd", "#cccccc",
        "#666666", "#f14c4c", "#23d18b", "#f5f543", "#3b8eea", "#d670d6", "#29b8db", "#ffffff",
    ];
    match colour? {
        Color::Rgb(r, g, b) => Some(format!("#{r:02x}{g:02x}{b:02x}")),
        Color::Indexed(at) => SIXTEEN.get(usize::from(at)).map(|one| (*one).to_owned()),
        _ => None,
    }
}
