//! Why a call to another's MCP server did not come to what was asked, whichever of its shapes that
//! came in, and whether it can have been done all the same. Repeats what the other side says in
//! few words and without its control characters; refuses to guess that nothing was done.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::{
    domain::text,
    peers::upstream::{Sent, Silent},
};

/// The longest that is repeated of what the other side says, in characters.
const MOST_SAID: usize = 300;
/// The longest that anybody is told to wait.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// The code of a tool that the server does not have.
pub const UNKNOWN_TOOL: &str = "UNKNOWN_TOOL";
/// The code of a key that the server does not take.
pub const AUTH_REQUIRED: &str = "AUTH_REQUIRED";
/// The code of an address at which no MCP server answers.
pub const NOT_THERE: &str = "NOT_THERE";
/// The code of an answer that cannot be read.
pub const UNREADABLE: &str = "UNREADABLE";

/// What a fault means for whoever called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It was turned down, and nothing was done; asked again it would be turned down again.
    Refused,
    /// It certainly was not done, and may be done later.
    Passing,
    /// It may have arrived and may have been done: nobody knows.
    Lost,
}

/// Why a call did not come to what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{words}")]
pub struct Fault {
    /// What it means.
    pub kind: Kind,
    /// The other side's code, or one of ours; empty where there is none.
    pub code: String,
    /// Why, in words for people.
    pub words: String,
    /// The field that it is about, where the other side names one.
    pub field: Option<String>,
    /// What to do about it, where the other side says so.
    pub hint: Option<String>,
    /// After what time to come again, where the other side says so.
    pub retry_after: Option<Duration>,
}

impl Fault {
    pub(super) fn new(kind: Kind, code: &str, words: impl AsRef<str>) -> Self {
        Self {
            kind,
            code: few(code),
            words: few(words.as_ref()),
            field: None,
            hint: None,
            retry_after: None,
        }
    }

    pub(super) fn refused(code: &str, words: impl AsRef<str>) -> Self {
        Self::new(Kind::Refused, code, words)
    }

    pub(super) fn passing(words: impl AsRef<str>) -> Self {
        Self::new(Kind::Passing, "", words)
    }

    pub(super) fn lost(words: impl AsRef<str>) -> Self {
        Self::new(Kind::Lost, "", words)
    }

    /// An answer that is more than anybody reads.
    pub(crate) fn too_much(words: &str) -> Self {
        Self::refused(UNREADABLE, words)
    }

    pub(super) fn after(mut self, wait: Option<Duration>) -> Self {
        self.retry_after = wait.map(|wait| wait.min(LONGEST_WAIT));
        self
    }

    /// Whether the server has no such tool.
    #[must_use]
    pub fn is_unknown_tool(&self) -> bool {
        self.code == UNKNOWN_TOOL
    }

    /// As what came of something that was sent.
    #[must_use]
    pub fn sent<T>(self) -> Sent<T> {
        let words = self.sentence();
        match self.kind {
            Kind::Refused => Sent::Refused(words),
            Kind::Passing => Sent::NotDone(words),
            Kind::Lost => Sent::Lost(words),
        }
    }

    /// As the reason why a question was not answered.
    #[must_use]
    pub fn silent(self) -> Silent {
        Silent(self.sentence())
    }

    /// All of it, in a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let mut said = self.words.clone();
        if let Some(field) = &self.field
            && !said.contains(field.as_str())
        {
            said = format!("{field}: {said}");
        }
        if let Some(hint) = &self.hint {
            said = format!("{said} ({hint})");
        }
        said
    }

    /// Reads an error of the protocol that agents trade by.
    pub(super) fn of_adcp(error: &Value) -> Option<Self> {
        let error = match error {
            Value::String(words) if !words.trim().is_empty() => {
                return Some(Self::refused("", words));
            }
            Value::Object(error) => error,
            _ => return None,
        };
        let text = |name: &str| {
            let text = error.get(name).and_then(Value::as_str);
            text.filter(|text| !text.trim().is_empty())
        };
        let code = text("code").unwrap_or_default();
        let words = text("message").or_else(|| text("detail"));
        if code.is_empty() && words.is_none() {
            return None;
        }
        let wait = error.get("retry_after").and_then(Value::as_u64);
        Some(Self {
            field: text("field").map(few),
            hint: text("suggestion").map(few),
            ..Self::new(of_code(code, text("recovery")), code, words.unwrap_or(code))
                .after(wait.map(Duration::from_secs))
        })
    }

    /// Reads an error of the transport itself.
    pub(super) fn of_rpc(error: &Map<String, Value>) -> Self {
        let code = error.get("code").and_then(Value::as_i64).unwrap_or(0);
        let message = error.get("message").and_then(Value::as_str);
        let message = message.unwrap_or("it gave an error without words");
        let inner = error.get("data").and_then(|data| data.get("adcp_error"));
        if let Some(fault) = inner.and_then(Self::of_adcp) {
            return fault;
        }
        match code {
            -32029 => Self::new(Kind::Passing, "RATE_LIMITED", message),
            -32027 => Self::new(Kind::Passing, "SERVICE_UNAVAILABLE", message),
            -32028 => Self::refused(AUTH_REQUIRED, message),
            // What cannot be read or is not known was not begun.
            -32700 | -32602..=-32600 if names_no_tool(message) => {
                Self::refused(UNKNOWN_TOOL, message)
            }
            -32700 | -32602..=-32600 => Self::refused("", message),
            _ => Self::new(Kind::Lost, "", message),
        }
    }

    /// Reads an error that is told in plain words.
    pub(super) fn of_words(words: &str) -> Self {
        let lower = words.to_ascii_lowercase();
        if names_no_tool(words) {
            return Self::refused(UNKNOWN_TOOL, words);
        }
        if lower.contains("authentication") || lower.contains("token is invalid") {
            return Self::refused(AUTH_REQUIRED, words);
        }
        // So servers report that a tool broke in the middle of its work.
        if lower.starts_with("error calling tool") || lower.starts_with("internal error") {
            return Self::lost(words);
        }
        Self::refused("", words)
    }
}

/// What an error of that code means. That it passes says nothing of what was done: only codes by
/// which certainly nothing was are taken for that.
fn of_code(code: &str, recovery: Option<&str>) -> Kind {
    match (code, recovery) {
        // What was looked at has changed: the same would be turned down again.
        ("CONFLICT" | "INVALID_STATE" | "IDEMPOTENCY_CONFLICT", _) => Kind::Refused,
        ("RATE_LIMITED" | "SERVICE_UNAVAILABLE" | "GOVERNANCE_UNAVAILABLE", _) => Kind::Passing,
        // It broke, or under the same key it is being done.
        ("INTERNAL_ERROR" | "execution_error" | "IDEMPOTENCY_IN_FLIGHT", _)
        | (_, Some("transient")) => Kind::Lost,
        _ => Kind::Refused,
    }
}

fn names_no_tool(words: &str) -> bool {
    let lower = words.to_ascii_lowercase();
    lower.contains("unknown tool")
        || (lower.contains("tool") && lower.contains("not found"))
        || lower.contains("no such tool")
}

/// The beginning of what the other side says, fit to be shown.
pub(super) fn few(text: &str) -> String {
    let some: String = text.trim().chars().take(MOST_SAID).collect();
    text::inert(&some)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_code_says_whether_to_come_again() {
        let kind = |error: Value| Fault::of_adcp(&error).expect("an error").kind;
        assert_eq!(kind(json!({"code": "BUDGET_TOO_LOW"})), Kind::Refused);
        assert_eq!(kind(json!({"code": "RATE_LIMITED"})), Kind::Passing);
        let odd = json!({"code": "WHATEVER", "recovery": "transient", "retry_after": 7});
        let odd = Fault::of_adcp(&odd).expect("an error");
        assert_eq!(odd.kind, Kind::Lost, "it may have broken after it did it");
        assert_eq!(odd.retry_after, Some(Duration::from_secs(7)));
        let broken = json!({"code": "INTERNAL_ERROR", "recovery": "transient"});
        assert_eq!(kind(broken), Kind::Lost);
        let busy = json!({"code": "SERVICE_UNAVAILABLE", "recovery": "transient"});
        assert_eq!(kind(busy), Kind::Passing);
        assert_eq!(kind(json!({"code": "IDEMPOTENCY_IN_FLIGHT"})), Kind::Lost);
        // It calls that transient, and it never passes.
        let done =
            json!({"code": "CONFLICT", "recovery": "transient", "message": "is already completed"});
        assert_eq!(kind(done), Kind::Refused);
        assert_eq!(Fault::of_adcp(&json!({})), None);
        assert_eq!(Fault::of_adcp(&json!(null)), None);
    }

    #[test]
    fn what_broke_in_the_middle_is_not_known_to_be_undone() {
        let kind = |words: &str| Fault::of_words(words).kind;
        assert_eq!(kind("Error calling tool 'x': boom"), Kind::Lost);
        assert_eq!(kind("Input validation error"), Kind::Refused);
        assert!(Fault::of_words("Unknown tool: get_media_buys").is_unknown_tool());
        let error = json!({"code": -32603, "message": "Internal error"});
        assert_eq!(
            Fault::of_rpc(error.as_object().expect("one")).kind,
            Kind::Lost
        );
        let error = json!({"code": -32602, "message": "Tool 'x' not found"});
        assert!(Fault::of_rpc(error.as_object().expect("one")).is_unknown_tool());
    }

    #[test]
    fn what_it_says_is_cut_and_harmless() {
        let fault = Fault::of_words(&format!("\u{1b}[2J{}", "x".repeat(1_000)));
        assert!(fault.words.chars().count() <= MOST_SAID);
        assert!(!fault.words.contains('\u{1b}'), "{}", fault.words);
    }
}
