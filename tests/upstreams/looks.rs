//! What is seen of the other side: restarts, workers that do not know each other, errors of every
//! shape, and what a job there says of itself.

use flightdeck::{
    domain::{
        booking::{job::JobStatus, upstream::differ::Health},
        ids::JobId,
    },
    engine::bookings::{
        cancel::CancelJob,
        rows::{JobRow, ListRows},
    },
};
use serde_json::json;

use crate::{
    buyer_agent::Mood,
    ground::{Ground, admin, disagreements},
    person::Person,
};

#[tokio::test]
async fn jobs_that_vanish_with_a_restart_are_kept_and_marked() {
    for ground in Ground::each("jobs_that_vanish").await {
        let waiting = ground.waiting(json!({})).await;
        let done = ground.waiting(json!({"name": "Done"})).await;
        ground.approve(done, None).await.expect("approved");
        ground.look(2).await;
        ground.fake.restart();
        assert_eq!(ground.fake.fired("restart"), 1);
        ground.look(30).await;
        let early = ground.job(waiting).await.upstream.expect("an upstream");
        assert_eq!(
            early.missing_since, None,
            "a minute and a half proves nothing"
        );
        ground.look(80).await;
        for job_id in [waiting, done] {
            let job = ground.job(job_id).await;
            let upstream = job.upstream.clone().expect("an upstream");
            assert_eq!(upstream.health, Health::Gone);
            let since = upstream.missing_since.expect("since when");
            assert!(since.starts_with("2026-06-01T12:00:"), "{since}");
            assert!(
                job.recommendations.is_some_and(|all| all.len() == 2),
                "kept as it was"
            );
        }
        assert_eq!(
            ground.job(done).await.booked().lines,
            2,
            "what was booked is still known"
        );
        let desk = ground.whereabouts().await;
        assert_eq!((desk.gone, desk.open), (2, 0));
        assert!(
            desk.sentence()
                .contains("2 jobs are gone there and kept here"),
            "{desk:?}"
        );
        let fault = ground.approve(waiting, None).await.expect_err("refused");
        assert_eq!(fault.code, "GONE_AT_UPSTREAM", "{fault}");
        assert_eq!(ground.jobs().await.total, 2);
        assert_eq!(ground.fake.approvals(), 1);
    }
}

#[tokio::test]
async fn nobody_notices_two_workers_that_do_not_know_each_others_jobs() {
    for ground in Ground::each("nobody_notices_two_workers").await {
        ground.fake.world().workers = 2;
        let job_id = ground.brief(json!({})).await;
        ground.look(4).await;
        ground.fake.research();
        ground.look(130).await;
        assert!(
            ground.fake.world().unknown > 20,
            "the workers did miss each other's jobs"
        );
        let job = ground.job(job_id).await;
        assert_eq!(job.status, JobStatus::AwaitingApproval);
        assert_eq!(job.upstream.expect("an upstream").missing_since, None);
        ground.approve(job_id, None).await.expect("approved");
        ground.look(150).await;
        assert_eq!(ground.job(job_id).await.booked().lines, 2);
        assert_eq!((ground.fake.submits(), ground.fake.approvals()), (1, 1));
        let events = ground.events(job_id).await;
        assert_eq!(events.len(), 5, "{events:?}");
        assert_eq!(ground.jobs().await.total, 1);
    }
}

#[tokio::test]
async fn research_that_failed_is_called_so() {
    let ground = Ground::open().await;
    ground.fake.world().research_fails =
        Some("Budget allocation failed: ANTHROPIC_API_KEY is required");
    let job_id = ground.waiting(json!({})).await;
    let job = ground.job(job_id).await;
    assert_eq!(
        job.status,
        JobStatus::AwaitingApproval,
        "that is what it says of itself"
    );
    let upstream = job.upstream.clone().expect("an upstream");
    assert_eq!(upstream.health, Health::ResearchFailed);
    assert!(
        upstream
            .line()
            .contains("research failed: there is nothing to decide on")
    );
    assert!(job.errors.expect("errors")[0].contains("Budget allocation failed"));
    let fault = ground.approve(job_id, None).await.expect_err("refused");
    assert_eq!(fault.code, "RESEARCH_FAILED", "{fault}");
    assert_eq!(ground.fake.approvals(), 0);
    let events = ground.events(job_id).await;
    assert!(
        events.contains(&"bookings.research_failed".to_owned()),
        "{events:?}"
    );
}

#[tokio::test]
async fn what_somebody_else_sent_is_mirrored_with_what_is_known_of_it() {
    for ground in Ground::each("what_somebody_else_sent").await {
        let remote = ground.fake.foreign("Theirs", &json!(10_000.0));
        ground.fake.foreign("Endless", &json!(null));
        ground.look(1).await;
        let job_id = remote.parse().expect("its own id");
        let job = ground.job(job_id).await;
        assert_eq!((job.status, job.booked().lines), (JobStatus::Completed, 0));
        let upstream = job.upstream.clone().expect("an upstream");
        assert_eq!(
            upstream.health,
            Health::BookedNothing,
            "completed in any case"
        );
        assert!(!upstream.sent_from_here);
        assert_eq!(
            (job.start_date.as_str(), job.budget.to_string()),
            ("", "10000.00".into())
        );
        assert!(job.errors.expect("errors")[0].starts_with("Booking rejected"));
        assert!(
            job.notes[0].contains("by somebody else at 2026-06-01T12:00:00"),
            "{:?}",
            job.notes
        );
        assert_eq!(ground.jobs().await.total, 2);
        ground.look(3).await;
        assert_eq!(ground.jobs().await.total, 2, "none is taken in twice");
    }
}

#[tokio::test]
async fn a_budget_that_is_shown_otherwise_is_a_disagreement() {
    let ground = Ground::open().await;
    let job_id = ground.brief(json!({})).await;
    {
        let mut world = ground.fake.world();
        world.jobs[0].brief["budget"] = json!(18_000.5);
    }
    ground.fake.research();
    ground.look(2).await;
    let all = disagreements(&ground.job(job_id).await).join("\n");
    assert!(
        all.contains("budget: asked 20,000.00 USD, shown 18,000.50 USD"),
        "{all}"
    );
    assert!(
        all.contains("sum of the channels: asked 20,000.00 USD, shown 18,000.50 USD"),
        "{all}"
    );
}

#[tokio::test]
async fn errors_of_every_shape_are_survived_and_said() {
    let ground = Ground::open().await;
    let job_id = ground.waiting(json!({})).await;
    let shapes = [
        (
            Mood::Text(502, "<html><body>Bad Gateway</body></html>"),
            "it answered 502 with a web page",
        ),
        (
            Mood::Text(500, "Internal Server Error"),
            "it answered 500 with something that is no JSON",
        ),
        (
            Mood::Text(200, "{\"jobs\": [NaN"),
            "it answered 200 with something that is no JSON",
        ),
        (
            Mood::Json(200, json!({"detail": "boom"})),
            "it answered for its list of jobs that boom",
        ),
        (
            Mood::Json(
                500,
                json!({"detail": {"error": "x", "message": "no state"}}),
            ),
            "it answered 500: no state",
        ),
        (
            Mood::Json(401, json!({"detail": "Invalid or missing API key"})),
            "it does not take our key",
        ),
        (Mood::Cut, "it broke off"),
    ];
    for (mood, said) in shapes {
        let named = format!("{mood:?}");
        ground.fake.mood("list", mood);
        ground.look(1).await;
        assert!(ground.fake.fired(&named) > 0, "{named}");
        let desk = ground.whereabouts().await;
        assert_eq!(desk.trouble.as_deref(), Some(said));
        assert!(
            desk.sentence()
                .contains("What is shown is what was seen last"),
            "{desk:?}"
        );
        ground.look(12).await;
        let desk = ground.whereabouts().await;
        assert_eq!(desk.trouble, None, "it recovers by itself");
        assert!(desk.age_seconds.is_some_and(|age| age <= 3), "{desk:?}");
    }
    let job = ground.job(job_id).await;
    assert_eq!(
        (job.status, job.upstream.expect("an upstream").missing_since),
        (JobStatus::AwaitingApproval, None)
    );
}

#[tokio::test]
async fn a_long_list_is_read_to_its_end() {
    let ground = Ground::open().await;
    for n in 0..230 {
        ground.fake.foreign(&format!("Job {n}"), &json!(n + 1));
    }
    ground.look(3).await;
    assert_eq!(ground.jobs().await.total, 230);
}

#[tokio::test]
async fn a_job_that_is_gone_there_is_shown_so_and_can_be_closed_here() {
    for ground in Ground::each("a_job_that_is_gone_there").await {
        let waiting = ground.waiting(json!({})).await;
        let decided = ground.waiting(json!({"name": "Decided"})).await;
        ground.fake.mood("approve", Mood::Held);
        ground.approve(decided, None).await.expect("approved");
        ground.look(2).await;
        assert_eq!(ground.fake.fired("Held"), 1);
        assert_eq!(ground.committed().await, "20000.00");
        let refused = ground.desk.core.ask(&admin(), cancel(waiting)).await;
        assert_eq!(refused.expect_err("it is there").code, "NOT_AT_UPSTREAM");
        ground.fake.restart();
        ground.look(110).await;
        let rows = ground.ask(ListRows::default()).await.rows;
        assert!(rows.iter().all(JobRow::is_gone), "{rows:?}");
        let job = ground.job(decided).await;
        let upstream = job.upstream.clone().expect("an upstream");
        assert_eq!(upstream.health, Health::Gone, "not as one that is decided");
        assert!(
            upstream
                .remarks()
                .iter()
                .any(|one| one.starts_with("not shown there since ")),
            "{upstream:?}"
        );
        let mut person = Person::sits_down(&ground.desk, admin()).await;
        person.resizes(220, 60);
        person.rests().await;
        person.sees("gone there");
        person.sees_no("running");
        person.sees("not shown there since");
        let closed = ground.ask(cancel(waiting)).await;
        assert_eq!(closed.status, JobStatus::Failed);
        let errors = closed.errors.expect("a reason");
        assert!(
            errors.iter().any(|one| one.contains(
                "Closed here by admin: the IAB buyer agent does not show it since 2026-06-01 12:0"
            )),
            "{errors:?}"
        );
        let closed = ground.ask(cancel(decided)).await;
        let errors = closed.errors.expect("a reason");
        assert!(
            errors.iter().any(|one| one
                .contains("nobody saw 20,000.00 USD booked: that is given back here")),
            "{errors:?}"
        );
        assert_eq!(ground.committed().await, "0.00");
        let again = ground.desk.core.ask(&admin(), cancel(decided)).await;
        assert_eq!(again.expect_err("it has ended").code, "INVALID_STATUS");
        ground.look(40).await;
        assert_eq!(ground.job(decided).await.status, JobStatus::Failed);
        assert_eq!(ground.fake.approvals(), 0);
    }
}

#[tokio::test]
async fn a_job_that_was_closed_here_and_is_shown_again_is_not_decided_again() {
    for ground in Ground::each("closed_and_shown_again").await {
        let job_id = ground.waiting(json!({})).await;
        ground.fake.mood("approve", Mood::Held);
        ground.approve(job_id, None).await.expect("approved");
        ground.look(2).await;
        assert_eq!(ground.fake.fired("Held"), 1);
        let hidden = std::mem::take(&mut ground.fake.world().jobs);
        ground.look(110).await;
        assert_eq!(ground.ask(cancel(job_id)).await.status, JobStatus::Failed);
        assert_eq!(ground.committed().await, "0.00");

        // Shown as it waits: nobody decides on it twice.
        ground.fake.world().jobs = hidden;
        ground.look(10).await;
        assert_eq!(ground.job(job_id).await.status, JobStatus::Failed);
        assert_eq!(
            ground.fake.approvals(),
            0,
            "told once, and kept there for later"
        );
        let again = ground.approve(job_id, None).await;
        assert!(again.is_err(), "{again:?}");

        // Its decision was taken after all: what was booked counts.
        ground.fake.release();
        ground.look(10).await;
        let job = ground.job(job_id).await;
        assert_eq!(job.status, JobStatus::Completed);
        assert_eq!(ground.fake.approvals(), 1);
        assert_eq!(ground.committed().await, "20000.00");
        ground.look(10).await;
        assert_eq!(ground.committed().await, "20000.00", "once");
    }
}

fn cancel(job_id: JobId) -> CancelJob {
    CancelJob {
        job_id,
        expected_revision: None,
    }
}
