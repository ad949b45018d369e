//! Sends again what was given up: one message, or all of an endpoint between two times. The same
//! bytes under the same id, so that who had it after all knows it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{SLACK, dispatch};
use crate::{
    domain::{
        ids::{EndpointId, NoticeId},
        notify::endpoint::Endpoint,
        policy::Permission,
        problem::{Code, Problem},
        webhook::notice::{Notice, NoticeStatus, Plan},
        when::Instant,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        webhooks::DELIVER,
        work::Work,
    },
    store::record::{Filter, Stored},
};

/// How many are sent again at once.
const MOST: u32 = 500;

/// Sends again what was given up.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Replay {
    /// These.
    pub delivery_ids: Vec<NoticeId>,
    /// All that this endpoint did not get.
    pub endpoint_id: Option<EndpointId>,
    /// Only from then on.
    pub since: Option<Instant>,
    /// Only until then.
    pub until: Option<Instant>,
}

/// What is sent again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Replayed {
    /// The messages.
    pub delivery_ids: Vec<NoticeId>,
    /// Whether there were more than are sent at once.
    pub more: bool,
}

impl Operation for Replay {
    const NAME: &'static str = "webhooks.replay";
    const ABOUT: &'static str = "Send again what was given up.";
    const KIND: Kind = Kind::Command(Permission::ManageWebhooks);
    type Output = Replayed;

    async fn perform(self, work: &mut Work<'_>) -> Result<Replayed, Fault> {
        let found = self.found(work).await?;
        let more = found.len() > MOST as usize;
        let mut again = Vec::new();
        for stored in found.into_iter().take(MOST as usize) {
            let notice = stored.record.clone().again(work.now());
            work.replace(&stored, &notice)?;
            match notice.plan {
                Plan::Slack(channel) => work.wake(SLACK, channel.name(), work.now()),
                Plan::Buyer | Plan::Endpoint(_) => {
                    work.wake(DELIVER, notice.id.to_string(), work.now());
                }
            }
            again.push(notice.id);
        }
        work.about("webhook");
        Ok(Replayed {
            delivery_ids: again,
            more,
        })
    }
}

impl Replay {
    async fn found(&self, work: &Work<'_>) -> Result<Vec<Stored<Notice>>, Fault> {
        if self.delivery_ids.is_empty() == self.endpoint_id.is_none() {
            let code = Code::new("INVALID_VALUE");
            let said = "name either deliveries or an endpoint";
            return Err(Fault::field(Problem::new("delivery_ids", code, said)));
        }
        if let Some(id) = self.endpoint_id {
            let endpoint = work.find::<Endpoint, _>(id).await?.record;
            let filter = Filter {
                parent: Some(dispatch::owner(&endpoint)),
                state: Some(NoticeStatus::Dead.name().to_owned()),
                limit: MOST + 1,
                ..Filter::default()
            };
            let mut all = work.list::<Notice>(&filter).await?;
            all.retain(|one| {
                self.since.is_none_or(|since| one.created_at >= since)
                    && self.until.is_none_or(|until| one.created_at <= until)
            });
            return Ok(all);
        }
        let mut all = Vec::new();
        for id in self.delivery_ids.iter().take(MOST as usize) {
            let stored = work.find::<Notice, _>(*id).await?;
            if stored.record.status != NoticeStatus::Dead {
                let message = format!("the delivery {id} is {}", stored.record.status.name());
                return Err(Fault::wrong_state("NOT_DEAD", message)
                    .hint("only what was given up is sent again"));
            }
            if let Plan::Endpoint(endpoint) = stored.record.plan {
                // What goes to nobody would wait for ever.
                work.find::<Endpoint, _>(endpoint).await?;
            }
            all.push(stored);
        }
        Ok(all)
    }
}
