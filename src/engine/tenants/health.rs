//! Says how the house is, in numbers of all tenants.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        media_buy::{buy::MediaBuy, status::BuyStatus},
        policy::Permission,
        tenant::publisher::Publisher,
        when::Instant,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
    store::record::Record,
};

/// Asks how the house is.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HouseHealth {}

/// How the house is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Health {
    /// `healthy`.
    pub status: String,
    /// `connected`.
    pub database: String,
    /// The version of the program.
    pub version: String,
    /// How many tenants there are, closed ones too.
    pub tenants_count: i64,
    /// How many media buys run, of all tenants.
    pub active_media_buys: i64,
    /// When this was.
    pub timestamp: Instant,
}

impl Operation for HouseHealth {
    const NAME: &'static str = "tenants.health";
    const ABOUT: &'static str = "Say how the house is, in numbers of all tenants.";
    const KIND: Kind = Kind::Query(Permission::ManageTenants);
    type Output = Health;

    async fn perform(self, work: &mut Work<'_>) -> Result<Health, Fault> {
        let tenants = work.tallies_in_house::<Publisher>().await?;
        let buys = work.store().tallies_of_all(MediaBuy::KIND).await?;
        let active = BuyStatus::Active.name();
        let running = buys.iter().filter(|(_, state, _)| state == active);
        Ok(Health {
            status: "healthy".into(),
            database: "connected".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            tenants_count: tenants.iter().map(|(_, n)| n).sum(),
            active_media_buys: running.map(|(.., n)| n).sum(),
            timestamp: work.now(),
        })
    }
}
