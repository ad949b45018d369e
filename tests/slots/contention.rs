//! Many want the same: from many tasks, and from two nodes on one database. Whoever gets it gets
//! it once. `FLIGHTDECK_FAULTS=10000` makes it ten thousand slots.

use std::{env, sync::Arc};

use flightdeck::{
    domain::{
        slot::booking::Booking,
        tenant::{caller::Caller, role::Role},
    },
    engine::{
        core::Core,
        fault::Fault,
        slots::{availability::ListSlots, book::BookSlot, bookings::ListBookings},
    },
    store::{
        batch::{Batch, Put},
        open::Database,
        record::{Filter, Record as _},
    },
};
use serde_json::json;

use crate::{house::House, postgres};

/// How many want each slot.
const CONTENDERS: usize = 4;

fn boss() -> Caller {
    Caller::new("boss", "main".parse().expect("a tenant"), Role::Admin)
}

/// How many slots are fought over; fewer where nobody asked for a long run.
fn wanted(usual: usize) -> usize {
    let Ok(text) = env::var("FLIGHTDECK_FAULTS") else {
        return usual;
    };
    let count = text.split(':').next().unwrap_or_default();
    count
        .parse()
        .expect("FLIGHTDECK_FAULTS is COUNT or COUNT:SEED")
}

async fn names(house: &House, id: &str, count: usize) -> Vec<String> {
    let list = ListSlots {
        resource_id: id.parse().expect("an id"),
        from: Some("2026-06-16".to_owned()),
        to: Some("2027-06-10".to_owned()),
        include_full: false,
        party_size: None,
    };
    let list = house.core.ask(&boss(), list).await.expect("slots");
    assert!(list.data.len() >= count, "{} slots", list.data.len());
    list.data
        .into_iter()
        .take(count)
        .map(|slot| slot.slot_id)
        .collect()
}

async fn book(core: &Core, slot_id: &str, number: usize) -> Result<(), Fault> {
    let ask: BookSlot = serde_json::from_value(json!({
        "slotId": slot_id, "firstName": "Guest", "lastName": format!("{number}"),
        "email": format!("guest-{number}@example.com"),
    }))
    .expect("a question");
    core.ask(&boss(), ask).await.map(drop)
}

/// Has every slot asked for by all contenders at once, at these doors in turn. Gives how often
/// each was had.
async fn fight(doors: &[Core], names: Vec<String>) -> Vec<usize> {
    let mut won = Vec::with_capacity(names.len());
    for name in names {
        let name = Arc::new(name);
        let contenders = (0..CONTENDERS).map(|number| {
            let (core, name) = (doors[number % doors.len()].clone(), Arc::clone(&name));
            tokio::spawn(async move { book(&core, &name, number).await })
        });
        let mut winners = 0;
        for contender in contenders.collect::<Vec<_>>() {
            match contender.await.expect("no panic") {
                Ok(()) => winners += 1,
                Err(fault) => assert_eq!(fault.code, "SLOT_TAKEN", "{fault}"),
            }
        }
        won.push(winners);
    }
    won
}

async fn each_is_had_once(first: &House, doors: &[Core], count: usize) {
    for (seats, expected) in [(1, 1), (3, 3), (9, CONTENDERS)] {
        let day = json!([{"open": "00:00", "close": "24:00"}]);
        let hours = json!({"mon": day, "tue": day, "wed": day, "thu": day, "fri": day, "sat": day, "sun": day});
        let id = first
            .resource(&json!({
                "maxConcurrent": seats, "defaultDurationMinutes": 30, "operatingHours": hours,
            }))
            .await;
        let count = if seats == 1 { count } else { count / 10 };
        let names = names(first, &id, count).await;
        let won = fight(doors, names).await;
        assert!(
            won.iter().all(|times| *times == expected),
            "{seats} seats: {won:?}"
        );
        let list = ListBookings {
            resource_id: Some(id.parse().expect("an id")),
            limit: Some(1),
            ..ListBookings::default()
        };
        let kept = first.core.ask(&boss(), list).await.expect("bookings");
        assert_eq!(
            usize::try_from(kept.total),
            Ok(count * expected),
            "as many as were promised"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_want_each_slot_of_one_process() {
    let house = House::open().await;
    let doors = [house.core.clone()];
    each_is_had_once(&house, &doors, wanted(60)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_want_each_slot_of_two_nodes() {
    let Some(url) = postgres::or_skip("contention::four_want_each_slot_of_two_nodes") else {
        return;
    };
    let database = Database::Postgres(url);
    let one = House::on(&database, None).await;
    let two = House::on(&database, None).await;
    let doors = [one.core.clone(), two.core.clone()];
    each_is_had_once(&one, &doors, wanted(60)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_gets_exactly_what_is_left() {
    let house = House::open().await;
    let id = house.resource(&json!({"maxConcurrent": 40})).await;
    let name = Arc::new(names(&house, &id, 1).await.swap_remove(0));
    let crowd = (0..60).map(|number| {
        let (core, name) = (house.core.clone(), Arc::clone(&name));
        tokio::spawn(async move { book(&core, &name, number).await })
    });
    let (mut won, mut taken) = (0, 0);
    for one in crowd.collect::<Vec<_>>() {
        match one.await.expect("no panic") {
            Ok(()) => won += 1,
            Err(fault) if fault.code == "SLOT_TAKEN" => taken += 1,
            Err(fault) => panic!("neither had nor taken: {fault}"),
        }
    }
    assert_eq!((won, taken), (40, 20));
}

/// The fight itself tells: whoever looks first and writes later, without the diary, has it twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_looks_first_and_writes_later_has_it_twice() {
    let house = House::open().await;
    let id = house.resource(&json!({})).await;
    let name = names(&house, &id, 1).await.swap_remove(0);
    book(&house.core, &name, 0).await.expect("booked");
    let filter = Filter {
        limit: 1,
        ..Filter::default()
    };
    let main = boss().tenant;
    let rows = house
        .store
        .list(&main, Booking::KIND, &filter)
        .await
        .expect("bookings");
    let first: Booking = serde_json::from_str(&rows[0].body).expect("a booking");
    let free = Arc::new(tokio::sync::Barrier::new(CONTENDERS));
    let contenders = (0..CONTENDERS).map(|_| {
        let (store, free) = (house.store.clone(), Arc::clone(&free));
        let booking = Booking {
            id: uuid::Uuid::new_v4().into(),
            ..first.clone()
        };
        tokio::spawn(async move {
            let tenant = boss().tenant;
            // Everybody has seen that a seat is free by now.
            free.wait().await;
            let mut batch = Batch::new(tenant, booking.created_at);
            batch.puts.push(Put {
                kind: Booking::KIND,
                id: booking.id.to_string(),
                replaces: None,
                facets: booking.facets(),
                body: serde_json::to_string(&booking).expect("JSON"),
                glance: None,
                shown: None,
            });
            store.commit(batch).await.is_ok()
        })
    });
    let mut winners = 0;
    for contender in contenders.collect::<Vec<_>>() {
        winners += usize::from(contender.await.expect("no panic"));
    }
    assert_eq!(
        winners, CONTENDERS,
        "the naive way sells one seat to all of them"
    );
}
