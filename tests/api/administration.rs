//! The Tenant Management API as its document prints it, typed as it is printed: the first key,
//! tenants, principals, health, trails, and what operators need beside. Played on both databases.

use serde_json::{Value, json};

use crate::{
    house::{Ask, House, Plan, Reply, ask, get, post, post_nothing, post_raw},
    kept::{managed, stories},
    postgres::or_skip,
};

stories!(
    the_first_key_is_made_once_and_here_alone,
    the_document_as_it_is_printed,
    what_is_wrong_is_said_with_its_field,
    what_is_not_there_is_said_in_the_same_words,
    features_are_taken_flat_and_nested,
    a_tenant_is_changed_piece_by_piece,
    tenants_are_listed_page_by_page,
    a_tenant_is_closed_and_opened_again,
    a_tenant_is_forgotten_whole,
    principals_are_looked_after,
    what_waits_is_decided,
    trails_are_read_backwards_page_by_page,
    a_tenants_own_admin_manages_its_principals_and_no_other,
);

const AT: &str = "/api/v1/tenant-management";

/// Asks with the management key.
struct Operator<'a> {
    house: &'a House,
    key: &'a str,
}

impl Operator<'_> {
    fn with(&self, ask: Ask) -> Ask {
        ask.header("x-tenant-management-api-key", self.key)
    }

    async fn get(&self, path: &str) -> Reply {
        self.house.ask(self.with(get(&format!("{AT}{path}")))).await
    }

    async fn post(&self, path: &str, body: &Value) -> Reply {
        let asked = post(&format!("{AT}{path}"), body);
        self.house.ask(self.with(asked)).await
    }

    async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Reply {
        let asked = ask(method, &format!("{AT}{path}"));
        let asked = match body {
            Some(body) => asked
                .header("content-type", "application/json")
                .body(body.to_string()),
            None => asked,
        };
        self.house.ask(self.with(asked)).await
    }

    /// Opens a tenant.
    async fn opened(&self, subdomain: &str) -> Value {
        let wanted = json!({"name": subdomain, "subdomain": subdomain, "ad_server": "mock"});
        self.post("/tenants", &wanted).await.is(201)
    }
}

fn text(of: &Value) -> &str {
    of.as_str().unwrap_or_else(|| panic!("{of} is no text"))
}

/// The fields of an object, sorted.
fn fields(of: &Value) -> Vec<&str> {
    let fields = of.as_object().expect("an object").keys();
    fields.map(String::as_str).collect()
}

async fn the_first_key_is_made_once_and_here_alone(url: Option<String>) {
    let house = House::build(Plan {
        url,
        ..Plan::default()
    })
    .await;
    let init = || post_nothing(&format!("{AT}/init-api-key"));
    let elsewhere = [
        init(),
        init().from("10.1.2.3"),
        init()
            .from("127.0.0.1")
            .header("x-forwarded-for", "10.1.2.3"),
        init().from("127.0.0.1").header("forwarded", "for=10.1.2.3"),
        init().from("127.0.0.1").header("via", "1.1 proxy"),
        init().from("127.0.0.1").header("host", "10.1.2.3:8001"),
        init().from("127.0.0.1").header("host", "sports.localhost"),
    ];
    for ask in elsewhere {
        let refused = house.ask(ask).await;
        assert_eq!(
            (refused.status, refused.code()),
            (403, "LOOPBACK_ONLY".into())
        );
    }
    let made = house.ask(init().from("127.0.0.1")).await.is(201);
    assert_eq!(fields(&made), ["api_key", "message", "warning"]);
    assert_eq!(made["message"], "Tenant management API key initialized");
    let warning = "Save this key securely. It cannot be retrieved again.";
    assert_eq!(made["warning"], warning);
    assert!(text(&made["api_key"]).starts_with("sk-"));
    let audited = house.audited("engine").await;
    for _ in 0..30 {
        let again = house.ask(init().from("127.0.0.1")).await;
        assert_eq!(
            (again.status, again.code()),
            (409, "ALREADY_INITIALIZED".into())
        );
        assert_eq!(fields(&again.json()), ["error"]);
    }
    assert_eq!(
        house.audited("engine").await,
        audited,
        "asking again fills no trail"
    );
    let operator = Operator {
        house: &house,
        key: text(&made["api_key"]),
    };
    operator.get("/tenants").await.ok();
}

async fn the_document_as_it_is_printed(url: Option<String>) {
    let (house, key) = managed(url).await;
    let operator = Operator {
        house: &house,
        key: &key,
    };
    let wanted = json!({
        "name": "Sports Publisher",
        "subdomain": "sports",
        "ad_server": "google_ad_manager",
        "gam_refresh_token": "1//oauth-refresh-token",
        "gam_network_code": "123456789",
        "features": {"max_daily_budget": 50000, "enable_axe_signals": true}
    });
    let made = operator.post("/tenants", &wanted).await.is(201);
    let id = text(&made["tenant_id"]).to_owned();
    assert!(id.starts_with("tenant_"), "{id}");
    for token in ["admin_token", "default_principal_token"] {
        assert!(text(&made[token]).starts_with("fdk_"), "{token}");
    }
    let listed = operator.get("/tenants").await.ok();
    let first = &listed["tenants"][0];
    for (field, value) in [
        ("tenant_id", json!(id)),
        ("name", json!("Sports Publisher")),
        ("subdomain", json!("sports")),
        ("ad_server", json!("google_ad_manager")),
        ("is_active", json!(true)),
        ("adapter_configured", json!(true)),
    ] {
        assert_eq!(first[field], value, "{field}");
    }
    assert_eq!(first["created_at"], "2026-06-15T12:00:00Z");
    assert_eq!((&listed["count"], &listed["total"]), (&json!(3), &json!(3)));

    let shown = operator.get(&format!("/tenants/{id}")).await.ok();
    assert_eq!(shown["adapter_config"]["has_refresh_token"], true);
    assert_eq!(shown["adapter_config"]["gam_network_code"], "123456789");
    assert_eq!(shown["features"]["max_daily_budget"], 50000);
    assert_eq!(shown["settings"]["enable_axe_signals"], true);
    assert!(!shown.to_string().contains("oauth-refresh-token"));

    let change = json!({"name": "Updated Name", "features": {"max_daily_budget": 100_000}});
    let path = format!("/tenants/{id}");
    let changed = operator.send("PUT", &path, Some(&change)).await.ok();
    assert_eq!(changed["name"], "Updated Name");
    assert_eq!(changed["features"]["max_daily_budget"], 100_000);
    assert_eq!(
        changed["features"]["enable_axe_signals"], true,
        "left alone"
    );

    house.clock.advance(chrono::Duration::seconds(1));
    let wanted = json!({"name": "Acme Advertiser", "gam_advertiser_id": "456789",
        "access_token": "auto_generated_or_custom"});
    let path = format!("/tenants/{id}/principals");
    let principal = operator.post(&path, &wanted).await.is(201);
    assert!(
        text(&principal["access_token"]).starts_with("fdk_"),
        "made, not the placeholder"
    );
    assert_eq!(principal["gam_advertiser_id"], "456789");
    let listed = operator.get(&path).await.ok();
    assert_eq!(listed["count"], 2);
    assert_eq!(listed["principals"][0]["name"], "Acme Advertiser");
    assert!(!listed.to_string().contains("access_token"), "{listed}");

    let health = operator.get("/health").await.ok();
    let version = env!("CARGO_PKG_VERSION");
    for (field, value) in [
        ("status", json!("healthy")),
        ("database", json!("connected")),
        ("version", json!(version)),
        ("tenants_count", json!(3)),
        ("active_media_buys", json!(0)),
    ] {
        assert_eq!(health[field], value, "{field}");
    }
    let logs = operator
        .get(&format!("/audit-logs?tenant_id={id}&limit=100"))
        .await
        .ok();
    let done: Vec<&str> = logs["audit_logs"]
        .as_array()
        .expect("lines")
        .iter()
        .map(|line| text(&line["operation"]))
        .collect();
    assert_eq!(done, ["principals.create", "tenants.update"]);

    let gone = operator
        .send("DELETE", &format!("/tenants/{id}"), None)
        .await
        .ok();
    let said = json!({"message": "Tenant deactivated successfully", "tenant_id": id});
    assert_eq!(gone, said);
    let shown = operator.get(&format!("/tenants/{id}")).await.ok();
    assert_eq!(shown["is_active"], false);
}

async fn what_is_wrong_is_said_with_its_field(url: Option<String>) {
    let (house, key) = managed(url).await;
    let operator = Operator {
        house: &house,
        key: &key,
    };
    operator.opened("sports").await;
    let usual = json!({"name": "News", "subdomain": "news", "ad_server": "mock"});
    let with = |change: Value| {
        let mut wanted = usual.clone();
        let own = wanted.as_object_mut().expect("an object");
        for (name, value) in change.as_object().expect("an object") {
            own.remove(name);
            if !value.is_null() {
                own.insert(name.clone(), value.clone());
            }
        }
        wanted
    };
    for (change, status, code, field) in [
        (json!({"name": null}), 400, "MISSING_FIELD", "name"),
        (
            json!({"subdomain": null}),
            400,
            "MISSING_FIELD",
            "subdomain",
        ),
        (
            json!({"ad_server": null}),
            400,
            "MISSING_FIELD",
            "ad_server",
        ),
        (
            json!({"ad_server": "xandr"}),
            400,
            "INVALID_AD_SERVER",
            "ad_server",
        ),
        (json!({"ad_server": 7}), 400, "INVALID_TYPE", "ad_server"),
        (
            json!({"subdomain": "Not A Name"}),
            400,
            "INVALID_SUBDOMAIN",
            "subdomain",
        ),
        (
            json!({"subdomain": "engine"}),
            400,
            "INVALID_SUBDOMAIN",
            "subdomain",
        ),
        (json!({"name": "a\nb"}), 400, "INVALID_NAME", "name"),
        (json!({"name": "\u{200b}"}), 400, "INVALID_NAME", "name"),
        (json!({"is_admin": true}), 400, "UNKNOWN_FIELD", "is_admin"),
        (json!({"revision": 7}), 400, "UNKNOWN_FIELD", "revision"),
        (
            json!({"features": {"max_daily_budget": -1}}),
            400,
            "INVALID_FEATURE",
            "features.max_daily_budget",
        ),
        (
            json!({"features": {"max_daily_budgett": 5}}),
            400,
            "INVALID_FEATURE",
            "features.max_daily_budgett",
        ),
        (
            json!({"slack_webhook_url": "http://127.0.0.1/x"}),
            400,
            "INVALID_FEATURE",
            "features.slack_webhook_url",
        ),
        (
            json!({"subdomain": "sports"}),
            409,
            "DUPLICATE_SUBDOMAIN",
            "subdomain",
        ),
        (
            json!({"subdomain": "main"}),
            409,
            "DUPLICATE_SUBDOMAIN",
            "subdomain",
        ),
    ] {
        let audited = house.audited("engine").await;
        let refused = operator.post("/tenants", &with(change.clone())).await;
        let told = (refused.status, refused.code(), refused.field());
        assert_eq!(told, (status, code.into(), field.into()), "{change}");
        assert_eq!(fields(&refused.json()), ["error"]);
        assert_eq!(
            house.audited("engine").await,
            audited + 1,
            "written down: {change}"
        );
    }
    all_that_is_missing_is_said_at_once(&operator).await;
}

async fn all_that_is_missing_is_said_at_once(operator: &Operator<'_>) {
    let refused = operator.post("/tenants", &json!({})).await;
    let told = refused.json();
    let problems = told["error"]["details"]["problems"].as_array();
    let problems = problems.expect("problems").iter();
    let named: Vec<_> = problems.map(|one| text(&one["field"])).collect();
    assert_eq!(named, ["name", "subdomain", "ad_server"]);
}

async fn what_is_not_there_is_said_in_the_same_words(url: Option<String>) {
    let (house, key) = managed(url).await;
    let operator = Operator {
        house: &house,
        key: &key,
    };
    for body in ["", "{", "[]", "\u{feff}{}", r#"{"name": NaN}"#] {
        let asked = post_raw(&format!("{AT}/tenants"), body);
        let refused = house.ask(operator.with(asked)).await;
        assert_eq!(refused.status, 400, "{body}: {refused:?}");
    }
    let nobody = get(&format!("{AT}/tenants")).header("x-tenant-management-api-key", "sk-none");
    let nobody = house.ask(nobody).await;
    assert_eq!(nobody.status, 401);
    let nobody = nobody.json();
    let hint = text(&nobody["error"]["details"]["hint"]);
    for header in ["X-Tenant-Management-API-Key", "x-adcp-auth"] {
        assert!(hint.contains(header), "{hint}");
    }
    for (path, code) in [
        ("/tenants/nobody", "TENANT_NOT_FOUND"),
        ("/tenants/NO%20BODY", "TENANT_NOT_FOUND"),
        ("/tenants/engine", "TENANT_NOT_FOUND"),
        ("/tenants/nobody/principals", "TENANT_NOT_FOUND"),
        ("/tenants/nobody/status", "TENANT_NOT_FOUND"),
        ("/tenants/main/principals/nobody", "PRINCIPAL_NOT_FOUND"),
        ("/audit-logs?tenant_id=nobody", "TENANT_NOT_FOUND"),
        ("/nowhere", "NOT_FOUND"),
    ] {
        let refused = operator.get(path).await;
        assert_eq!(
            (refused.status, refused.code()),
            (404, code.into()),
            "{path}"
        );
        assert_eq!(fields(&refused.json()), ["error"], "{path}");
    }
    let refused = operator.send("TRACE", "/tenants", None).await;
    assert_eq!(
        (refused.status, refused.code()),
        (405, "METHOD_NOT_ALLOWED".into())
    );
    let nobody = house.ask(get(&format!("{AT}/tenants"))).await;
    assert_eq!(
        (nobody.status, fields(&nobody.json())),
        (401, vec!["error"])
    );
    // Written down where no tenant is: in the house, and not under a made-up name.
    operator
        .post("/tenants/nobody/principals", &json!({"name": "x"}))
        .await;
    assert_eq!(house.audited("nobody").await, 0);
}

async fn features_are_taken_flat_and_nested(url: Option<String>) {
    let (house, key) = managed(url).await;
    let operator = Operator {
        house: &house,
        key: &key,
    };
    let wanted = json!({
        "name": "Radio", "subdomain": "radio", "ad_server": "triton",
        "triton_station_id": "9", "triton_api_key": "canary-of-triton",
        "enable_axe_signals": true, "auto_approve_format_ids": ["audio_30s"],
        "policy_settings": {"x": 1}, "human_review_required": false,
        "authorized_emails": ["ops@example.com"], "creator_email": "ann@example.com",
        "features": {"slack_webhook_url": "https://hooks.slack.com/services/canary", "mood": "calm"},
        "create_default_principal": false,
    });
    let made = operator.post("/tenants", &wanted).await.is(201);
    assert!(
        made["default_principal_token"].is_null(),
        "nobody wanted one"
    );
    assert_eq!(made["ad_server"], "triton_digital");
    let id = text(&made["tenant_id"]).to_owned();
    let path = format!("/tenants/{id}");
    let shown = operator.get(&path).await.ok();
    assert_eq!(shown["principals_count"], 0);
    for (field, value) in [
        ("enable_axe_signals", json!(true)),
        ("auto_approve_formats", json!(["audio_30s"])),
        ("policy_settings", json!({"x": 1})),
        ("human_review_required", json!(false)),
        ("slack_webhook_url", json!("https://hooks.slack.com/***")),
        ("mood", json!("calm")),
    ] {
        assert_eq!(shown["features"][field], value, "{field}");
        assert_eq!(shown["settings"][field], value, "{field}");
    }
    let emails = json!(["ops@example.com", "ann@example.com"]);
    assert_eq!(shown["settings"]["authorized_emails"], emails);
    assert_eq!(shown["adapter_config"]["has_api_key"], true);
    assert!(!shown.to_string().contains("canary"), "{shown}");
    // What was shown can be sent back, and null takes away.
    let back = json!({"features": shown["features"]});
    let same = operator.send("PUT", &path, Some(&back)).await.ok();
    assert_eq!(same["revision"], shown["revision"], "nothing has changed");
    let none = json!({"features": {"mood": null}, "slack_webhook_url": null});
    let less = operator.send("PATCH", &path, Some(&none)).await.ok();
    assert!(less["features"].get("mood").is_none());
    assert!(less["features"]["slack_webhook_url"].is_null());
    // Another ad server takes nothing along of what opened this one.
    let other = json!({"ad_server": "kevel", "kevel_network_id": "4"});
    let moved = operator.send("PUT", &path, Some(&other)).await.ok();
    assert_eq!(moved["adapter_config"]["has_api_key"], false);
    assert_eq!(moved["adapter_configured"], false);
    // The trail tells what became of it, and no secret.
    let logs = operator
        .get(&format!("/audit-logs?tenant_id={id}&limit=2"))
        .await
        .ok();
    let slack = json!({"what": "slack", "before": "yes", "after": "no"});
    let server = json!({"what": "ad server", "before": "triton_digital", "after": "kevel"});
    assert!(told(&logs, 1).contains(&slack), "{logs}");
    assert!(told(&logs, 0).contains(&server), "{logs}");
    assert!(!logs.to_string().contains("canary"), "{logs}");
}

/// What a line of the trail says was changed.
fn told(logs: &Value, line: usize) -> Vec<Value> {
    let changes = logs["audit_logs"][line]["changes"].as_array();
    changes.expect("changes").clone()
}

async fn a_tenant_is_changed_piece_by_piece(url: Option<String>) {
    let (house, key) = managed(url).await;
    let operator = Operator {
        house: &house,
        key: &key,
    };
    let made = operator.opened("sports").await;
    let path = format!("/tenants/{}", text(&made["tenant_id"]));
    let shown = operator.get(&path).await;
    let tag = shown.header("etag").to_owned();
    let change = |ask: Ask, name: &str| {
        let ask = ask.header("content-type", "application/json");
        operator.with(ask.body(json!({"name": name}).to_string()))
    };
    let put = || ask("PUT", &format!("{AT}{path}"));
    house.ask(change(put().seen(&tag), "Second")).await.ok();
    let late = house.ask(change(put().seen(&tag), "Third")).await;
    assert_eq!((late.status, late.code()), (412, "STALE_REVISION".into()));
    let shown = operator.get(&path).await.ok();
    assert_eq!(shown["name"], "Second");
    // Its other name can be changed, and is free for others then.
    let moved = operator
        .send("PUT", &path, Some(&json!({"subdomain": "games"})))
        .await
        .ok();
    assert_eq!(moved["subdomain"], "games");
    let admin = text(&made["admin_token"]);
    for (named, status) in [("games", 200), ("sports", 401)] {
        let asked = get("/bookings").key(admin).header("x-adcp-tenant", named);
        assert_eq!(house.ask(asked).await.status, status, "{named}");
    }
    operator.opened("sports").await;
    let taken = operator
        .send("PUT", &path, Some(&json!({"subdomain": "sports"})))
        .await;
    assert_eq!(taken.code(), "DUPLICATE_SUBDOMAIN");
}

async fn tenants_are_listed_page_by_page(url: Option<String>) {
    let (house, key) = managed(url).await;
    let operator = Operator {
        house: &house,
        key: &key,
    };
    for n in 0..5 {
        house.clock.advance(chrono::Duration::seconds(1));
        operator.opened(&format!("pub-{n}")).await;
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = operator
            .get(&format!("/tenants?search=PUB-&limit=2{cursor}"))
            .await
            .ok();
        assert_eq!(page["total"], 5);
        let rows = page["tenants"].as_array().expect("rows");
        seen.extend(rows.iter().map(|row| text(&row["subdomain"]).to_owned()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, ["pub-4", "pub-3", "pub-2", "pub-1", "pub-0"]);
    let stolen = operator.get(&format!("/tenants?limit=2{cursor}")).await;
    assert_eq!((stolen.status, stolen.field()), (400, "cursor".into()));
    for (query, status) in [
        ("is_active=true", 200),
        ("is_active=false", 200),
        ("is_active=maybe", 400),
        ("limit=0", 400),
        ("limit=501", 400),
        ("limit=x", 400),
        ("nothing=1", 400),
        ("search=%25", 200),
    ] {
        let reply = operator.get(&format!("/tenants?{query}")).await;
        assert_eq!(reply.status, status, "{query}: {reply:?}");
    }
    assert_eq!(
        operator.get("/tenants?search=%25").await.ok()["total"],
        0,
        "literally"
    );
}

async fn a_tenant_is_closed_and_opened_again(url: Option<String>) {
    let (house, key) = managed(url).await;
    let operator = Operator {
        house: &house,
        key: &key,
    };
    let made = operator.opened("sports").await;
    let path = format!("/tenants/{}", text(&made["tenant_id"]));
    let admin = text(&made["admin_token"]);
    let opens = async || house.ask(get("/bookings").key(admin)).await.status == 200;
    assert!(opens().await);
    for (how, open) in [("deactivate", false), ("reactivate", true)] {
        for _ in 0..2 {
            let told = operator
                .send("POST", &format!("{path}/{how}"), None)
                .await
                .ok();
            assert_eq!(told["is_active"], open, "{how}, and again");
        }
        assert_eq!(opens().await, open, "{how}");
    }
    operator
        .send("PATCH", &path, Some(&json!({"is_active": false})))
        .await
        .ok();
    assert!(!opens().await);
    let listed = operator.get("/tenants?is_active=false").await.ok();
    assert_eq!(listed["tenants"][0]["tenant_id"], made["tenant_id"]);
    assert_eq!(listed["total"], 1);
    let status = operator.get(&format!("{path}/status")).await.ok();
    assert_eq!(status["is_active"], false);
    assert_eq!(status["syncs"]["inventory"]["status"], "never_run");
    assert!(
        status["ad_server"]["connected"].is_null(),
        "nobody has asked"
    );
    assert_eq!(status["keys_count"], 2);
}

async fn a_tenant_is_forgotten_whole(url: Option<String>) {
    let (house, key) = managed(url).await;
    let operator = Operator {
        house: &house,
        key: &key,
    };
    for (query, body) in [
        ("?hard_delete=true", None),
        ("", Some(json!({"hard_delete": true}))),
    ] {
        let made = operator.opened("sports").await;
        let id = text(&made["tenant_id"]).to_owned();
        let admin = text(&made["admin_token"]);
        let brief = crate::house::seed();
        house.ask(post("/bookings", &brief).key(admin)).await.ok();
        let path = format!("/tenants/{id}{query}");
        let gone = operator.send("DELETE", &path, body.as_ref()).await.ok();
        assert_eq!(
            gone["message"],
            "Tenant and all related data permanently deleted"
        );
        assert_eq!(house.ask(get("/bookings").key(admin)).await.status, 401);
        let absent = operator.get(&format!("/tenants/{id}")).await;
        assert_eq!(absent.code(), "TENANT_NOT_FOUND");
        assert_eq!((house.jobs(&id).await, house.audited(&id).await), (0, 0));
        let trail = house.audit("engine", 0).await;
        let last = &trail.last().expect("a line").entry;
        assert_eq!(last.action, "tenants.delete");
        assert_eq!(last.object, Some(format!("tenant/{id}")));
        let again = operator.send("DELETE", &path, body.as_ref()).await;
        assert_eq!(again.code(), "TENANT_NOT_FOUND");
    }
    let listed = operator.get("/tenants").await.ok();
    assert_eq!((&listed["total"], &listed["count"]), (&json!(2), &json!(2)));
    // What the server itself serves is closed at most.
    let own = operator
        .send("DELETE", "/tenants/main?hard_delete=true", None)
        .await;
    assert_eq!((own.status, own.code()), (409, "TENANT_SERVED".into()));
    assert!(!own.json()["error"]["details"]["hint"].is_null());
    let kept = operator.get("/tenants/main").await.ok();
    assert_eq!(kept["tenant_id"], "main");
    operator.send("DELETE", "/tenants/main", None).await.ok();
}

async fn principals_are_looked_after(url: Option<String>) {
    let (house, key) = managed(url).await;
    let operator = Operator {
        house: &house,
        key: &key,
    };
    let made = operator.opened("sports").await;
    let all = format!("/tenants/{}/principals", text(&made["tenant_id"]));
    let own = json!({"name": "Acme", "access_token": "acme-chose-this-token-2026"});
    let acme = operator.post(&all, &own).await.is(201);
    assert_eq!(acme["principal_id"], "acme");
    let opens = async |token: &str| {
        let asked = post("/rpc/adcp.get_capabilities", &json!({})).header("x-adcp-auth", token);
        house.ask(asked).await.status == 200
    };
    assert!(opens("acme-chose-this-token-2026").await);
    let twice = json!({"name": "Rival", "access_token": "acme-chose-this-token-2026"});
    let twice = operator.post(&all, &twice).await;
    assert_eq!(
        (twice.status, twice.code()),
        (409, "DUPLICATE_TOKEN".into())
    );
    assert!(!twice.text().contains("acme-chose"), "{twice:?}");
    let same = operator.post(&all, &json!({"name": "ACME"})).await.is(201);
    assert!(
        text(&same["principal_id"]).starts_with("acme_"),
        "another one: {same}"
    );
    let taken = operator
        .post(&all, &json!({"name": "x", "principal_id": "acme"}))
        .await;
    assert_eq!(taken.code(), "DUPLICATE_PRINCIPAL");
    for name in ["engine", "Ünïcödé ☃", "..."] {
        let made = operator.post(&all, &json!({"name": name})).await.is(201);
        assert_ne!(made["principal_id"], "engine", "kept for the house");
    }
    let path = format!("{all}/acme");
    let change = json!({"platform_mappings": {"is_admin": true}});
    let changed = operator.send("PATCH", &path, Some(&change)).await.ok();
    assert_eq!(changed["role"], "admin");
    let asked = post("/rpc/tenant.get_budget", &json!({})).key("acme-chose-this-token-2026");
    house.ask(asked.clone()).await.ok();
    let change = json!({"platform_mappings": {}, "name": "Acme Ltd"});
    operator.send("PUT", &path, Some(&change)).await.ok();
    assert_eq!(
        house.ask(asked).await.code(),
        "FORBIDDEN",
        "a buyer again, at once"
    );
    let rotated = operator
        .post(
            &format!("{path}/rotate-token"),
            &json!({"overlap_seconds": 0}),
        )
        .await;
    let rotated = rotated.ok();
    assert!(!opens("acme-chose-this-token-2026").await);
    assert!(opens(text(&rotated["access_token"])).await);
    let shown = operator.get(&path).await.ok();
    assert_eq!(
        (&shown["name"], &shown["token_state"]),
        (&json!("Acme Ltd"), &json!("active"))
    );
    let gone = operator.send("DELETE", &path, None).await.ok();
    assert_eq!(gone["principal_id"], "acme");
    assert!(!opens(text(&rotated["access_token"])).await);
    assert_eq!(operator.get(&path).await.code(), "PRINCIPAL_NOT_FOUND");
}

async fn what_waits_is_decided(url: Option<String>) {
    let (house, key) = managed(url).await;
    let operator = Operator {
        house: &house,
        key: &key,
    };
    let made = operator.opened("sports").await;
    let id = text(&made["tenant_id"]);
    let admin = text(&made["admin_token"]);
    let products = flightdeck::engine::seller::products::stock::demo().expect("products");
    let stock = post(
        "/rpc/opendirect.stock_catalogue",
        &json!({"products": products}),
    );
    house.ask(stock.key(admin)).await.ok();
    let buyer = text(&made["default_principal_token"]);
    for n in 0..2 {
        let order = json!({
            "idempotency_key": format!("order-number-000{n}"),
            "account": {"brand": {"domain": "acme.example"}, "operator": "acme.example"},
            "brand": {"domain": "acme.example"},
            "start_time": "2026-07-01T00:00:00Z", "end_time": "2026-07-31T23:59:59Z",
            "packages": [{"product_id": "tv-harbour-morning", "budget": 20_000,
                          "pricing_option_id": "default"}],
        });
        let params = json!({"name": "create_media_buy", "arguments": order});
        let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
        let told = house
            .ask(post("/mcp", &call).header("x-adcp-auth", buyer))
            .await
            .ok();
        assert_ne!(told["result"]["isError"], true, "{told:#}");
    }
    let all = format!("/tenants/{id}/workflows");
    let waiting = operator.get(&all).await.ok();
    assert_eq!(waiting["total"], 2, "{waiting:#}");
    let ids: Vec<&str> = waiting["workflows"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| text(&one["workflow_id"]))
        .collect();
    assert_eq!(
        waiting["workflows"][0]["requested_by_principal_id"],
        "default"
    );
    let status = operator.get(&format!("/tenants/{id}/status")).await.ok();
    assert_eq!(status["workflows"]["open_count"], 2);
    assert_eq!(
        status["workflows"]["oldest_opened_at"],
        "2026-06-15T12:00:00Z"
    );
    assert_eq!(status["media_buys"]["pending_approval_count"], 2);
    let one = operator.get(&format!("{all}/{}", ids[0])).await.ok();
    assert_eq!(one, waiting["workflows"][0], "one by one and in the list");
    let nothing = operator
        .send("POST", &format!("{all}/{}/reject", ids[0]), None)
        .await;
    assert_eq!((nothing.status, nothing.field()), (400, "reason".into()));
    for _ in 0..2 {
        operator
            .send("POST", &format!("{all}/{}/approve", ids[0]), None)
            .await
            .ok();
    }
    let no = json!({"notes": "Not with this creative"});
    let late = operator
        .post(&format!("{all}/{}/reject", ids[0]), &no)
        .await;
    assert_eq!(late.status, 409, "{late:?}");
    operator
        .post(&format!("{all}/{}/reject", ids[1]), &no)
        .await
        .ok();
    let decided = operator.get(&format!("{all}?status=rejected")).await.ok();
    let decision = &decided["workflows"][0]["decision"];
    assert_eq!(
        (&decision["by"], &decision["reason"]),
        (&json!("management"), &no["notes"])
    );
    let nobody = operator
        .post(&format!("{all}/nobody/approve"), &json!({}))
        .await;
    assert_eq!(nobody.code(), "WORKFLOW_NOT_FOUND");
    let one = operator.get(&format!("{all}/{}", ids[1])).await.ok();
    assert_eq!(
        (&one["status"], &one["decision"]),
        (&json!("rejected"), decision)
    );
    for unknown in ["nobody", "0197a1b2-0000-7000-8000-00000000000a"] {
        let nobody = operator.get(&format!("{all}/{unknown}")).await;
        assert_eq!(
            (nobody.status, nobody.code()),
            (404, "WORKFLOW_NOT_FOUND".into())
        );
    }
}

async fn trails_are_read_backwards_page_by_page(url: Option<String>) {
    let (house, key) = managed(url).await;
    let operator = Operator {
        house: &house,
        key: &key,
    };
    let (one, other) = (
        operator.opened("one").await,
        operator.opened("other-one").await,
    );
    for n in 0..4 {
        for of in [&one, &other] {
            house.clock.advance(chrono::Duration::seconds(1));
            let path = format!("/tenants/{}", text(&of["tenant_id"]));
            let name = json!({"name": format!("Name {n}")});
            operator.send("PUT", &path, Some(&name)).await.ok();
        }
    }
    let read = async |query: &str| {
        let (mut ids, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = operator
                .get(&format!("/audit-logs?limit=3{query}{cursor}"))
                .await
                .ok();
            let lines = page["audit_logs"].as_array().expect("lines");
            assert!(lines.len() <= 3);
            ids.extend(lines.iter().map(|line| text(&line["log_id"]).to_owned()));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return ids,
            }
        }
    };
    let id = text(&one["tenant_id"]);
    let own = read(&format!("&tenant_id={id}")).await;
    let wanted: Vec<String> = (1..=4).rev().map(|seq| format!("{id}:{seq}")).collect();
    assert_eq!(own, wanted);
    let all = read("").await;
    let mut once = all.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), all.len(), "none twice");
    assert_eq!(all.len(), 4 + 4 + 3, "those of the house too: {all:?}");
    let other_id = text(&other["tenant_id"]);
    assert_eq!(
        all[..2],
        [format!("{other_id}:4"), format!("{id}:4")],
        "newest first"
    );
    let refused = operator.get("/audit-logs?limit=1001").await;
    assert_eq!((refused.status, refused.field()), (400, "limit".into()));
}

async fn a_tenants_own_admin_manages_its_principals_and_no_other(url: Option<String>) {
    let (house, key) = managed(url).await;
    let operator = Operator {
        house: &house,
        key: &key,
    };
    let (one, other) = (
        operator.opened("one").await,
        operator.opened("other-one").await,
    );
    let admin = Operator {
        house: &house,
        key: text(&one["admin_token"]),
    };
    let own = format!("/tenants/{}/principals", text(&one["tenant_id"]));
    admin.post(&own, &json!({"name": "Acme"})).await.is(201);
    assert_eq!(admin.get(&own).await.ok()["total"], 2);
    let theirs = text(&other["tenant_id"]);
    for part in ["principals", "keys", "workflows"] {
        let refused = admin.get(&format!("/tenants/{theirs}/{part}")).await;
        let nobodys = admin.get(&format!("/tenants/nobody/{part}")).await;
        assert_eq!(
            (refused.status, refused.code()),
            (404, "TENANT_NOT_FOUND".into())
        );
        assert_eq!(refused.text().replace(theirs, "nobody"), nobodys.text());
    }
    let rival = admin
        .post(
            &format!("/tenants/{theirs}/principals"),
            &json!({"name": "x"}),
        )
        .await;
    assert_eq!(rival.code(), "TENANT_NOT_FOUND");
    for path in ["/tenants", "/health", "/audit-logs"] {
        assert_eq!(admin.get(path).await.code(), "FORBIDDEN", "{path}");
    }
    let own = format!("/tenants/{}", text(&one["tenant_id"]));
    for (method, more) in [("GET", ""), ("DELETE", ""), ("POST", "/deactivate")] {
        let refused = admin.send(method, &format!("{own}{more}"), None).await;
        assert_eq!(refused.code(), "FORBIDDEN", "{method} {more}");
    }
    let buyer = Operator {
        house: &house,
        key: text(&one["default_principal_token"]),
    };
    let refused = buyer.get(&format!("{own}/principals")).await;
    assert_eq!(refused.code(), "FORBIDDEN");
}
