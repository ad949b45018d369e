//! A seller for tests: a fixed catalogue, and moods that one gives it before it is asked. Takes
//! every call twice with the same effect as once, as sellers must, and remembers what it holds.
//! Refuses to know anything of jobs but their ids.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use flightdeck::{
    domain::{
        booking::{
            lines::Placed,
            negotiation::SellerAnswer,
            shelf::{Listing, Shelf},
        },
        ids::{ProductId, SellerId, TenantId},
        when::{Flight, Instant},
    },
    peers::seller::{Bid, LineRequest, Seller, SellerFault},
};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

/// What a seller may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Asked {
    Shelf,
    Answer,
    Reserve,
    Book,
    Release,
}

/// How it takes being asked.
#[derive(Debug, Clone)]
pub enum Mood {
    /// Never, for this reason.
    Refuses(&'static str),
    /// Not the next so many times.
    FailsTimes(u32),
    /// Only once somebody lets it go on.
    Waits(Arc<Semaphore>),
}

/// What it holds for somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    Reserved,
    Booked,
    Released,
}

/// The seller; clones are the same one.
#[derive(Clone)]
pub struct FakeSeller {
    id: SellerId,
    shelf: Arc<Shelf>,
    now: Instant,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    moods: HashMap<(Asked, String), Mood>,
    held: BTreeMap<String, Held>,
    flights: Vec<Flight>,
}

impl FakeSeller {
    /// Sells these products.
    pub fn new(id: &str, products: &[Value], now: Instant) -> Self {
        let listing = |product: &Value| Listing {
            seller: id.into(),
            product: Arc::new(serde_json::from_value(product.clone()).expect("a product")),
        };
        Self {
            id: id.into(),
            shelf: Arc::new(Shelf::new(products.iter().map(listing))),
            now,
            state: Arc::default(),
        }
    }

    /// Gives it a mood about one product; an empty name means all of them.
    pub fn mood(&self, asked: Asked, product: &str, mood: Mood) {
        self.state().moods.insert((asked, product.into()), mood);
    }

    /// Takes all moods away.
    pub fn cheer_up(&self) {
        self.state().moods.clear();
    }

    /// What it holds, by product; a product of two jobs stands there twice.
    pub fn held(&self) -> Vec<(String, Held)> {
        let name = |line: &str| line.split_once('/').expect("job/product").1.to_owned();
        let state = self.state();
        let held = state.held.iter();
        held.map(|(line, held)| (name(line), *held)).collect()
    }

    /// The days that it was asked to hold, in the order of asking.
    pub fn flights(&self) -> Vec<Flight> {
        self.state().flights.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ask(&self, asked: Asked, product: &str) -> Result<(), SellerFault> {
        let gate = {
            let mut state = self.state();
            let key = [product, ""]
                .map(|name| (asked, name.to_owned()))
                .into_iter()
                .find(|key| state.moods.contains_key(key));
            let Some(mood) = key.and_then(|key| state.moods.get_mut(&key)) else {
                return Ok(());
            };
            match mood {
                Mood::Refuses(why) => return Err(SellerFault::Refused((*why).to_owned())),
                Mood::FailsTimes(0) => return Ok(()),
                Mood::FailsTimes(left) => {
                    *left -= 1;
                    return Err(SellerFault::Passing("the seller does not answer".into()));
                }
                Mood::Waits(gate) => Arc::clone(gate),
            }
        };
        gate.acquire().await.expect("the gate stays").forget();
        Ok(())
    }
}

#[async_trait]
impl Seller for FakeSeller {
    fn id(&self) -> SellerId {
        self.id.clone()
    }

    async fn shelf(&self, _: &TenantId) -> Result<Arc<Shelf>, SellerFault> {
        self.ask(Asked::Shelf, "").await?;
        Ok(Arc::clone(&self.shelf))
    }

    async fn taken(&self, _: &TenantId, _: Flight) -> Result<HashMap<ProductId, u64>, SellerFault> {
        Ok(HashMap::new())
    }

    async fn answer(&self, _: &TenantId, bid: &Bid) -> Result<SellerAnswer, SellerFault> {
        self.ask(Asked::Answer, bid.product.as_str()).await?;
        Ok(SellerAnswer::Accept)
    }

    async fn reserve(&self, _: &TenantId, wanted: &LineRequest) -> Result<Placed, SellerFault> {
        self.ask(Asked::Reserve, wanted.product.as_str()).await?;
        self.state().flights.push(wanted.flight);
        let line_id = format!("{}/{}", wanted.job, wanted.product);
        self.state()
            .held
            .entry(line_id.clone())
            .or_insert(Held::Reserved);
        Ok(Placed {
            order_id: format!("order-{}", wanted.job),
            line_id,
        })
    }

    async fn book(&self, _: &TenantId, placed: &Placed) -> Result<Instant, SellerFault> {
        let product = placed.line_id.split_once('/').expect("job/product").1;
        self.ask(Asked::Book, product).await?;
        self.state()
            .held
            .insert(placed.line_id.clone(), Held::Booked);
        Ok(self.now)
    }

    async fn release(&self, _: &TenantId, placed: &Placed) -> Result<(), SellerFault> {
        let product = placed.line_id.split_once('/').expect("job/product").1;
        self.ask(Asked::Release, product).await?;
        self.state()
            .held
            .insert(placed.line_id.clone(), Held::Released);
        Ok(())
    }
}

/// A product of a channel at a price in cents, with plenty of it.
pub fn product(id: &str, channel: &str, cents: i64) -> Value {
    json!({
        "id": id, "publisher_id": "pub", "publisher": "The Publisher", "name": format!("Product {id}"),
        "channel": channel, "format": "video", "rate_type": "CPM", "delivery_type": "Guaranteed",
        "base_price": {"minor": cents, "currency": "USD"},
        "floor_price": {"minor": cents * 3 / 4, "currency": "USD"},
        "targeting": {"age": ["18-24", "25-34"], "interests": ["gaming"]},
        "daily_impressions": 1_000_000,
    })
}

/// A small catalogue: two products in each of two channels, and one in a third.
pub fn catalogue() -> Vec<Value> {
    vec![
        product("prod_001", "ctv", 900),
        product("prod_002", "ctv", 1_000),
        product("prod_003", "branding", 500),
        product("prod_004", "branding", 550),
        product("prod_005", "mobile_app", 400),
    ]
}
