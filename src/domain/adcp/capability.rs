//! What a seller tells of itself before anybody asks for more. Refuses to claim what depends
//! on tools: who serves them adds those claims.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::domain::webhook::signature::Profile;

/// The major versions of the protocol that are spoken.
pub const MAJOR_VERSIONS: &[u64] = &[3];
/// The release that answers are written by.
pub const RELEASE: &str = "3.0";

/// A part of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// Products, media buys, creatives for them, delivery.
    MediaBuy,
    /// Audiences and contexts.
    Signals,
    /// Plans and who decides on them.
    Governance,
    /// Conversations on behalf of a brand.
    SponsoredIntelligence,
    /// Making creatives.
    Creative,
    /// What a brand is.
    Brand,
}

/// Which versions are spoken, and what a key is worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Spoken {
    /// The major versions.
    pub major_versions: Vec<u64>,
    /// The releases, for those that ask for one.
    pub supported_versions: Vec<String>,
    /// What an idempotency key is worth.
    pub idempotency: Idempotency,
}

/// What an idempotency key is worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Idempotency {
    /// Whether it is worth anything.
    pub supported: bool,
    /// For how long an answer is given again.
    pub replay_ttl_seconds: u64,
}

/// How accounts come about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the protocol has a flag for each"
)]
pub struct Accounts {
    /// Whether every operator needs a key of its own.
    pub require_operator_auth: bool,
    /// Who may be invoiced: `operator`, `agent`, `advertiser`.
    pub supported_billing: Vec<String>,
    /// Whether products are shown to accounts alone.
    pub required_for_products: bool,
    /// Whether an account's money can be asked for.
    pub account_financials: bool,
    /// Whether accounts can be had that spend nothing.
    pub sandbox: bool,
}

/// What a seller can do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Capabilities {
    /// Which versions are spoken.
    pub adcp: Spoken,
    /// Which parts of the protocol.
    pub supported_protocols: Vec<Protocol>,
    /// How accounts come about.
    pub account: Accounts,
    /// What can be done with media buys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_buy: Option<Value>,
    /// Whether signed requests are checked.
    pub request_signing: Value,
    /// How what is sent out is signed.
    pub webhook_signing: Value,
}

impl Capabilities {
    /// What this seller can do.
    #[must_use]
    pub fn of_this_seller(replay_ttl_seconds: u64) -> Self {
        let words = |all: &[&str]| all.iter().map(|&word| word.to_owned()).collect();
        Self {
            adcp: Spoken {
                major_versions: MAJOR_VERSIONS.to_vec(),
                supported_versions: words(&[RELEASE]),
                idempotency: Idempotency {
                    supported: true,
                    replay_ttl_seconds,
                },
            },
            supported_protocols: vec![Protocol::MediaBuy],
            account: Accounts {
                require_operator_auth: false,
                supported_billing: words(&["operator", "agent", "advertiser"]),
                required_for_products: false,
                account_financials: false,
                sandbox: true,
            },
            media_buy: Some(media_buy()),
            request_signing: json!({ "supported": false }),
            webhook_signing: json!({
                "supported": true, "profile": Profile::Adcp.tag(), "algorithms": ["ed25519"],
                "legacy_hmac_fallback": true,
            }),
        }
    }

    /// The same with the sections of some protocols alone.
    #[must_use]
    pub fn only(mut self, wanted: &[Protocol]) -> Self {
        if !wanted.contains(&Protocol::MediaBuy) {
            self.media_buy = None;
        }
        self
    }
}

fn media_buy() -> Value {
    json!({
        "supported_pricing_models": ["cpm", "vcpm", "cpc", "flat_rate", "time"],
        "reporting_delivery_methods": ["webhook"],
        "features": {
            "inline_creative_management": true,
            "property_list_filtering": false,
            "catalog_management": false
        },
        "execution": {
            "targeting": { "geo_countries": true }
        }
    })
}
