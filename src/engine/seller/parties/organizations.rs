//! Organizations: added, shown and listed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        ids::OrganizationId,
        opendirect::organization::{Organization, OrganizationDraft},
        policy::Permission,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        seller::page::{Asked, Page, page},
        work::Work,
    },
    store::record::Filter,
};

/// Adds an organization.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CreateOrganization(pub OrganizationDraft);

impl Operation for CreateOrganization {
    const NAME: &'static str = "opendirect.create_organization";
    const ABOUT: &'static str = "Add an organization.";
    const KIND: Kind = Kind::Command(Permission::TradeOrders);
    type Output = Organization;

    async fn perform(self, work: &mut Work<'_>) -> Result<Organization, Fault> {
        let organization = self.0.check(work.mint()).map_err(Fault::invalid)?;
        work.create(&organization)?;
        let (id, name) = (organization.id.to_string(), organization.name.clone());
        work.tell("organizations.created", "organization", id, name);
        Ok(organization)
    }
}

/// Shows an organization.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetOrganization {
    /// Which.
    pub organization_id: OrganizationId,
}

impl Operation for GetOrganization {
    const NAME: &'static str = "opendirect.get_organization";
    const ABOUT: &'static str = "Show an organization.";
    const KIND: Kind = Kind::Query(Permission::ReadOrders);
    type Output = Organization;

    async fn perform(self, work: &mut Work<'_>) -> Result<Organization, Fault> {
        Ok(work
            .find::<Organization, _>(self.organization_id)
            .await?
            .record)
    }
}

/// Lists organizations.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ListOrganizations {
    /// At most so many; 50 where it is not said, 1000 at most.
    pub limit: Option<u32>,
    /// Behind so many.
    pub offset: u32,
    /// Only those whose name or id contains this.
    pub search: Option<String>,
}

impl Operation for ListOrganizations {
    const NAME: &'static str = "opendirect.list_organizations";
    const ABOUT: &'static str = "List organizations.";
    const KIND: Kind = Kind::Query(Permission::ReadOrders);
    type Output = Page<Organization>;

    async fn perform(self, work: &mut Work<'_>) -> Result<Page<Organization>, Fault> {
        let asked = Asked {
            limit: self.limit,
            offset: self.offset,
            search: self.search,
        };
        page(work, asked, Filter::default()).await
    }
}
