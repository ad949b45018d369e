//! The slots of a resource as it would be, from a file, with nothing stored: to try opening hours
//! before anybody can book by them.

use std::{
    fs::File,
    io::{Read as _, stdin},
    path::{Path, PathBuf},
};

use clap::Args;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::{
    cli::{Ended, out},
    domain::{
        problem::Problem,
        slot::{
            load::Taken,
            range::{days, moment, range},
            schedule::Schedule,
            span::{Span, instant},
            timetable::{Slot, Timetable},
            zone::{local, written},
        },
        text::echo,
        when::Instant,
        zone::Zone,
    },
    engine::{
        clock::{Clock as _, SystemClock},
        question,
    },
};

/// The most that is read of a file.
const MOST_BYTES: u64 = 16 << 20;

/// What else may stand in the file of a resource: it says nothing of its slots.
const BESIDE: [&str; 18] = [
    "id",
    "type",
    "name",
    "slug",
    "description",
    "addressLine1",
    "addressLine2",
    "city",
    "state",
    "postalCode",
    "country",
    "isActive",
    "published",
    "revision",
    "createdAt",
    "updatedAt",
    "tenantId",
    "icsUrl",
];
/// What the slots come of.
const READ: [&str; 11] = [
    "timezone",
    "operatingHours",
    "dateOverrides",
    "closures",
    "defaultDurationMinutes",
    "slotStepMinutes",
    "bufferBeforeMinutes",
    "bufferAfterMinutes",
    "maxConcurrent",
    "minNoticeMinutes",
    "maxHorizonDays",
];

/// Which slots, of what.
#[derive(Debug, Args)]
pub struct Preview {
    /// The file with the resource; `-` for standard input.
    #[arg(value_name = "FILE")]
    resource: PathBuf,
    /// The first day, or from when: 2026-06-15, or 2026-06-15T10:00:00Z.
    #[arg(long, value_name = "DATE")]
    from: String,
    /// The last day, which is part of it; or until when.
    #[arg(long, value_name = "DATE")]
    to: String,
    /// The time at which somebody would book; the time by this machine otherwise.
    #[arg(long, value_name = "TIME")]
    now: Option<String>,
    /// A file with who is there already: a list of objects with start, end and status.
    #[arg(long, value_name = "FILE")]
    bookings: Option<PathBuf>,
    /// Show the slots with nothing left too.
    #[arg(long)]
    include_full: bool,
}

/// A slot as it is printed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    starts_at: String,
    ends_at: String,
    remaining: u32,
    capacity: u32,
}

#[derive(Debug, Serialize)]
struct Answer {
    data: Vec<Shown>,
}

/// Who is there already.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct There {
    #[serde(alias = "startsAt")]
    start: String,
    #[serde(alias = "endsAt")]
    end: String,
    #[serde(default = "confirmed")]
    status: String,
    #[serde(default)]
    expires_at: Option<String>,
    #[serde(default = "one", alias = "partySize")]
    seats: u32,
}

fn confirmed() -> String {
    "confirmed".to_owned()
}

fn one() -> u32 {
    1
}

/// Prints the slots.
pub fn run(preview: &Preview, as_json: bool) -> Result<(), Ended> {
    let schedule = schedule(&preview.resource)?;
    let zone = schedule.timezone;
    let now = match &preview.now {
        Some(text) => instant(moment(zone, "--now", text).map_err(usage)?),
        None => SystemClock::new(None).now(),
    };
    let (from, to) = (Some(&*preview.from), Some(&*preview.to));
    let within = range(zone, now, from, to).map_err(|problem| {
        usage(Problem {
            field: format!("--{}", problem.field),
            ..problem
        })
    })?;
    let taken = match &preview.bookings {
        Some(file) => taken(file, zone, now)?,
        None => Vec::new(),
    };
    let table = Timetable::new(&schedule, days(zone, within), now, &taken);
    let slots = table.slots(within, preview.include_full);
    if as_json {
        let data = slots.iter().map(|slot| shown(zone, slot)).collect();
        return out::json(&Answer { data });
    }
    print(zone, &slots)?;
    if slots.is_empty()
        && let Some(why) = table.why_none(within)
    {
        let when = local(zone, within.start).format("%a %Y-%m-%d");
        out::note(&format!("nothing from {when} on: {}", why.sentence()));
    }
    Ok(())
}

fn shown(zone: Zone, slot: &Slot) -> Shown {
    Shown {
        starts_at: written(zone, slot.span.start),
        ends_at: written(zone, slot.span.end),
        remaining: slot.remaining,
        capacity: slot.capacity,
    }
}

fn print(zone: Zone, slots: &[Slot]) -> Result<(), Ended> {
    let mut table = out::Table::new(&["DAY", "FROM", "TO", "LEFT", "OF"]).right(&[3, 4]);
    for slot in slots {
        let (start, end) = (local(zone, slot.span.start), local(zone, slot.span.end));
        table.row(&[
            start.format("%a %Y-%m-%d").to_string(),
            start.format("%H:%M %Z").to_string(),
            end.format("%H:%M").to_string(),
            slot.remaining.to_string(),
            slot.capacity.to_string(),
        ]);
    }
    table.print()?;
    out::note(&format!("{} slots, by the clock of {zone}", slots.len()));
    Ok(())
}

/// Reads the resource.
fn schedule(file: &Path) -> Result<Schedule, Ended> {
    let object: Map<String, Value> = read(file)?;
    let known = |name: &String| READ.contains(&&**name) || BESIDE.contains(&&**name);
    for name in object.keys().filter(|name| !known(name)) {
        out::note(&format!(
            "`{}` is not read: it says nothing of slots",
            echo(name)
        ));
    }
    let read = question::read_value::<Schedule>(&Value::Object(object));
    let mut schedule = read.map_err(|fault| in_file(file, &fault.to_string()))?;
    schedule.name_closures();
    let problems = schedule.problems();
    if problems.is_empty() {
        return Ok(schedule);
    }
    let said: Vec<String> = problems.iter().map(Problem::to_string).collect();
    Err(in_file(file, &said.join("\n")))
}

/// Reads who is there already and keeps a seat.
fn taken(file: &Path, zone: Zone, now: Instant) -> Result<Vec<Taken>, Ended> {
    let there: Vec<There> = read(file)?;
    let mut taken = Vec::with_capacity(there.len());
    for (at, one) in there.iter().enumerate() {
        let told = |problem: Problem| in_file(file, &format!("[{at}].{problem}"));
        let time = |field, text: &str| moment(zone, field, text).map_err(told);
        let (start, end) = (time("start", &one.start)?, time("end", &one.end)?);
        let span = Span::new(start, end);
        let span = span.ok_or_else(|| in_file(file, &format!("[{at}] ends before it begins")))?;
        let kept = match &*one.status {
            "confirmed" => true,
            "cancelled" | "no_show" | "completed" | "expired" | "released" => false,
            "hold" | "held" | "tentative" => match &one.expires_at {
                Some(until) => now.timestamp() < time("expiresAt", until)?,
                None => true,
            },
            other => {
                let said = format!("[{at}].status: '{}' is not a status", echo(other));
                let hint = "confirmed, hold, cancelled, no_show or completed";
                return Err(in_file(file, &format!("{said}\nhint: {hint}")));
            }
        };
        if kept {
            taken.push(Taken {
                span,
                seats: one.seats,
            });
        }
    }
    Ok(taken)
}

/// Reads a file of JSON, or standard input.
pub(super) fn read<T: DeserializeOwned>(file: &Path) -> Result<T, Ended> {
    let mut json = Vec::new();
    let read = if file == Path::new("-") {
        stdin().lock().take(MOST_BYTES + 1).read_to_end(&mut json)
    } else {
        File::open(file).and_then(|from| from.take(MOST_BYTES + 1).read_to_end(&mut json))
    };
    read.map_err(|error| in_file(file, &format!("cannot be read: {error}")))?;
    if u64::try_from(json.len()).is_ok_and(|bytes| bytes > MOST_BYTES) {
        return Err(in_file(file, "is larger than 16 mebibytes"));
    }
    question::read_any(&json).map_err(|fault| in_file(file, &fault.to_string()))
}

fn in_file(file: &Path, said: &str) -> Ended {
    Ended::Usage(format!("{}: {said}", echo(&file.display().to_string())))
}

fn usage(problem: Problem) -> Ended {
    Ended::Usage(match problem.hint {
        Some(hint) => format!("{}: {}\nhint: {hint}", problem.field, problem.message),
        None => format!("{}: {}", problem.field, problem.message),
    })
}
