//! Which ad server delivers for a tenant, and what it takes to speak to it. Refuses ad servers
//! that nobody here can speak to.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::secret::Secret;

/// An ad server.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Default,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum AdServerKind {
    /// The one inside, whose traffic is made up.
    #[default]
    Mock,
    /// Google Ad Manager.
    GoogleAdManager,
    /// Kevel.
    Kevel,
    /// Triton Digital.
    TritonDigital,
}

impl AdServerKind {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Mock,
        Self::GoogleAdManager,
        Self::Kevel,
        Self::TritonDigital,
    ];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mock => "mock",
            Self::GoogleAdManager => "google_ad_manager",
            Self::Kevel => "kevel",
            Self::TritonDigital => "triton_digital",
        }
    }
}

impl fmt::Display for AdServerKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// No ad server that is known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "is no ad server that is known here; known are google_ad_manager, kevel, triton_digital and mock"
)]
pub struct UnknownAdServer;

impl FromStr for AdServerKind {
    type Err = UnknownAdServer;
    /// Reads the wire names, and `triton`, which others write.
    fn from_str(text: &str) -> Result<Self, UnknownAdServer> {
        if text == "triton" {
            return Ok(Self::TritonDigital);
        }
        let mut known = Self::ALL.into_iter();
        known.find(|one| one.name() == text).ok_or(UnknownAdServer)
    }
}

/// The ad server of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AdServerSettings {
    /// Which one.
    pub kind: AdServerKind,
    /// Its network, account or station: the number under which the publisher is known there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    /// The person there in whose name orders are placed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trafficker: Option<String>,
    /// The company there that orders are placed for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    /// Another address than its usual one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// What opens it: a refresh token, or a key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential: Option<Secret>,
    /// Whether a person agrees to every order there.
    pub manual_approval: bool,
    /// Whether the one inside only says what it would do.
    pub dry_run: bool,
}

impl AdServerSettings {
    /// Whether there is what it takes to speak to it.
    #[must_use]
    pub fn is_configured(&self) -> bool {
        match self.kind {
            AdServerKind::Mock => true,
            AdServerKind::GoogleAdManager | AdServerKind::Kevel | AdServerKind::TritonDigital => {
                self.network.is_some() && self.credential.is_some()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ad_server_is_read_by_its_name_and_no_other() {
        for kind in AdServerKind::ALL {
            assert_eq!(kind.name().parse(), Ok(kind));
            assert_eq!(serde_json::to_value(kind).expect("json"), kind.name());
        }
        assert_eq!("triton".parse(), Ok(AdServerKind::TritonDigital));
        for unknown in ["", "Mock", "xandr", "google"] {
            assert_eq!(
                unknown.parse::<AdServerKind>(),
                Err(UnknownAdServer),
                "{unknown}"
            );
        }
    }

    #[test]
    fn a_credential_is_kept_and_never_printed() {
        let settings = AdServerSettings {
            kind: AdServerKind::Kevel,
            network: Some("9".into()),
            credential: Some(Secret::new("canary")),
            ..AdServerSettings::default()
        };
        assert!(settings.is_configured());
        assert!(!format!("{settings:?}").contains("canary"));
        let kept = serde_json::to_string(&settings).expect("json");
        assert_eq!(
            serde_json::from_str::<AdServerSettings>(&kept).expect("read"),
            settings
        );
    }
}
