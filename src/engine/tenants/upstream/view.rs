//! Shows the tenant-management server of another house: which shape it has, what it offers, its
//! tenants and one of them in full. Live, or as it was said last with how long ago that was.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{set_up, unreached};
use crate::{
    domain::{
        policy::Permission,
        tenant::server::{
            Feature, Offer, Shape,
            errand::{ServerErrand, Way},
            shown::ServerTenant,
        },
        when::rfc3339,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        upstream::ago,
        work::Work,
    },
    store::record::Filter,
};

/// How many lines of an audit log are shown at most.
const MOST_LINES: u32 = 1_000;
/// How much on its way is listed at most.
const MOST: u32 = 100;

/// Shows the tenant-management server of another house.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ShowServer {
    /// Whether it is asked even if that was done a moment ago.
    pub anew: bool,
}

/// A tenant-management server of another house.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ServerView {
    /// What people call it.
    pub name: String,
    /// Where it is.
    pub place: String,
    /// Which shape it was found to have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shape: Option<Shape>,
    /// What gave that away.
    pub evidence: String,
    /// What it offers, and what it does not.
    pub offers: Vec<Offer>,
    /// How it is, in its own words.
    pub health: Map<String, Value>,
    /// Its tenants.
    pub tenants: Vec<ServerTenant>,
    /// When it was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked_at: Option<String>,
    /// How many seconds ago that was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_seconds: Option<i64>,
    /// Why nothing newer is known, where it was asked in vain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// What was sent there, and nobody knows what came of it.
    pub unanswered: Vec<String>,
}

impl ServerView {
    /// In a sentence, for people.
    #[must_use]
    pub fn sentence(&self) -> String {
        let Self { name, place, .. } = self;
        let shape = self
            .shape
            .map_or("of a shape that is not known yet", Shape::words);
        let age = self
            .age_seconds
            .map_or_else(|| "not asked yet".to_owned(), ago);
        let mut all = vec![match &self.trouble {
            None => format!("{name} at {place} is {shape}, asked {age}."),
            Some(why) if self.age_seconds.is_some() => {
                format!(
                    "{name} at {place} cannot be asked: {why}. What is shown is as it was {age}."
                )
            }
            Some(why) => format!("{name} at {place} cannot be asked: {why}."),
        }];
        if !self.evidence.is_empty() {
            all.push(format!("Known by this: {}.", self.evidence));
        }
        let open = self.unanswered.iter();
        all.extend(open.map(|one| format!("Sent, and not answered: {one}.")));
        all.join(" ")
    }

    /// Whether something is offered.
    #[must_use]
    pub fn offer(&self, feature: Feature) -> Option<&Offer> {
        self.offers.iter().find(|offer| offer.feature == feature)
    }
}

impl Operation for ShowServer {
    const NAME: &'static str = "tenants.upstream";
    const ABOUT: &'static str = "Show the tenant-management server of another house: its shape, what it offers, its tenants.";
    const KIND: Kind = Kind::Query(Permission::ManageTenants);
    type Output = ServerView;

    async fn perform(self, work: &mut Work<'_>) -> Result<ServerView, Fault> {
        let place = set_up(work.desk())?;
        let now = work.now();
        let (known, trouble) = match place.look(now, self.anew).await {
            Ok(known) => (Some(known), None),
            Err(why) => (place.last(), Some(why)),
        };
        let view = ServerView {
            name: place.name.clone(),
            place: place.client.place().to_owned(),
            trouble,
            unanswered: unanswered(work).await?,
            ..ServerView::default()
        };
        let Some(known) = known else { return Ok(view) };
        Ok(ServerView {
            shape: Some(known.probed.shape),
            evidence: known.probed.evidence.clone(),
            offers: known.probed.table(),
            health: known.health,
            tenants: known.tenants,
            asked_at: Some(rfc3339(known.at)),
            age_seconds: Some((now - known.at).num_seconds().max(0)),
            ..view
        })
    }
}

/// What was sent, and nobody knows what came of it.
async fn unanswered(work: &Work<'_>) -> Result<Vec<String>, Fault> {
    let filter = Filter {
        state: Some("left".to_owned()),
        limit: MOST,
        ..Filter::default()
    };
    let found = work.list_in_house::<ServerErrand>(&filter).await?;
    let lines = found.into_iter().map(|stored| match stored.record.state {
        Way::Left { why: Some(why), .. } => format!("{} ({why})", stored.record.line),
        _ => stored.record.line,
    });
    Ok(lines.collect())
}

/// Shows one of its tenants in full.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShowServerTenant {
    /// Which, by its id there.
    pub tenant: String,
    /// How many lines of its audit log; none where it is not said.
    #[serde(default)]
    pub audit: u32,
}

/// One of its tenants in full.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ServerTenantView {
    /// The tenant.
    pub tenant: ServerTenant,
    /// Who buys from it, where that is offered.
    pub principals: Option<Vec<Value>>,
    /// How it is, where that is offered.
    pub status: Option<Map<String, Value>>,
    /// Who did what, where that is offered and was asked for.
    pub audit: Option<Vec<Value>>,
    /// What of these the server does not offer.
    pub not_offered: Vec<Offer>,
    /// When it was asked.
    pub asked_at: String,
}

impl Operation for ShowServerTenant {
    const NAME: &'static str = "tenants.upstream_show";
    const ABOUT: &'static str =
        "Show a tenant of the tenant-management server of another house in full.";
    const KIND: Kind = Kind::Query(Permission::ManageTenants);
    type Output = ServerTenantView;

    async fn perform(self, work: &mut Work<'_>) -> Result<ServerTenantView, Fault> {
        let place = set_up(work.desk())?;
        let (now, id) = (work.now(), &*self.tenant);
        let away = |why: String| unreached(&place.name, &why);
        let probed = place.probed(now).await.map_err(away)?;
        if let Some(why) = place.resting(now) {
            return Err(away(why));
        }
        let heed = |silent: crate::peers::upstream::slots::Away| {
            place.heed(&silent, now);
            unreached(&place.name, &silent.why)
        };
        let found = place.client.tenant(id).await.map_err(heed)?;
        let tenant = found.ok_or_else(|| Fault::absent("tenant", id))?;
        let mut not_offered = Vec::new();
        let mut offered = |feature| {
            let offer = probed.offers(feature);
            let is = offer.offered;
            if !is {
                not_offered.push(offer);
            }
            is
        };
        let principals = if offered(Feature::ListPrincipals) {
            Some(place.client.principals(id).await.map_err(heed)?)
        } else {
            None
        };
        let status = if offered(Feature::Status) {
            Some(place.client.status(id).await.map_err(heed)?)
        } else {
            None
        };
        let lines = self.audit.min(MOST_LINES);
        let audit = if lines > 0 && offered(Feature::AuditLog) {
            let audit = place.client.audit(probed.shape, id, lines).await;
            Some(audit.map_err(heed)?)
        } else {
            None
        };
        Ok(ServerTenantView {
            tenant,
            principals,
            status,
            audit,
            not_offered,
            asked_at: rfc3339(now),
        })
    }
}
