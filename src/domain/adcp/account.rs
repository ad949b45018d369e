//! Accounts between a buyer's agent and this seller: for which brand, operated by whom, and
//! what may be done on them. Refuses to show what was told in confidence: bank details and
//! credentials.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::{
    opendirect::refusal::Refusal,
    problem::{Code, Problem},
};

/// The longest domain.
const LONGEST_DOMAIN: usize = 253;

/// A brand, by where it tells of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Brand {
    /// The domain of the house that the brand belongs to.
    pub domain: String,
    /// Which brand of the house.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand_id: Option<String>,
    /// What it deals in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub industries: Option<Vec<String>>,
    /// Whom people turn to about their data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_subject_contestation: Option<Value>,
}

/// Which account is meant: by its id, or by whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum AccountRef {
    /// By the id that the seller gave it.
    Id {
        /// The id.
        account_id: String,
    },
    /// By whose it is.
    Key {
        /// The brand.
        brand: Brand,
        /// Who operates it, by domain.
        operator: String,
        /// Whether nothing is spent on it.
        #[serde(default)]
        sandbox: bool,
    },
}

/// Who is invoiced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Billing {
    /// Whoever operates the account.
    Operator,
    /// The agent, for all of its accounts.
    Agent,
    /// The advertiser itself.
    Advertiser,
}

/// When invoices are due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentTerms {
    /// In 15 days.
    #[serde(rename = "net_15")]
    Net15,
    /// In 30 days.
    #[serde(rename = "net_30")]
    Net30,
    /// In 45 days.
    #[serde(rename = "net_45")]
    Net45,
    /// In 60 days.
    #[serde(rename = "net_60")]
    Net60,
    /// In 90 days.
    #[serde(rename = "net_90")]
    Net90,
    /// Before anything runs.
    Prepay,
}

/// Where an account is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountStatus {
    /// Can be used.
    Active,
    /// The seller has to look at it first.
    PendingApproval,
    /// The seller does not want it.
    Rejected,
    /// Money is owed.
    PaymentRequired,
    /// The seller has stopped it.
    Suspended,
    /// Nobody uses it any more.
    Closed,
}

impl AccountStatus {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Active,
        Self::PendingApproval,
        Self::Rejected,
        Self::PaymentRequired,
        Self::Suspended,
        Self::Closed,
    ];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::PendingApproval => "pending_approval",
            Self::Rejected => "rejected",
            Self::PaymentRequired => "payment_required",
            Self::Suspended => "suspended",
            Self::Closed => "closed",
        }
    }

    /// Goes on to another state; one that is closed is opened again as it was asked for first.
    ///
    /// # Errors
    /// When it does not lead there.
    pub fn to(self, next: Self) -> Result<Self, Refusal> {
        use AccountStatus as S;
        let possible: &[S] = match self {
            S::PendingApproval => &[S::Active, S::PaymentRequired, S::Rejected, S::Closed],
            S::Active => &[S::PaymentRequired, S::Suspended, S::Closed],
            S::PaymentRequired => &[S::Active, S::Suspended, S::Closed],
            S::Suspended => &[S::Active, S::PaymentRequired, S::Closed],
            S::Rejected => &[S::PendingApproval, S::Closed],
            S::Closed => &[S::Active, S::PendingApproval],
        };
        if possible.contains(&next) {
            return Ok(next);
        }
        let names: Vec<&str> = possible.iter().map(|one| one.name()).collect();
        let verb = format!("make {} of", next.name());
        Err(Refusal::new(&verb, "account", self.name(), &names))
    }
}

/// No state of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a state of an account")]
pub struct UnknownStatus;

impl FromStr for AccountStatus {
    type Err = UnknownStatus;
    fn from_str(text: &str) -> Result<Self, UnknownStatus> {
        let found = Self::ALL.into_iter().find(|one| one.name() == text);
        found.ok_or(UnknownStatus)
    }
}

impl fmt::Display for AccountStatus {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// An account, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Account {
    /// Its id: tells nothing, and cannot be guessed.
    pub account_id: String,
    /// Whose agent opened it; for all others it is not there.
    pub principal: String,
    /// What people call it.
    pub name: String,
    /// The brand.
    pub brand: Brand,
    /// Who operates it, by domain.
    pub operator: String,
    /// Whether nothing is spent on it.
    #[serde(default)]
    pub sandbox: bool,
    /// Who is invoiced.
    pub billing: Billing,
    /// The business that is invoiced, bank details and all.
    #[serde(default)]
    pub billing_entity: Option<Value>,
    /// When invoices are due.
    #[serde(default)]
    pub payment_terms: Option<PaymentTerms>,
    /// Where it is in its life.
    pub status: AccountStatus,
    /// Who has to agree to what is bought, credentials and all.
    #[serde(default)]
    pub governance_agents: Vec<Value>,
    /// Where its news are sent, secrets and all.
    #[serde(default)]
    pub push_notification_config: Option<Value>,
}

/// An account as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShownAccount {
    /// Its id.
    pub account_id: String,
    /// What people call it.
    pub name: String,
    /// The brand's own domain.
    pub advertiser: String,
    /// The brand.
    pub brand: Brand,
    /// Who operates it.
    pub operator: String,
    /// Where it is in its life.
    pub status: AccountStatus,
    /// Who is invoiced.
    pub billing: Billing,
    /// The business that is invoiced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billing_entity: Option<Value>,
    /// When invoices are due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_terms: Option<PaymentTerms>,
    /// For which of brand and operator it stands.
    pub account_scope: String,
    /// Who has to agree to what is bought.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub governance_agents: Vec<Value>,
    /// Whether nothing is spent on it.
    pub sandbox: bool,
}

impl Account {
    /// What people call an account of this brand and operator.
    #[must_use]
    pub fn name_of(brand: &Brand, operator: &str) -> String {
        let of = match &brand.brand_id {
            Some(id) => format!("{id} ({})", brand.domain),
            None => brand.domain.clone(),
        };
        if operator == brand.domain {
            of
        } else {
            format!("{of} c/o {operator}")
        }
    }

    /// As its owner sees it.
    #[must_use]
    pub fn shown(&self) -> ShownAccount {
        ShownAccount {
            account_id: self.account_id.clone(),
            name: self.name.clone(),
            advertiser: self.brand.domain.clone(),
            brand: self.brand.clone(),
            operator: self.operator.clone(),
            status: self.status,
            billing: self.billing,
            billing_entity: self.billing_entity.as_ref().map(|it| without(it, "bank")),
            payment_terms: self.payment_terms,
            account_scope: "operator_brand".to_owned(),
            governance_agents: self
                .governance_agents
                .iter()
                .map(|it| without(it, "authentication"))
                .collect(),
            sandbox: self.sandbox,
        }
    }
}

/// A copy without what was told in confidence.
#[must_use]
pub fn without(value: &Value, secret: &str) -> Value {
    let mut shown = value.clone();
    if let Some(fields) = shown.as_object_mut() {
        fields.remove(secret);
    }
    shown
}

/// Whose an account is, as one text: what tells two accounts of one principal apart.
#[must_use]
pub fn natural_key(brand: &Brand, operator: &str, sandbox: bool) -> String {
    let id = brand.brand_id.as_deref().unwrap_or_default();
    format!("{} {id} {operator} {sandbox}", brand.domain)
}

/// Checks a brand and an operator.
///
/// # Errors
/// Every problem, with `at` before its field.
pub fn check_key(at: &str, brand: &Brand, operator: &str) -> Result<(), Vec<Problem>> {
    let mut problems = Vec::new();
    let mut wrong = |field: &str, message: &str| {
        let code = Code::new("INVALID_REQUEST");
        problems.push(Problem::new(format!("{at}{field}"), code, message));
    };
    if !is_domain(&brand.domain) {
        wrong("brand.domain", "is not a domain in lower case");
    }
    if !is_domain(operator) {
        wrong("operator", "is not a domain in lower case");
    }
    let plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_';
    let fits = |id: &String| !id.is_empty() && id.len() <= 255 && id.bytes().all(plain);
    if brand.brand_id.as_ref().is_some_and(|id| !fits(id)) {
        wrong("brand.brand_id", "is not of a-z, 0-9 and `_`");
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems)
    }
}

fn is_domain(text: &str) -> bool {
    let plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    let label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(plain)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    (1..=LONGEST_DOMAIN).contains(&text.len()) && text.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_ways_to_name_an_account_are_read() {
        let id: AccountRef = serde_json::from_value(json!({"account_id": "a"})).expect("by id");
        assert_eq!(
            id,
            AccountRef::Id {
                account_id: "a".into()
            }
        );
        let key = json!({"brand": {"domain": "acme.example"}, "operator": "ag.example"});
        let key: AccountRef = serde_json::from_value(key).expect("by key");
        assert!(matches!(key, AccountRef::Key { sandbox: false, .. }));
    }

    #[test]
    fn an_account_that_was_rejected_is_not_used_without_a_look() {
        use AccountStatus as S;
        let no = S::Rejected.to(S::Active).expect_err("no look");
        assert_eq!(
            no.to_string(),
            "cannot make active of this account: it is rejected; \
             possible now: pending approval, closed"
        );
        assert_eq!(S::Suspended.to(S::Active), Ok(S::Active));
        for one in S::ALL {
            assert!(one.to(one).is_err(), "{one}");
        }
    }

    #[test]
    fn domains_are_domains() {
        for good in ["acme.example", "localhost", "a-b.c1.example"] {
            assert!(is_domain(good), "{good}");
        }
        for bad in [
            "",
            "Acme.example",
            "acme..example",
            "-a.example",
            "a_b.example",
            "https://a",
        ] {
            assert!(!is_domain(bad), "{bad}");
        }
    }
}
