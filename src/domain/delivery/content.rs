//! Beside which content the ad server inside shows a line: articles, episodes and posts that it
//! makes up for the property of a product, plain and safe, the same for the same seed. In each
//! hour a few of them are on, and a line goes round among those. Refuses to look like anybody's
//! real pages: their addresses are on a reserved name, and every one says that it is simulated.

use serde_json::{Value, json};

use super::{
    chance::{ONE, draw, power},
    mark::Mark,
    traffic::scramble,
};
use crate::domain::{
    adcp::product::{channels, domain},
    opendirect::product::Product,
    when::Instant,
};

/// What content is about.
const SUBJECTS: [&str; 24] = [
    "baking bread at home",
    "a garden in autumn",
    "birds of the coast",
    "walking in the hills",
    "repairing a bicycle",
    "the history of maps",
    "choosing a tent",
    "tea around the world",
    "learning to swim",
    "old railway lines",
    "drawing with pencils",
    "keeping bees",
    "soups for cold days",
    "stars of the summer sky",
    "lighthouses",
    "knitting for beginners",
    "growing tomatoes",
    "music for the morning",
    "a weekend by the lake",
    "board games for four",
    "how clocks work",
    "planting a hedge",
    "photographs at dusk",
    "cleaning up the shed",
];
/// In how many ways each is told.
const WAYS: [&str; 2] = ["A first look at", "More about"];
/// How many pieces of content a property has.
const POOL: u64 = 48;
/// How many of them are on in an hour, at least and at most.
const ON: (u64, u64) = (3, 6);
/// Steps through the pool that meet each piece once.
const STEPS: [u64; 6] = [5, 7, 11, 13, 17, 19];
/// The longest part of an address that is made of the name of a property.
const LONGEST: usize = 60;

/// What kind of content a property has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Article,
    Episode,
    Segment,
    Post,
}

impl Kind {
    fn of(product: &Product) -> Self {
        let channels = channels(product);
        let on = |names: &[&str]| channels.iter().any(|channel| names.contains(channel));
        if on(&["social", "influencer"]) {
            Self::Post
        } else if product.format == "audio" || on(&["streaming_audio", "podcast", "radio"]) {
            Self::Segment
        } else if product.format == "video" || on(&["ctv", "olv", "linear_tv"]) {
            Self::Episode
        } else {
            Self::Article
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Article => "article",
            Self::Episode => "episode",
            Self::Segment => "segment",
            Self::Post => "post",
        }
    }
}

/// The property that a product runs on, and what is on there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The property's name: the domain under which its products are offered.
    rid: String,
    kind: Kind,
    /// A number of its own for what is on in its hours.
    key: u64,
}

/// A piece of content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Content {
    /// Its number within the property.
    number: u64,
}

/// How much of what is shown is to be told: the chance of each impression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sampling(u64);

impl Sampling {
    /// Everything.
    pub const ALL: Self = Self(ONE);

    /// The chance of each impression, as [`super::chance::fraction`] reads it.
    #[must_use]
    pub fn of(chance: u64) -> Self {
        Self(chance.min(ONE))
    }

    /// Whether at least one of so many impressions is among those that are told.
    fn takes(self, impressions: u64, lot: u64) -> bool {
        lot >= power(ONE - self.0, impressions)
    }
}

/// What a line showed in an hour, counted from the epoch: impressions of that hour that were told
/// of before, and those that there are by now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hour {
    /// Which.
    pub hour: i64,
    /// Told of before.
    pub before: u64,
    /// Shown by now.
    pub now: u64,
}

impl Place {
    /// Where a product runs, by the name that agents find in its publisher properties.
    #[must_use]
    pub fn of(product: &Product, seed: u64, agent_url: &str) -> Self {
        let rid = domain(product, agent_url);
        let spell = |key: u64, text: &str| {
            let bytes = text.bytes();
            bytes.fold(key, |key, byte| scramble(&[key, u64::from(byte)]))
        };
        let key = spell(spell(scramble(&[seed]), &rid), product.id.as_str());
        Self {
            kind: Kind::of(product),
            rid,
            key,
        }
    }

    /// What is told of an hour of a line: each piece of content of which an impression was sampled
    /// by now, and none before. An impression in every so many is beside each piece; whether a
    /// piece is told is decided by one lot, so that it is told once however the hour is cut.
    #[must_use]
    pub fn told(&self, line: u64, sampling: Sampling, of: Hour) -> Vec<Content> {
        let hour = of.hour.cast_unsigned();
        let dice = |what: u64| scramble(&[self.key, hour, what]);
        let (least, most) = ON;
        let on = least + dice(0) % (most - least + 1);
        let (first, step) = (dice(1), STEPS[usize::try_from(dice(2) % 6).unwrap_or(0)]);
        let told = |nth: &u64| {
            // The impressions of the hour go round among what is on.
            let beside = |shown: u64| (shown + on - 1 - nth) / on;
            let lot = draw(&[self.key, line, hour, *nth]);
            let takes = |shown: u64| sampling.takes(beside(shown), lot);
            takes(of.now) && !takes(of.before)
        };
        let content = |nth: u64| Content {
            number: (first % POOL + nth * step) % POOL,
        };
        (0..on).filter(told).map(content).collect()
    }

    /// A piece of content in the protocol's words.
    #[must_use]
    pub fn artifact(&self, content: Content) -> Value {
        let Content { number } = content;
        let kind = self.kind.name();
        let (about, way) = (number % 24, number / 24 % 2);
        let at = |n: u64| usize::try_from(n).unwrap_or(0);
        let (subject, way) = (SUBJECTS[at(about)], WAYS[at(way)]);
        let id = format!("{kind}_{number:04}");
        let text = |role: &str, content: String| json!({"type": "text", "role": role, "content": content, "language": "en"});
        json!({
            "property_rid": self.rid,
            "artifact_id": id,
            "url": format!("https://example.com/{}/{id}", self.slug()),
            "assets": [
                text("title", format!("{way} {subject}")),
                text("description", format!(
                    "Simulated: a plain {kind} for everybody about {subject}, made up by the ad server inside."
                )),
            ],
            "metadata": {"keywords": "simulated"},
        })
    }

    /// Its name as a part of an address.
    fn slug(&self) -> String {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
        let letters = self.rid.chars().take(LONGEST);
        letters.map(|c| if plain(c) { c } else { '-' }).collect()
    }
}

/// The hours of a line between two of its counts, each an instant with the impressions by then,
/// from its marks by hour around them.
#[must_use]
pub fn hours(marks: &[Mark], from: (Instant, u64), to: (Instant, u64)) -> Vec<Hour> {
    let first = from.0.timestamp().div_euclid(3_600);
    let last = (to.0.timestamp() - 1).div_euclid(3_600);
    if last < first || to.1 <= from.1 {
        return Vec::new();
    }
    let begun = marks.iter().rfind(|mark| mark.hour() < first);
    // What was told of before is no less than what there was when the hour began.
    let mut base = begun.map_or(0, |mark| mark.impressions.min(from.1));
    let mut hours = Vec::new();
    let mut add = |hour: i64, until: u64| {
        let told = if hour == first { from.1 } else { base };
        let (before, now) = (told.saturating_sub(base), until.saturating_sub(base));
        if now > before {
            hours.push(Hour { hour, before, now });
        }
        base = base.max(until);
    };
    for mark in marks {
        if (first..last).contains(&mark.hour()) {
            add(mark.hour(), mark.impressions);
        }
    }
    add(last, to.1);
    hours
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::domain::opendirect::line_draft::tests::product;

    const AGENT: &str = "https://seller.example/mcp";

    fn place(seed: u64) -> Place {
        Place::of(&product(), seed, AGENT)
    }

    fn ids(place: &Place, told: &[Content]) -> Vec<String> {
        let id = |one: &Content| place.artifact(*one)["artifact_id"].to_string();
        told.iter().map(id).collect()
    }

    fn hour(hour: i64, before: u64, now: u64) -> Hour {
        Hour { hour, before, now }
    }

    #[test]
    fn an_hour_has_a_few_pieces_and_other_hours_have_others() {
        let place = place(7);
        let mut all = BTreeSet::new();
        for nth in 0..48 {
            let told = place.told(1, Sampling::ALL, hour(nth, 0, 1_000));
            assert!((3..=6).contains(&told.len()), "{told:?}");
            let ids = ids(&place, &told);
            let apart: BTreeSet<_> = ids.iter().cloned().collect();
            assert_eq!(apart.len(), ids.len(), "{ids:?}");
            all.extend(ids);
        }
        assert!(all.len() > 40, "{}", all.len());
        assert_eq!(u64::try_from(SUBJECTS.len() * WAYS.len()), Ok(POOL));
        let one = place.told(1, Sampling::ALL, hour(9, 0, 1_000));
        assert_eq!(
            one,
            place.told(2, Sampling::ALL, hour(9, 0, 1_000)),
            "what is on"
        );
        let few = place.told(1, Sampling::ALL, hour(9, 0, 2));
        assert_eq!(few.len(), 2, "no more than there were impressions");
        assert!(place.told(1, Sampling::ALL, hour(9, 0, 0)).is_empty());
        assert!(
            place
                .told(1, Sampling::of(0), hour(9, 0, 1_000_000))
                .is_empty()
        );
    }

    #[test]
    fn what_is_told_is_simulated_and_on_a_reserved_name() {
        let mut odd = product();
        odd.domain = Some("News of the Day/é".to_owned());
        let place = Place::of(&odd, 1, AGENT);
        let told = place.artifact(place.told(1, Sampling::ALL, hour(1, 0, 9))[0]);
        assert_eq!(told["property_rid"], "news of the day/é");
        let url = told["url"].as_str().expect("an address");
        assert!(
            url.starts_with("https://example.com/news-of-the-day--/"),
            "{url}"
        );
        let about = told["assets"][1]["content"].as_str().expect("words");
        assert!(about.starts_with("Simulated: "), "{about}");
    }

    #[test]
    fn sampling_thins_by_impressions() {
        let place = place(3);
        let told = |chance: u64, shown: u64| -> usize {
            let of = |nth| {
                place
                    .told(5, Sampling::of(chance), hour(nth, 0, shown))
                    .len()
            };
            (0..2_000).map(of).sum()
        };
        let all = told(ONE, 60);
        // A piece has 10 to 20 impressions of 60; one in a hundred of them is sampled.
        let some = told(ONE / 100, 60) * 100 / all;
        assert!((9..=18).contains(&some), "{some} %");
        assert!(told(ONE / 2, 60) * 100 / all > 98);
    }

    #[test]
    fn a_flight_that_begins_within_an_hour_is_told_of_from_nothing() {
        let start: Instant = "2026-07-01T00:10:00Z".parse().expect("a time");
        let at = |minutes| start + chrono::Duration::minutes(minutes);
        let one = hours(&[], (start, 0), (at(15), 40));
        let two = hours(&[], (at(15), 40), (at(30), 90));
        assert_eq!((one[0].before, one[0].now), (0, 40));
        assert_eq!((two[0].before, two[0].now), (40, 90));
        assert_eq!(hours(&[], (at(30), 90), (at(45), 90)), [], "nothing new");
    }

    proptest! {
        #[test]
        fn however_an_hour_is_cut_the_same_is_told_once(
            seed: u64, line: u64, chance in 0..=ONE, cuts in prop::collection::vec(0u64..500, 0..6), nth in 0i64..1_000_000,
        ) {
            let place = place(seed);
            let sampling = Sampling::of(chance);
            let mut cuts = cuts;
            cuts.sort_unstable();
            let last = cuts.last().copied().unwrap_or(0);
            let mut whole = ids(&place, &place.told(line, sampling, hour(nth, 0, last)));
            let mut parts = Vec::new();
            let mut before = 0;
            for now in cuts {
                parts.extend(ids(&place, &place.told(line, sampling, hour(nth, before, now))));
                before = now;
            }
            whole.sort();
            parts.sort();
            prop_assert_eq!(whole, parts);
        }

        #[test]
        fn hours_add_up_to_what_was_shown_between_two_counts(
            steps in prop::collection::vec(0u64..50, 1..60), from in 0usize..60, until in 0usize..60,
        ) {
            // A count every twenty minutes; of each hour the last is kept.
            let start: Instant = "2026-07-01T00:00:00Z".parse().expect("a time");
            let at = |nth: usize| start + chrono::Duration::minutes(20 * i64::try_from(nth).unwrap_or(0));
            let mut sums = vec![0];
            for step in &steps {
                sums.push(sums.last().copied().unwrap_or(0) + step);
            }
            let (from, until) = (from.min(steps.len()), until.min(steps.len()));
            prop_assume!(from <= until);
            let mark = |nth: usize| Mark {
                at: at(nth), impressions: sums[nth], clicks: None, starts: None, completes: None,
                measurable: None, viewable: None, spent: None,
            };
            let mut marks: Vec<Mark> = Vec::new();
            for nth in 1..sums.len() {
                let mark = mark(nth);
                if marks.last().is_some_and(|last| last.hour() == mark.hour()) {
                    marks.pop();
                }
                marks.push(mark);
            }
            let told = hours(&marks, (at(from), sums[from]), (at(until), sums[until]));
            let sum: u64 = told.iter().map(|one| one.now - one.before).sum();
            prop_assert_eq!(sum, sums[until] - sums[from]);
            prop_assert!(told.windows(2).all(|pair| pair[0].hour < pair[1].hour));
        }
    }
}
