//! Looks a creative over: it may be shown, or not. The buys that wait for it go on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{hooks, list::CreativeView, read};
use crate::{
    domain::{
        media_buy::{
            buy::MediaBuy,
            creative::{CreativeStatus, LibraryCreative},
        },
        policy::Permission,
        text,
    },
    engine::{
        fault::{Fault, FaultKind},
        media_buys::{readiness, refused, write},
        operation::{Kind, Operation},
        work::Work,
    },
    store::record::Filter,
};

/// Decides on a creative.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideCreative {
    /// Whose library.
    pub owner: String,
    /// Which creative.
    pub creative_id: String,
    /// What becomes of it.
    pub status: CreativeStatus,
    /// Why, where it may not be shown.
    #[serde(default)]
    pub reason: Option<String>,
}

impl Operation for DecideCreative {
    const NAME: &'static str = "creatives.decide";
    const ABOUT: &'static str = "Approve, reject or archive a creative of a buyer's library.";
    const KIND: Kind = Kind::Command(Permission::ApproveBuys);
    type Output = CreativeView;

    async fn perform(self, work: &mut Work<'_>) -> Result<CreativeView, Fault> {
        work.about(format!("creative/{}", text::echo(&self.creative_id)));
        let stored = read(work, &self.owner, &self.creative_id).await?;
        let stored = stored.ok_or_else(|| absent(&self.creative_id))?;
        let decided = LibraryCreative {
            status: stored.record.status.to(self.status).map_err(refused)?,
            rejection_reason: self.reason,
            ..stored.record.clone()
        };
        work.replace(&stored, &decided)?;
        let detail = format!("{} is {}", decided.name, decided.status.name());
        work.tell(
            match decided.status {
                CreativeStatus::Approved => "creatives.approved",
                CreativeStatus::Rejected => "creatives.rejected",
                _ => "creatives.decided",
            },
            "creative",
            LibraryCreative::key(&decided.owner, &decided.creative_id),
            detail,
        );
        hooks::decided(work, &decided).await?;
        let waiting = Filter {
            parent: Some(self.owner),
            limit: 1_000,
            ..Filter::default()
        };
        for was in work.list::<MediaBuy>(&waiting).await? {
            let mut buy = was.record.clone();
            let shows = |one: &MediaBuy| {
                let mut all = one.packages.iter().flat_map(|package| &package.creatives);
                all.any(|shown| shown.creative_id == decided.creative_id)
            };
            if buy.status.is_final() || buy.upstream.is_some() || !shows(&buy) {
                continue;
            }
            let fresh = [decided.creative_id.clone()];
            let fresh = match decided.status {
                CreativeStatus::Approved => fresh.as_slice(),
                _ => &[],
            };
            readiness::settle_without(work, &mut buy, fresh, &decided.creative_id).await?;
            if buy != was.record {
                write(work, &was, &buy, "media_buys.changed").await?;
            }
        }
        Ok(CreativeView {
            creative: decided,
            created_at: stored.created_at,
            updated_at: work.now(),
        })
    }
}

/// There is no such creative in the library.
#[must_use]
pub fn absent(creative_id: &str) -> Fault {
    let message = format!(
        "there is no creative {} in the library",
        text::echo(creative_id)
    );
    Fault::new(FaultKind::NotFound, "CREATIVE_NOT_FOUND", message)
        .hint("send it with sync_creatives first")
}
