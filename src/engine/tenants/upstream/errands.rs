//! The steps of what is sent to a tenant-management server, one commit each. The engine's own. The
//! mark is kept before anything leaves; of the values that are sent no secret is kept.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::SETTLE;
use crate::{
    domain::{
        ids::ChangeId,
        policy::Permission,
        tenant::server::errand::{ServerErrand, Way},
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
};

/// How long after it has left it is looked at whether anybody heard what came of it.
const AFTER: Duration = Duration::from_mins(1);

/// Takes a step of something on its way, or only reads it; for the engine only.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeServerStep {
    /// Of what.
    pub errand: ChangeId,
    /// Which step.
    #[schemars(with = "serde_json::Value")]
    pub step: ServerStep,
}

/// A step.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServerStep {
    /// It is about to be sent.
    Leaves,
    /// Nobody knows whether it arrived.
    Lost(String),
    /// It was done, and this is told of it.
    Done(Value),
    /// It is not sent at all, for this reason; void once it has left.
    NotSent(Value),
    /// It was sent and not done, for this reason.
    Refused(Value),
}

/// Something on its way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ServerUnderway {
    /// As it is kept.
    #[schemars(with = "serde_json::Value")]
    pub errand: ServerErrand,
}

impl Operation for TakeServerStep {
    const NAME: &'static str = "tenants.upstream_step";
    const ABOUT: &'static str =
        "Take a step of sending to a tenant-management server; for the engine only.";
    const KIND: Kind = Kind::Command(Permission::RunEngine);
    type Output = ServerUnderway;

    async fn perform(self, work: &mut Work<'_>) -> Result<ServerUnderway, Fault> {
        let id = self.errand.to_string();
        let found = work.get_in_house::<ServerErrand>(&id).await?;
        let stored = found.ok_or_else(|| Fault::missing(self.errand))?;
        let mut errand = stored.record.clone();
        let at = match errand.state {
            Way::Left { at, .. } => Some(at),
            _ => None,
        };
        let fresh = errand.state == Way::Kept;
        if matches!(self.step, ServerStep::Leaves) {
            // Whoever sends it may break off: then somebody looks what came of it.
            work.wake(SETTLE, id.clone(), work.now() + AFTER);
        }
        errand.state = match (self.step, at) {
            (ServerStep::Leaves, None) if fresh => Way::Left {
                at: work.now(),
                why: None,
            },
            (ServerStep::Lost(why), Some(at)) => Way::Left { at, why: Some(why) },
            (ServerStep::Done(outcome), Some(_)) => Way::Done { outcome },
            (ServerStep::NotSent(fault), None) if fresh => Way::Refused { fault },
            (ServerStep::Refused(fault), Some(_)) => Way::Refused { fault },
            _ => return Err(Fault::conflict("MOVED_ON", "this has moved on")),
        };
        work.about(format!("server_errand/{id}"));
        work.replace_in_house(&stored, &errand)?;
        Ok(ServerUnderway { errand })
    }
}

/// Reads something on its way; for the engine only.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadServerErrand {
    /// Which.
    pub errand: ChangeId,
}

impl Operation for ReadServerErrand {
    const NAME: &'static str = "tenants.upstream_errand";
    const ABOUT: &'static str =
        "Read what is on its way to a tenant-management server; for the engine only.";
    const KIND: Kind = Kind::Query(Permission::RunEngine);
    type Output = ServerUnderway;

    async fn perform(self, work: &mut Work<'_>) -> Result<ServerUnderway, Fault> {
        let id = self.errand.to_string();
        let found = work.get_in_house::<ServerErrand>(&id).await?;
        let stored = found.ok_or_else(|| Fault::missing(self.errand))?;
        Ok(ServerUnderway {
            errand: stored.record,
        })
    }
}
