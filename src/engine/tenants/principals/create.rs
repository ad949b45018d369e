//! Adds a principal and makes its token. The name under which it asks is made of what people
//! call it, so that the audit trail can be read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{PrincipalView, WithToken, check_name, check_role, mapped};
use crate::{
    domain::{
        ids::TenantId,
        policy::Permission,
        problem::{Code, Problem},
        tenant::{
            caller::{house, is_reserved},
            principal::{Principal, role_of},
            role::Role,
            secret::Secret,
        },
    },
    engine::{
        fault::Fault,
        keys::{Wanted, check_gift, keep, mint},
        operation::{Kind, Operation},
        tenants::find as find_tenant,
        work::Work,
    },
};

/// What stands in the document where a token could: whoever sends it word for word wants one
/// made, and not a token that everybody has read.
const PLACEHOLDER: &str = "auto_generated_or_custom";
/// The longest name under which a principal asks.
const LONGEST: usize = 48;

/// Adds a principal.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreatePrincipal {
    /// What people call it.
    pub name: String,
    /// The name under which it asks; made of the other where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal_id: Option<String>,
    /// What Google Ad Manager calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gam_advertiser_id: Option<Value>,
    /// What other systems call it, and what they let it do.
    #[serde(default)]
    pub platform_mappings: Map<String, Value>,
    /// `admin`, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// A token of its own; one is made where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_token: Option<Secret>,
}

impl Operation for CreatePrincipal {
    const NAME: &'static str = "principals.create";
    const ABOUT: &'static str = "Add a principal of the tenant, and show its token once.";
    const KIND: Kind = Kind::Command(Permission::ManageKeys);
    type Output = WithToken;

    async fn perform(self, work: &mut Work<'_>) -> Result<WithToken, Fault> {
        in_a_tenant(work).await?;
        let name = check_name(&self.name)?;
        let platform_mappings = mapped(self.platform_mappings, self.gam_advertiser_id)?;
        let role = check_role(self.role)?;
        let id = match self.principal_id {
            Some(id) => free(work, &id).await?,
            None => called(work, &name).await?,
        };
        let may = role_of(&platform_mappings, role.as_deref());
        check_gift(work.caller(), may, None)?;
        let tenant = work.tenant().clone();
        let wanted = Wanted {
            principal: Some(id.clone()),
            ..Wanted::new(&tenant, id.clone(), may)
        };
        let chosen = self.access_token;
        let chosen = chosen.filter(|token| !["", PLACEHOLDER].contains(&token.reveal()));
        let (key, token) = match &chosen {
            Some(token) => keep(work, wanted, token).await?,
            None => mint(work, wanted)?,
        };
        let principal = Principal {
            id,
            name,
            platform_mappings,
            role,
            key_id: key.id,
            created_at: work.now(),
        };
        work.create(&principal)?;
        let (object, detail) = (principal.id.clone(), principal.name.clone());
        work.tell("principals.created", "principal", object, detail);
        Ok(WithToken {
            principal: PrincipalView::of(&tenant, principal),
            access_token: Some(token),
            old_token_ends: None,
        })
    }

    fn kept(output: &WithToken) -> serde_json::Result<String> {
        output.kept()
    }
}

/// Refuses where nobody trades: in the house, and in tenants that are not there.
async fn in_a_tenant(work: &Work<'_>) -> Result<(), Fault> {
    if work.caller().role == Role::Operator || *work.tenant() == house() {
        find_tenant(work, work.tenant()).await?;
    }
    Ok(())
}

/// The principal that a new tenant begins with.
pub(in crate::engine) fn first(
    work: &mut Work<'_>,
    tenant: &TenantId,
) -> Result<(Principal, Secret), Fault> {
    let id = "default".to_owned();
    let wanted = Wanted {
        principal: Some(id.clone()),
        ..Wanted::new(tenant, id.clone(), Role::Buyer)
    };
    let (key, token) = mint(work, wanted)?;
    let principal = Principal {
        id,
        name: "Default Principal".to_owned(),
        platform_mappings: Map::new(),
        role: None,
        key_id: key.id,
        created_at: work.now(),
    };
    work.create_for(tenant, &principal)?;
    Ok((principal, token))
}

/// A name that was asked for, if it is one and nobody has it.
async fn free(work: &Work<'_>, id: &str) -> Result<String, Fault> {
    let plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, b'_' | b'-');
    let fits = (1..=LONGEST).contains(&id.len()) && id.bytes().all(plain);
    if !fits || is_reserved(id) {
        let said = format!("is not 1 to {LONGEST} of a-z, 0-9, '-' and '_', or is kept");
        let problem = Problem::new("principal_id", Code::new("INVALID_ID"), said);
        return Err(Fault::field(problem));
    }
    if work.get::<Principal>(id).await?.is_some() {
        let fault = Fault::conflict("DUPLICATE_PRINCIPAL", "there is a principal of that id");
        return Err(fault.with("field", "principal_id"));
    }
    Ok(id.to_owned())
}

/// A name made of what people call it, that nobody has.
async fn called(work: &Work<'_>, name: &str) -> Result<String, Fault> {
    let mut plain = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            plain.push(c);
        } else if !plain.is_empty() && !plain.ends_with('_') {
            plain.push('_');
        }
    }
    plain.truncate(LONGEST - 9);
    let plain = match plain.trim_end_matches('_') {
        "" => "principal",
        plain => plain,
    };
    if !is_reserved(plain) && work.get::<Principal>(plain).await?.is_none() {
        return Ok(plain.to_owned());
    }
    let random = uuid::Uuid::new_v4().simple().to_string();
    Ok(format!("{plain}_{}", &random[..8]))
}
