//! The systems of the demonstration's publisher that are told what happens: each has a habit that
//! whoever looks after deliveries knows. Who is none of them is called as ever.

use std::{
    collections::HashSet,
    hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher},
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;

use crate::peers::outside::{Call, NoReply, Outside, Post, Reply};

/// How a system takes what it is told.
#[derive(Debug, Clone, Copy)]
enum Habit {
    /// At once.
    Ready,
    /// Not before it is told for the second time.
    Slow,
    /// Never: it cannot read it.
    Lost,
    /// Not any more.
    Gone,
}

const SYSTEMS: [(&str, Habit); 4] = [
    ("https://traffic.kestrel.example/", Habit::Ready),
    ("https://ledger.kestrel.example/", Habit::Slow),
    ("https://warehouse.kestrel.example/", Habit::Lost),
    ("https://old-desk.kestrel.example/", Habit::Gone),
];

/// The systems.
pub struct Listeners {
    outside: Outside,
    /// What the slow one was told once, by its hash.
    told: Mutex<HashSet<u64>>,
}

impl Listeners {
    /// Nobody was told anything yet.
    pub fn new() -> Self {
        Self {
            outside: Outside::new(),
            told: Mutex::default(),
        }
    }

    fn status(&self, habit: Habit, body: &[u8]) -> u16 {
        match habit {
            Habit::Slow if self.is_new(body) => 503,
            Habit::Ready | Habit::Slow => 204,
            Habit::Lost => 422,
            Habit::Gone => 410,
        }
    }

    fn is_new(&self, body: &[u8]) -> bool {
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(body);
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.insert(hash)
    }
}

#[async_trait]
impl Post for Listeners {
    async fn post(&self, call: Call<'_>) -> Result<Reply, NoReply> {
        let mut systems = SYSTEMS.iter();
        let Some((_, habit)) = systems.find(|(address, _)| call.url.starts_with(address)) else {
            return self.outside.post(call).await;
        };
        Ok(Reply {
            status: self.status(*habit, &call.body),
            streamed: false,
            body: Vec::new(),
            whole: true,
            session: None,
            retry_after: None,
        })
    }
}
