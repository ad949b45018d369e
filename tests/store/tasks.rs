//! Background work: done by one at a time, taken over when its holder falls silent, and
//! whoever was taken over from can commit nothing any more.

use std::{collections::BTreeSet, sync::Arc};

use flightdeck::{
    domain::when::Instant,
    store::{
        Ending, Lease, Shared, TaskRow,
        batch::{Batch, CommitError},
    },
};
use tokio::task::JoinSet;

use crate::ground::{Ground, at, batch, happening, main, new, wake};

stories!(
    each_piece_is_claimed_once,
    only_what_is_due_is_claimed,
    a_lapsed_lease_goes_to_another_and_binds_the_first,
    a_held_lease_lets_its_holder_commit,
    woken_while_running_it_runs_again,
    another_try_keeps_count_of_failures_only,
    what_is_dead_stays_until_it_is_woken,
    the_next_due_moment_is_known,
);

const RUN: [&str; 1] = ["run_job"];

async fn woken(store: &Shared, object: &str, when: Instant) {
    let batch = Batch {
        wakes: vec![wake(object, when)],
        ..batch()
    };
    store.commit(batch).await.expect("woken");
}

async fn claim(store: &Shared, node: &str, now: i64) -> Vec<Lease> {
    let leases = store.claim(node, &RUN, at(now), at(now + 3), 99).await;
    leases.expect("claimed")
}

async fn claim_one(store: &Shared, node: &str, now: i64) -> Lease {
    let mut leases = claim(store, node, now).await;
    assert_eq!(leases.len(), 1, "one is due");
    leases.swap_remove(0)
}

async fn end(store: &Shared, lease: &Lease, ending: Ending, now: i64) -> bool {
    store.end(lease, &ending, at(now)).await.expect("ended")
}

/// The one piece of work that there is.
async fn only(store: &Shared) -> TaskRow {
    let mut tasks = store.tasks(&main(), 9).await.expect("read");
    assert_eq!(tasks.len(), 1, "one is there");
    tasks.swap_remove(0)
}

async fn each_piece_is_claimed_once(ground: Ground) {
    let nodes = [ground.open().await, ground.open().await];
    let many = Batch {
        wakes: (0..60).map(|n| wake(&n.to_string(), at(n % 7))).collect(),
        ..batch()
    };
    nodes[0].commit(many).await.expect("woken");
    let mut workers = JoinSet::new();
    for n in 0..16_usize {
        let store = Arc::clone(&nodes[n % 2]);
        workers.spawn(async move {
            let mut mine = Vec::new();
            let node = n.to_string();
            loop {
                // Others may hold what is due at this moment without having it yet.
                let due = store.next_due(&RUN).await.expect("read");
                if due.is_none_or(|due| due > at(9)) {
                    return mine;
                }
                let leases = store.claim(&node, &RUN, at(9), at(30), 4).await;
                mine.extend(leases.expect("claimed"));
            }
        });
    }
    let leases: Vec<Lease> = workers.join_all().await.into_iter().flatten().collect();
    let objects: BTreeSet<_> = leases.iter().map(|lease| &lease.object).collect();
    assert_eq!((leases.len(), objects.len()), (60, 60));
    let first = |lease: &Lease| (lease.held.fence, lease.attempts, lease.wakes) == (1, 1, 1);
    assert!(leases.iter().all(first));
    let endings = leases
        .iter()
        .map(|lease| end(&nodes[0], lease, Ending::Done, 10));
    for ended in endings {
        assert!(ended.await);
    }
    assert_eq!(nodes[1].tasks(&main(), 99).await, Ok(vec![]));
}

async fn only_what_is_due_is_claimed(ground: Ground) {
    let store = ground.open().await;
    woken(&store, "later", at(50)).await;
    woken(&store, "now", at(9)).await;
    let other = store.claim("one", &["send"], at(9), at(12), 9).await;
    assert_eq!(other, Ok(vec![]), "not of that kind");
    let none = store.claim("one", &[], at(9), at(12), 9).await;
    assert_eq!(none, Ok(vec![]), "of no kind");
    assert_eq!(claim(&store, "one", 8).await, []);
    assert_eq!(claim_one(&store, "one", 9).await.object, "now");
    woken(&store, "later", at(20)).await;
    woken(&store, "later", at(40)).await;
    assert_eq!(claim(&store, "one", 11).await, [], "the first is held");
    let both = claim(&store, "one", 20).await;
    assert_eq!(both.len(), 2, "woken for the earliest of its moments");
}

async fn a_lapsed_lease_goes_to_another_and_binds_the_first(ground: Ground) {
    let nodes = [ground.open().await, ground.open().await];
    woken(&nodes[0], "a", at(0)).await;
    let first = claim_one(&nodes[0], "one", 0).await;
    assert_eq!(claim(&nodes[1], "two", 2).await, [], "still held");
    assert_eq!(nodes[0].renew(&first.held, at(9)).await, Ok(true));
    assert_eq!(claim(&nodes[1], "two", 8).await, [], "held for longer");
    let second = claim_one(&nodes[1], "two", 9).await;
    assert_eq!((second.held.fence, second.attempts), (2, 2));
    let (holder, _) = only(&nodes[0]).await.lease.expect("held");
    assert_eq!(holder, "two");

    let before = ground.everything().await;
    let late = Batch {
        puts: vec![new("a", "booked")],
        happenings: vec![happening("a")],
        held: Some(first.held.clone()),
        ..batch()
    };
    let verdict = nodes[0].commit(late).await;
    assert_eq!(verdict, Err(CommitError::LeaseLost));
    assert_eq!(nodes[0].renew(&first.held, at(99)).await, Ok(false));
    for ending in [
        Ending::Done,
        Ending::Again(at(10), "late".into()),
        Ending::Dead("late".into()),
    ] {
        assert!(!end(&nodes[0], &first, ending, 9).await);
    }
    assert_eq!(ground.everything().await, before);
    assert!(end(&nodes[1], &second, Ending::Done, 10).await);
    assert!(!end(&nodes[1], &second, Ending::Done, 10).await, "it ended");
}

async fn a_held_lease_lets_its_holder_commit(ground: Ground) {
    let store = ground.open().await;
    woken(&store, "a", at(0)).await;
    let lease = claim_one(&store, "one", 0).await;
    let under = |id: &str| Batch {
        puts: vec![new(id, "booked")],
        held: Some(lease.held.clone()),
        ..batch()
    };
    store.commit(under("a")).await.expect("it is held");
    let again = Ending::Again(at(5), String::new());
    assert!(end(&store, &lease, again.clone(), 1).await);
    let verdict = store.commit(under("b")).await;
    assert_eq!(verdict, Err(CommitError::LeaseLost), "it was given up");
    for ending in [again, Ending::Done] {
        assert!(!end(&store, &lease, ending, 2).await, "and only once");
    }
    assert_eq!(only(&store).await.state, "ready");
}

async fn woken_while_running_it_runs_again(ground: Ground) {
    let store = ground.open().await;
    for ending in [
        Ending::Done,
        Ending::Again(at(90), String::new()),
        Ending::Again(at(90), "no answer".into()),
    ] {
        woken(&store, "a", at(0)).await;
        let lease = claim_one(&store, "one", 0).await;
        woken(&store, "a", at(1)).await;
        assert_eq!(only(&store).await.state, "running");
        assert_eq!(claim(&store, "two", 2).await, [], "not by two at once");
        assert!(end(&store, &lease, ending, 2).await);
        let next = claim_one(&store, "two", 2).await;
        assert_eq!((next.wakes, next.held.fence), (2, 2));
        assert!(end(&store, &next, Ending::Done, 3).await);
        assert_eq!(store.tasks(&main(), 9).await, Ok(vec![]));
    }
}

async fn another_try_keeps_count_of_failures_only(ground: Ground) {
    let store = ground.open().await;
    woken(&store, "a", at(0)).await;
    for failures in 1..=3 {
        let lease = claim_one(&store, "one", failures * 10).await;
        assert_eq!(lease.attempts, failures);
        let again = Ending::Again(at(failures * 10 + 5), "no answer".into());
        assert!(end(&store, &lease, again, failures * 10).await);
        let task = only(&store).await;
        assert_eq!((task.attempts, task.lease), (failures, None));
        assert_eq!(task.last_error, "no answer");
        assert_eq!(task.run_at, at(failures * 10 + 5));
        assert_eq!(claim(&store, "one", failures * 10 + 4).await, []);
    }
    let lease = claim_one(&store, "one", 40).await;
    let again = Ending::Again(at(50), String::new());
    assert!(end(&store, &lease, again, 40).await);
    let task = only(&store).await;
    assert_eq!((task.attempts, task.last_error.as_str()), (0, ""));
    assert_eq!(claim_one(&store, "one", 50).await.attempts, 1);
}

async fn what_is_dead_stays_until_it_is_woken(ground: Ground) {
    let store = ground.open().await;
    woken(&store, "a", at(0)).await;
    let lease = claim_one(&store, "one", 0).await;
    assert!(end(&store, &lease, Ending::Dead("no such seller".into()), 1).await);
    let task = only(&store).await;
    assert_eq!((task.state.as_str(), task.attempts), ("dead", 1));
    assert_eq!(task.last_error, "no such seller");
    assert_eq!(claim(&store, "one", 9000).await, []);
    assert_eq!(store.next_due(&RUN).await, Ok(None));
    woken(&store, "a", at(20)).await;
    assert_eq!(claim(&store, "one", 19).await, []);
    let lease = claim_one(&store, "one", 20).await;
    let counts = (lease.held.fence, lease.attempts);
    assert_eq!(counts, (2, 1), "its tries are counted afresh");
}

async fn the_next_due_moment_is_known(ground: Ground) {
    let store = ground.open().await;
    assert_eq!(store.next_due(&RUN).await, Ok(None));
    assert_eq!(store.next_due(&[]).await, Ok(None));
    woken(&store, "a", at(5)).await;
    woken(&store, "b", at(7)).await;
    assert_eq!(store.next_due(&RUN).await, Ok(Some(at(5))));
    assert_eq!(store.next_due(&["send"]).await, Ok(None));
    let lease = claim_one(&store, "one", 5).await;
    assert_eq!(store.next_due(&RUN).await, Ok(Some(at(7))));
    assert_eq!(store.renew(&lease.held, at(6)).await, Ok(true));
    let due = store.next_due(&RUN).await.expect("read");
    assert_eq!(due, Some(at(6)), "when the lease lapses");
    assert_eq!(claim_one(&store, "two", 6).await.object, "a");
}
