//! Desks whose truth lives in another company's system, and the sellers somewhere else that a
//! desk's jobs are researched and booked with: whose, where, and with which key. Refuses keys in
//! the settings themselves: they are named, and read where they are kept.

mod media_buys;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    time::Duration,
};

use serde::{Deserialize, Serialize};

pub use self::media_buys::MediaBuysUpstream;
use super::{Unusable, kept::key_in, unusable};
use crate::domain::{
    booking::asked::SellerKind, channel::Channel, ids::TenantId, money::Currency,
    tenant::secret::Secret,
};

/// The longest key, in bytes.
const LONGEST: u64 = 4_096;

/// The longest name of a seller.
const LONGEST_NAME: usize = 32;

/// The desks of one tenant that live elsewhere.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Desks {
    /// Its bookings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bookings: Option<BookingsUpstream>,
    /// Its media buys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_buys: Option<MediaBuysUpstream>,
    /// The sellers somewhere else that its jobs are researched and booked with.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sellers: Vec<OutsideSeller>,
}

/// A seller somewhere else.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutsideSeller {
    /// What it is called here.
    pub name: String,
    /// What sort of seller: `opendirect`, `iab-seller-agent` or `adcp`.
    pub kind: String,
    /// Where it is.
    pub url: String,
    /// The variable of the environment that holds its key; empty where it has no lock.
    #[serde(default)]
    pub key_env: String,
    /// The file that holds its key, in place of a variable.
    #[serde(default)]
    pub key_file: String,
    /// Which header the key stands in: `bearer`, `x-api-key` or `x-adcp-auth`.
    #[serde(default = "bearer")]
    pub key_header: String,
    /// The account in which `OpenDirect` orders are placed, where empty means the only one there;
    /// or the one that an `AdCP` agent is told.
    #[serde(default)]
    pub account: String,
    /// The domain of the brand that is advertised, for `AdCP`.
    #[serde(default)]
    pub brand: String,
    /// The currency of prices that name none.
    #[serde(default = "dollars")]
    pub currency: String,
    /// The channel of products that name none; empty means that it is told from what they say.
    #[serde(default)]
    pub channel: String,
    /// After how many minutes its catalogue is read again when somebody wants it.
    #[serde(default = "refresh")]
    pub refresh_minutes: u32,
    /// For how many minutes its catalogue counts where it cannot be read again.
    #[serde(default = "keep")]
    pub keep_minutes: u32,
    /// How many seconds a job waits for its catalogue.
    #[serde(default = "wait")]
    pub wait_seconds: u32,
}

fn bearer() -> String {
    "bearer".into()
}

fn dollars() -> String {
    "USD".into()
}

fn refresh() -> u32 {
    15
}

fn keep() -> u32 {
    60
}

fn wait() -> u32 {
    10
}

impl OutsideSeller {
    /// Its key, read where it is kept.
    ///
    /// # Errors
    /// When it is not there.
    pub fn key(&self) -> Result<Option<Secret>, Unusable> {
        key(&self.key_env, &self.key_file)
    }

    /// The currency of prices that name none.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency.parse().unwrap_or(Currency::USD)
    }

    /// The channel of products that name none.
    #[must_use]
    pub fn channel(&self) -> Option<Channel> {
        self.channel.parse().ok()
    }

    fn check(&self, tenant: &str) -> Result<(), Unusable> {
        let name = crate::domain::text::echo(&self.name);
        let told = |setting: &str, why: &str| {
            Err(unusable(format_args!(
                "setting `desks.{tenant}.sellers.{setting}` of \"{name}\": {why}"
            )))
        };
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let fits = (1..=LONGEST_NAME).contains(&self.name.len()) && self.name.chars().all(plain);
        if !fits {
            return told("name", "a seller is named by 1 to 32 of a-z, 0-9 and '-'");
        }
        if self.name == "embedded" {
            return told("name", "that is the seller inside: choose another");
        }
        if let Err(why) = self.kind.parse::<SellerKind>() {
            return told("kind", &format!("this {why}"));
        }
        if let Err((setting, why)) = reachable(&self.url, &self.key_env, &self.key_file) {
            return told(setting, why);
        }
        if !matches!(&*self.key_header, "bearer" | "x-api-key" | "x-adcp-auth") {
            let why = "it is \"bearer\", \"x-api-key\" or \"x-adcp-auth\"";
            return told("key_header", why);
        }
        if self.kind == SellerKind::Adcp.name() && self.key_header == "x-api-key" {
            return told("key_header", "over MCP it is \"bearer\" or \"x-adcp-auth\"");
        }
        if let Err(why) = self.currency.parse::<Currency>() {
            return told("currency", &format!("this {why}"));
        }
        if !self.channel.is_empty()
            && let Err(why) = self.channel.parse::<Channel>()
        {
            return told("channel", &format!("this {why}"));
        }
        for (setting, minutes) in [
            ("refresh_minutes", self.refresh_minutes),
            ("keep_minutes", self.keep_minutes),
        ] {
            if !(1..=1_440).contains(&minutes) {
                return told(setting, "it is from 1 to 1440");
            }
        }
        if !(1..=60).contains(&self.wait_seconds) {
            return told("wait_seconds", "it is from 1 to 60");
        }
        Ok(())
    }
}

/// Reads a key where it is kept.
fn key(key_env: &str, key_file: &str) -> Result<Option<Secret>, Unusable> {
    let text = match (key_env, key_file) {
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

/// Whether somebody at this address can be asked with a key from there; else the setting that is
/// wrong, and why.
fn reachable(url: &str, key_env: &str, key_file: &str) -> Result<(), (&'static str, &'static str)> {
    let url = url::Url::parse(url).ok();
    let web = |url: &url::Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    let Some(url) = url.filter(web) else {
        return Err(("url", "this is no address of the web"));
    };
    if !url.username().is_empty() || url.password().is_some() {
        let why = "no names or passwords in it: name the key with `key_env`";
        return Err(("url", why));
    }
    if !key_env.is_empty() && !key_file.is_empty() {
        let why = "there is a `key_file` too: leave one of them out";
        return Err(("key_env", why));
    }
    if key_env.starts_with("FLIGHTDECK_") {
        let why = "what begins with FLIGHTDECK_ is a setting: choose another";
        return Err(("key_env", why));
    }
    Ok(())
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
        key(&self.key_env, &self.key_file)
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
        if let Some(media_buys) = &desks.media_buys {
            media_buys.check(tenant)?;
        }
        let mut names = BTreeSet::new();
        for seller in &desks.sellers {
            seller.check(tenant)?;
            if !names.insert(&seller.name) {
                return Err(unusable(format_args!(
                    "setting `desks.{tenant}.sellers.name`: there are two sellers named \"{}\"",
                    seller.name
                )));
            }
        }
    }
    Ok(())
}
