//! Reads what happened since the last time, and writes down for every endpoint and channel what
//! it is to be told, in one commit with how far was read. Refuses to send anything: that is the
//! outbox's.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{NOTIFY, SLACK, address, all_endpoints, concerns, slack::NoteSlack, subjects};
use crate::{
    domain::{
        ids::NoticeId,
        notify::{
            endpoint::Endpoint,
            slack::{Channel, Message},
            topic::Topic,
        },
        policy::Permission,
        webhook::{
            hook::{Hook, Proof},
            notice::{Notice, NoticeStatus, Plan},
        },
        when::rfc3339,
    },
    engine::{
        events::Event,
        fault::Fault,
        operation::{Kind, Operation},
        tenants,
        webhooks::DELIVER,
        work::Work,
    },
    store::{
        Since,
        record::{Record as _, Stored},
        records::{SlackState, Told},
    },
};

/// How many events are read at once.
const AT_ONCE: u32 = 100;

/// Whether anything is to be told; for the engine only.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LookForNews {}

/// Whether anything is to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct News {
    /// Whether there is.
    pub any: bool,
}

/// Writes down what is to be told; for the engine only.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TellNews {}

/// Those who listen.
struct Listeners {
    endpoints: Vec<Endpoint>,
    work: bool,
    audit: bool,
}

impl Listeners {
    async fn of(work: &Work<'_>) -> Result<Self, Fault> {
        let endpoints = all_endpoints(work).await?;
        let endpoints = endpoints.into_iter().map(|stored| stored.record);
        let tenant = tenants::entry(work).await?;
        let url = |channel| tenant.as_ref().and_then(|tenant| address(tenant, channel));
        Ok(Self {
            endpoints: endpoints.filter(|one| one.active).collect(),
            work: listens(work, Channel::Work, url(Channel::Work)).await?,
            audit: listens(work, Channel::Audit, url(Channel::Audit)).await?,
        })
    }

    fn is_nobody(&self) -> bool {
        self.endpoints.is_empty() && !self.work && !self.audit
    }
}

/// Whether a channel has an address that is not known to be gone.
async fn listens(work: &Work<'_>, channel: Channel, url: Option<&str>) -> Result<bool, Fault> {
    let Some(url) = url else { return Ok(false) };
    let state = work.get::<SlackState>(channel.name()).await?;
    let gone = state.and_then(|state| state.record.gone);
    Ok(gone.is_none_or(|(_, address)| address != NoteSlack::digest(url)))
}

/// What has happened since the last time.
async fn news(work: &Work<'_>) -> Result<(Option<Stored<Told>>, Vec<Event>), Fault> {
    let read = work.get::<Told>(Told::ID).await?;
    let since = Since {
        after: read.as_ref().map_or(0, |read| read.record.seq),
        object: None,
        limit: AT_ONCE,
    };
    let events = work.events(&since).await?;
    Ok((read, events))
}

impl Operation for LookForNews {
    const NAME: &'static str = "notify.look";
    const ABOUT: &'static str = "Say whether anybody is to be told anything; for the engine only.";
    const KIND: Kind = Kind::Query(Permission::RunEngine);
    type Output = News;

    async fn perform(self, work: &mut Work<'_>) -> Result<News, Fault> {
        if Listeners::of(work).await?.is_nobody() {
            return Ok(News { any: false });
        }
        let (_, events) = news(work).await?;
        let many = events.len() >= AT_ONCE as usize;
        let any = many || events.iter().any(|event| concerns(&event.event));
        Ok(News { any })
    }
}

impl Operation for TellNews {
    const NAME: &'static str = "notify.tell";
    const ABOUT: &'static str = "Write down what is to be told; for the engine only.";
    const KIND: Kind = Kind::Command(Permission::RunEngine);
    type Output = News;

    async fn perform(self, work: &mut Work<'_>) -> Result<News, Fault> {
        let listeners = Listeners::of(work).await?;
        let (was, events) = news(work).await?;
        let Some(last) = events.last() else {
            return Ok(News { any: false });
        };
        let read = Told { seq: last.seq };
        for event in &events {
            if concerns(&event.event) {
                tell(work, &listeners, event).await?;
            }
        }
        match &was {
            Some(was) => work.replace(was, &read)?,
            None => work.create(&read)?,
        }
        work.about(format!("{}/{}", Told::KIND, Told::ID));
        let any = events.len() >= AT_ONCE as usize;
        if any {
            work.wake(NOTIFY, Told::ID, work.now());
        }
        Ok(News { any })
    }
}

async fn tell(work: &mut Work<'_>, listeners: &Listeners, event: &Event) -> Result<(), Fault> {
    let topic = Topic::of_event(&event.event);
    let wants =
        |one: &&Endpoint| topic.is_some_and(|topic| one.wants(topic)) && event.seq > one.since;
    let wanting: Vec<&Endpoint> = listeners.endpoints.iter().filter(wants).collect();
    let spoken = listeners.work || listeners.audit;
    if wanting.is_empty() && !spoken {
        return Ok(());
    }
    let subject = subjects::of(work, event).await?;
    if let Some(topic) = topic {
        for endpoint in wanting {
            post(work, endpoint, topic, event.at, &subject.data)?;
        }
    }
    for (channel, listens) in [
        (Channel::Work, listeners.work),
        (Channel::Audit, listeners.audit),
    ] {
        let message = subject.messages.iter().find(|(to, _)| *to == channel);
        if let Some((_, message)) = message.filter(|_| listens) {
            say(work, channel, message)?;
        }
    }
    Ok(())
}

/// Writes down what an endpoint is to be told.
///
/// # Errors
/// When it cannot be written.
pub(super) fn post(
    work: &mut Work<'_>,
    endpoint: &Endpoint,
    topic: Topic,
    at: crate::domain::when::Instant,
    data: &Value,
) -> Result<NoticeId, Fault> {
    let id: NoticeId = work.mint();
    let about = data.get("id").and_then(Value::as_str).unwrap_or_default();
    let about = about.to_owned();
    let body = json!({"type": topic.name(), "timestamp": rfc3339(at), "data": data});
    let notice = Notice {
        id,
        owner: owner(endpoint),
        about,
        what: topic.name().to_owned(),
        hook: Hook {
            url: endpoint.url.reveal().to_owned(),
            proof: Proof::Message,
            token: None,
            operation_id: None,
        },
        body: body.to_string(),
        status: NoticeStatus::Waiting,
        tries: 0,
        last: None,
        next: Some(work.now()),
        plan: Plan::Endpoint(endpoint.id),
    };
    work.create(&notice)?;
    work.wake(DELIVER, id.to_string(), work.now());
    Ok(id)
}

/// Under which name what an endpoint is told is kept: no buyer's.
#[must_use]
pub(super) fn owner(endpoint: &Endpoint) -> String {
    format!("endpoint/{}", endpoint.id)
}

/// Under which name what a channel is told is kept.
#[must_use]
pub(super) fn channel_owner(channel: Channel) -> String {
    format!("slack/{}", channel.name())
}

/// Writes down what a channel is to be told.
///
/// # Errors
/// When it cannot be written.
pub(super) fn say(
    work: &mut Work<'_>,
    channel: Channel,
    message: &Message,
) -> Result<NoticeId, Fault> {
    let id: NoticeId = work.mint();
    let notice = Notice {
        id,
        owner: channel_owner(channel),
        about: message.footer.clone(),
        what: format!("slack {}", message.kind.name()),
        hook: Hook {
            url: String::new(),
            proof: Proof::Nothing,
            token: None,
            operation_id: None,
        },
        body: message.write().to_string(),
        status: NoticeStatus::Waiting,
        tries: 0,
        last: None,
        next: Some(work.now()),
        plan: Plan::Slack(channel),
    };
    work.create(&notice)?;
    work.wake(SLACK, channel.name(), work.now());
    Ok(id)
}
