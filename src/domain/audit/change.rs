//! What a command changed of its object, as the trail tells it: facts in words, before and after.
//! Refuses to tell all of an object, and a fact at any length: a line is to be read.

use std::{collections::BTreeMap, fmt};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How many changes a line tells; what is beyond is counted.
const MOST: usize = 16;
/// How many letters of a fact are told.
const LETTERS: usize = 120;

/// What of an object is told, by name; nothing of what says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts(Vec<(String, String)>);

impl Facts {
    /// Adds one, unless it says nothing.
    #[must_use]
    pub fn and(mut self, what: impl Into<String>, fact: &impl ToString) -> Self {
        let fact = fact.to_string();
        if !fact.is_empty() {
            self.0.push((what.into(), short(fact)));
        }
        self
    }

    fn by_name(&self) -> BTreeMap<&str, &str> {
        let each = self.0.iter();
        each.map(|(what, fact)| (&**what, &**fact)).collect()
    }
}

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
    let (was, is) = (before.by_name(), after.by_name());
    let gone = before
        .0
        .iter()
        .filter(|(what, _)| !is.contains_key(&**what));
    let names = after.0.iter().chain(gone).map(|(what, _)| &**what);
    let differs = names.filter(|what| was.get(what) != is.get(what));
    few(differs.map(|what| Change {
        what: what.to_owned(),
        before: was.get(what).map(ToString::to_string),
        after: is.get(what).map(ToString::to_string),
    }))
}

/// As many of these as a line tells, and how many more there are.
pub fn few(changes: impl IntoIterator<Item = Change>) -> Vec<Change> {
    let mut rest = changes.into_iter();
    let mut told: Vec<Change> = rest.by_ref().take(MOST).collect();
    let more = rest.count();
    if more > 0 {
        told.push(Change {
            what: "further changes".to_owned(),
            before: None,
            after: Some(more.to_string()),
        });
    }
    told
}

fn short(mut fact: String) -> String {
    if let Some((end, _)) = fact.char_indices().nth(LETTERS) {
        fact.truncate(end);
        fact.push('…');
    }
    fact
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(of: &[(&str, &str)]) -> Facts {
        let each = of.iter();
        each.fold(Facts::default(), |facts, (what, fact)| {
            facts.and(*what, fact)
        })
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
        let many = |facts: Facts, n: u8| facts.and(n.to_string(), &"x".repeat(500));
        let many = (0..40).fold(Facts::default(), many);
        let changes = between(&Facts::default(), &many);
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
