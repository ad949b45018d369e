//! Kevel (once Adzerk), by its management API (`api.kevel.co/v1`): sites, zones, campaigns and
//! flights of one network. A campaign is an order here, a flight one of its lines.
//!
//! Documented there, and in the specification that its makers publish: the header
//! `X-Adzerk-ApiKey`, `page` and `pageSize`, lists as `items` that end with an empty one
//! (`totalPages` only for older customers), the fields that are read here, that a flight needs a
//! priority, that a change is sent as the whole object, and reports that are queued and asked for
//! (`POST /v1/report/queue`, `GET /v1/report/queue/ID`, grouped by `optionId`, which is the
//! flight). Assumed: that flights can be paged as every other list; the same page again is taken
//! for the end. There is no filter by time of change, so everything is read each time.

mod trade;

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{NaiveDate, NaiveDateTime, Timelike as _};
use secrecy::SecretString;
use serde::{Deserialize, de::IgnoredAny};
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

/// Where the API is.
pub const API: &str = "https://api.kevel.co";
/// How many things a page has.
const PAGE: usize = 500;
/// The most pages that are looked through for an order by its name.
const MOST_PAGES: u32 = 200;
/// What people call it.
const NAME: &str = "Kevel";

/// What it takes to reach a network.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the API is.
    pub api: Url,
    /// The key.
    pub api_key: SecretString,
    /// The network, for whoever reads of it.
    pub network: String,
    /// The priority that flights of ours get; where it is not set, the one that is called as they
    /// are.
    pub priority: Option<i64>,
}

/// A network of Kevel's.
pub struct Kevel {
    http: Http,
    api: Url,
    network: String,
    priority: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct Listed {
    #[serde(default)]
    items: Vec<Thing>,
    #[serde(default, rename = "totalPages")]
    total_pages: Option<u32>,
    #[serde(default)]
    error: Option<IgnoredAny>,
}

/// A site, a zone, a campaign or a flight.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Thing {
    id: i64,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    site_id: Option<i64>,
    #[serde(default)]
    campaign_id: Option<i64>,
    #[serde(default)]
    advertiser_id: Option<i64>,
    #[serde(default)]
    is_active: Option<bool>,
    #[serde(default)]
    is_deleted: Option<bool>,
    #[serde(default)]
    is_archived: Option<bool>,
    #[serde(default, rename = "StartDateISO")]
    start: Option<String>,
    #[serde(default, rename = "EndDateISO")]
    end: Option<String>,
    #[serde(default)]
    impressions: Option<i64>,
    #[serde(default)]
    price: Option<f64>,
    #[serde(default)]
    last_modified: Option<Instant>,
}

impl Thing {
    fn status(&self, kind: ItemKind) -> ItemStatus {
        let is = |flag: Option<bool>| flag.unwrap_or(false);
        let delivers = matches!(kind, ItemKind::Order | ItemKind::LineItem);
        if is(self.is_deleted) {
            ItemStatus::Inactive
        } else if is(self.is_archived) {
            ItemStatus::Archived
        } else if delivers && !is(self.is_active) {
            ItemStatus::Paused
        } else {
            ItemStatus::Active
        }
    }

    fn called(&self) -> String {
        let called = self.name.as_ref().or(self.title.as_ref());
        called.cloned().unwrap_or_else(|| self.id.to_string())
    }

    fn item(self, kind: ItemKind) -> Item {
        let above = match kind {
            ItemKind::Zone => self.site_id,
            ItemKind::LineItem => self.campaign_id,
            _ => None,
        };
        let mut item = Item::new(kind, self.id.to_string(), &self.called(), self.status(kind));
        item.parent = above.map(|id| id.to_string());
        item.code = self.url;
        item.changed_at = self.last_modified;
        let detail = &mut item.detail;
        detail.advertiser = self.advertiser_id.map(|id| id.to_string());
        (detail.starts, detail.ends) = (day(self.start), day(self.end));
        if kind == ItemKind::LineItem {
            detail.goal = self.impressions;
            detail.rate = self.price.map(price);
        }
        item
    }

    fn held(self) -> HeldLine {
        HeldLine {
            id: self.id.to_string(),
            status: self.status(ItemKind::LineItem),
            name: self.called(),
            starts: self.start.as_deref().and_then(instant),
            ends: self.end.as_deref().and_then(instant),
            goal: self.impressions,
            rate: self.price.map(price),
            delivered: None,
        }
    }
}

/// A time as Kevel writes it: in UTC, with or without saying so, or a day.
fn instant(text: &str) -> Option<Instant> {
    let plain = text.trim_end_matches('Z');
    let time = plain.parse::<NaiveDateTime>().ok().map(|at| at.and_utc());
    time.or_else(|| text.parse().ok()).or_else(|| {
        let day = crate::domain::when::parse_day(plain)?;
        day.and_hms_opt(0, 0, 0).map(|at| at.and_utc())
    })
}

/// The day at the beginning of an ISO date.
fn day(text: Option<String>) -> Option<NaiveDate> {
    text.and_then(|text| crate::domain::when::parse_day(text.get(..10)?))
}

/// A price that JSON has as a number; only shown.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a price that is only shown"
)]
fn price(price: f64) -> Price {
    let micros = (price * 1_000_000.0).round();
    Price {
        micros: micros as i64,
        currency: String::new(),
    }
}

fn list_of(kind: ItemKind) -> &'static str {
    match kind {
        ItemKind::Zone => "zone",
        ItemKind::Order => "campaign",
        ItemKind::LineItem => "flight",
        _ => "site",
    }
}

impl Kevel {
    /// Gets ready; nothing is asked before somebody does.
    ///
    /// # Errors
    /// When this machine has no TLS.
    pub fn new(settings: Settings, time: Arc<dyn Time>, bounds: Bounds) -> Result<Self, Trouble> {
        let pass = Pass::Header("x-adzerk-apikey", settings.api_key);
        Ok(Self {
            http: Http::new(NAME, pass, time, bounds)?,
            api: settings.api,
            network: settings.network,
            priority: settings.priority,
        })
    }

    fn url(&self, rest: &str) -> Result<Url, Trouble> {
        let url = self.api.join(&format!("v1/{rest}"));
        url.map_err(|_| Trouble::permanent("the address of Kevel is none"))
    }

    async fn list(&self, rest: &str, page: u32, said: String) -> Result<Listed, Trouble> {
        let mut url = self.url(rest)?;
        url.query_pairs_mut()
            .append_pair("page", &page.to_string())
            .append_pair("pageSize", &PAGE.to_string());
        let listed: Listed = self.http.ask(Ask::get(url, said.clone())).await?;
        if listed.error.is_some() {
            let message = format!("{NAME} answered {said} with an error that calls itself none");
            return Err(Trouble::transient(message));
        }
        Ok(listed)
    }
}

#[async_trait]
impl Backend for Kevel {
    fn source(&self) -> String {
        format!("kevel/{}", self.network)
    }

    fn kinds(&self, what: What) -> Vec<(ItemKind, bool)> {
        match what {
            What::Inventory => vec![(ItemKind::Site, false), (ItemKind::Zone, false)],
            What::Orders => vec![(ItemKind::Order, false), (ItemKind::LineItem, false)],
        }
    }

    async fn test(&self) -> Result<Reached, Trouble> {
        let mut url = self.url("site")?;
        url.query_pairs_mut()
            .append_pair("page", "1")
            .append_pair("pageSize", "1");
        self.http.ask::<Listed>(Ask::get(url, "the sites")).await?;
        Ok(Reached {
            account: self.network.clone(),
            said: format!("network {}, its sites can be read", self.network),
        })
    }

    async fn page(&self, want: Want<'_>) -> Result<Page, Trouble> {
        let (page, before) = match want.token {
            None => (1, None),
            Some(token) => {
                let none = || Trouble::permanent("this is no place in a list of Kevel");
                let (page, first) = token.split_once('/').ok_or_else(none)?;
                (page.parse().map_err(|_| none())?, Some(first))
            }
        };
        let listed = self.list(list_of(want.kind), page, want.said()).await?;
        let last = listed.items.is_empty() || listed.total_pages.is_some_and(|all| page >= all);
        let first = listed.items.first().map(|thing| thing.id.to_string());
        if before.is_some() && first.as_deref() == before {
            // It pays no heed to pages: all of it was on the first.
            return Ok(Page::default());
        }
        let items = listed.items.into_iter();
        Ok(Page {
            items: items.map(|thing| thing.item(want.kind)).collect(),
            next: first
                .filter(|_| !last)
                .map(|first| format!("{}/{first}", page + 1)),
        })
    }

    fn fit(&self, line: NewLine) -> NewLine {
        let whole = |at: Instant| at.with_nanosecond(0).unwrap_or(at);
        NewLine {
            starts: whole(line.starts),
            ends: whole(line.ends),
            ..line
        }
    }

    async fn find(&self, name: &str) -> Result<Option<String>, Trouble> {
        let found = self.find_campaign(name).await?;
        Ok(found.map(|id| id.to_string()))
    }

    async fn order(&self, order: &NewOrder) -> Result<HeldOrder, Trouble> {
        self.place(order).await
    }

    async fn fill(&self, id: &str, order: &NewOrder) -> Result<(), Trouble> {
        trade::fits(order)?;
        self.add_all(number(id)?, order).await
    }

    async fn set(&self, id: &str, line: &NewLine) -> Result<(), Trouble> {
        self.set_flight(number(id)?, line).await
    }

    async fn turn(&self, order: &str, turn: Turn) -> Result<(), Trouble> {
        let (field, to) = match turn {
            Turn::Activate | Turn::Resume => ("IsActive", true),
            Turn::Pause => ("IsActive", false),
            Turn::Archive => ("IsArchived", true),
        };
        self.change(("campaign", number(order)?), &[(field, to.into())])
            .await
    }

    async fn turn_lines(&self, _: &str, lines: &[String], turn: Turn) -> Result<(), Trouble> {
        let (field, to) = match turn {
            Turn::Activate | Turn::Resume => ("IsActive", true),
            Turn::Pause => ("IsActive", false),
            Turn::Archive => ("IsArchived", true),
        };
        for line in lines {
            self.change(("flight", number(line)?), &[(field, to.into())])
                .await?;
        }
        Ok(())
    }

    async fn read(&self, order: &str) -> Result<HeldOrder, Trouble> {
        self.held(number(order)?).await
    }

    async fn counts(&self, order: &str, since: Instant) -> Result<Vec<LineCount>, Trouble> {
        self.counted(number(order)?, since).await
    }
}

/// The number of a campaign or a flight.
fn number(id: &str) -> Result<i64, Trouble> {
    let number = id.parse();
    number.map_err(|_| Trouble::permanent("a campaign or a flight of Kevel is a number"))
}
