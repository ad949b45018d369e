//! What goes wrong, on purpose: the program is killed, two nodes want the same money, a node
//! falls asleep with work in its hands, somebody pulls the plug politely, the disk is full.
//! Each story ends with the same question: is everything that was promised there, once?
//!
//! `FLIGHTDECK_FAULTS=200` makes the long stories that long; `FLIGHTDECK_FAULTS=200:7` also
//! chooses the seed. Without it they are short enough for every test run.

use std::{env, sync::Arc};

mod books;
mod fence;
mod full;
mod hang;
mod heard;
mod kill;
mod ledger;
mod local;
mod nodes;
#[path = "../support/postgres.rs"]
mod postgres;
mod program;
mod race;
mod stop;
mod told;
mod web;

/// How many faults are wanted, and the seed that says when they strike.
#[derive(Debug, Clone, Copy)]
struct Faults {
    /// How many.
    count: u32,
    /// Whether somebody asked for a long run.
    asked: bool,
    /// Where the dice begin.
    seed: u64,
}

impl Faults {
    /// Reads `FLIGHTDECK_FAULTS`; `usual` where it is not set.
    fn wanted(usual: u32) -> Self {
        let Ok(text) = env::var("FLIGHTDECK_FAULTS") else {
            let (count, asked, seed) = (usual, false, 1);
            return Self { count, asked, seed };
        };
        let (count, seed) = text.split_once(':').unwrap_or((&text, "1"));
        let told = "FLIGHTDECK_FAULTS is COUNT or COUNT:SEED";
        Self {
            count: count.parse().expect(told),
            asked: true,
            seed: seed.parse().expect(told),
        }
    }
}

/// Dice that fall the same way for the same seed.
#[derive(Debug)]
struct Dice(u64);

impl Dice {
    /// A number below `sides`.
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut it = self.0;
        it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (it ^ (it >> 31)) % sides
    }
}

/// The instant at which every story begins.
fn noon() -> flightdeck::domain::when::Instant {
    "2026-06-15T12:00:00Z".parse().expect("an instant")
}

/// A directory that goes when the story has ended.
fn scratch() -> Arc<tempfile::TempDir> {
    Arc::new(tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a scratch directory"))
}

#[test]
fn the_dice_are_the_same_for_the_same_seed() {
    let rolls = |seed| {
        let mut dice = Dice(seed);
        (0..8).map(|_| dice.roll(1000)).collect::<Vec<_>>()
    };
    assert_eq!(rolls(1), rolls(1));
    assert_ne!(rolls(1), rolls(2));
}
