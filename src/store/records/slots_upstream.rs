//! How what is known of other companies' slot services stands in the object table.

use super::searchable;
use crate::{
    domain::slot::upstream::{
        errand::{Errand, What},
        state::{Contact, LastSlots},
    },
    store::{batch::Facets, record::Record},
};

impl Record for Errand {
    const KIND: &'static str = "slot_errand";
    fn id(&self) -> String {
        self.id.to_string()
    }
    fn facets(&self) -> Facets {
        let parent = match &self.what {
            What::Book(wish) => wish.resource.to_string(),
            What::Cancel { booking, .. } => booking.to_string(),
            What::Resource { resource, .. } => {
                resource.map(|id| id.to_string()).unwrap_or_default()
            }
        };
        Facets {
            parent,
            state: self.state.name().into(),
            label: self.by.clone(),
            search: searchable(&[&self.line()]),
            ..Facets::default()
        }
    }
}

impl Record for Contact {
    const KIND: &'static str = "slot_desk";
    fn id(&self) -> String {
        Self::ID.to_owned()
    }
    fn facets(&self) -> Facets {
        Facets {
            state: if self.trouble.is_some() {
                "unreached"
            } else {
                "reached"
            }
            .into(),
            ..Facets::default()
        }
    }
}

impl Record for LastSlots {
    const KIND: &'static str = "slot_offers";
    fn id(&self) -> String {
        self.resource.to_string()
    }
    fn facets(&self) -> Facets {
        Facets {
            parent: self.resource.to_string(),
            ..Facets::default()
        }
    }
}
