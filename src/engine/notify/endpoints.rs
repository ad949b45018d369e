//! Endpoints: made, listed, changed, given another secret, tried, and taken away. Refuses
//! addresses that lead to where only we are, here already and not only when something is sent.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{
    MOST_ENDPOINTS, all_endpoints, dispatch,
    view::{EndpointView, MadeEndpoint},
};
use crate::{
    domain::{
        ids::{EndpointId, NoticeId},
        notify::{
            endpoint::{Endpoint, Signing},
            standard,
            topic::Topic,
        },
        policy::Permission,
        problem::{Code, Problem},
        tenant::secret::Secret,
        text,
        webhook::{
            address,
            notice::{Notice, NoticeStatus},
        },
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        sandbox,
        webhooks::DELIVER,
        work::Work,
    },
    store::record::Filter,
};

/// The longest name.
const LONGEST_NAME: usize = 100;
/// How much of what waits for an endpoint is given up at once; the rest is when it would be tried.
const MOST_ENDED: u32 = 500;

fn wrong(field: &str, said: impl Into<String>) -> Fault {
    Fault::field(Problem::new(field, Code::new("INVALID_VALUE"), said))
}

fn check_name(name: &str) -> Result<(), Fault> {
    text::check_line(name, LONGEST_NAME).map_err(|why| wrong("name", why.to_string()))
}

fn check_url(work: &Work<'_>, url: &str) -> Result<(), Fault> {
    let plays = sandbox::plays(work.desk().sandbox.as_ref(), work.caller());
    address::read(url, plays)
        .map(drop)
        .map_err(|why| wrong("url", why.to_string()))
}

fn topics(names: &[String]) -> Result<BTreeSet<Topic>, Fault> {
    let read = |name: &String| {
        let topic = name.parse::<Topic>();
        topic.map_err(|why| wrong("events", format!("{} {why}", text::echo(name))))
    };
    names.iter().map(read).collect()
}

/// A secret of 256 random bits.
fn fresh() -> Secret {
    // Three are taken because each holds 122 random bits.
    let mut digest = Sha256::new();
    for _ in 0..3 {
        digest.update(uuid::Uuid::new_v4().as_bytes());
    }
    Secret::new(standard::secret(&digest.finalize()))
}

/// Makes an endpoint.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MakeEndpoint {
    /// Where it is.
    pub url: Secret,
    /// What people call it; its host where it is not said.
    #[serde(default)]
    pub name: Option<String>,
    /// What it is told of, such as `media_buy.created`; everything where nothing is named.
    #[serde(default)]
    pub events: Vec<String>,
    /// `standard` (by Standard Webhooks, the usual) or `rfc9421` (by HTTP message signatures).
    #[serde(default)]
    pub signing: Option<String>,
}

impl Operation for MakeEndpoint {
    const NAME: &'static str = "endpoints.make";
    const ABOUT: &'static str = "Have an address of the tenant told what happens.";
    const KIND: Kind = Kind::Command(Permission::ManageWebhooks);
    type Output = MadeEndpoint;

    async fn perform(self, work: &mut Work<'_>) -> Result<MadeEndpoint, Fault> {
        let url = self.url.reveal();
        check_url(work, url)?;
        if all_endpoints(work).await?.len() >= MOST_ENDPOINTS as usize {
            let message = format!("a tenant has at most {MOST_ENDPOINTS} endpoints");
            return Err(Fault::conflict("TOO_MANY_ENDPOINTS", message));
        }
        let host = url::Url::parse(url).ok();
        let host = host
            .as_ref()
            .and_then(|url| url.host_str())
            .unwrap_or("endpoint");
        let name = self.name.unwrap_or_else(|| host.to_owned());
        check_name(&name)?;
        let secret = fresh();
        let signing = match self.signing.as_deref() {
            None | Some("standard") => Signing::Standard {
                secret: secret.clone(),
                before: None,
            },
            Some("rfc9421") => Signing::Signature,
            Some(_) => return Err(wrong("signing", "is neither standard nor rfc9421")),
        };
        let shown = matches!(signing, Signing::Standard { .. }).then_some(secret);
        let endpoint = Endpoint {
            id: work.mint(),
            name,
            url: self.url,
            topics: topics(&self.events)?,
            signing,
            active: true,
            disabled: None,
            failing_since: None,
            last: None,
            since: work.fed().await?,
            created_at: work.now(),
        };
        work.create(&endpoint)?;
        let detail = format!("{} is told what happens", endpoint.name);
        work.tell(
            "endpoints.made",
            "endpoint",
            endpoint.id.to_string(),
            detail,
        );
        Ok(MadeEndpoint {
            view: EndpointView::of(&endpoint, 1),
            secret: shown,
        })
    }

    fn kept(output: &MadeEndpoint) -> serde_json::Result<String> {
        output.kept()
    }
}

/// Lists endpoints.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListEndpoints {}

/// Endpoints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Endpoints {
    /// All of them, in the order in which they were made.
    pub webhooks: Vec<EndpointView>,
}

impl Operation for ListEndpoints {
    const NAME: &'static str = "endpoints.list";
    const ABOUT: &'static str = "List the addresses of the tenant that are told what happens.";
    const KIND: Kind = Kind::Query(Permission::ManageWebhooks);
    type Output = Endpoints;

    async fn perform(self, work: &mut Work<'_>) -> Result<Endpoints, Fault> {
        let all = all_endpoints(work).await?;
        let webhooks = all
            .iter()
            .map(|one| EndpointView::of(&one.record, one.revision));
        Ok(Endpoints {
            webhooks: webhooks.collect(),
        })
    }
}

/// Changes an endpoint; what is not said stays.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeEndpoint {
    /// Which.
    pub endpoint_id: EndpointId,
    /// Where it is.
    #[serde(default)]
    pub url: Option<Secret>,
    /// What people call it.
    #[serde(default)]
    pub name: Option<String>,
    /// What it is told of; everything where the list is empty.
    #[serde(default)]
    pub events: Option<Vec<String>>,
    /// Whether it is told anything.
    #[serde(default)]
    pub is_active: Option<bool>,
}

impl Operation for ChangeEndpoint {
    const NAME: &'static str = "endpoints.change";
    const ABOUT: &'static str =
        "Change what an endpoint is told, where it is, or switch it on or off.";
    const KIND: Kind = Kind::Command(Permission::ManageWebhooks);
    type Output = EndpointView;

    async fn perform(self, work: &mut Work<'_>) -> Result<EndpointView, Fault> {
        let stored = work.find::<Endpoint, _>(self.endpoint_id).await?;
        let mut endpoint = stored.record.clone();
        if let Some(url) = self.url {
            check_url(work, url.reveal())?;
            endpoint.url = url;
        }
        if let Some(name) = self.name {
            check_name(&name)?;
            endpoint.name = name;
        }
        if let Some(events) = &self.events {
            endpoint.topics = topics(events)?;
        }
        match self.is_active {
            Some(true) => {
                if !endpoint.active {
                    // It is not told what happened while it was off.
                    endpoint.since = work.fed().await?;
                }
                endpoint.switch_on();
            }
            Some(false) => {
                endpoint.active = false;
                end_waiting(work, &endpoint).await?;
            }
            None => {}
        }
        work.replace(&stored, &endpoint)?;
        let detail = format!("{} was changed", endpoint.name);
        work.tell(
            "endpoints.changed",
            "endpoint",
            endpoint.id.to_string(),
            detail,
        );
        Ok(EndpointView::of(&endpoint, stored.revision + 1))
    }
}

/// Gives an endpoint another secret; both are good for a day.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RotateEndpoint {
    /// Which.
    pub endpoint_id: EndpointId,
}

impl Operation for RotateEndpoint {
    const NAME: &'static str = "endpoints.rotate";
    const ABOUT: &'static str = "Give an endpoint another secret; both are good for a day.";
    const KIND: Kind = Kind::Command(Permission::ManageWebhooks);
    type Output = MadeEndpoint;

    async fn perform(self, work: &mut Work<'_>) -> Result<MadeEndpoint, Fault> {
        let stored = work.find::<Endpoint, _>(self.endpoint_id).await?;
        let mut endpoint = stored.record.clone();
        if endpoint.signing == Signing::Signature {
            let message = "this endpoint has no secret: our own key signs what it is sent";
            return Err(Fault::conflict("NO_SECRET", message));
        }
        let secret = fresh();
        endpoint.rotate(secret.clone(), work.now());
        work.replace(&stored, &endpoint)?;
        let detail = format!("{} has another secret", endpoint.name);
        work.tell(
            "endpoints.rotated",
            "endpoint",
            endpoint.id.to_string(),
            detail,
        );
        Ok(MadeEndpoint {
            view: EndpointView::of(&endpoint, stored.revision + 1),
            secret: Some(secret),
        })
    }

    fn kept(output: &MadeEndpoint) -> serde_json::Result<String> {
        output.kept()
    }
}

/// Looks now at what waits for an endpoint, rather than when it would be tried next: it is given up.
async fn end_waiting(work: &mut Work<'_>, endpoint: &Endpoint) -> Result<(), Fault> {
    let filter = Filter {
        parent: Some(dispatch::owner(endpoint)),
        state: Some(NoticeStatus::Waiting.name().to_owned()),
        limit: MOST_ENDED,
        ..Filter::default()
    };
    for stored in work.list::<Notice>(&filter).await? {
        work.wake(DELIVER, stored.record.id.to_string(), work.now());
    }
    Ok(())
}

/// Takes an endpoint away.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RemoveEndpoint {
    /// Which.
    pub endpoint_id: EndpointId,
}

impl Operation for RemoveEndpoint {
    const NAME: &'static str = "endpoints.remove";
    const ABOUT: &'static str = "Take an endpoint away; what waits for it is not sent any more.";
    const KIND: Kind = Kind::Command(Permission::ManageWebhooks);
    type Output = EndpointView;

    async fn perform(self, work: &mut Work<'_>) -> Result<EndpointView, Fault> {
        let stored = work.find::<Endpoint, _>(self.endpoint_id).await?;
        let view = EndpointView {
            is_active: false,
            ..EndpointView::of(&stored.record, stored.revision)
        };
        end_waiting(work, &stored.record).await?;
        work.remove(&stored);
        let detail = format!("{} is told nothing any more", stored.record.name);
        work.tell(
            "endpoints.removed",
            "endpoint",
            stored.record.id.to_string(),
            detail,
        );
        Ok(view)
    }
}

/// Sends an endpoint a test.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TestEndpoint {
    /// Which.
    pub endpoint_id: EndpointId,
}

/// A message that is on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sent {
    /// Its id: what becomes of it stands among the deliveries.
    pub delivery_id: NoticeId,
}

impl Operation for TestEndpoint {
    const NAME: &'static str = "endpoints.test";
    const ABOUT: &'static str = "Send an endpoint a message that means nothing.";
    const KIND: Kind = Kind::Command(Permission::ManageWebhooks);
    type Output = Sent;

    async fn perform(self, work: &mut Work<'_>) -> Result<Sent, Fault> {
        let stored = work.find::<Endpoint, _>(self.endpoint_id).await?;
        let data = json!({
            "id": self.endpoint_id, "tenant_id": work.tenant(), "test": true,
            "summary": "somebody tries whether this endpoint hears us",
        });
        let now = work.now();
        let delivery_id = dispatch::post(work, &stored.record, Topic::Test, now, &data)?;
        Ok(Sent { delivery_id })
    }
}
