//! What is known here of the media buys at a sales agent, for whoever compares it with what is
//! there.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        media_buy::upstream::{
            contact::AgentContact,
            link::{BuyLink, Standing},
        },
        policy::Permission,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
    store::record::{Filter, Part, Row},
};

/// The most media buys of a sales agent that are followed.
pub const MOST: u32 = 20_000;

/// Reads what is known of the media buys at a sales agent; for the engine only.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReadMirroredBuys {}

/// What is known.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MirroredBuys {
    /// Every media buy that is followed.
    #[schemars(with = "serde_json::Value")]
    pub links: Vec<BuyLink>,
    /// How the contact is, as it was last written down.
    #[schemars(with = "serde_json::Value")]
    pub contact: Option<AgentContact>,
}

impl Operation for ReadMirroredBuys {
    const NAME: &'static str = "media_buys.mirrored";
    const ABOUT: &'static str =
        "Read what is known of media buys at a sales agent; for the engine only.";
    const KIND: Kind = Kind::Query(Permission::RunEngine);
    type Output = MirroredBuys;

    async fn perform(self, work: &mut Work<'_>) -> Result<MirroredBuys, Fault> {
        let every = Filter {
            limit: MOST,
            part: Part::Nothing,
            ..Filter::default()
        };
        let rows = work.rows::<BuyLink>(&every).await?;
        let contact = work.get::<AgentContact>(AgentContact::ID).await?;
        Ok(MirroredBuys {
            links: rows.iter().map(link).collect(),
            contact: contact.map(|stored| stored.record),
        })
    }
}

/// A link by its columns alone.
fn link(row: &Row) -> BuyLink {
    let standing = Standing::named(&row.facets.state);
    BuyLink {
        remote: row.id.clone(),
        buy_id: row.facets.parent.as_str().into(),
        digest: row.facets.label.clone(),
        standing: standing.unwrap_or(Standing::Calm),
    }
}
