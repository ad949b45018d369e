//! The whole surface against the whole list of those who must not: every route that is
//! described, every operation of the catalogue, every tool that is listed and the event stream,
//! asked with keys that open nothing any more, with a lower role, and with the names of another
//! tenant's things. Nothing here is a list by hand: what is served is asked what it serves.

use flightdeck::{
    api::auth::Keys,
    domain::tenant::{caller::Caller, key::Fresh, role::Role},
    engine::{
        catalogue::{CATALOGUE, Entry, describe},
        keys::{make::MakeKey, revoke::RevokeKey},
        seller::products::stock::demo,
        tenants::update::DeactivateTenant,
    },
};
use serde_json::{Value, json};

use crate::{
    house::{Ask, House, Plan, Reply, ask, get, key, post, seed, tenant},
    kept::{open_house, rpc, stories},
    openapi::routes,
    postgres::or_skip,
    sample::sample,
};

stories!(
    a_key_that_opens_nothing_any_more_is_a_strangers,
    the_names_of_anothers_things_name_nothing,
    a_lower_role_changes_nothing,
    a_stream_ends_with_its_key,
);

const CANARY: &str = "Canary of the other tenant";

/// A tool for agents.
fn tool(name: &str, arguments: &Value) -> Ask {
    let params = json!({"name": name, "arguments": arguments});
    let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
    post("/mcp", &call)
}

/// Every tool that is listed for a key, with the schema of its arguments.
async fn tools(house: &House, key: &str) -> Vec<(String, Value)> {
    let list = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
    let told = house.ask(post("/mcp", &list).key(key)).await.ok();
    let tools = told["result"]["tools"].as_array().expect("tools").clone();
    let one = |tool: &Value| {
        let name = tool["name"].as_str().expect("a name").to_owned();
        (name, tool["inputSchema"].clone())
    };
    let all: Vec<_> = tools.iter().map(one).collect();
    assert!(all.len() > 15, "{all:?}");
    all
}

/// A question that can be read, with these names wherever one is wanted.
fn question(schema: &Value, names: &Names) -> Value {
    let mut asked = sample(schema, schema);
    let fields = schema["properties"].as_object();
    for (field, about) in fields.into_iter().flatten() {
        let Some(name) = names.of(field) else {
            continue;
        };
        let is_list = about["type"] == "array" || about["type"][0] == "array";
        asked[field] = if is_list { json!([name]) } else { json!(name) };
    }
    asked
}

/// The names of somebody's things.
#[derive(Clone)]
struct Names {
    job: String,
    buy: String,
    principal: String,
    key: String,
    other: String,
}

impl Names {
    fn of(&self, field: &str) -> Option<&str> {
        Some(match field.trim_end_matches('s') {
            "job_id" => &self.job,
            "media_buy_id" => &self.buy,
            "principal_id" | "owner" => &self.principal,
            "key_id" => &self.key,
            "order_id" | "line_id" | "account_id" | "creative_id" | "approval_id"
            | "organization_id" | "assignment_id" | "task_id" => &self.other,
            _ => return None,
        })
    }

    /// Names that look alike and that nothing has.
    fn nobodys(&self) -> Self {
        let id = uuid::Uuid::now_v7().to_string();
        Self {
            job: id.clone(),
            buy: "x".repeat(self.buy.len()),
            principal: "nobody".into(),
            key: "0a0a0a0a".into(),
            other: id,
        }
    }

    /// A text with the names in it replaced.
    fn renamed(&self, text: &str, to: &Self) -> String {
        let pairs = [
            (&self.job, &to.job),
            (&self.buy, &to.buy),
            (&self.principal, &to.principal),
            (&self.key, &to.key),
            (&self.other, &to.other),
        ];
        pairs
            .iter()
            .fold(text.to_owned(), |text, (from, to)| text.replace(*from, to))
    }
}

fn entry_question(entry: &Entry, names: &Names) -> Value {
    let described = describe(std::slice::from_ref(entry));
    question(&described[0]["question"], names)
}

/// Everything that can be asked: every route, every operation, every tool.
async fn everything(house: &House, names: &Names, key: &str) -> Vec<(String, Ask)> {
    let document = house.ask(get("/openapi.json")).await.ok();
    let mut all = Vec::new();
    for (method, path, about) in routes(&document) {
        let part = |part: &str| {
            let name = part.strip_prefix('{').and_then(|it| it.strip_suffix('}'));
            name.map_or_else(
                || part.to_owned(),
                |name| names.of(name).unwrap_or(&names.job).to_owned(),
            )
        };
        let there: Vec<String> = path.split('/').map(part).collect();
        let content = &about["requestBody"]["content"]["application/json"]["schema"];
        let asked = ask(&method.to_uppercase(), &there.join("/"));
        let asked = if content.is_null() {
            asked
        } else {
            let body = sample(&document, content).to_string();
            asked.header("content-type", "application/json").body(body)
        };
        let is_public = ["/health", "/docs", "/openapi.json"].contains(&path.as_str());
        // Where the address is the key, stories of their own ask with others.
        let is_public = is_public || path.starts_with("/api/bookings/feeds/");
        if !is_public && !path.starts_with("/.well-known/") && !path.ends_with("/init-api-key") {
            all.push((format!("{method} {path}"), asked));
        }
    }
    for entry in CATALOGUE {
        let asked = post(
            &format!("/rpc/{}", entry.name),
            &entry_question(entry, names),
        );
        all.push((entry.name.to_owned(), asked));
    }
    for (name, schema) in tools(house, key).await {
        let arguments = question(&schema, names);
        all.push((format!("tool {name}"), tool(&name, &arguments)));
    }
    all
}

struct Town {
    house: House,
    ours: String,
    theirs: String,
    names: Names,
}

/// Two tenants; the other one has one of everything, with a canary in it.
async fn town(url: Option<String>) -> Town {
    let mut keys = Keys::default();
    let ours = key(&mut keys, "main", "ours", Role::Admin, &[]);
    let theirs = key(&mut keys, "other", "theirs", Role::Admin, &[]);
    let house = House::build(Plan {
        url,
        keys,
        ..Plan::default()
    })
    .await;
    let mut brief = seed();
    brief["brief"]["name"] = CANARY.into();
    let job = house.ask(post("/bookings", &brief).key(&theirs)).await.ok();
    house.settle().await;
    let products = json!({"products": demo().expect("products")});
    house
        .ask(rpc("opendirect.stock_catalogue", &products, &theirs))
        .await
        .ok();
    let wanted = json!({"name": CANARY});
    let principal = house
        .ask(rpc("principals.create", &wanted, &theirs))
        .await
        .ok();
    let order = json!({
        "idempotency_key": "order-of-the-other-one",
        "account": {"brand": {"domain": "canary.example"}, "operator": "canary.example"},
        "brand": {"domain": "canary.example"}, "po_number": CANARY,
        "start_time": "2026-07-01T00:00:00Z", "end_time": "2026-07-31T23:59:59Z",
        "packages": [{"product_id": "app-pocket-rewarded", "budget": 10_000,
                      "pricing_option_id": "default"}],
    });
    let bought = house
        .ask(tool("create_media_buy", &order).key(&theirs))
        .await
        .ok();
    let bought = &bought["result"]["structuredContent"];
    let text = |of: &Value| of.as_str().unwrap_or_else(|| panic!("{of}")).to_owned();
    let buys = house
        .ask(rpc("media_buys.list", &json!({}), &theirs))
        .await
        .ok();
    assert!(bought.is_object(), "{bought}");
    let names = Names {
        job: text(&job["job_id"]),
        buy: text(&buys["media_buys"][0]["buy"]["id"]),
        principal: text(&principal["principal_id"]),
        key: text(&principal["key_id"]),
        other: text(&job["job_id"]),
    };
    Town {
        house,
        ours,
        theirs,
        names,
    }
}

/// Asks without waiting for the end of an endless answer.
async fn said(house: &House, what: &str, asked: Ask) -> (u16, Option<Reply>) {
    if what == "get /events" {
        return (house.status(asked).await, None);
    }
    let reply = house.ask(asked).await;
    (reply.status, Some(reply))
}

async fn a_key_that_opens_nothing_any_more_is_a_strangers(url: Option<String>) {
    let Town {
        house, ours, names, ..
    } = town(url).await;
    let management = open_house(&house).await;
    let admin = Caller::new("boss", tenant("main"), Role::Admin);
    let mut dead = Vec::new();
    for (name, life) in [("revoked", None), ("expired", Some(60))] {
        let make = MakeKey {
            name: name.into(),
            role: "admin".into(),
            scopes: Vec::new(),
            expires_in_seconds: life,
        };
        let made = house.core.ask(&admin, make).await.expect("made");
        dead.push(made.key.expect("shown").reveal().to_owned());
        if life.is_none() {
            let key_id = made.view.key_id;
            house
                .core
                .ask(&admin, RevokeKey { key_id })
                .await
                .expect("taken back");
        }
    }
    let wanted = json!({"name": "Closed", "subdomain": "closed", "ad_server": "mock"});
    let made = house
        .ask(rpc("tenants.create", &wanted, &management))
        .await
        .ok();
    let id = made["tenant_id"].as_str().expect("an id");
    for token in ["admin_token", "default_principal_token"] {
        dead.push(made[token].as_str().expect("a token").to_owned());
    }
    let operator = Caller::new("op", tenant(id), Role::Operator);
    house
        .core
        .ask(&operator, DeactivateTenant {})
        .await
        .expect("closed");
    house.clock.advance(chrono::Duration::seconds(60));
    let stranger = Fresh::make().key;
    let before = (house.audited("main").await, house.audited("engine").await);
    let mut strangers = 0;
    for (what, asked) in everything(&house, &names, &ours).await {
        let mut peer = || {
            strangers += 1;
            format!("10.0.{}.{}", strangers / 250, strangers % 250)
        };
        let (status, nobodys) =
            said(&house, &what, asked.clone().key(&stranger).from(&peer())).await;
        assert_eq!(status, 401, "{what}");
        for key in &dead {
            let asked = asked.clone().key(key).from(&peer());
            let (status, reply) = said(&house, &what, asked).await;
            assert_eq!(status, 401, "{what}");
            let shape = |reply: &Reply| {
                let names = reply.headers.keys().map(ToString::to_string);
                (reply.text(), names.collect::<Vec<_>>())
            };
            assert_eq!(
                reply.as_ref().map(shape),
                nobodys.as_ref().map(shape),
                "{what}"
            );
        }
    }
    let after = (house.audited("main").await, house.audited("engine").await);
    assert_eq!(after, before, "strangers fill no trail");
}

async fn the_names_of_anothers_things_name_nothing(url: Option<String>) {
    let Town {
        house,
        ours,
        theirs,
        names,
    } = town(url).await;
    let nobodys = names.nobodys();
    let before = house.audited("other").await;
    let theirs_before = house
        .ask(rpc("media_buys.list", &json!({}), &theirs))
        .await
        .text();
    let pairs = everything(&house, &names, &ours).await;
    let others = everything(&house, &nobodys, &ours).await;
    for ((what, asked), (_, of_nobody)) in pairs.into_iter().zip(others) {
        // A stream has no end, a clock turns further, and a second sync is refused because the
        // first is at work.
        if ["get /events", "delivery.turn", "sync.start"].contains(&what.as_str()) {
            continue;
        }
        let reply = house.ask(asked.key(&ours)).await;
        assert!(!reply.text().contains(CANARY), "{what}: {reply:?}");
        assert!(!reply.text().contains("theirs"), "{what}: {reply:?}");
        assert!(reply.status < 500, "{what}: {reply:?}");
        let twin = house.ask(of_nobody.key(&ours)).await;
        assert_eq!(reply.status, twin.status, "{what}: {reply:?} {twin:?}");
        if reply.status == 404 {
            let renamed = names.renamed(&reply.text(), &nobodys);
            assert_eq!(renamed, twin.text(), "{what}");
        }
    }
    assert_eq!(
        house.audited("other").await,
        before,
        "nothing of it was touched"
    );
    let after = house
        .ask(rpc("media_buys.list", &json!({}), &theirs))
        .await
        .text();
    assert_eq!(after, theirs_before);
    let key = house.ask(rpc("keys.list", &json!({}), &theirs)).await.ok();
    assert_eq!(
        key["keys"][0]["state"], "active",
        "their principal's token too"
    );
}

async fn a_lower_role_changes_nothing(url: Option<String>) {
    let Town {
        house,
        theirs,
        names,
        ..
    } = town(url).await;
    let make = json!({"name": "looker", "role": "viewer"});
    let viewer = house.ask(rpc("keys.make", &make, &theirs)).await.ok();
    let viewer = viewer["key"].as_str().expect("a key").to_owned();
    let (jobs, last) = (house.jobs("other").await, house.audited("other").await);
    for (what, asked) in everything(&house, &names, &viewer).await {
        let (status, reply) = said(&house, &what, asked.key(&viewer)).await;
        assert!(status < 500, "{what}: {reply:?}");
        let known = CATALOGUE.iter().find(|entry| entry.name == what);
        if known.is_some_and(|entry| entry.kind.is_command()) {
            // What cannot even be read is refused before anybody looks who asks.
            assert!([400, 403].contains(&status), "{what}: {reply:?}");
        }
    }
    assert_eq!(house.jobs("other").await, jobs);
    for line in house.audit("other", last).await {
        let outcome = line.entry.outcome;
        assert_eq!(
            outcome,
            flightdeck::domain::audit::Outcome::Refused,
            "{line:?}"
        );
    }
}

async fn a_stream_ends_with_its_key(url: Option<String>) {
    let Town { house, theirs, .. } = town(url).await;
    let make = json!({"name": "watcher", "role": "viewer"});
    let made = house.ask(rpc("keys.make", &make, &theirs)).await.ok();
    let key = made["key"].as_str().expect("a key");
    let other = house.another_node();
    let mut streams = Vec::new();
    for node in [&house.router, &other] {
        streams.push(house.stream_at(node, get("/events").key(key)).await);
    }
    let revoke = json!({"key_id": made["key_id"]});
    house.ask(rpc("keys.revoke", &revoke, &theirs)).await.ok();
    let since = std::time::Instant::now();
    for stream in &mut streams {
        stream.read_out().await;
        assert!(
            since.elapsed().as_secs_f64() < 1.5,
            "within a second, and what it takes to see it"
        );
    }
}
