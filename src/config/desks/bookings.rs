//! A tenant's bookings that live in another company's system: where it is, and with which key.
//! Refuses keys in the settings themselves: they are named, and read where they are kept.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    super::{Unusable, unusable},
    key_of, reachable,
};
use crate::domain::tenant::secret::Secret;

/// Another company's system in which bookings live.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BookingsUpstream {
    /// Which make: `iab-buyer-agent`.
    pub kind: String,
    /// Where it is.
    pub url: String,
    /// The variable of the environment that holds its key; empty where it has no lock.
    #[serde(default)]
    pub key_env: String,
    /// The file that holds its key, in place of a variable.
    #[serde(default)]
    pub key_file: String,
    /// Every how many seconds it is looked at.
    #[serde(default = "poll")]
    pub poll_seconds: u32,
    /// After how many minutes in which it does not show a job that job counts as gone there.
    #[serde(default = "gone_after")]
    pub gone_after_minutes: u32,
}

fn poll() -> u32 {
    3
}

fn gone_after() -> u32 {
    5
}

impl BookingsUpstream {
    /// How often it is looked at.
    #[must_use]
    pub fn poll(&self) -> Duration {
        Duration::from_secs(self.poll_seconds.into())
    }

    /// How long it must not have shown a job.
    #[must_use]
    pub fn gone_after(&self) -> Duration {
        Duration::from_mins(self.gone_after_minutes.into())
    }

    /// Its key, read where it is kept.
    ///
    /// # Errors
    /// When it is not there.
    pub fn key(&self) -> Result<Option<Secret>, Unusable> {
        key_of(&self.key_env, &self.key_file)
    }

    pub(super) fn check(&self, tenant: &str) -> Result<(), Unusable> {
        let told = |setting: &str, why: &str| {
            Err(unusable(format_args!(
                "setting `desks.{tenant}.bookings.{setting}`: {why}"
            )))
        };
        if self.kind != "iab-buyer-agent" {
            return told("kind", "the one make that is known is \"iab-buyer-agent\"");
        }
        if let Err((setting, why)) = reachable(&self.url, &self.key_env, &self.key_file) {
            return told(setting, why);
        }
        if !(1..=3_600).contains(&self.poll_seconds) {
            return told("poll_seconds", "it is from 1 to 3600");
        }
        if !(1..=1_440).contains(&self.gone_after_minutes) {
            return told("gone_after_minutes", "it is from 1 to 1440");
        }
        Ok(())
    }
}
