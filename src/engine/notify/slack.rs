//! What a Slack channel is told next: everything that waits in one message, at most one message a
//! second. The call itself is made in between, by the reconciler, outside of any commit.

use chrono::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{
    address,
    dispatch::{channel_owner, say},
    endpoints::Sent,
};
use crate::{
    domain::{
        ids::NoticeId,
        notify::{
            patience,
            slack::{Channel, Kind as Says, Message, together},
        },
        policy::Permission,
        tenant::secret::Secret,
        webhook::{
            notice::{Notice, NoticeStatus},
            schedule::{Came, Then},
        },
        when::{Instant, rfc3339},
    },
    engine::{
        due::Due,
        fault::Fault,
        operation::{Kind, Operation},
        tenants,
        work::Work,
    },
    store::{
        record::{Filter, Stored},
        records::SlackState,
    },
};

/// How many messages are told in one at most.
const AT_ONCE: u32 = 50;
/// How long to wait between two messages.
const PAUSE: Duration = Duration::seconds(1);

/// Reads what a channel is told next; for the engine only.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NextForSlack {
    /// Which.
    pub channel: Channel,
}

/// What a channel is told next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ForSlack {
    /// Where; nothing where nothing is sent now.
    pub url: Option<Secret>,
    /// What is sent.
    pub body: String,
    /// What is told by it.
    pub notices: Vec<NoticeId>,
    /// When to look again, where nothing is sent now and something waits.
    pub next: Option<Instant>,
    /// Whether it may go to this machine.
    pub sandbox: bool,
}

fn digest(url: &str) -> String {
    hex::encode(Sha256::digest(url))
}

async fn waiting(work: &Work<'_>, channel: Channel) -> Result<Vec<Stored<Notice>>, Fault> {
    let filter = Filter {
        parent: Some(channel_owner(channel)),
        state: Some(NoticeStatus::Waiting.name().to_owned()),
        limit: AT_ONCE,
        ..Filter::default()
    };
    work.list::<Notice>(&filter).await
}

impl Operation for NextForSlack {
    const NAME: &'static str = "slack.next";
    const ABOUT: &'static str = "Read what Slack is told next; for the engine only.";
    const KIND: Kind = Kind::Query(Permission::RunEngine);
    type Output = ForSlack;

    async fn perform(self, work: &mut Work<'_>) -> Result<ForSlack, Fault> {
        let nothing = |next| ForSlack {
            url: None,
            body: String::new(),
            notices: Vec::new(),
            next,
            sandbox: false,
        };
        let waiting = waiting(work, self.channel).await?;
        if waiting.is_empty() {
            return Ok(nothing(None));
        }
        let state = work.get::<SlackState>(self.channel.name()).await?;
        let next = state.as_ref().and_then(|state| state.record.next);
        if let Some(next) = next.filter(|next| *next > work.now()) {
            return Ok(nothing(Some(next)));
        }
        let tenant = tenants::entry(work).await?;
        let url = tenant
            .as_ref()
            .and_then(|tenant| address(tenant, self.channel));
        let url = url.unwrap_or_default().to_owned();
        let bodies: Vec<Value> = waiting
            .iter()
            .filter_map(|one| serde_json::from_str(&one.record.body).ok())
            .collect();
        Ok(ForSlack {
            url: Some(Secret::new(url)),
            body: together(&bodies).to_string(),
            notices: waiting.iter().map(|one| one.record.id).collect(),
            next: None,
            sandbox: work.desk().sandbox.as_ref() == Some(work.tenant()),
        })
    }
}

/// Writes down what came of a message to Slack; for the engine only.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteSlack {
    /// Which channel.
    pub channel: Channel,
    /// What was told by it.
    pub notices: Vec<NoticeId>,
    /// A digest of where.
    pub address: String,
    /// The status of the answer, where there was one.
    pub status: Option<u16>,
    /// Why there was none.
    #[serde(default)]
    pub error: Option<String>,
    /// Whether it is never to be called.
    #[serde(default)]
    pub refused: bool,
    /// How long Slack wants us to wait, in seconds.
    #[serde(default)]
    pub retry_after: Option<u32>,
}

impl NoteSlack {
    /// A digest of an address, which is a secret.
    #[must_use]
    pub fn digest(url: &str) -> String {
        digest(url)
    }

    fn came(&self) -> Came {
        match (self.status, self.refused) {
            // An address that Slack does not know any more is as good as gone.
            (Some(403 | 404 | 410), _) => Came::Status(410),
            (Some(status), _) => Came::Status(status),
            (None, true) => Came::Refused,
            (None, false) => Came::Nothing,
        }
    }
}

impl Operation for NoteSlack {
    const NAME: &'static str = "slack.note";
    const ABOUT: &'static str = "Write down what came of a message to Slack; for the engine only.";
    const KIND: Kind = Kind::Command(Permission::RunEngine);
    type Output = Due;

    async fn perform(self, work: &mut Work<'_>) -> Result<Due, Fault> {
        let stored = work.get::<SlackState>(self.channel.name()).await?;
        let mut state = stored.as_ref().map_or_else(
            || SlackState {
                channel: self.channel,
                next: None,
                tries: 0,
                gone: None,
                last: None,
            },
            |stored| stored.record.clone(),
        );
        state.tries += 1;
        state.last = Some((work.now(), self.status));
        let asked = self
            .retry_after
            .map(|seconds| std::time::Duration::from_secs(seconds.into()));
        let then = patience::after(self.came(), state.tries, asked, 0);
        let status = match then {
            Then::Delivered => Some(NoticeStatus::Delivered),
            Then::Dead => Some(NoticeStatus::Dead),
            Then::Again(_) => None,
        };
        let wait = match then {
            Then::Again(wait) => Duration::from_std(wait).unwrap_or(PAUSE),
            Then::Delivered | Then::Dead => PAUSE,
        };
        let next = work.now() + wait;
        state.next = Some(next);
        if status.is_some() {
            state.tries = 0;
        }
        let reason = self
            .error
            .clone()
            .unwrap_or_else(|| "Slack does not take it".to_owned());
        state.gone =
            (status == Some(NoticeStatus::Dead)).then(|| (reason.clone(), self.address.clone()));
        for id in &self.notices {
            let Some(was) = work.get::<Notice>(&id.to_string()).await? else {
                continue;
            };
            if was.record.status == NoticeStatus::Waiting {
                let (came, why) = (self.status, self.error.clone());
                let noted = was.record.clone();
                let mut noted = noted.noted(status, came, why, work.now());
                if noted.status == NoticeStatus::Waiting {
                    noted.next = Some(next);
                }
                work.replace(&was, &noted)?;
            }
        }
        match &stored {
            Some(was) => work.replace(was, &state)?,
            None => work.create(&state)?,
        }
        if status == Some(NoticeStatus::Dead) {
            let detail = format!("Slack ({}) was not told: {reason}", self.channel.name());
            work.tell("slack.dead", "slack", self.channel.name(), detail);
        }
        Ok(Due { at: state.next })
    }
}

/// Sends Slack a test.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TestSlack {
    /// Which channel.
    pub channel: Channel,
}

impl Operation for TestSlack {
    const NAME: &'static str = "slack.test";
    const ABOUT: &'static str = "Send Slack a message that means nothing.";
    const KIND: Kind = Kind::Command(Permission::ManageWebhooks);
    type Output = Sent;

    async fn perform(self, work: &mut Work<'_>) -> Result<Sent, Fault> {
        let tenant = tenants::entry(work).await?;
        let there = tenant
            .as_ref()
            .and_then(|tenant| address(tenant, self.channel));
        if there.is_none() {
            let name = match self.channel {
                Channel::Work => "slack_webhook_url",
                Channel::Audit => "slack_audit_webhook_url",
            };
            let message = format!("this tenant has no {name}");
            return Err(Fault::conflict("NO_SLACK", message)
                .hint("set it among the tenant's features first"));
        }
        let message = Message {
            kind: Says::Test,
            subject: format!("{} is told here what happens", work.tenant()),
            facts: vec![("Asked by", work.caller().name.clone())],
            trouble: None,
            link: None,
            command: None,
            footer: rfc3339(work.now()),
        };
        let delivery_id = say(work, self.channel, &message)?;
        Ok(Sent { delivery_id })
    }
}
