//! What is brought here from an ad server and what is sent to others' addresses, started, tried
//! and sent again from the panes of tenants and of what happened.

use std::time::Duration;

use flightdeck::{
    domain::{
        ids::TenantId,
        tenant::{caller::Caller, role::Role, secret::Secret},
    },
    engine::{
        activity::ReadAudit,
        desk::Desk as SetUp,
        notify::endpoints::MakeEndpoint,
        seller::products::stock::{demo, stock},
        tenants::update::UpdateTenant,
    },
    peers::ad_servers::http::Bounds,
};
use serde_json::json;

use crate::{
    desk::Desk,
    fake_google::{FakeGoogle, Mood, REFRESH, SECRET, ad_unit, error, order},
    person::{Person, USUAL},
    receiver::Receiver,
    world::{self, NOW, sofia},
};

fn acme() -> TenantId {
    "acme".parse().expect("a tenant")
}

/// A desk on which acme may call this machine, and has Google Ad Manager there.
async fn desk() -> (Desk, FakeGoogle) {
    let fake = FakeGoogle::open().await;
    {
        let mut network = fake.network();
        network.page = 4;
        network.ad_units = (0..10)
            .map(|n| ad_unit(100 + n, None, &format!("Unit {n:02}")))
            .collect();
        network.orders = vec![order(7, "Summer", "APPROVED")];
    }
    let there = fake.clone();
    let adjust = move |desk: &mut SetUp| {
        let servers = &mut desk.ad_servers;
        servers.google_api = there.url().to_string();
        servers.google_tokens = there.tokens().to_string();
        servers.google_client_id = "flightdeck.apps".into();
        servers.google_client_secret = Secret::new(SECRET);
        servers.bounds = Bounds {
            one: Duration::from_secs(5),
            tries: 1,
            ..Bounds::default()
        };
        desk.tenants = vec![acme()];
        desk.sandbox = Some(acme());
    };
    let desk = Desk::sqlite_with(NOW, adjust).await;
    stock(&desk.core, &acme(), demo().expect("products"))
        .await
        .expect("stocked");
    let set = json!({"name": "Acme Media", "ad_server": "google_ad_manager",
        "gam_network_code": "123", "gam_refresh_token": REFRESH});
    let change = UpdateTenant {
        set: serde_json::from_value(set).expect("fields"),
        expected_revision: None,
    };
    let operator = Caller::new("root", acme(), Role::Operator);
    desk.core.ask(&operator, change).await.expect("changed");
    (desk, fake)
}

/// Has an address told what happens in acme.
async fn listens(desk: &Desk, name: &str, receiver: &Receiver) {
    let make = MakeEndpoint {
        url: Secret::new(format!("{}/hooks/canary", receiver.url)),
        name: Some(name.to_owned()),
        events: vec!["media_buy.created".to_owned()],
        signing: None,
    };
    desk.core.ask(&sofia(), make).await.expect("an endpoint");
}

/// Sofia at one of the tabs of her tenant.
async fn at(desk: &Desk, tabs: usize) -> Person<'_> {
    let mut person = Person::sits_down(desk, sofia()).await;
    person.resizes(170, 46);
    person.presses("5").await;
    person.rests().await;
    for _ in 0..tabs {
        person.presses("tab").await;
    }
    person.rests().await;
    person
}

/// Agrees to what is asked.
async fn agrees(person: &mut Person<'_>) {
    person.rests().await;
    person.presses("y").await;
    person.rests().await;
}

/// What was done in acme, by name.
async fn done(desk: &Desk, action: &str) -> usize {
    let read = ReadAudit {
        after: 0,
        limit: Some(1000),
        object: None,
    };
    let trail = desk.core.ask(&sofia(), read).await.expect("a trail").lines;
    let of = trail.iter().filter(|line| line.entry.action == action);
    of.count()
}

/// A desk with something on its way to everybody, and something brought here; for pictures.
pub async fn busy() -> (Desk, FakeGoogle, Receiver) {
    let (desk, fake) = desk().await;
    let there = Receiver::answering(&[(200, "ok"), (410, "gone")]).await;
    listens(&desk, "data warehouse", &there).await;
    let mut person = at(&desk, 4).await;
    for _ in 0..2 {
        person.presses("T").await;
        agrees(&mut person).await;
    }
    fake.moods([
        Mood::Fine,
        Mood::Fine,
        Mood::Status(503, error(503, "busy"), None),
    ]);
    person.presses("F j enter").await;
    agrees(&mut person).await;
    drop(person);
    (desk, fake, there)
}

#[tokio::test]
async fn what_an_ad_server_has_is_brought_here_before_ones_eyes() {
    let (desk, fake) = desk().await;
    let mut person = at(&desk, 3).await;
    person.sees("[ad server]");
    person.sees("nobody has tried it yet");
    person.sees("never ran");
    person.presses("C").await;
    person.sees("Try the connection to Google Ad Manager");
    agrees(&mut person).await;
    person.sees("answered, 2026-06-15");
    // All of it, of both sorts; the third page is not given at once.
    fake.moods([
        Mood::Fine,
        Mood::Fine,
        Mood::Status(503, error(503, "busy now"), None),
    ]);
    person.presses("F").await;
    person.sees("What is brought here, all of it?");
    person.presses("j enter").await;
    person.sees("Bring here all inventory items");
    person.sees("inventory: never brought, so all of it is read");
    assert_eq!(done(&desk, "sync.start").await, 0);
    agrees(&mut person).await;
    person.sees("inventory items are on their way here");
    // Once a second it is looked how far it is.
    person.waits(1_000).await;
    person.sees("full, begun");
    person.sees("by sofia");
    person.sees("8 read, 8 new, 0 changed, 0 gone, reads on");
    person.sees("busy now");
    person.sees("it is tried again by itself");
    person.sees("goes on");
    // A second one of its sort cannot be wanted; orders can.
    person.presses("f").await;
    person.sees("Bring here orders that have changed");
    person.presses("esc").await;
    // It goes on by itself, and is looked at every second without a key.
    person.waits(6_000).await;
    person.waits(1_000).await;
    person.sees("10 read, 10 new, 0 changed, 0 gone");
    person.sees_no("reads on");
    person.sees("Here of it");
    person.presses("f").await;
    person.sees("as far as it has changed");
    person.presses("enter").await;
    person.sees("Bring here inventory items and orders that have changed");
    agrees(&mut person).await;
    person.sees("1 read, 1 new");
    assert_eq!(done(&desk, "sync.start").await, 3);
    person.sees_no("canary");
}

#[tokio::test]
async fn an_endpoint_is_tried_and_what_it_did_not_take_is_sent_again_under_its_id() {
    let (desk, _fake) = desk().await;
    let there = Receiver::answering(&[(410, "gone")]).await;
    listens(&desk, "data warehouse", &there).await;
    let mut person = at(&desk, 4).await;
    person.sees("[notifications]");
    person.sees("○ nothing sent  data warehouse");
    person.sees("○ not set up    Slack audit");
    person.sees("Nothing was sent there yet.");
    person.presses("D").await;
    person.sees("nothing was given up of what data warehouse is told");
    person.presses("T").await;
    person.sees("Send data warehouse a test");
    person.sees("One message that means nothing goes to 127.0.0.1.");
    assert_eq!(there.came().len(), 0);
    agrees(&mut person).await;
    person.sees("a test is on its way to data warehouse");
    person.sees("✗ switched off");
    person.sees("it answered 410, gone");
    person.sees("✗ given up  endpoint.test");
    person.sees("1 try, it answered 410");
    person.presses("D").await;
    person.sees("Send this delivery again");
    person.sees("The same bytes go out under the same id");
    agrees(&mut person).await;
    person.sees("1 delivery is on its way again");
    person.sees("✓ delivered");
    let came = there.came();
    assert_eq!(came.len(), 2);
    assert_eq!(came[0].header("webhook-id"), came[1].header("webhook-id"));
    assert_eq!(came[0].body, came[1].body);
    // Slack has no address: that is said, and nothing is asked.
    person.presses("enter G T").await;
    person.sees("has no address yet: change the settings");
    person.sees_no("canary");
}

#[tokio::test]
async fn of_several_that_were_given_up_one_is_chosen_or_all() {
    let (desk, _fake) = desk().await;
    let there = Receiver::answering(&[(410, "gone"), (410, "gone"), (410, "gone")]).await;
    listens(&desk, "data warehouse", &there).await;
    let mut person = at(&desk, 4).await;
    for n in 0..3 {
        person.presses("T").await;
        if n > 0 {
            person.sees("It is switched off: it gets the test, and nothing else.");
        }
        agrees(&mut person).await;
    }
    person.presses("D").await;
    person.sees("all 3 that were given up");
    person.presses("j enter").await;
    person.sees("Send this delivery again");
    agrees(&mut person).await;
    person.presses("D").await;
    person.sees("all 2 that were given up");
    person.presses("enter").await;
    person.sees("Send 2 deliveries again");
    agrees(&mut person).await;
    person.sees("2 deliveries are on their way again");
    assert_eq!(there.came().len(), 6);
    assert_eq!(done(&desk, "webhooks.replay").await, 2);
}

#[tokio::test]
async fn deliveries_are_seen_among_what_happened_and_sent_again_from_there() {
    let (desk, _fake) = desk().await;
    let there = Receiver::answering(&[(200, "ok"), (410, "gone")]).await;
    listens(&desk, "data warehouse", &there).await;
    let mut person = at(&desk, 4).await;
    for _ in 0..2 {
        person.presses("T").await;
        agrees(&mut person).await;
    }
    person.presses("7 tab tab").await;
    person.rests().await;
    person.sees("[deliveries]");
    person.sees("Deliveries · 2");
    person.sees("✓ delivered");
    person.sees("✗ given up");
    person.sees("it answered 410");
    person.presses("/").await;
    person.types("state:delivered").await;
    person.presses("enter D").await;
    person.sees("it is delivered: only what was given up is sent again");
    person.presses("/ ctrl-u").await;
    person.types("state:given").await;
    person.presses("enter").await;
    let before = person.orders;
    person.presses("D").await;
    person.sees("Send this delivery again");
    assert_eq!(person.orders, before);
    agrees(&mut person).await;
    person.presses("esc").await;
    person.waits(5_000).await;
    person.sees_no("✗ given up");
    assert_eq!(there.came().len(), 3);
    // Where no deliveries are shown there is none to send.
    person.presses("tab D").await;
    person.sees("go to a delivery first");
}

#[tokio::test]
async fn who_may_not_is_told_what_it_takes() {
    let (desk, _fake) = desk().await;
    let there = Receiver::answering(&[(410, "gone")]).await;
    listens(&desk, "data warehouse", &there).await;
    let mut person = at(&desk, 4).await;
    person.presses("T").await;
    agrees(&mut person).await;
    let mut person = Person::sits_down(&desk, world::anna()).await;
    person.presses("5").await;
    person.rests().await;
    for (key, takes) in [
        ("f", "ad_server:manage"),
        ("F", "ad_server:manage"),
        ("C", "ad_server:manage"),
        ("T", "webhooks:manage"),
        ("D", "webhooks:manage"),
    ] {
        person.presses(key).await;
        person.sees(&format!("your role trafficker may not: it takes {takes}"));
    }
    // She sees what was sent, and may not send it again.
    person.presses("7 tab tab").await;
    person.rests().await;
    person.sees("✗ given up");
    person.presses("D").await;
    person.sees("it takes webhooks:manage");
    let mut person = Person::with(&desk, sofia(), USUAL, true).await;
    person.presses("5").await;
    person.rests().await;
    person.presses("f").await;
    person.sees("this session is read only");
    assert_eq!(person.orders, 0);
    assert_eq!(there.came().len(), 1);
}

#[tokio::test]
async fn whoever_looks_after_the_house_does_it_for_any_tenant_in_its_trail() {
    let (desk, _) = crate::tenants::housed().await;
    let mut person = Person::keeps_house(&desk, world::anna(), USUAL).await;
    person.resizes(170, 46);
    person.presses("5 /").await;
    person.types("marlow").await;
    person.presses("enter").await;
    person.rests().await;
    person.presses("f").await;
    person.sees("Kevel cannot be asked yet: change the settings first");
    person.presses("/ ctrl-u").await;
    person.types("acme").await;
    person.presses("enter").await;
    person.rests().await;
    person.presses("F").await;
    person.presses("enter").await;
    person.sees("All that the ad server inside has is read");
    agrees(&mut person).await;
    person.sees("2 done");
    person.sees("32 read, 32 new, 0 changed, 0 gone");
    person.presses("o").await;
    person.rests().await;
    person.sees("anna         sync.start");
}
