//! The servers that are measured, each a process of its own: the program, and one that serves
//! an empty answer through the same accept loop.

use std::{
    env,
    io::{self, BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, ChildStderr, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use axum::{Json, Router, routing::get};
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::cpu::Process;

/// Set in the process that is to be the plain server.
const PLAIN: &str = "ENGINE_BENCH_PLAIN";

/// A server in a process of its own.
pub struct Server {
    child: Child,
    address: String,
    begun: Instant,
}

impl Server {
    /// The program, on a directory.
    pub fn ours(data: &Path, settings: &[(&str, &str)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_flightdeck"));
        command
            .args(["serve", "--bind", "127.0.0.1:0"])
            .env_clear()
            .env("HOME", data)
            .env("FLIGHTDECK_DATA_DIR", data)
            .env("FLIGHTDECK_LOG_LEVEL", "error")
            .env("FLIGHTDECK_SERVER_REQUESTS_PER_MINUTE", "0")
            .env("FLIGHTDECK_SERVER_MCP_REQUESTS_PER_MINUTE", "0")
            .env("FLIGHTDECK_SERVER_ADMIN_REQUESTS_PER_MINUTE", "0")
            .env("FLIGHTDECK_CLOCK_STARTS_AT", "2026-06-15T12:00:00Z")
            .envs(settings.iter().copied());
        Self::start(command)
    }

    /// One that answers `{}` and nothing else.
    pub fn plain() -> Self {
        let mut command = Command::new(env::current_exe().expect("this program"));
        command.env(PLAIN, "1");
        Self::start(command)
    }

    fn start(mut command: Command) -> Self {
        let begun = Instant::now();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let address = address(child.stderr.take().expect("its words are piped"));
        Self {
            child,
            address,
            begun,
        }
    }

    /// Where it answers.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// How long ago it was started.
    pub fn age(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Its process.
    pub fn process(&self) -> Process {
        Process::new(self.child.id())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Nothing in it is to be kept.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Reads where it answers, and goes on reading, for a full pipe would stop it.
fn address(words: ChildStderr) -> String {
    let mut lines = BufReader::new(words).lines().map_while(Result::ok);
    let line = lines.find(|line| line.contains("serves http://"));
    let line = line.expect("it says where it is");
    thread::spawn(move || lines.for_each(drop));
    let (_, rest) = line.split_once("http://").unwrap_or_default();
    rest.split_whitespace()
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// Whether this process was started to be the plain server.
pub fn is_the_plain_one() -> bool {
    env::var_os(PLAIN).is_some()
}

/// Serves an empty answer until it is killed.
pub fn be_the_plain_one() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let at = listener.local_addr().expect("an address");
        writeln!(io::stderr(), "serves http://{at} and says nothing").expect("somebody reads");
        let router = Router::new().route("/", get(|| async { Json(json!({})) }));
        flightdeck::api::serve::serve(listener, (router, None), 512, CancellationToken::new())
            .await;
    });
}
