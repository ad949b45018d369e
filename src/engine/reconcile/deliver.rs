//! Delivers what was written down for buyers: signed anew for each try, the same bytes every
//! time. What cannot be delivered is tried again ever more patiently, and given up after a day.

use async_trait::async_trait;

use super::{Next, Reconciler};
use crate::{
    domain::{
        ids::NoticeId,
        tenant::caller::Caller,
        webhook::{
            hook::Proof,
            legacy,
            notice::Notice,
            signature::{CONTENT_TYPE, SigningKey},
        },
        when::Instant,
    },
    engine::{
        core::{Core, Terms},
        fault::{Fault, FaultKind},
        webhooks::{
            DELIVER,
            deliver::{NoteDelivery, ReadNotice},
        },
    },
    peers::outside::{Call, NoReply, Outside, Reply},
    store::Lease,
};

/// How much of an answer is read.
const MOST: usize = 64 << 10;

/// Delivers what was written down for buyers.
pub struct Deliver {
    outside: Outside,
    key: SigningKey,
}

impl Deliver {
    /// Signs with this key.
    #[must_use]
    pub fn signing(key: SigningKey) -> Self {
        Self {
            outside: Outside::new(),
            key,
        }
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
        Proof::Signature => {
            let nonce = uuid::Uuid::new_v4().into_bytes();
            let url = notice.hook.url.parse().ok();
            if let Some(signed) = url.and_then(|url| key.sign(&url, body, at, nonce)) {
                headers.push(("content-digest", signed.digest));
                headers.push(("signature-input", signed.input));
                headers.push(("signature", signed.signature));
            }
        }
    }
    headers
}

#[async_trait]
impl Reconciler for Deliver {
    fn kind(&self) -> &'static str {
        DELIVER
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
        if let Some(next) = notice.next.filter(|next| *next > now) {
            return Ok(Next::At(next));
        }
        let (status, error, refused) = match self.send(&notice, found.sandbox, now).await {
            Ok(reply) if (200..300).contains(&reply.status) => (Some(reply.status), None, false),
            Ok(reply) => {
                let error = format!("it answered {}", reply.status);
                (Some(reply.status), Some(error), false)
            }
            Err(no) => {
                let refused = matches!(no, NoReply::Refused(_) | NoReply::Header(_));
                (None, Some(no.to_string()), refused)
            }
        };
        let note = NoteDelivery {
            notice_id,
            status,
            error,
            refused,
        };
        let terms = Terms::under(lease.held.clone());
        let noted = core.ask_on(&engine, note, terms).await?.output;
        Ok(noted.next.map_or(Next::Done, Next::At))
    }

    async fn give_up(&self, _: &Core, lease: &Lease, fault: &Fault) -> Result<(), Fault> {
        tracing::error!(webhook = lease.object, %fault, "a webhook is not delivered any more");
        Ok(())
    }
}
