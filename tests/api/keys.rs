//! Asking twice, and acting on what was seen: idempotency keys on every POST, and revisions.

use serde_json::{Value, json};

use crate::{
    fake_seller::{FakeSeller, catalogue},
    house::{Ask, House, Plan, Reply, booking, get, key, now, post, post_nothing, post_raw, seed},
};
use flightdeck::{
    api::auth::Keys,
    domain::tenant::{caller::Caller, role::Role},
    engine::{core::Terms, seller::parties::organizations::CreateOrganization},
};

fn replayed(reply: &Reply) -> bool {
    reply.header("idempotency-replayed") == "true"
}

/// Asks twice with one key: the same answer, marked the second time.
async fn twice(house: &House, ask: Ask, key: &str) -> Value {
    let first = house.ask(ask.clone().once(key)).await;
    assert!(first.status < 300 && !replayed(&first), "{first:?}");
    let audited = house.audited("main").await;
    let second = house.ask(ask.once(key)).await;
    assert!(replayed(&second), "{second:?}");
    assert_eq!((first.status, first.json()), (second.status, second.json()));
    assert_eq!(
        house.audited("main").await,
        audited,
        "nothing was done again"
    );
    first.json()
}

#[tokio::test]
async fn every_post_can_be_repeated() {
    let house = House::open().await;
    let started = twice(&house, post("/bookings", &seed()), "submit").await;
    assert_eq!(house.jobs("main").await, 1);
    let id = started["job_id"].as_str().expect("an id").to_owned();
    house.settle().await;
    let some = json!({"approved_product_ids": ["prod_001"]});
    twice(
        &house,
        post(&format!("/bookings/{id}/approve"), &some),
        "approve",
    )
    .await;

    let id = house.send_and_settle(&json!({})).await;
    twice(
        &house,
        post_nothing(&format!("/bookings/{id}/approve-all")),
        "all",
    )
    .await;
    let id = house.send_and_settle(&json!({})).await;
    twice(
        &house,
        post_nothing(&format!("/bookings/{id}/cancel")),
        "cancel",
    )
    .await;
    let retried = twice(
        &house,
        post_nothing(&format!("/bookings/{id}/retry")),
        "retry",
    )
    .await;
    assert_ne!(retried["job_id"], id.as_str());
    assert_eq!(house.jobs("main").await, 4);
    twice(
        &house,
        post("/rpc/tenant.set_budget", &json!({"limit": 5})),
        "budget",
    )
    .await;
    twice(&house, post("/rpc/bookings.submit", &seed()), "rpc").await;
    assert_eq!(house.jobs("main").await, 5);
}

#[tokio::test]
async fn an_answer_stays_the_first_one() {
    let house = House::open().await;
    let ask = post("/bookings", &seed()).once("k");
    let first = house.ask(ask.clone()).await.ok();
    house.settle().await;
    assert_eq!(
        house.ask(ask.clone()).await.ok(),
        first,
        "still pending, as it was then"
    );
    house.clock.advance(chrono::Duration::days(6));
    assert_eq!(house.ask(ask).await.ok(), first);
}

#[tokio::test]
async fn a_key_means_one_request() {
    let house = House::open().await;
    let id = house.ask(post("/bookings", &seed()).once("k")).await.ok()["job_id"].clone();
    let id = id.as_str().expect("an id");
    for (ask, what) in [
        (
            post("/bookings", &booking(&json!({"budget": 25001}))),
            "another budget",
        ),
        (
            post("/bookings", &booking(&json!({"channels": []}))),
            "an empty list is not none",
        ),
        (
            post("/bookings", &booking(&json!({"auto_approve": true}))),
            "another flag",
        ),
        (
            post_nothing(&format!("/bookings/{id}/cancel")),
            "another operation",
        ),
        (
            post("/rpc/tenant.set_budget", &json!({"limit": 1})),
            "another operation",
        ),
    ] {
        let reply = house
            .refused(ask.once("k"), 422, "IDEMPOTENCY_CONFLICT")
            .await;
        assert!(!replayed(&reply), "{what}");
    }
    let twin = house.send(&json!({})).await;
    house.settle().await;
    house
        .ask(post_nothing(&format!("/bookings/{id}/cancel")).once("c"))
        .await
        .ok();
    let other = post_nothing(&format!("/bookings/{twin}/cancel")).once("c");
    house.refused(other, 422, "IDEMPOTENCY_CONFLICT").await;
    assert_eq!(house.job(&twin).await["status"], "awaiting_approval");
}

#[tokio::test]
async fn how_a_request_is_written_makes_no_difference() {
    let house = House::open().await;
    let first = house.ask(post("/bookings", &seed()).once("k")).await.ok();
    let turned = r#" { "auto_approve" : false , "brief" : {
        "kpis": {"target_cpm": 10.0},
        "target_audience": {"interests": ["gaming", "technology"], "demographics": {"age": "18-34"}},
        "end_date": "2026-09-30", "start_date": "2026-07-01", "budget": 2.50e4,
        "objectives": ["brand\u005fawareness"], "name": "Q3 Awareness Push" } } "#;
    for written in [
        turned.to_owned(),
        serde_json::to_string_pretty(&seed()).expect("json"),
    ] {
        let again = house.ask(post_raw("/bookings", written).once("k")).await;
        assert!(replayed(&again), "{again:?}");
        assert_eq!(again.ok(), first);
    }
    let mut without = seed();
    without
        .as_object_mut()
        .expect("an object")
        .remove("auto_approve");
    assert!(
        replayed(&house.ask(post("/bookings", &without).once("k")).await),
        "the default was meant"
    );
    let quoted = house.ask(post("/bookings", &seed()).once("\"k\"")).await;
    assert!(replayed(&quoted), "a structured string is its content");
    house
        .refused(
            post("/bookings", &booking(&json!({"objectives": ["b", "a"]}))).once("k"),
            422,
            "IDEMPOTENCY_CONFLICT",
        )
        .await;
}

#[tokio::test]
async fn a_number_too_long_to_write_does_no_harm() {
    let house = House::open().await;
    for number in ["1e-70000", "1e-2147483648", "1e2147483647", "0e-2147483647"] {
        let body = seed().to_string().replace("25000", number);
        house
            .refused(post_raw("/bookings", body).once("k"), 400, "INVALID_BUDGET")
            .await;
        let talks = format!("{{\"opening_percent\": {number}}}");
        let body = booking(&json!({"negotiation": "%"})).to_string();
        let body = body.replace("\"%\"", &talks);
        house
            .refused(post_raw("/bookings", body).once("k"), 400, "INVALID_VALUE")
            .await;
    }
}

#[tokio::test]
async fn keys_of_others_are_others() {
    let mut keys = Keys::default();
    let callers = [("main", "ann"), ("main", "bob"), ("other", "ann")];
    let callers = callers.map(|(of, name)| key(&mut keys, of, name, Role::Trafficker, &[]));
    let sellers = vec![FakeSeller::new("fake", &catalogue(), now())];
    let house = House::build(Plan {
        keys,
        sellers,
        ..Plan::default()
    })
    .await;
    let mut ids = Vec::new();
    for (caller, budget) in callers.iter().zip([100, 200, 300]) {
        let body = booking(&json!({"budget": budget}));
        let reply = house
            .ask(post("/bookings", &body).key(caller).once("shared"))
            .await;
        assert!(!replayed(&reply));
        ids.push(reply.ok()["job_id"].to_string());
    }
    ids.dedup();
    assert_eq!(
        (
            ids.len(),
            house.jobs("main").await,
            house.jobs("other").await
        ),
        (3, 2, 1)
    );
}

#[tokio::test]
async fn a_key_has_a_form() {
    let house = House::open().await;
    let long = "k".repeat(256);
    let bad: [&[u8]; 8] = [
        b"",
        b"\"\"",
        b"a b",
        b"a\tb",
        "schlüssel".as_bytes(),
        b"\xff",
        long.as_bytes(),
        b" ",
    ];
    for bad in bad {
        house
            .refused(
                post("/bookings", &seed()).header("idempotency-key", bad),
                400,
                "INVALID_IDEMPOTENCY_KEY",
            )
            .await;
        let rpc = post("/rpc/bookings.submit", &seed()).header("idempotency-key", bad);
        house.refused(rpc, 400, "INVALID_IDEMPOTENCY_KEY").await;
        let search = post("/products/search", &json!({})).header("idempotency-key", bad);
        assert_eq!(house.ask(search).await.code(), "INVALID_IDEMPOTENCY_KEY");
    }
    let search = post("/products/search", &json!({})).once("fine");
    house.ask(search).await.ok();
    let two = post("/bookings", &seed())
        .once("a")
        .also("idempotency-key", "b");
    house.refused(two, 400, "INVALID_IDEMPOTENCY_KEY").await;
    house
        .ask(post("/bookings", &seed()).once(&long[1..]))
        .await
        .ok();
}

#[tokio::test]
async fn a_refusal_is_not_kept() {
    let house = House::open().await;
    let bad = booking(&json!({"budget": 0}));
    house
        .refused(post("/bookings", &bad).once("k"), 400, "INVALID_BUDGET")
        .await;
    house
        .refused(post("/bookings", &bad).once("k"), 400, "INVALID_BUDGET")
        .await;
    let good = house.ask(post("/bookings", &seed()).once("k")).await;
    assert!(!replayed(&good));
    good.ok();
}

#[tokio::test]
async fn a_hundred_at_once_with_one_key_are_one() {
    let house = House::open().await;
    let asks = (0..100).map(|_| house.ask(post("/bookings", &seed()).once("race")));
    let replies = futures_util::future::join_all(asks).await;
    let fresh = replies.iter().filter(|reply| !replayed(reply)).count();
    let mut answers: Vec<Value> = replies.iter().map(Reply::ok).collect();
    answers.dedup();
    assert_eq!((fresh, answers.len(), house.jobs("main").await), (1, 1, 1));
}

#[tokio::test]
async fn a_decision_counts_for_what_was_seen() {
    let house = House::open().await;
    let id = house.send(&json!({})).await;
    let (job, approve) = (format!("/bookings/{id}"), format!("/bookings/{id}/approve"));
    let early = house.ask(get(&job)).await.header("etag").to_owned();
    assert_eq!(early, "\"1\"");
    house.settle().await;
    let seen = house.ask(get(&job)).await;
    let (tag, revision) = (
        seen.header("etag").to_owned(),
        seen.ok()["revision"].clone(),
    );
    assert_eq!(tag, format!("\"{revision}\""));

    let some = json!({"approved_product_ids": ["prod_001"]});
    let stale = house
        .refused(post(&approve, &some).seen(&early), 412, "STALE_REVISION")
        .await;
    let details = stale.json()["error"]["details"].clone();
    assert_eq!(
        (
            details["expected_revision"].clone(),
            details["current_revision"].clone()
        ),
        (json!(1), revision)
    );
    let happened = details["what_happened"].as_array().expect("a list");
    assert_eq!(
        happened[0]["event"], "bookings.awaiting_approval",
        "the latest first"
    );
    let all = format!("/bookings/{id}/approve-all");
    house
        .refused(post_nothing(&all).seen(&early), 412, "STALE_REVISION")
        .await;
    house
        .refused(
            post(&approve, &some).seen("\"999999\""),
            412,
            "STALE_REVISION",
        )
        .await;
    for odd in [
        "7",
        "",
        "\"\"",
        "\"x\"",
        "W/\"7\"",
        "\"1\", \"2\"",
        "\"9223372036854775808\"",
        "\"-",
        "\"1.0\"",
        "\"0x1\"",
    ] {
        house
            .refused(post(&approve, &some).seen(odd), 412, "INVALID_IF_MATCH")
            .await;
    }
    assert_eq!(house.job(&id).await, seen.ok(), "untouched");
    house.ask(post(&approve, &some).seen(&tag)).await.is(202);

    let id = house.send_and_settle(&json!({})).await;
    house
        .ask(post(&format!("/bookings/{id}/approve"), &some).seen("*"))
        .await
        .is(202);
}

#[tokio::test]
async fn calling_off_and_trying_again_count_for_what_was_seen_too() {
    let house = House::open().await;
    let id = house.send_and_settle(&json!({})).await;
    let (job, cancel, retry) = (
        format!("/bookings/{id}"),
        format!("/bookings/{id}/cancel"),
        format!("/bookings/{id}/retry"),
    );
    house
        .refused(post_nothing(&cancel).seen("\"1\""), 412, "STALE_REVISION")
        .await;
    house
        .refused(
            post_nothing(&cancel).seen("latest"),
            412,
            "INVALID_IF_MATCH",
        )
        .await;
    let tag = house.ask(get(&job)).await.header("etag").to_owned();
    house.ask(post_nothing(&cancel).seen(&tag)).await.ok();
    house
        .refused(post_nothing(&retry).seen(&tag), 412, "STALE_REVISION")
        .await;
    let tag = house.ask(get(&job)).await.header("etag").to_owned();
    house.ask(post_nothing(&retry).seen(&tag)).await.ok();
}

#[tokio::test]
async fn answers_of_the_engine_are_out_of_reach() {
    let house = House::open().await;
    let main = crate::house::tenant("main");
    let named = |name: &str| Caller::new(name, main.clone(), Role::Trafficker);
    let draft = json!({"kind": "advertiser", "name": "Drinks"});
    let create = || CreateOrganization(serde_json::from_value(draft.clone()).expect("a draft"));
    // The last two are the first two again.
    for (at, who) in [
        Caller::engine(main.clone()),
        named("engine"),
        named("~engine"),
        named("ann"),
        Caller::engine(main.clone()),
        named("engine"),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = house.core.ask_on(&who, create(), Terms::keyed("k")).await;
        let answer = answer.expect("an organization");
        assert_eq!(answer.replayed, at > 3, "{}", who.name);
    }
}
