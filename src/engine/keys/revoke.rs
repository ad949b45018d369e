//! Takes a key back: on this node at once, on every other within a second.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{KeyView, find_own, take_back};
use crate::{
    domain::policy::Permission,
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
};

/// Takes a key back.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeKey {
    /// Which: its readable part.
    pub key_id: String,
}

impl Operation for RevokeKey {
    const NAME: &'static str = "keys.revoke";
    const ABOUT: &'static str = "Take a key of the tenant back; taken back twice, it is no news.";
    const KIND: Kind = Kind::Command(Permission::ManageKeys);
    type Output = KeyView;

    async fn perform(self, work: &mut Work<'_>) -> Result<KeyView, Fault> {
        let stored = find_own(work, &self.key_id).await?;
        work.about(format!("key/{}", stored.record.id));
        let key = take_back(work, &stored)?;
        Ok(KeyView::of(key, work.now()))
    }
}
