//! The protocol's own ways to fail: every standard code, what its reader can do about it, and
//! how a failure is written. Refuses codes of our own: whoever fails here fails by the book.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What whoever failed can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Recovery {
    /// Wait, then ask the same again.
    Transient,
    /// Mend the request, then ask again.
    Correctable,
    /// Nothing by itself: a person has to act.
    Terminal,
}

macro_rules! codes {
    ($($name:ident = $wire:literal, $recovery:ident, $advice:literal;)*) => {
        /// A standard code of AdCP 3.0.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "each is told apart by its own sentence below")]
        pub enum Code {
            $($name,)*
        }

        impl Code {
            /// Every standard code.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The code as it stands on the wire.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $wire,)*
                }
            }

            /// What whoever failed can do.
            #[must_use]
            pub fn recovery(self) -> Recovery {
                match self {
                    $(Self::$name => Recovery::$recovery,)*
                }
            }

            /// What to do next, in a sentence.
            #[must_use]
            pub fn advice(self) -> &'static str {
                match self {
                    $(Self::$name => $advice,)*
                }
            }
        }
    };
}

codes! {
    InvalidRequest = "INVALID_REQUEST", Correctable, "mend the fields that are named and send it again";
    AuthRequired = "AUTH_REQUIRED", Correctable, "send a key in the Authorization or x-adcp-auth header";
    RateLimited = "RATE_LIMITED", Transient, "wait for retry_after seconds, then ask again";
    ServiceUnavailable = "SERVICE_UNAVAILABLE", Transient, "ask again in a moment, and less often each time";
    PolicyViolation = "POLICY_VIOLATION", Correctable, "read the policy in the details and change what breaks it";
    ProductNotFound = "PRODUCT_NOT_FOUND", Correctable, "take product ids from get_products";
    ProductUnavailable = "PRODUCT_UNAVAILABLE", Correctable, "choose another product, or other dates";
    ProductExpired = "PRODUCT_EXPIRED", Correctable, "ask get_products for what is on sale now";
    ProposalExpired = "PROPOSAL_EXPIRED", Correctable, "ask get_products for a fresh proposal";
    ProposalNotCommitted = "PROPOSAL_NOT_COMMITTED", Correctable,
        "finalize the proposal first: get_products, buying_mode refine, action finalize";
    IoRequired = "IO_REQUIRED", Correctable, "accept the proposal's insertion order in io_acceptance";
    TermsRejected = "TERMS_REJECTED", Correctable, "ask for terms in the range that is named, or leave them out";
    RequoteRequired = "REQUOTE_REQUIRED", Correctable, "ask for a new price: get_products, buying_mode refine";
    BudgetTooLow = "BUDGET_TOO_LOW", Correctable, "raise the amount that is named to what the message asks at least";
    BudgetExceeded = "BUDGET_EXCEEDED", Correctable, "ask for less, or raise the budget first";
    BudgetExhausted = "BUDGET_EXHAUSTED", Terminal, "a person has to add money";
    CreativeRejected = "CREATIVE_REJECTED", Correctable, "change the creative as the reason says";
    CreativeNotFound = "CREATIVE_NOT_FOUND", Correctable, "take creative ids from list_creatives, or sync the creative first";
    CreativeDeadlineExceeded = "CREATIVE_DEADLINE_EXCEEDED", Correctable,
        "ask the seller for a later deadline; get_media_buys shows it";
    UnsupportedFeature = "UNSUPPORTED_FEATURE", Correctable, "leave the field out; get_adcp_capabilities says what there is";
    AudienceTooSmall = "AUDIENCE_TOO_SMALL", Correctable, "aim at more people";
    AccountNotFound = "ACCOUNT_NOT_FOUND", Terminal, "look at list_accounts, or set the account up with sync_accounts";
    AccountSetupRequired = "ACCOUNT_SETUP_REQUIRED", Correctable, "finish the set-up that the details name";
    AccountAmbiguous = "ACCOUNT_AMBIGUOUS", Correctable, "name the account by its account_id";
    AccountPaymentRequired = "ACCOUNT_PAYMENT_REQUIRED", Terminal, "a person has to settle what is owed";
    AccountSuspended = "ACCOUNT_SUSPENDED", Terminal, "a person has to talk to the seller";
    ComplianceUnsatisfied = "COMPLIANCE_UNSATISFIED", Correctable,
        "choose a format that can show the disclosure, or drop the requirement";
    GovernanceDenied = "GOVERNANCE_DENIED", Correctable, "change the buy, or have a person decide on it";
    GovernanceUnavailable = "GOVERNANCE_UNAVAILABLE", Transient, "ask again; if it lasts, a person has to look at the governance agent";
    CampaignSuspended = "CAMPAIGN_SUSPENDED", Transient, "wait until a person has decided on the plan";
    Conflict = "CONFLICT", Transient, "read it again, then decide again";
    IdempotencyConflict = "IDEMPOTENCY_CONFLICT", Correctable, "use a fresh key for another request";
    IdempotencyExpired = "IDEMPOTENCY_EXPIRED", Correctable,
        "look whether the first request was done; if not, use a fresh key";
    InvalidState = "INVALID_STATE", Correctable, "look at the state and at valid_actions";
    NotCancellable = "NOT_CANCELLABLE", Correctable, "ask the seller what can still be changed";
    MediaBuyNotFound = "MEDIA_BUY_NOT_FOUND", Correctable, "take media buy ids from get_media_buys";
    PackageNotFound = "PACKAGE_NOT_FOUND", Correctable, "take package ids from get_media_buys";
    SignalNotFound = "SIGNAL_NOT_FOUND", Correctable, "take signal ids from get_signals";
    SessionNotFound = "SESSION_NOT_FOUND", Correctable, "begin a new session";
    SessionTerminated = "SESSION_TERMINATED", Correctable, "begin a new session";
    PlanNotFound = "PLAN_NOT_FOUND", Correctable, "register the plan first";
    ReferenceNotFound = "REFERENCE_NOT_FOUND", Correctable, "look whether the id is right and yours";
    ValidationError = "VALIDATION_ERROR", Correctable, "mend the values that are named and send it again";
    VersionUnsupported = "VERSION_UNSUPPORTED", Correctable, "ask get_adcp_capabilities without a version";
    PermissionDenied = "PERMISSION_DENIED", Correctable, "ask the seller for a key that may do this";
}

/// No standard code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a standard code")]
pub struct UnknownCode;

impl FromStr for Code {
    type Err = UnknownCode;
    fn from_str(text: &str) -> Result<Self, UnknownCode> {
        let mut all = Self::ALL.iter().copied();
        all.find(|code| code.name() == text).ok_or(UnknownCode)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// One field that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Issue {
    /// Where, as RFC 6901 has it.
    pub pointer: String,
    /// What is wrong, for people.
    pub message: String,
    /// Which rule of JSON Schema would say so.
    pub keyword: String,
}

/// A failure, or a warning, as it stands on the wire.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Error {
    /// The code.
    pub code: String,
    /// What happened, in a sentence.
    pub message: String,
    /// What whoever failed can do; kept back where the protocol wants nothing told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery: Option<Recovery>,
    /// The first field that is wrong: `packages[0].budget`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What to do next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
    /// Seconds to wait, 1 to 3600.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// Every field that is wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub issues: Vec<Issue>,
    /// Whatever else a program may want to know.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub details: Map<String, Value>,
}

impl Error {
    /// A failure by the book.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code: code.name().to_owned(),
            message: message.into(),
            recovery: Some(code.recovery()),
            field: None,
            suggestion: Some(code.advice().to_owned()),
            retry_after: None,
            issues: Vec::new(),
            details: Map::new(),
        }
    }

    /// Names the field.
    #[must_use]
    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }
}

/// A path of ours as RFC 6901 has it: `packages[0].budget` is `/packages/0/budget`.
#[must_use]
pub fn pointer(field: &str) -> String {
    let mut pointer = String::with_capacity(field.len() + 1);
    for part in field.split(['.', '[']) {
        let part = part.trim_end_matches(']');
        if !part.is_empty() {
            pointer.push('/');
            pointer.push_str(&part.replace('~', "~0").replace('/', "~1"));
        }
    }
    pointer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_found_by_its_name_and_says_what_to_do() {
        assert_eq!(Code::ALL.len(), 45);
        for code in Code::ALL {
            assert_eq!(code.name().parse(), Ok(*code));
            assert!(code.advice().len() > 10, "{code}");
        }
        assert_eq!("TEAPOT".parse::<Code>(), Err(UnknownCode));
        let transient = |code: &&Code| code.recovery() == Recovery::Transient;
        assert_eq!(Code::ALL.iter().filter(transient).count(), 5);
        let terminal = |code: &&Code| code.recovery() == Recovery::Terminal;
        assert_eq!(Code::ALL.iter().filter(terminal).count(), 4);
    }

    #[test]
    fn a_path_becomes_a_pointer() {
        for (field, wanted) in [
            ("packages[0].budget", "/packages/0/budget"),
            ("account", "/account"),
            ("a/b.c~d[12]", "/a~1b/c~0d/12"),
            ("", ""),
        ] {
            assert_eq!(pointer(field), wanted);
        }
    }
}
