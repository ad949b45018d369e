//! What was answered under a key is answered again, and what it did is not done again.

use std::sync::Arc;

use flightdeck::{
    domain::ids::TenantId,
    store::{
        Shared,
        batch::{Batch, CommitError, Remember, Remembered},
    },
};
use tokio::{sync::Barrier, task::JoinSet};

use crate::ground::{Ground, at, batch, claim, happening, line, main, new, remember, tenant};

stories!(
    the_first_answer_stays,
    many_at_once_have_one_effect,
    old_answers_are_forgotten,
    nodes_share_the_first_value,
);

fn kept(answer: &str) -> Remembered {
    Remembered {
        at: at(0),
        operation: "bookings.submit".into(),
        digest: "d1".into(),
        answer: answer.into(),
    }
}

fn keyed(tenant: &TenantId, remember: Remember) -> Batch {
    Batch {
        remember: Some(remember),
        claims: vec![claim("budget", "EUR", 1, 100)],
        ..Batch::new(tenant.clone(), at(0))
    }
}

async fn the_first_answer_stays(ground: Ground) {
    let store = ground.open().await;
    let (here, there) = (main(), tenant("other"));
    let first = keyed(&here, remember("k", "first"));
    store.commit(first).await.expect("first");
    let again = Remember {
        digest: "d2".into(),
        ..remember("k", "second")
    };
    let verdict = store.commit(keyed(&here, again)).await;
    assert_eq!(verdict, Err(CommitError::Remembered(kept("first"))));
    assert_eq!(
        store.recall(&here, "ana", "k").await,
        Ok(Some(kept("first")))
    );

    // Another tenant, another caller and another key are each something else.
    let bob = Remember {
        caller: "bob".into(),
        ..remember("k", "bob's")
    };
    for (tenant, remember) in [
        (&there, remember("k", "theirs")),
        (&here, bob),
        (&here, remember("K", "large")),
    ] {
        store
            .commit(keyed(tenant, remember))
            .await
            .expect("not the same");
    }
    assert_eq!(
        store.recall(&there, "ana", "k").await,
        Ok(Some(kept("theirs")))
    );
    assert_eq!(store.recall(&there, "bob", "k").await, Ok(None));
    let used = store.used(&here, "budget", "", "~").await;
    assert_eq!(used, Ok(vec![("EUR".into(), 3)]));
}

/// Asks as the one door does: once, and whoever comes second gets what the first got.
async fn ask(store: &Shared, n: usize) -> String {
    let batch = Batch {
        puts: vec![new(&n.to_string(), "draft")],
        happenings: vec![happening(&n.to_string())],
        audit: Some(line("ana")),
        ..keyed(&main(), remember("k", &format!("answer {n}")))
    };
    match store.commit(batch).await {
        Ok(_) => format!("answer {n}"),
        Err(CommitError::Remembered(kept)) => kept.answer,
        other => panic!("{other:?}"),
    }
}

async fn many_at_once_have_one_effect(ground: Ground) {
    let nodes = [ground.open().await, ground.open().await];
    let start = Arc::new(Barrier::new(32));
    let mut askers = JoinSet::new();
    for n in 0..32 {
        let (store, start) = (Arc::clone(&nodes[n % 2]), Arc::clone(&start));
        askers.spawn(async move {
            start.wait().await;
            ask(&store, n).await
        });
    }
    let answers = askers.join_all().await;
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    let all = ground.everything().await;
    for table in ["object", "event", "audit", "answer", "tally"] {
        assert_eq!(all[table].len(), 1, "{table}");
    }
    let used = nodes[0].used(&main(), "budget", "", "~").await;
    assert_eq!(used, Ok(vec![("EUR".into(), 1)]));
}

async fn old_answers_are_forgotten(ground: Ground) {
    let store = ground.open().await;
    for n in 0..6 {
        let batch = Batch {
            at: at(n),
            remember: Some(remember(&n.to_string(), "kept")),
            ..batch()
        };
        store.commit(batch).await.expect("kept");
    }
    assert_eq!(store.forget_answers(at(4)).await, Ok(4));
    assert_eq!(store.forget_answers(at(4)).await, Ok(0));
    assert_eq!(store.recall(&main(), "ana", "3").await, Ok(None));
    assert_eq!(
        store.recall(&main(), "ana", "4").await,
        Ok(Some(Remembered {
            at: at(4),
            ..kept("kept")
        }))
    );
    let anew = keyed(&main(), remember("3", "anew"));
    store.commit(anew).await.expect("the key is free again");
}

async fn nodes_share_the_first_value(ground: Ground) {
    let nodes = [ground.open().await, ground.open().await];
    let mut sharers = JoinSet::new();
    for n in 0..16 {
        let store = Arc::clone(&nodes[n % 2]);
        sharers.spawn(async move { store.share("secret", &n.to_string()).await });
    }
    let values = sharers.join_all().await;
    assert!(values[0].is_ok(), "{values:?}");
    assert!(values.iter().all(|value| *value == values[0]), "{values:?}");
}
