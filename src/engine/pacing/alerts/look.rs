//! Looks at lines by every rule, and writes down what became of their alerts. Asked which lines
//! have news it changes nothing, so that a look that finds none leaves no trace.

use std::collections::HashMap;

use chrono::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::watched;
use crate::{
    domain::{
        delivery::measured::Measured,
        ids::LineId,
        pacing::{
            alerts::{
                Finding, Rule,
                rules::{Hour, Signals},
                watched::{News, Watched},
            },
            counted::Counted,
            figures::{Figures, due_at},
            floor::Metric,
            ratio::Ratio,
            status::Bounds,
            terms::{Lifecycle, Seen},
        },
        policy::Permission,
        when::Instant,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        pacing::book::{Weighed, Which, should_run, unit, weighed},
        work::Work,
    },
    store::record::{Filter, Stored},
};

/// How often it is looked although nobody counted anything.
const LOOK: Duration = Duration::minutes(10);
/// How many lines one command is about at most.
pub const AT_ONCE: usize = 250;

/// Which lines have news; for the engine only.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PacingNews {}

/// Which lines have news.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NewsOf {
    /// These.
    pub line_ids: Vec<LineId>,
    /// When to look again; never, when no line is live.
    pub next: Option<Instant>,
}

/// Looks at lines by every rule; for the engine only.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LookAtPacing {
    /// Which lines.
    pub line_ids: Vec<LineId>,
}

impl Operation for PacingNews {
    const NAME: &'static str = "alerts.news";
    const ABOUT: &'static str = "Say which lines have news; for the engine only.";
    const KIND: Kind = Kind::Query(Permission::RunEngine);
    type Output = NewsOf;

    async fn perform(self, work: &mut Work<'_>) -> Result<NewsOf, Fault> {
        let known = watched(work, &["critical", "warning", "info", "seen", "waiting"]).await?;
        let known = known.into_iter().map(|stored| stored.record);
        let mut known: HashMap<LineId, Watched> = known.map(|one| (one.line, one)).collect();
        let lines = weighed(work, Which::Live { ended: false }, None).await?;
        let mut line_ids = Vec::new();
        let any = !lines.is_empty();
        for one in lines {
            let before = known.remove(&one.entry.line);
            let now = before.clone().unwrap_or_else(|| quiet(&one));
            let (now, _) = now.look(findings(&one, work.now()), as_of(&one), work.now());
            if now.is_news_to(before.as_ref()) {
                line_ids.push(one.entry.line);
            }
        }
        // What is left is no longer live: whatever was wrong with it is over.
        line_ids.extend(known.into_keys());
        Ok(NewsOf {
            line_ids,
            next: any.then(|| work.now() + LOOK),
        })
    }
}

impl Operation for LookAtPacing {
    const NAME: &'static str = "alerts.look";
    const ABOUT: &'static str = "Look at lines by every rule; for the engine only.";
    const KIND: Kind = Kind::Command(Permission::RunEngine);
    type Output = super::Tended;

    async fn perform(self, work: &mut Work<'_>) -> Result<super::Tended, Fault> {
        work.about("watched");
        let ids: Vec<String> = self.line_ids.iter().map(ToString::to_string).collect();
        let filter = Filter {
            limit: u32::MAX,
            ids: Some(ids),
            ..Filter::default()
        };
        let known = work.list::<Watched>(&filter).await?;
        let mut known: HashMap<LineId, Stored<Watched>> = known
            .into_iter()
            .map(|one| (one.record.line, one))
            .collect();
        let now = work.now();
        let mut tended = super::Tended::default();
        for one in weighed(work, Which::These(self.line_ids), None).await? {
            let before = known.remove(&one.entry.line);
            let was = before.as_ref().map(|stored| &stored.record);
            let found = if one.entry.booked.status.is_final() {
                Vec::new()
            } else {
                findings(&one, now)
            };
            let begun = was.cloned().unwrap_or_else(|| quiet(&one));
            let (after, news) = begun.look(found, as_of(&one), now);
            if !after.is_news_to(was) {
                continue;
            }
            match &before {
                Some(stored) => work.replace(stored, &after)?,
                None => work.create(&after)?,
            }
            tended.alerts += news.len();
            tell(work, &after, news);
        }
        Ok(tended)
    }
}

fn tell(work: &mut Work<'_>, line: &Watched, news: Vec<(News, Finding)>) {
    for (what, finding) in news {
        let (event, said) = match what {
            News::Opened => ("alerts.opened", finding.said.as_str()),
            News::Resolved => ("alerts.resolved", "nothing is wrong any more"),
        };
        let detail = format!("{} on {}: {said}", finding.rule.code(), line.name);
        work.tell(event, "alert", line.line.to_string(), detail);
    }
}

fn quiet(one: &Weighed) -> Watched {
    let entry = &one.entry;
    Watched {
        line: entry.line,
        order: entry.order_id,
        name: entry.name.clone(),
        order_name: entry.order().into(),
        owner: entry.owner().into(),
        currency: one.terms.currency,
        as_of: None,
        alerts: Vec::new(),
    }
}

fn as_of(one: &Weighed) -> Option<Instant> {
    one.entry.counted.as_ref().map(|counted| counted.latest.at)
}

/// What others counted, and how well it was shown beside what was agreed.
fn quality(one: &Weighed, signals: &mut Signals<'_>) {
    let measured = one.entry.measured.as_ref();
    signals.theirs = measured.and_then(Measured::farthest).cloned();
    let ours = one.entry.counted.as_ref().map(Counted::counts);
    let floors = one.entry.parcel().map(|(_, parcel)| &parcel.floors);
    for floor in floors.into_iter().flatten() {
        let beside = floor.beside(measured, ours.as_ref());
        match floor.metric {
            Metric::Viewability => signals.viewability = beside,
            Metric::CompletionRate => signals.completion = beside,
        }
    }
}

/// Everything that is wrong with a line now.
fn findings(one: &Weighed, now: Instant) -> Vec<Finding> {
    let mut terms = one.terms.clone();
    if !should_run(&terms, now) && one.entry.counted.is_none() {
        return Vec::new();
    }
    // What waits for its creatives should run all the same, once its flight has begun.
    if terms.lifecycle == Lifecycle::PendingCreatives {
        terms.lifecycle = Lifecycle::Live;
    }
    let bounds = Bounds::default();
    let seen = one.seen.unwrap_or_else(|| Seen::new(Ratio::ZERO, now));
    let figures = Figures::of(&terms, &seen);
    let mut signals = Signals::new(&terms, &seen, &figures, &bounds, now);
    signals.creative = one.entry.creative();
    quality(one, &mut signals);
    if let Some(counted) = &one.entry.counted {
        let counts = unit(&terms);
        signals.previous = counted.previous(counts);
        signals.best_day = counted.best_day(counts);
        signals.upstream = counted.upstream();
        let due = due_at(&terms, seen.as_of)
            .zip(due_at(&terms, seen.as_of - Duration::hours(1)))
            .and_then(|(now, before)| now.minus(before));
        signals.hour = counted.hour.zip(due).map(|((then, now), expected)| Hour {
            now: Ratio::count(now),
            then: Ratio::count(then),
            expected,
        });
        let over = signals
            .previous
            .filter(|before| before.at >= terms.clock.end());
        let after = over.and_then(|before| seen.delivered.minus(before.delivered));
        signals.after_flight = after.map_or(Ratio::ZERO, Ratio::or_zero);
    }
    let mut found = signals.findings();
    if one.entry.counted.is_none() {
        // What nobody counts has not started, and nothing more is known of it.
        let known = [Rule::NotStarted, Rule::CreativeBlocking];
        found.retain(|finding| known.contains(&finding.rule));
    }
    found
}
