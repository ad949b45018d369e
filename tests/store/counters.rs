//! Limited amounts: never more than the limit is taken, whoever races whom from which node.

use std::sync::Arc;

use flightdeck::store::{
    Shared,
    batch::{Batch, Claim, CommitError},
};
use tokio::{sync::Barrier, task::JoinSet};

use crate::ground::{Ground, batch, claim, main};

stories!(
    the_last_units_go_to_exactly_so_many,
    whoever_checks_first_and_adds_later_overbooks,
    nobody_gives_back_what_was_not_taken,
    many_cells_are_taken_together_or_not_at_all,
    crossing_claims_do_not_stop_each_other,
    the_same_cell_twice_counts_twice,
    the_largest_amounts_have_a_limit_too,
);

const RACERS: usize = 32;
const UNITS: i64 = 5;
const LIMIT: i64 = 100;

async fn used(store: &Shared, space: &str) -> Vec<(String, i64)> {
    store.used(&main(), space, "", "~").await.expect("read")
}

async fn take(store: &Shared, claims: Vec<Claim>) -> Result<(), CommitError> {
    let taken = Batch { claims, ..batch() };
    store.commit(taken).await.map(drop)
}

fn is_exhausted(verdict: &Result<(), CommitError>) -> bool {
    matches!(verdict, Err(CommitError::Exhausted { .. }))
}

async fn the_last_units_go_to_exactly_so_many(ground: Ground) {
    let nodes = [ground.open().await, ground.open().await];
    for round in 0..4 {
        let space = format!("avail/{round}");
        // 30 units are left, for 6 of 32. In every second round the cell is not there yet.
        let limit = if round % 2 == 0 {
            let most = vec![claim(&space, "day", LIMIT - 30, LIMIT)];
            take(&nodes[0], most).await.expect("most of it");
            LIMIT
        } else {
            30
        };
        let start = Arc::new(Barrier::new(RACERS));
        let mut race = JoinSet::new();
        for n in 0..RACERS {
            let (store, start) = (Arc::clone(&nodes[n % 2]), Arc::clone(&start));
            let claims = vec![claim(&space, "day", UNITS, limit)];
            race.spawn(async move {
                start.wait().await;
                take(&store, claims).await
            });
        }
        let verdicts = race.join_all().await;
        let won = verdicts.iter().filter(|verdict| verdict.is_ok()).count();
        let lost = verdicts.iter().filter(|v| is_exhausted(v)).count();
        assert_eq!((won, lost), (6, RACERS - 6), "{verdicts:?}");
        assert_eq!(used(&nodes[1], &space).await, [("day".into(), limit)]);
    }
}

/// The control: the race above can be lost, and is, by whoever decides on what was read.
async fn whoever_checks_first_and_adds_later_overbooks(ground: Ground) {
    let nodes = [ground.open().await, ground.open().await];
    let most = vec![claim("avail", "day", LIMIT - 30, LIMIT)];
    take(&nodes[0], most).await.expect("most of it");
    let checked = Arc::new(Barrier::new(RACERS));
    let mut race = JoinSet::new();
    for n in 0..RACERS {
        let (store, checked) = (Arc::clone(&nodes[n % 2]), Arc::clone(&checked));
        race.spawn(async move {
            let found = used(&store, "avail").await;
            checked.wait().await;
            let fits = found.iter().map(|(_, n)| n).sum::<i64>() + UNITS <= LIMIT;
            assert!(fits, "everybody saw that there was room");
            let unguarded = vec![claim("avail", "day", UNITS, i64::MAX)];
            take(&store, unguarded).await.expect("nothing guards it");
        });
    }
    race.join_all().await;
    let overbooked = LIMIT - 30 + UNITS * i64::try_from(RACERS).expect("few");
    assert_eq!(used(&nodes[0], "avail").await, [("day".into(), overbooked)]);
}

async fn nobody_gives_back_what_was_not_taken(ground: Ground) {
    let nodes = [ground.open().await, ground.open().await];
    let back = |amount| vec![claim("budget", "EUR", amount, LIMIT)];
    assert!(is_exhausted(&take(&nodes[0], back(-1)).await), "none there");
    take(&nodes[0], back(10)).await.expect("taken");
    assert!(is_exhausted(&take(&nodes[0], back(-11)).await), "too much");
    let mut race = JoinSet::new();
    for n in 0..RACERS {
        let store = Arc::clone(&nodes[n % 2]);
        let claims = back(-3);
        race.spawn(async move { take(&store, claims).await });
    }
    let verdicts = race.join_all().await;
    assert_eq!(verdicts.iter().filter(|v| v.is_ok()).count(), 3);
    assert_eq!(verdicts.iter().filter(|v| is_exhausted(v)).count(), 29);
    assert_eq!(used(&nodes[0], "budget").await, [("EUR".into(), 1)]);
}

fn days(amount: i64, limit: i64) -> Vec<Claim> {
    (0..200)
        .map(|day| claim("avail", &format!("{day:03}"), amount, limit))
        .collect()
}

async fn many_cells_are_taken_together_or_not_at_all(ground: Ground) {
    let store = ground.open().await;
    take(&store, days(4, 10)).await.expect("all two hundred");
    let full = vec![claim("avail", "137", 4, 10)];
    take(&store, full).await.expect("one day is nearly full");
    let before = used(&store, "avail").await;
    assert!(is_exhausted(&take(&store, days(4, 10)).await));
    let mut moved = days(-1, 10);
    moved.push(claim("other", "000", 11, 10));
    assert!(is_exhausted(&take(&store, moved).await), "given back first");
    assert_eq!(used(&store, "avail").await, before);
    take(&store, days(2, 10)).await.expect("that much is left");
    take(&store, days(-6, 10)).await.expect("all of it back");
    let sums = store.used_sums(&main(), "avail", "000", "199").await;
    assert_eq!(sums, Ok(vec![("avail".into(), 4)]), "but what one had more");
}

async fn crossing_claims_do_not_stop_each_other(ground: Ground) {
    let nodes = [ground.open().await, ground.open().await];
    let mut race = JoinSet::new();
    for n in 0..16_usize {
        let store = Arc::clone(&nodes[n % 2]);
        race.spawn(async move {
            let mut claims = days(1, 10);
            if n % 2 == 0 {
                claims.reverse();
            }
            take(&store, claims).await
        });
    }
    let verdicts = race.join_all().await;
    assert_eq!(verdicts.iter().filter(|v| v.is_ok()).count(), 10);
    assert_eq!(verdicts.iter().filter(|v| is_exhausted(v)).count(), 6);
    let cells = used(&nodes[0], "avail").await;
    assert!(cells.iter().all(|(_, n)| *n == 10), "{cells:?}");
}

async fn the_same_cell_twice_counts_twice(ground: Ground) {
    let store = ground.open().await;
    let twice = |a, b| vec![claim("budget", "EUR", a, 10), claim("budget", "EUR", b, 10)];
    take(&store, twice(3, 3)).await.expect("six");
    assert!(is_exhausted(&take(&store, twice(3, 2)).await));
    assert!(is_exhausted(&take(&store, twice(-4, -3)).await));
    take(&store, twice(9, -6))
        .await
        .expect("what is freed first");
    assert_eq!(used(&store, "budget").await, [("EUR".into(), 9)]);
}

async fn the_largest_amounts_have_a_limit_too(ground: Ground) {
    let store = ground.open().await;
    let all = |amount| vec![claim("budget", "EUR", amount, i64::MAX)];
    take(&store, all(i64::MAX)).await.expect("all there is");
    for amount in [1, i64::MAX] {
        assert!(is_exhausted(&take(&store, all(amount)).await), "{amount}");
    }
    let none = vec![claim("budget", "USD", 1, 0)];
    assert!(is_exhausted(&take(&store, none).await));
    assert_eq!(used(&store, "budget").await, [("EUR".into(), i64::MAX)]);
}
