//! Databases: made for their owner alone, and left as they are when they are not ours.

use std::{fs, os::unix::fs::PermissionsExt as _};

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::{desk::Desk, postgres};

#[test]
fn what_is_made_is_for_its_owner_alone() {
    let desk = Desk::new();
    desk.send();
    let mode = |name: &str| {
        fs::metadata(desk.path(name))
            .expect("it is there")
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!(mode("data"), 0o700);
    for file in fs::read_dir(desk.path("data")).expect("a directory") {
        let name = format!("data/{}", file.expect("a file").file_name().display());
        assert_eq!(mode(&name), 0o600, "{name}");
    }
    assert!(desk.path("data/flightdeck.anchor").exists());
}

#[test]
fn a_newer_database_is_left_as_it_is() {
    let desk = Desk::new();
    desk.send();
    desk.meddle("PRAGMA user_version = 9999; PRAGMA wal_checkpoint(TRUNCATE);");
    let before = fs::read(desk.database()).expect("a database");
    for args in [&["jobs", "list"][..], &["audit", "verify"]] {
        desk.run(args).refused(6, &["newer", "9999", "hint: "]);
    }
    let ran = desk.run(&["doctor"]);
    ran.ended(6, &[]);
    assert!(ran.out.contains("FAIL database"), "{ran:?}");
    assert!(
        fs::read(desk.database()).expect("a database") == before,
        "not a byte was changed"
    );
}

#[test]
fn what_is_no_database_of_ours_is_left_as_it_is() {
    let desk = Desk::new();
    fs::create_dir(desk.path("data")).expect("a directory");
    let mut other = b"SQLite format 3\0".to_vec();
    other.resize(4096, 7);
    for content in [b"Dear diary".to_vec(), other, vec![0; 4096]] {
        fs::write(desk.database(), &content).expect("a file");
        desk.run(&["jobs", "list"])
            .refused(6, &["something else", "hint: "]);
        assert_eq!(fs::read(desk.database()).expect("a file"), content);
    }
    fs::remove_file(desk.database()).expect("a file");
    desk.meddle_fresh("CREATE TABLE other (a); INSERT INTO other VALUES (1);");
    desk.run(&["jobs", "list"]).refused(6, &["something else"]);
    let here = desk.path("data").display().to_string();
    desk.run(&["--database", &here, "jobs", "list"])
        .refused(6, &["directory", "hint: "]);
    desk.run(&["--database", "/dev/null/x.db", "jobs", "list"])
        .refused(6, &["/dev/null/x.db"]);
}

/// Somebody in whose name the program works on PostgreSQL, and who passes row-level security.
#[tokio::test]
async fn whom_row_level_security_does_not_bind_is_told_and_how_to_mend_it() {
    let test = "databases::whom_row_level_security_does_not_bind_is_told";
    let Some(url) = postgres::or_skip(test) else {
        return;
    };
    let looks = |url: &str| {
        let desk = Desk::new().with("DATABASE", url);
        desk.run(&["doctor"]).out
    };
    let said = looks(&url);
    let bound = "ok   tenants   row-level security keeps them apart";
    assert!(said.contains(bound), "{said}");

    let mut conn = PgConnection::connect(&url).await.expect("connected");
    let name: String = sqlx::query_scalar("SELECT current_database()::text")
        .fetch_one(&mut conn)
        .await
        .expect("a name");
    let user = format!("passes_{name}");
    let mut tell = async |sql: String| {
        let told = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut conn).await;
        told.expect("told");
    };
    tell(format!(
        "CREATE ROLE \"{user}\" LOGIN BYPASSRLS; ALTER DATABASE \"{name}\" OWNER TO \"{user}\"; \
         DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION \"{user}\""
    ))
    .await;
    let theirs = url.replacen("flightdeck@", &format!("{user}@"), 1);
    let said = looks(&theirs);
    for part in [
        "warn tenants   row-level security binds nobody",
        "has BYPASSRLS",
        "hint: ",
        "GRANT flightdeck_tenants TO",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
    // What the hint says helps.
    tell(format!("GRANT flightdeck_tenants TO \"{user}\"")).await;
    let said = looks(&theirs);
    assert!(said.contains(bound), "{said}");
    tell(format!(
        "ALTER DATABASE \"{name}\" OWNER TO CURRENT_USER; \
         REASSIGN OWNED BY \"{user}\" TO CURRENT_USER; \
         DROP OWNED BY \"{user}\"; DROP ROLE \"{user}\""
    ))
    .await;
}
