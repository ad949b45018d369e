//! Reads whom a campaign wants to reach from a map of any shape into single wants: a kind
//! and a value. Refuses nothing and never fails; what it cannot read it says in a note.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::{
    booking::{
        shape::DEEPEST,
        words::{canonical, country, is_everyone},
    },
    text::echo,
};

/// The most wants that are planned for.
pub const MOST_WANTS: usize = 64;

/// The ages from 0 to 99, a bit each; the last stands for all above.
pub(super) const ALL_AGES: u128 = (1 << 100) - 1;

/// What a want is about.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// How old.
    Age,
    /// Which gender.
    Gender,
    /// Where.
    Geo,
    /// What they care for.
    Interests,
    /// On what they watch.
    Device,
    /// What they speak.
    Language,
    /// What they earn.
    Income,
    /// What the advertisement stands beside.
    Context,
    /// Anything else: matched against tags of every kind.
    Other,
}

impl Kind {
    /// All of them, in order.
    pub const ALL: [Self; 9] = [
        Self::Age,
        Self::Gender,
        Self::Geo,
        Self::Interests,
        Self::Device,
        Self::Language,
        Self::Income,
        Self::Context,
        Self::Other,
    ];

    /// Reads a key as briefs and catalogues write it.
    #[must_use]
    pub fn read(key: &str) -> Self {
        let plain = key.trim().to_lowercase().replace(['-', ' '], "_");
        match plain.as_str() {
            "age" | "ages" | "age_range" | "age_ranges" | "age_group" | "age_groups" => Self::Age,
            "gender" | "genders" | "sex" => Self::Gender,
            "geo" | "geos" | "geography" | "geographies" | "country" | "countries" | "region"
            | "regions" | "location" | "locations" | "market" | "markets" | "city" | "cities"
            | "state" | "states" | "dma" => Self::Geo,
            "interest" | "interests" | "affinity" | "affinities" | "hobbies" | "topics"
            | "passions" => Self::Interests,
            "device" | "devices" | "device_type" | "device_types" | "platform" | "platforms" => {
                Self::Device
            }
            "language" | "languages" | "lang" => Self::Language,
            "income" | "household_income" | "hhi" => Self::Income,
            "context" | "contextual" | "content" | "genre" | "genres" | "category"
            | "categories" => Self::Context,
            _ => Self::Other,
        }
    }

    /// Its place in a set of kinds.
    pub(super) fn bit(self) -> u16 {
        1 << self as u16
    }

    /// What people call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Age => "age",
            Self::Gender => "gender",
            Self::Geo => "geo",
            Self::Interests => "interests",
            Self::Device => "device",
            Self::Language => "language",
            Self::Income => "income",
            Self::Context => "context",
            Self::Other => "other",
        }
    }
}

/// One thing that is wanted of an audience.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Want {
    /// What it is about.
    pub kind: Kind,
    /// The key under which it stood, safe to show.
    pub label: String,
    /// The value, safe to show.
    pub value: String,
    /// The value as tags are compared.
    pub(super) word: String,
    /// The ages it spans; none unless it is about age.
    pub(super) ages: u128,
}

impl Want {
    /// Whether running elsewhere is useless: an advertisement in another country or before
    /// another age reaches nobody that was meant, one beside another topic still may. Only
    /// what was understood for certain counts.
    pub(super) fn is_hard(&self) -> bool {
        is_certain(self.kind, &self.word, self.ages)
    }

    /// Whether a tag can be aimed at it: the same word, a place within the place, bands
    /// that share an age, or a tag for everyone; the same kind, unless one says no kind.
    pub(super) fn is_served_by(&self, tag: Kind, word: &str, ages: u128) -> bool {
        let same_kind = tag == self.kind;
        let within = || {
            let rest = word.strip_prefix(self.word.as_str());
            same_kind && tag == Kind::Geo && rest.is_some_and(|rest| rest.starts_with('_'))
        };
        let kinds_meet = same_kind || tag == Kind::Other || self.kind == Kind::Other;
        (kinds_meet && word == self.word)
            || (same_kind && (ages & self.ages != 0 || is_everyone(word)))
            || within()
    }

    /// How it was understood, as a phrase.
    #[must_use]
    pub fn understood(&self) -> String {
        match (self.kind, self.ages) {
            (Kind::Age, ages) if ages != 0 => span(ages),
            (Kind::Other, _) => format!("\"{}\" among tags of any kind", self.value),
            (kind, _) => format!("{} \"{}\"", kind.name(), self.value),
        }
    }
}

/// Whether a word of a kind leaves no doubt about who is meant and who is not.
pub(super) fn is_certain(kind: Kind, word: &str, ages: u128) -> bool {
    match kind {
        Kind::Age => ages != 0,
        Kind::Gender => matches!(word, "female" | "male"),
        Kind::Geo => country(word).is_some(),
        _ => false,
    }
}

fn span(ages: u128) -> String {
    let (first, last) = (ages.trailing_zeros(), ages.ilog2());
    match last {
        99 => format!("ages {first} and over"),
        _ if first == last => format!("age {first}"),
        _ => format!("ages {first} to {last}"),
    }
}

/// All that is wanted of an audience.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wants {
    /// At most [`MOST_WANTS`], in the order of the keys, once each.
    pub wants: Vec<Want>,
    /// What could not be planned for, as sentences.
    pub notes: Vec<String>,
}

impl Wants {
    /// Reads a map of any shape.
    #[must_use]
    pub fn of(audience: &Map<String, Value>) -> Self {
        let mut read = Self::default();
        read.map("", Kind::Other, audience, 1);
        read
    }

    fn map(&mut self, label: &str, kind: Kind, map: &Map<String, Value>, depth: usize) {
        let taken = self.age_bounds(kind, map);
        for (key, value) in map {
            if taken.contains(&key.as_str()) {
                continue;
            }
            if excludes(key) {
                self.note(format!(
                    "What \"{}\" rules out is not planned for.",
                    echo(key)
                ));
                continue;
            }
            match Kind::read(key) {
                Kind::Other if kind != Kind::Other => self.value(label, kind, value, depth),
                own => self.value(key, own, value, depth),
            }
        }
    }

    fn value(&mut self, label: &str, kind: Kind, value: &Value, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        match value {
            Value::Null | Value::Bool(false) => {}
            Value::Bool(true) => self.want(kind, label, label),
            Value::Number(number) => self.want(kind, label, &number.to_string()),
            Value::String(text) => {
                for part in text.split([',', ';', '|']).map(str::trim) {
                    self.text(label, kind, part);
                }
            }
            Value::Array(entries) => {
                for entry in entries {
                    self.value(label, kind, entry, depth + 1);
                }
            }
            Value::Object(map) => self.map(label, kind, map, depth + 1),
        }
    }

    /// A text under a key that says little, such as `demographics`, is searched for what
    /// it may be.
    fn text(&mut self, label: &str, kind: Kind, part: &str) {
        if kind != Kind::Other || !is_vague(label) {
            return self.want(kind, label, part);
        }
        let gender = part
            .split_whitespace()
            .map(canonical)
            .find(|word| matches!(word.as_str(), "female" | "male"));
        let ages = ages(part).is_some();
        if let Some(gender) = &gender {
            self.want(Kind::Gender, label, gender);
        }
        if ages {
            self.want(Kind::Age, label, part);
        }
        if gender.is_none() && !ages {
            self.want(Kind::Other, label, part);
        }
    }

    /// Reads `min` and `max` as one span of ages; returns the keys that it has read.
    fn age_bounds<'m>(&mut self, kind: Kind, map: &'m Map<String, Value>) -> Vec<&'m str> {
        let find = |bare: [&str; 2], full: [&str; 2]| {
            map.iter().find(|(key, value)| {
                let named = full.contains(&key.as_str());
                (named || kind == Kind::Age && bare.contains(&key.as_str()))
                    && year(value).is_some()
            })
        };
        let lower = find(["min", "from"], ["age_min", "min_age"]);
        let upper = find(["max", "to"], ["age_max", "max_age"]);
        let first = lower.and_then(|(_, value)| year(value)).unwrap_or(0);
        let last = upper.and_then(|(_, value)| year(value)).unwrap_or(99);
        if (lower.is_some() || upper.is_some()) && first <= last {
            self.want(Kind::Age, "age", &format!("{first}-{last}"));
        }
        lower
            .into_iter()
            .chain(upper)
            .map(|(key, _)| key.as_str())
            .collect()
    }

    fn want(&mut self, kind: Kind, label: &str, value: &str) {
        let word = canonical(value);
        let ages = if kind == Kind::Age {
            ages(value).unwrap_or(0)
        } else {
            0
        };
        if word.is_empty() || is_everyone(&word) || ages == ALL_AGES {
            return;
        }
        if self
            .wants
            .iter()
            .any(|known| known.kind == kind && known.word == word)
        {
            return;
        }
        if self.wants.len() >= MOST_WANTS {
            return self.note(format!(
                "Only the first {MOST_WANTS} wants of the audience are planned for."
            ));
        }
        self.wants.push(Want {
            kind,
            label: echo(label),
            value: echo(value),
            word,
            ages,
        });
    }

    fn note(&mut self, note: String) {
        if self.notes.len() < 8 && !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}

fn excludes(key: &str) -> bool {
    let plain = key.to_lowercase();
    plain.contains("exclu") || matches!(plain.as_str(), "not" | "none_of" | "except" | "avoid")
}

fn is_vague(label: &str) -> bool {
    let plain = label.to_lowercase();
    matches!(
        plain.as_str(),
        "demographics"
            | "demographic"
            | "demo"
            | "audience"
            | "target"
            | "target_audience"
            | "people"
            | "who"
            | "description"
            | "persona"
    )
}

fn year(value: &Value) -> Option<u8> {
    let years = match value {
        Value::Number(number) => number.as_u64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    u8::try_from(years.min(99)).ok()
}

/// Reads a span of ages: `18-34`, `18 to 34`, `65+`, `under 18`, `25`, `all`.
pub(super) fn ages(text: &str) -> Option<u128> {
    let plain = text.to_lowercase();
    let mut numbers = plain
        .split(|c: char| !c.is_ascii_digit())
        .filter(|digits| !digits.is_empty())
        .map(|digits| digits.parse::<u8>().ok().filter(|years| *years <= 120));
    let says = |words: &[&str]| words.iter().any(|word| plain.contains(word));
    let (first, second) = (numbers.next(), numbers.next());
    if numbers.next().is_some() {
        return None;
    }
    match (first, second) {
        (None, None) if matches!(plain.trim(), "all" | "any" | "all ages" | "all_ages") => {
            Some(ALL_AGES)
        }
        (Some(Some(first)), Some(Some(last))) => between(first, last),
        (Some(Some(age)), None) if says(&["+", "over", "plus", "older", ">"]) => between(age, 99),
        (Some(Some(age)), None) if says(&["under", "below", "<", "younger"]) => {
            between(0, age.checked_sub(1)?)
        }
        (Some(Some(age)), None) if plain.trim().bytes().all(|c| c.is_ascii_digit()) => {
            between(age, age)
        }
        _ => None,
    }
}

fn between(first: u8, last: u8) -> Option<u128> {
    let (first, last) = (u32::from(first.min(99)), u32::from(last.min(99)));
    (first <= last).then(|| (ALL_AGES >> (99 - last)) & (ALL_AGES << first))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: &Value) -> Vec<(Kind, String)> {
        let wants = Wants::of(value.as_object().expect("an object"));
        wants
            .wants
            .into_iter()
            .map(|want| (want.kind, want.value))
            .collect()
    }

    fn pair(kind: Kind, value: &str) -> (Kind, String) {
        (kind, value.to_owned())
    }

    #[test]
    fn the_usual_shape_is_read() {
        let usual = json!({
            "demographics": {"age": "18-34", "gender": "female"},
            "interests": ["gaming", "technology", "Gaming"],
            "geo": ["US"]
        });
        assert_eq!(
            read(&usual),
            [
                pair(Kind::Age, "18-34"),
                pair(Kind::Gender, "female"),
                pair(Kind::Geo, "US"),
                pair(Kind::Interests, "gaming"),
                pair(Kind::Interests, "technology"),
            ]
        );
    }

    #[test]
    fn other_shapes_are_read_too() {
        assert_eq!(
            read(&json!({"demographics": "women 25-54, urban"})),
            [
                pair(Kind::Gender, "female"),
                pair(Kind::Age, "women 25-54"),
                pair(Kind::Other, "urban")
            ]
        );
        assert_eq!(read(&json!({"age": 25})), [pair(Kind::Age, "25")]);
        assert_eq!(
            read(&json!({"age": {"min": 18, "max": "34"}})),
            [pair(Kind::Age, "18-34")]
        );
        assert_eq!(read(&json!({"age_min": 65})), [pair(Kind::Age, "65-99")]);
        assert_eq!(
            read(&json!({"geo": {"include": "US; CA"}})),
            [pair(Kind::Geo, "US"), pair(Kind::Geo, "CA")]
        );
        assert_eq!(
            read(&json!({"parents": true, "pets": false, "x": null})),
            [pair(Kind::Other, "parents")]
        );
        assert_eq!(read(&json!({"age": "all", "interests": []})), []);
    }

    #[test]
    fn what_is_ruled_out_is_said_and_not_wanted() {
        let map = json!({"geo": {"exclude": ["US"]}});
        let wants = Wants::of(map.as_object().expect("an object"));
        assert!(wants.wants.is_empty());
        assert_eq!(wants.notes.len(), 1);
    }

    #[test]
    fn no_more_than_so_many() {
        let many: Vec<String> = (0..100).map(|n| format!("topic{n}")).collect();
        let map = json!({ "interests": many });
        let wants = Wants::of(map.as_object().expect("an object"));
        assert_eq!((wants.wants.len(), wants.notes.len()), (MOST_WANTS, 1));
    }

    #[test]
    fn ages_are_spans() {
        let count = |text| ages(text).map(u128::count_ones);
        assert_eq!(count("18-34"), Some(17));
        assert_eq!(count("A18–34"), Some(17));
        assert_eq!(count("18 to 34"), Some(17));
        assert_eq!(count("65+"), Some(35));
        assert_eq!(count("under 18"), Some(18));
        assert_eq!(count("0-120"), Some(100));
        for bad in [
            "",
            "young",
            "34-18",
            "-5",
            "1-2-3",
            "under 0",
            "999-1000",
            "18 years or so",
        ] {
            assert_eq!(count(bad), None, "{bad}");
        }
    }
}
