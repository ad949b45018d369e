//! What a command changed of its object, as the trail tells it: facts in words, before and after.
//! Refuses to tell all of an object, and a fact at any length: a line is to be read.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How many changes a line tells; what is beyond is counted.
const MOST: usize = 16;
/// How many letters of a fact are told.
const LETTERS: usize = 120;

/// What of an object is told, by name.
pub type Facts = Vec<(String, String)>;

/// One fact that a command changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// What of the object: `state`, `amount`.
    pub what: String,
    /// Before; nothing where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// After; nothing where there is none any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

impl fmt::Display for Change {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = &self.what;
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => write!(out, "{what} {before} → {after}"),
            (Some(before), None) => write!(out, "{what} was {before}"),
            (None, after) => write!(out, "{what} {}", after.as_deref().unwrap_or("nothing")),
        }
    }
}

/// What differs between two tellings of one object, in the order of the later one; what is there
/// no more comes last.
#[must_use]
pub fn between(before: &Facts, after: &Facts) -> Vec<Change> {
    let find = |facts: &Facts, what: &str| {
        let found = facts.iter().find(|(name, _)| name == what);
        found.map(|(_, fact)| short(fact))
    };
    let gone = before
        .iter()
        .filter(|(what, _)| find(after, what).is_none());
    let names = after.iter().chain(gone).map(|(what, _)| what);
    let changes = names.map(|what| Change {
        what: what.clone(),
        before: find(before, what),
        after: find(after, what),
    });
    let mut changes: Vec<Change> = changes.filter(|one| one.before != one.after).collect();
    let more = changes.len().saturating_sub(MOST);
    if more > 0 {
        changes.truncate(MOST);
        changes.push(Change {
            what: "further changes".to_owned(),
            before: None,
            after: Some(more.to_string()),
        });
    }
    changes
}

fn short(fact: &str) -> String {
    match fact.char_indices().nth(LETTERS) {
        Some((end, _)) => format!("{}…", &fact[..end]),
        None => fact.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(of: &[(&str, &str)]) -> Facts {
        let owned = |(what, fact): &(&str, &str)| ((*what).to_owned(), (*fact).to_owned());
        of.iter().map(owned).collect()
    }

    fn told(changes: &[Change]) -> Vec<(&str, Option<&str>, Option<&str>)> {
        let each = changes.iter();
        each.map(|one| (&*one.what, one.before.as_deref(), one.after.as_deref()))
            .collect()
    }

    #[test]
    fn only_what_differs_is_told() {
        let before = facts(&[("state", "running"), ("amount", "5"), ("note", "x")]);
        let after = facts(&[("state", "cancelled"), ("amount", "5"), ("by", "ana")]);
        let changes = between(&before, &after);
        assert_eq!(
            told(&changes),
            [
                ("state", Some("running"), Some("cancelled")),
                ("by", None, Some("ana")),
                ("note", Some("x"), None),
            ]
        );
        assert_eq!(between(&after, &after), []);
    }

    #[test]
    fn a_line_stays_short() {
        let many: Facts = (0..40).map(|n| (n.to_string(), "x".repeat(500))).collect();
        let changes = between(&Facts::new(), &many);
        assert_eq!(changes.len(), MOST + 1);
        assert_eq!(changes[MOST].after.as_deref(), Some("24"));
        let letters = changes[0].after.as_ref().map(|fact| fact.chars().count());
        assert_eq!(letters, Some(LETTERS + 1));
    }

    #[test]
    fn a_long_fact_that_differs_only_at_its_end_is_the_same_to_a_reader() {
        let long = |end: &str| facts(&[("note", &format!("{}{end}", "x".repeat(LETTERS)))]);
        assert_eq!(between(&long("a"), &long("b")), []);
    }
}
