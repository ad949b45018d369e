//! What could be had of products for a budget, in the shape of older agents. Counts what is
//! free by day, not what somebody once wrote down.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    domain::{
        adcp::error::Code,
        ids::ProductId,
        media_buy::aim,
        money::{Amount, Money},
        opendirect::product::{Product, RateType},
        policy::Permission,
        problem::{self, Problem},
        when::{Flight, parse_day},
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        seller::avails::free,
        work::Work,
    },
};

/// How many products are asked about at once.
const MOST: usize = 100;

/// Asks what could be had.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GetAvails {
    /// Of which products.
    pub product_ids: Vec<ProductId>,
    /// From this day, as 2027-02-01.
    pub flight_start_date: String,
    /// To this day, as 2027-02-28.
    pub flight_end_date: String,
    /// For how much in all; everything that is free where it is not said.
    #[serde(default)]
    pub total_budget: Option<Amount>,
    /// Aimed at whom: nothing is free of what is shown nowhere in it. What else is said of people
    /// is not known of what is free.
    #[serde(default)]
    pub targeting_overlay: Option<Value>,
}

/// What could be had.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Avails {
    /// One for each product.
    pub packages: Vec<Avail>,
    /// What all of them cost.
    pub total_budget: Amount,
    /// How many impressions all of them have.
    pub total_impressions: u64,
}

/// What could be had of a product.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Avail {
    /// Its number among the packages.
    pub package_id: String,
    /// The product.
    pub product_id: ProductId,
    /// How many impressions.
    pub impressions: u64,
    /// For how much a thousand.
    pub cpm: Amount,
    /// What they cost.
    pub total_cost: Amount,
}

impl Operation for GetAvails {
    const NAME: &'static str = "adcp.get_avails";
    const ABOUT: &'static str = "Say what could be had of products for a budget.";
    const KIND: Kind = Kind::Query(Permission::ReadCatalogue);
    type Output = Avails;

    async fn perform(self, work: &mut Work<'_>) -> Result<Avails, Fault> {
        let flight = self.flight()?;
        if self.product_ids.is_empty() || self.product_ids.len() > MOST {
            return Err(wrong("product_ids", "is not 1 to 100 products"));
        }
        let mut offers = Vec::new();
        for (at, id) in self.product_ids.iter().enumerate() {
            let found = work.get::<Product>(id.as_str()).await?;
            let product = found.map(|found| found.record).filter(|it| it.active);
            let Some(product) = product else {
                let message = format!("there is no product {id}");
                return Err(Fault::adcp(Code::ProductNotFound, message)
                    .with("field", format!("product_ids[{at}]")));
            };
            if !matches!(product.rate_type, RateType::Cpm | RateType::Cpmv) {
                let message = "is not sold by the thousand; get_products tells its price";
                return Err(wrong(&format!("product_ids[{at}]"), message));
            }
            let today = work.now().date_naive();
            let left = match flight.from_today(today) {
                Some(flight) if self.reaches(&product)? => {
                    free(work, &product, flight).await?.values().sum()
                }
                _ => 0,
            };
            offers.push((product, left));
        }
        self.answer(&offers)
    }
}

impl GetAvails {
    /// Whether a product is shown to anybody who is aimed at.
    fn reaches(&self, product: &Product) -> Result<bool, Fault> {
        let Some(overlay) = self
            .targeting_overlay
            .as_ref()
            .filter(|said| !said.is_null())
        else {
            return Ok(true);
        };
        match aim::check(overlay, product) {
            Ok(()) => Ok(true),
            Err(told) if told.elsewhere => Ok(false),
            Err(told) => Err(wrong(&told.place(), &told.message)),
        }
    }

    fn flight(&self) -> Result<Flight, Fault> {
        let day = |field: &str, text: &str| {
            parse_day(text).ok_or_else(|| wrong(field, "is not a day such as 2027-02-01"))
        };
        let first = day("flight_start_date", &self.flight_start_date)?;
        let last = day("flight_end_date", &self.flight_end_date)?;
        Flight::new(first, last).map_err(|error| wrong("flight_end_date", &error.to_string()))
    }

    /// Shares the budget out evenly; what one product cannot take stays unspent.
    fn answer(&self, offers: &[(Product, u64)]) -> Result<Avails, Fault> {
        let currency = offers[0].0.base_price.currency();
        if offers
            .iter()
            .any(|(product, _)| product.base_price.currency() != currency)
        {
            return Err(wrong("product_ids", "are sold in more than one currency"));
        }
        let budget = match self.total_budget {
            None => None,
            Some(amount) => Some(
                Money::from_amount(amount, currency)
                    .ok()
                    .filter(|amount| amount.is_positive())
                    .ok_or_else(|| wrong("total_budget", "is no amount above zero"))?,
            ),
        };
        let share = budget.map(|all| all.minor() / i64::try_from(offers.len()).unwrap_or(1));
        let (mut cost, mut impressions) = (0i64, 0u64);
        let packages = (1..).zip(offers).map(|(number, (product, left))| {
            let price = u64::try_from(product.base_price.minor())
                .unwrap_or(0)
                .max(1);
            let affordable = share.map_or(u64::MAX, |share| {
                u64::try_from(share).unwrap_or(0).saturating_mul(1_000) / price
            });
            let taken = affordable.min(*left);
            let minor = i64::try_from(taken.saturating_mul(price) / 1_000).unwrap_or(i64::MAX);
            cost = cost.saturating_add(minor);
            impressions = impressions.saturating_add(taken);
            Avail {
                package_id: format!("pkg_{number:03}"),
                product_id: product.id.clone(),
                impressions: taken,
                cpm: product.base_price.amount(),
                total_cost: Money::new(minor, currency).amount(),
            }
        });
        let packages = packages.collect();
        Ok(Avails {
            packages,
            total_budget: Money::new(cost, currency).amount(),
            total_impressions: impressions,
        })
    }
}

fn wrong(field: &str, message: &str) -> Fault {
    let code = problem::Code::new(Code::InvalidRequest.name());
    Fault::field(Problem::new(field, code, message))
}
