//! Writes the rows that are shown as CSV or JSON. A cell that a spreadsheet would take for
//! a formula is written so that it does not; what a terminal would act on when the file is
//! read there has stand-ins, as on the screen.

use serde_json::{Map, Value};

use super::{
    Grid,
    column::{Row, fields},
};
use crate::tui::clean::Clean;

/// What a file is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated, one row a line, headings first.
    Csv,
    /// A list of objects.
    Json,
}

impl Format {
    /// The ending of the file's name.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }
}

impl<R: Row> Grid<R> {
    /// The rows that are shown, or the marked ones where there are any.
    #[must_use]
    pub fn export(&self, format: Format) -> String {
        let rows: Vec<&R> = if self.marked() > 0 {
            self.targets()
        } else {
            self.shown().collect()
        };
        written(&rows, format)
    }
}

/// Any rows as the text of a file.
#[must_use]
pub fn written<R: Row>(rows: &[&R], format: Format) -> String {
    match format {
        Format::Csv => csv(rows),
        Format::Json => json(rows),
    }
}

fn csv<R: Row>(rows: &[&R]) -> String {
    let mut out = String::new();
    line(&mut out, fields::<R>().map(|(name, _)| name));
    for row in rows {
        let cells = fields::<R>().map(|(_, plain)| Clean::new(&plain(row)));
        let cells: Vec<Clean> = cells.collect();
        line(&mut out, cells.iter().map(Clean::as_str));
    }
    out
}

fn line<'a>(out: &mut String, cells: impl Iterator<Item = &'a str>) {
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            out.push(',');
        }
        let formula =
            cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.parse::<f64>().is_err();
        let guard = if formula { "'" } else { "" };
        if formula || cell.contains([',', '"', '\n', '\r']) {
            let cell = cell.replace('"', "\"\"");
            out.extend(["\"", guard, &cell, "\""]);
        } else {
            out.push_str(cell);
        }
    }
    out.push_str("\r\n");
}

fn json<R: Row>(rows: &[&R]) -> String {
    let object = |row: &&R| {
        let fields = fields::<R>().map(|(name, plain)| {
            let text = Clean::new(&plain(row)).to_string();
            (name.to_owned(), Value::String(text))
        });
        Value::Object(fields.collect::<Map<_, _>>())
    };
    let all: Vec<Value> = rows.iter().map(object).collect();
    serde_json::to_string_pretty(&all).unwrap_or_default()
}
