//! Tries changes: what every line would be and how it would pace, by the rules that would carry
//! it out. Stores nothing.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    LineChange, Projection,
    carry::carry,
    plan::{find, in_order, targets},
};
use crate::{
    domain::policy::Permission,
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
};

/// Tries changes.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WhatIf {
    /// What would be done, in this order.
    pub changes: Vec<LineChange>,
}

impl Operation for WhatIf {
    const NAME: &'static str = "pacing.whatif";
    const ABOUT: &'static str = "Try changes of lines: what they would be and how they would pace.";
    // It goes through the rules of a command, and what these gather is never committed.
    const KIND: Kind = Kind::Query(Permission::SteerPacing);
    type Output = Projection;

    async fn perform(self, work: &mut Work<'_>) -> Result<Projection, Fault> {
        let found = find(work, &self.changes).await?;
        let targets = targets(&found, &self.changes, work.now())?;
        let mut carried = carry(work, &found, targets).await?;
        in_order(&mut carried.lines, &self.changes);
        Ok(Projection {
            lines: carried.lines,
            asked: carried.asked,
        })
    }
}
