//! Lists principals, and shows one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{PrincipalView, find};
use crate::{
    domain::{
        policy::Permission,
        tenant::{key::Key, principal::Principal, role::Role},
    },
    engine::{
        cursor::Pages,
        fault::Fault,
        operation::{Kind, Operation},
        tenants::{find as find_tenant, page_size},
        work::Work,
    },
    store::record::{Filter, Sort},
};

/// How many principals are listed where nobody says, and at most.
pub const MOST: u32 = 500;

/// Lists principals.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ListPrincipals {
    /// Only those whose name or id contains this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// At most so many; 500 where it is not said and at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where an earlier answer ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// A page of principals.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PrincipalPage {
    /// The newest first.
    pub principals: Vec<PrincipalView>,
    /// How many there are on this page.
    pub count: usize,
    /// How many there are in all.
    pub total: i64,
    /// Where the list goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl Operation for ListPrincipals {
    const NAME: &'static str = "principals.list";
    const ABOUT: &'static str = "List the principals of the tenant, newest first.";
    const KIND: Kind = Kind::Query(Permission::ManageKeys);
    type Output = PrincipalPage;

    async fn perform(self, work: &mut Work<'_>) -> Result<PrincipalPage, Fault> {
        if work.caller().role == Role::Operator {
            find_tenant(work, work.tenant()).await?;
        }
        let limit = page_size(self.limit, MOST, MOST)?;
        let question = format!("principals {:?}", self.search);
        let pages = Pages::of(&work.desk().secret, work.tenant(), &question);
        let after = pages.after(self.cursor.as_deref())?;
        let filter = Filter {
            search: self.search,
            sort: Sort::Created,
            descending: true,
            after,
            limit: limit + 1,
            ..Filter::default()
        };
        let mut rows = work.rows::<Principal>(&filter).await?;
        let total = work.count::<Principal>(&filter).await?;
        let next_cursor = pages.cut(&mut rows, limit, |last| last.mark(Sort::Created))?;
        let found = work.read_rows::<Principal>(rows)?;
        let tenant = work.tenant();
        let shown = found
            .into_iter()
            .map(|it| PrincipalView::of(tenant, it.record));
        let principals: Vec<PrincipalView> = shown.collect();
        Ok(PrincipalPage {
            count: principals.len(),
            principals,
            total,
            next_cursor,
        })
    }
}

/// Shows a principal.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetPrincipal {
    /// Which.
    pub principal_id: String,
}

impl Operation for GetPrincipal {
    const NAME: &'static str = "principals.get";
    const ABOUT: &'static str = "Show a principal of the tenant, and where its token stands.";
    const KIND: Kind = Kind::Query(Permission::ManageKeys);
    type Output = PrincipalView;

    async fn perform(self, work: &mut Work<'_>) -> Result<PrincipalView, Fault> {
        let stored = find(work, &self.principal_id).await?;
        let key = work.get_in_house::<Key>(&stored.record.key_id).await?;
        let state = key.map(|key| key.record.standing(work.now()));
        Ok(PrincipalView {
            token_state: state,
            ..PrincipalView::of(work.tenant(), stored.record)
        })
    }
}
