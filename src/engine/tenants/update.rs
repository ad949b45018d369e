//! Changes the tenant that is asked for: what is sent, and nothing else. Closed, its keys open
//! nothing any more; opened again, they do as before.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{fields::TenantFields, find, free_subdomain, take_subdomain, view::TenantView};
use crate::{
    domain::{
        policy::Permission,
        tenant::{principal::Principal, publisher::Publisher},
    },
    engine::{
        fault::{Fault, FaultKind},
        operation::{Kind, Operation},
        work::Work,
    },
    store::record::{Filter, Stored},
};

/// Changes a tenant.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct UpdateTenant {
    /// What is to be different.
    pub set: TenantFields,
    /// The revision that was looked at; if it has changed since, it is left alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_revision: Option<i64>,
}

impl Operation for UpdateTenant {
    const NAME: &'static str = "tenants.update";
    const ABOUT: &'static str = "Change the tenant: what is sent, and nothing else.";
    const KIND: Kind = Kind::Command(Permission::ManageTenants);
    type Output = TenantView;

    async fn perform(self, work: &mut Work<'_>) -> Result<TenantView, Fault> {
        let stored = find(work, work.tenant()).await?;
        work.about(format!("tenant/{}", stored.record.id));
        check_seen(&stored, self.expected_revision)?;
        let mut publisher = stored.record.clone();
        self.set.apply(&mut publisher).map_err(Fault::invalid)?;
        if let Some(name) = self
            .set
            .subdomain
            .filter(|name| *name != publisher.subdomain)
        {
            take_subdomain(work, &name, &publisher.id).await?;
            free_subdomain(work, &publisher.subdomain).await?;
            publisher.subdomain = name;
        }
        write(work, stored, &publisher, "tenants.changed").await
    }

    fn revision(output: &TenantView) -> Option<i64> {
        Some(output.revision)
    }
}

pub(super) fn check_seen(stored: &Stored<Publisher>, expected: Option<i64>) -> Result<(), Fault> {
    let now = stored.revision;
    let Some(expected) = expected.filter(|expected| *expected != now) else {
        return Ok(());
    };
    let message = format!(
        "the tenant has changed since you looked: you saw revision {expected}, it is {now} now"
    );
    Err(Fault::new(FaultKind::Stale, "STALE_REVISION", message)
        .hint("look at it again, then change it")
        .with("expected_revision", expected)
        .with("current_revision", now))
}

pub(super) async fn write(
    work: &mut Work<'_>,
    stored: Stored<Publisher>,
    publisher: &Publisher,
    what: &'static str,
) -> Result<TenantView, Fault> {
    let principals = work.count::<Principal>(&Filter::default()).await?;
    if *publisher == stored.record {
        return Ok(TenantView::of(stored, principals));
    }
    work.replace_in_house(&stored, publisher)?;
    work.tell_house(what, publisher.id.to_string(), publisher.name.clone());
    work.tell(what, "tenant", publisher.id.to_string(), publisher.state());
    let shown = Stored {
        record: publisher.clone(),
        revision: stored.revision + 1,
        state: publisher.state().to_owned(),
        created_at: stored.created_at,
        updated_at: work.now(),
    };
    Ok(TenantView::of(shown, principals))
}

async fn switch(work: &mut Work<'_>, active: bool) -> Result<TenantView, Fault> {
    let stored = find(work, work.tenant()).await?;
    work.about(format!("tenant/{}", stored.record.id));
    let publisher = Publisher {
        active,
        ..stored.record.clone()
    };
    let what = if active {
        "tenants.reactivated"
    } else {
        "tenants.deactivated"
    };
    write(work, stored, &publisher, what).await
}

/// Closes a tenant.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeactivateTenant {}

impl Operation for DeactivateTenant {
    const NAME: &'static str = "tenants.deactivate";
    const ABOUT: &'static str = "Close the tenant: its keys open nothing until it is reactivated.";
    const KIND: Kind = Kind::Command(Permission::ManageTenants);
    type Output = TenantView;

    async fn perform(self, work: &mut Work<'_>) -> Result<TenantView, Fault> {
        switch(work, false).await
    }
}

/// Opens a tenant again.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReactivateTenant {}

impl Operation for ReactivateTenant {
    const NAME: &'static str = "tenants.reactivate";
    const ABOUT: &'static str = "Open the tenant again: its keys open what they did before.";
    const KIND: Kind = Kind::Command(Permission::ManageTenants);
    type Output = TenantView;

    async fn perform(self, work: &mut Work<'_>) -> Result<TenantView, Fault> {
        switch(work, true).await
    }
}
