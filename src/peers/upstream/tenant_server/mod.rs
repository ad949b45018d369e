//! A tenant-management server by its REST API, in any of its shapes, which are told apart by
//! asking: its description of itself, the principals of a tenant, the names in its health. Reads
//! what it can; errors come as a text, as an object or as a page.

mod wire;

use std::time::Duration;

use reqwest::Method;
use secrecy::SecretString;
use serde_json::{Map, Value, json};
use url::Url;

use super::{
    Silent,
    call::{Bounds, Came, Door, Http, said},
    slots::{Away, Told},
};
use crate::{
    domain::tenant::server::{Act, Probed, Shape, shown::ServerTenant},
    peers::once::{base, below},
};

/// Where the API begins.
const BASE: [&str; 3] = ["api", "v1", "tenant-management"];
/// How many pages of a list are read at most.
const PAGES: usize = 100;
/// How many are asked for at once, where that can be said.
const PAGE: &str = "500";
/// How many lines of an audit log are asked for at once.
const LINES: u32 = 100;
/// How many rows of a list are read at most.
const MOST: usize = 5_000;

/// What it takes to reach a server.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where it is.
    pub url: Url,
    /// Its management key.
    pub key: Option<SecretString>,
    /// The key of its sync API, where it has one.
    pub sync_key: Option<SecretString>,
    /// How long things may take.
    pub bounds: Bounds,
}

/// A tenant-management server.
pub struct TenantServer {
    http: Http,
    sync: Option<Http>,
    place: String,
    url: Url,
    bounds: Bounds,
}

/// What was answered to something that was done.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answered {
    /// The id of the tenant that it is about, where it says so.
    pub tenant: Option<String>,
    /// What it says.
    pub said: String,
    /// What is shown once, by its name.
    pub secrets: Vec<(String, String)>,
}

impl TenantServer {
    /// Gets ready; nothing is asked before somebody does.
    ///
    /// # Errors
    /// When this machine has no TLS, or a key is none that can be sent.
    pub fn new(settings: Settings) -> Result<Self, Silent> {
        let url = base(settings.url).map_err(|why| Silent(why.into()))?;
        let door = |header, key| Door {
            header: (header, ""),
            key: Some(key),
            bounds: settings.bounds,
        };
        let none = Door {
            header: ("x-tenant-management-api-key", ""),
            key: None,
            bounds: settings.bounds,
        };
        let own = settings
            .key
            .map_or(none, |key| door("x-tenant-management-api-key", key));
        let sync = settings.sync_key.map(|key| door("x-api-key", key));
        Ok(Self {
            http: Http::new(own)?,
            sync: sync.map(Http::new).transpose()?,
            place: url.as_str().trim_end_matches('/').to_owned(),
            url,
            bounds: settings.bounds,
        })
    }

    /// Where it is, for people: no secrets in it.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }

    fn at(&self, parts: &[&str]) -> Url {
        below(&below(&self.url, &BASE), parts)
    }

    async fn ask(&self, url: Url) -> Came {
        let patience = (None, self.bounds.read);
        self.http.call((Method::GET, url), None, patience).await
    }

    async fn read(&self, url: Url, what: &str) -> Result<Option<Value>, Away> {
        match self.ask(url).await {
            Came::Answer(200..=299, Some(body)) => Ok(Some(body)),
            Came::Answer(404, _) => Ok(None),
            came => Err(away(&came, what)),
        }
    }

    /// Finds out which shape it has.
    ///
    /// # Errors
    /// When it cannot be asked, or has none that is known.
    pub async fn probe(&self) -> Result<Probed, Away> {
        let probed = |shape, evidence: &str| Probed {
            shape,
            evidence: evidence.to_owned(),
            create: None,
            principals: shape == Shape::Seed,
            sync_key: self.sync.is_some(),
        };
        // Whoever is not let in, or finds nobody, is to hear that and no guess.
        let health = self.read(self.at(&["health"]), "its health").await?;
        let described = self.ask(self.at(&["openapi.json"])).await;
        if let Came::Answer(200..=299, Some(body)) = &described
            && let Some(paths) = wire::paths(body)
        {
            let fork = |path: &&String| path.ends_with("/status") || path.ends_with("/reactivate");
            if paths.iter().any(|path| fork(&path)) {
                let evidence = "it describes itself, with ways that only the fork has";
                let ends = |end: &str| paths.iter().find(|path| path.ends_with(end));
                return Ok(Probed {
                    create: ends("/tenants/provision").map(|_| "provision".to_owned()),
                    principals: ends("/principals").is_some(),
                    ..probed(Shape::Fork, evidence)
                });
            }
        }
        let listed = self.read(self.at(&["tenants"]), "its tenants").await?;
        let Some(listed) = listed else {
            return Err(no("it has no tenant management at this address"));
        };
        let first = wire::tenants(&listed).and_then(|all| all.into_iter().next());
        // Without a tenant, who knows principals says of one that is not there that it is not.
        let named = first.map_or_else(|| "flightdeck-probe".to_owned(), |one| one.tenant_id);
        match self.ask(self.at(&["tenants", &named, "principals"])).await {
            Came::Answer(200..=299, Some(_)) => {
                Ok(probed(Shape::Seed, "it lists the principals of a tenant"))
            }
            Came::Answer(404, Some(_)) => Ok(probed(
                Shape::Seed,
                "it knows the way to principals, and not the tenant that was asked about",
            )),
            Came::Odd(404, _) => Ok(probed(
                Shape::Public,
                "it answers with a page where principals would be",
            )),
            _ => {
                let health = health.unwrap_or_default();
                let counts = ["version", "tenants_count", "active_media_buys"];
                let counts = counts.iter().any(|name| health.get(name).is_some());
                Ok(if counts {
                    probed(Shape::Seed, "its health has counters")
                } else {
                    probed(Shape::Public, "its health has a time and nothing more")
                })
            }
        }
    }

    /// How it is, in its own words.
    ///
    /// # Errors
    /// When it does not say.
    pub async fn health(&self) -> Result<Map<String, Value>, Away> {
        let body = self.read(self.at(&["health"]), "its health").await?;
        Ok(wire::object(body.unwrap_or_default()))
    }

    /// Its tenants, page by page where it has pages.
    ///
    /// # Errors
    /// When it does not say.
    pub async fn tenants(&self, shape: Shape) -> Result<Vec<ServerTenant>, Away> {
        let mut all: Vec<ServerTenant> = Vec::new();
        let mut cursor: Option<String> = None;
        for _ in 0..PAGES {
            let mut url = self.at(&["tenants"]);
            if shape == Shape::Fork {
                let mut query = url.query_pairs_mut();
                query.append_pair("limit", PAGE);
                if let Some(cursor) = &cursor {
                    query.append_pair("cursor", cursor);
                }
            }
            let body = self.read(url, "its tenants").await?;
            let body = body.ok_or_else(|| no("it does not list its tenants any more"))?;
            let page = wire::tenants(&body);
            let page = page.ok_or_else(|| unlike(&body, "its tenants"))?;
            all.extend(page);
            let next = body.get("next_cursor").and_then(Value::as_str);
            cursor = next.filter(|next| !next.is_empty()).map(str::to_owned);
            if cursor.is_none() {
                break;
            }
        }
        Ok(all)
    }

    /// A tenant; nothing when it is not known there.
    ///
    /// # Errors
    /// When it does not say.
    pub async fn tenant(&self, id: &str) -> Result<Option<ServerTenant>, Away> {
        let Some(body) = self.read(self.at(&["tenants", id]), "the tenant").await? else {
            return Ok(None);
        };
        let one = wire::tenant(body.get("tenant").unwrap_or(&body));
        one.map(Some).ok_or_else(|| unlike(&body, "a tenant"))
    }

    /// Who buys from a tenant, without what opens anything.
    ///
    /// # Errors
    /// When it does not say.
    pub async fn principals(&self, id: &str) -> Result<Vec<Value>, Away> {
        let url = self.at(&["tenants", id, "principals"]);
        self.pages(&url, "its principals", (None, MOST)).await
    }

    /// A list, page by page where it goes on: by its cursor, or by how many there are in all. At
    /// most so many rows.
    async fn pages(
        &self,
        url: &Url,
        what: &str,
        (page, most): (Option<u32>, usize),
    ) -> Result<Vec<Value>, Away> {
        let mut all: Vec<Value> = Vec::new();
        let mut next: Option<(&str, String)> = None;
        for _ in 0..PAGES {
            let mut url = url.clone();
            if page.is_some() || next.is_some() {
                let mut query = url.query_pairs_mut();
                if let Some(page) = page {
                    query.append_pair("limit", &page.to_string());
                }
                if let Some((name, at)) = &next {
                    query.append_pair(name, at);
                }
            }
            let Some(body) = self.read(url, what).await? else {
                return Ok(all);
            };
            let rows = wire::list(&body);
            let got = rows.len();
            // A server that knows nothing of pages gives the first one again.
            let again = got > 0 && next.is_some() && all.get(..got) == Some(&rows[..]);
            if again {
                return Ok(all);
            }
            all.extend(rows);
            if all.len() >= most {
                all.truncate(most);
                return Ok(all);
            }
            next = wire::next(&body, all.len()).filter(|_| got > 0);
            if next.is_none() {
                return Ok(all);
            }
        }
        Ok(all)
    }

    /// Who did what in a tenant, at most so many.
    ///
    /// # Errors
    /// When it does not say.
    pub async fn audit(&self, shape: Shape, id: &str, most: u32) -> Result<Vec<Value>, Away> {
        let mut url = match shape {
            Shape::Fork => self.at(&["tenants", id, "audit-log"]),
            Shape::Seed | Shape::Public => self.at(&["audit-logs"]),
        };
        if shape != Shape::Fork {
            url.query_pairs_mut().append_pair("tenant_id", id);
        }
        let bounds = (Some(most.min(LINES)), most as usize);
        self.pages(&url, "its audit log", bounds).await
    }

    /// How a tenant is, in one answer.
    ///
    /// # Errors
    /// When it does not say.
    pub async fn status(&self, id: &str) -> Result<Map<String, Value>, Away> {
        let body = self
            .read(self.at(&["tenants", id, "status"]), "the tenant")
            .await?;
        Ok(wire::object(body.unwrap_or_default()))
    }

    /// Does something there, once.
    pub async fn act(&self, probed: &Probed, act: &Act, mark: &str) -> Told<Answered> {
        let (method, url, body) = self.request(probed, act);
        let is_sync = matches!(act, Act::SyncInventory { .. });
        let public = is_sync && probed.shape == Shape::Public;
        let http = if public { self.sync.as_ref() } else { None };
        let http = http.unwrap_or(&self.http);
        let patience: (Option<&str>, Duration) = (Some(mark), self.bounds.send);
        let came = http.call((method, url), body.as_ref(), patience).await;
        let words = came.words("it");
        match came {
            Came::Answer(200..=299, Some(body)) if said(&body).is_some() && is_error(&body) => {
                Told::Lost(said(&body).unwrap_or(words))
            }
            Came::Answer(200..=299, body) => Told::Done(wire::answered(&body.unwrap_or_default())),
            Came::Wait(_) | Came::Unreached(_) => Told::NotDone(away(&came, "it")),
            Came::Answer(408, _) | Came::Odd(408, _) => Told::Lost(words),
            Came::Answer(status @ 300..=499, _) | Came::Odd(status @ 300..=499, _) => {
                Told::Refused(status, words)
            }
            _ => Told::Lost(words),
        }
    }

    /// How something is asked of a server of this shape.
    fn request(&self, probed: &Probed, act: &Act) -> (Method, Url, Option<Value>) {
        let shape = probed.shape;
        let object = |fields: &Map<String, Value>| Some(Value::Object(fields.clone()));
        let (fork, public) = (shape == Shape::Fork, shape == Shape::Public);
        match act {
            Act::Create { fields } => {
                let mut parts = vec!["tenants"];
                parts.extend(probed.create.as_deref());
                (Method::POST, self.at(&parts), object(fields))
            }
            Act::Update { tenant, fields } => {
                let method = if fork { Method::PATCH } else { Method::PUT };
                (method, self.at(&["tenants", tenant]), object(fields))
            }
            Act::Deactivate { tenant } if fork => (
                Method::POST,
                self.at(&["tenants", tenant, "deactivate"]),
                None,
            ),
            Act::Deactivate { tenant } => {
                let body = Some(json!({"hard_delete": false}));
                (Method::DELETE, self.at(&["tenants", tenant]), body)
            }
            Act::Reactivate { tenant } if fork => (
                Method::POST,
                self.at(&["tenants", tenant, "reactivate"]),
                None,
            ),
            Act::Reactivate { tenant } => {
                let body = Some(json!({"is_active": true}));
                (Method::PUT, self.at(&["tenants", tenant]), body)
            }
            Act::CreatePrincipal { tenant, fields } => {
                let url = self.at(&["tenants", tenant, "principals"]);
                (Method::POST, url, object(fields))
            }
            Act::SyncInventory { tenant } if fork => {
                (Method::POST, self.at(&["tenants", tenant, "refresh"]), None)
            }
            Act::SyncInventory { tenant } if public => {
                let url = below(&self.url, &["api", "sync", "trigger", tenant]);
                (Method::POST, url, Some(json!({"sync_type": "inventory"})))
            }
            Act::SyncInventory { tenant } => (
                Method::POST,
                self.at(&["tenants", tenant, "sync-inventory"]),
                None,
            ),
            Act::SyncOrders { tenant } => (
                Method::POST,
                self.at(&["tenants", tenant, "sync-orders"]),
                None,
            ),
        }
    }
}

/// Whether an answer is an error whatever its status says.
fn is_error(body: &Value) -> bool {
    body.get("error").is_some_and(|error| !error.is_null())
}

fn away(came: &Came, what: &str) -> Away {
    Away {
        why: came.words(what),
        wait: match came {
            Came::Wait(wait) => Some(*wait),
            _ => None,
        },
    }
}

fn no(why: &str) -> Away {
    Away {
        why: why.to_owned(),
        wait: None,
    }
}

/// That an answer is none: in its own words, if it has any.
fn unlike(body: &Value, what: &str) -> Away {
    let why = match said(body) {
        Some(said) => format!("it answered for {what} that {said}"),
        None => format!("it answered for {what} in another shape than it should"),
    };
    Away { why, wait: None }
}
