//! A catalogue prepared for planning: its tags are numbered once, so that ten thousand
//! products can be held against a brief without comparing a text. Refuses to know supply.

use std::{collections::HashMap, ops::Range, sync::Arc};

use crate::domain::{
    booking::{
        brief::Brief,
        look::Look,
        objective::Format,
        wants::{Kind, ages, is_certain},
        words::canonical,
    },
    channel::Channel,
    ids::SellerId,
    money::Money,
    opendirect::product::{Product, RateType, UsualRates},
};

/// A product as one seller offers it.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing {
    /// Who sells it.
    pub seller: SellerId,
    /// What it is.
    pub product: Arc<Product>,
}

impl Listing {
    /// What tells it from every other and orders it on a shelf.
    pub(super) fn key(&self) -> (Channel, &str, &str) {
        let product = &self.product;
        (product.channel, product.id.as_str(), self.seller.as_str())
    }
}

/// What a first look at a product gave, before anybody asked for its supply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scored {
    /// Its place on the shelf, for [`Shelf::listing`].
    pub at: usize,
    /// All parts together.
    pub score_bp: u32,
    /// How much of the audience it can be aimed at.
    pub audience_bp: u32,
    /// How well its format serves the objectives and KPIs.
    pub format_bp: u32,
    /// How its price stands against the KPIs or the rest of the channel.
    pub price_bp: u32,
}

/// A catalogue that is ready to be held against briefs. Make it once for a catalogue and
/// keep it; it depends on no brief.
#[derive(Debug, Clone, Default)]
pub struct Shelf {
    items: Vec<Item>,
    labels: Arc<Labels>,
}

/// What the products of a shelf are tagged with; shelves of some of them share it.
#[derive(Debug, Clone, Default)]
struct Labels {
    tags: Vec<Tag>,
    /// The numbers of every product's tags, one product after another.
    of_items: Vec<u32>,
}

#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) listing: Listing,
    // What is asked of every product stands here too: beside each other, not all over memory.
    pub(super) channel: Channel,
    pub(super) is_on_sale: bool,
    pub(super) daily: u64,
    pub(super) usual: UsualRates,
    /// The price per thousand, if it has one.
    pub(super) cpm: Option<Money>,
    pub(super) format: Format,
    /// The ages that it can be aimed at, a bit each.
    pub(super) ages: u128,
    /// The kinds of its tags, a bit each.
    pub(super) kinds: u16,
    /// Those of them that leave no doubt who is meant.
    pub(super) certain: u16,
    tags: Range<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tag {
    pub(super) kind: Kind,
    pub(super) word: String,
    pub(super) ages: u128,
}

impl Shelf {
    /// Prepares a catalogue. The order of the listings makes no difference.
    #[must_use]
    pub fn new(listings: impl IntoIterator<Item = Listing>) -> Self {
        let mut listings: Vec<Listing> = listings.into_iter().collect();
        listings.sort_by(|a, b| a.key().cmp(&b.key()));
        let (mut items, mut labels) = (Vec::with_capacity(listings.len()), Labels::default());
        let mut known: HashMap<(Kind, String), u32> = HashMap::new();
        for listing in listings {
            items.push(labels.put(listing, &mut known));
        }
        Self {
            items,
            labels: Arc::new(labels),
        }
    }

    /// A shelf of only what stands at these places, without reading its tags again.
    #[must_use]
    pub fn only(&self, places: impl IntoIterator<Item = usize>) -> Self {
        let mut places: Vec<usize> = places.into_iter().collect();
        places.sort_unstable();
        let found = places.into_iter().filter_map(|at| self.items.get(at));
        let mut items: Vec<Item> = found.cloned().collect();
        items.dedup_by(|a, b| a.listing.key() == b.listing.key());
        Self {
            items,
            labels: Arc::clone(&self.labels),
        }
    }

    /// How many products stand on it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether nothing stands on it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The product at a place that [`Scored::at`] named.
    #[must_use]
    pub fn listing(&self, at: usize) -> Option<&Listing> {
        self.items.get(at).map(|item| &item.listing)
    }

    /// Every product, in the order of the shelf.
    pub fn listings(&self) -> impl Iterator<Item = &Listing> {
        self.items.iter().map(|item| &item.listing)
    }

    /// The best products of a channel at a first look, at most so many, the best first.
    /// Leaves out what cannot be recommended and what `budget` buys no thousand of.
    #[must_use]
    pub fn shortlist(
        &self,
        brief: &Brief,
        channel: Channel,
        budget: Money,
        most: usize,
    ) -> Vec<Scored> {
        let look = Look::new(self, brief);
        let mut found: Vec<Scored> = self
            .of_channel(channel)
            .filter_map(|at| look.score(at).ok())
            .filter(|scored| self.items[scored.at].cpm.is_some_and(|cpm| cpm <= budget))
            .collect();
        let by_worth = |a: &Scored, b: &Scored| (b.score_bp, a.at).cmp(&(a.score_bp, b.at));
        if found.len() > most && most > 0 {
            found.select_nth_unstable_by(most - 1, by_worth);
        }
        found.truncate(most);
        found.sort_unstable_by(by_worth);
        found
    }

    pub(super) fn item(&self, at: usize) -> &Item {
        &self.items[at]
    }

    /// Every tag on the shelf; a tag's place is its number.
    pub(super) fn tags(&self) -> &[Tag] {
        &self.labels.tags
    }

    /// The numbers of a product's tags.
    pub(super) fn tags_of(&self, item: &Item) -> &[u32] {
        &self.labels.of_items[item.tags.clone()]
    }

    /// The places of a channel's products.
    pub(super) fn of_channel(&self, channel: Channel) -> Range<usize> {
        let before = |item: &Item| item.channel < channel;
        let through = |item: &Item| item.channel <= channel;
        self.items.partition_point(before)..self.items.partition_point(through)
    }
}

impl Labels {
    /// Reads the tags of a product.
    fn put(&mut self, listing: Listing, known: &mut HashMap<(Kind, String), u32>) -> Item {
        let first = self.of_items.len();
        let (mut spans, mut kinds, mut certain) = (0, 0, 0);
        for (key, values) in &listing.product.targeting {
            let kind = Kind::read(key);
            for value in values {
                let id = self.tag(kind, value, known);
                let tag = &self.tags[id as usize];
                kinds |= kind.bit();
                spans |= tag.ages;
                if is_certain(kind, &tag.word, tag.ages) {
                    certain |= kind.bit();
                }
                self.of_items.push(id);
            }
        }
        let product = &listing.product;
        Item {
            channel: product.channel,
            is_on_sale: product.active,
            daily: product.daily_impressions,
            usual: product.usual,
            cpm: per_thousand(product),
            format: Format::read(&product.format),
            ages: spans,
            kinds,
            certain,
            tags: first..self.of_items.len(),
            listing,
        }
    }

    /// The number of a tag, a new one when nobody has used it before.
    fn tag(&mut self, kind: Kind, value: &str, known: &mut HashMap<(Kind, String), u32>) -> u32 {
        let next = u32::try_from(self.tags.len()).unwrap_or(u32::MAX);
        let id = *known.entry((kind, canonical(value))).or_insert(next);
        if id == next {
            self.tags.push(Tag::read(kind, value));
        }
        id
    }
}

impl Tag {
    pub(super) fn read(kind: Kind, value: &str) -> Self {
        let ages = match kind {
            Kind::Age => ages(value).unwrap_or(0),
            _ => 0,
        };
        Self {
            kind,
            word: canonical(value),
            ages,
        }
    }
}

/// The price per thousand impressions, for products that have one.
fn per_thousand(product: &Product) -> Option<Money> {
    match product.rate_type {
        RateType::Cpm | RateType::Cpmv => Some(product.base_price),
        RateType::Cpc | RateType::Cpd | RateType::FlatRate => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::booking::samples::{brief, catalogue, listing, product, usd};

    fn names(shelf: &Shelf, scored: &[Scored]) -> Vec<String> {
        let name = |one: &Scored| shelf.listing(one.at).map(|l| l.product.id.to_string());
        scored.iter().filter_map(name).collect()
    }

    #[test]
    fn the_best_aimed_comes_first_and_what_may_not_be_bought_stays_out() {
        let shelf = Shelf::new(catalogue());
        let brief = brief(&json!({}));
        let ctv = shelf.shortlist(&brief, Channel::Ctv, usd(100_000), 10);
        assert_eq!(
            names(&shelf, &ctv),
            ["ctv-young", "ctv-anyone"],
            "no old, none off sale"
        );
        assert_eq!(
            ctv[0].audience_bp, 7_500,
            "all of the ages, one interest of two"
        );
        assert_eq!(ctv[1].audience_bp, 2_500, "aimed at nobody");
        let perf = shelf.shortlist(&brief, Channel::Performance, usd(100_000), 10);
        assert_eq!(
            names(&shelf, &perf),
            ["perf-young"],
            "nothing priced by click"
        );
        assert!(
            shelf
                .shortlist(&brief, Channel::Ctv, usd(799), 10)
                .is_empty(),
            "buys no thousand"
        );
        assert_eq!(
            shelf.shortlist(&brief, Channel::Ctv, usd(100_000), 1),
            ctv[..1]
        );
        assert!(
            shelf
                .shortlist(&brief, Channel::Ctv, usd(100_000), 0)
                .is_empty()
        );
    }

    #[test]
    fn a_ceiling_and_a_country_shut_products_out() {
        let shelf = Shelf::new(catalogue());
        let dear = brief(&json!({"kpis": {"max_cpm": 8.5}}));
        let found = shelf.shortlist(&dear, Channel::Ctv, usd(100_000), 10);
        assert_eq!(names(&shelf, &found), ["ctv-anyone"]);
        let abroad = brief(&json!({"target_audience": {"country": "United Kingdom"}}));
        let found = shelf.shortlist(&abroad, Channel::Ctv, usd(100_000), 10);
        assert_eq!(
            names(&shelf, &found),
            ["ctv-anyone"],
            "the others are in the US"
        );
        let town = brief(&json!({"target_audience": {"geo": "Springfield"}}));
        let found = shelf.shortlist(&town, Channel::Ctv, usd(100_000), 10);
        assert_eq!(found.len(), 3, "a town may lie anywhere");
    }

    #[test]
    fn tags_are_read_as_people_mean_them() {
        let one = |tags: &serde_json::Value, wants: &serde_json::Value| {
            let shelf = Shelf::new([listing(product("p", Channel::Ctv, 100, tags))]);
            let brief = brief(&json!({ "target_audience": wants }));
            let found = shelf.shortlist(&brief, Channel::Ctv, usd(1_000), 1);
            found.first().map(|scored| scored.audience_bp)
        };
        assert_eq!(
            one(
                &json!({"interests": ["Tech"]}),
                &json!({"topics": "technology"})
            ),
            Some(10_000)
        );
        assert_eq!(
            one(
                &json!({"segments": ["gaming"]}),
                &json!({"interests": "gaming"})
            ),
            Some(10_000)
        );
        assert_eq!(
            one(&json!({"gender": ["all"]}), &json!({"gender": "women"})),
            Some(10_000)
        );
        assert_eq!(
            one(&json!({"gender": ["male"]}), &json!({"gender": "women"})),
            None
        );
        assert_eq!(
            one(&json!({"geo": ["US-NY"]}), &json!({"geo": "usa"})),
            Some(10_000)
        );
        assert_eq!(one(&json!({"geo": ["GB"]}), &json!({"geo": "usa"})), None);
        assert_eq!(
            one(&json!({"age": ["18-24"]}), &json!({"age": "18-37"})),
            Some(3_500)
        );
        assert_eq!(
            one(&json!({"age": ["18-24"]}), &json!({"age": "grown-ups"})),
            Some(0)
        );
        assert_eq!(one(&json!({}), &json!({})), Some(10_000));
    }

    #[test]
    fn some_of_a_shelf_are_judged_like_a_shelf_of_their_own() {
        let (shelf, brief) = (Shelf::new(catalogue()), brief(&json!({})));
        for channel in Channel::ALL {
            let places = || shelf.of_channel(channel).step_by(2);
            let own = Shelf::new(places().filter_map(|at| shelf.listing(at)).cloned());
            let some = shelf.only(places().rev().chain(places()));
            assert_eq!(some.len(), own.len());
            assert_eq!(
                some.shortlist(&brief, channel, usd(100_000), 10),
                own.shortlist(&brief, channel, usd(100_000), 10)
            );
        }
    }

    #[test]
    fn the_order_of_a_catalogue_makes_no_difference() {
        let brief = brief(&json!({}));
        let list = |listings: Vec<Listing>| {
            let shelf = Shelf::new(listings);
            let scored = shelf.shortlist(&brief, Channel::Ctv, usd(100_000), 10);
            names(&shelf, &scored)
        };
        let mut reversed = catalogue();
        reversed.reverse();
        assert_eq!(list(catalogue()), list(reversed));
    }
}
