//! How runs, the places that they go through, connections to ad servers, and what media buys have
//! there stand in the object table. What they brought stands in a table of its own.

use super::{
    batch::Facets,
    record::{Record, fold},
};
use crate::domain::{
    inventory::{connection::Connection, run::Run, slot::Slot},
    media_buy::ad_order::AdOrder,
};

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

impl Record for AdOrder {
    const KIND: &'static str = "ad_order";
    fn id(&self) -> String {
        self.media_buy_id.to_string()
    }
    fn facets(&self) -> Facets {
        let order = self.order_id.as_deref().unwrap_or_default();
        Facets {
            state: self.standing.name().into(),
            label: self.name.clone(),
            search: fold(&format!("{} {order}", self.name)),
            ..Facets::default()
        }
    }
}
