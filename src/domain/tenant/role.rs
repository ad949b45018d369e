//! The roles that a caller may have. What each may do stands in [`crate::domain::policy`].

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A role.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Looks, changes nothing.
    Viewer,
    /// Sends briefs, reviews and books.
    Trafficker,
    /// A trafficker who also sees the audit trail.
    Approver,
    /// Looks after tenants, catalogues and keys.
    Admin,
    /// Looks in at night: may cancel and retry, not spend.
    OnCall,
    /// The engine itself, at its own background work. No key and no setting can have it.
    Engine,
    /// A buyer's agent from outside: sees and trades what is its own.
    Buyer,
    /// Looks after the tenants themselves, with the management key: opens, changes and closes
    /// them, and hands out their keys.
    Operator,
}

impl Role {
    /// All of them, in the order of the columns of the permission table.
    pub const ALL: [Self; 8] = [
        Self::Viewer,
        Self::Trafficker,
        Self::Approver,
        Self::Admin,
        Self::OnCall,
        Self::Engine,
        Self::Buyer,
        Self::Operator,
    ];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Trafficker => "trafficker",
            Self::Approver => "approver",
            Self::Admin => "admin",
            Self::OnCall => "on_call",
            Self::Engine => "engine",
            Self::Buyer => "buyer",
            Self::Operator => "operator",
        }
    }
}

/// No role that a person or a key can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "is not a role; known are viewer, trafficker, approver, admin, on-call, buyer and operator"
)]
pub struct UnknownRole;

impl FromStr for Role {
    type Err = UnknownRole;
    /// Reads the roles of people; `engine` is not among them.
    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        let plain = text.trim().to_ascii_lowercase().replace('-', "_");
        Self::ALL
            .into_iter()
            .find(|role| *role != Self::Engine && role.name() == plain)
            .ok_or(UnknownRole)
    }
}

/// For people, as they type it.
impl fmt::Display for Role {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(match self {
            Self::OnCall => "on-call",
            other => other.name(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_read_as_it_is_shown_and_as_it_is_on_the_wire() {
        for role in Role::ALL.into_iter().filter(|role| *role != Role::Engine) {
            assert_eq!(role.to_string().parse(), Ok(role));
            assert_eq!(role.name().parse(), Ok(role));
        }
        assert_eq!(Role::OnCall.to_string(), "on-call");
        assert_eq!(Role::OnCall.name(), "on_call");
    }
}
