//! The ad server inside as one whose inventory can be read: its ad units are the tenant's
//! products, its orders and lines those of the seller inside. Refuses orders: those come through
//! media buys.

use async_trait::async_trait;

use crate::{
    domain::{
        ids::TenantId,
        inventory::{
            item::{Item, ItemStatus, Price},
            kind::{ItemKind, What},
            order::{HeldOrder, LineCount, NewLine, NewOrder, Turn},
            trouble::Trouble,
        },
        money::Money,
        opendirect::{
            booking_status::LineBookingStatus,
            line::Line,
            order::{Order, OrderStatus},
            product::Product,
        },
        tenant::caller::Caller,
        when::Instant,
    },
    engine::{
        core::Core,
        fault::Fault,
        operation::Operation,
        seller::{
            lines::list::ListLines, orders::list::ListOrders, page, products::list::ListProducts,
        },
    },
    peers::ad_servers::{Backend, Page, Reached, Want},
};

/// How many things a page has.
const PAGE: u32 = 500;

/// The ad server inside.
pub struct Inside {
    core: Core,
    tenant: TenantId,
}

impl Inside {
    /// That of a tenant.
    #[must_use]
    pub fn new(core: Core, tenant: TenantId) -> Self {
        Self { core, tenant }
    }

    async fn ask<O: Operation>(&self, operation: O) -> Result<O::Output, Trouble> {
        let engine = Caller::engine(self.tenant.clone());
        let answer = self.core.ask(&engine, operation).await;
        answer.map_err(|fault: Fault| {
            if fault.is_passing() {
                Trouble::transient(fault.message)
            } else {
                Trouble::permanent(fault.message)
            }
        })
    }
}

/// A page of ours as one of an ad server's.
fn paged<T>(from: &page::Page<T>, item: fn(&T) -> Item) -> Page {
    let seen = u64::from(from.offset) + u64::try_from(from.items.len()).unwrap_or(0);
    let more = !from.items.is_empty() && seen < from.total;
    Page {
        items: from.items.iter().map(item).collect(),
        next: more.then(|| seen.to_string()),
    }
}

fn product(product: &Product) -> Item {
    let status = if product.active {
        ItemStatus::Active
    } else {
        ItemStatus::Inactive
    };
    let mut item = Item::new(ItemKind::AdUnit, product.id.as_str(), &product.name, status);
    item.code.clone_from(&product.ad_unit);
    item.detail.rate = Some(price(product.base_price));
    item.detail.line_type = Some(product.delivery_type.name().to_owned());
    item
}

fn order(order: &Order) -> Item {
    let status = match order.status {
        OrderStatus::Pending => ItemStatus::Waiting,
        OrderStatus::Approved => ItemStatus::Active,
        OrderStatus::Rejected => ItemStatus::Inactive,
    };
    let id = order.id.to_string();
    let mut item = Item::new(ItemKind::Order, id, &order.name, status);
    item.detail.advertiser = Some(order.account_id.to_string());
    item.detail.starts = Some(order.flight.first());
    item.detail.ends = Some(order.flight.last());
    item
}

fn line(line: &Line) -> Item {
    use LineBookingStatus as Is;
    let status = match line.status {
        Is::Draft | Is::PendingReservation | Is::Reserved | Is::PendingBooking => {
            ItemStatus::Waiting
        }
        Is::Booked | Is::InFlight => ItemStatus::Active,
        Is::Finished => ItemStatus::Ended,
        Is::Stopped => ItemStatus::Paused,
        Is::Cancelled | Is::Expired => ItemStatus::Inactive,
    };
    let id = line.id.to_string();
    let mut item = Item::new(ItemKind::LineItem, id, &line.name, status);
    item.parent = Some(line.order_id.to_string());
    let detail = &mut item.detail;
    detail.units = vec![line.product_id.to_string()];
    detail.line_type = Some(line.delivery_type.name().to_owned());
    detail.starts = Some(line.flight.first());
    detail.ends = Some(line.flight.last());
    detail.goal = i64::try_from(line.quantity).ok();
    detail.rate = Some(price(line.rate));
    item
}

fn price(money: Money) -> Price {
    let finer = 10i64.pow(6u32.saturating_sub(money.currency().decimals()));
    Price {
        micros: money.minor().saturating_mul(finer),
        currency: money.currency().code().to_owned(),
    }
}

/// What it does not do.
fn refused() -> Trouble {
    Trouble::permanent("the ad server inside takes no orders: place a media buy")
}

#[async_trait]
impl Backend for Inside {
    fn source(&self) -> String {
        "mock/inside".to_owned()
    }

    fn kinds(&self, what: What) -> Vec<(ItemKind, bool)> {
        match what {
            What::Inventory => vec![(ItemKind::AdUnit, false)],
            What::Orders => vec![(ItemKind::Order, false), (ItemKind::LineItem, false)],
        }
    }

    async fn test(&self) -> Result<Reached, Trouble> {
        let one = ListProducts {
            limit: Some(1),
            ..ListProducts::default()
        };
        let found = self.ask(one).await?;
        Ok(Reached {
            account: "inside".to_owned(),
            said: format!("the ad server inside, {} products", found.total),
        })
    }

    async fn page(&self, want: Want<'_>) -> Result<Page, Trouble> {
        let none = |_| Trouble::permanent("a place in a list inside is a number");
        let offset = want.token.map_or(Ok(0), str::parse).map_err(none)?;
        let limit = Some(PAGE);
        Ok(match want.kind {
            ItemKind::AdUnit => {
                let all = ListProducts {
                    limit,
                    offset,
                    off_sale: true,
                    ..ListProducts::default()
                };
                paged(&self.ask(all).await?, product)
            }
            ItemKind::Order => {
                let all = ListOrders {
                    limit,
                    offset,
                    ..ListOrders::default()
                };
                paged(&self.ask(all).await?, order)
            }
            ItemKind::LineItem => {
                let all = ListLines {
                    limit,
                    offset,
                    ..ListLines::default()
                };
                paged(&self.ask(all).await?, line)
            }
            _ => Page::default(),
        })
    }

    async fn find(&self, _: &str) -> Result<Option<String>, Trouble> {
        Ok(None)
    }

    async fn order(&self, _: &NewOrder) -> Result<HeldOrder, Trouble> {
        Err(refused())
    }

    async fn fill(&self, _: &str, _: &NewOrder) -> Result<(), Trouble> {
        Err(refused())
    }

    async fn set(&self, _: &str, _: &NewLine) -> Result<(), Trouble> {
        Err(refused())
    }

    async fn turn(&self, _: &str, _: Turn) -> Result<(), Trouble> {
        Err(refused())
    }

    async fn turn_lines(&self, _: &str, _: &[String], _: Turn) -> Result<(), Trouble> {
        Err(refused())
    }

    async fn read(&self, _: &str) -> Result<HeldOrder, Trouble> {
        Err(refused())
    }

    async fn counts(&self, _: &str, _: Instant) -> Result<Vec<LineCount>, Trouble> {
        Err(refused())
    }
}
