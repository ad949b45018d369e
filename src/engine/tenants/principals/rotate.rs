//! Makes a new token for a principal; the old one opens for a while beside it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{PrincipalView, WithToken, find};
use crate::{
    domain::{
        policy::Permission,
        tenant::{
            key::{Key, Standing},
            principal::Principal,
            secret::Secret,
        },
    },
    engine::{
        fault::Fault,
        keys::{Wanted, check_gift, keep, mint, replace},
        operation::{Kind, Operation},
        work::Work,
    },
};

/// Rotates a principal's token.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RotateToken {
    /// Whose.
    pub principal_id: String,
    /// For how many seconds the old one still opens; a day where it is not said and at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overlap_seconds: Option<u32>,
    /// A token of its own; one is made where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_token: Option<Secret>,
}

impl Operation for RotateToken {
    const NAME: &'static str = "principals.rotate_token";
    const ABOUT: &'static str = "Make a new token for a principal, and show it once.";
    const KIND: Kind = Kind::Command(Permission::ManageKeys);
    type Output = WithToken;

    async fn perform(self, work: &mut Work<'_>) -> Result<WithToken, Fault> {
        let stored = find(work, &self.principal_id).await?;
        let mut principal: Principal = stored.record.clone();
        work.about(format!("principal/{}", principal.id));
        check_gift(work.caller(), principal.role(), None)?;
        let old = work.get_in_house::<Key>(&principal.key_id).await?;
        let now = work.now();
        let chosen = self.access_token.as_ref();
        let live = old.filter(|old| old.record.standing(now) == Standing::Active);
        let (new, token, ends) = if let Some(old) = live {
            let (old, new, token) = replace(work, old, self.overlap_seconds, chosen).await?;
            (new, token, old.expires_at)
        } else {
            // What it had opens nothing any more: this is a new beginning.
            let wanted = Wanted {
                principal: Some(principal.id.clone()),
                ..Wanted::new(work.tenant(), principal.id.clone(), principal.role())
            };
            let (new, token) = match chosen {
                Some(token) => keep(work, wanted, token).await?,
                None => mint(work, wanted)?,
            };
            (new, token, None)
        };
        principal.key_id = new.id;
        work.replace(&stored, &principal)?;
        let (object, detail) = (principal.id.clone(), principal.name.clone());
        work.tell("principals.token_rotated", "principal", object, detail);
        Ok(WithToken {
            principal: PrincipalView::of(work.tenant(), principal),
            access_token: Some(token),
            old_token_ends: ends,
        })
    }

    fn kept(output: &WithToken) -> serde_json::Result<String> {
        output.kept()
    }
}
