//! Why a time cannot be booked: the first rule that it breaks, with what breaks it. In the same
//! words for whoever asks why, and for whoever tries.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The first rule that a time breaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(
    tag = "rule",
    rename_all = "snake_case",
    rename_all_fields = "camelCase"
)]
pub enum Reason {
    /// The whole thing cannot be booked now.
    Inactive,
    /// It is not open then, by the hours of the week.
    Hours,
    /// It is not open then, by the hours that the day has of its own.
    Override,
    /// It is open, but no slot begins then, or a slot would last longer than it is open.
    Grid,
    /// It is closed then.
    Closure {
        /// By which closure.
        id: String,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// It has begun already.
    Past,
    /// It begins too soon.
    Notice {
        /// How many minutes ahead it must be booked.
        minutes: u32,
    },
    /// It is too far ahead.
    Horizon {
        /// How many days ahead it can be booked.
        days: u32,
    },
    /// All its seats are taken.
    Capacity {
        /// How many of them are taken at once.
        taken: u32,
        /// How many there are.
        capacity: u32,
    },
    /// It is free itself, but not the time that is kept free around it.
    Buffer {
        /// How many seats are taken at once, with what is kept free around each.
        taken: u32,
        /// How many there are.
        capacity: u32,
    },
}

impl Reason {
    /// The name under which programs know that a slot cannot be booked for it.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Inactive => "RESOURCE_INACTIVE",
            Self::Hours | Self::Override | Self::Grid => "SLOT_OUTSIDE_HOURS",
            Self::Closure { .. } => "SLOT_CLOSED",
            Self::Past => "SLOT_PAST",
            Self::Notice { .. } => "SLOT_TOO_SOON",
            Self::Horizon { .. } => "SLOT_TOO_FAR",
            Self::Capacity { .. } | Self::Buffer { .. } => "SLOT_TAKEN",
        }
    }

    /// The rule's name.
    #[must_use]
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Inactive => "inactive",
            Self::Hours => "hours",
            Self::Override => "override",
            Self::Grid => "grid",
            Self::Closure { .. } => "closure",
            Self::Past => "past",
            Self::Notice { .. } => "notice",
            Self::Horizon { .. } => "horizon",
            Self::Capacity { .. } => "capacity",
            Self::Buffer { .. } => "buffer",
        }
    }

    /// What a person reads.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::Inactive => "this cannot be booked at the moment".into(),
            Self::Hours => "it is not open at that time of the week".into(),
            Self::Override => "it is not open then: that day has hours of its own".into(),
            Self::Grid => "it is open, but no slot begins then".into(),
            Self::Closure { id, reason: None } => format!("it is closed then ({id})"),
            Self::Closure {
                id,
                reason: Some(why),
            } => format!("it is closed then: {why} ({id})"),
            Self::Past => "that time has begun already".into(),
            Self::Notice { minutes } => format!("it must be booked {} ahead", lasting(*minutes)),
            Self::Horizon { days: 0 } => "it can be booked for the same day only".into(),
            Self::Horizon { days: 1 } => "it can be booked one day ahead at most".into(),
            Self::Horizon { days } => format!("it can be booked {days} days ahead at most"),
            Self::Capacity {
                taken: 1,
                capacity: 1,
            } => "it is taken".into(),
            Self::Capacity { taken, capacity } => format!("{taken} of {capacity} seats are taken"),
            Self::Buffer { .. } => {
                "it is free, but not the time that is kept free before and after it".into()
            }
        }
    }
}

fn lasting(minutes: u32) -> String {
    let (n, unit) = match minutes {
        n if n > 0 && n.is_multiple_of(1440) => (n / 1440, "day"),
        n if n > 0 && n.is_multiple_of(60) => (n / 60, "hour"),
        n => (n, "minute"),
    };
    format!("{n} {unit}{}", if n == 1 { "" } else { "s" })
}
