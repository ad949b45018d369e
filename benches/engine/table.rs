//! One table with everything that was measured: ours, what it is held against, and the target.

use std::{fmt, time::Duration};

/// What a figure should be.
#[derive(Debug, Clone, Copy)]
pub enum Target {
    /// This or less.
    AtMost(f64),
    /// This or more.
    AtLeast(f64),
}

/// One line.
#[derive(Debug)]
pub struct Row {
    what: String,
    ours: f64,
    plain: Option<f64>,
    unit: &'static str,
    target: Target,
}

impl Row {
    /// A figure that is held against a plain one.
    pub fn ratio(
        what: &str,
        (ours, plain): (f64, f64),
        unit: &'static str,
        target: Target,
    ) -> Self {
        Self {
            plain: Some(plain),
            ..Self::figure(what, ours, unit, target)
        }
    }

    /// A figure that stands for itself.
    pub fn figure(what: &str, ours: f64, unit: &'static str, target: Target) -> Self {
        Self {
            what: what.to_owned(),
            ours,
            plain: None,
            unit,
            target,
        }
    }

    fn is_met(&self) -> bool {
        let value = self.plain.map_or(self.ours, |plain| self.ours / plain);
        match self.target {
            Target::AtMost(most) => value <= most,
            Target::AtLeast(least) => value >= least,
        }
    }
}

/// The lines.
#[derive(Debug, Default)]
pub struct Table(Vec<Row>);

impl Table {
    /// Adds one.
    pub fn push(&mut self, row: Row) {
        self.0.push(row);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.0.iter().map(|row| row.what.chars().count()).max();
        let width = width.unwrap_or(0);
        writeln!(
            out,
            "{:width$}  {:>12}  {:>12}  {:>6}  TARGET",
            "WHAT", "OURS", "BASELINE", "RATIO"
        )?;
        for row in &self.0 {
            let of_unit = |value: f64| format!("{value:.1} {}", row.unit);
            let plain = row.plain.map_or("-".to_owned(), of_unit);
            let ratio = row.plain.map(|plain| format!("{:.2}", row.ours / plain));
            let target = match (row.target, row.plain.is_some()) {
                (Target::AtMost(most), true) => format!("<= {most}x"),
                (Target::AtLeast(least), true) => format!(">= {least}x"),
                (Target::AtMost(most), false) => format!("<= {most} {}", row.unit),
                (Target::AtLeast(least), false) => format!(">= {least} {}", row.unit),
            };
            writeln!(
                out,
                "{:width$}  {:>12}  {plain:>12}  {:>6}  {target}{}",
                row.what,
                of_unit(row.ours),
                ratio.unwrap_or_else(|| "-".to_owned()),
                if row.is_met() { "" } else { "  MISSED" }
            )?;
        }
        Ok(())
    }
}

/// A count as a number that can be divided.
pub fn float(count: u64) -> f64 {
    Duration::from_nanos(count).as_secs_f64() * 1e9
}
