//! Lists the creative formats that are taken here.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        adcp::{
            format::{FormatFilters, all},
            page::{Paged, Paging},
            product::Object,
        },
        policy::Permission,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        paging, sandbox,
        work::Work,
    },
};

/// Lists formats.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ListFormats {
    /// Only those that pass.
    #[serde(flatten)]
    pub filters: FormatFilters,
    /// Which page.
    pub pagination: Paging,
}

/// Formats.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ListedFormats {
    /// What each takes and how it is shown.
    pub formats: Vec<Object>,
    /// Which page it is.
    pub pagination: Paged,
}

impl Operation for ListFormats {
    const NAME: &'static str = "adcp.list_formats";
    const ABOUT: &'static str = "List the creative formats that are taken here.";
    const KIND: Kind = Kind::Query(Permission::ReadCatalogue);
    type Output = ListedFormats;

    async fn perform(self, work: &mut Work<'_>) -> Result<ListedFormats, Fault> {
        let (seeded, implied) = sandbox::seed::formats(work).await?;
        // A tester who seeded formats finds those alone, unless others are asked for by name.
        let alone = !seeded.is_empty() && self.filters.format_ids.is_none();
        let others = all().iter().chain(&implied).filter(|_| !alone);
        let every = others.chain(&seeded);
        let passing = every.filter(|format| self.filters.pass(format));
        let list = format!("formats {:?}", self.filters);
        let (page, pagination) =
            paging::cut(work, &list, &self.pagination, passing.collect::<Vec<_>>())?;
        let agent_url = &work.desk().agent_url;
        Ok(ListedFormats {
            formats: page.iter().map(|format| format.wire(agent_url)).collect(),
            pagination,
        })
    }
}
