//! Tells what a media buy is to have in the ad server, and what is known of it there: the one
//! question of the reconciler before it goes there. For the engine only.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    inventory::{Places, advertiser, lacks, places},
    server,
};
use crate::{
    domain::{
        ids::{BuyId, ProductId},
        inventory::{
            order::{NewLine, NewOrder, Will},
            trouble::Trouble,
        },
        media_buy::{
            ad_order::{AdLine, AdOrder, marked},
            buy::MediaBuy,
            package::Package,
            status::BuyStatus,
            terms::PricingModel,
        },
        opendirect::product::{Product, RateType},
        policy::Permission,
        tenant::ad_server::AdServerSettings,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
};

/// Tells what a media buy is to have in the ad server; for the engine only.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WantedOrder {
    /// Which buy.
    pub media_buy_id: BuyId,
}

/// What a media buy is to have in the ad server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    /// What is known of it there.
    pub known: AdOrder,
    /// The revision of the buy that this is.
    pub revision: u64,
    /// The names of its lines, package by package.
    pub lines: Vec<AdLine>,
    /// The lines that are there and are to deliver no more, by their ids there.
    #[serde(default)]
    pub stop: Vec<String>,
    /// What it is to be; nothing while something is missing.
    pub wanted: Option<NewOrder>,
    /// What is missing.
    pub gap: Option<Trouble>,
    /// Whether we agree to it there, or leave that to a person there.
    pub agreed: bool,
    /// Whether nothing more will come of the buy.
    pub over: bool,
}

/// What there is to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Planned {
    /// The plan; nothing for a buy that is not to be in an ad server.
    pub plan: Option<Plan>,
}

impl Operation for WantedOrder {
    const NAME: &'static str = "ad_orders.wanted";
    const ABOUT: &'static str =
        "Tell what a media buy is to have in the ad server; for the engine only.";
    const KIND: Kind = Kind::Query(Permission::RunEngine);
    type Output = Planned;

    async fn perform(self, work: &mut Work<'_>) -> Result<Planned, Fault> {
        let id = self.media_buy_id.as_str();
        let known = work.get::<AdOrder>(id).await?;
        let buy = work.get::<MediaBuy>(id).await?;
        let (Some(known), Some(buy)) = (known, buy) else {
            return Ok(Planned { plan: None });
        };
        let plan = plan(work, known.record, &buy.record).await?;
        Ok(Planned { plan: Some(plan) })
    }
}

async fn plan(work: &Work<'_>, known: AdOrder, buy: &MediaBuy) -> Result<Plan, Fault> {
    let settings = server(work).await?;
    let mut plan = Plan {
        revision: buy.revision,
        lines: Vec::new(),
        stop: Vec::new(),
        wanted: None,
        gap: None,
        agreed: settings.as_ref().is_some_and(|one| !one.manual_approval),
        over: buy.status.is_final(),
        known,
    };
    let Some(settings) = settings else {
        plan.gap = Some(lacks(format!(
            "the tenant's ad server is the one inside now; the order was for {}",
            plan.known.server
        )));
        return Ok(plan);
    };
    let mut products = BTreeMap::new();
    for package in &buy.packages {
        if !products.contains_key(&package.product_id) {
            let found = work.get::<Product>(package.product_id.as_str()).await?;
            let product = found.map(|stored| stored.record);
            products.insert(package.product_id.clone(), product);
        }
        let product = products.get(&package.product_id).and_then(Option::as_ref);
        let line = named(&plan.known, package, product);
        if will(buy, package) != Will::Deliver {
            plan.stop.extend(line.id.clone());
        }
        plan.lines.push(line);
    }
    let is_there = plan.known.order_id.is_some();
    match order(work, (&settings, is_there), buy, (&products, &plan.lines)).await? {
        Ok(order) => {
            let order = NewOrder {
                name: plan.known.name.clone(),
                ..order
            };
            plan.wanted = Some(order);
        }
        Err(gap) => plan.gap = Some(gap),
    }
    Ok(plan)
}

/// The line of a package by the name that it was given first.
fn named(known: &AdOrder, package: &Package, product: Option<&Product>) -> AdLine {
    let own = |one: &&AdLine| one.package_id == package.id;
    if let Some(line) = known.lines.iter().find(own) {
        return line.clone();
    }
    let called = product.map_or(package.product_id.as_str(), |one| &one.name);
    AdLine {
        package_id: package.id.clone(),
        line_id: package.line_id,
        name: marked(called, package.id.as_str()),
        id: None,
        status: None,
    }
}

type Products = BTreeMap<ProductId, Option<Product>>;

async fn order(
    work: &Work<'_>,
    (settings, is_there): (&AdServerSettings, bool),
    buy: &MediaBuy,
    (products, lines): (&Products, &[AdLine]),
) -> Result<Result<NewOrder, Trouble>, Fault> {
    let advertiser = match advertiser(work, settings, &buy.owner).await? {
        Ok(advertiser) => advertiser,
        // An order that is there stays whose it is.
        Err(_) if is_there => String::new(),
        Err(gap) => return Ok(Err(gap)),
    };
    let mut wanted = Vec::with_capacity(buy.packages.len());
    for (package, line) in buy.packages.iter().zip(lines) {
        let will = will(buy, package);
        let product = products.get(&package.product_id).and_then(Option::as_ref);
        let found = match product {
            // What is over need not be found any more.
            _ if will == Will::End => Places::default(),
            Some(product) => match places(work, settings.kind, product).await? {
                Ok(found) => found,
                // A line that is there stays where it is.
                Err(_) if line.id.is_some() => Places::default(),
                Err(gap) => return Ok(Err(gap)),
            },
            None => {
                let id = &package.product_id;
                return Ok(Err(lacks(format!(
                    "nothing is placed: there is no product {id}"
                ))));
            }
        };
        wanted.push(new_line(buy, package, line, (will, found)));
    }
    Ok(Ok(NewOrder {
        name: String::new(),
        advertiser,
        po_number: buy.particulars.po_number.clone(),
        lines: wanted,
    }))
}

fn new_line(
    buy: &MediaBuy,
    package: &Package,
    line: &AdLine,
    (will, places): (Will, Places),
) -> NewLine {
    let (starts, ends) = package.flight(buy.start, buy.end);
    let priced = match package.pricing.model {
        PricingModel::Cpm => RateType::Cpm,
        PricingModel::Vcpm => RateType::Cpmv,
        PricingModel::Cpc => RateType::Cpc,
        PricingModel::Time => RateType::Cpd,
        PricingModel::FlatRate => RateType::FlatRate,
    };
    let by_time = matches!(priced, RateType::Cpd | RateType::FlatRate);
    let goal = if by_time {
        package.impressions.unwrap_or(0)
    } else {
        package.quantity
    };
    NewLine {
        name: line.name.clone(),
        mark: package.id.to_string(),
        item_type: package.item_type,
        starts,
        ends,
        goal,
        priced,
        rate: package.pricing.rate,
        units: places.units,
        placements: places.placements,
        sizes: places.sizes,
        will,
    }
}

/// What the line of a package is to do.
fn will(buy: &MediaBuy, package: &Package) -> Will {
    let off = matches!(buy.status, BuyStatus::Canceled | BuyStatus::Rejected);
    if off || buy.archived_at.is_some() || package.cancellation.is_some() {
        return Will::End;
    }
    let runs = matches!(
        buy.status,
        BuyStatus::Active | BuyStatus::PendingStart | BuyStatus::Completed
    );
    if runs && !package.paused {
        Will::Deliver
    } else {
        Will::Hold
    }
}
