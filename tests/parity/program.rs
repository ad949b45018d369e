//! The program itself at both ends: one serves, the other asks it by its address or its profile.

use std::{
    fmt::Write as _,
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    authority::{Authority, set_private},
    people::brief,
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_flightdeck");
/// Until when the program believes that it is June.
const STARTS: &str = "2026-06-15T12:00:00Z";

/// A server of its own, and a home for those who ask it.
pub struct Town {
    files: TempDir,
    server: Child,
    pub at: String,
    pub key: String,
    told: Arc<Mutex<Vec<String>>>,
}

impl Drop for Town {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.server.kill());
        drop(self.server.wait());
    }
}

impl Town {
    pub fn open(with_tls: bool) -> Self {
        let files = tempfile::tempdir().expect("a scratch directory");
        let home = files.path().to_owned();
        let made = run(&home, &[], &["--json", "key", "robot", "--role", "admin"]);
        let key: Value = serde_json::from_slice(&made.stdout).expect("a key");
        let text = |name: &str| key[name].as_str().expect(name).to_owned();
        let mut settings = format!(
            "[[keys]]\nname = \"robot\"\nid = \"{}\"\nsha256 = \"{}\"\nrole = \"admin\"\n",
            text("id"),
            text("sha256")
        );
        if with_tls {
            let authority = Authority::new();
            authority.vouches_in(&home);
            fs::write(home.join("authority.pem"), authority.pem()).expect("a file");
            let path = |name: &str| home.join(name).display().to_string();
            settings = format!(
                "[server]\ntls_cert = \"{}\"\ntls_key = \"{}\"\n{settings}",
                path("chain.pem"),
                path("key.pem")
            );
        }
        fs::write(home.join("server.toml"), settings).expect("a file");
        let data = home.join("served").display().to_string();
        let mut server = command(&home, &[("FLIGHTDECK_DATA_DIR", &data)])
            .args(["--config", "server.toml", "serve", "--bind", "127.0.0.1:0"])
            .stderr(Stdio::piped())
            .spawn()
            .expect("it serves");
        let told = server.stderr.take().expect("what it says");
        let mut lines = BufReader::new(told).lines().map_while(Result::ok);
        let at = lines.find_map(|line| {
            let (_, rest) = line.split_once(" serves ")?;
            rest.split(' ').next().map(str::to_owned)
        });
        // What it says besides must not fill the pipe.
        let told = Arc::<Mutex<Vec<String>>>::default();
        let hears = Arc::clone(&told);
        std::thread::spawn(move || {
            for line in lines {
                hears.lock().expect("nobody failed with it").push(line);
            }
        });
        Self {
            at: at.expect("it says where"),
            key: text("key"),
            files,
            server,
            told,
        }
    }

    /// What the server has said since it serves.
    pub fn told(&self) -> Vec<String> {
        self.told.lock().expect("nobody failed with it").clone()
    }

    pub fn home(&self) -> &Path {
        self.files.path()
    }

    /// Runs a command there, with more in its environment.
    pub fn run(&self, environment: &[(&str, &str)], arguments: &[&str]) -> Output {
        let ran = run(self.home(), environment, arguments);
        for said in [&ran.stdout, &ran.stderr] {
            let said = String::from_utf8_lossy(said);
            assert!(!said.contains(&self.key), "{arguments:?}: {said}");
        }
        ran
    }

    /// The answer of a command that must end well.
    #[track_caller]
    fn json(&self, environment: &[(&str, &str)], arguments: &[&str]) -> Value {
        let ran = self.run(environment, &[&["--json"], arguments].concat());
        let said = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "{arguments:?}: {said}");
        serde_json::from_slice(&ran.stdout).expect("JSON")
    }

    /// The code and the words of a command that must not.
    #[track_caller]
    fn refused(&self, environment: &[(&str, &str)], arguments: &[&str]) -> (i32, String) {
        let ran = self.run(environment, arguments);
        let said = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert!(!ran.status.success(), "{arguments:?}: {said}");
        (ran.status.code().expect("a code"), said)
    }
}

fn command(home: &Path, environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .env_clear()
        .env("HOME", home)
        .env("USER", "tester")
        .env("PATH", "/usr/bin:/bin")
        .env("FLIGHTDECK_DATA_DIR", home.join("data"))
        .env("FLIGHTDECK_CLOCK_STARTS_AT", STARTS)
        .envs(environment.iter().copied())
        .current_dir(home)
        .stdin(Stdio::null());
    command
}

fn run(home: &Path, environment: &[(&str, &str)], arguments: &[&str]) -> Output {
    let mut command = command(home, environment);
    command.args(arguments).output().expect("it runs")
}

#[test]
fn commands_are_done_by_an_engine_somewhere_else() {
    let town = Town::open(false);
    let with = [
        ("FLIGHTDECK_ENGINE", town.at.as_str()),
        ("FLIGHTDECK_TOKEN", town.key.as_str()),
    ];
    fs::write(
        town.home().join("brief.json"),
        brief("From Afar").to_string(),
    )
    .expect("a file");
    let job = town.json(&with, &["jobs", "new", "--file", "brief.json"]);
    assert_eq!(job["status"], "awaiting_approval", "{job}");
    assert_eq!(job["submitted_by"], "robot", "who asks is who the key is");
    let id = job["job_id"].as_str().expect("an id");
    let done = town.json(&with, &["jobs", "approve", id, "--all"]);
    assert_eq!(done["status"], "completed", "{done}");
    let flag = ["--engine", town.at.as_str()];
    let key = [with[1]];
    for asked in [
        &["jobs", "list"][..],
        &["jobs", "show", id],
        &["orders", "list"],
        &["buys", "list"],
        &["pacing", "list"],
        &["alerts", "list"],
        &["slots", "list"],
        &["webhooks", "list"],
        &["audit", "list"],
        &["keys", "list"],
        &["call", "engine.who"],
    ] {
        town.json(&key, &[&flag, asked].concat());
    }
    let who = town.json(&key, &[&flag[..], &["call", "engine.who"]].concat());
    assert_eq!(
        (&who["name"], &who["role"]),
        (&json!("robot"), &json!("admin"))
    );
    let doctor = town.run(&key, &[&flag[..], &["doctor"]].concat());
    let said = String::from_utf8_lossy(&doctor.stdout);
    assert!(
        said.contains("answers, and knows us as robot, admin of main"),
        "{said}"
    );
    // None of that was done to a database here.
    assert!(!town.home().join("data").exists());
}

#[test]
fn what_needs_the_database_says_so() {
    let town = Town::open(false);
    let key = [("FLIGHTDECK_TOKEN", town.key.as_str())];
    let flag = ["--engine", town.at.as_str()];
    for asked in [
        &["audit", "verify"][..],
        &["mcp"],
        &["delivery", "turn", "+1d"],
        &["keys", "init"],
    ] {
        let (code, said) = town.refused(&key, &[&flag, asked].concat());
        assert_eq!(code, 2, "{asked:?}: {said}");
        assert!(said.contains("where the database is"), "{asked:?}: {said}");
    }
    let (code, said) = town.refused(&key, &[&flag[..], &["serve"]].concat());
    assert!(code == 2 && said.contains("takes no --engine"), "{said}");
    for other in [&["--demo"][..], &["--database", "x.db"]] {
        let (code, _) = town.refused(&key, &[&flag, other, &["jobs", "list"]].concat());
        assert_eq!(code, 2);
    }
    let (code, said) = town.refused(&[], &["--engine", "nobody", "jobs", "list"]);
    assert!(
        code == 2 && said.contains("is no engine that the settings know"),
        "{said}"
    );
    let (code, said) = town.refused(&[], &["--engine", "http://ads.example", "jobs", "list"]);
    assert!(code == 2 && said.contains("plain http"), "{said}");
    let (code, said) = town.refused(&[], &["--engine", "http://127.0.0.1:9", "jobs", "list"]);
    assert!(code == 6 && said.contains("cannot be reached"), "{said}");
    let (code, _) = town.refused(&[], &[&flag[..], &["jobs", "list"]].concat());
    assert_eq!(code, 4, "without a key nobody is let in");
}

#[test]
fn a_profile_says_where_the_key_and_the_authority_are() {
    let town = Town::open(true);
    let home = town.home();
    let port = town.at.rsplit_once(':').expect("a port").1;
    fs::write(home.join("token"), format!("{}\n", town.key)).expect("a file");
    set_private(&home.join("token"));
    let ca = home.join("authority.pem").display().to_string();
    let mut settings = String::new();
    for (name, source) in [
        ("by-env", "token_env = \"DESK_KEY\"".to_owned()),
        ("by-file", "token_file = \"~/token\"".to_owned()),
        (
            "by-command",
            "token_command = \"cat $HOME/token\"".to_owned(),
        ),
        (
            "by-failure",
            "token_command = \"echo canary; exit 3\"".to_owned(),
        ),
        ("by-nothing", "token_file = \"none\"".to_owned()),
    ] {
        let written = write!(
            settings,
            "[engines.{name}]\nurl = \"https://localhost:{port}\"\nca_file = \"{ca}\"\n{source}\n"
        );
        written.expect("a text");
    }
    let written = write!(
        settings,
        "[engines.unknown]\nurl = \"https://localhost:{port}\"\n"
    );
    written.expect("a text");
    fs::write(home.join("desk.toml"), settings).expect("a file");
    let ask = ["call", "engine.who"];
    let with = |name| [&["--config", "desk.toml", "--engine", name][..], &ask].concat();
    let key = [("DESK_KEY", town.key.as_str())];
    for name in ["by-env", "by-file", "by-command"] {
        let who = town.json(&key, &with(name));
        assert_eq!(who["name"], "robot", "{name}");
    }
    for (name, code, words) in [
        ("by-env", 2, "DESK_KEY is not set"),
        ("by-failure", 2, "ended with"),
        ("by-nothing", 2, "No such file"),
        ("unknown", 6, "certificate"),
    ] {
        let (ended, said) = town.refused(&[], &with(name));
        assert!(
            ended == code && said.contains(words),
            "{name}: {ended} {said}"
        );
        assert!(!said.contains("canary"), "{said}");
    }
    // A file that others can read is refused.
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    fs::set_permissions(home.join("token"), mode).expect("a mode");
    let (code, said) = town.refused(&[], &with("by-file"));
    assert!(
        code == 2 && said.contains("can be read by others"),
        "{said}"
    );
}

#[test]
fn a_key_stands_in_no_help_and_no_list_of_processes() {
    let files = tempfile::tempdir().expect("a scratch directory");
    let key = "fdk_canary_in_the_environment";
    for asked in [&["--help"][..], &["jobs", "--help"], &["man"]] {
        let with = [
            ("FLIGHTDECK_TOKEN", key),
            ("FLIGHTDECK_ENGINE", "http://127.0.0.1:9"),
        ];
        let ran = run(files.path(), &with, asked);
        let said = String::from_utf8_lossy(&ran.stdout);
        assert!(ran.status.success() && !said.contains("canary"), "{said}");
        assert!(
            !said.contains("--token"),
            "a key is never an argument: {said}"
        );
    }
}
