//! The seller inside, as jobs see it: the same operations that buyers ask, asked by the
//! engine, so that nothing can be booked around them. Asked twice, also after a crash, each
//! has the effect of once.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use async_trait::async_trait;

use super::{
    avails::ReadTaken,
    lines::{
        act::{ActOnLine, BuyerAction},
        get::GetLine,
    },
    place::PlaceLine,
    products::{get::GetProduct, read::ReadCatalogue},
};
use crate::{
    domain::{
        booking::{
            lines::Placed,
            negotiation::{SellerAnswer, seller_answers},
            shelf::{Listing, Shelf},
        },
        ids::{LineId, ProductId, SellerId, TenantId},
        opendirect::{
            booking_status::LineBookingStatus,
            line::Line,
            order::OrderStatus,
            product::{DeliveryType, Product},
        },
        tenant::caller::Caller,
        when::{Flight, Instant},
    },
    engine::{
        core::{Core, Terms},
        fault::{Fault, FaultKind},
        operation::Operation,
    },
    peers::seller::{Bid, LineRequest, Seller, SellerFault},
};

/// The name of the seller inside.
pub const EMBEDDED: &str = "embedded";

/// Catalogues by tenant, each with the revision that it was prepared from.
type Shelves = HashMap<TenantId, (i64, Arc<Shelf>)>;

/// The seller inside.
pub struct Embedded {
    core: Core,
    shelves: RwLock<Shelves>,
}

impl Embedded {
    /// Sells what this engine's catalogue has.
    #[must_use]
    pub fn new(core: Core) -> Self {
        Self {
            core,
            shelves: RwLock::default(),
        }
    }

    async fn ask<O: Operation>(&self, tenant: &TenantId, operation: O) -> Result<O::Output, Fault> {
        let engine = Caller::engine(tenant.clone());
        self.core.ask(&engine, operation).await
    }

    async fn act(
        &self,
        tenant: &TenantId,
        line_id: LineId,
        action: BuyerAction,
    ) -> Result<Line, Fault> {
        let engine = Caller::engine(tenant.clone());
        let operation = ActOnLine {
            account_id: None,
            order_id: None,
            line_id,
            action,
        };
        let name = match action {
            BuyerAction::Reserve => "reserve",
            BuyerAction::Book => "book",
            BuyerAction::Cancel => "release",
        };
        let terms = Terms::keyed(format!("{EMBEDDED}-{name}-{line_id}"));
        let answer = self.core.ask_on(&engine, operation, terms).await?;
        Ok(answer.output)
    }

    async fn line(&self, tenant: &TenantId, line_id: LineId) -> Result<Line, Fault> {
        let question = GetLine {
            account_id: None,
            order_id: None,
            line_id,
        };
        self.ask(tenant, question).await
    }

    /// Calls a line off that cannot be held, so that it does not lie about as a draft.
    async fn unplace(&self, tenant: &TenantId, placed: &Placed, why: SellerFault) -> SellerFault {
        match why {
            SellerFault::Refused(_) => match self.release(tenant, placed).await {
                Err(passing @ SellerFault::Passing(_)) => passing,
                _ => why,
            },
            other => other,
        }
    }

    fn kept(&self, tenant: &TenantId) -> Option<(i64, Arc<Shelf>)> {
        let shelves = self.shelves.read().unwrap_or_else(PoisonError::into_inner);
        shelves.get(tenant).cloned()
    }

    fn keep(&self, tenant: &TenantId, revision: i64, shelf: &Arc<Shelf>) {
        let mut shelves = self.shelves.write().unwrap_or_else(PoisonError::into_inner);
        shelves.insert(tenant.clone(), (revision, Arc::clone(shelf)));
    }
}

/// Prepares a catalogue for planning.
fn prepare(products: Vec<Product>) -> Arc<Shelf> {
    let seller = SellerId::from(EMBEDDED);
    Arc::new(Shelf::new(products.into_iter().map(|product| Listing {
        seller: seller.clone(),
        product: Arc::new(product),
    })))
}

#[async_trait]
impl Seller for Embedded {
    fn id(&self) -> SellerId {
        SellerId::from(EMBEDDED)
    }

    async fn shelf(&self, tenant: &TenantId) -> Result<Arc<Shelf>, SellerFault> {
        let kept = self.kept(tenant);
        let question = ReadCatalogue {
            known: kept.as_ref().map(|(revision, _)| *revision),
        };
        let found = self.ask(tenant, question).await.map_err(fault)?;
        match (found.products, kept) {
            (Some(products), _) => {
                let shelf = prepare(products);
                self.keep(tenant, found.revision, &shelf);
                Ok(shelf)
            }
            (None, Some((_, shelf))) => Ok(shelf),
            (None, None) => Ok(Arc::default()),
        }
    }

    async fn taken(
        &self,
        tenant: &TenantId,
        flight: Flight,
    ) -> Result<HashMap<ProductId, u64>, SellerFault> {
        let found = self
            .ask(tenant, ReadTaken { flight })
            .await
            .map_err(fault)?;
        let mut taken: HashMap<ProductId, u64> = found.taken.into_iter().collect();
        taken.retain(|_, lost| *lost > 0);
        if taken.is_empty() {
            return Ok(taken);
        }
        // An exclusive product is sold whole: one taken day spoils the flight.
        for listing in self.shelf(tenant).await?.listings() {
            if listing.product.delivery_type == DeliveryType::Exclusive
                && let Some(lost) = taken.get_mut(&listing.product.id)
            {
                *lost = u64::MAX;
            }
        }
        Ok(taken)
    }

    async fn answer(&self, tenant: &TenantId, bid: &Bid) -> Result<SellerAnswer, SellerFault> {
        let question = GetProduct {
            product_id: bid.product.clone(),
        };
        let product = self.ask(tenant, question).await.map_err(fault)?;
        let (listed, floor) = (product.base_price, product.floor_price);
        Ok(seller_answers(
            listed, floor, bid.cpm, bid.round, bid.rounds,
        ))
    }

    async fn reserve(
        &self,
        tenant: &TenantId,
        wanted: &LineRequest,
    ) -> Result<Placed, SellerFault> {
        let operation = PlaceLine {
            job_id: wanted.job,
            campaign: wanted.campaign.clone(),
            budget: wanted.budget,
            product_id: wanted.product.clone(),
            flight: wanted.flight,
            impressions: wanted.impressions,
            cpm: wanted.cpm,
            targeting: wanted.targeting.clone(),
        };
        let line = self.ask(tenant, operation).await.map_err(fault)?;
        let placed = Placed {
            order_id: line.order_id.to_string(),
            line_id: line.id.to_string(),
        };
        let held = line.status.holds_inventory() || line.delivery_type == DeliveryType::Pmp;
        if !held {
            let reserve = self.act(tenant, line.id, BuyerAction::Reserve).await;
            if let Err(why) = reserve.map_err(fault) {
                return Err(self.unplace(tenant, &placed, why).await);
            }
        }
        Ok(placed)
    }

    async fn book(&self, tenant: &TenantId, placed: &Placed) -> Result<Instant, SellerFault> {
        let id = ours(placed)?;
        let line = match self.act(tenant, id, BuyerAction::Book).await {
            Ok(line) => line,
            // It may have been booked before its answer was kept for good.
            Err(refused) if refused.kind == FaultKind::WrongState && !is_undecided(&refused) => {
                let line = self.line(tenant, id).await.map_err(fault)?;
                if !line.status.is_committed() {
                    return Err(fault(refused));
                }
                line
            }
            Err(other) => return Err(fault(other)),
        };
        let mut steps = line.history.iter();
        let booked = steps.find(|step| step.to == LineBookingStatus::Booked);
        booked
            .map(|step| step.at)
            .ok_or_else(|| SellerFault::Refused(format!("the line {id} was never booked")))
    }

    async fn release(&self, tenant: &TenantId, placed: &Placed) -> Result<(), SellerFault> {
        let id = ours(placed)?;
        match self.act(tenant, id, BuyerAction::Cancel).await {
            Ok(_) => Ok(()),
            Err(refused) if refused.kind == FaultKind::NotFound => Ok(()),
            Err(refused) if refused.kind == FaultKind::WrongState => {
                let line = self.line(tenant, id).await.map_err(fault)?;
                if line.status.is_final() {
                    Ok(())
                } else {
                    Err(fault(refused))
                }
            }
            Err(other) => Err(fault(other)),
        }
    }
}

/// The line that was placed.
fn ours(placed: &Placed) -> Result<LineId, SellerFault> {
    let text = &placed.line_id;
    text.parse()
        .map_err(|_| SellerFault::Refused(format!("{text} is no line of the seller inside")))
}

/// Whether it fails because the order's publisher has not decided yet.
fn is_undecided(fault: &Fault) -> bool {
    let state = fault.details.get("state").and_then(|state| state.as_str());
    fault.code == "ORDER_NOT_APPROVED" && state == Some(OrderStatus::Pending.name())
}

/// What a fault means to a job: to try again, or to give up on the line.
fn fault(fault: Fault) -> SellerFault {
    if is_undecided(&fault) {
        SellerFault::Undecided(fault.message)
    } else if fault.is_passing() || fault.kind == FaultKind::Broken {
        SellerFault::Passing(fault.message)
    } else {
        SellerFault::Refused(fault.message)
    }
}
