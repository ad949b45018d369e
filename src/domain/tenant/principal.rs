//! A principal: an advertiser who buys from one tenant. Refuses to hold its token: that is a
//! key of its own, found by the id that stands here.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::role::Role;
use crate::domain::when::Instant;

/// The mapping under which Google Ad Manager knows an advertiser.
pub const ADVERTISER: &str = "gam_advertiser_id";

/// A principal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Principal {
    /// The name under which it asks, and under which what it buys is kept; never changes.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What other systems call it, and what they let it do.
    pub platform_mappings: Map<String, Value>,
    /// `admin`, where it has a role beside that of a buyer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The key that opens for it.
    pub key_id: String,
    /// When it was added.
    pub created_at: Instant,
}

impl Principal {
    /// What it may do: an admin by any of the three ways to say so, else a buyer.
    #[must_use]
    pub fn role(&self) -> Role {
        role_of(&self.platform_mappings, self.role.as_deref())
    }
}

/// What somebody with these mappings and this role may do.
#[must_use]
pub fn role_of(mappings: &Map<String, Value>, role: Option<&str>) -> Role {
    let says = |of: &Map<String, Value>| {
        ["gam_admin", "is_admin"]
            .iter()
            .any(|name| of.get(*name) == Some(&Value::Bool(true)))
    };
    let within = mappings.values().filter_map(Value::as_object).any(says);
    if role == Some(Role::Admin.name()) || says(mappings) || within {
        return Role::Admin;
    }
    Role::Buyer
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn three_ways_to_be_an_admin() {
        for (mappings, role, admin) in [
            (json!({}), None, false),
            (json!({"gam_admin": true}), None, true),
            (json!({"is_admin": true}), None, true),
            (
                json!({"google_ad_manager": {"gam_admin": true}}),
                None,
                true,
            ),
            (json!({}), Some("admin"), true),
            (
                json!({"gam_admin": "true", "is_admin": 1}),
                Some("buyer"),
                false,
            ),
            (json!({"gam_admin": false}), None, false),
        ] {
            let of = mappings.as_object().expect("an object");
            let is = role_of(of, role) == Role::Admin;
            assert_eq!(is, admin, "{mappings} {role:?}");
        }
    }
}
