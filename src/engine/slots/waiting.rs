//! Who waits for a slot that is taken: first come, first served, as far as the party fits. What
//! becomes free is held for them in the same commit, so nobody can come in between.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    book::check,
    days::Days,
    hold::{made, offer},
    judged, named, open, party, resource,
    upstream::not_offered,
    view::WaitingView,
};
use crate::{
    domain::{
        ids::{ResourceId, WaitingId},
        policy::Permission,
        slot::{
            guest::Guest,
            hold::Hold,
            resource::Resource,
            span::Span,
            waiting::{State, Waiting},
        },
        when::{Instant, stored},
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
    store::record::{Filter, Sort, Stored},
};

/// Under which name those who wait are told.
const WAITING: &str = "slot_waiting";
/// The most who wait for one resource, and are listed.
const MOST: u32 = 500;

/// Puts a guest on the list of those who wait.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WaitForSlot {
    /// For which slot, by its name in the availability.
    pub slot_id: String,
    /// Who waits.
    pub guest: Guest,
    /// How many come together; one where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party_size: Option<u32>,
}

/// Somebody who waits, as it is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Waits {
    /// Who.
    pub waiting: WaitingView,
}

/// Reads somebody who waits, or did.
pub(super) async fn find(work: &Work<'_>, id: WaitingId) -> Result<Stored<Waiting>, Fault> {
    work.find::<Waiting, _>(id).await
}

/// Notes what became of somebody who waits.
pub(super) async fn became(work: &mut Work<'_>, id: WaitingId, state: State) -> Result<(), Fault> {
    let was = find(work, id).await?;
    let now = Waiting {
        state,
        ..was.record.clone()
    };
    work.replace(&was, &now)
}

/// Whoever waits for what has not begun, first come first.
fn those_who_wait(work: &Work<'_>, resource: ResourceId) -> Filter {
    Filter {
        parent: Some(resource.to_string()),
        state: Some(State::Waiting.name().to_owned()),
        begins: Some((work.now(), Instant::MAX_UTC)),
        sort: Sort::Created,
        limit: MOST,
        ..Filter::default()
    }
}

/// Holds what has become free for those who wait for it, but for whoever has just let it pass.
pub(super) async fn serve(
    work: &mut Work<'_>,
    stored_resource: &Stored<Resource>,
    freed: Span,
    (days, passed): (&mut Days, Option<WaitingId>),
) -> Result<(), Fault> {
    let resource = &stored_resource.record;
    if !resource.is_active {
        return Ok(());
    }
    let filter = those_who_wait(work, resource.id);
    let (before, after) = resource.schedule.buffers();
    let freed = freed.padded(before + after, before + after);
    let now = work.now();
    for was in work.list::<Waiting>(&filter).await? {
        let waiting = &was.record;
        let span = waiting.span();
        if Some(waiting.id) == passed || !span.meets(freed) {
            continue;
        }
        days.reach(work, resource, span).await?;
        let taken = days.taken(now);
        if judged(work, resource, (span.start, waiting.seats), &taken).is_err() {
            continue;
        }
        let until = stored(now) + offer();
        let hold = made(work, resource, (span, waiting.seats), until);
        let hold = Hold {
            waiting: Some(waiting.id),
            by: waiting.guest.name(),
            ..hold
        };
        let offered = Waiting {
            state: State::Offered,
            hold: Some(hold.id),
            ..waiting.clone()
        };
        work.create(&hold)?;
        work.replace(&was, &offered)?;
        days.hold(span, waiting.seats, hold.id, until);
        let slot = named(
            &resource.card.name,
            resource.schedule.timezone,
            waiting.starts_at,
        );
        let said = format!("{slot}: held for whoever waited");
        work.tell(
            "slots.waitlist_offered",
            WAITING,
            waiting.id.to_string(),
            said,
        );
    }
    Ok(())
}

impl Operation for WaitForSlot {
    const NAME: &'static str = "slots.wait";
    const ABOUT: &'static str =
        "Put a guest on the list of those who wait for a slot that is taken.";
    const KIND: Kind = Kind::Command(Permission::ManageSlots);
    type Output = Waits;

    async fn perform(self, work: &mut Work<'_>) -> Result<Waits, Fault> {
        let seats = party(self.party_size)?;
        let problems = self.guest.problems();
        if !problems.is_empty() {
            return Err(Fault::invalid(problems));
        }
        let slot = open(work, &self.slot_id).await?;
        let stored_resource = resource(work, slot.resource).await?;
        let resource = &stored_resource.record;
        if resource.upstream.is_some() {
            let why = "it keeps no list of those who wait";
            let hint = "book another time, or look again later";
            return Err(not_offered(work, why, hint));
        }
        let days = Days::around(work, resource, &[slot.span()]).await?;
        match check(work, &stored_resource, (&slot, seats), &days).await {
            Ok(_) => {
                let message = "the slot is free: nobody has to wait for it";
                return Err(Fault::conflict("SLOT_FREE", message).hint("book it"));
            }
            Err(fault) if fault.code == "SLOT_TAKEN" => {}
            Err(fault) => return Err(fault),
        }
        if seats > resource.schedule.max_concurrent {
            let message = "so many never fit in at once";
            return Err(Fault::conflict("PARTY_TOO_LARGE", message));
        }
        let filter = those_who_wait(work, resource.id);
        if work.count::<Waiting>(&filter).await? >= i64::from(MOST) {
            let message = format!("{MOST} wait for this already");
            return Err(Fault::conflict("WAITLIST_FULL", message));
        }
        let span = slot.span();
        let waiting = Waiting {
            id: work.mint::<WaitingId>(),
            resource: resource.id,
            state: State::Waiting,
            starts_at: span.starts_at(),
            ends_at: span.ends_at(),
            seats,
            guest: self.guest,
            since: stored(work.now()),
            hold: None,
        };
        work.create(&waiting)?;
        // Whoever makes room meanwhile must see that somebody waits.
        days.keep(work)?;
        let zone = resource.schedule.timezone;
        let said = named(&resource.card.name, zone, waiting.starts_at);
        work.tell("slots.waiting", WAITING, waiting.id.to_string(), said);
        Ok(Waits {
            waiting: WaitingView::of(&waiting, zone),
        })
    }
}

/// Takes a guest off the list of those who wait.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StopWaiting {
    /// Who.
    pub waiting_id: WaitingId,
}

impl Operation for StopWaiting {
    const NAME: &'static str = "slots.stop_waiting";
    const ABOUT: &'static str = "Take a guest off the list of those who wait.";
    const KIND: Kind = Kind::Command(Permission::ManageSlots);
    type Output = Waits;

    async fn perform(self, work: &mut Work<'_>) -> Result<Waits, Fault> {
        let was = find(work, self.waiting_id).await?;
        let of = resource(work, was.record.resource).await?.record;
        let zone = of.schedule.timezone;
        if was.record.state != State::Waiting {
            let message = format!("whoever waited is {} by now", was.record.state.name());
            let hint = "give the hold back, if there is one";
            return Err(Fault::wrong_state("INVALID_TRANSITION", message).hint(hint));
        }
        let waiting = Waiting {
            state: State::Gone,
            ..was.record.clone()
        };
        work.replace(&was, &waiting)?;
        let said = named(&of.card.name, zone, waiting.starts_at);
        let id = waiting.id.to_string();
        work.tell("slots.stopped_waiting", WAITING, id, said);
        Ok(Waits {
            waiting: WaitingView::of(&waiting, zone),
        })
    }
}

/// Lists who waits.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListWaiting {
    /// For what.
    pub resource_id: ResourceId,
}

/// Those who wait, whoever came first first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WaitingList {
    /// Who.
    pub data: Vec<WaitingView>,
}

impl Operation for ListWaiting {
    const NAME: &'static str = "slots.waiting";
    const ABOUT: &'static str = "List who waits for slots of a resource, first come first.";
    const KIND: Kind = Kind::Query(Permission::ReadSlots);
    type Output = WaitingList;

    async fn perform(self, work: &mut Work<'_>) -> Result<WaitingList, Fault> {
        let of = resource(work, self.resource_id).await?;
        let zone = of.record.schedule.timezone;
        let filter = those_who_wait(work, self.resource_id);
        let found = work.list::<Waiting>(&filter).await?;
        let shown = found.iter().map(|one| WaitingView::of(&one.record, zone));
        Ok(WaitingList {
            data: shown.collect(),
        })
    }
}
