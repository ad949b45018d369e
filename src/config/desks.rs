//! Desks whose truth lives in another company's system, and the sellers somewhere else that a
//! desk's jobs are researched and booked with: whose, where, and with which key. Refuses keys in
//! the settings themselves: they are named, and read where they are kept.

mod bookings;
mod media_buys;
mod sellers;
mod slots;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use serde::{Deserialize, Serialize};

pub use self::{
    bookings::BookingsUpstream, media_buys::MediaBuysUpstream, sellers::OutsideSeller,
    slots::SlotsUpstream,
};
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
    /// Its media buys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_buys: Option<MediaBuysUpstream>,
    /// Its slots.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slots: Option<SlotsUpstream>,
    /// The sellers somewhere else that its jobs are researched and booked with.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sellers: Vec<OutsideSeller>,
}

/// Which setting is wrong, and why.
pub(super) type Wrong = (&'static str, &'static str);

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

/// Refuses an address that is none of the web, or holds a key.
fn address(url: &str) -> Result<(), &'static str> {
    let web = |url: &url::Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    let Some(url) = url::Url::parse(url).ok().filter(web) else {
        return Err("this is no address of the web");
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err("no names or passwords in it: name the key with `key_env`");
    }
    Ok(())
}

/// Refuses a key that is named twice, or as a setting.
pub(super) fn named(variable: &str, file: &str) -> Result<(), &'static str> {
    if !variable.is_empty() && !file.is_empty() {
        return Err("there is a file too: leave one of them out");
    }
    if variable.starts_with("FLIGHTDECK_") {
        return Err("what begins with FLIGHTDECK_ is a setting: choose another");
    }
    Ok(())
}

/// Refuses what cannot be asked at this address with a key from there.
pub(super) fn reachable(url: &str, variable: &str, file: &str) -> Result<(), Wrong> {
    address(url).map_err(|why| ("url", why))?;
    named(variable, file).map_err(|why| ("key_env", why))
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
        if let Some(slots) = &desks.slots {
            slots.check(tenant)?;
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
