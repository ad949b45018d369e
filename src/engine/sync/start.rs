//! Starts a run. Refuses a second one of its sort while one is at work, and names that one; one
//! that nobody has worked on for long is given up first.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{SYNC_INVENTORY, find, slot};
use crate::{
    domain::{
        ids::SyncId,
        inventory::{
            kind::What,
            run::{Mode, Run, Wish},
            slot::Slot,
        },
        policy::Permission,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        tenants,
        work::Work,
    },
};

/// Starts a run.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StartSync {
    /// What it brings.
    pub what: What,
    /// How much of it; what has changed where it is not said.
    #[serde(default)]
    pub mode: Mode,
}

impl Operation for StartSync {
    const NAME: &'static str = "sync.start";
    const ABOUT: &'static str =
        "Start to bring here what the ad server has: inventory or orders, all or what has changed.";
    const KIND: Kind = Kind::Command(Permission::ManageAdServer);
    type Output = Run;

    async fn perform(self, work: &mut Work<'_>) -> Result<Run, Fault> {
        let now = work.now();
        tenants::find(work, work.tenant()).await?;
        let known = slot(work, self.what).await?;
        let mut place = known
            .as_ref()
            .map_or_else(|| Slot::new(self.what), |stored| stored.record.clone());
        if let Some(id) = place.running {
            let (mut running, was) = find(work, id).await?.part();
            if !running.is_stuck(now) {
                return Err(at_work(&running));
            }
            let stuck = running.stuck();
            running.fail(stuck, now);
            work.replace(&was, &running)?;
            let detail = super::failed(&running);
            work.tell("sync.failed", "sync", id.to_string(), detail);
        }
        let id = work.mint::<SyncId>();
        let wish = Wish {
            id,
            what: self.what,
            mode: self.mode,
            number: place.enter(id),
            by: work.caller().name.clone(),
        };
        let run = Run::wanted(wish, now);
        work.create(&run)?;
        match &known {
            Some(stored) => work.replace(stored, &place)?,
            None => work.create(&place)?,
        }
        work.about(format!("sync/{id}"));
        work.wake(SYNC_INVENTORY, id.to_string(), now);
        Ok(run)
    }
}

fn at_work(run: &Run) -> Fault {
    let message = format!(
        "a sync of {} is at work since {}",
        run.what,
        crate::domain::when::rfc3339(run.started_at)
    );
    Fault::conflict("SYNC_RUNNING", message)
        .with("sync_id", run.id.to_string())
        .with("status", run.status.name())
        .hint("wait for it; its status says how far it is")
}
