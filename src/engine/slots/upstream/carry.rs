//! The second half of what is sent to a slot service: sent once under its mark, looked for when
//! its answer is lost, and read back before it is told as done. Whoever asked carries it, but only
//! if no twin of theirs has; what they leave behind, dead or too late, the reconciler looks for,
//! and never sends.

use std::{ops::ControlFlow, sync::Arc, time::Duration};

use super::{
    errands::{ReadErrand, Step, TakeErrandStep, written},
    offers::{around, nearest},
    places::Place,
    unreached,
};
use crate::{
    domain::{
        ids::{BookingId, TenantId},
        slot::{
            booking::Status,
            span::Span,
            upstream::errand::{Errand, State, What, Wish},
        },
        tenant::caller::Caller,
        when::Instant,
    },
    engine::{
        core::{Core, Terms},
        fault::{Fault, FaultKind},
    },
    peers::upstream::slots::{Taken, Told},
    store::Lease,
};

/// How often whoever asked looks what became of it before they are told that nobody knows.
const LOOKS: u32 = 8;
/// How long between two such looks.
const PAUSE: Duration = Duration::from_millis(250);
/// How long whoever asked waits for all of these looks together, or for one list.
pub(super) const WAIT: Duration = Duration::from_secs(15);

/// Carries something on its way to its end, as far as that can be waited for; gives what stands
/// here for what came of it.
///
/// # Errors
/// When it was not done, or nobody knows.
pub async fn finished(core: &Core, tenant: &TenantId, errand: BookingId) -> Result<String, Fault> {
    let on = On {
        core,
        tenant,
        lease: None,
    };
    let mut errand = on.read(errand).await?;
    if errand.state == State::Kept {
        errand = on.carry(errand).await?;
    }
    let id = errand.id;
    let errand = match tokio::time::timeout(WAIT, on.looks(errand)).await {
        Ok(looked) => looked?,
        Err(_) => on.read(id).await?,
    };
    told(core, tenant, errand)
}

/// What came of it, for whoever asked.
fn told(core: &Core, tenant: &TenantId, errand: Errand) -> Result<String, Fault> {
    let place = core.desk().slot_services.of(tenant);
    let name = place.map_or("the slot service", |place| &*place.name);
    match errand.state {
        State::Done { object } => Ok(object),
        State::Refused { fault } => Err(serde_json::from_value(fault).map_err(Fault::broken)?),
        State::Kept => Err(unreached(name, "nobody sends it")),
        State::Left { .. } => Err(unanswered(name, "no answer came yet")),
        State::Lost { why, .. } => Err(unanswered(name, &why)),
    }
}

/// Nobody knows whether it was done.
fn unanswered(name: &str, why: &str) -> Fault {
    let message = format!(
        "nobody knows yet whether {name} has done it ({why}): it is looked for there, and not sent again"
    );
    Fault::new(FaultKind::Busy, "UPSTREAM_UNANSWERED", message)
        .hint("slots.desk and the list of bookings tell what became of it; look there before you ask again")
}

/// Who carries: whoever asked, or the reconciler under its lease.
pub(in crate::engine) struct On<'a> {
    /// The engine.
    pub core: &'a Core,
    /// Whose it is.
    pub tenant: &'a TenantId,
    /// The lease, where there is one.
    pub lease: Option<&'a Lease>,
}

impl On<'_> {
    pub(super) fn engine(&self) -> Caller {
        Caller::engine(self.tenant.clone())
    }

    pub(super) fn now(&self) -> Instant {
        self.core.clock().now()
    }

    /// Reads it.
    pub async fn read(&self, errand: BookingId) -> Result<Errand, Fault> {
        let read = self.core.ask(&self.engine(), ReadErrand { errand }).await?;
        Ok(read.errand)
    }

    /// Looks a few times what became of it.
    async fn looks(&self, mut errand: Errand) -> Result<Errand, Fault> {
        for _ in 0..LOOKS {
            errand = match &errand.state {
                State::Done { .. } | State::Refused { .. } => break,
                State::Lost { .. } => self.look_for(errand).await?,
                State::Left { .. } | State::Kept => self.read(errand.id).await?,
            };
            if errand.sent_at().is_some() {
                tokio::time::sleep(PAUSE).await;
            }
        }
        Ok(errand)
    }

    /// Takes a step; what is decided before anything was sent is taken only while that is so.
    async fn take(&self, errand: &Errand, step: Step) -> Result<Errand, Fault> {
        let take = TakeErrandStep {
            errand: errand.id,
            step,
            unsent: errand.sent_at().is_none(),
        };
        let lease = self.lease.map(|lease| Terms::under(lease.held.clone()));
        let terms = lease.unwrap_or_default();
        let answer = self.core.ask_on(&self.engine(), take, terms).await?;
        Ok(answer.output.errand)
    }

    /// Takes a step; where it has moved on meanwhile, gives where it is.
    pub(super) async fn step(&self, errand: &Errand, step: Step) -> Result<Errand, Fault> {
        match self.take(errand, step).await {
            Err(fault) if fault.code == "MOVED_ON" => self.read(errand.id).await,
            taken => taken,
        }
    }

    /// Lets it leave. Where it has moved on meanwhile, gives where it is: a twin carries it, and
    /// nothing is to be sent by whoever hears that.
    async fn leaves(&self, errand: &Errand) -> Result<ControlFlow<Errand, Errand>, Fault> {
        match self.take(errand, Step::Leaves).await {
            Ok(left) => Ok(ControlFlow::Continue(left)),
            Err(fault) if fault.code == "MOVED_ON" => {
                Ok(ControlFlow::Break(self.read(errand.id).await?))
            }
            Err(fault) => Err(fault),
        }
    }

    /// Refuses it, for a reason that is told whoever asked.
    pub async fn refuse(&self, errand: &Errand, fault: &Fault) -> Result<Errand, Fault> {
        self.step(errand, Step::Refused(written(fault))).await
    }

    pub(super) fn place(&self) -> Option<&Arc<Place>> {
        self.core.desk().slot_services.of(self.tenant)
    }

    /// Sends it, and sees what comes of it.
    async fn carry(&self, errand: Errand) -> Result<Errand, Fault> {
        let Some(place) = self.place() else {
            return self.refuse(&errand, &super::not_set_up()).await;
        };
        if let Some(why) = place.resting(self.now()) {
            return self.refuse(&errand, &unreached(&place.name, &why)).await;
        }
        match errand.what.clone() {
            What::Book(wish) => self.book(place, errand, &wish).await,
            What::Cancel { remote, .. } => self.cancel(place, errand, &remote).await,
            What::Resource { remote, fields, .. } => {
                let left = match self.leaves(&errand).await? {
                    ControlFlow::Continue(left) => left,
                    ControlFlow::Break(moved) => return Ok(moved),
                };
                let mark = errand.id.to_string();
                let id = remote.as_deref();
                let told = place.client.write_resource(id, &fields, &mark).await;
                match told {
                    Told::Done(id) => self.written(place, left, &id).await,
                    other => self.not_done(place, left, other).await,
                }
            }
        }
    }

    async fn book(&self, place: &Place, errand: Errand, wish: &Wish) -> Result<Errand, Fault> {
        let span = Span {
            start: wish.start,
            end: wish.end.max(wish.start + 60),
        };
        let free = match place.ask(&wish.remote, span, self.now()).await {
            Ok(free) => free,
            Err(away) => {
                let fault = unreached(&place.name, &away.why);
                return self.refuse(&errand, &fault).await;
            }
        };
        let mut free = free.into_iter();
        let offered = free.find(|slot| slot.start == wish.start && slot.remaining > 0);
        let Some(slot) = offered else {
            let taken = Taken {
                words: "that time is not free any more".to_owned(),
                ..Taken::default()
            };
            return self.taken(place, errand, (wish, taken)).await;
        };
        let left = match self.leaves(&errand).await? {
            ControlFlow::Continue(left) => left,
            ControlFlow::Break(moved) => return Ok(moved),
        };
        let mark = errand.id.to_string();
        let told = place.client.book(&slot.slot_id, &wish.guest, &mark).await;
        place.forget(&wish.remote);
        match told {
            Told::Done(answered) => {
                // What it answers is not what it keeps: that is read.
                let shown = place.client.booking(&answered.id).await;
                match shown {
                    Ok(Some(shown)) if shown.status == Status::Confirmed => {
                        let shown = Box::new(shown);
                        let step = Step::Booked {
                            shown,
                            found: false,
                        };
                        self.step(&left, step).await
                    }
                    Ok(Some(shown)) => {
                        let fault = not_applied(&place.name, "booked", shown.status.words());
                        self.refuse(&left, &fault).await
                    }
                    Ok(None) => {
                        let why = "it answered that it is booked, and does not show it";
                        self.step(&left, Step::Lost(why.to_owned())).await
                    }
                    Err(away) => {
                        let why = format!("it is not shown yet: {}", away.why);
                        self.step(&left, Step::Lost(why)).await
                    }
                }
            }
            Told::Taken(taken) => self.taken(place, left, (wish, taken)).await,
            other => self.not_done(place, left, other).await,
        }
    }

    /// Somebody else has it: tells what is free instead, as it says itself or as it is asked.
    async fn taken(
        &self,
        place: &Place,
        errand: Errand,
        (wish, taken): (&Wish, Taken),
    ) -> Result<Errand, Fault> {
        let now = self.now();
        let mut alternatives = taken.alternatives;
        if alternatives.is_empty() {
            let mut span = around(wish.start);
            span.start = span.start.max(now.timestamp());
            let free = place.ask(&wish.remote, span, now).await.unwrap_or_default();
            alternatives = nearest(&free, wish.start);
        }
        let (words, code) = (taken.words, taken.code);
        let step = Step::Taken {
            words,
            code,
            alternatives,
        };
        self.step(&errand, step).await
    }

    /// What else can come of something that was sent.
    async fn not_done<T: Send>(
        &self,
        place: &Place,
        errand: Errand,
        told: Told<T>,
    ) -> Result<Errand, Fault> {
        let name = &place.name;
        let fault = match told {
            Told::Done(_) => return Ok(errand),
            Told::Lost(why) => return self.step(&errand, Step::Lost(why)).await,
            Told::NotDone(away) => {
                place.heed(&away, self.now());
                let message = format!(
                    "{name} did not take it ({}); nothing was done there",
                    away.why
                );
                let fault = Fault::new(FaultKind::Busy, "UPSTREAM_UNREACHED", message)
                    .hint("ask again in a moment, under a new key: under this one it is over");
                match away.wait {
                    Some(wait) => fault.with("retry_after", wait.as_secs()),
                    None => fault,
                }
            }
            Told::Taken(taken) => {
                let code = taken.code.unwrap_or_else(|| "UPSTREAM_CONFLICT".to_owned());
                Fault::conflict(&code, format!("{name} says: {}", taken.words))
            }
            Told::Refused(404 | 405 | 501, why) if is_of_resource(&errand) => {
                let message = format!("{name} does not offer this: {why}");
                Fault::wrong_state("NOT_OFFERED", message)
            }
            Told::Refused(_, why) => {
                let message = format!("{name} refused it: {why}");
                Fault::wrong_state("UPSTREAM_REFUSED", message)
            }
        };
        self.refuse(&errand, &fault).await
    }

    async fn cancel(&self, place: &Place, errand: Errand, remote: &str) -> Result<Errand, Fault> {
        let left = match self.leaves(&errand).await? {
            ControlFlow::Continue(left) => left,
            ControlFlow::Break(moved) => return Ok(moved),
        };
        let told = place.client.cancel(remote).await;
        let absent = matches!(told, Told::Refused(404, _));
        if !(absent || matches!(told, Told::Done(()))) {
            return self.not_done(place, left, told).await;
        }
        match place.client.booking(remote).await {
            Ok(Some(shown)) if absent && shown.status == Status::Cancelled => {
                // Called off already: the mirror learns it, and whoever asked is told so.
                self.refuse(&left, &gone()).await
            }
            Ok(Some(shown)) if absent => {
                let fault = not_applied(&place.name, "unknown", shown.status.words());
                self.refuse(&left, &fault).await
            }
            Ok(Some(shown)) => {
                place.forget(&shown.resource);
                self.step(&left, Step::Cancelled(Box::new(shown))).await
            }
            Ok(None) if absent => self.refuse(&left, &gone()).await,
            Ok(None) => {
                let why = "it answered that it is called off, and does not show it";
                self.step(&left, Step::Lost(why.to_owned())).await
            }
            Err(away) => {
                let why = format!("what became of it is not shown yet: {}", away.why);
                self.step(&left, Step::Lost(why)).await
            }
        }
    }
}

/// Whether it is about what can be booked, which not every service lets others change.
fn is_of_resource(errand: &Errand) -> bool {
    matches!(errand.what, What::Resource { .. })
}

/// It was called off already.
fn gone() -> Fault {
    let message = "Booking not found: it was cancelled already";
    Fault::new(FaultKind::NotFound, "BOOKING_NOT_FOUND", message)
}

/// It says one thing and shows another.
fn not_applied(name: &str, said: &str, shown: &str) -> Fault {
    let message = format!("{name} answered that it is {said}, and shows it as {shown}");
    Fault::conflict("NOT_APPLIED", message).hint("look there; what is shown here follows it")
}
