//! What happened at the demonstration's desk, as data: who did what, and how long ago.

use chrono::Duration;
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::{Map, Value};

use super::{buys::Trade, house::Asked, slots::Hours};
use crate::{
    domain::{booking::brief::CampaignBrief, ids::ProductId, money::Amount, when::Instant},
    engine::{bookings::view::JobView, fault::Fault, question},
};

const STORY: &str = include_str!("../../../assets/demo/story.json");

/// Everything that is told.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Story {
    /// What is over, the oldest first.
    pub history: Vec<Act>,
    /// What is on its way.
    pub motion: Vec<Act>,
    /// Campaigns that may still come, without their days.
    pub pool: Vec<Map<String, Value>>,
}

/// Somebody does something.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Act {
    /// How long ago, such as `3d 2h`.
    #[serde(deserialize_with = "ago")]
    pub ago: Duration,
    /// Who.
    pub by: String,
    /// What.
    #[serde(rename = "do")]
    pub deed: Deed,
    /// The code with which it is refused.
    #[serde(default)]
    pub refused: Option<String>,
    /// Whether nobody looks after it before something else is done.
    #[serde(default)]
    pub wait: bool,
}

/// What somebody does.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Deed {
    /// Sends a brief.
    Submit {
        /// What the story calls the job.
        #[serde(rename = "as")]
        name: String,
        /// The campaign, without its days.
        brief: Map<String, Value>,
        /// In how many days it starts.
        starts: i64,
        /// How many days it runs.
        days: i64,
        /// Whether all of it is approved in advance.
        #[serde(default)]
        auto: bool,
        /// How many steps it takes at once, for what is in motion.
        #[serde(default)]
        passes: Option<usize>,
    },
    /// Decides on a job.
    Approve {
        /// Which.
        job: String,
        /// What of it.
        pick: Pick,
        /// How many steps it takes at once, for what is in motion.
        #[serde(default)]
        passes: Option<usize>,
    },
    /// Calls a job off.
    Cancel {
        /// Which.
        job: String,
    },
    /// Tries a job again.
    Retry {
        /// Which.
        job: String,
        /// What the story calls the new one.
        #[serde(rename = "as")]
        name: String,
    },
    /// Orders media, or decides on an order.
    Trade(Trade),
    /// Looks after tenants, principals and keys.
    House(Asked),
    /// Sees to what is booked by the hour.
    Hours(Hours),
    /// Sets the tenant's budget.
    Budget {
        /// How much.
        limit: Amount,
        /// Of which currency.
        currency: String,
    },
    /// Changes what a product costs.
    Price {
        /// Which.
        product: ProductId,
        /// To so much of what it cost.
        percent: i64,
    },
}

/// What of a job is approved.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pick {
    /// Everything.
    All,
    /// Nothing.
    None,
    /// The best of each channel.
    Best,
    /// The first so many.
    First(usize),
    /// All but the last so many.
    AllBut(usize),
    /// These.
    Ids(Vec<ProductId>),
}

impl Pick {
    /// The ids, as an approval names them.
    pub fn of(&self, job: &JobView) -> Option<Vec<ProductId>> {
        let all = job.recommendations.as_deref().unwrap_or_default();
        let ids = |some: &mut dyn Iterator<
            Item = &crate::engine::bookings::view::RecommendationView,
        >| { some.map(|one| one.product_id.clone()).collect() };
        Some(match self {
            Self::All => return None,
            Self::None => Vec::new(),
            Self::Best => ids(&mut all.iter().filter(|one| one.priority == 1)),
            Self::First(count) => ids(&mut all.iter().take(*count)),
            Self::AllBut(count) => ids(&mut all.iter().take(all.len().saturating_sub(*count))),
            Self::Ids(these) => these.clone(),
        })
    }
}

/// Reads the story.
///
/// # Errors
/// Never: a test reads it.
pub fn read() -> Result<Story, Fault> {
    question::read_any(STORY.as_bytes())
}

/// A campaign with its days, as it is sent.
///
/// # Errors
/// Never for what stands in the story: a test sends all of it.
pub fn brief(
    of: &Map<String, Value>,
    now: Instant,
    starts: i64,
    days: i64,
) -> Result<CampaignBrief, Fault> {
    let first = now.date_naive() + Duration::days(starts);
    let last = first + Duration::days(days - 1);
    let mut whole = of.clone();
    whole.insert("start_date".into(), first.to_string().into());
    whole.insert("end_date".into(), last.to_string().into());
    serde_json::from_value(Value::Object(whole)).map_err(Fault::broken)
}

/// Reads `3d 2h 5m 10s`.
fn ago<'de, D: Deserializer<'de>>(input: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(input)?;
    let part = |part: &str| {
        let (number, unit) = part.split_at_checked(part.len().checked_sub(1)?)?;
        let number: i64 = number.parse().ok()?;
        match unit {
            "d" => Some(Duration::days(number)),
            "h" => Some(Duration::hours(number)),
            "m" => Some(Duration::minutes(number)),
            "s" => Some(Duration::seconds(number)),
            _ => None,
        }
    };
    let sum = |sum: Duration, one: &str| Some(sum + part(one)?);
    text.split(' ')
        .try_fold(Duration::zero(), sum)
        .ok_or_else(|| D::Error::custom(format!("{text} is no time ago")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_story_is_told_in_order() {
        let story = read().expect("the story");
        let acts: Vec<&Act> = story.history.iter().chain(&story.motion).collect();
        assert!(acts.is_sorted_by(|one, next| one.ago >= next.ago));
        assert!(acts.len() > 60 && story.pool.len() > 8);
    }
}
