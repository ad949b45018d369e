//! How what is on its way to a tenant-management server stands in the object table.

use super::searchable;
use crate::{
    domain::tenant::server::errand::ServerErrand,
    store::{batch::Facets, record::Record},
};

impl Record for ServerErrand {
    const KIND: &'static str = "server_errand";
    fn id(&self) -> String {
        self.id.to_string()
    }
    fn facets(&self) -> Facets {
        Facets {
            state: self.state.name().into(),
            label: self.by.clone(),
            search: searchable(&[&self.line]),
            ..Facets::default()
        }
    }
}
