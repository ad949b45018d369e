//! Every way in which an operation can fail, in one type that crosses the wire: what
//! happened, which field, what to do next. Refuses to carry causes that only we can read.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    domain::{
        adcp::error::Code,
        ids::Id,
        policy::{Permission, allows},
        problem::Problem,
        tenant::{caller::Caller, role::Role},
        text,
    },
    store::batch::StoreError,
};

/// The kinds of failure; each surface translates them once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// It could not be read at all.
    Malformed,
    /// It was read, and a field is wrong.
    Invalid,
    /// Nobody knows who asks.
    Unauthenticated,
    /// Whoever asks may not.
    Forbidden,
    /// There is no such thing for whoever asks.
    NotFound,
    /// Not that way.
    MethodNotAllowed,
    /// Not in the state that the thing is in.
    WrongState,
    /// Something else got there first.
    Conflict,
    /// It was there, and its time is over.
    Gone,
    /// The object has changed since the asker looked.
    Stale,
    /// The asker asks on behalf of another host.
    Misdirected,
    /// Larger than anything that is read.
    TooLarge,
    /// Not a format that is read.
    UnsupportedMedia,
    /// The idempotency key was used for something else.
    KeyReused,
    /// Too often.
    Limited,
    /// The engine cannot now; the same may be asked again.
    Busy,
    /// The database cannot be written.
    Storage,
    /// A mistake of ours.
    Broken,
}

/// A failure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fault {
    /// Which kind.
    pub kind: FaultKind,
    /// A stable name, such as `JOB_NOT_FOUND`.
    pub code: String,
    /// What happened, in a sentence.
    pub message: String,
    /// What to do next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// What is wrong, field by field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
    /// Whatever else a program may want to know.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub details: Map<String, Value>,
}

impl Fault {
    /// A failure with a stable name and a sentence.
    #[must_use]
    pub fn new(kind: FaultKind, code: impl Into<String>, message: impl Into<String>) -> Self {
        let (code, message) = (code.into(), message.into());
        Self {
            kind,
            code,
            message,
            hint: None,
            problems: Vec::new(),
            details: Map::new(),
        }
    }

    /// A failure by the book of `AdCP`: its code, and what it says to do next.
    #[must_use]
    pub fn adcp(code: Code, message: impl Into<String>) -> Self {
        Self::new(kind_of(code), code.name(), message).hint(code.advice())
    }

    /// Adds what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds something for programs.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.details.insert(name.to_owned(), value.into());
        self
    }

    /// Fields that are wrong; the first speaks for all.
    #[must_use]
    pub fn invalid(problems: Vec<Problem>) -> Self {
        let (code, message, hint) = match problems.first() {
            Some(first) => (
                first.code.to_string(),
                first.to_sentence(),
                first.hint.clone(),
            ),
            None => (
                "INVALID".into(),
                "something in the request is not valid".into(),
                None,
            ),
        };
        Self {
            hint,
            problems,
            ..Self::new(FaultKind::Invalid, code, message)
        }
    }

    /// One field that is wrong.
    #[must_use]
    pub fn field(problem: Problem) -> Self {
        Self::invalid(vec![problem])
    }

    /// The same, with its fields called as whoever asked calls them.
    #[must_use]
    pub fn renamed(mut self, name: impl Fn(&str) -> String) -> Self {
        if let Some(Value::String(field)) = self.details.get_mut("field") {
            *field = name(field);
        }
        let was = self.problems.first().map(Problem::to_sentence);
        for problem in &mut self.problems {
            problem.field = name(&problem.field);
        }
        if was.as_ref() == Some(&self.message)
            && let Some(first) = self.problems.first()
        {
            self.message = first.to_sentence();
        }
        self
    }

    /// The same, for whoever did not send the object that its fields stand in here.
    #[must_use]
    pub fn out_of(self, object: &str) -> Self {
        self.renamed(|field| {
            let inside = field
                .strip_prefix(object)
                .and_then(|rest| rest.strip_prefix('.'));
            inside.unwrap_or(field).to_owned()
        })
    }

    /// There is no such thing for whoever asks.
    #[must_use]
    pub fn missing<I: Id>(id: I) -> Self {
        Self::absent(I::NOUN, &id.to_string())
    }

    /// There is no such thing for whoever asks, by its foreign name.
    #[must_use]
    pub fn absent(noun: &str, id: &str) -> Self {
        let code = format!("{}_NOT_FOUND", noun.to_ascii_uppercase());
        let mut named = noun.to_owned();
        named[..1].make_ascii_uppercase();
        Self::new(FaultKind::NotFound, code, format!("{named} not found"))
            .with(noun, text::echo(id))
    }

    /// Whoever asks may not.
    #[must_use]
    pub fn forbidden(caller: &Caller, permission: Permission) -> Self {
        let role = caller.role;
        let (message, hint) = if caller.is_anonymous() {
            let message = format!(
                "you gave no key, and the role {role} of those without one does not include {permission}"
            );
            (message, without_key(permission))
        } else {
            let message =
                format!("your role {role} or the scopes of your key do not include {permission}");
            (message, "ask an admin for a key with that scope")
        };
        Self::new(FaultKind::Forbidden, "FORBIDDEN", message)
            .hint(hint)
            .with("permission", permission.name())
    }

    /// Not in the state that the thing is in.
    #[must_use]
    pub fn wrong_state(code: &str, message: impl Into<String>) -> Self {
        Self::new(FaultKind::WrongState, code, message)
    }

    /// Something else got there first.
    #[must_use]
    pub fn conflict(code: &str, message: impl Into<String>) -> Self {
        Self::new(FaultKind::Conflict, code, message)
    }

    /// A mistake of ours; the cause goes to the log, not to the asker.
    #[must_use]
    pub fn broken(cause: impl fmt::Display) -> Self {
        tracing::error!(%cause, "broken");
        Self::new(
            FaultKind::Broken,
            "INTERNAL",
            "something went wrong on our side; nothing was changed",
        )
        .hint("the log of this server says more")
    }

    /// Whether the same may be asked again with hope.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(
            self.kind,
            FaultKind::Busy | FaultKind::Storage | FaultKind::Limited
        )
    }
}

/// What whoever asks without a key does to be let do it.
fn without_key(permission: Permission) -> &'static str {
    if allows(Role::Admin, permission) {
        "set `server.open_as = \"admin\"` in the settings of this server, or make a key with `flightdeck keys make NAME --role admin` and send that"
    } else if allows(Role::Operator, permission) {
        "that takes a management key: make the first with `flightdeck keys init`, and send that"
    } else {
        "no key is for that: the engine does it by itself"
    }
}

/// The kind of a failure by the book of `AdCP`.
fn kind_of(code: Code) -> FaultKind {
    match code {
        Code::RateLimited => FaultKind::Limited,
        Code::ServiceUnavailable | Code::GovernanceUnavailable => FaultKind::Busy,
        Code::AuthRequired => FaultKind::Unauthenticated,
        Code::PermissionDenied | Code::PolicyViolation | Code::GovernanceDenied => {
            FaultKind::Forbidden
        }
        Code::Conflict => FaultKind::Conflict,
        Code::IdempotencyConflict | Code::IdempotencyExpired => FaultKind::KeyReused,
        Code::InvalidRequest
        | Code::ValidationError
        | Code::VersionUnsupported
        | Code::UnsupportedFeature
        | Code::TermsRejected
        | Code::BudgetTooLow
        | Code::AccountAmbiguous => FaultKind::Invalid,
        missing if missing.name().ends_with("_NOT_FOUND") => FaultKind::NotFound,
        _ => FaultKind::WrongState,
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy(cause) => {
                tracing::warn!(%cause, "the database is busy");
                Self::new(
                    FaultKind::Busy,
                    "BUSY",
                    "the database is busy; ask again in a moment",
                )
            }
            StoreError::Unwritable(cause) => {
                tracing::error!(%cause, "the database cannot be written");
                Self::new(
                    FaultKind::Storage,
                    "STORAGE_UNAVAILABLE",
                    "the database cannot be written; nothing was changed",
                )
                .hint("free some space or check the rights of the database file, then ask again")
            }
            StoreError::Unreachable(cause) => {
                tracing::error!(%cause, "the database does not answer");
                Self::new(
                    FaultKind::Busy,
                    "DATABASE_UNREACHABLE",
                    "the database does not answer; ask again in a moment",
                )
            }
            StoreError::Unreadable(cause) => Self::broken(cause),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)?;
        for problem in self.problems.iter().skip(1) {
            write!(out, "\n{}", problem.to_sentence())?;
        }
        match &self.hint {
            Some(hint) => write!(out, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Fault {}
