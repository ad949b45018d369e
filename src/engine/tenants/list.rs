//! Lists all tenants, newest first, page by page.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{page_size, view::TenantRow};
use crate::{
    domain::{
        policy::Permission,
        tenant::{caller::house, publisher::Publisher},
    },
    engine::{
        cursor::Pages,
        fault::Fault,
        operation::{Kind, Known, Operation},
        work::Work,
    },
    store::record::{Filter, Sort},
};

/// How many tenants are listed where nobody says, and at most.
pub const MOST: u32 = 500;

/// Lists tenants.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ListTenants {
    /// Only those that are open, or only the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// Only those whose name, subdomain or id contains this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// At most so many; 500 where it is not said and at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where an earlier answer ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// A page of tenants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TenantPage {
    /// The newest first.
    pub tenants: Vec<TenantRow>,
    /// How many there are on this page.
    pub count: usize,
    /// How many there are in all.
    pub total: i64,
    /// Where the list goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl Operation for ListTenants {
    const NAME: &'static str = "tenants.list";
    const ABOUT: &'static str = "List all tenants, newest first, with filter, search and cursor.";
    const KIND: Kind = Kind::Query(Permission::ManageTenants);
    type Output = TenantPage;

    async fn perform(self, work: &mut Work<'_>) -> Result<TenantPage, Fault> {
        let limit = page_size(self.limit, MOST, MOST)?;
        let question = format!("tenants {:?} {:?}", self.active, self.search);
        let house = house();
        let pages = Pages::of(&work.desk().secret, &house, &question);
        let after = pages.after(self.cursor.as_deref())?;
        let state = self.active.map(|it| if it { "active" } else { "inactive" });
        let filter = Filter {
            state: state.map(str::to_owned),
            search: self.search,
            sort: Sort::Created,
            descending: true,
            after,
            limit: limit + 1,
            ..Filter::default()
        };
        let mut rows = work.rows_in_house::<Publisher>(&filter).await?;
        let total = if filter.is_by_state() {
            let wanted = |of: &str| filter.state.as_deref().is_none_or(|only| only == of);
            let tallies = work.tallies_in_house::<Publisher>().await?;
            tallies
                .iter()
                .filter(|(of, _)| wanted(of))
                .map(|it| it.1)
                .sum()
        } else {
            work.count_in_house::<Publisher>(&filter).await?
        };
        let next_cursor = pages.cut(&mut rows, limit, |last| last.mark(Sort::Created))?;
        let found = work.read_rows::<Publisher>(rows)?;
        let tenants: Vec<TenantRow> = found.into_iter().map(|it| it.record.into()).collect();
        Ok(TenantPage {
            count: tenants.len(),
            tenants,
            total,
            next_cursor,
        })
    }

    async fn known(&self, work: &Work<'_>) -> Result<Known, Fault> {
        Ok(Known::Stamp(work.house_changes().await?))
    }
}
