//! Spreads a budget over channels and says why. Refuses to leave a cent over, to feed a
//! channel that was not asked for, and to give crumbs that buy nothing.

use std::cmp::Ordering;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{
    booking::{
        audience::AudiencePlan,
        brief::Brief,
        kpis::Kpis,
        look::Look,
        objective::Objective,
        recommendation::UNTOLD,
        share::{WHOLE, grouped, percent, pour, shares},
        shelf::{Listing, Shelf},
    },
    channel::Channel,
    money::{MOST_MINOR, Money},
    text::echo,
};

/// The fewest impressions that are worth buying.
pub const FEWEST_IMPRESSIONS: u64 = 1_000;
/// The smallest share of a channel that nobody asked for, in basis points.
pub const SMALLEST_SHARE: u32 = 500;
/// What a channel weighs at least, of 100, when it was asked for by name and when not.
const LEAST_WEIGHT: (u32, u32) = (5, 1);

/// What one channel can offer a brief over its flight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Supply {
    /// Which channel.
    pub channel: Channel,
    /// How many products may be recommended.
    pub products: u32,
    /// How many impressions they still have.
    pub impressions: u64,
    /// The lowest price per thousand among them.
    pub lowest: Money,
    /// What all those impressions cost together.
    pub worth: Money,
    /// How much of the audience the channel covers, in basis points.
    pub coverage_bp: u32,
}

/// What one channel gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChannelAllocation {
    /// Which channel.
    pub channel: Channel,
    /// How much of the budget.
    pub budget: Money,
    /// The same as a share, in basis points.
    pub share_bp: u32,
    /// Why, with the numbers.
    pub rationale: String,
}

/// A budget spread over channels.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Spread {
    /// What each channel gets, in the order of the channels; sums to the budget.
    pub channels: Vec<ChannelAllocation>,
    /// What was left out or falls short, as sentences.
    pub notes: Vec<String>,
}

/// Why a budget cannot be spread at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoSupply(pub String);

impl Supply {
    /// Gathers what a catalogue can offer a brief, channel by channel. `available` says how
    /// many impressions a listing still has over the flight; what may not be recommended
    /// is not counted.
    #[must_use]
    pub fn gather(
        brief: &Brief,
        plan: &AudiencePlan,
        shelf: &Shelf,
        available: impl Fn(&Listing) -> u64,
    ) -> Vec<Self> {
        let look = Look::new(shelf, brief);
        let mut supplies = Vec::new();
        for channel in Channel::ALL
            .into_iter()
            .filter(|channel| brief.allows(*channel))
        {
            let offers = shelf
                .of_channel(channel)
                .filter(|at| look.score(*at).is_ok())
                .filter_map(|at| {
                    let item = shelf.item(at);
                    Some((item.cpm?, available(&item.listing)))
                })
                .filter(|(_, impressions)| *impressions >= FEWEST_IMPRESSIONS);
            supplies.extend(Self::of(channel, plan.coverage_bp(channel), offers));
        }
        supplies
    }

    /// Sums up one channel's offers, each a price per thousand and its impressions; nothing
    /// when there is no offer.
    #[must_use]
    pub fn of(
        channel: Channel,
        coverage_bp: u32,
        offers: impl IntoIterator<Item = (Money, u64)>,
    ) -> Option<Self> {
        let mut supply: Option<Self> = None;
        for (cpm, impressions) in offers {
            let worth = cpm.cost_of(impressions).map_or(MOST_MINOR, Money::minor);
            let so_far = supply.get_or_insert_with(|| Self {
                channel,
                products: 0,
                impressions: 0,
                lowest: cpm,
                worth: Money::zero(cpm.currency()),
                coverage_bp,
            });
            so_far.products = so_far.products.saturating_add(1);
            so_far.impressions = so_far.impressions.saturating_add(impressions);
            so_far.lowest = if cpm < so_far.lowest {
                cpm
            } else {
                so_far.lowest
            };
            let sum = so_far.worth.minor().saturating_add(worth).min(MOST_MINOR);
            so_far.worth = Money::new(sum, cpm.currency());
        }
        supply
    }
}

/// Spreads the budget of a brief over the channels that it allows. Objectives, KPIs and
/// coverage weigh the channels; what each can sell bounds it; a channel that gets too
/// little to matter makes way for the others. When all of them together cannot sell for
/// the whole budget it is still spread in full, by what each can sell, and a note says so.
///
/// # Errors
/// When no channel has anything that the brief may buy, or the budget is too small.
pub fn allocate(brief: &Brief, supplies: &[Supply]) -> Result<Spread, NoSupply> {
    let mut notes = Vec::new();
    let mut lines = candidates(brief, supplies, &mut notes);
    if lines.is_empty() {
        notes.insert(
            0,
            "No channel has anything that this brief may buy.".to_owned(),
        );
        return Err(NoSupply(notes.join(" ")));
    }
    let slices = loop {
        let slices = slice(brief.budget, &lines);
        let Some((at, why)) = weakest(brief, &lines, &slices) else {
            break slices;
        };
        notes.push(why);
        lines.remove(at);
        if lines.is_empty() {
            return Err(NoSupply(notes.join(" ")));
        }
    };
    let short = shortfall(brief.budget, &lines);
    if let Some(covered) = short {
        notes.push(format!(
            "All that is left in these channels costs {covered}, less than the budget of {}.",
            brief.budget
        ));
    }
    let channels = lines
        .iter()
        .zip(&slices)
        .zip(shares(&slices))
        .map(|((line, slice), share_bp)| ChannelAllocation {
            channel: line.supply.channel,
            budget: *slice,
            share_bp,
            rationale: line.rationale(brief, *slice, share_bp),
        })
        .collect();
    Ok(Spread { channels, notes })
}

/// A channel on its way to a share.
struct Line<'a> {
    supply: &'a Supply,
    /// From the objectives, in hundredths.
    base: u64,
    /// With everything that moves it.
    weight: u64,
    /// What moved it, as phrases.
    moved: Vec<String>,
}

/// The channels that come into question, in their order.
fn candidates<'a>(brief: &Brief, supplies: &'a [Supply], notes: &mut Vec<String>) -> Vec<Line<'a>> {
    let mut lines: Vec<Line<'a>> = Vec::new();
    for channel in Channel::ALL
        .into_iter()
        .filter(|channel| brief.allows(*channel))
    {
        let supply = supplies.iter().find(|supply| supply.channel == channel);
        let usable = supply.filter(|supply| {
            supply.worth.is_positive()
                && supply.lowest.is_positive()
                && supply.worth.currency() == brief.budget.currency()
        });
        let Some(supply) = usable else {
            if brief.names(channel) {
                notes.push(format!(
                    "{channel} has nothing left that this brief may buy."
                ));
            }
            continue;
        };
        if let Some(most) = brief.kpis.max_cpm.filter(|most| supply.lowest > *most) {
            notes.push(format!(
                "{channel} costs {} CPM or more, above the {most} allowed.",
                supply.lowest
            ));
            continue;
        }
        lines.push(Line::weigh(brief, supply));
    }
    lines
}

impl<'a> Line<'a> {
    fn weigh(brief: &Brief, supply: &'a Supply) -> Self {
        let channel = supply.channel;
        let (named, other) = LEAST_WEIGHT;
        let least = if brief.names(channel) { named } else { other };
        let sum: u64 = brief
            .objectives
            .iter()
            .map(|text| u64::from(Objective::read(text).weight(channel).max(least)))
            .sum();
        let count = u64::try_from(brief.objectives.len().max(1)).unwrap_or(u64::MAX);
        let base = sum * 100 / count;
        let mut line = Self {
            supply,
            base,
            weight: base * 10_000,
            moved: Vec::new(),
        };
        line.by_kpis(&brief.kpis);
        let coverage = supply.coverage_bp.min(WHOLE);
        line.scale(WHOLE / 2 + coverage / 2);
        line
    }

    fn scale(&mut self, bp: u32) {
        self.weight = self.weight * u64::from(bp) / u64::from(WHOLE);
    }

    fn by_kpis(&mut self, kpis: &Kpis) {
        use Channel::{Branding, Ctv, LinearTv, Performance, Social};
        let table: [(&str, bool, &[Channel], u32); 4] = [
            ("ctr", kpis.ctr_bp.is_some(), &[Performance, Social], 12_500),
            ("vcr", kpis.vcr_bp.is_some(), &[Ctv, LinearTv], 12_500),
            (
                "viewability",
                kpis.viewability_bp.is_some(),
                &[Branding, Ctv],
                11_500,
            ),
            (
                "reach",
                kpis.reach.is_some(),
                &[Ctv, Social, LinearTv],
                11_500,
            ),
        ];
        for (name, asked, channels, bp) in table {
            if asked && channels.contains(&self.supply.channel) {
                self.scale(bp);
                self.moved
                    .push(format!("KPI {name} adds {}", percent(bp - WHOLE)));
            }
        }
        if let Some(target) = kpis
            .target_cpm
            .filter(|target| self.supply.lowest > *target)
        {
            self.scale(WHOLE / 2);
            self.moved.push(format!(
                "its lowest price is above the target of {target}, which halves it"
            ));
        }
    }

    /// Why the channel gets what it gets, with the numbers.
    fn rationale(&self, brief: &Brief, slice: Money, share_bp: u32) -> String {
        let supply = self.supply;
        let weight = percent(u32::try_from(self.base).unwrap_or(u32::MAX));
        let mut reasons = vec![format!(
            "weight {} of 100 for {}",
            weight.trim_end_matches(" %"),
            objectives(brief)
        )];
        reasons.extend(self.moved.iter().cloned());
        let coverage = percent(supply.coverage_bp.min(WHOLE));
        reasons.push(format!("audience coverage {coverage}"));
        let plural = if supply.products == 1 { "" } else { "s" };
        let bound = match slice.minor().cmp(&supply.worth.minor()) {
            Ordering::Less => String::new(),
            Ordering::Equal => " Bounded by what the channel can sell.".to_owned(),
            Ordering::Greater => format!(" Supply covers only {} of it.", supply.worth),
        };
        let has = match supply.impressions {
            UNTOLD => "of which not all say how many impressions they have".to_owned(),
            known => format!("with {} impressions worth {}", grouped(known), supply.worth),
        };
        format!(
            "{} of the budget, {slice}: {}. {} product{plural} {has}, from {} CPM.{bound}",
            percent(share_bp),
            reasons.join("; "),
            grouped(supply.products.into()),
            supply.lowest,
        )
    }
}

/// The objectives as a phrase, with those that nobody knows marked.
fn objectives(brief: &Brief) -> String {
    let named: Vec<String> = brief
        .objectives
        .iter()
        .map(|text| match Objective::read(text) {
            Objective::Other => format!("{} (not known here: neutral weights)", echo(text)),
            _ => echo(text),
        })
        .collect();
    named.join(", ")
}

/// What all lines can sell for together.
fn worth(lines: &[Line<'_>]) -> i128 {
    lines
        .iter()
        .map(|line| i128::from(line.supply.worth.minor()))
        .sum()
}

/// How much supply covers, when that is less than the budget.
fn shortfall(budget: Money, lines: &[Line<'_>]) -> Option<Money> {
    let worth = worth(lines);
    (worth < i128::from(budget.minor()))
        .then(|| Money::new(i64::try_from(worth).unwrap_or(0), budget.currency()))
}

fn slice(budget: Money, lines: &[Line<'_>]) -> Vec<Money> {
    let bounds: Vec<Money> = lines.iter().map(|line| line.supply.worth).collect();
    if shortfall(budget, lines).is_some() {
        let by_worth: Vec<u64> = bounds
            .iter()
            .map(|bound| u64::try_from(bound.minor()).unwrap_or(0))
            .collect();
        return budget.split(&by_worth);
    }
    let weights: Vec<u64> = lines.iter().map(|line| line.weight).collect();
    pour(budget, &weights, &bounds)
}

/// The channel that should make way, and why: the smallest that buys too little, else the
/// smallest under the smallest share that nobody asked for and the others can do without.
fn weakest(brief: &Brief, lines: &[Line<'_>], slices: &[Money]) -> Option<(usize, String)> {
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_by_key(|at| (slices[*at].minor(), *at));
    let bought = |at: usize| {
        let line = lines[at].supply;
        let spent = if slices[at] < line.worth {
            slices[at]
        } else {
            line.worth
        };
        spent.buys_at(line.lowest)
    };
    if let Some(at) = order
        .iter()
        .copied()
        .find(|at| bought(*at) < FEWEST_IMPRESSIONS)
    {
        let supply = lines[at].supply;
        return Some((
            at,
            format!(
                "{} is left out: its share of {} buys fewer than {} impressions at {} CPM.",
                supply.channel,
                slices[at],
                grouped(FEWEST_IMPRESSIONS),
                supply.lowest
            ),
        ));
    }
    let small = |at: &usize| {
        let share = i128::from(slices[*at].minor()) * i128::from(WHOLE);
        let others = worth(lines) - i128::from(lines[*at].supply.worth.minor());
        share < i128::from(brief.budget.minor()) * i128::from(SMALLEST_SHARE)
            && !brief.names(lines[*at].supply.channel)
            && others >= i128::from(brief.budget.minor())
    };
    let at = order.into_iter().find(small)?;
    Some((
        at,
        format!(
            "{} is left out: its share would be under {}.",
            lines[at].supply.channel,
            percent(SMALLEST_SHARE)
        ),
    ))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::domain::booking::samples::{brief, catalogue, usd};

    fn supply(channel: Channel, lowest: i64, worth: i64) -> Supply {
        Supply {
            channel,
            products: 3,
            impressions: usd(worth).buys_at(usd(lowest)),
            lowest: usd(lowest),
            worth: usd(worth),
            coverage_bp: 8_000,
        }
    }

    fn plenty() -> Vec<Supply> {
        Channel::ALL
            .map(|channel| supply(channel, 500, 100_000_000))
            .into()
    }

    fn shares_of(spread: &Spread) -> Vec<(Channel, i64)> {
        spread
            .channels
            .iter()
            .map(|one| (one.channel, one.budget.minor()))
            .collect()
    }

    #[test]
    fn objectives_weigh_and_every_share_explains_itself() {
        let spread = allocate(&brief(&json!({})), &plenty()).expect("a spread");
        assert_eq!(
            shares_of(&spread),
            [
                (Channel::Branding, 750_000),
                (Channel::Ctv, 750_000),
                (Channel::MobileApp, 250_000),
                (Channel::Performance, 125_000),
                (Channel::Social, 250_000),
                (Channel::LinearTv, 375_000),
            ]
        );
        let why = &spread.channels[1].rationale;
        for part in [
            "30 % of the budget",
            "7,500.00 USD",
            "weight 30 of 100",
            "brand_awareness",
            "coverage 80 %",
            "1,000,000.00 USD",
            "5.00 USD CPM",
        ] {
            assert!(why.contains(part), "{part} in {why}");
        }
    }

    #[test]
    fn an_unknown_objective_is_neutral_and_says_so() {
        let peace = brief(&json!({"objectives": ["world peace"]}));
        let spread = allocate(&peace, &plenty()).expect("a spread");
        assert_eq!(spread.channels.len(), 6);
        assert!(
            spread
                .channels
                .iter()
                .all(|one| one.rationale.contains("not known here"))
        );
    }

    #[test]
    fn kpis_move_the_weights() {
        let ctv = |kpis: serde_json::Value| {
            let brief = brief(&json!({"kpis": kpis, "channels": ["branding", "ctv"]}));
            shares_of(&allocate(&brief, &plenty()).expect("a spread"))[1].1
        };
        assert_eq!(ctv(json!({})), 1_250_000);
        assert_eq!(ctv(json!({"vcr": 70})), 1_388_889, "1.25 against 1");
        assert_eq!(ctv(json!({"target_cpm": 1})), 1_250_000, "halves both");
    }

    #[test]
    fn only_what_was_asked_for_and_what_can_be_bought() {
        let asked =
            brief(&json!({"channels": ["ctv", "linear_tv"], "objectives": ["conversions"]}));
        let spread = allocate(&asked, &plenty()).expect("a spread");
        let half = 1_250_000;
        assert_eq!(
            shares_of(&spread),
            [(Channel::Ctv, half), (Channel::LinearTv, half)]
        );
        let dear = brief(&json!({"kpis": {"max_cpm": 4}}));
        let mut some = plenty();
        some[2].lowest = usd(400);
        let spread = allocate(&dear, &some).expect("a spread");
        assert_eq!(shares_of(&spread), [(Channel::MobileApp, 2_500_000)]);
        assert_eq!(spread.notes.len(), 5, "{:?}", spread.notes);
        assert!(allocate(&dear, &plenty()).is_err());
        assert!(allocate(&dear, &[]).is_err());
        let named = brief(&json!({"channels": ["ctv", "social"]}));
        let spread = allocate(&named, &plenty()[..2]).expect("a spread");
        assert_eq!(
            spread.notes,
            ["social has nothing left that this brief may buy."]
        );
    }

    #[test]
    fn crumbs_make_way() {
        let installs = brief(&json!({"objectives": ["app_installs"]}));
        let spread = allocate(&installs, &plenty()).expect("a spread");
        let kept: Vec<Channel> = spread.channels.iter().map(|one| one.channel).collect();
        assert_eq!(kept, Channel::ALL[1..5]);
        assert_eq!(spread.notes.len(), 2, "{:?}", spread.notes);
        let tiny = brief(&json!({"budget": 6, "channels": ["ctv", "branding"]}));
        let spread = allocate(&tiny, &plenty()).expect("a spread");
        assert_eq!(
            spread.channels.len(),
            1,
            "only one of them can buy a thousand"
        );
        let nothing = allocate(&brief(&json!({"budget": 4})), &plenty()).expect_err("too little");
        assert!(nothing.0.contains("fewer than 1,000"), "{nothing}");
    }

    #[test]
    fn what_a_channel_cannot_sell_goes_to_the_others() {
        let mut some = plenty();
        some[1].worth = usd(300_000);
        let spread = allocate(&brief(&json!({})), &some).expect("a spread");
        assert_eq!(spread.channels[1].budget, usd(300_000));
        assert!(spread.channels[1].rationale.contains("Bounded"));
        let short = [
            supply(Channel::Branding, 500, 500_000),
            supply(Channel::Ctv, 500, 1_500_000),
        ];
        let spread = allocate(&brief(&json!({})), &short).expect("a spread");
        assert_eq!(
            shares_of(&spread),
            [(Channel::Branding, 625_000), (Channel::Ctv, 1_875_000)]
        );
        assert!(
            spread.channels[0]
                .rationale
                .contains("Supply covers only 5,000.00 USD")
        );
        assert!(
            spread.notes[0].contains("20,000.00 USD"),
            "{:?}",
            spread.notes
        );
    }

    #[test]
    fn a_crumb_stays_when_the_others_cannot_do_without_it() {
        let some = [
            supply(Channel::Branding, 500, 100_000),
            supply(Channel::MobileApp, 500, 2_450_000),
        ];
        let installs = brief(&json!({"objectives": ["app_installs"]}));
        let spread = allocate(&installs, &some).expect("a spread");
        assert_eq!(
            shares_of(&spread),
            [(Channel::Branding, 50_000), (Channel::MobileApp, 2_450_000)]
        );
        assert!(spread.notes.is_empty(), "{:?}", spread.notes);
    }

    #[test]
    fn supply_counts_what_may_be_recommended_and_is_left() {
        let (brief, shelf) = (brief(&json!({})), Shelf::new(catalogue()));
        let plan = AudiencePlan::draw(&brief, &shelf);
        let left = |listing: &Listing| match listing.product.id.as_str() {
            "ctv-young" => 999,
            _ => 92 * listing.product.daily_impressions,
        };
        let supplies = Supply::gather(&brief, &plan, &shelf, left);
        let ctv = supplies
            .iter()
            .find(|one| one.channel == Channel::Ctv)
            .expect("ctv");
        assert_eq!(
            (ctv.products, ctv.lowest, ctv.impressions),
            (1, usd(800), 920_000)
        );
        assert_eq!(ctv.worth, usd(736_000));
        assert_eq!(supplies.len(), 4);
    }

    proptest! {
        #[test]
        fn shares_sum_to_the_budget_to_the_cent(
            cents in 1i64..MOST_MINOR,
            objectives in prop::collection::vec("reach|sales|app_installs|video_views|peace", 1..4),
            asked in prop::collection::vec(0usize..6, 0..4),
            lines in prop::collection::vec((0i64..5_000, 0i64..MOST_MINOR, 0u32..=10_000), 6),
        ) {
            let names: Vec<&str> = asked.iter().map(|at| Channel::ALL[*at].name()).collect();
            let mut brief = brief(&json!({"objectives": objectives, "channels": names}));
            brief.budget = usd(cents);
            let supplies: Vec<Supply> = Channel::ALL
                .iter()
                .zip(&lines)
                .map(|(channel, (lowest, worth, coverage_bp))| Supply {
                    coverage_bp: *coverage_bp,
                    ..supply(*channel, *lowest, *worth)
                })
                .collect();
            let spread = allocate(&brief, &supplies);
            prop_assert_eq!(&spread, &allocate(&brief, &supplies), "the same twice");
            let Ok(spread) = spread else { return Ok(()) };
            let all = &spread.channels;
            prop_assert_eq!(all.iter().map(|one| one.budget.minor()).sum::<i64>(), cents);
            prop_assert_eq!(all.iter().map(|one| one.share_bp).sum::<u32>(), WHOLE);
            prop_assert!(all.iter().all(|one| one.budget.minor() >= 0 && brief.allows(one.channel)));
            let bound = |channel| supplies.iter().find(|s| s.channel == channel).map(|s| s.worth);
            let short = spread.notes.iter().any(|note| note.contains("less than the budget"));
            prop_assert!(short || all.iter().all(|one| Some(one.budget) <= bound(one.channel)));
        }
    }
}
