//! What to buy in one channel: which products, how many impressions and for how much,
//! with the reasons. Refuses to spend more than the channel has, to buy more than there
//! is, and to recommend what has no price per thousand.

use std::{cmp::Reverse, collections::BTreeMap};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{
    booking::{
        allocation::{ChannelAllocation, FEWEST_IMPRESSIONS},
        brief::Brief,
        fit::Fit,
        look::{Look, Unfit},
        negotiation::{NegotiationLog, Outcome},
        share::{grouped, pour, ratio},
        shelf::{Listing, Shelf, Tag},
        wants::{Kind, Want},
    },
    channel::Channel,
    ids::{ProductId, SellerId},
    money::{MOST_MINOR, Money},
    opendirect::product::{DeliveryType, Product, RateType},
    text::echo,
};

/// The most products that are recommended in one channel.
pub const MOST_PRODUCTS: usize = 4;

/// The supply of a product whose seller does not say how much it has.
pub const UNTOLD: u64 = u64::MAX;

/// What has become of a recommendation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecommendationStatus {
    /// Made, and shown to nobody yet.
    Pending,
    /// Waits for a person.
    PendingApproval,
    /// A person said yes.
    Approved,
    /// A person said no.
    Rejected,
}

impl RecommendationStatus {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::PendingApproval => "pending_approval",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }
}

/// A product to buy, how much of it and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Recommendation {
    /// The product in its seller's catalogue.
    pub product_id: ProductId,
    /// Who sells it.
    pub seller: SellerId,
    /// What it is called.
    pub product_name: String,
    /// Who publishes it.
    pub publisher: String,
    /// Where it runs.
    pub channel: Channel,
    /// The format as the catalogue writes it.
    pub format: String,
    /// How many impressions to buy.
    pub impressions: u64,
    /// At which price per thousand.
    pub cpm: Money,
    /// What they cost together.
    pub cost: Money,
    /// What the product is to be aimed at: those of its tags that the brief wants.
    pub targeting: BTreeMap<String, Vec<String>>,
    /// 1 is the best of its channel.
    pub priority: u32,
    /// What has become of it.
    pub status: RecommendationStatus,
    /// Why, with the numbers.
    pub rationale: String,
    /// How well it fits, part by part.
    pub fit: Fit,
    /// How firmly it is delivered.
    pub delivery_type: DeliveryType,
    /// What was said about its price, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub negotiation: Option<NegotiationLog>,
    /// How many impressions there were to buy; [`UNTOLD`] where its seller does not say.
    pub available: u64,
    /// What its seller does not say of it: `availability`, `delivery type`, `channel`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unsaid: Vec<String>,
    /// By which name its price is known at its seller, where prices have names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<String>,
}

/// A product with its supply, as it stands for selection.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The product and who sells it.
    pub listing: Listing,
    /// How many impressions it still has over the flight.
    pub available: u64,
    /// How sure their delivery is, in basis points.
    pub confidence_bp: u32,
}

/// Why nothing can be recommended in a channel.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NothingFits(pub String);

impl Recommendation {
    /// Takes over what price talks gave. A lower price buys more impressions for the same
    /// money, as far as there are any; the cost never rises. Talks without agreement leave
    /// everything as it was, except for the record.
    #[must_use]
    pub fn negotiated(mut self, log: NegotiationLog) -> Self {
        if let Outcome::Accepted { cpm } = log.outcome
            && cpm < self.cpm
        {
            let impressions = self.cost.buys_at(cpm).min(self.available);
            if let Ok(cost) = cpm.cost_of(impressions) {
                self.rationale = format!(
                    "{} Talked down from {} to {cpm} CPM: {} impressions for {cost}.",
                    self.rationale,
                    self.cpm,
                    grouped(impressions),
                );
                (self.impressions, self.cpm, self.cost) = (impressions, cpm, cost);
            }
        }
        self.negotiation = Some(log);
        self
    }
}

/// Chooses up to [`MOST_PRODUCTS`] of the candidates for a channel's budget and splits it
/// between them by fit, each within what it has left. Together they never cost more than
/// the channel's budget.
///
/// # Errors
/// When none may be bought, with a count for each reason.
pub fn recommend(
    brief: &Brief,
    allocation: &ChannelAllocation,
    candidates: Vec<Candidate>,
) -> Result<Vec<Recommendation>, NothingFits> {
    let mut candidates = candidates;
    candidates.sort_by(|a, b| a.listing.key().cmp(&b.listing.key()));
    candidates.dedup_by(|a, b| a.listing.key() == b.listing.key());
    let shelf = Shelf::new(candidates.iter().map(|one| one.listing.clone()));
    // The shelf keeps the order in which the candidates were just put.
    choose(&shelf, brief, allocation, &candidates)
}

/// The same from a shelf that holds nothing but the candidates; `supply` says how many
/// impressions each still has and how sure their delivery is, in basis points.
///
/// # Errors
/// When none may be bought, with a count for each reason.
pub fn recommend_from(
    shelf: &Shelf,
    brief: &Brief,
    allocation: &ChannelAllocation,
    supply: impl Fn(&Listing) -> (u64, u32),
) -> Result<Vec<Recommendation>, NothingFits> {
    let candidate = |listing: &Listing| {
        let (available, confidence_bp) = supply(listing);
        Candidate {
            listing: listing.clone(),
            available,
            confidence_bp,
        }
    };
    let candidates: Vec<Candidate> = shelf.listings().map(candidate).collect();
    choose(shelf, brief, allocation, &candidates)
}

/// Chooses among candidates that stand on the shelf in the same order.
fn choose(
    shelf: &Shelf,
    brief: &Brief,
    allocation: &ChannelAllocation,
    candidates: &[Candidate],
) -> Result<Vec<Recommendation>, NothingFits> {
    let look = Look::new(shelf, brief);
    let mut picks = Vec::new();
    let mut passed = BTreeMap::new();
    for (at, candidate) in candidates.iter().enumerate() {
        match Pick::weigh(&look, shelf, at, candidate, allocation) {
            Ok(pick) => picks.push(pick),
            Err(why) => *passed.entry(why).or_insert(0) += 1,
        }
    }
    if picks.is_empty() {
        return Err(nothing(allocation, candidates.len(), &passed));
    }
    picks.sort_by_key(|pick| (Reverse(pick.fit.score_bp), pick.cpm.minor(), pick.at));
    let slices = slices(allocation.budget, &mut picks);
    let wants = &look.wants.wants;
    let made = picks.iter().zip(slices).enumerate();
    Ok(made
        .map(|(place, (pick, slice))| pick.recommend(wants, slice, allocation, place))
        .collect())
}

/// A candidate that may be bought.
struct Pick<'a> {
    at: usize,
    candidate: &'a Candidate,
    cpm: Money,
    fit: Fit,
}

/// Splits a budget over the best picks; drops the last of them until each slice buys
/// enough to matter.
fn slices(budget: Money, picks: &mut Vec<Pick<'_>>) -> Vec<Money> {
    picks.truncate(MOST_PRODUCTS);
    loop {
        let weights: Vec<u64> = picks
            .iter()
            .map(|pick| pick.fit.score_bp.max(1).into())
            .collect();
        let bounds: Vec<Money> = picks.iter().map(Pick::bound).collect();
        let slices = pour(budget, &weights, &bounds);
        let buys = |(pick, slice): (&Pick<'_>, &Money)| slice.buys_at(pick.cpm);
        let enough = picks
            .iter()
            .zip(&slices)
            .map(buys)
            .all(|count| count >= FEWEST_IMPRESSIONS);
        if enough || picks.len() <= 1 {
            return slices;
        }
        picks.pop();
    }
}

impl<'a> Pick<'a> {
    fn weigh(
        look: &Look<'_>,
        shelf: &Shelf,
        at: usize,
        candidate: &'a Candidate,
        allocation: &ChannelAllocation,
    ) -> Result<Self, Passed> {
        if candidate.listing.product.channel != allocation.channel {
            return Err(Passed::OtherChannel);
        }
        let scored = look.score(at).map_err(Passed::Unfit)?;
        let cpm = shelf
            .item(at)
            .cpm
            .ok_or(Passed::Unfit(Unfit::NotPerThousand))?;
        if candidate.available < FEWEST_IMPRESSIONS {
            return Err(Passed::SoldOut);
        }
        if allocation.budget.buys_at(cpm) < FEWEST_IMPRESSIONS {
            return Err(Passed::BudgetTooSmall);
        }
        let mut pick = Self {
            at,
            candidate,
            cpm,
            fit: Fit::join(scored.glance(), 0, candidate.confidence_bp),
        };
        let units = |money: Money| u128::try_from(money.minor()).unwrap_or(0);
        let availability_bp = ratio(units(pick.bound()), units(allocation.budget));
        pick.fit = Fit::join(scored.glance(), availability_bp, candidate.confidence_bp);
        Ok(pick)
    }

    /// What all of its impressions cost: the most that it can take.
    fn bound(&self) -> Money {
        let most = Money::new(MOST_MINOR, self.cpm.currency());
        let all = self.cpm.cost_of(self.candidate.available).unwrap_or(most);
        if all < most { all } else { most }
    }

    fn recommend(
        &self,
        wants: &[Want],
        slice: Money,
        allocation: &ChannelAllocation,
        place: usize,
    ) -> Recommendation {
        let product = &self.candidate.listing.product;
        let impressions = slice.buys_at(self.cpm).min(self.candidate.available);
        let cost = self.cpm.cost_of(impressions).unwrap_or(slice);
        let targeting = targeting(product, wants);
        let priority = u32::try_from(place + 1).unwrap_or(u32::MAX);
        Recommendation {
            rationale: self.rationale(impressions, cost, slice, priority, allocation, &targeting),
            product_id: product.id.clone(),
            seller: self.candidate.listing.seller.clone(),
            product_name: product.name.clone(),
            publisher: product.publisher.clone(),
            channel: product.channel,
            format: product.format.clone(),
            impressions,
            cpm: self.cpm,
            cost,
            targeting,
            priority,
            status: RecommendationStatus::Pending,
            fit: self.fit,
            delivery_type: product.delivery_type,
            negotiation: None,
            available: self.candidate.available,
            unsaid: Vec::new(),
            price: None,
        }
    }

    fn rationale(
        &self,
        impressions: u64,
        cost: Money,
        slice: Money,
        priority: u32,
        allocation: &ChannelAllocation,
        targeting: &BTreeMap<String, Vec<String>>,
    ) -> String {
        let supply = match self.candidate.available {
            UNTOLD => grouped(impressions),
            available => format!("{} of {}", grouped(impressions), grouped(available)),
        };
        let mut sentences = vec![format!(
            "No. {priority} in {}, {}. {slice} of {} buys {supply} impressions at {} CPM for {cost}.",
            allocation.channel,
            self.fit.explain(),
            allocation.budget,
            self.cpm,
        )];
        if self.candidate.available == UNTOLD {
            sentences.push("Its seller does not say how many it has.".to_owned());
        } else if impressions == self.candidate.available {
            sentences.push("That is all there is.".to_owned());
        }
        if self.candidate.listing.product.rate_type == RateType::Cpmv {
            sentences.push("The price counts viewable impressions only.".to_owned());
        }
        let aims: Vec<String> = targeting
            .iter()
            .map(|(key, values)| format!("{} {}", echo(key), echo(&values.join(", "))))
            .collect();
        sentences.push(match aims.as_slice() {
            [] => "It is not aimed at the audience in particular.".to_owned(),
            _ => format!("Aimed at {}.", aims.join("; ")),
        });
        sentences.join(" ")
    }
}

/// The tags of a product that serve any of the wants.
fn targeting(product: &Product, wants: &[Want]) -> BTreeMap<String, Vec<String>> {
    let mut served = BTreeMap::new();
    for (key, values) in &product.targeting {
        let is_wanted = |value: &&String| {
            let tag = Tag::read(Kind::read(key), value);
            let mut wants = wants.iter();
            wants.any(|want| want.is_served_by(tag.kind, &tag.word, tag.ages))
        };
        let wanted: Vec<String> = values.iter().filter(is_wanted).cloned().collect();
        if !wanted.is_empty() {
            served.insert(key.clone(), wanted);
        }
    }
    served
}

/// Why a candidate was passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Passed {
    OtherChannel,
    Unfit(Unfit),
    SoldOut,
    BudgetTooSmall,
}

impl Passed {
    fn phrase(self) -> &'static str {
        match self {
            Self::OtherChannel => "of another channel",
            Self::Unfit(why) => why.phrase(),
            Self::SoldOut => "with too few impressions left",
            Self::BudgetTooSmall => "too dear for the channel's budget",
        }
    }
}

fn nothing(
    allocation: &ChannelAllocation,
    candidates: usize,
    passed: &BTreeMap<Passed, u32>,
) -> NothingFits {
    let (channel, budget) = (allocation.channel, allocation.budget);
    if candidates == 0 {
        return NothingFits(format!("{channel} has no product that fits the brief."));
    }
    let reasons: Vec<String> = passed
        .iter()
        .map(|(why, count)| format!("{count} {}", why.phrase()))
        .collect();
    NothingFits(format!(
        "None of {candidates} products in {channel} may be bought for {budget}: {}.",
        reasons.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::domain::booking::{
        negotiation,
        samples::{brief, catalogue, listing, product, usd},
    };

    fn allocation(minor: i64) -> ChannelAllocation {
        ChannelAllocation {
            channel: Channel::Ctv,
            budget: usd(minor),
            share_bp: 10_000,
            rationale: String::new(),
        }
    }

    fn candidates(available: u64) -> Vec<Candidate> {
        let candidate = |listing| Candidate {
            listing,
            available,
            confidence_bp: 9_000,
        };
        catalogue().into_iter().map(candidate).collect()
    }

    fn usual(budget: i64, candidates: Vec<Candidate>) -> Result<Vec<Recommendation>, NothingFits> {
        recommend(&brief(&json!({})), &allocation(budget), candidates)
    }

    #[test]
    fn the_best_comes_first_aimed_and_explained() {
        let made = usual(750_000, candidates(2_000_000)).expect("some");
        let ids: Vec<&str> = made.iter().map(|one| one.product_id.as_str()).collect();
        assert_eq!(ids, ["ctv-young", "ctv-anyone"]);
        let best = &made[0];
        assert_eq!(
            (best.priority, best.status),
            (1, RecommendationStatus::Pending)
        );
        let aims = json!({"age": ["18-24", "25-34"], "interests": ["gaming"]});
        assert_eq!(serde_json::to_value(&best.targeting).expect("json"), aims);
        assert_eq!(best.cpm.cost_of(best.impressions), Ok(best.cost));
        for part in [
            "9.00 USD CPM",
            "7,500.00 USD",
            "2,000,000",
            "confidence 90 %",
            "gaming",
        ] {
            assert!(
                best.rationale.contains(part),
                "{part} in {}",
                best.rationale
            );
        }
        let text = serde_json::to_string(&made).expect("json");
        assert_eq!(
            serde_json::from_str::<Vec<Recommendation>>(&text).expect("read"),
            made
        );
    }

    #[test]
    fn nothing_is_recommended_with_reasons() {
        let dear = brief(&json!({"kpis": {"max_cpm": 2}}));
        let none = recommend(&dear, &allocation(750_000), candidates(2_000_000));
        assert_eq!(
            none.expect_err("too dear").0,
            "None of 8 products in ctv may be bought for 7,500.00 USD: 4 of another channel, \
             1 not on sale, 3 above the highest price allowed."
        );
        let sold_out = usual(750_000, candidates(999)).expect_err("sold out");
        assert!(
            sold_out.0.contains("2 with too few impressions left"),
            "{sold_out}"
        );
        let poor = usual(799, candidates(2_000_000)).expect_err("poor");
        assert!(
            poor.0.contains("2 too dear for the channel's budget"),
            "{poor}"
        );
        assert!(usual(1, Vec::new()).is_err());
    }

    #[test]
    fn a_small_budget_buys_fewer_products_and_doubles_count_once() {
        let made = usual(1_200, candidates(2_000_000)).expect("one");
        assert_eq!(made.len(), 1);
        assert!(made[0].impressions >= FEWEST_IMPRESSIONS);
        let mut twice = candidates(2_000_000);
        twice.extend(candidates(2_000_000));
        assert_eq!(usual(750_000, twice).expect("some").len(), 2);
    }

    #[test]
    fn a_lower_price_buys_more_for_no_more_money() {
        let before = usual(750_000, candidates(2_000_000))
            .expect("some")
            .remove(0);
        let after = |outcome| {
            let strategy = negotiation::Strategy::default();
            let offers = Vec::new();
            before.clone().negotiated(NegotiationLog {
                strategy,
                offers,
                outcome,
            })
        };
        let cheaper = after(Outcome::Accepted { cpm: usd(700) });
        assert!(cheaper.impressions > before.impressions && cheaper.cost <= before.cost);
        assert_eq!(usd(700).cost_of(cheaper.impressions), Ok(cheaper.cost));
        assert_eq!(cheaper.cpm, usd(700));
        let dearer = after(Outcome::Accepted { cpm: usd(2_000) });
        assert_eq!((dearer.cpm, dearer.cost), (before.cpm, before.cost));
        let failed = after(Outcome::Exhausted);
        assert_eq!(failed.impressions, before.impressions);
        assert!(failed.negotiation.is_some());
    }

    fn any_tags() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(json!({})),
            Just(json!({"age": ["18-24"], "interests": ["gaming", "music"]})),
            Just(json!({"age": ["25-34", "35-44"], "geo": ["US"]})),
            Just(json!({"age": ["65+"]})),
        ]
    }

    proptest! {
        #[test]
        fn never_more_than_the_channel_has_nor_than_there_is(
            budget in 1i64..MOST_MINOR,
            max_cpm in prop::option::of(1i64..5_000),
            offers in prop::collection::vec(
                (1i64..5_000, 0u64..1_000_000_000, 0u32..=10_000, any_tags()), 0..12,
            ),
        ) {
            let mut brief = brief(&json!({}));
            brief.kpis.max_cpm = max_cpm.map(usd);
            brief.kpis.target_cpm = None;
            let candidate = |(at, (cpm, available, confidence_bp, tags)): (usize, &(i64, u64, u32, Value))| Candidate {
                listing: listing(product(&format!("p{at}"), Channel::Ctv, *cpm, tags)),
                available: *available,
                confidence_bp: *confidence_bp,
            };
            let candidates: Vec<Candidate> = offers.iter().enumerate().map(candidate).collect();
            let made = recommend(&brief, &allocation(budget), candidates.clone());
            let reversed = candidates.into_iter().rev().collect();
            prop_assert_eq!(&made, &recommend(&brief, &allocation(budget), reversed), "in any order");
            let Ok(made) = made else { return Ok(()) };
            prop_assert!((1..=MOST_PRODUCTS).contains(&made.len()));
            prop_assert!(made.iter().map(|one| one.cost.minor()).sum::<i64>() <= budget);
            for (at, one) in made.iter().enumerate() {
                prop_assert!((FEWEST_IMPRESSIONS..=one.available).contains(&one.impressions));
                prop_assert_eq!(one.cpm.cost_of(one.impressions), Ok(one.cost));
                prop_assert!(max_cpm.is_none_or(|most| one.cpm.minor() <= most));
                prop_assert_eq!(one.priority as usize, at + 1);
                prop_assert!(one.fit.score_bp <= 10_000);
            }
        }
    }
}
