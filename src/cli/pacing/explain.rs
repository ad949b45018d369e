//! The pacing of one line with the arithmetic of every figure.

use std::io::{IsTerminal as _, Read as _, stdin};

use serde::{Serialize, Serializer, ser::SerializeMap as _};

use super::asked;
use crate::{
    cli::{Ended, out},
    domain::{
        pacing::{
            explained::{Explained, Explainer, Figure, Value},
            figures::Figures,
            status::Bounds,
        },
        when::rfc3339,
    },
};

/// The most that is read.
const MOST_BYTES: u64 = 1 << 20;

/// Every figure in order.
struct Answer(Vec<(Figure, Explained)>);

/// Their sums alone.
struct Arithmetic<'a>(&'a Answer);

/// Reads a line and prints its figures.
pub fn run(as_json: bool) -> Result<(), Ended> {
    if stdin().is_terminal() {
        out::note("reads one JSON object; ctrl-d ends it");
    }
    let mut json = Vec::new();
    let read = stdin().lock().take(MOST_BYTES + 1).read_to_end(&mut json);
    read.map_err(|error| Ended::Usage(format!("standard input cannot be read: {error}")))?;
    if u64::try_from(json.len()).is_ok_and(|bytes| bytes > MOST_BYTES) {
        return Err(Ended::Usage("the object is larger than a mebibyte".into()));
    }
    let (terms, seen) = asked::read(&json)?;
    let (figures, bounds) = (Figures::of(&terms, &seen), Bounds::default());
    let explainer = Explainer {
        terms: &terms,
        seen: &seen,
        figures: &figures,
        bounds: &bounds,
    };
    let explain = |figure: &Figure| (*figure, explainer.explain(*figure));
    let answer = Answer(Figure::ALL.iter().map(explain).collect());
    if as_json {
        out::json(&answer)
    } else {
        answer.print()
    }
}

impl Answer {
    fn print(&self) -> Result<(), Ended> {
        let mut table = out::Table::new(&["FIGURE", "VALUE", "ARITHMETIC"]).right(&[1]);
        for (figure, explained) in &self.0 {
            let value = explained.value.map_or_else(|| "-".into(), words);
            let sum = explained.sum.strip_prefix(&value).unwrap_or(&explained.sum);
            let sum = sum.trim_start_matches([' ', '=', ':']);
            let value = match explained.value {
                Some(Value::Status(status)) => format!("{} {value}", status.sign()),
                _ => value,
            };
            table.row(&[figure.name().into(), value, sum.into()]);
        }
        table.print()
    }
}

fn words(value: Value) -> String {
    match value {
        Value::Number(number) => number.to_string(),
        Value::At(at) => at.format("%Y-%m-%d %H:%M UTC").to_string(),
        Value::Status(status) => status.name().to_owned(),
    }
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        let mut map = output.serialize_map(None)?;
        for (figure, explained) in &self.0 {
            let name = figure.name();
            match explained.value {
                None => map.serialize_entry(name, &None::<()>)?,
                Some(Value::Number(number)) => map.serialize_entry(name, &number)?,
                Some(Value::At(at)) => map.serialize_entry(name, &rfc3339(at))?,
                Some(Value::Status(status)) => map.serialize_entry(name, status.name())?,
            }
        }
        map.serialize_entry("arithmetic", &Arithmetic(self))?;
        map.end()
    }
}

impl Serialize for Arithmetic<'_> {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        let sums = self
            .0
            .0
            .iter()
            .map(|(figure, one)| (figure.name(), &one.sum));
        output.collect_map(sums)
    }
}
