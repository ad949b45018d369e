//! A tenant whose slots live in another company's slot service: what is mirrored, what is booked
//! and called off there, what becomes of answers that are lost, and what is refused in words.

use std::time::Duration;

use axum::http::Method;
use flightdeck::{
    domain::{
        ids::{BookingId, ResourceId},
        slot::booking::Status,
        tenant::secret::Secret,
    },
    engine::{
        core::Terms,
        desk::Desk as EngineSetUp,
        fault::{Fault, FaultKind},
        operation::Operation,
        slots::{
            availability::{ListSlots, SlotList},
            board::ShowBoard,
            book::BookSlot,
            bookings::{BookingList, ListBookings},
            cancel::CancelBooking,
            explain::ExplainSlot,
            hold::HoldSlot,
            reschedule::MoveBooking,
            resources::{CreateResource, ListResources, UpdateResource},
            settle::SettleBooking,
            upstream::{
                desk::{GetSlotsDesk, SlotsDesk},
                places::{SetUp, SlotServices},
            },
            view::BookingView,
            waiting::WaitForSlot,
        },
    },
    peers::upstream::call::Bounds,
    store::Shared,
};
use serde_json::{Value, json};

use crate::{
    desk::{Desk, databases, send},
    ground::{NOW, admin},
    person::Person,
    prompt,
    slot_service::{Envelope, KEY, Mood, SlotService, resource},
};

/// A desk and the service in which its slots live.
struct Ground {
    desk: Desk,
    fake: SlotService,
    store: Shared,
}

fn set_up(fake: &SlotService) -> impl FnOnce(&mut EngineSetUp) + use<> {
    let set = SetUp {
        name: "Novala".into(),
        key: Some(Secret::new(KEY)),
        bounds: Bounds {
            read: Duration::from_millis(1_500),
            send: Duration::from_millis(400),
            ..Bounds::default()
        },
        ..SetUp::new(fake.url())
    };
    let tenant = admin().tenant;
    move |desk| {
        desk.slot_services = SlotServices::new([(tenant.clone(), set)]).expect("a service");
        desk.tenants = vec![tenant];
    }
}

impl Ground {
    async fn each(test: &str) -> Vec<Self> {
        let mut all = Vec::new();
        for (store, home) in databases(test).await {
            let fake = SlotService::open(NOW).await;
            let desk = Desk::on(store.clone(), NOW, home, set_up(&fake)).await;
            all.push(Self { desk, fake, store });
        }
        all
    }

    async fn open() -> Self {
        let home = tempfile::tempdir().expect("a scratch directory");
        let file = flightdeck::store::open::Database::File(home.path().join("desk.db"));
        let store = flightdeck::store::open::open(&file)
            .await
            .expect("a database");
        let fake = SlotService::open(NOW).await;
        let desk = Desk::on(store.clone(), NOW, Some(home), set_up(&fake)).await;
        let ground = Self { desk, fake, store };
        ground.look(1).await;
        ground
    }

    async fn look(&self, times: u32) {
        for _ in 0..times {
            self.desk.pass(chrono::Duration::seconds(16)).await;
        }
    }

    async fn try_ask<O: Operation>(&self, question: Value) -> Result<O::Output, Fault> {
        let question: O = serde_json::from_value(question).expect("a question");
        self.desk.core.ask(&admin(), question).await
    }

    async fn ask<O: Operation>(&self, question: Value) -> O::Output {
        self.try_ask::<O>(question).await.expect(O::NAME)
    }

    async fn tour(&self) -> ResourceId {
        let all = self.ask::<ListResources>(json!({})).await.data;
        all.iter()
            .find(|one| one.card.name == "Main Campus Tour")
            .expect("the tour")
            .id
    }

    async fn slots(&self, from: &str, to: &str) -> SlotList {
        let ask = json!({"resourceId": self.tour().await, "from": from, "to": to});
        self.ask::<ListSlots>(ask).await
    }

    /// The name of the slot that begins then.
    async fn slot(&self, at: &str) -> String {
        let (from, to) = (at.to_owned(), "2026-06-05");
        self.slots(&from, to).await.data[0].slot_id.clone()
    }

    async fn book(&self, at: &str, email: &str) -> Result<BookingView, Fault> {
        let slot = self.slot(at).await;
        self.book_slot(&slot, email).await
    }

    async fn book_slot(&self, slot: &str, email: &str) -> Result<BookingView, Fault> {
        let book = json!({"slotId": slot, "firstName": "Robin", "lastName": "Vale",
            "email": email, "phone": "+1 801 555 0100"});
        Ok(self.try_ask::<BookSlot>(book).await?.booking)
    }

    async fn cancel(&self, id: BookingId) -> Result<BookingView, Fault> {
        let ask = json!({"bookingId": id});
        Ok(self.try_ask::<CancelBooking>(ask).await?.booking)
    }

    async fn bookings(&self) -> BookingList {
        self.ask::<ListBookings>(json!({"from": "2026-05-01"}))
            .await
    }

    async fn whereabouts(&self) -> SlotsDesk {
        self.ask::<GetSlotsDesk>(json!({})).await
    }
}

/// Ten in the morning at the place, on a day of June.
fn ten(day: u32) -> String {
    format!("2026-06-{day:02}T16:00:00Z")
}

#[tokio::test]
async fn what_is_there_is_mirrored_in_every_envelope_and_nothing_is_written_twice() {
    for ground in Ground::each("slots_are_mirrored").await {
        for n in 0..5 {
            ground.fake.foreign(&ten(2 + n), "alex@example.com");
        }
        ground
            .fake
            .world()
            .resources
            .push(resource("res-uuid-002", "Library"));
        ground
            .fake
            .world()
            .resources
            .push(resource("res-uuid-003", "Lab"));
        ground.look(1).await;
        let found = ground.bookings().await;
        assert_eq!(found.total, 5, "page by page");
        let first = &found.data[0];
        assert_eq!(
            first.starts_at, "2026-06-02T10:00:00-06:00",
            "by the clock of the place"
        );
        let known = first.upstream.as_ref().expect("it lives elsewhere");
        assert_eq!(known.id.as_deref(), Some("booking-uuid-001"));
        let all = ground.ask::<ListResources>(json!({})).await;
        assert_eq!(all.total, 3);
        let tour = all
            .data
            .iter()
            .find(|one| one.card.name == "Main Campus Tour");
        assert_eq!(tour.expect("the tour").schedule.max_concurrent, 2);
        let revision = all.data[0].revision;
        for envelope in [Envelope::Pages, Envelope::Cursor, Envelope::Bare] {
            ground.fake.world().envelope = envelope;
            ground.look(2).await;
            assert_eq!(ground.bookings().await.total, 5, "{envelope:?}");
        }
        let all = ground.ask::<ListResources>(json!({})).await;
        assert_eq!(
            all.data[0].revision, revision,
            "nothing changed, nothing written"
        );
        let desk = ground.whereabouts().await;
        assert_eq!((desk.resources, desk.bookings, desk.gone), (3, 5, 0));
        assert_eq!(
            ground.fake.world().keyless,
            0,
            "the key is in its header, and nowhere else"
        );
        let all = serde_json::to_string(&(desk, found)).expect("json");
        assert!(!all.contains(KEY));
    }
}

#[tokio::test]
async fn a_slot_is_booked_there_by_its_id_and_called_off_once() {
    for ground in Ground::each("a_slot_is_booked_there").await {
        ground.look(1).await;
        let slots = ground.slots(&ten(2), "2026-06-02").await;
        assert_eq!((slots.data[0].remaining, slots.data[0].capacity), (2, 2));
        let asked = slots.upstream.expect("asked there");
        assert_eq!((asked.name.as_str(), asked.trouble), ("Novala", None));
        let booked = ground
            .book(&ten(2), "robin@example.com")
            .await
            .expect("booked");
        assert_eq!(booked.starts_at, "2026-06-02T10:00:00-06:00");
        {
            let world = ground.fake.world();
            assert_eq!((world.posts, world.bookings.len()), (1, 1));
            assert_eq!(world.bookings[0]["phone"], "+1 801 555 0100");
            assert!(world.asked.contains(&"booking"), "it was read back");
        }
        let left = ground.slots(&ten(2), "2026-06-02").await.data[0].remaining;
        assert_eq!(
            left, 1,
            "what is free is asked anew once something was booked"
        );
        ground.look(2).await;
        let found = ground.bookings().await;
        assert_eq!(found.total, 1, "it is not taken for somebody else's");
        assert_eq!(found.data[0].id, booked.id);
        assert_eq!(
            found.data[0]
                .upstream
                .as_ref()
                .expect("known")
                .disagreements,
            []
        );

        let off = ground.cancel(booked.id).await.expect("called off");
        assert_eq!(off.status, Status::Cancelled);
        let again = ground
            .cancel(booked.id)
            .await
            .expect_err("called off already");
        assert_eq!(
            (again.kind, &*again.code),
            (FaultKind::NotFound, "BOOKING_NOT_FOUND")
        );
        assert_eq!(ground.fake.world().deletes, 1);
        assert_eq!(ground.fake.confirmed(), 0);
        // Called off there, and nobody here has seen it yet.
        let other = ground
            .book(&ten(3), "robin@example.com")
            .await
            .expect("booked");
        ground.fake.world().bookings[1]["status"] = json!("cancelled");
        let gone = ground.cancel(other.id).await.expect_err("called off there");
        assert_eq!(gone.code, "BOOKING_NOT_FOUND");
        ground.look(1).await;
        let all = ground.bookings().await.data;
        assert!(all.iter().all(|one| one.status == Status::Cancelled));
    }
}

#[tokio::test]
async fn what_somebody_else_has_is_told_with_what_is_free() {
    let ground = Ground::open().await;
    ground.fake.mood("book", Mood::TakenFirst);
    let fault = ground
        .book(&ten(2), "robin@example.com")
        .await
        .expect_err("taken");
    assert_eq!(ground.fake.fired("TakenFirst"), 1);
    assert_eq!(
        (fault.kind, &*fault.code),
        (FaultKind::Conflict, "SLOT_TAKEN")
    );
    assert!(
        fault
            .message
            .contains("Novala says: Slot is no longer available"),
        "{fault}"
    );
    let others = fault.details["alternatives"]
        .as_array()
        .expect("alternatives")
        .clone();
    assert_eq!(others[0]["startsAt"], "2026-06-02T11:00:00-06:00");
    // One of them is booked as it is named.
    let slot = others[0]["slotId"].as_str().expect("a slot");
    let booked = ground
        .book_slot(slot, "robin@example.com")
        .await
        .expect("booked");
    assert_eq!(booked.starts_at, "2026-06-02T11:00:00-06:00");
    // Full before it is sent: nothing leaves, and what is free is named all the same.
    let named = {
        let world = ground.fake.world();
        world.posts
    };
    let slot = ground.slot(&ten(3)).await;
    ground.fake.foreign(&ten(3), "a@example.com");
    ground.fake.foreign(&ten(3), "b@example.com");
    let fault = ground
        .book_slot(&slot, "robin@example.com")
        .await
        .expect_err("taken");
    assert_eq!(fault.code, "SLOT_TAKEN");
    assert_eq!(
        fault.details["alternatives"].as_array().map(Vec::len),
        Some(3)
    );
    assert_eq!(ground.fake.world().posts, named, "nothing was sent");
}

#[tokio::test]
async fn over_rest_a_key_books_once_and_hears_the_same() {
    let ground = Ground::open().await;
    let router = ground.desk.router(&admin());
    let slot = ground.slot(&ten(2)).await;
    let body =
        json!({"slotId": slot, "firstName": "Robin", "lastName": "Vale", "email": "r@example.com"});
    let post = (Method::POST, "/api/bookings");
    let first = send(&router, post.clone(), Some("key-1"), Some(&body)).await;
    assert_eq!(first.status, 201, "{first:?}");
    let again = send(&router, post.clone(), Some("key-1"), Some(&body)).await;
    assert!(again.replayed && again.status == 201, "{again:?}");
    assert_eq!(first.body["booking"]["id"], again.body["booking"]["id"]);
    assert_eq!(ground.fake.world().posts, 1);
    let path = format!(
        "/api/bookings/{}",
        first.body["booking"]["id"].as_str().expect("an id")
    );
    let shown = send(&router, (Method::GET, &path), None, None).await;
    assert_eq!(shown.body["booking"]["status"], "confirmed");
    let off = send(&router, (Method::DELETE, &path), None, None).await;
    assert_eq!(
        (off.status.as_u16(), &off.body),
        (200, &json!({"success": true}))
    );
    let off = send(&router, (Method::DELETE, &path), None, None).await;
    assert_eq!(off.status, 404);
}

#[tokio::test]
async fn an_answer_that_is_lost_is_found_there_and_nothing_is_sent_twice() {
    for ground in Ground::each("an_answer_that_is_lost").await {
        ground.look(1).await;
        for (at, mood) in [Mood::DoneThenCut, Mood::DoneThenSilent]
            .into_iter()
            .enumerate()
        {
            let named = format!("{mood:?}");
            let email = format!("robin{at}@example.com");
            ground.fake.mood("book", mood);
            let booked = ground.book(&ten(2), &email).await.expect("found there");
            assert_eq!(ground.fake.fired(&named), 1, "the fault came to pass");
            assert_eq!(ground.fake.world().posts, at + 1, "{named}");
            assert_eq!(booked.email, email);
        }
        assert_eq!(ground.fake.confirmed(), 2);
        ground.look(2).await;
        assert_eq!(
            ground.bookings().await.total,
            2,
            "none was taken for somebody else's"
        );
        assert_eq!(ground.whereabouts().await.unanswered, Vec::<String>::new());
    }
}

#[tokio::test]
async fn what_nobody_can_find_is_looked_for_and_then_told_as_lost() {
    let ground = Ground::open().await;
    for mood in [
        Mood::Text(502, "<html>Bad gateway</html>"),
        Mood::Text(408, "<html>Request timeout</html>"),
        Mood::Text(200, "<html>Welcome</html>"),
        Mood::Json(500, json!({"error": {"code": "OOPS", "message": "boom"}})),
        Mood::WithoutEffect,
    ] {
        let named = format!("{mood:?}");
        let before = ground.fake.world().posts;
        ground.fake.mood("book", mood);
        let fault = ground
            .book(&ten(2), "robin@example.com")
            .await
            .expect_err("nobody knows");
        assert_eq!(ground.fake.fired(&named), 1, "the fault came to pass");
        assert_eq!(
            (fault.kind, &*fault.code),
            (FaultKind::Busy, "UPSTREAM_UNANSWERED"),
            "{fault}"
        );
        let desk = ground.whereabouts().await;
        assert_eq!(desk.unanswered.len(), 1, "{desk:?}");
        assert!(
            desk.sentence()
                .contains("Sent, and not answered: Robin Vale"),
            "{desk:?}"
        );
        ground.look(14).await;
        let after = ground.fake.world().posts;
        let sent = usize::from(named == "WithoutEffect");
        assert_eq!(after, before + sent, "{named}: not sent again");
        assert_eq!(ground.whereabouts().await.unanswered, Vec::<String>::new());
        assert_eq!(ground.bookings().await.total, 0);
    }
}

#[tokio::test]
async fn killed_between_a_booking_and_its_answer_the_next_process_finds_it() {
    let ground = Ground::open().await;
    let slot = ground.slot(&ten(2)).await;
    ground.fake.mood("book", Mood::DoneThenSilent);
    let fake = ground.fake.clone();
    let arrived = async {
        while fake.world().posts == 0 {
            tokio::task::yield_now().await;
        }
    };
    // The process dies in the middle of its question.
    tokio::select! {
        _ = ground.book_slot(&slot, "robin@example.com") => {}
        () = arrived => {}
    }
    assert_eq!(ground.fake.world().posts, 1);
    let next = Desk::on(
        ground.store.clone(),
        "2026-06-01T12:01:00Z",
        None,
        set_up(&ground.fake),
    )
    .await;
    for _ in 0..4 {
        next.pass(chrono::Duration::seconds(20)).await;
    }
    let list: ListBookings = serde_json::from_value(json!({})).expect("a question");
    let found = next.core.ask(&admin(), list).await.expect("bookings");
    assert_eq!((found.total, ground.fake.world().posts), (1, 1));
    assert_eq!(found.data[0].email, "robin@example.com");
}

#[tokio::test]
async fn calling_off_is_told_as_it_is_shown() {
    let ground = Ground::open().await;
    let booked = ground
        .book(&ten(2), "robin@example.com")
        .await
        .expect("booked");
    ground.fake.mood("cancel", Mood::WithoutEffect);
    let fault = ground.cancel(booked.id).await.expect_err("without effect");
    assert_eq!(
        (ground.fake.fired("WithoutEffect"), &*fault.code),
        (1, "NOT_APPLIED")
    );
    assert!(
        fault.message.contains("still shows it as confirmed"),
        "{fault}"
    );
    ground.look(1).await;
    let shown = &ground.bookings().await.data[0];
    let differ = &shown.upstream.as_ref().expect("known").disagreements;
    assert_eq!(differ.len(), 1, "{differ:?}");
    assert_eq!(ground.whereabouts().await.disagreements, 1);
    // Done, and the answer was lost: it is looked at, and not sent again.
    ground.fake.mood("cancel", Mood::DoneThenCut);
    let off = ground.cancel(booked.id).await.expect("seen there");
    assert_eq!(
        (ground.fake.fired("DoneThenCut"), off.status),
        (1, Status::Cancelled)
    );
    assert_eq!(ground.fake.world().deletes, 2);
}

#[tokio::test]
async fn while_it_is_away_what_is_shown_is_as_it_was_and_says_so() {
    let ground = Ground::open().await;
    ground.fake.foreign(&ten(2), "alex@example.com");
    ground.look(1).await;
    assert_eq!(
        ground.slots(&ten(2), "2026-06-03").await.data[0].remaining,
        1
    );
    ground.fake.world().away = true;
    ground.look(3).await;
    let desk = ground.whereabouts().await;
    let trouble = desk.trouble.clone().expect("trouble");
    assert!(trouble.contains("broke off"), "{trouble}");
    assert!(
        desk.sentence().contains("cannot be reached since"),
        "{}",
        desk.sentence()
    );
    assert_eq!(ground.bookings().await.total, 1, "kept");
    let stale = ground.slots(&ten(2), "2026-06-03").await;
    let asked = stale.upstream.expect("asked");
    assert_eq!(stale.data[0].remaining, 1);
    assert!(asked.age_seconds.expect("an age") >= 30, "{asked:?}");
    assert!(
        asked.sentence().contains("as it was"),
        "{}",
        asked.sentence()
    );
    let fault = ground
        .book_slot(&stale.data[0].slot_id, "r@example.com")
        .await
        .expect_err("away");
    assert_eq!(
        (fault.kind, &*fault.code),
        (FaultKind::Busy, "UPSTREAM_UNREACHED")
    );
    assert!(fault.message.contains("nothing was sent"), "{fault}");
    // A process that never reached it knows what this one kept.
    let next = Desk::on(
        ground.store.clone(),
        "2026-06-01T12:05:00Z",
        None,
        set_up(&ground.fake),
    )
    .await;
    let tour = ground.tour().await;
    let list = json!({"resourceId": tour, "from": ten(2), "to": "2026-06-03"});
    let list: ListSlots = serde_json::from_value(list).expect("a question");
    let kept = next.core.ask(&admin(), list).await.expect("kept");
    assert!(kept.upstream.expect("asked").trouble.is_some() && !kept.data.is_empty());
    let board = json!({"from": "2026-06-01", "to": "2026-06-07"});
    let board: ShowBoard = serde_json::from_value(board).expect("a question");
    let board = next.core.ask(&admin(), board).await.expect("a board");
    let row = &board.resources[0];
    let at = "2026-06-02T16:00:00Z"
        .parse::<chrono::DateTime<chrono::Utc>>()
        .expect("an instant");
    let cell = row.cells.iter().find(|cell| cell.0 == at.timestamp());
    assert_eq!(cell.map(|cell| cell.1), Some(1), "who is booked is shown");
    // It comes back.
    ground.fake.world().away = false;
    ground.look(6).await;
    assert_eq!(ground.whereabouts().await.trouble, None);
}

#[tokio::test]
async fn what_it_asks_for_is_heeded_and_pages_and_errors_are_no_answers() {
    let ground = Ground::open().await;
    ground.fake.mood("resources", Mood::Wait(120));
    ground.look(1).await;
    assert_eq!(ground.fake.fired("Wait"), 1);
    let asked = ground.fake.world().asked.len();
    ground.look(3).await;
    assert_eq!(ground.fake.world().asked.len(), asked, "it is left alone");
    let trouble = ground.whereabouts().await.trouble.expect("trouble");
    assert!(trouble.contains("wait 120 s"), "{trouble}");
    ground.look(8).await;
    assert_eq!(ground.whereabouts().await.trouble, None);
    for mood in [
        Mood::Text(500, "<html>no</html>"),
        Mood::Text(200, "<html>hello</html>"),
        Mood::Json(200, json!({"error": "not now"})),
        Mood::Json(401, json!({"error": "Invalid API key"})),
    ] {
        let named = format!("{mood:?}");
        ground.fake.mood("bookings", mood);
        ground.look(1).await;
        assert_eq!(ground.fake.fired(&named), 1);
        assert!(ground.whereabouts().await.trouble.is_some(), "{named}");
        ground.look(2).await;
        assert_eq!(ground.whereabouts().await.trouble, None, "{named}");
    }
    let slot = ground.slot(&ten(2)).await;
    ground.fake.mood("book", Mood::Cut);
    let fault = ground
        .book_slot(&slot, "cut@example.com")
        .await
        .expect_err("nobody knows");
    assert_eq!(
        (ground.fake.fired("Cut"), &*fault.code),
        (1, "UPSTREAM_UNANSWERED")
    );
    ground.fake.mood("book", Mood::Wait(7));
    let fault = ground
        .book_slot(&slot, "r@example.com")
        .await
        .expect_err("to wait");
    assert!(
        fault.message.contains("wait 7 s") && fault.message.contains("nothing was done"),
        "{fault}"
    );
    let hint = fault.hint.expect("a hint");
    assert!(hint.contains("under a new key"), "{hint}");
    ground.look(1).await;
    ground.fake.mood(
        "book",
        Mood::Json(403, json!({"error": "Missing scope bookings.manage"})),
    );
    let fault = ground
        .book(&ten(2), "r@example.com")
        .await
        .expect_err("not allowed");
    assert!(
        fault.message.contains("Missing scope bookings.manage"),
        "{fault}"
    );
    assert_eq!(ground.fake.confirmed(), 0);
}

#[tokio::test]
async fn what_vanishes_there_is_kept_and_marked_and_comes_back() {
    let ground = Ground::open().await;
    let booked = ground
        .book(&ten(2), "robin@example.com")
        .await
        .expect("booked");
    ground.look(1).await;
    let kept = std::mem::take(&mut ground.fake.world().bookings);
    ground.look(4).await;
    assert_eq!(
        ground.whereabouts().await.gone,
        0,
        "a few looks prove nothing"
    );
    ground.look(20).await;
    assert_eq!(ground.whereabouts().await.gone, 1);
    let found = ground.bookings().await;
    assert_eq!((found.total, found.data[0].id), (1, booked.id), "kept");
    let known = found.data[0].upstream.clone().expect("known");
    assert!(known.missing_since.is_some(), "{known:?}");
    assert!(
        known
            .remarks()
            .iter()
            .any(|one| one.contains("not shown there since"))
    );
    ground.fake.world().bookings = kept;
    ground.look(2).await;
    assert_eq!(ground.whereabouts().await.gone, 0);
    let known = ground.bookings().await.data[0]
        .upstream
        .clone()
        .expect("known");
    assert_eq!(known.missing_since, None);
}

#[tokio::test]
async fn what_it_shows_otherwise_than_it_was_asked_is_said() {
    let ground = Ground::open().await;
    ground
        .book(&ten(2), "robin@example.com")
        .await
        .expect("booked");
    {
        let mut world = ground.fake.world();
        world.bookings[0]["startsAt"] = json!("2026-06-02T18:00:00Z");
        world.bookings[0]["endsAt"] = json!("2026-06-02T19:00:00Z");
        world.bookings[0]["status"] = json!("rescheduled");
    }
    ground.look(2).await;
    let shown = &ground.bookings().await.data[0];
    assert_eq!(shown.starts_at, "2026-06-02T12:00:00-06:00");
    let differ = &shown.upstream.as_ref().expect("known").disagreements;
    let about: Vec<&str> = differ.iter().map(|one| one.about.as_str()).collect();
    assert_eq!(about, ["status", "begins"], "{differ:?}");
    assert_eq!(ground.whereabouts().await.disagreements, 1);
}

#[tokio::test]
async fn what_it_does_not_offer_is_refused_in_words_and_nothing_is_sent() {
    let ground = Ground::open().await;
    let booked = ground
        .book(&ten(2), "robin@example.com")
        .await
        .expect("booked");
    let slot = ground.slot(&ten(3)).await;
    let asked = ground.fake.world().posts;
    let guest = json!({"firstName": "Yu", "lastName": "Ito", "email": "yu@example.com"});
    let party = json!({"slotId": slot, "firstName": "A", "lastName": "B", "email": "a@example.com", "partySize": 2});
    let refused = [
        ground
            .try_ask::<HoldSlot>(json!({"slotId": slot}))
            .await
            .map(drop),
        ground
            .try_ask::<MoveBooking>(json!({"bookingId": booked.id, "slotId": slot}))
            .await
            .map(drop),
        ground
            .try_ask::<SettleBooking>(json!({"bookingId": booked.id, "status": "no_show"}))
            .await
            .map(drop),
        ground
            .try_ask::<WaitForSlot>(json!({"slotId": slot, "guest": guest}))
            .await
            .map(drop),
        ground.try_ask::<BookSlot>(party).await.map(drop),
    ];
    for refused in refused {
        let fault = refused.expect_err("not offered");
        assert_eq!(
            (fault.kind, &*fault.code),
            (FaultKind::WrongState, "NOT_OFFERED")
        );
        assert!(
            fault.message.contains("Novala does not offer this"),
            "{fault}"
        );
    }
    assert_eq!(ground.fake.world().posts, asked);
    // Why a time is not free nobody here knows; what is free instead is told.
    ground.fake.foreign(&ten(2), "x@example.com");
    ground.look(1).await;
    let why = json!({"resourceId": ground.tour().await, "at": ten(2)});
    let why = ground.ask::<ExplainSlot>(why).await;
    assert!(!why.offered && why.reason.is_none());
    assert!(
        why.sentence
            .contains("Novala does not offer this: it does not say why"),
        "{}",
        why.sentence
    );
    assert_eq!((why.alternatives.len(), why.bookings.len()), (3, 2));
}

#[tokio::test]
async fn resources_are_changed_there_and_read_back_where_it_lets_us() {
    let ground = Ground::open().await;
    let id = ground.tour().await;
    let change = json!({"resourceId": id, "fields": {"name": "Evening Tour"}});
    let fault = ground
        .try_ask::<UpdateResource>(change.clone())
        .await
        .expect_err("not offered");
    assert!(
        fault.message.contains("Novala does not offer this"),
        "{fault}"
    );
    ground.fake.world().edits = true;
    let changed = ground.ask::<UpdateResource>(change).await.resource;
    assert_eq!(changed.card.name, "Evening Tour");
    assert_eq!(ground.fake.world().resources[0]["name"], "Evening Tour");
    // It takes no notice of a field, and says that it is done.
    let change = json!({"resourceId": id, "fields": {"bufferAfterMinutes": 15}});
    let fault = ground
        .try_ask::<UpdateResource>(change)
        .await
        .expect_err("without effect");
    assert_eq!(fault.code, "NOT_APPLIED", "{fault}");
    assert!(fault.message.contains("bufferAfterMinutes"), "{fault}");
    let make = json!({"type": "room", "name": "Annex", "timezone": "America/Denver"});
    let made = ground.ask::<CreateResource>(make).await.resource;
    assert_eq!(
        made.upstream.expect("there").id.as_deref(),
        Some("res-uuid-009")
    );
    ground.look(1).await;
    assert_eq!(ground.ask::<ListResources>(json!({})).await.total, 2);
}

#[tokio::test]
async fn the_console_books_there_and_takes_another_on_one_key() {
    let ground = Ground::open().await;
    let mut person = Person::sits_down(&ground.desk, admin()).await;
    person.resizes(180, 50);
    person.presses("6").await;
    person.rests().await;
    person.presses("J").await;
    person.types("2026-06-02 10:00").await;
    person.presses("enter").await;
    person.rests().await;
    person.sees("Novala, ");
    person.sees("0 of 2 taken, free");
    person.presses("H").await;
    person.sees("Novala does not offer this: nobody can hold a slot there");
    person.presses("n").await;
    person.types("Robin").await;
    person.presses("tab").await;
    person.types("Vale").await;
    person.presses("tab").await;
    person.types("robin@example.com").await;
    person.presses("ctrl-s").await;
    ground.fake.mood("book", Mood::TakenFirst);
    person.rests().await;
    person.presses("y").await;
    person.rests().await;
    assert_eq!(ground.fake.fired("TakenFirst"), 1);
    person.sees("Slot is no longer available");
    person.sees("1  Main Campus Tour, Tue 02 Jun 11:00-12:00");
    person.presses("1").await;
    person.rests().await;
    person.presses("y").await;
    person.rests().await;
    person.sees("Robin Vale is booked");
    assert_eq!(ground.fake.confirmed(), 3);
    ground.fake.world().away = true;
    ground.look(2).await;
    person.rests().await;
    person.sees("Novala away, ");
    person.sees("what is free is as it was");
}

/// Runs a command beside the slot service.
async fn run(desk: &std::sync::Arc<prompt::Desk>, args: &[&str]) -> prompt::Ran {
    let desk = std::sync::Arc::clone(desk);
    let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
    let run = move || {
        let config = desk.path("config.toml").display().to_string();
        let mut all = vec!["--config", config.as_str()];
        all.extend(args.iter().map(String::as_str));
        desk.run(&all)
    };
    tokio::task::spawn_blocking(run).await.expect("it ran")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_says_where_slots_live_and_books_there() {
    let fake = SlotService::open("2026-06-15T12:00:00Z").await;
    fake.foreign("2026-06-16T16:00:00Z", "alex@example.com");
    let desk = prompt::Desk::new();
    let key = desk.file("slots.key", format!("{KEY}\n"));
    let text = format!(
        "[desks.main.slots]\nkind = \"slot-service\"\nname = \"Novala\"\nurl = \"{}\"\nkey_file = \"{key}\"\npoll_seconds = 1\n",
        fake.url()
    );
    desk.file("config.toml", &text);
    let desk = std::sync::Arc::new(desk);
    // The first command finds what is there; a mirror takes a moment.
    let mut listed = run(&desk, &["--json", "slots", "list"]).await;
    for _ in 0..20 {
        if listed.out.contains("Main Campus Tour") {
            break;
        }
        listed = run(&desk, &["--json", "slots", "list"]).await;
    }
    let listed: Value = serde_json::from_str(&listed.out).expect("json");
    let id = listed["data"][0]["id"].as_str().expect("an id").to_owned();
    let free = run(
        &desk,
        &[
            "slots",
            "availability",
            &id,
            "--from",
            "2026-06-16",
            "--to",
            "2026-06-16",
        ],
    )
    .await;
    assert!(
        free.err.contains("what is free was asked of Novala"),
        "{free:?}"
    );
    let guest = [
        "--first-name",
        "Robin",
        "--last-name",
        "Vale",
        "--email",
        "r@example.com",
    ];
    let mut book = vec!["slots", "book", &id, "2026-06-16T10:00"];
    book.extend(guest);
    let booked = run(&desk, &book).await;
    assert_eq!((booked.code, fake.confirmed()), (0, 2), "{booked:?}");
    let full = run(&desk, &book).await;
    assert!(
        full.code != 0 && full.err.contains("Novala does not offer this"),
        "{full:?}"
    );
    let all = run(&desk, &["slots", "bookings"]).await;
    assert!(
        all.err.contains("Slots live in Novala at http://127.0.0.1"),
        "{all:?}"
    );
    let lives = run(&desk, &["slots", "desk"]).await;
    assert!(
        lives.out.contains("It does not offer: holding a slot"),
        "{lives:?}"
    );
    for said in [free, booked, full, all, lives] {
        assert!(!format!("{said:?}").contains(KEY), "the key is in no words");
    }
    desk.file("config.toml", text.replace("slot-service", "other"));
    let refused = run(&desk, &["slots", "list"]).await;
    assert!(
        refused.code != 0 && refused.err.contains("desks.main.slots.kind"),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_change_whose_answer_is_lost_is_waited_for_before_it_counts_as_not_applied() {
    let ground = Ground::open().await;
    let id = ground.tour().await;
    ground.fake.world().edits = true;
    for (key, name) in [("key-1", Some("Evening Tour")), ("key-2", None)] {
        let change = async || {
            let wanted = name.unwrap_or("Night Tour");
            let change = json!({"resourceId": id, "fields": {"name": wanted}});
            let change: UpdateResource = serde_json::from_value(change).expect("a question");
            let terms = Terms::keyed(key);
            ground.desk.core.ask_on(&admin(), change, terms).await
        };
        let before = ground.fake.fired("Cut");
        ground.fake.mood("change", Mood::Cut);
        let fault = change().await.expect_err("nobody knows");
        assert_eq!(
            (ground.fake.fired("Cut"), &*fault.code),
            (before + 1, "UPSTREAM_UNANSWERED"),
            "{fault}"
        );
        assert_eq!(ground.whereabouts().await.unanswered.len(), 1);
        if let Some(name) = name {
            // What was sent is taken, only late.
            ground.fake.world().resources[0]["name"] = json!(name);
            ground.look(3).await;
            let changed = change().await.expect("seen there").output;
            assert_eq!(changed.resource.card.name, name);
        } else {
            ground.look(14).await;
            let fault = change().await.expect_err("never applied");
            assert_eq!(fault.code, "NOT_APPLIED", "{fault}");
        }
        assert_eq!(ground.whereabouts().await.unanswered, Vec::<String>::new());
    }
    let asked = ground.fake.world().asked.clone();
    let sent = asked.iter().filter(|one| **one == "change").count();
    assert_eq!(sent, 2, "each was sent once");
}

#[tokio::test]
async fn a_key_that_is_used_twice_at_once_books_once() {
    let ground = Ground::open().await;
    let slot = ground.slot(&ten(2)).await;
    let ask = async || {
        let book = json!({"slotId": slot, "firstName": "Robin", "lastName": "Vale",
            "email": "robin@example.com", "phone": "+1 801 555 0100"});
        let book: BookSlot = serde_json::from_value(book).expect("a question");
        let terms = Terms::keyed("key-1");
        let told = ground.desk.core.ask_on(&admin(), book, terms).await;
        told.expect("booked").output.booking.id
    };
    let (one, other) = futures_util::future::join(ask(), ask()).await;
    assert_eq!(one, other, "both hear of the same");
    assert_eq!(ground.fake.world().posts, 1, "sent once");
    assert_eq!(ground.fake.confirmed(), 1);
}

#[tokio::test]
async fn one_seat_is_never_sold_twice_to_those_who_ask_at_once() {
    let ground = Ground::open().await;
    ground.fake.foreign(&ten(2), "alex@example.com");
    let slot = ground.slot(&ten(2)).await;
    let emails: Vec<String> = (0..4).map(|n| format!("r{n}@example.com")).collect();
    let asked = emails.iter().map(|email| ground.book_slot(&slot, email));
    let told = futures_util::future::join_all(asked).await;
    assert_eq!(told.iter().filter(|one| one.is_ok()).count(), 1);
    assert_eq!(ground.fake.confirmed(), 2);
}
