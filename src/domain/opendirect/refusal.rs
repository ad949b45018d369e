//! A "no" from a state machine. Refuses to leave the asker without a next step: it says
//! what the thing is now and what could be done with it.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Why an action is not possible now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, thiserror::Error)]
pub struct Refusal {
    /// What was refused, such as `book`.
    pub action: String,
    /// What the action was meant for, such as `line`.
    pub thing: String,
    /// The state it is in.
    pub state: String,
    /// A reason beyond the state, as a clause.
    pub because: Option<String>,
    /// The actions that its state allows.
    pub possible: Vec<String>,
}

impl Refusal {
    /// Joins what was asked with what is possible.
    #[must_use]
    pub fn new(action: &str, thing: &str, state: &str, possible: &[&str]) -> Self {
        Self {
            action: action.to_owned(),
            thing: thing.to_owned(),
            state: state.to_owned(),
            because: None,
            possible: possible.iter().map(|one| (*one).to_owned()).collect(),
        }
    }

    /// Adds a reason that the state alone does not tell.
    #[must_use]
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.because = Some(reason.into());
        self
    }
}

impl fmt::Display for Refusal {
    /// For people: `cannot book this line: it is Draft; possible now: reserve, cancel`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "cannot {} this {}: it is {}",
            self.action.replace('_', " "),
            self.thing,
            self.state
        )?;
        if let Some(reason) = &self.because {
            write!(out, " and {reason}")?;
        }
        if self.possible.is_empty() {
            return write!(out, ", and nothing more can be done with it");
        }
        let possible = self.possible.join(", ").replace('_', " ");
        write!(out, "; possible now: {possible}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_says_where_it_stands_and_what_is_possible() {
        let refusal = Refusal::new("book", "line", "Draft", &["reserve", "cancel"]);
        assert_eq!(
            refusal.to_string(),
            "cannot book this line: it is Draft; possible now: reserve, cancel"
        );
        let refusal = Refusal::new("confirm_booking", "line", "Expired", &[]);
        assert_eq!(
            refusal.because("it ran out on 2026-07-01").to_string(),
            "cannot confirm booking this line: it is Expired and it ran out on 2026-07-01, \
             and nothing more can be done with it"
        );
    }
}
