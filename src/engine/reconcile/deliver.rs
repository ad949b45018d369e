//! Delivers what was written down for buyers: signed anew for each try, the same bytes every
//! time. What cannot be delivered is tried again ever more patiently, and given up after a day.

use std::sync::Arc;

use async_trait::async_trait;

use super::{GivenUp, Next, Reconciler};
use crate::{
    domain::{
        ids::NoticeId,
        notify::standard,
        tenant::caller::Caller,
        webhook::{
            hook::Proof,
            legacy,
            notice::Notice,
            signature::{CONTENT_TYPE, Profile, SigningKey},
        },
        when::{Instant, retry_after},
    },
    engine::{
        core::{Core, Terms},
        fault::{Fault, FaultKind},
        webhooks::{
            DELIVER,
            deliver::{NoteDelivery, ReadNotice},
        },
    },
    peers::outside::{Call, NoReply, Post, Reply},
    store::Lease,
};

/// How much of an answer is read.
const MOST: usize = 64 << 10;

/// Delivers what was written down for buyers.
pub struct Deliver {
    outside: Arc<dyn Post>,
    key: SigningKey,
}

impl Deliver {
    /// Signs with this key, and is carried so.
    #[must_use]
    pub fn signing(key: SigningKey, outside: Arc<dyn Post>) -> Self {
        Self { outside, key }
    }

    async fn send(&self, notice: &Notice, sandbox: bool, now: Instant) -> Result<Reply, NoReply> {
        let call = Call {
            url: &notice.hook.url,
            headers: headers(notice, &self.key, now),
            body: notice.body.clone().into_bytes(),
            sandbox,
            most: MOST,
        };
        self.outside.post(call).await
    }
}

/// What came of a call, as it is noted.
pub struct Outcome {
    /// The status of the answer, where there was one.
    pub status: Option<u16>,
    /// What went wrong.
    pub error: Option<String>,
    /// Whether it is never to be called.
    pub refused: bool,
    /// How long the receiver wants us to wait, in seconds.
    pub retry_after: Option<u32>,
}

impl Outcome {
    /// Reads what came of a call.
    #[must_use]
    pub fn of(called: Result<Reply, NoReply>, now: Instant) -> Self {
        match called {
            Ok(reply) => {
                let took = (200..300).contains(&reply.status);
                Self {
                    status: Some(reply.status),
                    error: (!took).then(|| format!("it answered {}", reply.status)),
                    refused: false,
                    retry_after: reply.retry_after.and_then(|said| seconds(&said, now)),
                }
            }
            Err(no) => Self {
                status: None,
                refused: matches!(no, NoReply::Refused(_) | NoReply::Header(_)),
                error: Some(no.to_string()),
                retry_after: None,
            },
        }
    }
}

/// How many seconds a receiver wants us to wait, by its words.
fn seconds(said: &str, now: Instant) -> Option<u32> {
    let wait = retry_after(said, now)?;
    Some(u32::try_from(wait.as_secs()).unwrap_or(u32::MAX))
}

/// What goes with a body so that its receiver knows that it is ours.
fn headers(notice: &Notice, key: &SigningKey, now: Instant) -> Vec<(&'static str, String)> {
    let mut headers = vec![("content-type", CONTENT_TYPE.to_owned())];
    let (at, body) = (now.timestamp(), notice.body.as_bytes());
    match &notice.hook.proof {
        Proof::Bearer(secret) => headers.push(("authorization", format!("Bearer {secret}"))),
        Proof::Hmac(secret) => {
            headers.push((legacy::TIMESTAMP, at.to_string()));
            if let Some(signature) = legacy::sign(secret, at, body) {
                headers.push((legacy::SIGNATURE, signature));
            }
        }
        Proof::Standard(secrets) => {
            let id = format!("msg_{}", uuid::Uuid::from(notice.id).simple());
            let signed = standard::sign(secrets, &id, at, body);
            headers.push((standard::ID, id));
            headers.push((standard::TIMESTAMP, at.to_string()));
            headers.push((standard::SIGNATURE, signed));
        }
        Proof::Nothing => {}
        Proof::Signature => headers.extend(signed(notice, (key, Profile::Adcp), at)),
        Proof::Message => headers.extend(signed(notice, (key, Profile::Plain), at)),
    }
    headers
}

/// The headers of a signature with our key.
fn signed(
    notice: &Notice,
    (key, profile): (&SigningKey, Profile),
    at: i64,
) -> Vec<(&'static str, String)> {
    let nonce = uuid::Uuid::new_v4().into_bytes();
    let url = notice.hook.url.parse().ok();
    let body = notice.body.as_bytes();
    let signed = url.and_then(|url| key.sign(profile, (&url, body), at, nonce));
    signed.map_or_else(Vec::new, |signed| {
        vec![
            ("content-digest", signed.digest),
            ("signature-input", signed.input),
            ("signature", signed.signature),
        ]
    })
}

#[async_trait]
impl Reconciler for Deliver {
    fn kind(&self) -> &'static str {
        DELIVER
    }

    fn waits(&self) -> bool {
        true
    }

    async fn run(&self, core: &Core, lease: &Lease) -> Result<Next, Fault> {
        let Ok(notice_id) = lease.object.parse::<NoticeId>() else {
            return Ok(Next::Done);
        };
        let engine = Caller::engine(lease.tenant.clone());
        let found = match core.ask(&engine, ReadNotice { notice_id }).await {
            Err(fault) if fault.kind == FaultKind::NotFound => return Ok(Next::Done),
            found => found?,
        };
        let now = core.clock().now();
        let Some(notice) = found.notice else {
            return Ok(Next::Done);
        };
        if let Some(why) = found.given_up {
            settle(core, lease, notice_id, why).await?;
            return Ok(Next::Done);
        }
        if let Some(next) = notice.next.filter(|next| *next > now) {
            return Ok(Next::At(next));
        }
        let outcome = Outcome::of(self.send(&notice, found.sandbox, now).await, now);
        let note = NoteDelivery {
            notice_id,
            status: outcome.status,
            error: outcome.error,
            refused: outcome.refused,
            retry_after: outcome.retry_after,
            given_up: false,
        };
        let terms = Terms::under(lease.held.clone());
        let noted = core.ask_on(&engine, note, terms).await?.output;
        Ok(noted.next.map_or(Next::Done, Next::At))
    }

    async fn give_up(&self, core: &Core, lease: &Lease, fault: &Fault) -> Result<GivenUp, Fault> {
        let Ok(notice_id) = lease.object.parse::<NoticeId>() else {
            return Ok(GivenUp::Over);
        };
        tracing::error!(webhook = lease.object, %fault, "a webhook is not delivered any more");
        match settle(core, lease, notice_id, fault.message.clone()).await {
            Err(fault) if fault.kind == FaultKind::NotFound => Ok(GivenUp::Over),
            settled => settled.map(|()| GivenUp::Over),
        }
    }
}

/// Writes down that something is not delivered any more, for a reason that is not the receiver's.
async fn settle(core: &Core, lease: &Lease, notice_id: NoticeId, why: String) -> Result<(), Fault> {
    let note = NoteDelivery {
        notice_id,
        status: None,
        error: Some(why),
        refused: false,
        retry_after: None,
        given_up: true,
    };
    let engine = Caller::engine(lease.tenant.clone());
    let terms = Terms::under(lease.held.clone());
    core.ask_on(&engine, note, terms).await.map(drop)
}
