//! What has been over for long is forgotten, a handful at a time, and whatever is not stays as
//! it is: what changed since, what is in another state, of another kind, somebody else's.

use flightdeck::store::batch::Batch;

use crate::ground::{Ground, KIND, at, batch, main, new, over, tenant};

stories!(
    the_oldest_go_first_and_a_handful_at_a_time,
    what_is_not_over_for_long_stays,
    nodes_that_forget_together_count_each_once,
);

async fn made(ground: &Ground, states: &[(&str, &str, i64)]) -> flightdeck::store::Shared {
    let store = ground.open().await;
    for (id, state, second) in states {
        let made = Batch {
            at: at(*second),
            puts: vec![new(id, state)],
            ..batch()
        };
        store.commit(made).await.expect("written");
    }
    store
}

async fn ids(ground: &Ground, table: &str) -> Vec<String> {
    let sql = format!("SELECT id FROM {table} WHERE tenant = 'main' ORDER BY id");
    ground.read(&sql).await
}

async fn the_oldest_go_first_and_a_handful_at_a_time(ground: Ground) {
    let all = [("e", 0), ("d", 1), ("c", 2), ("b", 3), ("a", 4)];
    let all = all.map(|(id, second)| (id, "sent", second));
    let store = made(&ground, &all).await;
    for (gone, left) in [(2, &["a", "b", "c"][..]), (2, &["a"]), (0, &["a"])] {
        let forgotten = store.forget_objects(&main(), KIND, "sent", at(4), 2).await;
        assert_eq!(forgotten, Ok(gone));
        for table in ["object", "glance", "shown"] {
            assert_eq!(ids(&ground, table).await, left, "{table}");
        }
        let counted = store.tallies(&main(), KIND).await;
        let left = i64::try_from(left.len()).expect("a few");
        assert_eq!(counted, Ok(vec![("sent".to_owned(), left)]));
    }
}

async fn what_is_not_over_for_long_stays(ground: Ground) {
    let all = [
        ("old", "sent", 0),
        ("waits", "waiting", 0),
        ("late", "sent", 5),
    ];
    let store = made(&ground, &all).await;
    let touched = Batch {
        at: at(9),
        puts: vec![over("waits", 1, "waiting", "sent")],
        ..batch()
    };
    store.commit(touched).await.expect("written");
    let others = Batch {
        puts: vec![new("old", "sent")],
        ..Batch::new(tenant("other"), at(0))
    };
    store.commit(others).await.expect("written");
    let none = store
        .forget_objects(&main(), "order", "sent", at(60), 9)
        .await;
    assert_eq!(none, Ok(0), "another kind");
    let one = store.forget_objects(&main(), KIND, "sent", at(5), 9).await;
    assert_eq!(one, Ok(1));
    assert_eq!(ids(&ground, "object").await, ["late", "waits"]);
    let theirs = store.get(&tenant("other"), KIND, "old").await;
    assert!(theirs.expect("read").is_some(), "somebody else's");
}

async fn nodes_that_forget_together_count_each_once(ground: Ground) {
    let names: Vec<String> = (0..40).map(|n| format!("{n:02}")).collect();
    let all: Vec<_> = names.iter().map(|id| (id.as_str(), "sent", 0)).collect();
    let here = made(&ground, &all).await;
    let there = ground.open().await;
    let forget = async |store: &flightdeck::store::Shared| {
        let mut sum = 0;
        loop {
            let gone = store.forget_objects(&main(), KIND, "sent", at(1), 3).await;
            match gone.expect("forgotten") {
                0 => return sum,
                gone => sum += gone,
            }
        }
    };
    let (one, other) = tokio::join!(forget(&here), forget(&there));
    assert_eq!(one + other, 40);
    let counted = here.tallies(&main(), KIND).await;
    assert_eq!(counted, Ok(Vec::new()), "none is counted twice");
}
