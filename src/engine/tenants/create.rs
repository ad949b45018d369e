//! Opens a tenant: its entry in the directory, its name, the key of its admin, its first
//! principal and what it sells, all in one commit.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{fields::TenantFields, principals, take_subdomain, view::TenantRow};
use crate::{
    domain::{
        ids::TenantId,
        policy::Permission,
        problem::{Code, Problem},
        tenant::{publisher::Publisher, role::Role, secret::Secret},
    },
    engine::{
        fault::Fault,
        keys::{Wanted, mint},
        operation::{Kind, Operation},
        seller::products::stock::shelve,
        work::Work,
    },
};

/// Opens a tenant.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend("required" = ["name", "subdomain", "ad_server"]))]
pub struct CreateTenant(pub TenantFields);

/// A tenant that was just opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CreatedTenant {
    /// The tenant.
    #[serde(flatten)]
    pub tenant: TenantRow,
    /// The key of its admin: shown now and never again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admin_token: Option<Secret>,
    /// Its first principal, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_principal_id: Option<String>,
    /// The token of its first principal: shown now and never again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_principal_token: Option<Secret>,
}

/// Who the admin of a new tenant is, as the audit trail names them.
const ADMIN: &str = "admin";

impl CreateTenant {
    /// The entry in the directory.
    fn publisher(&self, id: TenantId, work: &Work<'_>) -> Result<(Publisher, String), Fault> {
        let fields = &self.0;
        let needed = [
            ("name", &fields.name),
            ("subdomain", &fields.subdomain),
            ("ad_server", &fields.ad_server),
        ];
        let missing = needed.iter().filter(|(_, sent)| sent.is_none());
        let missing: Vec<Problem> = missing
            .map(|(field, _)| Problem::new(*field, Code::new("MISSING_FIELD"), "is missing"))
            .collect();
        if !missing.is_empty() {
            return Err(Fault::invalid(missing));
        }
        let subdomain = fields.subdomain.clone().unwrap_or_default();
        let mut publisher = Publisher {
            subdomain: subdomain.clone(),
            ..Publisher::named(id, work.now())
        };
        fields.apply(&mut publisher).map_err(Fault::invalid)?;
        Ok((publisher, subdomain))
    }
}

impl Operation for CreateTenant {
    const NAME: &'static str = "tenants.create";
    const ABOUT: &'static str = "Open a tenant, and show the keys that it begins with once.";
    const KIND: Kind = Kind::Command(Permission::ManageTenants);
    type Output = CreatedTenant;

    async fn perform(self, work: &mut Work<'_>) -> Result<CreatedTenant, Fault> {
        let random = uuid::Uuid::new_v4().simple().to_string();
        let id: TenantId = format!("tenant_{}", &random[..8])
            .parse()
            .map_err(Fault::broken)?;
        let (publisher, subdomain) = self.publisher(id.clone(), work)?;
        take_subdomain(work, &subdomain, &id).await?;
        work.about(format!("tenant/{id}"));
        work.create_in_house(&publisher)?;
        let (_, admin_token) = mint(work, Wanted::new(&id, ADMIN, Role::Admin))?;
        let (mut default_principal_id, mut default_principal_token) = (None, None);
        if self.0.create_default_principal.unwrap_or(true) {
            let (principal, token) = principals::create::first(work, &id)?;
            default_principal_id = Some(principal.id);
            default_principal_token = Some(token);
        }
        shelve(work, &id)?;
        work.tell_house("tenants.created", id.to_string(), publisher.name.clone());
        Ok(CreatedTenant {
            tenant: publisher.into(),
            admin_token: Some(admin_token),
            default_principal_id,
            default_principal_token,
        })
    }

    fn kept(output: &CreatedTenant) -> serde_json::Result<String> {
        serde_json::to_string(&CreatedTenant {
            admin_token: None,
            default_principal_token: None,
            ..output.clone()
        })
    }
}
