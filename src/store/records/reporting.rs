//! How far the reports of a media buy have come, and what it was shown beside.

use crate::{
    domain::media_buy::{artifacts::Artifacts, reporting::Reporting},
    store::{batch::Facets, record::Record},
};

impl Record for Reporting {
    const KIND: &'static str = "reporting";
    fn id(&self) -> String {
        self.media_buy_id.to_string()
    }
    fn facets(&self) -> Facets {
        Facets {
            parent: self.owner.clone(),
            state: if self.over { "over" } else { "running" }.into(),
            ..Facets::default()
        }
    }
}

impl Record for Artifacts {
    const KIND: &'static str = "artifacts";
    fn id(&self) -> String {
        self.media_buy_id.to_string()
    }
    fn facets(&self) -> Facets {
        Facets {
            parent: self.owner.clone(),
            state: if self.over { "over" } else { "running" }.into(),
            ..Facets::default()
        }
    }
}
