//! Lists media buys: by state, account and search, page by page. A buyer sees its own.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{only_of, view::BuyView};
use crate::{
    domain::{
        media_buy::{buy::MediaBuy, status::BuyStatus},
        policy::Permission,
    },
    engine::{
        ad_orders,
        cursor::Pages,
        fault::{Fault, FaultKind},
        operation::{Kind, Operation},
        work::Work,
    },
    store::record::{Filter, Sort},
};

/// How many buys are listed where nobody says.
pub const USUAL: u32 = 50;
/// How many buys are listed at most.
pub const MOST: u32 = 500;

/// Lists media buys.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ListBuys {
    /// Only in this state.
    pub status: Option<BuyStatus>,
    /// Those that were put away instead.
    pub archived: bool,
    /// Only those of this principal.
    pub owner: Option<String>,
    /// Only those whose name, id, owner or number contains this.
    pub search: Option<String>,
    /// At most so many; 50 where it is not said, 500 at most.
    pub limit: Option<u32>,
    /// Where an earlier answer ended.
    pub cursor: Option<String>,
}

/// A page of media buys.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BuyPage {
    /// The buys, newest first.
    pub media_buys: Vec<BuyView>,
    /// How many there are in all.
    pub total: i64,
    /// Where the list goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl Operation for ListBuys {
    const NAME: &'static str = "media_buys.list";
    const ABOUT: &'static str = "List media buys, newest first, with filter, search and cursor.";
    const KIND: Kind = Kind::Query(Permission::ReadBuys);
    type Output = BuyPage;

    async fn perform(self, work: &mut Work<'_>) -> Result<BuyPage, Fault> {
        let limit = self.limit.unwrap_or(USUAL);
        if !(1..=MOST).contains(&limit) {
            let message = format!("limit: must be 1 to {MOST}");
            return Err(Fault::new(FaultKind::Invalid, "INVALID_LIMIT", message));
        }
        let owner = only_of(work.caller()).map(str::to_owned).or(self.owner);
        let question = format!(
            "media_buys {:?} {} {owner:?} {:?}",
            self.status, self.archived, self.search
        );
        let pages = Pages::of(&work.desk().secret, work.tenant(), &question);
        let after = pages.after(self.cursor.as_deref())?;
        let state = match (self.archived, self.status) {
            (true, _) => Some("archived".to_owned()),
            (false, status) => status.map(|status| status.name().to_owned()),
        };
        let filter = Filter {
            state,
            parent: owner,
            search: self.search,
            sort: Sort::Created,
            descending: true,
            after,
            limit: limit + 1,
            ..Filter::default()
        };
        let mut rows = work.rows::<MediaBuy>(&filter).await?;
        let total = work.count::<MediaBuy>(&filter).await?;
        let next_cursor = pages.cut(&mut rows, limit, |last| last.mark(Sort::Created))?;
        let found = work.read_rows::<MediaBuy>(rows)?;
        let mut media_buys: Vec<BuyView> = found.into_iter().map(BuyView::of).collect();
        ad_orders::beside_all(work, &mut media_buys).await?;
        Ok(BuyPage {
            media_buys,
            total,
            next_cursor,
        })
    }
}
