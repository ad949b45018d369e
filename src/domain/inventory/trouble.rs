//! Why an ad server did not do what it was asked, and what can be done about it. Refuses to
//! carry secrets: whoever makes one has taken them out of the words.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The code of what an ad server does not know.
pub const NO_SUCH: &str = "AD_SERVER_NO_SUCH";

/// What kind of trouble it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// We are not let in.
    Auth,
    /// It may work the next time.
    Transient,
    /// It will not work until somebody changes something.
    Permanent,
    /// It worked, but too long ago.
    Stale,
}

/// What helps against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// Sign in to the ad server again.
    Reconnect,
    /// Start the sync again.
    Retry,
    /// Nothing: it is tried again by itself.
    Wait,
    /// Look at the settings of the ad server, or ask its support.
    CheckSettings,
}

/// Why an ad server did not do it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Trouble {
    /// What kind it is.
    pub category: Category,
    /// A stable name, such as `AD_SERVER_LIMITED`.
    pub code: String,
    /// What happened, in a sentence.
    pub message: String,
    /// How many seconds the server wants to be left alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait: Option<u32>,
}

impl Trouble {
    /// Trouble of a kind.
    #[must_use]
    pub fn new(category: Category, code: &str, message: impl Into<String>) -> Self {
        Self {
            category,
            code: code.to_owned(),
            message: message.into(),
            wait: None,
        }
    }

    /// The connection was refused, or has run out.
    #[must_use]
    pub fn auth(message: impl Into<String>) -> Self {
        Self::new(Category::Auth, "AD_SERVER_REFUSED", message)
    }

    /// It may work the next time.
    #[must_use]
    pub fn transient(message: impl Into<String>) -> Self {
        Self::new(Category::Transient, "AD_SERVER_UNAVAILABLE", message)
    }

    /// It will not work like this.
    #[must_use]
    pub fn permanent(message: impl Into<String>) -> Self {
        Self::new(Category::Permanent, "AD_SERVER_FAILED", message)
    }

    /// Its answer makes no sense.
    #[must_use]
    pub fn unreadable(message: impl Into<String>) -> Self {
        Self::new(Category::Permanent, "AD_SERVER_UNREADABLE", message)
    }

    /// What helps.
    #[must_use]
    pub fn remedy(&self) -> Remedy {
        match self.category {
            Category::Auth => Remedy::Reconnect,
            Category::Transient => Remedy::Wait,
            Category::Stale => Remedy::Retry,
            Category::Permanent => Remedy::CheckSettings,
        }
    }

    /// Whether the same may be asked again with hope.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        self.category == Category::Transient
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for Trouble {}
