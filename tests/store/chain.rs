//! The audit chain holds while many write, and whoever changes it behind our back is found.

use std::sync::Arc;

use flightdeck::{
    domain::{
        audit::{Anchor, Broken, Change, Entry, Outcome, Verifier},
        ids::TenantId,
        tenant::role::Role,
    },
    store::{Shared, batch::Batch},
};
use tokio::task::JoinSet;

use crate::ground::{Ground, at, batch, line, main, tenant};

stories!(
    it_is_whole_after_many_wrote_at_once,
    every_edit_is_found,
    a_missing_or_moved_line_is_found,
    a_cut_tail_is_found_against_an_anchor,
);

/// Reads the chain to its end, some lines at a time; anything unreadable counts as found.
async fn verify(
    store: &Shared,
    tenant: &TenantId,
    anchor: Option<&Anchor>,
) -> Result<Anchor, String> {
    let mut verifier = Verifier::new(tenant, anchor);
    let mut after = i64::MIN;
    loop {
        let lines = store.audit(tenant, after, 7).await;
        let lines = lines.map_err(|error| error.to_string())?;
        let Some(last) = lines.last() else {
            return verifier.end().map_err(|broken| broken.to_string());
        };
        after = last.seq;
        for line in &lines {
            verifier.next(line).map_err(|broken| broken.to_string())?;
        }
    }
}

fn renamed(n: i64) -> Change {
    Change {
        what: "name".into(),
        before: (n > 2).then(|| "before".into()),
        after: Some(format!("after {n}")),
    }
}

/// Twelve lines of different content, a copy of them beside, and where they end.
async fn written(ground: &Ground, store: &Shared) -> Anchor {
    let mut end = None;
    for (n, role) in (0..12).zip(Role::ALL.into_iter().cycle()) {
        let entry = Entry {
            at: at(n),
            role,
            object: (n % 3 > 0).then(|| format!("job/{n}")),
            revision_before: (n % 2 > 0).then_some(n),
            outcome: [Outcome::Done, Outcome::Refused, Outcome::Failed][usize::from(n % 4 == 0)],
            detail: format!("line {n}"),
            changes: (n % 4 > 0).then(|| renamed(n)).into_iter().collect(),
            ..line("ana")
        };
        let batch = Batch {
            audit: Some(entry),
            ..batch()
        };
        end = store.commit(batch).await.expect("written").audit;
    }
    ground.sql("CREATE TABLE kept AS SELECT * FROM audit").await;
    let end = end.expect("there was a line");
    assert_eq!(verify(store, &main(), Some(&end)).await, Ok(end.clone()));
    end
}

async fn put_back(ground: &Ground) {
    ground
        .sql("DELETE FROM audit; INSERT INTO audit SELECT * FROM kept")
        .await;
}

async fn it_is_whole_after_many_wrote_at_once(ground: Ground) {
    let nodes = [ground.open().await, ground.open().await];
    let mut writers = JoinSet::new();
    for n in 0..48_usize {
        let store = Arc::clone(&nodes[n % 2]);
        writers.spawn(async move {
            let batch = Batch {
                audit: Some(line(&n.to_string())),
                ..Batch::new(tenant(["main", "other"][n / 2 % 2]), at(0))
            };
            store.commit(batch).await.expect("written").audit
        });
    }
    let anchors: Vec<Anchor> = writers.join_all().await.into_iter().flatten().collect();
    assert_eq!(anchors.len(), 48);
    for (tenant, feed, head) in nodes[0].heads().await.expect("read") {
        assert_eq!((feed, head.seq), (0, 24));
        let end = verify(&nodes[1], &tenant, Some(&head)).await;
        assert_eq!(end.as_ref(), Ok(&head));
    }
    for anchor in anchors {
        let mut fits = 0;
        for tenant in [main(), tenant("other")] {
            fits += usize::from(verify(&nodes[0], &tenant, Some(&anchor)).await.is_ok());
        }
        assert_eq!(fits, 1, "each anchor is of exactly one chain");
    }
}

async fn every_edit_is_found(ground: Ground) {
    let store = ground.open().await;
    let end = written(&ground, &store).await;
    let edits = [
        ("at", "at + 1", "seq = 5"),
        ("actor", "'eve'", "seq = 5"),
        ("actor", "actor || ' '", "seq = 12"),
        ("role", "'admin'", "seq = 5"),
        ("role", "'nobody'", "seq = 5"),
        ("action", "'bookings.reject'", "seq = 5"),
        ("object", "'job/99'", "seq = 5"),
        ("object", "NULL", "seq = 5"),
        ("object", "''", "seq = 4"),
        ("revision_before", "9", "seq = 6"),
        ("revision_before", "NULL", "seq = 6"),
        ("revision_before", "0", "seq = 5"),
        ("revision_after", "NULL", "seq = 5"),
        ("outcome", "'done'", "seq = 5"),
        ("outcome", "'undone'", "seq = 5"),
        ("detail", "''", "seq = 5"),
        ("changes", "''", "seq = 6"),
        ("changes", "'[]'", "seq = 6"),
        ("changes", "'what?'", "seq = 6"),
        ("changes", "replace(changes, 'after', 'later')", "seq = 6"),
        ("changes", "replace(changes, 'name', 'fame')", "seq = 3"),
        ("changes", r#"'[{"what":"name","after":"x"}]'"#, "seq = 5"),
        ("previous", "''", "seq = 5"),
        ("previous", "''", "seq = 2"),
        ("hash", "''", "seq = 5"),
        ("hash", "hash || '0'", "seq = 12"),
        ("seq", "13", "seq = 5"),
        ("seq", "0", "seq = 1"),
        ("tenant", "'other'", "seq = 5"),
    ];
    for (column, value, line) in edits {
        let edit = format!("UPDATE audit SET {column} = {value} WHERE {line}");
        ground.sql(&edit).await;
        let found = verify(&store, &main(), None).await;
        let anchored = verify(&store, &main(), Some(&end)).await;
        assert!(found.is_err() && anchored.is_err(), "{edit}: {found:?}");
        put_back(&ground).await;
    }
    assert_eq!(verify(&store, &main(), Some(&end)).await, Ok(end));
}

async fn a_missing_or_moved_line_is_found(ground: Ground) {
    let store = ground.open().await;
    let end = written(&ground, &store).await;
    let content = "at, actor, role, action, object, revision_before, revision_after, outcome, detail, changes";
    let insert = format!(
        "UPDATE audit SET seq = seq + 100 WHERE seq > 5; \
         UPDATE audit SET seq = seq - 99 WHERE seq > 100; \
         INSERT INTO audit (tenant, seq, {content}, previous, hash) \
         SELECT tenant, 6, {content}, previous, hash FROM audit WHERE seq = 5"
    );
    let swap = "UPDATE audit SET seq = -1 WHERE seq = 5; \
                UPDATE audit SET seq = 5 WHERE seq = 6; \
                UPDATE audit SET seq = 6 WHERE seq = -1";
    let moved_up = "DELETE FROM audit WHERE seq = 5; \
                    UPDATE audit SET seq = -seq WHERE seq > 5; \
                    UPDATE audit SET seq = -seq - 1 WHERE seq < 0";
    for (tampering, expected) in [
        (
            "DELETE FROM audit WHERE seq = 1",
            "line 2 stands where line 1",
        ),
        (
            "DELETE FROM audit WHERE seq = 5",
            "line 6 stands where line 5",
        ),
        (moved_up, "line 5 was edited"),
        (swap, "line 5 was edited"),
        (insert.as_str(), "line 6 was edited"),
        (
            "INSERT INTO audit SELECT 'main', 0, at, actor, role, action, object, revision_before, \
             revision_after, outcome, detail, previous, hash, changes FROM kept WHERE seq = 1",
            "line 0 stands where line 1",
        ),
    ] {
        ground.sql(tampering).await;
        let found = verify(&store, &main(), None).await.expect_err(tampering);
        assert!(found.starts_with(expected), "{tampering}: {found}");
        put_back(&ground).await;
    }
    assert_eq!(verify(&store, &main(), Some(&end)).await, Ok(end));
}

async fn a_cut_tail_is_found_against_an_anchor(ground: Ground) {
    let store = ground.open().await;
    let end = written(&ground, &store).await;
    for left in (0..12).rev() {
        ground
            .sql(&format!("DELETE FROM audit WHERE seq > {left}"))
            .await;
        let alone = verify(&store, &main(), None).await;
        assert_eq!(alone.map(|end| end.seq), Ok(left), "a chain alone is whole");
        let cut = Broken::CutTail {
            found: left,
            anchored: 12,
        };
        let found = verify(&store, &main(), Some(&end)).await;
        assert_eq!(found, Err(cut.to_string()));
    }

    // Who cuts the tail and the head along with it gets a chain that goes on, but not there.
    put_back(&ground).await;
    ground
        .sql(
            "DELETE FROM audit WHERE seq > 9; UPDATE head SET audit = 9, \
             audit_hash = (SELECT hash FROM audit WHERE seq = 9)",
        )
        .await;
    for _ in 0..3 {
        let batch = Batch {
            audit: Some(line("eve")),
            ..batch()
        };
        store.commit(batch).await.expect("written");
    }
    let alone = verify(&store, &main(), None).await;
    assert_eq!(alone.map(|end| end.seq), Ok(12));
    let found = verify(&store, &main(), Some(&end)).await;
    assert_eq!(found, Err(Broken::Rewritten(12).to_string()));
}
