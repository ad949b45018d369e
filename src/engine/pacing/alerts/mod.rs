//! Alerts: what on-call should look at, kept for each line with who sees to it, ranked by the
//! money that is at risk. They open when something has held for long enough, and resolve
//! themselves.

pub mod acknowledge;
pub mod list;
pub mod look;
pub mod snooze;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{list::Alerts, row::Open};
use crate::{
    domain::{
        ids::LineId,
        pacing::alerts::{
            Rule,
            watch::{Alert, Refusal},
            watched::Watched,
        },
        problem::{Code, Problem},
    },
    engine::{
        fault::{Fault, FaultKind},
        work::Work,
    },
    store::record::{Filter, Stored},
};

/// The kind of the reconciler that watches how lines pace.
pub const WATCH_PACING: &str = "watch_pacing";
/// What it is woken for.
pub const LINES: &str = "lines";
/// How many alerts one command may be about.
pub const MOST: usize = 1_000;

/// The states in which something is open, the worst first.
const OPEN: [&str; 3] = ["critical", "warning", "info"];

/// Which alerts: those of a rule on a line, or all that are open on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WhichAlert {
    /// The line.
    pub line_id: LineId,
    /// The rule; all of the line's where it is not said.
    #[serde(default)]
    pub rule: Option<Rule>,
}

/// What was done to alerts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tended {
    /// How many.
    pub alerts: usize,
}

/// Reads what is known of lines in these states.
async fn watched(work: &Work<'_>, states: &[&str]) -> Result<Vec<Stored<Watched>>, Fault> {
    let mut all = Vec::new();
    for state in states {
        let filter = Filter {
            state: Some((*state).to_owned()),
            limit: u32::MAX,
            ..Filter::default()
        };
        all.extend(work.list::<Watched>(&filter).await?);
    }
    Ok(all)
}

/// How many alerts are open on each line.
pub(in crate::engine) async fn open(work: &Work<'_>) -> Result<Alerts, Fault> {
    let all = watched(work, &OPEN).await?;
    let told = |stored: Stored<Watched>| {
        let one = stored.record;
        let open = Open {
            count: u32::try_from(one.open().count()).unwrap_or(u32::MAX),
            worst: one.worst(),
        };
        (one.line, open)
    };
    Ok(all.into_iter().map(told).collect())
}

/// Does something to alerts: all of them, or none.
async fn tend(
    work: &mut Work<'_>,
    which: &[WhichAlert],
    event: &'static str,
    act: impl Fn(Alert) -> Result<Alert, Refusal>,
) -> Result<Tended, Fault> {
    if which.is_empty() || which.len() > MOST {
        let code = Code::new("INVALID_PARAMETER");
        let message = format!("must be 1 to {MOST}");
        return Err(Fault::field(Problem::new("alerts", code, message)));
    }
    let mut lines: Vec<LineId> = which.iter().map(|one| one.line_id).collect();
    lines.sort_unstable();
    lines.dedup();
    let mut tended = Tended::default();
    for line in lines {
        let stored = work.get::<Watched>(&line.to_string()).await?;
        let stored = stored.ok_or_else(|| absent(line))?;
        let mut rules: Vec<Option<Rule>> = Vec::new();
        rules.extend(
            which
                .iter()
                .filter(|one| one.line_id == line)
                .map(|one| one.rule),
        );
        let mut record = stored.record.clone();
        let mut said = Vec::new();
        for alert in &mut record.alerts {
            let named = rules.contains(&Some(alert.key.rule));
            let meant = named || (rules.contains(&None) && alert.is_open());
            if !meant {
                continue;
            }
            *alert = act(alert.clone()).map_err(|refusal| refused(refusal, alert))?;
            said.push(alert.key.rule.code());
        }
        if said.is_empty() {
            return Err(absent(line));
        }
        tended.alerts += said.len();
        work.replace(&stored, &record)?;
        let by = work.caller().name.clone();
        let detail = format!("{} on {} by {by}", said.join(", "), record.name);
        work.tell(event, "alert", line.to_string(), detail);
    }
    Ok(tended)
}

fn absent(line: LineId) -> Fault {
    let message = "there is no such alert";
    Fault::new(FaultKind::NotFound, "ALERT_NOT_FOUND", message)
        .hint("list the alerts")
        .with("line_id", line.to_string())
}

fn refused(refusal: Refusal, alert: &Alert) -> Fault {
    Fault::wrong_state("INVALID_STATE", refusal.to_string())
        .with("rule", alert.key.rule.code())
        .with("line_id", alert.key.line.as_str())
}
