//! A seller that is somewhere else, with what was read of it: its catalogue is kept with its age,
//! read again when it is asked for and has grown old, within a time limit, by one asker at a time.
//! A seller that cannot be asked is left alone for a moment, and what it had counts for a while.
//! Its products are known here as `NAME:ID`, so that no two sellers' ids are the same.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use crate::{
    domain::{
        booking::{
            asked::{AskedSeller, SellerKind},
            shelf::{Listing, Shelf},
        },
        ids::{ProductId, SellerId},
        opendirect::product::Product,
        when::Instant,
    },
    peers::sellers::{Catalogue, Market, Silent, offered::Unsaid},
};

/// For how long one that could not be asked is left alone.
const LEFT_ALONE: Duration = Duration::from_secs(15);
/// How many reasons for products that are left out are told.
const MOST_REASONS: usize = 5;

/// How long what was read counts, and how long reading it may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keeping {
    /// Until it is read again.
    pub fresh: Duration,
    /// For how long it counts where it cannot be read again.
    pub kept: Duration,
    /// How long whoever asks waits for it to be read.
    pub patience: Duration,
}

impl Default for Keeping {
    fn default() -> Self {
        Self {
            fresh: Duration::from_mins(15),
            kept: Duration::from_hours(1),
            patience: Duration::from_secs(10),
        }
    }
}

/// What a seller says of a product beside the product itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// How many impressions there are, if it says so.
    pub available: Option<u64>,
    /// By which name the price is known there.
    pub price: Option<String>,
    /// What it does not say.
    pub unsaid: Vec<Unsaid>,
}

/// A catalogue as it was read.
#[derive(Debug, Default)]
pub struct Read {
    /// Its products, as planning knows them.
    pub listings: Vec<Listing>,
    /// What is said of each.
    pub told: HashMap<ProductId, Told>,
    left_out: Vec<String>,
}

impl Read {
    /// A product of it.
    #[must_use]
    pub fn product(&self, id: &ProductId) -> Option<&Product> {
        let mut all = self.listings.iter();
        let found = all.find(|listing| listing.product.id == *id);
        found.map(|listing| &*listing.product)
    }
}

/// What came of looking at a seller.
#[derive(Debug, Clone)]
pub struct Looked {
    /// What it said.
    pub asked: AskedSeller,
    /// Its catalogue, if there is one that counts.
    pub read: Option<Arc<Read>>,
}

#[derive(Default)]
struct State {
    read: Option<(Instant, Arc<Read>)>,
    trouble: Option<(Instant, String)>,
}

/// A seller that is somewhere else.
pub struct Outside {
    id: SellerId,
    kind: SellerKind,
    market: Arc<dyn Market>,
    keeping: Keeping,
    state: Mutex<State>,
    turn: tokio::sync::Mutex<()>,
}

impl Outside {
    /// Knows one by this name.
    #[must_use]
    pub fn new(id: SellerId, kind: SellerKind, market: Arc<dyn Market>, keeping: Keeping) -> Self {
        Self {
            id,
            kind,
            market,
            keeping,
            state: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        }
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> &SellerId {
        &self.id
    }

    /// Who is asked to hold and to book.
    #[must_use]
    pub fn market(&self) -> &dyn Market {
        &*self.market
    }

    /// The id by which a product of its own is known here.
    #[must_use]
    pub fn known_as(&self, theirs: &ProductId) -> ProductId {
        format!("{}:{theirs}", self.id).as_str().into()
    }

    /// Its own id for a product that is known here.
    #[must_use]
    pub fn theirs<'a>(&self, known: &'a ProductId) -> &'a str {
        let rest = known.as_str().strip_prefix(self.id.as_str());
        let theirs = rest.and_then(|rest| rest.strip_prefix(':'));
        theirs.unwrap_or(known.as_str())
    }

    /// What is known of it now; asks nobody.
    #[must_use]
    pub fn known(&self, now: Instant) -> Looked {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = |at: Instant| now - at <= span(self.keeping.kept);
        let read = state.read.as_ref().filter(|(at, _)| counts(*at));
        let trouble = state.trouble.as_ref().map(|(_, why)| why.clone());
        let products = read.map_or(0, |(_, read)| read.listings.len());
        let asked = AskedSeller {
            seller: self.id.clone(),
            kind: self.kind,
            place: Some(self.market.place().to_owned()),
            products: u32::try_from(products).unwrap_or(u32::MAX),
            left_out: read.map_or_else(Vec::new, |(_, read)| read.left_out.clone()),
            read_at: read.map(|(at, _)| *at),
            trouble,
        };
        Looked {
            asked,
            read: read.map(|(_, read)| Arc::clone(read)),
        }
    }

    /// What is known of it once it was asked, where that is due.
    pub async fn look(&self, now: Instant) -> Looked {
        let waits = async {
            // Whoever comes second finds what the first has read.
            let _turn = self.turn.lock().await;
            if self.is_due(now) {
                let read = tokio::time::timeout(self.keeping.patience, self.market.catalogue());
                let read = read.await.unwrap_or_else(|_| {
                    let seconds = self.keeping.patience.as_secs();
                    Err(Silent(format!(
                        "it did not show all that it has within {seconds} s"
                    )))
                });
                self.take(now, read);
            }
        };
        waits.await;
        self.known(now)
    }

    fn is_due(&self, now: Instant) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let within = |at: Instant, most: Duration| now - at < span(most);
        let fresh = state.read.as_ref();
        let fresh = fresh.is_some_and(|(at, _)| within(*at, self.keeping.fresh));
        let alone = state.trouble.as_ref();
        let alone = alone.is_some_and(|(at, _)| within(*at, LEFT_ALONE));
        !fresh && !alone
    }

    fn take(&self, now: Instant, read: Result<Catalogue, Silent>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match read {
            Ok(catalogue) => {
                let read = Arc::new(self.prepare(catalogue));
                *state = State {
                    read: Some((now, read)),
                    trouble: None,
                };
            }
            Err(Silent(why)) => state.trouble = Some((now, why)),
        }
    }

    fn prepare(&self, catalogue: Catalogue) -> Read {
        let mut read = Read {
            left_out: reasons(&catalogue.left_out),
            ..Read::default()
        };
        for offered in catalogue.offered {
            let id = self.known_as(&offered.product.id);
            let told = Told {
                available: offered.available,
                price: offered.price,
                unsaid: offered.unsaid,
            };
            if read.told.insert(id.clone(), told).is_none() {
                let product = Product {
                    id,
                    ..offered.product
                };
                read.listings.push(Listing {
                    seller: self.id.clone(),
                    product: Arc::new(product),
                });
            }
        }
        read
    }
}

fn span(of: Duration) -> chrono::Duration {
    chrono::Duration::from_std(of).unwrap_or(chrono::Duration::MAX)
}

/// What is left out, the most of one reason first.
fn reasons(left_out: &BTreeMap<String, u32>) -> Vec<String> {
    let mut all: Vec<(&String, &u32)> = left_out.iter().collect();
    all.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let said = |(why, count): (&String, &u32)| match count {
        1 => format!("1 product {why}"),
        many => format!("{many} products: each {why}"),
    };
    all.into_iter().take(MOST_REASONS).map(said).collect()
}

/// The shelf of several catalogues together.
pub(super) fn shelf(listings: impl IntoIterator<Item = Listing>) -> Arc<Shelf> {
    let mut known = std::collections::HashSet::new();
    let listings = listings.into_iter();
    let first = listings.filter(|listing| known.insert(listing.product.id.clone()));
    Arc::new(Shelf::new(first.collect::<Vec<_>>()))
}
