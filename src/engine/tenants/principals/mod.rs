//! Principals of the tenant that is asked for: added, listed, changed, removed, and their tokens
//! rotated. A principal's token is a key like all others; its role follows from its mappings.

pub mod change;
pub mod create;
pub mod list;
pub mod rotate;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    domain::{
        ids::TenantId,
        problem::{Code, Problem},
        tenant::{
            key::Standing,
            principal::{ADVERTISER, Principal},
            role::Role,
            secret::Secret,
        },
        text,
        when::Instant,
    },
    engine::{fault::Fault, work::Work},
    store::record::Stored,
};

/// The largest mappings, in bytes of JSON.
const LARGEST: usize = 16 << 10;

/// A principal as it is shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PrincipalView {
    /// The name under which it asks, and under which what it buys is kept.
    pub principal_id: String,
    /// Whose principal it is.
    pub tenant_id: TenantId,
    /// What people call it.
    pub name: String,
    /// What other systems call it, and what they let it do.
    pub platform_mappings: Map<String, Value>,
    /// What Google Ad Manager calls it.
    pub gam_advertiser_id: Option<Value>,
    /// What it may do.
    pub role: Role,
    /// The readable part of its token.
    pub key_id: String,
    /// Where its token stands, where it was looked up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_state: Option<Standing>,
    /// When it was added.
    pub created_at: Instant,
}

impl PrincipalView {
    /// Shows a principal.
    #[must_use]
    pub fn of(tenant: &TenantId, one: Principal) -> Self {
        Self {
            tenant_id: tenant.clone(),
            role: one.role(),
            gam_advertiser_id: one.platform_mappings.get(ADVERTISER).cloned(),
            principal_id: one.id,
            name: one.name,
            platform_mappings: one.platform_mappings,
            key_id: one.key_id,
            token_state: None,
            created_at: one.created_at,
        }
    }
}

/// A principal with its token, the only time that it is seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WithToken {
    /// The principal.
    #[serde(flatten)]
    pub principal: PrincipalView,
    /// Its token: shown now and never again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_token: Option<Secret>,
    /// Until when the token before this one opens, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_token_ends: Option<Instant>,
}

impl WithToken {
    /// The same without the token, as it is kept for whoever asks again.
    fn kept(&self) -> serde_json::Result<String> {
        serde_json::to_string(&Self {
            access_token: None,
            ..self.clone()
        })
    }
}

/// Finds a principal of the tenant that is asked for.
async fn find(work: &Work<'_>, id: &str) -> Result<Stored<Principal>, Fault> {
    let found = work.get::<Principal>(id).await?;
    found.ok_or_else(|| Fault::absent("principal", id))
}

/// Checks what people call it.
fn check_name(name: &str) -> Result<String, Fault> {
    let name = name.trim();
    match text::check_line(name, 100) {
        Ok(()) => Ok(name.to_owned()),
        Err(why) => Err(Fault::field(Problem::new(
            "name",
            Code::INVALID_NAME,
            why.to_string(),
        ))),
    }
}

/// Joins what was sent of mappings.
fn mapped(
    mut mappings: Map<String, Value>,
    advertiser: Option<Value>,
) -> Result<Map<String, Value>, Fault> {
    let wrong = |field: &str, said: String| {
        Fault::field(Problem::new(field, Code::new("INVALID_MAPPING"), said))
    };
    match advertiser {
        None => {}
        Some(Value::Null) => drop(mappings.remove(ADVERTISER)),
        Some(id @ (Value::String(_) | Value::Number(_))) => {
            mappings.insert(ADVERTISER.to_owned(), id);
        }
        Some(_) => return Err(wrong(ADVERTISER, "is neither text nor a number".into())),
    }
    if Value::Object(mappings.clone()).to_string().len() > LARGEST {
        let said = format!("is larger than {LARGEST} bytes");
        return Err(wrong("platform_mappings", said));
    }
    Ok(mappings)
}

/// Checks the role that a principal is given beside what its mappings say.
fn check_role(role: Option<String>) -> Result<Option<String>, Fault> {
    match role.as_deref() {
        None | Some("buyer") => Ok(None),
        Some("admin") => Ok(role),
        Some(_) => {
            let said = "is neither buyer nor admin";
            let problem = Problem::new("role", Code::new("INVALID_VALUE"), said);
            Err(Fault::field(problem))
        }
    }
}
