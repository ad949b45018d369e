//! What becomes of an approved recommendation on its way to a booked line: reserved first,
//! then booked, or failed with its reason and with nothing left reserved.

use serde::{Deserialize, Serialize};

use crate::domain::{
    booking::{job::Refusal, recommendation::Recommendation, there::There},
    channel::Channel,
    ids::{ProductId, SellerId},
    money::Money,
    opendirect::booking_status::LineBookingStatus,
    when::Instant,
};

/// The seller's names for a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placed {
    /// The order's id at the seller.
    pub order_id: String,
    /// The line's id at the seller.
    pub line_id: String,
}

/// What a seller has booked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booked {
    /// When.
    pub at: Instant,
    /// The seller's names for it, where it has others than before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placed: Option<Placed>,
    /// What it costs, where the seller says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Money>,
    /// Where what it booked is not what was asked for, or is called by another word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Booked {
    /// Booked as it was asked for.
    #[must_use]
    pub fn at(at: Instant) -> Self {
        Self {
            at,
            placed: None,
            cost: None,
            note: None,
        }
    }
}

/// What a step with a seller led to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineOutcome {
    /// The seller holds the impressions for us.
    Reserved(Placed),
    /// A seller that is somewhere else is about to be asked to book the line.
    Asked(Instant),
    /// It certainly was not asked after all.
    Unasked,
    /// The seller has booked the line.
    Booked(Booked),
    /// It came to nothing; whatever was reserved has been released.
    Failed(String),
    /// It may have been booked: nobody knows, and nobody asks again unseen.
    Unclear(String),
}

/// One approved recommendation on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineWork {
    /// The product.
    pub product_id: ProductId,
    /// Its name.
    pub product_name: String,
    /// Who sells it.
    pub seller: SellerId,
    /// Where it runs.
    pub channel: Channel,
    /// How many impressions.
    pub impressions: u64,
    /// The agreed price per thousand.
    pub cpm: Money,
    /// What it costs.
    pub cost: Money,
    /// The seller's names for it, once it is reserved.
    pub placed: Option<Placed>,
    /// When it was booked.
    pub booked_at: Option<Instant>,
    /// Why it came to nothing.
    pub failed: Option<String>,
    /// Where it is at its seller since it was booked, once it has moved on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<LineBookingStatus>,
    /// When its seller was first asked to book it, where that is somewhere else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_at: Option<Instant>,
    /// Why it is not known whether it was booked, when it may have been.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unclear: Option<String>,
    /// What its seller has shown of it since, where that is somewhere else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub there: Option<There>,
}

impl LineWork {
    /// Begins with what was approved.
    #[must_use]
    pub fn new(approved: &Recommendation) -> Self {
        Self {
            product_id: approved.product_id.clone(),
            product_name: approved.product_name.clone(),
            seller: approved.seller.clone(),
            channel: approved.channel,
            impressions: approved.impressions,
            cpm: approved.cpm,
            cost: approved.cost,
            placed: None,
            booked_at: None,
            failed: None,
            since: None,
            asked_at: None,
            unclear: None,
            there: None,
        }
    }

    /// Whether nothing will happen to it any more.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.is_booked() || self.failed.is_some() || self.unclear.is_some()
    }

    /// Whether it is booked.
    #[must_use]
    pub fn is_booked(&self) -> bool {
        self.booked_at.is_some()
    }

    /// The state of the line at its seller.
    #[must_use]
    pub fn status(&self) -> LineBookingStatus {
        match (&self.failed, self.booked_at, &self.placed) {
            (Some(_), ..) => LineBookingStatus::Cancelled,
            _ if self.unclear.is_some() => LineBookingStatus::PendingBooking,
            (None, Some(_), _) => self.since.unwrap_or(LineBookingStatus::Booked),
            (None, None, Some(_)) => LineBookingStatus::Reserved,
            (None, None, None) => LineBookingStatus::Draft,
        }
    }

    /// Why it failed, for people.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        self.failed
            .as_ref()
            .map(|why| format!("{} was not booked: {why}", self.product_name))
    }

    /// That it may have been booked, for people.
    #[must_use]
    pub fn doubt(&self) -> Option<String> {
        let (name, seller) = (&self.product_name, &self.seller);
        self.unclear.as_ref().map(|why| {
            format!(
                "{name} may have been booked at {seller}: {why}. Its money stays committed; look there before you book it again."
            )
        })
    }

    /// Learns where its seller's line is now, and who moved it; false when that is nothing
    /// new, or nothing that a line which is still being booked needs to know.
    pub fn moved(&mut self, to: LineBookingStatus, by: &str) -> bool {
        if self.status() == to {
            return false;
        }
        if self.is_booked() {
            self.since = Some(to);
            return true;
        }
        let called_off = self.failed.is_none() && to == LineBookingStatus::Cancelled;
        if called_off {
            self.failed = Some(format!("{by} cancelled its line at the seller"));
        }
        called_off
    }

    /// Learns what a step led to.
    ///
    /// # Errors
    /// When the step does not follow from where the line is.
    pub fn learn(&mut self, outcome: LineOutcome) -> Result<(), Refusal> {
        if self.is_settled() {
            return Err(Refusal::WrongState(format!(
                "the line of {} has been settled",
                self.product_id
            )));
        }
        match outcome {
            LineOutcome::Reserved(placed) if self.placed.is_none() => self.placed = Some(placed),
            LineOutcome::Asked(at) if self.placed.is_some() => {
                self.asked_at.get_or_insert(at);
            }
            LineOutcome::Unasked => self.asked_at = None,
            LineOutcome::Booked(booked) if self.placed.is_some() => {
                self.booked_at = Some(booked.at);
                self.placed = booked.placed.or(self.placed.take());
                let currency = self.cost.currency();
                let cost = booked.cost.filter(|cost| cost.currency() == currency);
                self.cost = cost.unwrap_or(self.cost);
            }
            LineOutcome::Failed(why) => self.failed = Some(why),
            LineOutcome::Unclear(why) => self.unclear = Some(why),
            LineOutcome::Reserved(_) | LineOutcome::Booked(_) | LineOutcome::Asked(_) => {
                return Err(Refusal::WrongState(format!(
                    "the line of {} is not there yet",
                    self.product_id
                )));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::Currency;

    fn usd(minor: i64) -> Money {
        Money::new(minor, Currency::USD)
    }

    fn noon() -> Instant {
        "2026-06-01T12:00:00Z".parse().expect("an instant")
    }

    fn line() -> LineWork {
        LineWork {
            product_id: "north:prime".into(),
            product_name: "Prime".to_owned(),
            seller: "north".into(),
            channel: Channel::Ctv,
            impressions: 500_000,
            cpm: usd(2_000),
            cost: usd(1_000_000),
            placed: None,
            booked_at: None,
            failed: None,
            since: None,
            asked_at: None,
            unclear: None,
            there: None,
        }
    }

    fn placed(line: &str) -> Placed {
        Placed {
            order_id: "o".to_owned(),
            line_id: line.to_owned(),
        }
    }

    #[test]
    fn what_its_seller_says_that_it_booked_is_what_counts() {
        let mut line = line();
        let early = LineOutcome::Asked(noon());
        assert!(line.learn(early).is_err(), "nothing is held");
        let held = LineOutcome::Reserved(placed("quote"));
        line.learn(held).expect("held");
        line.learn(LineOutcome::Asked(noon())).expect("asked");
        let later = noon() + chrono::Duration::hours(1);
        line.learn(LineOutcome::Asked(later)).expect("asked again");
        assert_eq!(line.asked_at, Some(noon()), "the first time counts");
        let booked = Booked {
            placed: Some(placed("deal")),
            cost: Some(usd(999_750)),
            ..Booked::at(later)
        };
        line.learn(LineOutcome::Booked(booked)).expect("booked");
        assert_eq!(
            (line.placed, line.cost),
            (Some(placed("deal")), usd(999_750))
        );
    }

    #[test]
    fn a_line_of_which_nobody_knows_is_neither_booked_nor_failed() {
        let mut line = line();
        line.learn(LineOutcome::Reserved(placed("l")))
            .expect("held");
        line.learn(LineOutcome::Asked(noon())).expect("asked");
        line.learn(LineOutcome::Unclear("it has gone".to_owned()))
            .expect("learned");
        assert!(line.is_settled() && !line.is_booked());
        assert_eq!(line.status(), LineBookingStatus::PendingBooking);
        assert_eq!(line.failure(), None);
        let doubt = line.doubt().expect("a doubt");
        assert!(
            doubt.contains("may have been booked at north: it has gone"),
            "{doubt}"
        );
        let late = LineOutcome::Booked(Booked::at(noon()));
        assert!(line.learn(late).is_err(), "it is settled");
        let text = serde_json::to_string(&line).expect("json");
        assert_eq!(serde_json::from_str::<LineWork>(&text).expect("read"), line);
    }
}
