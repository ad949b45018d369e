//! Google Ad Manager: what it has in our words, tokens, and orders that are there once and whole.

use flightdeck::{
    domain::inventory::{
        item::{Item, ItemStatus, Price, Size},
        kind::{ItemKind, What},
        order::{HeldOrder, Turn},
        trouble::{Category, Remedy},
    },
    peers::ad_servers::{Backend, Page, Want, google::Google},
};
use secrecy::SecretString;
use serde_json::json;

use crate::{
    fake_google::{FakeGoogle, Mood, ad_unit, error, line_item, order},
    ground::{Turned, bounds, google, new_order, settings},
};

fn first(kind: ItemKind) -> Want<'static> {
    Want {
        kind,
        since: None,
        token: None,
        number: 1,
    }
}

async fn all(google: &Google, kind: ItemKind) -> Vec<Item> {
    let (mut items, mut token, mut number) = (Vec::new(), None::<String>, 1);
    loop {
        let want = Want {
            token: token.as_deref(),
            number,
            ..first(kind)
        };
        let Page { items: more, next } = google.page(want).await.expect("a page");
        items.extend(more);
        match next {
            None => return items,
            next => (token, number) = (next, number + 1),
        }
    }
}

#[tokio::test]
async fn every_kind_is_read_page_by_page_in_our_words() {
    let (fake, time) = (FakeGoogle::open().await, Turned::new());
    {
        let mut network = fake.network();
        network.page = 2;
        network.ad_units = (0..5)
            .map(|n| ad_unit(10 + n, n.checked_sub(1).map(|_| 10), "Unit"))
            .collect();
        network.placements = vec![json!({
            "name": "networks/123/placements/5", "displayName": "Home", "placementCode": "home",
            "status": "INACTIVE", "updateTime": "2026-04-01T00:00:00Z",
            "targetedAdUnits": ["networks/123/adUnits/10", "networks/123/adUnits/11"],
        })];
        network.keys = vec![json!({
            "name": "networks/123/customTargetingKeys/3", "adTagName": "genre",
            "displayName": "Genre", "type": "PREDEFINED", "status": "ACTIVE", "reportableType": "ON",
        })];
        network.values = vec![json!({
            "name": "networks/123/customTargetingValues/31", "adTagName": "sport",
            "customTargetingKey": "networks/123/customTargetingKeys/3", "matchType": "EXACT", "status": "ACTIVE",
        })];
        network.orders = vec![order(7, "Summer", "APPROVED")];
        network.line_items = vec![line_item(70, 7, "Homepage")];
    }
    let google = google(&fake, &time);
    let units = all(&google, ItemKind::AdUnit).await;
    let ids: Vec<&str> = units.iter().map(|unit| unit.id.as_str()).collect();
    assert_eq!(ids, ["10", "11", "12", "13", "14"]);
    assert_eq!(
        (units[0].parent.as_deref(), units[1].parent.as_deref()),
        (None, Some("10"))
    );
    assert_eq!(
        (units[0].code.as_deref(), units[0].status),
        (Some("code-10"), ItemStatus::Active)
    );
    let small = Size {
        width: 728,
        height: 90,
    };
    assert_eq!(units[0].detail.sizes[1], small);
    let asked: Vec<String> = fake.asked().into_iter().map(|one| one.path).collect();
    assert_eq!(
        asked,
        [
            "/v1/networks/123/adUnits?pageSize=1000",
            "/v1/networks/123/adUnits?pageSize=1000&pageToken=token-2",
            "/v1/networks/123/adUnits?pageSize=1000&pageToken=token-4",
        ]
    );

    let placement = all(&google, ItemKind::Placement).await.remove(0);
    assert_eq!(
        (placement.status, placement.detail.units),
        (ItemStatus::Inactive, vec!["10".into(), "11".to_owned()])
    );
    let key = all(&google, ItemKind::TargetingKey).await.remove(0);
    assert_eq!(
        (key.id.as_str(), key.name.as_str(), key.code.as_deref()),
        ("3", "Genre", Some("genre"))
    );
    let value = all(&google, ItemKind::TargetingValue).await.remove(0);
    assert_eq!(
        (value.parent.as_deref(), value.name.as_str()),
        (Some("3"), "sport")
    );
    let order = all(&google, ItemKind::Order).await.remove(0);
    assert_eq!(order.detail.advertiser.as_deref(), Some("456789"));
    assert_eq!(
        order.detail.ends.map(|day| day.to_string()).as_deref(),
        Some("2026-07-31")
    );
    let line = all(&google, ItemKind::LineItem).await.remove(0);
    assert_eq!(
        (
            line.parent.as_deref(),
            line.detail.goal,
            line.detail.delivered
        ),
        (Some("7"), Some(500_000), Some(1234))
    );
    let rate = Price {
        micros: 12_340_000,
        currency: "USD".into(),
    };
    assert_eq!(line.detail.rate, Some(rate));
    assert!(all(&google, ItemKind::Site).await.is_empty(), "it has none");
    assert_eq!(google.source(), "google_ad_manager/123");
    assert_eq!(google.kinds(What::Orders).len(), 2);
}

#[tokio::test]
async fn only_what_has_changed_is_asked_for_by_its_time() {
    let (fake, time) = (FakeGoogle::open().await, Turned::new());
    let mut late = ad_unit(2, None, "Late");
    late["updateTime"] = json!("2026-05-20T00:00:00Z");
    fake.network().ad_units = vec![ad_unit(1, None, "Early"), late];
    let want = Want {
        since: Some("2026-05-10T00:00:00Z".parse().expect("an instant")),
        ..first(ItemKind::AdUnit)
    };
    let page = google(&fake, &time).page(want).await.expect("a page");
    assert_eq!(page.items.len(), 1);
    assert_eq!(page.items[0].name, "Late");
    let asked = fake.asked().remove(0).path;
    assert!(
        asked.ends_with("&filter=updateTime > \"2026-05-10T00:00:00.000000Z\""),
        "{asked}"
    );
}

#[tokio::test]
async fn a_token_is_kept_until_shortly_before_its_end() {
    let (fake, time) = (FakeGoogle::open().await, Turned::new());
    let google = google(&fake, &time);
    for _ in 0..3 {
        google.test().await.expect("let in");
    }
    assert_eq!(fake.network().given, 1);
    time.pass(3_600 - 61);
    google.test().await.expect("let in");
    assert_eq!(fake.network().given, 1, "good for another second");
    time.pass(1);
    google.test().await.expect("let in");
    assert_eq!(fake.network().given, 2, "a minute before its end");
}

#[tokio::test]
async fn a_token_that_is_refused_is_renewed_once_and_then_somebody_must_sign_in() {
    let (fake, time) = (FakeGoogle::open().await, Turned::new());
    let google = google(&fake, &time);
    let reached = google.test().await.expect("let in");
    assert!(
        reached.said.contains("Sports Publisher"),
        "{}",
        reached.said
    );
    fake.network().given = 7; // Somebody else got one: ours is worth nothing.
    google.test().await.expect("let in with a new one");
    let tokens: Vec<String> = fake.asked().into_iter().map(|one| one.token).collect();
    assert_eq!(tokens, ["ya29.token-1", "ya29.token-1", "ya29.token-8"]);

    let no = || Mood::Status(401, error(401, "no"), None);
    fake.moods([no(), no(), no()]);
    let trouble = google.test().await.expect_err("not let in");
    assert_eq!(
        (trouble.category, trouble.remedy()),
        (Category::Auth, Remedy::Reconnect)
    );
    assert!(
        trouble.message.contains("the connection must be renewed"),
        "{trouble}"
    );
    assert_eq!(fake.asked().len(), 2, "once, and once more");
}

#[tokio::test]
async fn a_refresh_token_that_has_run_out_says_so() {
    let (fake, time) = (FakeGoogle::open().await, Turned::new());
    let mut wrong = settings(&fake);
    wrong.refresh_token = SecretString::from("1//another-canary");
    let google = Google::new(wrong, std::sync::Arc::new(time.clone()), bounds()).expect("a client");
    let trouble = google.test().await.expect_err("no token");
    assert_eq!(trouble.category, Category::Auth);
    assert_eq!(
        trouble.message,
        "Google Ad Manager gives no token: the refresh token has run out or was withdrawn; the connection must be renewed"
    );
    assert!(fake.asked().is_empty(), "nobody was asked without one");
}

#[tokio::test]
async fn secrets_are_in_no_words() {
    let (fake, time) = (FakeGoogle::open().await, Turned::new());
    let google = google(&fake, &time);
    google.test().await.expect("let in");
    let echo = "1//canary-refresh-token canary-client-secret ya29.token-1";
    fake.moods([Mood::Status(400, error(400, echo), None)]);
    let trouble = google.test().await.expect_err("refused");
    assert_eq!(
        trouble.message,
        "Google Ad Manager answered 400 for the network: *** *** ***"
    );
    let printed = format!("{:?} {trouble:?}", settings(&fake));
    assert!(!printed.contains("canary"), "{printed}");
}

fn names(held: &HeldOrder) -> Vec<&str> {
    held.lines.iter().map(|line| line.name.as_str()).collect()
}

#[tokio::test]
async fn an_order_is_placed_with_its_lines_and_read_back() {
    let (fake, time) = (FakeGoogle::open().await, Turned::new());
    let google = google(&fake, &time);
    let held = google.order(&new_order()).await.expect("ordered");
    assert_eq!(
        (held.id.as_str(), held.status, names(&held)),
        ("9000", ItemStatus::Waiting, vec!["pkg_1", "pkg_2"])
    );
    let line = fake.network().line_items[0].clone();
    assert_eq!(
        line["rate"],
        json!({"currencyCode": "USD", "units": "12", "nanos": 340_000_000})
    );
    assert_eq!(line["goal"]["units"], "500000");
    assert_eq!(line["order"], "networks/123/orders/9000");
    assert_eq!(
        line["targeting"]["inventoryTargeting"]["targetedAdUnits"],
        json!([{"adUnit": "networks/123/adUnits/11", "includeDescendants": true}])
    );
    let order = fake.network().orders[0].clone();
    assert_eq!(
        (&order["advertiser"], &order["poNumber"]),
        (&json!("networks/123/companies/456789"), &json!("PO-7"))
    );

    let again = google.order(&new_order()).await.expect("the same");
    assert_eq!(
        (again, fake.network().orders.len()),
        (held, 1),
        "there once"
    );
    for (turn, status) in [
        (Turn::Activate, ItemStatus::Active),
        (Turn::Pause, ItemStatus::Paused),
        (Turn::Resume, ItemStatus::Active),
        (Turn::Archive, ItemStatus::Archived),
    ] {
        google.turn("9000", turn).await.expect("turned");
        let held = google.read("9000").await.expect("read back");
        assert_eq!(held.status, status, "{turn:?}");
    }
    let elsewhere = google.read("9000/../../124").await.expect_err("no number");
    assert_eq!(elsewhere.category, Category::Permanent);
}

#[tokio::test]
async fn nothing_stays_half_ordered() {
    let (fake, time) = (FakeGoogle::open().await, Turned::new());
    let google = google(&fake, &time);
    let refused = Mood::Status(400, error(400, "AD_UNIT_NOT_FOUND"), None);
    fake.moods([Mood::Fine, Mood::Fine, refused]);
    let trouble = google.order(&new_order()).await.expect_err("refused");
    assert!(
        trouble
            .message
            .ends_with("400 for new line items: AD_UNIT_NOT_FOUND"),
        "{trouble}"
    );
    assert_eq!(fake.network().orders.len(), 0, "taken back");

    // An answer that is lost: nothing is asked twice, and the next try finds what is there.
    fake.moods([Mood::Fine, Mood::Fine, Mood::Hangs]);
    let trouble = google.order(&new_order()).await.expect_err("lost");
    assert_eq!(trouble.category, Category::Transient);
    assert_eq!(fake.network().orders.len(), 1);
    let held = google.order(&new_order()).await.expect("carried on");
    assert_eq!(
        (names(&held), fake.network().orders.len()),
        (vec!["pkg_1", "pkg_2"], 1)
    );
}
