//! Writes down that a sales agent can be reached, or cannot any more; asked only when that changes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{media_buy::upstream::contact::AgentContact, policy::Permission},
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
};

/// Notes how the contact with a sales agent is; for the engine only.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NoteAgentContact {
    /// Why it cannot be reached, when it cannot.
    pub trouble: Option<String>,
}

/// It is noted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AgentNoted {
    /// Whether it can be reached.
    pub reached: bool,
}

impl Operation for NoteAgentContact {
    const NAME: &'static str = "media_buys.note_contact";
    const ABOUT: &'static str = "Note whether the sales agent can be reached; for the engine only.";
    const KIND: Kind = Kind::Command(Permission::RunEngine);
    type Output = AgentNoted;

    async fn perform(self, work: &mut Work<'_>) -> Result<AgentNoted, Fault> {
        let stored = work.get::<AgentContact>(AgentContact::ID).await?;
        let reached = self.trouble.is_none();
        let mut next = AgentContact {
            trouble: self.trouble,
            since: work.now(),
        };
        match &stored {
            Some(stored) if stored.record.trouble == next.trouble => {
                return Ok(AgentNoted { reached });
            }
            Some(stored) => {
                // Another reason is no other time.
                if stored.record.trouble.is_some() && !reached {
                    next.since = stored.record.since;
                }
                work.replace(stored, &next)?;
            }
            None => work.create(&next)?,
        }
        let detail = next.trouble.unwrap_or_else(|| "it answers".into());
        let name = if reached {
            "media_buys.upstream_reached"
        } else {
            "media_buys.upstream_unreached"
        };
        work.tell(name, "upstream", AgentContact::ID, detail);
        Ok(AgentNoted { reached })
    }
}
