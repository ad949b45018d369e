//! The creatives of an account: sent in, shown and listed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::find_creative;
use crate::{
    domain::{
        ids::{AccountId, CreativeId},
        opendirect::{
            account::Account,
            creative::{Creative, CreativeDraft},
        },
        policy::Permission,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        seller::page::{Asked, Page, page},
        work::Work,
    },
    store::record::Filter,
};

/// Sends a creative in.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateCreative {
    /// For which account.
    pub account_id: AccountId,
    /// The creative.
    pub creative: CreativeDraft,
}

impl Operation for CreateCreative {
    const NAME: &'static str = "opendirect.create_creative";
    const ABOUT: &'static str = "Send a creative in.";
    const KIND: Kind = Kind::Command(Permission::TradeOrders);
    type Output = Creative;

    async fn perform(self, work: &mut Work<'_>) -> Result<Creative, Fault> {
        work.find::<Account, _>(self.account_id).await?;
        let creative = self
            .creative
            .check(work.mint(), self.account_id)
            .map_err(Fault::invalid)?;
        work.create(&creative)?;
        let (id, name) = (creative.id.to_string(), creative.name.clone());
        work.tell("creatives.created", "creative", id, name);
        Ok(creative)
    }
}

/// Shows a creative.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetCreative {
    /// Of which account.
    pub account_id: AccountId,
    /// Which.
    pub creative_id: CreativeId,
}

impl Operation for GetCreative {
    const NAME: &'static str = "opendirect.get_creative";
    const ABOUT: &'static str = "Show a creative.";
    const KIND: Kind = Kind::Query(Permission::ReadOrders);
    type Output = Creative;

    async fn perform(self, work: &mut Work<'_>) -> Result<Creative, Fault> {
        let stored = find_creative(work, self.account_id, self.creative_id).await?;
        Ok(stored.record)
    }
}

/// Lists the creatives of an account.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListCreatives {
    /// Of which account.
    pub account_id: AccountId,
    /// At most so many; 50 where it is not said, 1000 at most.
    #[serde(default)]
    pub limit: Option<u32>,
    /// Behind so many.
    #[serde(default)]
    pub offset: u32,
    /// Only those whose name or id contains this.
    #[serde(default)]
    pub search: Option<String>,
}

impl Operation for ListCreatives {
    const NAME: &'static str = "opendirect.list_creatives";
    const ABOUT: &'static str = "List the creatives of an account.";
    const KIND: Kind = Kind::Query(Permission::ReadOrders);
    type Output = Page<Creative>;

    async fn perform(self, work: &mut Work<'_>) -> Result<Page<Creative>, Fault> {
        work.find::<Account, _>(self.account_id).await?;
        let filter = Filter {
            parent: Some(self.account_id.to_string()),
            ..Filter::default()
        };
        let asked = Asked {
            limit: self.limit,
            offset: self.offset,
            search: self.search,
        };
        page(work, asked, filter).await
    }
}
