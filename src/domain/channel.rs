//! The channels that money is spread over. Refuses names that nobody in the trade would
//! read as one of them.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A channel, in the order in which people list them.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// Display and native placements that build a brand.
    Branding,
    /// Connected television.
    Ctv,
    /// Inside mobile applications.
    MobileApp,
    /// Placements bought for clicks and conversions.
    Performance,
    /// Social networks.
    Social,
    /// Scheduled television.
    LinearTv,
}

impl Channel {
    /// All of them, in order.
    pub const ALL: [Self; 6] = [
        Self::Branding,
        Self::Ctv,
        Self::MobileApp,
        Self::Performance,
        Self::Social,
        Self::LinearTv,
    ];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Branding => "branding",
            Self::Ctv => "ctv",
            Self::MobileApp => "mobile_app",
            Self::Performance => "performance",
            Self::Social => "social",
            Self::LinearTv => "linear_tv",
        }
    }
}

/// No channel that is known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a channel; known are branding, ctv, mobile_app, performance, social and linear_tv")]
pub struct UnknownChannel;

impl FromStr for Channel {
    type Err = UnknownChannel;

    /// Takes the names and what people write for them, in any case.
    fn from_str(text: &str) -> Result<Self, UnknownChannel> {
        let plain: String = text.trim().to_ascii_lowercase().replace(['-', ' '], "_");
        Ok(match plain.as_str() {
            "branding" | "brand" | "display" | "native" => Self::Branding,
            "ctv" | "connected_tv" | "ott" | "streaming" | "streaming_tv" => Self::Ctv,
            "mobile_app" | "mobile" | "in_app" | "app" | "apps" => Self::MobileApp,
            "performance" | "perf" | "direct_response" | "dr" => Self::Performance,
            "social" | "social_media" | "paid_social" => Self::Social,
            "linear_tv" | "linear" | "tv" | "television" | "broadcast" => Self::LinearTv,
            _ => return Err(UnknownChannel),
        })
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_channel_reads_its_own_name_and_aliases_read_too() {
        for channel in Channel::ALL {
            assert_eq!(channel.name().parse(), Ok(channel));
        }
        assert_eq!(" Connected TV ".parse(), Ok(Channel::Ctv));
        assert_eq!("billboards".parse::<Channel>(), Err(UnknownChannel));
    }
}
