//! Compares an order as it is to be with the order as the ad server shows it: what differs, in
//! words, and what has to be done there. Decides nothing by what an answer claimed.

use chrono::Duration;

use super::AdOrder;
use crate::domain::{
    booking::upstream::differ::Disagreement,
    inventory::{
        item::{ItemStatus, Price},
        order::{HeldLine, HeldOrder, NewLine, NewOrder, Turn, Will},
    },
    money::Money,
    text,
    when::{Instant, rfc3339},
};

/// By how much times may differ: servers keep them to the minute.
const SAME_TIME: Duration = Duration::seconds(60);
/// By how much a line may begin later there that was placed after its flight had begun.
const LATE: Duration = Duration::hours(1);

/// What has to be done to an order there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// These lines are missing.
    Fill(Vec<NewLine>),
    /// A line is to have other dates, another goal or another price.
    Set {
        /// Which, by its id there.
        id: String,
        /// What it is to be.
        line: Box<NewLine>,
    },
    /// The whole order is to be agreed to, or put away.
    Order(Turn),
    /// Lines are to be held, or to go on.
    Lines(Turn, Vec<String>),
}

pub(super) fn differs(
    about: impl Into<String>,
    asked: impl Into<String>,
    shown: impl Into<String>,
) -> Disagreement {
    Disagreement {
        about: about.into(),
        asked: asked.into(),
        shown: shown.into(),
    }
}

/// Money in millionths.
fn micros(money: Money) -> i64 {
    let finer = 10i64.pow(6u32.saturating_sub(money.currency().decimals()));
    money.minor().saturating_mul(finer)
}

fn same_price(wanted: Money, held: &Price) -> bool {
    let code = wanted.currency().code();
    micros(wanted) == held.micros && (held.currency.is_empty() || held.currency == code)
}

fn same_time(wanted: Instant, held: Instant) -> bool {
    (wanted - held).abs() < SAME_TIME
}

/// Whether a line begins as it is to: what has begun cannot begin otherwise any more.
fn same_start(wanted: Instant, held: Instant, now: Instant) -> bool {
    same_time(wanted, held) || (wanted <= now && held <= now + LATE)
}

/// Where the terms of a line are not as they are to be.
fn terms(wanted: &NewLine, held: &HeldLine, now: Instant) -> Vec<Disagreement> {
    let mut all = Vec::new();
    let mut put = |what: &str, asked: String, shown: String| {
        all.push(differs(format!("{} {what}", wanted.mark), asked, shown));
    };
    if let Some(starts) = held
        .starts
        .filter(|at| !same_start(wanted.starts, *at, now))
    {
        put("begin", rfc3339(wanted.starts), rfc3339(starts));
    }
    if let Some(ends) = held.ends.filter(|at| !same_time(wanted.ends, *at)) {
        put("end", rfc3339(wanted.ends), rfc3339(ends));
    }
    let goal = i64::try_from(wanted.goal).unwrap_or(i64::MAX);
    if let Some(shown) = held.goal.filter(|shown| *shown != goal) {
        put("goal", goal.to_string(), shown.to_string());
    }
    let rate = held.rate.as_ref();
    if let Some(rate) = rate.filter(|rate| !same_price(wanted.rate, rate)) {
        let shown = format!("{} millionths {}", rate.micros, text::inert(&rate.currency));
        put("price", wanted.rate.to_string(), shown.trim().to_owned());
    }
    all
}

/// What a line does there that it is not to do; nothing where it does as it is to.
fn does(will: Will, status: ItemStatus) -> Option<&'static str> {
    match (will, status) {
        (Will::Hold | Will::End, ItemStatus::Active) => Some("delivers, or is about to"),
        (Will::Deliver, ItemStatus::Active | ItemStatus::Ended) | (Will::Hold | Will::End, _) => {
            None
        }
        (_, ItemStatus::Paused) => Some("held"),
        (_, ItemStatus::Waiting) => Some("waits to be agreed to there"),
        (_, ItemStatus::Inactive) => Some("switched off there, or without creatives"),
        (_, ItemStatus::Archived) => Some("put away there"),
        (_, ItemStatus::Unknown) => Some("in a state that is not known here"),
    }
}

fn found<'h>(wanted: &NewLine, held: &'h HeldOrder, known: &AdOrder) -> Option<&'h HeldLine> {
    let id = known.lines.iter().find(|one| one.name == wanted.name);
    held.line(id.and_then(|one| one.id.as_deref()), &wanted.name)
}

/// Whether a line was there once.
fn was_there(wanted: &NewLine, known: &AdOrder) -> bool {
    let mut lines = known.lines.iter();
    lines.any(|one| one.name == wanted.name && one.id.is_some())
}

/// Where an order is not as it was sold, line by line and field by field.
#[must_use]
pub fn differences(
    wanted: &NewOrder,
    held: &HeldOrder,
    known: &AdOrder,
    now: Instant,
) -> Vec<Disagreement> {
    let mut all = Vec::new();
    let runs = wanted.lines.iter().any(|line| line.will == Will::Deliver);
    if let Some(does) = does(Will::Deliver, held.status).filter(|_| runs) {
        // While the whole is off, no line of it delivers, whatever the line says.
        all.push(differs("order", Will::Deliver.words(), does));
    }
    for line in &wanted.lines {
        let Some(shown) = found(line, held, known) else {
            if line.will != Will::End {
                all.push(differs(&line.mark, "there", "not there"));
            }
            continue;
        };
        if line.will != Will::End {
            all.extend(terms(line, shown, now));
        }
        if let Some(does) = does(line.will, shown.status) {
            all.push(differs(&line.mark, line.will.words(), does));
        }
    }
    all
}

/// What has to be done so that an order becomes what it is to be, in this order: what is to stop
/// stops first, so that nothing that is refused keeps it going. Without `agreed` it is not agreed
/// to there: somebody there does that.
#[must_use]
pub fn deeds(
    wanted: &NewOrder,
    held: &HeldOrder,
    known: &AdOrder,
    (agreed, now): (bool, Instant),
) -> Vec<Deed> {
    let mut all = Vec::new();
    let living = |line: &&NewLine| line.can_begin();
    let missing = |line: &&NewLine| found(line, held, known).is_none() && !was_there(line, known);
    let missing = wanted.lines.iter().filter(living).filter(missing);
    let missing: Vec<NewLine> = missing.cloned().collect();
    let stops = |line: &NewLine| {
        let shown = found(line, held, known)?;
        does(line.will, shown.status).map(|_| shown.id.clone())
    };
    let ending = wanted
        .lines
        .iter()
        .filter(|line| line.will != Will::Deliver);
    let hold: Vec<String> = ending.filter_map(stops).collect();
    if !hold.is_empty() {
        all.push(Deed::Lines(Turn::Pause, hold));
    }
    if !missing.is_empty() {
        // The rest is seen once they are there.
        all.push(Deed::Fill(missing));
        return all;
    }
    let mut go_on = Vec::new();
    for line in &wanted.lines {
        let Some(shown) = found(line, held, known) else {
            continue;
        };
        if line.will != Will::End && !terms(line, shown, now).is_empty() {
            let (id, line) = (shown.id.clone(), Box::new(line.clone()));
            all.push(Deed::Set { id, line });
        }
        if (line.will, shown.status) == (Will::Deliver, ItemStatus::Paused) {
            go_on.push(shown.id.clone());
        }
    }
    let over = wanted.lines.iter().all(|line| line.will == Will::End);
    let runs = wanted.lines.iter().any(|line| line.will == Will::Deliver);
    let waits = matches!(held.status, ItemStatus::Waiting | ItemStatus::Paused);
    if runs && waits && agreed {
        all.push(Deed::Order(match held.status {
            ItemStatus::Paused => Turn::Resume,
            _ => Turn::Activate,
        }));
    }
    if !go_on.is_empty() {
        all.push(Deed::Lines(Turn::Resume, go_on));
    }
    let away = matches!(held.status, ItemStatus::Archived | ItemStatus::Inactive);
    if over && !away {
        all.push(Deed::Order(Turn::Archive));
    }
    all
}
