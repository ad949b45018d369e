//! A home of its own for the program: a scratch directory, a clock at which the dates of the
//! examples are still to come, and the console opened in a terminal.

use std::{
    fs,
    path::Path,
    process::{Command, Output, Stdio},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::terminal::{Left, Terminal};

/// The program.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_flightdeck");

/// The three sizes in which every story is told.
pub const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

/// A home.
pub struct Home {
    dir: TempDir,
    settings: Vec<(String, String)>,
}

impl Home {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().expect("a scratch directory");
        let own = |name: &str| dir.path().join(name).display().to_string();
        let settings = [
            ("HOME", own("")),
            ("USER", "tester".to_owned()),
            ("FLIGHTDECK_DATA_DIR", own("data")),
            // Far from the next full minute: the clock in the bar is at rest meanwhile.
            (
                "FLIGHTDECK_CLOCK_STARTS_AT",
                "2026-06-15T12:00:01Z".to_owned(),
            ),
        ];
        let settings = settings.map(|(name, value)| (name.to_owned(), value));
        Self {
            settings: settings.into(),
            dir,
        }
    }

    /// A home with jobs that wait for a decision.
    pub fn with_jobs(names: &[&str]) -> Self {
        let home = Self::new();
        for name in names {
            home.sends(name);
        }
        home
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// The environment, for a program and for a shell that starts it.
    pub fn environment(&self) -> Vec<(&str, &str)> {
        let all = self.settings.iter();
        all.map(|(name, value)| (name.as_str(), value.as_str()))
            .collect()
    }

    /// Runs a command that needs no terminal.
    pub fn run(&self, arguments: &[&str]) -> Output {
        Command::new(PROGRAM)
            .args(arguments)
            .env_clear()
            .envs(self.environment())
            .current_dir(self.path())
            .stdin(Stdio::null())
            .output()
            .expect("the program runs")
    }

    /// The answer of a command that must end well.
    #[track_caller]
    pub fn json(&self, arguments: &[&str]) -> Value {
        let ran = self.run(&[&["--json"], arguments].concat());
        let said = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "{arguments:?}: {said}");
        serde_json::from_slice(&ran.stdout).expect("JSON")
    }

    /// Sends a brief and waits until it is researched.
    #[track_caller]
    pub fn sends(&self, name: &str) {
        let file = self.path().join("brief.json");
        fs::write(&file, brief(name).to_string()).expect("a file at home");
        let file = file.display().to_string();
        let job = self.json(&["jobs", "new", "--file", &file]);
        assert_eq!(job["status"], "awaiting_approval", "{job}");
    }

    /// All jobs, each with its status.
    pub fn jobs(&self) -> Vec<(String, String)> {
        let all = self.json(&["call", "bookings.rows"]);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let rows = all["rows"].as_array().expect("rows").iter();
        rows.map(|row| (text(&row["campaign_name"]), text(&row["status"])))
            .collect()
    }

    /// Opens the console.
    pub fn opens(&self, size: (u16, u16)) -> Terminal {
        self.opens_with(&[], &[], size)
    }

    /// Opens it with flags and more in the environment.
    pub fn opens_with(
        &self,
        flags: &[&str],
        environment: &[(&str, &str)],
        size: (u16, u16),
    ) -> Terminal {
        let environment = [&self.environment(), environment].concat();
        Terminal::start(PROGRAM, flags, &environment, self.path(), size)
    }
}

/// A brief that can be sent.
pub fn brief(name: &str) -> Value {
    json!({
        "name": name,
        "objectives": ["brand_awareness"],
        "budget": 25000,
        "start_date": "2026-07-01",
        "end_date": "2026-09-30",
        "target_audience": {
            "demographics": {"age": "18-34"},
            "interests": ["gaming", "technology"]
        },
        "kpis": {"target_cpm": 10}
    })
}

/// Leaves the console as people do; it ends well and leaves nothing behind.
#[track_caller]
pub fn leave(mut console: Terminal) {
    console.type_keys("<ctrl-c>");
    let ended = console.wait_for_end();
    assert_eq!(ended.exit_code(), 0, "{}", console.screen_text());
    assert_eq!(console.left(), Left(vec![]));
}
