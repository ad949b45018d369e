//! Tenants as they are shown: never with what opens anything, only with whether there is it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    domain::{
        ids::TenantId,
        tenant::{
            ad_server::{AdServerKind, AdServerSettings},
            publisher::Publisher,
        },
        when::Instant,
    },
    store::record::Stored,
};

/// A tenant in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TenantRow {
    /// Its id.
    pub tenant_id: TenantId,
    /// What people call it.
    pub name: String,
    /// The name before our own under which it is asked.
    pub subdomain: String,
    /// What delivers for it.
    pub ad_server: AdServerKind,
    /// When it was opened.
    pub created_at: Instant,
    /// Whether its keys open anything.
    pub is_active: bool,
    /// What it pays by.
    pub billing_plan: String,
    /// Whether there is what it takes to speak to its ad server.
    pub adapter_configured: bool,
}

impl From<Publisher> for TenantRow {
    fn from(one: Publisher) -> Self {
        Self {
            adapter_configured: one.ad_server.is_configured(),
            ad_server: one.ad_server.kind,
            tenant_id: one.id,
            name: one.name,
            subdomain: one.subdomain,
            created_at: one.created_at,
            is_active: one.active,
            billing_plan: one.billing_plan,
        }
    }
}

/// A tenant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TenantView {
    /// What a list shows.
    #[serde(flatten)]
    pub row: TenantRow,
    /// Its ad server, without what opens it.
    pub adapter_config: Map<String, Value>,
    /// What is switched on for it.
    pub features: Map<String, Value>,
    /// The same, with who may sign in, as older servers show it.
    pub settings: Map<String, Value>,
    /// Who is asked about what it pays.
    pub billing_contact: Option<String>,
    /// How many principals buy from it.
    pub principals_count: i64,
    /// When it last changed.
    pub updated_at: Instant,
    /// How often it was written.
    pub revision: i64,
}

impl TenantView {
    /// Shows a tenant.
    #[must_use]
    pub fn of(stored: Stored<Publisher>, principals_count: i64) -> Self {
        let (one, known) = stored.part();
        let features = one.features.shown();
        let mut settings = features.clone();
        settings.insert("authorized_emails".into(), json!(one.authorized_emails));
        settings.insert("authorized_domains".into(), json!(one.authorized_domains));
        Self {
            adapter_config: adapter(&one.ad_server),
            features,
            settings,
            billing_contact: one.billing_contact.clone(),
            principals_count,
            updated_at: known.updated_at,
            revision: known.revision,
            row: one.into(),
        }
    }
}

/// An ad server by the names that its own fields have.
fn adapter(of: &AdServerSettings) -> Map<String, Value> {
    let has = of.credential.is_some();
    let shown = match of.kind {
        AdServerKind::Mock => json!({"mock_dry_run": of.dry_run}),
        AdServerKind::GoogleAdManager => json!({
            "gam_network_code": of.network,
            "gam_trafficker_id": of.trafficker,
            "gam_company_id": of.company,
            "gam_manual_approval_required": of.manual_approval,
            "has_refresh_token": has,
        }),
        AdServerKind::Kevel => json!({
            "kevel_network_id": of.network,
            "kevel_manual_approval_required": of.manual_approval,
            "has_api_key": has,
        }),
        AdServerKind::TritonDigital => json!({
            "triton_station_id": of.network,
            "has_api_key": has,
        }),
    };
    let mut config = Map::new();
    config.insert("adapter_type".into(), json!(of.kind));
    if let Value::Object(shown) = shown {
        config.extend(shown);
    }
    if let Some(url) = &of.base_url {
        config.insert("base_url".into(), json!(url));
    }
    config
}
