//! Says that somebody sees to alerts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Tended, WhichAlert, tend};
use crate::{
    domain::{
        policy::Permission,
        problem::{Code, Problem},
        text,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
};

/// The longest note.
const LONGEST_NOTE: usize = 500;

/// Says that the caller sees to alerts.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AcknowledgeAlerts {
    /// Which.
    pub alerts: Vec<WhichAlert>,
    /// What is done about it.
    #[serde(default)]
    pub note: Option<String>,
}

impl Operation for AcknowledgeAlerts {
    const NAME: &'static str = "alerts.acknowledge";
    const ABOUT: &'static str = "Say that somebody sees to alerts; they no longer wait.";
    const KIND: Kind = Kind::Command(Permission::TendAlerts);
    type Output = Tended;

    async fn perform(self, work: &mut Work<'_>) -> Result<Tended, Fault> {
        let note = self.note.as_deref().map(str::trim).unwrap_or_default();
        if !note.is_empty() {
            text::check_line(note, LONGEST_NOTE).map_err(|wrong| {
                let code = Code::new("INVALID_TEXT");
                Fault::field(Problem::new("note", code, wrong.to_string()))
            })?;
        }
        let (by, at) = (work.caller().name.clone(), work.now());
        tend(work, &self.alerts, "alerts.acknowledged", |alert| {
            alert.acknowledge(&by, note, at)
        })
        .await
    }
}
