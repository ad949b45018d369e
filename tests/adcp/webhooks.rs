//! Webhooks: told once what became of a task, signed so that the receiver can check it, the same
//! bytes however often it takes, and never to where only we can reach.

use axum::http::Method;
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use flightdeck::{
    domain::{
        tenant::{
            caller::Caller,
            role::Role::{self, Admin, Buyer},
        },
        webhook::{legacy, notice::NoticeStatus},
    },
    engine::{
        creatives::decide::DecideCreative,
        webhooks::list::{ListNotices, NoticeView},
    },
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{
    agent::House,
    receiver::{Came, Receiver},
    schemas,
};

const PEOPLE: &[(&str, &str, Role)] = &[("main", "acme", Buyer), ("main", "rival", Buyer)];
const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn boss() -> Caller {
    Caller::new("boss", "main".parse().expect("a tenant"), Admin)
}

fn order(key: &str, product: &str, hook: &Value) -> Value {
    json!({
        "idempotency_key": format!("tell-me-about-it-{key}"),
        "account": {"brand": {"domain": "acme.example"}, "operator": "agency.example"},
        "brand": {"domain": "acme.example"},
        "start_time": "2026-07-01T00:00:00Z", "end_time": "2026-07-31T23:59:59Z",
        "packages": [{"product_id": product, "budget": 10_000, "pricing_option_id": "default"}],
        "push_notification_config": hook,
    })
}

async fn sent(house: &House) -> Vec<NoticeView> {
    let list = house.core.ask(&boss(), ListNotices::default()).await;
    list.expect("a list").webhooks
}

/// Checks a signature as its receiver would, with the key that everybody can read.
async fn check(house: &House, came: &Came, url: &str) {
    let agent = house.agent(0).at("/.well-known/jwks.json");
    let (status, _, body) = agent.without("authorization").raw(Method::GET, "").await;
    assert_eq!(status, 200);
    let keys: Value = serde_json::from_slice(&body).expect("JSON");
    let key = &keys["keys"][0];
    assert_eq!(key["adcp_use"], "webhook-signing");
    assert!(key.get("d").is_none(), "the private key stays here");
    let digest = STANDARD.encode(Sha256::digest(&came.body));
    let digest = format!("sha-256=:{digest}:");
    assert_eq!(came.header("content-digest"), digest);
    let params = came.header("signature-input").strip_prefix("sig1=");
    let params = params.expect("an input");
    assert!(
        params.contains(&format!("keyid={}", key["kid"])),
        "{params}"
    );
    let authority = url.trim_start_matches("http://").split('/').next();
    let base = format!(
        "\"@method\": POST\n\"@target-uri\": {url}\n\"@authority\": {}\n\
         \"content-type\": application/json\n\"content-digest\": {digest}\n\
         \"@signature-params\": {params}",
        authority.expect("a host"),
    );
    let signature = came.header("signature");
    let signature = signature.trim_start_matches("sig1=:").trim_end_matches(':');
    let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64");
    let public = URL_SAFE_NO_PAD.decode(key["x"].as_str().expect("x"));
    let public =
        ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, public.expect("base64"));
    assert!(public.verify(base.as_bytes(), &signature).is_ok(), "{base}");
}

#[tokio::test]
async fn an_order_is_told_once_signed_and_the_same_however_often_it_takes() {
    for house in House::sandboxes("webhooks", PEOPLE).await {
        house.sells_both().await;
        let buyer = Receiver::answering(&[(503, "busy"), (500, ""), (204, "")]).await;
        let url = format!("{}/hooks/anything", buyer.url);
        let hook = json!({"url": url, "operation_id": "op-7", "token": "say-this-back-to-me"});
        let agent = house.agent(0);
        let bought = agent
            .call("create_media_buy", &order("1", "open", &hook))
            .await;
        let again = agent
            .call("create_media_buy", &order("1", "open", &hook))
            .await;
        assert_eq!(again["replayed"], true);
        assert!(buyer.came().is_empty(), "not before it was committed");
        for seconds in [0, 1, 3, 600] {
            house.pass(chrono::Duration::seconds(seconds)).await;
        }
        let came = buyer.came();
        assert_eq!(came.len(), 3, "until it was taken, and no further");
        assert!(
            came.iter().all(|one| one.body == came[0].body),
            "byte for byte"
        );
        let nonces: Vec<&str> = came
            .iter()
            .map(|one| one.header("signature-input"))
            .collect();
        assert!(
            nonces[0] != nonces[1] && nonces[1] != nonces[2],
            "{nonces:?}"
        );
        check(&house, &came[2], &url).await;

        let told = came[0].json();
        let faults = schemas::faults("core/mcp-webhook-payload.json", &told);
        assert!(faults.is_empty(), "{faults:#?}\n{told:#}");
        assert_eq!(told["status"], "completed");
        assert_eq!(told["task_type"], "create_media_buy");
        assert_eq!(
            (&told["operation_id"], &told["token"]),
            (&json!("op-7"), &hook["token"])
        );
        assert_eq!(told["result"]["media_buy_id"], bought["media_buy_id"]);
        let kept = sent(&house).await;
        assert_eq!((kept.len(), kept[0].tries), (1, 3));
        assert_eq!(kept[0].status, NoticeStatus::Delivered);
        let rival = Caller::new("rival", "main".parse().expect("a tenant"), Buyer);
        let theirs = house.core.ask(&rival, ListNotices::default()).await;
        assert!(theirs.expect("a list").webhooks.is_empty());
    }
}

#[tokio::test]
async fn a_secret_that_the_buyer_gave_is_used_and_told_to_nobody() {
    for house in House::sandboxes("webhook_secrets", PEOPLE).await {
        house.sells_both().await;
        let buyer = Receiver::answering(&[]).await;
        for (key, scheme) in [("1", "HMAC-SHA256"), ("2", "Bearer")] {
            let hook = json!({"url": format!("{}/op-{key}", buyer.url),
                "authentication": {"schemes": [scheme], "credentials": SECRET}});
            let bought = house
                .agent(0)
                .call("create_media_buy", &order(key, "open", &hook))
                .await;
            assert!(!bought.to_string().contains(SECRET));
            house.pass(chrono::Duration::zero()).await;
        }
        let came = buyer.came();
        let at: i64 = came[0].header(legacy::TIMESTAMP).parse().expect("a time");
        let wanted = legacy::sign(SECRET, at, &came[0].body).expect("signed");
        assert_eq!(came[0].header(legacy::SIGNATURE), wanted);
        assert_eq!(came[1].header("authorization"), format!("Bearer {SECRET}"));
        for one in &came {
            assert_eq!(one.header("signature"), "", "one way or the other");
            assert!(!String::from_utf8_lossy(&one.body).contains(SECRET));
        }
        assert_eq!(
            came[1].json()["operation_id"],
            "op-2",
            "by the end of the address"
        );
        let kept = serde_json::to_string(&sent(&house).await).expect("JSON");
        assert!(!kept.contains(SECRET) && !kept.contains("op-2"), "{kept}");
    }
}

#[tokio::test]
async fn what_the_publisher_decides_and_every_later_change_is_told() {
    for house in House::sandboxes("webhook_tasks", PEOPLE).await {
        house.sells_both().await;
        let buyer = Receiver::answering(&[]).await;
        let hook = |name: &str| json!({"url": format!("{}/{name}", buyer.url)});
        let agent = house.agent(0);
        let news = async || {
            house.pass(chrono::Duration::zero()).await;
            let last = buyer.came().last().expect("news").json();
            let faults = schemas::faults("core/mcp-webhook-payload.json", &last);
            assert!(faults.is_empty(), "{faults:#?}\n{last:#}");
            last
        };
        let asked = agent
            .call("create_media_buy", &order("1", "promised", &hook("a")))
            .await;
        assert_eq!(asked["status"], "submitted");
        house.pass(chrono::Duration::zero()).await;
        assert!(buyer.came().is_empty(), "nothing has become of it yet");
        house
            .decide(&json!({"approval_id": asked["task_id"], "say": "approve"}))
            .await;
        let told = news().await;
        assert_eq!(
            (&told["status"], &told["task_id"]),
            (&json!("completed"), &asked["task_id"])
        );
        let id = told["result"]["media_buy_id"].clone();
        assert!(id.is_string(), "{told:#}");

        let no = agent
            .call("create_media_buy", &order("2", "promised", &hook("b")))
            .await;
        let say = json!({"approval_id": no["task_id"], "say": "reject", "reason": "sold out"});
        house.decide(&say).await;
        let told = news().await;
        assert_eq!(told["status"], "rejected");
        assert_eq!(told["result"]["errors"][0]["message"], "sold out");

        let pause = json!({"idempotency_key": "pause-and-tell-me-so", "media_buy_id": id,
            "account": {"brand": {"domain": "acme.example"}, "operator": "agency.example"},
            "paused": true, "push_notification_config": hook("c")});
        agent.call("update_media_buy", &pause).await;
        let told = news().await;
        assert_eq!(told["task_type"], "update_media_buy");
        assert_eq!(told["result"]["media_buy_id"], id);

        let sync = json!({"idempotency_key": "sync-and-tell-me-so-1",
            "account": {"brand": {"domain": "acme.example"}, "operator": "agency.example"},
            "creatives": [{"creative_id": "spot", "name": "Spot", "assets": {},
                "format_id": {"agent_url": "https://x.example", "id": "video_vast"}}],
            "push_notification_config": hook("d")});
        agent.call("sync_creatives", &sync).await;
        let told = news().await;
        assert_eq!(told["result"]["creatives"][0]["creative_id"], "spot");
        assert_eq!(buyer.came().len(), 4);
    }
}

fn spot(key: &str, ids: &[&str], hook: Option<&Value>) -> Value {
    let creative = |id: &&str| {
        json!({"creative_id": id, "name": format!("The {id}"), "assets": {},
            "format_id": {"agent_url": "https://x.example", "id": "video_vast"}})
    };
    let mut sync = json!({"idempotency_key": format!("bring-creatives-in-{key}"),
        "account": {"brand": {"domain": "acme.example"}, "operator": "agency.example"},
        "creatives": ids.iter().map(creative).collect::<Vec<_>>()});
    if let Some(hook) = hook {
        sync["push_notification_config"] = hook.clone();
    }
    sync
}

async fn look_over(house: &House, id: &str, status: &str, reason: Option<&str>) {
    let decide: DecideCreative = serde_json::from_value(json!({
        "owner": "acme", "creative_id": id, "status": status, "reason": reason,
    }))
    .expect("a decision");
    house.core.ask(&boss(), decide).await.expect("decided");
    house.pass(chrono::Duration::zero()).await;
}

#[tokio::test]
async fn what_is_decided_on_a_creative_later_is_told_to_whoever_brought_it_in() {
    for house in House::reviewing("webhook_creatives", PEOPLE).await {
        let buyer = Receiver::answering(&[]).await;
        let agent = house.agent(0);
        let hook = json!({"url": format!("{}/creatives", buyer.url), "operation_id": "op-9",
            "authentication": {"schemes": ["Bearer"], "credentials": SECRET}});
        let both = spot("both", &["film", "banner"], Some(&hook));
        let synced = agent.call("sync_creatives", &both).await;
        for one in synced["creatives"].as_array().expect("creatives") {
            assert_eq!(one["status"], "pending_review");
        }
        agent
            .call("sync_creatives", &spot("quiet", &["quiet"], None))
            .await;
        house.pass(chrono::Duration::zero()).await;
        look_over(&house, "quiet", "approved", None).await;
        assert_eq!(buyer.came().len(), 1, "told that two came in");

        look_over(&house, "film", "approved", None).await;
        look_over(&house, "banner", "rejected", Some("too loud")).await;
        look_over(&house, "film", "rejected", Some("the rights ended")).await;
        let told: Vec<Value> = buyer.came().iter().map(Came::json).collect();
        let of = |n: usize| &told[n]["result"]["creatives"][0];
        assert_eq!(told.len(), 4);
        for (n, id, status) in [
            (1, "film", "approved"),
            (2, "banner", "rejected"),
            (3, "film", "rejected"),
        ] {
            let one = &told[n];
            let faults = schemas::faults("core/mcp-webhook-payload.json", one);
            assert!(faults.is_empty(), "{faults:#?}\n{one:#}");
            let faults = schemas::faults("creative/sync-creatives-response.json", &one["result"]);
            assert!(faults.is_empty(), "{faults:#?}\n{one:#}");
            assert_eq!(
                (&of(n)["creative_id"], &of(n)["status"]),
                (&json!(id), &json!(status))
            );
            assert_eq!(
                one["task_id"], told[0]["task_id"],
                "of the task that brought it in"
            );
            assert_eq!(
                (&one["task_type"], &one["operation_id"]),
                (&json!("sync_creatives"), &json!("op-9"))
            );
            assert_ne!(one["idempotency_key"], told[n - 1]["idempotency_key"]);
        }
        assert_eq!(of(2)["rejection_reason"], "too loud");
        assert_eq!(told[3]["message"], "The film is rejected: the rights ended");
        assert_eq!(
            buyer.came()[3].header("authorization"),
            format!("Bearer {SECRET}")
        );
        let shelf = agent.call("list_creatives", &json!({})).await;
        assert!(
            !shelf.to_string().contains(SECRET),
            "kept apart from what is read"
        );

        look_over(&house, "banner", "archived", None).await;
        look_over(&house, "banner", "pending_review", None).await;
        look_over(&house, "banner", "approved", None).await;
        assert_eq!(
            buyer.came().len(),
            4,
            "what was put away is told of no more"
        );
    }
}

#[tokio::test]
async fn what_was_sent_is_kept_for_a_month_and_what_was_given_up_for_three() {
    for house in House::sandboxes("webhook_pruning", PEOPLE).await {
        house.sells_both().await;
        let taker = Receiver::answering(&[]).await;
        let mover = Receiver::answering(&[(302, "")]).await;
        let agent = house.agent(0);
        for (key, url) in [("1", &taker.url), ("2", &mover.url)] {
            let hook = json!({"url": format!("{url}/hook")});
            agent
                .call("create_media_buy", &order(key, "open", &hook))
                .await;
            house.pass(chrono::Duration::zero()).await;
        }
        let states = async || {
            let sent = sent(&house).await;
            sent.iter().map(|one| one.status).collect::<Vec<_>>()
        };
        let (delivered, dead) = (NoticeStatus::Delivered, NoticeStatus::Dead);
        assert_eq!(states().await.len(), 2);
        // It is swept once a day.
        for (days, left) in [
            (29, &[delivered, dead][..]),
            (2, &[dead]),
            (58, &[dead]),
            (2, &[]),
        ] {
            for _ in 0..days {
                house.pass(chrono::Duration::days(1)).await;
            }
            let mut found = states().await;
            found.sort_by_key(|one| *one == dead);
            assert_eq!(found, left, "after {days} more days");
        }
        assert_eq!(taker.came().len(), 1, "and nothing is sent again");
    }
}

#[tokio::test]
async fn nothing_is_sent_to_where_only_we_can_reach_nor_where_somebody_else_points() {
    for house in House::each("webhook_addresses", PEOPLE).await {
        house.sells_both().await;
        let agent = house.agent(0);
        for url in [
            "http://127.0.0.1:9/",
            "https://169.254.169.254/latest",
            "https://[::1]/",
            "http://buyer.example/",
            "nowhere",
        ] {
            let hook = json!({ "url": url });
            let order = order("1", "open", &hook);
            let error = agent
                .refused("create_media_buy", &order, "INVALID_REQUEST")
                .await;
            assert_eq!(error["field"], "push_notification_config.url", "{url}");
        }
        let dull = "a".repeat(32);
        for (secret, why) in [("short", "32 bytes at least"), (&*dull, "one character")] {
            let hook = json!({"url": "https://buyer.example/", "authentication":
                {"schemes": ["Bearer"], "credentials": secret}});
            let error = agent
                .refused(
                    "create_media_buy",
                    &order("1", "open", &hook),
                    "INVALID_REQUEST",
                )
                .await;
            assert_eq!(
                error["field"],
                "push_notification_config.authentication.credentials"
            );
            let said = error["message"].as_str().expect("a sentence");
            assert!(said.contains(why), "{said}");
        }
    }
    for house in House::sandboxes("webhook_redirects", PEOPLE).await {
        house.sells_both().await;
        let buyer = Receiver::answering(&[(302, "")]).await;
        let hook = json!({"url": format!("{}/moved", buyer.url)});
        house
            .agent(0)
            .call("create_media_buy", &order("1", "open", &hook))
            .await;
        for _ in 0..3 {
            house.pass(chrono::Duration::days(1)).await;
        }
        assert_eq!(buyer.came().len(), 1, "not followed, and not tried again");
        assert_eq!(sent(&house).await[0].status, NoticeStatus::Dead);
    }
}
