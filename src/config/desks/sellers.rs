//! A seller somewhere else that a tenant's jobs are researched and booked with: what it is called
//! here, where it is, and with which key. Refuses keys in the settings themselves: they are named,
//! and read where they are kept.

use serde::{Deserialize, Serialize};

use super::{
    super::{Unusable, unusable},
    key_of, reachable,
};
use crate::domain::{
    booking::asked::SellerKind, channel::Channel, money::Currency, tenant::secret::Secret,
};

/// The longest name of a seller.
const LONGEST_NAME: usize = 32;

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
    /// Whether its catalogue is read again in the background, before it has grown old.
    #[serde(default = "ahead")]
    pub read_ahead: bool,
    /// Every how many minutes what was booked there is looked at.
    #[serde(default = "follow")]
    pub follow_minutes: u32,
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

fn ahead() -> bool {
    true
}

fn follow() -> u32 {
    5
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
        key_of(&self.key_env, &self.key_file)
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

    pub(super) fn check(&self, tenant: &str) -> Result<(), Unusable> {
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
            ("follow_minutes", self.follow_minutes),
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
