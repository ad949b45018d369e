//! Opening: what is not ours is refused in one clear line and left as it was, byte for byte.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use flightdeck::store::{
    batch::Batch,
    open::{Database, OpenError, open},
};
use rusqlite::Connection;
use tempfile::TempDir;
use tokio::task::JoinSet;

use crate::ground::{Ground, KIND, batch, line, main, new, over};

stories!(
    what_was_written_is_there_again,
    many_may_open_it_at_once,
    it_says_what_it_is,
    a_database_of_the_first_shape_is_brought_to_this_one,
);

/// A directory with whatever stands beside the database.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a scratch directory"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Every file of the place and what it holds.
    fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let entries = fs::read_dir(self.0.path()).expect("the place");
        entries
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.is_file())
            .map(|path| (path.clone(), fs::read(path).expect("a file")))
            .collect()
    }
}

async fn refusal(path: &Path) -> OpenError {
    match open(&Database::File(path.into())).await {
        Ok(_) => panic!("{} was opened", path.display()),
        Err(error) => error,
    }
}

/// Says how it was refused, and sees that nothing was changed.
async fn refused(place: &Place, path: &Path) -> OpenError {
    let before = place.files();
    let error = refusal(path).await;
    let said = error.to_string();
    let first = said.lines().next().unwrap_or_default();
    assert!(first.contains(&path.display().to_string()), "{said}");
    assert!(said.lines().count() <= 2, "a line and a hint: {said}");
    assert!(place.files() == before, "something was changed: {said}");
    error
}

fn sqlite(path: &Path, text: &str) -> Connection {
    let conn = Connection::open(path).expect("opened");
    conn.execute_batch(text).expect(text);
    conn
}

async fn ours(path: &Path) {
    let store = open(&Database::File(path.into())).await.expect("opened");
    let one = Batch {
        puts: vec![new("a", "draft")],
        ..batch()
    };
    store.commit(one).await.expect("written");
    store.close().await;
}

#[tokio::test]
async fn a_directory_is_no_database() {
    let place = Place::new();
    let path = place.path("data");
    fs::create_dir(&path).expect("a directory");
    let error = refused(&place, &path).await;
    assert!(matches!(error, OpenError::Directory(_)), "{error}");
}

#[tokio::test]
async fn files_of_other_programs_are_left_alone() {
    let place = Place::new();
    let long = "Dear diary, ".repeat(1000);
    for text in ["x", long.as_str(), "SQLite format 2 and then some"] {
        let path = place.path("notes.txt");
        fs::write(&path, text).expect("a file");
        let error = refused(&place, &path).await;
        assert!(matches!(error, OpenError::Foreign(_)), "{error}");
    }
    let schema = "CREATE TABLE songs (name TEXT); INSERT INTO songs VALUES ('one')";
    let marked = format!("PRAGMA application_id = 77; {schema}");
    for (name, text) in [("plain.db", schema), ("marked.db", marked.as_str())] {
        let path = place.path(name);
        let conn = sqlite(&path, text);
        drop(conn);
        let error = refused(&place, &path).await;
        assert!(matches!(error, OpenError::Foreign(_)), "{error}");
    }
}

/// What a program has just written stands in the log beside the file, which itself looks as
/// good as empty.
#[tokio::test]
async fn a_file_in_use_by_another_program_is_left_alone() {
    let place = Place::new();
    let path = place.path("songs.db");
    let text = "PRAGMA journal_mode = WAL; CREATE TABLE songs (name TEXT)";
    let conn = sqlite(&path, text);
    assert_eq!(fs::metadata(&path).expect("a file").len(), 4096);
    let error = refused(&place, &path).await;
    assert!(matches!(error, OpenError::Foreign(_)), "{error}");
    drop(conn);
}

#[tokio::test]
async fn a_newer_shape_is_left_alone() {
    let place = Place::new();
    let path = place.path("flightdeck.db");
    ours(&path).await;
    let conn = sqlite(&path, "PRAGMA user_version = 9999");
    // While the newer program runs, its mark may stand in the log alone.
    let error = refused(&place, &path).await;
    assert!(
        matches!(error, OpenError::Newer { found: 9999, .. }),
        "{error}"
    );
    drop(conn);
    let error = refused(&place, &path).await;
    assert!(
        matches!(error, OpenError::Newer { found: 9999, .. }),
        "{error}"
    );
}

#[tokio::test]
async fn steps_that_this_program_does_not_know_are_left_alone() {
    let place = Place::new();
    let path = place.path("flightdeck.db");
    ours(&path).await;
    let step = "INSERT INTO _sqlx_migrations SELECT 9999, description, installed_on, success, \
                checksum, execution_time FROM _sqlx_migrations LIMIT 1";
    drop(sqlite(&path, step));
    let error = refused(&place, &path).await;
    assert!(
        matches!(error, OpenError::Newer { found: 9999, .. }),
        "{error}"
    );
}

#[tokio::test]
async fn a_place_that_cannot_be_written_is_named() {
    let place = Place::new();
    let file = place.path("a-file");
    fs::write(&file, "").expect("a file");
    for path in [
        file.join("flightdeck.db"),
        file.join("deeper").join("flightdeck.db"),
    ] {
        let error = refused(&place, &path).await;
        assert!(matches!(error, OpenError::Unwritable(..)), "{error}");
    }
    // Not even root can make a file there, or a directory.
    for path in ["/proc/flightdeck.db", "/proc/flightdeck/flightdeck.db"] {
        let error = refusal(Path::new(path)).await;
        assert!(matches!(error, OpenError::Unwritable(..)), "{error}");
    }
}

#[tokio::test]
async fn a_new_file_is_its_owners_alone() {
    let place = Place::new();
    let path = place.path("deep").join("er").join("flightdeck.db");
    let database = Database::File(path.clone());
    let store = open(&database).await.expect("created");
    let one = Batch {
        puts: vec![new("a", "draft")],
        ..batch()
    };
    store.commit(one).await.expect("written");
    let mode = |path: &Path| fs::metadata(path).expect("is there").permissions().mode() & 0o777;
    for beside in ["flightdeck.db", "flightdeck.db-wal", "flightdeck.db-shm"] {
        assert_eq!(mode(&path.with_file_name(beside)), 0o600, "{beside}");
    }
    assert_eq!(mode(&place.path("deep").join("er")), 0o700);
    assert_eq!(mode(&place.path("deep")), 0o700);
    store.close().await;
}

/// What is left of a creation that was cut short is taken over.
#[tokio::test]
async fn empty_files_and_halves_of_creations_are_taken_over() {
    let place = Place::new();
    let empty = place.path("empty.db");
    fs::write(&empty, "").expect("a file");
    ours(&empty).await;

    let blank = place.path("blank.db");
    let conn = sqlite(&blank, "PRAGMA journal_mode = WAL");
    drop(conn);
    assert_eq!(fs::metadata(&blank).expect("a file").len(), 4096);
    ours(&blank).await;

    // Cut off before anything reached the file itself: all that counts is in the log.
    let (whole, copy) = (place.path("whole.db"), place.path("copy.db"));
    let store = open(&Database::File(whole.clone())).await.expect("opened");
    for end in ["", "-wal"] {
        let part = |path: &Path| PathBuf::from(format!("{}{end}", path.display()));
        fs::copy(part(&whole), part(&copy)).expect("copied");
    }
    store.close().await;
    ours(&copy).await;
}

async fn what_was_written_is_there_again(ground: Ground) {
    let store = ground.open().await;
    let one = Batch {
        puts: vec![new("a", "draft")],
        audit: Some(line("ana")),
        ..batch()
    };
    store.commit(one).await.expect("written");
    store.close().await;
    let before = ground.everything().await;
    let store = ground.open().await;
    assert_eq!(ground.everything().await, before);
    let two = Batch {
        puts: vec![over("a", 1, "draft", "booked")],
        audit: Some(line("ana")),
        ..batch()
    };
    let end = store.commit(two).await.expect("written").audit;
    assert_eq!(end.map(|end| end.seq), Some(2), "the chain goes on");
    let row = store.get(&main(), KIND, "a").await.expect("read");
    assert_eq!(row.map(|row| row.revision), Some(2));
}

async fn many_may_open_it_at_once(ground: Ground) {
    let mut nodes = JoinSet::new();
    for n in 0..6 {
        let database = ground.database().clone();
        nodes.spawn(async move {
            let store = open(&database).await.expect("opened");
            let mine = Batch {
                puts: vec![new(&n.to_string(), "draft")],
                ..batch()
            };
            store.commit(mine).await.expect("written");
            store.close().await;
        });
    }
    while let Some(done) = nodes.join_next().await {
        done.expect("as it should end");
    }
    let tallies = ground.open().await.tallies(&main(), KIND).await;
    assert_eq!(tallies, Ok(vec![("draft".into(), 6)]));
}

/// Takes back what came after the first shape.
async fn back_to_the_first(ground: &Ground) {
    ground
        .sql(
            "DROP TABLE glance; DROP TABLE shown; DROP TABLE delivery_day; \
             DROP TABLE inventory; DROP INDEX audit_by_at; DROP TABLE quota; \
             DROP INDEX task_next; CREATE INDEX task_due ON task (state, run_at); \
             DROP INDEX object_by_begins; ALTER TABLE object DROP COLUMN begins; \
             ALTER TABLE audit DROP COLUMN changes; \
             DELETE FROM _sqlx_migrations WHERE version > 1",
        )
        .await;
    if let Database::File(_) = ground.database() {
        ground.sql("PRAGMA user_version = 1").await;
    }
}

async fn a_database_of_the_first_shape_is_brought_to_this_one(ground: Ground) {
    let store = ground.open().await;
    let one = Batch {
        puts: vec![new("a", "draft"), new("b", "draft")],
        audit: Some(line("ana")),
        ..batch()
    };
    store.commit(one).await.expect("written");
    store.close().await;
    let mut before = ground.everything().await;
    back_to_the_first(&ground).await;

    let store = ground.open().await;
    let glances = before.insert("glance", Vec::new());
    assert_eq!(glances.map(|all| all.len()), Some(2));
    let shown = before.insert("shown", Vec::new());
    assert_eq!(shown.map(|all| all.len()), Some(2));
    assert_eq!(
        ground.everything().await,
        before,
        "nothing else has changed"
    );
    let two = Batch {
        puts: vec![over("a", 1, "draft", "booked")],
        audit: Some(line("ana")),
        ..batch()
    };
    store.commit(two).await.expect("written");
    let mut kept = ground.everything().await;
    let shown = kept.remove("shown");
    assert_eq!(shown, Some(vec!["main job a 2 round booked".into()]));
    let kept = kept.remove("glance");
    assert_eq!(kept, Some(vec![r#"main job a 2 {"seen":"booked"}"#.into()]));
}

async fn it_says_what_it_is(ground: Ground) {
    let said = ground.open().await.describe().await.expect("said");
    let make = match ground.database() {
        Database::File(_) => "SQLite 3.",
        Database::Postgres(_) => "PostgreSQL ",
    };
    assert!(said.starts_with(make), "{said}");
}

#[tokio::test]
async fn a_postgres_of_other_programs_is_left_alone() {
    let test = "opening::a_postgres_of_other_programs_is_left_alone";
    let Some(ground) = Ground::postgres(test) else {
        return;
    };
    let tables = "SELECT table_name::text FROM information_schema.tables \
                  WHERE table_schema = current_schema() ORDER BY 1";
    ground.sql("CREATE TABLE object (song TEXT)").await;
    let error = open(ground.database()).await.err().expect("refused");
    assert!(matches!(error, OpenError::Foreign(_)), "{error}");
    assert_eq!(ground.read(tables).await, ["object"]);
}

#[tokio::test]
async fn a_newer_postgres_is_left_alone() {
    let Some(ground) = Ground::postgres("opening::a_newer_postgres_is_left_alone") else {
        return;
    };
    ground.open().await.close().await;
    ground
        .sql(
            "INSERT INTO _sqlx_migrations SELECT 9999, description, installed_on, success, \
              checksum, execution_time FROM _sqlx_migrations LIMIT 1",
        )
        .await;
    let before = ground.everything().await;
    let error = open(ground.database()).await.err().expect("refused");
    assert!(
        matches!(error, OpenError::Newer { found: 9999, .. }),
        "{error}"
    );
    assert_eq!(ground.everything().await, before);
}
