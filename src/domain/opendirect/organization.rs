//! An organization: an advertiser, an agency, somebody between, or a publisher, and how to
//! reach it. Refuses kinds that the trade does not know.

use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use super::{Ext, check::Checks};
use crate::domain::{ids::OrganizationId, problem::Problem};

/// The longest name of an organization.
const LONGEST_NAME: usize = 128;
/// The longest address.
const LONGEST_ADDRESS: usize = 500;
/// The longest detail of a contact.
const LONGEST_DETAIL: usize = 255;
/// The most contacts that one organization may have.
const MOST_CONTACTS: usize = 20;

/// What an organization does for a living.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OrganizationKind {
    /// Advertises.
    Advertiser,
    /// Buys for advertisers.
    Agency,
    /// Stands between buyers and sellers.
    Intermediary,
    /// Sells its inventory.
    Publisher,
}

impl OrganizationKind {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Advertiser,
        Self::Agency,
        Self::Intermediary,
        Self::Publisher,
    ];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Advertiser => "advertiser",
            Self::Agency => "agency",
            Self::Intermediary => "intermediary",
            Self::Publisher => "publisher",
        }
    }
}

/// No kind of organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a kind of organization; known are advertiser, agency, intermediary and publisher")]
pub struct UnknownKind;

impl FromStr for OrganizationKind {
    type Err = UnknownKind;

    /// Takes the names in any case.
    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        Self::ALL
            .into_iter()
            .find(|one| one.name().eq_ignore_ascii_case(text))
            .ok_or(UnknownKind)
    }
}

impl<'de> Deserialize<'de> for OrganizationKind {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(input)?;
        text.parse().map_err(D::Error::custom)
    }
}

/// Somebody to reach; whatever is known of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Contact {
    /// The whole name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The given name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub firstname: Option<String>,
    /// The family name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lastname: Option<String>,
    /// Where to write.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Where to call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// What they do there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What they are the contact for, such as `Billing`.
    #[serde(
        rename = "type",
        alias = "role",
        skip_serializing_if = "Option::is_none"
    )]
    pub kind: Option<String>,
}

impl Contact {
    fn details(&self) -> [Option<&str>; 7] {
        [
            &self.name,
            &self.firstname,
            &self.lastname,
            &self.email,
            &self.phone,
            &self.title,
            &self.kind,
        ]
        .map(Option::as_deref)
    }
}

/// An organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// At most 128 characters.
    pub name: String,
    /// What it does.
    pub kind: OrganizationKind,
    /// Where it is, on one line.
    pub address: Option<String>,
    /// Whom to reach there.
    #[serde(default)]
    pub contacts: Vec<Contact>,
    /// What a vendor added.
    #[serde(default)]
    pub ext: Option<Ext>,
}

/// An organization as it is asked for, before any check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganizationDraft {
    /// At most 128 characters.
    pub name: String,
    /// What it does.
    pub kind: OrganizationKind,
    /// Where it is, on one line.
    #[serde(default)]
    pub address: Option<String>,
    /// Whom to reach there.
    #[serde(default)]
    pub contacts: Vec<Contact>,
    /// What a vendor added.
    #[serde(default)]
    pub ext: Option<Ext>,
}

impl OrganizationDraft {
    /// Makes an organization of it.
    ///
    /// # Errors
    /// Every problem with its fields.
    pub fn check(self, id: OrganizationId) -> Result<Organization, Vec<Problem>> {
        let mut checks = Checks::default();
        checks.line("name", &self.name, LONGEST_NAME);
        checks.maybe_line("address", self.address.as_deref(), LONGEST_ADDRESS);
        if self.contacts.len() > MOST_CONTACTS {
            checks.problem("contacts", "TOO_MANY", "are more than 20");
        }
        for (at, contact) in self.contacts.iter().take(MOST_CONTACTS).enumerate() {
            for detail in contact.details() {
                checks.maybe_line(&format!("contacts[{at}]"), detail, LONGEST_DETAIL);
            }
        }
        checks.object("ext", self.ext.as_ref());
        checks.done(Some(Organization {
            id,
            name: self.name,
            kind: self.kind,
            address: self.address,
            contacts: self.contacts,
            ext: self.ext,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> OrganizationDraft {
        OrganizationDraft {
            name: "Northlight".to_owned(),
            kind: OrganizationKind::Publisher,
            address: None,
            contacts: vec![Contact {
                email: Some("ads@example.com".to_owned()),
                ..Contact::default()
            }],
            ext: None,
        }
    }

    #[test]
    fn an_organization_is_checked_down_to_its_contacts() {
        let id = uuid::Uuid::from_u128(1).into();
        assert_eq!(draft().check(id).expect("fine").contacts, draft().contacts);
        let mut wrong = draft();
        wrong.name.clear();
        wrong.contacts[0].phone = Some("1\n2".to_owned());
        let problems = wrong.check(id).expect_err("wrong");
        let fields: Vec<&str> = problems.iter().map(|one| one.field.as_str()).collect();
        assert_eq!(fields, ["name", "contacts[0]"]);
        let crowd = OrganizationDraft {
            contacts: vec![Contact::default(); 21],
            ..draft()
        };
        assert_eq!(
            crowd.check(id).expect_err("many")[0].code.as_str(),
            "TOO_MANY"
        );
    }

    #[test]
    fn a_kind_reads_in_any_case() {
        for kind in OrganizationKind::ALL {
            assert_eq!(kind.name().to_uppercase().parse(), Ok(kind));
        }
        assert_eq!("broker".parse::<OrganizationKind>(), Err(UnknownKind));
    }
}
