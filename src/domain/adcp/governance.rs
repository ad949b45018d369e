//! Who has to agree to what is bought, outside of buyer and seller: which agents, what they are
//! asked, what they said. Refuses answers that are none, and approvals that have lapsed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::{
    problem::{Code, Problem},
    webhook::hook::Hook,
    when::Instant,
};

/// How many agents an account may have.
pub const MOST_AGENTS: usize = 10;
/// How many categories an agent may have.
const MOST_CATEGORIES: usize = 20;
/// The longest context that is kept and handed on.
const LONGEST_CONTEXT: usize = 4_096;

/// What an agent decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Yes.
    Approved,
    /// No.
    Denied,
    /// Yes, if.
    Conditions,
}

/// What an agent said of something that is to be bought.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Verdict {
    /// Which agent.
    pub agent_url: String,
    /// What it calls this check.
    pub check_id: String,
    /// What it decided.
    pub status: Decision,
    /// Why, in its words.
    pub explanation: String,
    /// What it found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Value>,
    /// On which conditions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Value>,
    /// What it wants to hear again next time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub governance_context: Option<String>,
    /// Until when its yes is good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Instant>,
}

/// Why an answer is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoVerdict {
    /// It is not as it should be.
    #[error("its answer is none")]
    Unreadable,
    /// Its yes is over before it was used.
    #[error("its approval has lapsed")]
    Lapsed,
}

/// An answer as it is read.
#[derive(Deserialize)]
struct Said {
    check_id: String,
    status: Decision,
    explanation: String,
    #[serde(default)]
    findings: Vec<Value>,
    #[serde(default)]
    conditions: Vec<Value>,
    #[serde(default)]
    governance_context: Option<String>,
    #[serde(default)]
    expires_at: Option<Instant>,
}

impl Verdict {
    /// Reads what an agent answered.
    ///
    /// # Errors
    /// When it is no answer, or no good any more.
    pub fn read(agent_url: &str, answer: Value, now: Instant) -> Result<Self, NoVerdict> {
        let said: Said = serde_json::from_value(answer).map_err(|_| NoVerdict::Unreadable)?;
        let plain = |text: &String| {
            let fits = (1..=LONGEST_CONTEXT).contains(&text.len());
            fits && text.bytes().all(|c| (0x20..0x7f).contains(&c))
        };
        if !said.governance_context.as_ref().is_none_or(plain) {
            return Err(NoVerdict::Unreadable);
        }
        let lapsed = said.expires_at.is_some_and(|until| until <= now);
        if lapsed && said.status != Decision::Denied {
            return Err(NoVerdict::Lapsed);
        }
        Ok(Self {
            agent_url: agent_url.to_owned(),
            check_id: said.check_id,
            status: said.status,
            explanation: said.explanation,
            findings: said.findings,
            conditions: said.conditions,
            governance_context: said.governance_context,
            expires_at: said.expires_at,
        })
    }

    /// Whether it lets what was asked for go on as it is: a condition that wants another value
    /// than what was asked for has to be met first.
    #[must_use]
    pub fn lets(&self, asked: &Map<String, Value>) -> bool {
        let met = |condition: &Value| {
            let Some(wanted) = condition.get("required_value") else {
                return true;
            };
            let field = condition.get("field").and_then(Value::as_str);
            let path = field.unwrap_or_default();
            let path = path.strip_prefix("planned_delivery.").unwrap_or(path);
            let planned = asked.get("planned_delivery");
            let found = path.split('.').fold(planned, |at, part| at?.get(part));
            found == Some(wanted)
        };
        match self.status {
            Decision::Approved => true,
            Decision::Denied => false,
            Decision::Conditions => self.conditions.iter().all(met),
        }
    }
}

/// Checks an agent that an account is to have, and reads where it is.
///
/// # Errors
/// With the field that makes no sense, named from `at` on.
pub fn agent(said: &Map<String, Value>, at: &str, sandbox: bool) -> Result<Hook, Problem> {
    let hook = Hook::read(said, at, sandbox)?;
    let wrong = |field: &str, message: &str| {
        let code = Code::new("INVALID_REQUEST");
        Err(Problem::new(format!("{at}.{field}"), code, message))
    };
    if !said.get("authentication").is_some_and(Value::is_object) {
        return wrong("authentication", "is missing");
    }
    let plain = |one: &Value| {
        let text = one.as_str().unwrap_or_default();
        let first = text.bytes().next().is_some_and(|c| c.is_ascii_lowercase());
        let all = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_';
        first && text.len() <= 64 && text.bytes().all(all)
    };
    match said.get("categories") {
        None => Ok(hook),
        Some(Value::Array(all)) if all.len() <= MOST_CATEGORIES && all.iter().all(plain) => {
            Ok(hook)
        }
        Some(_) => wrong("categories", "must be at most 20 names of a-z, 0-9 and `_`"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(answer: Value) -> Result<Verdict, NoVerdict> {
        let now = "2026-07-01T00:00:00Z".parse().expect("an instant");
        Verdict::read("https://gov.example/mcp", answer, now)
    }

    #[test]
    fn what_is_no_answer_is_no_approval() {
        let said = |more: Value| {
            let mut answer = json!({"check_id": "c", "status": "approved", "plan_id": "p",
                                    "explanation": "fine"});
            if let (Some(answer), Value::Object(more)) = (answer.as_object_mut(), more) {
                answer.extend(more);
            }
            answer
        };
        assert!(read(said(json!({}))).is_ok());
        for (answer, why) in [
            (json!({}), NoVerdict::Unreadable),
            (said(json!({"status": "maybe"})), NoVerdict::Unreadable),
            (
                said(json!({"governance_context": "ü"})),
                NoVerdict::Unreadable,
            ),
            (
                said(json!({"expires_at": "2026-06-30T00:00:00Z"})),
                NoVerdict::Lapsed,
            ),
        ] {
            assert_eq!(read(answer), Err(why));
        }
    }

    #[test]
    fn a_condition_lets_through_what_meets_it_and_advice_lets_all_through() {
        let asked = json!({"planned_delivery": {"geo": {"countries": ["US"]}}});
        let asked = asked.as_object().expect("an object");
        let on = |condition: Value| {
            read(
                json!({"check_id": "c", "status": "conditions", "explanation": "if",
                        "conditions": [condition]}),
            )
            .expect("a verdict")
            .lets(asked)
        };
        assert!(on(json!({"field": "packages", "reason": "report weekly"})));
        let geo = |value: Value| {
            json!({"field": "planned_delivery.geo.countries",
                                        "reason": "r", "required_value": value})
        };
        assert!(on(geo(json!(["US"]))));
        assert!(!on(geo(json!(["CA"]))));
    }
}
