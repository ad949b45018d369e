//! What a stranger may answer: too often, too late, too much, in halves, in another shape. Each
//! becomes a sentence that names the page; nothing else happens.

use std::time::Duration;

use flightdeck::{
    domain::inventory::{
        kind::ItemKind,
        trouble::{Category, Trouble},
    },
    peers::ad_servers::{Backend as _, Page, Want},
};
use serde_json::{Value, json};

use crate::{
    fake_google::{FakeGoogle, Mood, ad_unit, error},
    ground::{Turned, google},
};

async fn third_page(fake: &FakeGoogle, time: &Turned) -> Result<Page, Trouble> {
    fake.network().ad_units = (0..4).map(|n| ad_unit(n, None, "Unit")).collect();
    let want = Want {
        kind: ItemKind::AdUnit,
        since: None,
        token: Some("token-2"),
        number: 3,
    };
    google(fake, time).page(want).await
}

fn busy(status: u16, wait: Option<&'static str>) -> Mood {
    Mood::Status(status, error(status, "Quota exceeded"), wait)
}

#[tokio::test]
async fn it_waits_as_long_as_the_server_says() {
    let (fake, time) = (FakeGoogle::open().await, Turned::new());
    fake.moods([
        busy(429, Some("7")),
        busy(429, Some("Mon, 01 Jun 2026 00:00:10 GMT")),
    ]);
    let page = third_page(&fake, &time).await.expect("a page");
    assert_eq!(page.items.len(), 2);
    assert_eq!(
        time.pauses(),
        [Duration::from_secs(7), Duration::from_secs(3)]
    );
}

#[tokio::test]
async fn a_longer_wait_is_for_whoever_asks() {
    let (fake, time) = (FakeGoogle::open().await, Turned::new());
    fake.moods([busy(429, Some("120"))]);
    let trouble = third_page(&fake, &time).await.expect_err("not now");
    assert_eq!(
        (trouble.category, trouble.wait),
        (Category::Transient, Some(120))
    );
    assert_eq!(
        trouble.message,
        "Google Ad Manager answered 429 for page 3 of the ad units: Quota exceeded"
    );
    assert!(time.pauses().is_empty());
}

#[tokio::test]
async fn a_server_in_trouble_is_asked_again_a_few_times_with_longer_pauses() {
    let (fake, time) = (FakeGoogle::open().await, Turned::new());
    fake.moods([busy(503, None), busy(500, None), Mood::BreaksOff]);
    third_page(&fake, &time).await.expect("the fourth time");
    let millis: Vec<u128> = time.pauses().iter().map(Duration::as_millis).collect();
    assert_eq!(millis, [500, 1_000, 2_000]);
    fake.asked();
    fake.moods([(); 9].map(|()| busy(502, None)));
    let trouble = third_page(&fake, &time).await.expect_err("no more");
    assert_eq!(
        (trouble.category, fake.asked().len()),
        (Category::Transient, 4)
    );
}

#[tokio::test]
async fn whatever_else_it_says_becomes_a_sentence_that_names_the_page() {
    let page = "page 3 of the ad units";
    let moods = [
        (
            Mood::Text("<html><body>Sign in</body></html>"),
            Category::Transient,
            format!("answered {page} with a web page"),
        ),
        (
            Mood::Text("{\"adUnits\":[{\"name\":"),
            Category::Transient,
            format!("answered {page} with half of an answer"),
        ),
        (
            Mood::Text("adUnits"),
            Category::Transient,
            format!("answered {page} with something that is no JSON"),
        ),
        (
            Mood::Text("{}{}"),
            Category::Permanent,
            format!("answered more than one document for {page}"),
        ),
        (
            Mood::Text("[]"),
            Category::Permanent,
            format!("answered {page} in another shape than it should"),
        ),
        (
            Mood::Text("{\"adUnits\":[{\"name\":\"networks/123/adUnits/1\",\"displayName\":7}]}"),
            Category::Permanent,
            "adUnits[0].displayName".to_owned(),
        ),
        (
            Mood::Text("{\"adUnits\":[{\"displayName\":\"x\"}]}"),
            Category::Permanent,
            "missing field `name`".to_owned(),
        ),
        (
            Mood::Text("{\"adUnits\":[{\"name\":\"networks/9/adUnits/1\",\"displayName\":\"x\"}]}"),
            Category::Permanent,
            "`networks/9/adUnits/1` is none of its ad units".to_owned(),
        ),
        (
            Mood::Text("{\"nextPageToken\":\"token-2\"}"),
            Category::Permanent,
            "with itself as the next".to_owned(),
        ),
        (
            Mood::Status(200, error(500, "oops"), None),
            Category::Transient,
            "with an error that calls itself none".to_owned(),
        ),
        (
            Mood::Status(302, Value::Null, None),
            Category::Permanent,
            "answered 302".to_owned(),
        ),
        (
            Mood::Status(403, error(403, "API not enabled"), None),
            Category::Auth,
            "API not enabled".to_owned(),
        ),
        (
            Mood::Status(404, json!("x"), None),
            Category::Permanent,
            format!("answered 404 for {page}"),
        ),
        (
            Mood::Large((1 << 20) + 1),
            Category::Permanent,
            format!("answered more than 1 MB for {page}"),
        ),
        (
            Mood::Status(400, error(400, "\u{1b}[2Jgone\u{0}"), None),
            Category::Permanent,
            format!("400 for {page}: \u{fffd}[2Jgone\u{fffd}"),
        ),
    ];
    for (mood, category, said) in moods {
        let (fake, time) = (FakeGoogle::open().await, Turned::new());
        fake.moods([mood.clone()]);
        let trouble = third_page(&fake, &time).await.expect_err("no page");
        assert!(trouble.message.contains(&said), "{mood:?}: {trouble}");
        assert_eq!(trouble.category, category, "{mood:?}");
        assert!(trouble.message.chars().count() < 500, "{trouble}");
    }
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_not_waited_for() {
    let (fake, time) = (FakeGoogle::open().await, Turned::new());
    fake.moods([(); 4].map(|()| Mood::Hangs));
    let trouble = third_page(&fake, &time).await.expect_err("no page");
    assert_eq!(
        trouble.message,
        "Google Ad Manager did not answer in time for page 3 of the ad units"
    );
    assert_eq!(trouble.category, Category::Transient);
}

#[tokio::test]
async fn a_token_server_in_trouble_is_no_reason_to_sign_in_again() {
    let (fake, time) = (FakeGoogle::open().await, Turned::new());
    fake.network()
        .grants
        .extend([busy(503, None), Mood::Text("<html>")]);
    for _ in 0..2 {
        let trouble = third_page(&fake, &time).await.expect_err("no token");
        assert_eq!(trouble.category, Category::Transient, "{trouble}");
    }
    third_page(&fake, &time).await.expect("a page");
}
