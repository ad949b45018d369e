//! Finds products for a brief in everyday words: words are brought to their stems, the trade's
//! synonyms are taken for each other, ages and countries are understood, and what the brief
//! does not want counts against. Says why each was found. Refuses to guess beyond the words.

use std::collections::HashMap;

use super::{offer::formats, product::channels};
use crate::domain::{adcp::words, opendirect::product::Product};

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
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// Its place among the products.
    pub at: usize,
    /// How well it fits.
    pub score: f32,
    /// Why, in a sentence.
    pub why: String,
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

    /// Finds what fits a brief, the best first; what hardly fits is left out.
    #[must_use]
    pub fn find(&self, brief: &str) -> Vec<Hit> {
        let wanted = words::wanted(brief);
        let mut scores = vec![0.0f32; self.count as usize];
        let mut why: HashMap<u32, Vec<(f32, usize, Field)>> = HashMap::new();
        for (number, want) in wanted.iter().enumerate() {
            let mut once: HashMap<u32, (f32, Field)> = HashMap::new();
            for (word, factor) in &want.words {
                let Some(postings) = self.words.get(word) else {
                    continue;
                };
                let rare = self.rarity(postings.len());
                for posting in postings {
                    let points = rare * factor * posting.field.weight();
                    let best = once.entry(posting.at).or_insert((0.0, posting.field));
                    if points > best.0 {
                        *best = (points, posting.field);
                    }
                }
            }
            for (at, (points, field)) in once {
                let score = &mut scores[at as usize];
                if want.unwanted {
                    *score -= 3.0 * points;
                } else {
                    *score += points;
                    why.entry(at).or_default().push((points, number, field));
                }
            }
        }
        let best = scores.iter().copied().fold(0.0f32, f32::max);
        let mut found: Vec<(u32, f32)> = (0u32..)
            .zip(scores)
            .filter(|(_, score)| *score > 0.0 && *score >= best * 0.2)
            .collect();
        found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let hit = |(at, score): (u32, f32)| Hit {
            at: at as usize,
            score,
            why: reason(why.remove(&at).unwrap_or_default(), &wanted),
        };
        found.into_iter().map(hit).collect()
    }

    /// How much a word tells that so many products have.
    #[expect(clippy::cast_precision_loss, reason = "counts of products are small")]
    fn rarity(&self, having: usize) -> f32 {
        let (all, having) = (self.count as f32, having as f32);
        (1.0 + (all - having + 0.5) / (having + 0.5)).ln() + 0.3
    }
}

/// Says why in a sentence, the strongest reason first.
fn reason(mut found: Vec<(f32, usize, Field)>, wanted: &[words::Want]) -> String {
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    let named: Vec<String> = found
        .iter()
        .take(5)
        .map(|(_, number, field)| format!("\"{}\" in its {}", wanted[*number].said, field.name()))
        .collect();
    format!("Matches {}", named.join(", "))
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
        let hits = Index::of(shelf.iter()).find(brief);
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
        let hits = index.find("football on connected TV");
        assert!(
            hits[0].why.contains("\"football\" in its interests"),
            "{}",
            hits[0].why
        );
        assert!(
            hits[0].why.contains("\"connected tv\" in its channel"),
            "{}",
            hits[0].why
        );
        assert_eq!(index.find(""), []);
        assert_eq!(index.find("zyzzyva quux"), []);
    }
}
