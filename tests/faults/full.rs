//! The disk is full: nothing is acknowledged that was not written, what is there can be read,
//! and when there is room again the program goes on by itself.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use crate::{
    program::{self, Program},
    scratch,
    web::{Web, brief, job_of},
};

/// At most so many briefs are sent until the disk must be full.
const ENOUGH: u32 = 4_000;
/// How soon it has to go on when there is room.
const SOON: Duration = Duration::from_secs(2);

/// A disk that can be filled and enlarged.
enum Disk {
    /// A file system of our own: what a full disk really is. Needs root.
    Small(PathBuf),
    /// A limit on the size of the program's files: anybody can set one.
    Limited(PathBuf),
}

fn runs(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

impl Disk {
    /// A small file system at this place, where one may be mounted.
    fn small(at: &Path) -> Option<Self> {
        let path = at.to_str().expect("a plain path");
        let mounted = runs("mount", &["-t", "tmpfs", "-o", "size=2m", "tmpfs", path]);
        mounted.then(|| Self::Small(at.to_owned()))
    }

    /// A directory in which files can be limited, where the program for that is there.
    fn limited(at: &Path) -> Option<Self> {
        runs("prlimit", &["--version"]).then(|| Self::Limited(at.to_owned()))
    }

    fn path(&self) -> &Path {
        match self {
            Self::Small(path) | Self::Limited(path) => path,
        }
    }

    /// Leaves next to no room.
    fn shrink(&self, program: &Program) {
        if let Self::Limited(path) = self {
            let sizes = ["flightdeck.db", "flightdeck.db-wal"]
                .map(|name| fs::metadata(path.join(name)).map_or(0, |about| about.len()));
            let most = sizes.into_iter().max().unwrap_or(0) + (64 << 10);
            limit(program, &format!("--fsize={most}:"));
        }
    }

    /// Makes room, under the running program.
    fn enlarge(&self, program: &Program) {
        match self {
            Self::Small(path) => {
                let path = path.to_str().expect("a plain path");
                assert!(runs("mount", &["-o", "remount,size=64m", path]), "{path}");
            }
            Self::Limited(_) => limit(program, "--fsize=unlimited:"),
        }
    }
}

fn limit(program: &Program, size: &str) {
    let id = program.id().to_string();
    assert!(runs("prlimit", &["--pid", &id, size]), "{size}");
}

impl Drop for Disk {
    fn drop(&mut self) {
        if let Self::Small(path) = self {
            runs("umount", &["-l", path.to_str().unwrap_or_default()]);
        }
    }
}

async fn nothing_is_lost_when_the_disk_is_full(disk: Disk) {
    let program = Program::serve(disk.path(), Duration::ZERO);
    let (url, web) = (program.url.clone(), Web::new());
    disk.shrink(&program);

    let mut jobs = Vec::new();
    let refused = loop {
        let number = jobs.len();
        assert!(jobs.len() < ENOUGH as usize, "the disk is never full");
        let body = brief(&format!("Brief {number}"), 500, false);
        let key = format!("brief-{number}");
        let reply = web.post(&url, "/bookings", &key, Some(&body)).await;
        let reply = reply.expect("it answers");
        if reply.status != 200 {
            break (key, body, reply);
        }
        jobs.push(job_of(&reply.body));
    };
    let (key, body, reply) = refused;
    assert_eq!(reply.status, 507, "{reply:?}");
    assert_eq!(reply.body["error"]["code"], "STORAGE_UNAVAILABLE");

    // Reading goes on, and everything that was acknowledged is there.
    let page = web
        .get(&url, "/bookings?limit=0")
        .await
        .expect("an answer")
        .good();
    assert_eq!(page["total"], jobs.len());
    for job in &jobs {
        let path = format!("/bookings/{job}");
        web.get(&url, &path).await.expect("an answer").good();
    }

    disk.enlarge(&program);
    let roomy = Instant::now();
    loop {
        let reply = web.post(&url, "/bookings", &key, Some(&body)).await;
        let reply = reply.expect("it answers");
        if reply.status == 200 {
            assert!(!reply.replayed, "{reply:?}");
            break;
        }
        assert!(roomy.elapsed() < SOON, "it does not go on: {reply:?}");
    }
    let page = web
        .get(&url, "/bookings?limit=0")
        .await
        .expect("an answer")
        .good();
    assert_eq!(page["total"], jobs.len() + 1);

    program.terminate();
    assert_eq!(program.ended(Duration::from_secs(10)).code(), Some(0));
    let verdict = program::run(disk.path(), Duration::from_mins(1), &["audit", "verify"]);
    let said = String::from_utf8_lossy(&verdict.stdout);
    assert!(said.contains("main: whole"), "{said} {verdict:?}");
}

/// Says what was not run. It is no skip that anybody has to look into: the other disk shows
/// the same, and one of them is there wherever the tests run.
fn not_here(why: &str) {
    writeln!(io::stderr(), "not run: {why}").expect("stderr is open");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_file_system_loses_nothing_and_is_recovered_from() {
    let dir = scratch();
    match Disk::small(dir.path()) {
        Some(disk) => nothing_is_lost_when_the_disk_is_full(disk).await,
        None => not_here("a file system of our own takes root"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_on_files_loses_nothing_and_is_recovered_from() {
    let dir = scratch();
    match Disk::limited(dir.path()) {
        Some(disk) => nothing_is_lost_when_the_disk_is_full(disk).await,
        None => not_here("there is no prlimit"),
    }
}
