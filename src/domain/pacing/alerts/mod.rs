//! What on-call is told: rules over figures and history, each with how long it must hold and how
//! bad it is; alerts that live, are seen to, and resolve themselves; and the order in which
//! people should look. Nothing here waits: time is an argument.

pub mod rank;
pub mod rules;
pub mod watch;
pub mod watched;

use chrono::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ratio::Ratio, terms::Name};

/// How bad it is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Info,
    /// To be looked at today.
    Warning,
    /// To be looked at now.
    Critical,
}

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        /// What may be wrong.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord,
            Serialize, Deserialize, JsonSchema,
        )]
        pub enum Rule { $($(#[$doc])* #[serde(rename = $code)] $name,)* }

        impl Rule {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The name on the wire.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }
    };
}

rules! {
    /// It should have started and has not.
    NotStarted = "NOT_STARTED";
    /// It ran, and stopped.
    Stopped = "STOPPED";
    /// Far behind.
    CritBehind = "CRIT_BEHIND";
    /// Behind.
    Behind = "BEHIND";
    /// It will end short, soon.
    ProjectedShort = "PROJECTED_SHORT";
    /// It would have to be faster than it ever was.
    CannotFinish = "CANNOT_FINISH";
    /// More than was ordered.
    Overspend = "OVERSPEND";
    /// It will be used up early.
    Burn = "BURN";
    /// Delivered before the flight.
    PreFlight = "PRE_FLIGHT_DELIVERY";
    /// Delivered after the flight.
    PostFlight = "POST_FLIGHT_DELIVERY";
    /// It costs and shows nothing.
    SpendWithoutDelivery = "SPEND_WITHOUT_DELIVERY";
    /// The figures are old.
    Stale = "STALE";
    /// The count fell.
    CounterWentBack = "COUNTER_WENT_BACK";
    /// Two counts differ.
    Discrepancy = "DISCREPANCY";
    /// Seen or watched less than was agreed.
    Quality = "QUALITY";
    /// There is nothing to show.
    CreativeBlocking = "CREATIVE_BLOCKING";
    /// Behind in its last days.
    EndingShort = "ENDING_SHORT";
    /// Upstream's index is not ours.
    UpstreamDisagrees = "UPSTREAM_DISAGREES";
}

/// What makes two findings the same alert.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key {
    /// What is wrong.
    pub rule: Rule,
    /// With which line.
    pub line: Name,
}

/// What a rule found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What is wrong.
    pub rule: Rule,
    /// How bad it is.
    pub severity: Severity,
    /// How long it must hold before anybody is told.
    #[serde(with = "minutes")]
    pub hold: Duration,
    /// What is wrong, with the numbers.
    pub said: String,
    /// What it may cost, in the order's currency.
    pub at_risk: Option<Ratio>,
}

/// How long something must hold, in whole minutes.
mod minutes {
    use chrono::Duration;
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    pub(super) fn serialize<S: Serializer>(hold: &Duration, out: S) -> Result<S::Ok, S::Error> {
        hold.num_minutes().serialize(out)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Duration, D::Error> {
        let minutes = i32::deserialize(input)?;
        Ok(Duration::minutes(minutes.into()))
    }
}

#[cfg(test)]
mod tests;
