//! A tenant as its own admin sees it, and what they may change of it: how it is called, what
//! delivers for it, what is switched on. Refuses what is the house's to decide.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    fields::TenantFields,
    find,
    status::{self, TenantStatus},
    update::{check_seen, write},
    view::TenantView,
};
use crate::{
    domain::{
        policy::Permission,
        problem::{Code, Problem},
        tenant::principal::Principal,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
    store::record::Filter,
};

/// Shows the caller's own tenant.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetOwn {}

impl Operation for GetOwn {
    const NAME: &'static str = "tenant.get";
    const ABOUT: &'static str = "Show the own tenant, without what would open anything.";
    const KIND: Kind = Kind::Query(Permission::ManageTenant);
    type Output = TenantView;

    async fn perform(self, work: &mut Work<'_>) -> Result<TenantView, Fault> {
        let stored = find(work, work.tenant()).await?;
        let principals = work.count::<Principal>(&Filter::default()).await?;
        Ok(TenantView::of(stored, principals))
    }

    fn revision(output: &TenantView) -> Option<i64> {
        Some(output.revision)
    }
}

/// Asks how the caller's own tenant is.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetOwnStatus {}

impl Operation for GetOwnStatus {
    const NAME: &'static str = "tenant.status";
    const ABOUT: &'static str = "Say how the own tenant is, in one answer.";
    const KIND: Kind = Kind::Query(Permission::ManageTenant);
    type Output = TenantStatus;

    async fn perform(self, work: &mut Work<'_>) -> Result<TenantStatus, Fault> {
        status::look(work).await
    }
}

/// Changes the caller's own tenant.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ChangeOwn {
    /// What is to be different.
    pub set: TenantFields,
    /// The revision that was looked at; if it has changed since, it is left alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_revision: Option<i64>,
}

/// What is sent of a tenant and is not its own to decide.
fn of_the_house(set: &TenantFields) -> Option<&'static str> {
    let sent = [
        ("subdomain", set.subdomain.is_some()),
        ("is_active", set.is_active.is_some()),
        ("billing_plan", set.billing_plan.is_some()),
        ("ad_server_base_url", set.ad_server_base_url.is_some()),
    ];
    sent.into_iter()
        .find(|(_, sent)| *sent)
        .map(|(field, _)| field)
}

impl Operation for ChangeOwn {
    const NAME: &'static str = "tenant.change";
    const ABOUT: &'static str =
        "Change the own tenant: what is sent, but not what the house decides.";
    const KIND: Kind = Kind::Command(Permission::ManageTenant);
    type Output = TenantView;

    async fn perform(self, work: &mut Work<'_>) -> Result<TenantView, Fault> {
        if let Some(field) = of_the_house(&self.set) {
            let said = "is for whoever looks after all tenants to change";
            let problem = Problem::new(field, Code::new("NOT_YOURS"), said);
            return Err(Fault::field(problem));
        }
        let stored = find(work, work.tenant()).await?;
        work.about(format!("tenant/{}", stored.record.id));
        check_seen(&stored, self.expected_revision)?;
        let mut publisher = stored.record.clone();
        self.set.apply(&mut publisher).map_err(Fault::invalid)?;
        write(work, stored, &publisher, "tenants.changed").await
    }

    fn revision(output: &TenantView) -> Option<i64> {
        Some(output.revision)
    }
}
