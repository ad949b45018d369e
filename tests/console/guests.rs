//! Guests who come, are moved, stay away and wait, from the first key to the last, on the smallest
//! screen and on larger ones.

use flightdeck::{domain::slot::booking::Status, engine::slots::book::BookSlot};
use serde_json::json;

use crate::{
    desk::Desk,
    person::Person,
    slots::{agrees, all, ask, booked, goes, sits, slot, studio, types_a_guest},
    world::NOW,
};

#[tokio::test]
async fn a_guest_is_booked_moved_brought_back_and_called_off() {
    let desk = Desk::sqlite(NOW).await;
    let id = studio(&desk).await;
    let mut person = sits(&desk, (80, 24)).await;
    // An empty cell says why it is empty, and what is free.
    goes(&mut person, "tue 20:00").await;
    person.presses("w").await;
    person.rests().await;
    person.sees("it is not open at that time of the week");
    person.sees("1  Studio A, Tue 16 Jun 16:00-17:00");
    person.presses("esc").await;
    // Somebody else is quicker.
    goes(&mut person, "tue 12:00").await;
    person.presses("n").await;
    person.rests().await;
    types_a_guest(&mut person).await;
    booked(&desk, id, "2026-06-16T12:00", ("Morgan", "Lee"), 1).await;
    person.presses("ctrl-s").await;
    agrees(&mut person).await;
    person.sees("Slot is no longer available");
    person.sees("Morgan Lee, Tue 16 Jun 12:00-13:00 America/New_York, confirmed");
    person.sees("1  Studio A, Tue 16 Jun 11:00-12:00");
    person.sees("2  Studio A, Tue 16 Jun 13:00-14:00");
    person.sees("3  Studio A, Tue 16 Jun 10:00-11:00");
    person.presses("1").await;
    person.sees("Book Studio A for Robin Vale");
    agrees(&mut person).await;
    person.sees("11:00-12:00  Robin Vale");
    // Two hours later after all; and not.
    person.presses("m").await;
    person.sees("moving Robin Vale");
    person.presses("down down enter").await;
    person.rests().await;
    agrees(&mut person).await;
    person.sees("13:00-14:00  Robin Vale");
    person.presses("u").await;
    agrees(&mut person).await;
    person.sees("11:00-12:00  Robin Vale");
    // By the clock of whoever sits here.
    person.sees("Studio A · New York -04:00");
    person.presses("Z").await;
    person.rests().await;
    person.sees("Studio A · UTC +00:00");
    person.sees("15:00-16:00  Robin Vale");
    person.presses("Z").await;
    person.rests().await;
    person.presses("x").await;
    person.rests().await;
    person.types("Robin Vale").await;
    person.presses("enter enter").await;
    person.rests().await;
    person.sees("✗ cancelled");
    let made = all(&desk, id).await;
    let of = |status| made.iter().filter(|one| one.status == status).count();
    assert_eq!((of(Status::Confirmed), of(Status::Cancelled)), (1, 1));
    assert_eq!(person.orders, 5, "one was refused");
}

async fn waits(person: &mut Person<'_>) {
    person.presses("W").await;
    person.rests().await;
    person.sees("Wait for Studio A, Tue 16 Jun 10:00-11:00");
    types_a_guest(person).await;
    person.presses("ctrl-s").await;
    agrees(person).await;
    person.sees("○ waits #1");
    person.sees("1 waiting");
}

#[tokio::test]
async fn who_waits_gets_what_becomes_free() {
    let desk = Desk::sqlite(NOW).await;
    let id = studio(&desk).await;
    booked(&desk, id, "2026-06-16T10:00", ("Morgan", "Lee"), 1).await;
    let mut person = sits(&desk, (120, 40)).await;
    // Nobody has to wait for what is free.
    goes(&mut person, "tue 14:00").await;
    person.presses("W").await;
    person.rests().await;
    person.sees("1 of 1 seats are free");
    person.presses("esc").await;
    goes(&mut person, "tue 10:00").await;
    person.sees("W wait");
    waits(&mut person).await;
    person.sees("1 of 1 taken, full, 1 waiting");
    // Taken off the list again, by undo and by hand.
    person.presses("u").await;
    person.sees("Robin Vale waits no more");
    agrees(&mut person).await;
    person.sees_no("waits #1");
    waits(&mut person).await;
    person.presses("tab x").await;
    person.sees("Robin Vale waits, and has booked nothing yet");
    person.presses("R").await;
    person.sees("take off the list");
    agrees(&mut person).await;
    person.sees_no("waits #1");
    person.presses("esc").await;
    waits(&mut person).await;
    // Whoever had it is called off.
    person.presses("x").await;
    person.rests().await;
    person.types("Morgan Lee").await;
    person.presses("enter enter").await;
    person.rests().await;
    person.sees("for waitlist");
    person.presses("b").await;
    person.sees("Book for whoever waited");
    agrees(&mut person).await;
    person.sees("Robin Vale is booked");
    let made = all(&desk, id).await;
    let robin = made.iter().find(|one| one.first_name == "Robin");
    assert_eq!(robin.expect("booked").status, Status::Confirmed);
    assert_eq!(made.len(), 2);
}

#[tokio::test]
async fn what_a_guest_wrote_is_read_to_its_end() {
    let desk = Desk::sqlite(NOW).await;
    let id = studio(&desk).await;
    let lines: Vec<String> = (1..=80).map(|line| format!("wish {line}")).collect();
    let slot = slot(&desk, id, "2026-06-16T10:00").await;
    let book = json!({
        "slotId": slot, "firstName": "Morgan", "lastName": "Lee",
        "email": "morgan@example.com", "notes": lines.join("\n"),
    });
    ask::<BookSlot>(&desk, book).await;
    for size in [(120, 40), (200, 60)] {
        let mut person = sits(&desk, size).await;
        goes(&mut person, "tue 10:00").await;
        person.sees("wish 1");
        person.sees_no("wish 80");
        person.sees(" more ");
        person
            .presses("tab tab pgdn pgdn pgdn pgdn pgdn pgdn pgdn")
            .await;
        person.sees("wish 80");
        person.sees_no("wish 1 ");
        person.presses("g").await;
        person.sees("wish 1 ");
        // Another day begins at its beginning.
        person.presses("pgdn ] [").await;
        person.rests().await;
        person.sees("wish 1 ");
        person.presses("esc").await;
        person.sees("W wait");
    }
    // Where there is room for one alone, it is read in a window.
    let mut person = sits(&desk, (80, 24)).await;
    goes(&mut person, "tue 10:00").await;
    person.presses("tab enter G").await;
    person.sees("wish 80");
}
