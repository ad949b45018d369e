//! The IAB Tech Lab's seller agent, as version 2.4 behaves: products of the shared catalogue,
//! quotes that bind nobody and hold nothing for a day, and a deal for a quote, once, under a key.
//! Whether a quote became a deal is asked of the quote: that answers also when the first answer
//! was lost.

mod wire;

use async_trait::async_trait;
use reqwest::Method;
use serde_json::{Value, json};

use self::wire::{Deal, Quote, QuoteState};
use super::{
    Asked, Avails, Catalogue, Market, Silent, Standing, Usual, Wanted, avails,
    http::{Came, Http, Settings},
    pages,
};
use crate::{
    domain::{
        booking::{
            lines::{Booked, Placed},
            there::Shown,
        },
        channel::Channel,
        opendirect::product::DeliveryType,
    },
    peers::seller::SellerFault,
};

/// A seller agent.
pub struct SellerAgent {
    http: Http,
    usual: Usual,
}

impl SellerAgent {
    /// Gets ready; nothing is asked before somebody does.
    ///
    /// # Errors
    /// When it cannot be asked as it is set up.
    pub fn new(settings: Settings, usual: Usual) -> Result<Self, Silent> {
        Ok(Self {
            http: Http::new(settings)?,
            usual,
        })
    }

    async fn quote(&self, id: &str) -> Result<Option<Quote>, Silent> {
        let url = self.http.at(&["api", "v1", "quotes", id]);
        match self.http.get(url).await {
            Came::Answer(200..=299, Some(body)) => {
                let unlike = || Silent("it answered for a quote in another shape".into());
                wire::quote(&body, &self.usual).map(Some).ok_or_else(unlike)
            }
            // Expired, and never booked: a quote that became a deal is kept as booked.
            Came::Answer(410, _) => Ok(Some(Quote::expired(id))),
            Came::Answer(404, _) => Ok(None),
            came => Err(Silent(came.words())),
        }
    }

    async fn deal(&self, id: &str) -> Result<Option<Deal>, Silent> {
        let url = self.http.at(&["api", "v1", "deals", id]);
        match self.http.get(url).await {
            Came::Answer(200..=299, Some(body)) => {
                let unlike = || Silent("it answered for a deal in another shape".into());
                wire::deal(&body, &self.usual).map(Some).ok_or_else(unlike)
            }
            came if came.is_absent() => Ok(None),
            came => Err(Silent(came.words())),
        }
    }

    /// What became of a quote, read from itself and from its deal.
    async fn became(&self, wanted: &Wanted, id: &str) -> Result<Became, Silent> {
        let Some(quote) = self.quote(id).await? else {
            return Ok(Became::Forgotten);
        };
        match (quote.state, quote.deal) {
            (QuoteState::Booked | QuoteState::Open, Some(deal)) => match self.deal(&deal).await? {
                Some(deal) => Ok(Became::Deal(deal)),
                None => Ok(Became::NoDeal(deal)),
            },
            (QuoteState::Booked, None) => Err(Silent(format!(
                "it says that the quote {id} is booked and names no deal for {}",
                wanted.product
            ))),
            (QuoteState::Open, None) => Ok(Became::Open),
            (QuoteState::Ended, _) => Ok(Became::Ended),
        }
    }

    /// A deal that is there, held against what was wanted.
    fn booked(wanted: &Wanted, quote: &str, deal: &Deal) -> Result<Booked, SellerFault> {
        if deal.is_off() {
            let said = format!("its deal {} is {}", deal.id, deal.status);
            return Err(SellerFault::Refused(said));
        }
        Ok(Self::as_booked(wanted, quote, deal))
    }

    fn as_booked(wanted: &Wanted, quote: &str, deal: &Deal) -> Booked {
        Booked {
            at: deal.at.unwrap_or(wanted.now),
            placed: Some(Placed {
                order_id: quote.to_owned(),
                line_id: deal.id.clone(),
            }),
            cost: deal.cost(wanted),
            note: deal.note(wanted),
        }
    }

    /// What a deal that was sent for came to, once it has been looked for.
    async fn after(
        &self,
        wanted: &Wanted,
        quote: &str,
        came: &Came,
    ) -> Result<Booked, SellerFault> {
        match self.became(wanted, quote).await {
            Ok(Became::Deal(deal)) => Self::booked(wanted, quote, &deal),
            Ok(Became::Open | Became::Ended | Became::Forgotten | Became::NoDeal(_))
                if came.done().is_some() =>
            {
                Err(SellerFault::Passing(format!(
                    "it answered that it has booked {} and shows no deal for it",
                    wanted.product
                )))
            }
            // What was asked for before may be on its way there.
            Ok(Became::Open) if wanted.asked_at.is_some() && came.is_conflict() => {
                Err(SellerFault::Passing(came.words()))
            }
            Ok(Became::Open) => Err(came.fault()),
            Ok(Became::Forgotten) if came.is_absent() && wanted.asked_at.is_none() => {
                let said = "it does not know its quote any more; nothing was booked";
                Err(SellerFault::Refused(said.into()))
            }
            Ok(Became::Ended) => Err(SellerFault::Refused("its quote has expired".into())),
            Ok(Became::Forgotten | Became::NoDeal(_)) | Err(_) => {
                Err(SellerFault::Passing(came.words()))
            }
        }
    }
}

/// What became of a quote.
enum Became {
    Deal(Deal),
    /// It names a deal that is not there.
    NoDeal(String),
    Open,
    Ended,
    Forgotten,
}

#[async_trait]
impl Market for SellerAgent {
    fn place(&self) -> &str {
        self.http.place()
    }

    async fn catalogue(&self) -> Result<Catalogue, Silent> {
        pages::products(&self.http, &self.usual).await
    }

    async fn reserve(&self, wanted: &Wanted) -> Result<Placed, SellerFault> {
        let url = self.http.at(&["api", "v1", "quotes"]);
        let body = asked(wanted);
        // A quote binds nobody: one that was lost expires by itself.
        let came = self.http.change(Method::POST, url, Some(&body)).await;
        let Some(said) = came.done() else {
            return Err(match &came {
                Came::Answer(404, Some(_)) => SellerFault::Refused(came.words()),
                other => other.fault(),
            });
        };
        let quote = wire::quote(said, &self.usual).ok_or_else(|| {
            SellerFault::Passing("it answered for a quote in another shape".into())
        })?;
        quote.holds(wanted).map_err(SellerFault::Refused)?;
        Ok(Placed {
            order_id: quote.id.clone(),
            line_id: quote.id,
        })
    }

    async fn book(&self, wanted: &Wanted, placed: &Placed) -> Result<Booked, SellerFault> {
        let quote = &*placed.order_id;
        if wanted.asked_at.is_some() {
            match self.became(wanted, quote).await {
                Ok(Became::Deal(deal)) => return Self::booked(wanted, quote, &deal),
                Ok(Became::Open) => {}
                Ok(Became::Ended) => {
                    return Err(SellerFault::Refused("its quote has expired".into()));
                }
                Ok(Became::NoDeal(deal)) => {
                    let said = format!("it names the deal {deal} and does not show it");
                    return Err(SellerFault::Passing(said));
                }
                Ok(Became::Forgotten) => {
                    let said = "it does not know its quote any more, and was asked to book it";
                    return Err(SellerFault::Passing(said.into()));
                }
                Err(Silent(why)) => return Err(SellerFault::Passing(why)),
            }
        }
        let url = self.http.at(&["api", "v1", "deals"]);
        let body = json!({
            "quote_id": quote,
            "idempotency_key": wanted.key("deal"),
            "notes": wanted.reference(),
        });
        let came = self.http.change(Method::POST, url, Some(&body)).await;
        self.after(wanted, quote, &came).await
    }

    async fn release(&self, wanted: &Wanted, placed: &Placed) -> Result<(), SellerFault> {
        match self.became(wanted, &placed.order_id).await {
            Ok(Became::Deal(deal)) if !deal.is_off() => Err(SellerFault::Refused(format!(
                "it has booked the deal {}",
                deal.id
            ))),
            Err(Silent(why)) if wanted.asked_at.is_some() => Err(SellerFault::Passing(why)),
            // A quote holds nothing.
            Ok(_) | Err(_) => Ok(()),
        }
    }

    async fn standing(&self, wanted: &Wanted, placed: &Placed) -> Result<Standing, Silent> {
        match self.became(wanted, &placed.order_id).await? {
            Became::Deal(deal) if deal.is_off() => Ok(Standing::Nothing),
            Became::Deal(deal) => Self::booked(wanted, &placed.order_id, &deal)
                .map(Standing::Booked)
                .map_err(|fault| Silent(fault.to_string())),
            Became::Open => Ok(Standing::Open),
            Became::Ended => Ok(Standing::Nothing),
            Became::NoDeal(deal) => Err(Silent(format!(
                "it names the deal {deal} and does not show it"
            ))),
            Became::Forgotten => Err(Silent("it does not know its quote any more".into())),
        }
    }

    async fn follow(&self, wanted: &Wanted, placed: &Placed) -> Result<Option<Shown>, Silent> {
        // What was booked is the deal; only what nobody knows of has to be found by its quote.
        let deal = match wanted.asked_at {
            Some(_) if placed.line_id == placed.order_id => {
                match self.became(wanted, &placed.order_id).await? {
                    Became::Deal(deal) => Some(deal),
                    _ => None,
                }
            }
            _ => self.deal(&placed.line_id).await?,
        };
        Ok(deal.map(|deal| {
            let booked = Self::as_booked(wanted, &placed.order_id, &deal);
            deal.shown(wanted, booked)
        }))
    }

    async fn avails(&self, asked: &Asked) -> Result<Avails, Silent> {
        avails::ask(&self.http, asked, None).await
    }
}

/// What is asked for, the same whenever it is asked again.
fn asked(wanted: &Wanted) -> Value {
    let deal = match wanted.delivery {
        DeliveryType::Guaranteed | DeliveryType::Exclusive => "PG",
        DeliveryType::Pmp => "PD",
    };
    let media = match wanted.channel {
        Channel::Ctv => "ctv",
        _ => "digital",
    };
    json!({
        "product_id": wanted.product,
        "deal_type": deal,
        "impressions": wanted.impressions,
        "flight_start": wanted.flight.first().to_string(),
        "flight_end": wanted.flight.last().to_string(),
        "media_type": media,
        "idempotency_key": wanted.key("quote"),
    })
}
