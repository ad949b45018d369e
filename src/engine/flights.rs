//! Requests under a key that are being done right now, so that the same request waits for its
//! twin and another one is refused at once; and how fast new keys may come. In memory: between
//! nodes the commit itself sees to it that nothing is done twice.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

use crate::domain::when::Instant;

/// How many keys may come at once.
const BURST: f64 = 300.0;
/// How many keys may come a second, for as long as one likes.
const SUSTAINED: f64 = 60.0;
/// How many askers are remembered before the idle ones are forgotten.
const MOST: usize = 10_000;

/// What is under way.
#[derive(Default)]
pub(super) struct Flights {
    flights: Mutex<HashMap<String, Flight>>,
    keys: Mutex<HashMap<String, (f64, Instant)>>,
}

struct Flight {
    digest: String,
    landed: watch::Receiver<()>,
}

/// Where a request finds itself.
pub(super) enum Boarding<'a> {
    /// It is the first: it holds the key until this is dropped.
    First(Seat<'a>),
    /// The same is being done: this ends when that does.
    Twin(watch::Receiver<()>),
    /// Another one is being done under the key.
    Other,
}

/// Holds a key.
pub(super) struct Seat<'a> {
    flights: &'a Flights,
    name: String,
    _landing: watch::Sender<()>,
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        lock(&self.flights.flights).remove(&self.name);
    }
}

impl Flights {
    /// Takes a key, or says who has it.
    pub(super) fn board(&self, name: &str, digest: &str) -> Boarding<'_> {
        let mut flights = lock(&self.flights);
        match flights.get(name) {
            Some(flight) if flight.digest == digest => Boarding::Twin(flight.landed.clone()),
            Some(_) => Boarding::Other,
            None => {
                let (landing, landed) = watch::channel(());
                let digest = digest.to_owned();
                flights.insert(name.to_owned(), Flight { digest, landed });
                Boarding::First(Seat {
                    flights: self,
                    name: name.to_owned(),
                    _landing: landing,
                })
            }
        }
    }

    /// Lets somebody use one more new key, or says in how many seconds.
    pub(super) fn mint(&self, who: &str, now: Instant) -> Result<(), u64> {
        let mut keys = lock(&self.keys);
        if keys.len() >= MOST && !keys.contains_key(who) {
            keys.retain(|_, (_, since)| (now - *since).num_seconds() < 10);
        }
        let (left, since) = keys.entry(who.to_owned()).or_insert((BURST, now));
        let passed = (now - *since).as_seconds_f64().max(0.0);
        *left = (*left + passed * SUSTAINED).min(BURST);
        *since = now;
        if *left < 1.0 {
            return Err(1);
        }
        *left -= 1.0;
        Ok(())
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_held_by_one_and_waited_for_by_its_twin() {
        let flights = Flights::default();
        let Boarding::First(seat) = flights.board("key", "a") else {
            unreachable!("nobody has it");
        };
        assert!(matches!(flights.board("key", "b"), Boarding::Other));
        let Boarding::Twin(landed) = flights.board("key", "a") else {
            unreachable!("its twin has it");
        };
        assert!(landed.has_changed().is_ok());
        drop(seat);
        assert!(landed.has_changed().is_err(), "it has landed");
        assert!(matches!(flights.board("key", "b"), Boarding::First(_)));
    }

    #[test]
    fn keys_come_in_a_burst_and_then_at_a_rate() {
        let flights = Flights::default();
        let now: Instant = "2026-06-15T12:00:00Z".parse().expect("an instant");
        let taken = |at: Instant| (0..400).filter(|_| flights.mint("a", at).is_ok()).count();
        assert_eq!(taken(now), 300);
        assert_eq!(taken(now + chrono::Duration::seconds(1)), 60);
        assert_eq!(taken(now + chrono::Duration::seconds(60)), 300);
        assert_eq!(
            flights.mint("b", now),
            Ok(()),
            "one does not use up another's"
        );
    }
}
