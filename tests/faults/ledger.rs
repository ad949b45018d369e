//! What clients write down: each request under its key, and the answer once there is one.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use crate::web::Reply;

/// What became of the requests under one key.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Which operation it asks for.
    pub action: &'static str,
    /// The first answer that arrived.
    pub answer: Option<Reply>,
    /// How often it was asked and stayed without an answer.
    pub silent: u32,
}

/// The ledger of all clients.
#[derive(Debug, Default)]
pub struct Ledger {
    entries: Mutex<BTreeMap<String, Entry>>,
    silent: AtomicU32,
}

impl Ledger {
    /// Writes a request down before it is sent.
    pub fn open(&self, key: &str, action: &'static str) {
        self.with(|entries| {
            let fresh = Entry {
                action,
                answer: None,
                silent: 0,
            };
            entries.entry(key.to_owned()).or_insert(fresh);
        });
    }

    /// Writes its answer down.
    pub fn close(&self, key: &str, answer: &Reply) {
        self.with(|entries| {
            let entry = entries.get_mut(key).expect("written down before");
            assert!(entry.answer.is_none(), "{key} has its answer");
            entry.answer = Some(answer.clone());
        });
    }

    /// Writes down that it was heard, perhaps, and not answered.
    pub fn silent(&self, key: &str) {
        self.with(|entries| {
            entries.get_mut(key).expect("written down before").silent += 1;
        });
        self.silent.fetch_add(1, Ordering::Relaxed);
    }

    /// How many requests stayed without an answer.
    pub fn silences(&self) -> u32 {
        self.silent.load(Ordering::Relaxed)
    }

    /// Everything that was written down.
    pub fn read(&self) -> BTreeMap<String, Entry> {
        self.entries.lock().expect("no client panicked").clone()
    }

    fn with(&self, write: impl FnOnce(&mut BTreeMap<String, Entry>)) {
        write(&mut self.entries.lock().expect("no client panicked"));
    }
}

impl Entry {
    /// Whether it was answered that it is done.
    pub fn done(&self) -> bool {
        self.answer
            .as_ref()
            .is_some_and(|answer| (200..300).contains(&answer.status))
    }
}
