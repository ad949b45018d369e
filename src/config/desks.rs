//! Desks whose truth lives in another company's system: which tenant's bookings, where, and with
//! which key. Refuses keys in the settings themselves: they are named, and read where they are kept.

use std::{collections::BTreeMap, path::Path, time::Duration};

use serde::{Deserialize, Serialize};

mod slots;

pub use slots::SlotsUpstream;

use super::{Unusable, kept::key_in, unusable};
use crate::domain::{ids::TenantId, tenant::secret::Secret};

/// The longest key, in bytes.
const LONGEST: u64 = 4_096;

/// The desks of one tenant that live elsewhere.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Desks {
    /// Its bookings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bookings: Option<BookingsUpstream>,
    /// Its slots.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slots: Option<SlotsUpstream>,
}

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

    fn check(&self, tenant: &str) -> Result<(), Unusable> {
        let told = |setting: &str, why: &str| {
            Err(unusable(format_args!(
                "setting `desks.{tenant}.bookings.{setting}`: {why}"
            )))
        };
        if self.kind != "iab-buyer-agent" {
            return told("kind", "the one make that is known is \"iab-buyer-agent\"");
        }
        let keys = (&*self.key_env, &*self.key_file);
        reachable(&format!("desks.{tenant}.bookings"), &self.url, keys)?;
        if !(1..=3_600).contains(&self.poll_seconds) {
            return told("poll_seconds", "it is from 1 to 3600");
        }
        if !(1..=1_440).contains(&self.gone_after_minutes) {
            return told("gone_after_minutes", "it is from 1 to 1440");
        }
        Ok(())
    }
}

/// A key by the variable or the file that is named, read where it is kept.
pub(super) fn key_of(variable: &str, file: &str) -> Result<Option<Secret>, Unusable> {
    let text = match (variable, file) {
        ("", "") => return Ok(None),
        ("", file) => key_in(Path::new(file), LONGEST).map_err(unusable)?,
        (name, _) => std::env::var(name)
            .map_err(|_| unusable(format_args!("{name} is not set: it is to hold a key")))?,
    };
    let text = text.trim();
    if text.is_empty() {
        return Err(unusable("a key that is to be read is empty"));
    }
    Ok(Some(Secret::new(text)))
}

/// Refuses an address that is none of the web, and a key that is named twice or as a setting.
pub(super) fn reachable(
    section: &str,
    url: &str,
    (variable, file): (&str, &str),
) -> Result<(), Unusable> {
    let told = |setting: &str, why: &str| {
        Err(unusable(format_args!(
            "setting `{section}.{setting}`: {why}"
        )))
    };
    let web = |url: &url::Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    let Some(url) = url::Url::parse(url).ok().filter(web) else {
        return told("url", "this is no address of the web");
    };
    if !url.username().is_empty() || url.password().is_some() {
        return told(
            "url",
            "no names or passwords in it: name the key with `key_env`",
        );
    }
    if !variable.is_empty() && !file.is_empty() {
        return told(
            "key_env",
            "there is a `key_file` too: leave one of them out",
        );
    }
    if variable.starts_with("FLIGHTDECK_") {
        return told(
            "key_env",
            "what begins with FLIGHTDECK_ is a setting: choose another",
        );
    }
    Ok(())
}

/// Refuses desks that cannot be reached as they are set up.
pub(super) fn check(all: &BTreeMap<String, Desks>) -> Result<(), Unusable> {
    for (tenant, desks) in all {
        let fits = tenant.parse::<TenantId>().is_ok()
            && !crate::domain::tenant::caller::is_reserved(tenant);
        if !fits {
            return Err(unusable(format_args!(
                "setting `desks`: \"{}\" is not a tenant's name",
                crate::domain::text::echo(tenant)
            )));
        }
        if let Some(bookings) = &desks.bookings {
            bookings.check(tenant)?;
        }
        if let Some(slots) = &desks.slots {
            slots.check(tenant)?;
        }
    }
    Ok(())
}
