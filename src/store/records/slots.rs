//! How what can be booked, and who has, stands in the object table.

use serde::{Deserialize, Serialize};

use super::{searchable, telling};
use crate::{
    domain::{
        audit::change::Facts,
        slot::{
            booking::Booking, diary::Diary, hold::Hold, resource::Resource, token::SlotKey,
            upstream::Mark, waiting::Waiting,
        },
    },
    store::{batch::Facets, record::Record},
};

/// The keys under which a tenant's slots are named: the one that is used, and the one before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotKeys {
    /// By number, with the secret in hexadecimal; the first is used.
    keys: Vec<(u8, String)>,
}

impl SlotKeys {
    /// There is one set of a tenant.
    pub const ID: &'static str = "slots";

    /// These, the one that is used first.
    #[must_use]
    pub fn of(keys: &[SlotKey]) -> Self {
        let written = |key: &SlotKey| (key.id, hex::encode(key.secret));
        Self {
            keys: keys.iter().map(written).collect(),
        }
    }

    /// The keys, the one that is used first.
    #[must_use]
    pub fn keys(&self) -> Vec<SlotKey> {
        let read = |(id, secret): &(u8, String)| {
            let secret = hex::decode(secret).ok()?.try_into().ok()?;
            Some(SlotKey { id: *id, secret })
        };
        self.keys.iter().filter_map(read).collect()
    }
}

impl Record for SlotKeys {
    const KIND: &'static str = "slot_keys";
    fn id(&self) -> String {
        Self::ID.to_owned()
    }
    fn facets(&self) -> Facets {
        Facets::default()
    }
}

impl Record for Resource {
    const KIND: &'static str = "resource";
    fn id(&self) -> String {
        self.id.to_string()
    }
    fn facets(&self) -> Facets {
        let card = &self.card;
        Facets {
            parent: card.kind.name().into(),
            state: if self.is_active { "active" } else { "inactive" }.into(),
            label: card.name.clone(),
            search: searchable(&[&card.name, &card.slug]),
            ..Facets::default()
        }
    }
    fn glance(&self) -> serde_json::Result<Option<String>> {
        let mark = self.upstream.as_deref().map(Mark::plain);
        mark.map(|mark| serde_json::to_string(&mark)).transpose()
    }
}

impl Record for Diary {
    const KIND: &'static str = "slot_diary";
    fn id(&self) -> String {
        Self::name(self.resource, self.day)
    }
    fn facets(&self) -> Facets {
        Facets {
            parent: self.resource.to_string(),
            ..Facets::default()
        }
    }
}

impl Record for Booking {
    const KIND: &'static str = "slot_booking";
    fn id(&self) -> String {
        self.id.to_string()
    }
    fn facets(&self) -> Facets {
        let guest = &self.guest;
        let phone = guest.phone.as_deref().unwrap_or_default();
        let (id, lead) = (self.id.to_string(), self.lead.to_string());
        Facets {
            parent: self.resource.to_string(),
            state: self.status.name().into(),
            label: guest.name(),
            search: searchable(&[
                &guest.name(),
                &guest.email,
                phone,
                &self.resource_name,
                &id,
                &Self::lead_mark(&lead),
            ]),
            begins: self.starts_at.timestamp_micros(),
            ..Facets::default()
        }
    }
    fn glance(&self) -> serde_json::Result<Option<String>> {
        let mark = Mark::of(self);
        mark.map(|mark| serde_json::to_string(&mark)).transpose()
    }
    fn told(&self) -> Facts {
        telling::of_visit(self.facets(), self.starts_at, self.ends_at)
    }
}

impl Record for Hold {
    const KIND: &'static str = "slot_hold";
    fn id(&self) -> String {
        self.id.to_string()
    }
    fn facets(&self) -> Facets {
        Facets {
            parent: self.resource.to_string(),
            state: self.state.name().into(),
            label: self.by.clone(),
            begins: self.starts_at.timestamp_micros(),
            ..Facets::default()
        }
    }
    fn told(&self) -> Facts {
        telling::of_visit(self.facets(), self.starts_at, self.ends_at)
    }
}

impl Record for Waiting {
    const KIND: &'static str = "slot_waiting";
    fn id(&self) -> String {
        self.id.to_string()
    }
    fn facets(&self) -> Facets {
        let guest = &self.guest;
        Facets {
            parent: self.resource.to_string(),
            state: self.state.name().into(),
            label: guest.name(),
            search: searchable(&[&guest.name(), &guest.email]),
            begins: self.starts_at.timestamp_micros(),
            ..Facets::default()
        }
    }
    fn told(&self) -> Facts {
        telling::of_visit(self.facets(), self.starts_at, self.ends_at)
    }
}
