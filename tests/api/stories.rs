//! What happens to jobs, told once and played on both databases: decisions that race, money that
//! runs out and comes back, sellers that refuse, fail and recover, and flights that end.

use std::sync::Arc;

use flightdeck::{
    api::auth::Keys,
    domain::{
        booking::job::JobStatus,
        tenant::{caller::Caller, role::Role},
    },
    engine::bookings::{settled::wait, view::JobView},
};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::{
    fake_seller::{Asked, FakeSeller, Held, Mood, catalogue, product},
    house::{House, Plan, booking, cents, get, key, now, post, post_nothing},
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

stories!(
    two_approvers_at_once_are_one_decision,
    a_decision_is_made_once,
    the_tenants_budget_is_a_wall,
    approvals_at_once_do_not_climb_over_the_wall,
    advance_approval_obeys_the_wall_and_leaves_it_to_a_person,
    a_line_that_fails_gives_its_money_back,
    nothing_booked_is_a_failure_and_costs_nothing,
    a_channel_fails_alone,
    nothing_to_approve_is_a_failure_with_its_reason,
    a_seller_that_cannot_now_is_asked_again,
    a_seller_that_never_answers_is_given_up,
    a_reservation_that_cannot_be_released_is_not_forgotten,
    a_job_can_be_called_off_until_it_books,
    a_job_called_off_in_the_middle_stays_so,
    a_failed_job_is_tried_again_once,
    a_flight_that_ended_is_not_tried_again,
    a_flight_that_ends_before_its_turn_fails_validation,
    a_flight_that_ended_is_not_booked,
    two_sellers_of_one_product_are_told_apart,
    a_queue_of_briefs_is_worked_off_without_a_pause,
    what_was_approved_goes_first,
    prices_that_were_talked_about_are_numbers,
    a_flight_that_began_meanwhile_is_booked_from_today,
    why_nothing_can_be_bought_is_counted,
    the_feed_tells_everything_in_order,
    the_trail_tells_who_did_what,
);

async fn house(url: Option<String>) -> House {
    House::build(Plan {
        url,
        ..Plan::default()
    })
    .await
}

fn approve(id: &str, ids: &Value) -> crate::house::Ask {
    post(
        &format!("/bookings/{id}/approve"),
        &json!({"approved_product_ids": ids}),
    )
}

fn approve_all(id: &str) -> crate::house::Ask {
    post_nothing(&format!("/bookings/{id}/approve-all"))
}

async fn set_budget(house: &House, limit: &Value) {
    house
        .ask(post("/rpc/tenant.set_budget", &json!({"limit": limit})))
        .await
        .ok();
}

/// What the job's recommendations cost together.
fn cost(job: &Value) -> f64 {
    let all = job["recommendations"]
        .as_array()
        .expect("recommendations")
        .iter();
    all.map(|one| one["cost"].as_f64().expect("a number")).sum()
}

async fn names(house: &House, id: &str) -> Vec<String> {
    let events = house.ask(get(&format!("/bookings/{id}/events"))).await.ok();
    let events = events["events"].as_array().expect("a list").clone();
    events
        .iter()
        .map(|one| one["event"].as_str().expect("a name").to_owned())
        .collect()
}

async fn two_approvers_at_once_are_one_decision(url: Option<String>) {
    let mut keys = Keys::default();
    let people = ["ann", "bob"].map(|name| key(&mut keys, "main", name, Role::Approver, &[]));
    let house = House::build(Plan {
        url,
        keys,
        ..Plan::default()
    })
    .await;
    for _ in 0..8 {
        let body = booking(&json!({"budget": 100}));
        let id = house
            .ask(post("/bookings", &body).key(&people[0]))
            .await
            .ok()["job_id"]
            .clone();
        let id = id.as_str().expect("an id").to_owned();
        house.settle().await;
        let (one, other) = tokio::join!(
            house.ask(approve_all(&id).key(&people[0])),
            house.ask(approve(&id, &json!([])).key(&people[1])),
        );
        let won = [one.status < 300, other.status < 300];
        assert!(won[0] != won[1], "{one:?} {other:?}");
        let (loser, winner) = if won[0] {
            (&other, "ann")
        } else {
            (&one, "bob")
        };
        let said = loser.is(409);
        assert_eq!(said["error"]["code"], "ALREADY_DECIDED");
        assert_eq!(said["error"]["details"]["decided_by"], winner);
        assert!(
            said["detail"]
                .as_str()
                .expect("text")
                .contains(&format!("{winner} decided"))
        );
        house.settle().await;
        let job = house
            .ask(get(&format!("/bookings/{id}")).key(&people[0]))
            .await
            .ok();
        assert_eq!(
            (job["approval"]["by"].clone(), job["status"].clone()),
            (json!(winner), json!("completed"))
        );
        let decided: Vec<_> = house
            .audit("main", 0)
            .await
            .into_iter()
            .filter(|line| {
                line.entry.action == "bookings.approve"
                    && line.entry.object.as_deref() == Some(&format!("job/{id}"))
            })
            .map(|line| line.entry.outcome.name())
            .collect();
        assert_eq!(decided.len(), 2);
        assert_eq!(decided.iter().filter(|it| **it == "done").count(), 1);
    }
}

async fn a_decision_is_made_once(url: Option<String>) {
    let house = house(url).await;
    let id = house.send(&json!({})).await;
    let early = house.refused(approve_all(&id), 409, "INVALID_STATUS").await;
    assert_eq!(early.json()["error"]["details"]["status"], "pending");
    house.settle().await;
    house.ask(approve(&id, &json!(["prod_001"]))).await.is(202);
    house
        .refused(approve(&id, &json!(["prod_001"])), 409, "ALREADY_DECIDED")
        .await;
    house
        .refused(
            post_nothing(&format!("/bookings/{id}/cancel")),
            409,
            "INVALID_STATUS",
        )
        .await;
    house.settle().await;
    house
        .refused(approve(&id, &json!([])), 409, "ALREADY_DECIDED")
        .await;
    house
        .refused(approve_all(&id), 409, "ALREADY_DECIDED")
        .await;
    assert_eq!(house.seller.held(), [("prod_001".to_owned(), Held::Booked)]);
}

async fn the_tenants_budget_is_a_wall(url: Option<String>) {
    let house = house(url).await;
    let id = house
        .send_and_settle(&json!({"budget": 1000, "channels": ["ctv"]}))
        .await;
    let cost = cost(&house.job(&id).await);
    set_budget(&house, &json!(10)).await;
    let reply = house
        .refused(approve_all(&id), 409, "TENANT_BUDGET_EXCEEDED")
        .await;
    let details = reply.json()["error"]["details"].clone();
    assert_eq!(
        (cents(&details["committed"]), cents(&details["limit"])),
        (0, 1_000)
    );
    assert_eq!(house.job(&id).await["status"], "awaiting_approval");
    house.ask(approve(&id, &json!([]))).await.ok();

    let id = house
        .send_and_settle(&json!({"budget": 1000, "channels": ["ctv"]}))
        .await;
    set_budget(&house, &json!(1000)).await;
    house.ask(approve_all(&id)).await.is(202);
    assert_eq!(house.committed().await, cents(&json!(cost)));
    set_budget(&house, &json!(0)).await;
    house.settle().await;
    assert_eq!(
        house.job(&id).await["status"],
        "completed",
        "what is committed is kept"
    );
    let late = house.send_and_settle(&json!({"budget": 1000})).await;
    let reply = house
        .refused(approve_all(&late), 409, "TENANT_BUDGET_EXCEEDED")
        .await;
    let said = reply.json()["detail"].as_str().expect("text").to_owned();
    assert!(said.contains("passed by") && !said.contains('-'), "{said}");
    let other = house.send_and_settle(&json!({"budget": 1000})).await;
    house
        .refused(approve_all(&other), 409, "TENANT_BUDGET_EXCEEDED")
        .await;
    let euros = house
        .ask(post("/rpc/tenant.get_budget", &json!({"currency": "EUR"})))
        .await
        .ok();
    assert_eq!(
        (euros["limit"].clone(), cents(&euros["committed"])),
        (Value::Null, 0)
    );
}

async fn approvals_at_once_do_not_climb_over_the_wall(url: Option<String>) {
    let house = house(url).await;
    set_budget(&house, &json!(1000)).await;
    for round in 0..3 {
        let mut jobs = Vec::new();
        for _ in 0..4 {
            jobs.push(
                house
                    .send_and_settle(&json!({"budget": 600, "channels": ["ctv"]}))
                    .await,
            );
        }
        let asks = jobs.iter().map(|id| house.ask(approve_all(id)));
        let replies = futures_util::future::join_all(asks).await;
        let won = replies.iter().filter(|reply| reply.status == 202).count();
        assert_eq!(won, usize::from(round == 0), "{replies:?}");
        for reply in replies.iter().filter(|reply| reply.status != 202) {
            assert_eq!(
                (reply.status, reply.code()),
                (409, "TENANT_BUDGET_EXCEEDED".into())
            );
        }
        assert!(house.committed().await <= 100_000);
    }
}

async fn advance_approval_obeys_the_wall_and_leaves_it_to_a_person(url: Option<String>) {
    let house = house(url).await;
    set_budget(&house, &json!(10)).await;
    let id = house
        .send_and_settle(&json!({"auto_approve": true, "budget": 1000}))
        .await;
    let job = house.job(&id).await;
    assert_eq!(
        (job["status"].clone(), job["approval"].clone()),
        (json!("awaiting_approval"), Value::Null)
    );
    let said = job["errors"][0].as_str().expect("a reason");
    assert!(
        said.starts_with("Not approved automatically") && said.contains("budget"),
        "{said}"
    );
    assert!(
        names(&house, &id)
            .await
            .contains(&"bookings.auto_approve_refused".to_owned())
    );
    set_budget(&house, &json!(1000)).await;
    house.ask(approve_all(&id)).await.is(202);
    house.settle().await;
    assert_eq!(house.job(&id).await["status"], "completed");
}

async fn a_line_that_fails_gives_its_money_back(url: Option<String>) {
    let house = house(url).await;
    house
        .seller
        .mood(Asked::Reserve, "prod_001", Mood::Refuses("sold out"));
    house.seller.mood(
        Asked::Book,
        "prod_003",
        Mood::Refuses("the order was rejected"),
    );
    let id = house.send_and_settle(&json!({})).await;
    house
        .ask(approve(&id, &json!(["prod_001", "prod_002", "prod_003"])))
        .await
        .is(202);
    house.settle().await;
    let job = house.job(&id).await;
    assert_eq!(job["status"], "completed");
    let lines = job["booked_lines"].as_array().expect("a list");
    let line = |id: &str| {
        lines
            .iter()
            .find(|one| one["product_id"] == id)
            .expect("a line")
    };
    assert_eq!(
        (
            line("prod_001")["error"].clone(),
            line("prod_001")["line_id"].clone()
        ),
        (json!("sold out"), Value::Null)
    );
    assert_eq!(line("prod_003")["error"], "the order was rejected");
    assert_eq!(line("prod_003")["booked_at"], Value::Null);
    assert_eq!(line("prod_002")["booking_status"], "Booked");
    assert_eq!(job["errors"].as_array().map(Vec::len), Some(2), "{job}");
    assert_eq!(house.committed().await, cents(&line("prod_002")["cost"]));
    let held = [
        ("prod_002".to_owned(), Held::Booked),
        ("prod_003".to_owned(), Held::Released),
    ];
    assert_eq!(house.seller.held(), held);
}

async fn nothing_booked_is_a_failure_and_costs_nothing(url: Option<String>) {
    let plan = Plan {
        url,
        approve_wait: std::time::Duration::from_secs(30),
        ..Plan::default()
    };
    let house = House::build(plan).await;
    house
        .seller
        .mood(Asked::Reserve, "", Mood::Refuses("closed for the season"));
    let id = house.send_and_settle(&json!({})).await;
    let asked = house.ask(approve(&id, &json!(["prod_001", "prod_003"])));
    let answer = house.working(asked).await.ok();
    assert_eq!(
        (answer["status"].clone(), answer["approved_count"].clone()),
        (json!("failed"), json!(2))
    );
    assert_eq!(
        (answer["booked"].clone(), cents(&answer["total_cost"])),
        (json!(0), 0)
    );
    assert_eq!(answer["failed"][0]["error"], "closed for the season");
    let job = house.job(&id).await;
    assert_eq!(job["status"], "failed");
    assert_eq!(house.committed().await, 0);
}

async fn a_channel_fails_alone(url: Option<String>) {
    let house = house(url).await;
    let why = "no talks about television";
    house
        .seller
        .mood(Asked::Answer, "prod_001", Mood::Refuses(why));
    let talks = json!({"negotiation": {}, "channels": ["ctv", "branding"]});
    let id = house.send_and_settle(&talks).await;
    let job = house.job(&id).await;
    assert_eq!(job["status"], "awaiting_approval");
    let errors = job["errors"].as_array().expect("a list");
    assert_eq!(errors.len(), 1);
    let said = errors[0].as_str().expect("text");
    assert!(said.contains("ctv") && said.contains(why), "{said}");
    for one in job["recommendations"].as_array().expect("a list") {
        assert_eq!(one["channel"], "branding");
    }
    house.ask(approve_all(&id)).await.is(202);
    house.settle().await;
    assert_eq!(house.job(&id).await["status"], "completed");
}

async fn nothing_to_approve_is_a_failure_with_its_reason(url: Option<String>) {
    let house = house(url).await;
    house.seller.mood(Asked::Answer, "", Mood::Refuses("no"));
    let all_failed = house.send_and_settle(&json!({"negotiation": {}})).await;
    let unsold = house
        .send_and_settle(&json!({"channels": ["linear_tv"]}))
        .await;
    let dear = house
        .send_and_settle(&json!({"kpis": {"max_cpm": 0.01}}))
        .await;
    let poor = house.send_and_settle(&json!({"budget": 0.01})).await;
    for (id, events) in [
        (all_failed, "nothing to approve"),
        (unsold, ""),
        (dear, ""),
        (poor, ""),
    ] {
        let job = house.job(&id).await;
        assert_eq!(
            (job["status"].clone(), job["execution_status"].clone()),
            (json!("failed"), json!("failed")),
            "{job}"
        );
        let last = job["errors"]
            .as_array()
            .and_then(|all| all.last())
            .expect("a reason")
            .clone();
        let last = last.as_str().expect("text");
        assert!(last.len() > 20 && last.contains(events), "{last}");
        assert!(job["progress"].as_f64().expect("a number") < 1.0);
        house
            .refused(approve(&id, &json!([])), 409, "INVALID_STATUS")
            .await;
    }
    house
        .seller
        .mood(Asked::Shelf, "", Mood::Refuses("no contract"));
    let id = house.send_and_settle(&json!({})).await;
    let job = house.job(&id).await;
    assert_eq!(job["status"], "failed");
    assert!(
        job["errors"][0]
            .as_str()
            .expect("text")
            .contains("no contract")
    );
}

async fn a_seller_that_cannot_now_is_asked_again(url: Option<String>) {
    let house = house(url).await;
    house.seller.mood(Asked::Shelf, "", Mood::FailsTimes(2));
    house
        .seller
        .mood(Asked::Reserve, "prod_003", Mood::FailsTimes(3));
    house
        .seller
        .mood(Asked::Book, "prod_001", Mood::FailsTimes(3));
    let id = house.send_and_settle(&json!({})).await;
    assert_eq!(
        house.job(&id).await["status"],
        "pending",
        "nothing is lost by a failure"
    );
    let tasks = house
        .ask(post("/rpc/activity.tasks", &json!({})))
        .await
        .ok();
    assert_eq!(
        tasks["tasks"][0]["last_error"],
        "the seller does not answer"
    );
    house.settle_over(3).await;
    assert_eq!(house.job(&id).await["status"], "awaiting_approval");
    house
        .ask(approve(&id, &json!(["prod_001", "prod_002", "prod_003"])))
        .await
        .is(202);
    house.settle().await;
    assert_eq!(house.job(&id).await["status"], "running");
    house.settle_over(8).await;
    let job = house.job(&id).await;
    assert_eq!(
        (job["status"].clone(), job["errors"].clone()),
        (json!("completed"), Value::Null),
        "{job}"
    );
    let held = ["prod_001", "prod_002", "prod_003"].map(|id| (id.to_owned(), Held::Booked));
    assert_eq!(house.seller.held(), held);
}

async fn a_seller_that_never_answers_is_given_up(url: Option<String>) {
    let house = house(url).await;
    let id = house.send_and_settle(&json!({})).await;
    house
        .seller
        .mood(Asked::Book, "prod_001", Mood::FailsTimes(u32::MAX));
    house
        .ask(approve(&id, &json!(["prod_001", "prod_003"])))
        .await
        .is(202);
    house.settle_over(20).await;
    let job = house.job(&id).await;
    assert_eq!(job["status"], "completed", "{job}");
    let booked: Vec<&Value> = job["booked_lines"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|line| line["booking_status"] == "Booked")
        .collect();
    assert_eq!(
        (booked.len(), booked[0]["product_id"].clone()),
        (1, json!("prod_003"))
    );
    assert_eq!(house.committed().await, cents(&booked[0]["cost"]));
    let held = [
        ("prod_001".to_owned(), Held::Released),
        ("prod_003".to_owned(), Held::Booked),
    ];
    assert_eq!(house.seller.held(), held);

    house
        .seller
        .mood(Asked::Shelf, "", Mood::FailsTimes(u32::MAX));
    let id = house.send_and_settle(&json!({})).await;
    house.settle_over(20).await;
    let job = house.job(&id).await;
    assert_eq!(job["status"], "failed");
    assert!(
        job["errors"][0]
            .as_str()
            .expect("text")
            .contains("Given up"),
        "{job}"
    );
}

async fn a_reservation_that_cannot_be_released_is_not_forgotten(url: Option<String>) {
    let house = house(url).await;
    let id = house.send_and_settle(&json!({})).await;
    house
        .seller
        .mood(Asked::Book, "", Mood::FailsTimes(u32::MAX));
    house.seller.mood(Asked::Release, "", Mood::FailsTimes(5));
    house.ask(approve(&id, &json!(["prod_001"]))).await.is(202);
    house.settle_over(40).await;
    let job = house.job(&id).await;
    assert_eq!(job["status"], "failed", "it ended: {job}");
    assert_eq!(house.committed().await, 0);
    assert_eq!(
        house.seller.held(),
        [("prod_001".to_owned(), Held::Released)]
    );
}

async fn a_job_can_be_called_off_until_it_books(url: Option<String>) {
    let house = house(url).await;
    let cancel = |id: &str| post_nothing(&format!("/bookings/{id}/cancel"));
    let early = house.send(&json!({})).await;
    let job = house.ask(cancel(&early)).await.ok();
    assert_eq!(
        (job["status"].clone(), job["errors"].clone()),
        (json!("failed"), json!(["Cancelled by anybody."]))
    );
    house.settle().await;
    assert_eq!(
        house.job(&early).await["status"],
        "failed",
        "nobody carries it on"
    );
    let waiting = house.send_and_settle(&json!({})).await;
    let job = house.ask(cancel(&waiting)).await.ok();
    for one in job["recommendations"].as_array().expect("a list") {
        assert_eq!(one["status"], "rejected");
    }
    for id in [&early, &waiting] {
        house.refused(cancel(id), 409, "INVALID_STATUS").await;
        house.refused(approve_all(id), 409, "INVALID_STATUS").await;
    }
    let booked = house.send_and_settle(&json!({"auto_approve": true})).await;
    house.refused(cancel(&booked), 409, "INVALID_STATUS").await;
    let nobody = uuid::Uuid::now_v7().to_string();
    house.refused(cancel(&nobody), 404, "JOB_NOT_FOUND").await;
}

async fn a_job_called_off_in_the_middle_stays_so(url: Option<String>) {
    let house = house(url).await;
    let gate = Arc::new(Semaphore::new(0));
    house
        .seller
        .mood(Asked::Answer, "prod_001", Mood::Waits(Arc::clone(&gate)));
    let id = house.send(&json!({"negotiation": {}})).await;
    let meddling = async {
        let mut events = house.core.watch();
        while house.job(&id).await["status"] != "running" {
            events.recv().await.expect("something happens");
        }
        let cancel = post_nothing(&format!("/bookings/{id}/cancel"));
        let reply = house.ask(cancel).await.ok();
        assert_eq!(reply["status"], "failed");
        gate.add_permits(100);
    };
    tokio::join!(house.settle(), meddling);
    house.settle_over(3).await;
    let job = house.job(&id).await;
    assert_eq!(
        (job["status"].clone(), job["errors"].clone()),
        (json!("failed"), json!(["Cancelled by anybody."]))
    );
    let tasks = house
        .ask(post("/rpc/activity.tasks", &json!({})))
        .await
        .ok();
    assert_eq!(tasks["tasks"], json!([]), "nothing is left to do");
}

async fn a_failed_job_is_tried_again_once(url: Option<String>) {
    let house = house(url).await;
    house.seller.mood(Asked::Shelf, "", Mood::Refuses("closed"));
    let id = house
        .send_and_settle(&json!({"name": "Second wind", "auto_approve": true}))
        .await;
    let retry = || post_nothing(&format!("/bookings/{id}/retry"));
    house.seller.cheer_up();
    let answer = house.ask(retry()).await.ok();
    assert_eq!(answer["status"], "pending");
    let again = answer["job_id"].as_str().expect("an id");
    assert_ne!(again, id);
    let twice = house.refused(retry(), 409, "INVALID_STATUS").await;
    assert!(twice.text().contains(again), "it says as what: {twice:?}");
    house.settle().await;
    let (old, new) = (house.job(&id).await, house.job(again).await);
    assert_eq!(
        (old["status"].clone(), old["retried_as"].clone()),
        (json!("failed"), json!(again))
    );
    assert_eq!(
        (new["status"].clone(), new["retry_of"].clone()),
        (json!("completed"), json!(id))
    );
    assert_eq!(
        (new["campaign_name"].clone(), new["auto_approve"].clone()),
        (json!("Second wind"), json!(true))
    );
    let done = post_nothing(&format!("/bookings/{again}/retry"));
    house.refused(done, 409, "INVALID_STATUS").await;
}

async fn a_flight_that_ended_is_not_tried_again(url: Option<String>) {
    let house = house(url).await;
    let id = house.send(&json!({"end_date": "2026-07-01"})).await;
    house
        .ask(post_nothing(&format!("/bookings/{id}/cancel")))
        .await
        .ok();
    house.clock.advance(chrono::Duration::days(16));
    let retry = || post_nothing(&format!("/bookings/{id}/retry"));
    assert_eq!(house.jobs("main").await, 1);
    house.clock.advance(chrono::Duration::days(1));
    let reply = house.refused(retry(), 400, "FLIGHT_ENDED").await;
    assert_eq!(reply.field(), "brief.end_date");
    assert_eq!(house.job(&id).await["retried_as"], Value::Null);
}

async fn a_flight_that_ends_before_its_turn_fails_validation(url: Option<String>) {
    let house = house(url).await;
    let short = json!({"start_date": "2026-06-16", "end_date": "2026-06-20"});
    let (late, in_time) = (house.send(&short).await, house.send(&json!({})).await);
    house.clock.advance(chrono::Duration::days(6));
    house.settle().await;
    let job = house.job(&late).await;
    assert_eq!(
        (job["status"].clone(), job["execution_status"].clone()),
        (json!("failed"), json!("validation_failed"))
    );
    let said = job["errors"][0].as_str().expect("a reason");
    assert!(said.contains("2026-06-20"), "{said}");
    assert_eq!(job["budget_allocations"], Value::Null);
    assert_eq!(house.job(&in_time).await["status"], "awaiting_approval");
    assert_eq!(
        names(&house, &late).await.last().expect("an event"),
        "bookings.failed"
    );
}

async fn a_flight_that_ended_is_not_booked(url: Option<String>) {
    let house = house(url).await;
    let id = house
        .send_and_settle(&json!({"end_date": "2026-07-02"}))
        .await;
    house.clock.advance(chrono::Duration::days(18));
    house.refused(approve_all(&id), 409, "FLIGHT_ENDED").await;
    assert_eq!(house.committed().await, 0);
    house.ask(approve(&id, &json!([]))).await.ok();
    assert_eq!(
        house.job(&id).await["status"],
        "completed",
        "nothing can still be decided on"
    );
    assert!(house.seller.held().is_empty());
}

async fn two_sellers_of_one_product_are_told_apart(url: Option<String>) {
    let sellers = vec![
        FakeSeller::new("first", &catalogue(), now()),
        FakeSeller::new(
            "second",
            &[
                product("prod_001", "ctv", 800),
                product("prod_009", "social", 300),
            ],
            now(),
        ),
    ];
    let (first, second) = (sellers[0].clone(), sellers[1].clone());
    let house = House::build(Plan {
        url,
        sellers,
        ..Plan::default()
    })
    .await;
    let id = house.send_and_settle(&json!({})).await;
    let job = house.job(&id).await;
    let mut ids: Vec<String> = job["recommendations"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| it["product_id"].to_string())
        .collect();
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), all, "an id means one product: {job}");
    house.ask(approve_all(&id)).await.is(202);
    house.settle_over(2).await;
    let job = house.job(&id).await;
    assert_eq!(job["status"], "completed", "{job}");
    assert_eq!(first.held().len() + second.held().len(), all);
    assert!(
        second
            .held()
            .contains(&("prod_009".to_owned(), Held::Booked))
    );
}

async fn a_queue_of_briefs_is_worked_off_without_a_pause(url: Option<String>) {
    let house = house(url).await;
    let mut all = Vec::new();
    for at in 0..40 {
        let name = format!("Brief {at}");
        all.push(house.send(&json!({"name": name})).await);
    }
    // The runner looks by itself only once an hour: whoever is done must call the next.
    let most = std::time::Duration::from_secs(30);
    let viewer = Caller::new("viewer", crate::house::tenant("main"), Role::Viewer);
    let everything = async {
        for id in &all {
            let id = id.parse().expect("an id");
            let done = |job: &JobView| job.status == JobStatus::AwaitingApproval;
            let job = wait(&house.core, &viewer, id, most, done).await;
            assert!(done(&job.expect("a job")), "{id} was left lying");
        }
    };
    Box::pin(house.working(everything)).await;
}

async fn what_was_approved_goes_first(url: Option<String>) {
    let house = house(url).await;
    let first = house.send_and_settle(&json!({})).await;
    house.send(&json!({"name": "Another"})).await;
    house.clock.advance(chrono::Duration::minutes(5));
    house.ask(approve_all(&first)).await.is(202);
    let tasks = house
        .ask(post("/rpc/activity.tasks", &json!({})))
        .await
        .ok();
    assert_eq!(tasks["tasks"][0]["object"], first, "{tasks}");
    assert_eq!(tasks["tasks"].as_array().expect("a list").len(), 2);
}

async fn prices_that_were_talked_about_are_numbers(url: Option<String>) {
    let house = house(url).await;
    let talks = json!({"negotiation": {"ceiling_cpm": 8.5}, "channels": ["ctv"]});
    let id = house.send_and_settle(&talks).await;
    let job = house.job(&id).await;
    let talks = &job["recommendations"][0]["negotiation"];
    let opening = cents(&talks["offers"][0]["cpm"]);
    assert_eq!(cents(&talks["outcome"]["cpm"]), opening, "{talks}");
    assert_eq!(cents(&talks["strategy"]["ceiling_cpm"]), 850, "{talks}");
    assert!(!job.to_string().contains("\"minor\""), "{job}");
}

async fn a_flight_that_began_meanwhile_is_booked_from_today(url: Option<String>) {
    let house = house(url).await;
    let short = json!({"start_date": "2026-06-16", "end_date": "2026-06-30"});
    let id = house.send_and_settle(&short).await;
    assert_eq!(house.job(&id).await["start_date"], "2026-06-16");
    house.clock.advance(chrono::Duration::days(5));
    house.ask(approve_all(&id)).await.is(202);
    house.settle().await;
    let job = house.job(&id).await;
    assert_eq!(job["start_date"], "2026-06-20", "{job}");
    let notes = job["notes"].to_string();
    assert!(
        notes.contains("from today, 2026-06-20, because it began on 2026-06-16"),
        "{notes}"
    );
    let flights = house.seller.flights();
    assert!(!flights.is_empty());
    for flight in flights {
        assert_eq!(flight.first().to_string(), "2026-06-20");
    }
}

async fn why_nothing_can_be_bought_is_counted(url: Option<String>) {
    let house = house(url).await;
    for (changes, saying) in [
        (
            json!({"kpis": {"max_cpm": 1}}),
            &["5 above the highest price allowed", "4.00 USD"][..],
        ),
        (
            json!({"currency": "EUR", "channels": ["ctv"]}),
            &["2 priced in another currency", "9.00 USD"],
        ),
        (
            json!({"channels": ["linear_tv"]}),
            &["None of the 5 products", "linear_tv"],
        ),
    ] {
        let id = house.send_and_settle(&changes).await;
        let job = house.job(&id).await;
        assert_eq!(job["status"], "failed", "{job}");
        let errors = job["errors"].to_string();
        for words in saying {
            assert!(errors.contains(words), "{words} in {errors}");
        }
    }
}

async fn the_feed_tells_everything_in_order(url: Option<String>) {
    let house = house(url).await;
    let id = house.send_and_settle(&json!({"channels": ["ctv"]})).await;
    house.send_and_settle(&json!({})).await;
    house.ask(approve(&id, &json!(["prod_001"]))).await.is(202);
    house.settle().await;
    let told = names(&house, &id).await;
    assert_eq!(
        told,
        [
            "bookings.submitted",
            "bookings.brief_received",
            "bookings.allocated",
            "bookings.researched",
            "bookings.awaiting_approval",
            "bookings.approved",
            "bookings.line_reserved",
            "bookings.line_booked",
            "bookings.completed",
        ]
    );
    let events = house.ask(get(&format!("/bookings/{id}/events"))).await.ok();
    let events = events["events"].as_array().expect("a list");
    let seqs: Vec<i64> = events
        .iter()
        .map(|one| one["seq"].as_i64().expect("a number"))
        .collect();
    assert!(seqs.is_sorted_by(|one, next| one < next), "{seqs:?}");
    for event in events {
        assert_eq!(
            (event["kind"].clone(), event["object"].clone()),
            (json!("job"), json!(id))
        );
        assert!(event["at"].as_str().is_some_and(|at| at.ends_with('Z')));
    }
    let page = house
        .ask(get(&format!(
            "/bookings/{id}/events?after={}&limit=2",
            seqs[3]
        )))
        .await
        .ok();
    assert_eq!(page["events"], json!(events[4..6]));
    let feed = house
        .ask(post("/rpc/activity.feed", &json!({"limit": 1000})))
        .await
        .ok();
    let feed = feed["events"].as_array().expect("a list");
    for (n, event) in (1..).zip(feed) {
        assert_eq!(event["seq"], json!(n), "without gaps");
    }
    let end = house
        .ask(post("/rpc/activity.feed_end", &json!({})))
        .await
        .ok();
    assert_eq!(end["seq"], feed.len());
    let trail = house.audit("main", 0).await;
    assert_eq!(end["audit"], trail.len());
}

async fn the_trail_tells_who_did_what(url: Option<String>) {
    let house = house(url).await;
    let id = house.send_and_settle(&json!({"channels": ["ctv"]})).await;
    house.ask(approve(&id, &json!(["nobody"]))).await.is(400);
    house
        .ask(approve(&id, &json!(["prod_001"])).once("decision-1"))
        .await
        .is(202);
    house.settle().await;
    let lines = house.audit("main", 0).await;
    for (n, line) in (1..).zip(&lines) {
        assert_eq!(line.seq, n);
        assert_eq!(line.entry.object, Some(format!("job/{id}")), "{line:?}");
    }
    let told: Vec<_> = lines
        .iter()
        .map(|line| {
            (
                line.entry.actor.as_str(),
                line.entry.action.as_str(),
                line.entry.outcome.name(),
            )
        })
        .collect();
    assert_eq!(told[0], ("anybody", "bookings.submit", "done"));
    let decisions: Vec<_> = lines
        .iter()
        .filter(|line| line.entry.action == "bookings.approve")
        .collect();
    assert_eq!(
        decisions
            .iter()
            .map(|it| it.entry.outcome.name())
            .collect::<Vec<_>>(),
        ["refused", "done"]
    );
    assert_eq!(
        decisions[0].entry.revision_before,
        decisions[0].entry.revision_after
    );
    let (before, after) = (
        decisions[1].entry.revision_before,
        decisions[1].entry.revision_after,
    );
    assert_eq!(after, before.map(|it| it + 1));
    assert_eq!(decisions[1].entry.detail, "decision-1");
    assert_eq!(decisions[0].entry.changes, [], "nothing was changed");
    let changes: Vec<String> = decisions[1]
        .entry
        .changes
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(changes[0], "state awaiting approval → running");
    assert!(
        changes.contains(&"approved by anybody".to_owned()),
        "{changes:?}"
    );
    assert!(
        told.iter()
            .filter(|it| it.1 == "bookings.step")
            .all(|it| (it.0, it.2) == ("engine", "done"))
    );
    let fine = house.job(&id).await["revision"].as_i64();
    assert_eq!(lines.last().expect("a line").entry.revision_after, fine);
}
