//! How tenants, their names, principals and keys stand in the object table: the directory of the
//! house, and what each tenant has of its own.

use serde::{Deserialize, Serialize};

use super::{searchable, telling};
use crate::{
    domain::{
        audit::change::Facts,
        tenant::{
            key::Key,
            principal::Principal,
            publisher::{Publisher, Subdomain},
        },
    },
    store::{batch::Facets, record::Record},
};

impl Record for Publisher {
    const KIND: &'static str = "tenant";
    fn id(&self) -> String {
        self.id.to_string()
    }
    fn facets(&self) -> Facets {
        Facets {
            state: self.state().into(),
            label: self.name.clone(),
            search: searchable(&[&self.name, &self.subdomain, self.id.as_str()]),
            ..Facets::default()
        }
    }
    fn told(&self) -> Facts {
        telling::of_publisher(self)
    }
}

impl Record for Subdomain {
    const KIND: &'static str = "subdomain";
    fn id(&self) -> String {
        self.name.clone()
    }
    fn facets(&self) -> Facets {
        Facets {
            parent: self.tenant.to_string(),
            state: "taken".into(),
            label: self.name.clone(),
            ..Facets::default()
        }
    }
}

impl Record for Key {
    const KIND: &'static str = "key";
    fn id(&self) -> String {
        self.id.clone()
    }
    fn facets(&self) -> Facets {
        Facets {
            parent: self.tenant.to_string(),
            state: if self.revoked_at.is_some() {
                "revoked"
            } else {
                "active"
            }
            .into(),
            label: self.name.clone(),
            search: searchable(&[&self.name, &self.id, self.role.name()]),
            ..Facets::default()
        }
    }
}

impl Record for Principal {
    const KIND: &'static str = "principal";
    fn id(&self) -> String {
        self.id.clone()
    }
    fn facets(&self) -> Facets {
        Facets {
            state: "active".into(),
            label: self.name.clone(),
            search: searchable(&[&self.name, &self.id]),
            ..Facets::default()
        }
    }
    fn told(&self) -> Facts {
        telling::of_principal(self)
    }
}

/// Says that the house was opened: that somebody has got its first management key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// The first management key.
    pub key_id: String,
}

impl Opened {
    /// The id of the one object of this kind.
    pub const ID: &'static str = "management";
}

impl Record for Opened {
    const KIND: &'static str = "house";
    fn id(&self) -> String {
        Self::ID.to_owned()
    }
    fn facets(&self) -> Facets {
        Facets {
            state: "open".into(),
            ..Facets::default()
        }
    }
}
