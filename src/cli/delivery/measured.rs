//! What others counted, from a table: the CSV that an ad server or a measurement vendor exports.
//! Refuses rows that it cannot read by their number, and keeps none of a table with such a row.

use std::{fs::File, io, path::PathBuf};

use chrono::{Days, NaiveDate, NaiveTime};
use clap::Args;
use serde::Deserialize;

use crate::{
    cli::{Ended, out},
    domain::{ids::LineId, text::echo, when::Instant},
    engine::delivery::measured::{MOST, NoteMeasured, Noted, OthersCount},
    session::Session,
};

/// Take in what others counted of lines, to hold it against what we count.
#[derive(Debug, Args)]
pub struct Take {
    /// A CSV file with the columns `line_id`, `source`, `until`, impressions, and where they are
    /// known measurable, viewable and completes: totals since each line began. `until` is a time,
    /// or a day that is counted to its end, in UTC. `-` reads standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Who counted, where the table has no column `source`.
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
}

/// A row of the table.
#[derive(Deserialize)]
struct Row {
    line_id: String,
    source: Option<String>,
    until: String,
    impressions: u64,
    measurable: Option<u64>,
    viewable: Option<u64>,
    completes: Option<u64>,
}

impl Take {
    /// Reads the table and sends it, so many rows at once.
    pub async fn run(&self, session: &Session, as_json: bool) -> Result<(), Ended> {
        let counts = self.read()?;
        let mut told = Noted::default();
        for some in counts.chunks(MOST) {
            let counts = some.to_vec();
            let part = session.ask(NoteMeasured { counts }).await?;
            told.taken += part.taken;
            told.old += part.old;
            told.beyond += part.beyond;
            told.apart += part.apart;
        }
        if as_json {
            return out::json(&told);
        }
        out::line(&words(&told))
    }

    fn read(&self) -> Result<Vec<OthersCount>, Ended> {
        let from: Box<dyn io::Read> = if self.file.as_os_str() == "-" {
            Box::new(io::stdin().lock())
        } else {
            let cannot = |why| Ended::Usage(format!("cannot read {}: {why}", self.file.display()));
            Box::new(File::open(&self.file).map_err(cannot)?)
        };
        let mut table = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_reader(from);
        let mut counts = Vec::new();
        for (row, number) in table.deserialize().zip(2..) {
            let counted = row
                .map_err(|why| why.to_string())
                .and_then(|row| self.count(row));
            let wrong = |why: String| Ended::Usage(format!("row {number}: {}\n{HINT}", echo(&why)));
            counts.push(counted.map_err(wrong)?);
        }
        Ok(counts)
    }

    fn count(&self, row: Row) -> Result<OthersCount, String> {
        let source = row.source.or_else(|| self.source.clone());
        Ok(OthersCount {
            line_id: line(&row.line_id)?,
            source: source.ok_or("it does not say who counted, and there is no --source")?,
            until: until(&row.until)?,
            impressions: row.impressions,
            measurable: row.measurable,
            viewable: row.viewable,
            completes: row.completes,
        })
    }
}

/// What a table looks like.
const HINT: &str = "hint: the first row names the columns: \
                    line_id,source,until,impressions,measurable,viewable,completes";

fn line(text: &str) -> Result<LineId, String> {
    text.parse()
        .map_err(|_| format!("{text:?} is not the id of a line"))
}

/// A time, or the end of a day.
fn until(text: &str) -> Result<Instant, String> {
    let day = text.parse::<NaiveDate>().ok();
    let over = day.and_then(|day| day.checked_add_days(Days::new(1)));
    match over {
        Some(next) => Ok(next.and_time(NaiveTime::MIN).and_utc()),
        None => text
            .parse()
            .map_err(|_| format!("{text:?} is neither a time nor a day")),
    }
}

fn words(told: &Noted) -> String {
    let more = [
        (told.apart, "more than 10 % from ours"),
        (told.beyond, "beyond what we have counted so far"),
        (told.old, "no newer than what was known"),
    ];
    let more = more.into_iter().filter(|(count, _)| *count > 0);
    let more = more.map(|(count, what)| format!(", {count} {what}"));
    format!("{} taken{}", told.taken, more.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_counted_to_its_end() {
        assert_eq!(until("2026-07-31"), until("2026-08-01T00:00:00Z"));
        assert_eq!(
            until("soon"),
            Err("\"soon\" is neither a time nor a day".into())
        );
    }
}
