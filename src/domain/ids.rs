//! Names of things. Our own objects are `UUIDv7` newtypes, foreign ones keep the text
//! that their owner gave them. Refuses to mint anything: whoever mints has a clock.

use std::{fmt, str::FromStr, sync::Arc};

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use uuid::Uuid;

/// An id of our own: a UUID inside, its plain hyphenated text outside.
pub trait Id:
    Copy + Eq + Ord + fmt::Display + From<Uuid> + Into<Uuid> + Send + Sync + 'static
{
    /// What a person calls the thing, for sentences such as "no such job".
    const NOUN: &'static str;
}

/// Why a text is not an id of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id")]
pub struct NotAnId;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $noun:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl Id for $name {
            const NOUN: &'static str = $noun;
        }
        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(out)
            }
        }
        impl FromStr for $name {
            type Err = NotAnId;
            /// Takes the hyphenated form in either case, and nothing else.
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                if text.len() != 36 {
                    return Err(NotAnId);
                }
                Uuid::try_parse(text).map(Self).map_err(|_| NotAnId)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
                String::deserialize(input)?.parse().map_err(D::Error::custom)
            }
        }
    )*};
}

ids! {
    /// A booking job: one brief on its way to booked lines.
    JobId = "job";
    /// An organization of `OpenDirect`: advertiser, agency or publisher.
    OrganizationId = "organization";
    /// A buyer's account with a seller.
    AccountId = "account";
    /// An order: the container of lines.
    OrderId = "order";
    /// A line: one product, booked for a flight.
    LineId = "line";
    /// A creative: what is shown.
    CreativeId = "creative";
    /// An assignment: a creative on a line.
    AssignmentId = "assignment";
    /// A piece of background work.
    TaskId = "task";
    /// A question to the publisher that a person decides.
    ApprovalId = "approval";
    /// A change of how lines pace, made as one.
    ChangeId = "change";
    /// Something that is to be delivered to somebody else's address.
    NoticeId = "webhook";
    /// An address of a publisher's own system that is told what happens.
    EndpointId = "endpoint";
    /// What a buyer said of how well a media buy does.
    FeedbackId = "feedback";
    /// A run that brings here what an ad server has.
    SyncId = "sync";
    /// Something that can be booked by the hour: a room, a person, a service.
    ResourceId = "resource";
    /// A slot that somebody has booked.
    BookingId = "booking";
    /// A slot that is kept for somebody for some minutes.
    HoldId = "hold";
    /// Somebody who waits for a slot.
    WaitingId = "waiting";
    /// A guest, in all of a tenant's bookings.
    LeadId = "lead";
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(#[schemars(with = "String")] Arc<str>);

        impl $name {
            /// The text as its owner wrote it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }
        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text.into())
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(out)
            }
        }
    )*};
}

names! {
    /// A product in some seller's catalogue.
    ProductId;
    /// An organization as an account names it: one of ours by its id, or a text that its owner
    /// made up.
    PartyId;
    /// A seller we can research and book with; `embedded` is the one inside.
    SellerId;
    /// A media buy, by the name that its buyer knows it under.
    BuyId;
    /// A package of a media buy.
    PackageId;
}

/// A tenant by its short name, as it stands in paths and host names.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct TenantId(#[schemars(with = "String")] Arc<str>);

impl TenantId {
    /// The short name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TenantId {
    type Err = NotAnId;
    /// Takes 1 to 63 of `a-z 0-9 - _`, beginning with a letter or digit.
    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit();
        let bytes = text.as_bytes();
        let fits = (1..=63).contains(&bytes.len())
            && bytes.first().is_some_and(|first| plain(*first))
            && bytes.iter().all(|c| plain(*c) || matches!(c, b'-' | b'_'));
        if fits {
            Ok(Self(text.into()))
        } else {
            Err(NotAnId)
        }
    }
}

impl<'de> Deserialize<'de> for TenantId {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let text = String::deserialize(input)?;
        text.parse().map_err(|_| {
            D::Error::custom("a tenant is named by 1 to 63 of a-z, 0-9, '-' and '_', beginning with a letter or digit")
        })
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_either_case_and_nothing_looser() {
        let id: JobId = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"
            .parse()
            .expect("lower case");
        assert_eq!("0199A1B2-C3D4-7E5F-8A9B-0C1D2E3F4A5B".parse(), Ok(id));
        for text in [
            "",
            "{0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b}",
            "0199a1b2c3d47e5f8a9b0c1d2e3f4a5b",
            "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5",
            "urn:uuid:0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
        ] {
            assert_eq!(text.parse::<JobId>(), Err(NotAnId), "{text}");
        }
    }

    #[test]
    fn a_tenant_name_is_short_and_plain() {
        for good in ["main", "acme-media", "tenant_123", "0"] {
            assert!(good.parse::<TenantId>().is_ok(), "{good}");
        }
        for bad in ["", "-a", "Acme", "a b", "é", "a/b", &"x".repeat(64)] {
            assert!(bad.parse::<TenantId>().is_err(), "{bad}");
        }
    }
}
