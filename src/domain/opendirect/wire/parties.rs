//! Organizations and accounts for `OpenDirect` clients. Refuses ids that the sender made up
//! for the object itself: those are ours to give.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Reading, renamed};
use crate::domain::{
    ids::{AccountId, OrganizationId},
    opendirect::{
        Ext,
        account::{self, AccountDraft},
        organization::{self, Contact, OrganizationDraft},
    },
    problem::Problem,
};

/// An organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Organization {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `advertiser`, `agency`, `intermediary` or `publisher`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Whom to reach there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<Contact>,
    /// What a vendor added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ext: Option<Ext>,
}

impl From<&organization::Organization> for Organization {
    fn from(one: &organization::Organization) -> Self {
        Self {
            id: one.id.to_string(),
            name: one.name.clone(),
            kind: one.kind.name().to_owned(),
            address: one.address.clone(),
            contacts: one.contacts.clone(),
            ext: one.ext.clone(),
        }
    }
}

/// A request for an organization.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOrganization {
    /// To be left out.
    #[serde(default)]
    pub id: Option<String>,
    /// At most 128 characters.
    pub name: String,
    /// `advertiser`, `agency`, `intermediary` or `publisher`.
    #[serde(rename = "type", alias = "organizationtype")]
    pub kind: String,
    /// Where it is, on one line.
    #[serde(default)]
    pub address: Option<String>,
    /// Whom to reach there.
    #[serde(default)]
    pub contacts: Option<Vec<Contact>>,
    /// What a vendor added.
    #[serde(default)]
    pub ext: Option<Ext>,
}

impl NewOrganization {
    /// Reads it.
    ///
    /// # Errors
    /// Every problem with how its fields are written.
    pub fn draft(self) -> Result<OrganizationDraft, Vec<Problem>> {
        let mut reading = Reading::default();
        reading.own_id("id", self.id.as_ref(), None);
        let kind = reading.one_of("type", Some(&self.kind));
        let draft = kind.map(|kind| OrganizationDraft {
            name: self.name,
            kind,
            address: self.address,
            contacts: self.contacts.unwrap_or_default(),
            ext: self.ext,
        });
        reading.done(draft)
    }

    /// Reads and checks it.
    ///
    /// # Errors
    /// Every problem with its fields.
    pub fn check(self, id: OrganizationId) -> Result<organization::Organization, Vec<Problem>> {
        self.draft()?.check(id).map_err(renamed)
    }
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Account {
    /// Its id.
    pub id: String,
    /// Whose advertising it is.
    pub advertiserid: String,
    /// Who buys it.
    pub buyerid: String,
    /// Its name.
    pub name: String,
    /// What a vendor added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ext: Option<Ext>,
}

impl From<&account::Account> for Account {
    fn from(one: &account::Account) -> Self {
        Self {
            id: one.id.to_string(),
            advertiserid: one.advertiser_id.to_string(),
            buyerid: one.buyer_id.to_string(),
            name: one.name.clone(),
            ext: one.ext.clone(),
        }
    }
}

/// A request for an account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    /// To be left out.
    #[serde(default)]
    pub id: Option<String>,
    /// Whose advertising it is.
    #[serde(alias = "advertiser_id")]
    pub advertiserid: String,
    /// Who buys it.
    #[serde(alias = "buyer_id")]
    pub buyerid: String,
    /// At most 255 characters.
    pub name: String,
    /// What a vendor added.
    #[serde(default)]
    pub ext: Option<Ext>,
}

impl NewAccount {
    /// Reads it.
    ///
    /// # Errors
    /// When it brings its own id.
    pub fn draft(self) -> Result<AccountDraft, Vec<Problem>> {
        let mut reading = Reading::default();
        reading.own_id("id", self.id.as_ref(), None);
        reading.done(Some(AccountDraft {
            advertiser_id: self.advertiserid.into(),
            buyer_id: self.buyerid.into(),
            name: self.name,
            ext: self.ext,
        }))
    }

    /// Reads and checks it.
    ///
    /// # Errors
    /// Every problem with its fields.
    pub fn check(self, id: AccountId) -> Result<account::Account, Vec<Problem>> {
        self.draft()?.check(id).map_err(renamed)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn account(body: Value) -> Result<Value, Vec<(String, String)>> {
        let new: NewAccount = serde_json::from_value(body)
            .map_err(|wrong| vec![("body".to_owned(), wrong.to_string())])?;
        let id = uuid::Uuid::from_u128(3).into();
        let made = new.check(id).map_err(|all| {
            all.into_iter()
                .map(|one| (one.field, one.code.to_string()))
                .collect::<Vec<_>>()
        })?;
        Ok(serde_json::to_value(Account::from(&made)).expect("json"))
    }

    #[test]
    fn an_account_comes_back_with_its_id() {
        let wanted = json!({
            "id": "00000000-0000-0000-0000-000000000003",
            "advertiserid": "adv-1",
            "buyerid": "agency-1",
            "name": "Drinks",
        });
        let sent = json!({"advertiserid": "adv-1", "buyerid": "agency-1", "name": "Drinks"});
        assert_eq!(account(sent), Ok(wanted.clone()));
        let sent = json!({"advertiser_id": "adv-1", "buyer_id": "agency-1", "name": "Drinks"});
        assert_eq!(account(sent), Ok(wanted));
    }

    #[test]
    fn made_up_fields_and_ids_are_refused() {
        let sent = json!({"id": "x", "advertiserid": "a", "buyerid": "b", "name": "c"});
        assert_eq!(
            account(sent),
            Err(vec![("id".to_owned(), "READ_ONLY".to_owned())])
        );
        let sent = json!({"advertiserid": "a", "buyerid": "", "name": "c"});
        let empty = ("buyerid".to_owned(), "INVALID_TEXT".to_owned());
        assert_eq!(account(sent), Err(vec![empty]));
        let sent = json!({"advertiserid": "a", "buyerid": "b", "name": "c", "budget": 1});
        assert!(account(sent).is_err());
    }

    #[test]
    fn an_organization_is_read_with_its_kind() {
        let new: NewOrganization = serde_json::from_value(json!({
            "name": "Northlight", "type": "Publisher",
            "contacts": [{"email": "ads@example.com", "type": "Billing"}],
        }))
        .expect("read");
        let made = new
            .clone()
            .check(uuid::Uuid::from_u128(1).into())
            .expect("fine");
        assert_eq!(
            serde_json::to_value(Organization::from(&made)).expect("json"),
            json!({
                "id": "00000000-0000-0000-0000-000000000001",
                "name": "Northlight",
                "type": "publisher",
                "contacts": [{"email": "ads@example.com", "type": "Billing"}],
            })
        );
        let broker = NewOrganization {
            kind: "broker".to_owned(),
            ..new
        };
        let problems = broker.check(made.id).expect_err("no broker");
        assert_eq!(problems[0].field, "type");
    }
}
