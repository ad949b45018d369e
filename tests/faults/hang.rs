//! PostgreSQL hangs: it takes what it is sent and says nothing, as behind a network that swallows
//! everything. Whoever asks a node is told so within seconds, and answered once it goes on.

use std::{fs, time::Duration};

use rustix::process::{Pid, Signal, kill_process};
use sqlx::Connection as _;
use tokio::time::timeout;

use crate::{postgres, program::Program, scratch, web::Web};

/// How long a node may take to say that its database does not answer.
const SOON: Duration = Duration::from_secs(15);
/// How long anything may take before the story is broken.
const PATIENCE: Duration = Duration::from_mins(1);

/// The parent of a process.
fn parent(of: i32) -> Option<i32> {
    let stat = fs::read_to_string(format!("/proc/{of}/stat")).ok()?;
    let behind = stat.rsplit_once(')')?.1;
    behind.split_whitespace().nth(1)?.parse().ok()
}

/// The server that answers there, and all that it has started.
async fn processes(url: &str) -> Vec<Pid> {
    let mut door = sqlx::PgConnection::connect(url).await.expect("it stands");
    let own = sqlx::query_scalar::<_, i32>("SELECT pg_backend_pid()");
    let own = own.fetch_one(&mut door).await.expect("a number");
    let server = parent(own).expect("a server");
    let numbers = fs::read_dir("/proc").expect("processes");
    let numbers = numbers.filter_map(|one| one.ok()?.file_name().to_str()?.parse().ok());
    let all = numbers.filter(|one| *one == server || parent(*one) == Some(server));
    all.filter_map(Pid::from_raw).collect()
}

/// How many of them the signal reached: the connection that counted them is over by now.
fn send(all: &[Pid], signal: Signal) -> usize {
    let sent = all.iter().filter(|one| kill_process(**one, signal).is_ok());
    sent.count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_hangs_is_told_within_seconds() {
    let test = "a_database_that_hangs_is_told_within_seconds";
    let server = match postgres::Server::private() {
        Ok(server) => server,
        Err(reason) => return postgres::skip(test, &reason),
    };
    let (home, database) = (scratch(), server.fresh_database());
    let node = Program::beside(home.path(), Duration::ZERO, &database);
    let web = Web::new();
    let health = web.get(&node.url, "/health").await.expect("an answer");
    assert_eq!(health.status, 200, "{health:?}");
    let all = processes(&database).await;
    assert!(send(&all, Signal::STOP) > 2, "server and connections");
    let door = sqlx::PgConnection::connect(&database);
    let hangs = timeout(Duration::from_secs(1), door).await;
    for path in ["/health", "/bookings?limit=1", "/health"] {
        let told = timeout(SOON, web.get(&node.url, path)).await;
        let told = told.expect("within seconds").expect("an answer");
        assert_eq!(told.status, 503, "{told:?}");
        let said = told.body.to_string();
        assert!(said.contains("the database"), "{said}");
    }
    assert!(send(&all, Signal::CONT) > 2, "they are there still");
    assert!(hangs.is_err(), "it did hang");
    let again = async {
        while !matches!(web.get(&node.url, "/bookings?limit=1").await, Ok(reply) if reply.status == 200)
        {
        }
    };
    timeout(PATIENCE, again).await.expect("it answers again");
    node.kill();
}
