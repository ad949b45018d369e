//! Where the truth about a tenant's slots lives, how old what is shown here is, whether the other
//! side can be reached, and what it does not offer.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{DESK, FOLLOW, mirrored::underway};
use crate::{
    domain::{
        policy::Permission,
        slot::upstream::{
            SLOT_SERVICE,
            errand::State,
            state::{Contact, Counts},
        },
        when::rfc3339,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        upstream::{ago, away, looked},
        work::Work,
    },
};

/// What our own desk does and a slot service is not known to offer.
const NOT_OFFERED: [&str; 6] = [
    "holding a slot",
    "moving a booking",
    "saying that a guest came or did not",
    "waiting for a slot",
    "more than one seat a booking",
    "saying why a time is not free",
];

/// Tells where the truth about slots lives.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GetSlotsDesk {}

/// Where the truth about slots lives.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SlotsDesk {
    /// `embedded`, or the make of the other company's system.
    pub kind: String,
    /// What people call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// When it was last looked at; nothing when that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub looked_at: Option<String>,
    /// How many seconds ago that was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_seconds: Option<i64>,
    /// Why it cannot be reached, when it cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// Since when it can be reached, or cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// What can be booked there.
    pub resources: u64,
    /// Bookings there that are followed.
    pub bookings: u64,
    /// What it no longer shows, and is kept here.
    pub gone: u64,
    /// Bookings of which asked and shown are not the same.
    pub disagreements: u64,
    /// Whether it has more than is followed.
    pub more: bool,
    /// What was sent there, and nobody knows yet what came of it.
    pub unanswered: Vec<String>,
    /// What it does not offer.
    pub not_offered: Vec<String>,
}

impl SlotsDesk {
    /// Whether it lives in this engine.
    #[must_use]
    pub fn is_embedded(&self) -> bool {
        self.place.is_none()
    }

    /// How old what is shown is, in a few words.
    #[must_use]
    pub fn age(&self) -> String {
        match (&self.trouble, self.age_seconds) {
            (_, None) => "not looked at yet".into(),
            (None, Some(age)) => format!("looked at {}", ago(age)),
            (Some(_), Some(age)) => format!("away, as it was {}", ago(age)),
        }
    }

    /// In a sentence, for people.
    #[must_use]
    pub fn sentence(&self) -> String {
        let (Some(place), Some(name)) = (&self.place, &self.name) else {
            return "Slots live in this engine.".into();
        };
        let mut all = vec![format!("Slots live in {name} at {place}, {}.", self.age())];
        if let Some(trouble) = &self.trouble {
            all.push(away(self.since.as_deref(), trouble));
        }
        let count = |n: u64, one: &str, many: &str| match n {
            0 => None,
            1 => Some(format!("1 {one}.")),
            n => Some(format!("{n} {many}.")),
        };
        all.extend(count(
            self.gone,
            "is gone there and kept here",
            "are gone there and kept here",
        ));
        all.extend(count(
            self.disagreements,
            "booking is shown otherwise than it was asked for",
            "bookings are shown otherwise than they were asked for",
        ));
        if self.more {
            all.push("There is more in it than is followed here.".into());
        }
        let open = self.unanswered.iter();
        all.extend(open.map(|one| format!("Sent, and not answered: {one}.")));
        all.join(" ")
    }
}

impl Operation for GetSlotsDesk {
    const NAME: &'static str = "slots.desk";
    const ABOUT: &'static str =
        "Tell where the truth about slots lives, how old it is here, and what is wrong.";
    const KIND: Kind = Kind::Query(Permission::ReadSlots);
    type Output = SlotsDesk;

    async fn perform(self, work: &mut Work<'_>) -> Result<SlotsDesk, Fault> {
        let Some(place) = work.desk().slot_services.of(work.tenant()).cloned() else {
            return Ok(SlotsDesk {
                kind: "embedded".into(),
                ..SlotsDesk::default()
            });
        };
        let contact = work.get::<Contact>(Contact::ID).await?;
        let contact = contact.map(|stored| stored.record);
        let known = contact
            .as_ref()
            .map(|one| (one.trouble.is_some(), one.since));
        let here = place.looked();
        let at = looked(work, here, known, ((FOLLOW, DESK), place.poll)).await?;
        let unanswered = underway(work).await?.into_iter().map(|errand| {
            let line = errand.line();
            match errand.state {
                State::Lost { why, .. } => format!("{line} ({why})"),
                _ => line,
            }
        });
        let counts = contact.as_ref().map_or(Counts::default(), |one| one.counts);
        Ok(SlotsDesk {
            kind: SLOT_SERVICE.into(),
            name: Some(place.name.clone()),
            place: Some(place.client.place().to_owned()),
            age_seconds: at.map(|at| (work.now() - at).num_seconds().max(0)),
            looked_at: at.map(rfc3339),
            since: contact.as_ref().map(|one| rfc3339(one.since)),
            trouble: contact.and_then(|one| one.trouble),
            resources: counts.resources,
            bookings: counts.bookings,
            gone: counts.gone,
            disagreements: counts.differ,
            more: counts.more,
            unanswered: unanswered.collect(),
            not_offered: NOT_OFFERED.map(str::to_owned).to_vec(),
        })
    }
}
