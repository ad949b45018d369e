//! Tells what was sent to buyers, what waits, and what was given up, without secrets: neither
//! the body nor more of an address than its host.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        ids::{EndpointId, NoticeId},
        policy::Permission,
        webhook::notice::{Notice, NoticeStatus, Tried},
        when::Instant,
    },
    engine::{
        fault::Fault,
        media_buys::only_of,
        operation::{Kind, Operation},
        work::Work,
    },
    store::record::Filter,
};

/// How many are listed at most.
const MOST: u32 = 500;

/// Lists what was sent to buyers.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ListNotices {
    /// Only in this state.
    pub status: Option<NoticeStatus>,
    /// Only about this task or media buy.
    pub about: Option<String>,
    /// Only to this endpoint of the publisher's.
    pub endpoint_id: Option<EndpointId>,
    /// At most so many; 500 where it is not said and at most.
    pub limit: Option<u32>,
}

/// Something that was sent, or is to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NoticeView {
    /// Its id.
    pub id: NoticeId,
    /// Who wanted it.
    pub owner: String,
    /// What it is about.
    pub about: String,
    /// What happened.
    pub what: String,
    /// The host that it goes to.
    pub host: String,
    /// Where it stands.
    pub status: NoticeStatus,
    /// How often it was tried.
    pub tries: u32,
    /// What came of the last try.
    pub last: Option<Tried>,
    /// When it is tried next.
    pub next: Option<Instant>,
    /// Since when it is there.
    pub created_at: Instant,
}

/// What was sent, or is to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Notices {
    /// The newest first; 500 at most.
    pub webhooks: Vec<NoticeView>,
}

impl Operation for ListNotices {
    const NAME: &'static str = "webhooks.list";
    const ABOUT: &'static str = "List what was sent to others, what waits and what was given up.";
    const KIND: Kind = Kind::Query(Permission::ReadBuys);
    type Output = Notices;

    async fn perform(self, work: &mut Work<'_>) -> Result<Notices, Fault> {
        let filter = Filter {
            parent: match (only_of(work.caller()), self.endpoint_id) {
                (Some(own), _) => Some(own.to_owned()),
                (None, Some(id)) => Some(format!("endpoint/{id}")),
                (None, None) => None,
            },
            state: self.status.map(|status| status.name().to_owned()),
            search: self.about.as_deref().map(crate::store::record::fold),
            descending: true,
            limit: self.limit.unwrap_or(MOST).min(MOST),
            ..Filter::default()
        };
        let found = work.list::<Notice>(&filter).await?;
        let view = |one: crate::store::record::Stored<Notice>| {
            let Notice {
                id,
                owner,
                about,
                what,
                hook,
                status,
                tries,
                last,
                next,
                ..
            } = one.record;
            let host = url::Url::parse(&hook.url).ok();
            let host = host.as_ref().and_then(|url| url.host_str());
            NoticeView {
                id,
                owner,
                about,
                what,
                host: host.unwrap_or_default().to_owned(),
                status,
                tries,
                last,
                next,
                created_at: one.created_at,
            }
        };
        Ok(Notices {
            webhooks: found.into_iter().map(view).collect(),
        })
    }
}
