//! Puts things there that a tester wants to find: products, prices, creatives, orders, plans,
//! formats. What is there already is replaced; an order that is there stays as it is.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Controlled, wrong};
use crate::{
    domain::{
        adcp::{
            fixture,
            format::{Format, all},
        },
        ids::{BuyId, PackageId, ProductId},
        media_buy::{
            buy::MediaBuy,
            creative::{CreativeStatus, LibraryCreative},
        },
        opendirect::product::Product,
        problem::{Code, Problem},
        sandbox::Fixture,
        text,
    },
    engine::{
        creatives,
        fault::Fault,
        media_buys::{
            create::{Called, CreateBuy},
            find,
        },
        operation::Operation as _,
        question,
        seller::products::put::PutProduct,
        work::Work,
    },
    store::record::Filter,
};

/// The longest id of anything that is seeded.
const LONGEST_ID: usize = 255;

type Fields = Map<String, Value>;

/// A product.
#[derive(Deserialize)]
pub(super) struct OfProduct {
    product_id: ProductId,
    #[serde(default)]
    fixture: Fields,
}

/// A price of a product.
#[derive(Deserialize)]
pub(super) struct OfPrice {
    product_id: ProductId,
    pricing_option_id: String,
    #[serde(default)]
    fixture: Fields,
}

/// A creative.
#[derive(Deserialize)]
pub(super) struct OfCreative {
    creative_id: String,
    #[serde(default)]
    fixture: Fields,
}

/// A plan.
#[derive(Deserialize)]
pub(super) struct OfPlan {
    plan_id: String,
    #[serde(default)]
    fixture: Fields,
}

/// A media buy.
#[derive(Deserialize)]
pub(super) struct OfBuy {
    media_buy_id: BuyId,
    #[serde(default)]
    fixture: Fields,
}

/// A creative format.
#[derive(Deserialize)]
pub(super) struct OfFormat {
    format_id: String,
    #[serde(default)]
    fixture: Fields,
}

fn seeded(what: &str, id: &str) -> Controlled {
    Controlled::Seeded {
        message: format!("{what} {} is there", text::echo(id)),
    }
}

fn checked(field: &str, id: &str) -> Result<(), Fault> {
    text::check_line(id, LONGEST_ID).map_err(|problem| wrong(field, problem.to_string()))
}

/// Says where in the parameters a field of a fixture stands.
fn within(problem: Problem) -> Fault {
    let field = format!("params.{}", problem.field);
    Fault::field(Problem { field, ..problem })
}

/// Puts a product on sale, and takes the formats that it names.
pub(super) async fn product(work: &mut Work<'_>, of: OfProduct) -> Result<Controlled, Fault> {
    let id = of.product_id.as_str();
    let was = work.get::<Product>(id).await?.map(|one| one.record);
    let product = fixture::product(id, &of.fixture, was).map_err(within)?;
    let formats = fixture::formats(&of.fixture).map_err(within)?;
    PutProduct(product).perform(work).await?;
    for format in formats {
        if all().iter().any(|one| one.id == format) {
            continue;
        }
        let body = Fields::from_iter([("name".to_owned(), json!(format.replace('_', " ")))]);
        put(work, Fixture::IMPLIED_FORMAT, &format, body).await?;
    }
    Ok(seeded("product", id))
}

/// Gives a product a price.
pub(super) async fn price(work: &mut Work<'_>, of: OfPrice) -> Result<Controlled, Fault> {
    checked("pricing_option_id", &of.pricing_option_id)?;
    let id = of.product_id.as_str();
    let found = work.get::<Product>(id).await?;
    let mut product = found.ok_or_else(|| super::absent("product", id))?.record;
    let price = fixture::price(&of.pricing_option_id, &of.fixture).map_err(within)?;
    fixture::priced(&mut product, price);
    PutProduct(product).perform(work).await?;
    Ok(seeded("price", &of.pricing_option_id))
}

/// Puts a creative into the caller's library, wherever it shall stand.
pub(super) async fn creative(work: &mut Work<'_>, of: OfCreative) -> Result<Controlled, Fault> {
    checked("creative_id", &of.creative_id)?;
    let said = of.fixture;
    let status = match said.get("status") {
        None => CreativeStatus::Approved,
        Some(status) => serde_json::from_value(status.clone())
            .map_err(|_| wrong("fixture.status", "is no status of a creative"))?,
    };
    let object = |field: &str| match said.get(field) {
        Some(Value::Object(fields)) => fields.clone(),
        _ => Fields::new(),
    };
    let mut format_id = object("format_id");
    format_id
        .entry("id")
        .or_insert_with(|| json!("display_300x250"));
    format_id
        .entry("agent_url")
        .or_insert_with(|| json!(work.desk().agent_url));
    let name = said.get("name").and_then(Value::as_str);
    let owner = work.caller().name.clone();
    let creative = LibraryCreative {
        creative_id: of.creative_id.clone(),
        owner: owner.clone(),
        name: name.unwrap_or(&of.creative_id).to_owned(),
        format_id,
        assets: object("assets"),
        tags: Vec::new(),
        status,
        rejection_reason: None,
        rest: Fields::new(),
    };
    match creatives::read(work, &owner, &of.creative_id).await? {
        Some(was) => work.replace(&was, &creative)?,
        None => work.create(&creative)?,
    }
    Ok(seeded("creative", &of.creative_id))
}

/// Keeps a plan. Who governs is somebody else; it is only kept.
pub(super) async fn plan(work: &mut Work<'_>, of: OfPlan) -> Result<Controlled, Fault> {
    checked("plan_id", &of.plan_id)?;
    put(work, Fixture::PLAN, &of.plan_id, of.fixture).await?;
    Ok(seeded("plan", &of.plan_id))
}

/// Takes a further creative format.
pub(super) async fn format(work: &mut Work<'_>, of: OfFormat) -> Result<Controlled, Fault> {
    checked("format_id", &of.format_id)?;
    if all().iter().any(|one| one.id == of.format_id) {
        return Ok(seeded("format", &of.format_id));
    }
    put(work, Fixture::FORMAT, &of.format_id, of.fixture).await?;
    Ok(seeded("format", &of.format_id))
}

async fn put(work: &mut Work<'_>, kind: &str, id: &str, body: Fields) -> Result<(), Fault> {
    let fixture = Fixture {
        kind: kind.to_owned(),
        id: id.to_owned(),
        body,
    };
    match work.get::<Fixture>(&format!("{kind}/{id}")).await? {
        Some(was) => work.replace(&was, &fixture),
        None => work.create(&fixture),
    }
}

/// The formats that were seeded, and those that came with seeded products; none outside of a
/// sandbox.
///
/// # Errors
/// When the store cannot be read.
pub(in crate::engine) async fn formats(
    work: &Work<'_>,
) -> Result<(Vec<Format>, Vec<Format>), Fault> {
    if !super::plays(work.desk().sandbox.as_ref(), work.caller()) {
        return Ok((Vec::new(), Vec::new()));
    }
    let seeded = of_kind(work, Fixture::FORMAT).await?;
    Ok((seeded, of_kind(work, Fixture::IMPLIED_FORMAT).await?))
}

async fn of_kind(work: &Work<'_>, kind: &str) -> Result<Vec<Format>, Fault> {
    let filter = Filter {
        parent: Some(kind.to_owned()),
        limit: 1_000,
        ..Filter::default()
    };
    let found = work.list::<Fixture>(&filter).await?;
    let format = |one: Fixture| {
        let mut rest = one.body;
        let mut said = |field: &str| match rest.remove(field) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        Format {
            kind: said("type").unwrap_or_else(|| "display".to_owned()),
            name: said("name").unwrap_or_else(|| one.id.clone()),
            id: one.id,
            rest,
        }
    };
    Ok(found.into_iter().map(|one| format(one.record)).collect())
}

/// Orders a media buy under a given id, with as little as the fixture says; one that is there
/// already stays.
pub(super) async fn buy(work: &mut Work<'_>, of: OfBuy) -> Result<Controlled, Fault> {
    let id = of.media_buy_id;
    checked("media_buy_id", id.as_str())?;
    match find(work, &id).await {
        Ok(_) => return Ok(seeded("media buy", id.as_str())),
        Err(fault) if fault.code == "MEDIA_BUY_NOT_FOUND" => {}
        Err(fault) => return Err(fault),
    }
    if work.get::<MediaBuy>(id.as_str()).await?.is_some() {
        return Err(wrong("media_buy_id", "is taken by another tester"));
    }
    let mut said = of.fixture;
    let mut packages = match said.remove("packages") {
        Some(Value::Array(all)) if !all.is_empty() => all,
        _ => vec![json!({})],
    };
    let usual = usual(work).await?;
    let mut names = Vec::new();
    for package in &mut packages {
        let Value::Object(package) = package else {
            return Err(wrong("fixture.packages", "must be objects"));
        };
        if let Some(Value::String(name)) = package.remove("package_id") {
            names.push(PackageId::from(name));
        }
        package.entry("product_id").or_insert(json!(usual));
        package.entry("budget").or_insert(json!(1_000));
        package
            .entry("pricing_option_id")
            .or_insert(json!("default"));
    }
    let now = work.now();
    let end = now + chrono::Duration::days(30);
    let mut draft = json!({
        "name": format!("seeded {id}"),
        "start_time": "asap",
        "end_time": crate::domain::when::rfc3339(end),
        "packages": packages,
    });
    for field in ["name", "start_time", "end_time", "brand", "po_number"] {
        if let Some(value) = said.remove(field) {
            draft[field] = value;
        }
    }
    let account = said.remove("account");
    let order = json!({ "draft": draft, "account": account });
    let order: CreateBuy = question::read_value(&order).map_err(|mut fault| {
        for problem in &mut fault.problems {
            problem.field = problem.field.replace("draft", "params.fixture");
        }
        Fault::invalid(fault.problems)
    })?;
    let called = Called {
        id: id.clone(),
        packages: names,
    };
    order.order(work, Some(called)).await?;
    Ok(seeded("media buy", id.as_str()))
}

/// A product that anything can be ordered of.
async fn usual(work: &Work<'_>) -> Result<String, Fault> {
    let filter = Filter {
        state: Some("active".to_owned()),
        limit: 1,
        ..Filter::default()
    };
    let rows = work.rows::<Product>(&filter).await?;
    let first = rows.into_iter().next().map(|row| row.id);
    first.ok_or_else(|| {
        let code = Code::new("INVALID_PARAMS");
        let message = "is needed: nothing is on sale";
        Fault::field(Problem::new("params.fixture.packages", code, message))
    })
}
