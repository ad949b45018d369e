//! Lists the creatives of a library. A buyer sees its own.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        media_buy::creative::{CreativeStatus, LibraryCreative},
        policy::Permission,
        when::Instant,
    },
    engine::{
        fault::Fault,
        media_buys::only_of,
        operation::{Kind, Operation},
        work::Work,
    },
    store::record::{Filter, Stored},
};

/// How many are looked through.
const MOST: u32 = 10_000;

/// A creative as it is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CreativeView {
    /// The creative.
    pub creative: LibraryCreative,
    /// When it came.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

impl From<Stored<LibraryCreative>> for CreativeView {
    fn from(stored: Stored<LibraryCreative>) -> Self {
        Self {
            created_at: stored.created_at,
            updated_at: stored.updated_at,
            creative: stored.record,
        }
    }
}

/// Lists creatives.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ListLibrary {
    /// Only these.
    pub creative_ids: Option<Vec<String>>,
    /// Only in one of these states; archived ones only where they are named here.
    pub statuses: Option<Vec<CreativeStatus>>,
    /// Only those whose name contains this.
    pub name_contains: Option<String>,
    /// Only with all of these tags.
    pub tags: Option<Vec<String>>,
    /// Behind so many.
    pub offset: usize,
    /// At most so many; all where it is not said.
    pub limit: Option<usize>,
}

/// The creatives of a library.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Shelf {
    /// The oldest first.
    pub creatives: Vec<CreativeView>,
    /// How many there are in all.
    pub total: usize,
}

impl Operation for ListLibrary {
    const NAME: &'static str = "creatives.list";
    const ABOUT: &'static str = "List the creatives of a library.";
    const KIND: Kind = Kind::Query(Permission::ReadBuys);
    type Output = Shelf;

    async fn perform(self, work: &mut Work<'_>) -> Result<Shelf, Fault> {
        let filter = Filter {
            parent: only_of(work.caller()).map(str::to_owned),
            limit: MOST,
            ..Filter::default()
        };
        let all = work.list::<LibraryCreative>(&filter).await?;
        let found: Vec<_> = all
            .into_iter()
            .filter(|one| self.wants(&one.record))
            .collect();
        let total = found.len();
        let page = found.into_iter().skip(self.offset);
        let page = page.take(self.limit.unwrap_or(usize::MAX));
        Ok(Shelf {
            creatives: page.map(Into::into).collect(),
            total,
        })
    }
}

impl ListLibrary {
    fn wants(&self, one: &LibraryCreative) -> bool {
        let named = self.creative_ids.as_ref();
        let states = self.statuses.as_ref();
        let part = self.name_contains.as_ref().map(|part| part.to_lowercase());
        named.is_none_or(|ids| ids.contains(&one.creative_id))
            && states.map_or(
                one.status != CreativeStatus::Archived || named.is_some(),
                |states| states.contains(&one.status),
            )
            && part.is_none_or(|part| one.name.to_lowercase().contains(&part))
            && self.tags.iter().flatten().all(|tag| one.tags.contains(tag))
    }
}
