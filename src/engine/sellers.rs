//! The sellers that jobs are researched and booked with, taken together: the one inside, and those
//! somewhere else that a tenant has, each of which fails alone. Refuses to know how any of them is
//! reached.

pub mod list;
pub mod outside;
pub mod set_up;
mod supplies;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use futures_util::future::join_all;

use self::{
    outside::{Outside, Read},
    set_up::OutsideSellers,
    supplies::Supplies,
};
use crate::{
    domain::{
        booking::{
            allocation::ChannelAllocation,
            asked::{AskedSeller, SellerKind},
            brief::Brief,
            job::Job,
            lines::LineWork,
            negotiation::{Negotiation, NegotiationLog, Next},
            recommendation::{Recommendation, UNTOLD, recommend_from},
            shelf::{Listing, Shelf},
        },
        ids::{ProductId, SellerId, TenantId},
        opendirect::product::{DeliveryType, RateType},
        when::{Flight, Instant},
    },
    peers::{
        seller::{Bid, LineRequest, Seller, SellerFault},
        sellers::{Wanted, offered::Unsaid},
    },
};

/// How many products of a channel are looked at closely.
const SHORTLIST: usize = 40;
/// How often sellers somewhere else are asked what is left of what would be recommended: once, and
/// again for what comes in the place of what there was too little of.
const AVAILS_ROUNDS: usize = 3;

/// Every seller that is set up.
pub struct Sellers {
    all: Vec<Arc<dyn Seller>>,
    outside: OutsideSellers,
}

/// What all sellers have, as a job sees it.
pub struct Seen {
    /// Their products together.
    pub shelf: Arc<Shelf>,
    /// What is left of them.
    pub stock: Stock,
    /// What each said; nothing where the one inside is the only one.
    pub asked: Vec<AskedSeller>,
}

/// What is left of everything over a flight.
pub struct Stock {
    taken: HashMap<(SellerId, ProductId), u64>,
    told: HashMap<SellerId, Arc<Read>>,
    days: u64,
}

impl Stock {
    /// What a seller somewhere else says of a product.
    fn told(&self, listing: &Listing) -> Option<&outside::Told> {
        let read = self.told.get(&listing.seller)?;
        read.told.get(&listing.product.id)
    }

    /// How many impressions of a product are left; [`UNTOLD`] where its seller does not say.
    #[must_use]
    pub fn left(&self, listing: &Listing) -> u64 {
        if let Some(told) = self.told(listing) {
            return told.available.unwrap_or(UNTOLD);
        }
        let whole = listing.product.daily_impressions.saturating_mul(self.days);
        if self.taken.is_empty() {
            return whole;
        }
        let key = (listing.seller.clone(), listing.product.id.clone());
        whole.saturating_sub(self.taken.get(&key).copied().unwrap_or(0))
    }
}

impl Sellers {
    /// Joins them.
    #[must_use]
    pub fn new(all: Vec<Arc<dyn Seller>>) -> Self {
        Self {
            all,
            outside: OutsideSellers::default(),
        }
    }

    /// With those somewhere else that tenants have.
    #[must_use]
    pub fn with(self, outside: OutsideSellers) -> Self {
        Self { outside, ..self }
    }

    /// One that is somewhere else, by its name.
    #[must_use]
    pub fn outside(&self, tenant: &TenantId, id: &SellerId) -> Option<&Arc<Outside>> {
        self.outside.of(tenant).iter().find(|one| one.id() == id)
    }

    /// Finds one by its name.
    ///
    /// # Errors
    /// When it is not set up any more.
    pub fn find(&self, id: &SellerId) -> Result<&dyn Seller, SellerFault> {
        let found = self.all.iter().find(|seller| seller.id() == *id);
        found
            .map(|seller| &**seller)
            .ok_or_else(|| SellerFault::Refused(format!("the seller {id} is not set up here")))
    }

    /// The catalogues of the sellers inside as one. A product that two sellers know by one id is
    /// the first seller's: people decide on products by their ids.
    async fn inside(&self, tenant: &TenantId) -> Result<Arc<Shelf>, SellerFault> {
        if let [only] = &self.all[..] {
            return only.shelf(tenant).await;
        }
        let mut listings: Vec<Listing> = Vec::new();
        let mut known = HashSet::new();
        let mut last = None;
        for seller in &self.all {
            match seller.shelf(tenant).await {
                Ok(shelf) => listings.extend(
                    shelf
                        .listings()
                        .filter(|listing| known.insert(listing.product.id.clone()))
                        .cloned(),
                ),
                Err(fault) => last = Some(fault),
            }
        }
        match last {
            Some(fault) if listings.is_empty() => Err(fault),
            _ => Ok(Arc::new(Shelf::new(listings))),
        }
    }

    /// All catalogues as one, of the sellers somewhere else those that can be asked.
    ///
    /// # Errors
    /// When those inside cannot be read.
    pub async fn shelf(&self, tenant: &TenantId, now: Instant) -> Result<Arc<Shelf>, SellerFault> {
        self.together(tenant, now).await.map(|(shelf, ..)| shelf)
    }

    async fn together(
        &self,
        tenant: &TenantId,
        now: Instant,
    ) -> Result<(Arc<Shelf>, HashMap<SellerId, Arc<Read>>, Vec<AskedSeller>), SellerFault> {
        let outside = self.outside.of(tenant);
        let inside = self.inside(tenant).await?;
        if outside.is_empty() {
            return Ok((inside, HashMap::new(), Vec::new()));
        }
        let looked = join_all(outside.iter().map(|one| one.look(now))).await;
        let mut asked: Vec<AskedSeller> =
            self.all.iter().map(|one| own(one.id(), &inside)).collect();
        let mut listings: Vec<Listing> = inside.listings().cloned().collect();
        let mut told = HashMap::new();
        for one in looked {
            if let Some(read) = one.read {
                listings.extend(read.listings.iter().cloned());
                told.insert(one.asked.seller.clone(), read);
            }
            asked.push(one.asked);
        }
        Ok((outside::shelf(listings), told, asked))
    }

    /// All catalogues as one, and what is left of them over a flight.
    ///
    /// # Errors
    /// When those inside cannot be read.
    pub async fn look(
        &self,
        tenant: &TenantId,
        flight: Flight,
        now: Instant,
    ) -> Result<Seen, SellerFault> {
        let (shelf, told, asked) = self.together(tenant, now).await?;
        let mut taken = HashMap::new();
        for seller in &self.all {
            let id = seller.id();
            let of_seller = seller.taken(tenant, flight).await?;
            taken.extend(
                of_seller
                    .into_iter()
                    .map(|(product, n)| ((id.clone(), product), n)),
            );
        }
        let days = u64::from(flight.length());
        Ok(Seen {
            shelf,
            stock: Stock { taken, told, days },
            asked,
        })
    }

    /// Searches one channel of what was seen: what fits, what is left of it, and at which
    /// price.
    ///
    /// # Errors
    /// When nothing fits, or the sellers cannot be asked.
    pub async fn research(
        &self,
        tenant: &TenantId,
        Seen { shelf, stock, .. }: &Seen,
        (brief, allocation): (&Brief, &ChannelAllocation),
        now: Instant,
    ) -> Result<Vec<Recommendation>, SellerFault> {
        let short = shelf.shortlist(brief, allocation.channel, allocation.budget, SHORTLIST);
        let short = shelf.only(short.iter().map(|scored| scored.at));
        let mut supplies = Supplies::default();
        let mut found = Vec::new();
        for round in 0..=AVAILS_ROUNDS {
            let supply = |listing: &Listing| {
                let left = supplies.left(listing, stock.left(listing));
                (left, confidence(listing.product.delivery_type, left))
            };
            found = recommend_from(&short, brief, allocation, supply)
                .map_err(|none| SellerFault::Refused(none.to_string()))?;
            // What was answered last is obeyed too.
            let asked = (brief, allocation, now);
            if round == AVAILS_ROUNDS
                || !self
                    .ask_supplies(tenant, asked, &found, &mut supplies)
                    .await
            {
                break;
            }
        }
        for one in &mut found {
            supplies.tell(one);
            let read = stock.told.get(&one.seller);
            let told = read.and_then(|read| read.told.get(&one.product_id));
            if let Some(told) = told {
                let known = supplies.is_told(one);
                let unsaid = told.unsaid.iter();
                let unsaid = unsaid.filter(|one| !(known && **one == Unsaid::Availability));
                one.unsaid = unsaid.map(|one| one.words().to_owned()).collect();
                one.price.clone_from(&told.price);
            }
        }
        let Some(strategy) = &brief.negotiation else {
            return Ok(found);
        };
        let mut talked = Vec::with_capacity(found.len());
        for recommendation in found {
            // Sellers somewhere else are not talked with about prices: what they list they take.
            if self.outside(tenant, &recommendation.seller).is_some() {
                talked.push(recommendation);
                continue;
            }
            let log = self
                .negotiate(tenant, brief, strategy, &recommendation)
                .await?;
            talked.push(recommendation.negotiated(log));
        }
        Ok(talked)
    }

    /// Talks with a seller about one price until somebody settles or leaves.
    async fn negotiate(
        &self,
        tenant: &TenantId,
        brief: &Brief,
        strategy: &crate::domain::booking::negotiation::Strategy,
        about: &Recommendation,
    ) -> Result<NegotiationLog, SellerFault> {
        let seller = self.find(&about.seller)?;
        let most = brief.kpis.max_cpm;
        let (mut talks, mut next) = Negotiation::open(strategy, about.cpm, most, about.impressions);
        let mut round = 1;
        while let Next::Offer(cpm) = next {
            let bid = Bid {
                product: about.product_id.clone(),
                cpm,
                round,
                rounds: strategy.rounds,
            };
            next = talks.answer(seller.answer(tenant, &bid).await?);
            round = round.saturating_add(1);
        }
        Ok(talks.into_log())
    }
}

/// How sure it is that what is bought is delivered, in basis points.
fn confidence(delivery: DeliveryType, left: u64) -> u32 {
    match (delivery, left) {
        (_, UNTOLD) => 5_000,
        (DeliveryType::Guaranteed, _) => 9_500,
        (DeliveryType::Exclusive, _) => 9_000,
        (DeliveryType::Pmp, _) => 7_000,
    }
}

/// What a seller inside said.
fn own(seller: SellerId, shelf: &Shelf) -> AskedSeller {
    let products = shelf.listings().filter(|one| one.seller == seller).count();
    AskedSeller {
        seller,
        kind: SellerKind::Embedded,
        place: None,
        products: u32::try_from(products).unwrap_or(u32::MAX),
        left_out: Vec::new(),
        read_at: None,
        trouble: None,
        avails: None,
    }
}

/// What is wanted of a seller somewhere else for an approved line.
#[must_use]
pub fn wanted_of(seller: &Outside, job: &Job, line: &LineWork, now: Instant) -> Wanted {
    let request = line_request(job, line);
    let known = seller.known(now).read;
    let product = known
        .as_ref()
        .and_then(|read| read.product(&line.product_id));
    let mut recommended = job.recommendations();
    let recommended = recommended.find(|one| one.product_id == line.product_id);
    let there = job.lines.iter().filter(|one| one.seller == line.seller);
    let costs = there
        .map(|one| one.cost.minor())
        .fold(0, i64::saturating_add);
    Wanted {
        job: job.id,
        campaign: request.campaign,
        budget: crate::domain::money::Money::new(costs, line.cost.currency()),
        product: seller.theirs(&line.product_id).to_owned(),
        channel: line.channel,
        delivery: recommended.map_or(DeliveryType::Pmp, |one| one.delivery_type),
        rate: product.map_or(RateType::Cpm, |product| product.rate_type),
        price: recommended.and_then(|one| one.price.clone()),
        flight: request.flight,
        impressions: request.impressions,
        cpm: request.cpm,
        cost: line.cost,
        targeting: request.targeting,
        now,
        asked_at: line.asked_at,
    }
}

/// What is wanted of a seller for an approved line.
#[must_use]
pub fn line_request(job: &Job, line: &LineWork) -> LineRequest {
    let targeting = job
        .recommendations()
        .find(|one| one.product_id == line.product_id)
        .map(|one| one.targeting.clone());
    LineRequest {
        job: job.id,
        campaign: job.brief.name.clone(),
        budget: job.brief.budget,
        product: line.product_id.clone(),
        flight: job.brief.flight,
        impressions: line.impressions,
        cpm: line.cpm,
        targeting: targeting.unwrap_or_default(),
    }
}
