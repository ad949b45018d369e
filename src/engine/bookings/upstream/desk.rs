//! Where the truth about a tenant's bookings lives, how old what is shown here is, and whether
//! the other side can be reached.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{DESK, FOLLOW};
use crate::{
    domain::{
        booking::upstream::{contact::Contact, link::Link},
        policy::Permission,
        when::rfc3339,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        upstream::{ago, away, looked},
        work::Work,
    },
};

/// Tells where a desk's truth lives.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GetBookingsDesk {}

/// Where a desk's truth lives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BookingsDesk {
    /// `embedded`, or the make of the other company's system.
    pub kind: String,
    /// Where that is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// When it was last looked at; nothing when that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looked_at: Option<String>,
    /// How many seconds ago that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_seconds: Option<i64>,
    /// Why it cannot be reached, when it cannot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// Since when it can be reached, or cannot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// How many jobs it has that have not ended.
    #[serde(default)]
    pub open: i64,
    /// How many jobs it no longer shows, which are kept here.
    #[serde(default)]
    pub gone: i64,
}

impl BookingsDesk {
    /// Whether it lives in this engine.
    #[must_use]
    pub fn is_embedded(&self) -> bool {
        self.place.is_none()
    }

    /// In a sentence, for people.
    #[must_use]
    pub fn sentence(&self) -> String {
        let Some(place) = &self.place else {
            return "Bookings live in this engine.".into();
        };
        let age = match self.age_seconds {
            None => "not looked at yet".to_owned(),
            Some(age) => format!("looked at {}", ago(age)),
        };
        let lives = format!("Bookings live in the {} at {place}, {age}.", self.kind);
        let trouble = self.trouble.as_ref();
        let unreached = trouble.map(|trouble| away(self.since.as_deref(), trouble));
        let gone = match self.gone {
            0 => None,
            1 => Some("1 job is gone there and kept here.".to_owned()),
            gone => Some(format!("{gone} jobs are gone there and kept here.")),
        };
        let all = [Some(lives), unreached, gone].into_iter().flatten();
        all.collect::<Vec<_>>().join(" ")
    }
}

impl Operation for GetBookingsDesk {
    const NAME: &'static str = "bookings.desk";
    const ABOUT: &'static str =
        "Tell where the truth about bookings lives, how old it is here, and what is wrong.";
    const KIND: Kind = Kind::Query(Permission::ReadBookings);
    type Output = BookingsDesk;

    async fn perform(self, work: &mut Work<'_>) -> Result<BookingsDesk, Fault> {
        let Some(place) = work.desk().upstreams.of(work.tenant()).cloned() else {
            return Ok(BookingsDesk {
                kind: "embedded".into(),
                place: None,
                looked_at: None,
                age_seconds: None,
                trouble: None,
                since: None,
                open: 0,
                gone: 0,
            });
        };
        let contact = work.get::<Contact>(Contact::ID).await?;
        let contact = contact.map(|stored| stored.record);
        let known = contact
            .as_ref()
            .map(|one| (one.trouble.is_some(), one.since));
        let here = place.looked().map(|(at, _)| at);
        let at = looked(work, here, known, ((FOLLOW, DESK), place.poll)).await?;
        let counts = work.tallies::<Link>().await?;
        let count = |state: &str| {
            let own = counts.iter().filter(|(named, _)| named == state);
            own.map(|(_, n)| n).sum()
        };
        Ok(BookingsDesk {
            kind: place.kind.name().to_owned(),
            place: Some(place.client.place().to_owned()),
            age_seconds: at.map(|at| (work.now() - at).num_seconds().max(0)),
            looked_at: at.map(rfc3339),
            since: contact.as_ref().map(|one| rfc3339(one.since)),
            trouble: contact.and_then(|one| one.trouble),
            open: count("open"),
            gone: count("gone"),
        })
    }
}
