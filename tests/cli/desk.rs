//! A desk of its own for each test: a scratch home, no settings but those that the test gives, and
//! a clock at which the dates of the examples are still to come.

use std::{
    fs,
    io::Write as _,
    path::PathBuf,
    process::{Command, Output, Stdio},
};

use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use tempfile::TempDir;

/// The flags of a brief that can be sent.
pub const BRIEF: &[&str] = &[
    "jobs",
    "new",
    "--name",
    "Q3 Awareness Push",
    "--objective",
    "brand_awareness",
    "--budget",
    "25000",
    "--start",
    "2026-07-01",
    "--end",
    "2026-09-30",
    "--audience",
    r#"{"interests": ["gaming"]}"#,
    "--kpi",
    "target_cpm=30",
];

pub struct Desk {
    home: TempDir,
    settings: Vec<(String, String)>,
}

/// What a command said, and how it ended.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Desk {
    pub fn new() -> Self {
        let home = tempfile::tempdir().expect("a scratch home");
        let desk = Self {
            home,
            settings: Vec::new(),
        };
        desk.with("CLOCK_STARTS_AT", "2026-06-15T12:00:00Z")
    }

    /// With a setting in the environment.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        let name = format!("FLIGHTDECK_{name}");
        self.settings.retain(|(known, _)| *known != name);
        self.settings.push((name, value.to_owned()));
        self
    }

    /// A path at home.
    pub fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    pub fn database(&self) -> PathBuf {
        self.path("data/flightdeck.db")
    }

    /// Writes a file for its owner alone.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        fs::write(&path, content).expect("a file at home");
        self.mode(name, 0o600);
        path.display().to_string()
    }

    pub fn mode(&self, name: &str, mode: u32) {
        let rights = std::os::unix::fs::PermissionsExt::from_mode(mode);
        fs::set_permissions(self.path(name), rights).expect("rights");
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_flightdeck"));
        command
            .args(args)
            .env_clear()
            .env("HOME", self.home.path())
            .env("USER", "tester")
            .env("FLIGHTDECK_DATA_DIR", self.path("data"))
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .current_dir(self.home.path())
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        ran(self.command(args).output().expect("the program runs"))
    }

    /// The same with something on its standard input.
    pub fn told(&self, args: &[&str], input: &str) -> Ran {
        tell(self.command(args), input)
    }

    /// The same on a machine that stands in this time zone.
    pub fn told_in(&self, zone: &str, args: &[&str], input: &str) -> Ran {
        let mut command = self.command(args);
        command.env("TZ", zone);
        tell(command, input)
    }

    /// The answer in JSON of a command that must end well.
    #[track_caller]
    pub fn json(&self, args: &[&str]) -> Value {
        self.run(&[&["--json"], args].concat()).json(0)
    }

    /// Sends the example and gives the job's id.
    pub fn send(&self) -> String {
        let job = self.json(BRIEF);
        job["job_id"].as_str().expect("an id").to_owned()
    }

    /// Does something to the database behind the program's back.
    pub fn meddle(&self, sql: &str) {
        let there = OpenFlags::default() - OpenFlags::SQLITE_OPEN_CREATE;
        let books = Connection::open_with_flags(self.database(), there);
        meddle(&books.expect("a database"), sql);
    }

    /// Makes a database of somebody else.
    pub fn meddle_fresh(&self, sql: &str) {
        let books = Connection::open(self.database());
        meddle(&books.expect("a database"), sql);
    }
}

fn meddle(books: &Connection, sql: &str) {
    books.execute_batch(sql).expect("the database takes it");
}

fn tell(mut command: Command, input: &str) -> Ran {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut stdin = child.stdin.take().expect("its input is piped");
    stdin.write_all(input.as_bytes()).expect("it reads");
    drop(stdin);
    ran(child.wait_with_output().expect("the program ends"))
}

fn ran(output: Output) -> Ran {
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).expect("text"),
        err: String::from_utf8(output.stderr).expect("text"),
    }
}

impl Ran {
    /// Ended with this code, and said this on standard error.
    #[track_caller]
    pub fn ended(&self, code: i32, saying: &[&str]) -> &Self {
        assert_eq!(self.code, code, "{self:?}");
        for words in saying {
            assert!(self.err.contains(words), "{words} in {self:?}");
        }
        assert!(
            !self.err.contains("panicked") && !self.err.contains('\u{1b}'),
            "{self:?}"
        );
        self
    }

    /// Refused with this code, and answered nothing.
    #[track_caller]
    pub fn refused(&self, code: i32, saying: &[&str]) {
        self.ended(code, saying);
        assert!(self.out.is_empty(), "{self:?}");
        assert!(self.err.starts_with("error: "), "{self:?}");
    }

    /// The answer, which is JSON and nothing else.
    #[track_caller]
    pub fn json(&self, code: i32) -> Value {
        self.ended(code, &[]);
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}
