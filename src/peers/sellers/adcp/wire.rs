//! Products and media buys as sales agents of several ages write them, and as we ask for them: in
//! the words of `AdCP` 3.0 first. Reads only what is decided on.

use serde_json::{Value, json};

use super::{Buyer, Object, PAGE};
use crate::{
    domain::{
        booking::{
            lines::Booked,
            there::{Fate, Shown},
        },
        channel::Channel,
        money::{Currency, Money},
        opendirect::{
            Targeting,
            booking_status::LineBookingStatus,
            product::{DeliveryType, Product, RateType, UsualRates},
        },
        when::Instant,
    },
    peers::sellers::{
        Usual, Wanted,
        offered::{self, Offered, Unsaid, line},
        reading::{count, field, instant, money, text},
    },
};

/// What older agents want to be told before they show anything.
const BRIEF: &str = "Everything that can be bought";

/// How products are asked for, in the words of one version after the other.
pub(super) fn questions(buyer: &Buyer) -> Vec<Value> {
    let brand = buyer.brand.as_ref();
    let named = brand.map(|domain| json!({ "domain": domain }));
    let page = json!({ "max_results": PAGE });
    let mut all = vec![
        json!({"buying_mode": "wholesale", "pagination": page}),
        json!({ "brief": BRIEF }),
    ];
    for one in &mut all {
        if let Some(brand) = &named {
            one["brand"] = brand.clone();
        }
    }
    let offering = brand.map_or("Campaigns", String::as_str);
    all.push(json!({"brief": BRIEF, "promoted_offering": offering}));
    all
}

/// Where the list goes on.
pub(super) fn next(body: &Object) -> Option<String> {
    let page = body.get("pagination")?;
    let more = page.get("has_more").and_then(Value::as_bool) == Some(true);
    text(page, &["cursor", "next_cursor"]).filter(|_| more)
}

/// A price that a product can be had for.
struct Price {
    id: Option<String>,
    cpm: Money,
    rate: RateType,
}

/// Reads a product.
///
/// # Errors
/// Why it cannot be considered.
pub(super) fn product(wire: &Value, usual: &Usual) -> Result<Offered, String> {
    let id = text(wire, &["product_id", "id"]).ok_or("has no id")?;
    let price = price(wire, usual).ok_or("has no price per thousand that is told")?;
    let name = text(wire, &["name"]).unwrap_or_else(|| id.clone());
    let mut unsaid = vec![Unsaid::Availability];
    let delivery_type = match text(wire, &["delivery_type"]).as_deref() {
        Some("guaranteed") => DeliveryType::Guaranteed,
        Some("non_guaranteed") => DeliveryType::Pmp,
        _ => {
            unsaid.push(Unsaid::Delivery);
            DeliveryType::Pmp
        }
    };
    let format = format(wire).unwrap_or_else(|| {
        unsaid.push(Unsaid::Format);
        "unknown".to_owned()
    });
    let channel = if let Some(channel) = channel(wire) {
        channel
    } else {
        unsaid.push(Unsaid::Channel);
        let told = usual.channel.or_else(|| by_format(&format));
        told.ok_or("has no channel that can be told")?
    };
    let domain = publisher(wire);
    let publisher = domain.clone().unwrap_or_else(|| usual.publisher.clone());
    let made = Product {
        id: id.as_str().into(),
        publisher_id: line(&publisher, 200),
        publisher: line(&publisher, 200),
        name: line(&name, 100),
        description: line(&text(wire, &["description"]).unwrap_or_default(), 900),
        channel,
        format,
        rate_type: price.rate,
        delivery_type,
        base_price: price.cpm,
        floor_price: price.cpm,
        domain: domain.map(|domain| line(&domain, 200)),
        ad_unit: None,
        targeting: Targeting::new(),
        daily_impressions: offered::daily(None),
        usual: UsualRates::default(),
        active: true,
        offer: crate::domain::adcp::offer::Offer::default(),
    };
    offered::finish(made, None, price.id, unsaid)
}

/// The first price per thousand: a fixed one before one that is bid for.
fn price(wire: &Value, usual: &Usual) -> Option<Price> {
    let options = field(wire, &["pricing_options"]).and_then(Value::as_array);
    let read = |option: &Value, names: &[&str]| -> Option<Price> {
        let rate = match &*text(option, &["pricing_model"])?.to_ascii_lowercase() {
            "cpm" => RateType::Cpm,
            "vcpm" => RateType::Cpmv,
            _ => return None,
        };
        let currency = currency(option, usual.currency)?;
        Some(Price {
            id: text(option, &["pricing_option_id"]),
            cpm: money(field(option, names)?, currency)?,
            rate,
        })
    };
    if let Some(options) = options {
        let fixed = |option: &Value| read(option, &["fixed_price", "rate"]);
        let floor = |option: &Value| read(option, &["floor_price"]);
        let mut all = options.iter();
        return all.clone().find_map(fixed).or_else(|| all.find_map(floor));
    }
    // The shape before prices had names.
    let currency = currency(wire, usual.currency)?;
    Some(Price {
        id: None,
        cpm: money(field(wire, &["cpm"])?, currency)?,
        rate: RateType::Cpm,
    })
}

fn currency(of: &Value, usual: Currency) -> Option<Currency> {
    match text(of, &["currency"]) {
        Some(code) => code.to_ascii_uppercase().parse().ok(),
        None => Some(usual),
    }
}

fn channel(wire: &Value) -> Option<Channel> {
    let many = field(wire, &["channels"]).and_then(Value::as_array);
    let first = many.and_then(|many| many.iter().find_map(Value::as_str));
    let one = text(wire, &["channel"]);
    match first.map(str::to_owned).or(one)?.as_str() {
        "olv" | "video" => Some(Channel::Branding),
        "search" | "retail_media" | "affiliate" => Some(Channel::Performance),
        "gaming" => Some(Channel::MobileApp),
        other => other.parse().ok(),
    }
}

fn by_format(format: &str) -> Option<Channel> {
    matches!(format, "display" | "native").then_some(Channel::Branding)
}

fn format(wire: &Value) -> Option<String> {
    let all = field(wire, &["format_ids", "formats"])?.as_array()?;
    let first = all.first()?;
    let id = match first {
        Value::String(id) => id.clone(),
        other => text(other, &["id", "format_id", "name"])?,
    };
    let lower = id.to_ascii_lowercase();
    let kinds = ["video", "audio", "native", "display"];
    let kind = kinds.into_iter().find(|kind| lower.contains(kind));
    Some(kind.map_or_else(|| line(&lower, 50), str::to_owned)).filter(|name| !name.is_empty())
}

fn publisher(wire: &Value) -> Option<String> {
    let all = field(wire, &["publisher_properties", "properties"])?.as_array()?;
    all.iter()
        .find_map(|one| text(one, &["publisher_domain", "domain"]))
}

/// Whether an agent says that it keeps idempotency keys.
pub(super) fn keeps_keys(body: &Object) -> bool {
    let said = body.get("adcp").and_then(|adcp| adcp.get("idempotency"));
    let Some(said) = said else {
        return false;
    };
    let supported = said.get("supported").and_then(Value::as_bool);
    supported.unwrap_or_else(|| said.get("replay_ttl_seconds").is_some())
}

/// A media buy as it is asked for: the same whenever it is asked for again.
pub(super) fn create(wanted: &Wanted, buyer: &Buyer) -> Value {
    let asked = wanted.asked_at.unwrap_or(wanted.now).date_naive();
    let start = if wanted.flight.first() > asked {
        format!("{}T00:00:00Z", wanted.flight.first())
    } else {
        "asap".to_owned()
    };
    let mut package = json!({
        "product_id": wanted.product,
        "budget": wanted.cost.amount(),
        "impressions": wanted.impressions,
    });
    if let Some(price) = &wanted.price {
        package["pricing_option_id"] = json!(price);
    }
    if wanted.delivery == DeliveryType::Pmp {
        package["bid_price"] = json!(wanted.cpm.amount());
    }
    let reference = wanted.reference();
    let mut body = json!({
        "idempotency_key": wanted.key("media-buy"),
        "po_number": reference,
        "packages": [package],
        "start_time": start,
        "end_time": format!("{}T23:59:59Z", wanted.flight.last()),
    });
    if let Some(domain) = &buyer.brand {
        body["brand"] = json!({ "domain": domain });
    }
    let account = match (&buyer.account, &buyer.brand) {
        (Some(id), _) => Some(json!({ "account_id": id })),
        (None, Some(domain)) => Some(json!({"brand": {"domain": domain}, "operator": domain})),
        (None, None) => None,
    };
    if let Some(account) = account {
        body["account"] = account;
    }
    body
}

/// What came of asking for a media buy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Made {
    /// It is there.
    Buy(String),
    /// A person there decides, as which task where that is said.
    Held(Option<String>),
    /// It came to nothing.
    Off(String),
    /// It cannot be told.
    Unread,
}

/// Reads what came of asking.
pub(super) fn made(body: &Object) -> Made {
    let body = Value::Object(body.clone());
    let id = text(&body, &["media_buy_id"]).filter(|id| !id.starts_with("pending_"));
    let status = text(&body, &["status"]).unwrap_or_default();
    match (id, &*status.to_ascii_lowercase()) {
        (_, "failed" | "rejected" | "canceled") => {
            let said = crate::peers::sellers::reading::said(&body);
            Made::Off(said.unwrap_or_else(|| format!("it says that it is {status}")))
        }
        (Some(id), _) => Made::Buy(id),
        (None, "submitted" | "input-required" | "working" | "pending_manual") => {
            Made::Held(text(&body, &["task_id", "workflow_step_id"]))
        }
        (None, _) => Made::Unread,
    }
}

/// Reads what became of a task.
pub(super) fn task(body: &Object) -> Made {
    let body = Value::Object(body.clone());
    let result = field(&body, &["result", "response_data"]);
    let own = result.and_then(|result| text(result, &["media_buy_id"]));
    let status = text(&body, &["status"]).unwrap_or_default();
    match &*status.to_ascii_lowercase() {
        "completed" | "approved" => own.map_or(Made::Held(None), Made::Buy),
        "failed" | "rejected" | "canceled" | "cancelled" => {
            let said = text(&body, &["error_message", "message"]);
            let said = said.map_or_else(String::new, |said| format!(": {}", line(&said, 200)));
            Made::Off(format!("a person there said no{said}"))
        }
        _ => Made::Held(None),
    }
}

/// A media buy as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Buy {
    pub status: String,
    pub at: Option<Instant>,
    pub budget: Option<Money>,
    impressions: Option<u64>,
}

/// The media buy of that id, if it is shown.
pub(super) fn buy(body: &Object, id: &str, usual: &Usual) -> Option<Buy> {
    let body = Value::Object(body.clone());
    let all = field(&body, &["media_buys", "media_buy_deliveries", "deliveries"])?;
    let own = |one: &&Value| text(one, &["media_buy_id"]).as_deref() == Some(id);
    let one = all.as_array()?.iter().find(own)?;
    let currency = currency(one, usual.currency)?;
    let at = text(one, &["confirmed_at", "created_at"]);
    let packages = field(one, &["packages"]).and_then(Value::as_array);
    let impressions = packages.and_then(|all| count(all.first()?, &["impressions"]));
    Some(Buy {
        status: text(one, &["media_buy_status", "status"]).unwrap_or_default(),
        at: at.and_then(|at| instant(&at)),
        budget: field(one, &["total_budget"]).and_then(|one| money(one, currency)),
        impressions,
    })
}

impl Buy {
    /// Whether it came to nothing.
    pub(super) fn is_off(&self) -> bool {
        matches!(
            &*self.status,
            "rejected" | "canceled" | "cancelled" | "failed"
        )
    }

    /// What became of it since it was booked.
    pub(super) fn shown(&self, wanted: &Wanted, booked: Booked) -> Shown {
        use LineBookingStatus as S;
        let fate = match &*self.status {
            _ if self.is_off() => Fate::Off,
            "active" => Fate::Stands(S::InFlight),
            "completed" => Fate::Stands(S::Finished),
            "paused" => Fate::Stands(S::Stopped),
            _ => Fate::Stands(S::Booked),
        };
        Shown {
            fate,
            word: self.status.clone(),
            differs: self.changed(wanted),
            booked,
        }
    }

    fn changed(&self, wanted: &Wanted) -> Vec<String> {
        let mut all = Vec::new();
        if let Some(budget) = self.budget.filter(|budget| *budget != wanted.cost) {
            all.push(format!("its budget is {budget}, not {}", wanted.cost));
        }
        if let Some(n) = self.impressions.filter(|n| *n != wanted.impressions) {
            all.push(format!(
                "it is for {n} impressions, not {}",
                wanted.impressions
            ));
        }
        all
    }

    /// Where it is not what was wanted, or is called by a word that says less than booked.
    pub(super) fn note(&self, wanted: &Wanted) -> Option<String> {
        let mut all = self.changed(wanted);
        if !matches!(
            &*self.status,
            "active" | "completed" | "pending_start" | "scheduled"
        ) {
            let called = crate::domain::text::echo(&self.status);
            all.push(format!("its media buy is called {called}"));
        }
        (!all.is_empty()).then(|| all.join("; "))
    }
}
