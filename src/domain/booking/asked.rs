//! What each seller of a desk said when a job asked what it has. A seller that could not be asked
//! keeps nobody else from being recommended; that it could not is kept with the job. Refuses to
//! know how sellers are reached.

use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{ids::SellerId, when::Instant};

/// What sort of seller one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum SellerKind {
    /// In this process.
    #[serde(rename = "embedded")]
    Embedded,
    /// A server of `OpenDirect` 2.1.
    #[serde(rename = "opendirect")]
    OpenDirect,
    /// The IAB Tech Lab's seller agent, with its quotes and deals.
    #[serde(rename = "iab-seller-agent")]
    SellerAgent,
    /// A sales agent that speaks `AdCP`.
    #[serde(rename = "adcp")]
    Adcp,
}

impl SellerKind {
    /// Those that are somewhere else.
    pub const OUTSIDE: [Self; 3] = [Self::OpenDirect, Self::SellerAgent, Self::Adcp];

    /// The name in settings and on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::OpenDirect => "opendirect",
            Self::SellerAgent => "iab-seller-agent",
            Self::Adcp => "adcp",
        }
    }
}

/// No sort of seller that is known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is no kind of seller; known are \"opendirect\", \"iab-seller-agent\" and \"adcp\"")]
pub struct UnknownSellerKind;

impl FromStr for SellerKind {
    type Err = UnknownSellerKind;

    /// Takes the names of those that are somewhere else: the one inside is never set up.
    fn from_str(text: &str) -> Result<Self, UnknownSellerKind> {
        let mut outside = Self::OUTSIDE.into_iter();
        outside
            .find(|kind| kind.name() == text)
            .ok_or(UnknownSellerKind)
    }
}

/// What one seller said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AskedSeller {
    /// Who it is.
    pub seller: SellerId,
    /// What sort of seller.
    pub kind: SellerKind,
    /// Where it is, for one that is somewhere else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// How many of its products were considered.
    pub products: u32,
    /// What it has that could not be considered, and why, as sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
    /// When its catalogue was read, for one that is somewhere else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_at: Option<Instant>,
    /// Why it could not be asked now, when it could not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// What it said when it was last asked how many impressions there are, where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avails: Option<String>,
}

impl AskedSeller {
    /// That it could not be asked, in a sentence; nothing when it could.
    #[must_use]
    pub fn unasked(&self) -> Option<String> {
        let (seller, why) = (&self.seller, self.trouble.as_ref()?);
        Some(match self.read_at {
            None => format!(
                "The seller {seller} could not be asked: {why}. Nothing of what it sells was considered."
            ),
            Some(at) => format!(
                "The seller {seller} could not be asked: {why}. What it had at {} was considered.",
                at.format("%Y-%m-%d %H:%M UTC")
            ),
        })
    }

    /// Whether it says what another answer of the same seller says, whenever that was.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.seller == other.seller
            && self.products == other.products
            && self.trouble == other.trouble
            && self.left_out == other.left_out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sellers_somewhere_else_are_set_up() {
        for kind in SellerKind::OUTSIDE {
            assert_eq!(kind.name().parse(), Ok(kind));
        }
        assert_eq!("embedded".parse::<SellerKind>(), Err(UnknownSellerKind));
        assert_eq!("OpenDirect".parse::<SellerKind>(), Err(UnknownSellerKind));
    }

    #[test]
    fn a_seller_that_could_not_be_asked_is_named_with_what_that_means() {
        let asked = AskedSeller {
            seller: "north".into(),
            kind: SellerKind::OpenDirect,
            place: None,
            products: 0,
            left_out: Vec::new(),
            read_at: None,
            trouble: Some("it answered 500".into()),
            avails: None,
        };
        let said = asked.unasked().expect("trouble");
        assert!(said.contains("north could not be asked: it answered 500"));
        assert!(said.contains("Nothing"));
        let kept = AskedSeller {
            read_at: Some("2026-06-01T12:00:00Z".parse().expect("an instant")),
            ..asked.clone()
        };
        let said = kept.unasked().expect("trouble");
        assert!(
            said.contains("What it had at 2026-06-01 12:00 UTC"),
            "{said}"
        );
        assert!(kept.says_the_same(&asked));
        let well = AskedSeller {
            trouble: None,
            ..asked
        };
        assert_eq!(well.unasked(), None);
        assert!(!well.says_the_same(&kept));
    }
}
