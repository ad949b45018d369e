//! Media buys of the demonstration: buyers order, the publisher decides. Everything is asked
//! of the engine; nothing is written by any other way.

use std::collections::HashMap;

use chrono::Duration;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    domain::{
        ids::{BuyId, ProductId},
        media_buy::{action::OrderVerb, draft::BuyDraft},
        money::Amount,
        tenant::caller::Caller,
        when::{Instant, rfc3339},
    },
    engine::{
        core::Core,
        fault::Fault,
        media_buys::{
            act::ActOnBuy,
            create::CreateBuy,
            decide::{DecideApproval, Say},
            get::GetBuy,
            update::UpdateBuy,
        },
    },
};

/// What somebody does to a media buy.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Trade {
    /// Orders it.
    Order {
        /// What the story calls it.
        #[serde(rename = "as")]
        name: String,
        /// What it is called.
        title: String,
        /// In how many days it starts; 0 is at once.
        starts: i64,
        /// How many days it runs.
        days: i64,
        /// What is bought, for how much, and whether a creative is there.
        packages: Vec<(ProductId, Amount, bool)>,
        /// Whether the publisher is not asked yet.
        #[serde(default)]
        draft: bool,
        /// Whether it is to be delivered as fast as it goes.
        #[serde(default)]
        asap: bool,
    },
    /// Decides on what is asked.
    Decide {
        /// Of which.
        order: String,
        /// What.
        say: Say,
        /// Why.
        #[serde(default)]
        reason: Option<String>,
    },
    /// Wants another budget for a package.
    Budget {
        /// Of which.
        order: String,
        /// The place of the package.
        package: usize,
        /// How much.
        budget: Amount,
    },
    /// Calls it off.
    CallOff {
        /// Which.
        order: String,
        /// Why.
        reason: String,
    },
    /// Does something else to it.
    Act {
        /// To which.
        order: String,
        /// What.
        verb: OrderVerb,
    },
}

/// The media buys that were ordered so far.
#[derive(Default)]
pub struct Buys(HashMap<String, BuyId>);

impl Buys {
    /// Does it.
    ///
    /// # Errors
    /// When the engine refuses it, or the story knows no such order.
    pub async fn trade(&mut self, core: &Core, by: &Caller, trade: &Trade) -> Result<(), Fault> {
        match trade {
            Trade::Order { name, .. } => {
                let create = order(trade, core.clock().now())?;
                let ordered = core.ask(by, create).await?;
                self.0.insert(name.clone(), ordered.buy.buy.id);
            }
            Trade::Decide { order, say, reason } => {
                let decide = DecideApproval {
                    approval_id: None,
                    media_buy_id: Some(self.id(order)?),
                    say: *say,
                    reason: reason.clone(),
                    expected_revision: None,
                };
                core.ask(by, decide).await?;
            }
            Trade::Budget {
                order,
                package,
                budget,
            } => {
                let media_buy_id = self.id(order)?;
                let view = core.ask(by, GetBuy { media_buy_id }).await?;
                let id = view.buy.packages.get(*package).map(|one| &one.id);
                let change = json!({"packages": [{"package_id": id, "budget": budget}]});
                self.change(core, by, order, change).await?;
            }
            Trade::CallOff { order, reason } => {
                let change = json!({"canceled": true, "cancellation_reason": reason});
                self.change(core, by, order, change).await?;
            }
            Trade::Act { order, verb } => {
                let act = json!({"media_buy_id": self.id(order)?, "action": verb});
                core.ask(by, read::<ActOnBuy>(act)?).await?;
            }
        }
        Ok(())
    }

    async fn change(
        &self,
        core: &Core,
        by: &Caller,
        order: &str,
        change: Value,
    ) -> Result<(), Fault> {
        let update = json!({"media_buy_id": self.id(order)?, "change": change});
        core.ask(by, read::<UpdateBuy>(update)?).await.map(drop)
    }

    fn id(&self, name: &str) -> Result<BuyId, Fault> {
        let known = self.0.get(name).cloned();
        known.ok_or_else(|| Fault::broken(format!("the story has no order {name}")))
    }
}

fn read<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, Fault> {
    serde_json::from_value(value).map_err(Fault::broken)
}

/// An order with its days, as it is sent.
fn order(trade: &Trade, now: Instant) -> Result<CreateBuy, Fault> {
    let Trade::Order {
        title,
        starts,
        days,
        packages,
        draft: keep_draft,
        asap,
        ..
    } = trade
    else {
        return Err(Fault::broken("nothing is ordered"));
    };
    let midnight = now.date_naive().and_hms_opt(0, 0, 0).unwrap_or_default();
    let start = midnight.and_utc() + Duration::days(*starts);
    let package = |(product, budget, shown): &(ProductId, Amount, bool)| {
        let spot = json!({
            "creative_id": "spot-30", "name": "Spot, 30 seconds",
            "format_id": {"id": "video_30s"},
        });
        let shows: Vec<Value> = shown.then_some(spot).into_iter().collect();
        json!({
            "product_id": product, "budget": budget, "pricing_option_id": "default",
            "creatives": shows, "pacing": if *asap { "asap" } else { "even" },
        })
    };
    let packages: Vec<Value> = packages.iter().map(package).collect();
    let begins = match starts {
        0 => "asap".to_owned(),
        _ => rfc3339(start),
    };
    let draft = json!({
        "name": title,
        "start_time": begins,
        "end_time": rfc3339(start + Duration::days(*days)),
        "packages": packages,
        "po_number": format!("PO-{}", title.chars().filter(char::is_ascii_uppercase).collect::<String>()),
    });
    Ok(CreateBuy {
        governed: None,
        draft: read::<BuyDraft>(draft)?,
        account: None,
        keep_draft: *keep_draft,
    })
}
