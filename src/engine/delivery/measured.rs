//! Takes in what others counted of lines: the buyer's ad server, or whoever measures for the
//! contract. All of a command's counts are kept, or none; one that is no newer than what its
//! source said before is passed over and said so. Refuses counts of lines that are not there,
//! from the future, and with parts that are more than the whole.

use std::collections::{BTreeMap, btree_map::Entry};

use chrono::{Days, Duration};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::series::{Grain, marks};
use crate::{
    domain::{
        delivery::{
            measured::{Count, Measured, SOURCES, ours},
            running::by,
            track::Track,
        },
        ids::LineId,
        opendirect::{booking_status::LineBookingStatus, line::Line},
        policy::Permission,
        text::check_line,
        when::Instant,
    },
    engine::{
        fault::{Fault, FaultKind},
        operation::{Kind, Operation},
        pacing::alerts::{LINES, WATCH_PACING},
        work::Work,
    },
    store::record::Stored,
};

/// How many counts one command may bring.
pub const MOST: usize = 2_000;
/// The longest name of a source.
const LONGEST_NAME: usize = 80;
/// How far another's clock may be before ours.
const AHEAD: Duration = Duration::minutes(5);

/// Takes in what others counted of lines.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteMeasured {
    /// The totals of lines, each since the line began.
    pub counts: Vec<OthersCount>,
}

/// What somebody else counted of a line until some time: totals since it began.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OthersCount {
    /// Which line.
    pub line_id: LineId,
    /// Who counted: a name, or the domain of the vendor that the contract names.
    pub source: String,
    /// Until when, in UTC.
    pub until: Instant,
    /// Impressions.
    pub impressions: u64,
    /// Impressions whose viewability could be measured.
    #[serde(default)]
    pub measurable: Option<u64>,
    /// Impressions that were in view.
    #[serde(default)]
    pub viewable: Option<u64>,
    /// Videos seen to the end.
    #[serde(default)]
    pub completes: Option<u64>,
}

/// What became of the counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Noted {
    /// How many were kept.
    pub taken: usize,
    /// How many were no newer than what their source had said.
    pub old: usize,
    /// How many reach beyond our own count, and so are held against nothing.
    pub beyond: usize,
    /// How many are more than 10 % from ours.
    pub apart: usize,
}

/// What others counted of one line, with what was stored of it.
struct Page {
    known: Option<Stored<()>>,
    measured: Measured,
    changed: bool,
}

impl Operation for NoteMeasured {
    const NAME: &'static str = "delivery.measured";
    const ABOUT: &'static str =
        "Take in what others counted of lines, to hold it against what we count.";
    const KIND: Kind = Kind::Command(Permission::TradeOrders);
    type Output = Noted;

    async fn perform(self, work: &mut Work<'_>) -> Result<Noted, Fault> {
        if self.counts.len() > MOST {
            let message = format!("counts: at most {MOST} at once");
            return Err(Fault::new(FaultKind::Invalid, "TOO_MANY_COUNTS", message)
                .hint("send them in several commands"));
        }
        let mut pages: BTreeMap<LineId, Page> = BTreeMap::new();
        let mut told = Noted::default();
        for said in self.counts {
            let line = said.line_id;
            let count = said.held(work).await?;
            let page = match pages.entry(line) {
                Entry::Occupied(page) => page.into_mut(),
                Entry::Vacant(new) => new.insert(open(work, line).await?),
            };
            enter(page, count, &mut told)?;
        }
        for page in pages.into_values().filter(|page| page.changed) {
            match &page.known {
                Some(known) => work.replace(known, &page.measured)?,
                None => work.create(&page.measured)?,
            }
        }
        work.about(format!("delivery/{} counts of others", told.taken));
        if told.taken > 0 {
            let detail = format!("{} counts of others", told.taken);
            work.tell("delivery.measured", "delivery", "measured", detail);
            work.wake(WATCH_PACING, LINES, work.now());
        }
        Ok(told)
    }
}

impl OthersCount {
    /// The count beside what we had counted by then.
    async fn held(self, work: &Work<'_>) -> Result<Count, Fault> {
        let wrong = |code: &'static str, message: String| {
            Fault::new(FaultKind::Invalid, code, message).with("line_id", self.line_id.to_string())
        };
        let source = self.source.trim();
        if let Err(bad) = check_line(source, LONGEST_NAME) {
            return Err(wrong("BAD_SOURCE", format!("source: {bad}")));
        }
        if self.until > work.now() + AHEAD {
            let message = format!("a count reaches until {}", self.until);
            return Err(wrong("COUNT_FROM_THE_FUTURE", message)
                .hint("until is the time until which was counted, in UTC"));
        }
        let day = self.until.date_naive();
        let days = (
            day.checked_sub_days(Days::new(1)).unwrap_or(day),
            day.checked_add_days(Days::new(1)).unwrap_or(day),
        );
        let marks = marks(work, &self.line_id, Grain::Hour, days).await?;
        let ours = match ours(&marks, self.until) {
            None => in_all(work, self.line_id, self.until).await?,
            ours => ours,
        };
        let count = Count {
            source: source.into(),
            until: self.until,
            impressions: self.impressions,
            measurable: self.measurable,
            viewable: self.viewable,
            completes: self.completes,
            ours,
        };
        match count.wrong() {
            Some(why) => Err(wrong("IMPOSSIBLE_COUNT", why.into())),
            None => Ok(count),
        }
    }
}

/// All that we counted of a line that is over: whoever else counts may do so for days after it.
async fn in_all(work: &Work<'_>, line: LineId, until: Instant) -> Result<Option<u64>, Fault> {
    let Some(known) = work.get::<Line>(&line.to_string()).await? else {
        return Ok(None);
    };
    if by(known.record, work.now()).status != LineBookingStatus::Finished {
        return Ok(None);
    }
    let track = work.get::<Track>(&line.to_string()).await?;
    let latest = track.map(|stored| stored.record.latest);
    let latest = latest.filter(|latest| latest.as_of <= until);
    Ok(latest.map(|latest| latest.impressions))
}

async fn open(work: &Work<'_>, line: LineId) -> Result<Page, Fault> {
    if let Some(stored) = work.get::<Measured>(&line.to_string()).await? {
        let (measured, known) = stored.part();
        return Ok(Page {
            known: Some(known),
            measured,
            changed: false,
        });
    }
    work.find::<Line, _>(line).await?;
    let counts = Vec::new();
    Ok(Page {
        known: None,
        measured: Measured {
            line_id: line,
            counts,
        },
        changed: false,
    })
}

fn enter(page: &mut Page, count: Count, told: &mut Noted) -> Result<(), Fault> {
    let (beyond, apart) = (count.ours.is_none(), count.is_apart());
    if !page.measured.take(count) {
        told.old += 1;
        return Ok(());
    }
    if page.measured.counts.len() > SOURCES {
        let message = format!("source: at most {SOURCES} may count a line");
        return Err(Fault::new(FaultKind::Invalid, "TOO_MANY_SOURCES", message)
            .with("line_id", page.measured.line_id.to_string())
            .hint("call each of them by the same name every time"));
    }
    page.changed = true;
    told.taken += 1;
    told.beyond += usize::from(beyond);
    told.apart += usize::from(apart);
    Ok(())
}
