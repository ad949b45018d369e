//! Takes in what ad servers counted. All of a command's readings are kept, or none; a reading
//! that tells nothing new is passed over and said so, so that the same may be told again.
//! Refuses readings of lines that are not there, and readings from the future.

use std::collections::BTreeMap;

use chrono::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        delivery::{
            mark::Mark,
            reading::Reading,
            track::{NotTaken, Track},
        },
        ids::LineId,
        opendirect::line::Line,
        policy::Permission,
    },
    engine::{
        fault::{Fault, FaultKind},
        operation::{Kind, Operation},
        pacing::alerts::{LINES, WATCH_PACING},
        work::Work,
    },
    store::{
        batch::Day,
        record::{Filter, Part, Stored},
    },
};

/// How many readings one command may bring.
pub const MOST: usize = 50_000;
/// How many objects are read at once.
const AT_ONCE: usize = 500;
/// How far an ad server's clock may be before ours.
const AHEAD: Duration = Duration::minutes(5);

/// Takes in what ad servers counted.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordReadings {
    /// The totals of lines, each since the line began; of one line in the order of their time.
    pub readings: Vec<Reading>,
}

/// What became of readings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Recorded {
    /// How many were kept.
    pub taken: usize,
    /// How many were no newer than what was known.
    pub old: usize,
    /// How many counted less than the one before; they were kept.
    pub adjusted: usize,
}

/// The readings of one line, with what was known of it.
struct Book {
    known: Option<Stored<()>>,
    track: Option<Track>,
    days: Vec<Day>,
    changed: bool,
}

impl Operation for RecordReadings {
    const NAME: &'static str = "delivery.record";
    const ABOUT: &'static str =
        "Take in what an ad server counted of lines: totals, not increments.";
    const KIND: Kind = Kind::Command(Permission::RecordDelivery);
    type Output = Recorded;

    async fn perform(self, work: &mut Work<'_>) -> Result<Recorded, Fault> {
        if self.readings.len() > MOST {
            let message = format!("readings: at most {MOST} at once");
            return Err(Fault::new(FaultKind::Invalid, "TOO_MANY_READINGS", message)
                .hint("send them in several commands"));
        }
        let latest = work.now() + AHEAD;
        if let Some(ahead) = self
            .readings
            .iter()
            .find(|one| one.delivered.as_of > latest)
        {
            return Err(from_the_future(ahead));
        }
        let mut books = open(work, &self.readings).await?;
        let mut told = Recorded::default();
        for reading in self.readings {
            let Some(book) = books.get_mut(&reading.line_id) else {
                continue;
            };
            enter(book, reading, &mut told)?;
        }
        for (id, mut book) in books {
            let Some(track) = book.track.take().filter(|_| book.changed) else {
                continue;
            };
            book.days.extend(day(&track)?);
            work.batch.days.append(&mut book.days);
            match &book.known {
                Some(known) => work.replace(known, &track)?,
                None => work.create(&track)?,
            }
            tracing::trace!(line = %id, as_of = %track.latest.as_of, "delivery is known");
        }
        work.about(format!("delivery/{} readings", told.taken));
        if told.taken > 0 {
            let detail = format!("{} readings", told.taken);
            work.tell("delivery.recorded", "delivery", "readings", detail);
            work.wake(WATCH_PACING, LINES, work.now());
        }
        Ok(told)
    }
}

fn from_the_future(reading: &Reading) -> Fault {
    let message = format!("a reading counts until {}", reading.delivered.as_of);
    Fault::new(FaultKind::Invalid, "READING_FROM_THE_FUTURE", message)
        .with("line_id", reading.line_id.to_string())
        .hint("as_of is the time until which was counted, in UTC")
}

/// Opens a book for each line that there are readings of.
async fn open(work: &Work<'_>, readings: &[Reading]) -> Result<BTreeMap<LineId, Book>, Fault> {
    let mut books = BTreeMap::new();
    for reading in readings {
        books.entry(reading.line_id).or_insert_with(|| Book {
            known: None,
            track: None,
            days: Vec::new(),
            changed: false,
        });
    }
    let ids: Vec<LineId> = books.keys().copied().collect();
    for ids in ids.chunks(AT_ONCE) {
        for stored in work.list::<Track>(&by_ids(ids, Part::Whole)).await? {
            let (track, known) = stored.part();
            if let Some(book) = books.get_mut(&track.line_id) {
                (book.track, book.known) = (Some(track), Some(known));
            }
        }
    }
    let strange = |id: &&LineId| books.get(id).is_some_and(|book| book.known.is_none());
    let unknown: Vec<LineId> = ids.iter().filter(strange).copied().collect();
    for ids in unknown.chunks(AT_ONCE) {
        let rows = work.rows::<Line>(&by_ids(ids, Part::Nothing)).await?;
        let missing = ids
            .iter()
            .find(|id| !rows.iter().any(|row| row.id == id.to_string()));
        if let Some(id) = missing {
            return Err(Fault::missing(*id));
        }
    }
    Ok(books)
}

fn by_ids(ids: &[LineId], part: Part) -> Filter {
    Filter {
        ids: Some(ids.iter().map(ToString::to_string).collect()),
        limit: u32::try_from(ids.len()).unwrap_or(u32::MAX),
        part,
        ..Filter::default()
    }
}

/// Enters a reading, and closes the day before it where it begins a new one.
fn enter(book: &mut Book, reading: Reading, told: &mut Recorded) -> Result<(), Fault> {
    let Some(track) = &mut book.track else {
        book.track = Some(Track::begin(reading));
        (book.changed, told.taken) = (true, told.taken + 1);
        return Ok(());
    };
    let before = track.adjusted;
    let new_day = Mark::from(&reading.delivered).day();
    let closed = match track.day() {
        Some((known, _)) if book.changed && known < new_day => day(track)?,
        _ => None,
    };
    match track.take(reading) {
        Ok(()) => {
            book.changed = true;
            book.days.extend(closed);
            told.taken += 1;
            told.adjusted += usize::from(track.adjusted != before);
            Ok(())
        }
        Err(NotTaken::Old) => {
            told.old += 1;
            Ok(())
        }
        Err(NotTaken::Currency) => {
            let message = format!("a reading {}", NotTaken::Currency);
            Err(Fault::new(FaultKind::Invalid, "WRONG_CURRENCY", message)
                .with("line_id", track.line_id.to_string()))
        }
    }
}

/// The last day of a track as it is stored.
fn day(track: &Track) -> Result<Option<Day>, Fault> {
    let Some((day, hours)) = track.day() else {
        return Ok(None);
    };
    Ok(Some(Day {
        line: track.line_id.to_string(),
        day: day.to_string(),
        last: serde_json::to_string(&hours.last()).map_err(Fault::broken)?,
        hours: serde_json::to_string(hours).map_err(Fault::broken)?,
    }))
}
