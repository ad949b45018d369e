//! A question to the publisher: somebody wants an order, or more of one, and a person has to
//! agree. Decided once; decided the same way again it is no news, another way it is refused.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::change::BuyChange;
use crate::domain::{
    ids::{ApprovalId, BuyId},
    money::Money,
    opendirect::refusal::Refusal,
    sandbox::Staged,
    when::Instant,
};

/// What the publisher is asked to agree to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind", try_from = "Told")]
pub enum Wanted {
    /// The whole order.
    Order,
    /// A change that makes it larger or longer.
    Change {
        /// The change, as it was asked for.
        change: Box<BuyChange>,
    },
}

/// What was wanted, as it is read: in one go, because money is read from its digits.
#[derive(Deserialize, JsonSchema)]
#[serde(rename = "Wanted")]
struct Told {
    kind: Kind,
    #[serde(default)]
    change: Option<Box<BuyChange>>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Order,
    Change,
}

/// A change that says nothing of what shall be different.
#[derive(Debug, thiserror::Error)]
#[error("is a change without what changes")]
struct NoChange;

impl TryFrom<Told> for Wanted {
    type Error = NoChange;

    fn try_from(told: Told) -> Result<Self, NoChange> {
        match told.kind {
            Kind::Order => Ok(Self::Order),
            Kind::Change => {
                let change = told.change.ok_or(NoChange)?;
                Ok(Self::Change { change })
            }
        }
    }
}

impl Wanted {
    /// The tool that was called for it.
    #[must_use]
    pub fn tool(&self) -> &'static str {
        match self {
            Self::Order => "create_media_buy",
            Self::Change { .. } => "update_media_buy",
        }
    }
}

/// What the publisher said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Yes.
    Approved,
    /// No.
    Rejected,
    /// Not so; change it and ask again.
    SentBack,
    /// Nobody asks any more.
    Withdrawn,
}

impl Verdict {
    /// Its name as it is stored and listed.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::SentBack => "sent_back",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The word for doing so.
    fn verb(self) -> &'static str {
        match self {
            Self::Approved => "approve",
            Self::Rejected => "reject",
            Self::SentBack => "send back",
            Self::Withdrawn => "withdraw",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// Who decided what, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Decision {
    /// What.
    pub verdict: Verdict,
    /// Who.
    pub by: String,
    /// When.
    pub at: Instant,
    /// Why.
    pub reason: Option<String>,
}

/// A question to the publisher, and its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Approval {
    /// Its id, which is the task's for the buyer.
    pub id: ApprovalId,
    /// Of which order.
    pub buy_id: BuyId,
    /// What the order is called.
    pub name: String,
    /// What is asked for.
    pub wanted: Wanted,
    /// The money that is asked for.
    pub amount: Money,
    /// Who asks.
    pub asked_by: String,
    /// Since when.
    pub asked_at: Instant,
    /// The answer.
    pub decision: Option<Decision>,
    /// What a tester wants told of it; in a sandbox alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staged: Option<Staged>,
}

impl Approval {
    /// Its state as it is stored and listed.
    #[must_use]
    pub fn state(&self) -> &'static str {
        self.decision
            .as_ref()
            .map_or("waiting", |one| one.verdict.name())
    }

    /// The task that it is for its buyer.
    #[must_use]
    pub fn task_id(&self) -> String {
        let named = self.staged.as_ref().and_then(|one| one.task_id.clone());
        named.unwrap_or_else(|| self.id.to_string())
    }

    /// Decides. Nothing when it was decided the same way before.
    ///
    /// # Errors
    /// When it was decided another way.
    pub fn decide(&self, decision: Decision) -> Result<Option<Self>, Refusal> {
        match &self.decision {
            None => Ok(Some(Self {
                decision: Some(decision),
                ..self.clone()
            })),
            Some(made) if made.verdict == decision.verdict => Ok(None),
            Some(made) => {
                let verb = decision.verdict.verb();
                let refusal = Refusal::new(verb, "request", made.verdict.name(), &[]);
                Err(refusal.because(format!("{} decided so", made.by)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::Currency;

    #[test]
    fn a_change_with_money_in_it_is_read_as_it_was_written() {
        let change = r#"{"packages": [{"package_id": "pkg_1", "budget": 12000.50}]}"#;
        let change: BuyChange = serde_json::from_str(change).expect("a change");
        for wanted in [
            Wanted::Order,
            Wanted::Change {
                change: Box::new(change),
            },
        ] {
            let text = serde_json::to_string(&wanted).expect("written");
            let read: Wanted = serde_json::from_str(&text).expect(&text);
            assert_eq!(read, wanted, "{text}");
        }
        assert!(serde_json::from_str::<Wanted>(r#"{"kind": "change"}"#).is_err());
    }

    #[test]
    fn a_question_is_decided_once() {
        let at: Instant = "2026-07-01T09:00:00Z".parse().expect("instant");
        let asked = Approval {
            id: uuid::Uuid::from_u128(1).into(),
            buy_id: "mb_1".into(),
            name: "Summer".to_owned(),
            wanted: Wanted::Order,
            amount: Money::new(5_000_000, Currency::USD),
            asked_by: "acme".to_owned(),
            asked_at: at,
            decision: None,
            staged: None,
        };
        let say = |verdict, by: &str| Decision {
            verdict,
            by: by.to_owned(),
            at,
            reason: None,
        };
        let yes = asked.decide(say(Verdict::Approved, "ann"));
        let yes = yes.expect("fine").expect("news");
        assert_eq!((asked.state(), yes.state()), ("waiting", "approved"));
        assert_eq!(yes.decide(say(Verdict::Approved, "bob")), Ok(None));
        let no = yes.decide(say(Verdict::Rejected, "bob")).expect_err("late");
        assert_eq!(
            no.to_string(),
            "cannot reject this request: it is approved and ann decided so, \
             and nothing more can be done with it"
        );
    }
}
