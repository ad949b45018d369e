//! What is to stop stops: while an order is being carried, beside what is refused, and for a buy
//! that never got there; and what was delivered last is counted.

use flightdeck::{
    domain::{
        ids::BuyId,
        inventory::{
            item::ItemStatus,
            order::{HeldLine, HeldOrder},
            trouble::{Category, NO_SUCH, Trouble},
        },
        media_buy::ad_order::{AdOrder, Came, Standing},
        opendirect::product::DeliveryType,
        tenant::caller::Caller,
    },
    engine::{
        ad_orders::{
            place::PlaceOrder,
            step::TakeOrderStep,
            wanted::{Plan, WantedOrder},
        },
        seller::products::put::PutProduct,
        sync::start::StartSync,
    },
};
use serde_json::{Value, json};

use crate::{
    desk::Desk,
    fake_google::{FakeGoogle, Mood, ad_unit, error},
    market::{act, admin, buyer, change, product},
    orders::{ask, buy, fired, now, pass, publisher, running, settle, stats, there, until, update},
};

fn engine() -> Caller {
    Caller::engine(admin().tenant)
}

/// What somebody who goes there now sets out with.
async fn plan(desk: &Desk, id: &BuyId) -> Plan {
    let media_buy_id = id.clone();
    let look = WantedOrder { media_buy_id };
    let planned = desk.core.ask(&engine(), look).await;
    planned
        .expect("planned")
        .plan
        .expect("it is to be in the ad server")
}

/// Takes note of what came of that.
async fn step(desk: &Desk, plan: Plan, came: Came) {
    let step = TakeOrderStep {
        media_buy_id: plan.known.media_buy_id,
        revision: plan.revision,
        lines: plan.lines,
        came: Some(came),
    };
    desk.core.ask(&engine(), step).await.expect("noted");
}

/// The order there, all of it on.
fn held(known: &AdOrder) -> HeldOrder {
    let line = |one: &flightdeck::domain::media_buy::ad_order::AdLine| HeldLine {
        id: one.id.clone().expect("it was seen"),
        name: one.name.clone(),
        status: ItemStatus::Active,
        starts: None,
        ends: None,
        goal: None,
        rate: None,
        delivered: None,
    };
    HeldOrder {
        id: known.order_id.clone().expect("it was seen"),
        name: known.name.clone(),
        status: ItemStatus::Active,
        lines: known.lines.iter().map(line).collect(),
    }
}

fn read(plan: &Plan, brought: bool) -> Came {
    Came::Read {
        held: held(&plan.known),
        wanted: plan.wanted.clone().expect("nothing is missing"),
        brought,
    }
}

fn status(fake: &FakeGoogle) -> Value {
    fake.network().line_items[0]["status"].clone()
}

async fn say(desk: &Desk, id: &BuyId, action: &str) {
    let said = act(desk, &buyer("acme"), id, json!({ "action": action })).await;
    said.expect("done");
}

async fn place(desk: &Desk, id: &BuyId) {
    let media_buy_id = id.clone();
    ask(desk, PlaceOrder { media_buy_id }).await;
}

#[tokio::test]
async fn a_pause_while_the_order_is_carried_does_not_wait_for_the_next_look() {
    let (fake, desk, view) = running().await;
    let id = &view.buy.id;
    let refused = || Came::Trouble(Trouble::permanent("no"));
    let gone = || Came::Trouble(Trouble::new(Category::Permanent, NO_SUCH, "not found"));
    for n in 0..3 {
        place(&desk, id).await;
        let plan = plan(&desk, id).await;
        let came = [read(&plan, true), refused(), gone()];
        say(&desk, id, "pause_media_buy").await;
        step(&desk, plan, came[n].clone()).await;
        assert_eq!(status(&fake), "READY", "{n}: it delivers");
        settle(&desk).await;
        let order = there(&desk, id).await;
        assert_eq!(
            (status(&fake), order.standing),
            (json!("PAUSED"), Standing::Placed),
            "{n}"
        );
        say(&desk, id, "resume_media_buy").await;
        settle(&desk).await;
        assert_eq!(status(&fake), "READY", "{n}: and again");
    }
}

#[tokio::test]
async fn what_is_asked_for_during_a_mere_look_is_brought_there() {
    let (fake, desk, view) = running().await;
    let id = &view.buy.id;
    fake.network().line_items[0]["goal"]["units"] = json!("5");
    pass(&desk, 1_000).await;
    assert_eq!(there(&desk, id).await.standing, Standing::Differs);
    let plan = plan(&desk, id).await;
    assert!(!plan.known.is_asked(), "it is only looked at");
    place(&desk, id).await;
    let came = read(&plan, false);
    step(&desk, plan, came).await;
    assert_eq!(there(&desk, id).await.standing, Standing::Waiting);
    settle(&desk).await;
    assert_eq!(there(&desk, id).await.standing, Standing::Placed);
    assert_eq!(fake.network().line_items[0]["goal"]["units"], "500000");
}

#[tokio::test]
async fn a_pause_goes_before_what_is_refused() {
    let (fake, desk, view) = running().await;
    let (id, package) = (&view.buy.id, &view.buy.packages[0].id);
    let more = json!({"packages": [{"package_id": package, "budget": 12_000}]});
    change(&desk, &buyer("acme"), id, more)
        .await
        .expect("changed");
    say(&desk, id, "pause_media_buy").await;
    let no = Mood::Status(400, error(400, "NOT_ENOUGH_INVENTORY"), None);
    fake.network().on.push(("lineItems:batchUpdate", no));
    settle(&desk).await;
    fired(&fake, "lineItems:batchUpdate");
    let refused = there(&desk, id).await;
    assert_eq!(
        (status(&fake), refused.standing),
        (json!("PAUSED"), Standing::Refused)
    );
}

#[tokio::test]
async fn what_one_call_does_not_find_is_no_order_that_is_gone() {
    let (fake, desk, view) = running().await;
    let id = &view.buy.id;
    say(&desk, id, "pause_media_buy").await;
    let no = Mood::Status(404, error(404, "Requested entity was not found."), None);
    fake.network().on.push(("lineItems:batchPause", no));
    settle(&desk).await;
    fired(&fake, "lineItems:batchPause");
    let refused = there(&desk, id).await;
    assert_eq!(refused.standing, Standing::Refused);
    assert!(refused.differs.is_empty(), "{:?}", refused.remarks());
}

#[tokio::test]
async fn whose_an_order_is_need_not_be_known_to_call_it_off() {
    let (fake, desk, view) = running().await;
    let id = &view.buy.id;
    update(&desk, json!({"gam_company_id": ""})).await;
    let canceled = change(&desk, &buyer("acme"), id, json!({"canceled": true})).await;
    canceled.expect("called off");
    settle(&desk).await;
    let order = there(&desk, id).await;
    assert_eq!(status(&fake), "PAUSED", "{:?}", order.remarks());
    assert_eq!(fake.network().orders[0]["archived"], true);
}

#[tokio::test]
async fn a_buy_that_never_got_there_is_not_delivered_by_the_one_inside() {
    let (fake, desk) = publisher().await;
    ask(&desk, PutProduct(product("open", DeliveryType::Pmp))).await;
    let view = buy(&desk).await.buy;
    let id = &view.buy.id;
    until(&desk, "2026-07-10T00:00:00Z").await;
    assert_eq!(there(&desk, id).await.standing, Standing::Refused);
    say(&desk, id, "pause_media_buy").await;
    settle(&desk).await;
    say(&desk, id, "archive_order").await;
    pass(&desk, 3_600).await;
    pass(&desk, 3_600).await;
    assert!(fake.network().orders.is_empty(), "it never got there");
    let counted = stats(&desk, &view).await;
    assert_eq!((counted.impressions, counted.spent.minor()), (0, 0));
    let order = there(&desk, id).await;
    assert_eq!(order.standing, Standing::Refused);
    let said = order.remarks().join("; ");
    assert!(said.contains("was over before it was in the ad"), "{said}");
}

#[tokio::test]
async fn what_is_over_before_it_could_be_placed_is_not_sent() {
    let (fake, desk) = publisher().await;
    let mut open = product("open", DeliveryType::Pmp);
    ask(&desk, PutProduct(open.clone())).await;
    let id = buy(&desk).await.buy.buy.id;
    until(&desk, "2026-08-02T00:00:00Z").await;
    open.ad_unit = Some("code-100".into());
    ask(&desk, PutProduct(open)).await;
    pass(&desk, 1_200).await;
    let late = there(&desk, &id).await;
    assert_eq!(late.standing, Standing::Refused);
    let said = late.remarks().join("; ");
    assert!(said.contains("the flight was over before"), "{said}");
    assert!(fake.network().orders.is_empty(), "nothing was sent");
}

#[tokio::test]
async fn what_was_delivered_last_is_counted_although_nobody_answered_at_the_end() {
    let (fake, desk, view) = running().await;
    let show = |count: &str| {
        fake.network().line_items[0]["stats"] = json!({"impressionsDelivered": count});
    };
    show("400000");
    until(&desk, "2026-07-31T23:30:00Z").await;
    assert_eq!(stats(&desk, &view).await.impressions, 400_000);
    let down = || ("/lineItems?", Mood::Status(503, error(503, "down"), None));
    let all = std::iter::repeat_with(down).take(60);
    fake.network().on.extend(all);
    for _ in 0..6 {
        pass(&desk, 1_200).await;
    }
    assert!(fake.network().fired.contains(&"/lineItems?"), "it was met");
    assert_eq!(stats(&desk, &view).await.impressions, 400_000);
    fake.network().on.clear();
    show("499000");
    pass(&desk, 3_600).await;
    assert_eq!(stats(&desk, &view).await.impressions, 499_000);
    // What is told late is counted for a day, and then no more.
    show("499999");
    pass(&desk, 43_200).await;
    assert_eq!(stats(&desk, &view).await.impressions, 499_999);
    until(&desk, "2026-08-03T00:00:00Z").await;
    show("600000");
    pass(&desk, 43_200).await;
    assert_eq!(
        stats(&desk, &view).await.impressions,
        499_999,
        "{}",
        now(&desk)
    );
}

#[tokio::test]
async fn a_name_that_several_places_have_is_not_guessed_at() {
    let (fake, desk) = publisher().await;
    fake.network().ad_units.push(ad_unit(101, None, "Homepage"));
    let sync: StartSync =
        serde_json::from_value(json!({"what": "inventory", "mode": "full"})).expect("a question");
    ask(&desk, sync).await;
    settle(&desk).await;
    let mut open = product("open", DeliveryType::Pmp);
    open.ad_unit = Some("Homepage".into());
    ask(&desk, PutProduct(open.clone())).await;
    let id = buy(&desk).await.buy.buy.id;
    settle(&desk).await;
    let said = there(&desk, &id).await.remarks().join("; ");
    assert!(said.contains("hint: set its id"), "{said}");
    assert!(fake.network().orders.is_empty(), "nothing was sent");
    open.ad_unit = Some("101".into());
    ask(&desk, PutProduct(open)).await;
    pass(&desk, 601).await;
    assert_eq!(there(&desk, &id).await.standing, Standing::Placed);
}

#[tokio::test]
async fn a_pause_does_not_wait_for_what_the_set_up_lacks() {
    let (fake, desk, view) = running().await;
    let id = &view.buy.id;
    ask(&desk, PutProduct(product("bare", DeliveryType::Pmp))).await;
    let fresh = json!({"new_packages": [{
        "product_id": "bare", "budget": 10_000, "pricing_option_id": "cpm_usd",
        "creative_assignments": [{"creative_id": "spot"}],
    }]});
    let more = change(&desk, &buyer("acme"), id, fresh).await;
    more.expect("one package more");
    say(&desk, id, "pause_media_buy").await;
    settle(&desk).await;
    let refused = there(&desk, id).await;
    assert_eq!(
        (status(&fake), refused.standing),
        (json!("PAUSED"), Standing::Refused)
    );
    let said = refused.remarks().join("; ");
    assert!(said.contains("names no place"), "{said}");
}
