//! Media buys in a tenant's own ad server: placed once, read back, followed, counted there, and
//! told honestly where it does not work.

use std::{sync::Arc, time::Duration};

use flightdeck::{
    domain::{
        ids::BuyId,
        media_buy::{
            ad_order::{AdOrder, Standing},
            status::BuyStatus,
        },
        opendirect::{product::DeliveryType, stats::LineStats},
        tenant::{caller::Caller, role::Role, secret::Secret},
        when::Instant,
    },
    engine::{
        activity::ReadFeed,
        ad_orders::place::PlaceOrder,
        desk::{Desk as SetUp, Serving},
        media_buys::{
            artifacts::ArtifactsDue,
            decide::Say,
            told,
            view::{BuyView, Ordered},
        },
        operation::Operation,
        seller::{lines::stats::GetLineStats, products::put::PutProduct},
        start::start,
        sync::start::StartSync,
        tenants::{status::GetStatus, update::UpdateTenant},
    },
    peers::ad_servers::http::Bounds,
    store::{
        Shared,
        open::{Database, open},
    },
};
use serde_json::{Value, json};

use crate::{
    desk::{Desk, caller},
    fake_google::{FakeGoogle, Mood, REFRESH, SECRET, ad_unit, error},
    market::{act, admin, but, buyer, change, look, order, product, say, stock, wanted},
};

const NOW: &str = "2026-06-01T12:00:00Z";

fn set_up(fake: &FakeGoogle, one: Duration) -> impl FnOnce(&mut SetUp) + use<> {
    let fake = fake.clone();
    move |desk| {
        let servers = &mut desk.ad_servers;
        servers.google_api = fake.url().to_string();
        servers.google_tokens = fake.tokens().to_string();
        servers.google_client_id = "flightdeck.apps".into();
        servers.google_client_secret = Secret::new(SECRET);
        servers.bounds = Bounds {
            one,
            tries: 1,
            ..Bounds::default()
        };
        // The one inside delivers too: what is in the tenant's own is none of its business.
        desk.ad_server = Some(Serving::default());
        desk.tenants = vec![admin().tenant];
    }
}

pub async fn update(desk: &Desk, set: Value) {
    let change = UpdateTenant {
        set: serde_json::from_value(set).expect("fields"),
        expected_revision: None,
    };
    let operator = caller("main", Role::Operator);
    desk.core.ask(&operator, change).await.expect("changed");
}

pub async fn ask<O: Operation>(desk: &Desk, operation: O) -> O::Output {
    desk.core.ask(&admin(), operation).await.expect(O::NAME)
}

/// A publisher whose ad server is the fake, with everything set up and brought here.
async fn publisher_with(one: Duration) -> (FakeGoogle, Desk) {
    let home = tempfile::tempdir().expect("a scratch directory");
    let store = open(&Database::File(home.path().join("desk.db"))).await;
    publisher_on(store.expect("a new database"), home, one).await
}

async fn publisher_on(store: Shared, home: tempfile::TempDir, one: Duration) -> (FakeGoogle, Desk) {
    let fake = FakeGoogle::open().await;
    fake.network().ad_units = vec![ad_unit(100, None, "Homepage")];
    let desk = Desk::on(store, NOW, Some(home), set_up(&fake, one)).await;
    update(
        &desk,
        json!({"ad_server": "google_ad_manager", "gam_network_code": "123",
            "gam_refresh_token": REFRESH, "gam_trafficker_id": "77", "gam_company_id": "456789"}),
    )
    .await;
    stock(&desk).await;
    for (id, delivery) in [
        ("open", DeliveryType::Pmp),
        ("standard", DeliveryType::Guaranteed),
    ] {
        let mut product = product(id, delivery);
        product.ad_unit = Some("code-100".into());
        ask(&desk, PutProduct(product)).await;
    }
    let sync: StartSync =
        serde_json::from_value(json!({"what": "inventory", "mode": "full"})).expect("a question");
    ask(&desk, sync).await;
    settle(&desk).await;
    fake.asked();
    (fake, desk)
}

pub async fn publisher() -> (FakeGoogle, Desk) {
    publisher_with(Duration::from_millis(400)).await
}

pub async fn settle(desk: &Desk) {
    desk.pass(chrono::Duration::zero()).await;
}

pub async fn pass(desk: &Desk, seconds: i64) {
    desk.pass(chrono::Duration::seconds(seconds)).await;
}

/// Moves time to an instant, an hour at a time.
pub async fn until(desk: &Desk, at: &str) {
    let at: Instant = at.parse().expect("an instant");
    loop {
        let left = at - now(desk);
        if left <= chrono::Duration::zero() {
            return;
        }
        desk.pass(left.min(chrono::Duration::hours(12))).await;
    }
}

pub fn now(desk: &Desk) -> Instant {
    desk.core.clock().now()
}

/// Orders one package of what nobody has to agree to.
pub async fn buy(desk: &Desk) -> Ordered {
    let ordered = order(desk, &buyer("acme"), wanted(&["open"])).await;
    ordered.expect("ordered")
}

pub async fn there(desk: &Desk, id: &BuyId) -> AdOrder {
    let view = look(desk, &admin(), id).await.expect("a buy");
    *view.ad_order.expect("it is to be in the ad server")
}

fn calls(fake: &FakeGoogle, part: &str) -> usize {
    let asked = fake.network();
    let mut asked = asked.asked.iter();
    asked.by_ref().filter(|one| one.path.contains(part)).count()
}

async fn told_of(desk: &Desk) -> Vec<(String, String)> {
    let feed = ask(desk, ReadFeed::default()).await;
    let feed = serde_json::to_value(feed).expect("json");
    let events = feed["events"].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let told = events
        .iter()
        .map(|one| (text(&one["event"]), text(&one["detail"])));
    told.filter(|(name, _)| name.starts_with("ad_orders."))
        .collect()
}

pub fn fired(fake: &FakeGoogle, part: &str) {
    let network = fake.network();
    assert!(
        network.fired.contains(&part) && network.on.is_empty(),
        "the fault was not met: {:?}, left {:?}",
        network.fired,
        network.on
    );
}

#[tokio::test]
async fn beside_what_another_ad_server_shows_a_line_nobody_claims_to_know() {
    let (_fake, desk) = publisher().await;
    let hook = json!({"artifact_webhook": {
        "url": "https://buyer.example/artifacts", "delivery_mode": "realtime",
        "authentication": {"schemes": ["Bearer"], "credentials": "0123456789abcdef0123456789abcdef"},
    }});
    let hooked = but(wanted(&["open"]), hook);
    let ordered = order(&desk, &buyer("acme"), hooked).await.expect("ordered");
    let said = |told: &serde_json::Map<String, Value>| {
        let message = told["message"].as_str().unwrap_or_default();
        assert!(message.contains("kept and not called"), "{message}");
    };
    said(&told::ordered(&ordered));
    settle(&desk).await;
    let id = ordered.buy.buy.id;
    let view = look(&desk, &buyer("acme"), &id).await.expect("a buy");
    said(&told::confirmed(&view));
    assert_eq!(
        view.artifacts().as_deref(),
        Some("artifact_webhook is kept and not called")
    );
    let engine = Caller::engine(admin().tenant);
    let due = ArtifactsDue { media_buy_id: id };
    let due = desk.core.ask(&engine, due).await.expect("looked");
    assert_eq!(due.at, None);
}

#[tokio::test]
async fn a_buy_is_placed_once_agreed_and_read_back() {
    let (fake, desk) = publisher().await;
    let ordered = buy(&desk).await;
    let id = ordered.buy.buy.id.clone();
    let waiting = ordered.buy.ad_order.clone().expect("on its way");
    assert_eq!(
        (waiting.standing, waiting.sent_at, waiting.order_id),
        (Standing::Waiting, None, None)
    );
    let said = told::ordered(&ordered);
    let message = said["message"].as_str().unwrap_or_default();
    assert!(message.contains("has not confirmed it yet"), "{message}");
    assert!(
        fake.network().orders.is_empty(),
        "nothing before the commit"
    );

    settle(&desk).await;
    let placed = there(&desk, &id).await;
    assert_eq!(placed.standing, Standing::Placed, "{:?}", placed.remarks());
    assert_eq!(placed.order_id.as_deref(), Some("9000"));
    assert_eq!(placed.server, "google_ad_manager/123");
    assert!(
        placed
            .sentence()
            .contains("order 9000 in google_ad_manager/123 since 2026-06-01")
    );
    {
        let network = fake.network();
        let name = network.orders[0]["displayName"]
            .as_str()
            .unwrap_or_default();
        assert!(name.ends_with(id.as_str()), "our id goes along: {name}");
        assert_eq!(network.orders[0]["status"], "APPROVED");
        assert_eq!(network.orders[0]["poNumber"], "PO-1");
        let line = &network.line_items[0];
        assert_eq!(
            (&line["goal"]["units"], &line["rate"]["units"]),
            (&json!("500000"), &json!("20"))
        );
        assert_eq!(line["startTime"], "2026-07-01T00:00:00.000000Z");
        assert_eq!(line["status"], "READY");
        assert_eq!(
            line["targeting"]["inventoryTargeting"]["targetedAdUnits"][0]["adUnit"],
            "networks/123/adUnits/100"
        );
        let package = ordered.buy.buy.packages[0].id.as_str();
        assert_eq!(line["externalLineItemId"], package);
    }
    let names: Vec<String> = told_of(&desk).await.into_iter().map(|one| one.0).collect();
    assert_eq!(names, ["ad_orders.placed"]);
    let operator = caller("main", Role::Operator);
    let status = desk
        .core
        .ask(&operator, GetStatus {})
        .await
        .expect("status");
    assert_eq!(status.ad_orders.placed_count, 1);
    let view = look(&desk, &buyer("acme"), &id).await.expect("a buy");
    assert!(told::confirmed(&view).get("message").is_none(), "confirmed");

    // Looked at again and again, nothing is written.
    fake.asked();
    pass(&desk, 3_600).await;
    assert!(calls(&fake, "/orders/9000") > 0, "looked at");
    assert_eq!(calls(&fake, ":batch"), 0, "and nothing else");
}

#[tokio::test]
async fn what_is_promised_goes_nowhere_before_the_publisher_agrees() {
    let (fake, desk) = publisher().await;
    let ordered = order(&desk, &buyer("acme"), wanted(&["standard"])).await;
    let ordered = ordered.expect("asked for");
    let id = ordered.buy.buy.id.clone();
    assert!(ordered.buy.ad_order.is_none());
    pass(&desk, 3_600).await;
    assert_eq!(calls(&fake, "orders"), 0, "nothing was sent");
    let view = say(&desk, &id, Say::Approve, None).await.expect("agreed");
    assert_eq!(
        view.ad_order.map(|one| one.standing),
        Some(Standing::Waiting)
    );
    settle(&desk).await;
    assert_eq!(there(&desk, &id).await.standing, Standing::Placed);
    assert_eq!(fake.network().line_items[0]["lineItemType"], "STANDARD");

    let turned_down = order(&desk, &buyer("acme"), wanted(&["standard"])).await;
    let other = turned_down.expect("asked for").buy.buy.id;
    say(&desk, &other, Say::Reject, Some("no"))
        .await
        .expect("no");
    pass(&desk, 3_600).await;
    assert_eq!(fake.network().orders.len(), 1, "never sent");
}

#[tokio::test]
async fn a_publisher_who_agrees_there_is_left_to_do_so() {
    let (fake, desk) = publisher().await;
    update(&desk, json!({"gam_manual_approval_required": true})).await;
    let id = buy(&desk).await.buy.buy.id;
    settle(&desk).await;
    let order = there(&desk, &id).await;
    assert_eq!(order.standing, Standing::Differs);
    assert!(
        order.remarks()[0].ends_with("asked to deliver, shown waits to be agreed to there"),
        "{:?}",
        order.remarks()
    );
    {
        let mut network = fake.network();
        assert_eq!(network.orders[0]["status"], "DRAFT");
        network.orders[0]["status"] = json!("APPROVED");
        network.line_items[0]["status"] = json!("READY");
    }
    pass(&desk, 1_000).await;
    assert_eq!(there(&desk, &id).await.standing, Standing::Placed);
}

#[tokio::test]
async fn what_was_lost_on_the_way_is_looked_for_and_never_doubled() {
    for part in [
        "orders:batchCreate",
        "lineItems:batchCreate",
        "orders:batchApprove",
    ] {
        let (fake, desk) = publisher().await;
        fake.network().on.push((part, Mood::Lost));
        let id = buy(&desk).await.buy.buy.id;
        settle(&desk).await;
        fired(&fake, part);
        let lost = there(&desk, &id).await;
        assert_eq!(lost.standing, Standing::Waiting, "{part}");
        assert!(lost.sent_at.is_some(), "that it left is known");
        let said = lost.remarks().join("; ");
        assert!(said.contains("did not answer in time"), "{said}");
        pass(&desk, 60).await;
        let placed = there(&desk, &id).await;
        assert_eq!(
            placed.standing,
            Standing::Placed,
            "{part} {:?}",
            placed.remarks()
        );
        let network = fake.network();
        assert_eq!(
            (network.orders.len(), network.line_items.len()),
            (1, 1),
            "{part}"
        );
    }
}

#[tokio::test]
async fn whoever_is_killed_between_making_and_keeping_makes_nothing_twice() {
    let home = tempfile::tempdir().expect("a scratch directory");
    let store = open(&Database::File(home.path().join("desk.db"))).await;
    let store = store.expect("a new database");
    let (fake, desk) = publisher_on(store.clone(), home, Duration::from_secs(20)).await;
    fake.network().on.push(("orders:batchCreate", Mood::Lost));
    let id = buy(&desk).await.buy.buy.id;
    let runner = desk.runner.clone();
    let killed = tokio::spawn(async move { runner.settle().await });
    let made = tokio::time::timeout(Duration::from_secs(15), fake.lost.notified()).await;
    made.expect("it was never made");
    killed.abort();
    drop(killed.await);
    fired(&fake, "orders:batchCreate");
    let known = there(&desk, &id).await;
    assert_eq!(
        (known.order_id, known.trouble),
        (None, None),
        "nobody kept it"
    );
    assert!(known.sent_at.is_some(), "but that it left was kept before");

    // Another engine on the same database takes over once the lease has run out.
    let again = start(
        store,
        Arc::new(desk.clock.clone()),
        set_up(&fake, Duration::from_secs(5)),
    )
    .await
    .expect("another engine");
    desk.clock.advance(chrono::Duration::seconds(10));
    again.runner.settle().await.expect("settled");
    let placed = there(&desk, &id).await;
    assert_eq!(placed.standing, Standing::Placed, "{:?}", placed.remarks());
    let network = fake.network();
    assert_eq!((network.orders.len(), network.line_items.len()), (1, 1));
}

#[tokio::test]
async fn what_is_refused_is_told_in_its_words_and_tried_again_when_somebody_says_so() {
    let (fake, desk) = publisher().await;
    let no = Mood::Status(400, error(400, "NOT_ENOUGH_INVENTORY"), None);
    fake.network().on.push(("lineItems:batchCreate", no));
    let id = buy(&desk).await.buy.buy.id;
    settle(&desk).await;
    fired(&fake, "lineItems:batchCreate");
    let refused = there(&desk, &id).await;
    assert_eq!(refused.standing, Standing::Refused);
    let said = refused.remarks();
    assert!(
        said[0].ends_with("for new line items: NOT_ENOUGH_INVENTORY"),
        "{said:?}"
    );
    assert!(
        fake.network().orders.is_empty(),
        "nothing is left half ordered"
    );
    let view = look(&desk, &buyer("acme"), &id).await.expect("a buy");
    let told = told::confirmed(&view);
    assert!(
        told["message"]
            .as_str()
            .is_some_and(|one| one.contains("does not show it as it was sold")),
        "{told:?}"
    );
    fake.asked();
    pass(&desk, 7_200).await;
    assert_eq!(calls(&fake, "orders"), 0, "it is not asked again and again");
    ask(
        &desk,
        PlaceOrder {
            media_buy_id: id.clone(),
        },
    )
    .await;
    settle(&desk).await;
    assert_eq!(there(&desk, &id).await.standing, Standing::Placed);
    let names: Vec<String> = told_of(&desk).await.into_iter().map(|one| one.0).collect();
    assert!(names.contains(&"ad_orders.refused".to_owned()), "{names:?}");
}

#[tokio::test]
async fn trouble_passes_and_is_waited_for_as_long_as_the_server_says() {
    let (fake, desk) = publisher().await;
    let limited = Mood::Status(429, error(429, "Quota exceeded"), Some("120"));
    fake.network().on.push(("/orders?", limited));
    let id = buy(&desk).await.buy.buy.id;
    settle(&desk).await;
    fired(&fake, "/orders?");
    let waiting = there(&desk, &id).await;
    let next = waiting.next_at.map(|at| (at - now(&desk)).num_seconds());
    assert_eq!((waiting.standing, next), (Standing::Waiting, Some(120)));
    // Not even a change of the buy is a reason to ask earlier.
    fake.asked();
    let other = json!({"packages": [{"package_id": waiting.lines[0].package_id, "budget": 9_000}]});
    change(&desk, &buyer("acme"), &id, other)
        .await
        .expect("changed");
    pass(&desk, 60).await;
    assert_eq!(calls(&fake, "orders"), 0, "left alone");
    fake.network()
        .on
        .push(("/orders?", Mood::Text("<html>bad gateway</html>")));
    pass(&desk, 61).await;
    fired(&fake, "/orders?");
    assert!(there(&desk, &id).await.remarks()[0].contains("with a web page"));
    fake.network()
        .on
        .push(("orders:batchCreate", Mood::Text("{\"orders\": [{\"na")));
    pass(&desk, 60).await;
    fired(&fake, "orders:batchCreate");
    assert!(there(&desk, &id).await.remarks()[0].contains("half of an answer"));
    // Somebody else was given a token: ours is worth nothing, and is renewed.
    fake.network().given = 7;
    pass(&desk, 120).await;
    let placed = there(&desk, &id).await;
    assert_eq!(placed.standing, Standing::Placed, "{:?}", placed.remarks());
    assert_eq!(fake.network().given, 8);
    assert_eq!(fake.network().line_items[0]["goal"]["units"], "450000");
    assert_eq!(fake.network().orders.len(), 1);
}

#[tokio::test]
async fn whoever_is_not_let_in_says_so_and_goes_on_once_they_are() {
    let (fake, desk) = publisher().await;
    let no = || Mood::Status(401, error(401, "no"), None);
    fake.network()
        .on
        .extend([("/orders?", no()), ("/orders?", no())]);
    let id = buy(&desk).await.buy.buy.id;
    settle(&desk).await;
    fired(&fake, "/orders?");
    let waiting = there(&desk, &id).await;
    assert_eq!(waiting.standing, Standing::Waiting);
    let said = waiting.remarks().join("; ");
    assert!(
        said.contains("the connection must be renewed") && said.contains("hint: sign in"),
        "{said}"
    );
    pass(&desk, 601).await;
    assert_eq!(there(&desk, &id).await.standing, Standing::Placed);
}

pub async fn running() -> (FakeGoogle, Desk, BuyView) {
    let (fake, desk) = publisher().await;
    let id = buy(&desk).await.buy.buy.id;
    settle(&desk).await;
    until(&desk, "2026-07-01T06:00:00Z").await;
    let view = look(&desk, &admin(), &id).await.expect("a buy");
    assert_eq!(view.buy.status, BuyStatus::Active);
    (fake, desk, view)
}

#[tokio::test]
async fn what_is_done_to_a_buy_is_done_there_and_read_back() {
    let (fake, desk, view) = running().await;
    let id = &view.buy.id;
    let owner = buyer("acme");
    let status = |fake: &FakeGoogle| fake.network().line_items[0]["status"].clone();
    let paused = act(&desk, &owner, id, json!({"action": "pause_media_buy"})).await;
    let paused = paused.expect("paused");
    let said = told::changed(&paused, now(&desk));
    assert_eq!(
        said["implementation_date"],
        Value::Null,
        "nobody saw it yet"
    );
    settle(&desk).await;
    assert_eq!(
        (status(&fake), there(&desk, id).await.standing),
        (json!("PAUSED"), Standing::Placed)
    );

    // It says that it did, and did not.
    act(&desk, &owner, id, json!({"action": "resume_media_buy"}))
        .await
        .expect("resumed");
    let idle = || ("lineItems:batchResume", Mood::Idle);
    fake.network().on.extend([idle(), idle(), idle()]);
    settle(&desk).await;
    fired(&fake, "lineItems:batchResume");
    let differs = there(&desk, id).await;
    assert_eq!(
        (status(&fake), differs.standing),
        (json!("PAUSED"), Standing::Differs)
    );
    assert!(
        differs.remarks()[0].ends_with("asked to deliver, shown held"),
        "{:?}",
        differs.remarks()
    );
    ask(
        &desk,
        PlaceOrder {
            media_buy_id: id.clone(),
        },
    )
    .await;
    settle(&desk).await;
    assert_eq!(
        (status(&fake), there(&desk, id).await.standing),
        (json!("READY"), Standing::Placed)
    );

    let package = view.buy.packages[0].id.clone();
    let more = json!({"end_time": "2026-08-15T00:00:00Z",
        "packages": [{"package_id": package, "budget": 12_000}]});
    change(&desk, &owner, id, more).await.expect("changed");
    settle(&desk).await;
    assert_eq!(
        there(&desk, id).await.standing,
        Standing::Placed,
        "{:?}",
        there(&desk, id).await.remarks()
    );
    {
        let network = fake.network();
        let line = &network.line_items[0];
        assert_eq!(line["goal"]["units"], "600000");
        assert_eq!(line["targetEndTime"], "2026-08-15T00:00:00.000000Z");
    }

    // Somebody changes it there: told, and left as it is until somebody says otherwise.
    fake.network().line_items[0]["goal"]["units"] = json!("5");
    pass(&desk, 1_000).await;
    let differs = there(&desk, id).await;
    assert_eq!(differs.standing, Standing::Differs);
    let sentence = format!("{package} goal: asked 600000, shown 5");
    assert_eq!(differs.remarks(), [sentence]);
    assert_eq!(fake.network().line_items[0]["goal"]["units"], "5");
    ask(
        &desk,
        PlaceOrder {
            media_buy_id: id.clone(),
        },
    )
    .await;
    settle(&desk).await;
    assert_eq!(fake.network().line_items[0]["goal"]["units"], "600000");

    change(&desk, &owner, id, json!({"canceled": true}))
        .await
        .expect("called off");
    settle(&desk).await;
    let network = fake.network();
    assert_eq!(
        (
            &network.orders[0]["archived"],
            &network.line_items[0]["status"]
        ),
        (&json!(true), &json!("PAUSED"))
    );
}

pub async fn stats(desk: &Desk, view: &BuyView) -> LineStats {
    let line_id = view.buy.packages[0].line_id;
    ask(
        desk,
        GetLineStats {
            account_id: None,
            order_id: None,
            line_id,
        },
    )
    .await
}

#[tokio::test]
async fn what_is_delivered_there_is_counted_there_and_grows_old_when_nobody_answers() {
    let (fake, desk, view) = running().await;
    fake.network().line_items[0]["stats"] = Value::Null;
    let none = stats(&desk, &view).await;
    assert_eq!(
        (none.impressions, none.as_of),
        (0, None),
        "the one inside counts nothing of it"
    );
    fake.network().line_items[0]["stats"] =
        json!({"impressionsDelivered": "12345", "clicksDelivered": "67"});
    pass(&desk, 1_800).await;
    let counted = stats(&desk, &view).await;
    assert_eq!(counted.impressions, 12_345);
    assert_eq!(counted.spent.minor(), 24_690);
    let then = counted.as_of.expect("counted");

    let down = || ("/lineItems?", Mood::Status(503, error(503, "down"), None));
    fake.network()
        .on
        .extend(std::iter::repeat_with(down).take(40));
    pass(&desk, 3_600).await;
    assert!(
        fake.network().fired.contains(&"/lineItems?"),
        "it was asked"
    );
    let old = stats(&desk, &view).await;
    assert_eq!(
        (old.impressions, old.as_of),
        (12_345, Some(then)),
        "older, and not zero"
    );
    fake.network().on.clear();
    fake.network().line_items[0]["stats"]["impressionsDelivered"] = json!("20000");
    pass(&desk, 1_800).await;
    let again = stats(&desk, &view).await;
    assert!(
        again.impressions == 20_000 && again.as_of > Some(then),
        "{again:?}"
    );
}

#[tokio::test]
async fn what_the_set_up_lacks_is_said_with_what_to_set() {
    let (fake, desk) = publisher().await;
    let mut bare = product("open", DeliveryType::Pmp);
    ask(&desk, PutProduct(bare.clone())).await;
    let id = buy(&desk).await.buy.buy.id;
    settle(&desk).await;
    let refused = there(&desk, &id).await;
    assert_eq!(refused.standing, Standing::Refused);
    assert!(
        refused.remarks()[0]
            .contains("Prime open names no place in google_ad_manager; hint: set the ad_unit"),
        "{:?}",
        refused.remarks()
    );
    bare.ad_unit = Some("nowhere".into());
    ask(&desk, PutProduct(bare.clone())).await;
    pass(&desk, 601).await;
    assert!(there(&desk, &id).await.remarks()[0].contains("which no sync has met"));
    assert_eq!(calls(&fake, "orders"), 0, "nothing was sent");
    bare.ad_unit = Some("Homepage".into());
    ask(&desk, PutProduct(bare)).await;
    pass(&desk, 601).await;
    assert_eq!(
        there(&desk, &id).await.standing,
        Standing::Placed,
        "{:?}",
        there(&desk, &id).await.remarks()
    );
}

#[tokio::test]
async fn an_order_that_was_taken_away_there_is_told_and_not_made_again() {
    let (fake, desk, view) = running().await;
    let id = &view.buy.id;
    fake.network().orders.clear();
    pass(&desk, 1_000).await;
    let gone = there(&desk, id).await;
    assert_eq!(gone.standing, Standing::Differs);
    assert_eq!(gone.remarks(), ["order: asked there, shown gone"]);
    act(
        &desk,
        &buyer("acme"),
        id,
        json!({"action": "pause_media_buy"}),
    )
    .await
    .expect("paused");
    pass(&desk, 60).await;
    assert!(fake.network().orders.is_empty());
}

#[tokio::test]
async fn nobody_but_who_keeps_the_ad_server_may_have_it_placed() {
    let (_fake, desk) = publisher().await;
    let id = buy(&desk).await.buy.buy.id;
    for who in [buyer("acme"), caller("main", Role::Trafficker)] {
        let fault = desk
            .core
            .ask(
                &who,
                PlaceOrder {
                    media_buy_id: id.clone(),
                },
            )
            .await;
        assert_eq!(fault.expect_err("forbidden").code, "FORBIDDEN");
    }
    let waits = order(&desk, &buyer("acme"), wanted(&["standard"])).await;
    let media_buy_id = waits.expect("asked for").buy.buy.id;
    let fault = desk.core.ask(&admin(), PlaceOrder { media_buy_id }).await;
    assert_eq!(fault.expect_err("not agreed").code, "NOT_AGREED");
    let _: Caller = admin();
}
