//! Price talks in several turns. The buyer opens low and rises step by step, never above
//! the ceiling and never down; the seller descends from the rate card to the floor.
//! Neither side guesses: the same answers make the same talks.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{
    booking::share::WHOLE,
    money::{Amount, Currency, Money},
    problem::{Code, Problem},
};

/// The most rounds that any talks may take.
pub const MOST_ROUNDS: u8 = 10;

/// What a brief asks of price talks; whatever is left out is taken from the defaults.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NegotiationAsk {
    /// False switches off talks that are usually held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// The first offer, in percent of the listed price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opening_percent: Option<Amount>,
    /// How much each further offer adds, in percent of the listed price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step_percent: Option<Amount>,
    /// The most that is ever offered, in percent of the listed price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ceiling_percent: Option<Amount>,
    /// The most that is ever offered, as a price per thousand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ceiling_cpm: Option<Amount>,
    /// How many offers are made at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rounds: Option<u32>,
}

/// How a buyer talks about prices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Strategy {
    /// The first offer, in basis points of the listed price.
    pub opening_bp: u32,
    /// What each further offer adds, in basis points of the listed price.
    pub step_bp: u32,
    /// The most that is ever offered, in basis points of the listed price.
    pub ceiling_bp: u32,
    /// The most that is ever offered, as a price; the lower of the two ceilings counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ceiling: Option<Money>,
    /// How many offers are made at most, at least one.
    pub rounds: u8,
}

/// How a desk talks about prices where a brief does not say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Talks {
    /// What fills the gaps of whatever a brief asks for.
    pub strategy: Strategy,
    /// Whether prices are talked about also for briefs that do not ask for it.
    pub always: bool,
}

impl Default for Strategy {
    fn default() -> Self {
        Self {
            opening_bp: 7_500,
            step_bp: 800,
            ceiling_bp: WHOLE,
            ceiling: None,
            rounds: 3,
        }
    }
}

impl NegotiationAsk {
    /// Fills the gaps from `usual`, or says everything that makes no sense; nothing when
    /// talks are switched off.
    ///
    /// # Errors
    /// With one problem for each field that is out of its range.
    pub fn check(
        &self,
        currency: Currency,
        usual: &Strategy,
    ) -> Result<Option<Strategy>, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut share = |field: &str, sent: Option<Amount>, usual: u32| {
            let Some(sent) = sent else { return usual };
            percent_bp(sent).unwrap_or_else(|| {
                problems.push(problem(field, "must be above 0 and at most 100 percent"));
                usual
            })
        };
        let opening_bp = share("opening_percent", self.opening_percent, usual.opening_bp);
        let step_bp = share("step_percent", self.step_percent, usual.step_bp);
        let ceiling_bp = share("ceiling_percent", self.ceiling_percent, usual.ceiling_bp);
        if self.opening_percent.is_some() && opening_bp > ceiling_bp {
            problems.push(problem("opening_percent", "must not be above the ceiling"));
        }
        let ceiling = self.ceiling(currency, usual, &mut problems);
        let rounds = self.rounds.unwrap_or(u32::from(usual.rounds));
        let fits = u8::try_from(rounds)
            .ok()
            .filter(|n| (1..=MOST_ROUNDS).contains(n));
        if fits.is_none() {
            problems.push(problem(
                "rounds",
                &format!("must be from 1 to {MOST_ROUNDS}"),
            ));
        }
        let strategy = Strategy {
            opening_bp: opening_bp.min(ceiling_bp),
            step_bp,
            ceiling_bp,
            ceiling,
            rounds: fits.unwrap_or(1),
        };
        if problems.is_empty() {
            Ok((self.enabled != Some(false)).then_some(strategy))
        } else {
            Err(problems)
        }
    }

    fn ceiling(
        &self,
        currency: Currency,
        usual: &Strategy,
        problems: &mut Vec<Problem>,
    ) -> Option<Money> {
        let Some(sent) = self.ceiling_cpm else {
            return usual.ceiling.filter(|most| most.currency() == currency);
        };
        match Money::from_amount(sent, currency) {
            Ok(price) if price.is_positive() => Some(price),
            Ok(_) => {
                problems.push(problem("ceiling_cpm", "must be above zero"));
                None
            }
            Err(why) => {
                problems.push(problem("ceiling_cpm", &why.to_string()));
                None
            }
        }
    }
}

fn problem(field: &str, why: &str) -> Problem {
    Problem::new(
        format!("brief.negotiation.{field}"),
        Code::INVALID_NEGOTIATION,
        format!("{field} {why}"),
    )
}

/// A percentage above 0 and up to 100 in basis points.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the range is checked first"
)]
fn percent_bp(sent: Amount) -> Option<u32> {
    let percent = sent.approximate();
    let bp = (percent * 100.0).round();
    (percent <= 100.0 && bp >= 1.0).then_some(bp as u32)
}

/// Who makes an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Who pays.
    Buyer,
    /// Who is paid.
    Seller,
}

/// One price that was named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Offer {
    /// The round, from 1.
    pub round: u8,
    /// Who named it.
    pub by: Side,
    /// The price per thousand.
    pub cpm: Money,
    /// For how many impressions.
    pub impressions: u64,
    /// A sentence on where the price comes from.
    pub note: String,
}

/// How talks ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum Outcome {
    /// Both sides agreed.
    Accepted {
        /// On this price per thousand.
        cpm: Money,
    },
    /// One side left.
    Rejected {
        /// For this reason.
        reason: String,
    },
    /// All rounds were used and the last counter was still above the ceiling.
    Exhausted,
}

/// The whole of the talks about one product, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NegotiationLog {
    /// How the buyer talked.
    pub strategy: Strategy,
    /// What was named, in order.
    pub offers: Vec<Offer>,
    /// How it ended.
    pub outcome: Outcome,
}

/// What a seller says to an offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SellerAnswer {
    /// Yes.
    Accept,
    /// Not at that price, but at this one.
    Counter(Money),
    /// No, for this reason.
    Reject(String),
}

/// What the buyer does next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Offers this price and waits for the answer.
    Offer(Money),
    /// Books at this price.
    Settled(Money),
    /// Leaves, for this reason.
    WalkAway(String),
}

/// Talks about one product, from the buyer's side.
#[derive(Debug, Clone)]
pub struct Negotiation {
    strategy: Strategy,
    listed: Money,
    ceiling: Money,
    impressions: u64,
    round: u8,
    standing: Money,
    offers: Vec<Offer>,
    outcome: Option<Outcome>,
}

impl Negotiation {
    /// Opens talks over a listed price. The ceiling is the lowest of the strategy's two and
    /// of `most`, what the campaign allows; without a ceiling above zero the buyer leaves.
    #[must_use]
    pub fn open(
        strategy: &Strategy,
        listed: Money,
        most: Option<Money>,
        impressions: u64,
    ) -> (Self, Next) {
        let mut talks = Self {
            strategy: strategy.clone(),
            listed,
            ceiling: share_of(listed, strategy.ceiling_bp.min(WHOLE)),
            impressions,
            round: 0,
            standing: Money::zero(listed.currency()),
            offers: Vec::new(),
            outcome: None,
        };
        for bound in [strategy.ceiling, most].into_iter().flatten() {
            if bound.currency() != listed.currency() {
                let next = talks.leave("the ceiling is in another currency than the price");
                return (talks, next);
            }
            talks.ceiling = if bound < talks.ceiling {
                bound
            } else {
                talks.ceiling
            };
        }
        if !talks.ceiling.is_positive() {
            let next = talks.leave("there is no price above zero to offer");
            return (talks, next);
        }
        let opening = share_of(listed, strategy.opening_bp).minor();
        let next = talks.offer(opening.clamp(1, talks.ceiling.minor()));
        (talks, next)
    }

    /// Answers the seller. Talks that are over stay over, whatever is said.
    pub fn answer(&mut self, said: SellerAnswer) -> Next {
        match &self.outcome {
            Some(Outcome::Accepted { cpm }) => return Next::Settled(*cpm),
            Some(Outcome::Rejected { reason }) => return Next::WalkAway(reason.clone()),
            Some(Outcome::Exhausted) => return Next::WalkAway(self.exhausted()),
            None => {}
        }
        match said {
            SellerAnswer::Accept => self.settle(self.standing),
            SellerAnswer::Reject(reason) => self.leave(&reason),
            SellerAnswer::Counter(price) => self.weigh(price),
        }
    }

    /// Whether nothing more will be said.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.outcome.is_some()
    }

    /// The most that will ever be offered.
    #[must_use]
    pub fn ceiling(&self) -> Money {
        self.ceiling
    }

    /// The record to keep; talks that nobody finished count as rejected.
    #[must_use]
    pub fn into_log(self) -> NegotiationLog {
        let unfinished = || Outcome::Rejected {
            reason: "the talks were left before an answer came".to_owned(),
        };
        NegotiationLog {
            strategy: self.strategy,
            offers: self.offers,
            outcome: self.outcome.unwrap_or_else(unfinished),
        }
    }

    /// Takes a counter that is no more than the next offer would be, or in the last round
    /// no more than the ceiling; else makes the next offer.
    fn weigh(&mut self, price: Money) -> Next {
        if price.currency() != self.listed.currency() || !price.is_positive() {
            return self.leave("the seller's counter is no price in the currency of the talks");
        }
        self.record(Side::Seller, price, "counter".to_owned());
        let raised = self.standing.minor() + share_of(self.listed, self.strategy.step_bp).minor();
        let next = raised.min(self.ceiling.minor());
        let last = self.round >= self.strategy.rounds.clamp(1, MOST_ROUNDS);
        let takes = if last { self.ceiling.minor() } else { next };
        if price.minor() <= takes {
            return self.settle(price);
        }
        if last {
            self.outcome = Some(Outcome::Exhausted);
            return Next::WalkAway(self.exhausted());
        }
        self.offer(next)
    }

    fn offer(&mut self, minor: i64) -> Next {
        let price = Money::new(minor, self.listed.currency());
        let note = match (self.round, price.minor() == self.ceiling.minor()) {
            (_, true) => "offer at the ceiling".to_owned(),
            (0, _) => format!("opening offer against a listed price of {}", self.listed),
            _ => format!("raised from {}", self.standing),
        };
        self.round += 1;
        self.standing = price;
        self.record(Side::Buyer, price, note);
        Next::Offer(price)
    }

    fn record(&mut self, by: Side, cpm: Money, note: String) {
        self.offers.push(Offer {
            round: self.round,
            by,
            cpm,
            impressions: self.impressions,
            note,
        });
    }

    fn settle(&mut self, cpm: Money) -> Next {
        self.outcome = Some(Outcome::Accepted { cpm });
        Next::Settled(cpm)
    }

    fn leave(&mut self, reason: &str) -> Next {
        let reason = reason.to_owned();
        self.outcome = Some(Outcome::Rejected {
            reason: reason.clone(),
        });
        Next::WalkAway(reason)
    }

    fn exhausted(&self) -> String {
        format!(
            "no agreement after {} rounds: the seller stayed above the ceiling of {}",
            self.round, self.ceiling
        )
    }
}

/// What the seller inside answers to an offer: it descends evenly from the listed price
/// to the floor, which it names in the last round, and takes any offer that meets it.
#[must_use]
pub fn seller_answers(
    listed: Money,
    floor: Money,
    offer: Money,
    round: u8,
    rounds: u8,
) -> SellerAnswer {
    if offer.currency() != listed.currency() || floor.currency() != listed.currency() {
        return SellerAnswer::Reject("the offer is in another currency than the price".to_owned());
    }
    if round == 0 || round > rounds {
        return SellerAnswer::Reject("there is no further round".to_owned());
    }
    let floor = floor.minor().clamp(0, listed.minor().max(0));
    let way = i128::from(listed.minor() - floor) * i128::from(round) / i128::from(rounds);
    let asked = listed.minor() - i64::try_from(way).unwrap_or(0);
    if offer.minor() >= asked {
        return SellerAnswer::Accept;
    }
    SellerAnswer::Counter(Money::new(asked, listed.currency()))
}

/// A share of a price, rounded half up to the minor unit.
fn share_of(price: Money, bp: u32) -> Money {
    let exact = i128::from(price.minor()) * i128::from(bp);
    let minor = (exact + i128::from(WHOLE / 2)).div_euclid(i128::from(WHOLE));
    Money::new(
        i64::try_from(minor).unwrap_or(price.minor()),
        price.currency(),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::{Strategy, *};

    fn usd(minor: i64) -> Money {
        Money::new(minor, Currency::USD)
    }

    fn ask(value: serde_json::Value) -> NegotiationAsk {
        serde_json::from_value(value).expect("an ask")
    }

    /// Both sides talk to the end.
    fn talk(
        strategy: &Strategy,
        listed: Money,
        floor: Money,
        most: Option<Money>,
    ) -> NegotiationLog {
        let (mut talks, mut next) = Negotiation::open(strategy, listed, most, 100_000);
        let mut round = 0;
        while let Next::Offer(price) = next {
            round += 1;
            next = talks.answer(seller_answers(listed, floor, price, round, strategy.rounds));
        }
        talks.into_log()
    }

    #[test]
    fn the_two_sides_meet_in_the_middle() {
        let log = talk(&Strategy::default(), usd(2_000), usd(1_500), None);
        let said: Vec<(u8, Side, i64)> = log
            .offers
            .iter()
            .map(|o| (o.round, o.by, o.cpm.minor()))
            .collect();
        assert_eq!(
            said,
            [
                (1, Side::Buyer, 1_500),
                (1, Side::Seller, 1_834),
                (2, Side::Buyer, 1_660),
                (2, Side::Seller, 1_667),
            ]
        );
        assert_eq!(
            log.outcome,
            Outcome::Accepted { cpm: usd(1_667) },
            "no more than the next offer of 18.00"
        );
    }

    #[test]
    fn a_ceiling_below_the_floor_ends_in_nothing() {
        let log = talk(
            &Strategy::default(),
            usd(2_000),
            usd(1_500),
            Some(usd(1_200)),
        );
        assert_eq!(log.outcome, Outcome::Exhausted);
        assert_eq!(log.offers.iter().filter(|o| o.by == Side::Buyer).count(), 3);
    }

    #[test]
    fn the_last_round_takes_what_the_ceiling_allows() {
        let strategy = Strategy {
            rounds: 1,
            ..Strategy::default()
        };
        let (mut talks, first) = Negotiation::open(&strategy, usd(2_000), None, 1);
        assert_eq!(first, Next::Offer(usd(1_500)));
        assert_eq!(
            talks.answer(SellerAnswer::Counter(usd(1_990))),
            Next::Settled(usd(1_990))
        );
        assert_eq!(
            talks.answer(SellerAnswer::Reject("late".into())),
            Next::Settled(usd(1_990))
        );
    }

    #[test]
    fn either_side_may_leave() {
        let (mut talks, _) = Negotiation::open(&Strategy::default(), usd(2_000), None, 1);
        let no = SellerAnswer::Reject("sold out".into());
        assert_eq!(talks.answer(no), Next::WalkAway("sold out".into()));
        let (mut talks, _) = Negotiation::open(&Strategy::default(), usd(2_000), None, 1);
        let strange = Money::new(1, "EUR".parse().expect("currency"));
        assert!(matches!(
            talks.answer(SellerAnswer::Counter(strange)),
            Next::WalkAway(_)
        ));
        let (talks, next) = Negotiation::open(&Strategy::default(), usd(2_000), Some(strange), 1);
        assert!(matches!(next, Next::WalkAway(_)) && talks.is_over());
    }

    #[test]
    fn an_ask_fills_its_gaps_and_nonsense_is_named() {
        let usual = Strategy::default();
        let check = |value| ask(value).check(Currency::USD, &usual);
        assert_eq!(check(json!({})), Ok(Some(usual.clone())));
        assert_eq!(check(json!({"enabled": false})), Ok(None));
        let some = check(json!({"opening_percent": 60.5, "ceiling_cpm": 19.9, "rounds": 5}))
            .expect("sensible")
            .expect("on");
        assert_eq!(
            (some.opening_bp, some.ceiling, some.rounds),
            (6_050, Some(usd(1_990)), 5)
        );
        let bad = json!({
            "opening_percent": 0, "step_percent": -1, "ceiling_percent": 101, "ceiling_cpm": 0, "rounds": 11
        });
        assert_eq!(check(bad).expect_err("nonsense").len(), 5);
        assert!(check(json!({"opening_percent": 90, "ceiling_percent": 80})).is_err());
        assert!(serde_json::from_value::<NegotiationAsk>(json!({"patience": 1})).is_err());
    }

    proptest! {
        #[test]
        fn talks_respect_ceiling_and_rounds_and_never_go_down(
            listed in 1i64..1_000_000, floor_bp in 0u32..=10_000, most in prop::option::of(1i64..1_000_000),
            opening_bp in 0u32..20_000, step_bp in 0u32..20_000, ceiling_bp in 0u32..20_000, rounds in 0u8..20,
        ) {
            let strategy = Strategy { opening_bp, step_bp, ceiling_bp, ceiling: None, rounds };
            let (listed, most) = (usd(listed), most.map(usd));
            let floor = share_of(listed, floor_bp);
            let log = talk(&strategy, listed, floor, most);
            prop_assert_eq!(&log, &talk(&strategy, listed, floor, most), "the same twice");
            let ceiling = share_of(listed, ceiling_bp.min(WHOLE)).minor().min(most.map_or(i64::MAX, Money::minor));
            let offers: Vec<i64> =
                log.offers.iter().filter(|o| o.by == Side::Buyer).map(|o| o.cpm.minor()).collect();
            prop_assert!(offers.iter().all(|price| *price <= ceiling));
            prop_assert!(offers.windows(2).all(|pair| pair[0] <= pair[1]));
            prop_assert!(offers.len() <= usize::from(rounds.clamp(1, MOST_ROUNDS)));
            if let Outcome::Accepted { cpm } = log.outcome {
                prop_assert!(cpm.minor() <= ceiling && cpm >= floor);
            }
        }
    }
}
