//! What is wrong with something that was sent: which field, which rule, and what to do.
//! Refuses to carry raw input: whoever writes a message quotes through `text::echo`.

use std::{borrow::Cow, fmt};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The stable name of a rule that was broken, such as `INVALID_BUDGET`. An open set, so
/// that an engine of another version can still be understood.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Code(Cow<'static, str>);

impl Code {
    /// A name that is unusable: empty, too long, invisible or with control characters.
    pub const INVALID_NAME: Self = Self::new("INVALID_NAME");
    /// No objective, too many, or one that is no readable line.
    pub const INVALID_OBJECTIVE: Self = Self::new("INVALID_OBJECTIVE");
    /// A budget that is not above zero, too fine or too large.
    pub const INVALID_BUDGET: Self = Self::new("INVALID_BUDGET");
    /// A currency that is not traded in here.
    pub const INVALID_CURRENCY: Self = Self::new("INVALID_CURRENCY");
    /// Not a day of the calendar in the one accepted form.
    pub const INVALID_DATE: Self = Self::new("INVALID_DATE");
    /// Two days that do not make a flight.
    pub const INVALID_FLIGHT: Self = Self::new("INVALID_FLIGHT");
    /// A flight that lies wholly in the past.
    pub const FLIGHT_ENDED: Self = Self::new("FLIGHT_ENDED");
    /// A channel that nobody here knows.
    pub const UNKNOWN_CHANNEL: Self = Self::new("UNKNOWN_CHANNEL");
    /// A list with more entries than are read.
    pub const TOO_MANY: Self = Self::new("TOO_MANY");
    /// An audience that is too large, too deep or unprintable.
    pub const INVALID_AUDIENCE: Self = Self::new("INVALID_AUDIENCE");
    /// A key performance indicator that makes no sense.
    pub const INVALID_KPI: Self = Self::new("INVALID_KPI");
    /// Bounds for price talks that make no sense.
    pub const INVALID_NEGOTIATION: Self = Self::new("INVALID_NEGOTIATION");

    /// Names a rule in capitals and underscores.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// The name as it stands on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// One thing that is wrong with what was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// Where, as a path: `brief.start_date`, `brief.objectives[1]`.
    pub field: String,
    /// Which rule was broken.
    pub code: Code,
    /// What is wrong, for people; begins with the field's everyday name.
    pub message: String,
    /// What to do about it, if there is more to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Problem {
    /// Says what is wrong with a field.
    #[must_use]
    pub fn new(field: impl Into<String>, code: Code, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            code,
            message: message.into(),
            hint: None,
        }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.field, self.message)?;
        match &self.hint {
            Some(hint) => write!(out, " (hint: {hint})"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_reads_as_a_sentence_and_survives_the_wire() {
        let problem = Problem::new("brief.budget", Code::INVALID_BUDGET, "must be above zero")
            .hint("give an amount such as 25000");
        assert_eq!(
            problem.to_string(),
            "brief.budget: must be above zero (hint: give an amount such as 25000)"
        );
        let text = serde_json::to_string(&problem).expect("json");
        assert!(text.contains(r#""code":"INVALID_BUDGET""#), "{text}");
        assert_eq!(
            serde_json::from_str::<Problem>(&text).expect("read"),
            problem
        );
    }
}
