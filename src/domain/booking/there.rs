//! What a seller somewhere else shows of a line since it was booked there: where it stands, where
//! that is not what was booked, and since when it was not shown or could not be looked at. Refuses
//! to put anything right: what was booked stays as it was booked, and the difference is told.

use serde::{Deserialize, Serialize};

use super::{
    job::Job,
    lines::{Booked, LineWork},
};
use crate::domain::{
    ids::ProductId,
    money::Money,
    opendirect::booking_status::LineBookingStatus,
    text::inert,
    when::{Flight, Instant},
};

/// For how long after its flight a line is still looked at, in days.
const AFTER: u64 = 3;
/// The longest word for a state that is kept, in characters.
const LONGEST_WORD: usize = 40;

/// What became of a line at its seller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It is booked, and this far.
    Stands(LineBookingStatus),
    /// It is there, and not booked.
    Unbooked,
    /// It was called off or turned down.
    Off,
}

/// A line as its seller shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// What became of it.
    pub fate: Fate,
    /// The same in the seller's own word.
    pub word: String,
    /// Where it is not what was booked, as parts of a sentence.
    pub differs: Vec<String>,
    /// What the seller says that it has booked.
    pub booked: Booked,
}

/// What came of looking at a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    /// It is shown.
    Shown(Shown),
    /// It is not shown, since then.
    Missing(Instant),
    /// Nobody could look, since then and why.
    Unseen(Instant, String),
}

/// What is known of a line at its seller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct There {
    /// Where it stands, in the seller's own word; empty until it was shown.
    pub word: String,
    /// Since when it is known to be so.
    pub seen_at: Instant,
    /// Where it is not what was booked, as parts of a sentence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differs: Vec<String>,
    /// Since when it is not shown there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing_since: Option<Instant>,
    /// Since when nobody could look, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unseen: Option<(Instant, String)>,
    /// Since when it is known that it was called off there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub off_since: Option<Instant>,
    /// Whether its money was given back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub given_back: bool,
}

impl There {
    fn unknown(at: Instant) -> Self {
        Self {
            word: String::new(),
            seen_at: at,
            differs: Vec::new(),
            missing_since: None,
            unseen: None,
            off_since: None,
            given_back: false,
        }
    }

    /// Whether anything is not as it was booked, or is not known to be.
    #[must_use]
    pub fn is_amiss(&self) -> bool {
        self.off_since.is_some()
            || self.missing_since.is_some()
            || self.unseen.is_some()
            || !self.differs.is_empty()
    }

    /// What people should know of it, each in a sentence.
    #[must_use]
    pub fn remarks(&self, seller: &str) -> Vec<String> {
        let minute = |at: Instant| at.format("%Y-%m-%d %H:%M UTC");
        let mut said = Vec::new();
        if let Some(at) = self.off_since {
            let money = if self.given_back {
                "its money was given back"
            } else {
                "what was delivered before is not known, so its money stays committed"
            };
            said.push(format!(
                "{seller} shows it as {} since {}: {money}",
                self.word,
                minute(at)
            ));
        }
        if !self.differs.is_empty() {
            let differs = self.differs.join("; ");
            said.push(format!("at {seller} it is not as it was booked: {differs}"));
        }
        if let Some(at) = self.missing_since {
            said.push(format!(
                "{seller} does not show it since {}; it is kept here as it was last seen",
                minute(at)
            ));
        }
        if let Some((at, why)) = &self.unseen {
            said.push(format!(
                "it could not be looked at since {}: {seller}: {why}",
                minute(*at)
            ));
        }
        said
    }
}

impl LineWork {
    /// Since when it could not be looked at, where it cannot.
    #[must_use]
    pub fn unseen_since(&self) -> Option<Instant> {
        let unseen = self.there.as_ref()?.unseen.as_ref()?;
        Some(unseen.0)
    }

    /// Whether there is anything to look at, at a seller somewhere else.
    #[must_use]
    pub fn is_to_look_at(&self) -> bool {
        let may_stand = self.is_booked() || self.unclear.is_some();
        may_stand && self.failed.is_none() && self.since != Some(LineBookingStatus::Finished)
    }

    /// What of the tenant's money it holds.
    #[must_use]
    pub fn owed(&self) -> Money {
        let back = self.there.as_ref().is_some_and(|there| there.given_back);
        if back || self.failed.is_some() {
            return Money::zero(self.cost.currency());
        }
        self.cost
    }

    /// Learns what came of looking at it; false when that is nothing new.
    pub fn looked(&mut self, look: Look, flight: Flight, at: Instant) -> bool {
        if !self.is_to_look_at() {
            return false;
        }
        let before = self.clone();
        let known = self.there.take();
        let mut there = known.unwrap_or_else(|| There::unknown(at));
        match look {
            Look::Missing(since) => {
                there.missing_since.get_or_insert(since);
                there.unseen = None;
            }
            Look::Unseen(since, why) => {
                // The first reason stays: another one each time is no news.
                there.unseen.get_or_insert((since, why));
            }
            Look::Shown(shown) => self.shown(&mut there, shown, flight, at),
        }
        self.there = Some(there);
        *self != before
    }

    fn shown(&mut self, there: &mut There, shown: Shown, flight: Flight, at: Instant) {
        (there.missing_since, there.unseen) = (None, None);
        let word: String = inert(&shown.word).chars().take(LONGEST_WORD).collect();
        let mut differs = shown.differs;
        let was_off = there.off_since.is_some();
        match shown.fate {
            Fate::Stands(status) => {
                if self.unclear.take().is_some() {
                    self.found(shown.booked);
                }
                (there.off_since, there.given_back) = (None, false);
                self.since = Some(status).filter(|status| *status != LineBookingStatus::Booked);
            }
            Fate::Unbooked => {
                differs.insert(0, format!("it is {word} there, and not booked"));
                (there.off_since, there.given_back) = (None, false);
                self.since = None;
            }
            Fate::Off if self.unclear.is_some() && at.date_naive() < flight.first() => {
                self.unclear = None;
                self.failed = Some(format!("it is {word} there"));
            }
            Fate::Off if self.unclear.is_some() => {
                let said = format!("it is {word} there, and whether it ran before is not known");
                differs.insert(0, said);
            }
            Fate::Off => {
                differs.clear();
                self.since = Some(LineBookingStatus::Cancelled);
                if !was_off {
                    there.off_since = Some(at);
                    // What never ran owes nothing.
                    there.given_back = at.date_naive() < flight.first();
                }
            }
        }
        if there.word != word || there.differs != differs {
            there.seen_at = at;
        }
        (there.word, there.differs) = (word, differs);
    }

    /// Was booked after all.
    fn found(&mut self, booked: Booked) {
        self.booked_at = Some(booked.at);
        self.placed = booked.placed.or(self.placed.take());
        let currency = self.cost.currency();
        let cost = booked.cost.filter(|cost| cost.currency() == currency);
        self.cost = cost.unwrap_or(self.cost);
    }
}

impl Job {
    /// Learns what was seen of a line at its seller since it was booked: how it was known before,
    /// and how it is known now, where that is anything new.
    pub fn looked(
        &mut self,
        product: &ProductId,
        look: Look,
        at: Instant,
    ) -> Option<(LineWork, LineWork)> {
        let flight = self.brief.flight;
        let mut lines = self.lines.iter_mut();
        let line = lines.find(|line| line.product_id == *product)?;
        let before = line.clone();
        if !line.looked(look, flight, at) {
            return None;
        }
        let after = line.clone();
        // That nobody knows is no error any more once somebody does.
        if let Some(doubt) = before.doubt().filter(|_| after.unclear.is_none()) {
            self.errors.retain(|error| *error != doubt);
            self.errors.extend(after.failure());
        }
        Some((before, after))
    }
}

/// Whether a flight is over for so long that its lines are looked at no more.
#[must_use]
pub fn over(flight: Flight, today: chrono::NaiveDate) -> bool {
    let last = flight.last().checked_add_days(chrono::Days::new(AFTER));
    last.is_some_and(|last| today > last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{booking::lines::Placed, channel::Channel, money::Currency};

    fn at(text: &str) -> Instant {
        text.parse().expect("an instant")
    }

    fn usd(minor: i64) -> Money {
        Money::new(minor, Currency::USD)
    }

    fn flight() -> Flight {
        let day = |text: &str| text.parse().expect("a day");
        Flight::new(day("2026-07-01"), day("2026-07-31")).expect("a flight")
    }

    fn booked() -> LineWork {
        LineWork {
            product_id: "north:prime".into(),
            product_name: "Prime".to_owned(),
            seller: "north".into(),
            channel: Channel::Ctv,
            impressions: 500_000,
            cpm: usd(2_000),
            cost: usd(1_000_000),
            placed: Some(Placed {
                order_id: "o".into(),
                line_id: "l".into(),
            }),
            booked_at: Some(at("2026-06-01T12:00:00Z")),
            failed: None,
            since: None,
            asked_at: None,
            unclear: None,
            there: None,
        }
    }

    fn shown(fate: Fate, word: &str, differs: &[&str]) -> Look {
        Look::Shown(Shown {
            fate,
            word: word.into(),
            differs: differs.iter().map(|&one| one.to_owned()).collect(),
            booked: Booked::at(at("2026-06-01T12:00:00Z")),
        })
    }

    const STANDS: Fate = Fate::Stands(LineBookingStatus::Booked);

    #[test]
    fn the_same_again_is_no_news() {
        let mut line = booked();
        let noon = at("2026-06-02T12:00:00Z");
        let look = || shown(STANDS, "Booked", &[]);
        assert!(line.looked(look(), flight(), noon));
        assert!(!line.looked(look(), flight(), noon + chrono::Duration::hours(1)));
        let there = line.there.clone().expect("known");
        assert_eq!((there.seen_at, there.is_amiss()), (noon, false));
        let changed = || shown(STANDS, "Booked", &["it costs 9 USD, not 10 USD"]);
        assert!(line.looked(changed(), flight(), noon));
        assert!(!line.looked(changed(), flight(), noon));
        let said = line.there.as_ref().expect("known").remarks("north");
        assert!(
            said[0].contains("not as it was booked: it costs 9"),
            "{said:?}"
        );
        assert_eq!(line.owed(), usd(1_000_000), "the difference is only told");
        let why = || Look::Unseen(noon, "it broke off".into());
        assert!(line.looked(why(), flight(), noon));
        let other = Look::Unseen(noon, "it answered 500".into());
        assert!(!line.looked(other, flight(), noon));
        let said = line.there.as_ref().expect("known").remarks("north");
        assert_eq!(said.len(), 2, "what was seen last stays: {said:?}");
    }

    #[test]
    fn what_is_called_off_before_it_runs_owes_nothing_and_may_come_back() {
        let mut line = booked();
        let before = at("2026-06-30T23:59:00Z");
        assert!(line.looked(shown(Fate::Off, "Canceled", &[]), flight(), before));
        assert_eq!(line.status(), LineBookingStatus::Cancelled);
        assert_eq!(line.owed(), usd(0));
        let said = line.there.as_ref().expect("known").remarks("north");
        assert!(said[0].contains("Canceled since 2026-06-30 23:59 UTC: its money was given back"));
        assert!(line.looked(shown(STANDS, "Booked", &[]), flight(), before));
        assert_eq!(line.status(), LineBookingStatus::Booked);
        assert_eq!(line.owed(), usd(1_000_000));
        let within = at("2026-07-01T00:00:00Z");
        assert!(line.looked(shown(Fate::Off, "Canceled", &[]), flight(), within));
        assert_eq!(line.owed(), usd(1_000_000), "it may have delivered");
        let later = at("2026-07-02T00:00:00Z");
        assert!(!line.looked(shown(Fate::Off, "Canceled", &[]), flight(), later));
    }

    #[test]
    fn a_line_of_which_nobody_knew_is_settled_by_what_is_shown() {
        let unclear = || LineWork {
            booked_at: None,
            unclear: Some("it was asked to".into()),
            ..booked()
        };
        let now = at("2026-06-02T12:00:00Z");
        let mut line = unclear();
        assert!(line.looked(shown(STANDS, "Booked", &[]), flight(), now));
        assert!(line.is_booked() && line.unclear.is_none());
        let mut line = unclear();
        assert!(line.looked(shown(Fate::Off, "Expired", &[]), flight(), now));
        assert_eq!((line.owed(), line.is_booked()), (usd(0), false));
        let mut line = unclear();
        assert!(line.looked(shown(Fate::Unbooked, "Reserved", &[]), flight(), now));
        assert!(line.unclear.is_some(), "that says nothing yet");
        assert!(line.looked(Look::Missing(now), flight(), now));
        let said = line.there.as_ref().expect("known").remarks("north");
        assert!(
            said[1].contains("does not show it since 2026-06-02 12:00"),
            "{said:?}"
        );
    }

    #[test]
    fn what_has_ended_is_looked_at_no_more() {
        let mut line = booked();
        let now = at("2026-07-31T23:59:00Z");
        let done = Fate::Stands(LineBookingStatus::Finished);
        assert!(line.looked(shown(done, "Finished", &[]), flight(), now));
        assert!(!line.is_to_look_at());
        assert!(!line.looked(Look::Missing(now), flight(), now));
        let day = |text: &str| text.parse().expect("a day");
        assert!(!over(flight(), day("2026-08-03")));
        assert!(over(flight(), day("2026-08-04")));
    }
}
