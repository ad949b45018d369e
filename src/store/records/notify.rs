//! How endpoints, failed orders, and how far what happened was told stand in the object table.

use serde::{Deserialize, Serialize};

use super::searchable;
use crate::{
    domain::{
        notify::{endpoint::Endpoint, failure::Failure, slack::Channel},
        when::Instant,
    },
    store::{batch::Facets, record::Record},
};

/// How far what happened to a tenant was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The last event that was looked at.
    pub seq: i64,
}

impl Told {
    /// The id of the one that a tenant has.
    pub const ID: &'static str = "feed";
}

/// How a Slack channel of a tenant does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlackState {
    /// Which.
    pub channel: Channel,
    /// Before then nothing is sent.
    pub next: Option<Instant>,
    /// How often the same was tried in vain.
    pub tries: u32,
    /// Why nothing is sent to this address any more, with a digest of the address.
    pub gone: Option<(String, String)>,
    /// When it was last tried, and what it answered.
    pub last: Option<(Instant, Option<u16>)>,
}

impl Record for Told {
    const KIND: &'static str = "told";
    fn id(&self) -> String {
        Self::ID.to_owned()
    }
    fn facets(&self) -> Facets {
        Facets::default()
    }
}

impl Record for SlackState {
    const KIND: &'static str = "slack";
    fn id(&self) -> String {
        self.channel.name().to_owned()
    }
    fn facets(&self) -> Facets {
        Facets {
            state: if self.gone.is_some() { "gone" } else { "there" }.into(),
            ..Facets::default()
        }
    }
}

impl Record for Endpoint {
    const KIND: &'static str = "endpoint";
    fn id(&self) -> String {
        self.id.to_string()
    }
    fn facets(&self) -> Facets {
        Facets {
            state: if self.active { "active" } else { "inactive" }.into(),
            label: self.name.clone(),
            search: searchable(&[&self.name]),
            ..Facets::default()
        }
    }
}

impl Record for Failure {
    const KIND: &'static str = "failure";
    fn id(&self) -> String {
        self.id.to_string()
    }
    fn facets(&self) -> Facets {
        Facets {
            parent: self.owner.clone(),
            state: "failed".into(),
            label: self.name.clone(),
            search: searchable(&[&self.name, &self.owner, &self.code]),
            ..Facets::default()
        }
    }
}
