//! How fast the demonstration goes: history at once, the present slowly enough to be seen.
//! The same seed makes the same rests.

use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use crate::{
    domain::ids::JobId,
    engine::reconcile::pace::{Moment, Pace, Stopped},
};

/// How fast it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tempo {
    /// Between two things that somebody does, on average.
    pub beat: Duration,
    /// Between two steps of a job, on average.
    pub step: Duration,
    /// What all variation comes from.
    pub seed: u64,
}

impl Default for Tempo {
    /// As people like to watch it.
    fn default() -> Self {
        Self {
            beat: Duration::from_secs(5),
            step: Duration::from_millis(3_500),
            seed: 0x_f11e_d0c5,
        }
    }
}

/// Numbers that look like chance and follow from a seed.
#[derive(Debug)]
pub struct Dice(AtomicU64);

impl Dice {
    /// Begins with a seed.
    pub fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    /// A number below this; 0 for 0.
    pub fn below(&self, most: usize) -> usize {
        let most = u64::try_from(most).unwrap_or(u64::MAX);
        usize::try_from(self.throw().checked_rem(most).unwrap_or(0)).unwrap_or(0)
    }

    /// From half of it to one and a half.
    pub fn around(&self, usual: Duration) -> Duration {
        let share = 50 + self.throw() % 101;
        usual * u32::try_from(share).unwrap_or(100) / 100
    }

    /// The next number of the `SplitMix64` sequence.
    fn throw(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let at = self.0.fetch_add(STEP, Ordering::Relaxed);
        let mut z = at.wrapping_add(STEP);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// Lets jobs rest.
pub struct Rests {
    step: Duration,
    dice: Dice,
    passes: Mutex<HashMap<JobId, usize>>,
    stop: CancellationToken,
}

impl Rests {
    /// None ends well after `stop`.
    pub fn new(tempo: &Tempo, stop: CancellationToken) -> Self {
        Self {
            step: tempo.step,
            dice: Dice::new(tempo.seed),
            passes: Mutex::default(),
            stop,
        }
    }

    /// Lets a job take so many of its steps without a rest.
    pub fn pass(&self, job: JobId, steps: usize) {
        let mut passes = self.passes.lock().unwrap_or_else(PoisonError::into_inner);
        passes.insert(job, steps);
    }

    fn passes(&self, job: JobId) -> usize {
        let passes = self.passes.lock().unwrap_or_else(PoisonError::into_inner);
        passes.get(&job).copied().unwrap_or(0)
    }
}

/// The number of a step among those of its job, and how many rests long it is.
fn place(moment: Moment) -> (usize, usize) {
    const BOOKING: usize = 200;
    match moment {
        Moment::Receive => (0, 1),
        Moment::Allocate => (1, 1),
        // They begin together and must not end together.
        Moment::Research(place) => (2 + place, 1 + place),
        Moment::Consolidate => (100, 1),
        Moment::Reserve(place) | Moment::Book(place) => (BOOKING + place, 1),
    }
}

#[async_trait]
impl Pace for Rests {
    async fn rest(&self, job: JobId, before: Moment) -> Result<(), Stopped> {
        let (number, length) = place(before);
        if number < self.passes(job) {
            return Ok(());
        }
        let mut rest = self.dice.around(self.step);
        for _ in 1..length {
            rest += self.dice.around(self.step);
        }
        tokio::select! {
            () = self.stop.cancelled() => Err(Stopped),
            () = tokio::time::sleep(rest) => Ok(()),
        }
    }
}
