//! Makes the key that takes another's place. Both open until the time of the old one is over,
//! so that nobody who uses it has to stand still.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{KeyView, MadeKey, check_gift, find_own, replace};
use crate::{
    domain::{policy::Permission, tenant::principal::Principal},
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
};

/// Rotates a key.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RotateKey {
    /// Which: its readable part.
    pub key_id: String,
    /// For how many seconds the old one still opens; a day where it is not said and at most.
    #[serde(default)]
    pub overlap_seconds: Option<u32>,
}

impl Operation for RotateKey {
    const NAME: &'static str = "keys.rotate";
    const ABOUT: &'static str = "Make the key that takes another's place, and show it once.";
    const KIND: Kind = Kind::Command(Permission::ManageKeys);
    type Output = MadeKey;

    async fn perform(self, work: &mut Work<'_>) -> Result<MadeKey, Fault> {
        let stored = find_own(work, &self.key_id).await?;
        work.about(format!("key/{}", stored.record.id));
        check_gift(
            work.caller(),
            stored.record.role,
            stored.record.scopes.as_ref(),
        )?;
        let (_, new, secret) = replace(work, stored, self.overlap_seconds, None).await?;
        if let Some(principal) = &new.principal
            && let Some(kept) = work.get::<Principal>(principal).await?
        {
            let moved = Principal {
                key_id: new.id.clone(),
                ..kept.record.clone()
            };
            work.replace(&kept, &moved)?;
        }
        Ok(MadeKey {
            key: Some(secret),
            view: KeyView::of(new, work.now()),
        })
    }

    fn kept(output: &MadeKey) -> serde_json::Result<String> {
        output.kept()
    }
}
