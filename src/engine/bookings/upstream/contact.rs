//! Writes down that an upstream can be reached, or cannot any more; asked only when that changes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{booking::upstream::contact::Contact, policy::Permission},
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
};

/// Notes how the contact with an upstream is; for the engine only.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NoteContact {
    /// Why it cannot be reached, when it cannot.
    pub trouble: Option<String>,
}

/// It is noted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Noted {
    /// Whether it can be reached.
    pub reached: bool,
}

impl Operation for NoteContact {
    const NAME: &'static str = "bookings.note_contact";
    const ABOUT: &'static str = "Note whether an upstream can be reached; for the engine only.";
    const KIND: Kind = Kind::Command(Permission::RunEngine);
    type Output = Noted;

    async fn perform(self, work: &mut Work<'_>) -> Result<Noted, Fault> {
        let stored = work.get::<Contact>(Contact::ID).await?;
        let next = Contact {
            trouble: self.trouble,
            since: work.now(),
        };
        let reached = next.trouble.is_none();
        match &stored {
            Some(stored) if stored.record.trouble == next.trouble => return Ok(Noted { reached }),
            Some(stored) => {
                // Another reason is no other time.
                let still = stored.record.trouble.is_some() && !reached;
                let since = if still {
                    stored.record.since
                } else {
                    next.since
                };
                work.replace(
                    stored,
                    &Contact {
                        since,
                        ..next.clone()
                    },
                )?;
            }
            None => work.create(&next)?,
        }
        let detail = next.trouble.unwrap_or_else(|| "it answers".into());
        let name = if reached {
            "bookings.upstream_reached"
        } else {
            "bookings.upstream_unreached"
        };
        work.tell(name, "upstream", Contact::ID, detail);
        Ok(Noted { reached })
    }
}
