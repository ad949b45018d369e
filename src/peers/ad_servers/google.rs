//! Google Ad Manager, by its REST API (`admanager.googleapis.com/v1`): ad units, placements,
//! custom targeting, orders and line items of one network.
//!
//! Documented there (reference of v1, "networks.orders" and "networks.lineItems"), and in the
//! protocol buffers that it is made from: the paths, `pageSize` (at most 1,000), `pageToken`,
//! `filter` with `updateTime > "..."`, `nextPageToken`, the fields that are read here,
//! `batchCreate` and `batchUpdate` (at most 100), `batchApprove` of orders, `batchPause`,
//! `batchResume`, `batchArchive` and `batchDelete`, that a line begins in the future, `stats` of
//! line items, and the refresh of a token at `oauth2.googleapis.com`. The version writes all that
//! is needed, so that the older SOAP services are not asked. Assumed, because nothing is said of it:
//! that a place in a list which was forgotten is answered with 400, that `order = "..."` is how
//! the lines of an order are found, and that a batch is not done by halves (what is left of one
//! is deleted all the same). Custom targeting keys and values carry no time of change; they are
//! read whole each time.

mod trade;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{Duration, Timelike as _};
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use url::Url;

use super::{
    Backend, Page, Reached, Want,
    http::{Ask, Bounds, Http, OAuth, Pass, Time},
};
use crate::domain::{
    inventory::{
        item::Item,
        kind::{ItemKind, What},
        order::{HeldOrder, LineCount, NewLine, NewOrder, Turn},
        trouble::Trouble,
    },
    when::{Instant, rfc3339},
};
use wire::{Listed, Network};

/// Where the API is.
pub const API: &str = "https://admanager.googleapis.com";
/// Where tokens are got.
pub const TOKENS: &str = "https://oauth2.googleapis.com/token";
/// How many things a page has; the most that the API gives.
const PAGE: &str = "1000";
/// What people call it.
const NAME: &str = "Google Ad Manager";

/// What it takes to reach a network.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the API is.
    pub api: Url,
    /// Where tokens are got.
    pub tokens: Url,
    /// The id of the application that people agreed to.
    pub client_id: String,
    /// Its secret.
    pub client_secret: SecretString,
    /// What they agreed with.
    pub refresh_token: SecretString,
    /// The network.
    pub network: String,
    /// The user who is responsible for orders of ours; needed to order.
    pub trafficker: Option<String>,
}

/// A network of Google Ad Manager.
pub struct Google {
    http: Http,
    api: Url,
    network: String,
    trafficker: Option<String>,
}

impl Google {
    /// Gets ready; nothing is asked before somebody does.
    ///
    /// # Errors
    /// When the network code is none, or this machine has no TLS.
    pub fn new(settings: Settings, time: Arc<dyn Time>, bounds: Bounds) -> Result<Self, Trouble> {
        let digits = |code: &str| !code.is_empty() && code.bytes().all(|c| c.is_ascii_digit());
        if !digits(&settings.network) {
            let message = "the network code of Google Ad Manager is a number, such as 123456789";
            return Err(Trouble::permanent(message));
        }
        let client = (settings.client_id, settings.client_secret);
        let pass = Pass::OAuth(OAuth::new(settings.tokens, client, settings.refresh_token));
        Ok(Self {
            http: Http::new(NAME, pass, time, bounds)?,
            api: settings.api,
            network: settings.network,
            trafficker: settings.trafficker,
        })
    }

    /// The network's own address, or that of something in it.
    fn url(&self, rest: &str) -> Result<Url, Trouble> {
        let path = format!("v1/networks/{}{rest}", self.network);
        let url = self.api.join(&path);
        url.map_err(|_| Trouble::permanent("the address of Google Ad Manager is none"))
    }

    /// The name of something in the network.
    fn named(&self, list: &str, id: &str) -> String {
        format!("networks/{}/{list}/{id}", self.network)
    }

    /// The id at the end of such a name.
    fn id_of<'n>(&self, list: &str, name: &'n str) -> Option<&'n str> {
        let rest = name.strip_prefix("networks/")?;
        let rest = rest.strip_prefix(self.network.as_str())?;
        let id = rest
            .strip_prefix('/')?
            .strip_prefix(list)?
            .strip_prefix('/')?;
        (!id.is_empty() && !id.contains('/')).then_some(id)
    }

    async fn get<T: DeserializeOwned>(&self, rest: &str, said: &str) -> Result<T, Trouble> {
        self.http.ask(Ask::get(self.url(rest)?, said)).await
    }

    /// Reads a page of a list.
    async fn list(
        &self,
        kind: ItemKind,
        (filter, token): (Option<String>, Option<&str>),
        said: String,
    ) -> Result<Listed, Trouble> {
        let mut url = self.url(&format!("/{}", list_of(kind)))?;
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("pageSize", PAGE);
            if let Some(filter) = &filter {
                query.append_pair("filter", filter);
            }
            if let Some(token) = token {
                query.append_pair("pageToken", token);
            }
        }
        let listed: Listed = self.http.ask(Ask::get(url, said.clone())).await?;
        if listed.error.is_some() {
            let message = format!("{NAME} answered {said} with an error that calls itself none");
            return Err(Trouble::transient(message));
        }
        Ok(listed)
    }

    /// The things on a page, in our words.
    fn items(&self, kind: ItemKind, listed: Listed) -> Result<Vec<Item>, Trouble> {
        match kind {
            ItemKind::AdUnit => listed
                .ad_units
                .into_iter()
                .map(|it| it.item(self))
                .collect(),
            ItemKind::Placement => listed
                .placements
                .into_iter()
                .map(|it| it.item(self))
                .collect(),
            ItemKind::TargetingKey => {
                let keys = listed.custom_targeting_keys.into_iter();
                keys.map(|it| it.item(self)).collect()
            }
            ItemKind::TargetingValue => {
                let values = listed.custom_targeting_values.into_iter();
                values.map(|it| it.item(self)).collect()
            }
            ItemKind::Order => listed.orders.into_iter().map(|it| it.item(self)).collect(),
            ItemKind::LineItem => listed
                .line_items
                .into_iter()
                .map(|it| it.item(self))
                .collect(),
            ItemKind::Site | ItemKind::Zone | ItemKind::Station => Ok(Vec::new()),
        }
    }
}

/// What the API calls a list.
fn list_of(kind: ItemKind) -> &'static str {
    match kind {
        ItemKind::Placement => "placements",
        ItemKind::TargetingKey => "customTargetingKeys",
        ItemKind::TargetingValue => "customTargetingValues",
        ItemKind::Order => "orders",
        ItemKind::LineItem => "lineItems",
        _ => "adUnits",
    }
}

#[async_trait]
impl Backend for Google {
    fn source(&self) -> String {
        format!("google_ad_manager/{}", self.network)
    }

    fn kinds(&self, what: What) -> Vec<(ItemKind, bool)> {
        match what {
            What::Inventory => vec![
                (ItemKind::AdUnit, true),
                (ItemKind::Placement, true),
                (ItemKind::TargetingKey, false),
                (ItemKind::TargetingValue, false),
            ],
            What::Orders => vec![(ItemKind::Order, true), (ItemKind::LineItem, true)],
        }
    }

    async fn test(&self) -> Result<Reached, Trouble> {
        let network: Network = self.get("", "the network").await?;
        let called = network.display_name.unwrap_or_default();
        Ok(Reached {
            account: self.network.clone(),
            said: format!(
                "network {} ({}), {}",
                self.network,
                crate::domain::text::echo(&called),
                crate::domain::text::echo(&network.currency_code.unwrap_or_default()),
            ),
        })
    }

    async fn page(&self, want: Want<'_>) -> Result<Page, Trouble> {
        let since = want
            .since
            .map(|at| format!("updateTime > \"{}\"", rfc3339(at)));
        let listed = self
            .list(want.kind, (since, want.token), want.said())
            .await?;
        let next = listed.next_page_token.clone();
        let next = next.filter(|token| !token.is_empty());
        if next.is_some() && next.as_deref() == want.token {
            let message = format!("{NAME} answered {} with itself as the next", want.said());
            return Err(Trouble::unreadable(message));
        }
        let items = self.items(want.kind, listed).map_err(|trouble| {
            Trouble::unreadable(format!("{NAME} answered {}: {trouble}", want.said()))
        })?;
        Ok(Page { items, next })
    }

    fn lead(&self) -> Duration {
        // What begins now is in the past by the time that it arrives.
        Duration::minutes(5)
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
        self.find_order(name).await
    }

    async fn order(&self, order: &NewOrder) -> Result<HeldOrder, Trouble> {
        self.place(order).await
    }

    async fn fill(&self, id: &str, order: &NewOrder) -> Result<(), Trouble> {
        self.complete(id, order).await
    }

    async fn set(&self, id: &str, line: &NewLine) -> Result<(), Trouble> {
        self.change(id, line).await
    }

    async fn turn(&self, order: &str, turn: Turn) -> Result<(), Trouble> {
        self.turn_order(order, turn).await
    }

    async fn turn_lines(&self, _: &str, lines: &[String], turn: Turn) -> Result<(), Trouble> {
        self.turn_items(lines, turn).await
    }

    async fn read(&self, order: &str) -> Result<HeldOrder, Trouble> {
        self.held(order).await
    }

    async fn counts(&self, order: &str, _: Instant) -> Result<Vec<LineCount>, Trouble> {
        self.counted(order).await
    }
}
