//! Time that is booked by the hour, as whoever sees to it does: a week, a day, who comes.

use flightdeck::{
    domain::{
        ids::{BookingId, ResourceId},
        slot::booking::Status,
        tenant::role::Role,
    },
    engine::{
        operation::Operation,
        slots::{
            availability::ListSlots,
            book::BookSlot,
            bookings::{GetBooking, ListBookings},
            hold::HoldSlot,
            resources::CreateResource,
            settle::SettleBooking,
            view::BookingView,
            waiting::WaitForSlot,
        },
    },
    tui::theme::Depth,
};
use serde_json::{Value, json};

use crate::{
    desk::{Desk, caller},
    person::{Look, Person, USUAL},
    picture::{settle, text},
    world::{NOW, anna, sofia},
};

pub async fn ask<O: Operation>(desk: &Desk, question: Value) -> O::Output {
    let question: O = serde_json::from_value(question).expect("a question");
    let answer = desk.core.ask(&sofia(), question).await;
    answer.expect("an answer")
}

fn every_day(open: &str, close: &str) -> Value {
    let hours = json!([{"open": open, "close": close}]);
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    days.into_iter()
        .map(|day| (day.to_owned(), hours.clone()))
        .collect()
}

fn weekdays(open: &str, close: &str) -> Value {
    let mut week = every_day(open, close);
    (week["sat"], week["sun"]) = (json!([]), json!([]));
    week
}

pub async fn resource(desk: &Desk, fields: Value) -> ResourceId {
    ask::<CreateResource>(desk, fields).await.resource.id
}

/// A studio in New York that one at a time can have.
pub async fn studio(desk: &Desk) -> ResourceId {
    let studio = json!({
        "type": "room", "name": "Studio A", "timezone": "America/New_York",
        "operatingHours": weekdays("09:00", "17:00"), "maxHorizonDays": 60,
        "closures": [{"startDate": "2026-06-19", "endDate": "2026-06-19", "reason": "Juneteenth"}],
    });
    resource(desk, studio).await
}

pub async fn slot(desk: &Desk, id: ResourceId, at: &str) -> String {
    let list = json!({"resourceId": id, "from": at, "to": "2026-12-31", "includeFull": true});
    ask::<ListSlots>(desk, list).await.data[0].slot_id.clone()
}

/// Books the first slot from a time on, by the clock of the place.
pub async fn booked(
    desk: &Desk,
    id: ResourceId,
    at: &str,
    (first, last): (&str, &str),
    party: u32,
) -> BookingView {
    let slot = slot(desk, id, at).await;
    let book = json!({
        "slotId": slot, "firstName": first, "lastName": last, "partySize": party,
        "email": format!("{}@example.com", first.to_lowercase()), "source": {"channel": "website"},
    });
    ask::<BookSlot>(desk, book).await.booking
}

async fn settled(desk: &Desk, booking: &BookingView, status: &str) {
    ask::<SettleBooking>(desk, json!({"bookingId": booking.id, "status": status})).await;
}

/// Puts a studio and a room on a desk, with guests who come, one who waits and something held.
pub async fn busy(desk: &Desk) {
    let studio = studio(desk).await;
    let screening = json!({
        "type": "room", "name": "Screening Room", "timezone": "Europe/London", "maxConcurrent": 10,
        "operatingHours": every_day("10:00", "20:00"), "defaultDurationMinutes": 120,
    });
    let screening = resource(desk, screening).await;
    for (at, name) in [
        ("2026-06-15T11:00", ("Morgan", "Lee")),
        ("2026-06-15T12:00", ("Ines", "Okafor")),
        ("2026-06-16T10:00", ("Ravi", "Shah")),
    ] {
        booked(desk, studio, at, name, 1).await;
    }
    booked(desk, screening, "2026-06-16T12:00", ("Group", "Leader"), 7).await;
    booked(desk, screening, "2026-06-16T12:00", ("Theo", "Brandt"), 3).await;
    for (of, at) in [
        (studio, "2026-06-16T10:00"),
        (screening, "2026-06-16T12:00"),
    ] {
        let taken = slot(desk, of, at).await;
        let guest = json!({"firstName": "Yuki", "lastName": "Tanaka", "email": "yuki@example.com"});
        ask::<WaitForSlot>(desk, json!({"slotId": taken, "guest": guest})).await;
    }
    let held = slot(desk, studio, "2026-06-15T15:00").await;
    ask::<HoldSlot>(desk, json!({"slotId": held, "ttlSeconds": 900})).await;
}

/// A desk with resources in four zones, and a week that is half over: it is Wednesday.
pub async fn week() -> Desk {
    let desk = Desk::sqlite(NOW).await;
    let studio = studio(&desk).await;
    let screening = json!({
        "type": "room", "name": "Screening Room", "timezone": "Europe/London", "maxConcurrent": 10,
        "operatingHours": every_day("10:00", "20:00"), "defaultDurationMinutes": 120,
    });
    let screening = resource(&desk, screening).await;
    let strategist = json!({
        "type": "person", "name": "Dana, strategist", "timezone": "Europe/Berlin",
        "operatingHours": weekdays("09:00", "17:30"), "defaultDurationMinutes": 30,
    });
    let strategist = resource(&desk, strategist).await;
    let clinic = json!({
        "type": "service", "name": "Ad ops clinic", "timezone": "UTC", "maxConcurrent": 3,
        "operatingHours": weekdays("06:00", "12:00"), "isActive": true,
    });
    resource(&desk, clinic).await;
    let mut early = Vec::new();
    for (at, name) in [
        ("2026-06-15T10:00", ("Morgan", "Lee")),
        ("2026-06-15T13:00", ("Ines", "Okafor")),
        ("2026-06-16T09:00", ("Ravi", "Shah")),
        ("2026-06-17T11:00", ("Yuki", "Tanaka")),
        ("2026-06-17T14:00", ("Élise", "夏 <b>")),
        ("2026-06-18T09:00", ("Theo", "Brandt")),
        ("2026-06-18T10:00", ("Nadia", "Petrova")),
    ] {
        early.push(booked(&desk, studio, at, name, 1).await);
    }
    for (at, party) in [
        ("2026-06-17T12:00", 3),
        ("2026-06-17T14:00", 7),
        ("2026-06-17T16:00", 10),
    ] {
        booked(&desk, screening, at, ("Group", "Leader"), party).await;
    }
    booked(&desk, strategist, "2026-06-17T15:30", ("Sam", "Holt"), 1).await;
    desk.pass(chrono::Duration::hours(49)).await;
    settled(&desk, &early[0], "completed").await;
    settled(&desk, &early[1], "no_show").await;
    settled(&desk, &early[2], "completed").await;
    let slot = slot(&desk, studio, "2026-06-17T15:00").await;
    ask::<HoldSlot>(&desk, json!({"slotId": slot, "ttlSeconds": 600})).await;
    desk
}

pub async fn sits(desk: &Desk, size: (u16, u16)) -> Person<'_> {
    let mut person = Person::sits_down(desk, anna()).await;
    person.resizes(size.0, size.1);
    person.presses("6").await;
    person.rests().await;
    person
}

/// Goes to a day or a time.
pub async fn goes(person: &mut Person<'_>, to: &str) {
    person.presses("J").await;
    person.types(to).await;
    person.presses("enter").await;
    person.rests().await;
}

pub async fn agrees(person: &mut Person<'_>) {
    person.rests().await;
    person.presses("y").await;
    person.rests().await;
}

pub async fn types_a_guest(person: &mut Person<'_>) {
    person.types("Robin").await;
    person.presses("tab").await;
    person.types("Vale").await;
    person.presses("tab").await;
    person.types("robin@example.com").await;
}

pub async fn all(desk: &Desk, id: ResourceId) -> Vec<BookingView> {
    ask::<ListBookings>(desk, json!({"resourceId": id}))
        .await
        .data
}

pub async fn one(desk: &Desk, id: BookingId) -> BookingView {
    ask::<GetBooking>(desk, json!({"bookingId": id}))
        .await
        .booking
}

#[tokio::test]
async fn a_free_slot_is_booked_from_its_cell() {
    let desk = Desk::sqlite(NOW).await;
    let id = studio(&desk).await;
    let mut person = sits(&desk, (120, 40)).await;
    person.sees("Studio A · America/New_York -04:00");
    person.sees("╱╱╱");
    goes(&mut person, "tue 10:00").await;
    person.sees("Tue 16 Jun 10:00-11:00 America/New_York · 14:00 UTC");
    person.sees("0 of 1 taken, free");
    person.presses("n").await;
    person.rests().await;
    person.sees("Book Studio A, Tue 16 Jun 10:00-11:00 America/New_York");
    types_a_guest(&mut person).await;
    person.presses("tab tab tab ctrl-u").await;
    person.types("2").await;
    person.sees("1 fit in at once");
    person.presses("ctrl-u").await;
    person.types("1").await;
    person.presses("ctrl-s").await;
    person.sees("for Robin Vale, robin@example.com");
    agrees(&mut person).await;
    person.sees("Robin Vale is booked");
    person.sees("Tue 16 Jun · 1 booked");
    person.sees("10:00-11:00  Robin Vale");
    let made = all(&desk, id).await;
    assert_eq!(made.len(), 1);
    assert_eq!(made[0].starts_at, "2026-06-16T10:00:00-04:00");
    assert_eq!(person.orders, 1);
}

#[tokio::test]
async fn who_comes_too_late_reads_who_was_first_and_takes_another_on_one_key() {
    let desk = Desk::sqlite(NOW).await;
    let id = studio(&desk).await;
    let mut person = sits(&desk, (120, 40)).await;
    goes(&mut person, "tue 10:00").await;
    person.presses("n").await;
    types_a_guest(&mut person).await;
    booked(&desk, id, "2026-06-16T10:00", ("Morgan", "Lee"), 1).await;
    person.presses("ctrl-s").await;
    agrees(&mut person).await;
    person.sees("Slot is no longer available");
    person.sees("Morgan Lee, Tue 16 Jun 10:00-11:00 America/New_York, confirmed");
    person.sees("1  Studio A, Tue 16 Jun 09:00-10:00");
    person.sees("2  Studio A, Tue 16 Jun 11:00-12:00");
    // Whoever looks elsewhere first finds the form as it was.
    person.presses("esc").await;
    person.sees("Robin");
    person.sees("robin@example.com");
    person.presses("ctrl-s").await;
    agrees(&mut person).await;
    person.sees("Free instead:");
    person.presses("2").await;
    person.sees("Book Studio A for Robin Vale");
    person.sees("11:00-12:00");
    assert_eq!(
        all(&desk, id).await.len(),
        1,
        "nothing is done without being asked"
    );
    agrees(&mut person).await;
    person.sees("11:00-12:00  Robin Vale");
    person.sees_no("first name");
    assert_eq!(all(&desk, id).await.len(), 2);
}

#[tokio::test]
async fn why_a_time_is_not_to_be_had_is_said_with_what_is() {
    let desk = Desk::sqlite(NOW).await;
    let id = studio(&desk).await;
    booked(&desk, id, "2026-06-16T10:00", ("Morgan", "Lee"), 1).await;
    let mut person = sits(&desk, (120, 40)).await;
    for (at, said) in [
        ("tue 10:00", "Morgan Lee, Tue 16 Jun 10:00-11:00"),
        ("tue 20:00", "it is not open at that time of the week"),
        ("fri 10:00", "it is closed then: Juneteenth"),
        ("2026-12-01 10:00", "it can be booked 60 days ahead at most"),
    ] {
        goes(&mut person, at).await;
        person.presses("w").await;
        person.rests().await;
        person.sees(said);
        person.presses("esc").await;
    }
    // What cannot be booked is said the same way, and another is a key away.
    goes(&mut person, "tue 10:00").await;
    person.presses("n").await;
    person.sees("it is taken");
    person.presses("1").await;
    person.sees("Book Studio A, Tue 16 Jun 09:00-10:00");
}

#[tokio::test]
async fn a_booking_is_moved_and_moved_back() {
    let desk = Desk::sqlite(NOW).await;
    let id = studio(&desk).await;
    let made = booked(&desk, id, "2026-06-16T10:00", ("Morgan", "Lee"), 1).await;
    let mut person = sits(&desk, (120, 40)).await;
    goes(&mut person, "tue 10:00").await;
    person.presses("m").await;
    person.sees("moving Morgan Lee, Tue 16 Jun 10:00-11:00");
    person.presses("right down down enter").await;
    person.rests().await;
    person.sees("to    Studio A, Wed 17 Jun 12:00-13:00");
    agrees(&mut person).await;
    person.sees("Wed 17 Jun · 1 booked");
    assert_eq!(
        one(&desk, made.id).await.starts_at,
        "2026-06-17T12:00:00-04:00"
    );
    person.presses("u").await;
    person.sees("to    Studio A, Tue 16 Jun 10:00-11:00");
    agrees(&mut person).await;
    assert_eq!(one(&desk, made.id).await.starts_at, made.starts_at);
    person.sees("Tue 16 Jun · 1 booked");
}

#[tokio::test]
async fn who_did_not_come_is_said_of_many_at_once_and_taken_back() {
    let desk = week().await;
    let mut person = sits(&desk, (120, 40)).await;
    person.presses("r G enter").await;
    person.rests().await;
    person.sees("Studio A · America/New_York");
    goes(&mut person, "2026-06-16 09:00").await;
    person.sees("✓ came");
    person.presses("N").await;
    person.sees("Ravi Shah: no-show");
    agrees(&mut person).await;
    person.sees("1 no-show");
    person.presses("u").await;
    person.sees("Take back what was said of Ravi Shah");
    agrees(&mut person).await;
    person.sees("✓ came");
    // Nothing is said of what has not begun.
    goes(&mut person, "2026-06-18 09:00").await;
    person.presses("N").await;
    person.sees("the time of Theo Brandt has not begun yet");
    // Two at once are called off by typing how many they are.
    person.presses("tab a x").await;
    person.sees("Call off 2 bookings");
    person.rests().await;
    person.presses("enter").await;
    person.types("2 bookings").await;
    person.presses("enter enter").await;
    person.rests().await;
    person.sees("2 done");
    person.sees("✗ cancelled");
    person.sees_no("● confirmed");
}

#[tokio::test]
async fn a_booking_is_called_off_by_its_name_and_seats_are_free_again() {
    let desk = Desk::sqlite(NOW).await;
    let id = studio(&desk).await;
    let made = booked(&desk, id, "2026-06-16T10:00", ("Morgan", "Lee"), 1).await;
    let mut person = sits(&desk, (120, 40)).await;
    goes(&mut person, "tue 10:00").await;
    person.sees("1 of 1 taken, full");
    person.presses("x").await;
    person.rests().await;
    person.presses("y").await;
    assert_eq!(person.orders, 0, "one letter is not enough");
    person.presses("esc x").await;
    person.rests().await;
    person.types("Morgan Lee").await;
    person.presses("enter enter").await;
    person.rests().await;
    person.sees("0 of 1 taken, free");
    assert_eq!(one(&desk, made.id).await.status, Status::Cancelled);
}

#[tokio::test]
async fn what_is_held_counts_down_is_booked_or_given_back() {
    let desk = Desk::sqlite(NOW).await;
    let id = studio(&desk).await;
    let mut person = sits(&desk, (120, 40)).await;
    goes(&mut person, "tue 10:00").await;
    person.presses("H").await;
    person.sees("One seat is kept for 10 minutes");
    agrees(&mut person).await;
    person.sees("1 held");
    person.sees("◐ 9:");
    person.sees("6 Slots (1)");
    person.presses("tab E").await;
    agrees(&mut person).await;
    person.presses("E").await;
    person.sees("it was kept longer once already");
    person.presses("b").await;
    types_a_guest(&mut person).await;
    person.presses("ctrl-s").await;
    agrees(&mut person).await;
    person.sees("Robin Vale");
    person.sees("1 booked");
    person.sees_no("1 held");
    assert_eq!(all(&desk, id).await.len(), 1);
    // Another one, and back at once.
    goes(&mut person, "tue 12:00").await;
    person.presses("esc H").await;
    agrees(&mut person).await;
    person.sees("1 held");
    person.presses("u").await;
    agrees(&mut person).await;
    person.sees_no("1 held");
}

#[tokio::test]
async fn who_only_looks_is_refused_with_the_reason() {
    let desk = week().await;
    let mut person = Person::with(&desk, caller("acme", Role::Viewer), USUAL, false).await;
    person.presses("6").await;
    person.rests().await;
    for key in ["n", "H", "x", "N", "c", "m"] {
        person.presses(key).await;
        person.sees("your role viewer may not: it takes bookings.manage");
    }
    person.presses("w").await;
    person.rests().await;
    person.presses("esc").await;
    assert_eq!(person.orders, 0);
}

#[tokio::test]
async fn resources_stand_side_by_side_and_are_chosen_by_type() {
    let desk = week().await;
    let mut person = sits(&desk, (120, 40)).await;
    goes(&mut person, "2026-06-17 12:00").await;
    person.presses("d").await;
    person.rests().await;
    person.sees("All on Wed 17 Jun 2026");
    for name in ["Ad ops cl", "Dana, str", "Screening", "Studio A"] {
        person.sees(name);
    }
    person.sees("service 0/18 0 %");
    person.presses("f").await;
    person.sees("only resources of the type service");
    person.sees_no("Studio A");
    person.presses("f f f d").await;
    person.presses("r").await;
    person.rests().await;
    person.sees("Resources · 4");
    // Who came, who did not and who comes, of what the studio has in this week.
    person.sees("25 %");
    person.sees("Screening Room");
    person.presses("G").await;
    person.rests().await;
    person.sees("Studio A · America/New_York");
    person.presses("Z").await;
    person.rests().await;
    person.sees("Studio A · UTC +00:00");
}

#[tokio::test]
async fn the_next_free_and_the_next_full_slot_are_a_key_away() {
    let desk = Desk::sqlite(NOW).await;
    let id = studio(&desk).await;
    for at in ["2026-06-16T09:00", "2026-06-16T10:00"] {
        booked(&desk, id, at, ("Morgan", "Lee"), 1).await;
    }
    booked(&desk, id, "2026-07-01T15:00", ("Ines", "Okafor"), 1).await;
    let mut person = sits(&desk, (120, 40)).await;
    goes(&mut person, "tue 08:00").await;
    for (key, at) in [
        ("{", "Tue 16 Jun 09:00-"),
        ("{", "Tue 16 Jun 10:00-"),
        ("}", "Tue 16 Jun 11:00-"),
        ("{", "Wed 01 Jul 15:00-"),
        ("]", "Wed 08 Jul 15:00-"),
        ("[", "Wed 01 Jul 15:00-"),
        ("t", "Mon 15 Jun 15:00-"),
    ] {
        person.presses(key).await;
        person.rests().await;
        person.sees(at);
    }
    person.presses("M right down enter").await;
    person.rests().await;
    person.sees("Tue 23 Jun 15:00-");
    goes(&mut person, "soon").await;
    person.sees("\"soon\" is no day: write +3d");
}

#[tokio::test]
async fn a_day_of_25_hours_and_one_of_23_are_drawn_as_they_are() {
    for (now, name) in [
        ("2026-10-30T12:00:00Z", "fold"),
        ("2026-03-06T12:00:00Z", "gap"),
    ] {
        let desk = Desk::sqlite(now).await;
        let gate = json!({
            "type": "service", "name": "Night desk", "timezone": "America/New_York",
            "operatingHours": every_day("00:00", "24:00"), "maxConcurrent": 4,
        });
        let id = resource(&desk, gate).await;
        for at in [
            "2026-11-01T05:00:00Z",
            "2026-11-01T06:00:00Z",
            "2026-03-08T07:00:00Z",
        ] {
            if at[..7] == now[..7] || at.starts_with("2026-11") && now.starts_with("2026-10") {
                booked(&desk, id, at, ("Owl", "Nocturne"), 3).await;
            }
        }
        let mut person = sits(&desk, (120, 40)).await;
        goes(&mut person, "sun 01:00").await;
        if name == "fold" {
            person.sees("01:00b");
            person.presses("down").await;
            person.sees("Sun 01 Nov 01:00b-02:00 America/New_York · 06:00 UTC");
        } else {
            person.sees("⇢⇢⇢");
            person.presses("down").await;
            person.sees("Sun 08 Mar 03:00-04:00 America/New_York · 07:00 UTC");
        }
        let mut picture = person.picture();
        settle(&mut picture);
        insta::assert_snapshot!(format!("slots-{name}"), text(&picture));
    }
}

#[tokio::test]
async fn it_is_read_on_any_screen_without_colour_and_breaks_on_none() {
    let desk = week().await;
    let ascii = Look {
        theme: "contrast",
        depth: Depth::None,
        ascii: true,
    };
    let mut person = Person::with(&desk, anna(), ascii, false).await;
    person.presses("6").await;
    person.rests().await;
    person.presses("r G enter").await;
    goes(&mut person, "2026-06-18 09:00").await;
    for size in [(80, 24), (120, 40), (200, 60)] {
        person.resizes(size.0, size.1);
        person.rests().await;
        person.sees("###");
        person.sees("///");
        person.sees("Theo Brandt");
        let plain = person.rows().concat();
        let odd = plain
            .chars()
            .find(|letter| !letter.is_ascii() && !"·…".contains(*letter));
        assert_eq!(odd, None, "{}", person.screen());
    }
    for size in [
        (1, 1),
        (39, 9),
        (40, 10),
        (41, 11),
        (64, 8),
        (300, 12),
        (45, 100),
    ] {
        person.resizes(size.0, size.1);
        for keys in ["d", "r", "tab", "z", "M", "J", "n", "w", "H", "x", "c"] {
            person.presses(keys).await;
            person.presses("esc").await;
        }
    }
    let desk = Desk::sqlite(NOW).await;
    let mut person = sits(&desk, (120, 40)).await;
    person.sees("There is nothing to book yet.");
    person.sees("flightdeck slots add FILE");
    person.sees_no("loading");
    for keys in ["n", "x", "J", "d", "r", "w", "}", "M", "enter"] {
        person.presses(keys).await;
        person.presses("esc 6").await;
    }
    person.sees("There is nothing to book yet.");
}
