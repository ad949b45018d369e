//! What a publisher is told of what happens: its own endpoints by Standard Webhooks, and Slack.
//! Once, in order, signed so that others can check it, and patiently where nobody takes it.

use axum::http::Method;
use chrono::Duration;
use flightdeck::{
    domain::{
        ids::TenantId,
        notify::{endpoint::OVERLAP, slack::Channel},
        tenant::{
            caller::Caller,
            features::Features,
            publisher::Publisher,
            role::Role::{self, Admin, Buyer},
            secret::Secret,
        },
        webhook::notice::NoticeStatus,
    },
    engine::{
        catalogue,
        core::Terms,
        media_buys::{
            approvals::ListApprovals,
            decide::{DecideApproval, Say},
        },
        notify::{
            endpoints::{
                ChangeEndpoint, ListEndpoints, MakeEndpoint, RemoveEndpoint, RotateEndpoint,
                TestEndpoint,
            },
            replay::Replay,
            slack::TestSlack,
            view::MadeEndpoint,
        },
        webhooks::list::ListNotices,
    },
    store::{
        batch::{Batch, Put},
        record::Record as _,
    },
};
use serde_json::{Value, json};

use crate::{
    agent::House,
    receiver::{Came, Receiver},
};

pub const PEOPLE: &[(&str, &str, Role)] = &[("main", "acme", Buyer), ("main", "boss", Admin)];

pub fn boss() -> Caller {
    Caller::new("boss", "main".parse().expect("a tenant"), Admin)
}

pub async fn order(house: &House, key: &str, product: &str, name: &str) -> Value {
    let order = json!({
        "idempotency_key": format!("tell-who-wants-to-know-{key}"),
        "account": {"brand": {"domain": "acme.example"}, "operator": "agency.example"},
        "brand": {"domain": "acme.example"}, "name": name, "po_number": "PO-77",
        "start_time": "2026-07-01T00:00:00Z", "end_time": "2026-07-31T00:00:00Z",
        "packages": [{
            "product_id": product, "budget": 10_000, "pricing_option_id": "default",
            "creatives": [{"creative_id": "spot", "name": "Spot", "format_id": {"id": "video_30s"}}],
        }],
    });
    house.agent(0).call("create_media_buy", &order).await
}

pub async fn endpoint(house: &House, url: &str, events: &[&str]) -> MadeEndpoint {
    let make = MakeEndpoint {
        url: Secret::new(format!("{url}/hooks/secret-path")),
        name: Some("desk".to_owned()),
        events: events.iter().map(|&event| event.to_owned()).collect(),
        signing: None,
    };
    house.core.ask(&boss(), make).await.expect("an endpoint")
}

/// Whether a message is ours, as somebody else's implementation of the standard works it out. Its
/// own check wants the time to be ours, which stands still here.
fn is_signed(secret: &str, came: &Came, body: &[u8]) -> bool {
    let hook = standardwebhooks::Webhook::new(secret).expect("a secret");
    let Ok(at) = came.header("webhook-timestamp").parse() else {
        return false;
    };
    let Ok(signed) = hook.sign(came.header("webhook-id"), at, body) else {
        return false;
    };
    let mut all = came.header("webhook-signature").split(' ');
    all.any(|one| one == signed)
}

/// Gives the tenant addresses of Slack, as an operator would.
async fn slack(house: &House, url: &str, audit: Option<&str>) {
    let url = Secret::new(url);
    let audit = audit.map(Secret::new);
    set(house, |features| {
        features.slack_webhook_url = Some(url);
        features.slack_audit_webhook_url = audit;
    })
    .await;
}

/// Sets what is switched on for the tenant.
async fn set(house: &House, how: impl FnOnce(&mut Features)) {
    let now = house.core.clock().now();
    let mut tenant = Publisher::named("main".parse().expect("a tenant"), now);
    how(&mut tenant.features);
    let engine: TenantId = "engine".parse().expect("the house");
    let kept = house.store.get(&engine, Publisher::KIND, "main");
    let kept = kept.await.expect("a look");
    let mut batch = Batch::new(engine, now);
    batch.puts.push(Put {
        kind: Publisher::KIND,
        id: "main".to_owned(),
        replaces: kept.map(|row| (row.revision, row.facets.state.clone())),
        facets: tenant.facets(),
        body: serde_json::to_string(&tenant).expect("JSON"),
        glance: None,
        shown: None,
    });
    house.store.commit(batch).await.expect("kept");
}

/// Every address in a message that people are sent to.
fn links(message: &Value) -> Vec<String> {
    let mut found = Vec::new();
    match message {
        Value::Object(fields) => {
            let url = fields.get("url").and_then(Value::as_str);
            found.extend(url.map(str::to_owned));
            found.extend(fields.values().flat_map(links));
        }
        Value::Array(all) => found.extend(all.iter().flat_map(links)),
        _ => {}
    }
    found
}

#[tokio::test]
async fn an_endpoint_is_told_in_order_and_once_and_can_check_that_it_is_us() {
    for house in House::sandboxes("notify_endpoint", PEOPLE).await {
        house.sells_both().await;
        order(&house, "before", "open", "Before anybody listened").await;
        house.pass(Duration::seconds(1)).await;
        let desk = Receiver::answering(&[]).await;
        let made = endpoint(&house, &desk.url, &[]).await;
        let secret = made.secret.expect("shown once");
        let bought = order(&house, "1", "open", "Summer").await;
        house.pass(Duration::seconds(1)).await;
        house.pass(Duration::seconds(1)).await;
        let came = desk.came();
        let mut told: Vec<Value> = came.iter().map(Came::json).collect();
        // Two calls may overtake each other; each says its place.
        told.sort_by_key(|one| one["data"]["event"].as_i64());
        let types: Vec<&Value> = told.iter().map(|one| &one["type"]).collect();
        assert_eq!(
            types,
            ["media_buy.created", "media_buy.approved"],
            "{told:#?}"
        );
        let data = &told[0]["data"];
        assert_eq!(data["media_buy_id"], bought["media_buy_id"]);
        assert_eq!(
            (&data["po_number"], &data["principal_id"]),
            (&json!("PO-77"), &json!("acme"))
        );
        assert_eq!(data["total_budget"], json!(10_000.0));
        assert!(came[0].body.len() < 20 << 10, "{}", came[0].body.len());

        assert!(is_signed(secret.reveal(), &came[0], &came[0].body));
        for at in 0..200.min(came[0].body.len() * 8) {
            let mut body = came[0].body.clone();
            body[at / 8] ^= 1 << (at % 8);
            assert!(!is_signed(secret.reveal(), &came[0], &body), "bit {at}");
        }
        for header in ["webhook-id", "webhook-timestamp"] {
            let mut other = came[0].clone();
            let changed = format!("{}1", other.header(header));
            other
                .headers
                .insert(header, changed.parse().expect("a header"));
            assert!(
                !is_signed(secret.reveal(), &other, &came[0].body),
                "{header}"
            );
        }
        let listed = house
            .core
            .ask(&boss(), ListEndpoints {})
            .await
            .expect("a list");
        let shown = serde_json::to_string(&listed).expect("JSON");
        assert!(
            !shown.contains("secret-path") && !shown.contains("whsec_"),
            "{shown}"
        );
        assert_eq!(listed.webhooks[0].last_status, Some(200));
    }
}

#[tokio::test]
async fn one_message_stays_the_same_however_often_it_takes_and_dead_ones_are_sent_again() {
    for house in House::sandboxes("notify_retries", PEOPLE).await {
        let failing: Vec<(u16, &str)> = std::iter::repeat_n((500, "no"), 12).collect();
        let desk = Receiver::answering(&failing).await;
        let made = endpoint(&house, &desk.url, &[]).await;
        let endpoint_id = made.view.endpoint_id;
        house
            .core
            .ask(&boss(), TestEndpoint { endpoint_id })
            .await
            .expect("sent");
        let begun = house.core.clock().now();
        while house.core.clock().now() - begun < Duration::hours(100) {
            house.pass(Duration::minutes(20)).await;
        }
        let came = desk.came();
        assert_eq!(came.len(), 12, "twelve times, and given up");
        assert!(
            came.iter().all(|one| one.body == came[0].body),
            "byte for byte"
        );
        let id = came[0].header("webhook-id").to_owned();
        assert!(came.iter().all(|one| one.header("webhook-id") == id));
        let times: std::collections::BTreeSet<String> = came
            .iter()
            .map(|one| one.header("webhook-timestamp").to_owned())
            .collect();
        assert!(times.len() > 8, "the time of each try: {times:?}");
        let span = came[11]
            .header("webhook-timestamp")
            .parse::<i64>()
            .expect("a time")
            - came[0]
                .header("webhook-timestamp")
                .parse::<i64>()
                .expect("a time");
        assert!((57 * 3_600..=88 * 3_600).contains(&span), "{span}");

        let dead = ListNotices {
            status: Some(NoticeStatus::Dead),
            endpoint_id: Some(endpoint_id),
            ..ListNotices::default()
        };
        let dead = house
            .core
            .ask(&boss(), dead)
            .await
            .expect("a list")
            .webhooks;
        assert_eq!((dead.len(), dead[0].tries), (1, 12));
        let replay = Replay {
            endpoint_id: Some(endpoint_id),
            ..Replay::default()
        };
        let again = house.core.ask(&boss(), replay).await.expect("sent again");
        assert_eq!(again.delivery_ids, [dead[0].id]);
        house.pass(Duration::seconds(1)).await;
        let came = desk.came();
        assert_eq!(came.len(), 13);
        assert_eq!(
            came[12].header("webhook-id"),
            id,
            "who had it after all knows it"
        );
    }
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_switched_off_and_one_that_is_busy_is_waited_for() {
    for house in House::sandboxes("notify_gone", PEOPLE).await {
        let gone = Receiver::answering(&[(410, "gone")]).await;
        let made = endpoint(&house, &gone.url, &[]).await;
        let endpoint_id = made.view.endpoint_id;
        for _ in 0..2 {
            house
                .core
                .ask(&boss(), TestEndpoint { endpoint_id })
                .await
                .expect("sent");
        }
        house.pass(Duration::seconds(1)).await;
        let listed = house
            .core
            .ask(&boss(), ListEndpoints {})
            .await
            .expect("a list");
        assert!(!listed.webhooks[0].is_active, "{listed:#?}");
        assert_eq!(
            listed.webhooks[0].disabled_because.as_deref(),
            Some("it answered 410, gone")
        );
        let on = ChangeEndpoint {
            endpoint_id,
            url: None,
            name: None,
            events: None,
            is_active: Some(true),
        };
        house.core.ask(&boss(), on).await.expect("on again");

        let rotated = house
            .core
            .ask(&boss(), RotateEndpoint { endpoint_id })
            .await;
        let (old, new) = (
            made.secret.expect("old"),
            rotated.expect("another").secret.expect("new"),
        );
        let before = gone.came().len();
        house
            .core
            .ask(&boss(), TestEndpoint { endpoint_id })
            .await
            .expect("sent");
        house.pass(Duration::seconds(1)).await;
        house.clock.advance(OVERLAP);
        house
            .core
            .ask(&boss(), TestEndpoint { endpoint_id })
            .await
            .expect("sent");
        house.pass(Duration::seconds(1)).await;
        let came = gone.came();
        let (first, second) = (&came[before], &came[before + 1]);
        assert!(
            is_signed(old.reveal(), first, &first.body),
            "both are good for a day"
        );
        assert!(is_signed(new.reveal(), first, &first.body));
        assert!(
            !is_signed(old.reveal(), second, &second.body),
            "and then one"
        );
        assert!(is_signed(new.reveal(), second, &second.body));
    }
}

#[tokio::test]
async fn an_endpoint_that_names_a_time_is_left_alone_until_then() {
    for house in House::sandboxes("notify_until", PEOPLE).await {
        let until = "Mon, 15 Jun 2026 13:00:00 GMT";
        let desk = Receiver::answering(&[(503, "busy")]).await.until(until);
        let made = endpoint(&house, &desk.url, &[]).await;
        let endpoint_id = made.view.endpoint_id;
        let test = TestEndpoint { endpoint_id };
        house.core.ask(&boss(), test).await.expect("sent");
        house.pass(Duration::zero()).await;
        assert_eq!(desk.came().len(), 1);
        house.pass(Duration::minutes(59)).await;
        assert_eq!(desk.came().len(), 1, "it said when");
        house.pass(Duration::minutes(2)).await;
        assert_eq!(desk.came().len(), 2);
    }
}

#[tokio::test]
async fn a_delivery_to_an_endpoint_that_is_gone_for_good_is_not_sent_again() {
    for house in House::sandboxes("notify_removed", PEOPLE).await {
        let desk = Receiver::answering(&[(410, "gone")]).await;
        let endpoint_id = endpoint(&house, &desk.url, &[]).await.view.endpoint_id;
        let test = TestEndpoint { endpoint_id };
        let sent = house.core.ask(&boss(), test).await.expect("sent");
        house.pass(Duration::seconds(1)).await;
        let remove = RemoveEndpoint { endpoint_id };
        house.core.ask(&boss(), remove).await.expect("removed");
        let replay = Replay {
            delivery_ids: vec![sent.delivery_id],
            ..Replay::default()
        };
        let fault = house.core.ask(&boss(), replay).await;
        assert_eq!(fault.expect_err("to nobody").code, "ENDPOINT_NOT_FOUND");
        let waits = ListNotices {
            status: Some(NoticeStatus::Waiting),
            ..ListNotices::default()
        };
        let waits = house.core.ask(&boss(), waits).await.expect("a list");
        assert_eq!(waits.webhooks, [], "nothing waits for ever");
    }
}

#[tokio::test]
async fn what_is_under_way_ends_with_its_endpoint() {
    for house in House::sandboxes("notify_ends", PEOPLE).await {
        let desk = Receiver::answering(&[(503, "busy"), (503, "busy")]).await;
        let endpoint_id = endpoint(&house, &desk.url, &[]).await.view.endpoint_id;
        house.sells_both().await;
        order(&house, "ends", "open", "Summer").await;
        house.pass(Duration::seconds(1)).await;
        let waiting = async || {
            let all = house.core.ask(&boss(), ListNotices::default()).await;
            all.expect("a list").webhooks
        };
        assert!(
            waiting()
                .await
                .iter()
                .any(|it| it.status == NoticeStatus::Waiting)
        );
        let tried = desk.came().len();
        let off = ChangeEndpoint {
            endpoint_id,
            url: None,
            name: None,
            events: None,
            is_active: Some(false),
        };
        house.core.ask(&boss(), off).await.expect("off");
        house.pass(Duration::seconds(1)).await;
        assert_eq!(desk.came().len(), tried, "nobody is called any more");
        let all = waiting().await;
        assert!(
            all.iter().all(|it| it.status == NoticeStatus::Dead),
            "{all:#?}"
        );
        let why = all[0].last.as_ref().and_then(|last| last.error.as_deref());
        assert_eq!(why, Some("the endpoint was switched off"));
        // Whoever wants to switch it on again can try it first.
        let test = TestEndpoint { endpoint_id };
        let sent = house
            .core
            .ask(&boss(), test)
            .await
            .expect("sent")
            .delivery_id;
        house.pass(Duration::seconds(1)).await;
        assert_eq!(desk.came().len(), tried + 1);
        let remove = RemoveEndpoint { endpoint_id };
        let gone = house.core.ask(&boss(), remove).await.expect("removed");
        assert!(!gone.is_active);
        house.pass(Duration::seconds(1)).await;
        let all = waiting().await;
        let test = all.iter().find(|it| it.id == sent).expect("kept");
        assert_ne!(test.status, NoticeStatus::Waiting, "{test:#?}");
    }
}

#[tokio::test]
async fn slack_is_told_who_has_to_decide_and_what_went_wrong() {
    for house in House::sandboxes("notify_slack", PEOPLE).await {
        house.sells_both().await;
        let (desk, audit) = (
            Receiver::answering(&[]).await,
            Receiver::answering(&[]).await,
        );
        slack(&house, &desk.url, Some(&audit.url)).await;
        order(&house, "1", "promised", "<!channel> Summer *Tour*").await;
        house.pass(Duration::seconds(1)).await;
        let told = desk.came();
        assert_eq!(told.len(), 1, "one message for what waits");
        let text = told[0].json().to_string();
        for part in [
            "needs approval",
            "PO-77",
            "acme",
            "10,000",
            "promised",
            "2026-07-01",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(
            text.contains("Workflow step") && text.contains("workflows/"),
            "{text}"
        );
        assert!(!text.contains("<!channel>"), "{text}");
        // Where people are sent to act there is something to act on.
        let links = links(&told[0].json());
        assert_eq!(links.len(), 1, "{text}");
        let path = links[0].splitn(4, '/').nth(3).expect("a path");
        let boss = house.agent(1).at(&format!("/{path}"));
        let (status, _, body) = boss.raw(Method::GET, "").await;
        let shown: Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(status, 200, "{} {shown:#}", links[0]);
        assert_eq!(shown["status"], "pending");
        assert!(text.contains(shown["workflow_id"].as_str().expect("an id")));

        order(&house, "2", "open", "Autumn").await;
        order(&house, "3", "open", "Winter").await;
        order(&house, "4", "open", "Spring").await;
        // Before the sandbox signs by itself what waits.
        house.pass(Duration::seconds(1)).await;
        let told = desk.came();
        assert_eq!(told.len(), 2, "what comes together is told together");
        let text = told[1].json().to_string();
        assert!(
            text.contains("3 things") && text.contains("Winter"),
            "{text}"
        );
        assert!(!text.contains("media-buys/"), "no route shows one: {text}");
    }
}

#[tokio::test]
async fn slack_is_told_one_thing_a_second_later_when_it_says_so_and_never_again_when_it_is_gone() {
    for house in House::sandboxes("notify_slack_busy", PEOPLE).await {
        let desk = Receiver::answering(&[(503, "busy"), (200, "ok"), (404, "no_service")]).await;
        slack(&house, &desk.url, None).await;
        let boss = boss();
        let test = || {
            let channel = Channel::Work;
            house.core.ask(&boss, TestSlack { channel })
        };
        Box::pin(test()).await.expect("sent");
        house.pass(Duration::zero()).await;
        assert_eq!(desk.came().len(), 1);
        let waits = ListNotices {
            status: Some(NoticeStatus::Waiting),
            ..ListNotices::default()
        };
        let waits = house.core.ask(&boss, waits).await.expect("a list").webhooks;
        let now = house.core.clock().now();
        let next = waits[0].next.expect("it is tried again");
        assert!(next > now, "{next} is not over at {now}");
        house.pass(Duration::seconds(7)).await;
        assert_eq!(desk.came().len(), 2, "tried again, and taken");
        Box::pin(test()).await.expect("sent");
        house.pass(Duration::seconds(2)).await;
        assert_eq!(desk.came().len(), 3, "and then gone");
        house.sells_both().await;
        order(&house, "1", "open", "Summer").await;
        house.pass(Duration::hours(1)).await;
        assert_eq!(desk.came().len(), 3, "nobody is called who is gone");
    }
}

#[tokio::test]
async fn fifty_endpoints_that_never_answer_keep_no_other_waiting() {
    for house in House::sandboxes("notify_hanging", PEOPLE).await {
        // Connections are taken by the system, and nobody ever reads what they say.
        let deaf = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let deaf_url = format!("http://{}", deaf.local_addr().expect("an address"));
        let desk = Receiver::answering(&[]).await;
        let mut endpoints = Vec::new();
        for _ in 0..50 {
            endpoints.push(endpoint(&house, &deaf_url, &[]).await.view.endpoint_id);
        }
        endpoints.push(endpoint(&house, &desk.url, &[]).await.view.endpoint_id);
        for endpoint_id in endpoints {
            house
                .core
                .ask(&boss(), TestEndpoint { endpoint_id })
                .await
                .expect("sent");
        }
        let stop = tokio_util::sync::CancellationToken::new();
        let running = tokio::spawn(house.runner.clone().run(stop.clone()));
        // No call is given up before ten seconds: whoever had to wait for one would be later.
        let first = tokio::time::timeout(std::time::Duration::from_secs(9), desk.next()).await;
        assert!(first.is_ok(), "it had to wait for the others");
        assert_eq!(desk.came().len(), 1);
        stop.cancel();
        running.abort();
    }
}

#[tokio::test]
async fn what_a_tenant_wants_reviewed_waits_and_what_is_too_much_a_day_is_refused_and_told() {
    for house in House::sandboxes("notify_rules", PEOPLE).await {
        house.sells_both().await;
        let desk = Receiver::answering(&[]).await;
        let url = Secret::new(desk.url.as_str());
        set(&house, |features| {
            features.human_review_required = true;
            features.max_daily_budget = Some(400.into());
            features.slack_webhook_url = Some(url);
        })
        .await;
        let asked = order(&house, "1", "open", "Summer").await;
        assert_eq!(asked["status"], "submitted", "{asked:#}");
        house.pass(Duration::seconds(1)).await;
        let told = desk.came();
        assert_eq!(told.len(), 1);
        let text = told[0].json().to_string();
        assert!(text.contains("by configuration"), "{text}");

        // What is wanted later is reviewed too, and is no way around the limit of a day.
        let waits = house.core.ask(&boss(), ListApprovals::default()).await;
        let waits = waits.expect("a list").approvals.remove(0).approval;
        let agree = DecideApproval {
            approval_id: Some(waits.id),
            media_buy_id: None,
            say: Say::Approve,
            reason: None,
            expected_revision: None,
        };
        let agreed = house.core.ask(&boss(), agree).await.expect("agreed").buy;
        let package = &agreed.packages[0].id;
        let change = |key: &str, more: Value| {
            let mut whole = json!({
                "idempotency_key": format!("a-change-that-comes-later-{key}"),
                "account": {"brand": {"domain": "acme.example"}, "operator": "agency.example"},
                "media_buy_id": waits.buy_id,
            });
            let whole_of_it = whole.as_object_mut().expect("an object");
            whole_of_it.extend(more.as_object().expect("an object").clone());
            whole
        };
        for (key, more) in [
            (
                "dear",
                json!({"packages": [{"package_id": package, "budget": 13_000}]}),
            ),
            ("short", json!({"end_time": "2026-07-15T00:00:00Z"})),
        ] {
            let dear = change(key, more);
            house
                .agent(0)
                .refused("update_media_buy", &dear, "BUDGET_EXCEEDED")
                .await;
        }
        let more = json!({"packages": [{"package_id": package, "budget": 11_000}]});
        let asked = house
            .agent(0)
            .call("update_media_buy", &change("more", more))
            .await;
        assert!(asked["task_id"].is_string(), "{asked:#}");
        assert_eq!(asked["total_budget"], 10_000.0, "nothing is changed yet");
        house.pass(Duration::seconds(1)).await;
        let before = desk.came().len();

        let dear = json!({
            "idempotency_key": "tell-who-wants-to-know-2",
            "account": {"brand": {"domain": "acme.example"}, "operator": "agency.example"},
            "brand": {"domain": "acme.example"}, "name": "Autumn",
            "start_time": "2026-07-01T00:00:00Z", "end_time": "2026-07-03T00:00:00Z",
            "packages": [{"product_id": "open", "budget": 10_000, "pricing_option_id": "default"}],
        });
        house
            .agent(0)
            .refused("create_media_buy", &dear, "BUDGET_EXCEEDED")
            .await;
        house.pass(Duration::seconds(1)).await;
        let told = desk.came();
        assert!(
            told.len() > before,
            "those hear of it who look after the seller"
        );
        let text = told[told.len() - 1].json().to_string();
        assert!(
            text.contains("failed") && text.contains("EXCEEDED"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn an_endpoint_is_told_what_becomes_of_slots() {
    for house in House::sandboxes("notify_slots", PEOPLE).await {
        let desk = Receiver::answering(&[]).await;
        endpoint(&house, &desk.url, &[]).await;
        let day = json!([{"open": "09:00", "close": "17:00"}]);
        let fields = json!({
            "type": "room", "name": "Room 7", "timezone": "Europe/Berlin",
            "operatingHours": {"mon": day, "tue": day, "wed": day},
        });
        let call = async |name: &str, question: Value| {
            let entry = catalogue::find(name).expect("an operation");
            let question = serde_json::to_vec(&question).expect("JSON");
            let answer = (entry.call)(house.core.clone(), boss(), question, Terms::default()).await;
            house.pass(Duration::seconds(1)).await;
            serde_json::from_str::<Value>(&answer.expect(name).output).expect("JSON")
        };
        let made = call("slots.create_resource", fields).await;
        let id = &made["resource"]["id"];
        let list = json!({"resourceId": id, "from": "2026-06-16", "to": "2026-06-16"});
        let slots = call("slots.availability", list).await;
        let slot = |at: usize| slots["data"][at]["slotId"].clone();
        let booked = call(
            "slots.book",
            json!({"slotId": slot(0), "firstName": "Kim", "lastName": "Lee", "email": "kim@example.com"}),
        )
        .await;
        let booking = &booked["booking"]["id"];
        call(
            "slots.move",
            json!({"bookingId": booking, "slotId": slot(1)}),
        )
        .await;
        call("slots.hold", json!({"slotId": slot(2), "ttlSeconds": 60})).await;
        call("slots.cancel", json!({"bookingId": booking})).await;
        for _ in 0..6 {
            house.pass(Duration::seconds(30)).await;
        }
        let told: Vec<Value> = desk.came().iter().map(Came::json).collect();
        let names: Vec<_> = told.iter().map(|one| one["type"].clone()).collect();
        assert_eq!(
            names,
            [
                "bookings.confirmed",
                "bookings.rescheduled",
                "bookings.cancelled",
                "bookings.hold_expired"
            ]
        );
        let first = &told[0]["data"];
        assert_eq!(first["bookingId"], *booking);
        assert_eq!(first["email"], "kim@example.com");
        let moved = &told[1]["data"];
        assert_eq!(moved["from"]["startsAt"], "2026-06-16T09:00:00+02:00");
        assert_eq!(moved["to"]["startsAt"], "2026-06-16T10:00:00+02:00");
        assert_eq!(told[3]["data"]["resourceName"], "Room 7");
    }
}
