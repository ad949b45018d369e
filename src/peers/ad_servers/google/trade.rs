//! Orders for Google Ad Manager: an order, then its line items in one batch. Looks first whether
//! the order is there already; what could not be ordered whole is deleted again. A new order is a
//! draft that delivers nothing until it is agreed to.

use reqwest::Method;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use super::{
    Google, NAME,
    wire::{LineItem, Listed, Order, id, status},
};
use crate::{
    domain::{
        inventory::{
            item::Size,
            kind::ItemKind,
            order::{HeldLine, HeldOrder, LineCount, NewLine, NewOrder, Turn},
            trouble::Trouble,
        },
        media_buy::item_type::ItemType,
        money::Money,
        opendirect::product::RateType,
        when::rfc3339,
    },
    peers::ad_servers::http::Ask,
};

/// How many line items a batch may have.
const MOST_LINES: usize = 100;
/// How many pages of one order's lines are read.
const MOST_PAGES: usize = 50;
/// The longest name of an order or a line item.
const LONGEST_NAME: usize = 255;

impl Google {
    /// Orders, unless an order of this name is there.
    pub(super) async fn place(&self, order: &NewOrder) -> Result<HeldOrder, Trouble> {
        fits(order)?;
        let there = self.find_order(&order.name).await?;
        let (id, fresh) = match there {
            Some(id) => (id, false),
            None => (self.create(order).await?, true),
        };
        let held = if fresh {
            Vec::new()
        } else {
            self.lines(&id).await?
        };
        let is_there = |line: &&NewLine| held.iter().any(|held| held.name == line.name);
        let missing: Vec<&NewLine> = order.lines.iter().filter(|line| !is_there(line)).collect();
        if let Err(trouble) = self.add_lines(&id, &missing).await {
            // An answer that was lost may hide lines that are there: those are looked for the
            // next time, by the name of the order. Only what was refused is taken back.
            if !fresh || trouble.is_passing() {
                return Err(trouble);
            }
            return Err(self.take_back(&id, trouble).await);
        }
        self.held(&id).await
    }

    /// The order of a name, if there is one.
    pub(super) async fn find_order(&self, name: &str) -> Result<Option<String>, Trouble> {
        let filter = format!("displayName = \"{}\" AND archived = false", quoted(name));
        let said = "the orders of this name".to_owned();
        let listed = self
            .list(ItemKind::Order, (Some(filter), None), said)
            .await?;
        let same = |order: &&Order| order.display_name == name;
        let found = listed.orders.iter().find(same);
        found
            .map(|order| id(self, ItemKind::Order, &order.name))
            .transpose()
    }

    async fn create(&self, order: &NewOrder) -> Result<String, Trouble> {
        let Some(trafficker) = &self.trafficker else {
            let message =
                "Google Ad Manager wants a trafficker for each order: set the trafficker id";
            return Err(Trouble::permanent(message));
        };
        let mut wanted = json!({
            "displayName": order.name,
            "advertiser": self.named("companies", &order.advertiser),
            "trafficker": self.named("users", trafficker),
        });
        if let Some(po) = &order.po_number {
            wanted["poNumber"] = json!(po.chars().take(63).collect::<String>());
        }
        let parent = format!("networks/{}", self.network);
        let body = json!({"requests": [{"parent": parent, "order": wanted}]});
        let url = self.url("/orders:batchCreate")?;
        let ask = Ask::send(Method::POST, url, body, "a new order");
        let listed: Listed = self.http.ask(ask).await?;
        let created = listed.orders.first().ok_or_else(|| {
            Trouble::unreadable(format!(
                "{NAME} took a new order and did not say which it is"
            ))
        })?;
        id(self, ItemKind::Order, &created.name)
    }

    /// Adds the lines that are not there.
    pub(super) async fn complete(&self, id: &str, order: &NewOrder) -> Result<(), Trouble> {
        fits(order)?;
        digits(id)?;
        let held = self.lines(id).await?;
        let is_there = |line: &&NewLine| held.iter().any(|held| held.name == line.name);
        let missing: Vec<&NewLine> = order.lines.iter().filter(|line| !is_there(line)).collect();
        self.add_lines(id, &missing).await
    }

    async fn add_lines(&self, order: &str, lines: &[&NewLine]) -> Result<(), Trouble> {
        for lines in lines.chunks(MOST_LINES) {
            let parent = format!("networks/{}", self.network);
            let one =
                |line: &&NewLine| json!({"parent": parent, "lineItem": self.line(order, line)});
            let body = json!({"requests": lines.iter().map(one).collect::<Vec<Value>>()});
            let url = self.url("/lineItems:batchCreate")?;
            let ask = Ask::send(Method::POST, url, body, "new line items");
            let listed: Listed = self.http.ask(ask).await?;
            if listed.line_items.len() != lines.len() {
                let (got, wanted) = (listed.line_items.len(), lines.len());
                let message = format!("{NAME} took {got} of {wanted} new line items");
                return Err(Trouble::permanent(message));
            }
        }
        Ok(())
    }

    /// A line item as the API wants it.
    fn line(&self, order: &str, line: &NewLine) -> Value {
        let size = |size: &Size| json!({"size": {"width": size.width, "height": size.height, "sizeType": "PIXEL"}});
        let units = line
            .units
            .iter()
            .map(|unit| json!({"adUnit": self.named("adUnits", unit), "includeDescendants": true}));
        let placements = line.placements.iter();
        let placements = placements.map(|one| self.named("placements", one));
        json!({
            "order": self.named("orders", order),
            "displayName": line.name,
            "externalLineItemId": line.mark,
            "startTime": rfc3339(line.starts),
            "targetEndTime": rfc3339(line.ends),
            "lineItemType": line.item_type.name(),
            "creativeRotationType": "EVENLY",
            "costType": cost(line.priced),
            "rate": money(line.rate),
            "goal": goal(line),
            "creativePlaceholders": line.sizes.iter().map(size).collect::<Vec<_>>(),
            "targeting": {"inventoryTargeting": {
                "targetedAdUnits": units.collect::<Vec<_>>(),
                "targetedPlacements": placements.collect::<Vec<_>>(),
            }},
        })
    }

    /// Changes dates, goal and price of a line item; one that has begun begins when it did.
    pub(super) async fn change(&self, id: &str, line: &NewLine) -> Result<(), Trouble> {
        digits(id)?;
        let mut item = json!({
            "name": self.named("lineItems", id),
            "targetEndTime": rfc3339(line.ends),
            "rate": money(line.rate),
            "goal": goal(line),
        });
        let mut mask = "targetEndTime,rate,goal".to_owned();
        if line.starts > self.http.now() {
            item["startTime"] = json!(rfc3339(line.starts));
            mask.push_str(",startTime");
        }
        let body = json!({"requests": [{"lineItem": item, "updateMask": mask}]});
        let url = self.url("/lineItems:batchUpdate")?;
        let ask = Ask::send(Method::POST, url, body, "changing a line item").harmless();
        self.http.ask::<IgnoredAny>(ask).await.map(drop)
    }

    /// Deletes what was ordered in part; says so where even that fails.
    async fn take_back(&self, order: &str, trouble: Trouble) -> Trouble {
        let body = json!({"names": [self.named("orders", order)]});
        let deleted = async {
            let url = self.url("/orders:batchDelete")?;
            let ask = Ask::send(Method::POST, url, body, "taking the order back").harmless();
            self.http.ask::<IgnoredAny>(ask).await
        };
        match deleted.await {
            Ok(_) => trouble,
            Err(other) => Trouble {
                message: format!(
                    "{trouble}; order {order} is left there without its lines, because it could not be deleted: {other}"
                ),
                ..trouble
            },
        }
    }

    /// Activates, holds or puts away an order.
    pub(super) async fn turn_order(&self, order: &str, turn: Turn) -> Result<(), Trouble> {
        let (way, said) = match turn {
            Turn::Activate => ("batchApprove", "agreeing to the order"),
            Turn::Pause => ("batchPause", "pausing the order"),
            Turn::Resume => ("batchResume", "resuming the order"),
            Turn::Archive => ("batchArchive", "putting the order away"),
        };
        self.turn_all("orders", &[order.to_owned()], (way, said))
            .await
    }

    /// Holds line items, or has them delivered again.
    pub(super) async fn turn_items(&self, lines: &[String], turn: Turn) -> Result<(), Trouble> {
        let (way, said) = match turn {
            Turn::Pause => ("batchPause", "pausing line items"),
            Turn::Activate => ("batchActivate", "activating line items"),
            Turn::Resume => ("batchResume", "resuming line items"),
            Turn::Archive => ("batchArchive", "putting line items away"),
        };
        for lines in lines.chunks(MOST_LINES) {
            self.turn_all("lineItems", lines, (way, said)).await?;
        }
        Ok(())
    }

    async fn turn_all(
        &self,
        list: &str,
        ids: &[String],
        (way, said): (&str, &str),
    ) -> Result<(), Trouble> {
        ids.iter().try_for_each(|id| digits(id))?;
        let names: Vec<String> = ids.iter().map(|id| self.named(list, id)).collect();
        let url = self.url(&format!("/{list}:{way}"))?;
        let ask = Ask::send(Method::POST, url, json!({"names": names}), said).harmless();
        self.http.ask::<IgnoredAny>(ask).await.map(drop)
    }

    /// Reads an order and its lines.
    pub(super) async fn held(&self, order: &str) -> Result<HeldOrder, Trouble> {
        digits(order)?;
        let found: Order = self.get(&format!("/orders/{order}"), "the order").await?;
        let lines = self.lines(order).await?;
        Ok(HeldOrder {
            id: id(self, ItemKind::Order, &found.name)?,
            status: status(&found.status, found.archived),
            name: found.display_name,
            lines,
        })
    }

    async fn lines(&self, order: &str) -> Result<Vec<HeldLine>, Trouble> {
        let items = self.items_of(order).await?;
        items.into_iter().map(|item| item.held(self)).collect()
    }

    /// What was counted of the line items of an order.
    pub(super) async fn counted(&self, order: &str) -> Result<Vec<LineCount>, Trouble> {
        digits(order)?;
        let items = self.items_of(order).await?.into_iter();
        let counted: Result<Vec<_>, _> = items.map(|item| item.counted(self)).collect();
        Ok(counted?.into_iter().flatten().collect())
    }

    async fn items_of(&self, order: &str) -> Result<Vec<LineItem>, Trouble> {
        let filter = format!("order = \"{}\"", self.named("orders", order));
        let (mut items, mut token) = (Vec::new(), None);
        for _ in 0..MOST_PAGES {
            let said = "the line items of the order".to_owned();
            let ask = (Some(filter.clone()), token.as_deref());
            let listed = self.list(ItemKind::LineItem, ask, said).await?;
            items.extend(listed.line_items);
            let next = listed.next_page_token.filter(|next| !next.is_empty());
            if next.is_none() || next == token {
                return Ok(items);
            }
            token = next;
        }
        let message = format!("{NAME} tells more than {MOST_PAGES} pages of one order's lines");
        Err(Trouble::unreadable(message))
    }
}

/// Says what cannot be ordered before anything is.
fn fits(order: &NewOrder) -> Result<(), Trouble> {
    let long = |name: &str| name.is_empty() || name.chars().count() > LONGEST_NAME;
    if long(&order.name) || order.lines.iter().any(|line| long(&line.name)) {
        let message = format!("{NAME} wants names of 1 to {LONGEST_NAME} characters");
        return Err(Trouble::permanent(message));
    }
    let aimed = |line: &NewLine| !(line.units.is_empty() && line.placements.is_empty());
    if let Some(line) = order
        .lines
        .iter()
        .find(|line| line.priced == RateType::FlatRate)
    {
        let message = format!("{NAME} has no lines at a flat rate: {}", line.mark);
        return Err(Trouble::permanent(message));
    }
    if order.lines.is_empty() || !order.lines.iter().all(aimed) {
        let message = format!("{NAME} wants lines, and an ad unit or a placement for each");
        return Err(Trouble::permanent(message));
    }
    Ok(())
}

/// Refuses an id of an order that would lead elsewhere.
fn digits(order: &str) -> Result<(), Trouble> {
    let digits = !order.is_empty() && order.bytes().all(|c| c.is_ascii_digit());
    digits
        .then_some(())
        .ok_or_else(|| Trouble::permanent(format!("an order or a line of {NAME} is a number")))
}

/// The goal: a number over the whole flight, or for what is sold by share all of each day's.
fn goal(line: &NewLine) -> Value {
    let by_share = matches!(
        line.item_type,
        ItemType::Sponsorship | ItemType::Network | ItemType::House
    );
    let (over, units) = if by_share {
        ("DAILY", "100".to_owned())
    } else {
        ("LIFETIME", line.goal.to_string())
    };
    let unit = match line.priced {
        RateType::Cpc => "CLICKS",
        RateType::Cpmv => "VIEWABLE_IMPRESSIONS",
        _ => "IMPRESSIONS",
    };
    json!({"goalType": over, "unitType": unit, "units": units})
}

/// What is paid for, in the API's words.
fn cost(priced: RateType) -> &'static str {
    match priced {
        RateType::Cpm | RateType::FlatRate => "CPM",
        RateType::Cpmv => "VCPM",
        RateType::Cpc => "CPC",
        RateType::Cpd => "CPD",
    }
}

/// A text inside the quotes of a filter.
fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// Money as the API writes it: whole units as text, and billionths.
fn money(money: Money) -> Value {
    let decimals = money.currency().decimals();
    let unit = 10i64.pow(decimals.min(9));
    let nanos = (money.minor() % unit) * (1_000_000_000 / unit);
    json!({
        "currencyCode": money.currency().code(),
        "units": (money.minor() / unit).to_string(),
        "nanos": nanos,
    })
}
