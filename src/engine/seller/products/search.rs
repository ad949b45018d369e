//! Searches the catalogue as the buyer's API asks: by channel, format and price. The
//! cheapest come first.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::read;
use crate::{
    domain::{
        channel::Channel,
        ids::ProductId,
        money::{Amount, Money},
        opendirect::{
            Targeting,
            product::{DeliveryType, Product, RateType},
        },
        policy::Permission,
        problem::{Code, Problem},
        text,
        when::Flight,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        seller::avails::taken,
        work::Work,
    },
};

/// How many are found at most where nobody says.
pub const USUAL: u32 = 10;
/// How many are found at most.
pub const MOST: u32 = 50;
/// How many days from today are looked at for what is free.
pub const DAYS: i64 = 30;
/// The formats that are known although nothing may have them now.
const FORMATS: [&str; 4] = ["audio", "display", "native", "video"];
/// How many formats are named to whoever asks for another one.
const MOST_TOLD: usize = 20;

/// Searches the catalogue.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "ProductSearchRequest")]
pub struct SearchProducts {
    /// Only of this channel.
    pub channel: Option<String>,
    /// Only of this format, such as `video`.
    pub format: Option<String>,
    /// Only at this price or above it.
    pub min_price: Option<Amount>,
    /// Only at this price or below it.
    pub max_price: Option<Amount>,
    /// At most so many, 1 to 50; 10 where it is not said.
    pub limit: Option<u32>,
}

/// A product that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Found {
    /// Its id.
    pub product_id: ProductId,
    /// Its name.
    pub product_name: String,
    /// Who sells it.
    pub publisher: String,
    /// Where it runs.
    pub channel: Channel,
    /// `display`, `video`, `native`, `audio`, ...
    pub format: String,
    /// The price per thousand; nothing where it is sold in another way.
    pub cpm: Option<Amount>,
    /// The price on the rate card.
    pub price: Amount,
    /// How the price is meant.
    pub rate_type: RateType,
    /// The currency of the prices.
    pub currency: String,
    /// How many impressions are free in the next 30 days.
    pub available_impressions: u64,
    /// What it can be aimed at.
    pub targeting: Targeting,
    /// How firmly it is delivered.
    pub delivery_type: DeliveryType,
    /// A sentence or two.
    pub description: String,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FoundProducts {
    /// The cheapest of them.
    pub results: Vec<Found>,
    /// How many there are in all.
    pub total: usize,
}

/// What is wanted, understood.
struct Wanted {
    channel: Option<Channel>,
    format: Option<String>,
    min: Option<Amount>,
    max: Option<Amount>,
    limit: usize,
}

impl Operation for SearchProducts {
    const NAME: &'static str = "opendirect.search_products";
    const ABOUT: &'static str = "Search the catalogue by channel, format and price.";
    const KIND: Kind = Kind::Query(Permission::ReadCatalogue);
    type Output = FoundProducts;

    async fn perform(self, work: &mut Work<'_>) -> Result<FoundProducts, Fault> {
        let wanted = self.check()?;
        let mut products = read::all(work).await?;
        wanted.check_format(&products)?;
        products.retain(|product| product.active && wanted.fits(product));
        let total = products.len();
        products.sort_by(|a, b| {
            let key = |one: &Product| (one.base_price.currency().code(), one.base_price.minor());
            key(a).cmp(&key(b)).then_with(|| a.id.cmp(&b.id))
        });
        products.truncate(wanted.limit);
        let flight = ahead(work)?;
        let taken = taken(work, flight).await?;
        let found = |product: Product| {
            let all = product
                .daily_impressions
                .saturating_mul(u64::from(flight.length()));
            let lost = taken.iter().find(|(id, _)| *id == product.id);
            Found::new(product, all.saturating_sub(lost.map_or(0, |(_, n)| *n)))
        };
        Ok(FoundProducts {
            results: products.into_iter().map(found).collect(),
            total,
        })
    }
}

/// The days from today on that are looked at for what is free.
pub(super) fn ahead(work: &Work<'_>) -> Result<Flight, Fault> {
    let today = work.now().date_naive();
    Flight::new(today, today + chrono::Duration::days(DAYS - 1)).map_err(Fault::broken)
}

impl SearchProducts {
    fn check(self) -> Result<Wanted, Fault> {
        let mut problems = Vec::new();
        let mut wrong = |field: &str, message: String, hint: &str| {
            let code = Code::new("INVALID_PARAMETER");
            problems.push(Problem::new(field, code, message).hint(hint));
        };
        let channel = self.channel.filter(|sent| !sent.trim().is_empty());
        let channel = channel.and_then(|sent| match sent.parse() {
            Ok(channel) => Some(channel),
            Err(unknown) => {
                let message = format!("{} {unknown}", text::echo(&sent));
                wrong("channel", message, "leave it out to search all channels");
                None
            }
        });
        for (field, price) in [("min_price", self.min_price), ("max_price", self.max_price)] {
            if price.is_some_and(Amount::is_negative) {
                wrong(field, "is below zero".into(), "prices begin at zero");
            }
        }
        if let (Some(min), Some(max)) = (self.min_price, self.max_price)
            && min.approximate() > max.approximate()
        {
            let message = "is above `max_price`: no price is between them";
            wrong("min_price", message.into(), "swap the two");
        }
        let limit = self.limit.unwrap_or(USUAL);
        if !(1..=MOST).contains(&limit) {
            let message = format!("is not between 1 and {MOST}");
            wrong("limit", message, "GET /api/v2.1/products lists all");
        }
        if !problems.is_empty() {
            return Err(Fault::invalid(problems));
        }
        Ok(Wanted {
            channel,
            format: self.format.map(|format| format.trim().to_lowercase()),
            min: self.min_price,
            max: self.max_price,
            limit: usize::try_from(limit).unwrap_or(usize::MAX),
        })
    }
}

impl Wanted {
    /// Refuses a format that nothing has: nothing would be found, and nobody told why.
    fn check_format(&self, products: &[Product]) -> Result<(), Fault> {
        let Some(only) = self.format.as_deref().filter(|only| !only.is_empty()) else {
            return Ok(());
        };
        let sold = products.iter().map(|one| one.format.to_lowercase());
        let known: BTreeSet<String> = sold.chain(FORMATS.map(str::to_owned)).collect();
        if known.contains(only) {
            return Ok(());
        }
        let told: Vec<&str> = known.iter().take(MOST_TOLD).map(String::as_str).collect();
        let message = format!(
            "{} is not a format that anything has here; known are {}",
            text::echo(only),
            told.join(", ")
        );
        let problem = Problem::new("format", Code::new("INVALID_PARAMETER"), message);
        Err(Fault::field(
            problem.hint("leave it out to search all formats"),
        ))
    }

    fn fits(&self, product: &Product) -> bool {
        let price = product.base_price;
        self.channel.is_none_or(|only| only == product.channel)
            && self
                .format
                .as_ref()
                .is_none_or(|only| only.is_empty() || *only == product.format.to_lowercase())
            && self.min.is_none_or(|min| !below(price, min))
            && self.max.is_none_or(|max| !above(price, max))
    }
}

/// Whether a price is below an amount of its currency.
fn below(price: Money, amount: Amount) -> bool {
    amount.compare(price.amount()).is_gt()
}

/// Whether a price is above an amount of its currency.
fn above(price: Money, amount: Amount) -> bool {
    amount.compare(price.amount()).is_lt()
}

impl Found {
    fn new(product: Product, available_impressions: u64) -> Self {
        let price = product.base_price;
        let per_thousand = matches!(product.rate_type, RateType::Cpm | RateType::Cpmv);
        Self {
            product_id: product.id,
            product_name: product.name,
            publisher: product.publisher,
            channel: product.channel,
            format: product.format,
            cpm: per_thousand.then(|| price.amount()),
            price: price.amount(),
            rate_type: product.rate_type,
            currency: price.currency().code().to_owned(),
            available_impressions,
            targeting: product.targeting,
            delivery_type: product.delivery_type,
            description: product.description,
        }
    }
}
