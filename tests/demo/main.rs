//! The desk of `--demo`, looked at as the console and the command line do.

use std::{collections::HashSet, fs, path::Path, process::Command, time::Duration};

use flightdeck::{
    cli::{
        Ended,
        demo::{self, DemoDesk, Tempo},
    },
    config::Settings,
    domain::{
        booking::job::{ExecutionStatus as S, JobStatus},
        media_buy::{approval::Wanted, status::BuyStatus},
        money::{Amount, Currency, Money},
        pacing::status::Status,
        webhook::notice::NoticeStatus,
    },
    engine::{
        activity::ReadAudit,
        bookings::{
            approve::ApproveJob,
            get::GetJob,
            list::{JobPage, ListJobs},
            talks::OutcomeView,
            view::JobView,
        },
        media_buys::{
            approvals::ListApprovals, check::CheckBuy, delivery::GetDelivery, list::ListBuys,
        },
        notify::endpoints::{ListEndpoints, TestEndpoint},
        pacing::list::ListPacing,
        webhooks::list::{ListNotices, NoticeView},
    },
};

/// As usual, but what is in motion stays where it is.
const STILL: Tempo = Tempo {
    beat: Duration::from_hours(1),
    step: Duration::from_hours(1),
    seed: 7,
};
/// Faster than anybody could watch.
const HASTY: Tempo = Tempo {
    beat: Duration::from_millis(4),
    step: Duration::from_millis(1),
    seed: 7,
};

/// Tells the past.
const PROGRAM: &str = env!("CARGO_BIN_EXE_flightdeck");

async fn open(tempo: Tempo) -> DemoDesk {
    let desk = demo::open_at(&Settings::default(), tempo, Path::new(PROGRAM)).await;
    desk.expect("a desk whose past is as it was written")
}

async fn page(desk: &DemoDesk) -> JobPage {
    let question = ListJobs {
        limit: Some(1000),
        ..ListJobs::default()
    };
    desk.session.ask(question).await.expect("a page")
}

async fn jobs(desk: &DemoDesk) -> Vec<JobView> {
    let mut jobs = Vec::new();
    for one in page(desk).await.jobs {
        let question = GetJob { job_id: one.job_id };
        jobs.push(desk.session.ask(question).await.expect("a job"));
    }
    jobs
}

fn some(jobs: &[JobView], what: &str, is: impl Fn(&JobView) -> bool) {
    assert!(jobs.iter().any(is), "no job {what}");
}

fn said(job: &JobView, words: &str) -> bool {
    let mut errors = job.errors.iter().flatten();
    errors.any(|error| error.contains(words))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_state_is_there() {
    let desk = open(STILL).await;
    let jobs = jobs(&desk).await;
    assert!((38..=60).contains(&jobs.len()), "{} jobs", jobs.len());
    for status in JobStatus::ALL {
        some(&jobs, status.name(), |job| job.status == status);
    }
    for status in [
        S::Initialized,
        S::BriefReceived,
        S::BudgetAllocated,
        S::Researching,
        S::ExecutingBookings,
        S::ValidationFailed,
    ] {
        some(&jobs, &format!("{status:?}"), |job| {
            job.execution_status == status
        });
    }
    let wide = |job: &JobView| {
        let all = job.recommendations.as_deref().unwrap_or_default();
        let channels: HashSet<&str> = all.iter().map(|one| one.channel.as_str()).collect();
        job.status == JobStatus::AwaitingApproval && channels.len() >= 4 && all.len() >= 9
    };
    some(&jobs, "that is wide", wide);
    let talked = |job: &JobView| {
        let mut all = job.recommendations.iter().flatten();
        all.any(|one| {
            let log = one.negotiation.as_ref();
            log.is_some_and(|log| matches!(log.outcome, OutcomeView::Accepted { .. }))
        })
    };
    some(&jobs, "with price talks that waits", |job| {
        job.status == JobStatus::AwaitingApproval && talked(job)
    });
    let failed_lines = |job: &JobView| {
        let lines = job.booked_lines.as_deref().unwrap_or_default();
        lines.iter().filter(|line| line.error.is_some()).count()
    };
    some(&jobs, "all booked", |job| {
        job.booked().lines > 0 && failed_lines(job) == 0 && job.status == JobStatus::Completed
    });
    some(&jobs, "partly booked", |job| {
        job.booked().lines > 0 && failed_lines(job) > 0
    });
    some(&jobs, "short of inventory", |job| {
        said(job, "impressions are free")
    });
    some(&jobs, "without a creative", |job| {
        said(job, "has not approved a creative")
    });
    some(&jobs, "without a product", |job| {
        said(job, "Budget allocation failed")
    });
    some(&jobs, "with failed research", |job| {
        said(job, "Research of linear_tv failed")
    });
    some(&jobs, "that failed in research", |job| {
        said(job, "nothing to approve")
    });
    some(&jobs, "that came too late", |job| {
        said(job, "before its turn came")
    });
    some(&jobs, "cancelled", |job| said(job, "Cancelled by"));
    some(&jobs, "retried", |job| job.retried_as.is_some());
    some(&jobs, "that retries", |job| job.retry_of.is_some());
    some(&jobs, "approved in advance", |job| {
        job.auto_approve && job.approval.is_some()
    });
    some(&jobs, "in other scripts", |job| {
        job.campaign_name.contains("夏祭り")
    });
    let senders: HashSet<&str> = jobs.iter().map(|job| job.submitted_by.as_str()).collect();
    assert!(senders.len() >= 4, "{senders:?}");
    let currencies: HashSet<&str> = jobs.iter().map(|job| job.currency.as_str()).collect();
    assert!(currencies.is_superset(&HashSet::from(["EUR", "USD", "GBP"])));
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_is_refused_where_it_should_be() {
    let desk = open(STILL).await;
    let refused = async |name: &str| {
        let jobs = page(&desk).await.jobs;
        let job = jobs.iter().find(|job| job.campaign_name.starts_with(name));
        let approve = ApproveJob {
            job_id: job.expect(name).job_id,
            approved_product_ids: None,
            expected_revision: None,
            despite_warnings: false,
        };
        let fault = desk.session.ask(approve).await.expect_err(name);
        fault.code
    };
    assert_eq!(refused("Thornbury Tea").await, "TENANT_BUDGET_EXCEEDED");
    assert_eq!(refused("Summer Clearance").await, "FLIGHT_ENDED");
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_adds_up() {
    let desk = open(STILL).await;
    for job in jobs(&desk).await {
        let currency: Currency = job.currency.parse().expect("a currency");
        let money = |amount: &Amount| Money::from_amount(*amount, currency).expect("money");
        let sum = |all: &mut dyn Iterator<Item = &Amount>| {
            Money::sum(currency, all.map(money)).expect("a sum")
        };
        let budget = money(&job.budget);
        let spread = job.budget_allocations.iter().flatten();
        let spread = sum(&mut spread.map(|(_, one)| &one.budget));
        assert!(
            spread == budget || job.budget_allocations.is_none(),
            "{job:?}"
        );
        for one in job.recommendations.iter().flatten() {
            let cost = money(&one.cpm).cost_of(one.impressions).expect("a cost");
            assert_eq!(money(&one.cost), cost, "{one:?}");
            assert!(one.impressions <= one.available, "{one:?}");
        }
        let costs = job.recommendations.iter().flatten().map(|one| &one.cost);
        assert!(sum(&mut costs.into_iter()) <= budget, "{job:?}");
        let Some(approval) = &job.approval else {
            continue;
        };
        let lines = job.booked_lines.as_deref().unwrap_or_default();
        assert_eq!(lines.len(), approval.approved_count as usize);
        assert_eq!(
            sum(&mut lines.iter().map(|line| &line.cost)),
            money(&approval.total_cost)
        );
        let booked = lines.iter().filter(|line| line.booked_at.is_some());
        assert_eq!(job.booked().cost, sum(&mut booked.map(|line| &line.cost)));
    }
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_trail_has_many_hands_and_runs_forward() {
    let desk = open(STILL).await;
    let mut lines = Vec::new();
    loop {
        let after = lines
            .last()
            .map_or(0, |last: &flightdeck::domain::audit::Sealed| last.seq);
        let question = ReadAudit {
            after,
            limit: Some(1000),
            object: None,
        };
        let trail = desk.session.ask(question).await.expect("a trail");
        if trail.lines.is_empty() {
            break;
        }
        lines.extend(trail.lines);
    }
    let actors: HashSet<&str> = lines.iter().map(|line| line.entry.actor.as_str()).collect();
    let roles: HashSet<_> = lines.iter().map(|line| line.entry.role).collect();
    assert!(
        actors.len() >= 8 && roles.len() >= 6,
        "{actors:?} {roles:?}"
    );
    let refused = lines
        .iter()
        .filter(|line| line.entry.outcome.name() == "refused");
    assert!(refused.count() >= 8);
    // What is done at the same time may be written down in either order.
    let slack = chrono::Duration::minutes(1);
    assert!(lines.is_sorted_by(|one, next| one.entry.at <= next.entry.at + slack));
    let first = lines.first().expect("a line").entry.at;
    let last = lines.last().expect("a line").entry.at;
    assert!((last - first).num_days() >= 25);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_sent_to_others_came_to_every_end() {
    let desk = open(STILL).await;
    let sent = desk.session.ask(ListNotices::default()).await;
    let sent = sent.expect("deliveries").webhooks;
    let some = |what: &str, is: &dyn Fn(&NoticeView) -> bool| {
        assert!(sent.iter().any(is), "none {what}: {sent:#?}");
    };
    let (taken, dead) = (NoticeStatus::Delivered, NoticeStatus::Dead);
    some("taken at once", &|it| it.status == taken && it.tries == 1);
    some("taken at last", &|it| it.status == taken && it.tries == 2);
    some("given up", &|it| it.status == dead && it.tries == 12);
    some("that came to nobody", &|it| {
        it.status == dead
            && it
                .last
                .as_ref()
                .is_some_and(|last| last.status == Some(410))
    });
    let endpoints = desk.session.ask(ListEndpoints {}).await;
    let endpoints = endpoints.expect("endpoints").webhooks;
    let off = endpoints
        .iter()
        .filter_map(|one| one.disabled_because.as_deref());
    let why = [
        "it answered 410, gone",
        "it has taken nothing for five days",
    ];
    assert_eq!(off.collect::<Vec<_>>(), why);
    // Whoever looks can be told as well.
    let mut events = desk.core().watch();
    let test = TestEndpoint {
        endpoint_id: endpoints[0].endpoint_id,
    };
    let test = desk.session.ask(test).await.expect("a test").delivery_id;
    let mut told = async |name| {
        while let Ok(noticed) = events.recv().await {
            let event = noticed.event;
            if event.object == test.to_string() && event.event == name {
                return;
            }
        }
    };
    let told = tokio::time::timeout(Duration::from_secs(30), told("webhooks.delivered"));
    told.await.expect("it is delivered");
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_moves_while_one_looks_and_ends_at_a_bound() {
    let desk = open(HASTY).await;
    let mut events = desk.core().watch();
    let mut seen = HashSet::new();
    let wanted = [
        "bookings.submitted",
        "bookings.brief_received",
        "bookings.researched",
        "bookings.approved",
        "bookings.line_booked",
        "bookings.completed",
        "bookings.cancelled",
    ];
    let mut count = 0;
    while count < 200 || !wanted.iter().all(|name| seen.contains(*name)) {
        if let Ok(noticed) = events.recv().await {
            seen.insert(noticed.event.event);
            count += 1;
        }
    }
    assert!(page(&desk).await.total <= 201);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_gone_when_it_is_closed_or_dropped() {
    let closed = open(HASTY).await;
    let there = closed.directory().to_owned();
    assert!(there.join("flightdeck.db").exists());
    closed.close().await;
    assert!(!there.exists());
    // Dropped, as at an early return.
    let dropped = open(STILL).await;
    let there = dropped.directory().to_owned();
    assert!(page(&dropped).await.total > 0, "its past is there at once");
    drop(dropped);
    assert!(!there.exists());
}

#[tokio::test]
async fn why_nobody_tells_the_past_is_said() {
    for (program, why) in [
        ("/bin/false", "exit status: 1"),
        ("/no/where", "No such file"),
    ] {
        let opened = demo::open_at(&Settings::default(), STILL, Path::new(program)).await;
        let said = match opened {
            Err(Ended::Usage(said)) => said,
            Err(other) => panic!("{other:?}"),
            Ok(_) => panic!("{program} tells nothing"),
        };
        assert!(said.starts_with("the past of the demonstration"), "{said}");
        assert!(said.contains(why), "{said}");
    }
}

/// The program at a home of its own, where nothing may be left.
fn program(args: &[&str]) -> (i32, String, String, usize) {
    let home = tempfile::tempdir().expect("a home");
    let ran = Command::new(PROGRAM)
        .args(args)
        .env_clear()
        .env("HOME", home.path())
        .output()
        .expect("the program runs");
    let left = fs::read_dir(home.path()).expect("a home").count();
    let text = |bytes| String::from_utf8(bytes).expect("text");
    let code = ran.status.code().unwrap_or(-1);
    (code, text(ran.stdout), text(ran.stderr), left)
}

#[test]
fn the_command_line_shows_it_and_leaves_nothing_at_home() {
    let (code, out, err, left) = program(&["--demo", "jobs", "list", "--limit", "100"]);
    assert_eq!((code, left, err.as_str()), (0, 0, ""));
    assert!(
        out.contains("Nimbus Phone 9") && out.contains("awaiting approval"),
        "{out}"
    );
    let (code, out, _, left) = program(&["--demo", "audit", "verify"]);
    assert_eq!((code, left), (0, 0));
    assert!(out.contains("demo: whole"), "{out}");
    let (code, _, err, left) = program(&["--demo", "serve"]);
    assert_eq!((code, left), (2, 0));
    assert!(err.contains("--demo goes with"), "{err}");
    let (code, .., left) = program(&["--demo", "--database", "x.db", "jobs", "list"]);
    assert_eq!((code, left), (2, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_of_two_buyers_wait_run_and_are_over() {
    let desk = open(STILL).await;
    let asked = desk.session.ask(ListApprovals::default()).await;
    let waiting = asked.expect("the queue").approvals;
    let changes = waiting.iter().filter(|one| {
        let wanted = &one.approval.wanted;
        matches!(wanted, Wanted::Change { .. })
    });
    assert_eq!((waiting.len(), changes.count()), (3, 1));
    let buys = desk.session.ask(ListBuys::default()).await.expect("buys");
    let states: HashSet<BuyStatus> = buys.media_buys.iter().map(|one| one.buy.status).collect();
    for state in BuyStatus::ALL {
        assert!(states.contains(&state), "nothing is {state}");
    }
    let owners: HashSet<&str> = buys
        .media_buys
        .iter()
        .map(|one| one.buy.owner.as_str())
        .collect();
    assert_eq!(owners.len(), 2);
    let mut short = 0;
    for one in &waiting {
        let media_buy_id = one.approval.buy_id.clone();
        let check = desk.session.ask(CheckBuy { media_buy_id }).await;
        let check = check.expect("looked over");
        short += usize::from(check.packages.iter().any(|one| one.problem.is_some()));
    }
    assert_eq!(short, 1, "one asks for more than there is");
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lines_have_weeks_of_delivery_and_pace_in_every_way() {
    let desk = open(STILL).await;
    let pacing = ListPacing {
        ended: true,
        ..ListPacing::default()
    };
    let page = desk.session.ask(pacing).await.expect("how lines pace");
    let paces: Vec<(Status, &str)> = page
        .lines
        .iter()
        .map(|row| (row.status, &*row.line))
        .collect();
    for wanted in [
        Status::OnTrack,
        Status::Behind,
        Status::AtRisk,
        Status::Ahead,
        Status::NotDelivering,
        Status::PendingCreatives,
        Status::Paused,
        Status::EndedMet,
    ] {
        let there = paces.iter().any(|(status, _)| *status == wanted);
        assert!(there, "nothing is {}: {paces:#?}", wanted.name());
    }
    let told = desk.session.ask(GetDelivery {
        daily: true,
        ..GetDelivery::default()
    });
    let told = told.await.expect("delivery");
    let longest = told.buys.iter().map(|buy| buy.days.len()).max();
    assert!(longest >= Some(14), "{longest:?} days");
    desk.close().await;
}
