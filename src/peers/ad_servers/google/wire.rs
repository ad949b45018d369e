//! What Google Ad Manager writes, as far as it is read, and what each thing is in our words.
//! Refuses names of other networks.

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, de::Error as _};

use super::{Google, list_of};
use crate::domain::{
    inventory::{
        item::{Item, ItemStatus, Price, Size},
        kind::ItemKind,
        order::{HeldLine, LineCount},
        trouble::Trouble,
    },
    when::Instant,
};

/// A page of any list: only the one that was asked for is there.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Listed {
    pub ad_units: Vec<AdUnit>,
    pub placements: Vec<Placement>,
    pub custom_targeting_keys: Vec<Key>,
    pub custom_targeting_values: Vec<Value>,
    pub orders: Vec<Order>,
    pub line_items: Vec<LineItem>,
    pub next_page_token: Option<String>,
    /// An error that came with a kind status.
    pub error: Option<serde::de::IgnoredAny>,
}

/// The network itself.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Network {
    #[serde(default)]
    pub display_name: Option<String>,
    #[serde(default)]
    pub currency_code: Option<String>,
}

/// An ad unit.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AdUnit {
    name: String,
    display_name: String,
    #[serde(default, rename = "parentAdUnit")]
    parent: Option<String>,
    #[serde(default, rename = "adUnitCode")]
    code: Option<String>,
    #[serde(default)]
    status: String,
    #[serde(default)]
    update_time: Option<Instant>,
    #[serde(default, rename = "adUnitSizes")]
    sizes: Vec<UnitSize>,
}

#[derive(Debug, Deserialize)]
struct UnitSize {
    #[serde(default)]
    size: Option<Size>,
}

/// A placement.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Placement {
    name: String,
    display_name: String,
    #[serde(default, rename = "placementCode")]
    code: Option<String>,
    #[serde(default)]
    status: String,
    #[serde(default)]
    targeted_ad_units: Vec<String>,
    #[serde(default)]
    update_time: Option<Instant>,
}

/// A custom targeting key.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Key {
    name: String,
    #[serde(default)]
    ad_tag_name: Option<String>,
    #[serde(default)]
    display_name: String,
    #[serde(default)]
    status: String,
}

/// One of its values.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Value {
    name: String,
    custom_targeting_key: String,
    #[serde(default)]
    ad_tag_name: Option<String>,
    #[serde(default)]
    display_name: String,
    #[serde(default)]
    status: String,
}

/// An order.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    pub name: String,
    pub display_name: String,
    #[serde(default)]
    advertiser: Option<String>,
    #[serde(default)]
    pub status: String,
    #[serde(default)]
    pub archived: bool,
    #[serde(default)]
    start_time: Option<Instant>,
    #[serde(default)]
    end_time: Option<Instant>,
    #[serde(default)]
    update_time: Option<Instant>,
}

/// A line item.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LineItem {
    pub name: String,
    pub display_name: String,
    order: String,
    #[serde(default)]
    pub status: String,
    #[serde(default)]
    pub archived: bool,
    #[serde(default, rename = "lineItemType")]
    line_type: Option<String>,
    #[serde(default)]
    start_time: Option<Instant>,
    #[serde(default)]
    end_time: Option<Instant>,
    #[serde(default)]
    target_end_time: Option<Instant>,
    #[serde(default)]
    update_time: Option<Instant>,
    #[serde(default)]
    goal: Option<Goal>,
    #[serde(default)]
    rate: Option<Money>,
    #[serde(default)]
    pub stats: Option<Stats>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Goal {
    #[serde(default)]
    goal_type: String,
    #[serde(default, deserialize_with = "whole")]
    units: Option<i64>,
}

/// What was counted of a line item.
#[derive(Debug, Deserialize)]
pub struct Stats {
    #[serde(default, rename = "impressionsDelivered", deserialize_with = "whole")]
    impressions: Option<i64>,
    #[serde(default, rename = "clicksDelivered", deserialize_with = "whole")]
    clicks: Option<i64>,
    #[serde(default, rename = "videoStartsDelivered", deserialize_with = "whole")]
    starts: Option<i64>,
    #[serde(
        default,
        rename = "videoCompletionsDelivered",
        deserialize_with = "whole"
    )]
    completions: Option<i64>,
    #[serde(
        default,
        rename = "viewableImpressionsDelivered",
        deserialize_with = "whole"
    )]
    viewable: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Money {
    #[serde(default)]
    currency_code: String,
    #[serde(default, deserialize_with = "whole")]
    units: Option<i64>,
    #[serde(default)]
    nanos: i32,
}

impl Money {
    fn price(self) -> Price {
        Price {
            micros: self.units.unwrap_or(0).saturating_mul(1_000_000)
                + i64::from(self.nanos / 1_000),
            currency: self.currency_code.chars().take(3).collect(),
        }
    }
}

/// A whole number: the API writes those of 64 bits as text.
fn whole<'de, D: Deserializer<'de>>(input: D) -> Result<Option<i64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Text(String),
        Number(i64),
    }
    match Option::<Either>::deserialize(input)? {
        None => Ok(None),
        Some(Either::Number(number)) => Ok(Some(number)),
        Some(Either::Text(text)) => {
            let number = text
                .parse()
                .map_err(|_| D::Error::custom("is no whole number"))?;
            Ok(Some(number))
        }
    }
}

/// A word of the API for where something stands.
pub fn status(word: &str, archived: bool) -> ItemStatus {
    if archived {
        return ItemStatus::Archived;
    }
    match word {
        "ACTIVE" | "DELIVERING" | "DELIVERY_EXTENDED" | "READY" | "APPROVED" => ItemStatus::Active,
        "PAUSED" | "PAUSED_INVENTORY_RELEASED" => ItemStatus::Paused,
        "DRAFT" | "PENDING_APPROVAL" => ItemStatus::Waiting,
        "COMPLETED" => ItemStatus::Ended,
        "INACTIVE" | "DISAPPROVED" | "CANCELED" | "DELETED" => ItemStatus::Inactive,
        "ARCHIVED" => ItemStatus::Archived,
        _ => ItemStatus::Unknown,
    }
}

fn day(at: Option<Instant>) -> Option<NaiveDate> {
    at.map(|at| at.date_naive())
}

/// The id in a name of this network.
pub fn id(google: &Google, kind: ItemKind, name: &str) -> Result<String, Trouble> {
    let id = google.id_of(list_of(kind), name).map(str::to_owned);
    id.ok_or_else(|| {
        let said = crate::domain::text::echo(name);
        Trouble::unreadable(format!("`{said}` is none of its {}", kind.plural()))
    })
}

fn item(google: &Google, kind: ItemKind, name: &str, called: &str) -> Result<Item, Trouble> {
    let id = id(google, kind, name)?;
    Ok(Item::new(kind, id, called, ItemStatus::Unknown))
}

impl AdUnit {
    /// It in our words.
    pub fn item(self, google: &Google) -> Result<Item, Trouble> {
        let kind = ItemKind::AdUnit;
        let mut item = item(google, kind, &self.name, &self.display_name)?;
        let above = self.parent.as_deref();
        item.parent = above.map(|above| id(google, kind, above)).transpose()?;
        item.code = self.code;
        item.status = status(&self.status, false);
        item.changed_at = self.update_time;
        let sizes = self.sizes.into_iter();
        item.detail.sizes = sizes.filter_map(|one| one.size).collect();
        Ok(item)
    }
}

impl Placement {
    /// It in our words.
    pub fn item(self, google: &Google) -> Result<Item, Trouble> {
        let mut item = item(google, ItemKind::Placement, &self.name, &self.display_name)?;
        item.code = self.code;
        item.status = status(&self.status, false);
        item.changed_at = self.update_time;
        let units = self.targeted_ad_units.iter();
        let units = units.map(|unit| id(google, ItemKind::AdUnit, unit));
        item.detail.units = units.collect::<Result<_, _>>()?;
        Ok(item)
    }
}

impl Key {
    /// It in our words.
    pub fn item(self, google: &Google) -> Result<Item, Trouble> {
        let called = called(&self.display_name, self.ad_tag_name.as_deref());
        let mut item = item(google, ItemKind::TargetingKey, &self.name, called)?;
        item.status = status(&self.status, false);
        item.code = self.ad_tag_name;
        Ok(item)
    }
}

impl Value {
    /// It in our words.
    pub fn item(self, google: &Google) -> Result<Item, Trouble> {
        let called = called(&self.display_name, self.ad_tag_name.as_deref());
        let mut item = item(google, ItemKind::TargetingValue, &self.name, called)?;
        let key = id(google, ItemKind::TargetingKey, &self.custom_targeting_key)?;
        item.parent = Some(key);
        item.status = status(&self.status, false);
        item.code = self.ad_tag_name;
        Ok(item)
    }
}

fn called<'a>(display: &'a str, tag: Option<&'a str>) -> &'a str {
    let tag = tag.filter(|_| display.is_empty());
    tag.unwrap_or(display)
}

impl Order {
    /// It in our words.
    pub fn item(self, google: &Google) -> Result<Item, Trouble> {
        let mut item = item(google, ItemKind::Order, &self.name, &self.display_name)?;
        item.status = status(&self.status, self.archived);
        item.changed_at = self.update_time;
        let detail = &mut item.detail;
        let company = self.advertiser.as_deref();
        let company = company.and_then(|name| google.id_of("companies", name));
        detail.advertiser = company.map(str::to_owned);
        (detail.starts, detail.ends) = (day(self.start_time), day(self.end_time));
        Ok(item)
    }
}

impl LineItem {
    /// It in our words.
    pub fn item(self, google: &Google) -> Result<Item, Trouble> {
        let mut item = item(google, ItemKind::LineItem, &self.name, &self.display_name)?;
        item.parent = Some(id(google, ItemKind::Order, &self.order)?);
        item.status = status(&self.status, self.archived);
        item.changed_at = self.update_time;
        let detail = &mut item.detail;
        detail.line_type = self.line_type;
        (detail.starts, detail.ends) = (day(self.start_time), day(self.end_time));
        detail.goal = self.goal.and_then(|goal| goal.units);
        detail.delivered = self.stats.and_then(|stats| stats.impressions);
        detail.rate = self.rate.map(Money::price);
        Ok(item)
    }

    /// It as a line of an order of ours.
    pub fn held(self, google: &Google) -> Result<HeldLine, Trouble> {
        // A goal of each day is a share, and no number over the flight.
        let whole = |goal: &Goal| goal.goal_type.is_empty() || goal.goal_type == "LIFETIME";
        let goal = self.goal.filter(whole).and_then(|goal| goal.units);
        Ok(HeldLine {
            id: id(google, ItemKind::LineItem, &self.name)?,
            status: status(&self.status, self.archived),
            name: self.display_name,
            starts: self.start_time,
            ends: self.target_end_time.or(self.end_time),
            goal,
            rate: self.rate.map(Money::price),
            delivered: self.stats.and_then(|stats| stats.impressions),
        })
    }

    /// What was counted of it; nothing where nobody says.
    pub fn counted(self, google: &Google) -> Result<Option<LineCount>, Trouble> {
        let line = id(google, ItemKind::LineItem, &self.name)?;
        let count = |n: Option<i64>| n.and_then(|n| u64::try_from(n).ok());
        let counted = self.stats.and_then(|stats| {
            Some(LineCount {
                line,
                impressions: count(stats.impressions)?,
                clicks: count(stats.clicks),
                starts: count(stats.starts),
                completes: count(stats.completions),
                viewable: count(stats.viewable),
            })
        });
        Ok(counted)
    }
}
