//! A catalogue prepared for planning: its tags are numbered once, so that ten thousand
//! products can be held against a brief without comparing a text. Refuses to know supply.

use std::{collections::HashMap, ops::Range, sync::Arc};

use crate::domain::{
    booking::{
        brief::Brief,
        fit::{Formats, Glance, price},
        objective::Format,
        share::{WHOLE, ratio},
        wants::{Kind, Want, Wants, ages},
        words::canonical,
    },
    channel::Channel,
    ids::SellerId,
    money::Money,
    opendirect::product::{Product, RateType},
};

/// What reaching part of an audience without aiming counts.
const UNAIMED: u32 = 2_500;

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

impl Scored {
    pub(super) fn glance(self) -> Glance {
        Glance {
            audience_bp: self.audience_bp,
            format_bp: self.format_bp,
            price_bp: self.price_bp,
        }
    }
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
    format: Format,
    ages: u128,
    kinds: u16,
    tags: Range<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Tag {
    kind: Kind,
    word: String,
}

/// Why a product is not considered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unfit {
    OffSale,
    OtherCurrency,
    NotPerThousand,
    NoPrice,
    TooDear,
    AimedElsewhere,
}

impl Unfit {
    /// Ends the sentence "3 products ...".
    pub(super) fn phrase(self) -> &'static str {
        match self {
            Self::OffSale => "not on sale",
            Self::OtherCurrency => "priced in another currency",
            Self::NotPerThousand => "not priced per thousand impressions",
            Self::NoPrice => "without a price above zero",
            Self::TooDear => "above the highest price allowed",
            Self::AimedElsewhere => "aimed at other people",
        }
    }
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
            .filter_map(|at| look.score(self, at).ok())
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

/// What of the wants a product serves, a bit for each want.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Aim {
    pub(super) served: u64,
    pub(super) audience_bp: u32,
    pub(super) elsewhere: bool,
}

/// A brief held against one shelf: what every tag is worth to it, worked out once.
pub(super) struct Look<'a> {
    brief: &'a Brief,
    pub(super) wants: Wants,
    formats: Formats,
    /// For each tag the wants that it serves.
    worth: Vec<u64>,
    /// For each kind of want its bits.
    kinds: Vec<(Kind, u64)>,
    /// The cheapest price per thousand of each channel.
    cheapest: [Option<Money>; Channel::ALL.len()],
}

impl<'a> Look<'a> {
    pub(super) fn new(shelf: &Shelf, brief: &'a Brief) -> Self {
        let wants = Wants::of(&brief.audience);
        let bits = |kind| {
            let own = wants
                .wants
                .iter()
                .enumerate()
                .filter(|(_, want)| want.kind == kind);
            own.fold(0u64, |bits, (at, _)| bits | 1 << at)
        };
        let kinds = Kind::ALL.iter().map(|kind| (*kind, bits(*kind)));
        Self {
            brief,
            formats: Formats::of(&brief.objectives),
            worth: worths(shelf, &wants.wants),
            kinds: kinds.filter(|(_, bits)| *bits != 0).collect(),
            cheapest: Channel::ALL.map(|channel| cheapest(shelf, channel, brief.budget)),
            wants,
        }
    }

    /// What of the wants one product serves.
    pub(super) fn aim(&self, shelf: &Shelf, item: &Item) -> Aim {
        let mut served = 0u64;
        for tag in &shelf.item_tags[item.tags.clone()] {
            served |= self.worth[*tag as usize];
        }
        let mut sum = 0;
        let mut elsewhere = false;
        for (kind, bits) in &self.kinds {
            let aimed = item.kinds & (1 << *kind as u16) != 0;
            if *kind == Kind::Age && item.ages != 0 {
                sum += self.ages(item.ages, *bits, &mut served);
            } else if aimed || served & bits != 0 {
                sum += (served & bits).count_ones() * WHOLE / bits.count_ones();
            } else {
                sum += UNAIMED;
            }
            elsewhere |= kind.is_hard() && aimed && served & bits == 0;
        }
        let count = u32::try_from(self.kinds.len()).unwrap_or(0);
        Aim {
            served,
            audience_bp: sum.checked_div(count).unwrap_or(WHOLE),
            elsewhere,
        }
    }

    /// How much of the wanted ages a product's bands cover, on average over the wants.
    fn ages(&self, bands: u128, bits: u64, served: &mut u64) -> u32 {
        let (mut sum, mut left) = (0, bits);
        while left != 0 {
            let at = left.trailing_zeros();
            left &= left - 1;
            let asked = self.wants.wants[at as usize].ages;
            let both = (asked & bands).count_ones();
            if both > 0 {
                *served |= 1 << at;
                sum += ratio(u128::from(both), u128::from(asked.count_ones()));
            } else if *served & (1 << at) != 0 {
                sum += WHOLE;
            }
        }
        sum / bits.count_ones()
    }

    /// The score of a product that may be recommended, or why it may not.
    pub(super) fn score(&self, shelf: &Shelf, at: usize) -> Result<Scored, Unfit> {
        let item = shelf.item(at);
        let cpm = self.affordable(item)?;
        let aim = self.aim(shelf, item);
        if aim.elsewhere {
            return Err(Unfit::AimedElsewhere);
        }
        let product = &item.listing.product;
        let cheapest = self.cheapest[product.channel as usize].unwrap_or(cpm);
        let seen = Glance {
            audience_bp: aim.audience_bp,
            format_bp: self
                .formats
                .fit(item.format, &self.brief.kpis, product.usual),
            price_bp: price(cpm, &self.brief.kpis, cheapest),
        };
        Ok(Scored {
            at,
            score_bp: seen.score_bp(),
            audience_bp: seen.audience_bp,
            format_bp: seen.format_bp,
            price_bp: seen.price_bp,
        })
    }

    /// The price of a product that is on sale for what the brief may pay.
    fn affordable(&self, item: &Item) -> Result<Money, Unfit> {
        if !item.listing.product.active {
            return Err(Unfit::OffSale);
        }
        let cpm = item.cpm.ok_or(Unfit::NotPerThousand)?;
        if cpm.currency() != self.brief.budget.currency() {
            return Err(Unfit::OtherCurrency);
        }
        if !cpm.is_positive() {
            return Err(Unfit::NoPrice);
        }
        match self.brief.kpis.max_cpm {
            Some(most) if cpm > most => Err(Unfit::TooDear),
            _ => Ok(cpm),
        }
    }
}

/// For each tag of the shelf the wants that it serves: same word, and the same kind unless
/// one of the two says no kind.
fn worths(shelf: &Shelf, wants: &[Want]) -> Vec<u64> {
    let mut by_word: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, want) in wants.iter().enumerate() {
        by_word.entry(&want.word).or_default().push(at);
    }
    let worth = |tag: &Tag| {
        let same_word = by_word.get(tag.word.as_str()).into_iter().flatten();
        same_word
            .filter(|at| serves(tag.kind, wants[**at].kind))
            .fold(0u64, |bits, at| bits | 1 << at)
    };
    shelf.tags.iter().map(worth).collect()
}

fn serves(tag: Kind, want: Kind) -> bool {
    tag == want || tag == Kind::Other || want == Kind::Other
}

/// Whether one value of a product's targeting serves a want.
pub(super) fn tag_serves(key: &str, value: &str, want: &Want) -> bool {
    let kind = Kind::read(key);
    let spans = kind == Kind::Age && ages(value).unwrap_or(0) & want.ages != 0;
    spans || (serves(kind, want.kind) && canonical(value) == want.word)
}

fn cheapest(shelf: &Shelf, channel: Channel, budget: Money) -> Option<Money> {
    let prices = shelf
        .of_channel(channel)
        .filter_map(|at| shelf.item(at).cpm);
    prices
        .filter(|cpm| cpm.is_positive() && cpm.currency() == budget.currency())
        .min_by_key(|cpm| cpm.minor())
}
