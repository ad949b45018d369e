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
            lines::Placed,
            shelf::{Listing, Shelf},
            there::Shown,
        },
        ids::{ProductId, SellerId},
        opendirect::product::Product,
        when::{Flight, Instant},
    },
    peers::sellers::{Asked, Avails, Catalogue, Market, Silent, Wanted, offered::Unsaid},
};

/// For how long one that could not be asked is left alone.
const LEFT_ALONE: Duration = Duration::from_secs(15);
/// How many reasons for products that are left out are told.
const MOST_REASONS: usize = 5;
/// How many lines of one seller are looked at at a time.
const LOOKS: usize = 4;
/// For how long one that offers no avails is not asked again.
const NOT_OFFERED: Duration = Duration::from_hours(1);

/// How long what was read counts, and how long reading it may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keeping {
    /// Until it is read again.
    pub fresh: Duration,
    /// For how long it counts where it cannot be read again.
    pub kept: Duration,
    /// How long whoever asks waits for it to be read.
    pub patience: Duration,
    /// Whether it is read again in the background, before it has grown old.
    pub ahead: bool,
    /// How often what was booked there is looked at.
    pub follow: Duration,
}

impl Default for Keeping {
    fn default() -> Self {
        Self {
            fresh: Duration::from_mins(15),
            kept: Duration::from_hours(1),
            patience: Duration::from_secs(10),
            ahead: true,
            follow: Duration::from_mins(5),
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
    avails: Option<(Instant, Answered)>,
}

/// What came of asking how many impressions there are, the last time.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Answered {
    Told,
    NotOffered,
    Not(String),
}

/// How many impressions of a product can be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Supply {
    /// So many of those that were asked for.
    Told(u64),
    /// Its seller has no way to be asked.
    NotOffered,
    /// Its seller did not say, and why.
    Unsaid(String),
}

/// A seller that is somewhere else.
pub struct Outside {
    id: SellerId,
    kind: SellerKind,
    market: Arc<dyn Market>,
    keeping: Keeping,
    state: Mutex<State>,
    turn: tokio::sync::Mutex<()>,
    /// How many lines are looked at at a time.
    looks: tokio::sync::Semaphore,
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
            looks: tokio::sync::Semaphore::new(LOOKS),
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
            avails: state.avails.as_ref().map(|(_, answered)| match answered {
                Answered::Told => "told".to_owned(),
                Answered::NotOffered => "not offered".to_owned(),
                Answered::Not(why) => format!("not told: {why}"),
            }),
        };
        Looked {
            asked,
            read: read.map(|(_, read)| Arc::clone(read)),
        }
    }

    /// What is known of it once it was asked, where that is due.
    pub async fn look(&self, now: Instant) -> Looked {
        self.look_unless(now, self.keeping.fresh).await
    }

    /// Asks it unless it was read so short a time ago.
    async fn look_unless(&self, now: Instant, fresh: Duration) -> Looked {
        let waits = async {
            // Whoever comes second finds what the first has read.
            let _turn = self.turn.lock().await;
            if self.is_due(now, fresh) {
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

    /// Whether it is read again in the background.
    #[must_use]
    pub fn is_read_ahead(&self) -> bool {
        self.keeping.ahead
    }

    /// How long after it was read it is read again in the background: before it has grown old.
    #[must_use]
    pub fn ahead(&self) -> Duration {
        self.keeping.fresh / 5 * 4
    }

    /// What is known of it once it was read again, unless that was just now.
    pub async fn read_ahead(&self, now: Instant) -> Looked {
        self.look_unless(now, self.ahead()).await
    }

    /// How often what was booked there is looked at.
    #[must_use]
    pub fn follow(&self) -> Duration {
        self.keeping.follow
    }

    /// Looks what became of a line there, when it is its turn.
    ///
    /// # Errors
    /// When nobody could look.
    pub async fn follow_line(
        &self,
        wanted: &Wanted,
        placed: &Placed,
    ) -> Result<Option<Shown>, Silent> {
        let turn = self.looks.acquire().await;
        let _turn = turn.map_err(|_| Silent("nobody looks any more".into()))?;
        self.market.follow(wanted, placed).await
    }

    /// Asks how many impressions can be had of products that are known here, each with the most
    /// that would be bought of it.
    pub async fn supply(
        &self,
        flight: Flight,
        products: &[(ProductId, u64)],
        now: Instant,
    ) -> HashMap<ProductId, Supply> {
        let answered = if self.offers_no_avails(now) {
            Ok(Avails::NotOffered)
        } else {
            let own = |(id, most): &(ProductId, u64)| (self.theirs(id).to_owned(), *most);
            let asked = Asked {
                flight,
                products: products.iter().map(own).collect(),
            };
            let told = tokio::time::timeout(self.keeping.patience, self.market.avails(&asked));
            let late = |_| Err(Silent("it did not say in time".into()));
            told.await.unwrap_or_else(late)
        };
        self.note_avails(&answered, now);
        let of = |id: &ProductId| match &answered {
            Ok(Avails::NotOffered) => Supply::NotOffered,
            Ok(Avails::Told(all)) => all.get(self.theirs(id)).map_or_else(
                || Supply::Unsaid("its answer leaves this product out".into()),
                |count| Supply::Told(*count),
            ),
            Err(Silent(why)) => Supply::Unsaid(why.clone()),
        };
        let each = products.iter().map(|(id, _)| (id.clone(), of(id)));
        each.collect()
    }

    fn offers_no_avails(&self, now: Instant) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let known = state.avails.as_ref();
        known.is_some_and(|(at, answered)| {
            *answered == Answered::NotOffered && now - *at < span(NOT_OFFERED)
        })
    }

    fn note_avails(&self, answered: &Result<Avails, Silent>, now: Instant) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let answered = match answered {
            Ok(Avails::NotOffered) => Answered::NotOffered,
            Ok(Avails::Told(_)) => Answered::Told,
            Err(Silent(why)) => Answered::Not(why.clone()),
        };
        match &state.avails {
            // Since when it is known not to offer any.
            Some((_, known)) if *known == answered && answered == Answered::NotOffered => {}
            _ => state.avails = Some((now, answered)),
        }
    }

    fn is_due(&self, now: Instant, fresh_for: Duration) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let within = |at: Instant, most: Duration| now - at < span(most);
        let fresh = state.read.as_ref();
        let fresh = fresh.is_some_and(|(at, _)| within(*at, fresh_for));
        let alone = state.trouble.as_ref();
        let alone = alone.is_some_and(|(at, _)| within(*at, LEFT_ALONE));
        !fresh && !alone
    }

    fn take(&self, now: Instant, read: Result<Catalogue, Silent>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match read {
            Ok(catalogue) => {
                let read = Arc::new(self.prepare(catalogue));
                state.read = Some((now, read));
                state.trouble = None;
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
