//! Where a product runs in the ad server, and whose an order there is: by what sync has brought
//! and what the publisher has set. Refuses to guess: what names nothing is told with what to set.

use serde_json::Value;

use crate::{
    domain::{
        inventory::{
            item::{Item, Size},
            kind::ItemKind,
            trouble::{Category, Trouble},
        },
        media_buy::ad_order::NOT_MAPPED,
        opendirect::product::Product,
        tenant::{
            ad_server::{AdServerKind, AdServerSettings},
            principal::{ADVERTISER, Principal},
        },
        text,
    },
    engine::{fault::Fault, work::Work},
    store::{inventory::Listing, record::fold},
};

/// How many things with a name in theirs are looked at.
const MOST: u32 = 200;
/// How many places one product may name.
const MOST_PLACES: usize = 50;
/// How many sizes a line may have.
const MOST_SIZES: usize = 20;

/// Where a product runs there, by the server's ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Places {
    /// Ad units, sites or stations.
    pub units: Vec<String>,
    /// Placements; or zones, behind their site.
    pub placements: Vec<String>,
    /// The sizes of them.
    pub sizes: Vec<Size>,
}

/// What a set-up lacks.
pub(super) fn lacks(message: String) -> Trouble {
    Trouble::new(Category::Permanent, NOT_MAPPED, message)
}

fn kinds(server: AdServerKind) -> &'static [ItemKind] {
    match server {
        AdServerKind::Mock => &[],
        AdServerKind::GoogleAdManager => &[ItemKind::AdUnit, ItemKind::Placement],
        AdServerKind::Kevel => &[ItemKind::Site, ItemKind::Zone],
        AdServerKind::TritonDigital => &[ItemKind::Station],
    }
}

/// Where a product runs: its ad unit names an id, a code or a name there, or several with commas
/// between them.
pub(super) async fn places(
    work: &Work<'_>,
    server: AdServerKind,
    product: &Product,
) -> Result<Result<Places, Trouble>, Fault> {
    let product_name = text::echo(&product.name);
    let Some(named) = product.ad_unit.as_deref().map(str::trim) else {
        return Ok(Err(lacks(format!(
            "nothing is placed: {product_name} names no place in {server}; hint: set the ad_unit \
             of the product to an id, a code or a name that a sync has brought"
        ))));
    };
    let mut places = Places::default();
    match find(work, server, named).await? {
        Found::One(item) => {
            put(&mut places, *item);
            return Ok(Ok(places));
        }
        Found::Many => return Ok(Err(unclear(&product_name, named, server))),
        Found::Nothing => {}
    }
    if named.split(',').count() > MOST_PLACES {
        return Ok(Err(lacks(format!(
            "nothing is placed: {product_name} names more than {MOST_PLACES} places in {server}; \
             hint: name a placement or a site that holds them"
        ))));
    }
    for name in named.split(',').map(str::trim) {
        match find(work, server, name).await? {
            Found::One(item) => put(&mut places, *item),
            Found::Many => return Ok(Err(unclear(&product_name, name, server))),
            Found::Nothing => {
                return Ok(Err(lacks(format!(
                    "nothing is placed: {product_name} runs in {}, which no sync has met in \
                     {server}; hint: sync the inventory, or set another ad_unit",
                    text::echo(name)
                ))));
            }
        }
    }
    Ok(Ok(places))
}

fn unclear(product: &str, named: &str, server: AdServerKind) -> Trouble {
    lacks(format!(
        "nothing is placed: {product} runs in {}, and several things in {server} may be meant; \
         hint: set its id as the ad_unit of the product",
        text::echo(named)
    ))
}

fn put(places: &mut Places, item: Item) {
    match item.kind {
        ItemKind::Placement => places.placements.push(item.id),
        ItemKind::Zone => {
            let site = item.parent.unwrap_or_default();
            places.placements.push(format!("{site}/{}", item.id));
        }
        _ => places.units.push(item.id),
    }
    for size in item.detail.sizes {
        if !places.sizes.contains(&size) && places.sizes.len() < MOST_SIZES {
            places.sizes.push(size);
        }
    }
}

/// What a name leads to.
enum Found {
    One(Box<Item>),
    /// Several, and nobody can say which of them.
    Many,
    Nothing,
}

/// The thing there with this id, or else this code, or else this name.
async fn find(work: &Work<'_>, server: AdServerKind, named: &str) -> Result<Found, Fault> {
    let read = |body: &str| serde_json::from_str::<Item>(body).map_err(Fault::broken);
    for kind in kinds(server) {
        let ids = [named.to_owned()];
        let found = work
            .store()
            .things(work.tenant(), kind.name(), &ids)
            .await?;
        if let Some(thing) = found.iter().find(|one| !one.is_gone()) {
            return Ok(Found::One(Box::new(read(&thing.body)?)));
        }
    }
    let (mut by_code, mut by_name, mut unread) = (Vec::new(), Vec::new(), false);
    for kind in kinds(server) {
        let listing = Listing {
            kind: Some(kind.name().to_owned()),
            search: Some(fold(named)),
            limit: MOST,
            ..Listing::default()
        };
        let (things, all) = work.store().inventory(work.tenant(), &listing).await?;
        unread |= all > i64::from(MOST);
        for thing in things.into_iter().filter(|one| !one.is_gone()) {
            let item = read(&thing.body)?;
            if item.code.as_deref() == Some(named) {
                by_code.push(item);
            } else if item.name == named {
                by_name.push(item);
            }
        }
    }
    let mut exact = if by_code.is_empty() { by_name } else { by_code };
    Ok(match (exact.pop(), exact.is_empty()) {
        (Some(item), true) => Found::One(Box::new(item)),
        (Some(_), false) => Found::Many,
        (None, _) if unread => Found::Many,
        (None, _) => Found::Nothing,
    })
}

/// The mappings under which an advertiser is known there: on its own, or within the server's.
fn mapping(server: AdServerKind) -> (&'static str, &'static str) {
    match server {
        AdServerKind::Mock | AdServerKind::GoogleAdManager => (ADVERTISER, "google_ad_manager"),
        AdServerKind::Kevel => ("kevel_advertiser_id", "kevel"),
        AdServerKind::TritonDigital => ("triton_advertiser_id", "triton_digital"),
    }
}

/// Whose an order is there: the principal's own advertiser, else the company that the tenant's
/// orders are placed for.
pub(super) async fn advertiser(
    work: &Work<'_>,
    settings: &AdServerSettings,
    owner: &str,
) -> Result<Result<String, Trouble>, Fault> {
    let (own, within) = mapping(settings.kind);
    let principal = work.get::<Principal>(owner).await?;
    let found = principal.and_then(|stored| {
        let mappings = stored.record.platform_mappings;
        let plain = |value: &Value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let inner = || mappings.get(within)?.get("advertiser_id").and_then(plain);
        mappings.get(own).and_then(plain).or_else(inner)
    });
    let (company, or) = match settings.kind {
        AdServerKind::GoogleAdManager => (settings.company.clone(), ", or gam_company_id"),
        _ => (None, ""),
    };
    Ok(found.or(company).ok_or_else(|| {
        lacks(format!(
            "nothing is placed: {} has no advertiser in {}; hint: set {own} among the mappings of \
             the principal{or}",
            text::echo(owner),
            settings.kind,
        ))
    }))
}
