//! Lists the keys of the tenant that is asked for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::KeyView;
use crate::{
    domain::{policy::Permission, tenant::key::Key},
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
    store::record::{Filter, Sort},
};

/// How many keys are listed.
pub const MOST: u32 = 1000;

/// Lists keys.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ListKeys {
    /// Those that were taken back too.
    pub revoked: bool,
    /// Only those whose name, id or role contains this.
    pub search: Option<String>,
}

/// Keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeyList {
    /// The newest first; a thousand at most.
    pub keys: Vec<KeyView>,
}

impl Operation for ListKeys {
    const NAME: &'static str = "keys.list";
    const ABOUT: &'static str = "List the keys of the tenant, without what would open anything.";
    const KIND: Kind = Kind::Query(Permission::ManageKeys);
    type Output = KeyList;

    async fn perform(self, work: &mut Work<'_>) -> Result<KeyList, Fault> {
        let filter = Filter {
            parent: Some(work.tenant().to_string()),
            state: (!self.revoked).then(|| "active".to_owned()),
            search: self.search,
            sort: Sort::Created,
            descending: true,
            limit: MOST,
            ..Filter::default()
        };
        let found = work.list_in_house::<Key>(&filter).await?;
        let now = work.now();
        let keys = found.into_iter().map(|it| KeyView::of(it.record, now));
        Ok(KeyList {
            keys: keys.collect(),
        })
    }
}
