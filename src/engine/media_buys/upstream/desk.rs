//! Where the truth about a tenant's media buys lives, how old what is shown here is, what is on its
//! way there, and where it disagrees with what was asked.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{DESK, FOLLOW};
use crate::{
    domain::{
        media_buy::upstream::{
            contact::AgentContact,
            link::{BuyLink, Standing},
        },
        policy::Permission,
        when::{Instant, rfc3339},
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        upstream::{ago, away, looked},
        work::Work,
    },
};

/// Tells where the truth about media buys lives.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GetBuysDesk {}

/// Where the truth about media buys lives.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BuysDesk {
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
    /// How many seconds ago it was heard what was delivered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted_seconds: Option<i64>,
    /// Why it cannot be reached, when it cannot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// Since when it can be reached, or cannot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// How many media buys are followed.
    #[serde(default)]
    pub followed: i64,
    /// Of how many more is expected of something that was asked.
    #[serde(default)]
    pub open: i64,
    /// Of how many something is not shown as it was asked for.
    #[serde(default)]
    pub differs: i64,
    /// How many it no longer shows, which are kept here.
    #[serde(default)]
    pub gone: i64,
    /// Whether its questions can be decided from here.
    #[serde(default)]
    pub decides: bool,
}

impl BuysDesk {
    /// Whether it lives in this engine.
    #[must_use]
    pub fn is_embedded(&self) -> bool {
        self.place.is_none()
    }

    /// In a sentence, for people.
    #[must_use]
    pub fn sentence(&self) -> String {
        let Some(place) = &self.place else {
            return "Media buys live in this engine.".into();
        };
        let age = match self.age_seconds {
            None => "not looked at yet".to_owned(),
            Some(age) => format!("looked at {}", ago(age)),
        };
        let counted = self
            .counted_seconds
            .map_or_else(String::new, |age| format!(", delivery heard {}", ago(age)));
        let mut said =
            format!("Media buys live in the AdCP sales agent at {place}, {age}{counted}.");
        let mut add = |more: String| {
            said.push(' ');
            said.push_str(&more);
        };
        if let Some(trouble) = &self.trouble {
            add(away(self.since.as_deref(), trouble));
        }
        let buys = |count: i64| match count {
            1 => "1 media buy".to_owned(),
            count => format!("{count} media buys"),
        };
        if self.open > 0 {
            add(format!("On {} something is on its way.", buys(self.open)));
        }
        if self.differs > 0 {
            add(format!(
                "{} not as was asked for.",
                match self.differs {
                    1 => "1 media buy is".to_owned(),
                    count => format!("{count} media buys are"),
                }
            ));
        }
        if self.gone > 0 {
            add(format!("Gone there and kept here: {}.", buys(self.gone)));
        }
        said
    }
}

impl Operation for GetBuysDesk {
    const NAME: &'static str = "media_buys.desk";
    const ABOUT: &'static str =
        "Tell where the truth about media buys lives, how old it is here, and what is wrong.";
    const KIND: Kind = Kind::Query(Permission::ReadBuys);
    type Output = BuysDesk;

    async fn perform(self, work: &mut Work<'_>) -> Result<BuysDesk, Fault> {
        let Some(place) = work.desk().agents.of(work.tenant()).cloned() else {
            return Ok(BuysDesk {
                kind: "embedded".into(),
                ..BuysDesk::default()
            });
        };
        let contact = work.get::<AgentContact>(AgentContact::ID).await?;
        let contact = contact.map(|stored| stored.record);
        let known = contact
            .as_ref()
            .map(|one| (one.trouble.is_some(), one.since));
        let here = place.looked();
        let at = looked(work, here, known, ((FOLLOW, DESK), place.poll)).await?;
        let states = work.tallies::<BuyLink>().await?;
        let count = |fits: fn(Standing) -> bool| {
            let own = states
                .iter()
                .filter(|(named, _)| Standing::named(named).is_some_and(fits));
            own.map(|(_, n)| n).sum()
        };
        let since = |at: Instant| (work.now() - at).num_seconds().max(0);
        Ok(BuysDesk {
            kind: place.kind.name().to_owned(),
            place: Some(place.client.place().to_owned()),
            age_seconds: at.map(since),
            looked_at: at.map(rfc3339),
            counted_seconds: place.counted().map(since),
            since: contact.as_ref().map(|one| rfc3339(one.since)),
            trouble: contact.and_then(|one| one.trouble),
            followed: count(|_| true),
            open: count(Standing::is_open),
            differs: count(Standing::differs),
            gone: count(|one| one == Standing::Gone),
            decides: place.client.decides(),
        })
    }
}
