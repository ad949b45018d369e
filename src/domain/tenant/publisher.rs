//! A tenant as the directory of the house knows it: who the publisher is, under which name it
//! is asked, which ad server delivers for it, and whether it is open at all.

use serde::{Deserialize, Serialize};

use super::{ad_server::AdServerSettings, caller::is_reserved, features::Features};
use crate::domain::{ids::TenantId, when::Instant};

/// The plan of whoever has agreed to none.
pub const STANDARD: &str = "standard";

/// A tenant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Publisher {
    /// Its id: what its things are kept under.
    pub id: TenantId,
    /// What people call it.
    pub name: String,
    /// The name before our own under which it is asked; nobody else has the same.
    pub subdomain: String,
    /// Whether its keys open anything.
    pub active: bool,
    /// What delivers for it.
    #[serde(default)]
    pub ad_server: AdServerSettings,
    /// What is switched on for it.
    #[serde(default)]
    pub features: Features,
    /// What it pays by.
    pub billing_plan: String,
    /// Who is asked about that.
    #[serde(default)]
    pub billing_contact: Option<String>,
    /// People who may sign in for it.
    #[serde(default)]
    pub authorized_emails: Vec<String>,
    /// Domains whose people may.
    #[serde(default)]
    pub authorized_domains: Vec<String>,
    /// When it was opened.
    pub created_at: Instant,
}

impl Publisher {
    /// A tenant that is named in the settings alone.
    #[must_use]
    pub fn named(id: TenantId, at: Instant) -> Self {
        Self {
            name: id.to_string(),
            subdomain: id.to_string(),
            active: true,
            ad_server: AdServerSettings::default(),
            features: Features::new(),
            billing_plan: STANDARD.to_owned(),
            billing_contact: None,
            authorized_emails: Vec::new(),
            authorized_domains: Vec::new(),
            created_at: at,
            id,
        }
    }

    /// The state that it is listed under.
    #[must_use]
    pub fn state(&self) -> &'static str {
        if self.active { "active" } else { "inactive" }
    }
}

/// A name that one tenant has and no other: it stands in the directory under itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subdomain {
    /// The name.
    pub name: String,
    /// Whose it is.
    pub tenant: TenantId,
}

/// Why a text is no subdomain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotASubdomain {
    /// It cannot stand in a host name.
    #[error("is not 1 to 63 of a-z, 0-9 and '-', beginning and ending with a letter or digit")]
    Unfit,
    /// It is the house's own, or means something else.
    #[error("is kept for the house; choose another")]
    Reserved,
}

/// Names that mean something else in front of a host.
const KEPT: [&str; 5] = ["www", "admin", "api", "localhost", "adcp-sales-agent"];

/// Checks a name that shall stand in front of our own.
///
/// # Errors
/// When it cannot, or is kept.
pub fn check_subdomain(name: &str) -> Result<(), NotASubdomain> {
    let plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit();
    let bytes = name.as_bytes();
    let fits = (1..=63).contains(&bytes.len())
        && bytes.first().is_some_and(|c| plain(*c))
        && bytes.last().is_some_and(|c| plain(*c))
        && bytes.iter().all(|c| plain(*c) || *c == b'-');
    if !fits {
        return Err(NotASubdomain::Unfit);
    }
    if is_reserved(name) || KEPT.contains(&name) {
        return Err(NotASubdomain::Reserved);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subdomain_can_stand_in_a_host_name() {
        for good in ["sports", "a", "4-you", "x1"] {
            assert_eq!(check_subdomain(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "-a",
            "a-",
            "Sports",
            "a.b",
            "a_b",
            "ü",
            &"x".repeat(64),
            "a b",
        ] {
            assert_eq!(check_subdomain(bad), Err(NotASubdomain::Unfit), "{bad}");
        }
        for kept in ["engine", "www", "admin", "localhost"] {
            assert_eq!(
                check_subdomain(kept),
                Err(NotASubdomain::Reserved),
                "{kept}"
            );
        }
    }
}
