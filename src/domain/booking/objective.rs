//! What a campaign is for, and what that means for channels and formats. The tables are
//! this desk's opinion in one place; an objective that nobody knows favours nothing.

use crate::domain::channel::Channel;

/// What a campaign is meant to achieve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Objective {
    /// To be known.
    Awareness,
    /// To be seen by many.
    Reach,
    /// To be thought about.
    Consideration,
    /// To be reacted to.
    Engagement,
    /// To be visited.
    Traffic,
    /// To sell, or to win leads.
    Conversions,
    /// To be installed.
    AppInstalls,
    /// To be watched.
    VideoViews,
    /// Something that is not known here.
    Other,
}

/// The shape of an advertisement, as far as objectives care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Banners and other still placements.
    Display,
    /// Moving pictures.
    Video,
    /// In the style of what surrounds it.
    Native,
    /// Only heard.
    Audio,
    /// Interactive.
    Rich,
    /// Anything else.
    Other,
}

impl Objective {
    /// Reads an objective as people write it.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let plain = text.trim().to_lowercase().replace(['-', ' '], "_");
        match plain.as_str() {
            "brand_awareness" | "awareness" | "branding" | "brand" | "brand_lift" | "recall"
            | "launch" | "product_launch" => Self::Awareness,
            "reach" | "impressions" | "frequency" | "coverage" => Self::Reach,
            "consideration" | "interest" | "intent" | "favorability" => Self::Consideration,
            "engagement" | "community" | "interaction" | "interactions" => Self::Engagement,
            "traffic" | "clicks" | "visits" | "site_visits" | "website_traffic"
            | "store_visits" => Self::Traffic,
            "conversions" | "conversion" | "sales" | "purchases" | "revenue" | "roas" | "leads"
            | "lead_generation" | "lead_gen" | "signups" | "sign_ups" | "acquisition"
            | "performance" | "direct_response" | "retargeting" => Self::Conversions,
            "app_installs" | "app_install" | "installs" | "app_downloads" | "downloads"
            | "app_promotion" => Self::AppInstalls,
            "video_views" | "views" | "completed_views" | "video" | "video_completion" => {
                Self::VideoViews
            }
            _ => Self::Other,
        }
    }

    /// How it weighs the channels, of 100 and in their order.
    fn weights(self) -> [u32; 6] {
        match self {
            Self::Awareness => [30, 30, 10, 5, 10, 15],
            Self::Reach => [20, 25, 15, 5, 15, 20],
            Self::Consideration => [20, 20, 15, 20, 20, 5],
            Self::Engagement => [15, 10, 25, 15, 35, 0],
            Self::Traffic => [10, 5, 20, 40, 25, 0],
            Self::Conversions => [5, 5, 15, 50, 25, 0],
            Self::AppInstalls => [0, 5, 55, 20, 20, 0],
            Self::VideoViews => [5, 45, 15, 5, 20, 10],
            Self::Other => [17, 17, 17, 17, 16, 16],
        }
    }

    /// How it weighs one channel, of 100.
    #[must_use]
    pub fn weight(self, channel: Channel) -> u32 {
        self.weights()[channel as usize]
    }

    /// How well a format serves it, in basis points.
    #[must_use]
    pub fn suits(self, format: Format) -> u32 {
        let row = match self {
            Self::Awareness => [70, 100, 80, 60, 90],
            Self::Reach => [90, 90, 80, 70, 70],
            Self::Consideration => [60, 90, 100, 50, 90],
            Self::Engagement => [50, 80, 90, 30, 100],
            Self::Traffic => [90, 60, 100, 20, 90],
            Self::Conversions => [100, 60, 90, 20, 80],
            Self::AppInstalls => [80, 90, 90, 20, 100],
            Self::VideoViews => [10, 100, 30, 10, 60],
            Self::Other => [70, 70, 70, 70, 70],
        };
        let share = match format {
            Format::Display => row[0],
            Format::Video => row[1],
            Format::Native => row[2],
            Format::Audio => row[3],
            Format::Rich => row[4],
            Format::Other => 50,
        };
        share * 100
    }
}

impl Format {
    /// All of them, in order.
    pub const ALL: [Self; 6] = [
        Self::Display,
        Self::Video,
        Self::Native,
        Self::Audio,
        Self::Rich,
        Self::Other,
    ];

    /// Reads a format as catalogues write it.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let plain = text.trim().to_lowercase();
        let has = |word: &str| plain.contains(word);
        match () {
            () if has("video") || has("roll") || has("spot") || has("ctv") || has("stream") => {
                Self::Video
            }
            () if has("audio") || has("podcast") => Self::Audio,
            () if has("rich") || has("interactive") || has("playable") || has("interstitial") => {
                Self::Rich
            }
            () if has("native") || has("sponsored") || has("feed") => Self::Native,
            () if has("display") || has("banner") || has("image") => Self::Display,
            () => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Objective; 9] = [
        Objective::Awareness,
        Objective::Reach,
        Objective::Consideration,
        Objective::Engagement,
        Objective::Traffic,
        Objective::Conversions,
        Objective::AppInstalls,
        Objective::VideoViews,
        Objective::Other,
    ];

    #[test]
    fn every_row_of_weights_makes_a_hundred_in_the_channels_order() {
        for objective in ALL {
            let sum: u32 = Channel::ALL.iter().map(|c| objective.weight(*c)).sum();
            assert_eq!(sum, 100, "{objective:?}");
        }
        assert_eq!(Objective::AppInstalls.weight(Channel::MobileApp), 55);
        assert_eq!(Objective::Reach.weight(Channel::LinearTv), 20);
    }

    #[test]
    fn people_write_objectives_in_many_ways() {
        assert_eq!(Objective::read(" Brand Awareness "), Objective::Awareness);
        assert_eq!(Objective::read("lead-gen"), Objective::Conversions);
        assert_eq!(Objective::read("App Installs"), Objective::AppInstalls);
        assert_eq!(Objective::read("world peace"), Objective::Other);
    }

    #[test]
    fn formats_are_read_and_suit() {
        assert_eq!(Format::read("Pre-roll :15"), Format::Video);
        assert_eq!(Format::read("rich_media"), Format::Rich);
        assert_eq!(Format::read("display"), Format::Display);
        assert_eq!(Format::read("skywriting"), Format::Other);
        for objective in ALL {
            assert!(Format::ALL.iter().all(|f| objective.suits(*f) <= 10_000));
        }
    }
}
