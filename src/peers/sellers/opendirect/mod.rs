//! A server of `OpenDirect` 2.1: its products, an order for each job in the account that is set
//! up, a line for each product, reserved and then booked by action. Orders and lines carry our
//! reference, in `ext` and in their names: whatever was sent is looked for by it before anything
//! is sent again, and where a line stands is read back before it is believed.

mod wire;

use async_trait::async_trait;
use reqwest::Method;
use serde_json::Value;
use tokio::sync::OnceCell;
use url::Url;

use self::wire::{Line, Order, OrderState};
use super::{
    Asked, Avails, Catalogue, Market, Silent, Standing, Usual, Wanted, avails,
    http::{Came, Http, Settings},
    pages,
    reading::text,
};
use crate::{
    domain::{
        booking::{
            lines::{Booked, Placed},
            there::Shown,
        },
        opendirect::{booking_status::LineBookingStatus as S, product::DeliveryType},
    },
    peers::seller::SellerFault,
};

/// The most accounts, orders of one account and lines of one order that are looked through.
const MOST: usize = 2_000;

/// A server of `OpenDirect`.
pub struct OpenDirect {
    http: Http,
    usual: Usual,
    account: OnceCell<String>,
    brand: Option<String>,
}

impl OpenDirect {
    /// Gets ready; nothing is asked before somebody does. Without an account the only one that is
    /// there is booked in.
    ///
    /// # Errors
    /// When it cannot be asked as it is set up.
    pub fn new(
        settings: Settings,
        usual: Usual,
        (account, brand): (Option<String>, Option<String>),
    ) -> Result<Self, Silent> {
        Ok(Self {
            http: Http::new(settings)?,
            usual,
            brand,
            account: account.map_or_else(OnceCell::new, |id| OnceCell::new_with(Some(id))),
        })
    }

    /// In which account jobs are booked.
    async fn account(&self) -> Result<&str, SellerFault> {
        let find = || async {
            let url = self.http.at(&["accounts"]);
            let all = pages::list(&self.http, &url, "accounts", &["id"], MOST).await;
            let all = all.map_err(|Silent(why)| SellerFault::Passing(why))?;
            let ids: Vec<String> = all.iter().filter_map(|one| text(one, &["id"])).collect();
            match &ids[..] {
                [only] => Ok(only.clone()),
                many => Err(SellerFault::Refused(format!(
                    "it has {} accounts; the settings must say in which to book, with `account`",
                    many.len()
                ))),
            }
        };
        self.account.get_or_try_init(find).await.map(String::as_str)
    }

    /// The job's order, found by its reference; nothing when it is certainly not there.
    async fn find_order(&self, account: &str, wanted: &Wanted) -> Result<Option<Order>, Silent> {
        let url = self.http.at(&["accounts", account, "orders"]);
        let all = pages::list(&self.http, &url, "orders", &["id"], MOST).await?;
        let reference = wanted.order_reference();
        let mut own = all.iter().filter(|one| wire::is_own(one, &reference));
        Ok(own.find_map(wire::order))
    }

    async fn order(&self, account: &str, wanted: &Wanted) -> Result<Order, SellerFault> {
        let found = self.find_order(account, wanted).await;
        if let Some(order) = found.map_err(|Silent(why)| SellerFault::Passing(why))? {
            return Ok(order);
        }
        let url = self.http.at(&["accounts", account, "orders"]);
        let body = wire::new_order(account, wanted);
        let came = self.http.change(Method::POST, url, Some(&body)).await;
        came.done()
            .and_then(wire::order)
            .ok_or_else(|| unless_done(&came, "the order"))
    }

    fn lines(&self, account: &str, order: &str) -> Url {
        self.http
            .at(&["accounts", account, "orders", order, "lines"])
    }

    /// The line, found by its reference: the furthest along where there is more than one.
    async fn find_line(
        &self,
        account: &str,
        order: &str,
        wanted: &Wanted,
    ) -> Result<Option<Line>, Silent> {
        let url = self.lines(account, order);
        let all = pages::list(&self.http, &url, "lines", &["id"], MOST).await?;
        let reference = wanted.reference();
        let own = all.iter().filter(|one| wire::is_own(one, &reference));
        let lines = own.filter_map(|one| wire::line(one, &self.usual));
        Ok(lines.max_by_key(|line| match line.status {
            S::Cancelled | S::Expired => 0,
            other => 1 + other as u8,
        }))
    }

    async fn line(&self, account: &str, order: &str, wanted: &Wanted) -> Result<Line, SellerFault> {
        let found = self.find_line(account, order, wanted).await;
        match found.map_err(|Silent(why)| SellerFault::Passing(why))? {
            Some(line) if !matches!(line.status, S::Cancelled | S::Expired) => return Ok(line),
            _ => {}
        }
        let url = self.lines(account, order);
        let body = wire::new_line(order, wanted);
        let came = self.http.change(Method::POST, url, Some(&body)).await;
        let made = came.done().and_then(|body| wire::line(body, &self.usual));
        made.ok_or_else(|| unless_done(&came, "the line"))
    }

    fn at(&self, account: &str, placed: &Placed) -> Url {
        let (order, line) = (&*placed.order_id, &*placed.line_id);
        self.http
            .at(&["accounts", account, "orders", order, "lines", line])
    }

    /// The line as it is now; nothing when it is not known there, which one answer does not prove.
    async fn read(&self, account: &str, placed: &Placed) -> Result<Option<Line>, Silent> {
        match self.http.get(self.at(account, placed)).await {
            Came::Answer(200..=299, Some(body)) => {
                let unlike = || Silent("it answered for a line in another shape".into());
                wire::line(&body, &self.usual).map(Some).ok_or_else(unlike)
            }
            came if came.is_absent() => Ok(None),
            came => Err(Silent(came.words())),
        }
    }

    /// Asks for a step of a line, and gives the answer together with where the line is then.
    async fn act(
        &self,
        account: &str,
        placed: &Placed,
        action: &str,
    ) -> (Came, Result<Option<Line>, Silent>) {
        let mut url = self.at(account, placed);
        url.query_pairs_mut().append_pair("action", action);
        let came = self.http.change(Method::PATCH, url, None).await;
        let now = self.read(account, placed).await;
        (came, now)
    }

    /// Whether the order lets its lines be booked.
    async fn let_by(&self, account: &str, order: &str) -> Result<(), SellerFault> {
        let url = self.http.at(&["accounts", account, "orders", order]);
        let found = self.http.read(url).await;
        let found = found.map_err(|Silent(why)| SellerFault::Passing(why))?;
        match wire::order(&found).map(|order| order.state) {
            Some(OrderState::Pending) => Err(SellerFault::Undecided(
                "its publisher has not approved the order yet".into(),
            )),
            Some(OrderState::Off) => Err(SellerFault::Refused(
                "its publisher has turned the order down".into(),
            )),
            Some(OrderState::Open) | None => Ok(()),
        }
    }
}

/// What it means that something that was sent to be made did not come back made.
fn unless_done(came: &Came, what: &str) -> SellerFault {
    match came {
        Came::Answer(200..=299, _) => SellerFault::Passing(format!(
            "it answered success, and {what} is not in its answer"
        )),
        other => other.fault(),
    }
}

/// A booked line, held against what was wanted.
fn booked(wanted: &Wanted, placed: &Placed, line: &Line) -> Booked {
    Booked {
        at: line.at.unwrap_or(wanted.now),
        placed: Some(placed.clone()),
        cost: line.cost,
        note: line.note(wanted),
    }
}

#[async_trait]
impl Market for OpenDirect {
    fn place(&self) -> &str {
        self.http.place()
    }

    async fn catalogue(&self) -> Result<Catalogue, Silent> {
        pages::products(&self.http, &self.usual).await
    }

    async fn reserve(&self, wanted: &Wanted) -> Result<Placed, SellerFault> {
        let account = self.account().await?;
        let order = self.order(account, wanted).await?;
        if order.state == OrderState::Off {
            let said = "its publisher has turned the order down";
            return Err(SellerFault::Refused(said.into()));
        }
        let line = self.line(account, &order.id, wanted).await?;
        let placed = Placed {
            order_id: order.id,
            line_id: line.id.clone(),
        };
        if let Err(why) = line.holds(wanted) {
            // It holds nothing yet, or what nobody wants: it is not left lying about.
            self.release(wanted, &placed).await.ok();
            return Err(SellerFault::Refused(why));
        }
        let held = wanted.delivery != DeliveryType::Pmp;
        if !held || line.status.holds_inventory() || line.status.is_committed() {
            return Ok(placed);
        }
        if line.status == S::PendingReservation {
            return Err(unreserved());
        }
        let (came, now) = self.act(account, &placed, "reserve").await;
        match now {
            Ok(Some(line)) if line.status.holds_inventory() || line.status.is_committed() => {
                Ok(placed)
            }
            Ok(Some(line)) if line.status == S::PendingReservation => Err(unreserved()),
            Ok(Some(line)) if came.done().is_some() => Err(SellerFault::Passing(format!(
                "it answered that the line is reserved, and it is {}",
                line.status
            ))),
            Ok(_) => {
                let fault = came.fault();
                if let SellerFault::Refused(_) = fault {
                    self.release(wanted, &placed).await.ok();
                }
                Err(fault)
            }
            Err(Silent(why)) => Err(SellerFault::Passing(why)),
        }
    }

    async fn book(&self, wanted: &Wanted, placed: &Placed) -> Result<Booked, SellerFault> {
        let account = self.account().await?;
        let line = self.read(account, placed).await;
        let line = line.map_err(|Silent(why)| SellerFault::Passing(why))?;
        let Some(line) = line else {
            let said = "it does not know the line any more that it had reserved";
            return Err(if wanted.asked_at.is_some() {
                SellerFault::Passing(said.into())
            } else {
                SellerFault::Refused(format!("{said}; nothing was booked"))
            });
        };
        match line.status {
            S::PendingBooking => return Err(undecided()),
            S::Cancelled | S::Expired => {
                let said = format!("its line is {} there", line.status);
                return Err(SellerFault::Refused(said));
            }
            status if status.is_committed() => return Ok(booked(wanted, placed, &line)),
            _ => {}
        }
        self.let_by(account, &placed.order_id).await?;
        let (came, now) = self.act(account, placed, "book").await;
        match now {
            Ok(Some(line)) if line.status == S::PendingBooking => Err(undecided()),
            Ok(Some(line)) if line.status.is_committed() => Ok(booked(wanted, placed, &line)),
            Ok(Some(line)) if came.done().is_some() => Err(SellerFault::Passing(format!(
                "it answered that the line is booked, and it is {}",
                line.status
            ))),
            // What was asked for before may be on its way there.
            Ok(Some(_)) if wanted.asked_at.is_some() && came.is_conflict() => {
                Err(SellerFault::Passing(came.words()))
            }
            Ok(Some(_)) => Err(came.fault()),
            // Whatever it answered: where the line is nobody knows now.
            Ok(None) | Err(_) => Err(SellerFault::Passing(came.words())),
        }
    }

    async fn release(&self, wanted: &Wanted, placed: &Placed) -> Result<(), SellerFault> {
        let account = self.account().await?;
        let (came, now) = self.act(account, placed, "cancel").await;
        match now {
            Ok(None) => Ok(()),
            Ok(Some(line)) if line.status.is_final() => Ok(()),
            Ok(Some(line)) if line.status == S::Draft && came.is_refusal() => Ok(()),
            Ok(Some(line)) => Err(SellerFault::Passing(format!(
                "its line of {} is {} although it was called off: {}",
                wanted.product,
                line.status,
                came.words()
            ))),
            Err(Silent(why)) => Err(SellerFault::Passing(why)),
        }
    }

    async fn find(&self, wanted: &Wanted) -> Result<Option<Placed>, Silent> {
        let account = self.account().await;
        let account = account.map_err(|fault| Silent(fault.to_string()))?;
        let Some(order) = self.find_order(account, wanted).await? else {
            return Ok(None);
        };
        let line = self.find_line(account, &order.id, wanted).await?;
        Ok(line.map(|line| Placed {
            order_id: order.id,
            line_id: line.id,
        }))
    }

    async fn standing(&self, wanted: &Wanted, placed: &Placed) -> Result<Standing, Silent> {
        let account = self.account().await;
        let account = account.map_err(|fault| Silent(fault.to_string()))?;
        match self.read(account, placed).await? {
            None => Err(Silent("it does not know the line any more".into())),
            Some(line) if line.status == S::PendingBooking => {
                Err(Silent("it has not decided on the booking".into()))
            }
            Some(line) if line.status.is_committed() => {
                Ok(Standing::Booked(booked(wanted, placed, &line)))
            }
            Some(line) if line.status.is_final() => Ok(Standing::Nothing),
            Some(_) => Ok(Standing::Open),
        }
    }

    async fn follow(&self, wanted: &Wanted, placed: &Placed) -> Result<Option<Shown>, Silent> {
        let account = self.account().await;
        let account = account.map_err(|fault| Silent(fault.to_string()))?;
        let line = self.read(account, placed).await?;
        Ok(line.map(|line| line.shown(wanted, booked(wanted, placed, &line))))
    }

    async fn avails(&self, asked: &Asked) -> Result<Avails, Silent> {
        // The specification's way of asking names who asks.
        let named = match (self.account.get(), &self.brand) {
            (Some(account), Some(brand)) => Some((&**account, &**brand)),
            _ => None,
        };
        avails::ask(&self.http, asked, named).await
    }
}

fn unreserved() -> SellerFault {
    SellerFault::Undecided("it has not decided on the reservation yet".into())
}

fn undecided() -> SellerFault {
    SellerFault::Undecided("it has not decided on the booking yet".into())
}

/// Where something that is ours carries its reference.
fn reference_of(one: &Value) -> Option<String> {
    text(super::reading::field(one, &["ext"])?, &["externalid"])
}
