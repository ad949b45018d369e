//! Decisions told to the other side: each once, whatever becomes of its answer, and what was
//! booked is read there before it is told here.

use flightdeck::{
    domain::booking::{
        job::{ExecutionStatus, JobStatus},
        upstream::differ::Health,
    },
    engine::fault::FaultKind,
};
use serde_json::json;

use crate::{
    buyer_agent::{Mood, recommendation},
    ground::{Ground, disagreements},
};

#[tokio::test]
async fn an_approval_whose_answer_was_lost_is_booked_once() {
    for ground in Ground::each("an_approval_whose_answer_was_lost").await {
        for mood in [Mood::DoneThenCut, Mood::DoneThenSilent] {
            let named = format!("{mood:?}");
            let job_id = ground.waiting(json!({"name": named})).await;
            let before = ground.fake.approvals();
            ground.fake.mood("approve", mood);
            ground.approve(job_id, None).await.expect("approved");
            ground.look(4).await;
            assert_eq!(ground.fake.fired(&named), 1, "the fault came to pass");
            assert_eq!(ground.fake.approvals(), before + 1, "it was sent once");
            let job = ground.job(job_id).await;
            assert_eq!(job.execution_status, ExecutionStatus::Completed);
            assert_eq!(job.booked().lines, 2);
            let told = job
                .upstream
                .as_ref()
                .expect("an upstream")
                .remarks()
                .join("\n");
            assert!(told.contains("its answer was lost"), "{told}");
            let events = ground.events(job_id).await;
            assert!(
                events.contains(&"bookings.decision_unanswered".to_owned()),
                "{events:?}"
            );
        }
    }
}

#[tokio::test]
async fn while_a_decision_is_out_nobody_can_decide_again() {
    let ground = Ground::open().await;
    let job_id = ground.waiting(json!({})).await;
    ground.fake.mood("approve", Mood::Held);
    ground.approve(job_id, None).await.expect("approved");
    ground.look(20).await;
    assert_eq!((ground.fake.fired("Held"), ground.fake.approvals()), (1, 0));
    let job = ground.job(job_id).await;
    assert_eq!(job.execution_status, ExecutionStatus::ExecutingBookings);
    assert_eq!(job.upstream.expect("an upstream").health, Health::Deciding);
    let fault = ground.approve(job_id, None).await.expect_err("refused");
    assert_eq!(
        (fault.kind, fault.code.as_str()),
        (FaultKind::Conflict, "ALREADY_DECIDED")
    );
    ground.fake.release();
    ground.look(1).await;
    assert_eq!(ground.job(job_id).await.booked().lines, 2);
    assert_eq!(ground.fake.approvals(), 1);
}

#[tokio::test]
async fn an_approval_that_never_shows_an_effect_is_given_back_to_a_person() {
    let ground = Ground::open().await;
    let job_id = ground.waiting(json!({})).await;
    ground.fake.mood("approve", Mood::Cut);
    ground.approve(job_id, None).await.expect("approved");
    ground.look(2).await;
    assert_eq!(ground.fake.fired("Cut"), 1);
    assert_eq!(ground.committed().await, "20000.00");
    ground.desk.pass(chrono::Duration::minutes(30)).await;
    ground.look(1).await;
    let job = ground.job(job_id).await;
    assert_eq!(
        job.execution_status,
        ExecutionStatus::ExecutingBookings,
        "it is waited for"
    );
    ground.desk.pass(chrono::Duration::minutes(31)).await;
    ground.look(1).await;
    let job = ground.job(job_id).await;
    assert_eq!(
        (job.status, job.approval),
        (JobStatus::AwaitingApproval, None)
    );
    let errors = job.errors.expect("errors");
    assert!(errors[0].contains("It was not sent again"), "{errors:?}");
    assert_eq!(ground.committed().await, "0.00");
    assert_eq!(ground.fake.approvals(), 0, "nothing was sent by itself");
    ground.approve(job_id, None).await.expect("decided again");
    ground.look(2).await;
    assert_eq!(
        (
            ground.fake.approvals(),
            ground.job(job_id).await.booked().lines
        ),
        (1, 2)
    );
}

#[tokio::test]
async fn a_worker_that_does_not_know_the_job_is_asked_again() {
    let ground = Ground::open().await;
    let job_id = ground.waiting(json!({})).await;
    ground.fake.mood(
        "approve",
        Mood::Json(404, json!({"detail": "Job not found"})),
    );
    ground.approve(job_id, None).await.expect("approved");
    ground.look(4).await;
    assert_eq!((ground.fake.fired("Json"), ground.fake.approvals()), (1, 1));
    assert_eq!(ground.job(job_id).await.booked().lines, 2);
}

#[tokio::test]
async fn what_its_ceiling_would_not_catch_is_said_before_it_is_sent() {
    for ground in Ground::each("what_its_ceiling_would_not_catch").await {
        let job_id = ground.brief(json!({"channels": ["branding", "ctv"]})).await;
        {
            let mut world = ground.fake.world();
            let job = &mut world.jobs[0];
            job.status = "awaiting_approval".into();
            job.allocations = json!({
                "branding": {"channel": "branding", "budget": 8000.0, "percentage": 40.0, "rationale": ""},
                "ctv": {"channel": "ctv", "budget": 12000, "percentage": 60.0, "rationale": null},
            });
            job.recommendations = vec![
                recommendation("branding", "inv-twice", 10.0, 9000.0),
                recommendation("ctv", "inv-twice", 10.0, 6000.0),
                recommendation("ctv", "inv-dear", 10.0, 9000.0),
            ];
        }
        ground.look(2).await;
        let job = ground.job(job_id).await;
        let warnings = job
            .upstream
            .as_ref()
            .expect("an upstream")
            .warnings
            .join("\n");
        assert!(
            warnings.contains("24,000.00 USD, and the budget is 20,000.00 USD"),
            "{warnings}"
        );

        let over = ground.approve(job_id, None).await.expect_err("refused");
        assert_eq!(over.code, "OVER_BUDGET", "{over}");
        let fault = ground
            .approve(job_id, Some(&["inv-twice"]))
            .await
            .expect_err("refused");
        assert_eq!(fault.code, "SPEND_WARNING", "{fault}");
        let said = fault.details["warnings"].to_string();
        assert!(
            said.contains("branding was given 8,000.00 USD and this takes 9,000.00 USD"),
            "{said}"
        );
        assert!(said.contains("is recommended 2 times"), "{said}");
        ground.look(2).await;
        assert_eq!(ground.fake.approvals(), 0, "nothing was sent");
        assert_eq!(ground.committed().await, "0.00");

        let meant = ground.decide(job_id, Some(&["inv-twice"]), true).await;
        meant.expect("meant");
        ground.look(2).await;
        assert_eq!(ground.fake.approvals(), 1);
        assert_eq!(
            ground.fake.world().decisions[0].1,
            json!({"approved_product_ids": ["inv-twice"]})
        );
        let job = ground.job(job_id).await;
        let all = disagreements(&job).join("\n");
        assert!(all.contains("booked: asked 2 lines, shown 1 line"), "{all}");
        assert!(
            all.contains("total cost: asked 15,000.00 USD, shown 9,000.00 USD"),
            "{all}"
        );
        assert_eq!(
            ground.committed().await,
            "9000.00",
            "what was booked counts"
        );
    }
}

#[tokio::test]
async fn success_without_effect_is_not_taken_for_a_booking() {
    for ground in Ground::each("success_without_effect").await {
        let job_id = ground.waiting(json!({})).await;
        ground.fake.mood("approve", Mood::WithoutEffect);
        ground.approve(job_id, None).await.expect("approved");
        ground.look(3).await;
        assert_eq!(ground.fake.fired("WithoutEffect"), 1);
        let job = ground.job(job_id).await;
        assert_eq!((job.status, job.booked().lines), (JobStatus::Completed, 0));
        let upstream = job.upstream.clone().expect("an upstream");
        assert_eq!(upstream.health, Health::BookedNothing);
        assert_eq!(upstream.answer.as_deref(), Some("success, 2 booked"));
        let all = disagreements(&job).join("\n");
        assert!(
            all.contains("booked: asked 2 lines, shown 0 lines"),
            "{all}"
        );
        assert!(
            all.contains("its own answer: asked 2 lines said to be booked, shown 0 lines"),
            "{all}"
        );
        assert_eq!(ground.committed().await, "0.00", "the money is back");
        let listed = ground.jobs().await.jobs[0].upstream.clone();
        let words = listed.expect("words");
        assert!(words.starts_with("booked nothing, "), "{words}");
    }
}

#[tokio::test]
async fn what_sellers_changed_is_shown_beside_what_was_approved() {
    let ground = Ground::open().await;
    let job_id = ground
        .waiting(json!({"channels": ["branding", "ctv"]}))
        .await;
    {
        let mut world = ground.fake.world();
        world.unsold.insert("inv-branding-hero".into());
        world.asked_percent = 90;
    }
    ground.approve(job_id, None).await.expect("approved");
    ground.look(2).await;
    let job = ground.job(job_id).await;
    let upstream = job.upstream.clone().expect("an upstream");
    assert_eq!(upstream.health, Health::Partial);
    let lines = job.booked_lines.clone().expect("lines");
    let failed = lines
        .iter()
        .find(|line| line.error.is_some())
        .expect("a failed line");
    assert!(
        failed
            .error
            .as_deref()
            .is_some_and(|why| why.contains("no viable quotes"))
    );
    let all = disagreements(&job).join("\n");
    assert!(
        all.contains("price of The inv-ctv-hero: asked 20.00 USD, shown 18.00 USD"),
        "{all}"
    );
    let proposed = upstream
        .disagreements
        .iter()
        .find(|one| one.about == "sellers");
    assert_eq!(
        proposed.map(|one| one.shown.as_str()),
        Some("1 only proposed")
    );
    assert_eq!(ground.committed().await, "9000.00");
}

#[tokio::test]
async fn approving_none_is_told_there_and_completes_it() {
    let ground = Ground::open().await;
    let job_id = ground.waiting(json!({})).await;
    ground.approve(job_id, Some(&[])).await.expect("decided");
    ground.look(2).await;
    assert_eq!(
        ground.fake.world().decisions,
        [("approve".into(), json!({"approved_product_ids": []}))]
    );
    let job = ground.job(job_id).await;
    assert_eq!(job.status, JobStatus::Completed);
    assert_eq!(
        job.upstream.expect("an upstream").health,
        Health::NothingApproved
    );
}

#[tokio::test]
async fn what_is_approved_in_advance_is_approved_here_by_the_rules_for_people() {
    let ground = Ground::open().await;
    let job_id = ground.waiting(json!({"auto_approve": true})).await;
    ground.look(2).await;
    let job = ground.job(job_id).await;
    assert_eq!((job.status, job.booked().lines), (JobStatus::Completed, 2));
    assert!(job.approval.is_some_and(|approval| approval.automatic));
    assert_eq!(ground.fake.approvals(), 1, "told as a decision");
    assert_eq!(
        ground.fake.world().in_advance,
        0,
        "not as a wish of the brief"
    );
}
