//! The real program in a process of its own, to be killed, stopped and asked.

use std::{
    io::{BufRead as _, BufReader},
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, ChildStderr, Command, ExitStatus, Output, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use crate::noon;

/// The longest that the program may take to come up.
const PATIENCE: Duration = Duration::from_secs(30);

/// A program that serves.
pub struct Program {
    child: Child,
    /// Where it answers.
    pub url: String,
}

/// The program, not started: without anything of the machine that it runs on.
fn command(data: &Path, since: Duration) -> Command {
    // A limit on the size of files is an error to the program, not its death.
    let mut command = Command::new("sh");
    command
        .args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""])
        .arg(env!("CARGO_BIN_EXE_flightdeck"))
        .env_clear()
        .env("HOME", data)
        .env("FLIGHTDECK_DATA_DIR", data)
        .env("FLIGHTDECK_LOG_LEVEL", "error")
        .env("FLIGHTDECK_SERVER_REQUESTS_PER_MINUTE", "0")
        .env("FLIGHTDECK_CLOCK_STARTS_AT", (noon() + since).to_rfc3339())
        .process_group(0);
    command
}

/// Runs a command of the program to its end.
pub fn run(data: &Path, since: Duration, arguments: &[&str]) -> Output {
    command(data, since)
        .args(arguments)
        .output()
        .expect("the program runs")
}

impl Program {
    /// Starts it on a directory, so long after noon, and waits until it says where it is.
    pub fn serve(data: &Path, since: Duration) -> Self {
        Self::started(command(data, since).args(["serve", "--bind", "127.0.0.1:0"]))
    }

    /// The same on a PostgreSQL database, beside others.
    pub fn beside(data: &Path, since: Duration, database: &str) -> Self {
        let database = ["serve", "--bind", "127.0.0.1:0", "--database", database];
        let admin = ("FLIGHTDECK_SERVER_OPEN_AS", "admin");
        Self::started(command(data, since).env(admin.0, admin.1).args(database))
    }

    /// The same with a sandbox, which may call this machine.
    pub fn sandbox(data: &Path, since: Duration) -> Self {
        Self::started(
            command(data, since)
                .env("FLIGHTDECK_SERVER_ADMIN_REQUESTS_PER_MINUTE", "0")
                .args(["serve", "--sandbox", "--bind", "127.0.0.1:0"]),
        )
    }

    fn started(command: &mut Command) -> Self {
        let begun = Instant::now();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let said = listen(child.stderr.take().expect("its words are piped"));
        let mut heard = Vec::new();
        loop {
            let left = PATIENCE.saturating_sub(begun.elapsed());
            let Ok(line) = said.recv_timeout(left) else {
                child.kill().expect("it can be killed");
                child.wait().expect("it was ours to wait for");
                panic!("the program does not serve: {heard:?}");
            };
            if let Some((_, rest)) = line.split_once("serves ") {
                let url = rest
                    .split_whitespace()
                    .next()
                    .unwrap_or_default()
                    .to_owned();
                return Self { child, url };
            }
            heard.push(line);
        }
    }

    /// Kills it on the spot: nothing in it can tidy up.
    pub fn kill(mut self) -> ExitStatus {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it was ours to wait for")
    }

    /// Asks it to stop.
    pub fn terminate(&self) {
        let id = self.child.id().to_string();
        let done = Command::new("kill").args(["-TERM", &id]).status();
        assert!(done.expect("kill runs").success(), "it can be told");
    }

    /// Waits for its end, which must come within `most`.
    pub fn ended(mut self, most: Duration) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("it was ours to wait for") {
                return status;
            }
            assert!(begun.elapsed() < most, "it does not end within {most:?}");
            thread::yield_now();
        }
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended long ago.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Hands on every line; goes on reading when nobody listens, for a full pipe would stop it.
fn listen(words: ChildStderr) -> mpsc::Receiver<String> {
    let (say, said) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(words).lines().map_while(Result::ok) {
            drop(say.send(line));
        }
    });
    said
}
