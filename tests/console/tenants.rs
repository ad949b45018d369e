//! The house and its tenants, as whoever looks after all of them does, and as the admin of one.

use chrono::Duration;
use flightdeck::{
    domain::{
        ids::TenantId,
        tenant::{
            caller::{Caller, house},
            role::Role,
        },
    },
    engine::{
        keys::{list::ListKeys, make::MakeKey, revoke::RevokeKey},
        operation::Operation,
        seller::products::stock::{demo, stock},
        tenants::{
            create::CreateTenant,
            get::GetTenant,
            list::ListTenants,
            own::GetOwn,
            principals::{create::CreatePrincipal, list::ListPrincipals},
            update::{DeactivateTenant, UpdateTenant},
            view::TenantView,
        },
    },
    tui::theme::Depth,
};
use serde_json::{Value, json};

use crate::{
    desk::Desk,
    person::{Look, Person, USUAL},
    world::{self, NOW, sofia},
};

/// An operator's caller for a tenant.
fn operator(tenant: &TenantId) -> Caller {
    Caller::new("root", tenant.clone(), Role::Operator)
}

/// Asks as an operator.
async fn ask<O: Operation>(desk: &Desk, tenant: &TenantId, question: Value) -> O::Output {
    let question: O = serde_json::from_value(question).expect("a question");
    let answer = desk.core.ask(&operator(tenant), question).await;
    desk.pass(Duration::minutes(7)).await;
    answer.expect("an answer")
}

/// Opens a tenant.
async fn opened(desk: &Desk, fields: Value) -> TenantId {
    ask::<CreateTenant>(desk, &house(), fields)
        .await
        .tenant
        .tenant_id
}

/// A house with four tenants, of which acme is the one that people sit in.
pub async fn housed() -> (Desk, TenantId) {
    let acme: TenantId = "acme".parse().expect("a tenant");
    let own = acme.clone();
    let desk = Desk::sqlite_with(NOW, |desk| desk.tenants = vec![own]).await;
    stock(&desk.core, &acme, demo().expect("products"))
        .await
        .expect("stocked");
    let settings = json!({"set": {
        "name": "Acme Media", "max_daily_budget": 50_000, "billing_contact": "billing@acme.example",
        "authorized_emails": ["sofia@acme.example"],
        "slack_webhook_url": "https://hooks.slack.example/services/T0/B0/canary",
        "policy_settings": {"blocked_categories": ["gambling"]},
    }});
    ask::<UpdateTenant>(&desk, &acme, settings).await;
    for (name, role, gam) in [
        ("Lumen Cycles", "buyer", Some("4471")),
        ("Northwind Foods", "buyer", None),
        ("House Desk", "admin", None),
    ] {
        let principal = json!({"name": name, "role": role, "gam_advertiser_id": gam});
        ask::<CreatePrincipal>(&desk, &acme, principal).await;
    }
    let robot = json!({"name": "report-robot", "role": "viewer", "scopes": ["buys:read"],
        "expires_in_seconds": 2_592_000});
    ask::<MakeKey>(&desk, &acme, robot).await;
    let lost = ask::<MakeKey>(&desk, &acme, json!({"name": "old laptop", "role": "admin"})).await;
    ask::<RevokeKey>(&desk, &acme, json!({"key_id": lost.view.key_id})).await;
    opened(
        &desk,
        json!({"name": "Northlight TV", "subdomain": "northlight", "ad_server": "google_ad_manager",
            "gam_network_code": "112233", "gam_refresh_token": "1//canary"}),
    )
    .await;
    opened(
        &desk,
        json!({"name": "Marlow Display", "subdomain": "marlow", "ad_server": "kevel",
            "kevel_network_id": "977"}),
    )
    .await;
    let audio = opened(
        &desk,
        json!({"name": "Outfield Audio", "subdomain": "outfield", "ad_server": "triton_digital",
            "triton_station_id": "KQED", "triton_api_key": "canary"}),
    )
    .await;
    ask::<DeactivateTenant>(&desk, &audio, json!({})).await;
    (desk, acme)
}

async fn view(desk: &Desk, tenant: &TenantId) -> TenantView {
    let asked = desk.core.ask(&operator(tenant), GetTenant {}).await;
    asked.expect("a tenant")
}

async fn named(desk: &Desk, name: &str) -> TenantId {
    let list = ListTenants {
        search: Some(name.to_lowercase()),
        ..ListTenants::default()
    };
    let page = desk.core.ask(&operator(&house()), list).await;
    let mut found = page.expect("listed").tenants;
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0).tenant_id
}

/// The keeper of the house, with the pane in front.
async fn keeper(desk: &Desk, size: (u16, u16)) -> Person<'_> {
    let mut person = Person::keeps_house(desk, sofia(), USUAL).await;
    person.resizes(size.0, size.1);
    person.presses("5").await;
    person.rests().await;
    person
}

/// Puts the cursor on a tenant by its name.
async fn goes_to(person: &mut Person<'_>, name: &str) {
    person.presses("/").await;
    person.types(name).await;
    person.presses("enter").await;
    person.rests().await;
}

/// Agrees to what is asked.
async fn agrees(person: &mut Person<'_>) {
    person.rests().await;
    person.presses("y").await;
    person.rests().await;
}

#[tokio::test]
async fn whoever_looks_after_the_house_sees_every_tenant_and_how_it_is() {
    let (desk, _) = housed().await;
    let mut person = keeper(&desk, (200, 45)).await;
    person.sees("Tenants · 4 · by health");
    person.sees("5 Tenants (1)");
    person.sees("◆ not set up  Marlow Display");
    person.sees("✓ healthy     Acme Media (yours)");
    person.sees("○ closed      Outfield Audio");
    person.sees("Google Ad Manager");
    // The own tenant is looked at first.
    person.sees("[overview]");
    person.sees("principals       3");
    goes_to(&mut person, "marlow").await;
    person.sees("Kevel cannot be asked yet: settings are missing");
    person.presses("tab").await;
    person.rests().await;
    person.sees("[settings]");
    person.sees("people review    no");
    person.presses("tab tab").await;
    person.rests().await;
    person.sees("API key          missing");
    person.sees("Nothing can be fetched before it is set up");
    person.presses("tab").await;
    person.rests().await;
    person.sees("○ not set up    Slack");
    person.presses("shift-tab shift-tab").await;
    person.rests().await;
    person.sees("Default Principal");
}

#[tokio::test]
async fn an_admin_sees_their_own_tenant_and_is_told_what_takes_more() {
    let (desk, acme) = housed().await;
    let mut person = Person::sits_down(&desk, sofia()).await;
    person.resizes(140, 40);
    person.presses("5").await;
    person.rests().await;
    person.sees("Tenants · 1 ·");
    person.sees("Acme Media (yours)");
    for key in ["n", "x", "X"] {
        person.presses(key).await;
        person.sees("your role admin may not: it takes tenants:manage");
    }
    person.presses("c").await;
    person.sees("Change Acme Media");
    person.sees_no("subdomain");
    person.presses("end").await;
    person.types(" Group").await;
    person.presses("ctrl-s").await;
    person.sees("Acme Media → Acme Media Group");
    agrees(&mut person).await;
    person.sees("Acme Media is changed");
    person.sees("▸* ✓ healthy     Acme Media Group");
    let own = desk.core.ask(&sofia(), GetOwn {}).await.expect("a tenant");
    assert_eq!(own.row.name, "Acme Media Group");
    // What they did stands in the trail under their own role.
    person.presses("o").await;
    person.rests().await;
    person.sees("tenant.change");
    assert_eq!(own.row.tenant_id, acme);
}

#[tokio::test]
async fn a_tenant_is_opened_and_its_keys_are_seen_once_and_copied() {
    let (desk, _) = housed().await;
    let mut person = keeper(&desk, (140, 45)).await;
    person.presses("n").await;
    person.sees("Open a tenant");
    person.presses("ctrl-s").await;
    person.sees("nothing was sent: 2 problems");
    person.sees("is needed");
    person.types("Harbour News").await;
    person.presses("tab").await;
    person.types("Harbour").await;
    person.sees("is not 1 to 63 of a-z, 0-9 and '-'");
    person.presses("ctrl-u").await;
    person.types("harbour").await;
    // The ad server is chosen, and its own fields come.
    person.presses("tab tab space").await;
    person.sees("google_ad_manager");
    person.presses("tab").await;
    person.types("5566").await;
    person.presses("tab tab tab").await;
    person.types("1//refresh").await;
    person.sees("··········");
    person.sees_no("1//refresh");
    person.presses("ctrl-s").await;
    person.sees("Open Harbour News");
    person.sees("refresh token      set, and not shown");
    person.sees_no("1//refresh");
    assert_eq!(person.orders, 0);
    agrees(&mut person).await;
    person.sees("Harbour News is open");
    person.sees("the admin's key");
    person.sees("token of the principal default");
    person.sees("fdk_");
    person.presses("y y").await;
    assert_eq!(person.copied.len(), 2);
    assert!(person.copied.iter().all(|key| key.starts_with("fdk_")));
    assert_ne!(person.copied[0], person.copied[1]);
    let keys = person.copied.clone();
    person.presses("esc").await;
    person.rests().await;
    person.sees("healthy     Harbour News");
    // Nothing keeps them: not the screen, not the messages, not what is saved.
    person.presses("f4").await;
    for key in &keys {
        let secret = &key[12..];
        person.sees_no(secret);
        assert!(!person.console.save().to_string().contains(secret));
    }
    let id = named(&desk, "harbour").await;
    let made = view(&desk, &id).await;
    assert!(made.row.adapter_configured);
}

#[tokio::test]
async fn what_is_shown_once_is_not_closed_by_a_stray_key_and_not_left_unread() {
    let (desk, _) = housed().await;
    let mut person = keeper(&desk, (120, 40)).await;
    person.presses("m").await;
    person.types("night robot").await;
    person.presses("ctrl-s").await;
    person.rests().await;
    person.presses("y").await;
    person.sees("night robot has a key");
    person.presses("esc").await;
    person.sees("Shown now and never again");
    person.rests().await;
    person.presses("esc").await;
    person.sees("It is not copied yet");
    person.presses("ctrl-c").await;
    person.sees("The key that is shown is not copied, and leaving loses it");
    person.presses("enter").await;
    assert!(!person.left);
    person.presses("y esc").await;
    person.sees_no("Shown now");
    person.rests().await;
    person.sees("night robot");
    assert_eq!(person.copied.len(), 1);
}

#[tokio::test]
async fn a_principal_is_added_changed_rotated_and_removed() {
    let (desk, acme) = housed().await;
    let mut person = keeper(&desk, (160, 45)).await;
    person.presses("p").await;
    person.sees("Add a principal of Acme Media");
    person.types("Zephyr Tours").await;
    person.presses("tab tab tab tab").await;
    person.types("[1]").await;
    person.sees("is no JSON object");
    person.presses("ctrl-u ctrl-s").await;
    person.sees("Add Zephyr Tours");
    agrees(&mut person).await;
    person.sees("It asks as zephyr_tours.");
    person.presses("y esc").await;
    person.rests().await;
    person.presses("enter").await;
    person.sees("zephyr_tours");
    // The cursor stands on the new one.
    person.presses("P").await;
    person.sees("Change Zephyr Tours of Acme Media");
    person.presses("ctrl-s").await;
    person.sees("nothing is different");
    person.presses("tab space ctrl-s").await;
    person.sees("role               admin");
    person.sees("whatever the tenant's own admin may");
    agrees(&mut person).await;
    person.sees("Zephyr Tours is changed");
    person.presses("t").await;
    person.sees("How long does the old one still open?");
    person.presses("j enter").await;
    person.sees("The old one opens for another hour beside it.");
    agrees(&mut person).await;
    person.sees("Zephyr Tours has a new token");
    person.presses("y esc R").await;
    person.sees("Remove Zephyr Tours");
    person.rests().await;
    person.types("Zephyr Tours").await;
    person.presses("enter enter").await;
    person.rests().await;
    person.sees("Zephyr Tours is removed");
    let left = desk
        .core
        .ask(&operator(&acme), ListPrincipals::default())
        .await;
    assert_eq!(left.expect("listed").total, 3);
    assert_eq!(person.copied.len(), 2);
}

#[tokio::test]
async fn keys_are_listed_with_where_they_stand_and_taken_back_by_their_name() {
    let (desk, acme) = housed().await;
    let mut person = keeper(&desk, (160, 45)).await;
    person.presses("shift-tab shift-tab").await;
    person.rests().await;
    person.sees("[keys]");
    person.sees("✓ open       report-robot");
    person.sees("✗ taken back old laptop");
    person.presses("enter").await;
    person.sees("may              buys:read");
    person.presses("m").await;
    person.types("export").await;
    person.presses("tab tab").await;
    person.types("buys:read, tenant:manage, nonsense").await;
    person.sees("tenant:manage is nothing that the role may");
    person.sees("is not a scope that is known here");
    person.presses("ctrl-u tab").await;
    person.types("0").await;
    person.sees("is not a number of days");
    person.presses("esc").await;
    person.sees("esc once more closes it");
    person.presses("esc R").await;
    person.sees("Take the key of report-robot back");
    person.rests().await;
    person.types("wrong").await;
    person.presses("enter").await;
    person.sees("type report-robot to agree");
    assert_eq!(person.orders, 0);
    person.presses("ctrl-u").await;
    person.types("report-robot").await;
    person.presses("enter enter").await;
    person.rests().await;
    person.sees("✗ taken back report-robot");
    person.presses("G R").await;
    person.sees("this key opens nothing any more");
    let open = desk.core.ask(&operator(&acme), ListKeys::default()).await;
    let open = open.expect("listed").keys;
    assert!(
        open.iter().all(|key| key.name != "report-robot"),
        "{open:?}"
    );
}

#[tokio::test]
async fn a_tenant_is_closed_opened_again_and_both_are_one_key_from_undone() {
    let (desk, _) = housed().await;
    let mut person = keeper(&desk, (140, 45)).await;
    goes_to(&mut person, "northlight").await;
    let id = named(&desk, "northlight").await;
    person.presses("r").await;
    person.sees("Northlight TV is open");
    person.presses("x").await;
    person.sees("Its keys open nothing any more");
    agrees(&mut person).await;
    person.sees("Northlight TV is closed");
    assert!(!view(&desk, &id).await.row.is_active);
    person.presses("u").await;
    person.sees("Open Northlight TV again");
    agrees(&mut person).await;
    assert!(view(&desk, &id).await.row.is_active);
    // It was done in that tenant's name, and stands in its own trail.
    person.presses("o").await;
    person.rests().await;
    person.sees("tenants.deactivate");
    person.sees("tenants.reactivate");
}

#[tokio::test]
async fn a_tenant_is_deleted_by_its_name_with_what_goes_listed_and_the_own_one_is_not() {
    let (desk, _) = housed().await;
    let mut person = keeper(&desk, (140, 45)).await;
    person.presses("X").await;
    person.sees("this is the tenant that you sit in");
    goes_to(&mut person, "marlow").await;
    person.presses("X").await;
    person.sees("Delete Marlow Display");
    person.sees("1 principals, with what they bought");
    person.sees("2 keys that open something now");
    person.sees("It is open: closing it first");
    person.rests().await;
    person.types("Marlow").await;
    person.presses("enter").await;
    person.sees("type Marlow Display to agree");
    assert_eq!(person.orders, 0);
    person.types(" Display").await;
    person.presses("enter enter").await;
    person.rests().await;
    person.sees("Marlow Display is deleted, with 2 keys");
    person.presses("esc").await;
    person.rests().await;
    person.sees("Tenants · 3 ·");
    let list = desk
        .core
        .ask(&operator(&house()), ListTenants::default())
        .await;
    assert_eq!(list.expect("listed").total, 3);
}

#[tokio::test]
async fn what_goes_on_in_a_tenant_is_counted() {
    let (desk, _) = housed().await;
    let tour = [("ctv-outfield-match", 22_000)];
    world::order(&desk, &world::buyer("lumen_cycles"), "Summer Tour", &tour).await;
    let open = [("perf-marlow-display", 9_000)];
    world::order(&desk, &world::buyer("lumen_cycles"), "Commuter Week", &open).await;
    let mut person = keeper(&desk, (200, 45)).await;
    person.sees("wait for people  1, the oldest since");
    person.sees("1 to approve");
    person.sees("2 waiting, 0 given up");
    person.sees("open keys        4");
    goes_to(&mut person, "northlight").await;
    person.sees("inventory sync   never ran");
    person.presses("tab tab tab").await;
    person.sees("refresh token    kept, never shown");
    person.sees("nobody has tried it yet");
    person.sees_no("canary");
}

#[tokio::test]
async fn settings_are_changed_field_by_field_and_secrets_are_never_shown() {
    let (desk, acme) = housed().await;
    let mut person = keeper(&desk, (140, 50)).await;
    person.presses("tab").await;
    person.rests().await;
    person.sees("https://hooks.slack.example/***");
    person.sees("most per day     50000");
    person.presses("c").await;
    person.sees("  mock");
    let before = view(&desk, &acme).await;
    person.presses("tab tab tab tab tab tab ctrl-u").await;
    person.types("lots").await;
    person.sees("is not an amount of money");
    person.presses("ctrl-u").await;
    person.types("75000").await;
    person.presses("tab space ctrl-s").await;
    person.sees("most per day       50000 → 75000");
    person.sees("people review      no → yes");
    person.rests().await;
    // Somebody else changes it meanwhile.
    let other = json!({"set": {"billing_plan": "premium"}});
    let other: UpdateTenant = serde_json::from_value(other).expect("a change");
    let other = desk.core.ask(&operator(&acme), other).await;
    other.expect("changed");
    person.presses("y").await;
    person.sees("has changed since you looked");
    agrees(&mut person).await;
    let after = view(&desk, &acme).await;
    assert_eq!(after.features["max_daily_budget"], json!(75_000));
    assert_eq!(after.features["human_review_required"], json!(true));
    assert_eq!(
        after.features["slack_webhook_url"],
        before.features["slack_webhook_url"]
    );
    assert_eq!(after.row.billing_plan, "premium");
    person.sees_no("canary");
}

#[tokio::test]
async fn it_is_read_on_any_screen_without_colour_and_sends_nothing_read_only() {
    let (desk, _) = housed().await;
    let ascii = Look {
        theme: "contrast",
        depth: Depth::None,
        ascii: true,
    };
    let mut person = Person::keeps_house(&desk, sofia(), ascii).await;
    person.presses("5").await;
    for size in [(80, 24), (40, 10), (200, 60)] {
        person.resizes(size.0, size.1);
        person.rests().await;
        person.sees("? not set up");
        for _ in 0..7 {
            person.presses("tab").await;
            person.rests().await;
        }
        let plain = person.rows().concat();
        let odd = plain
            .chars()
            .find(|letter| !letter.is_ascii() && !"·…".contains(*letter));
        assert_eq!(odd, None, "{}", person.screen());
    }
    for size in [(1, 1), (39, 9), (41, 11)] {
        person.resizes(size.0, size.1);
        for overlay in ["n", "c", "m", "p"] {
            person.presses(overlay).await;
            person.presses("esc").await;
        }
    }
    let mut person = Person::with(&desk, sofia(), USUAL, true).await;
    person.presses("5").await;
    person.rests().await;
    person.presses("m").await;
    person.sees("this session is read only");
    let mut person = Person::sits_down(&desk, world::anna()).await;
    person.presses("5").await;
    person.rests().await;
    person.sees("do not include");
}
