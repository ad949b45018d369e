//! Random batches against a model that fits on one screen: the same verdict each time, and
//! the same state at the end.

use std::{cell::Cell, collections::BTreeMap};

use flightdeck::store::{
    Shared,
    batch::{Batch, CommitError},
    record::Filter,
};
use proptest::{
    collection::{btree_map, vec},
    prelude::*,
    test_runner::{Config, TestRunner},
};
use tokio::runtime::Handle;

use crate::ground::{Ground, KIND, at, claim, expect, new, over, tenant};

stories!(random_batches_end_as_the_model_says);

const CASES: u32 = 48;
const STATES: [&str; 3] = ["draft", "review", "booked"];

/// One batch as drawn; revisions are meant as how far they are off.
#[derive(Debug, Clone)]
struct Draw {
    /// By object: the new state and how far the revision is off; nothing for a new one.
    puts: BTreeMap<u8, (usize, Option<i64>)>,
    /// By object: how far the revision is off.
    expects: BTreeMap<u8, i64>,
    /// Cell, amount, limit.
    claims: Vec<(u8, i64, i64)>,
}

fn draw() -> impl Strategy<Value = Draw> {
    let off = || prop_oneof![9 => Just(0_i64), 1 => Just(1), 1 => Just(-1)];
    let over = prop_oneof![1 => Just(None), 3 => off().prop_map(Some)];
    (
        btree_map(0..5_u8, (0..STATES.len(), over), 0..3),
        btree_map(0..5_u8, off(), 0..2),
        vec((0..3_u8, -4..8_i64, 8..20_i64), 0..4),
    )
        .prop_map(|(puts, expects, claims)| Draw {
            puts,
            expects,
            claims,
        })
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Verdict {
    Done,
    Stale,
    Exhausted,
}

/// What the store is in short.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Model {
    /// Revision and state by id.
    objects: BTreeMap<String, (i64, String)>,
    counters: BTreeMap<String, i64>,
}

impl Model {
    fn revision(&self, id: &str) -> i64 {
        self.objects.get(id).map_or(0, |(revision, _)| *revision)
    }

    /// Makes a draw fit to be asked of what there is now.
    fn batch(&self, tenant: &str, draw: &Draw) -> Batch {
        let mut batch = Batch::new(crate::ground::tenant(tenant), at(0));
        for (id, (state, off)) in &draw.puts {
            let (id, state) = (id.to_string(), STATES[*state]);
            batch.puts.push(match (off, self.objects.get(&id)) {
                (None, _) => new(&id, state),
                (Some(off), found) => {
                    let (revision, was) = found.cloned().unwrap_or((1, "draft".into()));
                    over(&id, revision + off, &was, state)
                }
            });
        }
        for (id, off) in &draw.expects {
            let id = id.to_string();
            batch.expects.push(expect(&id, self.revision(&id) + off));
        }
        for (cell, amount, limit) in &draw.claims {
            let cell = cell.to_string();
            batch.claims.push(claim("budget", &cell, *amount, *limit));
        }
        batch
    }

    fn commit(&mut self, batch: &Batch) -> Verdict {
        let mut next = self.clone();
        for expected in &batch.expects {
            if self.revision(&expected.id) != expected.revision {
                return Verdict::Stale;
            }
        }
        for put in &batch.puts {
            let revision = put.replaces.as_ref().map_or(0, |(revision, _)| *revision);
            if self.revision(&put.id) != revision || (put.replaces.is_some() && revision == 0) {
                return Verdict::Stale;
            }
            let now = (revision + 1, put.facets.state.clone());
            next.objects.insert(put.id.clone(), now);
        }
        let mut claims = batch.claims.clone();
        // What is given back comes first, and the tighter limit before the wider one.
        claims.sort_by_key(|claim| (claim.amount, claim.limit));
        for claim in claims {
            let used = next.counters.entry(claim.cell).or_default();
            *used += claim.amount;
            let fits = if claim.amount < 0 {
                *used >= 0
            } else {
                *used <= claim.limit
            };
            if !fits {
                return Verdict::Exhausted;
            }
        }
        *self = next;
        Verdict::Done
    }

    fn tallies(&self) -> Vec<(String, i64)> {
        let mut tallies = BTreeMap::new();
        for (_, state) in self.objects.values() {
            *tallies.entry(state.clone()).or_default() += 1;
        }
        tallies.into_iter().collect()
    }

    async fn is_what_stands_in(&self, store: &Shared, name: &str) {
        let tenant = tenant(name);
        let all = Filter {
            limit: 99,
            ..Filter::default()
        };
        let rows = store.list(&tenant, KIND, &all).await.expect("read");
        let objects = rows
            .into_iter()
            .map(|row| (row.id, (row.revision, row.facets.state)));
        let used = store.used(&tenant, "budget", "", "~").await.expect("read");
        let found = Self {
            objects: objects.collect(),
            counters: used.into_iter().collect(),
        };
        assert_eq!(&found, self);
        assert_eq!(store.tallies(&tenant, KIND).await, Ok(self.tallies()));
    }
}

/// Runs one case as a tenant of its own.
async fn play(store: &Shared, name: &str, draws: &[Draw]) {
    let mut model = Model::default();
    for draw in draws {
        let batch = model.batch(name, draw);
        let expected = model.commit(&batch);
        let verdict = match store.commit(batch.clone()).await {
            Ok(_) => Verdict::Done,
            Err(CommitError::Stale { .. }) => Verdict::Stale,
            Err(CommitError::Exhausted { .. }) => Verdict::Exhausted,
            Err(error) => panic!("{error}: {batch:?}"),
        };
        assert_eq!(verdict, expected, "{batch:?}");
    }
    model.is_what_stands_in(store, name).await;
}

async fn random_batches_end_as_the_model_says(ground: Ground) {
    let store = ground.open().await;
    let here = Handle::current();
    let run = move || {
        let config = Config {
            cases: CASES,
            failure_persistence: None,
            ..Config::default()
        };
        let cases = Cell::new(0);
        TestRunner::new(config).run(&vec(draw(), 1..30), |draws| {
            cases.set(cases.get() + 1);
            let tenant = format!("case-{}", cases.get());
            here.block_on(play(&store, &tenant, &draws));
            Ok(())
        })
    };
    let outcome = tokio::task::spawn_blocking(run).await.expect("it ran");
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}
