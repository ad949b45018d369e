//! Endpoints as they are shown: with their host and never with the rest of the address, which may
//! be a secret; a signing secret alone when it was just made.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{
    ids::EndpointId,
    notify::{
        endpoint::{Endpoint, Signing},
        topic::Topic,
    },
    tenant::secret::Secret,
    when::Instant,
};

/// An endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EndpointView {
    /// Its id.
    pub endpoint_id: EndpointId,
    /// What people call it.
    pub name: String,
    /// Where it is, without what may be secret.
    pub host: String,
    /// What it is told of; everything where nothing is named.
    pub events: Vec<Topic>,
    /// `standard` or `rfc9421`.
    pub signing: String,
    /// Whether it is told anything.
    pub is_active: bool,
    /// Why it was switched off by itself.
    pub disabled_because: Option<String>,
    /// Since when it takes nothing.
    pub failing_since: Option<Instant>,
    /// When it was last tried.
    pub last_try_at: Option<Instant>,
    /// What it answered then; nothing where there was no answer.
    pub last_status: Option<u16>,
    /// Until when the secret before this one is good.
    pub old_secret_until: Option<Instant>,
    /// When it was made.
    pub created_at: Instant,
    /// How often it was written.
    pub revision: i64,
}

impl EndpointView {
    /// Shows an endpoint.
    #[must_use]
    pub fn of(one: &Endpoint, revision: i64) -> Self {
        let url = url::Url::parse(one.url.reveal()).ok();
        let host = url.as_ref().and_then(|url| url.host_str());
        let (signing, old) = match &one.signing {
            Signing::Standard { before, .. } => ("standard", before.as_ref().map(|(_, at)| *at)),
            Signing::Signature => ("rfc9421", None),
        };
        Self {
            endpoint_id: one.id,
            name: one.name.clone(),
            host: host.unwrap_or_default().to_owned(),
            events: one.topics.iter().copied().collect(),
            signing: signing.to_owned(),
            is_active: one.active,
            disabled_because: one.disabled.clone(),
            failing_since: one.failing_since,
            last_try_at: one.last.map(|(at, _)| at),
            last_status: one.last.and_then(|(_, status)| status),
            old_secret_until: old,
            created_at: one.created_at,
            revision,
        }
    }
}

/// An endpoint with the secret that it was just given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MadeEndpoint {
    /// The endpoint.
    #[serde(flatten)]
    pub view: EndpointView,
    /// The secret, shown once; nothing where our own key signs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<Secret>,
}

impl MadeEndpoint {
    /// What is kept of it for whoever asks again: everything but the secret.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn kept(&self) -> serde_json::Result<String> {
        serde_json::to_string(&self.view)
    }
}
