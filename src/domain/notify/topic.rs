//! What an endpoint can be told of: the names on its side, and which of our events each of them
//! comes from. Refuses names that nothing is ever sent under.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something that an endpoint can be told of.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum Topic {
    /// A media buy was ordered.
    #[serde(rename = "media_buy.created")]
    BuyCreated,
    /// A media buy was agreed to.
    #[serde(rename = "media_buy.approved")]
    BuyApproved,
    /// The publisher said no to a media buy.
    #[serde(rename = "media_buy.rejected")]
    BuyRejected,
    /// The flight of a media buy has begun.
    #[serde(rename = "media_buy.activated")]
    BuyActivated,
    /// A media buy could not be made.
    #[serde(rename = "media_buy.failed")]
    BuyFailed,
    /// A person has to decide.
    #[serde(rename = "approval.requested")]
    ApprovalRequested,
    /// A creative may be shown.
    #[serde(rename = "creative.approved")]
    CreativeApproved,
    /// A creative may not be shown.
    #[serde(rename = "creative.rejected")]
    CreativeRejected,
    /// A campaign has delivered to its end.
    #[serde(rename = "campaign.completed")]
    CampaignCompleted,
    /// The lines of a brief are booked.
    #[serde(rename = "booking.completed")]
    BookingCompleted,
    /// A brief came to nothing.
    #[serde(rename = "booking.failed")]
    BookingFailed,
    /// What an ad server has was brought here.
    #[serde(rename = "sync.completed")]
    SyncCompleted,
    /// What an ad server has could not be brought here.
    #[serde(rename = "sync.failed")]
    SyncFailed,
    /// A guest has booked a slot.
    #[serde(rename = "bookings.confirmed")]
    SlotConfirmed,
    /// A booking of a slot was called off.
    #[serde(rename = "bookings.cancelled")]
    SlotCancelled,
    /// A booking was moved to another slot.
    #[serde(rename = "bookings.rescheduled")]
    SlotRescheduled,
    /// A guest did not come.
    #[serde(rename = "bookings.no_show")]
    SlotNoShow,
    /// A guest came.
    #[serde(rename = "bookings.completed")]
    SlotCompleted,
    /// Nobody booked a slot that was held.
    #[serde(rename = "bookings.hold_expired")]
    SlotHoldExpired,
    /// A slot is held for somebody who waited for it.
    #[serde(rename = "bookings.waitlist_offered")]
    SlotOffered,
    /// Somebody tries whether an endpoint hears us.
    #[serde(rename = "endpoint.test")]
    Test,
}

/// Every topic with its name and the events that it comes from.
const TABLE: &[(Topic, &str, &[&str])] = {
    use Topic as T;
    &[
        (
            T::BuyCreated,
            "media_buy.created",
            &["media_buys.created", "media_buys.submitted"],
        ),
        (
            T::BuyApproved,
            "media_buy.approved",
            &["media_buys.approved", "media_buys.agreed"],
        ),
        (
            T::BuyRejected,
            "media_buy.rejected",
            &["media_buys.rejected"],
        ),
        (
            T::BuyActivated,
            "media_buy.activated",
            &["media_buys.started"],
        ),
        (T::BuyFailed, "media_buy.failed", &["media_buys.failed"]),
        (
            T::ApprovalRequested,
            "approval.requested",
            &["approvals.asked"],
        ),
        (
            T::CreativeApproved,
            "creative.approved",
            &["creatives.approved"],
        ),
        (
            T::CreativeRejected,
            "creative.rejected",
            &["creatives.rejected"],
        ),
        (
            T::CampaignCompleted,
            "campaign.completed",
            &["media_buys.completed"],
        ),
        (
            T::BookingCompleted,
            "booking.completed",
            &["bookings.completed"],
        ),
        (T::BookingFailed, "booking.failed", &["bookings.failed"]),
        (T::SyncCompleted, "sync.completed", &["sync.completed"]),
        (T::SyncFailed, "sync.failed", &["sync.failed"]),
        (T::SlotConfirmed, "bookings.confirmed", &["slots.confirmed"]),
        (T::SlotCancelled, "bookings.cancelled", &["slots.cancelled"]),
        (
            T::SlotRescheduled,
            "bookings.rescheduled",
            &["slots.rescheduled"],
        ),
        (T::SlotNoShow, "bookings.no_show", &["slots.no_show"]),
        (T::SlotCompleted, "bookings.completed", &["slots.completed"]),
        (
            T::SlotHoldExpired,
            "bookings.hold_expired",
            &["slots.hold_expired"],
        ),
        (
            T::SlotOffered,
            "bookings.waitlist_offered",
            &["slots.waitlist_offered"],
        ),
        (T::Test, "endpoint.test", &[]),
    ]
};

impl Topic {
    /// All that an endpoint can ask for.
    pub fn all() -> impl Iterator<Item = Self> {
        let real = TABLE.iter().filter(|(_, _, events)| !events.is_empty());
        real.map(|(topic, ..)| *topic)
    }

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        let row = TABLE.iter().find(|(topic, ..)| *topic == self);
        row.map_or("", |(_, name, _)| name)
    }

    /// What an event of ours is to others; nothing where it is only ours.
    #[must_use]
    pub fn of_event(event: &str) -> Option<Self> {
        let row = TABLE.iter().find(|(_, _, events)| events.contains(&event));
        row.map(|(topic, ..)| *topic)
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// No topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is nothing that is sent, such as media_buy.created")]
pub struct UnknownTopic;

impl FromStr for Topic {
    type Err = UnknownTopic;
    fn from_str(text: &str) -> Result<Self, UnknownTopic> {
        Self::all()
            .find(|topic| topic.name() == text)
            .ok_or(UnknownTopic)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_topic_reads_back_from_its_name_and_has_one_name_on_the_wire() {
        for topic in Topic::all() {
            assert_eq!(topic.name().parse(), Ok(topic));
            let wire = serde_json::to_value(topic).expect("a name");
            assert_eq!(wire, topic.name());
        }
        assert_eq!("endpoint.test".parse::<Topic>(), Err(UnknownTopic));
        assert_eq!(
            Topic::of_event("media_buys.completed"),
            Some(Topic::CampaignCompleted)
        );
        assert_eq!(Topic::of_event("delivery.recorded"), None);
    }
}
