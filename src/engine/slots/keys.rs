//! Gives the names of slots another key. Names that were made under the one before stay good;
//! those that are older are refused like any that was never made.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::slot_keys;
use crate::{
    domain::{policy::Permission, slot::token::SlotKey},
    engine::{
        cursor::Secret,
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
    store::{record::Record as _, records::SlotKeys},
};

/// Gives the names of slots another key.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RotateSlotKey {}

/// Which keys are good now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Rotated {
    /// The number of the key that names slots now.
    pub key_id: u8,
    /// The number of the one before, whose names stay good.
    pub previous_key_id: u8,
}

impl Operation for RotateSlotKey {
    const NAME: &'static str = "slots.rotate_key";
    const ABOUT: &'static str = "Give the names of slots another key; those before the last end.";
    const KIND: Kind = Kind::Command(Permission::ManageResources);
    type Output = Rotated;

    async fn perform(self, work: &mut Work<'_>) -> Result<Rotated, Fault> {
        let before = slot_keys(work).await?;
        let used = before.into_iter().next();
        let used = used.ok_or_else(|| Fault::broken("no key for the names of slots"))?;
        let secret = work.desk().secret.key(work.tenant(), &Secret::fresh());
        let fresh = SlotKey {
            id: used.id.wrapping_add(1),
            secret: secret.ok_or_else(|| Fault::broken("a slot key cannot be made"))?,
        };
        let rotated = Rotated {
            key_id: fresh.id,
            previous_key_id: used.id,
        };
        let keys = SlotKeys::of(&[fresh, used]);
        match work.get::<SlotKeys>(SlotKeys::ID).await? {
            Some(was) => work.replace(&was, &keys)?,
            None => work.create(&keys)?,
        }
        work.about(format!("{}/{}", SlotKeys::KIND, SlotKeys::ID));
        Ok(rotated)
    }
}
