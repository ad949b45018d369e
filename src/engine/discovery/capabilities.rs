//! Says what this seller can do. Refuses to promise anything that is not done.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        adcp::capability::{Capabilities, Protocol},
        policy::Permission,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
};

/// Asks what this seller can do.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct GetCapabilities {
    /// Only what concerns these protocols; all of them where it is not said.
    pub protocols: Option<Vec<Protocol>>,
}

impl Operation for GetCapabilities {
    const NAME: &'static str = "adcp.get_capabilities";
    const ABOUT: &'static str = "Say what this seller can do, by the AdCP.";
    const KIND: Kind = Kind::Query(Permission::ReadCatalogue);
    type Output = Capabilities;

    async fn perform(self, work: &mut Work<'_>) -> Result<Capabilities, Fault> {
        let all = Capabilities::of_this_seller(work.desk().adcp_replay.as_secs());
        Ok(match self.protocols {
            Some(wanted) => all.only(&wanted),
            None => all,
        })
    }
}
