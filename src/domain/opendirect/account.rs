//! An account: one buyer acting for one advertiser. It owns orders and creatives. Refuses
//! to be without either party.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Ext, check::Checks};
use crate::domain::{
    ids::{AccountId, PartyId},
    problem::Problem,
};

/// The longest name of an account.
const LONGEST_NAME: usize = 255;
/// The longest id of an advertiser or buyer.
const LONGEST_ID: usize = 255;

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Whose advertising it is.
    pub advertiser_id: PartyId,
    /// Who buys it; the advertiser itself when nobody stands between.
    pub buyer_id: PartyId,
    /// At most 255 characters.
    pub name: String,
    /// What a vendor added.
    #[serde(default)]
    pub ext: Option<Ext>,
}

/// An account as it is asked for, before any check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountDraft {
    /// Whose advertising it is.
    pub advertiser_id: PartyId,
    /// Who buys it.
    pub buyer_id: PartyId,
    /// At most 255 characters.
    pub name: String,
    /// What a vendor added.
    #[serde(default)]
    pub ext: Option<Ext>,
}

impl AccountDraft {
    /// Makes an account of it.
    ///
    /// # Errors
    /// Every problem with its fields.
    pub fn check(self, id: AccountId) -> Result<Account, Vec<Problem>> {
        let mut checks = Checks::default();
        checks.line("advertiser_id", self.advertiser_id.as_str(), LONGEST_ID);
        checks.line("buyer_id", self.buyer_id.as_str(), LONGEST_ID);
        checks.line("name", &self.name, LONGEST_NAME);
        checks.object("ext", self.ext.as_ref());
        checks.done(Some(Account {
            id,
            advertiser_id: self.advertiser_id,
            buyer_id: self.buyer_id,
            name: self.name,
            ext: self.ext,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_names_both_parties() {
        let draft = AccountDraft {
            advertiser_id: "adv-1".into(),
            buyer_id: "agency-1".into(),
            name: "Summer drinks".to_owned(),
            ext: None,
        };
        let id = uuid::Uuid::from_u128(3).into();
        let account = draft.clone().check(id).expect("fine");
        assert_eq!((account.id, account.name.as_str()), (id, "Summer drinks"));
        let wrong = AccountDraft {
            buyer_id: "".into(),
            name: "x".repeat(256),
            ..draft
        };
        let fields: Vec<String> = wrong
            .check(id)
            .expect_err("wrong")
            .into_iter()
            .map(|one| one.field)
            .collect();
        assert_eq!(fields, ["buyer_id", "name"]);
    }
}
