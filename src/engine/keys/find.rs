//! What a door asks: who has a key, and whether their tenant is open. Refuses everybody but the
//! engine: what is answered holds digests.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::chosen_id;
use crate::{
    domain::{
        ids::TenantId,
        policy::Permission,
        tenant::{caller::house, key::Key, publisher::Publisher},
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
    store::record::Filter,
};

/// Finds a key by its readable part, or by its digest where it has none.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FindKey {
    /// Its readable part.
    #[serde(default)]
    pub id: Option<String>,
    /// SHA-256 of the whole key, in hex.
    #[serde(default)]
    pub sha256: String,
}

/// What is known of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FoundKey {
    /// The key, if there is one.
    pub key: Option<Key>,
    /// Its tenant.
    pub tenant: Option<Door>,
}

/// How a tenant's door stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Door {
    /// Whether it stands in the directory.
    pub listed: bool,
    /// Whether its keys open anything.
    pub open: bool,
    /// The other name under which it is asked.
    pub subdomain: String,
    /// Whether keys of it are kept here.
    pub has_keys: bool,
}

impl Operation for FindKey {
    const NAME: &'static str = "keys.find";
    const ABOUT: &'static str = "Say who has a key, and whether their tenant is open.";
    const KIND: Kind = Kind::Query(Permission::RunEngine);
    type Output = FoundKey;

    async fn perform(self, work: &mut Work<'_>) -> Result<FoundKey, Fault> {
        let id = match self.id {
            Some(id) => id,
            None => chosen_id(work, &self.sha256)?,
        };
        let found = work.get_in_house::<Key>(&id).await?;
        // Looked for where nobody has the key too, so that one refusal is as much work as another.
        let of = found
            .as_ref()
            .map_or(&*id, |found| found.record.tenant.as_str());
        let listed = work.get_in_house::<Publisher>(of).await?;
        let Some(found) = found else {
            return Ok(FoundKey {
                key: None,
                tenant: None,
            });
        };
        let of = &found.record.tenant;
        let tenant = match listed {
            Some(listed) => Door {
                listed: true,
                open: listed.record.active,
                subdomain: listed.record.subdomain,
                has_keys: true,
            },
            // The house stands in no directory. Whoever else is not there any more was deleted.
            None => Door {
                listed: false,
                open: *of == house(),
                subdomain: String::new(),
                has_keys: true,
            },
        };
        Ok(FoundKey {
            key: Some(found.record),
            tenant: Some(tenant),
        })
    }
}

/// Says how a tenant's door stands.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LookAtDoor {
    /// Whose.
    pub tenant: TenantId,
}

impl Operation for LookAtDoor {
    const NAME: &'static str = "keys.door";
    const ABOUT: &'static str = "Say whether a tenant is open, and whether keys of it are kept.";
    const KIND: Kind = Kind::Query(Permission::RunEngine);
    type Output = Door;

    async fn perform(self, work: &mut Work<'_>) -> Result<Door, Fault> {
        let name = self.tenant.as_str();
        let listed = work.get_in_house::<Publisher>(name).await?;
        let of_it = Filter {
            parent: Some(name.to_owned()),
            state: Some("active".to_owned()),
            ..Filter::default()
        };
        let has_keys = work.count_in_house::<Key>(&of_it).await? > 0;
        // Who is named in the settings alone is open: nobody has closed it.
        Ok(listed.map_or_else(
            || Door {
                listed: false,
                open: true,
                subdomain: name.to_owned(),
                has_keys,
            },
            |listed| Door {
                listed: true,
                open: listed.record.active,
                subdomain: listed.record.subdomain.clone(),
                has_keys,
            },
        ))
    }
}
