//! Triton Digital's TAP, by its booking API: stations, campaigns and flights. A campaign is an
//! order here, a flight one of its lines.
//!
//! Hardly any of it is public. Documented in Triton's help pages: that there is a booking API at
//! `tap-api.tritondigital.com` for advertisers and campaigns, a hierarchy API at
//! `tritonsecurity.tritondigital.com` for stations with `tap_only`, and bearer tokens that carry
//! their end. Seen in open programs that use it: `POST /v1/campaigns` and `/v1/flights`, `GET
//! /v1/flights?campaignId=`, `PUT` of both, their fields `advertiserId`, `name`, `startDate`,
//! `endDate`, `active`, `goal`, `rate`, `stationIds`. Assumed: `GET /v2/stations`, lists as a bare
//! array or as `items` or `data`, and pages by `limit` and `offset`; a server that does not know
//! those answers the same page again, which is taken for the end. Whoever has an account should
//! test the connection first.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::NaiveDate;
use reqwest::Method;
use secrecy::SecretString;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Value, json};
use url::Url;

use super::{
    Backend, Page, Reached, Want,
    http::{Ask, Bounds, Http, Pass, Time},
};
use crate::domain::inventory::{
    item::{Item, ItemStatus, Price},
    kind::{ItemKind, What},
    order::{HeldLine, HeldOrder, NewLine, NewOrder, Turn},
    trouble::Trouble,
};

/// Where the booking API is.
pub const API: &str = "https://tap-api.tritondigital.com";
/// Where the hierarchy API is.
pub const HIERARCHY: &str = "https://tritonsecurity.tritondigital.com";
/// How many things a page has.
const PAGE: usize = 500;
/// The most pages that are looked through for an order by its name.
const MOST_PAGES: usize = 200;
/// What people call it.
const NAME: &str = "Triton Digital";

/// What it takes to reach an account.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the booking API is.
    pub api: Url,
    /// Where the hierarchy API is.
    pub hierarchy: Url,
    /// The token.
    pub api_key: SecretString,
    /// The station that the tenant is, for whoever reads of it.
    pub station: String,
}

/// An account with Triton Digital.
pub struct Triton {
    http: Http,
    api: Url,
    hierarchy: Url,
    station: String,
}

/// A list, in whichever way it is written.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Listed {
    Bare(Vec<Thing>),
    Items { items: Vec<Thing> },
    Data { data: Vec<Thing> },
}

impl Listed {
    fn things(self) -> Vec<Thing> {
        match self {
            Self::Bare(things) | Self::Items { items: things } | Self::Data { data: things } => {
                things
            }
        }
    }
}

/// An id, as text or as a number.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Name {
    Text(String),
    Number(i64),
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        match name {
            Name::Text(text) => text,
            Name::Number(number) => number.to_string(),
        }
    }
}

/// A station, a campaign or a flight.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Thing {
    id: Name,
    #[serde(default)]
    name: String,
    #[serde(default)]
    callsign: Option<String>,
    #[serde(default)]
    active: Option<bool>,
    #[serde(default)]
    advertiser_id: Option<Name>,
    #[serde(default)]
    campaign_id: Option<Name>,
    #[serde(default, rename = "type")]
    line_type: Option<String>,
    #[serde(default)]
    start_date: Option<NaiveDate>,
    #[serde(default)]
    end_date: Option<NaiveDate>,
    #[serde(default)]
    goal: Option<Goal>,
    #[serde(default)]
    rate: Option<f64>,
}

#[derive(Debug, Deserialize)]
struct Goal {
    #[serde(default)]
    value: Option<i64>,
}

impl Thing {
    fn status(&self) -> ItemStatus {
        if self.active.unwrap_or(true) {
            ItemStatus::Active
        } else {
            ItemStatus::Paused
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "a price that is only shown"
    )]
    fn item(self, kind: ItemKind) -> Item {
        let status = self.status();
        let mut item = Item::new(kind, self.id, &self.name, status);
        item.code = self.callsign;
        item.parent = self.campaign_id.map(Into::into);
        let detail = &mut item.detail;
        detail.advertiser = self.advertiser_id.map(Into::into);
        detail.line_type = self.line_type;
        (detail.starts, detail.ends) = (self.start_date, self.end_date);
        detail.goal = self.goal.and_then(|goal| goal.value);
        detail.rate = self.rate.map(|rate| Price {
            micros: (rate * 1_000_000.0).round() as i64,
            currency: String::new(),
        });
        item
    }

    fn held(self) -> HeldLine {
        HeldLine {
            status: self.status(),
            id: self.id.into(),
            name: self.name,
            delivered: None,
        }
    }
}

impl Triton {
    /// Gets ready; nothing is asked before somebody does.
    ///
    /// # Errors
    /// When this machine has no TLS.
    pub fn new(settings: Settings, time: Arc<dyn Time>, bounds: Bounds) -> Result<Self, Trouble> {
        Ok(Self {
            http: Http::new(NAME, Pass::Bearer(settings.api_key), time, bounds)?,
            api: settings.api,
            hierarchy: settings.hierarchy,
            station: settings.station,
        })
    }

    fn url(&self, rest: &str) -> Result<Url, Trouble> {
        let url = self.api.join(&format!("v1/{rest}"));
        url.map_err(|_| Trouble::permanent("the address of Triton Digital is none"))
    }

    /// Where a list begins behind so many.
    fn list_at(&self, kind: ItemKind, offset: usize) -> Result<Url, Trouble> {
        let mut url = match kind {
            ItemKind::Order => self.url("campaigns")?,
            ItemKind::LineItem => self.url("flights")?,
            _ => {
                let url = self.hierarchy.join("v2/stations");
                let none = |_| Trouble::permanent("the address of Triton Digital is none");
                let mut url = url.map_err(none)?;
                url.query_pairs_mut().append_pair("tap_only", "true");
                url
            }
        };
        url.query_pairs_mut()
            .append_pair("limit", &PAGE.to_string())
            .append_pair("offset", &offset.to_string());
        Ok(url)
    }

    async fn things(&self, url: Url, said: String) -> Result<Vec<Thing>, Trouble> {
        let listed: Listed = self.http.ask(Ask::get(url, said).bare()).await?;
        Ok(listed.things())
    }

    /// A page of a list. Its place names the thing that the one before began with.
    async fn at(&self, kind: ItemKind, token: Option<&str>, said: String) -> Result<Page, Trouble> {
        let (offset, before) = match token {
            None => (0, None),
            Some(token) => {
                let none = || Trouble::permanent("this is no place in a list of Triton Digital");
                let (offset, first) = token.split_once('/').ok_or_else(none)?;
                (offset.parse().map_err(|_| none())?, Some(first))
            }
        };
        let things = self.things(self.list_at(kind, offset)?, said).await?;
        let full = things.len() >= PAGE;
        let items: Vec<Item> = things.into_iter().map(|thing| thing.item(kind)).collect();
        let first = items.first().map(|item| item.id.as_str());
        if before.is_some() && first == before {
            // It knows no pages: this is the same one again.
            return Ok(Page::default());
        }
        let next = full
            .then(|| first.map(|first| format!("{}/{first}", offset + items.len())))
            .flatten();
        Ok(Page { items, next })
    }

    async fn find(&self, name: &str) -> Result<Option<String>, Trouble> {
        let mut token: Option<String> = None;
        for page in 1..=MOST_PAGES {
            let said = format!("page {page} of the campaigns");
            let read = self.at(ItemKind::Order, token.as_deref(), said).await?;
            if let Some(found) = read.items.into_iter().find(|item| item.name == name) {
                return Ok(Some(found.id));
            }
            match read.next {
                None => break,
                next => token = next,
            }
        }
        Ok(None)
    }

    async fn create(&self, order: &NewOrder) -> Result<String, Trouble> {
        let starts = order.lines.iter().map(|line| line.starts).min();
        let ends = order.lines.iter().map(|line| line.ends).max();
        let (Some(starts), Some(ends)) = (starts, ends) else {
            return Err(Trouble::permanent("an order without lines is none"));
        };
        let body = json!({
            "advertiserId": order.advertiser,
            "name": order.name,
            "startDate": starts.date_naive(),
            "endDate": ends.date_naive(),
            "active": false,
        });
        let ask = Ask::send(Method::POST, self.url("campaigns")?, body, "a new campaign");
        let created: Thing = self.http.ask(ask).await?;
        Ok(created.id.into())
    }

    async fn add(&self, campaign: &str, line: &NewLine) -> Result<(), Trouble> {
        let rate = line.cpm.amount().to_string();
        let rate: Value = serde_json::from_str(&rate).unwrap_or(Value::Null);
        let body = json!({
            "name": line.name,
            "campaignId": campaign,
            "type": "STANDARD",
            "goal": {"type": "IMPRESSIONS", "value": line.impressions},
            "rate": rate,
            "rateType": "CPM",
            "startDate": line.starts.date_naive(),
            "endDate": line.ends.date_naive(),
            "stationIds": line.units,
        });
        let ask = Ask::send(Method::POST, self.url("flights")?, body, "a new flight");
        self.http.ask::<Thing>(ask).await.map(drop)
    }

    async fn set_active(&self, campaign: &str, active: bool) -> Result<(), Trouble> {
        let url = self.url(&format!("campaigns/{campaign}"))?;
        let body = json!({ "active": active });
        let ask = Ask::send(Method::PUT, url, body, "changing the campaign");
        self.http.ask::<IgnoredAny>(ask).await.map(drop)
    }

    async fn flights(&self, campaign: &str) -> Result<Vec<HeldLine>, Trouble> {
        let mut url = self.url("flights")?;
        url.query_pairs_mut().append_pair("campaignId", campaign);
        let things = self.things(url, "the campaign's flights".into()).await?;
        Ok(things.into_iter().map(Thing::held).collect())
    }

    async fn held(&self, campaign: &str) -> Result<HeldOrder, Trouble> {
        let url = self.url(&format!("campaigns/{campaign}"))?;
        let found: Thing = self.http.ask(Ask::get(url, "the campaign")).await?;
        let status = found.status();
        Ok(HeldOrder {
            id: found.id.into(),
            status,
            name: found.name,
            lines: self.flights(campaign).await?,
        })
    }

    async fn add_all(&self, campaign: &str, order: &NewOrder) -> Result<(), Trouble> {
        let held = self.flights(campaign).await?;
        for line in &order.lines {
            if !held.iter().any(|held| held.name == line.name) {
                self.add(campaign, line).await?;
            }
        }
        self.set_active(campaign, true).await
    }
}

/// An id that can stand in an address.
fn plain(order: &str) -> Result<&str, Trouble> {
    let fits = |c: u8| c.is_ascii_alphanumeric() || c == b'-' || c == b'_';
    let plain = !order.is_empty() && order.bytes().all(fits);
    plain
        .then_some(order)
        .ok_or_else(|| Trouble::permanent("this is no campaign's id"))
}

#[async_trait]
impl Backend for Triton {
    fn source(&self) -> String {
        format!("triton_digital/{}", self.station)
    }

    fn kinds(&self, what: What) -> Vec<(ItemKind, bool)> {
        match what {
            What::Inventory => vec![(ItemKind::Station, false)],
            What::Orders => vec![(ItemKind::Order, false), (ItemKind::LineItem, false)],
        }
    }

    async fn test(&self) -> Result<Reached, Trouble> {
        let mut url = self.url("campaigns")?;
        url.query_pairs_mut().append_pair("limit", "1");
        self.things(url, "the campaigns".into()).await?;
        Ok(Reached {
            account: self.station.clone(),
            said: format!("station {}, its campaigns can be read", self.station),
        })
    }

    async fn page(&self, want: Want<'_>) -> Result<Page, Trouble> {
        self.at(want.kind, want.token, want.said()).await
    }

    async fn order(&self, order: &NewOrder) -> Result<HeldOrder, Trouble> {
        let (campaign, fresh) = match self.find(&order.name).await? {
            Some(found) => (found, false),
            None => (self.create(order).await?, true),
        };
        let campaign = plain(&campaign)?;
        if let Err(trouble) = self.add_all(campaign, order).await {
            // Nothing is known of a way to delete one: it stays there, and delivers nothing.
            let message = if fresh && !trouble.is_passing() {
                format!("{trouble}; campaign {campaign} is left there, inactive")
            } else {
                trouble.message.clone()
            };
            return Err(Trouble { message, ..trouble });
        }
        self.held(campaign).await
    }

    async fn turn(&self, order: &str, turn: Turn) -> Result<HeldOrder, Trouble> {
        let campaign = plain(order)?;
        self.set_active(campaign, turn == Turn::Resume).await?;
        self.held(campaign).await
    }

    async fn read(&self, order: &str) -> Result<HeldOrder, Trouble> {
        self.held(plain(order)?).await
    }
}
