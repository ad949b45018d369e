//! What is sent to the Tenant Management API where that is not an operation's own question.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::{ids::TenantId, inventory::run::Mode, tenant::secret::Secret};

/// A switch in a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Switch {
    /// On.
    True,
    /// Off.
    False,
}

/// Which tenants are listed.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WhichTenants {
    /// Only those that are open, or only the others.
    pub is_active: Option<Switch>,
    /// Only those whose name, subdomain or id contains this.
    pub search: Option<String>,
    /// At most so many; 500 where it is not said and at most.
    pub limit: Option<u32>,
    /// Where an earlier answer ended.
    pub cursor: Option<String>,
}

/// Whose trail is read.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WhichLogs {
    /// Of this tenant; of all where it is not said.
    pub tenant_id: Option<String>,
    /// At most so many; 100 where it is not said, 1000 at most.
    pub limit: Option<u32>,
    /// Where an earlier answer ended.
    pub cursor: Option<String>,
}

/// How much is brought here.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct HowSynced {
    /// What has changed since the last time, or all of it.
    pub mode: Mode,
}

/// Whether everything goes.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct HowDeleted {
    /// Everything that is kept of it too, instead of its keys' opening nothing.
    pub hard_delete: bool,
}

/// The same, in a query.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct HowDeletedQuery {
    /// Everything that is kept of it too, instead of its keys' opening nothing.
    pub hard_delete: Option<Switch>,
}

/// What came of a deletion.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct TenantGone {
    /// What was done.
    pub message: &'static str,
    /// To which tenant.
    pub tenant_id: TenantId,
}

/// What changes of a principal.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PrincipalFields {
    /// What people call it.
    pub name: Option<String>,
    /// What Google Ad Manager calls it.
    pub gam_advertiser_id: Option<Value>,
    /// What other systems call it, in place of what stands there.
    pub platform_mappings: Option<Map<String, Value>>,
    /// `admin` or `buyer`.
    pub role: Option<String>,
}

/// How a token or a key is rotated.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct HowRotated {
    /// For how many seconds the old one still opens; a day where it is not said and at most.
    pub overlap_seconds: Option<u32>,
    /// A token of its own, for principals; one is made where it is not said.
    pub access_token: Option<Secret>,
}

/// Why something was decided.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Notes {
    /// Why.
    #[serde(alias = "reason")]
    pub notes: Option<String>,
}

/// The first management key.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Initialized {
    /// What was done.
    pub message: &'static str,
    /// The key: shown now and never again.
    pub api_key: Option<Secret>,
    /// What to do with it.
    pub warning: &'static str,
}
