//! What it costs to bring 100,000 ad units here from an ad server: `cargo bench --bench sync`. The
//! server is in this process and makes up its pages; the engine is in one of its own, on a SQLite
//! file that is written for good, so that its time and its memory are its own.

use std::{
    env,
    fmt::Write as _,
    fs,
    io::{self, Write as _},
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::Query,
    routing::{get, post},
};
use flightdeck::{
    domain::{
        inventory::{
            kind::What,
            run::{Mode, Run, RunStatus},
        },
        tenant::{caller::Caller, role::Role, secret::Secret},
    },
    engine::{
        clock::SystemClock,
        core::Core,
        start::{Started, start},
        sync::{read::GetSync, start::StartSync},
        tenants::update::UpdateTenant,
    },
    store::open::{Database, open},
};
use serde_json::json;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

#[path = "../engine/table.rs"]
#[expect(dead_code, reason = "the engine's bench uses the rest")]
mod table;

use table::{Row, Table, Target};

/// How many ad units there are.
const UNITS: u64 = 100_000;
/// How many a page has: the most that the API gives.
const PAGE: u64 = 1_000;
/// Set in the process that is measured: where the ad server is.
const SERVER: &str = "SYNC_BENCH_SERVER";

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let runtime = runtime.expect("a runtime");
    if let Ok(server) = env::var(SERVER) {
        return runtime.block_on(bring(&server));
    }
    let server = runtime.block_on(serve());
    let measured = Command::new(env::current_exe().expect("this program"))
        .env(SERVER, server)
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&measured.stdout);
    let errors = String::from_utf8_lossy(&measured.stderr);
    let mut figures = said.split_whitespace().filter_map(|one| one.parse().ok());
    let mut next = || -> f64 { figures.next().unwrap_or_else(|| panic!("{said}{errors}")) };
    let mut table = Table::default();
    for (what, unit, target) in [
        ("100,000 ad units brought from an ad server, new", "s", 20.0),
        ("the same again, nothing has changed", "s", 20.0),
        ("the most memory that the engine took for both", "MiB", 95.0),
        ("of that, beside what it took before", "MiB", 95.0),
    ] {
        table.push(Row::figure(what, next(), unit, Target::AtMost(target)));
    }
    write!(io::stdout(), "\n{table}").expect("somebody reads");
}

/// An ad server that has so many ad units, as Google Ad Manager writes them.
async fn serve() -> String {
    #[derive(serde::Deserialize)]
    struct Asked {
        #[serde(default, rename = "pageToken")]
        token: Option<u64>,
    }
    async fn page(Query(asked): Query<Asked>) -> String {
        let from = asked.token.unwrap_or(0);
        let units: Vec<String> = (from..from + PAGE).map(unit).collect();
        let next = from + PAGE;
        let next = if next < UNITS {
            format!(",\"nextPageToken\":\"{next}\"")
        } else {
            String::new()
        };
        format!("{{\"adUnits\":[{}]{next}}}", units.join(","))
    }
    let token = || async { r#"{"access_token":"t","expires_in":3600}"# };
    let router = Router::new()
        .route("/token", post(token))
        .route("/v1/networks/123/adUnits", get(page))
        .fallback(|| async { "{}" });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("a port");
    let at = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{at}/")
}

fn unit(id: u64) -> String {
    let name = format!("networks/123/adUnits/{id}");
    json!({
        "name": name,
        "adUnitId": id.to_string(),
        "parentPath": [{"parentAdUnit": "networks/123/adUnits/1", "displayName": "Root", "adUnitCode": "root"}],
        "parentAdUnit": format!("networks/123/adUnits/{}", id / 10),
        "displayName": format!("Section {} / Position {id}", id / 100),
        "adUnitCode": format!("section_{}_position_{id}", id / 100),
        "status": "ACTIVE",
        "effectiveTargetWindow": "TOP",
        "explicitlyTargeted": false,
        "hasChildren": false,
        "updateTime": "2026-05-01T10:00:00.123456Z",
        "smartSizeMode": "NONE",
        "effectiveAdsenseEnabled": true,
        "adUnitSizes": [
            {"environmentType": "BROWSER", "size": {"width": 300, "height": 250, "sizeType": "PIXEL"}},
            {"environmentType": "BROWSER", "size": {"width": 728, "height": 90, "sizeType": "PIXEL"}},
        ],
    })
    .to_string()
}

/// Brings them twice, and says how long each took and how much memory was taken at most.
async fn bring(server: &str) {
    let dir = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a scratch directory");
    let store = open(&Database::File(dir.path().join("desk.db"))).await;
    let server = server.to_owned();
    let started = start(
        store.expect("a database"),
        Arc::new(SystemClock::default()),
        |desk| {
            let servers = &mut desk.ad_servers;
            servers.google_tokens = format!("{server}token");
            servers.google_api = server;
            servers.google_client_secret = Secret::new("secret");
            desk.tenants = vec!["main".parse().expect("a tenant")];
        },
    );
    let Started { core, runner } = started.await.expect("an engine");
    let caller = |role| Caller::new("bench", "main".parse().expect("a tenant"), role);
    let change: UpdateTenant = serde_json::from_value(json!({"set": {
        "ad_server": "google_ad_manager", "gam_network_code": "123", "gam_refresh_token": "1//token",
    }}))
    .expect("a change");
    core.ask(&caller(Role::Operator), change)
        .await
        .expect("changed");
    let stop = CancellationToken::new();
    let working = tokio::spawn(runner.run(stop.clone()));
    let (before, admin) = (peak(), caller(Role::Admin));
    let mut said = String::new();
    for _ in 0..2 {
        let since = Instant::now();
        let run = brought(&core, &admin).await;
        assert_eq!(run.stages[0].seen, UNITS, "{run:?}");
        write!(said, "{:.2} ", since.elapsed().as_secs_f64()).expect("room");
    }
    let most = peak();
    write!(said, "{most:.1} {:.1}", most - before).expect("room");
    stop.cancel();
    working.await.expect("it stops");
    writeln!(io::stdout(), "{said}").expect("somebody reads");
}

async fn brought(core: &Core, admin: &Caller) -> Run {
    let wanted = StartSync {
        what: What::Inventory,
        mode: Mode::Full,
    };
    let sync_id = core.ask(admin, wanted).await.expect("started").id;
    loop {
        let run = core.ask(admin, GetSync { sync_id }).await.expect("read");
        match run.status {
            RunStatus::Completed => return run,
            RunStatus::Failed => panic!("{run:?}"),
            RunStatus::Pending | RunStatus::Running => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

/// The most memory that this process has taken so far, in MiB.
fn peak() -> f64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u32>().ok());
    f64::from(kib.expect("a size")) / 1024.0
}
