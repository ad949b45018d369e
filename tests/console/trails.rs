//! What happened to one object, however long ago and however much has happened since.

use std::sync::Arc;

use flightdeck::{
    domain::tenant::role::Role,
    engine::activity::ReadFeed,
    store::{
        batch::{Batch, Happening},
        open::{Database, open},
    },
};

use crate::{
    desk::{Desk, caller},
    slots::{booked, goes, sits, studio},
    world::NOW,
};

/// How much happens afterwards: more than the pane reads by itself.
const MUCH: usize = 1_200;

#[tokio::test]
async fn what_happened_to_a_booking_is_found_behind_all_that_happened_since() {
    let home = tempfile::tempdir().expect("a scratch directory");
    let file = Database::File(home.path().join("desk.db"));
    let store = open(&file).await.expect("a new database");
    let desk = Desk::on(Arc::clone(&store), NOW, Some(home), |_| ()).await;
    let id = studio(&desk).await;
    let booking = booked(&desk, id, "2026-06-16T12:00", ("Morgan", "Lee"), 1).await;
    let tenant = caller("acme", Role::Admin).tenant;
    let mut batch = Batch::new(tenant, desk.core.clock().now());
    batch.happenings = (0..MUCH)
        .map(|at| Happening {
            name: "bookings.progress",
            kind: "job",
            object: format!("job-{at}"),
            detail: String::new(),
        })
        .collect();
    store.commit(batch).await.expect("it happens");

    let admin = caller("acme", Role::Admin);
    for named in [
        booking.id.to_string(),
        format!("slot_booking/{}", booking.id),
    ] {
        let question = ReadFeed {
            object: Some(named),
            ..ReadFeed::default()
        };
        let found = desk.core.ask(&admin, question).await.expect("a history");
        let names: Vec<_> = found.events.iter().map(|it| it.event.as_str()).collect();
        assert_eq!(names, ["slots.confirmed"]);
    }
    let mut person = sits(&desk, (120, 40)).await;
    goes(&mut person, "tue 12:00").await;
    person.presses("o").await;
    person.rests().await;
    person.sees("[7 Activity");
    person.sees("slots.confirmed");
    person.sees_no("bookings.progress");
}
