//! Bringing here what an ad server has: page by page, on both databases, through the one door.

use std::time::Duration;

use flightdeck::{
    domain::{
        inventory::{
            kind::{ItemKind, What},
            run::{Mode, Run, RunStatus},
            trouble::{Category, Remedy},
        },
        tenant::{caller::Caller, role::Role, secret::Secret},
    },
    engine::{
        activity::{ListTasks, ReadAudit, ReadFeed},
        desk::Desk as SetUp,
        fault::{Fault, FaultKind},
        operation::Operation,
        sync::{
            history::ListSyncs,
            list::{InventoryPage, ListInventory},
            read::GetSync,
            start::StartSync,
            status::{CopyHealth, LastRun, Severity, SyncHealth},
            take::{TakeSyncStep, Taken},
            test::{GetConnection, TestConnection},
        },
        tenants::update::UpdateTenant,
    },
    peers::ad_servers::http::Bounds,
};
use serde_json::{Value, json};

use crate::{
    desk::{Desk, caller},
    fake_google::{FakeGoogle, Mood, REFRESH, SECRET, ad_unit, error, line_item, order},
};

const NOW: &str = "2026-06-01T12:00:00Z";

fn admin() -> Caller {
    caller("main", Role::Admin)
}

/// A set-up in which Google Ad Manager is the fake.
fn set_up(fake: &FakeGoogle) -> impl FnOnce(&mut SetUp) + use<> {
    let fake = fake.clone();
    move |desk| {
        let servers = &mut desk.ad_servers;
        servers.google_api = fake.url().to_string();
        servers.google_tokens = fake.tokens().to_string();
        servers.google_client_id = "flightdeck.apps".into();
        servers.google_client_secret = Secret::new(SECRET);
        servers.bounds = Bounds {
            one: Duration::from_millis(300),
            tries: 1,
            ..Bounds::default()
        };
        desk.tenants = vec![admin().tenant, caller("other", Role::Admin).tenant];
    }
}

/// A desk with a network of so many ad units, three on a page.
async fn with_units(units: u64) -> (FakeGoogle, Desk) {
    let fake = FakeGoogle::open().await;
    {
        let mut network = fake.network();
        network.page = 3;
        network.ad_units = (0..units)
            .map(|n| ad_unit(100 + n, None, &format!("Unit {n:02}")))
            .collect();
    }
    let desk = Desk::sqlite_with(NOW, set_up(&fake)).await;
    give(&desk, network()).await;
    (fake, desk)
}

/// The network 123, as whoever keeps the tenants sets it.
fn network() -> Value {
    json!({"ad_server": "google_ad_manager", "gam_network_code": "123", "gam_refresh_token": REFRESH})
}

/// Gives the tenant `main` an ad server.
async fn give(desk: &Desk, set: Value) {
    let change = UpdateTenant {
        set: serde_json::from_value(set).expect("fields"),
        expected_revision: None,
    };
    let operator = caller("main", Role::Operator);
    desk.core.ask(&operator, change).await.expect("changed");
}

async fn ask<O: Operation>(desk: &Desk, operation: O) -> O::Output {
    desk.core.ask(&admin(), operation).await.expect(O::NAME)
}

async fn start(desk: &Desk, what: What, mode: Mode) -> Result<Run, Fault> {
    desk.core.ask(&admin(), StartSync { what, mode }).await
}

async fn now(desk: &Desk, run: &Run) -> Run {
    ask(desk, GetSync { sync_id: run.id }).await
}

/// Starts a run and does all that is due.
async fn done(desk: &Desk, what: What, mode: Mode) -> Run {
    let run = start(desk, what, mode).await.expect("started");
    settle(desk).await;
    now(desk, &run).await
}

async fn settle(desk: &Desk) {
    desk.pass(chrono::Duration::zero()).await;
}

async fn listed(desk: &Desk, wanted: ListInventory) -> InventoryPage {
    ask(desk, wanted).await
}

fn names(page: &InventoryPage) -> Vec<&str> {
    page.items
        .iter()
        .map(|one| one.item.name.as_str())
        .collect()
}

async fn health(desk: &Desk) -> CopyHealth {
    ask(desk, SyncHealth {}).await
}

async fn told(desk: &Desk) -> Vec<(String, String)> {
    let feed = ask(desk, ReadFeed::default()).await;
    let feed = serde_json::to_value(feed).expect("json");
    let events = feed["events"].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let told = events
        .iter()
        .map(|one| (text(&one["event"]), text(&one["detail"])));
    told.filter(|(name, _)| name.starts_with("sync.")).collect()
}

#[tokio::test]
async fn the_products_of_a_tenant_with_the_ad_server_inside_are_its_ad_units() {
    let enrolled = |desk: &mut SetUp| desk.tenants = vec![admin().tenant];
    for desk in Desk::each_with("the_products_of_a_tenant", NOW, enrolled).await {
        crate::market::stock(&desk).await;
        let run = done(&desk, What::Inventory, Mode::Full).await;
        assert_eq!(
            (run.status, run.source.as_str()),
            (RunStatus::Completed, "mock/inside")
        );
        let page = listed(&desk, ListInventory::default()).await;
        assert!(page.total > 0, "{page:?}");
        assert!(
            page.items
                .iter()
                .all(|one| one.item.kind == ItemKind::AdUnit && !one.gone)
        );
        let orders = done(&desk, What::Orders, Mode::Full).await;
        assert_eq!(orders.status, RunStatus::Completed);
        let again = done(&desk, What::Inventory, Mode::Full).await;
        assert_eq!(
            (
                again.stages[0].added,
                again.stages[0].changed,
                again.stages[0].gone
            ),
            (0, 0, 0)
        );
        let kept = u64::try_from(page.total).expect("a count");
        assert_eq!(again.stages[0].seen, kept);
    }
}

#[tokio::test]
async fn a_run_shows_how_far_it_is_and_waits_as_long_as_the_server_says() {
    let (fake, desk) = with_units(8).await;
    let limited = Mood::Status(429, error(429, "Quota exceeded"), Some("120"));
    fake.moods([Mood::Fine, Mood::Fine, limited]);
    let run = start(&desk, What::Inventory, Mode::Incremental)
        .await
        .expect("started");
    assert_eq!(run.status, RunStatus::Pending);
    settle(&desk).await;

    let run = now(&desk, &run).await;
    assert_eq!((run.status, run.mode), (RunStatus::Running, Mode::Full));
    assert!(run.widened.is_some(), "nothing was brought before");
    let stage = &run.stages[0];
    assert_eq!((stage.pages, stage.seen, stage.added), (2, 6, 6));
    let trouble = run.trouble.clone().expect("trouble");
    assert_eq!(
        (trouble.code.as_str(), trouble.wait),
        ("AD_SERVER_LIMITED", Some(120))
    );
    assert_eq!(
        run.next_at.map(|at| (at - desk_now(&desk)).num_seconds()),
        Some(120)
    );
    let inventory = health(&desk).await.syncs.swap_remove(0);
    assert_eq!(
        (inventory.status, inventory.severity),
        (LastRun::Running, Severity::Warning)
    );
    assert_eq!(
        inventory.issue.map(|issue| (issue.action, issue.retryable)),
        Some((Remedy::Wait, true))
    );

    desk.pass(chrono::Duration::seconds(119)).await;
    assert_eq!(now(&desk, &run).await.stages[0].pages, 2, "not yet");
    fake.asked();
    desk.pass(chrono::Duration::seconds(1)).await;
    let run = now(&desk, &run).await;
    assert_eq!(
        (run.status, run.seen(), run.trouble.clone()),
        (RunStatus::Completed, 8, None)
    );
    assert!(
        fake.asked()[0].path.ends_with("pageToken=token-6"),
        "where it was"
    );
    let told = told(&desk).await;
    assert_eq!(
        told,
        [(
            "sync.completed".into(),
            "inventory: 8 read, 8 new, 0 changed, 0 gone".into()
        )]
    );
}

fn desk_now(desk: &Desk) -> flightdeck::domain::when::Instant {
    flightdeck::engine::clock::Clock::now(&desk.clock)
}

#[tokio::test]
async fn a_run_that_was_killed_goes_on_where_it_was() {
    let (fake, desk) = with_units(10).await;
    fake.moods([Mood::Fine, Mood::Fine, Mood::Hangs]);
    let run = start(&desk, What::Inventory, Mode::Full)
        .await
        .expect("started");
    // The node dies while it waits for the third page.
    let reading = async {
        loop {
            if fake.network().asked.len() == 3 {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        settled = desk.runner.settle() => panic!("not done: {settled:?}"),
        () = reading => {}
    }
    let left = now(&desk, &run).await;
    assert_eq!((left.status, left.stages[0].pages), (RunStatus::Running, 2));
    settle(&desk).await;
    assert_eq!(now(&desk, &run).await, left, "its lease has not run out");

    fake.asked();
    desk.pass(chrono::Duration::seconds(4)).await;
    let run = now(&desk, &run).await;
    assert_eq!((run.status, run.seen()), (RunStatus::Completed, 10));
    let asked: Vec<String> = fake.asked().into_iter().map(|one| one.path).collect();
    assert!(
        asked[0].ends_with("adUnits?pageSize=1000&pageToken=token-6"),
        "{asked:?}"
    );
    assert_eq!(listed(&desk, ListInventory::default()).await.total, 10);
}

#[tokio::test]
async fn one_run_of_a_sort_at_a_time() {
    let (fake, desk) = with_units(2).await;
    let run = start(&desk, What::Inventory, Mode::Full)
        .await
        .expect("started");
    let second = start(&desk, What::Inventory, Mode::Full)
        .await
        .expect_err("one is at work");
    assert_eq!(
        (second.kind, second.code.as_str()),
        (FaultKind::Conflict, "SYNC_RUNNING")
    );
    assert_eq!(second.details["sync_id"], json!(run.id));
    start(&desk, What::Orders, Mode::Full)
        .await
        .expect("another sort");
    let nobody = caller("nobody", Role::Admin);
    let theirs = StartSync {
        what: What::Inventory,
        mode: Mode::Full,
    };
    let fault = desk
        .core
        .ask(&nobody, theirs)
        .await
        .expect_err("no such tenant");
    assert_eq!(fault.code, "TENANT_NOT_FOUND");
    let others = caller("other", Role::Admin);
    let theirs = StartSync {
        what: What::Inventory,
        mode: Mode::Full,
    };
    desk.core
        .ask(&others, theirs)
        .await
        .expect("another tenant");
    settle(&desk).await;
    start(&desk, What::Inventory, Mode::Full)
        .await
        .expect("the first is over");

    // Many at once: one of them.
    let other = Desk::sqlite_with(NOW, set_up(&fake)).await;
    give(&other, network()).await;
    let all = (0..8).map(|_| start(&other, What::Inventory, Mode::Full));
    let all = futures_util::future::join_all(all).await;
    assert_eq!(all.iter().filter(|one| one.is_ok()).count(), 1);
}

#[tokio::test]
async fn only_a_full_run_says_that_something_is_gone() {
    let (fake, desk) = with_units(5).await;
    done(&desk, What::Inventory, Mode::Full).await;
    desk.pass(chrono::Duration::hours(1)).await;
    {
        let mut network = fake.network();
        network.ad_units.remove(4);
        network.ad_units[1] = ad_unit(101, None, "Renamed");
        network.ad_units[1]["updateTime"] = json!("2026-06-01T12:30:00Z");
        let mut new = ad_unit(200, None, "New");
        new["updateTime"] = json!("2026-06-01T11:55:00Z"); // Within the time that is read again.
        network.ad_units.push(new);
    }
    fake.asked();
    let run = done(&desk, What::Inventory, Mode::Incremental).await;
    assert_eq!(
        (run.status, run.mode, run.widened.clone()),
        (RunStatus::Completed, Mode::Incremental, None)
    );
    let stage = &run.stages[0];
    assert_eq!(
        (stage.seen, stage.added, stage.changed, stage.gone),
        (2, 1, 1, 0)
    );
    assert!(
        fake.asked()[0]
            .path
            .contains("updateTime > \"2026-06-01T11:50:00")
    );
    let live = listed(&desk, ListInventory::default()).await;
    assert_eq!(
        names(&live),
        ["New", "Renamed", "Unit 00", "Unit 02", "Unit 03", "Unit 04"]
    );

    let run = done(&desk, What::Inventory, Mode::Full).await;
    assert_eq!((run.stages[0].seen, run.stages[0].gone), (5, 1));
    assert_eq!(listed(&desk, ListInventory::default()).await.total, 5);
    let gone = ListInventory {
        status: Some("gone".into()),
        ..ListInventory::default()
    };
    let gone = listed(&desk, gone).await;
    assert_eq!((names(&gone), gone.items[0].gone), (vec!["Unit 04"], true));
    let counts = health(&desk).await.counts;
    assert_eq!((counts[0].items, counts[0].gone), (5, 1));

    fake.network().ad_units.push(ad_unit(104, None, "Unit 04"));
    let run = done(&desk, What::Inventory, Mode::Full).await;
    assert_eq!(
        (run.stages[0].changed, run.stages[0].gone),
        (1, 0),
        "it is back"
    );
}

#[tokio::test]
async fn orders_and_their_lines_are_brought_too() {
    let (fake, desk) = with_units(0).await;
    {
        let mut network = fake.network();
        network.orders = vec![order(7, "Summer", "APPROVED")];
        network.line_items = (0..4).map(|n| line_item(70 + n, 7, "Homepage")).collect();
    }
    let run = done(&desk, What::Orders, Mode::Full).await;
    let counts: Vec<(ItemKind, u64)> = run.stages.iter().map(|one| (one.kind, one.seen)).collect();
    assert_eq!(counts, [(ItemKind::Order, 1), (ItemKind::LineItem, 4)]);
    let lines = ListInventory {
        parent: Some("7".into()),
        ..ListInventory::default()
    };
    let lines = listed(&desk, lines).await;
    assert_eq!(
        (lines.total, lines.items[0].item.detail.delivered),
        (4, Some(1234))
    );
    let nothing = ListInventory {
        kind: Some(ItemKind::AdUnit),
        ..ListInventory::default()
    };
    assert_eq!(listed(&desk, nothing).await.total, 0);
}

#[tokio::test]
async fn what_no_waiting_helps_ends_a_run_at_once_and_says_what_does() {
    let (fake, desk) = with_units(5).await;
    let denied = || Mood::Status(400, json!({"error": "invalid_grant"}), None);
    fake.network().grants.extend([denied(), denied()]);
    let run = done(&desk, What::Inventory, Mode::Full).await;
    assert_eq!(run.status, RunStatus::Failed);
    let inventory = health(&desk).await.syncs.swap_remove(0);
    assert_eq!(
        (inventory.status, inventory.severity),
        (LastRun::Failed, Severity::Critical)
    );
    let issue = inventory.issue.expect("an issue");
    assert_eq!(
        (issue.category, issue.action, issue.retryable),
        (Category::Auth, Remedy::Reconnect, false)
    );
    assert!(
        told(&desk).await[0]
            .1
            .contains("the connection must be renewed")
    );
    let tasks = ask(&desk, ListTasks::default()).await.tasks;
    assert!(tasks.is_empty(), "nothing is left to do: {tasks:?}");

    // A failed one is no guide for the next, and its place is free.
    desk.clock.advance(chrono::Duration::seconds(1));
    let run = done(&desk, What::Inventory, Mode::Incremental).await;
    assert_eq!((run.status, run.mode), (RunStatus::Failed, Mode::Full));
    desk.clock.advance(chrono::Duration::seconds(1));
    let run = done(&desk, What::Inventory, Mode::Incremental).await;
    assert_eq!(run.status, RunStatus::Completed);
    assert_eq!(health(&desk).await.syncs[0].severity, Severity::Ok);
    let history = ask(&desk, ListSyncs::default()).await;
    let states: Vec<RunStatus> = history.syncs.iter().map(|run| run.status).collect();
    assert_eq!(
        states,
        [RunStatus::Completed, RunStatus::Failed, RunStatus::Failed]
    );
    let failed = ListSyncs {
        status: Some(RunStatus::Failed),
        what: Some(What::Inventory),
        limit: Some(1),
        cursor: None,
    };
    let page = ask(&desk, failed.clone()).await;
    assert_eq!((page.syncs.len(), page.total), (1, 2));
    let rest = ListSyncs {
        cursor: page.next_cursor,
        ..failed
    };
    assert_eq!(ask(&desk, rest).await.syncs.len(), 1);
}

#[tokio::test]
async fn trouble_that_lasts_is_given_up_after_some_tries() {
    let (fake, desk) = with_units(5).await;
    fake.moods([(); 9].map(|()| Mood::Text("<html>maintenance</html>")));
    let run = start(&desk, What::Inventory, Mode::Full)
        .await
        .expect("started");
    for minutes in [0, 1, 1, 1, 5, 10] {
        desk.pass(chrono::Duration::minutes(minutes)).await;
    }
    let run = now(&desk, &run).await;
    assert_eq!((run.status, run.stumbles), (RunStatus::Failed, 6));
    let trouble = run.trouble.expect("trouble");
    assert_eq!(
        trouble.message,
        "Google Ad Manager answered page 1 of the ad units with a web page"
    );
    assert_eq!(fake.asked().len(), 6);
}

#[tokio::test]
async fn a_place_that_the_server_has_forgotten_is_begun_again_once() {
    let (fake, desk) = with_units(7).await;
    let gone = || Mood::Status(400, error(400, "page_token expired"), None);
    fake.moods([Mood::Fine, gone(), Mood::Fine, Mood::Fine]);
    let run = done(&desk, What::Inventory, Mode::Full).await;
    assert_eq!((run.status, run.seen()), (RunStatus::Completed, 7));
    assert!(run.stages[0].begun_again);
}

#[tokio::test]
async fn something_that_is_none_ends_a_run_and_harms_nothing_that_is_kept() {
    let (fake, desk) = with_units(4).await;
    done(&desk, What::Inventory, Mode::Full).await;
    fake.network().ad_units[3]["name"] = json!("networks/123/adUnits/a b");
    let run = done(&desk, What::Inventory, Mode::Full).await;
    assert_eq!(run.status, RunStatus::Failed);
    let said = run.trouble.expect("trouble").message;
    assert_eq!(
        said,
        "something on page 2 of the ad units has an id that is none"
    );
    assert_eq!(listed(&desk, ListInventory::default()).await.total, 4);

    // The same thing twice on a page is one thing.
    fake.network().ad_units[3] = ad_unit(103, None, "Twice");
    fake.network().ad_units.push(ad_unit(103, None, "Twice"));
    let run = done(&desk, What::Inventory, Mode::Full).await;
    assert_eq!((run.status, run.seen()), (RunStatus::Completed, 4));
}

#[tokio::test]
async fn a_run_that_nobody_works_on_is_noticed_and_another_takes_its_place() {
    let (_fake, desk) = with_units(2).await;
    let run = start(&desk, What::Inventory, Mode::Full)
        .await
        .expect("started");
    desk.clock.advance(chrono::Duration::minutes(10));
    start(&desk, What::Inventory, Mode::Full)
        .await
        .expect_err("it may still begin");
    desk.clock.advance(chrono::Duration::seconds(1));
    let inventory = health(&desk).await.syncs.swap_remove(0);
    assert_eq!(
        inventory.issue.map(|issue| issue.code).as_deref(),
        Some("SYNC_STUCK")
    );
    let second = start(&desk, What::Inventory, Mode::Full)
        .await
        .expect("it takes its place");
    let first = now(&desk, &run).await;
    assert_eq!(
        (first.status, first.trouble.map(|one| one.category)),
        (RunStatus::Failed, Some(Category::Stale))
    );
    // Whoever still worked on the first comes too late.
    let late = TakeSyncStep {
        sync_id: run.id,
        taken: Taken::Sweep,
    };
    let late = desk.core.ask(&Caller::engine(admin().tenant), late).await;
    assert_eq!(late.expect_err("ended").code, "SYNC_ENDED");
    settle(&desk).await;
    assert_eq!(now(&desk, &second).await.status, RunStatus::Completed);
}

#[tokio::test]
async fn what_was_brought_is_listed_page_by_page_and_belongs_to_one_tenant() {
    let (_fake, desk) = with_units(5).await;
    done(&desk, What::Inventory, Mode::Full).await;
    let two = ListInventory {
        search: Some("unit".into()),
        limit: Some(2),
        ..ListInventory::default()
    };
    let first = listed(&desk, two.clone()).await;
    assert_eq!(
        (names(&first), first.total),
        (vec!["Unit 00", "Unit 01"], 5)
    );
    let next = ListInventory {
        cursor: first.next_cursor.clone(),
        ..two.clone()
    };
    assert_eq!(names(&listed(&desk, next).await), ["Unit 02", "Unit 03"]);
    let forged = ListInventory {
        search: None,
        cursor: first.next_cursor,
        ..two
    };
    let fault = desk
        .core
        .ask(&admin(), forged)
        .await
        .expect_err("of another question");
    assert_eq!(fault.code, "INVALID_CURSOR");
    for (wrong, code) in [
        (json!({"limit": 0}), "INVALID_LIMIT"),
        (json!({"limit": 501}), "INVALID_LIMIT"),
        (json!({"status": "lost"}), "INVALID_VALUE"),
        (json!({"search": "x".repeat(201)}), "INVALID_VALUE"),
        (json!({"parent": "a\u{0}"}), "INVALID_VALUE"),
    ] {
        let wanted: ListInventory = serde_json::from_value(wrong).expect("a question");
        let fault = desk.core.ask(&admin(), wanted).await.expect_err("wrong");
        assert_eq!(fault.code, code);
    }
    let others = caller("other", Role::Admin);
    let theirs = desk
        .core
        .ask(&others, ListInventory::default())
        .await
        .expect("listed");
    assert_eq!(theirs.total, 0);
}

#[tokio::test]
async fn a_tenant_that_never_had_a_run_is_in_no_trouble_and_an_old_copy_is_stale() {
    let (_fake, desk) = with_units(1).await;
    let fresh = health(&desk).await;
    assert!(
        fresh
            .syncs
            .iter()
            .all(|one| (one.status, one.severity) == (LastRun::NeverRun, Severity::Ok))
    );
    done(&desk, What::Inventory, Mode::Full).await;
    desk.clock.advance(chrono::Duration::hours(49));
    let inventory = health(&desk).await.syncs.swap_remove(0);
    assert_eq!(
        (inventory.status, inventory.severity),
        (LastRun::Success, Severity::Warning)
    );
    let issue = inventory.issue.expect("an issue");
    assert_eq!(
        (issue.category, issue.action),
        (Category::Stale, Remedy::Retry)
    );
}

#[tokio::test]
async fn a_connection_is_tested_and_what_came_of_it_is_kept() {
    let (fake, desk) = with_units(1).await;
    let before = ask(&desk, GetConnection::default()).await;
    assert_eq!((before.connected, before.testing), (None, false));
    assert!(ask(&desk, TestConnection::default()).await.testing);
    settle(&desk).await;
    let known = ask(&desk, GetConnection::default()).await;
    assert_eq!(
        (known.connected, known.testing, known.source.as_str()),
        (Some(true), false, "google_ad_manager/123")
    );
    assert!(known.said.contains("Sports Publisher"), "{}", known.said);

    desk.clock.advance(chrono::Duration::hours(2));
    fake.network()
        .grants
        .push_back(Mood::Status(400, json!({"error": "invalid_client"}), None));
    ask(&desk, TestConnection::default()).await;
    settle(&desk).await;
    let known = ask(&desk, GetConnection::default()).await;
    assert_eq!(known.connected, Some(false));
    let issue = known.issue.expect("an issue");
    assert_eq!(issue.action, Remedy::Reconnect);
    assert!(
        issue.message.contains("client id or its secret"),
        "{}",
        issue.message
    );
}

#[tokio::test]
async fn another_account_is_read_whole_and_one_without_what_opens_it_says_so() {
    let (fake, desk) = with_units(3).await;
    done(&desk, What::Inventory, Mode::Full).await;
    give(
        &desk,
        json!({"ad_server": "kevel", "kevel_network_id": "9"}),
    )
    .await;
    let run = done(&desk, What::Inventory, Mode::Incremental).await;
    let trouble = run.trouble.expect("trouble");
    assert_eq!(
        (trouble.category, trouble.code.as_str()),
        (Category::Auth, "AD_SERVER_NOT_CONFIGURED")
    );
    assert_eq!(
        trouble.message,
        "the tenant's kevel has no key or token: set it, then try again"
    );

    // Its ad server is changed while a run waits: that one ends, and the next reads everything.
    give(&desk, network()).await;
    fake.moods([Mood::Fine, Mood::Status(503, Value::Null, None)]);
    fake.network().page = 2;
    let run = start(&desk, What::Inventory, Mode::Full)
        .await
        .expect("started");
    settle(&desk).await;
    give(&desk, json!({"ad_server": "mock"})).await;
    desk.pass(chrono::Duration::minutes(1)).await;
    let run = now(&desk, &run).await;
    assert_eq!(run.status, RunStatus::Failed);
    assert!(
        run.trouble
            .expect("trouble")
            .message
            .contains("another ad server")
    );
    let run = done(&desk, What::Inventory, Mode::Incremental).await;
    assert_eq!(
        (run.status, run.mode, run.stages[0].gone),
        (RunStatus::Completed, Mode::Full, 3)
    );
}

#[tokio::test]
async fn an_address_that_leads_to_where_only_we_are_is_not_called() {
    let (fake, desk) = with_units(1).await;
    for own in [fake.url().to_string(), "https://localhost/".to_owned()] {
        let mut set = network();
        set["ad_server_base_url"] = json!(own);
        give(&desk, set).await;
        ask(&desk, TestConnection::default()).await;
        settle(&desk).await;
        let known = ask(&desk, GetConnection::default()).await;
        assert_eq!(known.connected, Some(false), "{own}");
    }
    assert!(fake.asked().is_empty(), "nobody came");
}

#[tokio::test]
async fn no_secret_is_told_or_kept_in_what_a_run_leaves() {
    let (fake, desk) = with_units(2).await;
    let echo = format!("{REFRESH} {SECRET} ya29.token-1");
    fake.moods([Mood::Status(404, error(404, &echo), None)]);
    let run = done(&desk, What::Inventory, Mode::Full).await;
    assert_eq!(run.status, RunStatus::Failed);
    let echo = echo.replace("token-1", "token-2");
    fake.moods([Mood::Status(404, error(404, &echo), None)]);
    ask(&desk, TestConnection::default()).await;
    settle(&desk).await;
    let left = [
        format!("{:?}", ask(&desk, ReadAudit::default()).await),
        format!("{:?}", ask(&desk, ReadFeed::default()).await),
        format!("{:?}", ask(&desk, ListTasks::default()).await),
        format!("{:?}", ask(&desk, ListSyncs::default()).await),
        format!("{:?}", ask(&desk, GetConnection::default()).await),
        format!("{:?}", health(&desk).await),
        format!("{:?}", desk.core.desk()),
    ];
    assert!(left[3].contains("*** *** ***"), "{}", left[3]);
    for text in left {
        assert!(
            !text.contains("canary") && !text.contains("ya29."),
            "{text}"
        );
    }
}
