//! The one door. Permission, tenant, idempotency key, transaction, audit line, span and
//! events live here and nowhere else; every surface and every reconciler comes through.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time,
};

use tokio::sync::broadcast;
use tracing::Instrument as _;

use super::{
    answers::Answers,
    clock::{Clock, Turnable},
    desk::Desk,
    discovery::shelf::Shelves,
    events::{BACKLOG, Event, Noticed},
    fault::{Fault, FaultKind},
    flights::Flights,
    front::Front,
    memo::Memo,
    operation::{Kind, Operation},
    pokes::{Lane, Pokes},
    question,
    queues::{Queues, pause},
    work::{About, Work},
};
use crate::{
    domain::{
        audit::Outcome,
        ids::TenantId,
        tenant::{caller::Caller, role::Role},
        when::Instant,
    },
    store::{
        Shared,
        batch::{Batch, CommitError, Happening, Held},
        record::Record as _,
        records::Hands,
    },
};

mod deed;
mod ground;
mod keys;
mod others;
mod trail;

use deed::{Deed, Output, typed};
pub use keys::Payload;
use keys::{Recalled, check_key, replay};
use others::Own;
use trail::entry;

/// The kind under which the house tells what happened to tenants and keys.
pub(in crate::engine) const DOORS: &str = "directory";

/// How often a command is performed again because something that it read has changed.
const TRIES: u32 = 24;

/// The engine: a store, a clock, a set-up, and whoever watches.
#[derive(Clone)]
pub struct Core(Arc<Inner>);

struct Inner {
    store: Shared,
    clock: Turnable,
    desk: Desk,
    memo: Memo,
    answers: Answers,
    shelves: Shelves,
    flights: Flights,
    front: Front,
    queues: Queues,
    events: broadcast::Sender<Noticed>,
    own: Own,
    pokes: Pokes,
    doors: AtomicU64,
}

/// How something is asked, beside what is asked.
#[derive(Debug, Clone, Default)]
pub struct Terms {
    /// Minted once by the asker; asking again with it gets the first answer again.
    pub key: Option<String>,
    /// The lease under which a reconciler asks.
    pub held: Option<Held>,
    /// What the key stands for, where it is not the operation alone.
    pub payload: Option<Payload>,
}

impl Terms {
    /// With an idempotency key.
    #[must_use]
    pub fn keyed(key: impl Into<String>) -> Self {
        Self {
            key: Some(key.into()),
            ..Self::default()
        }
    }

    /// Under a lease.
    #[must_use]
    pub fn under(held: Held) -> Self {
        Self {
            held: Some(held),
            ..Self::default()
        }
    }

    /// Stands for a request as it was sent.
    #[must_use]
    pub fn for_payload(mut self, payload: Payload) -> Self {
        self.payload = Some(payload);
        self
    }
}

/// An answer, and whether it was given before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer<T> {
    /// What was answered.
    pub output: T,
    /// Whether it was kept from the first time that this was asked.
    pub replayed: bool,
}

impl Core {
    /// Joins the parts.
    #[must_use]
    pub fn new(store: Shared, clock: Arc<dyn Clock>, desk: Desk) -> Self {
        let (events, _) = broadcast::channel(BACKLOG);
        Self(Arc::new(Inner {
            store,
            clock: Turnable::new(clock),
            memo: Memo::new(desk.keeps),
            desk,
            answers: Answers::default(),
            shelves: Shelves::default(),
            flights: Flights::default(),
            front: Front::default(),
            queues: Queues::default(),
            events,
            own: Own::default(),
            pokes: Pokes::default(),
            doors: AtomicU64::new(0),
        }))
    }

    /// The clock that everything here goes by.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        &self.0.clock
    }

    /// Turns the clock as far forward as all tenants together have said.
    pub(super) async fn follow_hands(&self) -> Result<(), Fault> {
        let mut ahead = 0_i64;
        for (tenant, ..) in self.0.store.heads().await? {
            if let Some(row) = self.0.store.get(&tenant, Hands::KIND, Hands::ID).await? {
                let hands: Hands = serde_json::from_str(&row.body).map_err(Fault::broken)?;
                ahead = ahead.saturating_add(hands.ahead);
            }
        }
        self.0.clock.reach(ahead);
        Ok(())
    }

    /// What the engine was set up with.
    #[must_use]
    pub fn desk(&self) -> &Desk {
        &self.0.desk
    }

    /// Watches what happens, of all tenants: for surfaces that filter by tenant themselves.
    #[must_use]
    pub fn watch(&self) -> broadcast::Receiver<Noticed> {
        self.0.events.subscribe()
    }

    pub(super) fn answers(&self) -> &Answers {
        &self.0.answers
    }

    pub(super) fn store(&self) -> &Shared {
        &self.0.store
    }

    /// Says in which lane these kinds of background work are done; all others are our own.
    pub(super) fn waits_for(&self, kinds: impl Iterator<Item = &'static str>) {
        self.0.pokes.waits_for(kinds);
    }

    /// Waits until a command has started background work of a lane.
    pub(super) async fn poked(&self, lane: Lane) {
        self.0.pokes.wait(lane).await;
    }

    /// Asks, and gives the answer alone.
    ///
    /// # Errors
    /// With the fault, when it was not done.
    pub async fn ask<O: Operation>(
        &self,
        caller: &Caller,
        operation: O,
    ) -> Result<O::Output, Fault> {
        self.ask_on(caller, operation, Terms::default())
            .await
            .map(|answer| answer.output)
    }

    /// Asks on terms.
    ///
    /// # Errors
    /// With the fault, when it was not done.
    pub async fn ask_on<O: Operation>(
        &self,
        caller: &Caller,
        operation: O,
        terms: Terms,
    ) -> Result<Answer<O::Output>, Fault> {
        typed(self.through(caller, &operation, terms).await?)
    }

    /// Asks with a question in JSON, and answers in JSON.
    pub(super) fn ask_json<O: Operation>(
        self,
        caller: Caller,
        question: &[u8],
        terms: Terms,
    ) -> impl Future<Output = Result<Answer<String>, Fault>> + Send + use<O> {
        let read = question::read::<O>(question).map(|deed| Box::new(deed) as Box<dyn Deed>);
        self.ask_read((O::NAME, O::KIND), caller, read, terms)
    }

    async fn ask_read(
        self,
        (name, kind): (&'static str, Kind),
        caller: Caller,
        read: Result<Box<dyn Deed>, Fault>,
        terms: Terms,
    ) -> Result<Answer<String>, Fault> {
        let deed = match read {
            Ok(deed) => deed,
            Err(fault) => {
                if kind.is_command() {
                    self.refuse(&caller, name, &fault).await;
                }
                return Err(fault);
            }
        };
        let Answer { output, replayed } = self.through(&caller, &*deed, terms).await?;
        Ok(Answer {
            output: deed.written(&output)?,
            replayed,
        })
    }

    /// The way through the door, with a light on it.
    async fn through(
        &self,
        caller: &Caller,
        deed: &dyn Deed,
        terms: Terms,
    ) -> Result<Answer<Output>, Fault> {
        let (span, since) = seen(deed.name(), caller);
        let admitted = Box::pin(self.admit(caller, deed, terms));
        let result = admitted.instrument(span).await;
        count(deed.name(), since, result.as_ref().err());
        result
    }

    async fn admit(
        &self,
        caller: &Caller,
        deed: &dyn Deed,
        terms: Terms,
    ) -> Result<Answer<Output>, Fault> {
        let allowed = check_permission(caller, deed.kind(), deed.for_all());
        if !deed.kind().is_command() {
            allowed?;
            if let Some(key) = &terms.key {
                check_key(key)?;
            }
            let mut work = self.work(caller);
            let output = deed.perform(&mut work).await?;
            return Ok(Answer {
                output,
                replayed: false,
            });
        }
        let result = match allowed {
            Ok(()) => {
                let _place = match terms.held {
                    Some(_) => {
                        self.0.front.give_way().await;
                        None
                    }
                    None => (caller.role != Role::Engine).then(|| self.0.front.stand()),
                };
                let _turn = self.0.queues.turn(&caller.tenant, deed.queue()).await;
                self.command(caller, deed, &terms).await
            }
            Err(fault) => Err((fault, None)),
        };
        let result = match result {
            Ok(Answer { output, replayed }) => {
                let finished = deed.finished(self, caller, output).await;
                finished
                    .map(|output| Answer { output, replayed })
                    .map_err(|fault| (fault, None))
            }
            refused => refused,
        };
        match result {
            Ok(answer) => Ok(answer),
            Err((fault, about)) => {
                self.write_down(caller, deed.name(), about, &fault).await;
                Err(fault)
            }
        }
    }

    pub(super) fn work<'a>(&'a self, caller: &'a Caller) -> Work<'a> {
        Work::new(
            (&*self.0.store, &self.0.memo, &self.0.shelves),
            &self.0.desk,
            caller,
            self.0.clock.now(),
        )
    }

    async fn command(
        &self,
        caller: &Caller,
        deed: &dyn Deed,
        terms: &Terms,
    ) -> Result<Answer<Output>, (Fault, Option<About>)> {
        let bare = |fault: Fault| (fault, None);
        let asked = match &terms.key {
            None => None,
            Some(key) => match self
                .recall(caller, deed, key, terms.payload.as_ref())
                .await
                .map_err(bare)?
            {
                Recalled::Answer(answer) => return Ok(answer),
                Recalled::Fresh(asked) => Some(asked),
            },
        };
        for attempt in 1..=TRIES {
            let mut work = self.work(caller);
            let performed = deed.perform(&mut work).await;
            let (mut batch, about) = (work.batch, work.about);
            let output = match performed {
                Ok(output) => output,
                Err(fault) => {
                    // Perhaps a twin has done it between our first look and the second.
                    let twin = self.answered(caller, deed, asked.as_ref()).await;
                    return twin.map_err(bare)?.ok_or((fault, about));
                }
            };
            batch.remember = asked
                .as_ref()
                .map(|asked| asked.remember(deed, &output))
                .transpose()
                .map_err(bare)?;
            batch.held.clone_from(&terms.held);
            let key = terms.key.as_deref();
            batch.audit = Some(entry(
                caller,
                batch.at,
                deed.name(),
                about.clone(),
                Outcome::Done,
                key,
            ));
            match self.commit(caller, batch).await {
                Ok(()) => {
                    return Ok(Answer {
                        output,
                        replayed: false,
                    });
                }
                Err(CommitError::Remembered(kept)) => {
                    let now = self.0.clock.now();
                    return replay(&kept, deed, asked.as_ref(), now).map_err(bare);
                }
                Err(CommitError::Stale { .. } | CommitError::Exhausted { .. }) => {
                    pause(attempt).await;
                }
                Err(CommitError::LeaseLost) => {
                    let message = "another node has taken this work over";
                    return Err(bare(Fault::conflict("LEASE_LOST", message)));
                }
                Err(CommitError::Forgotten(_)) => return Err(bare(gone(caller))),
                Err(CommitError::Store(error)) => return Err((error.into(), about)),
            }
        }
        let message = "too many others are changing the same thing; ask again in a moment";
        Err(bare(Fault::new(FaultKind::Busy, "BUSY", message)))
    }

    async fn commit(&self, caller: &Caller, batch: Batch) -> Result<(), CommitError> {
        let happenings = batch.happenings.clone();
        let beside = batch.beside.iter();
        let beside = beside.map(|other| (other.tenant.clone(), other.happenings.clone()));
        let mut beside: HashMap<_, _> = beside.collect();
        let at = batch.at;
        let woken: Vec<&str> = batch.wakes.iter().map(|wake| wake.kind).collect();
        let committed = self.0.store.commit(batch).await?;
        self.announce(at, &caller.tenant, committed.first_event, happenings);
        for (tenant, first) in committed.beside {
            let happenings = beside.remove(&tenant).unwrap_or_default();
            self.announce(at, &tenant, first, happenings);
        }
        self.0.pokes.poke(woken.into_iter());
        Ok(())
    }

    /// Tells whoever watches here.
    fn announce(&self, at: Instant, tenant: &TenantId, first: i64, happenings: Vec<Happening>) {
        self.0.own.note(tenant, first, happenings.len());
        for (seq, happening) in (first..).zip(happenings) {
            let event = Event {
                seq,
                at,
                event: happening.name.into(),
                kind: happening.kind.into(),
                object: happening.object,
                detail: happening.detail,
            };
            self.tell(tenant, event);
        }
    }

    /// How often this process has changed whom a key lets in: whoever remembers keys asks anew
    /// when it has.
    #[must_use]
    pub fn doors(&self) -> u64 {
        self.0.doors.load(Ordering::Acquire)
    }
}

/// What is said of a tenant that was deleted meanwhile.
fn gone(caller: &Caller) -> Fault {
    Fault::absent("tenant", caller.tenant.as_str())
}

/// Where it is shown what was asked, and since when.
pub(super) fn seen(operation: &'static str, caller: &Caller) -> (tracing::Span, time::Instant) {
    let span =
        tracing::info_span!("ask", operation, tenant = %caller.tenant, caller = %caller.name);
    (span, time::Instant::now())
}

/// Counts how long an answer took and what became of it.
pub(super) fn count(operation: &'static str, since: time::Instant, fault: Option<&Fault>) {
    let outcome = fault.map_or("done", |fault| outcome_of(fault).name());
    metrics::histogram!("flightdeck_operation_seconds", "operation" => operation, "outcome" => outcome)
        .record(since.elapsed());
}

/// Refuses whoever may not ask this.
pub(super) fn check_permission(caller: &Caller, kind: Kind, for_all: bool) -> Result<(), Fault> {
    let permission = kind.permission();
    if for_all || caller.may(permission) {
        return Ok(());
    }
    Err(Fault::forbidden(caller, permission))
}

fn outcome_of(fault: &Fault) -> Outcome {
    match fault.kind {
        FaultKind::Broken | FaultKind::Busy | FaultKind::Storage => Outcome::Failed,
        _ => Outcome::Refused,
    }
}
