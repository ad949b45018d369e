//! The PostgreSQL server that other tests rely on: it answers, its databases are apart, and it
//! is gone when the process that wanted it is, even if that was killed.

use std::{
    env, fs,
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    os::unix::net::UnixStream,
    path::PathBuf,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use sqlx::{Connection as _, PgConnection};

#[path = "support/postgres.rs"]
mod postgres;

/// Set in the process that is started only to be killed.
const VICTIM: &str = "FLIGHTDECK_TEST_VICTIM";

#[tokio::test]
async fn a_fresh_database_answers() -> sqlx::Result<()> {
    let Some(url) = postgres::or_skip("a_fresh_database_answers") else {
        return Ok(());
    };
    let mut connection = PgConnection::connect(&url).await?;
    let one: i32 = sqlx::query_scalar("SELECT 1")
        .fetch_one(&mut connection)
        .await?;
    assert_eq!(one, 1);
    connection.close().await
}

#[tokio::test]
async fn two_fresh_databases_are_separate() -> sqlx::Result<()> {
    if let Err(reason) = postgres::server() {
        assert!(!reason.to_string().contains('\n'), "one line: {reason}");
    }
    let Some(mine) = postgres::or_skip("two_fresh_databases_are_separate") else {
        return Ok(());
    };
    let theirs = postgres::or_skip("two_fresh_databases_are_separate").expect("still there");
    assert_ne!(mine, theirs);

    let mut mine = PgConnection::connect(&mine).await?;
    let mut theirs = PgConnection::connect(&theirs).await?;
    sqlx::query("CREATE TABLE secret (word TEXT)")
        .execute(&mut mine)
        .await?;
    let seen: Option<String> = sqlx::query_scalar("SELECT to_regclass('secret')::text")
        .fetch_one(&mut theirs)
        .await?;
    assert_eq!(seen, None);
    mine.close().await?;
    theirs.close().await
}

#[test]
fn a_private_server_ends_with_its_process_even_if_that_is_killed() -> io::Result<()> {
    let name = "a_private_server_ends_with_its_process_even_if_that_is_killed";
    if env::var_os(VICTIM).is_some() {
        let url = postgres::or_skip(name).unwrap_or_default();
        writeln!(io::stdout(), "\nvictim {url}")?;
        io::stdin().read_to_end(&mut Vec::new())?; // the parent never writes: it kills
        return Ok(());
    }
    let mut victim = Command::new(env::current_exe()?)
        .args(["--exact", name])
        .env(VICTIM, "1")
        .env_remove("TEST_POSTGRES_URL")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let url = BufReader::new(victim.stdout.take().expect("its output is piped"))
        .lines()
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("victim ").map(str::to_owned))
        .expect("the victim has a server or has said why not");
    let Some((_, directory)) = url.split_once("?host=") else {
        victim.kill()?;
        victim.wait()?;
        return Ok(()); // skipped, and the victim said so on the stderr that we share
    };
    let directory = PathBuf::from(directory);
    let server = fs::read_to_string(directory.join("data/postmaster.pid"))?;
    let server = server.lines().next().expect("the server's process id");
    let mut connection = UnixStream::connect(directory.join(".s.PGSQL.5432"))?;

    victim.kill()?; // SIGKILL: nothing in that process can tidy up
    victim.wait()?;

    // The server hangs up on us as it dies; its directory goes when it is dead and buried.
    connection.set_read_timeout(Some(Duration::from_secs(30)))?;
    assert_eq!(connection.read_to_end(&mut Vec::new()).unwrap_or(0), 0);
    let killed = Instant::now();
    while directory.exists() {
        assert!(killed.elapsed() < Duration::from_secs(30), "{directory:?}");
        thread::yield_now();
    }
    let alive = Command::new("kill").args(["-0", server]).output()?;
    assert!(!alive.status.success(), "server {server} is still running");
    Ok(())
}
