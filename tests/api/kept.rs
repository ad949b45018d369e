//! The keys that the house keeps: they open beside those of the settings, each for its own
//! tenant; they are shown once, rotated with an overlap, and taken back at once. Told once and
//! played on both databases.

use std::fmt::Write as _;

use chrono::Duration;
use flightdeck::{
    api::auth::Keys,
    domain::tenant::{
        caller::{Caller, house},
        key::Fresh,
        role::Role,
    },
    engine::{keys::open::OpenHouse, seller::products::stock::demo},
};
use serde_json::{Value, json};

use crate::{
    house::{Ask, House, Plan, get, key, post, post_raw},
    postgres::or_skip,
};

macro_rules! stories {
    ($($story:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test]
            async fn $story() {
                super::$story(None).await;
            })*
        }
        mod on_postgres {
            $(#[tokio::test]
            async fn $story() {
                if let Some(url) = super::or_skip(stringify!($story)) {
                    super::$story(Some(url)).await;
                }
            })*
        }
    };
}

pub(crate) use stories;

stories!(
    a_tenants_keys_open_what_is_its_own,
    a_principal_trades_under_its_own_name,
    a_key_is_shown_once_and_kept_nowhere,
    a_rotated_key_opens_until_its_time_is_over,
    a_key_that_is_taken_back_opens_nothing_on_any_node,
    nobody_gives_away_what_they_do_not_have,
    a_closed_tenant_opens_to_nobody,
    the_house_is_opened_once,
    keys_of_the_house_close_the_open_door_of_their_tenant_alone,
);

/// A house with a management key.
pub async fn managed(url: Option<String>) -> (House, String) {
    let mut keys = Keys::default();
    key(&mut keys, "main", "boss", Role::Admin, &[]);
    let house = House::build(Plan {
        url,
        keys,
        ..Plan::default()
    })
    .await;
    let management = open_house(&house).await;
    (house, management)
}

/// The first management key.
pub async fn open_house(of: &House) -> String {
    let engine = Caller::engine(house());
    let made = of.core.ask(&engine, OpenHouse {}).await.expect("opened");
    made.key.expect("shown").reveal().to_owned()
}

pub fn rpc(operation: &str, question: &Value, key: &str) -> Ask {
    post(&format!("/rpc/{operation}"), question).key(key)
}

/// Opens a tenant and says what it began with.
pub async fn tenant(house: &House, management: &str, subdomain: &str) -> Value {
    let wanted = json!({"name": subdomain, "subdomain": subdomain, "ad_server": "mock"});
    let made = house.ask(rpc("tenants.create", &wanted, management)).await;
    made.ok()
}

fn text(of: &Value) -> &str {
    of.as_str().unwrap_or_else(|| panic!("{of} is no text"))
}

/// Calls a tool for agents.
fn tool(name: &str, arguments: &Value, key: &str) -> Ask {
    let params = json!({"name": name, "arguments": arguments});
    let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
    post("/mcp", &call).header("x-adcp-auth", key)
}

async fn a_tenants_keys_open_what_is_its_own(url: Option<String>) {
    let (house, management) = managed(url).await;
    let (one, other) = (
        tenant(&house, &management, "sports").await,
        tenant(&house, &management, "news").await,
    );
    for (made, name) in [(&one, "sports"), (&other, "news")] {
        let admin = text(&made["admin_token"]);
        for named in [name, text(&made["tenant_id"])] {
            let ask = get("/bookings").key(admin).header("x-adcp-tenant", named);
            house.ask(ask).await.ok();
        }
        let ask = get("/bookings")
            .key(admin)
            .header("host", format!("{name}.localhost"));
        house.ask(ask).await.ok();
    }
    for named in ["news", text(&other["tenant_id"]), "main", "", "nobody"] {
        let ask = get("/bookings").key(text(&one["admin_token"]));
        let ask = ask.header("x-adcp-tenant", named);
        assert_eq!(house.ask(ask).await.status, 401, "{named}");
    }
    let principals = json!({});
    for (made, tenant_id) in [(&one, &one["tenant_id"]), (&other, &other["tenant_id"])] {
        let ask = rpc("principals.list", &principals, text(&made["admin_token"]));
        let told = house.ask(ask).await.ok();
        assert_eq!(told["total"], 1);
        assert_eq!(&told["principals"][0]["tenant_id"], tenant_id);
    }
}

async fn a_principal_trades_under_its_own_name(url: Option<String>) {
    let (house, management) = managed(url).await;
    let made = tenant(&house, &management, "sports").await;
    let admin = text(&made["admin_token"]);
    let products = json!({"products": demo().expect("products")});
    house
        .ask(rpc("opendirect.stock_catalogue", &products, admin))
        .await
        .ok();
    let mut tokens = Vec::new();
    for (name, more) in [
        ("Acme Advertiser", json!({"gam_advertiser_id": "456789"})),
        ("Rival", json!({})),
        ("Ad Ops", json!({"platform_mappings": {"gam_admin": true}})),
    ] {
        let mut wanted = json!({"name": name});
        let fields = wanted.as_object_mut().expect("an object");
        fields.extend(more.as_object().expect("an object").clone());
        let told = house
            .ask(rpc("principals.create", &wanted, admin))
            .await
            .ok();
        tokens.push(text(&told["access_token"]).to_owned());
    }
    let order = json!({
        "idempotency_key": "order-of-acme-0001",
        "account": {"brand": {"domain": "acme.example"}, "operator": "acme.example"},
        "brand": {"domain": "acme.example"},
        "start_time": "2026-07-01T00:00:00Z", "end_time": "2026-07-31T23:59:59Z",
        "po_number": "PO-7",
        "packages": [{"product_id": "app-pocket-rewarded", "budget": 10_000,
                      "pricing_option_id": "default"}],
    });
    let bought = house
        .ask(tool("create_media_buy", &order, &tokens[0]))
        .await
        .ok();
    let told = &bought["result"]["structuredContent"];
    assert_ne!(bought["result"]["isError"], true, "{told:#}");
    let owner = house
        .ask(rpc("media_buys.list", &json!({}), admin))
        .await
        .ok();
    assert_eq!(
        owner["media_buys"][0]["buy"]["owner"], "acme_advertiser",
        "{owner:#}"
    );
    for (token, sees) in [(&tokens[0], 1), (&tokens[1], 0), (&tokens[2], 1)] {
        let told = house
            .ask(rpc("media_buys.list", &json!({}), token))
            .await
            .ok();
        assert_eq!(told["media_buys"].as_array().map(Vec::len), Some(sees));
    }
    // Only an admin may agree for the publisher.
    let say = json!({"media_buy_id": told["media_buy_id"], "say": "approve"});
    let refused = house.ask(rpc("media_buys.decide", &say, &tokens[0])).await;
    assert_eq!(refused.code(), "FORBIDDEN");
    let asked = house.ask(rpc("media_buys.decide", &say, &tokens[2])).await;
    assert_ne!(asked.code(), "FORBIDDEN", "{asked:?}");
}

async fn a_key_is_shown_once_and_kept_nowhere(url: Option<String>) {
    let (house, management) = managed(url).await;
    let wanted = json!({"name": "Sports", "subdomain": "sports", "ad_server": "google_ad_manager",
        "gam_refresh_token": "1//canary-of-google", "gam_network_code": "9",
        "features": {"slack_webhook_url": "https://hooks.slack.com/services/canary-of-slack"}});
    let create = || rpc("tenants.create", &wanted, &management).once("one-tenant");
    let made = house.ask(create()).await;
    let again = house.ask(create()).await;
    let (made, again) = (made.ok(), again.ok());
    assert_eq!(made["tenant_id"], again["tenant_id"], "done once");
    for token in ["admin_token", "default_principal_token"] {
        assert!(made[token].is_string() && again[token].is_null(), "{token}");
    }
    let admin = text(&made["admin_token"]);
    let keys = house.ask(rpc("keys.list", &json!({}), admin)).await.ok();
    assert_eq!(keys["keys"].as_array().map(Vec::len), Some(2));
    let id = admin.split('_').nth(1).expect("an id");
    assert!(keys.to_string().contains(id), "found by its readable part");
    let wrong = json!({"name": "x", "access_token": "canary-of-a-token-that-is-refused"});
    let refused = house.ask(rpc("principals.create", &wrong, admin)).await;
    assert_eq!(
        (refused.status, refused.field()),
        (400, "access_token".into())
    );
    let mut said = format!("{keys} {refused:?}");
    for tenant in ["main", "engine", text(&made["tenant_id"])] {
        for line in house.audit(tenant, 0).await {
            write!(said, "{line:?}").expect("room");
        }
    }
    let listed = house
        .ask(rpc("tenants.list", &json!({}), &management))
        .await;
    said.push_str(&listed.text());
    let secret = |key: &Value| text(key).rsplit('_').next().expect("a part").to_owned();
    for canary in [
        secret(&made["admin_token"]),
        secret(&made["default_principal_token"]),
        secret(&json!(management)),
        "canary".to_owned(),
    ] {
        assert!(!said.contains(&canary), "{canary} in {said}");
    }
}

async fn a_rotated_key_opens_until_its_time_is_over(url: Option<String>) {
    let (house, management) = managed(url).await;
    let made = tenant(&house, &management, "sports").await;
    let admin = text(&made["admin_token"]).to_owned();
    let ask = json!({"name": "robot", "role": "trafficker", "expires_in_seconds": 7200});
    let robot = house.ask(rpc("keys.make", &ask, &admin)).await.ok();
    let ask = json!({"key_id": robot["key_id"], "overlap_seconds": 600});
    let second = house.ask(rpc("keys.rotate", &ask, &admin)).await.ok();
    assert_ne!(second["key"], robot["key"]);
    let ask = json!({"principal_id": "default", "overlap_seconds": 600});
    let token = house
        .ask(rpc("principals.rotate_token", &ask, &admin))
        .await
        .ok();
    let old = [&robot["key"], &made["default_principal_token"]].map(|it| text(it).to_owned());
    let new = [&second["key"], &token["access_token"]].map(|it| text(it).to_owned());
    let open = async |key: &str| {
        let asked = house
            .ask(rpc("adcp.get_capabilities", &json!({}), key))
            .await;
        asked.status == 200
    };
    for key in old.iter().chain(&new) {
        assert!(open(key).await, "both open side by side");
    }
    house.clock.advance(Duration::seconds(600));
    for (old, new) in old.iter().zip(&new) {
        assert_eq!((open(old).await, open(new).await), (false, true));
    }
    let again = house
        .ask(rpc(
            "keys.rotate",
            &json!({"key_id": robot["key_id"]}),
            &admin,
        ))
        .await;
    assert_eq!((again.status, again.code()), (409, "KEY_ENDED".into()));
    let ask = json!({"name": "short", "role": "viewer", "expires_in_seconds": 60});
    let short = house.ask(rpc("keys.make", &ask, &admin)).await.ok();
    assert!(open(text(&short["key"])).await);
    house.clock.advance(Duration::seconds(60));
    assert!(!open(text(&short["key"])).await);
}

async fn a_key_that_is_taken_back_opens_nothing_on_any_node(url: Option<String>) {
    let (house, management) = managed(url).await;
    let made = tenant(&house, &management, "sports").await;
    let admin = text(&made["admin_token"]);
    let ask = json!({"name": "robot", "role": "viewer"});
    let robot = house.ask(rpc("keys.make", &ask, admin)).await.ok();
    let key = text(&robot["key"]);
    let other = house.another_node();
    for node in [&house.router, &other] {
        assert_eq!(
            house.ask_at(node, get("/bookings").key(key)).await.status,
            200
        );
    }
    let ask = json!({"key_id": robot["key_id"]});
    let gone = house.ask(rpc("keys.revoke", &ask, admin)).await.ok();
    assert_eq!(gone["state"], "revoked");
    let refused = house.ask(get("/bookings").key(key)).await;
    assert_eq!(refused.status, 401, "at once where it was taken back");
    let since = std::time::Instant::now();
    while house.ask_at(&other, get("/bookings").key(key)).await.status == 200 {
        assert!(
            since.elapsed().as_secs_f64() < 1.0,
            "within a second elsewhere"
        );
        tokio::task::yield_now().await;
    }
    let again = house.ask(rpc("keys.revoke", &ask, admin)).await.ok();
    assert_eq!(again["revoked_at"], gone["revoked_at"], "no news");
    // A key that never was is refused in the same words.
    let never = house.ask(get("/bookings").key(&Fresh::make().key)).await;
    assert_eq!(never.json(), refused.json());
}

async fn nobody_gives_away_what_they_do_not_have(url: Option<String>) {
    let (house, management) = managed(url).await;
    let (made, other) = (
        tenant(&house, &management, "sports").await,
        tenant(&house, &management, "news").await,
    );
    let admin = text(&made["admin_token"]);
    let ask = json!({"name": "clerk", "role": "admin", "scopes": ["keys:manage", "bookings:read"]});
    let clerk = house.ask(rpc("keys.make", &ask, admin)).await.ok();
    let clerk = text(&clerk["key"]);
    let make = |role: &str, scopes: &[&str]| {
        let ask = json!({"name": "friend", "role": role, "scopes": scopes});
        rpc("keys.make", &ask, clerk)
    };
    house.ask(make("viewer", &["bookings:read"])).await.ok();
    for (role, scopes) in [
        ("admin", &[][..]),
        ("viewer", &[]),
        ("trafficker", &["bookings:approve"]),
        ("admin", &["tenant:manage"]),
    ] {
        let refused = house.ask(make(role, scopes)).await;
        assert_eq!(refused.code(), "FORBIDDEN", "{role} {scopes:?}");
    }
    for role in ["operator", "engine", "king"] {
        let ask = json!({"name": "friend", "role": role});
        let refused = house.ask(rpc("keys.make", &ask, admin)).await;
        assert_eq!(
            (refused.status, refused.field()),
            (400, "role".into()),
            "{role}"
        );
    }
    let keys = house
        .ask(rpc("keys.list", &json!({}), text(&other["admin_token"])))
        .await
        .ok();
    for key in keys["keys"].as_array().expect("keys") {
        for operation in ["keys.revoke", "keys.rotate"] {
            let ask = json!({"key_id": key["key_id"]});
            let theirs = house.ask(rpc(operation, &ask, admin)).await;
            assert_eq!(theirs.code(), "KEY_NOT_FOUND", "{operation}");
        }
    }
    let buyer = text(&made["default_principal_token"]);
    for operation in [
        "keys.list",
        "principals.list",
        "tenants.list",
        "tenants.get",
    ] {
        let refused = house.ask(rpc(operation, &json!({}), buyer)).await;
        assert_eq!(refused.code(), "FORBIDDEN", "{operation}");
    }
    let refused = house.ask(rpc("tenants.list", &json!({}), admin)).await;
    assert_eq!(
        refused.code(),
        "FORBIDDEN",
        "a tenant's admin sees no other tenant"
    );
    let refused = house.ask(get("/bookings").key(&management)).await;
    assert_eq!(refused.code(), "FORBIDDEN", "an operator does not trade");
}

async fn a_closed_tenant_opens_to_nobody(url: Option<String>) {
    let (house, management) = managed(url).await;
    let made = tenant(&house, &management, "sports").await;
    let id = text(&made["tenant_id"]);
    let operator = Caller::new("op", id.parse().expect("an id"), Role::Operator);
    let keys = ["admin_token", "default_principal_token"].map(|it| text(&made[it]).to_owned());
    let ask = |key: &str| rpc("adcp.get_capabilities", &json!({}), key);
    for key in &keys {
        house.ask(ask(key)).await.ok();
    }
    let close = flightdeck::engine::tenants::update::DeactivateTenant {};
    let closed = house.core.ask(&operator, close).await.expect("closed");
    assert!(!closed.row.is_active);
    for key in &keys {
        assert_eq!(house.ask(ask(key)).await.status, 401);
    }
    let open = flightdeck::engine::tenants::update::ReactivateTenant {};
    house.core.ask(&operator, open).await.expect("opened");
    for key in &keys {
        house.ask(ask(key)).await.ok();
    }
}

async fn the_house_is_opened_once(url: Option<String>) {
    let house = House::build(Plan {
        url,
        ..Plan::default()
    })
    .await;
    let engine = Caller::engine(flightdeck::domain::tenant::caller::house());
    let asks = (0..50).map(|_| house.core.ask(&engine, OpenHouse {}));
    let all = futures_util::future::join_all(asks).await;
    let made: Vec<_> = all.iter().filter_map(|one| one.as_ref().ok()).collect();
    assert_eq!(made.len(), 1, "one has it");
    let refused = all.iter().filter_map(|one| one.as_ref().err());
    for fault in refused {
        assert_eq!(fault.code, "ALREADY_INITIALIZED");
    }
    let key = made[0].key.as_ref().expect("shown").reveal();
    assert!(key.starts_with("sk-fd_"), "told at a glance");
    house.ask(rpc("tenants.list", &json!({}), key)).await.ok();
}

async fn keys_of_the_house_close_the_open_door_of_their_tenant_alone(url: Option<String>) {
    let house = House::build(Plan {
        url,
        ..Plan::default()
    })
    .await;
    let management = open_house(&house).await;
    tenant(&house, &management, "sports").await;
    house.ask(get("/bookings")).await.ok();
    let ask = json!({"name": "robot", "role": "viewer"});
    let robot = house.ask(post("/rpc/keys.make", &ask)).await.ok();
    assert_eq!(
        house.ask(get("/bookings")).await.status,
        401,
        "main has a key now"
    );
    house
        .ask(get("/bookings").key(text(&robot["key"])))
        .await
        .ok();
    assert_eq!(
        house.ask(post_raw("/rpc/keys.list", "{}")).await.status,
        401
    );
}
