//! Who comes: names and where to write to, as the guest gave them. Refuses what cannot be read on
//! one line, and an address that nobody could write to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::unreadable;
use crate::domain::{
    ids::{LeadId, TenantId},
    problem::{Code, Problem},
    text::{echo, is_inert},
};

/// The longest name, in characters.
const LONGEST_NAME: usize = 100;
/// The longest address.
const LONGEST_EMAIL: usize = 254;
/// The longest phone number.
const LONGEST_PHONE: usize = 40;
/// The longest interest.
const LONGEST_INTEREST: usize = 200;
/// The longest notes, in bytes.
const LONGEST_NOTES: usize = 4000;
/// The most that is kept of where a booking came from, in bytes of JSON.
const LARGEST_SOURCE: usize = 4096;

/// Who comes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Guest {
    /// The first name.
    pub first_name: String,
    /// The last name.
    pub last_name: String,
    /// Where to write to.
    pub email: String,
    /// Where to call.
    #[serde(default)]
    pub phone: Option<String>,
    /// What else the guest said.
    #[serde(default)]
    pub notes: Option<String>,
    /// What the guest is interested in.
    #[serde(default)]
    pub interest: Option<String>,
    /// Where the booking came from: a word, or an object of them.
    #[serde(default)]
    pub source: Option<Value>,
}

impl Guest {
    /// The whole name.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name)
    }

    /// The same guest has the same number in all bookings of a tenant: whoever has that address.
    #[must_use]
    pub fn lead(&self, tenant: &TenantId) -> LeadId {
        let space = Uuid::new_v5(&Uuid::NAMESPACE_DNS, tenant.as_str().as_bytes());
        Uuid::new_v5(&space, self.email.to_lowercase().as_bytes()).into()
    }

    /// Everything that is wrong with it.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let lines = [
            ("firstName", Some(&self.first_name), LONGEST_NAME),
            ("lastName", Some(&self.last_name), LONGEST_NAME),
            ("email", Some(&self.email), LONGEST_EMAIL),
            ("phone", self.phone.as_ref(), LONGEST_PHONE),
            ("interest", self.interest.as_ref(), LONGEST_INTEREST),
        ];
        let mut all = unreadable(lines);
        if all.iter().all(|problem| problem.field != "email") && !is_address(&self.email) {
            let said = format!("'{}' is not an address of e-mail", echo(&self.email));
            let problem = Problem::new("email", Code::new("INVALID_EMAIL"), said);
            all.push(problem.hint("write it as in morgan.lee@example.com"));
        }
        all.extend(self.notes.as_deref().and_then(wrong_notes));
        all.extend(self.source.as_ref().and_then(wrong_source));
        all
    }
}

/// Whether a text has the shape of an address: something, one `@`, and a host.
fn is_address(text: &str) -> bool {
    let Some((name, host)) = text.rsplit_once('@') else {
        return false;
    };
    let plain = |c: char| !c.is_whitespace() && !matches!(c, '<' | '>' | ',' | ';' | '"' | '@');
    let labels = host.split('.').all(|label| {
        let inside = label.chars().all(|c| c.is_alphanumeric() || c == '-');
        !label.is_empty() && inside
    });
    !name.is_empty() && name.chars().all(plain) && host.contains('.') && labels
}

fn wrong_notes(notes: &str) -> Option<Problem> {
    let why = if notes.len() > LONGEST_NOTES {
        format!("are longer than {LONGEST_NOTES} bytes")
    } else if notes.lines().all(is_inert) {
        return None;
    } else {
        "contain a control character, or one that hides others".to_owned()
    };
    Some(Problem::new("notes", Code::new("INVALID_TEXT"), why))
}

fn wrong_source(source: &Value) -> Option<Problem> {
    let why = if !(source.is_object() || source.is_string()) {
        "is neither a word nor an object".to_owned()
    } else if source.to_string().len() > LARGEST_SOURCE {
        format!("is larger than {LARGEST_SOURCE} bytes")
    } else {
        return None;
    };
    Some(Problem::new("source", Code::new("INVALID_SOURCE"), why))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guest() -> Guest {
        let guest = r#"{"firstName":"Morgan","lastName":"Lee","email":"morgan.lee@example.com"}"#;
        serde_json::from_str(guest).expect("a guest")
    }

    #[test]
    fn only_who_can_be_read_and_written_to_comes() {
        assert_eq!(guest().problems(), []);
        for bad in [
            "",
            "morgan",
            "@example.com",
            "a@b",
            "a b@example.com",
            "a@@example.com",
            "a@.com",
            "a@example.com\u{202e}",
        ] {
            let guest = Guest {
                email: bad.to_owned(),
                ..guest()
            };
            assert_eq!(guest.problems().len(), 1, "{bad}");
        }
        let guest = Guest {
            first_name: "\u{1b}[2J".to_owned(),
            last_name: String::new(),
            notes: Some("two\nlines".to_owned()),
            source: Some(serde_json::json!(7)),
            ..guest()
        };
        let fields: Vec<_> = guest
            .problems()
            .into_iter()
            .map(|problem| problem.field)
            .collect();
        assert_eq!(fields, ["firstName", "lastName", "source"]);
    }

    #[test]
    fn a_lead_is_whoever_has_the_address() {
        let tenant = |name: &str| name.parse().expect("a tenant");
        let loud = Guest {
            email: "Morgan.Lee@Example.com".to_owned(),
            ..guest()
        };
        assert_eq!(guest().lead(&tenant("main")), loud.lead(&tenant("main")));
        assert_ne!(
            guest().lead(&tenant("main")),
            guest().lead(&tenant("rival"))
        );
    }
}
