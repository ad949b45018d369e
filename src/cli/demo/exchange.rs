//! An exchange beside the seller inside, with the habits that make a desk lively: one of its
//! products is not talked about, for another no creative was ever approved. Keeps nothing:
//! what it placed follows from who asked.

use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use serde::Deserialize;

use crate::{
    domain::{
        booking::{
            lines::Placed,
            negotiation::{SellerAnswer, seller_answers},
            shelf::{Listing, Shelf},
        },
        ids::{ProductId, SellerId, TenantId},
        opendirect::product::Product,
        when::{Flight, Instant},
    },
    engine::{clock::Clock, fault::Fault, question},
    peers::seller::{Bid, LineRequest, Seller, SellerFault},
};

/// Its name.
pub const MERIDIAN: &str = "meridian";

const PRODUCTS: &str = include_str!("../../../assets/demo/exchange.json");

/// How the exchange sells a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Manner {
    /// As anybody would.
    Fair,
    /// At the price on the card and at no other.
    NoTalks,
    /// Only with a creative that was approved, which nobody has.
    NoCreative,
}

#[derive(Debug, Clone, Deserialize)]
struct Offer {
    manner: Manner,
    product: Product,
}

/// The exchange.
pub struct Exchange {
    offers: Vec<Offer>,
    shelf: Arc<Shelf>,
    clock: Arc<dyn Clock>,
}

impl Exchange {
    /// With its own products.
    ///
    /// # Errors
    /// Never: a test reads them.
    pub fn new(clock: Arc<dyn Clock>) -> Result<Self, Fault> {
        let offers: Vec<Offer> = question::read_any(PRODUCTS.as_bytes())?;
        let listing = |offer: &Offer| Listing {
            seller: SellerId::from(MERIDIAN),
            product: Arc::new(offer.product.clone()),
        };
        let shelf = Arc::new(Shelf::new(offers.iter().map(listing)));
        Ok(Self {
            offers,
            shelf,
            clock,
        })
    }

    fn offer(&self, id: &str) -> Result<&Offer, SellerFault> {
        let mut offers = self.offers.iter();
        offers
            .find(|offer| offer.product.id.as_str() == id)
            .ok_or_else(|| SellerFault::Refused("the exchange does not know that product".into()))
    }
}

#[async_trait]
impl Seller for Exchange {
    fn id(&self) -> SellerId {
        SellerId::from(MERIDIAN)
    }

    async fn shelf(&self, _: &TenantId) -> Result<Arc<Shelf>, SellerFault> {
        Ok(Arc::clone(&self.shelf))
    }

    async fn taken(&self, _: &TenantId, _: Flight) -> Result<HashMap<ProductId, u64>, SellerFault> {
        Ok(HashMap::new())
    }

    async fn answer(&self, _: &TenantId, bid: &Bid) -> Result<SellerAnswer, SellerFault> {
        let offer = self.offer(bid.product.as_str())?;
        let product = &offer.product;
        if offer.manner == Manner::NoTalks {
            return Err(SellerFault::Refused(format!(
                "{} talks about the price of {} with agencies only",
                product.publisher, product.name
            )));
        }
        let (listed, floor) = (product.base_price, product.floor_price);
        Ok(seller_answers(
            listed, floor, bid.cpm, bid.round, bid.rounds,
        ))
    }

    async fn reserve(&self, _: &TenantId, wanted: &LineRequest) -> Result<Placed, SellerFault> {
        Ok(Placed {
            order_id: format!("MX-{}", wanted.job),
            line_id: format!("{}@{}", wanted.product, wanted.job),
        })
    }

    async fn book(&self, _: &TenantId, placed: &Placed) -> Result<Instant, SellerFault> {
        let id = placed.line_id.split('@').next().unwrap_or_default();
        let offer = self.offer(id)?;
        if offer.manner == Manner::NoCreative {
            return Err(SellerFault::Refused(format!(
                "{} has not approved a creative for {}",
                offer.product.publisher, offer.product.name
            )));
        }
        Ok(self.clock.now())
    }

    async fn release(&self, _: &TenantId, _: &Placed) -> Result<(), SellerFault> {
        Ok(())
    }
}
