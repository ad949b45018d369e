//! How often somebody may ask: exactly so often, and what is said to whoever asks more.

use serde_json::json;

use std::time::Duration;

use crate::{
    house::{House, Plan, Reply, get, key, post, seed, tenant},
    postgres::or_skip,
};
use flightdeck::{
    api::auth::Keys,
    domain::tenant::{caller::Caller, role::Role},
    engine::keys::{make::MakeKey, rotate::RotateKey},
};

/// What stands behind a letter in a structured header, such as `r` in `"key";r=3;t=60`.
fn item(reply: &Reply, header: &str, letter: &str) -> u64 {
    let value = reply.header(header);
    let mut parts = value.split(';');
    let name = parts.next().unwrap_or_default();
    assert!(
        name.len() > 2 && name.starts_with('"') && name.ends_with('"'),
        "{header}: {value}"
    );
    let part = parts.find_map(|part| part.strip_prefix(letter)?.strip_prefix('='));
    let number = part.unwrap_or_else(|| panic!("no {letter} in {header}: {value}"));
    number.parse().expect("a number")
}

#[tokio::test]
async fn exactly_so_many_pass_and_then_it_is_said_when() {
    let mut keys = Keys::default();
    let ann = key(&mut keys, "main", "ann", Role::Trafficker, &[]);
    let bob = key(&mut keys, "main", "bob", Role::Trafficker, &[]);
    let house = House::build(Plan {
        keys,
        requests_per_minute: 25,
        ..Plan::default()
    })
    .await;
    let asks = [
        get("/bookings"),
        get("/bookings/x"),
        post("/bookings", &json!({})),
        get("/nowhere"),
        post("/bookings", &seed()),
    ];
    for left in (0..25_u64).rev() {
        let one = asks[usize::try_from(left % 5).expect("small")].clone();
        let reply = house.ask(one.key(&ann)).await;
        assert_ne!(reply.status, 429, "{left}");
        assert_eq!(
            (
                item(&reply, "ratelimit-policy", "q"),
                item(&reply, "ratelimit-policy", "w")
            ),
            (25, 60)
        );
        assert_eq!(item(&reply, "ratelimit", "r"), left);
        assert!((1..=60).contains(&item(&reply, "ratelimit", "t")));
        for old in [
            "x-ratelimit-limit",
            "ratelimit-limit",
            "ratelimit-remaining",
            "ratelimit-reset",
        ] {
            assert!(!reply.headers.contains_key(old));
        }
    }
    let (jobs, audited) = (house.jobs("main").await, house.audited("main").await);
    for ask in [get("/bookings"), post("/bookings", &seed())] {
        let reply = house.ask(ask.key(&ann)).await;
        let body = reply.is(429);
        assert_eq!(reply.header("content-type"), "application/problem+json");
        let after: u64 = reply.header("retry-after").parse().expect("seconds");
        assert!((1..=3600).contains(&after) && after >= item(&reply, "ratelimit", "t"));
        assert_eq!(
            (
                item(&reply, "ratelimit", "r"),
                item(&reply, "ratelimit-policy", "q")
            ),
            (0, 25)
        );
        assert_eq!(
            body["type"],
            "https://iana.org/assignments/http-problem-types#quota-exceeded"
        );
        assert_eq!(
            (body["title"].clone(), body["status"].clone()),
            (json!("Quota exceeded"), json!(429))
        );
        let policy = reply
            .header("ratelimit-policy")
            .split(';')
            .next()
            .unwrap_or_default()
            .trim_matches('"');
        assert_eq!(body["violated-policies"], json!([policy]));
        let error = &body["error"];
        assert_eq!(
            (
                error["code"].clone(),
                error["details"]["retry_after"].clone()
            ),
            (json!("RATE_LIMITED"), json!(after))
        );
        assert!(
            error["message"]
                .as_str()
                .expect("text")
                .contains(&format!("try again in {after} s"))
        );
    }
    let now = (house.jobs("main").await, house.audited("main").await);
    assert_eq!(now, (jobs, audited), "a refusal costs no database");
    house.ask(get("/bookings").key(&bob)).await.ok();
    house.ask(get("/health")).await.ok();
}

#[tokio::test]
async fn an_address_that_guesses_keys_has_to_wait() {
    let mut keys = Keys::default();
    let ann = key(&mut keys, "main", "ann", Role::Trafficker, &[]);
    let house = House::build(Plan {
        keys,
        ..Plan::default()
    })
    .await;
    let guess = |n: u32| {
        get("/bookings")
            .key(&format!("fdk_{n:08x}_{n:064x}"))
            .from("192.0.2.1")
    };
    for n in 0..20 {
        let reply = house.ask(guess(n)).await;
        assert_eq!(
            (reply.status, reply.code()),
            (401, "UNAUTHENTICATED".into()),
            "{n}"
        );
        assert_eq!(reply.header("www-authenticate"), "Bearer");
    }
    for ask in [
        guess(20),
        get("/bookings").from("192.0.2.1"),
        post("/bookings", &seed()).from("192.0.2.1"),
    ] {
        let reply = house.ask(ask).await;
        assert_eq!((reply.status, reply.code()), (429, "RATE_LIMITED".into()));
        let after: u64 = reply.header("retry-after").parse().expect("seconds");
        assert!((1..=60).contains(&after));
    }
    let elsewhere = house.ask(get("/bookings").from("192.0.2.2")).await;
    assert_eq!(elsewhere.status, 401, "another address has not guessed");
    let six = house.ask(get("/bookings").from("2001:db8::1")).await;
    assert_eq!(six.status, 401);
    house
        .ask(get("/bookings").key(&ann).from("192.0.2.1"))
        .await
        .ok();
    assert_eq!(house.audited("main").await, 0, "guessing writes nothing");
}

#[tokio::test]
async fn no_limit_says_nothing_of_limits() {
    let house = House::open().await;
    let reply = house.ask(get("/bookings")).await;
    assert!(
        !reply.headers.contains_key("ratelimit"),
        "{:?}",
        reply.headers
    );
}

#[tokio::test]
async fn agents_and_operators_have_limits_of_their_own() {
    let mut keys = Keys::default();
    let ann = key(&mut keys, "main", "ann", Role::Admin, &[]);
    let op = key(&mut keys, "engine", "op", Role::Operator, &[]);
    let house = House::build(Plan {
        keys,
        requests_per_minute: 7,
        mcp_per_minute: 1000,
        admin_per_minute: 100,
        ..Plan::default()
    })
    .await;
    let ping = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"});
    let health = "/api/v1/tenant-management/health";
    for (asked, policy, limit) in [
        (post("/mcp", &ping).key(&ann), "mcp-token", 1000),
        (
            get(health).header("x-tenant-management-api-key", &op),
            "admin-key",
            100,
        ),
        (get("/bookings").key(&ann), "key", 7),
    ] {
        for left in (0..limit).rev() {
            let reply = house.ask(asked.clone()).await;
            assert_eq!(reply.status, 200, "{policy}: {reply:?}");
            assert_eq!(item(&reply, "ratelimit", "r"), left, "{policy}");
        }
        let lines = house.audited("engine").await;
        for _ in 0..3 {
            let refused = house.ask(asked.clone()).await;
            assert_eq!(refused.status, 429, "{policy}");
            assert_eq!(
                refused.header("ratelimit-policy"),
                format!("\"{policy}\";q={limit};w=60")
            );
            let after: u64 = refused.header("retry-after").parse().expect("seconds");
            assert!(after >= item(&refused, "ratelimit", "t") && (1..=60).contains(&after));
            let body = refused.json();
            if policy == "mcp-token" {
                assert_eq!(body["error"]["data"]["retry_after"], after);
                continue;
            }
            assert_eq!(body["violated-policies"], json!([policy]));
            let is_bare = body.get("detail").is_none();
            assert_eq!(is_bare, policy == "admin-key", "{body}");
        }
        assert_eq!(house.audited("engine").await, lines, "{policy}");
    }
}

/// Who reads a calendar shows no key, so an address is counted; and a key's own count is not hers.
#[tokio::test]
async fn readers_of_calendars_are_counted_by_their_address() {
    let mut keys = Keys::default();
    let ann = key(&mut keys, "main", "ann", Role::Trafficker, &[]);
    let house = House::build(Plan {
        keys,
        requests_per_minute: 5,
        ..Plan::default()
    })
    .await;
    let feed = get("/api/bookings/feeds/main/room/guessed");
    for _ in 0..5 {
        assert_eq!(house.ask(feed.clone()).await.status, 404);
    }
    let refused = house.ask(feed).await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.header("ratelimit-policy"), "\"feed\";q=5;w=60");
    assert_eq!(refused.json()["code"], "RATE_LIMITED");
    house.ask(get("/bookings").key(&ann)).await.ok();
}

#[tokio::test]
async fn a_rotated_key_goes_on_under_the_limit_of_the_one_before() {
    let house = House::build(Plan {
        requests_per_minute: 5,
        ..Plan::default()
    })
    .await;
    let boss = Caller::new("boss", tenant("main"), Role::Admin);
    let make = MakeKey {
        name: "robot".into(),
        role: "viewer".into(),
        scopes: Vec::new(),
        expires_in_seconds: None,
    };
    let made = house.core.ask(&boss, make).await.expect("made");
    let first = made.key.expect("shown").reveal().to_owned();
    for _ in 0..5 {
        house.ask(get("/bookings").key(&first)).await.ok();
    }
    let rotate = RotateKey {
        key_id: made.view.key_id,
        overlap_seconds: None,
    };
    let second = house.core.ask(&boss, rotate).await.expect("rotated");
    let second = second.key.expect("shown").reveal().to_owned();
    for key in [&first, &second] {
        assert_eq!(house.ask(get("/bookings").key(key)).await.status, 429);
    }
}

/// Two servers on one PostgreSQL: what one lets through counts at the other before long.
#[tokio::test]
async fn nodes_on_one_database_share_a_limit() {
    let Some(url) = or_skip("nodes_on_one_database_share_a_limit") else {
        return;
    };
    let mut keys = Keys::default();
    let ann = key(&mut keys, "main", "ann", Role::Admin, &[]);
    let house = House::build(Plan {
        url: Some(url),
        keys,
        requests_per_minute: 50,
        ..Plan::default()
    })
    .await;
    let other = house.another_node();
    for _ in 0..50 {
        house.ask(get("/bookings").key(&ann)).await.ok();
    }
    assert_eq!(house.ask(get("/bookings").key(&ann)).await.status, 429);
    let since = std::time::Instant::now();
    let (mut passed, mut last) = (0, 0);
    while last != 429 && since.elapsed().as_secs() < 10 {
        last = house
            .ask_at(&other, get("/bookings").key(&ann))
            .await
            .status;
        passed += u32::from(last == 200);
        tokio::time::timeout(Duration::from_millis(200), std::future::pending::<()>())
            .await
            .ok();
    }
    assert_eq!(last, 429, "the other one has heard of it");
    assert!(passed < 20, "{passed} passed before");
}
