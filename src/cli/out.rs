//! What commands print: answers to standard output, everything else to standard error.
//! Text that came from elsewhere is made inert before it reaches a terminal.

use std::io::{self, Write as _};

use serde::Serialize;

use super::Ended;
use crate::{config::Log, domain::text::inert};

/// Starts the log, on standard error.
pub fn start_log(log: &Log) -> Result<(), Ended> {
    let filter = tracing_subscriber::EnvFilter::try_new(&log.level)
        .map_err(|error| Ended::Usage(format!("setting `log.level`: {error}")))?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(false);
    // A log that was started before stays; that happens in tests only.
    drop(match log.format.as_str() {
        "json" => builder.json().try_init(),
        _ => builder.try_init(),
    });
    Ok(())
}

/// Says what went wrong.
pub fn complain(said: &str) {
    let mut lines = said.lines().map(inert);
    let first = lines.next().unwrap_or_default();
    let mut err = io::stderr().lock();
    // Nobody to tell is no reason to fail again.
    drop(writeln!(err, "error: {first}"));
    for line in lines {
        drop(writeln!(err, "{line}"));
    }
}

/// Tells a person something beside the answer.
pub fn note(said: &str) {
    drop(writeln!(io::stderr().lock(), "{}", inert(said)));
}

/// Prints a line of the answer.
pub fn line(text: &str) -> Result<(), Ended> {
    Ok(writeln!(io::stdout().lock(), "{}", inert(text))?)
}

/// Prints a ready text as it is.
pub fn raw(text: &str) -> Result<(), Ended> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

/// Prints the answer as JSON.
pub fn json(answer: &impl Serialize) -> Result<(), Ended> {
    let text =
        serde_json::to_string_pretty(answer).map_err(|error| Ended::Usage(error.to_string()))?;
    raw(&(text + "\n"))
}

/// A table for people: a heading, then rows; columns as wide as they need to be.
pub struct Table {
    rows: Vec<Vec<String>>,
    right: Vec<usize>,
}

impl Table {
    /// With these headings.
    pub fn new(headings: &[&str]) -> Self {
        Self {
            rows: vec![headings.iter().map(|one| (*one).to_owned()).collect()],
            right: Vec::new(),
        }
    }

    /// Aligns these columns to the right.
    pub fn right(mut self, columns: &[usize]) -> Self {
        self.right = columns.to_vec();
        self
    }

    /// Adds a row.
    pub fn row(&mut self, cells: &[String]) {
        self.rows
            .push(cells.iter().map(|cell| inert(cell)).collect());
    }

    /// Prints it; where it has no rows, says beside it what would make some.
    pub fn print_or(&self, hint: &str) -> Result<(), Ended> {
        self.print()?;
        if self.rows.len() == 1 {
            note(&format!("nothing to list: {hint}"));
        }
        Ok(())
    }

    /// Prints it.
    pub fn print(&self) -> Result<(), Ended> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            self.rows
                .iter()
                .filter_map(|row| row.get(column))
                .map(|cell| cell.chars().count())
                .max()
        };
        let widths: Vec<usize> = (0..columns)
            .map(|column| width(column).unwrap_or(0))
            .collect();
        let mut text = String::new();
        for row in &self.rows {
            let mut printed = String::new();
            for (column, cell) in row.iter().enumerate() {
                let width = widths[column];
                let cell = if self.right.contains(&column) {
                    format!("{cell:>width$}")
                } else {
                    format!("{cell:<width$}")
                };
                printed.push_str(&cell);
                printed.push_str("  ");
            }
            text.push_str(printed.trim_end());
            text.push('\n');
        }
        raw(&text)
    }
}
