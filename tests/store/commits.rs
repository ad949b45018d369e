//! A batch is committed whole or not at all, and the counts by state go with it.

use std::sync::Arc;

use flightdeck::store::{
    Shared,
    batch::{Batch, CommitError, Held},
    record::Filter,
};
use tokio::task::JoinSet;

use crate::ground::{
    Ground, KIND, at, batch, brought, claim, day, expect, gone, happening, line, main, new, over,
    remember, tenant, thing, wake,
};

stories!(
    a_new_object_and_its_replacement,
    a_refused_batch_leaves_nothing,
    several_objects_go_together,
    refused_batches_in_a_crowd_harm_nobody,
    counts_by_state_are_real_counts,
    one_of_many_writers_wins,
    what_is_removed_is_gone,
    a_tenant_that_is_forgotten_leaves_nothing,
);

async fn a_new_object_and_its_replacement(ground: Ground) {
    let store = ground.open().await;
    let put = |put| Batch {
        puts: vec![put],
        ..batch()
    };
    store.commit(put(new("a", "draft"))).await.expect("new");
    let later = Batch {
        at: at(9),
        ..put(over("a", 1, "draft", "booked"))
    };
    store.commit(later).await.expect("replaced");

    let row = store.get(&main(), KIND, "a").await.expect("read");
    let row = row.expect("is there");
    assert_eq!((row.revision, row.facets.state.as_str()), (2, "booked"));
    assert_eq!((row.created_at, row.updated_at), (at(0), at(9)));
    assert_eq!(row.body, r#"{"id":"a"}"#);

    for stale in [
        new("a", "draft"),
        over("a", 1, "draft", "booked"),
        over("a", 3, "booked", "booked"),
        over("b", 1, "draft", "booked"),
    ] {
        let expected = CommitError::Stale {
            kind: KIND,
            id: stale.id.clone(),
        };
        assert_eq!(store.commit(put(stale)).await, Err(expected));
    }
    assert_eq!(store.get(&main(), KIND, "a").await, Ok(Some(row)));
}

/// Everything that a batch can hold, all of it acceptable after [`prepare`].
fn full() -> Batch {
    Batch {
        at: at(5),
        puts: vec![new("n", "draft"), over("a", 1, "draft", "booked")],
        removes: vec![gone("c", 1, "draft")],
        beside: vec![Batch {
            puts: vec![new("n", "draft")],
            happenings: vec![happening("n")],
            ..Batch::new(tenant("house"), at(5))
        }],
        forgets: vec![tenant("third")],
        expects: vec![expect("b", 1), expect("nowhere", 0)],
        claims: vec![
            claim("budget", "EUR", 5, 10),
            claim("avail", "2026-07-01", -1, 10),
        ],
        days: vec![day("l", "2026-07-01")],
        brought: Some(brought(1, vec![thing("u", "Unit")])),
        wakes: vec![wake("a", at(1)), wake("n", at(1))],
        happenings: vec![happening("a"), happening("n")],
        audit: Some(line("ana")),
        remember: Some(remember("k2", "second")),
        held: None,
        ..batch()
    }
}

async fn prepare(store: &Shared) -> Held {
    let first = Batch {
        puts: vec![new("a", "draft"), new("b", "draft"), new("c", "draft")],
        claims: vec![
            claim("budget", "EUR", 5, 10),
            claim("avail", "2026-07-01", 1, 10),
        ],
        wakes: vec![wake("a", at(0))],
        happenings: vec![happening("a")],
        audit: Some(line("ana")),
        remember: Some(remember("k1", "first")),
        ..batch()
    };
    store.commit(first).await.expect("prepared");
    let lease = store.claim("one", &["run_job"], at(0), at(9), 1).await;
    lease.expect("claimed").swap_remove(0).held
}

async fn a_refused_batch_leaves_nothing(ground: Ground) {
    let store = ground.open().await;
    let held = prepare(&store).await;
    let lapsed = Held {
        fence: held.fence - 1,
        ..held.clone()
    };
    let third = Batch {
        puts: vec![new("a", "draft")],
        ..Batch::new(tenant("third"), at(0))
    };
    store.commit(third).await.expect("somebody to forget");
    let before = ground.everything().await;

    let mut refused = vec![full(); 8];
    refused[0].puts.push(over("b", 2, "draft", "booked"));
    refused[1].puts.push(new("b", "draft"));
    refused[2].expects.push(expect("b", 2));
    refused[3].claims.push(claim("budget", "USD", 11, 10));
    refused[4].held = Some(lapsed);
    refused[5].remember = Some(remember("k1", "third"));
    refused[6].removes.push(gone("b", 2, "draft"));
    refused[7].beside[0]
        .puts
        .push(over("z", 1, "draft", "booked"));
    for (at, batch) in refused.into_iter().enumerate() {
        let verdict = store.commit(batch).await;
        let expected = match at {
            0..=2 | 6 | 7 => matches!(verdict, Err(CommitError::Stale { .. })),
            3 => matches!(verdict, Err(CommitError::Exhausted { .. })),
            4 => verdict == Err(CommitError::LeaseLost),
            _ => matches!(&verdict, Err(CommitError::Remembered(kept)) if kept.answer == "first"),
        };
        assert!(expected, "{at}: {verdict:?}");
        assert_eq!(ground.everything().await, before, "after refusal {at}");
    }

    let whole = Batch {
        held: Some(held),
        ..full()
    };
    store.commit(whole).await.expect("nothing is wrong with it");
    let after = ground.everything().await;
    // What nodes let through is of no tenant, and in no batch.
    for (table, rows) in before.iter().filter(|(table, _)| **table != "quota") {
        assert_ne!(&after[table], rows, "{table} took its part");
    }
}

async fn several_objects_go_together(ground: Ground) {
    let store = ground.open().await;
    let ids: Vec<String> = (0..40).map(|n| format!("{:02}", (n * 7) % 40)).collect();
    let many = Batch {
        puts: ids.iter().map(|id| new(id, "draft")).collect(),
        ..batch()
    };
    store.commit(many).await.expect("forty at once");
    let mut one_is_stale = Batch {
        puts: ids
            .iter()
            .map(|id| over(id, 1, "draft", "booked"))
            .collect(),
        ..batch()
    };
    one_is_stale.puts[17].replaces = Some((2, "draft".into()));
    let verdict = store.commit(one_is_stale).await;
    assert!(matches!(verdict, Err(CommitError::Stale { .. })));
    let tallies = store.tallies(&main(), KIND).await;
    assert_eq!(tallies, Ok(vec![("draft".into(), 40)]));
}

async fn refused_batches_in_a_crowd_harm_nobody(ground: Ground) {
    let store = ground.open().await;
    let mut crowd = JoinSet::new();
    for n in 0..96 {
        let store = Arc::clone(&store);
        crowd.spawn(async move {
            let id = format!("{n:02}");
            let mut batch = Batch {
                puts: vec![new(&id, "draft")],
                happenings: vec![happening(&id)],
                audit: Some(line(&id)),
                ..batch()
            };
            let sound = n % 3 == 0;
            match n % 3 {
                1 => batch.expects.push(expect("nowhere", 1)),
                2 => batch.claims.push(claim("budget", "EUR", 2, 1)),
                _ => {}
            }
            assert_eq!(store.commit(batch).await.is_ok(), sound, "{id}");
        });
    }
    while let Some(done) = crowd.join_next().await {
        done.expect("as it should end");
    }
    let count = store.count(&main(), KIND, &Filter::default()).await;
    assert_eq!(count, Ok(32));
    for (table, rows) in ground.everything().await {
        let expected = match table {
            "object" | "glance" | "shown" | "event" | "audit" => 32,
            "tally" | "head" => 1,
            _ => 0,
        };
        assert_eq!(rows.len(), expected, "{table}");
    }
}

async fn counts_by_state_are_real_counts(ground: Ground) {
    const STATES: [&str; 4] = ["draft", "review", "booked", "failed"];
    let nodes = [ground.open().await, ground.open().await];
    let objects = Batch {
        puts: (0..8).map(|n| new(&n.to_string(), "draft")).collect(),
        ..batch()
    };
    nodes[0].commit(objects).await.expect("eight objects");
    let mut movers = JoinSet::new();
    for mover in 0..8_usize {
        let store = Arc::clone(&nodes[mover % 2]);
        movers.spawn(async move {
            for step in 0..12 {
                let ids = [(mover + step) % 8, (mover * 3 + step * 5) % 8];
                let mut batch = batch();
                for id in ids.iter().map(usize::to_string) {
                    if batch.puts.iter().any(|put| put.id == id) {
                        continue;
                    }
                    let row = store.get(&main(), KIND, &id).await.expect("read");
                    let row = row.expect("is there");
                    let state = STATES[(mover + step) % 4];
                    let put = over(&id, row.revision, &row.facets.state, state);
                    batch.puts.push(put);
                }
                match store.commit(batch).await {
                    Ok(_) | Err(CommitError::Stale { .. }) => {}
                    other => panic!("{other:?}"),
                }
            }
        });
    }
    while let Some(done) = movers.join_next().await {
        done.expect("as it should end");
    }
    let tallies = nodes[0].tallies(&main(), KIND).await.expect("read");
    let mut real = Vec::new();
    for state in ["booked", "draft", "failed", "review"] {
        let only = Filter {
            state: Some(state.into()),
            ..Filter::default()
        };
        let n = nodes[1].count(&main(), KIND, &only).await.expect("read");
        if n > 0 {
            real.push((state.to_owned(), n));
        }
    }
    assert_eq!(tallies, real);
    assert_eq!(tallies.iter().map(|(_, n)| n).sum::<i64>(), 8);
}

async fn one_of_many_writers_wins(ground: Ground) {
    let nodes = [ground.open().await, ground.open().await];
    let one = Batch {
        puts: vec![new("a", "review")],
        ..batch()
    };
    nodes[0].commit(one).await.expect("new");
    for round in 1..=5 {
        let mut writers = JoinSet::new();
        for n in 0..16_usize {
            let store = Arc::clone(&nodes[n % 2]);
            writers.spawn(async move {
                let batch = Batch {
                    puts: vec![over("a", round, "review", "review")],
                    audit: Some(line("ana")),
                    happenings: vec![happening("a")],
                    ..batch()
                };
                store.commit(batch).await
            });
        }
        let verdicts = writers.join_all().await;
        let won = verdicts.iter().filter(|verdict| verdict.is_ok()).count();
        assert_eq!(won, 1, "{verdicts:?}");
        let lost = |v: &&Result<_, _>| matches!(v, Err(CommitError::Stale { .. }));
        assert_eq!(verdicts.iter().filter(lost).count(), 15, "{verdicts:?}");
    }
    let all = ground.everything().await;
    assert_eq!((all["event"].len(), all["audit"].len()), (5, 5));
}

/// What the database itself cannot do for one of those that commit together is not done for
/// that one alone: in a transaction that goes on, and in one that ends with it.
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_breaks_harms_nobody_in_the_crowd() {
    for how in ["ABORT", "ROLLBACK"] {
        let ground = Ground::sqlite();
        let store = ground.open().await;
        let curse = format!(
            "CREATE TRIGGER curse BEFORE INSERT ON object WHEN NEW.state = 'cursed' \
             BEGIN SELECT RAISE({how}, 'cursed'); END"
        );
        ground.sql(&curse).await;
        let mut crowd = JoinSet::new();
        for n in 0..60 {
            let store = Arc::clone(&store);
            crowd.spawn(async move {
                let is_cursed = n % 20 == 7;
                let state = if is_cursed { "cursed" } else { "draft" };
                let one = Batch {
                    puts: vec![new(&n.to_string(), state)],
                    audit: Some(line("ana")),
                    happenings: vec![happening(&n.to_string())],
                    ..batch()
                };
                (is_cursed, store.commit(one).await)
            });
        }
        while let Some(done) = crowd.join_next().await {
            match done.expect("as it should end") {
                (true, Err(CommitError::Store(error))) => {
                    assert!(error.to_string().contains("cursed"), "{error}");
                }
                (is_cursed, done) => assert!(!is_cursed && done.is_ok(), "{done:?}"),
            }
        }
        let tallies = store.tallies(&main(), KIND).await;
        assert_eq!(tallies, Ok(vec![("draft".into(), 57)]));
        assert_eq!(
            ground.read("SELECT COUNT(*) || '' FROM audit").await,
            ["57"]
        );
        assert_eq!(
            ground.read("SELECT COUNT(*) || '' FROM event").await,
            ["57"]
        );
    }
}

async fn what_is_removed_is_gone(ground: Ground) {
    let store = ground.open().await;
    let put = Batch {
        puts: vec![new("a", "draft"), new("b", "draft")],
        ..batch()
    };
    store.commit(put).await.expect("written");
    let remove = |revision| Batch {
        removes: vec![gone("a", revision, "draft")],
        ..batch()
    };
    let stale = store.commit(remove(2)).await;
    assert!(matches!(stale, Err(CommitError::Stale { .. })), "{stale:?}");
    store.commit(remove(1)).await.expect("removed");
    assert_eq!(store.get(&main(), KIND, "a").await, Ok(None));
    assert_eq!(store.shown(&main(), KIND, "a", "round").await, Ok(None));
    let tallies = store.tallies(&main(), KIND).await;
    assert_eq!(tallies, Ok(vec![("draft".into(), 1)]));
    for (table, rows) in ground.everything().await {
        assert!(
            rows.iter().all(|row| !row.contains(" a ")),
            "{table}: {rows:?}"
        );
    }
    let again = Batch {
        puts: vec![new("a", "draft")],
        ..batch()
    };
    store
        .commit(again)
        .await
        .expect("there is room for another");
}

async fn a_tenant_that_is_forgotten_leaves_nothing(ground: Ground) {
    let store = ground.open().await;
    prepare(&store).await;
    let days = Batch {
        days: vec![day("l", "2026-07-01")],
        brought: Some(brought(1, vec![thing("u", "Unit")])),
        ..batch()
    };
    store.commit(days).await.expect("written");
    let kept = Batch {
        puts: vec![new("a", "draft")],
        ..Batch::new(tenant("other"), at(0))
    };
    store.commit(kept).await.expect("written");
    let mut held = ground.everything().await;
    held.remove("quota"); // is of no tenant
    for (table, rows) in held {
        assert!(
            rows.iter().any(|row| row.contains("main")),
            "{table} holds something"
        );
    }
    let forget = Batch {
        forgets: vec![main()],
        ..Batch::new(tenant("house"), at(1))
    };
    store.commit(forget).await.expect("forgotten");
    let mut left = ground.everything().await;
    // The mark by which those who come late are refused.
    let heads = left.get_mut("head").expect("the heads");
    heads.retain(|row| row != "main -1 0 ");
    for (table, rows) in left {
        assert!(
            rows.iter().all(|row| !row.contains("main")),
            "{table}: {rows:?}"
        );
    }
    let there = store.get(&tenant("other"), KIND, "a").await.expect("read");
    assert!(there.is_some(), "nobody else is touched");
}
