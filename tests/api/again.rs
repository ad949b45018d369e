//! The same question again and again: whoever asks gets what is stored now, whichever server
//! changed it, and never what another tenant was told.

use flightdeck::{api::auth::Keys, domain::tenant::role::Role};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    house::{House, Plan, booking, get, key, post, post_nothing},
    postgres::or_skip,
};

/// Two servers on one database, as long as this is kept.
async fn two(url: Option<String>) -> (House, House, TempDir) {
    let files = tempfile::tempdir().expect("a scratch directory");
    let url = url.unwrap_or_else(|| files.path().join("both.db").display().to_string());
    let plan = || Plan {
        url: Some(url.clone()),
        ..Plan::default()
    };
    (
        House::build(plan()).await,
        House::build(plan()).await,
        files,
    )
}

async fn listed(house: &House) -> Value {
    house.ask(get("/bookings")).await.ok()
}

async fn each_server_tells_what_the_other_changed(url: Option<String>) {
    let (here, there, _files) = two(url).await;
    assert_eq!(listed(&there).await["total"], 0);
    let id = here.send_and_settle(&json!({})).await;
    assert_eq!(
        listed(&there).await["total"],
        1,
        "a list that was asked before"
    );
    let path = format!("/bookings/{id}");
    let before = there.ask(get(&path)).await;
    assert_eq!(before.ok()["status"], "awaiting_approval");
    let again = there.ask(get(&path)).await;
    assert_eq!(again.body, before.body, "asked again");
    assert_eq!(again.header("etag"), before.header("etag"));

    let cancel = format!("{path}/cancel");
    here.ask(post_nothing(&cancel)).await.ok();
    for house in [&here, &there] {
        let reply = house.ask(get(&path)).await;
        let job = reply.ok();
        assert_eq!(job["status"], "failed");
        assert_eq!(reply.header("etag"), format!("\"{}\"", job["revision"]));
        assert_eq!(listed(house).await["jobs"][0]["status"], "failed");
    }
}

#[tokio::test]
async fn each_server_tells_what_the_other_changed_on_sqlite() {
    each_server_tells_what_the_other_changed(None).await;
}

#[tokio::test]
async fn each_server_tells_what_the_other_changed_on_postgres() {
    if let Some(url) = or_skip("each_server_tells_what_the_other_changed") {
        each_server_tells_what_the_other_changed(Some(url)).await;
    }
}

#[tokio::test]
async fn an_answer_that_is_kept_is_kept_for_its_tenant() {
    let mut keys = Keys::default();
    let ours = key(&mut keys, "main", "ana", Role::Trafficker, &[]);
    let theirs = key(&mut keys, "acme", "bob", Role::Trafficker, &[]);
    let narrow = key(&mut keys, "main", "eve", Role::Trafficker, &["orders:read"]);
    let house = House::build(Plan {
        keys,
        ..Plan::default()
    })
    .await;
    let sent = post("/bookings", &booking(&json!({}))).key(&ours);
    let sent = house.ask(sent).await.ok();
    let path = format!("/bookings/{}", sent["job_id"].as_str().expect("an id"));
    for _ in 0..2 {
        assert_eq!(house.status(get(&path).key(&ours)).await, 200);
        assert_eq!(house.status(get(&path).key(&theirs)).await, 404);
        assert_eq!(house.status(get(&path).key(&narrow)).await, 403);
        let all = |key| house.ask(get("/bookings").key(key));
        assert_eq!(all(&ours).await.ok()["total"], 1);
        assert_eq!(all(&theirs).await.ok()["total"], 0);
        assert_eq!(all(&narrow).await.status, 403);
    }
}

/// Whoever asks for a job gets what was written out with it, where that is of this moment, and
/// otherwise the same put together again.
#[tokio::test]
async fn a_job_is_the_same_wherever_its_text_comes_from() {
    let (house, other, files) = two(None).await;
    let ready = house.send_and_settle(&json!({})).await;
    let failed = house.send_and_settle(&json!({})).await;
    for act in ["cancel", "retry"] {
        let act = post_nothing(&format!("/bookings/{failed}/{act}"));
        house.ask(act).await.ok();
    }
    let booked = house.send_and_settle(&json!({})).await;
    let approve = post_nothing(&format!("/bookings/{booked}/approve-all"));
    house.ask(approve).await.is(202);
    house.settle().await;
    let books = rusqlite::Connection::open(files.path().join("both.db")).expect("the database");
    let meddle = |with: &str| books.execute_batch(with).expect("a change");
    meddle("CREATE TEMP TABLE put_by AS SELECT * FROM shown");
    for (id, status) in [
        (ready, "awaiting_approval"),
        (failed, "failed"),
        (booked, "completed"),
    ] {
        let question = json!({ "job_id": id });
        let job = house.ask(post("/rpc/bookings.get", &question)).await.ok();
        assert_eq!(job["status"], status);
        assert_eq!(job["retried_as"].is_null(), status != "failed");
        let path = format!("/bookings/{id}");
        for (meddled, expected) in [
            ("SELECT 1", &job),
            ("UPDATE shown SET body = '{}'", &json!({})),
            ("UPDATE shown SET body = '{}', shape = 'another'", &job),
            ("UPDATE shown SET body = '{}', revision = 1", &job),
            ("UPDATE shown SET body = '{}', tenant = 'acme'", &job),
            ("DELETE FROM shown", &job),
        ] {
            meddle(meddled);
            for server in [&house, &other] {
                let reply = server.ask(get(&path)).await;
                assert_eq!(reply.ok(), *expected, "{status} after {meddled}");
                assert_eq!(reply.header("etag"), format!("\"{}\"", job["revision"]));
            }
            meddle("DELETE FROM shown; INSERT INTO shown SELECT * FROM put_by");
        }
    }
}

/// A database that was filled before lists had anything of their own to read.
#[tokio::test]
async fn rows_are_the_same_where_nothing_is_kept_for_them() {
    let (house, _other, files) = two(None).await;
    let id = house.send_and_settle(&json!({})).await;
    house.send(&json!({})).await;
    let rows = |question: Value| house.ask(post("/rpc/bookings.rows", &question));
    let (all, one) = (json!({}), json!({ "job_ids": [id] }));
    let kept = [rows(all.clone()).await.ok(), rows(one.clone()).await.ok()];
    assert_eq!(kept[0]["rows"].as_array().map(Vec::len), Some(2));
    assert_eq!(kept[1]["rows"][0]["job_id"], id);
    assert_eq!(kept[1]["rows"][0]["status"], "awaiting_approval");
    let books = rusqlite::Connection::open(files.path().join("both.db")).expect("the database");
    for meddled in [
        "UPDATE glance SET body = 'of another day'",
        "DELETE FROM glance",
    ] {
        books.execute(meddled, []).expect(meddled);
        let read = [rows(all.clone()).await.ok(), rows(one.clone()).await.ok()];
        assert_eq!(read, kept, "after {meddled}");
    }
}
