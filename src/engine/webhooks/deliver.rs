//! The two steps around a delivery: what is to be sent now, and what came of it. The call itself
//! is made in between, by the reconciler, outside of any commit.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        ids::{EndpointId, NoticeId},
        notify::{
            endpoint::{Endpoint, Signing},
            topic::Topic,
        },
        policy::Permission,
        webhook::{
            hook::Proof,
            notice::{Notice, NoticeStatus, Plan},
            schedule::Came,
        },
        when::Instant,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
};

/// Reads what is to be delivered, secrets and all; for the engine only.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadNotice {
    /// Which.
    pub notice_id: NoticeId,
}

/// What is to be delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ToDeliver {
    /// The notice; nothing once it was delivered or given up.
    pub notice: Option<Notice>,
    /// Whether it may go to this machine.
    pub sandbox: bool,
    /// Why nobody is to be called with it any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_up: Option<String>,
}

impl Operation for ReadNotice {
    const NAME: &'static str = "webhooks.read";
    const ABOUT: &'static str = "Read what is to be delivered; for the engine only.";
    const KIND: Kind = Kind::Query(Permission::RunEngine);
    type Output = ToDeliver;

    async fn perform(self, work: &mut Work<'_>) -> Result<ToDeliver, Fault> {
        let mut notice = work.find::<Notice, _>(self.notice_id).await?.record;
        let waits = notice.status == NoticeStatus::Waiting;
        let mut given_up = None;
        if let Plan::Endpoint(id) = notice.plan {
            // As it is now: it may have moved, or have another secret.
            match work.get::<Endpoint>(&id.to_string()).await? {
                Some(stored) => {
                    let endpoint = &stored.record;
                    // Whoever tries it wants to know whether it can be switched on.
                    if !endpoint.active && notice.what != Topic::Test.name() {
                        given_up = Some("the endpoint was switched off".to_owned());
                    }
                    aim(&mut notice, endpoint, work.now());
                }
                None => given_up = Some("the endpoint was taken away".to_owned()),
            }
        }
        Ok(ToDeliver {
            notice: waits.then_some(notice),
            sandbox: work.desk().sandbox.as_ref() == Some(work.tenant()),
            given_up,
        })
    }
}

/// Writes down what came of a delivery; for the engine only.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteDelivery {
    /// Of which notice.
    pub notice_id: NoticeId,
    /// The status of the answer, where there was one.
    pub status: Option<u16>,
    /// Why there was none.
    #[serde(default)]
    pub error: Option<String>,
    /// Whether it is never to be called.
    #[serde(default)]
    pub refused: bool,
    /// How long the receiver wants us to wait, in seconds.
    #[serde(default)]
    pub retry_after: Option<u32>,
    /// Whether it is given up for what went wrong here, before the receiver was ever asked.
    #[serde(default)]
    pub given_up: bool,
}

/// Aims a notice at its endpoint as it is now.
fn aim(notice: &mut Notice, endpoint: &Endpoint, now: Instant) {
    endpoint.url.reveal().clone_into(&mut notice.hook.url);
    notice.hook.proof = match &endpoint.signing {
        Signing::Signature => Proof::Message,
        Signing::Standard { .. } => Proof::Standard(endpoint.secrets(now)),
    };
}

/// Notes at its endpoint what came of a try, and says so when that is switched off by it.
async fn note_endpoint(
    work: &mut Work<'_>,
    id: EndpointId,
    answered: Option<u16>,
    status: NoticeStatus,
) -> Result<(), Fault> {
    let Some(was) = work.get::<Endpoint>(&id.to_string()).await? else {
        return Ok(());
    };
    let (mut endpoint, delivered) = (was.record.clone(), status == NoticeStatus::Delivered);
    if endpoint.knows(answered, delivered, work.now()) {
        return Ok(());
    }
    endpoint.tried(answered, delivered, work.now());
    work.replace(&was, &endpoint)?;
    if was.record.active && !endpoint.active {
        let why = endpoint.disabled.as_deref().unwrap_or_default();
        let detail = format!("{} was switched off: {why}", endpoint.name);
        work.tell("endpoints.disabled", "endpoint", id.to_string(), detail);
    }
    Ok(())
}

/// When a notice is tried again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Noted {
    /// When; nothing where it is not.
    pub next: Option<Instant>,
}

impl Operation for NoteDelivery {
    const NAME: &'static str = "webhooks.note";
    const ABOUT: &'static str = "Write down what came of a delivery; for the engine only.";
    const KIND: Kind = Kind::Command(Permission::RunEngine);
    type Output = Noted;

    async fn perform(self, work: &mut Work<'_>) -> Result<Noted, Fault> {
        let stored = work.find::<Notice, _>(self.notice_id).await?;
        if stored.record.status != NoticeStatus::Waiting {
            return Ok(Noted { next: None });
        }
        let came = match (self.status, self.refused) {
            (Some(status), _) => Came::Status(status),
            (None, true) => Came::Refused,
            (None, false) => Came::Nothing,
        };
        let asked = self
            .retry_after
            .map(|seconds| Duration::from_secs(seconds.into()));
        let before = stored.record.clone();
        let notice = if self.given_up {
            before.noted(Some(NoticeStatus::Dead), None, self.error, work.now())
        } else {
            before.tried(came, work.now(), (self.error, asked))
        };
        // What goes wrong here says nothing of the endpoint.
        if let Plan::Endpoint(id) = notice.plan
            && !self.given_up
        {
            note_endpoint(work, id, self.status, notice.status).await?;
        }
        work.replace(&stored, &notice)?;
        if notice.status != NoticeStatus::Waiting {
            let name = match notice.status {
                NoticeStatus::Delivered => "webhooks.delivered",
                _ => "webhooks.dead",
            };
            let detail = format!("{} for {}", notice.what, notice.about);
            work.tell(name, "webhook", notice.id.to_string(), detail);
        }
        Ok(Noted { next: notice.next })
    }
}
