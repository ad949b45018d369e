//! The words that people use for one and the same thing, folded into one of them. A short
//! list of everyday synonyms; it guesses no meaning beyond it.

/// Every first word stands for those after it.
const SYNONYMS: &[&[&str]] = &[
    &[
        "technology",
        "tech",
        "gadgets",
        "consumer_electronics",
        "electronics",
    ],
    &[
        "gaming",
        "games",
        "gamers",
        "gamer",
        "video_games",
        "videogames",
        "esports",
    ],
    &["sports", "sport", "sports_fans"],
    &["travel", "travelers", "travellers", "tourism"],
    &["automotive", "auto", "autos", "cars"],
    &["finance", "personal_finance", "investing", "banking"],
    &[
        "fitness",
        "health",
        "wellness",
        "health_and_fitness",
        "health_&_fitness",
    ],
    &[
        "food",
        "cooking",
        "food_and_drink",
        "food_&_drink",
        "recipes",
    ],
    &["fashion", "style", "apparel"],
    &["entertainment", "movies", "film", "films", "tv_shows"],
    &["female", "females", "women", "woman", "f"],
    &["male", "males", "men", "man", "m"],
    &[
        "us",
        "usa",
        "u.s.",
        "u.s.a.",
        "united_states",
        "united_states_of_america",
    ],
    &["gb", "uk", "u.k.", "united_kingdom", "great_britain"],
    &["de", "germany", "german"],
    &["fr", "france", "french"],
    &["es", "spain", "spanish"],
    &["ca", "canada"],
    &["en", "english"],
    &[
        "mobile",
        "phone",
        "smartphone",
        "smartphones",
        "mobile_phone",
    ],
    &["desktop", "computer", "pc"],
    &["ctv", "connected_tv", "smart_tv"],
];

/// The countries that catalogues usually name, by their two letters.
const COUNTRIES: &[&str] = &[
    "ae", "ar", "at", "au", "be", "bg", "br", "ca", "ch", "cl", "cn", "co", "cz", "de", "dk", "eg",
    "es", "fi", "fr", "gb", "gr", "hk", "hu", "id", "ie", "il", "in", "it", "jp", "ke", "kr", "ma",
    "mx", "my", "ng", "nl", "no", "nz", "pe", "ph", "pk", "pl", "pt", "ro", "sa", "se", "sg", "th",
    "tr", "tw", "ua", "us", "vn", "za",
];

/// The country of a folded place: of `us_ny` it is `us`, of `north` there is none.
pub(super) fn country(word: &str) -> Option<&str> {
    let first = word.split('_').next()?;
    COUNTRIES.contains(&first).then_some(first)
}

/// Whether a folded word means everybody, or everywhere.
pub(super) fn is_everyone(word: &str) -> bool {
    matches!(
        word,
        "all" | "any" | "everyone" | "all_ages" | "global" | "worldwide" | "international"
    )
}

/// Folds case, spaces and synonyms.
pub(super) fn canonical(text: &str) -> String {
    let plain = text.trim().to_lowercase().replace([' ', '-'], "_");
    let known = SYNONYMS
        .iter()
        .find(|words| words.contains(&plain.as_str()));
    known.map_or(plain, |words| words[0].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn synonyms_fold_and_the_rest_stays_itself() {
        assert_eq!(canonical(" Tech "), "technology");
        assert_eq!(canonical("United States"), "us");
        assert_eq!(canonical("Women"), "female");
        assert_eq!(canonical("Board Games"), "board_games");
    }

    #[test]
    fn a_place_may_lie_in_a_country() {
        assert_eq!(country("us"), Some("us"));
        assert_eq!(country("us_ny"), Some("us"));
        assert_eq!(country("north"), None);
        assert_eq!(country(""), None);
    }

    #[test]
    fn no_word_stands_for_two_things() {
        let mut all: Vec<&str> = SYNONYMS
            .iter()
            .flat_map(|words| words.iter().copied())
            .collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
