//! Shows one run: how far it has got, by kind, and what stands in its way.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::find;
use crate::{
    domain::{ids::SyncId, inventory::run::Run, policy::Permission},
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
};

/// Shows one run.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetSync {
    /// Which.
    pub sync_id: SyncId,
}

impl Operation for GetSync {
    const NAME: &'static str = "sync.get";
    const ABOUT: &'static str = "Show one sync: how far it has got, and what stands in its way.";
    const KIND: Kind = Kind::Query(Permission::ReadActivity);
    type Output = Run;

    async fn perform(self, work: &mut Work<'_>) -> Result<Run, Fault> {
        find(work, self.sync_id).await.map(|stored| stored.record)
    }
}
