//! Finds products for a brief in everyday words: words are brought to their stems, the trade's
//! synonyms are taken for each other, ages and countries are understood, and what the brief
//! does not want counts against. Says why each was found. Refuses to guess beyond the words.

use std::collections::HashMap;

use super::{offer::formats, product::channels};
use crate::domain::{
    adcp::words::{self, Want},
    opendirect::product::Product,
};

/// Where a word stands in a product, and how much it counts there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Field {
    Name,
    Interest,
    Channel,
    Format,
    Audience,
    Place,
    Publisher,
    Text,
}

impl Field {
    fn weight(self) -> f32 {
        match self {
            Self::Name => 3.0,
            Self::Interest | Self::Channel => 2.5,
            Self::Format => 2.0,
            Self::Audience => 1.2,
            Self::Publisher | Self::Text => 1.0,
            Self::Place => 0.6,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Interest => "interests",
            Self::Channel => "channel",
            Self::Format => "format",
            Self::Audience => "audience",
            Self::Place => "places",
            Self::Publisher => "publisher",
            Self::Text => "description",
        }
    }
}

/// Where a word stands: in which product, and in which of its fields most prominently.
#[derive(Debug, Clone, Copy)]
struct Posting {
    at: u32,
    field: Field,
}

/// Products by their words.
#[derive(Debug, Default)]
pub struct Index {
    words: HashMap<String, Vec<Posting>>,
    count: u32,
}

/// A product that was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// Its place among the products.
    pub at: usize,
    /// How well it fits.
    pub score: f32,
}

/// Puts the best of what was found in front, in order: as many as are looked at.
pub fn order(hits: &mut [Hit], first: usize) {
    let better = |a: &Hit, b: &Hit| b.score.total_cmp(&a.score).then(a.at.cmp(&b.at));
    if first == 0 {
        return;
    }
    if first < hits.len() {
        hits.select_nth_unstable_by(first - 1, better);
    }
    let first = first.min(hits.len());
    hits[..first].sort_unstable_by(better);
}

impl Index {
    /// Reads products.
    pub fn of<'a>(products: impl Iterator<Item = &'a Product>) -> Self {
        let mut index = Self::default();
        for product in products {
            let mut best: HashMap<String, Field> = HashMap::new();
            read(product, &mut |word, field| {
                let kept = best.entry(word).or_insert(field);
                if field.weight() > kept.weight() {
                    *kept = field;
                }
            });
            let at = index.count;
            for (word, field) in best {
                index
                    .words
                    .entry(word)
                    .or_default()
                    .push(Posting { at, field });
            }
            index.count += 1;
        }
        index
    }

    /// Finds what fits the wishes of a brief, in no order; what hardly fits is left out.
    #[must_use]
    pub fn find(&self, wanted: &[Want]) -> Vec<Hit> {
        let mut scores = vec![0.0f32; self.count as usize];
        // What a wish is worth in each product: the best of its words.
        let mut worth = vec![0.0f32; self.count as usize];
        let mut met: Vec<u32> = Vec::new();
        for want in wanted {
            for (postings, factor) in self.meant(want) {
                for posting in postings {
                    let kept = &mut worth[posting.at as usize];
                    if *kept == 0.0 {
                        met.push(posting.at);
                    }
                    *kept = kept.max(factor * posting.field.weight());
                }
            }
            let sign = if want.unwanted { -3.0 } else { 1.0 };
            for at in met.drain(..) {
                scores[at as usize] += sign * std::mem::take(&mut worth[at as usize]);
            }
        }
        let best = scores.iter().copied().fold(0.0f32, f32::max);
        let fits = |(at, score): (usize, f32)| {
            (score > 0.0 && score >= best * 0.2).then_some(Hit { at, score })
        };
        scores.into_iter().enumerate().filter_map(fits).collect()
    }

    /// Why a product was found for these wishes, in a sentence, the strongest reason first.
    #[must_use]
    pub fn why(&self, wanted: &[Want], at: usize) -> String {
        let here = |want: &Want| {
            let points = |(postings, factor): (&[Posting], f32)| {
                let found = postings.binary_search_by_key(&at, |posting| posting.at as usize);
                let field = postings[found.ok()?].field;
                Some((factor * field.weight(), field))
            };
            let all = self.meant(want).filter_map(points);
            all.max_by(|a, b| a.0.total_cmp(&b.0))
        };
        let mut found: Vec<(f32, &Want, Field)> = wanted
            .iter()
            .filter(|want| !want.unwanted)
            .filter_map(|want| here(want).map(|(points, field)| (points, want, field)))
            .collect();
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        let named: Vec<String> = found
            .iter()
            .take(5)
            .map(|(_, want, field)| format!("\"{}\" in its {}", want.said, field.name()))
            .collect();
        format!("Matches {}", named.join(", "))
    }

    /// Where the words of a wish stand, and how much each of them tells.
    fn meant<'a>(&'a self, want: &'a Want) -> impl Iterator<Item = (&'a [Posting], f32)> {
        want.words.iter().filter_map(|(word, factor)| {
            let postings = self.words.get(word)?;
            Some((postings.as_slice(), self.rarity(postings.len()) * factor))
        })
    }

    /// How much a word tells that so many products have.
    #[expect(clippy::cast_precision_loss, reason = "counts of products are small")]
    fn rarity(&self, having: usize) -> f32 {
        let (all, having) = (self.count as f32, having as f32);
        (1.0 + (all - having + 0.5) / (having + 0.5)).ln() + 0.3
    }
}

/// Tells every word of a product and where it stands.
fn read(product: &Product, tell: &mut impl FnMut(String, Field)) {
    let texts = [
        (product.name.as_str(), Field::Name),
        (&product.description, Field::Text),
        (&product.publisher, Field::Publisher),
        (product.ad_unit.as_deref().unwrap_or_default(), Field::Text),
    ];
    for (text, field) in texts {
        for word in words::split(text) {
            tell(words::stem(&word), field);
        }
    }
    for word in &product.offer.keywords {
        words::split(word).for_each(|word| tell(words::stem(&word), Field::Interest));
    }
    let own = [product.channel.name(), product.delivery_type.name()];
    for name in channels(product).into_iter().chain(own) {
        tell(format!("#{}", name.to_ascii_lowercase()), Field::Channel);
    }
    tell(
        format!("#{}", product.format.to_ascii_lowercase()),
        Field::Format,
    );
    for format in formats(product) {
        words::split(format).for_each(|word| tell(words::stem(&word), Field::Format));
    }
    for (of, values) in &product.targeting {
        let field = match of.as_str() {
            "interests" | "interest" | "genres" | "topics" => Field::Interest,
            "geo" | "countries" | "regions" => Field::Place,
            _ => Field::Audience,
        };
        for value in values {
            match of.as_str() {
                "age" => words::ages(value).for_each(|age| tell(age, Field::Audience)),
                "geo" | "countries" => tell(format!("@{}", value.to_ascii_lowercase()), field),
                _ => words::split(value).for_each(|word| tell(words::stem(&word), field)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        channel::Channel, opendirect::line_draft::tests::product as any,
        opendirect::product::DeliveryType,
    };

    fn product(
        name: &str,
        channel: Channel,
        format: &str,
        interests: &[&str],
        ages: &[&str],
    ) -> Product {
        let list = |all: &[&str]| all.iter().map(|&it| it.to_owned()).collect();
        Product {
            id: name.into(),
            name: name.to_owned(),
            channel,
            format: format.to_owned(),
            targeting: [
                ("interests".to_owned(), list(interests)),
                ("age".to_owned(), list(ages)),
                ("geo".to_owned(), list(&["US"])),
            ]
            .into(),
            ..any()
        }
    }

    fn shelf() -> Vec<Product> {
        vec![
            product(
                "Front page takeover",
                Channel::Branding,
                "display",
                &["news"],
                &["35-44", "55-64"],
            ),
            product(
                "Match day streams",
                Channel::Ctv,
                "video",
                &["sports", "football"],
                &["18-24", "25-34", "35-44"],
            ),
            product(
                "Evening film",
                Channel::LinearTv,
                "video",
                &["film"],
                &["45-54"],
            ),
            product(
                "Score banner",
                Channel::MobileApp,
                "display",
                &["sports"],
                &["25-34"],
            ),
            product(
                "Cook-along audio",
                Channel::MobileApp,
                "audio",
                &["cooking"],
                &["25-34"],
            ),
            Product {
                delivery_type: DeliveryType::Pmp,
                ..product(
                    "Feed picture",
                    Channel::Social,
                    "display",
                    &["fashion"],
                    &["18-24"],
                )
            },
        ]
    }

    fn found(brief: &str) -> Vec<String> {
        let shelf = shelf();
        let mut hits = Index::of(shelf.iter()).find(&words::wanted(brief));
        order(&mut hits, shelf.len());
        hits.iter().map(|hit| shelf[hit.at].name.clone()).collect()
    }

    #[test]
    fn a_brief_in_everyday_words_finds_what_it_means_first() {
        for (brief, first) in [
            (
                "video ads for sports content targeting millennials",
                "Match day streams",
            ),
            ("connected TV around football matches", "Match day streams"),
            ("OTT for soccer fans", "Match day streams"),
            (
                "podcast or radio spots for people who love recipes",
                "Cook-along audio",
            ),
            (
                "banners next to sports scores in mobile apps",
                "Score banner",
            ),
            ("broadcast television in the evening", "Evening film"),
            ("reach Gen Z on social media", "Feed picture"),
            ("homepage takeovers on news sites", "Front page takeover"),
        ] {
            let found = found(brief);
            assert_eq!(
                found.first().map(String::as_str),
                Some(first),
                "{brief}: {found:?}"
            );
        }
    }

    #[test]
    fn what_is_not_wanted_counts_against() {
        let with = found("sports, but no video");
        assert_eq!(
            with.first().map(String::as_str),
            Some("Score banner"),
            "{with:?}"
        );
        assert!(!with.contains(&"Match day streams".to_owned()), "{with:?}");
    }

    #[test]
    fn every_hit_says_why_and_nothing_is_found_for_nothing() {
        let shelf = shelf();
        let index = Index::of(shelf.iter());
        let wanted = words::wanted("football on connected TV");
        let mut hits = index.find(&wanted);
        order(&mut hits, 1);
        let why = index.why(&wanted, hits[0].at);
        assert!(why.contains("\"football\" in its interests"), "{why}");
        assert!(why.contains("\"connected tv\" in its channel"), "{why}");
        assert_eq!(index.find(&words::wanted("")), []);
        assert_eq!(index.find(&words::wanted("zyzzyva quux")), []);
    }
}
