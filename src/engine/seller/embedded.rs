//! The seller inside, as jobs see it: the same operations that buyers ask, asked by the
//! engine, so that nothing can be booked around them.

use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;

use crate::{
    domain::{
        booking::{lines::Placed, negotiation::SellerAnswer, shelf::Shelf},
        ids::{ProductId, SellerId, TenantId},
        when::{Flight, Instant},
    },
    engine::core::Core,
    peers::seller::{Bid, LineRequest, Seller, SellerFault},
};

/// The seller inside.
pub struct Embedded {
    core: Core,
}

impl Embedded {
    /// Sells what this engine's catalogue has.
    #[must_use]
    pub fn new(core: Core) -> Self {
        Self { core }
    }

    fn closed(&self) -> SellerFault {
        let day = self.core.clock().now().date_naive();
        SellerFault::Refused(format!("nothing is on sale on {day}"))
    }
}

#[async_trait]
impl Seller for Embedded {
    fn id(&self) -> SellerId {
        SellerId::from("embedded")
    }

    async fn shelf(&self, _: &TenantId) -> Result<Arc<Shelf>, SellerFault> {
        Ok(Arc::new(Shelf::default()))
    }

    async fn taken(&self, _: &TenantId, _: Flight) -> Result<HashMap<ProductId, u64>, SellerFault> {
        Ok(HashMap::new())
    }

    async fn answer(&self, _: &TenantId, _: &Bid) -> Result<SellerAnswer, SellerFault> {
        Err(self.closed())
    }

    async fn reserve(&self, _: &TenantId, _: &LineRequest) -> Result<Placed, SellerFault> {
        Err(self.closed())
    }

    async fn book(&self, _: &TenantId, _: &Placed) -> Result<Instant, SellerFault> {
        Err(self.closed())
    }

    async fn release(&self, _: &TenantId, _: &Placed) -> Result<(), SellerFault> {
        Ok(())
    }
}
