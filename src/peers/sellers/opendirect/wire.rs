//! Orders and lines as servers of `OpenDirect` write them, in any of their spellings, and as we
//! send them: in the specification's. Reads only what is decided on.

use serde_json::{Value, json};

use super::reference_of;
use crate::{
    domain::{
        booking::{
            lines::Booked,
            there::{Fate, Shown},
        },
        money::Money,
        opendirect::{booking_status::LineBookingStatus, product::RateType},
        when::{Flight, Instant},
    },
    peers::sellers::{
        Usual, Wanted,
        offered::line as one_line,
        reading::{count, field, instant, money, text},
    },
};

/// How much of a campaign's name an order's and a line's name hold, in characters.
const NAMES: (usize, usize) = (60, 150);

/// Whether an order lets its lines go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OrderState {
    Pending,
    Open,
    Off,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Order {
    pub id: String,
    pub state: OrderState,
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub id: String,
    pub status: LineBookingStatus,
    /// The same in the word of its seller.
    word: String,
    pub at: Option<Instant>,
    rate: Option<Money>,
    impressions: Option<u64>,
    pub cost: Option<Money>,
}

/// Whether an order or a line is the one that carries this reference.
pub(super) fn is_own(one: &Value, reference: &str) -> bool {
    let named = || text(one, &["name"]).is_some_and(|name| name.contains(reference));
    reference_of(one).as_deref() == Some(reference) || named()
}

/// Reads an order.
pub(super) fn order(body: &Value) -> Option<Order> {
    let body = field(body, &["order"]).unwrap_or(body);
    let state = text(
        body,
        &["orderstatus", "order_status", "orderStatus", "status"],
    );
    Some(Order {
        id: text(body, &["id", "order_id", "orderid"])?,
        state: match state.map(|state| state.to_ascii_lowercase()).as_deref() {
            Some("pending" | "submitted" | "pending_approval") => OrderState::Pending,
            Some("rejected" | "canceled" | "cancelled" | "declined") => OrderState::Off,
            _ => OrderState::Open,
        },
    })
}

/// Reads a line; nothing when it has no state that is known.
pub(super) fn line(body: &Value, usual: &Usual) -> Option<Line> {
    let body = field(body, &["line"]).unwrap_or(body);
    let status = text(body, &["bookingstatus", "booking_status", "bookingStatus"])?;
    let currency = text(body, &["currency"]).and_then(|code| code.parse().ok());
    let currency = currency.unwrap_or(usual.currency);
    let amount = |names: &[&str]| field(body, names).and_then(|one| money(one, currency));
    let at = text(body, &["bookedat", "booked_at", "bookedAt"]);
    Some(Line {
        id: text(body, &["id", "line_id", "lineid"])?,
        status: status.parse().ok()?,
        word: status,
        at: at.and_then(|at| instant(&at)),
        rate: amount(&["rate"]),
        impressions: count(body, &["qty", "quantity"]),
        cost: amount(&["cost"]),
    })
}

impl Line {
    /// What is not as it is wanted, in words that go on behind a name.
    fn differs(&self, wanted: &Wanted) -> Vec<String> {
        let mut all = Vec::new();
        let dearer = |one: Option<Money>, than: Money| {
            one.filter(|one| one.currency() != than.currency() || one.minor() > than.minor())
        };
        if let Some(rate) = dearer(self.rate, wanted.cpm) {
            all.push(format!(
                "the price is {rate} per thousand, not {}",
                wanted.cpm
            ));
        }
        if let Some(n) = self.impressions.filter(|n| *n != wanted.impressions) {
            all.push(format!(
                "it is for {n} impressions, not {}",
                wanted.impressions
            ));
        }
        if let Some(cost) = dearer(self.cost, wanted.cost) {
            all.push(format!("it costs {cost}, not {}", wanted.cost));
        }
        all
    }

    /// Whether it is what was approved; if not, why.
    pub(super) fn holds(&self, wanted: &Wanted) -> Result<(), String> {
        match &self.differs(wanted)[..] {
            [] => Ok(()),
            differs => Err(format!(
                "its line is not what was approved: {}",
                differs.join("; ")
            )),
        }
    }

    /// Where it is not what was wanted.
    pub(super) fn note(&self, wanted: &Wanted) -> Option<String> {
        let differs = self.changed(wanted);
        (!differs.is_empty()).then(|| differs.join("; "))
    }

    fn changed(&self, wanted: &Wanted) -> Vec<String> {
        let mut differs = self.differs(wanted);
        if let Some(cost) = self.cost.filter(|cost| *cost < wanted.cost) {
            differs.push(format!("it costs {cost}, not {}", wanted.cost));
        }
        differs
    }

    /// What became of it since it was booked.
    pub(super) fn shown(&self, wanted: &Wanted, booked: Booked) -> Shown {
        use LineBookingStatus as S;
        let fate = match self.status {
            S::Cancelled | S::Expired => Fate::Off,
            S::Booked | S::InFlight | S::Finished | S::Stopped => Fate::Stands(self.status),
            S::Draft | S::PendingReservation | S::Reserved | S::PendingBooking => Fate::Unbooked,
        };
        Shown {
            fate,
            word: self.word.clone(),
            differs: self.changed(wanted),
            booked,
        }
    }
}

/// The first and the last moment of a flight.
fn days(flight: Flight) -> (String, String) {
    let (first, last) = (flight.first(), flight.last());
    (format!("{first}T00:00:00Z"), format!("{last}T23:59:59Z"))
}

/// An order as it is sent.
pub(super) fn new_order(account: &str, wanted: &Wanted) -> Value {
    let reference = wanted.order_reference();
    let (start, end) = days(wanted.flight);
    json!({
        "name": format!("{} [{reference}]", one_line(&wanted.campaign, NAMES.0)),
        "accountid": account,
        "currency": wanted.budget.currency().code(),
        "budget": wanted.budget.amount(),
        "startdate": start,
        "enddate": end,
        "ext": { "externalid": reference },
    })
}

/// A line as it is sent.
pub(super) fn new_line(order: &str, wanted: &Wanted) -> Value {
    let reference = wanted.reference();
    let (start, end) = days(wanted.flight);
    let rate = match wanted.rate {
        RateType::Cpmv => RateType::Cpmv,
        _ => RateType::Cpm,
    };
    json!({
        "orderid": order,
        "productid": wanted.product,
        "name": format!("{} [{reference}]", one_line(&wanted.campaign, NAMES.1)),
        "startdate": start,
        "enddate": end,
        "ratetype": rate.name(),
        "rate": wanted.cpm.amount(),
        "qty": wanted.impressions,
        "bookingstatus": "Draft",
        "targeting": wanted.targeting,
        "ext": { "externalid": reference },
    })
}
