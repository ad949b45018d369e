//! Kevel: lists that end with an empty one, and campaigns that are changed as a whole.

use std::sync::Arc;

use flightdeck::{
    domain::inventory::{
        item::ItemStatus,
        kind::ItemKind,
        order::Turn,
        trouble::{Category, Trouble},
    },
    peers::ad_servers::{
        Backend as _, Want,
        kevel::{Kevel, Settings},
    },
};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::{
    fake_google::Mood,
    ground::{Scripted, Turned, bounds, new_order, says},
};

const KEY: &str = "canary-kevel-key";

fn kevel(fake: &Scripted, priority: Option<i64>) -> Kevel {
    let settings = Settings {
        api: fake.url(),
        api_key: SecretString::from(KEY),
        network: "9709".into(),
        priority,
    };
    Kevel::new(settings, Arc::new(Turned::new()), bounds()).expect("a client")
}

fn want(kind: ItemKind, token: Option<&str>) -> Want<'_> {
    Want {
        kind,
        since: None,
        token,
        number: 1,
    }
}

fn site(id: i64) -> Value {
    json!({"Id": id, "Title": "Sports site", "Url": "https://sports.example", "IsDeleted": false,
        "LastModified": "2026-04-19T21:11:30.310Z"})
}

#[tokio::test]
async fn lists_are_read_to_their_empty_end() {
    let fake = Scripted::open([
        says(json!({"page": 1, "items": [site(1), site(2)]})),
        says(json!({"page": 2, "items": []})),
        says(
            json!({"page": 1, "pageSize": 500, "totalPages": 1, "totalItems": 1, "items": [
            {"Id": 5, "Name": "Sidebar", "SiteId": 1, "IsDeleted": true}]}),
        ),
        says(
            json!({"page": 1, "items": [{"Id": 8, "Name": "Flight", "CampaignId": 4,
            "StartDateISO": "2026-07-01T00:00:00Z", "EndDateISO": null, "IsActive": true,
            "Impressions": 1000, "Price": 2.5, "PriorityId": 1, "GoalType": 1}]}),
        ),
    ])
    .await;
    let kevel = kevel(&fake, None);
    let first = kevel
        .page(want(ItemKind::Site, None))
        .await
        .expect("a page");
    assert_eq!((first.items.len(), first.next.as_deref()), (2, Some("2/1")));
    assert_eq!(first.items[0].name, "Sports site");
    assert!(first.items[0].changed_at.is_some());
    let last = kevel
        .page(want(ItemKind::Site, Some("2/1")))
        .await
        .expect("a page");
    assert!(last.items.is_empty() && last.next.is_none());
    let zones = kevel
        .page(want(ItemKind::Zone, None))
        .await
        .expect("a page");
    assert_eq!(
        (zones.items[0].status, zones.next),
        (ItemStatus::Inactive, None)
    );
    let flights = kevel
        .page(want(ItemKind::LineItem, None))
        .await
        .expect("a page");
    let flight = &flights.items[0];
    assert_eq!(
        (flight.parent.as_deref(), flight.status, flight.detail.goal),
        (Some("4"), ItemStatus::Active, Some(1000))
    );
    assert_eq!(
        fake.paths(),
        [
            "GET /v1/site?page=1&pageSize=500",
            "GET /v1/site?page=2&pageSize=500",
            "GET /v1/zone?page=1&pageSize=500",
            "GET /v1/flight?page=1&pageSize=500",
        ]
    );
    assert!(fake.heard()[0].2.contains(KEY), "the key is a header");
}

#[tokio::test]
async fn a_list_that_knows_no_pages_is_read_once() {
    let all = || says(json!({"items": [site(1), site(2)]}));
    let fake = Scripted::open([all(), all()]).await;
    let kevel = kevel(&fake, None);
    let first = kevel.page(want(ItemKind::Site, None)).await;
    let next = first.expect("a page").next;
    let again = kevel.page(want(ItemKind::Site, next.as_deref())).await;
    assert_eq!(
        again.map(|page| (page.items.len(), page.next)),
        Ok((0, None))
    );
}

#[tokio::test]
async fn a_key_that_is_not_known_must_be_renewed_and_is_told_to_nobody() {
    let fake = Scripted::open([Mood::Status(
        401,
        json!({"message": format!("bad {KEY}")}),
        None,
    )])
    .await;
    let trouble = kevel(&fake, None).test().await.expect_err("not let in");
    assert_eq!(trouble.category, Category::Auth);
    assert!(
        trouble.message.contains("the connection must be renewed")
            && !trouble.message.contains(KEY)
    );
    assert_eq!(fake.paths().len(), 1, "a key is not asked for again");
}

#[tokio::test]
async fn a_campaign_gets_its_flights_before_it_is_switched_on() {
    let campaign = json!({"Id": 40, "AdvertiserId": 456_789, "Name": "Summer \"Sports\" mb_123",
        "IsActive": false, "IsDeleted": false, "CapType": null, "Flights": []});
    let flight = |id: i64, name: &str| {
        json!({"Id": id, "Name": name, "CampaignId": 40, "IsActive": true,
            "StartDateISO": "2026-07-01T00:00:00", "EndDateISO": "2026-07-31T23:59:59Z",
            "Impressions": 500_000, "Price": 12.34})
    };
    let flights = says(json!({"items": [flight(1, "pkg_1"), flight(2, "pkg_2")]}));
    let fake = Scripted::open([
        says(json!({"items": []})),
        says(campaign.clone()),
        says(json!({"items": []})),
        says(flight(1, "pkg_1")),
        says(flight(2, "pkg_2")),
        says(campaign.clone()),
        flights.clone(),
        says(campaign.clone()),
        says(json!({})),
        says(flight(1, "pkg_1")),
        says(json!({})),
        says(flight(2, "pkg_2")),
        says(json!({})),
    ])
    .await;
    let kevel = kevel(&fake, Some(3));
    let held = kevel.order(&new_order()).await.expect("ordered");
    assert_eq!(
        (held.id.as_str(), held.status, held.lines.len()),
        ("40", ItemStatus::Paused, 2),
        "nothing delivers before it is agreed to"
    );
    let line = &held.lines[0];
    let starts = line.starts.expect("a start").to_rfc3339();
    assert_eq!(
        (starts.as_str(), line.goal, line.status),
        (
            "2026-07-01T00:00:00+00:00",
            Some(500_000),
            ItemStatus::Active
        )
    );
    let heard = fake.heard();
    assert_eq!(heard[1].3["IsActive"], false);
    assert_eq!(
        (&heard[3].3["Price"], &heard[3].3["Impressions"]),
        (&json!(12.34), &json!(500_000))
    );
    assert_eq!(
        (&heard[3].3["PriorityId"], &heard[3].3["SiteZoneTargeting"]),
        (&json!(3), &json!([{"SiteId": 11}]))
    );
    kevel.turn("40", Turn::Activate).await.expect("activated");
    let heard = fake.heard();
    let (whole, put) = (&heard[8].3, &heard[8].0);
    assert_eq!(
        (put.as_str(), &whole["IsActive"], &whole["AdvertiserId"]),
        ("PUT", &json!(true), &json!(456_789))
    );
    let one = ["1".to_owned()];
    kevel
        .turn_lines("40", &one, Turn::Pause)
        .await
        .expect("held");
    let mut line = new_order().lines.remove(0);
    line.goal = 700_000;
    kevel.set("2", &line).await.expect("changed");
    let heard = fake.heard();
    assert_eq!(
        (&heard[10].1[..], &heard[10].3["IsActive"]),
        ("/v1/flight/1", &json!(false))
    );
    assert_eq!(
        (&heard[12].3["Impressions"], &heard[12].3["Name"]),
        (&json!(700_000), &json!("pkg_2")),
        "the whole flight is sent back"
    );
}

#[tokio::test]
async fn a_flight_gets_the_priority_that_is_called_as_it_is() {
    let list = |names: &[&str]| {
        let one = |(id, name): (usize, &&str)| json!({"Id": id, "Name": name, "IsDeleted": false});
        says(json!({"items": names.iter().enumerate().map(one).collect::<Vec<_>>()}))
    };
    let campaign = json!({"Id": 40, "Name": "x", "IsActive": false});
    let fake = Scripted::open([
        says(json!({"items": []})),
        says(campaign.clone()),
        says(json!({"items": []})),
        list(&["House", "standard"]),
        says(json!({"Id": 1, "Name": "pkg_1"})),
        list(&["Gold", "Silver"]),
        says(campaign),
        says(json!({})),
    ])
    .await;
    let trouble = kevel(&fake, None).order(&new_order()).await;
    let trouble = trouble.expect_err("the second has none");
    assert!(
        trouble
            .message
            .contains("none there is called STANDARD: name one so; there are: Gold, Silver"),
        "{trouble}"
    );
    assert_eq!(fake.heard()[4].3["PriorityId"], 1);
    assert_eq!(fake.heard()[7].3["IsDeleted"], true, "taken back");
}

#[tokio::test]
async fn what_flights_have_delivered_is_a_report_that_takes_its_time() {
    let detail = |id: i64, shown: i64, clicks: i64| {
        json!({"Title": "a flight", "Impressions": shown, "Clicks": clicks,
            "Grouping": {"OptionId": id, "RateTypeId": 2}})
    };
    let fake = Scripted::open([
        says(json!({"Id": "a87ece06-28cd"})),
        says(json!({"Id": "a87ece06-28cd", "Status": 1})),
        says(
            json!({"Id": "a87ece06-28cd", "Status": 2, "Result": {"Records": [
            {"Details": [detail(1, 1_000, 3), detail(2, 500, 0), detail(1, 50, 1)]}]}}),
        ),
        says(json!({"Id": "b"})),
        says(json!({"Id": "b", "Status": 3, "Message": "out of memory"})),
    ])
    .await;
    let kevel = kevel(&fake, None);
    let since = "2026-07-01T10:00:00Z".parse().expect("an instant");
    let counts = kevel.counts("40", since).await.expect("counted");
    let told: Vec<_> = counts
        .iter()
        .map(|one| (one.line.as_str(), one.impressions, one.clicks))
        .collect();
    assert_eq!(told, [("1", 1_050, Some(4)), ("2", 500, Some(0))]);
    let asked = &fake.heard()[0].3;
    assert_eq!(
        (&asked["Parameters"], &asked["StartDateISO"]),
        (&json!([{"campaignId": 40}]), &json!("2026-07-01T00:00:00Z"))
    );
    let trouble = kevel.counts("40", since).await.expect_err("no report");
    assert_eq!(
        trouble.message,
        "Kevel could not make the report: out of memory"
    );
}

#[tokio::test]
async fn what_cannot_be_ordered_whole_is_deleted() {
    let campaign = json!({"Id": 40, "AdvertiserId": 456_789, "Name": "x", "IsActive": false});
    let fake = Scripted::open([
        says(json!({"items": []})),
        says(campaign.clone()),
        says(json!({"items": []})),
        Mood::Status(400, json!({"message": "Priority not found"}), None),
        says(campaign),
        says(json!({})),
    ])
    .await;
    let Trouble {
        message, category, ..
    } = kevel(&fake, Some(3))
        .order(&new_order())
        .await
        .expect_err("refused");
    assert_eq!(category, Category::Permanent);
    assert!(
        message.ends_with("for a new flight: Priority not found"),
        "{message}"
    );
    assert_eq!(fake.heard()[5].3["IsDeleted"], true);
}
