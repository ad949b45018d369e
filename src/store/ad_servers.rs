//! How runs, the places that they go through, and connections to ad servers stand in the object
//! table. What they brought stands in a table of its own.

use super::{batch::Facets, record::Record};
use crate::domain::inventory::{connection::Connection, run::Run, slot::Slot};

impl Record for Run {
    const KIND: &'static str = "sync";
    fn id(&self) -> String {
        self.id.to_string()
    }
    fn facets(&self) -> Facets {
        Facets {
            parent: self.what.name().into(),
            state: self.status.name().into(),
            label: format!("{} {}", self.mode.name(), self.what),
            search: self.started_by.clone(),
            ..Facets::default()
        }
    }
}

impl Record for Slot {
    const KIND: &'static str = "sync_slot";
    fn id(&self) -> String {
        self.what.name().to_owned()
    }
    fn facets(&self) -> Facets {
        Facets {
            state: if self.running.is_some() {
                "busy"
            } else {
                "free"
            }
            .into(),
            ..Facets::default()
        }
    }
}

impl Record for Connection {
    const KIND: &'static str = "ad_server_connection";
    fn id(&self) -> String {
        Self::ID.to_owned()
    }
    fn facets(&self) -> Facets {
        let state = match self.connected() {
            None => "untested",
            Some(true) => "connected",
            Some(false) => "refused",
        };
        Facets {
            state: state.into(),
            ..Facets::default()
        }
    }
}
