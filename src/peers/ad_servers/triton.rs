//! Triton Digital's TAP, by its booking API: stations, campaigns and flights. A campaign is an
//! order here, a flight one of its lines. A flight is kept by days.
//!
//! Hardly any of it is public. Documented in Triton's help pages ("Triton Digital APIs"): that
//! there is a booking API at `tap-api.tritondigital.com` for advertisers and campaigns which also
//! tells some delivery nearly in real time, that the rate of a flight in progress cannot be
//! changed (July 2025), a hierarchy API at
//! `tritonsecurity.tritondigital.com` for stations with `tap_only`, and bearer tokens that carry
//! their end. Seen in open programs that use it: `POST /v1/campaigns` and `/v1/flights`, `GET
//! /v1/flights?campaignId=`, `PUT` of both, their fields `advertiserId`, `name`, `startDate`,
//! `endDate`, `active`, `goal`, `rate`, `stationIds`. Assumed: `GET /v2/stations`, lists as a bare
//! array or as `items` or `data`, that a flight has `active` as a campaign has and `metrics` with
//! `impressions` and `clicks`, and pages by `limit` and `offset`; a server that does not know
//! those answers the same page again, which is taken for the end. Whoever has an account should
//! test the connection first.

mod trade;

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{NaiveDate, NaiveTime};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::{
    Backend, Page, Reached, Want,
    http::{Ask, Bounds, Http, Pass, Time},
};
use crate::domain::{
    inventory::{
        item::{Item, ItemStatus, Price},
        kind::{ItemKind, What},
        order::{HeldLine, HeldOrder, LineCount, NewLine, NewOrder, Turn},
        trouble::Trouble,
    },
    when::Instant,
};

use trade::{days, fits, rate};

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
    #[serde(default)]
    metrics: Option<Metrics>,
}

/// What was counted of a flight.
#[derive(Debug, Deserialize)]
struct Metrics {
    #[serde(default)]
    impressions: Option<u64>,
    #[serde(default)]
    clicks: Option<u64>,
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
        detail.rate = self.rate.map(price);
        item
    }

    fn held(self) -> HeldLine {
        let ends = self.end_date.and_then(|day| day.succ_opt());
        let delivered = self.metrics.as_ref().and_then(|told| told.impressions);
        HeldLine {
            status: self.status(),
            id: self.id.into(),
            name: self.name,
            starts: self.start_date.map(midnight),
            ends: ends.map(midnight),
            goal: self.goal.and_then(|goal| goal.value),
            rate: self.rate.map(price),
            delivered: delivered.and_then(|n| i64::try_from(n).ok()),
        }
    }

    /// What was counted of it; nothing where nobody says.
    fn counted(self) -> Option<LineCount> {
        let told = self.metrics?;
        Some(LineCount {
            line: self.id.into(),
            impressions: told.impressions?,
            clicks: told.clicks,
            ..LineCount::default()
        })
    }
}

/// A price that JSON has as a number.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a price is compared to the millionth and never summed"
)]
fn price(rate: f64) -> Price {
    Price {
        micros: (rate * 1_000_000.0).round() as i64,
        currency: String::new(),
    }
}

fn midnight(day: NaiveDate) -> Instant {
    day.and_time(NaiveTime::MIN).and_utc()
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

    fn fit(&self, line: NewLine) -> NewLine {
        let (first, last) = days(line.starts, line.ends);
        NewLine {
            starts: midnight(first),
            ends: last.succ_opt().map_or(line.ends, midnight),
            ..line
        }
    }

    async fn find(&self, name: &str) -> Result<Option<String>, Trouble> {
        self.find_campaign(name).await
    }

    async fn order(&self, order: &NewOrder) -> Result<HeldOrder, Trouble> {
        fits(order)?;
        let (campaign, fresh) = match self.find_campaign(&order.name).await? {
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

    async fn fill(&self, id: &str, order: &NewOrder) -> Result<(), Trouble> {
        fits(order)?;
        self.add_all(plain(id)?, order).await
    }

    async fn set(&self, id: &str, line: &NewLine) -> Result<(), Trouble> {
        let (first, last) = days(line.starts, line.ends);
        let mut fields = json!({
            "endDate": last,
            "goal": {"type": "IMPRESSIONS", "value": line.goal},
        });
        if line.starts > self.http.now() {
            // Neither can be changed once it is in progress.
            fields["startDate"] = json!(first);
            fields["rate"] = rate(line);
        }
        self.change("flights", id, fields).await
    }

    async fn turn(&self, order: &str, turn: Turn) -> Result<(), Trouble> {
        self.change("campaigns", order, turned(turn)).await
    }

    async fn turn_lines(&self, _: &str, lines: &[String], turn: Turn) -> Result<(), Trouble> {
        for line in lines {
            self.change("flights", line, turned(turn)).await?;
        }
        Ok(())
    }

    async fn read(&self, order: &str) -> Result<HeldOrder, Trouble> {
        self.held(plain(order)?).await
    }

    async fn counts(&self, order: &str, _: Instant) -> Result<Vec<LineCount>, Trouble> {
        let things = self.flights_of(plain(order)?).await?;
        Ok(things.into_iter().filter_map(Thing::counted).collect())
    }
}

/// Nothing is known of a way to put one away there: it is switched off.
fn turned(turn: Turn) -> Value {
    json!({"active": matches!(turn, Turn::Activate | Turn::Resume)})
}
