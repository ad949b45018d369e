//! Speaks to the Slack channels of a tenant: one message a second at most, with everything that
//! waits in it. What Slack does not take is tried again when it says, and given up in the end.

use async_trait::async_trait;

use super::{GivenUp, Next, Reconciler, deliver::Outcome};
use crate::{
    domain::{notify::slack::Channel, tenant::caller::Caller},
    engine::{
        core::{Core, Terms},
        fault::Fault,
        notify::{
            SLACK,
            slack::{NextForSlack, NoteSlack},
        },
    },
    peers::outside::{Call, Outside, Post as _},
    store::Lease,
};

/// How much of an answer is read.
const MOST: usize = 4 << 10;

/// Speaks to Slack.
pub struct SpeakToSlack(Outside);

impl SpeakToSlack {
    /// Gets ready to call.
    #[must_use]
    pub fn new() -> Self {
        Self(Outside::new())
    }
}

impl Default for SpeakToSlack {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Reconciler for SpeakToSlack {
    fn kind(&self) -> &'static str {
        SLACK
    }

    fn waits(&self) -> bool {
        true
    }

    async fn run(&self, core: &Core, lease: &Lease) -> Result<Next, Fault> {
        let Some(channel) = Channel::read(&lease.object) else {
            return Ok(Next::Done);
        };
        let engine = Caller::engine(lease.tenant.clone());
        let found = core.ask(&engine, NextForSlack { channel }).await?;
        let Some(url) = found.url else {
            return Ok(found.next.map_or(Next::Done, Next::At));
        };
        let call = Call {
            url: url.reveal(),
            headers: vec![("content-type", "application/json".to_owned())],
            body: found.body.into_bytes(),
            sandbox: found.sandbox,
            most: MOST,
        };
        let outcome = Outcome::of(self.0.post(call).await, core.clock().now());
        let note = NoteSlack {
            channel,
            notices: found.notices,
            address: NoteSlack::digest(url.reveal()),
            status: outcome.status,
            error: outcome.error,
            refused: outcome.refused,
            retry_after: outcome.retry_after,
        };
        let terms = Terms::under(lease.held.clone());
        let due = core.ask_on(&engine, note, terms).await?.output;
        Ok(due.at.map_or(Next::Done, Next::At))
    }

    async fn give_up(&self, _: &Core, lease: &Lease, fault: &Fault) -> Result<GivenUp, Fault> {
        tracing::error!(tenant = %lease.tenant, %fault, "Slack is not told what happens for a while");
        Ok(GivenUp::Rests)
    }
}
