//! The bookings document, field by field: what it prints is sent as it stands, and what it
//! promises is what comes back, at every stage of a job.

use serde_json::{Value, json};

use crate::house::{House, NOW, Plan, booking, cents, get, post, post_nothing, post_raw, seed};

/// The body of the document's curl command, to the letter.
const PRINTED: &str = r#"{
"brief": {
"name": "Q3 Awareness Push",
"objectives": ["brand_awareness"],
"budget": 25000,
"start_date": "2026-07-01",
"end_date": "2026-09-30",
"target_audience": {
"demographics": {"age": "18-34"},
"interests": ["gaming", "technology"]
},
"kpis": {"target_cpm": 10}
},
"auto_approve": false
}"#;

/// A field and what it may be: one letter for each of text, whole number, number, boolean, list,
/// object, null.
type Shape = &'static [(&'static str, &'static str)];

const BOOKING_STATUS: Shape = &[
    ("job_id", "t"),
    ("status", "t"),
    ("progress", "wn"),
    ("budget_allocations", "o0"),
    ("recommendations", "l0"),
    ("booked_lines", "l0"),
    ("errors", "l0"),
    ("created_at", "t"),
    ("updated_at", "t"),
];
const ALLOCATION: Shape = &[
    ("channel", "t"),
    ("budget", "wn"),
    ("percentage", "wn"),
    ("rationale", "t"),
];
const RECOMMENDATION: Shape = &[
    ("product_id", "t"),
    ("product_name", "t"),
    ("publisher", "t"),
    ("channel", "t"),
    ("format", "t0"),
    ("impressions", "w"),
    ("cpm", "wn"),
    ("cost", "wn"),
    ("targeting", "o0"),
    ("priority", "w"),
    ("status", "t"),
    ("rationale", "t0"),
];
const BOOKED_LINE: Shape = &[
    ("line_id", "t"),
    ("order_id", "t"),
    ("product_id", "t"),
    ("product_name", "t"),
    ("channel", "t"),
    ("impressions", "w"),
    ("cost", "wn"),
    ("booking_status", "t"),
    ("booked_at", "t"),
];

fn letter(value: &Value) -> char {
    match value {
        Value::String(_) => 't',
        Value::Number(number) if number.is_u64() => 'w',
        Value::Number(_) => 'n',
        Value::Bool(_) => 'b',
        Value::Array(_) => 'l',
        Value::Object(_) => 'o',
        Value::Null => '0',
    }
}

#[track_caller]
fn has(value: &Value, shape: Shape) {
    for (name, may) in shape {
        let field = value
            .get(name)
            .unwrap_or_else(|| panic!("no {name}: {value}"));
        assert!(may.contains(letter(field)), "{name} is {field}");
    }
}

fn instant(value: &Value) -> chrono::DateTime<chrono::Utc> {
    let text = value.as_str().expect("text");
    assert!(text.ends_with('Z') && text.contains('T'), "{text}");
    text.parse().expect("RFC 3339")
}

/// Asserts the shape of a job, and which of its parts are there.
#[track_caller]
fn is_at(job: &Value, status: &str, parts: [bool; 3]) {
    has(job, BOOKING_STATUS);
    assert_eq!(job["status"], status, "{job}");
    let names = ["budget_allocations", "recommendations", "booked_lines"];
    let there = names.map(|name| !job[name].is_null());
    assert_eq!(there, parts, "{names:?} of {job}");
    assert!(instant(&job["updated_at"]) >= instant(&job["created_at"]));
    for (channel, one) in job["budget_allocations"].as_object().into_iter().flatten() {
        has(one, ALLOCATION);
        assert_eq!(one["channel"], *channel);
    }
    for one in job["recommendations"].as_array().into_iter().flatten() {
        has(one, RECOMMENDATION);
    }
}

fn ids(job: &Value) -> Vec<String> {
    let all = job["recommendations"].as_array().expect("recommendations");
    let id = |one: &Value| one["product_id"].as_str().expect("an id").to_owned();
    all.iter().map(id).collect()
}

fn sum(all: &Value, field: &str) -> f64 {
    let all = all.as_array().expect("a list").iter();
    all.map(|one| one[field].as_f64().expect("a number")).sum()
}

#[track_caller]
fn same(left: &Value, right: f64) {
    let left = left.as_f64().expect("a number");
    assert!((left - right).abs() < 0.001, "{left} is not {right}");
}

#[tokio::test]
async fn the_printed_request_starts_a_job() {
    let house = House::open().await;
    let reply = house.ask(post_raw("/bookings", PRINTED)).await;
    let answer = reply.ok();
    assert_eq!(reply.header("content-type"), "application/json");
    let id = answer["job_id"].as_str().expect("text");
    assert_eq!(reply.header("location"), format!("/bookings/{id}"));
    assert_eq!(uuid::Uuid::parse_str(id).expect("a UUID").to_string(), id);
    assert_eq!(answer["status"], "pending");
    let message = answer["message"].as_str().expect("text");
    assert!(message.contains(&format!("/bookings/{id}")), "{message}");
    let job = house.job(id).await;
    is_at(&job, "pending", [false; 3]);
    assert_eq!(job["progress"], 0.0);
    assert_eq!(job["errors"], Value::Null);
    assert_eq!(job["brief"], seed()["brief"], "kept as it was sent");
    assert_eq!(
        instant(&job["created_at"]),
        NOW.parse::<chrono::DateTime<chrono::Utc>>().expect("now")
    );
}

#[tokio::test]
async fn channels_may_be_named_and_only_they_are_used() {
    let house = House::open().await;
    let all = house.send_and_settle(&json!({})).await;
    let all = house.job(&all).await;
    assert_eq!(
        all["budget_allocations"].as_object().expect("object").len(),
        3,
        "anywhere: {all}"
    );
    let named = json!({"channels": ["ctv", "mobile_app"]});
    let id = house.send_and_settle(&named).await;
    let job = house.job(&id).await;
    let spread = job["budget_allocations"].as_object().expect("an object");
    assert_eq!(spread.keys().collect::<Vec<_>>(), ["ctv", "mobile_app"]);
    for one in job["recommendations"].as_array().expect("a list") {
        assert!(spread.contains_key(one["channel"].as_str().expect("text")));
    }
}

#[tokio::test]
async fn a_job_shows_every_stage() {
    let house = House::open().await;
    let mut progress = -1.0;
    let mut forward = |job: &Value| {
        let now = job["progress"].as_f64().expect("a number");
        assert!(
            (0.0..=1.0).contains(&now) && now >= progress,
            "{now} after {progress}"
        );
        progress = now;
    };
    let id = house.send(&json!({})).await;
    let job = house.job(&id).await;
    is_at(&job, "pending", [false; 3]);
    forward(&job);

    house.settle().await;
    let job = house.job(&id).await;
    is_at(&job, "awaiting_approval", [true, true, false]);
    forward(&job);
    let spread: Vec<&Value> = job["budget_allocations"]
        .as_object()
        .expect("object")
        .values()
        .collect();
    let budgets: f64 = spread
        .iter()
        .map(|it| it["budget"].as_f64().expect("number"))
        .sum();
    same(&json!(budgets), 25_000.0);
    let percent: f64 = spread
        .iter()
        .map(|it| it["percentage"].as_f64().expect("number"))
        .sum();
    same(&json!(percent), 100.0);
    assert!(sum(&job["recommendations"], "cost") <= 25_000.0);
    for one in job["recommendations"].as_array().expect("a list") {
        assert_eq!(one["status"], "pending_approval");
    }

    let chosen = &ids(&job)[..2];
    let path = format!("/bookings/{id}/approve");
    let reply = house
        .ask(post(&path, &json!({"approved_product_ids": chosen})))
        .await;
    let going = reply.is(202);
    assert_eq!(
        (going["approved_count"].clone(), going["booked"].clone()),
        (json!(2), json!(0))
    );
    let job = house.job(&id).await;
    is_at(&job, "running", [true; 3]);
    forward(&job);

    house.settle().await;
    let job = house.job(&id).await;
    is_at(&job, "completed", [true; 3]);
    forward(&job);
    assert_eq!(job["progress"], 1.0);
    assert_eq!(job["errors"], Value::Null);
    let lines = job["booked_lines"].as_array().expect("a list");
    assert_eq!(lines.len(), 2);
    for line in lines {
        has(line, BOOKED_LINE);
        assert_eq!(line["booking_status"], "Booked");
        instant(&line["booked_at"]);
    }
    for one in job["recommendations"].as_array().expect("a list") {
        let chosen = chosen.iter().any(|id| one["product_id"] == **id);
        assert_eq!(one["status"], if chosen { "approved" } else { "rejected" });
    }
}

#[tokio::test]
async fn an_approval_answers_with_what_was_booked() {
    let plan = Plan {
        approve_wait: std::time::Duration::from_secs(30),
        ..Plan::default()
    };
    let house = House::build(plan).await;
    let id = house.send_and_settle(&json!({})).await;
    let job = house.job(&id).await;
    let some = json!({"approved_product_ids": [ids(&job)[0], ids(&job)[1]]});
    let asked = house.ask(post(&format!("/bookings/{id}/approve"), &some));
    let answer = house.working(asked).await.ok();
    let job = house.job(&id).await;
    assert_eq!(
        answer
            .as_object()
            .expect("an object")
            .keys()
            .collect::<Vec<_>>(),
        ["approved_count", "booked", "status", "total_cost"]
    );
    assert_eq!(answer["status"], "success");
    assert_eq!(
        (answer["approved_count"].clone(), answer["booked"].clone()),
        (json!(2), json!(2))
    );
    same(&answer["total_cost"], sum(&job["booked_lines"], "cost"));

    let id = house.send_and_settle(&json!({})).await;
    let asked = house.ask(post_nothing(&format!("/bookings/{id}/approve-all")));
    let answer = house.working(asked).await.ok();
    let job = house.job(&id).await;
    assert_eq!(
        answer
            .as_object()
            .expect("an object")
            .keys()
            .collect::<Vec<_>>(),
        ["booked", "status", "total_cost", "total_impressions"]
    );
    assert_eq!(answer["status"], "success");
    assert_eq!(answer["booked"], ids(&job).len());
    same(&answer["total_cost"], sum(&job["booked_lines"], "cost"));
    same(
        &answer["total_impressions"],
        sum(&job["booked_lines"], "impressions"),
    );
}

#[tokio::test]
async fn none_approved_completes_the_job_with_nothing_booked() {
    let house = House::open().await;
    let id = house.send_and_settle(&json!({})).await;
    let none = json!({"approved_product_ids": []});
    let answer = house
        .ask(post(&format!("/bookings/{id}/approve"), &none))
        .await
        .ok();
    assert_eq!(cents(&answer["total_cost"]), 0);
    assert_eq!(
        (
            answer["status"].clone(),
            answer["approved_count"].clone(),
            answer["booked"].clone()
        ),
        (json!("success"), json!(0), json!(0))
    );
    let job = house.job(&id).await;
    is_at(&job, "completed", [true; 3]);
    assert_eq!(
        (job["booked_lines"].clone(), job["progress"].clone()),
        (json!([]), json!(1.0))
    );
    assert_eq!(house.committed().await, 0);
    assert!(house.seller.held().is_empty());
}

#[tokio::test]
async fn what_is_approved_in_advance_needs_nobody() {
    let house = House::open().await;
    let id = house.send_and_settle(&json!({"auto_approve": true})).await;
    let job = house.job(&id).await;
    is_at(&job, "completed", [true; 3]);
    assert_eq!(job["approval"]["automatic"], true);
    assert_eq!(
        job["booked_lines"].as_array().map(Vec::len),
        Some(ids(&job).len())
    );
}

#[tokio::test]
async fn jobs_are_listed_by_status_and_counted_in_all() {
    let house = House::open().await;
    let empty = house.ask(get("/bookings")).await.ok();
    assert_eq!(empty, json!({"jobs": [], "total": 0}));
    let mut sent = Vec::new();
    for n in 0..25 {
        sent.push(
            house
                .send(&json!({"name": format!("Campaign {n:02}")}))
                .await,
        );
        house.clock.advance(chrono::Duration::seconds(1));
    }
    sent.reverse();
    let listed = |page: &Value| -> Vec<String> {
        let jobs = page["jobs"].as_array().expect("a list");
        jobs.iter()
            .map(|job| job["job_id"].as_str().expect("an id").to_owned())
            .collect()
    };
    let page = house.ask(get("/bookings")).await.ok();
    assert_eq!(
        (page["total"].clone(), listed(&page)),
        (json!(25), sent[..20].to_vec())
    );
    for job in page["jobs"].as_array().expect("a list") {
        has(
            job,
            &[
                ("job_id", "t"),
                ("status", "t"),
                ("campaign_name", "t"),
                ("budget", "wn"),
                ("created_at", "t"),
            ],
        );
        instant(&job["created_at"]);
    }
    let cursor = page["next_cursor"].as_str().expect("there is more");
    let rest = house
        .ask(get(&format!("/bookings?cursor={cursor}")))
        .await
        .ok();
    assert_eq!(
        (listed(&rest), rest.get("next_cursor")),
        (sent[20..].to_vec(), None)
    );

    house.settle().await;
    house
        .ask(post_nothing(&format!("/bookings/{}/cancel", sent[0])))
        .await
        .ok();
    let path = "/bookings?status=awaiting_approval&limit=5";
    let page = house.ask(get(path)).await.ok();
    assert_eq!(
        (page["total"].clone(), listed(&page)),
        (json!(24), sent[1..6].to_vec())
    );
    for (status, total) in [
        ("failed", 1),
        ("completed", 0),
        ("pending", 0),
        ("running", 0),
    ] {
        let page = house
            .ask(get(&format!("/bookings?status={status}")))
            .await
            .ok();
        assert_eq!(page["total"], total, "{status}");
    }
    let none = house.ask(get("/bookings?limit=0")).await.ok();
    assert_eq!((none["total"].clone(), listed(&none).len()), (json!(25), 0));
}

#[tokio::test]
async fn every_order_of_a_list_pages_without_gap_or_double() {
    let house = House::open().await;
    for n in 0..7 {
        let name = ["zeta", "Alpha", "beta"][n % 3];
        house
            .send(&json!({"name": name, "budget": 1_000 + 500 * (n % 2)}))
            .await;
    }
    for sort in ["created", "updated", "name", "budget", "status"] {
        for order in ["asc", "desc"] {
            let (mut seen, mut cursor) = (Vec::new(), String::new());
            loop {
                let path = format!("/bookings?limit=2&sort={sort}&order={order}{cursor}");
                let page = house.ask(get(&path)).await.ok();
                for job in page["jobs"].as_array().expect("a list") {
                    seen.push(job["job_id"].to_string());
                }
                let Some(next) = page.get("next_cursor") else {
                    break;
                };
                cursor = format!("&cursor={}", next.as_str().expect("text"));
            }
            seen.sort();
            seen.dedup();
            assert_eq!(seen.len(), 7, "{sort} {order}");
        }
    }
}

#[tokio::test]
async fn health_says_that_the_server_can_work() {
    let house = House::open().await;
    let health = house.ask(get("/health")).await.ok();
    assert_eq!(health["status"], "healthy");
    assert_eq!(health["version"], env!("CARGO_PKG_VERSION"));
    let database = health["database"].as_str().expect("text");
    assert!(
        database.starts_with("SQLite 3.") && !database.contains('/'),
        "{database}"
    );
}

#[tokio::test]
async fn what_was_begun_already_is_planned_from_today_and_said_so() {
    let house = House::open().await;
    let begun = booking(&json!({"start_date": "2026-06-01"}));
    let answer = house.ask(post("/bookings", &begun)).await.ok();
    let note = answer["notes"][0].as_str().expect("a note");
    assert!(
        note.contains("2026-06-15") && note.contains("2026-06-01"),
        "{note}"
    );
    let job = house.job(answer["job_id"].as_str().expect("an id")).await;
    assert_eq!(
        (
            job["start_date"].clone(),
            job["brief"]["start_date"].clone()
        ),
        (json!("2026-06-15"), json!("2026-06-01"))
    );
}
