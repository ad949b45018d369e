//! A sales agent that speaks `AdCP` over MCP, of today and of older versions: its products by
//! `get_products`, a media buy of one package for each line by `create_media_buy`, read back by
//! `get_media_buys`. Nothing is held there: what is reserved is only a reference. A media buy whose
//! answer was lost cannot be looked for by a reference; it is asked for again under the same
//! idempotency key, within the day in which that is the same media buy, and of an agent that knows
//! no such keys it is unclear.

mod wire;

use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Map, Value, json};

use self::wire::{Buy, Made};
use super::{
    Catalogue, Market, Silent, Standing, Usual, Wanted,
    http::{Bounds, KeyHeader, Settings},
};
use crate::{
    domain::booking::{
        lines::{Booked, Placed},
        there::Shown,
    },
    peers::{
        mcp::{
            self, Answer, Client,
            fault::{AUTH_REQUIRED, Fault, Kind, NOT_THERE},
        },
        seller::SellerFault,
    },
};

/// How many products are asked for at a time.
const PAGE: usize = 50;
/// The most pages that are read.
const MOST_PAGES: usize = 100;
/// For how long the same key certainly means the same media buy.
const SAME_KEY: chrono::Duration = chrono::Duration::hours(20);

/// Whom an agent is told that it sells to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Buyer {
    /// The domain of the brand that is advertised.
    pub brand: Option<String>,
    /// The account there; where it is not said, the one of the brand.
    pub account: Option<String>,
}

/// A sales agent.
pub struct SalesAgent {
    client: Client,
    usual: Usual,
    buyer: Buyer,
    bounds: Bounds,
}

impl SalesAgent {
    /// Gets ready; nothing is asked before somebody does.
    ///
    /// # Errors
    /// When it cannot be asked as it is set up.
    pub fn new(settings: Settings, usual: Usual, buyer: Buyer) -> Result<Self, Silent> {
        let bounds = settings.bounds;
        let client = Client::new(mcp::Settings {
            key: settings.key,
            shown: match settings.header {
                KeyHeader::Bearer => mcp::Shown::Bearer,
                KeyHeader::AdcpAuth => mcp::Shown::Adcp,
                KeyHeader::ApiKey => {
                    return Err(Silent(
                        "over MCP its key stands in \"bearer\" or \"x-adcp-auth\"".into(),
                    ));
                }
            },
            hello: bounds.read,
            most: bounds.most,
            ..mcp::Settings::new(settings.url)
        });
        Ok(Self {
            client: client.map_err(|silent| Silent(silent.0))?,
            usual,
            buyer,
            bounds,
        })
    }

    async fn call(
        &self,
        tool: &str,
        arguments: &Value,
        patience: Duration,
    ) -> Result<Answer, Fault> {
        let arguments = arguments.as_object().cloned().unwrap_or_default();
        self.client.call(tool, arguments, patience).await
    }

    /// Asks for products, in the words that this agent knows: the next ones only where the last
    /// were turned down.
    async fn first_page(&self) -> Result<(Value, Answer), Fault> {
        let mut last = None;
        for asked in wire::questions(&self.buyer) {
            match self.call("get_products", &asked, self.bounds.read).await {
                Ok(answer) => return Ok((asked, answer)),
                Err(fault) if fault.kind == Kind::Refused && !is_locked(&fault) => {
                    last = Some(fault);
                }
                Err(fault) => return Err(fault),
            }
        }
        Err(last.unwrap_or_else(|| unreadable("it was not asked")))
    }

    async fn pages(&self) -> Result<Vec<Value>, Silent> {
        let (mut asked, mut answer) = self.first_page().await.map_err(|fault| silent(&fault))?;
        let mut all = Vec::new();
        for _ in 0..MOST_PAGES {
            let found = answer.body.get("products").and_then(Value::as_array);
            let Some(found) = found else {
                return Err(Silent("its answer has no products in it".into()));
            };
            all.extend(found.iter().cloned());
            if all.len() > self.bounds.products {
                let most = self.bounds.products;
                return Err(Silent(format!("it has more than {most} products")));
            }
            let Some(cursor) = wire::next(&answer.body).filter(|_| !found.is_empty()) else {
                return Ok(all);
            };
            asked["pagination"] = json!({"cursor": cursor, "max_results": PAGE});
            let next = self.call("get_products", &asked, self.bounds.read).await;
            answer = next.map_err(|fault| silent(&fault))?;
        }
        Err(Silent("its list of products does not end".into()))
    }

    /// A media buy as it is shown; nothing when it is not.
    async fn buy(&self, id: &str) -> Result<Option<Buy>, Silent> {
        let asked = json!({ "media_buy_ids": [id] });
        let read = self.bounds.read;
        let found = match self.call("get_media_buys", &asked, read).await {
            Err(fault) if fault.is_unknown_tool() => {
                self.call("get_media_buy_delivery", &asked, read).await
            }
            found => found,
        };
        match found {
            Ok(answer) => Ok(wire::buy(&answer.body, id, &self.usual)),
            Err(fault) if fault.code == "MEDIA_BUY_NOT_FOUND" => Ok(None),
            Err(fault) => Err(silent(&fault)),
        }
    }

    /// Whether asking again under the same key is the same media buy there.
    async fn keeps_keys(&self) -> Result<bool, Silent> {
        let (tool, nothing) = ("get_adcp_capabilities", json!({}));
        match self.call(tool, &nothing, self.bounds.read).await {
            Ok(answer) => Ok(wire::keeps_keys(&answer.body)),
            Err(fault) if fault.is_unknown_tool() => Ok(false),
            Err(fault) => Err(silent(&fault)),
        }
    }

    /// What became of what it holds for a person, where it can say.
    async fn task(&self, task: &str) -> Result<Made, SellerFault> {
        let read = self.bounds.read;
        let asked = json!({"task_id": task, "include_result": true});
        let found = match self.call("tasks/get", &asked, read).await {
            Err(fault) if fault.is_unknown_tool() => {
                let asked = json!({ "task_id": task });
                self.call("get_task", &asked, read).await
            }
            found => found,
        };
        match found {
            Ok(answer) => Ok(wire::task(&answer.body)),
            Err(fault) if fault.is_unknown_tool() => Ok(Made::Held(None)),
            Err(fault) => Err(SellerFault::Passing(fault.sentence())),
        }
    }

    /// Reads a media buy back before it is told as booked.
    async fn seen(&self, wanted: &Wanted, id: &str) -> Result<Booked, SellerFault> {
        match self.buy(id).await {
            Ok(Some(buy)) if buy.is_off() => Err(SellerFault::Refused(format!(
                "its media buy {id} is {}",
                buy.status
            ))),
            Ok(Some(buy)) => Ok(booked(wanted, id, &buy)),
            Ok(None) => Err(SellerFault::Passing(format!(
                "it answered that it has made the media buy {id}, and does not show it"
            ))),
            Err(Silent(why)) => Err(SellerFault::Passing(why)),
        }
    }
}

/// A media buy that is there, held against what was wanted.
fn booked(wanted: &Wanted, id: &str, buy: &Buy) -> Booked {
    Booked {
        at: buy.at.unwrap_or(wanted.now),
        placed: Some(Placed {
            order_id: wanted.reference(),
            line_id: id.to_owned(),
        }),
        cost: buy.budget,
        note: buy.note(wanted),
    }
}

fn is_locked(fault: &Fault) -> bool {
    fault.code == AUTH_REQUIRED || fault.code.starts_with("AUTH_")
}

fn silent(fault: &Fault) -> Silent {
    if is_locked(fault) {
        return Silent("it does not take our key".into());
    }
    Silent(fault.sentence())
}

/// What it means that a media buy was turned down or not answered for. One that was asked for
/// before may have been made then, whatever is said now.
fn not_made(wanted: &Wanted, fault: &Fault) -> SellerFault {
    let said = fault.sentence();
    let was_asked = wanted.asked_at.is_some() || fault.code.starts_with("IDEMPOTENCY_");
    match fault.kind {
        Kind::Refused if is_locked(fault) => {
            SellerFault::Passing("it does not take our key".into())
        }
        // A page of whatever stands before it.
        Kind::Refused if fault.code == NOT_THERE => SellerFault::Unsent(said),
        Kind::Refused if was_asked => SellerFault::Unclear(said),
        Kind::Refused => SellerFault::Refused(said),
        Kind::Passing => SellerFault::Unsent(said),
        Kind::Lost => SellerFault::Passing(said),
    }
}

fn unreadable(words: &str) -> Fault {
    Fault {
        kind: Kind::Passing,
        code: String::new(),
        words: words.to_owned(),
        field: None,
        hint: None,
        retry_after: None,
    }
}

#[async_trait]
impl Market for SalesAgent {
    fn place(&self) -> &str {
        self.client.place()
    }

    async fn catalogue(&self) -> Result<Catalogue, Silent> {
        let mut catalogue = Catalogue::default();
        for one in self.pages().await? {
            match wire::product(&one, &self.usual) {
                Ok(offered) => catalogue.offered.push(offered),
                Err(why) => *catalogue.left_out.entry(why).or_default() += 1,
            }
        }
        Ok(catalogue)
    }

    async fn reserve(&self, wanted: &Wanted) -> Result<Placed, SellerFault> {
        let reference = wanted.reference();
        Ok(Placed {
            order_id: reference.clone(),
            line_id: reference,
        })
    }

    async fn book(&self, wanted: &Wanted, _: &Placed) -> Result<Booked, SellerFault> {
        if let Some(at) = wanted.asked_at {
            if wanted.now - at > SAME_KEY {
                return Err(SellerFault::Unclear(format!(
                    "it was asked to at {}, and too long ago to ask again",
                    at.format("%Y-%m-%d %H:%M:%S UTC")
                )));
            }
            let keeps = self.keeps_keys().await;
            if !keeps.map_err(|Silent(why)| SellerFault::Passing(why))? {
                let said = "it was asked to, its answer was lost, and it says nothing of keys under which asking again is safe";
                return Err(SellerFault::Unclear(said.into()));
            }
        }
        let asked = wire::create(wanted, &self.buyer);
        let came = self.call("create_media_buy", &asked, self.bounds.change);
        let made = match came.await {
            Ok(answer) => wire::made(&answer.body),
            Err(fault) => return Err(not_made(wanted, &fault)),
        };
        let made = match made {
            Made::Held(Some(task)) => self.task(&task).await?,
            made => made,
        };
        match made {
            Made::Buy(id) => self.seen(wanted, &id).await,
            Made::Held(_) => Err(SellerFault::Undecided(
                "a person there has not decided on the media buy yet".into(),
            )),
            Made::Off(why) => Err(SellerFault::Refused(why)),
            Made::Unread => Err(SellerFault::Passing(
                "it answered with neither a media buy nor a task".into(),
            )),
        }
    }

    async fn release(&self, _: &Wanted, _: &Placed) -> Result<(), SellerFault> {
        // Nothing is held there.
        Ok(())
    }

    async fn standing(&self, wanted: &Wanted, placed: &Placed) -> Result<Standing, Silent> {
        if placed.line_id != wanted.reference() {
            return match self.buy(&placed.line_id).await? {
                Some(buy) if buy.is_off() => Ok(Standing::Nothing),
                Some(_) => Ok(Standing::Booked(Booked::at(wanted.now))),
                None => Err(Silent("it does not show the media buy any more".into())),
            };
        }
        match wanted.asked_at {
            None => Ok(Standing::Open),
            Some(_) => Err(Silent(
                "a media buy cannot be looked for there by our reference".into(),
            )),
        }
    }

    async fn follow(&self, wanted: &Wanted, placed: &Placed) -> Result<Option<Shown>, Silent> {
        let id = &*placed.line_id;
        if id == wanted.reference() {
            let why = "a media buy cannot be looked for there by our reference";
            return Err(Silent(why.into()));
        }
        let buy = self.buy(id).await?;
        Ok(buy.map(|buy| buy.shown(wanted, booked(wanted, id, &buy))))
    }
}

/// The fields of an object.
type Object = Map<String, Value>;
