//! Puts alerts off until a later time, or wakes them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{LINES, Tended, WATCH_PACING, WhichAlert, tend};
use crate::{
    domain::{policy::Permission, when::Instant},
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
};

/// Puts alerts off.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SnoozeAlerts {
    /// Which.
    pub alerts: Vec<WhichAlert>,
    /// Until when; where it is not said, those that sleep wake up.
    #[serde(default)]
    pub until: Option<Instant>,
}

impl Operation for SnoozeAlerts {
    const NAME: &'static str = "alerts.snooze";
    const ABOUT: &'static str = "Put alerts off until a later time, or wake them.";
    const KIND: Kind = Kind::Command(Permission::TendAlerts);
    type Output = Tended;

    async fn perform(self, work: &mut Work<'_>) -> Result<Tended, Fault> {
        let (by, at) = (work.caller().name.clone(), work.now());
        let Some(until) = self.until else {
            return tend(work, &self.alerts, "alerts.woken", |alert| alert.wake(at)).await;
        };
        let tended = tend(work, &self.alerts, "alerts.snoozed", |alert| {
            alert.snooze(&by, until, at)
        })
        .await?;
        work.wake(WATCH_PACING, LINES, until);
        Ok(tended)
    }
}
