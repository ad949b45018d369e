//! The console on an engine somewhere else: opened there, moved from one to another with a key,
//! over a line that is slow, and with a server that is killed again and again under it.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use chrono::{Days, Utc};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    authority::Authority,
    home::{PROGRAM, leave},
    line::Slow,
    terminal::Terminal,
};

/// How large the terminal is.
pub const SIZE: (u16, u16) = (120, 40);
/// How soon after the server's return everything must be as it is.
pub const FRESH: Duration = Duration::from_secs(5);
/// What opening the console with all its panes may move.
const WHOLE: u64 = 70_000;
/// What opening a pane may move.
const PANE: u64 = 100_000;
/// How long the line takes there and back.
const THERE_AND_BACK: Duration = Duration::from_millis(200);

/// A server that can be killed, and started again where it was.
pub struct Server {
    pub files: TempDir,
    runs: Option<Child>,
    pub at: SocketAddr,
    pub key: String,
    scheme: &'static str,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Server {
    pub fn open() -> Self {
        Self::opened("", |_| ())
    }

    /// One that speaks TLS, by somebody who vouches for it.
    pub fn open_tls(authority: &Authority) -> Self {
        let settings = "[server]\ntls_cert = \"chain.pem\"\ntls_key = \"key.pem\"\n";
        Self::opened(settings, |files| {
            authority.vouches_in(files.path());
            fs::write(files.path().join("authority.pem"), authority.pem()).expect("a file");
        })
    }

    fn opened(more: &str, prepare: impl FnOnce(&TempDir)) -> Self {
        let files = tempfile::tempdir().expect("a scratch directory");
        prepare(&files);
        let made = command(&files)
            .args(["--json", "key", "olive", "--role", "admin"])
            .output();
        let key: Value = serde_json::from_slice(&made.expect("a key").stdout).expect("JSON");
        let text = |name: &str| key[name].as_str().expect(name).to_owned();
        let settings = format!(
            "{more}[[keys]]\nname = \"olive\"\nid = \"{}\"\nsha256 = \"{}\"\nrole = \"admin\"\n",
            text("id"),
            text("sha256")
        );
        fs::write(files.path().join("server.toml"), settings).expect("a file");
        let mut server = Self {
            key: text("key"),
            files,
            runs: None,
            at: "127.0.0.1:0".parse().expect("an address"),
            scheme: if more.is_empty() { "http" } else { "https" },
        };
        server.start();
        server
    }

    /// Starts it, and gives back when it serves.
    pub fn start(&mut self) {
        let at = self.at.to_string();
        let mut child = command(&self.files)
            .args(["--config", "server.toml", "serve", "--bind", &at])
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let told = child.stderr.take().expect("what it says");
        let mut lines = BufReader::new(told).lines().map_while(Result::ok);
        let mut said = Vec::new();
        let served = lines.find_map(|line| {
            let found = line.split_once(" serves http").map(|(_, rest)| {
                let (_, rest) = rest.split_once("://").expect("a scheme");
                let at = rest.split(' ').next().unwrap_or_default();
                at.parse().expect("an address")
            });
            said.push(line);
            found
        });
        self.at = served.unwrap_or_else(|| panic!("it does not serve: {said:?}"));
        let profile = format!("[engines.desk]\nurl = \"{}\"\n{}", self.url(), self.trust());
        fs::write(self.files.path().join("client.toml"), profile).expect("a file");
        thread::spawn(move || lines.count());
        self.runs = Some(child);
    }

    /// What a profile says of who vouches for it.
    pub fn trust(&self) -> &'static str {
        if self.scheme == "https" {
            "ca_file = \"authority.pem\"\n"
        } else {
            ""
        }
    }

    /// Kills it, as a lost power line does.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.runs.take() {
            child.kill().expect("killed");
            child.wait().expect("gone");
        }
    }

    /// The address.
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.at)
    }

    /// Asks it, not by the console.
    #[track_caller]
    fn call(&self, name: &str, question: &Value) -> Value {
        let ran = command(&self.files)
            .args(["--config", "client.toml", "--engine", "desk"])
            .args(["call", name, &question.to_string()])
            .env("FLIGHTDECK_TOKEN", &self.key)
            .output()
            .expect("it runs");
        let said = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "{name}: {said}");
        serde_json::from_slice(&ran.stdout).expect("JSON")
    }

    /// How often each operation was asked so far.
    fn asked(&self) -> BTreeMap<String, u64> {
        let mut stream = TcpStream::connect(self.at).expect("a connection");
        let (at, key) = (self.at, &self.key);
        let head = format!(
            "GET /metrics HTTP/1.1\r\nhost: {at}\r\nauthorization: Bearer {key}\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).expect("a question");
        let mut said = String::new();
        stream.read_to_string(&mut said).expect("an answer");
        let counts = said.lines().filter_map(|line| {
            let rest = line.strip_prefix("flightdeck_operation_seconds_count{")?;
            let (_, rest) = rest.split_once("operation=\"")?;
            let (name, _) = rest.split_once('"')?;
            Some((name.to_owned(), rest.rsplit(' ').next()?.parse().ok()?))
        });
        counts.fold(BTreeMap::new(), |mut all, (name, count): (String, u64)| {
            *all.entry(name).or_default() += count;
            all
        })
    }

    /// Sends a brief.
    #[track_caller]
    pub fn sends(&self, name: &str) {
        self.call("bookings.submit", &json!({ "brief": brief(name) }));
    }

    /// Waits until so many jobs are in a state, and gives them.
    fn rests(&self, status: &str, count: usize) -> Vec<Value> {
        loop {
            let rows = self.call("bookings.rows", &json!({}))["rows"].take();
            let rows = rows.as_array().expect("rows");
            let rest = rows.iter().filter(|row| row["status"] == status);
            let rest: Vec<Value> = rest.cloned().collect();
            if rest.len() == count {
                return rest;
            }
        }
    }

    /// Opens the console on it, or on the line that leads there.
    pub fn console(&self, home: &TempDir, at: SocketAddr) -> Terminal {
        let url = format!("http://{at}");
        let own = home.path().display().to_string();
        let data = home.path().join("data").display().to_string();
        let environment = [
            ("HOME", own.as_str()),
            ("USER", "tester"),
            ("FLIGHTDECK_DATA_DIR", data.as_str()),
            ("FLIGHTDECK_TOKEN", self.key.as_str()),
        ];
        let flags = ["--engine", url.as_str()];
        Terminal::start(PROGRAM, &flags, &environment, home.path(), SIZE)
    }
}

fn command(files: &TempDir) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .env_clear()
        .env("HOME", files.path())
        .env("USER", "tester")
        .env("FLIGHTDECK_DATA_DIR", files.path().join("data"))
        .current_dir(files.path())
        .stdin(Stdio::null());
    command
}

/// A brief for days that are still to come.
fn brief(name: &str) -> Value {
    let day = |days| (Utc::now() + Days::new(days)).date_naive().to_string();
    json!({
        "name": name, "objectives": ["brand_awareness"], "budget": 25000,
        "start_date": day(40), "end_date": day(100),
        "target_audience": {"demographics": {"age": "18-34"}},
        "kpis": {"target_cpm": 10}
    })
}

pub fn home() -> TempDir {
    tempfile::tempdir().expect("a scratch directory")
}

/// How often the server is killed: a few times, or as often as the environment says.
fn rounds() -> u32 {
    let said = std::env::var("FLIGHTDECK_FAULTS").ok();
    said.and_then(|said| said.parse().ok()).unwrap_or(3)
}

#[test]
fn it_opens_on_an_engine_somewhere_else_and_says_where() {
    let server = Server::open();
    server.sends("From Afar");
    let own = home();
    let mut console = server.console(&own, server.at);
    console.wait_for_text("From Afar");
    console.wait_for_text("awaiting approval");
    console.wait_for_text("live");
    console.wait_for_text(&server.at.to_string());
    console.wait_for_text("ADMIN");
    // What others do is seen there too.
    server.sends("Another One");
    console.wait_for_text("Another One");
    for (digit, words) in [
        ("2", "[2 Review"),
        ("3", "[3 Pacing"),
        ("4", "[4 Orders"),
        ("5", "[5 Tenants"),
        ("7", "bookings.submitted"),
    ] {
        console.type_keys(digit);
        console.wait_for_text(words);
    }
    let shown = console.screen_text();
    assert!(!shown.contains(&server.key), "{shown}");
    leave(console);
    assert!(
        !own.path().join("data/flightdeck.db").exists(),
        "there is no engine here"
    );
}

#[test]
fn one_key_moves_it_from_one_engine_to_another_and_back() {
    let (north, south) = (Server::open(), Server::open());
    north.sends("Northern Lights");
    south.sends("Southern Cross");
    let own = home();
    let path = own.path().join("config.toml");
    let mut settings = String::new();
    for (name, server) in [("north", &north), ("south", &south)] {
        let variable = name.to_uppercase();
        let written = write!(
            settings,
            "[engines.{name}]\nurl = \"{}\"\ntoken_env = \"{variable}\"\n",
            server.url()
        );
        written.expect("a text");
    }
    settings += "[engines.nowhere]\nurl = \"http://127.0.0.1:9\"\n";
    let written = writeln!(
        settings,
        "[engines.wrong]\nurl = \"{}\"\ntoken_env = \"WRONG\"",
        north.url()
    );
    written.expect("a text");
    fs::write(&path, settings).expect("a file");
    let data = own.path().join("data").display().to_string();
    let text = path.display().to_string();
    let lives = own.path().display().to_string();
    let environment = [
        ("HOME", lives.as_str()),
        ("USER", "tester"),
        ("FLIGHTDECK_DATA_DIR", data.as_str()),
        ("NORTH", north.key.as_str()),
        ("SOUTH", south.key.as_str()),
        ("WRONG", "fdk_nobody_knows_this"),
    ];
    let flags = ["--config", text.as_str(), "--engine", "north"];
    let mut console = Terminal::start(PROGRAM, &flags, &environment, own.path(), SIZE);
    console.wait_for_text("Northern Lights");
    console.wait_for_text("live north");
    // A filter is of this engine, and comes back with it.
    console.type_keys("<f6>");
    console.wait_for_text("Which engine is asked");
    console.wait_for_text("north  (this one)");
    // Embedded, north, nowhere, south: each one line below the other.
    console.type_keys("jjj<enter>");
    console.wait_for_text("Southern Cross");
    console.wait_for_text("live south");
    console.wait_for(|screen| !screen.contents().contains("Northern Lights"));
    // One that will not have us leaves everything as it was.
    console.type_keys("<f6>jjjj<enter>");
    console.wait_for_text("wrong is not opened: ");
    console.wait_for_text("Southern Cross");
    console.wait_for_text("live south");
    // One that is not there is waited for, and can be left for another at any time.
    console.type_keys("<f6>jj<enter>");
    console.wait_for_text("waiting for nowhere");
    console.wait_for_text("the engine at 127.0.0.1:9 cannot be reached: nobody listens there");
    console.wait_for_text("see that it runs");
    console.wait_for(|screen| !screen.contents().contains("Southern Cross"));
    console.wait_for_text("Tried 3 times");
    console.type_keys("<f6>jjj<enter>");
    console.wait_for_text("Southern Cross");
    console.wait_for_text("live south");
    console.type_keys("<f6><enter>");
    console.wait_for_text("There are no booking jobs yet.");
    console.wait_for_text("live embedded");
    console.type_keys("<f6>j<enter>");
    console.wait_for_text("Northern Lights");
    console.wait_for_text("live north");
    leave(console);
}

/// Waits so long for nothing in particular: the moment of a fault is anybody's guess.
fn some_time(random: &mut u64) {
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    let (_tell, told) = mpsc::channel::<()>();
    let span = Duration::from_millis(*random % 40);
    assert!(told.recv_timeout(span).is_err(), "nobody tells anything");
}

/// A name that a filter finds alone: its letters stand in nothing else.
fn name(at: u32) -> String {
    let letter = |digit: u32| char::from(b"bcfgjklpvx"[(digit % 10) as usize]);
    let letters = [at / 100, at / 10, at].map(letter);
    letters
        .into_iter()
        .fold("Q".to_owned(), |name, one| name + &one.to_string())
}

#[test]
fn a_server_that_is_killed_again_and_again_costs_nothing() {
    let rounds = rounds();
    let mut random = 0x9E37_79B9_7F4A_7C15;
    let mut server = Server::open();
    let names: Vec<String> = (0..rounds).map(name).collect();
    for name in &names {
        server.sends(name);
    }
    let own = home();
    let mut console = server.console(&own, server.at);
    console.wait_for_text("live");
    console.wait_for_text(&format!("1 Jobs ({rounds})"));
    let mut slowest = Duration::ZERO;
    for (round, name) in names.iter().enumerate() {
        console.type_keys(&format!("/{name}<enter>"));
        console.wait_for_text(&format!("Jobs · 1 of {}", rounds as usize + round));
        console.wait_for_text("awaiting approval");
        console.type_keys("x");
        console.wait_for_text(&format!("Type {name} to agree"));
        console.type_keys(&format!("{name}<enter>"));
        console.wait_for_text("[>cancel for good<]");
        if round % 3 == 0 {
            server.kill();
            console.type_keys("<enter>");
            some_time(&mut random);
        } else {
            console.type_keys("<enter>");
            some_time(&mut random);
            server.kill();
        }
        server.start();
        let back = Instant::now();
        // What happens now is seen within the time, whatever was on its way.
        let fresh = format!("Fresh {round:03}");
        server.sends(&fresh);
        let settled = |screen: &vt100::Screen| {
            let text = screen.contents();
            !text.contains("[>") && !text.contains("...") && !text.contains("[ cancel")
        };
        // Where it took so long that the console asks what to do, it is asked once more.
        let again = |screen: &vt100::Screen| screen.contents().contains("[ ask again ]");
        console.wait_within(FRESH, |screen| settled(screen) || again(screen));
        if console.screen_text().contains("[ ask again ]") {
            console.type_keys("<tab><enter>");
            console.wait_within(FRESH, settled);
        }
        console.type_keys("<esc>");
        let all = format!("Jobs · {} ", rounds as usize + round + 1);
        let left = FRESH.saturating_sub(back.elapsed());
        console.wait_within(left, |screen| {
            let text = screen.contents();
            text.contains(&all) && text.contains("live")
        });
        slowest = slowest.max(back.elapsed());
    }
    leave(console);
    // Each command was done, and once.
    let mut cancelled = 0;
    let mut after = 0;
    loop {
        let page = json!({"limit": 1000, "after": after});
        let page = server.call("audit.read", &page)["lines"].take();
        let lines = page.as_array().expect("lines");
        let Some(last) = lines.last() else {
            break;
        };
        after = last["seq"].as_i64().expect("a number");
        let done = |line: &&Value| line["action"] == "bookings.cancel" && line["outcome"] == "done";
        cancelled += lines.iter().filter(done).count();
    }
    assert_eq!(cancelled, names.len());
    let rows = server.call("bookings.rows", &json!({"limit": 1000}));
    let rows = rows["rows"].as_array().expect("rows");
    for name in &names {
        let row = rows.iter().find(|row| row["campaign_name"] == **name);
        assert_eq!(row.expect("a job")["status"], "failed", "{name}");
    }
    measured(&[format!(
        "{rounds} restarts: as it is after {slowest:?} at most"
    )]);
}

#[test]
fn a_slow_line_holds_up_no_key() {
    let server = Server::open();
    for at in 0..60 {
        server.sends(&format!("Campaign {at:03}"));
    }
    let waiting = server.rests("awaiting_approval", 60);
    for row in waiting.iter().take(6) {
        server.call("bookings.approve", &json!({"job_id": row["job_id"]}));
    }
    server.rests("completed", 6);
    let day = json!([{"open": "09:00", "close": "17:00"}]);
    let week = json!({"mon": day, "tue": day, "wed": day, "thu": day, "fri": day});
    for at in 0..20 {
        let room = json!({
            "type": "room", "name": format!("Room {at}"), "timezone": "Europe/Berlin",
            "operatingHours": week,
        });
        server.call("slots.create_resource", &room);
    }
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    let line = runtime.block_on(Slow::open(server.at, THERE_AND_BACK, 1_000_000));
    let own = home();
    let before = server.asked();
    let mut console = server.console(&own, line.at);
    console.wait_for_text("Jobs · 60");
    console.wait_for_text("live");
    quiet(&line);
    let mut told = vec![format!(
        "the console with all its panes: {} bytes",
        line.carried()
    )];
    assert!(line.carried() <= WHOLE, "{told:?}");
    // Nothing is asked twice, but for what goes on.
    let mut asked = server.asked();
    for (name, count) in &mut asked {
        *count -= before.get(name).copied().unwrap_or_default();
    }
    // The server itself looks at the feed for whoever listens, and at the door for whoever comes.
    let goes_on = ["activity.feed", "activity.feed_end", "keys.door"];
    asked.retain(|name, count| *count > 0 && !goes_on.contains(&name.as_str()));
    told.push(format!("asked as it opens: {asked:?}"));
    assert!(asked.values().all(|count| *count <= 2), "{told:?}");
    for (digit, words) in [
        ("2", "[2 Review"),
        ("3", "[3 Pacing"),
        ("4", "[4 Orders"),
        ("5", "[5 Tenants"),
        ("6", "[6 Slots"),
        ("7", "[7 Activity"),
        ("1", "[1 Jobs"),
    ] {
        let pressed = Instant::now();
        console.type_keys(digit);
        console.wait_for_text(words);
        let shown = pressed.elapsed();
        quiet(&line);
        // All panes ask as the console opens; this one asks for everything again.
        let before = line.carried();
        console.type_keys("<f5>");
        console.wait_for_text("asked again");
        quiet(&line);
        let moved = line.carried() - before;
        told.push(format!(
            "pane {digit}: {moved} bytes, there after {shown:?}"
        ));
        assert!(moved <= PANE, "{told:?}");
        assert!(shown < THERE_AND_BACK, "{told:?}");
    }
    // Keys are answered from what is known.
    let mut took = Vec::new();
    for at in 0..40 {
        let before = console.screen_text();
        let pressed = Instant::now();
        console.type_keys(if at % 2 == 0 { "j" } else { "k" });
        console.wait_for(|screen| screen.contents() != before);
        took.push(pressed.elapsed());
    }
    took.sort_unstable();
    told.push(format!(
        "40 keys: {:?} at the median, {:?} at most",
        took[20], took[39]
    ));
    measured(&told);
    // Sooner than the line alone takes; a busy machine may hold up one or another.
    assert!(took[35] < THERE_AND_BACK, "{told:?}");
    leave(console);
}

/// Says what was measured, to whoever reads along.
fn measured(figures: &[String]) {
    for figure in figures {
        // Nobody reads along where that fails.
        drop(writeln!(std::io::stderr(), "{figure}"));
    }
}

/// Waits until only the pulse goes through the line.
fn quiet(line: &Slow) {
    let (_tell, told) = mpsc::channel::<()>();
    let mut calm = 0;
    while calm < 6 {
        let before = line.carried();
        assert!(told.recv_timeout(Duration::from_millis(100)).is_err());
        calm = if line.carried() - before < 2_000 {
            calm + 1
        } else {
            0
        };
    }
}
