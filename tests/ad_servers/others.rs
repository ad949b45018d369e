//! Media buys at Kevel and at Triton Digital, from the order to the count: two servers that keep
//! campaigns and flights, each in its own words, with faults.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Json, Router,
    body::to_bytes,
    extract::{Request, State},
    response::{IntoResponse as _, Response},
};
use flightdeck::{
    domain::{
        ids::BuyId,
        media_buy::ad_order::{AdOrder, Standing},
        opendirect::product::DeliveryType,
        tenant::role::Role,
        when::Instant,
    },
    engine::{
        desk::{Desk as SetUp, Serving},
        seller::{lines::stats::GetLineStats, products::put::PutProduct},
        sync::start::StartSync,
        tenants::{principals::create::CreatePrincipal, update::UpdateTenant},
    },
    peers::ad_servers::http::Bounds,
};
use serde_json::{Value, json};

use crate::{
    desk::{Desk, caller},
    fake_google::{Mood, moody},
    market::{act, admin, buyer, change, look, order, product, stock, wanted},
};

const NOW: &str = "2026-06-01T12:00:00Z";

/// What there is.
#[derive(Default)]
struct Kept {
    campaigns: Vec<Value>,
    flights: Vec<Value>,
    /// How it takes the next request with this method and this in its path, once each.
    on: Vec<(&'static str, &'static str, Mood)>,
    fired: usize,
    /// What was counted of every flight.
    shown: i64,
    asked: Vec<String>,
}

/// A server that keeps campaigns and flights: Kevel's words, or Triton's.
#[derive(Clone)]
struct Fake {
    at: SocketAddr,
    kevel: bool,
    kept: Arc<Mutex<Kept>>,
}

impl Fake {
    async fn open(kevel: bool) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port");
        let fake = Self {
            at: listener.local_addr().expect("an address"),
            kevel,
            kept: Arc::default(),
        };
        let router = Router::new().fallback(answer).with_state(fake.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        fake
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The field of a campaign or a flight that says whether it is on.
    fn on(&self) -> &'static str {
        if self.kevel { "IsActive" } else { "active" }
    }
}

async fn answer(State(fake): State<Fake>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap_or_default();
    let body: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let (method, path) = (head.method.to_string(), head.uri.to_string());
    let mood = {
        let mut kept = fake.kept();
        kept.asked.push(format!("{method} {path}"));
        let fits = |one: &(&str, &str, Mood)| one.0 == method && path.contains(one.1);
        let found = kept.on.iter().position(fits);
        found.map(|at| {
            kept.fired += 1;
            kept.on.remove(at).2
        })
    };
    match mood {
        None => Json(done(&fake, &method, &path, body)).into_response(),
        Some(Mood::Lost) => {
            drop(done(&fake, &method, &path, body));
            std::future::pending().await
        }
        Some(other) => moody(other).await,
    }
}

fn done(fake: &Fake, method: &str, path: &str, body: Value) -> Value {
    let (plain, query) = path.split_once('?').unwrap_or((path, ""));
    let parts: Vec<&str> = plain.trim_matches('/').split('/').skip(1).collect();
    let first = !query.contains("page=") || query.contains("page=1&");
    let listed = |all: Vec<Value>| match (fake.kevel, first) {
        (true, true) => json!({ "items": all }),
        (true, false) => json!({"items": []}),
        (false, _) => json!(all),
    };
    let id = if fake.kevel { "Id" } else { "id" };
    let mut kept = fake.kept();
    match (method, parts.as_slice()) {
        ("GET", ["site"]) => listed(vec![json!({"Id": 5, "Title": "Sports"})]),
        ("GET", ["zone"]) => listed(vec![json!({"Id": 6, "Name": "Sidebar", "SiteId": 5})]),
        ("GET", ["stations"]) => listed(vec![
            json!({"id": "s1", "name": "Jazz", "callsign": "JAZZ"}),
        ]),
        ("GET", ["priority"]) => listed(vec![json!({"Id": 3, "Name": "Everything"})]),
        ("POST", ["report", "queue"]) => json!({"Id": "r1"}),
        ("GET", ["report", "queue", _]) => {
            let shown = kept.shown;
            let detail = |one: &Value| json!({"Grouping": {"OptionId": one["Id"]}, "Impressions": shown, "Clicks": 1});
            let details: Vec<Value> = kept.flights.iter().map(detail).collect();
            json!({"Id": "r1", "Status": 2, "Result": {"Records": [{"Details": details}]}})
        }
        ("GET", ["campaign" | "campaigns"]) => listed(kept.campaigns.clone()),
        ("GET", ["campaign", _, "flight"]) => listed(kept.flights.clone()),
        ("GET", ["flights"]) => {
            let shown = kept.shown;
            let mut all = kept.flights.clone();
            for one in &mut all {
                one["metrics"] = json!({"impressions": shown, "clicks": 1});
            }
            listed(all)
        }
        (_, [list, rest @ ..]) => {
            let all = if list.starts_with("campaign") {
                &mut kept.campaigns
            } else {
                &mut kept.flights
            };
            let named = |one: &&mut Value| {
                rest.first()
                    .is_some_and(|it| one[id].to_string().trim_matches('"') == *it)
            };
            match (method, all.iter_mut().find(named)) {
                ("POST", _) => {
                    let mut one = body;
                    let number = 40 + all.len();
                    one[id] = if fake.kevel {
                        json!(number)
                    } else {
                        json!(format!("x{number}"))
                    };
                    all.push(one.clone());
                    one
                }
                ("PUT", Some(one)) => {
                    for (name, value) in body.as_object().cloned().unwrap_or_default() {
                        one[name] = value;
                    }
                    json!({})
                }
                (_, Some(one)) => one.clone(),
                _ => Value::Null,
            }
        }
        _ => Value::Null,
    }
}

/// A publisher with one of them.
async fn publisher(kevel: bool) -> (Fake, Desk) {
    let fake = Fake::open(kevel).await;
    let at = format!("http://{}/", fake.at);
    let set_up = move |desk: &mut SetUp| {
        let servers = &mut desk.ad_servers;
        servers.kevel_api.clone_from(&at);
        servers.triton_api.clone_from(&at);
        servers.triton_hierarchy.clone_from(&at);
        servers.bounds = Bounds {
            one: Duration::from_millis(400),
            tries: 1,
            ..Bounds::default()
        };
        desk.ad_server = Some(Serving::default());
        desk.tenants = vec![admin().tenant];
    };
    let desk = Desk::sqlite_with(NOW, set_up).await;
    let set = if kevel {
        json!({"ad_server": "kevel", "kevel_network_id": "9709", "kevel_api_key": "canary-key"})
    } else {
        json!({"ad_server": "triton_digital", "triton_station_id": "JAZZ", "triton_api_key": "canary-key"})
    };
    let update = UpdateTenant {
        set: serde_json::from_value(set).expect("fields"),
        expected_revision: None,
    };
    let operator = caller("main", Role::Operator);
    desk.core.ask(&operator, update).await.expect("changed");
    stock(&desk).await;
    let mut open = product("open", DeliveryType::Pmp);
    open.ad_unit = Some(if kevel { "Sports, Sidebar" } else { "JAZZ" }.into());
    desk.core
        .ask(&admin(), PutProduct(open))
        .await
        .expect("on sale");
    let sync: StartSync =
        serde_json::from_value(json!({"what": "inventory", "mode": "full"})).expect("a question");
    desk.core.ask(&admin(), sync).await.expect("started");
    pass(&desk, 0).await;
    (fake, desk)
}

/// Says under which number the servers know the buyer.
async fn known(desk: &Desk) {
    let principal: CreatePrincipal = serde_json::from_value(json!({
        "name": "Acme", "principal_id": "acme",
        "platform_mappings": {"kevel_advertiser_id": 7, "triton_digital": {"advertiser_id": "a7"}},
    }))
    .expect("a question");
    desk.core.ask(&admin(), principal).await.expect("added");
}

async fn pass(desk: &Desk, seconds: i64) {
    desk.pass(chrono::Duration::seconds(seconds)).await;
}

async fn there(desk: &Desk, id: &BuyId) -> AdOrder {
    let view = look(desk, &admin(), id).await.expect("a buy");
    *view.ad_order.expect("it is to be in the ad server")
}

async fn placed(desk: &Desk, id: &BuyId) -> AdOrder {
    let order = there(desk, id).await;
    assert_eq!(order.standing, Standing::Placed, "{:?}", order.remarks());
    order
}

async fn buy(desk: &Desk) -> BuyId {
    let ordered = order(desk, &buyer("acme"), wanted(&["open"])).await;
    ordered.expect("ordered").buy.buy.id
}

#[tokio::test]
async fn an_order_is_placed_once_whatever_is_lost_on_the_way() {
    for kevel in [true, false] {
        let (fake, desk) = publisher(kevel).await;
        let id = buy(&desk).await;
        pass(&desk, 0).await;
        let nobody = there(&desk, &id).await;
        assert_eq!(nobody.standing, Standing::Refused);
        let said = nobody.remarks().join("; ");
        assert!(
            said.contains("acme has no advertiser in") && said.contains("hint: set"),
            "{said}"
        );
        known(&desk).await;
        fake.kept().on = vec![
            ("POST", "campaign", Mood::Lost),
            ("POST", "flight", Mood::Lost),
            ("PUT", "campaign", Mood::Lost),
            ("GET", "campaign", Mood::Status(429, json!({}), Some("30"))),
        ];
        for _ in 0..8 {
            pass(&desk, 600).await;
        }
        let order = placed(&desk, &id).await;
        let kept = fake.kept();
        assert_eq!((kept.fired, kept.on.len()), (4, 0), "every fault was met");
        assert_eq!(
            (kept.campaigns.len(), kept.flights.len()),
            (1, 1),
            "and nothing doubled"
        );
        let (campaign, flight) = (&kept.campaigns[0], &kept.flights[0]);
        assert_eq!(
            (&campaign[fake.on()], &flight[fake.on()]),
            (&json!(true), &json!(true))
        );
        if kevel {
            assert_eq!(order.server, "kevel/9709");
            assert_eq!(campaign["AdvertiserId"], 7);
            assert_eq!(
                (
                    &flight["Impressions"],
                    &flight["PriorityId"],
                    &flight["SiteZoneTargeting"]
                ),
                (
                    &json!(500_000),
                    &json!(3),
                    &json!([{"SiteId": 5}, {"SiteId": 5, "ZoneId": 6}])
                )
            );
        } else {
            assert_eq!(order.server, "triton_digital/JAZZ");
            assert_eq!(campaign["advertiserId"], "a7");
            assert_eq!(
                (
                    &flight["stationIds"],
                    &flight["startDate"],
                    &flight["endDate"]
                ),
                (&json!(["s1"]), &json!("2026-07-01"), &json!("2026-07-31"))
            );
        }
    }
}

#[tokio::test]
async fn what_is_done_to_a_buy_is_done_there_and_counted_there() {
    for kevel in [true, false] {
        let (fake, desk) = publisher(kevel).await;
        known(&desk).await;
        let id = buy(&desk).await;
        pass(&desk, 0).await;
        placed(&desk, &id).await;
        let start: Instant = "2026-07-01T06:00:00Z".parse().expect("an instant");
        while desk.core.clock().now() < start {
            pass(&desk, 43_200).await;
        }
        let owner = buyer("acme");
        act(&desk, &owner, &id, json!({"action": "pause_media_buy"}))
            .await
            .expect("paused");
        // It says that it did, and did not.
        let idle = || ("PUT", "flight", Mood::Idle);
        fake.kept().on = vec![idle(), idle(), idle()];
        pass(&desk, 0).await;
        let differs = there(&desk, &id).await;
        assert_eq!(
            (differs.standing, fake.kept().fired),
            (Standing::Differs, 3)
        );
        act(&desk, &owner, &id, json!({"action": "resume_media_buy"}))
            .await
            .expect("resumed");
        pass(&desk, 0).await;
        act(&desk, &owner, &id, json!({"action": "pause_media_buy"}))
            .await
            .expect("paused");
        pass(&desk, 0).await;
        placed(&desk, &id).await;
        assert_eq!(fake.kept().flights[0][fake.on()], false);
        act(&desk, &owner, &id, json!({"action": "resume_media_buy"}))
            .await
            .expect("resumed");
        change(
            &desk,
            &owner,
            &id,
            json!({"end_time": "2026-08-15T00:00:00Z"}),
        )
        .await
        .expect("longer");
        pass(&desk, 0).await;
        placed(&desk, &id).await;
        let ends = if kevel {
            ("EndDateISO", "2026-08-15T00:00:00.000000Z")
        } else {
            ("endDate", "2026-08-14")
        };
        assert_eq!(fake.kept().flights[0][ends.0], ends.1);

        fake.kept().shown = 4_321;
        pass(&desk, 1_800).await;
        let line_id = look(&desk, &admin(), &id)
            .await
            .expect("a buy")
            .buy
            .packages[0]
            .line_id;
        let stats = GetLineStats {
            account_id: None,
            order_id: None,
            line_id,
        };
        let stats = desk.core.ask(&admin(), stats).await.expect("stats");
        assert_eq!(stats.impressions, 4_321, "kevel: {kevel}");

        change(&desk, &owner, &id, json!({"canceled": true}))
            .await
            .expect("called off");
        pass(&desk, 0).await;
        let kept = fake.kept();
        let (away, on) = if kevel {
            ("IsArchived", true)
        } else {
            ("active", false)
        };
        assert_eq!(
            (&kept.campaigns[0][away], &kept.flights[0][fake.on()]),
            (&json!(on), &json!(false))
        );
    }
}

#[tokio::test]
async fn a_campaign_that_is_switched_off_there_is_told_although_its_lines_are_on() {
    for kevel in [true, false] {
        let (fake, desk) = publisher(kevel).await;
        known(&desk).await;
        let id = buy(&desk).await;
        pass(&desk, 0).await;
        placed(&desk, &id).await;
        let on = fake.on();
        fake.kept().campaigns[0][on] = json!(false);
        pass(&desk, 1_000).await;
        let differs = there(&desk, &id).await;
        assert_eq!(differs.standing, Standing::Differs, "kevel: {kevel}");
        assert_eq!(
            differs.remarks(),
            ["order: asked to deliver, shown held"],
            "kevel: {kevel}"
        );
        assert_eq!(fake.kept().flights[0][on], json!(true), "its line is on");
        fake.kept().campaigns[0][on] = json!(true);
        pass(&desk, 1_000).await;
        placed(&desk, &id).await;
    }
}
