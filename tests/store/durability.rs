//! A process that is killed in the middle of writing: what it acknowledged is there once, and
//! what it did not is there once or not at all. Power cuts are not tried here.

use std::{
    collections::BTreeSet,
    env,
    io::{self, BufRead as _, BufReader, Write as _},
    os::unix::process::ExitStatusExt as _,
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use flightdeck::{
    domain::audit::Verifier,
    store::{
        Since,
        batch::Batch,
        open::{Database, open},
        record::{Filter, Part},
    },
};
use tokio::task::JoinSet;

use crate::ground::{KIND, batch, claim, happening, line, main, new, remember};

/// Names the file, in the process that is started only to be killed.
const VICTIM: &str = "FLIGHTDECK_TEST_STORE_VICTIM";
/// How often somebody is killed.
const FAULTS: &str = "FLIGHTDECK_FAULTS";
/// How many commit at once.
const WRITERS: usize = 6;
/// The most that is waited for before the kill.
const MOST: usize = 24;
/// How many are killed over one file before a new one is begun.
const ROUNDS: u32 = 20;

/// Commits until it is killed, and says each id once it is committed.
async fn write_until_killed(path: &Path) -> io::Result<()> {
    let store = open(&Database::File(path.into()))
        .await
        .map_err(io::Error::other)?;
    let mut writers = JoinSet::new();
    for _ in 0..WRITERS {
        let store = Arc::clone(&store);
        writers.spawn(async move {
            loop {
                let id = uuid::Uuid::new_v4().to_string();
                let batch = Batch {
                    puts: vec![new(&id, "booked")],
                    claims: vec![claim("budget", "EUR", 1, i64::MAX)],
                    happenings: vec![happening(&id)],
                    audit: Some(line(&id)),
                    remember: Some(remember(&id, &id)),
                    ..batch()
                };
                store.commit(batch).await.map_err(io::Error::other)?;
                // Fails when nobody listens any more: then it ends by itself.
                writeln!(io::stdout().lock(), "\nacknowledged {id}")?;
            }
        });
    }
    match writers.join_next().await {
        Some(ended) => ended?,
        None => Ok(()),
    }
}

/// Starts a victim, kills it at some moment, and says what it had acknowledged by then.
fn kill_one(path: &Path, test: &str) -> io::Result<Vec<String>> {
    let [enough, moment, ..] = *uuid::Uuid::new_v4().as_bytes();
    let mut victim = Command::new(env::current_exe()?)
        .args(["--exact", test, "--nocapture"])
        .env(VICTIM, path)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut lines = BufReader::new(victim.stdout.take().expect("its output is piped"))
        .lines()
        .map_while(Result::ok)
        .filter_map(|line| line.strip_prefix("acknowledged ").map(str::to_owned));
    let mut acknowledged: Vec<String> = lines.by_ref().take(usize::from(enough) % MOST).collect();
    let moment = Instant::now() + Duration::from_micros(u64::from(moment) * 20);
    while Instant::now() < moment {
        thread::yield_now();
    }
    victim.kill()?;
    acknowledged.extend(lines);
    let status = victim.wait()?;
    assert_eq!(status.signal(), Some(9), "it was killed: {status}");
    Ok(acknowledged)
}

/// Checks what is there; says the ids.
async fn survived(path: &Path, acknowledged: &BTreeSet<String>) -> BTreeSet<String> {
    let store = open(&Database::File(path.into())).await.expect("reopened");
    let (all, since) = (
        Filter {
            limit: u32::MAX,
            part: Part::Nothing,
            ..Filter::default()
        },
        Since {
            limit: u32::MAX,
            ..Since::default()
        },
    );
    let rows = store.list(&main(), KIND, &all).await.expect("read");
    let ids: BTreeSet<String> = rows.iter().map(|row| row.id.clone()).collect();
    assert!(rows.iter().all(|row| row.revision == 1));
    let lost: Vec<_> = acknowledged.difference(&ids).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");

    // The rest of each batch is there as often as its object: once.
    let n = i64::try_from(rows.len()).expect("few");
    let events = store.events(&main(), &since).await.expect("read");
    let told: BTreeSet<String> = events.iter().map(|event| event.object.clone()).collect();
    assert_eq!((events.len(), &told), (rows.len(), &ids));
    let lines = store.audit(&main(), 0, u32::MAX).await.expect("read");
    let actors: BTreeSet<String> = lines.iter().map(|line| line.entry.actor.clone()).collect();
    assert_eq!((lines.len(), &actors), (rows.len(), &ids));
    let some = usize::from(n > 0);
    let tallies = store.tallies(&main(), KIND).await;
    assert_eq!(tallies, Ok(vec![("booked".into(), n); some]));
    let used = store.used(&main(), "budget", "", "~").await;
    assert_eq!(used, Ok(vec![("EUR".into(), n); some]));
    for id in &ids {
        let kept = store.recall(&main(), "ana", id).await.expect("read");
        assert_eq!(kept.map(|kept| kept.answer).as_ref(), Some(id));
    }

    let tenant = main();
    let mut verifier = Verifier::new(&tenant, None);
    for line in &lines {
        verifier.next(line).expect("the chain is whole");
    }
    let end = verifier.end().expect("the chain is whole");
    for (_, feed, head) in store.heads().await.expect("read") {
        assert_eq!((feed, &head), (n, &end));
    }
    store.close().await;
    ids
}

#[test]
fn what_was_acknowledged_survives_a_kill() -> io::Result<()> {
    let test = "durability::what_was_acknowledged_survives_a_kill";
    let runtime = tokio::runtime::Runtime::new()?;
    if let Some(path) = env::var_os(VICTIM) {
        return runtime.block_on(write_until_killed(Path::new(&path)));
    }
    let faults: u32 = env::var(FAULTS)
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(5);
    let mut in_all = 0;
    for round in (0..faults).step_by(ROUNDS as usize) {
        let directory = tempfile::tempdir()?;
        let path = directory.path().join("flightdeck.db");
        let (mut acknowledged, mut there) = (BTreeSet::new(), BTreeSet::new());
        for _ in round..faults.min(round + ROUNDS) {
            let said = kill_one(&path, test)?;
            in_all += said.len();
            acknowledged.extend(said.iter().cloned());
            let ids = runtime.block_on(survived(&path, &acknowledged));
            assert!(there.is_subset(&ids), "what was there is there still");
            let unsaid = ids.len() - there.len() - said.len();
            assert!(unsaid <= WRITERS, "{unsaid} that nobody acknowledged");
            there = ids;
        }
    }
    assert!(in_all > 0 || faults == 0, "somebody got to write");
    Ok(())
}
