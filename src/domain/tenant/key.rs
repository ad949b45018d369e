//! A key: whom it lets in, for how long, and the digest by which it is known again. Refuses to
//! hold the key itself, which is seen once, by whoever asked for it.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{caller::Caller, role::Role};
use crate::domain::{ids::TenantId, policy::Permission, when::Instant};

/// What keys of tenants begin with.
pub const PREFIX: &str = "fdk";
/// What management keys begin with.
pub const MANAGEMENT_PREFIX: &str = "sk-fd";
/// How long the readable part of a key is.
const ID: usize = 8;
/// How long the secret part of a key is: 256 bits in hex.
const SECRET: usize = 64;
/// The longest key.
pub const LONGEST: usize = 256;

/// A key that was just made: the only time that it is seen whole.
pub struct Fresh {
    /// The readable part, by which it is found.
    pub id: String,
    /// The whole key.
    pub key: String,
    /// What is kept of it.
    pub sha256: String,
}

impl Fresh {
    /// Makes a key of 256 random bits.
    #[must_use]
    pub fn make() -> Self {
        Self::beginning_with(PREFIX)
    }

    /// Makes one for a role: a management key can be told at a glance.
    #[must_use]
    pub fn of(role: Role) -> Self {
        match role {
            Role::Operator => Self::beginning_with(MANAGEMENT_PREFIX),
            _ => Self::make(),
        }
    }

    fn beginning_with(prefix: &str) -> Self {
        let random = || Uuid::new_v4().simple().to_string();
        // Four are taken because each holds 122 random bits.
        let mut secret = Sha256::new();
        for _ in 0..4 {
            secret.update(random());
        }
        let id = random()[..ID].to_owned();
        let key = format!("{prefix}_{id}_{}", hex::encode(secret.finalize()));
        let sha256 = digest(&key);
        Self { id, key, sha256 }
    }
}

/// What is kept of a key.
#[must_use]
pub fn digest(key: &str) -> String {
    hex::encode(Sha256::digest(key))
}

/// The readable part of a key that was made here; nothing for any other text.
#[must_use]
pub fn readable(key: &str) -> Option<&str> {
    let hex = |part: &str, length: usize| {
        let digit = |c: u8| matches!(c, b'0'..=b'9' | b'a'..=b'f');
        part.len() == length && part.bytes().all(digit)
    };
    let mut parts = key.split('_');
    let (prefix, id, secret) = (parts.next()?, parts.next()?, parts.next()?);
    let ours = [PREFIX, MANAGEMENT_PREFIX].contains(&prefix) && parts.next().is_none();
    (ours && hex(id, ID) && hex(secret, SECRET)).then_some(id)
}

/// What is wrong with a token that somebody chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadToken {
    /// Somebody could guess it, or it is no line.
    #[error("is not 16 to 256 visible ASCII characters")]
    Unfit,
    /// It looks like one of ours and is none.
    #[error("begins like a key that was made here; choose another")]
    Ours,
}

/// Checks a token that somebody chose.
///
/// # Errors
/// When it is too short, cannot be sent in a header, or could be taken for a key of ours.
pub fn check_chosen(token: &str) -> Result<(), BadToken> {
    let fits = (16..=LONGEST).contains(&token.len()) && token.bytes().all(|c| c.is_ascii_graphic());
    if !fits {
        return Err(BadToken::Unfit);
    }
    if [PREFIX, MANAGEMENT_PREFIX, "demo-acme-outdoor"]
        .iter()
        .any(|prefix| token.starts_with(prefix))
    {
        return Err(BadToken::Ours);
    }
    Ok(())
}

/// Where a key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It opens.
    Active,
    /// Its time is over.
    Expired,
    /// It was taken back.
    Revoked,
}

/// A key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Key {
    /// Its readable part.
    pub id: String,
    /// SHA-256 of the whole key, in hex.
    pub sha256: String,
    /// Whose things it opens.
    pub tenant: TenantId,
    /// Who it is, as the audit trail names them.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// What it is narrowed to; nothing means everything that the role may.
    #[serde(default)]
    pub scopes: Option<BTreeSet<Permission>>,
    /// The principal that it is the token of.
    #[serde(default)]
    pub principal: Option<String>,
    /// The id of the first key of those that took each other's place: they share one limit.
    pub line: String,
    /// When it was made.
    pub created_at: Instant,
    /// When its time is over.
    #[serde(default)]
    pub expires_at: Option<Instant>,
    /// When it was taken back.
    #[serde(default)]
    pub revoked_at: Option<Instant>,
    /// The key that took its place.
    #[serde(default)]
    pub replaced_by: Option<String>,
}

impl Key {
    /// Where it stands.
    #[must_use]
    pub fn standing(&self, now: Instant) -> Standing {
        if self.revoked_at.is_some() {
            Standing::Revoked
        } else if self.expires_at.is_some_and(|end| end <= now) {
            Standing::Expired
        } else {
            Standing::Active
        }
    }

    /// Whom it lets in.
    #[must_use]
    pub fn caller(&self) -> Caller {
        Caller {
            scopes: self.scopes.clone(),
            ..Caller::new(self.name.clone(), self.tenant.clone(), self.role)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_random_readable_and_known_again() {
        let (one, other) = (Fresh::make(), Fresh::of(Role::Operator));
        assert_ne!(one.key, other.key);
        assert_eq!(readable(&one.key), Some(&*one.id));
        assert_eq!(readable(&other.key), Some(&*other.id));
        assert!(other.key.starts_with("sk-fd_"), "{}", other.id);
        assert_eq!(digest(&one.key), one.sha256);
        let long = format!("{}0", one.key);
        for none in [
            "",
            "fdk__",
            "fdk_0a1b2c3d_x",
            "demo-acme-outdoor-v1",
            &long,
            &one.key[1..],
        ] {
            assert_eq!(readable(none), None, "{none}");
        }
    }

    #[test]
    fn a_chosen_token_is_long_enough_and_not_one_of_ours() {
        assert_eq!(check_chosen("acme-advertiser-2026"), Ok(()));
        for short in ["", "acme", "with a space in it", "späße-von-acme-2026"] {
            assert_eq!(check_chosen(short), Err(BadToken::Unfit), "{short}");
        }
        assert_eq!(check_chosen(&"x".repeat(257)), Err(BadToken::Unfit));
        for ours in [Fresh::make().key, "demo-acme-outdoor-main".to_owned()] {
            assert_eq!(check_chosen(&ours), Err(BadToken::Ours), "{ours}");
        }
    }

    #[test]
    fn a_key_stands_until_it_is_taken_back_or_its_time_is_over() {
        let at = |text: &str| text.parse::<Instant>().expect("an instant");
        let (early, late) = (at("2026-06-01T00:00:00Z"), at("2026-06-02T00:00:00Z"));
        let key = Key {
            id: "0a1b2c3d".into(),
            sha256: String::new(),
            tenant: "main".parse().expect("a tenant"),
            name: "robot".into(),
            role: Role::Buyer,
            scopes: None,
            principal: None,
            line: "0a1b2c3d".into(),
            created_at: early,
            expires_at: None,
            revoked_at: None,
            replaced_by: None,
        };
        assert_eq!(key.standing(late), Standing::Active);
        let ends = Key {
            expires_at: Some(late),
            ..key.clone()
        };
        assert_eq!(
            (ends.standing(early), ends.standing(late)),
            (Standing::Active, Standing::Expired)
        );
        let back = Key {
            revoked_at: Some(early),
            ..ends
        };
        assert_eq!(back.standing(early), Standing::Revoked);
    }
}
