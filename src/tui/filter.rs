//! The filter of every list. Words separated by spaces, all of which must match: a plain
//! word matches as it stands or letter by letter from the beginnings of words, `!word` must
//! not match, `=word` must be a whole field, `field:word` looks in one field only, and
//! quotes hold words together. Refuses nothing: whatever was typed so far means something.

use std::borrow::Cow;

use memchr::{memchr_iter, memmem::Finder};

/// Between the fields of a row.
pub const BETWEEN: char = '\u{1}';

/// One field of a row: its name and what stands in it.
pub type Field<'a> = (&'static str, Cow<'a, str>);

/// A filter that was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    text: String,
    terms: Vec<Term>,
}

#[derive(Debug, Clone)]
struct Term {
    not: bool,
    exact: bool,
    field: Option<usize>,
    word: String,
    /// Finds the word; made once for all rows.
    finder: Finder<'static>,
}

impl PartialEq for Term {
    fn eq(&self, other: &Self) -> bool {
        let signs = |term: &Self| (term.not, term.exact, term.field);
        signs(self) == signs(other) && self.word == other.word
    }
}

impl Eq for Term {}

impl Filter {
    /// Reads what was typed; `fields` are the names that may stand before a colon.
    #[must_use]
    pub fn new(text: &str, fields: &[&str]) -> Self {
        let terms = split(text)
            .into_iter()
            .filter_map(|word| Term::new(&word, fields))
            .collect();
        Self {
            text: text.to_owned(),
            terms,
        }
    }

    /// What was typed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether everything matches.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether what this one finds was surely found by the other one too.
    #[must_use]
    pub fn narrows(&self, other: &Self) -> bool {
        let kept = |(mine, theirs): (&Term, &Term)| {
            let same =
                mine.not == theirs.not && mine.exact == theirs.exact && mine.field == theirs.field;
            same && (mine.word == theirs.word
                || (!mine.not && !mine.exact && mine.word.starts_with(&theirs.word)))
        };
        self.terms.len() >= other.terms.len() && self.terms.iter().zip(&other.terms).all(kept)
    }

    /// Whether a row matches; `row` is what [`haystack`] made of its fields.
    #[must_use]
    pub fn matches(&self, row: &str) -> bool {
        self.terms.iter().all(|term| term.matches(row) != term.not)
    }
}

/// The first field that a filter names and that is none of these; a time or an address is no
/// field.
#[must_use]
pub fn unknown(text: &str, fields: &[&str]) -> Option<String> {
    split(text).into_iter().find_map(|word| {
        let (name, rest) = word.trim_start_matches('!').split_once(':')?;
        let named = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic());
        let address = rest.starts_with("//");
        (named && !address && !fields.contains(&name)).then(|| name.to_owned())
    })
}

/// Joins the fields of a row into what filters look at.
pub fn haystack<'a>(fields: impl IntoIterator<Item = Field<'a>>) -> Box<str> {
    let mut all = String::new();
    for (_, text) in fields {
        all.push(BETWEEN);
        if text.is_ascii() {
            all.extend(text.chars().map(|c| c.to_ascii_lowercase()));
        } else {
            all.push_str(&text.to_lowercase());
        }
    }
    all.into_boxed_str()
}

fn split(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut quoted) = (String::new(), false);
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.push(std::mem::take(&mut word)),
            _ => word.push(c),
        }
    }
    words.push(word);
    words
}

impl Term {
    fn new(word: &str, fields: &[&str]) -> Option<Self> {
        let (not, word) = match word.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, word),
        };
        let named = word.split_once(':').and_then(|(name, rest)| {
            let at = fields.iter().position(|field| *field == name)?;
            Some((at, rest))
        });
        let (field, word) = match named {
            Some((at, rest)) => (Some(at), rest),
            None => (None, word),
        };
        let (exact, word) = match word.strip_prefix('=') {
            Some(rest) => (true, rest),
            None => (false, word),
        };
        let word = word.to_lowercase();
        (!word.is_empty()).then(|| Self {
            not,
            exact,
            field,
            finder: Finder::new(&word).into_owned(),
            word,
        })
    }

    fn is_in(&self, text: &str) -> bool {
        self.finder.find(text.as_bytes()).is_some() || by_beginnings(&self.word, text)
    }

    fn matches(&self, row: &str) -> bool {
        match (self.field, self.exact) {
            (None, false) => self.is_in(row),
            (None, true) => row.split(BETWEEN).any(|field| field == self.word),
            (Some(at), exact) => row.split(BETWEEN).nth(at + 1).is_some_and(|field| {
                if exact {
                    field == self.word
                } else {
                    self.is_in(field)
                }
            }),
        }
    }
}

/// Whether the letters of a word are found in order, each run of them at the beginning of
/// one of the text's words: `btsc` finds "back to school".
fn by_beginnings(word: &str, text: &str) -> bool {
    if !word.is_ascii() || word.len() < 2 {
        return false;
    }
    let (word, text) = (word.as_bytes(), text.as_bytes());
    memchr_iter(word[0], text).any(|at| {
        let begins = at == 0 || !text[at - 1].is_ascii_alphanumeric();
        begins && goes_on(&word[1..], &text[at..])
    })
}

/// Whether the rest of a word is found behind the first letter of a text, in its field.
fn goes_on(word: &[u8], text: &[u8]) -> bool {
    let mut next = 0;
    let mut running = true;
    for pair in text.windows(2) {
        let (before, byte) = (pair[0], pair[1]);
        if byte == BETWEEN as u8 {
            return false;
        }
        running = (running || !before.is_ascii_alphanumeric()) && word[next] == byte;
        next += usize::from(running);
        if next == word.len() {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: &[&str] = &["status", "campaign", "id"];

    fn finds(typed: &str, status: &str, campaign: &str) -> bool {
        let fields = [
            ("status", status),
            ("campaign", campaign),
            ("id", "0190-77"),
        ];
        let row = haystack(fields.map(|(name, text)| (name, text.into())));
        Filter::new(typed, FIELDS).matches(&row)
    }

    #[test]
    fn words_match_in_any_field_and_all_must() {
        assert!(finds("", "failed", "Game Night"));
        assert!(finds("game", "failed", "Game Night"));
        assert!(finds("NIGHT fail", "failed", "Game Night"));
        assert!(!finds("game done", "failed", "Game Night"));
        assert!(finds("77", "failed", "Game Night"));
    }

    #[test]
    fn beginnings_of_words_are_enough() {
        assert!(finds("bts", "running", "Back to School"));
        assert!(finds("baschool", "running", "Back to School"));
        assert!(!finds("bxs", "running", "Back to School"));
        assert!(!finds("sb", "running", "Back to School"));
        assert!(
            !finds("rb", "running", "Back to School"),
            "never across fields"
        );
    }

    #[test]
    fn signs_turn_round_pin_and_name_a_field() {
        assert!(!finds("!game", "failed", "Game Night"));
        assert!(finds("!snow", "failed", "Game Night"));
        assert!(finds("=failed", "failed", "Game Night"));
        assert!(!finds("=fail", "failed", "Game Night"));
        assert!(finds("campaign:fail", "done", "Failing up"));
        assert!(!finds("campaign:fail", "failed", "Game Night"));
        assert!(finds("!status:failed", "done", "Failing up"));
        assert!(finds("status:=failed", "failed", "x"));
        assert!(finds("\"game night\"", "failed", "Game Night"));
        assert!(!finds("\"night game\"", "failed", "Game Night"));
        assert!(
            finds("other:thing", "failed", "other:thing"),
            "no such field: a plain word"
        );
        assert!(finds("夏", "failed", "夏のキャンペーン"));
    }

    #[test]
    fn a_field_that_is_not_there_is_told() {
        for (text, wrong) in [
            ("", None),
            ("game night", None),
            ("status:failed", None),
            ("foo:bar", Some("foo")),
            ("game !owner:anna", Some("owner")),
            ("state:", Some("state")),
            ("13:06", None),
            ("https://example.com", None),
            ("!:x", None),
        ] {
            assert_eq!(unknown(text, FIELDS).as_deref(), wrong, "{text}");
        }
    }

    #[test]
    fn a_longer_word_finds_less() {
        let filter = |text| Filter::new(text, FIELDS);
        assert!(filter("game").narrows(&filter("ga")));
        assert!(filter("ga fail").narrows(&filter("ga")));
        assert!(!filter("ga").narrows(&filter("game")));
        assert!(!filter("!game").narrows(&filter("!ga")));
        assert!(!filter("=game").narrows(&filter("=ga")));
    }
}
