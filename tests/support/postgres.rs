//! A PostgreSQL server for tests: a private one, started where its programs are on the machine,
//! or the one that `TEST_POSTGRES_URL` names. One server for each test process, one database for
//! each caller. Refuses to listen on a network, to touch a server nobody offered, and to outlive
//! the test process, however that ends.
//!
//! A test enters through [`or_skip`]: it has a database, or it says in one line why it has none.

use std::{
    env, fmt, fs,
    io::{self, BufRead as _, BufReader, Write as _},
    os::unix::{fs::MetadataExt as _, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{OnceLock, mpsc},
    thread,
    time::{Duration, Instant},
};

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use uuid::Uuid;

/// How the name of every database of ours begins; a version 7 UUID follows, which holds its age.
const PREFIX: &str = "flightdeck_test_";

/// The longest that a private server may take to come up.
const PATIENCE: Duration = Duration::from_secs(90);

/// Databases that earlier runs left on a server that is not private. Nobody tests for an hour.
const STALE: &str = "SELECT datname FROM pg_database \
    WHERE datname ~ '^flightdeck_test_[0-9a-f]{32}$' \
    AND ('x' || substr(datname, 17, 12))::bit(48)::bigint \
        < extract(epoch FROM now() - interval '1 hour') * 1000";

/// Owns the private server: `sh -c WATCHER watcher BIN`. Its standard input is a pipe that the
/// test process holds, so `read` fails when that process is gone, be it by SIGKILL, and then the
/// server and its directory go too. A line that comes through it has the server killed and started. Everything is made and removed by this
/// one script, so no moment exists at which something is there that nobody will remove.
///
/// * It says where the server is, then what the server logs. After that it keeps no end of that
///   pipe itself, so a server that dies at the start is noticed at once.
/// * Deaf to PIPE: where nobody reads any more it is to carry on and tidy up.
/// * TERM, then QUIT: a shell starts its children deaf to QUIT, and the server may not have come
///   to where it listens to it, but up to there TERM kills (so nothing may be done about TERM
///   when the server is forked). Later QUIT says "at once, whoever is connected".
/// * ICU order where the server knows it: it sorts words as a real installation does, and not
///   byte by byte as SQLite does, so a query that leans on either order is found out.
/// * No fsync: it guards against power cuts alone. Killing nodes, or the server, loses nothing.
const WATCHER: &str = r#"
bin=$1
dir=$(mktemp -d /tmp/flightdeck-pg.XXXXXX) || exit 1
server=
end() {
    trap '' HUP INT TERM
    [ -z "$server" ] || { kill -TERM "$server"; kill -QUIT "$server"; wait "$server"; }
    rm -rf "$dir"
}
trap end EXIT
trap '' HUP INT TERM PIPE
create() {
    "$bin/initdb" -D "$dir/data" -U flightdeck -A trust -E UTF8 --locale=C --no-sync "$@"
}
create --locale-provider=icu --icu-locale=en </dev/null >/dev/null 2>&1 ||
    create </dev/null 2>&1 || exit 1
cat >>"$dir/data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$dir'
port = 5432
max_connections = 200
shared_buffers = 32MB
fsync = off
full_page_writes = off
CONF
echo "$dir"
trap - TERM
"$bin/postgres" -D "$dir/data" </dev/null 2>&1 &
server=$!
trap exit HUP INT TERM
exec >/dev/null
while read -r _; do
    kill -QUIT "$server"
    wait "$server"
    "$bin/postgres" -D "$dir/data" </dev/null >/dev/null 2>&1 &
    server=$!
done
"#;

/// Why there is no PostgreSQL here, and how to get one, in one line.
#[derive(Clone, Debug)]
pub struct Skipped(String);

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}; install PostgreSQL (apt-get install postgresql, brew install postgresql) \
             or set TEST_POSTGRES_URL=postgres://user:password@host/database",
            self.0
        )
    }
}

/// A server on which databases may be made and dropped.
#[derive(Debug)]
pub struct Server {
    /// The database that one connects to in order to create others.
    door: String,
    /// Holds the pipe that keeps a private server alive.
    pub _watcher: Option<Child>,
}

/// Finds or starts the server of this test process. Refuses where there is nothing to start.
///
/// # Panics
///
/// If `TEST_POSTGRES_URL` is set and that server does not answer.
pub fn server() -> Result<&'static Server, Skipped> {
    static SERVER: OnceLock<Result<Server, Skipped>> = OnceLock::new();
    SERVER
        .get_or_init(|| match env::var("TEST_POSTGRES_URL") {
            Ok(url) => Ok(Server::borrowed(url)),
            Err(_) => Server::private(),
        })
        .as_ref()
        .map_err(Clone::clone)
}

/// Returns the URL of a fresh database, or prints one line that says why `test` is skipped.
///
/// # Panics
///
/// Where it would skip, if `FLIGHTDECK_REQUIRE_POSTGRES=1`: a skipped test is no passed test.
pub fn or_skip(test: &str) -> Option<String> {
    match server() {
        Ok(server) => Some(server.fresh_database()),
        Err(reason) => {
            skip(test, &reason);
            None
        }
    }
}

/// Says why a test is skipped, or refuses to.
pub fn skip(test: &str, reason: &Skipped) {
    let is_required = env::var("FLIGHTDECK_REQUIRE_POSTGRES").is_ok_and(|it| it == "1");
    assert!(!is_required, "{test} needs PostgreSQL: {reason}");
    // Written to the stream itself: the test harness hides what `eprintln!` says.
    writeln!(io::stderr(), "SKIPPED {test}: {reason}").expect("stderr is open");
}

impl Server {
    /// Creates an empty database with a name of its own and returns its URL.
    /// May be called from inside a runtime; blocks for some tens of milliseconds.
    pub fn fresh_database(&self) -> String {
        let name = format!("{PREFIX}{}", Uuid::now_v7().simple());
        on_a_thread_of_its_own(async {
            let mut door = PgConnection::connect(&self.door).await?;
            let create = format!("CREATE DATABASE {name} TEMPLATE template0");
            sqlx::raw_sql(AssertSqlSafe(create))
                .execute(&mut door)
                .await?;
            door.close().await
        })
        .unwrap_or_else(|e| panic!("no fresh database on the PostgreSQL server: {e}"));
        let mut url: reqwest::Url = self.door.parse().expect("sqlx has read this URL");
        url.set_path(&name);
        url.into()
    }

    /// Takes the server that somebody offered, and drops what earlier runs left there.
    fn borrowed(door: String) -> Self {
        on_a_thread_of_its_own(async {
            let mut connection = PgConnection::connect(&door).await?;
            let stale: Vec<String> = sqlx::query_scalar(STALE).fetch_all(&mut connection).await?;
            for name in stale {
                let drop = AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name}"));
                // Another run may be at it, or somebody may look at it: then it is not ours.
                let _ = sqlx::raw_sql(drop).execute(&mut connection).await;
            }
            connection.close().await
        })
        .unwrap_or_else(|e| panic!("the server in TEST_POSTGRES_URL does not answer: {e}"));
        Self {
            door,
            _watcher: None,
        }
    }

    /// Starts a server that lives exactly as long as this process.
    pub fn private() -> Result<Self, Skipped> {
        let programs = programs().ok_or_else(|| Skipped("PostgreSQL is not installed".into()))?;
        let mut command = Command::new("sh");
        command
            .args(["-c", WATCHER, "watcher"])
            .arg(&programs)
            .current_dir("/")
            .env_clear()
            .env("PATH", env::var_os("PATH").unwrap_or_default())
            .env("LC_ALL", "C")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0); // Ctrl-C is for the test; the watcher is to survive it and tidy up
        if is_root() {
            let (user, group) = unprivileged()
                .ok_or_else(|| Skipped("root cannot run PostgreSQL, nobody else can".into()))?;
            command.uid(user).gid(group);
        }
        let mut watcher = command
            .spawn()
            .map_err(|e| Skipped(format!("cannot start PostgreSQL: {e}")))?;
        let directory = until_ready(&mut watcher)
            .map_err(|why| Skipped(format!("PostgreSQL does not start: {why}")))?;
        Ok(Self {
            door: format!("postgres://flightdeck@localhost:5432/postgres?host={directory}"),
            _watcher: Some(watcher),
        })
    }
}

/// Runs to completion on a new thread, since the caller's may belong to a runtime already.
fn on_a_thread_of_its_own(work: impl Future<Output = sqlx::Result<()>> + Send) -> sqlx::Result<()> {
    thread::scope(|scope| {
        let worker = scope.spawn(|| {
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?
                .block_on(work)
        });
        worker.join().expect("the worker does not panic")
    })
}

/// The directory of the server, once it accepts connections; else what was said last.
fn until_ready(watcher: &mut Child) -> Result<String, String> {
    let output = watcher.stdout.take().expect("its output is piped");
    let (said, heard) = mpsc::channel();
    // Reads on to the end even if nobody listens any more: a full pipe would stop the server.
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let _ = said.send(line);
        }
    });
    let deadline = Instant::now() + PATIENCE;
    let mut lines: Vec<String> = Vec::new();
    while let Ok(line) = heard.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
        if line.ends_with("database system is ready to accept connections") {
            return Ok(lines.swap_remove(0));
        }
        lines.push(line);
    }
    Err(lines.split_off(lines.len().saturating_sub(3)).join(" "))
}

/// The directory that holds PostgreSQL's programs: on the PATH, else where packages put them.
fn programs() -> Option<PathBuf> {
    let on_path = env::split_paths(&env::var_os("PATH")?).collect::<Vec<_>>();
    let packaged = [
        "/usr/lib/postgresql", // Debian: /usr/lib/postgresql/15/bin
        "/usr",                // Red Hat: /usr/pgsql-17/bin
        "/opt/homebrew/opt",   // Homebrew: /opt/homebrew/opt/postgresql@17/bin
        "/usr/local/opt",      // Homebrew on Intel
    ];
    let packaged = packaged
        .into_iter()
        .flat_map(|parent| versions(Path::new(parent)));
    let complete = |bin: &PathBuf| {
        ["initdb", "postgres"]
            .iter()
            .all(|program| bin.join(program).is_file())
    };
    on_path.into_iter().chain(packaged).find(complete)
}

/// The `bin` directories of the PostgreSQL versions below `parent`, newest first.
fn versions(parent: &Path) -> Vec<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir(parent)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let name = entry.file_name().into_string().ok()?;
            let version = name.trim_start_matches(|it: char| !it.is_ascii_digit());
            let family = ["", "pgsql-", "postgresql@"];
            let ours = family.contains(&name.strip_suffix(version)?);
            let version = version.split('.').next()?.parse().ok()?;
            ours.then(|| (version, entry.path().join("bin")))
        })
        .collect();
    found.sort_unstable_by(|one, other| other.cmp(one));
    found.into_iter().map(|(_, bin)| bin).collect()
}

/// Whether this process is root's: asked of a file that it made, for want of a safe `geteuid`.
fn is_root() -> bool {
    let file = tempfile::tempfile().and_then(|file| file.metadata());
    file.is_ok_and(|about| about.uid() == 0)
}

/// The user and group to run as in root's stead.
fn unprivileged() -> Option<(u32, u32)> {
    let users = fs::read_to_string("/etc/passwd").ok()?;
    let find = |name: &str| {
        users.lines().find_map(|line| {
            let mut fields = line.split(':');
            (fields.next()? == name).then_some(())?;
            let user = fields.nth(1)?.parse().ok()?;
            Some((user, fields.next()?.parse().ok()?))
        })
    };
    find("postgres").or_else(|| find("nobody"))
}
