//! The two steps around a delivery: what is to be sent now, and what came of it. The call itself
//! is made in between, by the reconciler, outside of any commit.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        ids::NoticeId,
        policy::Permission,
        webhook::{
            notice::{Notice, NoticeStatus},
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
}

impl Operation for ReadNotice {
    const NAME: &'static str = "webhooks.read";
    const ABOUT: &'static str = "Read what is to be delivered; for the engine only.";
    const KIND: Kind = Kind::Query(Permission::RunEngine);
    type Output = ToDeliver;

    async fn perform(self, work: &mut Work<'_>) -> Result<ToDeliver, Fault> {
        let stored = work.find::<Notice, _>(self.notice_id).await?;
        let waits = stored.record.status == NoticeStatus::Waiting;
        Ok(ToDeliver {
            notice: waits.then_some(stored.record),
            sandbox: work.desk().sandbox.as_ref() == Some(work.tenant()),
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
        let notice = stored.record.clone().tried(came, work.now(), self.error);
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
