//! A tenant's slots that live in another company's slot service: where it is, and with which key.
//! Refuses keys in the settings themselves: they are named, and read where they are kept.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    super::{Unusable, unusable},
    key_of, reachable,
};
use crate::domain::{slot::upstream::SLOT_SERVICE, tenant::secret::Secret};

/// The longest name that people call it by, in characters.
const LONGEST_NAME: usize = 60;

/// Another company's slot service.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlotsUpstream {
    /// Which make: `slot-service`.
    pub kind: String,
    /// Where its API is: what comes before `/bookings`.
    pub url: String,
    /// What people call it.
    #[serde(default = "name")]
    pub name: String,
    /// The variable of the environment that holds its key; empty where it has no lock.
    #[serde(default)]
    pub key_env: String,
    /// The file that holds its key, in place of a variable.
    #[serde(default)]
    pub key_file: String,
    /// Every how many seconds it is looked at.
    #[serde(default = "poll")]
    pub poll_seconds: u32,
    /// After how many minutes in which it does not show something that counts as gone there.
    #[serde(default = "gone_after")]
    pub gone_after_minutes: u32,
    /// For how many seconds what it said of what is free is good.
    #[serde(default = "fresh")]
    pub fresh_seconds: u32,
}

fn name() -> String {
    "the slot service".into()
}

fn poll() -> u32 {
    15
}

fn gone_after() -> u32 {
    5
}

fn fresh() -> u32 {
    10
}

impl SlotsUpstream {
    /// How often it is looked at.
    #[must_use]
    pub fn poll(&self) -> Duration {
        Duration::from_secs(self.poll_seconds.into())
    }

    /// How long it must not have shown something.
    #[must_use]
    pub fn gone_after(&self) -> Duration {
        Duration::from_mins(self.gone_after_minutes.into())
    }

    /// For how long what it said of what is free is good.
    #[must_use]
    pub fn fresh(&self) -> Duration {
        Duration::from_secs(self.fresh_seconds.into())
    }

    /// Its key, read where it is kept.
    ///
    /// # Errors
    /// When it is not there.
    pub fn key(&self) -> Result<Option<Secret>, Unusable> {
        key_of(&self.key_env, &self.key_file)
    }

    pub(super) fn check(&self, tenant: &str) -> Result<(), Unusable> {
        let section = format!("desks.{tenant}.slots");
        let told = |setting: &str, why: &str| {
            Err(unusable(format_args!(
                "setting `{section}.{setting}`: {why}"
            )))
        };
        if self.kind != SLOT_SERVICE {
            return told("kind", "the one make that is known is \"slot-service\"");
        }
        if let Err((setting, why)) = reachable(&self.url, &self.key_env, &self.key_file) {
            return told(setting, why);
        }
        if crate::domain::text::check_line(&self.name, LONGEST_NAME).is_err() {
            return told("name", "this is not a name of one readable line");
        }
        if !(1..=3_600).contains(&self.poll_seconds) {
            return told("poll_seconds", "it is from 1 to 3600");
        }
        if !(1..=1_440).contains(&self.gone_after_minutes) {
            return told("gone_after_minutes", "it is from 1 to 1440");
        }
        if self.fresh_seconds > 300 {
            return told("fresh_seconds", "it is from 0 to 300");
        }
        Ok(())
    }
}
