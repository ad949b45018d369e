//! Briefs on their way to the other side, and what becomes of those whose answer is lost.

use flightdeck::{
    domain::booking::{
        job::{ExecutionStatus, JobStatus},
        upstream::differ::Health,
    },
    engine::{
        bookings::{cancel::CancelJob, get::GetJob, retry::RetryJob},
        fault::FaultKind,
    },
};
use serde_json::json;

use crate::{
    buyer_agent::{KEY, Mood},
    ground::{Ground, admin, disagreements, look},
};

#[tokio::test]
async fn a_brief_becomes_booked_lines() {
    for ground in Ground::each("a_brief_becomes_booked_lines").await {
        let job_id = ground
            .brief(json!({"kpis": {"target_cpm": 8, "max_cpm": 10}, "auto_approve": false}))
            .await;
        {
            let world = ground.fake.world();
            let brief = &world.jobs[0].brief;
            assert_eq!(brief["channels"], json!([]), "channels are always a list");
            assert_eq!(
                brief["kpis"],
                json!({"target_cpm_usd": 8.0, "max_cpm_usd": 10.0})
            );
        }
        let job = ground.job(job_id).await;
        assert_eq!(job.upstream.expect("an upstream").health, Health::Working);

        ground.fake.research();
        ground.look(2).await;
        let job = ground.job(job_id).await;
        assert_eq!(job.status, JobStatus::AwaitingApproval);
        assert_eq!(job.recommendations.as_ref().map(Vec::len), Some(2));
        let revision = job.revision;
        ground.look(5).await;
        assert_eq!(
            ground.job(job_id).await.revision,
            revision,
            "nothing changed, nothing written"
        );

        ground.approve(job_id, None).await.expect("approved");
        ground.look(2).await;
        let job = ground.job(job_id).await;
        assert_eq!(job.execution_status, ExecutionStatus::Completed);
        assert_eq!(
            (job.booked().lines, job.booked().cost.to_string()),
            (2, "20,000.00 USD".into())
        );
        assert_eq!(disagreements(&job), Vec::<String>::new());
        assert_eq!(ground.committed().await, "20000.00");
        assert_eq!((ground.fake.submits(), ground.fake.approvals()), (1, 1));
        assert_eq!(
            ground.fake.world().keyless,
            0,
            "the key is in the header, and nowhere else"
        );
        let all = serde_json::to_string(&(job, ground.whereabouts().await)).expect("json");
        assert!(!all.contains(KEY));
        assert_eq!(
            ground.events(job_id).await,
            [
                "bookings.submitted",
                "bookings.sent",
                "bookings.awaiting_approval",
                "bookings.approved",
                "bookings.completed",
            ]
        );
    }
}

#[tokio::test]
async fn a_brief_whose_answer_was_lost_is_found_there_and_not_sent_twice() {
    for ground in Ground::each("a_brief_whose_answer_was_lost").await {
        for mood in [
            Mood::DoneThenCut,
            Mood::DoneThenSilent,
            Mood::Text(200, "<html>Bad gateway</html>"),
        ] {
            ground.fake.world().jobs.clear();
            let before = ground.fake.submits();
            let named = format!("{mood:?}");
            let lost = matches!(mood, Mood::Text(..));
            ground.fake.mood("submit", mood);
            let job_id = ground.brief(json!({"name": named})).await;
            assert_eq!(ground.fake.fired(&named), 1, "the fault came to pass");
            ground.look(3).await;
            if lost {
                // A page in place of an answer: nothing is there, and it is looked for first.
                assert_eq!(ground.fake.submits(), before);
                let health = ground.job(job_id).await.upstream.expect("upstream").health;
                assert_eq!(health, Health::OnItsWay);
                ground.look(70).await;
            }
            assert_eq!(ground.fake.submits(), before + 1, "{named}");
            let job = ground.job(job_id).await;
            assert!(job.upstream.expect("an upstream").id.is_some(), "{named}");
        }
        let total = ground.jobs().await.total;
        assert_eq!(total, 3, "none of them was taken for somebody else's");
    }
}

#[tokio::test]
async fn killed_between_a_brief_and_its_answer_the_next_process_finds_it() {
    let ground = Ground::open().await;
    ground.fake.mood("submit", Mood::DoneThenSilent);
    let job_id = ground.submit(json!({})).await.expect("submitted");
    let fake = ground.fake.clone();
    let arrived = async {
        while fake.submits() == 0 {
            tokio::task::yield_now().await;
        }
    };
    // The process dies in the middle of its question.
    tokio::select! {
        () = look(&ground.desk, 1) => {}
        () = arrived => {}
    }
    assert_eq!(
        (ground.fake.fired("DoneThenSilent"), ground.fake.submits()),
        (1, 1)
    );
    let next = ground.started_again().await;
    look(&next, 4).await;
    let job = next
        .core
        .ask(&admin(), GetJob { job_id })
        .await
        .expect("the job");
    let upstream = job.upstream.expect("an upstream");
    assert_eq!(
        upstream.id.as_deref(),
        Some(&*ground.fake.world().jobs[0].id)
    );
    assert_eq!(ground.fake.submits(), 1, "it was not sent again");
}

#[tokio::test]
async fn a_brief_waits_until_somebody_is_there_to_take_it() {
    let ground = Ground::open().await;
    ground.fake.mood(
        "submit",
        Mood::Json(401, json!({"detail": "Invalid or missing API key"})),
    );
    let job_id = ground.brief(json!({})).await;
    let upstream = ground.job(job_id).await.upstream.expect("an upstream");
    assert_eq!(upstream.health, Health::Unsent);
    assert_eq!(
        upstream.trouble.as_deref(),
        Some("it does not take our key")
    );
    ground.look(3).await;
    assert_eq!(ground.fake.submits(), 1);
    assert_eq!(
        ground
            .job(job_id)
            .await
            .upstream
            .expect("an upstream")
            .trouble,
        None
    );

    let said = json!({"detail": [{"loc": ["body", "brief", "name"], "msg": "String should have at most 100 characters"}]});
    ground.fake.mood("submit", Mood::Json(422, said));
    let refused = ground.brief(json!({"name": "Refused"})).await;
    let job = ground.job(refused).await;
    assert_eq!(job.status, JobStatus::Failed);
    let errors = job.errors.expect("errors");
    assert!(
        errors[0].contains("body.brief.name: String should have at most"),
        "{errors:?}"
    );
    assert_eq!(ground.fake.fired("Json"), 2);
}

#[tokio::test]
async fn what_it_cannot_do_is_refused_in_words() {
    let ground = Ground::open().await;
    let talks = ground
        .submit(json!({"negotiation": {}}))
        .await
        .expect_err("refused");
    assert!(
        talks.message.contains("how prices are talked about"),
        "{talks}"
    );
    let euros = ground
        .submit(json!({"currency": "EUR"}))
        .await
        .expect_err("refused");
    assert!(euros.message.contains("counts in US dollars"), "{euros}");
    let tv = ground
        .submit(json!({"channels": ["linear_tv"]}))
        .await
        .expect_err("refused");
    assert!(tv.message.contains("none of these channels"), "{tv}");
    assert_eq!(ground.fake.submits(), 0);

    let job_id = ground.waiting(json!({})).await;
    let cancel = CancelJob {
        job_id,
        expected_revision: None,
    };
    let fault = ground
        .desk
        .core
        .ask(&admin(), cancel)
        .await
        .expect_err("refused");
    assert_eq!(
        (fault.kind, fault.code.as_str()),
        (FaultKind::WrongState, "NOT_AT_UPSTREAM")
    );
    assert!(fault.message.contains("cannot cancel a job"), "{fault}");
    ground.fake.foreign("Theirs", &json!(5000));
    ground.look(1).await;
    let jobs = ground.jobs().await.jobs;
    let theirs = jobs
        .iter()
        .find(|job| job.campaign_name == "Theirs")
        .expect("found");
    let retry = RetryJob {
        job_id: theirs.job_id,
        expected_revision: None,
    };
    let fault = ground
        .desk
        .core
        .ask(&admin(), retry)
        .await
        .expect_err("refused");
    assert!(fault.message.contains("cannot retry a job"), "{fault}");
}
