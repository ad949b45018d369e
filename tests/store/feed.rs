//! The feed of a tenant: numbered without gaps, in the order in which it becomes visible.

use std::sync::Arc;

use flightdeck::{
    domain::ids::TenantId,
    store::{Happened, Shared, Since, batch::Batch},
};
use tokio::task::JoinSet;

use crate::ground::{Ground, KIND, at, happening, line, main, tenant};

stories!(
    numbers_have_no_gaps_at_any_moment,
    a_feed_can_be_read_on_and_by_object,
);

const WRITERS: i64 = 8;
const BATCHES: i64 = 10;

async fn read(store: &Shared, tenant: &TenantId, after: i64) -> Vec<Happened> {
    let since = Since {
        after,
        object: None,
        limit: 1000,
    };
    store.events(tenant, &since).await.expect("read")
}

/// Commits batches of one, two and three events, and looks at the numbers that they got.
async fn write(store: Shared, tenant: TenantId, writer: i64) {
    for n in 0..BATCHES {
        let events = 1 + (writer + n) % 3;
        let names: Vec<_> = (0..events)
            .map(|part| format!("{writer}/{n}/{part}"))
            .collect();
        let batch = Batch {
            happenings: names.iter().map(|name| happening(name)).collect(),
            audit: Some(line("ana")),
            ..Batch::new(tenant.clone(), at(n))
        };
        let first = store.commit(batch).await.expect("told").first_event;
        let told = read(&store, &tenant, first - 1).await;
        for (name, event) in names.iter().zip(&told) {
            assert_eq!(&event.object, name, "the numbers that were said");
        }
    }
}

async fn numbers_have_no_gaps_at_any_moment(ground: Ground) {
    let nodes = [ground.open().await, ground.open().await];
    let tenants = [main(), tenant("other")];
    let mut at_work = JoinSet::new();
    let mut expected = 0;
    for writer in 0..WRITERS {
        expected += (0..BATCHES).map(|n| 1 + (writer + n) % 3).sum::<i64>();
        for tenant in tenants.clone() {
            let n = usize::try_from(writer).expect("few");
            at_work.spawn(write(Arc::clone(&nodes[n % 2]), tenant, writer));
        }
    }
    for tenant in tenants {
        let store = Arc::clone(&nodes[0]);
        // Reads on behind what it has seen: what comes late with a low number it would miss.
        at_work.spawn(async move {
            let mut seen = 0;
            while seen < expected {
                for event in read(&store, &tenant, seen).await {
                    assert_eq!(event.seq, seen + 1, "a gap was to be seen");
                    seen = event.seq;
                }
                tokio::task::yield_now().await;
            }
            assert_eq!(read(&store, &tenant, 0).await.len(), count(expected));
        });
    }
    while let Some(done) = at_work.join_next().await {
        done.expect("as it should end");
    }
    for (_, feed, chain) in nodes[1].heads().await.expect("read") {
        assert_eq!((feed, chain.seq), (expected, WRITERS * BATCHES));
    }
}

fn count(n: i64) -> usize {
    usize::try_from(n).expect("few")
}

async fn a_feed_can_be_read_on_and_by_object(ground: Ground) {
    let store = ground.open().await;
    let objects = ["a", "b", "a", "A", "a"];
    let told = Batch {
        happenings: objects.map(happening).into(),
        ..Batch::new(main(), at(3))
    };
    let committed = store.commit(told).await.expect("told");
    assert_eq!((committed.first_event, committed.audit), (1, None));
    for (after, object, limit, expected) in [
        (0, None, 9, vec![1, 2, 3, 4, 5]),
        (2, None, 2, vec![3, 4]),
        (1, Some("a"), 9, vec![3, 5]),
        (0, Some("a"), 2, vec![1, 3]),
        (5, None, 9, vec![]),
    ] {
        let since = Since {
            after,
            object: object.map(|id: &str| (KIND.to_owned(), id.to_owned())),
            limit,
        };
        let found = store.events(&main(), &since).await.expect("read");
        let numbers: Vec<i64> = found.iter().map(|event| event.seq).collect();
        assert_eq!(numbers, expected, "{since:?}");
        assert!(found.iter().all(|event| event.at == at(3)));
    }
    let nothing = store
        .commit(Batch::new(main(), at(4)))
        .await
        .expect("empty");
    assert_eq!(nothing.first_event, 6, "where the next will stand");
}
