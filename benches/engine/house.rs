//! A house full of jobs: one is really sent and researched, the others are copies of it under
//! names of their own.

use std::path::Path;

use rusqlite::{Connection as Books, params};
use serde_json::Value;
use tempfile::TempDir;
use uuid::Uuid;

use crate::{booking::brief, client::Connection, server::Server};

/// A directory with a full database.
pub struct House {
    dir: TempDir,
    ids: Vec<String>,
}

impl House {
    /// Fills one.
    pub fn with_jobs(count: usize) -> Self {
        let dir = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a scratch directory");
        let model = one_real_job(dir.path());
        let mut ids: Vec<String> = (1..count)
            .map(|_| Uuid::now_v7().as_hyphenated().to_string())
            .collect();
        copy(dir.path(), &model, &ids).expect("copies");
        ids.push(model);
        Self { dir, ids }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// The jobs.
    pub fn ids(&self) -> &[String] {
        &self.ids
    }
}

/// Sends a brief and waits until it waits for a decision.
fn one_real_job(data: &Path) -> String {
    let server = Server::ours(data, &[]);
    let mut connection = Connection::open(server.address());
    let body = connection.post("/bookings", &brief().to_string());
    let body: Value = serde_json::from_slice(body).expect("JSON");
    let id = body["job_id"].as_str().expect("an id").to_owned();
    loop {
        let job = connection.get(&format!("/bookings/{id}"));
        let job: Value = serde_json::from_slice(job).expect("JSON");
        if job["status"] == "awaiting_approval" {
            return id;
        }
        assert_ne!(job["status"], "failed", "{job}");
    }
}

fn copy(data: &Path, model: &str, ids: &[String]) -> rusqlite::Result<()> {
    let mut books = Books::open(data.join("flightdeck.db"))?;
    let whole = books.transaction()?;
    for (back, id) in (1i64..).zip(ids) {
        whole.execute(
            "INSERT INTO object (tenant, kind, id, revision, parent, state, label, search, amount, \
             currency, created_at, updated_at, body) SELECT tenant, kind, ?2, revision, parent, \
             state, label || ' ' || ?3, replace(search, ?1, ?2), amount, currency, \
             created_at - ?3, updated_at, replace(body, ?1, ?2) FROM object \
             WHERE kind = 'job' AND id = ?1",
            params![model, id, back],
        )?;
        whole.execute(
            "INSERT INTO glance SELECT tenant, kind, ?2, revision, body FROM glance \
             WHERE kind = 'job' AND id = ?1",
            params![model, id],
        )?;
        whole.execute(
            "INSERT INTO shown SELECT tenant, kind, ?2, revision, shape, replace(body, ?1, ?2) \
             FROM shown WHERE kind = 'job' AND id = ?1",
            params![model, id],
        )?;
    }
    let more = i64::try_from(ids.len()).unwrap_or(0);
    whole.execute(
        "UPDATE tally SET n = n + ?1 WHERE kind = 'job' AND state = 'awaiting_approval'",
        [more],
    )?;
    whole.commit()
}
