//! Orders, as the publisher's admin sees them.

use flightdeck::domain::{
    ids::BuyId,
    media_buy::{action::OrderVerb, status::BuyStatus},
    tenant::role::Role,
};

use crate::{
    desk::{Desk, caller},
    person::{Person, USUAL},
    world::{self, act, buyer, look, order, ordered, rebudget, sofia},
};

/// Run of site by the thousand, promised.
const NEWS: &str = "brand-daybreak-ros";
/// Whatever its price wins.
const OPEN: &str = "perf-marlow-display";

/// Sofia at the pane of orders.
async fn sits(desk: &Desk) -> Person<'_> {
    let mut person = Person::sits_down(desk, sofia()).await;
    person.resizes(180, 45);
    person.presses("4").await;
    person.rests().await;
    person
}

async fn status(desk: &Desk, id: &BuyId) -> BuyStatus {
    look(desk, id).await.buy.status
}

#[tokio::test]
async fn an_empty_queue_says_how_orders_come() {
    let desk = world::empty().await;
    let mut person = sits(&desk).await;
    person.sees("There are no orders yet.");
    person.presses("A").await;
    person.sees("there is no order here");
}

#[tokio::test]
async fn what_waits_longest_stands_first_and_is_approved_with_its_numbers() {
    let desk = world::empty().await;
    let acme = buyer("acme-foods");
    let first = order(
        &desk,
        &acme,
        "Summer Tour",
        &[(NEWS, 13_000), (OPEN, 4_200)],
    )
    .await;
    order(&desk, &acme, "Autumn Tour", &[(NEWS, 6_500)]).await;
    let mut person = sits(&desk).await;
    person.sees("4 Orders (2)");
    person.sees("Orders · 2 · by status");
    // Two million at 6.50 and a million at 4.20, line by line.
    person.sees("acme-foods asks for the whole order, 40 min");
    person.sees("1. STANDARD · News run of site");
    person.sees("2,000,000 impressions at 6.50 USD");
    person.sees("needs 2,000,000, 62,000,000 free");
    person.sees("2. PRICE_PRIORITY");
    person.presses("A").await;
    person.sees("Approve Summer Tour");
    person.sees("acme-foods asks for 17,200.00 USD");
    person.sees("STANDARD PRICE_PRIORITY, Jul 01–Jul 31");
    person.sees("News run of site: needs 2,000,000, 62,000,000 free");
    person.rests().await;
    person.presses("y").await;
    person.rests().await;
    person.sees("Summer Tour is approved");
    person.sees("4 Orders (1)");
    assert_eq!(status(&desk, &first).await, BuyStatus::PendingStart);
    assert_eq!(person.orders, 1);
}

#[tokio::test]
async fn nothing_is_refused_without_a_reason() {
    let desk = world::empty().await;
    let tour = order(
        &desk,
        &buyer("acme-foods"),
        "Summer Tour",
        &[(NEWS, 13_000)],
    )
    .await;
    let mut person = sits(&desk).await;
    person.presses("R").await;
    person.sees("why reject Summer Tour:");
    person.presses("enter").await;
    person.sees("a reason is needed");
    person.presses("R").await;
    person.types("July is full").await;
    person.presses("enter").await;
    person.sees("Reject Summer Tour");
    person.sees("Reason: July is full");
    assert_eq!(person.orders, 0);
    person.rests().await;
    person.presses("y").await;
    person.rests().await;
    let buy = look(&desk, &tour).await.buy;
    let (status, why) = (buy.status, buy.rejection.as_deref());
    assert_eq!((status, why), (BuyStatus::Rejected, Some("July is full")));
    person.sees("✗ rejected");
    person.sees("rejected: July is full");
    person.presses("A").await;
    person.sees("Can only approve orders in PENDING_APPROVAL or DRAFT status");
}

#[tokio::test]
async fn what_is_sent_back_is_a_draft_that_is_submitted_again() {
    let desk = world::empty().await;
    let tour = order(
        &desk,
        &buyer("acme-foods"),
        "Summer Tour",
        &[(NEWS, 13_000)],
    )
    .await;
    let mut person = sits(&desk).await;
    person.presses("B").await;
    person.types("shorten it").await;
    person.presses("enter").await;
    person.rests().await;
    person.presses("y").await;
    person.rests().await;
    person.sees("○ draft");
    person.sees("sent back: shorten it");
    assert_eq!(status(&desk, &tour).await, BuyStatus::Draft);
    person.presses("t").await;
    person.sees("Cannot auto-activate order with guaranteed line items (['STANDARD'])");
    person.presses("m").await;
    person.rests().await;
    person.presses("y").await;
    person.rests().await;
    assert_eq!(status(&desk, &tour).await, BuyStatus::AwaitingApproval);
    person.sees("4 Orders (1)");
}

#[tokio::test]
async fn many_are_approved_by_their_number_and_one_that_changed_is_asked_again() {
    let desk = world::empty().await;
    let acme = buyer("acme-foods");
    let one = order(&desk, &acme, "Summer Tour", &[(NEWS, 13_000)]).await;
    let two = order(&desk, &acme, "Autumn Tour", &[(NEWS, 6_500)]).await;
    let three = order(&desk, &acme, "Winter Tour", &[(NEWS, 1_300)]).await;
    let mut person = sits(&desk).await;
    person.presses("a A").await;
    person.sees("Approve 3 orders");
    person.sees("3 orders, 20,800.00 USD in all");
    person.sees("Type 3 orders to agree");
    person.rests().await;
    person.types("3 orders").await;
    rebudget(&desk, &acme, &two, 9_100).await;
    person.waits(10).await;
    person.presses("enter enter").await;
    person.sees("✓ Summer Tour: Summer Tour is approved");
    person.sees("! Autumn Tour: the media buy has changed since you looked");
    person.sees("media_buys.changed");
    person.sees("✓ Winter Tour");
    person.sees("acme-foods asks for 9,100.00 USD");
    assert_eq!(status(&desk, &one).await, BuyStatus::PendingStart);
    assert_eq!(status(&desk, &two).await, BuyStatus::AwaitingApproval);
    assert_eq!(status(&desk, &three).await, BuyStatus::PendingStart);
    person.rests().await;
    person.presses("y").await;
    assert_eq!(status(&desk, &two).await, BuyStatus::PendingStart);
    assert_eq!(person.orders, 4);
}

#[tokio::test]
async fn a_reason_is_written_while_the_engine_is_silent_and_sent_when_it_answers() {
    let desk = world::empty().await;
    let acme = buyer("acme-foods");
    let tour = order(&desk, &acme, "Summer Tour", &[(NEWS, 13_000)]).await;
    let mut person = sits(&desk).await;
    person.answers = false;
    desk.clock.advance(chrono::Duration::seconds(12));
    person.happens(flightdeck::tui::console::Event::Time).await;
    person.presses("A").await;
    person.sees("the engine has not answered for 12 s");
    person.presses("R").await;
    person.types("the break is sold").await;
    person.presses("enter").await;
    desk.clock.advance(chrono::Duration::seconds(1));
    person.presses("y").await;
    person.sees("the engine has not answered for 13 s");
    assert_eq!(person.orders, 0);
    person.answers = true;
    person.waits(100).await;
    person.presses("y").await;
    assert_eq!(person.orders, 1);
    assert_eq!(status(&desk, &tour).await, BuyStatus::Rejected);
}

#[tokio::test]
async fn what_was_decided_meanwhile_is_not_decided_again() {
    let desk = world::empty().await;
    let tour = order(
        &desk,
        &buyer("acme-foods"),
        "Summer Tour",
        &[(NEWS, 13_000)],
    )
    .await;
    let mut person = sits(&desk).await;
    person.presses("R").await;
    person.types("no").await;
    act(&desk, &sofia(), &tour, OrderVerb::ApproveOrder).await;
    person.presses("enter").await;
    person.rests().await;
    person.presses("y").await;
    person.sees("the media buy has changed since you looked");
    person.sees("nobody asks for anything: the media buy is pending_start");
    assert_eq!(status(&desk, &tour).await, BuyStatus::PendingStart);
}

#[tokio::test]
async fn a_change_is_shown_as_old_and_new_and_agreed_to() {
    let desk = world::empty().await;
    let acme = buyer("acme-foods");
    let tour = order(&desk, &acme, "Summer Tour", &[(NEWS, 13_000)]).await;
    act(&desk, &sofia(), &tour, OrderVerb::ApproveOrder).await;
    rebudget(&desk, &acme, &tour, 26_000).await;
    let mut person = sits(&desk).await;
    person.sees("◆ change asked for");
    person.sees("acme-foods asks for a change to 26,000.00 USD");
    person.sees("total: 13,000.00 USD → 26,000.00 USD");
    person.sees("needs 4,000,000, 62,000,000 free, holds 2,000,000");
    person.presses("A").await;
    person.sees("Approve the change of Summer Tour");
    person.sees("acme-foods asks for 26,000.00 USD instead of 13,000.00 USD");
    person.rests().await;
    person.presses("y").await;
    person.rests().await;
    person.sees("the change of Summer Tour is approved");
    let view = look(&desk, &tour).await;
    assert_eq!(view.total.to_string(), "26,000.00 USD");
    person.sees_no("change asked for");
}

#[tokio::test]
async fn too_little_inventory_is_seen_before_it_is_approved() {
    let desk = world::empty().await;
    let acme = buyer("acme-foods");
    let tour = order(&desk, &acme, "Summer Tour", &[(NEWS, 650_000)]).await;
    let mut person = sits(&desk).await;
    person.sees("only 62,000,000 of 100,000,000");
    // What can be done says the same as what was found.
    person.sees("✗ approve   News run of site: only 62,000,000");
    person.sees_no("✓ approve");
    person.presses("A").await;
    person.sees("As things stand this will be refused:");
    person.rests().await;
    person.presses("y").await;
    person.sees("✗ Summer Tour");
    assert_eq!(status(&desk, &tour).await, BuyStatus::AwaitingApproval);
}

#[tokio::test]
async fn calling_off_takes_the_typed_name() {
    let desk = world::empty().await;
    let tour = order(&desk, &buyer("acme-foods"), "Summer Tour", &[(OPEN, 4_200)]).await;
    let mut person = sits(&desk).await;
    person.presses("X").await;
    person.sees("Can only archive DELIVERED, COMPLETED, CANCELLED, or PAUSED orders");
    person.presses("x").await;
    person.sees("Type Summer Tour to agree");
    person.rests().await;
    person.presses("enter tab tab enter").await;
    assert_eq!(person.orders, 0);
    person.presses("tab").await;
    person.types("Summer Tour").await;
    person.presses("enter enter").await;
    person.rests().await;
    assert_eq!(status(&desk, &tour).await, BuyStatus::Canceled);
    person.sees("Summer Tour is called off");
    // Put away, it leaves the list.
    person.presses("X").await;
    person.rests().await;
    person.presses("y").await;
    person.rests().await;
    person.sees("There are no orders yet.");
    assert!(look(&desk, &tour).await.buy.archived_at.is_some());
}

#[tokio::test]
async fn a_pause_is_undone() {
    let desk = world::empty().await;
    let tour = order(&desk, &buyer("acme-foods"), "Summer Tour", &[(OPEN, 4_200)]).await;
    let mut person = sits(&desk).await;
    person.presses("p").await;
    person.rests().await;
    person.presses("y").await;
    person.rests().await;
    person.sees("‖ paused");
    person.presses("u").await;
    person.sees("Resume Summer Tour");
    person.rests().await;
    person.presses("y").await;
    person.rests().await;
    assert_eq!(status(&desk, &tour).await, BuyStatus::Active);
    person.presses("r").await;
    person.sees("cannot resume this media buy: it is active");
}

#[tokio::test]
async fn only_admins_decide_and_read_only_sends_nothing() {
    let desk = world::empty().await;
    let tour = order(
        &desk,
        &buyer("acme-foods"),
        "Summer Tour",
        &[(NEWS, 13_000)],
    )
    .await;
    for role in [Role::Viewer, Role::Trafficker, Role::Approver] {
        let mut person = Person::sits_down(&desk, caller("acme", role)).await;
        person.presses("4").await;
        person.rests().await;
        person.sees("Summer Tour");
        for key in ["A", "R", "B"] {
            person.presses(key).await;
            person.sees("may not: it takes buys:approve");
        }
        assert_eq!(person.orders, 0);
    }
    let mut person = Person::with(&desk, sofia(), USUAL, true).await;
    person.presses("4 A").await;
    person.sees("this session is read only");
    assert_eq!(status(&desk, &tour).await, BuyStatus::AwaitingApproval);
}

#[tokio::test]
async fn an_order_is_found_followed_copied_and_exported() {
    let desk = world::empty().await;
    let acme = buyer("acme-foods");
    let tour = order(&desk, &acme, "Summer Tour", &[(NEWS, 13_000)]).await;
    ordered(&desk, &acme, "Autumn Tour", &[(NEWS, 6_500)], true).await;
    let mut person = Person::sits_down(&desk, sofia()).await;
    person.presses(":").await;
    person.types("summer tour").await;
    person.presses("enter").await;
    person.rests().await;
    person.sees("Summer Tour · ◆ awaiting approval");
    person.presses("/").await;
    person.types("status:draft").await;
    person.sees("Orders · 1 of 2");
    person.presses("enter esc").await;
    person.presses("g y").await;
    assert_eq!(person.copied, [tour.to_string()]);
    person.presses("e enter").await;
    let (name, text) = person.written.last().expect("a file");
    assert_eq!(name, "flightdeck-orders.csv");
    assert!(text.contains("Autumn Tour"), "{text}");
    let mut lines = text.lines();
    assert!(lines.all(|line| line.ends_with(",currency") || line.ends_with(",USD")));
    person.presses("o").await;
    person.rests().await;
    person.sees("media_buys.");
    person.sees("Summer Tour of acme-foods");
    person.sees_no("Autumn Tour");
}

#[tokio::test]
async fn the_guards_stand_beside_what_they_keep_from() {
    let desk = world::empty().await;
    ordered(&desk, &buyer("acme-foods"), "Tour", &[(NEWS, 6_500)], true).await;
    let mut person = sits(&desk).await;
    person.resizes(200, 60);
    person.sees("✓ approve");
    person.sees("✓ submit");
    person.sees("✗ reject    nobody asks for anything: the media buy is draft");
    person.sees("✗ activate  Cannot auto-activate order with guaranteed");
    person.sees("✗ pause     cannot pause this media buy: it is draft");
    person.sees("✗ archive   Order status is 'DRAFT'.");
}

#[tokio::test]
async fn a_change_that_is_refused_leaves_the_order_as_it_is_and_says_so() {
    let desk = world::empty().await;
    let acme = buyer("acme-foods");
    let tour = order(&desk, &acme, "Summer Tour", &[(NEWS, 13_000)]).await;
    act(&desk, &sofia(), &tour, OrderVerb::ApproveOrder).await;
    rebudget(&desk, &acme, &tour, 26_000).await;
    let mut person = sits(&desk).await;
    person.presses("R").await;
    person.sees("why reject the change of Summer Tour:");
    person.types("July is full").await;
    person.presses("enter").await;
    person.sees("Reject the change of Summer Tour");
    person.sees("The order stays as it is");
    person.rests().await;
    person.presses("y").await;
    person.rests().await;
    person.sees("the change of Summer Tour is rejected");
    person.sees_no("✗ rejected");
    assert_eq!(status(&desk, &tour).await, BuyStatus::PendingStart);
}

#[tokio::test]
async fn many_orders_are_looked_over_before_anybody_agrees() {
    let desk = world::empty().await;
    let acme = buyer("acme-foods");
    order(&desk, &acme, "Summer Tour", &[(NEWS, 650_000)]).await;
    order(&desk, &acme, "Autumn Tour", &[(NEWS, 6_500)]).await;
    let mut person = sits(&desk).await;
    person.presses("a A").await;
    person.sees("Approve 2 orders");
    person.sees("As things stand 1 of them will be refused:");
    person.sees("✗ Summer Tour: News run of site: only 62,000,000");
    person.presses("esc esc").await;
    // Before anybody has rested on it, it is looked over all the same.
    person.presses("G g A").await;
    person.sees("As things stand this will be refused:");
}
