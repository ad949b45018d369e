//! Nothing leaks: every route that is described, asked without a key, with wrong ones, with
//! another tenant's, and with a key for something else. A route that is not in the table fails.

use serde_json::{Value, json};

use crate::{
    fake_seller::{FakeSeller, catalogue},
    house::{Ask, House, Plan, Reply, ask, booking, get, key, now, post, seed},
    openapi::routes,
    sample::sample,
};
use flightdeck::{
    api::auth::{Fresh, Keys},
    domain::{
        policy::Permission,
        tenant::{caller::Caller, role::Role},
    },
};

/// Every route, and the scopes that it takes: `-` for any key, nothing for no key at all,
/// `loopback` for whoever sits at the machine, `address` where the address is the key.
const ROUTES: &[(&str, &str, &str)] = &[
    ("post", "/bookings", "bookings:write"),
    ("get", "/bookings", "bookings:read"),
    ("get", "/bookings/{job_id}", "bookings:read"),
    ("post", "/bookings/{job_id}/approve", "bookings:approve"),
    ("post", "/bookings/{job_id}/approve-all", "bookings:approve"),
    ("post", "/bookings/{job_id}/cancel", "bookings:recover"),
    ("post", "/bookings/{job_id}/retry", "bookings:recover"),
    ("get", "/bookings/{job_id}/events", "bookings:read"),
    ("post", "/products/search", "catalogue:read"),
    ("get", "/api/bookings/resources", "bookings.read"),
    (
        "post",
        "/api/bookings/resources",
        "bookings.resources.manage",
    ),
    (
        "get",
        "/api/bookings/resources/{resource_id}",
        "bookings.read",
    ),
    (
        "patch",
        "/api/bookings/resources/{resource_id}",
        "bookings.resources.manage",
    ),
    (
        "put",
        "/api/bookings/resources/{resource_id}",
        "bookings.resources.manage",
    ),
    (
        "get",
        "/api/bookings/resources/{resource_id}/availability",
        "bookings.read",
    ),
    (
        "get",
        "/api/bookings/resources/{resource_id}/explain",
        "bookings.read",
    ),
    (
        "get",
        "/api/bookings/resources/{resource_id}/waitlist",
        "bookings.read",
    ),
    (
        "get",
        "/api/bookings/resources/{resource_id}/feed",
        "bookings.resources.manage",
    ),
    (
        "post",
        "/api/bookings/resources/{resource_id}/feed/rotate",
        "bookings.resources.manage",
    ),
    ("get", "/api/bookings", "bookings.read"),
    ("post", "/api/bookings", "bookings.manage"),
    ("get", "/api/bookings/{booking_id}", "bookings.read"),
    ("delete", "/api/bookings/{booking_id}", "bookings.manage"),
    (
        "post",
        "/api/bookings/{booking_id}/reschedule",
        "bookings.manage",
    ),
    (
        "post",
        "/api/bookings/{booking_id}/status",
        "bookings.manage",
    ),
    ("get", "/api/bookings/holds", "bookings.read"),
    ("post", "/api/bookings/holds", "bookings.manage"),
    (
        "post",
        "/api/bookings/holds/{hold_id}/extend",
        "bookings.manage",
    ),
    ("delete", "/api/bookings/holds/{hold_id}", "bookings.manage"),
    ("post", "/api/bookings/waitlist", "bookings.manage"),
    (
        "delete",
        "/api/bookings/waitlist/{waiting_id}",
        "bookings.manage",
    ),
    (
        "post",
        "/api/bookings/keys/rotate",
        "bookings.resources.manage",
    ),
    (
        "get",
        "/api/bookings/feeds/{tenant_id}/{resource_id}/{token}",
        "address",
    ),
    ("get", "/api/v2.1/products", "catalogue:read"),
    ("post", "/api/v2.1/products/search", "catalogue:read"),
    ("post", "/api/v2.1/products/avails", "catalogue:read"),
    ("get", "/api/v2.1/products/{product_id}", "catalogue:read"),
    ("post", "/api/v2.1/organizations", "orders:trade"),
    ("get", "/api/v2.1/organizations", "orders:read"),
    (
        "get",
        "/api/v2.1/organizations/{organization_id}",
        "orders:read",
    ),
    ("post", "/api/v2.1/accounts", "orders:trade"),
    ("get", "/api/v2.1/accounts", "orders:read"),
    ("get", "/api/v2.1/accounts/{account_id}", "orders:read"),
    (
        "post",
        "/api/v2.1/accounts/{account_id}/orders",
        "orders:trade",
    ),
    (
        "get",
        "/api/v2.1/accounts/{account_id}/orders",
        "orders:read",
    ),
    (
        "get",
        "/api/v2.1/accounts/{account_id}/orders/{order_id}",
        "orders:read",
    ),
    (
        "patch",
        "/api/v2.1/accounts/{account_id}/orders/{order_id}",
        "orders:read orders:trade",
    ),
    (
        "post",
        "/api/v2.1/accounts/{account_id}/orders/{order_id}/lines",
        "orders:trade",
    ),
    (
        "get",
        "/api/v2.1/accounts/{account_id}/orders/{order_id}/lines",
        "orders:read",
    ),
    (
        "get",
        "/api/v2.1/accounts/{account_id}/orders/{order_id}/lines/{line_id}",
        "orders:read",
    ),
    (
        "patch",
        "/api/v2.1/accounts/{account_id}/orders/{order_id}/lines/{line_id}",
        "orders:trade",
    ),
    (
        "get",
        "/api/v2.1/accounts/{account_id}/orders/{order_id}/lines/{line_id}/stats",
        "orders:read",
    ),
    (
        "post",
        "/api/v2.1/accounts/{account_id}/creatives",
        "orders:trade",
    ),
    (
        "get",
        "/api/v2.1/accounts/{account_id}/creatives",
        "orders:read",
    ),
    (
        "get",
        "/api/v2.1/accounts/{account_id}/creatives/{creative_id}",
        "orders:read",
    ),
    (
        "post",
        "/api/v2.1/accounts/{account_id}/creatives/{creative_id}/approvals",
        "orders:trade",
    ),
    (
        "post",
        "/api/v2.1/accounts/{account_id}/assignments",
        "orders:trade",
    ),
    (
        "get",
        "/api/v2.1/accounts/{account_id}/assignments",
        "orders:read",
    ),
    (
        "get",
        "/api/v2.1/accounts/{account_id}/assignments/{assignment_id}",
        "orders:read",
    ),
    (
        "patch",
        "/api/v2.1/accounts/{account_id}/assignments/{assignment_id}",
        "orders:trade",
    ),
    ("post", "/api/v1/tenant-management/init-api-key", "loopback"),
    ("get", "/api/v1/tenant-management/health", "tenants:manage"),
    (
        "get",
        "/api/v1/tenant-management/audit-logs",
        "tenants:manage",
    ),
    ("get", "/api/v1/tenant-management/tenants", "tenants:manage"),
    (
        "post",
        "/api/v1/tenant-management/tenants",
        "tenants:manage",
    ),
    (
        "get",
        "/api/v1/tenant-management/tenants/{tenant_id}",
        "tenants:manage",
    ),
    (
        "put",
        "/api/v1/tenant-management/tenants/{tenant_id}",
        "tenants:manage",
    ),
    (
        "patch",
        "/api/v1/tenant-management/tenants/{tenant_id}",
        "tenants:manage",
    ),
    (
        "delete",
        "/api/v1/tenant-management/tenants/{tenant_id}",
        "tenants:manage",
    ),
    (
        "post",
        "/api/v1/tenant-management/tenants/{tenant_id}/deactivate",
        "tenants:manage",
    ),
    (
        "post",
        "/api/v1/tenant-management/tenants/{tenant_id}/reactivate",
        "tenants:manage",
    ),
    (
        "get",
        "/api/v1/tenant-management/tenants/{tenant_id}/status",
        "tenants:manage",
    ),
    (
        "get",
        "/api/v1/tenant-management/tenants/{tenant_id}/principals",
        "keys:manage",
    ),
    (
        "post",
        "/api/v1/tenant-management/tenants/{tenant_id}/principals",
        "keys:manage",
    ),
    (
        "get",
        "/api/v1/tenant-management/tenants/{tenant_id}/principals/{principal_id}",
        "keys:manage",
    ),
    (
        "put",
        "/api/v1/tenant-management/tenants/{tenant_id}/principals/{principal_id}",
        "keys:manage",
    ),
    (
        "patch",
        "/api/v1/tenant-management/tenants/{tenant_id}/principals/{principal_id}",
        "keys:manage",
    ),
    (
        "delete",
        "/api/v1/tenant-management/tenants/{tenant_id}/principals/{principal_id}",
        "keys:manage",
    ),
    (
        "post",
        "/api/v1/tenant-management/tenants/{tenant_id}/principals/{principal_id}/rotate-token",
        "keys:manage",
    ),
    (
        "get",
        "/api/v1/tenant-management/tenants/{tenant_id}/keys",
        "keys:manage",
    ),
    (
        "post",
        "/api/v1/tenant-management/tenants/{tenant_id}/keys",
        "keys:manage",
    ),
    (
        "post",
        "/api/v1/tenant-management/tenants/{tenant_id}/keys/{key_id}/rotate",
        "keys:manage",
    ),
    (
        "delete",
        "/api/v1/tenant-management/tenants/{tenant_id}/keys/{key_id}",
        "keys:manage",
    ),
    (
        "get",
        "/api/v1/tenant-management/tenants/{tenant_id}/webhooks",
        "webhooks:manage",
    ),
    (
        "post",
        "/api/v1/tenant-management/tenants/{tenant_id}/webhooks",
        "webhooks:manage",
    ),
    (
        "patch",
        "/api/v1/tenant-management/tenants/{tenant_id}/webhooks/{endpoint_id}",
        "webhooks:manage",
    ),
    (
        "delete",
        "/api/v1/tenant-management/tenants/{tenant_id}/webhooks/{endpoint_id}",
        "webhooks:manage",
    ),
    (
        "post",
        "/api/v1/tenant-management/tenants/{tenant_id}/webhooks/{endpoint_id}/rotate",
        "webhooks:manage",
    ),
    (
        "post",
        "/api/v1/tenant-management/tenants/{tenant_id}/webhooks/{endpoint_id}/test",
        "webhooks:manage",
    ),
    (
        "get",
        "/api/v1/tenant-management/tenants/{tenant_id}/webhooks/deliveries",
        "buys:read",
    ),
    (
        "post",
        "/api/v1/tenant-management/tenants/{tenant_id}/webhooks/replay",
        "webhooks:manage",
    ),
    (
        "post",
        "/api/v1/tenant-management/tenants/{tenant_id}/slack/test",
        "webhooks:manage",
    ),
    (
        "get",
        "/api/v1/tenant-management/tenants/{tenant_id}/workflows",
        "buys:approve",
    ),
    (
        "get",
        "/api/v1/tenant-management/tenants/{tenant_id}/workflows/{workflow_id}",
        "buys:approve",
    ),
    (
        "post",
        "/api/v1/tenant-management/tenants/{tenant_id}/workflows/{workflow_id}/approve",
        "buys:approve",
    ),
    (
        "post",
        "/api/v1/tenant-management/tenants/{tenant_id}/workflows/{workflow_id}/reject",
        "buys:approve",
    ),
    (
        "post",
        "/api/v1/tenant-management/tenants/{tenant_id}/sync-inventory",
        "ad_server:manage",
    ),
    (
        "post",
        "/api/v1/tenant-management/tenants/{tenant_id}/sync-orders",
        "ad_server:manage",
    ),
    (
        "get",
        "/api/v1/tenant-management/tenants/{tenant_id}/sync-status",
        "activity:read",
    ),
    (
        "get",
        "/api/v1/tenant-management/tenants/{tenant_id}/sync-history",
        "activity:read",
    ),
    (
        "get",
        "/api/v1/tenant-management/tenants/{tenant_id}/syncs/{sync_id}",
        "activity:read",
    ),
    (
        "get",
        "/api/v1/tenant-management/tenants/{tenant_id}/inventory",
        "activity:read",
    ),
    (
        "post",
        "/api/v1/tenant-management/tenants/{tenant_id}/test-connection",
        "ad_server:manage",
    ),
    ("post", "/mcp", "-"),
    ("post", "/mcp/", "-"),
    ("get", "/rpc", "-"),
    ("post", "/rpc/{operation}", "bookings:read"),
    ("get", "/events", "activity:read"),
    ("get", "/metrics", "activity:read"),
    ("get", "/health", ""),
    ("get", "/openapi.json", ""),
    ("get", "/docs", ""),
    ("get", "/.well-known/jwks.json", ""),
];

/// What is said to every stranger.
const CANARY: &str = "Canary of the other tenant";

fn scope(method: &str, path: &str) -> &'static str {
    let found = ROUTES.iter().find(|row| (row.0, row.1) == (method, path));
    found
        .unwrap_or_else(|| panic!("{method} {path} is not in the table"))
        .2
}

/// A request that can be read, with one id wherever the path wants one.
fn good(document: &Value, method: &str, path: &str, id: &str) -> Ask {
    let part = |part: &str| match part {
        "{operation}" => "bookings.get".to_owned(),
        part if part.starts_with('{') => id.to_owned(),
        part => part.to_owned(),
    };
    let there: Vec<String> = path.split('/').map(part).collect();
    let there = match path {
        "/events" => "/events?after=0".to_owned(),
        _ => there.join("/"),
    };
    let content = &document["paths"][path][method]["requestBody"]["content"];
    let body = match path {
        "/bookings" => seed(),
        "/rpc/{operation}" => json!({"job_id": id}),
        _ => sample(document, &content["application/json"]["schema"]),
    };
    let ask = ask(&method.to_uppercase(), &there);
    if content.is_null() {
        return ask;
    }
    ask.header("content-type", "application/json")
        .body(body.to_string())
}

struct Town {
    house: House,
    ours: String,
    narrowed: Vec<(Permission, String)>,
    their_job: String,
    document: Value,
}

async fn town() -> Town {
    let mut keys = Keys::default();
    let ours = key(&mut keys, "main", "ours", Role::Admin, &[]);
    let theirs = key(&mut keys, "other", "theirs", Role::Admin, &[]);
    let narrowed = Permission::all().map(|it| {
        // What no tenant's admin may, an operator does.
        let (of, role) = match it {
            Permission::ManageTenants => ("engine", Role::Operator),
            _ => ("main", Role::Admin),
        };
        (it, key(&mut keys, of, it.name(), role, &[it.name()]))
    });
    let narrowed = narrowed.collect();
    let sellers = vec![FakeSeller::new("fake", &catalogue(), now())];
    let house = House::build(Plan {
        keys,
        sellers,
        ..Plan::default()
    })
    .await;
    let body = booking(&json!({"name": CANARY}));
    let job = house.ask(post("/bookings", &body).key(&theirs)).await.ok();
    house.settle().await;
    let their_job = job["job_id"].as_str().expect("an id").to_owned();
    let document = house.ask(get("/openapi.json")).await.ok();
    Town {
        house,
        ours,
        narrowed,
        their_job,
        document,
    }
}

/// Asks without waiting for the end of an endless answer.
async fn head(house: &House, ask: Ask, path: &str) -> (u16, String) {
    if path == "/events" {
        let status = house.status(ask).await;
        return (status, String::new());
    }
    let Reply { status, body, .. } = house.ask(ask).await;
    (status, String::from_utf8_lossy(&body).into_owned())
}

#[tokio::test]
async fn every_route_is_in_the_table() {
    let town = town().await;
    let described: Vec<(String, String)> = routes(&town.document)
        .into_iter()
        .map(|it| (it.0, it.1))
        .collect();
    for (method, path) in &described {
        scope(method, path);
    }
    assert_eq!(described.len(), ROUTES.len(), "{described:?}");
}

#[tokio::test]
async fn without_a_key_nothing_is_said() {
    let town = town().await;
    let house = &town.house;
    let fresh = Fresh::make().key;
    let (ours, first) = (&town.ours, &town.ours[..town.ours.len() - 1]);
    let refused = house.ask(get("/bookings")).await;
    let same = refused.is(401);
    let mut strangers = 0;
    for (method, path, needs) in ROUTES {
        let good = || good(&town.document, method, path, &town.their_job);
        let bad = [
            good(),
            good().key(&fresh),
            good().key(first),
            good().key(&format!("{ours}0")),
            good().key(&ours.to_uppercase()),
            good().key(""),
            good().key("fdk__"),
            good().key(&"x".repeat(8 << 10)),
            good().header("authorization", format!("bearer: {ours}")),
            good().header("authorization", format!("Basic {ours}")),
            good().header("authorization", format!("Bearer  {ours}")),
            good().header("authorization", "Bearer \u{fc}".as_bytes()),
            good().header("authorization", ours.as_str()),
            good().key(ours).header("x-api-key", ours),
            good().header("x-api-key", ours).also("x-api-key", ours),
            good().header("cookie", format!("key={ours}")),
            good()
                .header("x-forwarded-for", "127.0.0.1")
                .header("x-forwarded-user", "ours"),
        ];
        for ask in bad {
            strangers += 1;
            let ask = ask.from(&format!("10.0.{}.{}", strangers / 250, strangers % 250));
            let (status, body) = head(house, ask, path).await;
            if needs.is_empty() {
                assert_eq!(status, 200, "{method} {path}");
            } else if *needs == "address" {
                assert_eq!(status, 404, "{method} {path}: {body}");
            } else if *needs == "loopback" {
                assert_eq!(status, 403, "{method} {path}: {body}");
            } else {
                assert_eq!(status, 401, "{method} {path}: {body}");
                if *path != "/events" {
                    let said: Value = serde_json::from_str(&body).expect("json");
                    if path.starts_with("/api/bookings") {
                        assert_eq!(said["error"], same["error"]["message"], "{method} {path}");
                        assert_eq!(said["code"], same["error"]["code"], "{method} {path}");
                    } else {
                        assert_eq!(said["error"], same["error"], "{method} {path}");
                    }
                }
            }
            assert!(!body.contains(CANARY) && !body.contains(ours.as_str()));
        }
    }
    let in_query = get(&format!("/bookings?api_key={ours}"));
    assert_eq!(house.ask(in_query).await.is(401), same);
    for path in ["/nowhere", "/bookings/x/y/z"] {
        assert_eq!(
            house.ask(get(path)).await.is(401),
            same,
            "strangers do not learn what is served"
        );
    }
    assert_eq!(
        (house.jobs("main").await, house.audited("main").await),
        (0, 0)
    );
}

#[tokio::test]
async fn what_is_anothers_is_as_if_it_were_not_there() {
    let town = town().await;
    let house = &town.house;
    let random = uuid::Uuid::now_v7().to_string();
    let audited = house.audited("other").await;
    for (method, path, needs) in ROUTES {
        if ["", "loopback", "address"].contains(needs) || *path == "/events" {
            continue;
        }
        let theirs = house
            .ask(good(&town.document, method, path, &town.their_job).key(&town.ours))
            .await;
        let nobodys = house
            .ask(good(&town.document, method, path, &random).key(&town.ours))
            .await;
        if path.contains('{') {
            let absent = [404, 400].contains(&theirs.status)
                || (*needs == "tenants:manage" && theirs.status == 403);
            assert!(
                absent || path.contains("job_id") && theirs.status == 404,
                "{method} {path}: {theirs:?}"
            );
            assert_eq!(
                theirs.text().replace(&town.their_job, &random),
                nobodys.text(),
                "{method} {path}"
            );
            let names = |reply: &Reply| {
                reply
                    .headers
                    .keys()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
            };
            assert_eq!(names(&theirs), names(&nobodys), "{method} {path}");
        }
        assert!(!theirs.text().contains(CANARY), "{method} {path}");
        assert!(!theirs.text().contains("theirs"), "{method} {path}");
    }
    for (operation, question) in [
        ("bookings.list", json!({"search": "Canary", "limit": 1000})),
        ("activity.feed", json!({"limit": 1000})),
        ("activity.tasks", json!({})),
        ("audit.read", json!({"limit": 1000})),
        ("tenant.get_budget", json!({})),
    ] {
        let reply = house
            .ask(post(&format!("/rpc/{operation}"), &question).key(&town.ours))
            .await;
        let text = reply.text();
        assert!(
            reply.status == 200 && !text.contains(CANARY) && !text.contains("theirs"),
            "{operation}: {text}"
        );
    }
    assert_eq!(
        house.audited("other").await,
        audited,
        "what we ask is written down with us"
    );
    let found = house
        .ask(get("/bookings?search=Canary").key(&town.ours))
        .await
        .ok();
    assert_eq!(found["total"], 0);
    let header = get("/bookings")
        .key(&town.ours)
        .header("x-tenant", "other")
        .header("x-tenant-id", "other");
    let total = house.ask(header).await.ok()["total"].clone();
    assert_eq!(total, house.jobs("main").await, "a header changes nothing");
}

#[tokio::test]
async fn a_key_for_one_thing_opens_nothing_else() {
    let town = town().await;
    let nobody = uuid::Uuid::now_v7().to_string();
    for (method, path, needs) in ROUTES {
        for (scope, key) in &town.narrowed {
            let ask = good(&town.document, method, path, &nobody).key(key);
            let (status, body) = head(&town.house, ask, path).await;
            if *needs == "loopback" {
                assert_eq!(status, 403, "{method} {path} with {scope}");
                continue;
            }
            let opens = ["", "-", "address"].contains(needs) || *needs == scope.name();
            if !opens && status == 400 && path.starts_with("/api/v2.1/") {
                continue; // the least that can be read is refused before it is asked
            }
            if needs.contains(' ') {
                assert!(
                    [403, 404].contains(&status),
                    "half of what it takes: {method} {path} with {scope}"
                );
                continue;
            }
            assert_eq!(
                status != 403,
                opens,
                "{method} {path} with {scope}: {status} {body}"
            );
            assert_ne!(status, 401, "{method} {path} with {scope}");
            assert!(status < 500);
        }
    }
}

#[tokio::test]
async fn one_tenants_events_are_not_anothers() {
    let town = town().await;
    let ours = town
        .house
        .ask(post("/bookings", &seed()).key(&town.ours))
        .await
        .ok();
    let events = town
        .house
        .first_events(get("/events?after=0").key(&town.ours))
        .await;
    assert!(
        events.contains(ours["job_id"].as_str().expect("an id")),
        "{events}"
    );
    assert!(!events.contains(&town.their_job), "{events}");
}

/// Where no keys are set up everybody at the machine is let in, but not here.
#[tokio::test]
async fn tenant_management_wants_a_key_also_where_nothing_else_does() {
    let anybody = Caller::new("anybody", crate::house::tenant("main"), Role::Trafficker);
    let house = House::build(Plan {
        keys: Keys::open_as(Some(anybody)),
        ..Plan::default()
    })
    .await;
    assert_eq!(house.ask(get("/bookings")).await.status, 200);
    let managed = |row: &&(&str, &str, &str)| {
        row.1.starts_with("/api/v1/tenant-management/") && row.2 != "loopback"
    };
    let mut asked = 0;
    for (method, path, _) in ROUTES.iter().filter(managed) {
        let path = path.replace("{tenant_id}", "main");
        let path: Vec<&str> = path
            .split('/')
            .map(|part| if part.starts_with('{') { "x" } else { part })
            .collect();
        let reply = house
            .ask(ask(&method.to_uppercase(), &path.join("/")))
            .await;
        assert_eq!(
            (reply.status, reply.code()),
            (401, "UNAUTHENTICATED".into())
        );
        asked += 1;
    }
    assert!(asked > 20, "{asked}");
}
