//! The tenant-management server of another house, in each of its shapes: told apart by asking, with
//! what each offers and does not, and what is done there told as it is shown there afterwards.

use std::time::Duration;

use flightdeck::{
    domain::tenant::{
        caller::{Caller, house},
        role::Role,
        secret::Secret,
        server::{Act, Feature, Shape},
    },
    engine::{
        core::Terms,
        fault::{Fault, FaultKind},
        tenants::upstream::{
            act::{ActOnServer, Acted, Outcome},
            place::{HouseServer, SetUp},
            view::{ServerTenantView, ServerView, ShowServer, ShowServerTenant},
        },
    },
    peers::upstream::call::Bounds,
};
use serde_json::{Value, json};

use crate::{
    desk::Desk,
    ground::NOW,
    person::{Person, USUAL},
    prompt,
    tenant_server::{KEY, Mood, SYNC_KEY, TOKEN, TenantServer},
};

const SPORTS: &str = "tenant_00000001";

/// A desk and the server of another house.
struct Ground {
    desk: Desk,
    fake: TenantServer,
}

impl Ground {
    async fn open(shape: Shape) -> Self {
        Self::with(shape, true).await
    }

    async fn with(shape: Shape, sync: bool) -> Self {
        let fake = TenantServer::open(shape).await;
        let set = SetUp {
            name: "Aux".into(),
            key: Some(Secret::new(KEY)),
            sync_key: sync.then(|| Secret::new(SYNC_KEY)),
            bounds: Bounds {
                read: Duration::from_millis(1_500),
                send: Duration::from_millis(500),
                ..Bounds::default()
            },
            ..SetUp::new(fake.url())
        };
        let desk = Desk::sqlite_with(NOW, |desk| {
            desk.tenant_server = HouseServer::new(set).expect("a server");
        })
        .await;
        Self { desk, fake }
    }

    async fn look(&self, anew: bool) -> ServerView {
        let core = &self.desk.core;
        let view = core.ask(&operator(), ShowServer { anew }).await;
        view.expect("a view")
    }

    async fn show(&self, tenant: &str, audit: u32) -> Result<ServerTenantView, Fault> {
        let tenant = tenant.to_owned();
        let show = ShowServerTenant { tenant, audit };
        self.desk.core.ask(&operator(), show).await
    }

    async fn act(&self, act: Value) -> Result<Acted, Fault> {
        let act: Act = serde_json::from_value(act).expect("an act");
        self.desk.core.ask(&operator(), ActOnServer(act)).await
    }
}

fn operator() -> Caller {
    Caller::new("olga", house(), Role::Operator)
}

fn create(more: &Value) -> Value {
    let mut fields = json!({"name": "Film Publisher", "subdomain": "film", "ad_server": "mock",
        "authorized_emails": ["ops@example.com"], "gam_refresh_token": "canary-refresh"});
    for (name, value) in more.as_object().into_iter().flatten() {
        fields[name] = value.clone();
    }
    json!({"act": "create", "fields": fields})
}

#[tokio::test]
async fn the_three_are_told_apart_by_asking() {
    for shape in [Shape::Seed, Shape::Public, Shape::Fork] {
        for empty in [false, true] {
            let ground = Ground::open(shape).await;
            if empty {
                ground.fake.world().tenants.clear();
            }
            let view = ground.look(false).await;
            assert_eq!(view.shape, Some(shape), "{view:?}");
            assert_eq!(
                view.tenants.len(),
                if empty { 0 } else { 2 },
                "page by page"
            );
            assert!(!view.evidence.is_empty() && view.trouble.is_none());
            assert_eq!(ground.fake.changes(), 0, "probing changes nothing");
            assert_eq!(ground.fake.world().keyless, 0);
            let asked = ground.fake.world().asked.len();
            ground.look(false).await;
            assert_eq!(ground.fake.world().asked.len(), asked, "good for a moment");
            let all = serde_json::to_string(&view).expect("json");
            for secret in [KEY, SYNC_KEY, "canary-hook"] {
                assert!(!all.contains(secret), "{secret}");
            }
        }
    }
}

#[tokio::test]
async fn what_each_offers_is_said_and_what_it_does_not_is_not_sent() {
    let sync = |what: &str| json!({"act": what, "tenant": SPORTS});
    let principal =
        json!({"act": "create_principal", "tenant": SPORTS, "fields": {"name": "Beta"}});
    for (shape, refused) in [
        (Shape::Seed, vec![sync("reactivate")]),
        (Shape::Public, vec![sync("sync_orders"), principal.clone()]),
        (Shape::Fork, vec![sync("sync_orders"), principal]),
    ] {
        let ground = Ground::open(shape).await;
        let view = ground.look(false).await;
        for act in refused {
            let feature: Act = serde_json::from_value(act.clone()).expect("an act");
            let offer = view.offer(feature.feature()).expect("a row").clone();
            assert!(!offer.offered && !offer.note.is_empty(), "{offer:?}");
            let fault = ground.act(act).await.expect_err("not offered");
            assert_eq!(
                (fault.kind, &*fault.code),
                (FaultKind::WrongState, "NOT_OFFERED")
            );
            assert!(fault.message.contains("Aux does not offer this"), "{fault}");
        }
        assert_eq!(ground.fake.changes(), 0, "nothing was sent");
    }
    let ground = Ground::with(Shape::Public, false).await;
    let view = ground.look(false).await;
    let offer = view.offer(Feature::SyncInventory).expect("a row");
    assert!(
        !offer.offered && offer.note.contains("sync_key_env"),
        "{offer:?}"
    );
}

#[tokio::test]
async fn a_tenant_is_created_changed_and_closed_as_each_does_it_and_read_back() {
    for shape in [Shape::Seed, Shape::Public, Shape::Fork] {
        let ground = Ground::open(shape).await;
        let made = ground.act(create(&json!({}))).await.expect("created");
        assert_eq!(made.outcome, Outcome::Applied, "{made:?}");
        let tenant = made.tenant.clone().expect("read back");
        assert_eq!(
            (&*tenant.name, &*tenant.subdomain),
            ("Film Publisher", "film")
        );
        assert_eq!(made.secrets[0].value.reveal(), TOKEN, "shown once");
        let update =
            json!({"act": "update", "tenant": tenant.tenant_id, "fields": {"name": "Cinema"}});
        let changed = ground.act(update).await.expect("changed");
        assert_eq!(
            (changed.outcome, &*changed.tenant.expect("it").name),
            (Outcome::Applied, "Cinema")
        );
        let close = json!({"act": "deactivate", "tenant": tenant.tenant_id});
        let closed = ground.act(close).await.expect("closed");
        assert_eq!(closed.outcome, Outcome::Applied, "{closed:?}");
        assert_eq!(closed.tenant.expect("it").is_active, Some(false));
        if shape != Shape::Seed {
            let open = json!({"act": "reactivate", "tenant": tenant.tenant_id});
            let open = ground.act(open).await.expect("open again");
            assert_eq!(open.tenant.expect("it").is_active, Some(true));
        }
        let methods: Vec<String> = {
            let world = ground.fake.world();
            let asked = world.asked.iter().filter(|one| !one.starts_with("GET"));
            asked
                .map(|one| one.split('/').next().unwrap_or_default().trim().to_owned())
                .collect()
        };
        let expected: &[&str] = match shape {
            Shape::Seed => &["POST", "PUT", "DELETE"],
            Shape::Public => &["POST", "PUT", "DELETE", "PUT"],
            Shape::Fork => &["POST", "PATCH", "POST", "POST"],
        };
        assert_eq!(methods, expected);
        let hard = |body: &Value| body["hard_delete"] == json!(true);
        assert!(
            !ground.fake.world().bodies.iter().any(hard),
            "nothing is deleted for good"
        );
        assert_eq!(
            ground.look(false).await.tenants.len(),
            3,
            "what was done is seen at once"
        );
    }
}

#[tokio::test]
async fn what_is_accepted_and_not_applied_is_told_so() {
    let ground = Ground::open(Shape::Public).await;
    let budget = json!({"act": "update", "tenant": SPORTS,
        "fields": {"name": "Sport", "features": {"max_daily_budget": 100_000}}});
    let taken = ground.act(budget).await.expect("accepted");
    assert_eq!(taken.not_shown, ["max_daily_budget"], "{taken:?}");
    for (shape, act, sort) in [
        (
            Shape::Public,
            json!({"act": "update", "tenant": SPORTS, "fields": {"name": "X"}}),
            "PUT",
        ),
        (
            Shape::Fork,
            json!({"act": "deactivate", "tenant": SPORTS}),
            "POST",
        ),
    ] {
        let ground = Ground::open(shape).await;
        let end: &'static str = if sort == "PUT" { SPORTS } else { "deactivate" };
        ground.look(false).await;
        // The read back is a GET of the same path: only what changes is taken in that mood.
        ground.fake.mood(
            if sort == "PUT" {
                "PUT /api/v1/tenant-management/tenants/tenant_00000001"
            } else {
                end
            },
            Mood::WithoutEffect,
        );
        let acted = ground.act(act).await.expect("accepted");
        assert_eq!(
            ground.fake.fired("WithoutEffect"),
            1,
            "the fault came to pass"
        );
        assert_eq!(acted.outcome, Outcome::NotApplied, "{acted:?}");
        assert_eq!(acted.differs.len(), 1);
        assert!(acted.outcome.words().contains("not applied"));
    }
}

#[tokio::test]
async fn an_answer_that_is_lost_is_looked_for_and_nothing_is_sent_twice() {
    let ground = Ground::open(Shape::Public).await;
    ground
        .fake
        .mood("POST /api/v1/tenant-management/tenants", Mood::DoneThenCut);
    let made = ground.act(create(&json!({}))).await.expect("found there");
    assert_eq!(
        (ground.fake.fired("DoneThenCut"), made.outcome),
        (1, Outcome::Applied)
    );
    assert!(made.said.contains("its answer was lost"), "{made:?}");
    assert_eq!(ground.fake.changes(), 1);
    // There already: said before anything is sent, because the server itself only breaks.
    let fault = ground
        .act(create(&json!({"name": "Other"})))
        .await
        .expect_err("taken");
    assert_eq!(fault.code, "DUPLICATE_SUBDOMAIN", "{fault}");
    assert_eq!(ground.fake.changes(), 1);
    for mood in [
        Mood::Json(500, json!({"error": "Failed to create tenant"})),
        Mood::Text(502, "<html>Bad gateway</html>"),
        Mood::Text(408, "<html>Request timeout</html>"),
    ] {
        let named = format!("{mood:?}");
        let before = ground.fake.changes();
        ground
            .fake
            .mood("POST /api/v1/tenant-management/tenants", mood);
        let act: Act =
            serde_json::from_value(create(&json!({"subdomain": "radio"}))).expect("an act");
        let keyed = |key: &str| (ActOnServer(act.clone()), Terms::keyed(key.to_owned()));
        let (ask, terms) = keyed(&format!("key-{before}"));
        let asked = ground.desk.core.ask_on(&operator(), ask, terms).await;
        let fault = asked.expect_err("nobody knows");
        assert_eq!(
            (ground.fake.fired(&named), &*fault.code),
            (1, "UPSTREAM_UNANSWERED"),
            "{fault}"
        );
        let (ask, terms) = keyed(&format!("key-{before}"));
        let again = ground.desk.core.ask_on(&operator(), ask, terms).await;
        assert_eq!(again.expect_err("the same").code, "UPSTREAM_UNANSWERED");
        assert_eq!(ground.fake.changes(), before + 1, "{named}: sent once");
    }
    let view = ground.look(true).await;
    assert_eq!(view.unanswered.len(), 3, "{view:?}");
    assert!(
        view.sentence()
            .contains("Sent, and not answered: create a tenant"),
        "{view:?}"
    );
}

#[tokio::test]
async fn what_is_secret_inside_of_what_was_not_applied_is_told_to_nobody() {
    let ground = Ground::open(Shape::Public).await;
    ground.fake.world().tenants[0]["adapter_config"] =
        json!({"service_account_json": "canary-there", "network": 1});
    ground.fake.mood(
        "PUT /api/v1/tenant-management/tenants/tenant_00000001",
        Mood::WithoutEffect,
    );
    let fields = json!({"adapter_config": {"service_account_json": "canary-sent", "network": 2}});
    let act = json!({"act": "update", "tenant": SPORTS, "fields": fields});
    let acted = ground.act(act).await.expect("accepted");
    assert_eq!(ground.fake.fired("WithoutEffect"), 1);
    assert_eq!(
        (acted.outcome, acted.differs.len()),
        (Outcome::NotApplied, 1)
    );
    let all = serde_json::to_string(&acted).expect("json");
    assert!(!all.contains("canary") && all.contains("network"), "{all}");
}

#[tokio::test]
async fn a_key_that_is_used_twice_at_once_is_sent_once_or_said_not_to_be() {
    let ground = Ground::open(Shape::Public).await;
    let act: Act = serde_json::from_value(create(&json!({}))).expect("an act");
    let ask = async || {
        let (ask, terms) = (ActOnServer(act.clone()), Terms::keyed("key-1"));
        let told = ground.desk.core.ask_on(&operator(), ask, terms).await;
        told.map(|answer| answer.output.outcome)
            .map_err(|fault| fault.code)
    };
    let (one, other) = futures_util::future::join(ask(), ask()).await;
    let told = [one, other];
    let not_sent = |one: &Result<Outcome, String>| one == &Err("NOT_SENT".to_owned());
    if told.iter().any(not_sent) {
        assert_eq!(ground.fake.changes(), 0, "{told:?}: nothing was sent");
        assert!(told.iter().all(not_sent), "{told:?}");
    } else {
        assert_eq!(ground.fake.changes(), 1, "{told:?}");
    }
    assert_eq!(ground.look(true).await.unanswered.len(), 0);
}

#[tokio::test]
async fn what_has_left_is_seen_to_when_whoever_asked_has_gone() {
    let ground = Ground::open(Shape::Public).await;
    let act: Act = serde_json::from_value(create(&json!({}))).expect("an act");
    let ask = async || {
        let (ask, terms) = (ActOnServer(act.clone()), Terms::keyed("key-1"));
        ground.desk.core.ask_on(&operator(), ask, terms).await
    };
    let arrived = async {
        while ground.fake.changes() == 0 {
            tokio::task::yield_now().await;
        }
    };
    let gone = tokio::select! {
        biased;
        () = arrived => true,
        _ = ask() => false,
    };
    assert!(gone, "whoever asked has gone before they were answered");
    let seen = async {
        loop {
            match ask().await {
                Ok(answer) => return answer,
                Err(fault) => assert_eq!(fault.code, "UPSTREAM_UNANSWERED", "{fault}"),
            }
        }
    };
    let seen = tokio::time::timeout(Duration::from_secs(20), seen).await;
    let seen = seen.expect("what came of it is kept");
    assert_eq!(
        (seen.replayed, seen.output.outcome),
        (true, Outcome::Applied)
    );
    assert_eq!(ground.fake.changes(), 1, "sent once");
}

#[tokio::test]
async fn a_key_that_is_used_again_hears_the_same_without_its_secret() {
    let ground = Ground::open(Shape::Seed).await;
    let act: Act = serde_json::from_value(create(&json!({}))).expect("an act");
    let mut told = Vec::new();
    for _ in 0..2 {
        let terms = Terms::keyed("key-1");
        let ask = ActOnServer(act.clone());
        told.push(
            ground
                .desk
                .core
                .ask_on(&operator(), ask, terms)
                .await
                .expect("created"),
        );
    }
    assert_eq!((told[0].replayed, told[1].replayed), (false, true));
    assert_eq!(
        (told[0].output.secrets.len(), told[1].output.secrets.len()),
        (1, 0)
    );
    assert_eq!(told[0].output.tenant, told[1].output.tenant);
    assert_eq!(ground.fake.changes(), 1);
}

#[tokio::test]
async fn a_tenant_is_shown_with_what_each_has_of_it() {
    for shape in [Shape::Seed, Shape::Public, Shape::Fork] {
        let ground = Ground::open(shape).await;
        let shown = ground.show(SPORTS, 5).await.expect("shown");
        let has = (
            shown.principals.is_some(),
            shown.status.is_some(),
            shown.audit.is_some(),
        );
        let expected = match shape {
            Shape::Seed => (true, false, true),
            Shape::Public => (false, false, false),
            Shape::Fork => (false, true, true),
        };
        assert_eq!(has, expected, "{shape:?}");
        let all = serde_json::to_string(&shown).expect("json");
        assert!(
            !all.contains(TOKEN) && !all.contains("canary-hook"),
            "{all}"
        );
        let gone = ground.show("tenant_nobody", 0).await.expect_err("nobody");
        assert_eq!(gone.kind, FaultKind::NotFound);
        let sync = json!({"act": "sync_inventory", "tenant": SPORTS});
        let synced = ground.act(sync).await.expect("started");
        assert_eq!(synced.outcome, Outcome::Taken, "{synced:?}");
    }
    let ground = Ground::open(Shape::Seed).await;
    let add = json!({"act": "create_principal", "tenant": SPORTS, "fields": {"name": "Beta"}});
    let added = ground.act(add).await.expect("added");
    assert_eq!(
        (added.outcome, added.secrets.len()),
        (Outcome::Applied, 1),
        "{added:?}"
    );
}

#[tokio::test]
async fn an_engine_of_ours_is_one_of_them() {
    let other = Desk::sqlite_with(NOW, |_| ()).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let router = other.router(&operator());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let desk = Desk::sqlite_with(NOW, |desk| {
        desk.tenant_server = HouseServer::new(SetUp::new(url)).expect("a server");
    })
    .await;
    let ground = Ground {
        desk,
        fake: TenantServer::open(Shape::Seed).await,
    };
    let view = ground.look(false).await;
    assert_eq!(view.shape, Some(Shape::Seed), "{view:?}");
    let fields = json!({"name": "Film Publisher", "subdomain": "film", "ad_server": "mock",
        "features": {"max_daily_budget": 50_000}});
    let made = ground
        .act(json!({"act": "create", "fields": fields}))
        .await
        .expect("created");
    assert_eq!(made.outcome, Outcome::Applied, "{made:?}");
    assert!(
        made.not_shown.is_empty() && !made.secrets.is_empty(),
        "{:?}",
        made.not_shown
    );
    let tenant = made.tenant.expect("read back").tenant_id;
    let update = json!({"act": "update", "tenant": tenant, "fields": {"name": "Cinema"}});
    assert_eq!(
        ground.act(update).await.expect("changed").outcome,
        Outcome::Applied
    );
    let add = json!({"act": "create_principal", "tenant": tenant, "fields": {"name": "Beta"}});
    assert_eq!(
        ground.act(add).await.expect("added").outcome,
        Outcome::Applied
    );
    let close = json!({"act": "deactivate", "tenant": tenant});
    assert_eq!(
        ground.act(close).await.expect("closed").outcome,
        Outcome::Applied
    );
    let shown = ground.show(&tenant, 10).await.expect("shown");
    assert!(shown.audit.is_some_and(|audit| !audit.is_empty()));
    assert!(shown.principals.is_some_and(|all| all.len() == 2));
}

#[tokio::test]
async fn while_it_is_away_what_is_shown_is_as_it_was_and_errors_are_words() {
    let ground = Ground::open(Shape::Seed).await;
    ground.look(false).await;
    ground.fake.world().away = true;
    ground.desk.pass(chrono::Duration::seconds(90)).await;
    let view = ground.look(false).await;
    assert_eq!((view.tenants.len(), view.age_seconds), (2, Some(90)));
    assert!(
        view.trouble.is_some() && view.sentence().contains("as it was 90 s ago"),
        "{view:?}"
    );
    let fault = ground.act(create(&json!({}))).await.expect_err("away");
    assert_eq!(
        (fault.kind, &*fault.code),
        (FaultKind::Busy, "UPSTREAM_UNREACHED")
    );
    assert!(fault.message.contains("nothing was done there"), "{fault}");
    let hint = fault.hint.expect("a hint");
    assert!(hint.contains("under a new key"), "{hint}");
    ground.fake.world().away = false;
    ground.look(true).await;
    for (mood, said) in [
        (Mood::SignIn, "another address"),
        (Mood::Wait(30), "wait 30 s"),
    ] {
        let named = format!("{mood:?}");
        ground
            .fake
            .mood("GET /api/v1/tenant-management/tenants", mood);
        let view = ground.look(true).await;
        assert_eq!(ground.fake.fired(&named), 1);
        assert!(
            view.trouble.clone().expect("trouble").contains(said),
            "{view:?}"
        );
        assert_eq!(view.tenants.len(), 2);
    }
    let asked = ground.fake.world().asked.len();
    assert!(
        ground
            .look(true)
            .await
            .trouble
            .expect("left alone")
            .contains("wait another")
    );
    assert_eq!(ground.fake.world().asked.len(), asked);
    ground.desk.pass(chrono::Duration::seconds(31)).await;
    assert_eq!(ground.look(true).await.trouble, None);
    // Whoever is not let in hears that, and is not taken for another shape.
    let ground = Ground::open(Shape::Seed).await;
    ground.fake.mood(
        "GET /api/v1/tenant-management/health",
        Mood::Json(401, json!({"error": "Invalid API key"})),
    );
    let view = ground.look(false).await;
    assert_eq!(
        (view.shape, view.trouble.as_deref()),
        (None, Some("it does not take our key"))
    );
}

#[tokio::test]
async fn the_console_shows_it_on_a_key_and_acts_on_it() {
    let ground = Ground::open(Shape::Fork).await;
    let boss = Caller::new("olga", "main".parse().expect("a tenant"), Role::Admin);
    let mut person = Person::keeps_house(&ground.desk, boss, USUAL).await;
    person.resizes(160, 50);
    person.presses("5").await;
    person.rests().await;
    person.presses("E").await;
    person.rests().await;
    person.sees("Aux, just now");
    person.sees("Sports Publisher (tenant_00000001), open, mock");
    person.presses("enter").await;
    person.sees("is the sales agent's fork with a management API");
    person.sees("sync orders: not offered");
    person.presses("esc").await;
    person.presses("E").await;
    person.rests().await;
    person.presses("down down enter").await;
    person.sees("sync orders: not offered");
    person.presses("down enter").await;
    person.rests().await;
    person.sees("Aux is asked to close a tenant: Sports Publisher");
    person.types("tenant_00000001").await;
    person.presses("enter enter").await;
    person.rests().await;
    assert_eq!(ground.fake.changes(), 1);
    assert_eq!(ground.fake.world().tenants[0]["is_active"], json!(false));
    person.sees("done, and shown there so");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_lists_shows_and_acts() {
    let fake = TenantServer::open(Shape::Public).await;
    let desk = prompt::Desk::new();
    let key = desk.file("server.key", format!("{KEY}\n"));
    let text = format!(
        "[upstream.tenants]\nname = \"Aux\"\nurl = \"{}\"\nkey_file = \"{key}\"\n",
        fake.url()
    );
    desk.file("config.toml", &text);
    let desk = std::sync::Arc::new(desk);
    let run = async |args: &[&str]| {
        let (desk, args) = (std::sync::Arc::clone(&desk), args.join("\n"));
        let run = move || {
            let config = desk.path("config.toml").display().to_string();
            let mut all = vec!["--config", config.as_str(), "tenants", "upstream"];
            all.extend(args.lines());
            desk.run(&all)
        };
        tokio::task::spawn_blocking(run).await.expect("it ran")
    };
    let listed = run(&["list"]).await;
    assert!(
        listed.out.contains("Sports Publisher") && listed.err.contains("is the public sales agent"),
        "{listed:?}"
    );
    let offers = run(&["offers"]).await;
    assert!(
        offers.out.contains("documented once, and never there"),
        "{offers:?}"
    );
    let fields = [
        "--set",
        "name=Film",
        "--set",
        "subdomain=film",
        "--set",
        "ad_server=mock",
    ];
    let mut args = vec!["create"];
    args.extend(fields);
    let refused = run(&args).await;
    assert!(
        refused.code != 0 && refused.err.contains("authorized_emails"),
        "{refused:?}"
    );
    args.extend(["--set", "authorized_emails=[\"ops@example.com\"]"]);
    let made = run(&args).await;
    assert!(
        made.code == 0 && made.out.contains("done, and shown there so"),
        "{made:?}"
    );
    assert!(made.out.contains(TOKEN), "shown once: {made:?}");
    let shown = run(&["show", SPORTS]).await;
    assert!(
        shown.err.contains("not offered there: list principals"),
        "{shown:?}"
    );
    let orders = run(&["sync-orders", SPORTS]).await;
    assert!(
        orders.code != 0 && orders.err.contains("Aux does not offer this"),
        "{orders:?}"
    );
    for said in [listed, offers, refused, shown, orders] {
        assert!(!format!("{said:?}").contains(KEY), "the key is in no words");
    }
    desk.file("config.toml", "[upstream.tenants]\nurl = \"nowhere\"\n");
    let refused = run(&["list"]).await;
    assert!(
        refused.code != 0 && refused.err.contains("upstream.tenants.url"),
        "{refused:?}"
    );
}

#[tokio::test]
async fn what_was_never_answered_is_settled_once_it_is_shown() {
    for (act, way) in [
        (
            json!({"act": "update", "tenant": SPORTS, "fields": {"name": "Sport"}}),
            "PUT /api/v1/tenant-management/tenants/tenant_00000001",
        ),
        (
            json!({"act": "deactivate", "tenant": SPORTS}),
            "DELETE /api/v1/tenant-management/tenants/tenant_00000001",
        ),
        (create(&json!({})), "POST /api/v1/tenant-management/tenants"),
    ] {
        let ground = Ground::open(Shape::Public).await;
        ground.look(true).await;
        ground.fake.mood(way, Mood::DoneThenCut);
        // What would show it cannot be asked just then.
        let (shown, listed) = (
            "GET /api/v1/tenant-management/tenants/tenant_00000001",
            "GET /api/v1/tenant-management/tenants/tenant_00000003",
        );
        for path in [shown, listed] {
            ground.fake.mood(path, Mood::Text(500, "<html>"));
        }
        let act: Act = serde_json::from_value(act).expect("an act");
        let ask = async || {
            let (ask, terms) = (ActOnServer(act.clone()), Terms::keyed("key-1"));
            ground.desk.core.ask_on(&operator(), ask, terms).await
        };
        let fault = ask().await.expect_err("nobody knows");
        assert_eq!(fault.code, "UPSTREAM_UNANSWERED", "{fault}");
        assert_eq!(
            (ground.fake.fired("DoneThenCut"), ground.fake.fired("Text")),
            (1, 1)
        );
        assert_eq!(ground.look(true).await.unanswered.len(), 1);
        ground.desk.pass(chrono::Duration::seconds(61)).await;
        assert_eq!(ground.look(true).await.unanswered.len(), 0, "{way}");
        let told = ask().await.expect("it is known now").output;
        assert_eq!(told.outcome, Outcome::Applied, "{way}");
        assert!(told.said.contains("its answer was lost"), "{told:?}");
        assert_eq!(ground.fake.changes(), 1, "{way}: sent once");
    }
}

#[tokio::test]
async fn what_is_not_shown_there_stays_unanswered() {
    let ground = Ground::open(Shape::Public).await;
    let way = "PUT /api/v1/tenant-management/tenants/tenant_00000001";
    ground
        .fake
        .mood(way, Mood::Text(502, "<html>Bad gateway</html>"));
    let act = json!({"act": "update", "tenant": SPORTS, "fields": {"name": "Sport"}});
    let fault = ground.act(act).await.expect_err("nobody knows");
    assert_eq!(fault.code, "UPSTREAM_UNANSWERED", "{fault}");
    for _ in 0..5 {
        ground.desk.pass(chrono::Duration::minutes(20)).await;
    }
    assert_eq!(ground.look(true).await.unanswered.len(), 1);
    // Somebody sees to it there: then it is as it was sent.
    ground.fake.world().tenants[0]["name"] = json!("Sport");
    ground.desk.pass(chrono::Duration::minutes(61)).await;
    assert_eq!(ground.look(true).await.unanswered.len(), 0);
    assert_eq!(ground.fake.changes(), 1);
}

#[tokio::test]
async fn a_change_of_which_a_secret_cannot_be_seen_is_never_told_by_the_rest() {
    let ground = Ground::open(Shape::Public).await;
    let way = "PUT /api/v1/tenant-management/tenants/tenant_00000001";
    ground.fake.mood(way, Mood::Text(502, "<html>"));
    let name = ground.fake.world().tenants[0]["name"].clone();
    let fields = json!({"name": name, "slack_webhook_url": "https://hooks.example/canary"});
    let act = json!({"act": "update", "tenant": SPORTS, "fields": fields});
    let fault = ground.act(act).await.expect_err("nobody knows");
    assert_eq!(fault.code, "UPSTREAM_UNANSWERED", "{fault}");
    ground.desk.pass(chrono::Duration::minutes(61)).await;
    assert_eq!(
        ground.look(true).await.unanswered.len(),
        1,
        "the name was so before"
    );
}

#[tokio::test]
async fn long_lists_of_a_tenant_are_read_page_by_page() {
    for shape in [Shape::Seed, Shape::Fork] {
        for page in [Some(40), None] {
            let ground = Ground::open(shape).await;
            {
                let mut world = ground.fake.world();
                world.page = page;
                for n in 0..130 {
                    world.audit.push(json!({"operation": format!("deed {n}")}));
                    let one = json!({"principal_id": format!("p{n}"), "name": format!("P {n}")});
                    world.principals.push((SPORTS.into(), one));
                }
            }
            let shown = ground.show(SPORTS, 110).await.expect("shown");
            assert_eq!(
                shown.audit.map(|all| all.len()),
                Some(110),
                "{shape:?} {page:?}"
            );
            if shape == Shape::Seed {
                assert_eq!(shown.principals.map(|all| all.len()), Some(131));
            }
        }
    }
}

#[tokio::test]
async fn the_console_opens_changes_and_lets_in_by_forms() {
    let ground = Ground::open(Shape::Seed).await;
    let boss = Caller::new("olga", "main".parse().expect("a tenant"), Role::Admin);
    let mut person = Person::keeps_house(&ground.desk, boss, USUAL).await;
    person.resizes(160, 60);
    person.presses("5").await;
    person.rests().await;
    person.presses("E").await;
    person.rests().await;
    person.presses("down enter").await;
    person.sees("Open a tenant at Aux");
    person.presses("ctrl-s").await;
    person.sees("nothing was sent: 2 problems");
    person.types("Film Publisher").await;
    person.presses("tab").await;
    person.types("film").await;
    person.presses("tab tab tab tab").await;
    person
        .types("{\"human_review_required\": true, \"slack_webhook_url\": \"canary\"}")
        .await;
    person.presses("ctrl-s").await;
    person.sees("Aux is asked to create a tenant: Film Publisher");
    person.sees("subdomain          film");
    person.sees("human_review_required, slack_webhook_url");
    person.sees_no("canary");
    assert_eq!(ground.fake.changes(), 0, "nothing is sent yet");
    person.rests().await;
    person.presses("y").await;
    person.rests().await;
    assert_eq!(ground.fake.changes(), 1);
    assert_eq!(ground.fake.world().bodies[0]["subdomain"], "film");

    let mut person = Person::keeps_house(&ground.desk, admin_of_main(), USUAL).await;
    person.resizes(160, 60);
    person.presses("5").await;
    person.rests().await;
    person.presses("E").await;
    person.rests().await;
    // Behind what it is and a new one, the first tenant; behind its three deeds, its forms.
    person.presses("down down enter").await;
    person.presses("down down down down enter").await;
    person.sees("Change Sports Publisher at Aux");
    person.presses("ctrl-s").await;
    person.sees("nothing is different");
    person.presses("ctrl-u").await;
    person.types("Sports and Games").await;
    person.presses("ctrl-s").await;
    person.sees("Aux is asked to change a tenant: Sports Publisher (tenant_00000001)");
    person.rests().await;
    person.presses("y").await;
    person.rests().await;
    assert_eq!(
        ground.fake.world().bodies[1],
        json!({"name": "Sports and Games"})
    );
    assert_eq!(ground.fake.world().tenants[0]["name"], "Sports and Games");

    let mut person = Person::keeps_house(&ground.desk, admin_of_main(), USUAL).await;
    person.resizes(160, 60);
    person.presses("5").await;
    person.rests().await;
    person.presses("E").await;
    person.rests().await;
    person.presses("down down enter").await;
    person.presses("down down down down down enter").await;
    person.sees("Let somebody buy from Sports and Games at Aux");
    person.types("Beta").await;
    person.presses("ctrl-s").await;
    person.rests().await;
    person.presses("y").await;
    person.rests().await;
    person.sees(TOKEN);
    assert_eq!(ground.fake.world().principals.len(), 2);

    let mut person = Person::keeps_house(&ground.desk, admin_of_main(), USUAL).await;
    person.resizes(160, 60);
    person.presses("5").await;
    person.rests().await;
    person.presses("E").await;
    person.rests().await;
    person.presses("down down enter").await;
    person.presses("enter").await;
    person.rests().await;
    person.sees("2 principals");
    person.sees("Acme, acme");
    person.sees_no(TOKEN);
}

fn admin_of_main() -> Caller {
    Caller::new("olga", "main".parse().expect("a tenant"), Role::Admin)
}
