//! Products that were found, and why each was. Refuses to word a reason before somebody reads
//! it: most of what is found is on no page.

use std::collections::{HashMap, HashSet};

use super::shelf::Shelf;
use crate::domain::adcp::{
    search::Hit,
    words::{self, Want},
};

/// Why everything is shown where a brief names nothing that is sold.
const EVERYTHING: &str = "Nothing in the brief names what is sold here; this is all there is";

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The products.
    pub hits: Vec<Hit>,
    /// What the brief wants; nothing where it names nothing that is sold.
    wanted: Vec<Want>,
    /// Reasons that are no words of the brief, by the product's place.
    told: HashMap<usize, String>,
}

impl Found {
    /// Everything, in the order of the catalogue.
    pub fn everything(shelf: &Shelf) -> Self {
        let hit = |at| Hit { at, score: 0.0 };
        Self {
            hits: (0..shelf.products.len()).map(hit).collect(),
            ..Self::default()
        }
    }

    /// What fits a brief; nothing where it names nothing that is sold.
    pub fn for_words(shelf: &Shelf, brief: &str) -> Self {
        let wanted = words::wanted(brief);
        Self {
            hits: shelf.index.find(&wanted),
            wanted,
            told: HashMap::new(),
        }
    }

    /// What fits a brief; everything where it names nothing that is sold.
    pub fn for_brief(shelf: &Shelf, brief: &str) -> Self {
        let found = Self::for_words(shelf, brief);
        if found.hits.is_empty() {
            Self::everything(shelf)
        } else {
            found
        }
    }

    /// Takes a product for a reason of its own, whether it was among them or not.
    pub fn take(&mut self, hit: Hit, why: String) {
        self.hits.retain(|one| one.at != hit.at);
        self.hits.push(hit);
        self.told.insert(hit.at, why);
    }

    /// Takes what else was found for the words of a brief.
    pub fn join(&mut self, other: Self) {
        let held: HashSet<usize> = self.hits.iter().map(|hit| hit.at).collect();
        let new = other.hits.into_iter().filter(|hit| !held.contains(&hit.at));
        self.hits.extend(new);
        self.wanted = other.wanted;
    }

    /// Whether a product is among them.
    pub fn holds(&self, at: usize) -> bool {
        self.hits.iter().any(|hit| hit.at == at)
    }

    /// Why a product is among them.
    pub fn why(&self, shelf: &Shelf, at: usize) -> String {
        match self.told.get(&at) {
            Some(why) => why.clone(),
            None if self.wanted.is_empty() => EVERYTHING.to_owned(),
            None => shelf.index.why(&self.wanted, at),
        }
    }
}
