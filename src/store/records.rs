//! How each domain type stands in the object table: kind, id, columns.

use serde::{Deserialize, Serialize};

use super::{
    batch::Facets,
    record::{Record, fold},
};
use crate::domain::{
    audit::change::{Change, Facts},
    booking::{glance::Glance, job::Job},
    delivery::{measured::Measured, track::Track},
    media_buy::{
        approval::Approval,
        buy::MediaBuy,
        creative::{CreativeHook, LibraryCreative},
        feedback::Feedback,
    },
    money::Money,
    opendirect::{
        account::Account, assignment::Assignment, creative::Creative, line::Line, order::Order,
        organization::Organization, product::Product,
    },
    pacing::{
        alerts::watched::Watched,
        booked::{Booked, Bought},
        counted::Counted,
        journal::Journal,
    },
    sandbox::{Directive, Fixture, NamedTask},
    tenant::profile::Profile,
    webhook::notice::Notice,
};

mod notify;
mod reporting;
mod slots;
mod slots_upstream;
mod telling;
mod tenancy;
mod tenant_server;
mod upstream;
pub use notify::{SlackState, Told};
pub use slots::SlotKeys;
pub use tenancy::Opened;

/// Joins what a search shall look through, folded to lower case.
fn searchable(parts: &[&str]) -> String {
    fold(&parts.join(" "))
}

impl Record for Job {
    const KIND: &'static str = "job";
    fn id(&self) -> String {
        self.id.to_string()
    }
    fn facets(&self) -> Facets {
        Facets {
            state: self.status.outside().name().into(),
            label: self.brief.name.clone(),
            search: searchable(&[&self.brief.name, &self.id.to_string(), &self.submitted_by]),
            amount: self.brief.budget.minor(),
            currency: self.brief.budget.currency().code().into(),
            ..Facets::default()
        }
    }
    fn glance(&self) -> serde_json::Result<Option<String>> {
        serde_json::to_string(&Glance::of(self)).map(Some)
    }
    fn told(&self) -> Facts {
        telling::of_job(self)
    }
}

impl Record for Track {
    const KIND: &'static str = "track";
    const AT_HAND: bool = false;
    fn id(&self) -> String {
        self.line_id.to_string()
    }
    fn facets(&self) -> Facets {
        Facets::default()
    }
    fn glance(&self) -> serde_json::Result<Option<String>> {
        serde_json::to_string(&Counted::of(self)).map(Some)
    }
}

impl Record for Measured {
    const KIND: &'static str = "measured";
    const AT_HAND: bool = false;
    fn id(&self) -> String {
        self.line_id.to_string()
    }
    fn facets(&self) -> Facets {
        Facets::default()
    }
    fn glance(&self) -> serde_json::Result<Option<String>> {
        serde_json::to_string(self).map(Some)
    }
}

impl Record for Watched {
    const KIND: &'static str = "watched";
    fn id(&self) -> String {
        self.line.to_string()
    }
    fn facets(&self) -> Facets {
        Facets {
            parent: self.order.to_string(),
            state: self.state().into(),
            label: self.name.to_string(),
            search: searchable(&[&self.name, &self.order_name, &self.owner]),
            amount: self.minor_at_risk(),
            currency: self
                .currency
                .map_or_else(String::new, |currency| currency.code().into()),
            ..Facets::default()
        }
    }
}

impl Record for Journal {
    const KIND: &'static str = "pacing_change";
    fn id(&self) -> String {
        self.id.to_string()
    }
    fn facets(&self) -> Facets {
        let names = self.changes.iter().map(|one| &*one.line);
        let names: Vec<&str> = names.take(20).collect();
        Facets {
            state: if self.undone.is_some() {
                "undone"
            } else {
                "done"
            }
            .into(),
            label: self.by.clone(),
            search: searchable(&[&self.by, &self.note, &names.join(" ")]),
            ..Facets::default()
        }
    }
    fn notes(&self) -> Vec<Change> {
        self.changes.iter().map(telling::noted).collect()
    }
}

impl Record for Profile {
    const KIND: &'static str = "tenant";
    fn id(&self) -> String {
        self.id.to_string()
    }
    fn facets(&self) -> Facets {
        let name = self.id.to_string();
        Facets {
            state: "active".into(),
            search: name.clone(),
            label: name,
            ..Facets::default()
        }
    }
}

impl Record for Product {
    const KIND: &'static str = "product";
    fn id(&self) -> String {
        self.id.to_string()
    }
    fn facets(&self) -> Facets {
        Facets {
            parent: self.publisher_id.clone(),
            state: if self.active { "active" } else { "inactive" }.into(),
            label: self.name.clone(),
            search: searchable(&[
                &self.name,
                self.id.as_str(),
                &self.publisher,
                self.channel.name(),
                &self.format,
            ]),
            amount: self.base_price.minor(),
            currency: self.base_price.currency().code().into(),
            ..Facets::default()
        }
    }
    fn told(&self) -> Facts {
        telling::of_product(self)
    }
}

impl Record for Order {
    const KIND: &'static str = "order";
    fn id(&self) -> String {
        self.id.to_string()
    }
    fn facets(&self) -> Facets {
        Facets {
            parent: self.account_id.to_string(),
            state: self.status.name().into(),
            label: self.name.clone(),
            search: searchable(&[&self.name, &self.id.to_string()]),
            amount: self.budget.minor(),
            currency: self.budget.currency().code().into(),
            ..Facets::default()
        }
    }
}

impl Record for Line {
    const KIND: &'static str = "line";
    fn id(&self) -> String {
        self.id.to_string()
    }
    fn facets(&self) -> Facets {
        Facets {
            parent: self.order_id.to_string(),
            state: self.status.name().into(),
            label: self.name.clone(),
            search: searchable(&[&self.name, &self.id.to_string(), self.product_id.as_str()]),
            amount: self.cost.minor(),
            currency: self.cost.currency().code().into(),
            ..Facets::default()
        }
    }
    fn told(&self) -> Facts {
        telling::of_line(self)
    }
    fn glance(&self) -> serde_json::Result<Option<String>> {
        serde_json::to_string(&Booked::of(self)).map(Some)
    }
}

impl Record for Organization {
    const KIND: &'static str = "organization";
    fn id(&self) -> String {
        self.id.to_string()
    }
    fn facets(&self) -> Facets {
        Facets {
            state: self.kind.name().into(),
            label: self.name.clone(),
            search: searchable(&[&self.name, &self.id.to_string()]),
            ..Facets::default()
        }
    }
}

impl Record for Account {
    const KIND: &'static str = "account";
    fn id(&self) -> String {
        self.id.to_string()
    }
    fn facets(&self) -> Facets {
        Facets {
            state: "active".into(),
            label: self.name.clone(),
            search: searchable(&[
                &self.name,
                &self.id.to_string(),
                self.advertiser_id.as_str(),
                self.buyer_id.as_str(),
            ]),
            ..Facets::default()
        }
    }
}

impl Record for Creative {
    const KIND: &'static str = "creative";
    fn id(&self) -> String {
        self.id.to_string()
    }
    fn facets(&self) -> Facets {
        Facets {
            parent: self.account_id.to_string(),
            state: "active".into(),
            label: self.name.clone(),
            search: searchable(&[&self.name, &self.id.to_string()]),
            ..Facets::default()
        }
    }
}

impl Record for Assignment {
    const KIND: &'static str = "assignment";
    fn id(&self) -> String {
        self.id.to_string()
    }
    fn facets(&self) -> Facets {
        Facets {
            parent: self.account_id.to_string(),
            state: self.status.name().into(),
            search: searchable(&[&self.line_id.to_string(), &self.creative_id.to_string()]),
            ..Facets::default()
        }
    }
}

impl Record for MediaBuy {
    const KIND: &'static str = "media_buy";
    fn id(&self) -> String {
        self.id.to_string()
    }
    fn facets(&self) -> Facets {
        let po = self.particulars.po_number.as_deref().unwrap_or_default();
        Facets {
            parent: self.owner.clone(),
            state: match self.archived_at {
                Some(_) => "archived".into(),
                None => self.status.name().into(),
            },
            label: self.name.clone(),
            search: searchable(&[&self.name, self.id.as_str(), &self.owner, po]),
            amount: self.total().map_or(i64::MAX, Money::minor),
            currency: self.currency.code().into(),
            ..Facets::default()
        }
    }
    fn glance(&self) -> serde_json::Result<Option<String>> {
        serde_json::to_string(&Bought::of(self)).map(Some)
    }
    fn told(&self) -> Facts {
        telling::of_buy(self)
    }
}

impl Record for LibraryCreative {
    const KIND: &'static str = "library_creative";
    fn id(&self) -> String {
        Self::key(&self.owner, &self.creative_id)
    }
    fn facets(&self) -> Facets {
        Facets {
            parent: self.owner.clone(),
            state: self.status.name().into(),
            label: self.name.clone(),
            search: searchable(&[&self.name, &self.creative_id, &self.owner]),
            ..Facets::default()
        }
    }
}

impl Record for CreativeHook {
    const KIND: &'static str = "creative_hook";
    fn id(&self) -> String {
        LibraryCreative::key(&self.owner, &self.creative_id)
    }
    fn facets(&self) -> Facets {
        Facets {
            parent: self.owner.clone(),
            state: "listens".into(),
            ..Facets::default()
        }
    }
}

impl Record for Approval {
    const KIND: &'static str = "approval";
    fn id(&self) -> String {
        self.id.to_string()
    }
    fn facets(&self) -> Facets {
        Facets {
            parent: self.buy_id.to_string(),
            state: self.state().into(),
            label: self.name.clone(),
            search: searchable(&[&self.name, self.buy_id.as_str(), &self.asked_by]),
            amount: self.amount.minor(),
            currency: self.amount.currency().code().into(),
            ..Facets::default()
        }
    }
}

/// What all nodes go by to see that a catalogue has changed: its revision counts the
/// changes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalogue {
    /// How many products were ever written.
    pub puts: u64,
}

impl Record for Catalogue {
    const KIND: &'static str = "catalogue";
    fn id(&self) -> String {
        Self::KIND.to_owned()
    }
    fn facets(&self) -> Facets {
        Facets {
            state: "active".into(),
            ..Facets::default()
        }
    }
}

/// How far a tenant has turned the engine's clock forward; what all tenants did adds up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hands {
    /// In microseconds.
    pub ahead: i64,
}

impl Hands {
    /// The id of the one object of this kind that a tenant has.
    pub const ID: &'static str = "hands";
}

impl Record for Hands {
    const KIND: &'static str = "clock";
    fn id(&self) -> String {
        Self::ID.to_owned()
    }
    fn facets(&self) -> Facets {
        Facets {
            state: "active".into(),
            ..Facets::default()
        }
    }
}

impl Record for Directive {
    const KIND: &'static str = "sandbox_directive";
    fn id(&self) -> String {
        self.owner.clone()
    }
    fn facets(&self) -> Facets {
        Facets {
            parent: self.owner.clone(),
            state: if self.used { "used" } else { "waiting" }.into(),
            ..Facets::default()
        }
    }
}

impl Record for NamedTask {
    const KIND: &'static str = "sandbox_task";
    fn id(&self) -> String {
        Self::key(&self.owner, &self.task_id)
    }
    fn facets(&self) -> Facets {
        Facets {
            parent: self.owner.clone(),
            state: "active".into(),
            label: self.task_id.clone(),
            ..Facets::default()
        }
    }
}

impl Record for Fixture {
    const KIND: &'static str = "sandbox_fixture";
    fn id(&self) -> String {
        format!("{}/{}", self.kind, self.id)
    }
    fn facets(&self) -> Facets {
        Facets {
            parent: self.kind.clone(),
            state: "active".into(),
            label: self.id.clone(),
            ..Facets::default()
        }
    }
}

impl Record for Feedback {
    const KIND: &'static str = "feedback";
    fn id(&self) -> String {
        self.id.to_string()
    }
    fn facets(&self) -> Facets {
        Facets {
            parent: self.media_buy_id.to_string(),
            state: "active".into(),
            label: self.by.clone(),
            ..Facets::default()
        }
    }
}

impl Record for Notice {
    const KIND: &'static str = "webhook";
    fn id(&self) -> String {
        self.id.to_string()
    }
    fn facets(&self) -> Facets {
        Facets {
            parent: self.owner.clone(),
            state: self.status.name().into(),
            label: self.what.clone(),
            search: searchable(&[&self.about, &self.what]),
            ..Facets::default()
        }
    }
}
