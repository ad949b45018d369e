//! What the house itself has at others': the tenant-management server of another house that the
//! tenants' desk sees and acts on. Refuses keys in the settings themselves: they are named, and
//! read where they are kept.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    Unusable,
    desks::{key_of, named, reachable},
    unusable,
};
use crate::domain::tenant::secret::Secret;

/// The longest name that people call it by, in characters.
const LONGEST_NAME: usize = 60;

/// What the house has at others'.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Upstream {
    /// A tenant-management server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenants: Option<TenantsUpstream>,
}

/// A tenant-management server of another house.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TenantsUpstream {
    /// Where it is: what comes before `/api/v1/tenant-management`.
    pub url: String,
    /// What people call it.
    #[serde(default = "name")]
    pub name: String,
    /// The variable of the environment that holds its management key.
    #[serde(default)]
    pub key_env: String,
    /// The file that holds its management key, in place of a variable.
    #[serde(default)]
    pub key_file: String,
    /// The variable that holds the key of its sync API, where that is another one.
    #[serde(default)]
    pub sync_key_env: String,
    /// The file that holds the key of its sync API, in place of a variable.
    #[serde(default)]
    pub sync_key_file: String,
    /// For how many seconds what it said is good.
    #[serde(default = "fresh")]
    pub fresh_seconds: u32,
}

fn name() -> String {
    "the tenant server".into()
}

fn fresh() -> u32 {
    10
}

impl TenantsUpstream {
    /// For how long what it said is good.
    #[must_use]
    pub fn fresh(&self) -> Duration {
        Duration::from_secs(self.fresh_seconds.into())
    }

    /// Its management key, read where it is kept.
    ///
    /// # Errors
    /// When it is not there.
    pub fn key(&self) -> Result<Option<Secret>, Unusable> {
        key_of(&self.key_env, &self.key_file)
    }

    /// The key of its sync API, read where it is kept.
    ///
    /// # Errors
    /// When it is not there.
    pub fn sync_key(&self) -> Result<Option<Secret>, Unusable> {
        key_of(&self.sync_key_env, &self.sync_key_file)
    }
}

impl Upstream {
    /// Refuses what cannot be reached as it is set up.
    pub(super) fn check(&self) -> Result<(), Unusable> {
        let Some(set) = &self.tenants else {
            return Ok(());
        };
        let section = "upstream.tenants";
        let told = |setting: &str, why: &str| {
            Err(unusable(format_args!(
                "setting `{section}.{setting}`: {why}"
            )))
        };
        if let Err((setting, why)) = reachable(&set.url, &set.key_env, &set.key_file) {
            return told(setting, why);
        }
        if let Err(why) = named(&set.sync_key_env, &set.sync_key_file) {
            return told("sync_key_env", why);
        }
        if crate::domain::text::check_line(&set.name, LONGEST_NAME).is_err() {
            return told("name", "this is not a name of one readable line");
        }
        if set.fresh_seconds > 300 {
            return told("fresh_seconds", "it is from 0 to 300");
        }
        Ok(())
    }
}
