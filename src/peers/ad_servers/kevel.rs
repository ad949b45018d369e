//! Kevel (once Adzerk), by its management API (`api.kevel.co/v1`): sites, zones, campaigns and
//! flights of one network. A campaign is an order here, a flight one of its lines.
//!
//! Documented there, and in the specification that its makers publish: the header
//! `X-Adzerk-ApiKey`, `page` and `pageSize`, lists as `items` that end with an empty one
//! (`totalPages` only for older customers), the fields that are read here, that a flight needs a
//! priority, and that a change is sent as the whole object. Assumed: that flights can be paged as
//! every other list; the same page again is taken for the end. There is no filter by time of change, so everything is read each time.

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
use crate::domain::{
    inventory::{
        item::{Item, ItemStatus, Price},
        kind::{ItemKind, What},
        order::{HeldLine, HeldOrder, NewLine, NewOrder, Turn},
        trouble::Trouble,
    },
    when::{Instant, rfc3339},
};

/// Where the API is.
pub const API: &str = "https://api.kevel.co";
/// How many things a page has.
const PAGE: usize = 500;
/// The most pages that are looked through for an order by its name.
const MOST_PAGES: u32 = 200;
/// What people call it.
const NAME: &str = "Kevel";
/// How Kevel writes that a goal counts impressions.
const IMPRESSIONS: u8 = 1;
/// How Kevel writes that a price is for a thousand.
const CPM: u8 = 2;

/// What it takes to reach a network.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the API is.
    pub api: Url,
    /// The key.
    pub api_key: SecretString,
    /// The network, for whoever reads of it.
    pub network: String,
    /// The priority that flights of ours get; needed to order.
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
            delivered: None,
        }
    }
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

    /// The campaign of a name that is not deleted, if there is one.
    async fn find(&self, name: &str) -> Result<Option<i64>, Trouble> {
        for page in 1..=MOST_PAGES {
            let said = format!("page {page} of the campaigns");
            let listed = self.list("campaign", page, said).await?;
            let last = listed.items.is_empty() || listed.total_pages.is_some_and(|all| page >= all);
            let same =
                |one: &Thing| one.name.as_deref() == Some(name) && one.is_deleted != Some(true);
            if let Some(found) = listed.items.iter().find(|one| same(one)) {
                return Ok(Some(found.id));
            }
            if last {
                break;
            }
        }
        Ok(None)
    }

    async fn create(&self, order: &NewOrder) -> Result<i64, Trouble> {
        let advertiser: i64 = order.advertiser.parse().map_err(|_| {
            Trouble::permanent("an advertiser of Kevel is a number: see the principal's mapping")
        })?;
        let body = json!({"AdvertiserId": advertiser, "Name": order.name, "IsActive": false});
        let ask = Ask::send(Method::POST, self.url("campaign")?, body, "a new campaign");
        let created: Thing = self.http.ask(ask).await?;
        Ok(created.id)
    }

    async fn add(&self, campaign: i64, line: &NewLine) -> Result<(), Trouble> {
        let Some(priority) = self.priority else {
            let message = "Kevel wants a priority for each flight: set the priority id";
            return Err(Trouble::permanent(message));
        };
        let price = line.cpm.amount().to_string();
        let price: Value = serde_json::from_str(&price).unwrap_or(Value::Null);
        let sites = line
            .units
            .iter()
            .filter_map(|unit| unit.parse::<i64>().ok());
        let body = json!({
            "Name": line.name,
            "CampaignId": campaign,
            "PriorityId": priority,
            "StartDateISO": rfc3339(line.starts),
            "EndDateISO": rfc3339(line.ends),
            "GoalType": IMPRESSIONS,
            "Impressions": line.impressions,
            "RateType": CPM,
            "Price": price,
            "IsActive": true,
            "SiteZoneTargeting": sites.map(|site| json!({"SiteId": site})).collect::<Vec<_>>(),
        });
        let ask = Ask::send(Method::POST, self.url("flight")?, body, "a new flight");
        self.http.ask::<Thing>(ask).await.map(drop)
    }

    /// Changes a campaign: reads all of it, and sends all of it back.
    async fn change(&self, campaign: i64, field: &str, to: bool) -> Result<(), Trouble> {
        let url = self.url(&format!("campaign/{campaign}"))?;
        let ask = Ask::get(url.clone(), "the campaign");
        let mut whole: Value = self.http.ask(ask).await?;
        let Some(fields) = whole.as_object_mut() else {
            let message = format!("{NAME} answered the campaign in another shape than it should");
            return Err(Trouble::unreadable(message));
        };
        fields.remove("Flights");
        fields.insert(field.to_owned(), Value::Bool(to));
        let ask = Ask::send(Method::PUT, url, whole, "changing the campaign");
        self.http.ask::<IgnoredAny>(ask).await.map(drop)
    }

    async fn held(&self, campaign: i64) -> Result<HeldOrder, Trouble> {
        let url = self.url(&format!("campaign/{campaign}"))?;
        let found: Thing = self.http.ask(Ask::get(url, "the campaign")).await?;
        Ok(HeldOrder {
            id: found.id.to_string(),
            status: found.status(ItemKind::Order),
            name: found.called(),
            lines: self.flights(campaign).await?,
        })
    }

    async fn flights(&self, campaign: i64) -> Result<Vec<HeldLine>, Trouble> {
        let mut lines = Vec::new();
        for page in 1..=MOST_PAGES {
            let said = format!("page {page} of the campaign's flights");
            let rest = format!("campaign/{campaign}/flight");
            let listed = self.list(&rest, page, said).await?;
            let few = listed.items.len() < PAGE;
            let live = |one: &Thing| one.is_deleted != Some(true);
            lines.extend(listed.items.into_iter().filter(live).map(Thing::held));
            if few {
                break;
            }
        }
        Ok(lines)
    }

    async fn add_all(&self, campaign: i64, order: &NewOrder) -> Result<(), Trouble> {
        let held = self.flights(campaign).await?;
        for line in &order.lines {
            if !held.iter().any(|held| held.name == line.name) {
                self.add(campaign, line).await?;
            }
        }
        self.change(campaign, "IsActive", true).await
    }
}

/// The number of a campaign.
fn number(order: &str) -> Result<i64, Trouble> {
    let number = order.parse();
    number.map_err(|_| Trouble::permanent("a campaign of Kevel is a number"))
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

    async fn order(&self, order: &NewOrder) -> Result<HeldOrder, Trouble> {
        if order.lines.is_empty() {
            return Err(Trouble::permanent("an order without lines is none"));
        }
        let (campaign, fresh) = match self.find(&order.name).await? {
            Some(found) => (found, false),
            None => (self.create(order).await?, true),
        };
        if let Err(trouble) = self.add_all(campaign, order).await {
            if !fresh || trouble.is_passing() {
                return Err(trouble);
            }
            return Err(match self.change(campaign, "IsDeleted", true).await {
                Ok(()) => trouble,
                Err(other) => Trouble {
                    message: format!(
                        "{trouble}; campaign {campaign} is left there, inactive, because it could not be deleted: {other}"
                    ),
                    ..trouble
                },
            });
        }
        self.held(campaign).await
    }

    async fn turn(&self, order: &str, turn: Turn) -> Result<HeldOrder, Trouble> {
        let campaign = number(order)?;
        self.change(campaign, "IsActive", turn == Turn::Resume)
            .await?;
        self.held(campaign).await
    }

    async fn read(&self, order: &str) -> Result<HeldOrder, Trouble> {
        self.held(number(order)?).await
    }
}
