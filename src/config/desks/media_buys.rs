//! The section of a tenant's media buys that live in another company's AdCP sales agent. Refuses
//! to be looked at oftener than such a server bears, and half a way to its approvals.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    super::{Unusable, unusable},
    Wrong, address, key_of, named,
};
use crate::domain::tenant::secret::Secret;

/// Another company's sales agent in which media buys live.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MediaBuysUpstream {
    /// Which make: `adcp`.
    pub kind: String,
    /// Where its MCP server is.
    pub url: String,
    /// The variable of the environment that holds the token of the buyer that is asked for.
    #[serde(default)]
    pub key_env: String,
    /// The file that holds that token, in place of a variable.
    #[serde(default)]
    pub key_file: String,
    /// In which header the token is shown: `both`, `x-adcp-auth` or `bearer`.
    #[serde(default = "both")]
    pub key_header: String,
    /// Which of its tenants is meant; empty where it has but one.
    #[serde(default)]
    pub tenant: String,
    /// The name of the principal here whose buys these are.
    #[serde(default = "principal")]
    pub principal: String,
    /// The account that is named in what is asked; empty where it wants none.
    #[serde(default)]
    pub account_id: String,
    /// Every how many seconds it is looked at.
    #[serde(default = "poll")]
    pub poll_seconds: u32,
    /// Every how many seconds it is asked what was delivered.
    #[serde(default = "count")]
    pub delivery_seconds: u32,
    /// After how many minutes in which it does not show a buy that buy counts as gone there.
    #[serde(default = "gone_after")]
    pub gone_after_minutes: u32,
    /// Where the pages are on which its people approve; empty where that is done there.
    #[serde(default)]
    pub admin_url: String,
    /// The tenant's id on these pages.
    #[serde(default)]
    pub admin_tenant: String,
    /// The variable that holds the cookie of a person who is signed in there.
    #[serde(default)]
    pub admin_session_env: String,
    /// The file that holds that cookie, in place of a variable.
    #[serde(default)]
    pub admin_session_file: String,
}

fn both() -> String {
    "both".into()
}

fn principal() -> String {
    "sales-agent".into()
}

fn poll() -> u32 {
    15
}

fn count() -> u32 {
    60
}

fn gone_after() -> u32 {
    5
}

impl MediaBuysUpstream {
    /// How often it is looked at.
    #[must_use]
    pub fn poll(&self) -> Duration {
        Duration::from_secs(self.poll_seconds.into())
    }

    /// How often it is asked what was delivered.
    #[must_use]
    pub fn count(&self) -> Duration {
        Duration::from_secs(self.delivery_seconds.into())
    }

    /// How long it must not have shown a buy.
    #[must_use]
    pub fn gone_after(&self) -> Duration {
        Duration::from_mins(self.gone_after_minutes.into())
    }

    /// The token, read where it is kept.
    ///
    /// # Errors
    /// When it is not there.
    pub fn key(&self) -> Result<Option<Secret>, Unusable> {
        key_of(&self.key_env, &self.key_file)
    }

    /// The cookie of a person who is signed in there, read where it is kept.
    ///
    /// # Errors
    /// When it is not there.
    pub fn session(&self) -> Result<Option<Secret>, Unusable> {
        key_of(&self.admin_session_env, &self.admin_session_file)
    }

    pub(super) fn check(&self, tenant: &str) -> Result<(), Unusable> {
        let told = |(setting, why): (&str, &str)| {
            unusable(format_args!(
                "setting `desks.{tenant}.media_buys.{setting}`: {why}"
            ))
        };
        self.addresses().map_err(told)?;
        self.keys().map_err(told)?;
        self.pace().map_err(told)
    }

    /// Where it is, and where its pages are.
    fn addresses(&self) -> Result<(), Wrong> {
        if self.kind != "adcp" {
            return Err(("kind", "the one make that is known is \"adcp\""));
        }
        address(&self.url).map_err(|why| ("url", why))?;
        if self.admin_url.is_empty() {
            return Ok(());
        }
        address(&self.admin_url).map_err(|why| ("admin_url", why))
    }

    /// How its token is shown, and what is needed to decide there.
    fn keys(&self) -> Result<(), Wrong> {
        if !matches!(&*self.key_header, "both" | "x-adcp-auth" | "bearer") {
            let why = "it is \"both\", \"x-adcp-auth\" or \"bearer\"";
            return Err(("key_header", why));
        }
        let (session_env, session_file) = (&self.admin_session_env, &self.admin_session_file);
        named(&self.key_env, &self.key_file).map_err(|why| ("key_env", why))?;
        named(session_env, session_file).map_err(|why| ("admin_session_env", why))?;
        let pages = [
            !self.admin_url.is_empty(),
            !self.admin_tenant.is_empty(),
            !session_env.is_empty() || !session_file.is_empty(),
        ];
        if pages.contains(&true) && pages.contains(&false) {
            let why = "`admin_url`, `admin_tenant` and a session go together: name all or none";
            return Err(("admin_url", why));
        }
        Ok(())
    }

    /// Whose its buys are, and how often it is asked.
    fn pace(&self) -> Result<(), Wrong> {
        if self.principal.is_empty() || self.principal.len() > 100 {
            return Err(("principal", "it is a name of 1 to 100 letters"));
        }
        if !(15..=3_600).contains(&self.poll_seconds) {
            let why = "it is from 15 to 3600: such servers bear no more";
            return Err(("poll_seconds", why));
        }
        if !(60..=86_400).contains(&self.delivery_seconds) {
            let why = "it is from 60 to 86400: each question is written down there";
            return Err(("delivery_seconds", why));
        }
        if !(1..=1_440).contains(&self.gone_after_minutes) {
            return Err(("gone_after_minutes", "it is from 1 to 1440"));
        }
        Ok(())
    }
}
