//! A seller, as a buyer needs one: what it has, what it would take for it, and a line that
//! is reserved before it is booked. Whoever implements it must take every call twice with
//! the same effect as once: after a crash it is asked again.

use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;

use crate::domain::{
    booking::{lines::Placed, negotiation::SellerAnswer, shelf::Shelf},
    ids::{JobId, ProductId, SellerId, TenantId},
    money::Money,
    opendirect::Targeting,
    when::{Flight, Instant},
};

/// What is wanted of one product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineRequest {
    /// For which job: the same job and product always mean the same line.
    pub job: JobId,
    /// What the campaign is called.
    pub campaign: String,
    /// What the campaign may cost in all.
    pub budget: Money,
    /// The product.
    pub product: ProductId,
    /// When it shall run.
    pub flight: Flight,
    /// How many impressions.
    pub impressions: u64,
    /// At which price per thousand.
    pub cpm: Money,
    /// What it is to be aimed at.
    pub targeting: Targeting,
}

/// What was said about a price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bid {
    /// The product.
    pub product: ProductId,
    /// The price per thousand that is offered.
    pub cpm: Money,
    /// The round, from 1.
    pub round: u8,
    /// How many rounds there are at most.
    pub rounds: u8,
}

/// Why a seller did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SellerFault {
    /// It will not, whatever is tried.
    #[error("{0}")]
    Refused(String),
    /// It could not now.
    #[error("{0}")]
    Passing(String),
    /// It certainly was not asked, and may be asked later.
    #[error("{0}")]
    Unsent(String),
    /// It has not decided yet; nothing is wrong, and asking costs no try.
    #[error("{0}")]
    Undecided(String),
    /// It may have done it, and nobody can find out: it is not asked again.
    #[error("{0}")]
    Unclear(String),
}

/// A seller.
#[async_trait]
pub trait Seller: Send + Sync + 'static {
    /// Which seller this is.
    fn id(&self) -> SellerId;
    /// Its catalogue, prepared for planning.
    async fn shelf(&self, tenant: &TenantId) -> Result<Arc<Shelf>, SellerFault>;
    /// How many impressions of its products are taken over a flight; a product that is not
    /// named has them all.
    async fn taken(
        &self,
        tenant: &TenantId,
        flight: Flight,
    ) -> Result<HashMap<ProductId, u64>, SellerFault>;
    /// Answers an offer.
    async fn answer(&self, tenant: &TenantId, bid: &Bid) -> Result<SellerAnswer, SellerFault>;
    /// Holds the impressions, where the product holds any.
    async fn reserve(&self, tenant: &TenantId, wanted: &LineRequest)
    -> Result<Placed, SellerFault>;
    /// Books what was reserved.
    async fn book(&self, tenant: &TenantId, placed: &Placed) -> Result<Instant, SellerFault>;
    /// Gives back what was reserved.
    async fn release(&self, tenant: &TenantId, placed: &Placed) -> Result<(), SellerFault>;
}
