//! The words of a brief, as the trade understands them. Refuses to know any product.

/// Words that say nothing about what is wanted.
const EMPTY: &[&str] = &[
    "a",
    "ad",
    "ads",
    "advert",
    "advertising",
    "all",
    "also",
    "an",
    "and",
    "any",
    "are",
    "around",
    "as",
    "at",
    "audience",
    "be",
    "brand",
    "budget",
    "but",
    "buy",
    "by",
    "campaign",
    "content",
    "data",
    "for",
    "from",
    "get",
    "have",
    "i",
    "in",
    "inventory",
    "is",
    "it",
    "like",
    "looking",
    "love",
    "me",
    "media",
    "need",
    "next",
    "of",
    "on",
    "or",
    "our",
    "over",
    "people",
    "placement",
    "placements",
    "premium",
    "product",
    "products",
    "reach",
    "run",
    "show",
    "some",
    "targeted",
    "targeting",
    "that",
    "the",
    "their",
    "them",
    "they",
    "this",
    "to",
    "us",
    "want",
    "we",
    "which",
    "who",
    "with",
    "you",
    "your",
    "fans",
    "lovers",
    "users",
    "website",
    "site",
    "sites",
];
/// Words that turn what follows around.
const NOT: &[&str] = &[
    "no",
    "not",
    "without",
    "except",
    "excluding",
    "exclude",
    "avoid",
    "never",
];

/// What the trade says, and what it means: a channel (`#`), a place (`@`), an age (`~`), or
/// other words for the same. The longest that fits is taken.
const MEANT: &[(&str, &[&str])] = &[
    ("connected tv", &["#ctv"]),
    ("connected television", &["#ctv"]),
    ("smart tv", &["#ctv"]),
    ("streaming tv", &["#ctv"]),
    ("streaming", &["#ctv", "stream"]),
    ("ott", &["#ctv"]),
    ("ctv", &["#ctv"]),
    ("big screen", &["#ctv", "#linear_tv"]),
    ("linear tv", &["#linear_tv"]),
    ("broadcast", &["#linear_tv"]),
    ("television", &["#linear_tv", "#ctv"]),
    ("tv", &["#ctv", "#linear_tv"]),
    ("video", &["#video", "#olv"]),
    ("olv", &["#olv", "#video"]),
    ("online video", &["#olv", "#video"]),
    ("pre roll", &["#video", "pre", "roll"]),
    ("preroll", &["#video", "pre"]),
    ("instream", &["#video"]),
    ("commercial", &["#video", "#audio"]),
    ("display", &["#display"]),
    ("banner", &["#display", "banner"]),
    ("takeover", &["#exclusive", "takeover"]),
    ("homepage", &["front", "page", "home"]),
    ("home page", &["front", "page", "home"]),
    ("skyscraper", &["#display"]),
    ("leaderboard", &["#display"]),
    ("billboard", &["#display", "billboard"]),
    ("rich media", &["#rich_media"]),
    ("playable", &["#rich_media", "play"]),
    ("native", &["#native"]),
    ("advertorial", &["#native"]),
    ("sponsored story", &["#native"]),
    ("audio", &["#audio", "#streaming_audio"]),
    ("radio", &["#audio", "#streaming_audio", "#radio"]),
    ("podcast", &["#audio", "#podcast"]),
    ("spots", &["#audio", "#video"]),
    ("social media", &["#social"]),
    ("social", &["#social"]),
    ("influencer", &["#social", "creator"]),
    ("creator", &["#social", "creator"]),
    ("mobile", &["#mobile_app", "mobile"]),
    ("in app", &["#mobile_app"]),
    ("apps", &["#mobile_app", "app"]),
    ("app", &["#mobile_app"]),
    ("smartphone", &["#mobile_app", "mobile"]),
    ("phone", &["#mobile_app", "mobile"]),
    ("outdoor", &["outdoor", "#dooh", "#ooh"]),
    ("guaranteed", &["#guaranteed"]),
    ("programmatic", &["#pmp"]),
    ("auction", &["#pmp"]),
    ("marketplace", &["#pmp"]),
    ("sponsorship", &["#exclusive", "sponsor"]),
    ("exclusive", &["#exclusive"]),
    ("performance", &["#performance"]),
    ("conversion", &["#performance", "conversion"]),
    ("conversions", &["#performance", "conversion"]),
    ("direct response", &["#performance"]),
    ("clicks", &["#performance", "click"]),
    ("installs", &["#performance", "install"]),
    ("sales", &["#performance"]),
    ("awareness", &["#branding"]),
    ("branding", &["#branding"]),
    ("soccer", &["football", "soccer", "sport"]),
    ("football", &["football", "soccer", "match"]),
    ("sports", &["sport", "match", "score"]),
    ("sporting", &["sport"]),
    ("basketball", &["basketball", "sport"]),
    ("recipes", &["cook", "food", "recipe"]),
    ("cooking", &["cook", "food", "kitchen"]),
    ("foodies", &["food", "cook"]),
    ("food", &["food", "cook", "kitchen"]),
    ("gamers", &["game", "esport"]),
    ("gaming", &["game", "esport"]),
    ("video games", &["game", "esport"]),
    ("esports", &["esport", "game"]),
    ("tech", &["technology", "gadget"]),
    ("technology", &["technology", "gadget"]),
    ("gadgets", &["gadget", "technology"]),
    ("cars", &["auto", "car", "vehicle"]),
    ("automotive", &["auto", "car", "vehicle"]),
    ("auto", &["auto", "car"]),
    ("finance", &["finance", "business", "money"]),
    ("financial", &["finance", "business"]),
    ("business", &["business", "finance"]),
    ("fitness", &["fitness", "health", "sport"]),
    ("wellness", &["health", "wellness"]),
    ("health", &["health", "fitness"]),
    ("travel", &["travel", "trip"]),
    ("vacation", &["travel"]),
    ("holiday", &["travel"]),
    ("shopping", &["shop", "store", "retail"]),
    ("retail", &["shop", "store", "retail"]),
    ("movies", &["film", "movie", "entertainment"]),
    ("films", &["film", "movie"]),
    ("entertainment", &["entertainment", "film", "series"]),
    ("journalism", &["new"]),
    ("parents", &["family", "parent"]),
    ("families", &["family", "parent"]),
    ("moms", &["family", "parent"]),
    ("fashion", &["fashion", "style"]),
    ("beauty", &["beauty", "style"]),
    ("music", &["music"]),
    ("morning", &["morning", "breakfast"]),
    ("evening", &["evening", "prime"]),
    ("prime time", &["prime", "evening"]),
    ("primetime", &["prime", "evening"]),
    ("gen z", &["~18"]),
    ("genz", &["~18"]),
    ("teenagers", &["~18"]),
    ("students", &["~18"]),
    ("young adults", &["~18", "~25"]),
    ("millennials", &["~25", "~35"]),
    ("millennial", &["~25", "~35"]),
    ("gen x", &["~45"]),
    ("boomers", &["~55", "~65"]),
    ("seniors", &["~65"]),
    ("united states", &["@us"]),
    ("usa", &["@us"]),
    ("america", &["@us"]),
    ("american", &["@us"]),
    ("united kingdom", &["@gb"]),
    ("uk", &["@gb"]),
    ("britain", &["@gb"]),
    ("british", &["@gb"]),
    ("canada", &["@ca"]),
    ("canadian", &["@ca"]),
    ("australia", &["@au"]),
    ("australian", &["@au"]),
    ("germany", &["@de"]),
    ("german", &["@de"]),
    ("france", &["@fr"]),
    ("french", &["@fr"]),
    ("women", &["female"]),
    ("men", &["male"]),
];
/// Where the usual bands of age begin.
const BANDS: &[u32] = &[18, 25, 35, 45, 55, 65];

/// Something that a brief wants, or does not.
#[derive(Debug, Clone, PartialEq)]
pub struct Want {
    /// As the brief says it.
    pub said: String,
    /// The words that stand for it, and how surely.
    pub words: Vec<(String, f32)>,
    /// Whether it is just what is not wanted.
    pub unwanted: bool,
}

/// Words in lower case, without what stands between them.
pub fn split(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

/// What a brief wants.
#[must_use]
pub fn wanted(brief: &str) -> Vec<Want> {
    let mut wants: Vec<Want> = Vec::new();
    for clause in brief.split([',', '.', ';', ':', '\n', '(', ')']) {
        let words: Vec<String> = split(clause).collect();
        let (mut at, mut unwanted) = (0, false);
        while at < words.len() {
            let (want, taken) = next(&words[at..], unwanted);
            unwanted = (unwanted && words[at] != "but") || NOT.contains(&words[at].as_str());
            at += taken;
            match want {
                Some(want) if !wants.iter().any(|one| one.said == want.said) => wants.push(want),
                _ => {}
            }
        }
    }
    wants
}

/// The next thing that is wanted, and of how many words it is.
fn next(words: &[String], unwanted: bool) -> (Option<Want>, usize) {
    let word = words[0].as_str();
    let want = |said: String, words: Vec<(String, f32)>| {
        Some(Want {
            said,
            words,
            unwanted,
        })
    };
    if let [from, to, ..] = words
        && let (Ok(from), Ok(to)) = (from.parse::<u32>(), to.parse::<u32>())
        && (13..100).contains(&from)
        && (from..121).contains(&to)
    {
        let ages = bands(from, to).map(|age| (age, 1.0)).collect();
        return (want(format!("{from}-{to}"), ages), 2);
    }
    if let Some(two) = words.get(1).map(|second| format!("{word} {second}"))
        && let Some(meant) = meant(&two)
    {
        return (want(two, meant), 2);
    }
    if let Some(mut meant) = meant(word) {
        meant.push((stem(word), 1.0));
        return (want(word.to_owned(), meant), 1);
    }
    if EMPTY.contains(&word) || NOT.contains(&word) || word.len() < 2 {
        return (None, 1);
    }
    (want(word.to_owned(), vec![(stem(word), 1.0)]), 1)
}

/// What the trade means by some words: the first surely, the others less so.
fn meant(said: &str) -> Option<Vec<(String, f32)>> {
    let (_, meant) = MEANT.iter().find(|(one, _)| *one == said)?;
    let sure = |(at, word): (usize, &&str)| {
        let word = match word.chars().next() {
            Some('#' | '@') => (*word).to_owned(),
            Some('~') => return ((*word).to_owned(), 1.0),
            _ => stem(word),
        };
        (word, if at == 0 { 1.0 } else { 0.7 })
    };
    Some(meant.iter().enumerate().map(sure).collect())
}

/// The bands of age that a text such as `25-34` or `65+` covers.
pub fn ages(text: &str) -> impl Iterator<Item = String> {
    let mut numbers = text
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|part| part.parse::<u32>().ok());
    let from = numbers.next().unwrap_or(200);
    bands(from, numbers.next().unwrap_or(120))
}

fn bands(from: u32, to: u32) -> impl Iterator<Item = String> {
    let ends = BANDS.iter().skip(1).map(|next| next - 1).chain([120]);
    let within = move |(start, end): &(&u32, u32)| **start <= to && *end >= from;
    BANDS
        .iter()
        .zip(ends)
        .filter(within)
        .map(|(start, _)| format!("~{start}"))
}

/// A word without its ending, so that `streams`, `streaming` and `stream` are one.
#[must_use]
pub fn stem(word: &str) -> String {
    let cut =
        |ending: &str, least: usize| word.strip_suffix(ending).filter(|rest| rest.len() >= least);
    if let Some(rest) = cut("ies", 3) {
        return format!("{rest}y");
    }
    let rest = cut("ings", 3)
        .or_else(|| cut("ing", 3))
        .or_else(|| cut("ers", 4));
    let rest = rest.or_else(|| cut("sses", 2).map(|_| &word[..word.len() - 2]));
    let rest = rest.or_else(|| cut("ches", 2).map(|_| &word[..word.len() - 2]));
    let rest = rest.or_else(|| cut("ed", 4)).or_else(|| cut("er", 4));
    let rest = rest.or_else(|| cut("s", 3).filter(|rest| !rest.ends_with(['s', 'u', 'i'])));
    let rest = rest.unwrap_or(word);
    // `gaming` and `games` meet at `gam`.
    let rest = rest
        .strip_suffix('e')
        .filter(|rest| rest.len() >= 3)
        .unwrap_or(rest);
    rest.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_meet_at_their_stems() {
        for group in [
            &["stream", "streams", "streaming"][..],
            &["game", "games", "gaming"],
            &["story", "stories"],
            &["match", "matches"],
            &["sport", "sports"],
            &["cook", "cooking", "cooked"],
        ] {
            for word in group {
                assert_eq!(stem(word), stem(group[0]), "{word}");
            }
        }
        assert_ne!(stem("news"), stem("nest"));
    }

    #[test]
    fn ages_are_understood_however_they_are_written() {
        let of = |text| ages(text).collect::<Vec<_>>();
        assert_eq!(of("18-24"), ["~18"]);
        assert_eq!(of("25-44"), ["~25", "~35"]);
        assert_eq!(of("65+"), ["~65"]);
        let wants = wanted("adults 18-34 in the UK");
        assert!(
            wants
                .iter()
                .any(|it| it.said == "18-34" && it.words.len() == 2),
            "{wants:?}"
        );
        assert!(wants.iter().any(|it| it.words[0].0 == "@gb"), "{wants:?}");
    }
}
