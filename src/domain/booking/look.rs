//! A brief held against one shelf: what every tag is worth to it, worked out once, and
//! then each product in a few operations on numbers. Allocates nothing per product.

use std::cell::OnceCell;

use crate::domain::{
    booking::{
        brief::Brief,
        fit::{Formats, Glance, price},
        share::{WHOLE, ratio},
        shelf::{Item, Scored, Shelf, Tag},
        wants::{Kind, Want, Wants},
    },
    channel::Channel,
    money::Money,
};

/// What reaching part of an audience without aiming counts.
const UNAIMED: u32 = 2_500;

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

/// What of the wants a product serves, a bit for each want.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Aim {
    pub(super) served: u64,
    pub(super) audience_bp: u32,
    pub(super) elsewhere: bool,
}

/// A brief held against one shelf: what every tag is worth to it, worked out once.
pub(super) struct Look<'a> {
    shelf: &'a Shelf,
    brief: &'a Brief,
    pub(super) wants: Wants,
    formats: Formats,
    /// For each tag the wants that it serves.
    worth: Vec<u64>,
    /// For each kind of want its bits.
    kinds: Vec<(Kind, u64)>,
    /// The kinds in which running elsewhere is useless, a bit each.
    hard: u16,
    /// The cheapest price per thousand of each channel, once it is wanted.
    cheapest: [OnceCell<Option<Money>>; Channel::ALL.len()],
}

impl<'a> Look<'a> {
    pub(super) fn new(shelf: &'a Shelf, brief: &'a Brief) -> Self {
        let wants = Wants::of(&brief.audience);
        let bits = |kind| {
            let own = wants
                .wants
                .iter()
                .enumerate()
                .filter(|(_, want)| want.kind == kind);
            own.fold(0u64, |bits, (at, _)| bits | 1 << at)
        };
        let hard = wants.wants.iter().filter(|want| want.is_hard());
        let kinds = Kind::ALL.iter().map(|kind| (*kind, bits(*kind)));
        Self {
            shelf,
            brief,
            formats: Formats::of(&brief.objectives),
            worth: worths(shelf, &wants.wants),
            hard: hard.fold(0, |bits, want| bits | want.kind.bit()),
            kinds: kinds.filter(|(_, bits)| *bits != 0).collect(),
            cheapest: Default::default(),
            wants,
        }
    }

    /// What of the wants one product serves.
    pub(super) fn aim(&self, item: &Item) -> Aim {
        let mut served = 0u64;
        for tag in self.shelf.tags_of(item) {
            served |= self.worth[*tag as usize];
        }
        let mut sum = 0;
        let mut elsewhere = false;
        for (kind, bits) in &self.kinds {
            let aimed = item.kinds & kind.bit() != 0;
            if *kind == Kind::Age && item.ages != 0 {
                sum += self.ages(item.ages, *bits, &mut served);
            } else if aimed || served & bits != 0 {
                sum += (served & bits).count_ones() * WHOLE / bits.count_ones();
            } else {
                sum += UNAIMED;
            }
            elsewhere |= item.certain & self.hard & kind.bit() != 0 && served & bits == 0;
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
    pub(super) fn score(&self, at: usize) -> Result<Scored, Unfit> {
        let item = self.shelf.item(at);
        let cpm = self.affordable(item)?;
        let aim = self.aim(item);
        if aim.elsewhere {
            return Err(Unfit::AimedElsewhere);
        }
        let cheapest = self.cheapest[item.channel as usize]
            .get_or_init(|| cheapest(self.shelf, item.channel, self.brief.budget))
            .unwrap_or(cpm);
        let seen = Glance {
            audience: aim.audience_bp,
            format: self.formats.fit(item.format, &self.brief.kpis, item.usual),
            price: price(cpm, &self.brief.kpis, cheapest),
        };
        Ok(Scored {
            at,
            score_bp: seen.score_bp(),
            audience_bp: seen.audience,
            format_bp: seen.format,
            price_bp: seen.price,
        })
    }

    /// The price of a product that is on sale for what the brief may pay.
    fn affordable(&self, item: &Item) -> Result<Money, Unfit> {
        if !item.is_on_sale {
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

/// For each tag of the shelf the wants that it serves.
fn worths(shelf: &Shelf, wants: &[Want]) -> Vec<u64> {
    let worth = |tag: &Tag| {
        let served = wants.iter().enumerate();
        served
            .filter(|(_, want)| want.is_served_by(tag.kind, &tag.word, tag.ages))
            .fold(0u64, |bits, (at, _)| bits | 1 << at)
    };
    shelf.tags().iter().map(worth).collect()
}

fn cheapest(shelf: &Shelf, channel: Channel, budget: Money) -> Option<Money> {
    let prices = shelf
        .of_channel(channel)
        .filter_map(|at| shelf.item(at).cpm);
    prices
        .filter(|cpm| cpm.is_positive() && cpm.currency() == budget.currency())
        .min_by_key(|cpm| cpm.minor())
}

impl Scored {
    pub(super) fn glance(self) -> Glance {
        Glance {
            audience: self.audience_bp,
            format: self.format_bp,
            price: self.price_bp,
        }
    }
}
