//! What a key that the asker minted is worth: the first answer again for the same request, a
//! refusal for another, a moment of patience for a twin that is still being answered. Refuses
//! to keep failures.

use std::time::Duration;

use super::{
    Answer, Clock as _, Core,
    deed::{Deed, Output},
};
use crate::{
    domain::{adcp::error::Code, ids::TenantId, tenant::caller::Caller, text, when::Instant},
    engine::{
        fault::{Fault, FaultKind},
        flights::{Boarding, Seat},
    },
    store::batch::{Remember, Remembered},
};

/// The longest idempotency key.
const LONGEST_KEY: usize = 255;
/// How far the clocks of two sides may differ.
const SKEW: Duration = Duration::from_mins(1);
/// How long a request waits for its twin.
const TWIN: Duration = Duration::from_secs(30);

/// What a key stands for, where the asker's own request says it.
#[derive(Debug, Clone)]
pub struct Payload {
    /// On behalf of which account: keys of one tell nothing of another's.
    pub scope: String,
    /// The digest of the request as it was sent.
    pub digest: String,
    /// For how long the answer is given again; afterwards the key is refused.
    pub replay: Duration,
}

/// What was found under a key.
pub(super) enum Recalled<'a> {
    /// It was answered before.
    Answer(Answer<Output>),
    /// It is new.
    Fresh(Asked<'a>),
}

/// A question under a key.
pub(super) struct Asked<'a> {
    caller: String,
    key: String,
    digest: String,
    replay: Option<Duration>,
    /// Held until the answer is committed.
    seat: Option<Seat<'a>>,
}

impl Asked<'_> {
    /// The answer, as it is to be kept.
    pub(super) fn remember(&self, deed: &dyn Deed, output: &Output) -> Result<Remember, Fault> {
        Ok(Remember {
            caller: self.caller.clone(),
            key: self.key.clone(),
            operation: deed.name(),
            digest: self.digest.clone(),
            answer: deed.kept(output)?,
        })
    }
}

impl Core {
    /// Looks whether a key was answered before, once nobody is answering under it.
    pub(super) async fn recall(
        &self,
        caller: &Caller,
        deed: &dyn Deed,
        key: &str,
        payload: Option<&Payload>,
    ) -> Result<Recalled<'_>, Fault> {
        check_key(key)?;
        let kept_as = caller.keeps_as();
        let mut asked = Asked {
            caller: payload.map_or_else(
                || kept_as.to_string(),
                |payload| format!("~#{}#{kept_as}", payload.scope),
            ),
            key: key.to_owned(),
            digest: match payload {
                Some(payload) => payload.digest.clone(),
                None => deed.digest()?,
            },
            replay: payload.map(|payload| payload.replay),
            seat: None,
        };
        if payload.is_some() {
            asked.seat = Some(self.seat(&caller.tenant, &asked).await?);
        }
        let now = self.0.clock.now();
        let kept = self.0.store.recall(&caller.tenant, &asked.caller, key);
        if let Some(kept) = kept.await? {
            return replay(&kept, deed, Some(&asked), now).map(Recalled::Answer);
        }
        if payload.is_some() {
            let who = format!("{}/{}", caller.tenant, asked.caller);
            self.0.flights.mint(&who, now).map_err(|after| {
                Fault::adcp(Code::RateLimited, "too many new idempotency keys at once")
                    .with("retry_after", after)
            })?;
        }
        Ok(Recalled::Fresh(asked))
    }

    /// What has been answered under a key since it was found to be new.
    pub(super) async fn answered(
        &self,
        caller: &Caller,
        deed: &dyn Deed,
        asked: Option<&Asked<'_>>,
    ) -> Result<Option<Answer<Output>>, Fault> {
        let Some(asked) = asked else {
            return Ok(None);
        };
        let store = &self.0.store;
        let kept = store.recall(&caller.tenant, &asked.caller, &asked.key);
        let Some(kept) = kept.await? else {
            return Ok(None);
        };
        replay(&kept, deed, Some(asked), self.0.clock.now()).map(Some)
    }

    /// Takes a key for as long as it is being answered; waits for the same request, and
    /// refuses another.
    async fn seat(&self, tenant: &TenantId, asked: &Asked<'_>) -> Result<Seat<'_>, Fault> {
        let name = format!("{tenant}/{}/{}", asked.caller, asked.key);
        loop {
            match self.0.flights.board(&name, &asked.digest) {
                Boarding::First(seat) => return Ok(seat),
                Boarding::Other => return Err(reused()),
                Boarding::Twin(mut landed) => {
                    let waited = tokio::time::timeout(TWIN, landed.changed()).await;
                    waited
                        .map_err(|_| {
                            let message = "the same request is still being answered";
                            Fault::adcp(Code::ServiceUnavailable, message)
                        })?
                        .unwrap_or_default();
                }
            }
        }
    }
}

/// Refuses keys that nobody would mint.
pub(super) fn check_key(key: &str) -> Result<(), Fault> {
    let fits = (1..=LONGEST_KEY).contains(&key.len()) && key.bytes().all(|c| c.is_ascii_graphic());
    if fits {
        return Ok(());
    }
    let message = format!("the idempotency key is not 1 to {LONGEST_KEY} visible ASCII characters");
    Err(
        Fault::new(FaultKind::Malformed, "INVALID_IDEMPOTENCY_KEY", message)
            .hint("use a fresh UUID for each new request"),
    )
}

/// The answer that is kept, if it is the answer to this.
pub(super) fn replay(
    kept: &Remembered,
    deed: &dyn Deed,
    asked: Option<&Asked<'_>>,
    now: Instant,
) -> Result<Answer<Output>, Fault> {
    let digest = asked.map_or("", |asked| &asked.digest);
    if kept.operation != deed.name() || kept.digest != digest {
        return Err(reused().with("operation", text::echo(&kept.operation)));
    }
    let age = (now - kept.at).to_std().unwrap_or_default();
    let replay = asked.and_then(|asked| asked.replay);
    if replay.is_some_and(|replay| age > replay + SKEW) {
        let message = "the answer to this idempotency_key is no longer kept";
        return Err(Fault::adcp(Code::IdempotencyExpired, message));
    }
    let output = deed.recalled(&kept.answer)?;
    Ok(Answer {
        output,
        replayed: true,
    })
}

fn reused() -> Fault {
    let message = "this idempotency key was used before, for another request";
    Fault::new(
        FaultKind::KeyReused,
        Code::IdempotencyConflict.name(),
        message,
    )
    .hint("use a fresh key for each new request; repeat the same request to get its answer again")
}
