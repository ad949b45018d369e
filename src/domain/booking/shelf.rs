//! A catalogue prepared for planning: its tags are numbered once, so that ten thousand
//! products can be held against a brief without comparing a text. Refuses to know supply.

use std::{collections::HashMap, ops::Range, sync::Arc};

use crate::domain::{
    booking::{
        brief::Brief,
        look::Look,
        objective::Format,
        wants::{Kind, ages},
        words::canonical,
    },
    channel::Channel,
    ids::SellerId,
    money::Money,
    opendirect::product::{Product, RateType},
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
    tags: Vec<Tag>,
    item_tags: Vec<u32>,
}

#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) listing: Listing,
    /// The price per thousand, if it has one.
    pub(super) cpm: Option<Money>,
    pub(super) format: Format,
    /// The ages that it can be aimed at, a bit each.
    pub(super) ages: u128,
    /// The kinds of its tags, a bit each.
    pub(super) kinds: u16,
    tags: Range<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tag {
    pub(super) kind: Kind,
    pub(super) word: String,
}

impl Shelf {
    /// Prepares a catalogue. The order of the listings makes no difference.
    #[must_use]
    pub fn new(listings: impl IntoIterator<Item = Listing>) -> Self {
        let mut listings: Vec<Listing> = listings.into_iter().collect();
        listings.sort_by(|a, b| a.key().cmp(&b.key()));
        let mut shelf = Self::default();
        let mut known: HashMap<(Kind, String), u32> = HashMap::new();
        for listing in listings {
            shelf.put(listing, &mut known);
        }
        shelf
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
        &self.tags
    }

    /// The numbers of a product's tags.
    pub(super) fn tags_of(&self, item: &Item) -> &[u32] {
        &self.item_tags[item.tags.clone()]
    }

    /// The places of a channel's products.
    pub(super) fn of_channel(&self, channel: Channel) -> Range<usize> {
        let before = |item: &Item| item.listing.product.channel < channel;
        let through = |item: &Item| item.listing.product.channel <= channel;
        self.items.partition_point(before)..self.items.partition_point(through)
    }

    fn put(&mut self, listing: Listing, known: &mut HashMap<(Kind, String), u32>) {
        let first = self.item_tags.len();
        let (mut spans, mut kinds) = (0, 0);
        for (key, values) in &listing.product.targeting {
            let kind = Kind::read(key);
            for value in values {
                kinds |= 1 << kind as u16;
                if kind == Kind::Age {
                    spans |= ages(value).unwrap_or(0);
                }
                let word = canonical(value);
                let id = *known
                    .entry((kind, word))
                    .or_insert_with_key(|(kind, word)| {
                        let word = word.clone();
                        self.tags.push(Tag { kind: *kind, word });
                        u32::try_from(self.tags.len() - 1).unwrap_or(u32::MAX)
                    });
                self.item_tags.push(id);
            }
        }
        self.items.push(Item {
            cpm: per_thousand(&listing.product),
            format: Format::read(&listing.product.format),
            ages: spans,
            kinds,
            tags: first..self.item_tags.len(),
            listing,
        });
    }
}

/// The price per thousand impressions, for products that have one.
fn per_thousand(product: &Product) -> Option<Money> {
    match product.rate_type {
        RateType::Cpm | RateType::Cpmv => Some(product.base_price),
        RateType::Cpc | RateType::Cpd | RateType::FlatRate => None,
    }
}
