//! What the stories stand on: a fresh database of either make, a way to it around the store,
//! and short ways to say what a batch holds.

use std::{collections::BTreeMap, error::Error};

use flightdeck::{
    domain::{
        audit::{Entry, Outcome},
        ids::TenantId,
        tenant::role::Role,
        when::Instant,
    },
    store::{
        Shared,
        batch::{
            Batch, Brought, Claim, Day, Expect, Facets, Happening, Put, Remember, Remove, Shown,
            Thing, Wake,
        },
        open::{Database, open},
    },
};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tempfile::TempDir;

use crate::postgres;

/// Makes of each story two tests, `story::sqlite` and `story::postgres`.
macro_rules! stories {
    ($($story:ident),+ $(,)?) => {$(
        mod $story {
            use crate::ground::Ground;

            #[tokio::test(flavor = "multi_thread")]
            async fn sqlite() {
                super::$story(Ground::sqlite()).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn postgres() {
                if let Some(ground) = Ground::postgres(concat!(module_path!(), "::postgres")) {
                    super::$story(ground).await;
                }
            }
        }
    )+};
}

/// The kind of object that most stories write.
pub const KIND: &str = "job";

/// What every table keeps, so that nothing of a refused batch can hide.
const TABLES: [(&str, &str); 13] = [
    (
        "object",
        "tenant kind id revision parent state label search amount currency created_at updated_at body begins",
    ),
    ("glance", "tenant kind id revision body"),
    ("shown", "tenant kind id revision shape body"),
    ("delivery_day", "tenant line day last hours"),
    (
        "inventory",
        "tenant kind id parent name search state run seen_at body",
    ),
    ("tally", "tenant kind state n"),
    ("counter", "tenant space cell used"),
    ("answer", "tenant caller key operation digest body at"),
    ("head", "tenant feed audit audit_hash"),
    ("event", "tenant seq at name kind object detail"),
    (
        "audit",
        "tenant seq at actor role action object revision_before revision_after outcome detail previous hash changes",
    ),
    (
        "task",
        "id tenant kind object state run_at lease_by lease_until fence wakes attempts last_error created_at",
    ),
    ("quota", "who node at n"),
];

/// A fresh database, gone with this value.
pub struct Ground {
    database: Database,
    _directory: Option<TempDir>,
}

impl Ground {
    /// A SQLite file in a directory of its own.
    pub fn sqlite() -> Self {
        let directory = tempfile::tempdir().expect("a scratch directory");
        Self {
            database: Database::File(directory.path().join("flightdeck.db")),
            _directory: Some(directory),
        }
    }

    /// A PostgreSQL database, or a line that says why there is none.
    pub fn postgres(test: &str) -> Option<Self> {
        Some(Self {
            database: Database::Postgres(postgres::or_skip(test)?),
            _directory: None,
        })
    }

    /// Opens it: each time as another node would.
    pub async fn open(&self) -> Shared {
        open(&self.database).await.expect("the database opens")
    }

    /// Where it is.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Runs SQL around the store.
    pub async fn sql(&self, text: &str) {
        self.try_sql(text)
            .await
            .unwrap_or_else(|error| panic!("{text}: {error}"));
    }

    async fn try_sql(&self, text: &str) -> Result<(), Box<dyn Error>> {
        match &self.database {
            Database::File(path) => rusqlite::Connection::open(path)?.execute_batch(text)?,
            Database::Postgres(url) => {
                let mut conn = PgConnection::connect(url).await?;
                let sql = sqlx::raw_sql(AssertSqlSafe(text.to_owned()));
                sql.execute(&mut conn).await?;
                conn.close().await?;
            }
        }
        Ok(())
    }

    /// Reads the first column as text, around the store.
    pub async fn read(&self, text: &str) -> Vec<String> {
        self.try_read(text)
            .await
            .unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    async fn try_read(&self, text: &str) -> Result<Vec<String>, Box<dyn Error>> {
        match &self.database {
            Database::File(path) => {
                let conn = rusqlite::Connection::open(path)?;
                let mut asked = conn.prepare(text)?;
                let rows = asked.query_map([], |row| row.get(0))?;
                Ok(rows.collect::<Result<_, _>>()?)
            }
            Database::Postgres(url) => {
                let mut conn = PgConnection::connect(url).await?;
                let sql = AssertSqlSafe(text.to_owned());
                let read = sqlx::query_scalar(sql).fetch_all(&mut conn).await?;
                conn.close().await?;
                Ok(read)
            }
        }
    }

    /// Every row of every table, by table.
    pub async fn everything(&self) -> BTreeMap<&'static str, Vec<String>> {
        let mut all = BTreeMap::new();
        for (table, columns) in TABLES {
            let columns: Vec<String> = columns
                .split(' ')
                .map(|column| format!("COALESCE(CAST({column} AS TEXT), '(nothing)')"))
                .collect();
            let row = columns.join(" || ' ' || ");
            let mut rows = self.read(&format!("SELECT {row} FROM {table}")).await;
            rows.sort();
            all.insert(table, rows);
        }
        all
    }
}

/// A tenant.
pub fn tenant(name: &str) -> TenantId {
    name.parse().expect("a tenant's name")
}

/// The tenant that most stories are about.
pub fn main() -> TenantId {
    tenant("main")
}

/// So many seconds after the hour at which all stories begin.
pub fn at(seconds: i64) -> Instant {
    Instant::from_timestamp(1_780_000_000 + seconds, 0).expect("an instant")
}

/// An empty batch of the main tenant.
pub fn batch() -> Batch {
    Batch::new(main(), at(0))
}

/// A new object.
pub fn new(id: &str, state: &str) -> Put {
    Put {
        kind: KIND,
        id: id.into(),
        replaces: None,
        facets: Facets {
            state: state.into(),
            label: format!("Job {id}"),
            search: format!("job {id}"),
            ..Facets::default()
        },
        body: format!(r#"{{"id":"{id}"}}"#),
        glance: Some(format!(r#"{{"seen":"{state}"}}"#)),
        shown: Some(Shown {
            shape: "round".into(),
            body: state.into(),
        }),
    }
}

/// An object over the one that has this revision and state.
pub fn over(id: &str, revision: i64, was: &str, state: &str) -> Put {
    Put {
        replaces: Some((revision, was.into())),
        ..new(id, state)
    }
}

/// An object that goes, with the revision and state that it has.
pub fn gone(id: &str, revision: i64, was: &str) -> Remove {
    Remove {
        kind: KIND,
        id: id.into(),
        replaces: (revision, was.into()),
    }
}

/// An object that was read.
pub fn expect(id: &str, revision: i64) -> Expect {
    Expect {
        kind: KIND,
        id: id.into(),
        revision,
    }
}

/// An amount of a space's cell.
pub fn claim(space: &str, cell: &str, amount: i64, limit: i64) -> Claim {
    Claim {
        space: space.into(),
        cell: cell.into(),
        amount,
        limit,
    }
}

/// Something that happened to an object.
pub fn happening(object: &str) -> Happening {
    Happening {
        name: "bookings.submitted",
        kind: KIND,
        object: object.into(),
        detail: format!("{object} came in"),
    }
}

/// An audit line.
pub fn line(actor: &str) -> Entry {
    Entry {
        at: at(0),
        actor: actor.into(),
        role: Role::Trafficker,
        action: "bookings.submit".into(),
        object: None,
        revision_before: None,
        revision_after: Some(1),
        outcome: Outcome::Done,
        detail: String::new(),
        changes: Vec::new(),
    }
}

/// An answer under a key.
pub fn remember(key: &str, answer: &str) -> Remember {
    Remember {
        caller: "ana".into(),
        key: key.into(),
        operation: "bookings.submit",
        digest: "d1".into(),
        answer: answer.into(),
    }
}

/// Background work about an object.
pub fn wake(object: &str, when: Instant) -> Wake {
    Wake {
        id: uuid::Uuid::new_v4().to_string(),
        kind: "run_job",
        object: object.into(),
        at: when,
    }
}

/// A thing of an ad server.
pub fn thing(id: &str, name: &str) -> Thing {
    Thing {
        kind: "ad_unit".into(),
        id: id.into(),
        parent: String::new(),
        name: name.into(),
        search: name.to_lowercase(),
        state: "active".into(),
        body: format!(r#"{{"id":"{id}","name":"{name}"}}"#),
    }
}

/// What the run of a number brought.
pub fn brought(run: i64, things: Vec<Thing>) -> Brought {
    Brought {
        run,
        kind: "ad_unit",
        things,
        same: Vec::new(),
        gone: Vec::new(),
    }
}

/// A day of delivery.
pub fn day(line: &str, on: &str) -> Day {
    Day {
        line: line.into(),
        day: on.into(),
        last: "[1]".into(),
        hours: "[[1]]".into(),
    }
}
