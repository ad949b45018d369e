//! Shows one tenant: the one that is asked for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{find, view::TenantView};
use crate::{
    domain::{policy::Permission, tenant::principal::Principal},
    engine::{
        fault::Fault,
        operation::{Kind, Known, Operation},
        work::Work,
    },
    store::record::Filter,
};

/// Shows a tenant.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetTenant {}

impl Operation for GetTenant {
    const NAME: &'static str = "tenants.get";
    const ABOUT: &'static str = "Show the tenant, without what would open anything.";
    const KIND: Kind = Kind::Query(Permission::ManageTenants);
    type Output = TenantView;

    async fn perform(self, work: &mut Work<'_>) -> Result<TenantView, Fault> {
        let stored = find(work, work.tenant()).await?;
        let principals = work.count::<Principal>(&Filter::default()).await?;
        Ok(TenantView::of(stored, principals))
    }

    async fn known(&self, work: &Work<'_>) -> Result<Known, Fault> {
        Ok(Known::Stamp(work.house_changes().await?))
    }

    fn revision(output: &TenantView) -> Option<i64> {
        Some(output.revision)
    }
}
