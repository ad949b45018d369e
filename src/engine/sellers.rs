//! The sellers that jobs are researched and booked with, taken together. Refuses to know
//! how any of them is reached.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use crate::{
    domain::{
        booking::{
            allocation::ChannelAllocation,
            brief::Brief,
            job::Job,
            lines::LineWork,
            negotiation::{Negotiation, NegotiationLog, Next},
            recommendation::{Recommendation, recommend_from},
            shelf::{Listing, Shelf},
        },
        ids::{ProductId, SellerId, TenantId},
        opendirect::product::DeliveryType,
        when::Flight,
    },
    peers::seller::{Bid, LineRequest, Seller, SellerFault},
};

/// How many products of a channel are looked at closely.
const SHORTLIST: usize = 40;

/// Every seller that is set up.
pub struct Sellers {
    all: Vec<Arc<dyn Seller>>,
}

/// What is left of everything over a flight.
pub struct Stock {
    taken: HashMap<(SellerId, ProductId), u64>,
    days: u64,
}

impl Stock {
    /// How many impressions of a product are left.
    #[must_use]
    pub fn left(&self, listing: &Listing) -> u64 {
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
        Self { all }
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

    /// All catalogues as one. A product that two sellers know by one id is the first seller's:
    /// people decide on products by their ids.
    ///
    /// # Errors
    /// When none can be read.
    pub async fn shelf(&self, tenant: &TenantId) -> Result<Arc<Shelf>, SellerFault> {
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

    /// All catalogues as one, and what is left of them over a flight.
    ///
    /// # Errors
    /// When none can be read.
    pub async fn look(
        &self,
        tenant: &TenantId,
        flight: Flight,
    ) -> Result<(Arc<Shelf>, Stock), SellerFault> {
        let shelf = self.shelf(tenant).await?;
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
        Ok((
            shelf,
            Stock {
                taken,
                days: u64::from(flight.length()),
            },
        ))
    }

    /// Searches one channel of what was seen: what fits, what is left of it, and at which
    /// price.
    ///
    /// # Errors
    /// When nothing fits, or the sellers cannot be asked.
    pub async fn research(
        &self,
        tenant: &TenantId,
        (shelf, stock): &(Arc<Shelf>, Stock),
        brief: &Brief,
        allocation: &ChannelAllocation,
    ) -> Result<Vec<Recommendation>, SellerFault> {
        let short = shelf.shortlist(brief, allocation.channel, allocation.budget, SHORTLIST);
        let short = shelf.only(short.iter().map(|scored| scored.at));
        let supply = |listing: &Listing| {
            let confidence = confidence(listing.product.delivery_type);
            (stock.left(listing), confidence)
        };
        let found = recommend_from(&short, brief, allocation, supply)
            .map_err(|none| SellerFault::Refused(none.to_string()))?;
        let Some(strategy) = &brief.negotiation else {
            return Ok(found);
        };
        let mut talked = Vec::with_capacity(found.len());
        for recommendation in found {
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
fn confidence(delivery: DeliveryType) -> u32 {
    match delivery {
        DeliveryType::Guaranteed => 9_500,
        DeliveryType::Exclusive => 9_000,
        DeliveryType::Pmp => 7_000,
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
