//! What came of a command, in lines: done, refused with what to do next, or overtaken by what
//! happened meanwhile. Decides nothing.

use chrono::TimeDelta;

use crate::{
    domain::when::Instant,
    engine::{
        events::Event,
        fault::{Fault, FaultKind},
    },
    tui::{clean::Clean, effect::Done, theme::Role},
};

/// Whether the object had changed when the command came.
pub fn is_late(fault: &Fault) -> bool {
    // Whoever buys pins a revision of the order and is told of a conflict.
    fault.kind == FaultKind::Stale || fault.details.contains_key("current_revision")
}

/// Whether nobody knows what came of it.
pub fn unanswered(result: Option<&Result<Done, Fault>>) -> bool {
    match result {
        None => true,
        Some(Ok(_)) => false,
        Some(Err(fault)) => fault.kind == FaultKind::Busy,
    }
}

/// How long before a question something may have happened that nobody saw yet.
const UNSEEN: TimeDelta = TimeDelta::seconds(10);

/// What the engine says has happened since the person looked, which they did at that time.
pub fn what_changed(about: Option<&Clean>, fault: &Fault, looked: Instant) -> Vec<Clean> {
    let message = &fault.message;
    let mut lines = vec![match about {
        Some(about) => clean!("! {about}: {message}"),
        None => Clean::new(message),
    }];
    let events = fault
        .details
        .get("what_happened")
        .and_then(|all| all.as_array());
    let is_old = |at: Instant| at <= looked - UNSEEN;
    for event in events.into_iter().flatten() {
        let part = |name: &str| event.get(name).and_then(|part| part.as_str()).unwrap_or("");
        let at = part("at");
        if at.parse().is_ok_and(is_old) {
            continue;
        }
        let at = at.get(11..19).unwrap_or(at);
        lines.push(clean!("{at}  {}  {}", part("event"), part("detail")));
    }
    lines
}

/// What happened to something, in a line.
pub fn happened(event: &Event) -> Clean {
    let at = event.at.format("%H:%M:%S");
    clean!("{at}  {}  {}", event.event, event.detail)
}

/// One line of the result: done, failed with what to do next, or still open.
pub fn told(about: &Clean, result: Option<&Result<Done, Fault>>) -> Vec<(Clean, Role)> {
    match result {
        None => vec![(clean!("... {about}"), Role::Muted)],
        Some(Ok(done)) => vec![(clean!("✓ {about}: {}", done.said), Role::Good)],
        Some(Err(fault)) => {
            let mut lines = vec![(clean!("✗ {about}: {}", fault.message), Role::Bad)];
            let more = fault.problems.iter().skip(1);
            lines.extend(more.map(|one| (clean!("  {}", one.to_sentence()), Role::Bad)));
            if let Some(hint) = &fault.hint {
                lines.push((clean!("  hint: {hint}"), Role::Muted));
            }
            lines
        }
    }
}
