//! How what is known of other companies' systems stands in the object table.

use super::searchable;
use crate::{
    domain::{
        booking::upstream::{contact::Contact, link::Link},
        media_buy::upstream::{contact::AgentContact, link::BuyLink},
    },
    store::{batch::Facets, record::Record},
};

impl Record for Link {
    const KIND: &'static str = "upstream_job";
    fn id(&self) -> String {
        self.remote.clone()
    }
    fn facets(&self) -> Facets {
        Facets {
            parent: self.job_id.to_string(),
            state: self.state().into(),
            label: self.status.clone(),
            search: searchable(&[&self.remote]),
            ..Facets::default()
        }
    }
}

impl Record for Contact {
    const KIND: &'static str = "upstream_desk";
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

impl Record for BuyLink {
    const KIND: &'static str = "upstream_buy";
    fn id(&self) -> String {
        self.remote.clone()
    }
    fn facets(&self) -> Facets {
        Facets {
            parent: self.buy_id.to_string(),
            state: self.standing.name().into(),
            label: self.digest.clone(),
            search: searchable(&[&self.remote]),
            ..Facets::default()
        }
    }
}

impl Record for AgentContact {
    const KIND: &'static str = "upstream_agent";
    fn id(&self) -> String {
        Self::ID.to_owned()
    }
    fn facets(&self) -> Facets {
        let state = match self.trouble {
            Some(_) => "unreached",
            None => "reached",
        };
        Facets {
            state: state.into(),
            ..Facets::default()
        }
    }
}
