//! Quotes and deals as the seller agent writes them: in an envelope or bare, with prices in
//! millionths or as floats. Reads only what is decided on.

use serde_json::Value;

use crate::{
    domain::{
        booking::{
            lines::Booked,
            there::{Fate, Shown},
        },
        money::{Currency, MOST_MINOR, Money},
        opendirect::booking_status::LineBookingStatus,
        when::Instant,
    },
    peers::sellers::{
        Usual, Wanted,
        reading::{count, field, instant, micros, text},
    },
};

/// Where a quote is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum QuoteState {
    /// It can be booked.
    Open,
    /// It was booked.
    Booked,
    /// It has expired, or was turned down.
    Ended,
}

/// A price that was named, and what binds the seller to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Quote {
    pub id: String,
    pub state: QuoteState,
    pub deal: Option<String>,
    terms: Terms,
    /// Whether it says that there is not so much left.
    sold_out: bool,
}

/// What was booked for a quote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Deal {
    pub id: String,
    pub status: String,
    pub at: Option<Instant>,
    terms: Terms,
}

/// What is paid for what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Terms {
    /// The price per thousand in millionths, and the currency that it names.
    cpm: Option<(i128, Option<String>)>,
    impressions: Option<u64>,
}

/// Reads a quote.
pub(super) fn quote(body: &Value, usual: &Usual) -> Option<Quote> {
    let quote = field(body, &["quote"]).unwrap_or(body);
    let status = text(quote, &["status"]).unwrap_or_default();
    let available = field(quote, &["availability"])
        .and_then(|there| field(there, &["inventory_available"]))
        .and_then(Value::as_bool);
    Some(Quote {
        id: text(quote, &["quote_id", "id"])?,
        state: match &*status.to_ascii_lowercase() {
            "booked" | "accepted" => QuoteState::Booked,
            "expired" | "declined" | "rejected" | "cancelled" | "canceled" => QuoteState::Ended,
            _ => QuoteState::Open,
        },
        deal: text(quote, &["deal_id"]),
        terms: terms(quote, usual.currency),
        sold_out: available == Some(false),
    })
}

/// Reads a deal.
pub(super) fn deal(body: &Value, usual: &Usual) -> Option<Deal> {
    let deal = field(body, &["deal"]).unwrap_or(body);
    let at = text(deal, &["created_at", "booked_at"]);
    Some(Deal {
        id: text(deal, &["deal_id", "id"])?,
        status: text(deal, &["status"]).unwrap_or_else(|| "of no status".into()),
        at: at.and_then(|at| instant(&at)),
        terms: terms(deal, usual.currency),
    })
}

fn terms(of: &Value, currency: Currency) -> Terms {
    let pricing = field(of, &["pricing"]).unwrap_or(of);
    let cpm = field(pricing, &["final_cpm", "cpm", "price"]).and_then(micros);
    let named = || text(pricing, &["currency"]).unwrap_or_else(|| currency.code().to_owned());
    let terms = field(of, &["terms"]).unwrap_or(of);
    Terms {
        cpm: cpm.map(|(micros, own)| (micros, Some(own.unwrap_or_else(named)))),
        impressions: count(terms, &["impressions"]),
    }
}

impl Terms {
    /// What is not as it is wanted, in words that go on behind a name.
    fn differ(&self, wanted: &Wanted) -> Vec<String> {
        let mut all = Vec::new();
        let own = i128::from(wanted.cpm.minor()) * per_minor(wanted.cpm);
        let code = wanted.cpm.currency().code();
        if let Some((micros, named)) = &self.cpm {
            let currency = named.as_deref().unwrap_or(code);
            if !currency.eq_ignore_ascii_case(code) {
                all.push(format!(
                    "the price is in {}",
                    crate::domain::text::echo(currency)
                ));
            } else if *micros > own {
                let asked = minor_up(*micros, wanted.cpm);
                all.push(format!(
                    "the price is {asked} per thousand, not {}",
                    wanted.cpm
                ));
            }
        }
        if let Some(n) = self.impressions.filter(|n| *n != wanted.impressions) {
            all.push(format!(
                "it is for {n} impressions, not {}",
                wanted.impressions
            ));
        }
        all
    }
}

/// How many millionths a minor unit is.
fn per_minor(money: Money) -> i128 {
    1_000_000 / 10i128.pow(money.currency().decimals().min(6))
}

/// Millionths as money of the currency of another amount, rounded up.
fn minor_up(micros: i128, like: Money) -> Money {
    let per = per_minor(like);
    let minor = micros.div_euclid(per) + i128::from(micros.rem_euclid(per) != 0);
    Money::new(i64::try_from(minor).unwrap_or(i64::MAX), like.currency())
}

impl Quote {
    /// One that has expired; nothing else is known of it.
    pub(super) fn expired(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            state: QuoteState::Ended,
            deal: None,
            terms: Terms::default(),
            sold_out: false,
        }
    }

    /// Whether what was approved can be booked with it; if not, why.
    pub(super) fn holds(&self, wanted: &Wanted) -> Result<(), String> {
        if self.sold_out {
            return Err(format!(
                "it has no {} impressions of it left",
                wanted.impressions
            ));
        }
        if self.state == QuoteState::Ended {
            return Err("its quote has expired".into());
        }
        match &self.terms.differ(wanted)[..] {
            [] => Ok(()),
            differ => Err(format!(
                "it quotes something else than was approved: {}",
                differ.join("; ")
            )),
        }
    }
}

impl Deal {
    /// Whether it came to nothing.
    pub(super) fn is_off(&self) -> bool {
        matches!(
            &*self.status.to_ascii_lowercase(),
            "cancelled"
                | "canceled"
                | "rejected"
                | "declined"
                | "expired"
                | "failed"
                | "deprecated"
        )
    }

    /// What it costs, if it says its price and how many: to the nearest minor unit.
    pub(super) fn cost(&self, wanted: &Wanted) -> Option<Money> {
        let ((micros, named), impressions) = (self.terms.cpm.as_ref()?, self.terms.impressions?);
        let currency = wanted.cpm.currency();
        let same = |code: &String| code.eq_ignore_ascii_case(currency.code());
        if !named.as_ref().is_none_or(same) {
            return None;
        }
        let unit = per_minor(wanted.cpm).checked_mul(1_000)?;
        let exact = micros.checked_mul(i128::from(impressions))?;
        let minor = exact.checked_add(unit / 2)?.div_euclid(unit);
        let minor = i64::try_from(minor).ok()?;
        (0..=MOST_MINOR)
            .contains(&minor)
            .then(|| Money::new(minor, currency))
    }

    fn changed(&self, wanted: &Wanted) -> Vec<String> {
        let mut all = self.terms.differ(wanted);
        if let Some(cost) = self.cost(wanted).filter(|cost| *cost != wanted.cost) {
            all.push(format!("it costs {cost}, not {}", wanted.cost));
        }
        all
    }

    /// What became of it since it was booked.
    pub(super) fn shown(&self, wanted: &Wanted, booked: Booked) -> Shown {
        use LineBookingStatus as S;
        let fate = match &*self.status.to_ascii_lowercase() {
            // What ran to its end and was put away.
            "expired" | "deprecated" if wanted.now.date_naive() > wanted.flight.last() => {
                Fate::Stands(S::Finished)
            }
            _ if self.is_off() => Fate::Off,
            "active" | "delivering" | "live" => Fate::Stands(S::InFlight),
            "completed" | "finished" | "delivered" => Fate::Stands(S::Finished),
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

    /// Where it is not what was wanted, or is called by a word that says less than booked.
    pub(super) fn note(&self, wanted: &Wanted) -> Option<String> {
        let mut all = self.terms.differ(wanted);
        if let Some(cost) = self.cost(wanted).filter(|cost| *cost < wanted.cost) {
            all.push(format!("it costs {cost}, not {}", wanted.cost));
        }
        let status = self.status.to_ascii_lowercase();
        if !matches!(&*status, "booked" | "active" | "confirmed" | "delivering") {
            let called = crate::domain::text::echo(&self.status);
            all.push(format!("its deal {} is called {called}", self.id));
        }
        (!all.is_empty()).then(|| all.join("; "))
    }
}
