//! The stories.

use std::time::Duration;

use chrono::TimeDelta;
use flightdeck::{
    domain::{
        booking::job::ExecutionStatus,
        ids::{JobId, TenantId},
        tenant::{key::Standing, role::Role},
    },
    engine::{
        activity::{FeedEnd, ReadFeed},
        bookings::{
            approve::ApproveJob, get::GetJob, list::ListJobs, rows::ListRows, view::JobView,
        },
        catalogue,
        fault::{Fault, FaultKind},
        keys::{list::ListKeys, make::MakeKey, revoke::RevokeKey},
        media_buys::{create::CreateBuy, decide::DecideApproval, get::GetBuy},
        slots::{
            availability::ListSlots, book::BookSlot, bookings::GetBooking, reschedule::MoveBooking,
            resources::CreateResource,
        },
        tenants::{create::CreateTenant, get::GetTenant, list::ListTenants},
    },
    session::{Seen, Session},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{
    people::{brief, submit},
    stage::{Stage, Way},
};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

fn read<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("a question")
}

/// Lets the engine work while somebody waits.
async fn while_it_works<T>(stage: &Stage, waits: impl Future<Output = T>) -> T {
    let works = async {
        loop {
            stage.desk.pass(TimeDelta::minutes(1)).await;
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        done = waits => done,
        () = works => unreachable!("it works for ever"),
    }
}

async fn researched(stage: &Stage, by: &Session, name: &str) -> JobView {
    let job_id = by.ask(submit(name)).await.expect("a job").job_id;
    let waits = |job: &JobView| job.execution_status == ExecutionStatus::AwaitingApproval;
    let job = while_it_works(stage, by.wait_for_job(job_id, PATIENCE, waits)).await;
    job.expect("a job")
}

#[tokio::test]
async fn a_brief_becomes_booked_lines() {
    for stage in Stage::each("a_brief_becomes_booked_lines").await {
        let (anna, ben) = (stage.session("anna").await, stage.session("ben").await);
        let job = researched(&stage, &anna, "Spring Launch").await;
        let offered = job.recommendations.as_ref().expect("recommendations");
        let some: Vec<_> = offered
            .iter()
            .take(3)
            .map(|one| one.product_id.clone())
            .collect();
        let approve = ApproveJob {
            job_id: job.job_id,
            approved_product_ids: Some(some.clone()),
            expected_revision: Some(job.revision),
            despite_warnings: false,
        };
        ben.ask(approve).await.expect("approved");
        let is_final = |job: &JobView| job.execution_status.is_final();
        let done = ben.wait_for_job(job.job_id, PATIENCE, is_final);
        let done = while_it_works(&stage, done).await.expect("a job");
        let booked = done.booked_lines.as_ref().expect("lines");
        assert_eq!(booked.len(), some.len(), "{stage:?}");
        // What is shown is what is kept, to the last digit.
        let job_id = job.job_id;
        let by = ben.caller().clone();
        let kept = stage.desk.core.ask(&by, GetJob { job_id }).await;
        assert_eq!(json!(done), json!(kept.expect("a job")), "{stage:?}");
        let rows = anna.ask(ListRows::default()).await.expect("rows");
        assert_eq!(rows.rows.len(), 1);
        let listed = anna.ask(ListJobs::default()).await.expect("jobs");
        assert_eq!(listed.jobs.len(), 1);
        let entry = catalogue::find("bookings.events").expect("an operation");
        let question = json!({ "job_id": job_id }).to_string().into_bytes();
        let told = anna.call(entry, question, None).await.expect("a history");
        let told: Value = serde_json::from_str(&told.output).expect("JSON");
        let names: Vec<&str> = told["events"]
            .as_array()
            .expect("events")
            .iter()
            .filter_map(|event| event["event"].as_str())
            .collect();
        assert!(names.contains(&"bookings.approved"), "{names:?}");
    }
}

#[tokio::test]
async fn of_two_who_approve_at_once_one_does() {
    for stage in Stage::each("of_two_who_approve_at_once_one_does").await {
        let anna = stage.session("anna").await;
        let (ben, cara) = (stage.session("ben").await, stage.session("cara").await);
        for round in 0..5 {
            let job = researched(&stage, &anna, &format!("Round {round}")).await;
            let approve = || ApproveJob {
                job_id: job.job_id,
                approved_product_ids: None,
                expected_revision: Some(job.revision),
                despite_warnings: false,
            };
            let (one, other) = tokio::join!(ben.ask(approve()), cara.ask(approve()));
            let lost = match (one, other) {
                (Ok(_), Err(lost)) | (Err(lost), Ok(_)) => lost,
                both => panic!("{stage:?}: one of them decides: {both:?}"),
            };
            let late = [FaultKind::Stale, FaultKind::WrongState, FaultKind::Conflict];
            assert!(late.contains(&lost.kind), "{stage:?}: {lost:?}");
        }
    }
}

#[tokio::test]
async fn a_media_buy_is_ordered_and_approved() {
    for stage in Stage::each("a_media_buy_is_ordered_and_approved").await {
        let (zeno, sofia) = (stage.session("zeno").await, stage.session("sofia").await);
        let order: CreateBuy = read(json!({"draft": {
            "name": "Summer Tour", "po_number": "PO-7",
            "packages": [{
                "product_id": "brand-outfield-live", "budget": 16000,
                "pricing_option_id": "default",
                "creatives": [{"creative_id": "spot", "name": "Spot", "format_id": {"id": "video"}}],
            }],
            "start_time": "2026-07-01T00:00:00Z", "end_time": "2026-08-01T00:00:00Z",
        }}));
        let ordered = zeno.ask(order).await.expect("an order");
        stage.desk.pass(TimeDelta::minutes(20)).await;
        let id = ordered.buy.buy.id.clone();
        let decide: DecideApproval = read(json!({"media_buy_id": id, "say": "approve"}));
        let refused = zeno
            .ask(decide.clone())
            .await
            .expect_err("none of a buyer's");
        assert_eq!(refused.kind, FaultKind::Forbidden);
        sofia.ask(decide).await.expect("approved");
        stage.desk.pass(TimeDelta::minutes(5)).await;
        let media_buy_id = id.clone();
        let seen = zeno
            .ask(GetBuy { media_buy_id: id })
            .await
            .expect("an order");
        let by = sofia.caller().clone();
        let kept = stage.desk.core.ask(&by, GetBuy { media_buy_id }).await;
        let kept = kept.expect("an order");
        assert_eq!(json!(seen.buy), json!(kept.buy), "{stage:?}");
    }
}

#[tokio::test]
async fn tenants_and_keys_are_looked_after() {
    for stage in Stage::each("tenants_and_keys_are_looked_after").await {
        let (olga, sofia) = (stage.session("olga").await, stage.session("sofia").await);
        assert!(olga.keeps_house() && !sofia.keeps_house());
        let fields =
            json!({"name": "Sports Publisher", "subdomain": "sports", "ad_server": "mock"});
        let made = olga
            .ask(read::<CreateTenant>(fields))
            .await
            .expect("a tenant");
        let id = made.tenant.tenant_id.clone();
        assert!(
            made.admin_token
                .is_some_and(|token| !token.reveal().is_empty())
        );
        let all = olga.ask(ListTenants::default()).await.expect("tenants");
        assert_eq!(all.tenants.len(), 3, "{stage:?}");

        let there = olga.for_tenant(&id).expect("in her charge");
        assert_eq!(there.caller().tenant, id);
        let view = there.ask(GetTenant {}).await.expect("the tenant");
        assert_eq!(view.row.tenant_id, id);
        let make: MakeKey = read(json!({"name": "robot", "role": "trafficker"}));
        let key = there.ask(make).await.expect("a key");
        assert!(key.key.is_some(), "it is shown once");
        let listed = there.ask(ListKeys::default()).await.expect("keys").keys;
        assert!(listed.iter().any(|one| one.key_id == key.view.key_id));
        let key_id = key.view.key_id;
        let gone = there.ask(RevokeKey { key_id }).await.expect("taken back");
        assert_eq!(gone.state, Standing::Revoked);
        // What is somebody's own stays there.
        let own = sofia.ask(ListKeys::default()).await.expect("keys").keys;
        assert!(own.iter().all(|one| one.tenant_id.as_str() == "acme"));
        let Err(fault) = sofia.for_tenant(&id) else {
            panic!("{stage:?}: not in her charge");
        };
        assert_eq!(fault.kind, FaultKind::Forbidden);
        let nobody: TenantId = "nobody".parse().expect("a name");
        let there = olga.for_tenant(&nobody).expect("a name");
        let fault = there.ask(GetTenant {}).await.expect_err("nobody");
        assert_eq!(
            (fault.kind, fault.code.as_str()),
            (FaultKind::NotFound, "TENANT_NOT_FOUND")
        );
        let rita = stage.session("rita").await;
        let theirs = rita.ask(ListRows::default()).await.expect("rows");
        assert!(theirs.rows.is_empty());
        assert_eq!(rita.caller().role, Role::Admin);
    }
}

#[tokio::test]
async fn a_slot_is_booked_and_moved() {
    for stage in Stage::each("a_slot_is_booked_and_moved").await {
        let sofia = stage.session("sofia").await;
        let day = json!([{"open": "09:00", "close": "17:00"}]);
        let create: CreateResource = read(json!({
            "type": "location", "name": "Main Campus Tour", "timezone": "America/Denver",
            "operatingHours": {"mon": day, "tue": day, "wed": day, "thu": day, "fri": day},
        }));
        let made = sofia.ask(create).await.expect("a resource").resource;
        let list: ListSlots = read(json!({
            "resourceId": made.id, "from": "2026-06-16", "to": "2026-06-16",
        }));
        let free = sofia.ask(list.clone()).await.expect("slots").data;
        assert_eq!(free.len(), 8, "{stage:?}");
        let book = |slot: &str| -> BookSlot {
            read(json!({
                "slotId": slot, "firstName": "Morgan", "lastName": "Lee",
                "email": "morgan.lee@example.com",
            }))
        };
        let booked = sofia
            .ask(book(&free[0].slot_id))
            .await
            .expect("booked")
            .booking;
        let taken = sofia.ask(book(&free[0].slot_id)).await.expect_err("taken");
        assert_eq!(taken.code, "SLOT_TAKEN");
        assert_eq!(
            taken.details["alternatives"].as_array().map(Vec::len),
            Some(3)
        );
        let to = MoveBooking {
            booking_id: booked.id,
            slot_id: free[2].slot_id.clone(),
        };
        let moved = sofia.ask(to).await.expect("moved").booking;
        assert_eq!(moved.starts_at, free[2].starts_at);
        let booking_id = booked.id;
        let kept = sofia
            .ask(GetBooking { booking_id })
            .await
            .expect("a booking")
            .booking;
        assert_eq!(json!(kept), json!(moved));
        let left = sofia.ask(list).await.expect("slots").data;
        assert_eq!(left.len(), 7);
    }
}

/// What is asked in the wrong way, by whom; each in the same order everywhere.
async fn refusals(stage: &Stage) -> Vec<(String, Fault)> {
    let mut told = Vec::new();
    let nobody: JobId = "00000000-0000-4000-8000-000000000000"
        .parse()
        .expect("an id");
    let [anna, vera, zeno, rita] = [
        stage.session("anna").await,
        stage.session("vera").await,
        stage.session("zeno").await,
        stage.session("rita").await,
    ];
    let brief_of = |changes: Value| {
        let mut whole = brief("Wrong");
        for (name, value) in changes.as_object().expect("changes") {
            whole[name] = value.clone();
        }
        json!({ "brief": whole })
    };
    let asked: Vec<(&Session, &str, Value)> = vec![
        (&anna, "bookings.get", json!({ "job_id": nobody })),
        (&anna, "bookings.approve", json!({ "job_id": nobody })),
        (&vera, "bookings.submit", brief_of(json!({}))),
        (&zeno, "bookings.list", json!({})),
        (&zeno, "activity.feed_end", json!({})),
        (&rita, "tenants.list", json!({})),
        (&anna, "activity.feed", json!({"limit": 5000})),
        (&anna, "bookings.submit", brief_of(json!({"budget": -1}))),
        (
            &anna,
            "bookings.submit",
            brief_of(json!({"name": "", "end_date": "2026-01-01"})),
        ),
        (
            &anna,
            "bookings.submit",
            brief_of(json!({"objectives": []})),
        ),
        (&anna, "bookings.submit", json!({"brief": 7})),
        (&anna, "bookings.submit", json!([])),
        (&anna, "bookings.list", json!({"unknown": 1})),
        (
            &anna,
            "opendirect.get_product",
            json!({"product_id": "none"}),
        ),
        (&anna, "media_buys.get", json!({"media_buy_id": "none"})),
        (&anna, "pacing.list", json!({"limit": 100_000})),
    ];
    for (who, name, question) in asked {
        let entry = catalogue::find(name).expect(name);
        let answer = who
            .call(entry, question.to_string().into_bytes(), None)
            .await;
        let what = format!("{name} {question}");
        told.push((
            what.clone(),
            answer.err().unwrap_or_else(|| panic!("{what} is wrong")),
        ));
    }
    let entry = catalogue::find("bookings.submit").expect("an operation");
    let broken = anna.call(entry, b"{\"brief\":".to_vec(), None).await;
    told.push(("half a brief".into(), broken.expect_err("no JSON")));

    // A key stands for one thing, and for no other.
    anna.ask_keyed(submit("First"), "one-key".into())
        .await
        .expect("a job");
    let other = anna.ask_keyed(submit("Second"), "one-key".into()).await;
    told.push((
        "a key for another thing".into(),
        other.expect_err("another thing"),
    ));
    let long = anna.ask_keyed(submit("Third"), "k".repeat(300)).await;
    told.push(("a key that is too long".into(), long.expect_err("too long")));

    let job = researched(stage, &anna, "Stale").await;
    let approve = ApproveJob {
        job_id: job.job_id,
        approved_product_ids: Some(Vec::new()),
        expected_revision: Some(job.revision - 1),
        despite_warnings: false,
    };
    let stale = anna.ask(approve).await.expect_err("it has changed");
    assert!(!stale.details.is_empty());
    let mut stale = stale;
    // When it happened is another time in each.
    stale.details.clear();
    told.push(("a job that has changed".into(), stale));
    let read_only = anna.clone().read_only().ask(submit("Never")).await;
    told.push((
        "a session that only reads".into(),
        read_only.expect_err("reads only"),
    ));
    told
}

#[tokio::test]
async fn what_is_refused_is_refused_in_the_same_words() {
    let mut first: Option<Vec<(String, Fault)>> = None;
    for stage in Stage::each("what_is_refused_is_refused_in_the_same_words").await {
        let told = refusals(&stage).await;
        assert!(told.len() > 20, "{}", told.len());
        assert!(told.iter().any(|(_, fault)| !fault.problems.is_empty()));
        assert!(told.iter().any(|(_, fault)| fault.hint.is_some()));
        let Some(first) = &first else {
            assert_eq!(format!("{stage:?}"), "Embedded on SQLite");
            first = Some(told);
            continue;
        };
        for (there, here) in told.iter().zip(first) {
            assert_eq!(there, here, "{stage:?}");
        }
    }
}

#[tokio::test]
async fn whoever_watches_sees_what_happens() {
    for stage in Stage::each("whoever_watches_sees_what_happens").await {
        let (anna, rita) = (stage.session("anna").await, stage.session("rita").await);
        let (mut watch, mut others) = (anna.watch(), rita.watch());
        // A line takes a moment to stand: what happens after that is told.
        let mut sent = 0;
        let first = loop {
            sent += 1;
            anna.ask(submit(&format!("Watched {sent}")))
                .await
                .expect("a job");
            let next = tokio::time::timeout(Duration::from_millis(500), watch.next());
            match next.await {
                Ok(Some(Seen::Event(event))) => break event,
                Ok(Some(Seen::Missed)) => {}
                Ok(None) => panic!("{stage:?}: it ends"),
                Err(_) => assert!(sent < 40, "{stage:?}: nothing is told"),
            }
        };
        stage.desk.pass(TimeDelta::minutes(1)).await;
        let end = anna.ask(FeedEnd {}).await.expect("the end").seq;
        let mut seen = vec![first.clone()];
        while seen.last().is_some_and(|last| last.seq < end) {
            let next = tokio::time::timeout(PATIENCE, watch.next()).await;
            match next.expect("in time") {
                Some(Seen::Event(event)) => seen.push(event),
                other => panic!("{stage:?}: {other:?}"),
            }
        }
        let read = ReadFeed {
            after: first.seq - 1,
            limit: Some(1000),
            object: None,
        };
        let kept = anna.ask(read).await.expect("the feed").events;
        assert_eq!(seen, kept, "{stage:?}: all of it, in order, once");
        let theirs = tokio::time::timeout(Duration::from_millis(200), others.next());
        assert!(
            theirs.await.is_err(),
            "{stage:?}: what others do is not told"
        );
    }
}

#[tokio::test]
async fn the_time_is_that_of_the_engine() {
    for stage in Stage::each("the_time_is_that_of_the_engine").await {
        let anna = stage.session("anna").await;
        let off = || (anna.now() - stage.desk.core.clock().now()).abs();
        let most = match stage.way {
            Way::Embedded => TimeDelta::zero(),
            _ => TimeDelta::seconds(20),
        };
        assert!(off() <= most, "{stage:?}: {}", off());
        stage.desk.pass(TimeDelta::days(3)).await;
        anna.ask(FeedEnd {}).await.expect("the end");
        assert!(off() <= most, "{stage:?}: {}", off());
    }
}
