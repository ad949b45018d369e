//! Text that people typed and other people will read on one line. Refuses what cannot be
//! seen, what rearranges its surroundings, and towers of marks; never repairs silently.

use std::fmt;

use unicode_segmentation::UnicodeSegmentation;

/// The most marks that may stand on one letter.
const MOST_MARKS: usize = 8;

/// The most characters of somebody's input that a message repeats.
const MOST_ECHO: usize = 64;

/// Joins emoji into one picture; refused everywhere else.
const JOINER: char = '\u{200D}';

/// Why a text is not a readable line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadText {
    /// No characters at all.
    #[error("is empty")]
    Empty,
    /// Characters, but none that leaves a trace.
    #[error("has nothing in it that can be seen")]
    Blank,
    /// More graphemes than fit, or more than four bytes for each of them.
    #[error("is longer than {0} characters")]
    TooLong(usize),
    /// A control character or a line break.
    #[error("contains a control character or line break (U+{0:04X})")]
    Control(u32),
    /// A character that hides or rearranges others.
    #[error("contains an invisible or direction-changing character (U+{0:04X})")]
    Hidden(u32),
    /// More marks on one letter than any script needs.
    #[error("puts more than {MOST_MARKS} marks on one letter")]
    Tower,
}

/// Checks that a text is one readable line of at most so many characters as people count
/// them, and of at most four bytes for each.
///
/// # Errors
/// When it is empty, blank, too long, or carries what must not reach a screen.
pub fn check_line(text: &str, most_graphemes: usize) -> Result<(), BadText> {
    if text.is_empty() {
        return Err(BadText::Empty);
    }
    let bytes_fit = text.len() <= most_graphemes.saturating_mul(4);
    if !bytes_fit || text.graphemes(true).count() > most_graphemes {
        return Err(BadText::TooLong(most_graphemes));
    }
    if let Some(bad) = unfit(text).next() {
        return Err(bad);
    }
    if text.graphemes(true).any(is_tower) {
        return Err(BadText::Tower);
    }
    if text.chars().all(leaves_no_trace) {
        return Err(BadText::Blank);
    }
    Ok(())
}

/// How many letters have to be put in, left out or changed to make one of the other.
#[must_use]
pub fn apart(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.chars().enumerate() {
        let mut corner = at;
        row[0] = at + 1;
        for (place, wanted) in other.iter().enumerate() {
            let kept = corner + usize::from(letter != *wanted);
            corner = row[place + 1];
            row[place + 1] = kept.min(corner + 1).min(row[place] + 1);
        }
    }
    row[other.len()]
}

/// Repeats somebody's input inside a message: at most 64 characters, everything that
/// must not reach a screen replaced by U+FFFD. Echoing an echo changes nothing.
#[must_use]
pub fn echo(text: &str) -> String {
    let cut: String = if text.chars().nth(MOST_ECHO).is_some() {
        text.chars().take(MOST_ECHO - 1).chain(['…']).collect()
    } else {
        text.to_owned()
    };
    inert(&cut)
}

/// Makes a text safe to show, whole: everything that must not reach a screen is replaced
/// by U+FFFD.
#[must_use]
pub fn inert(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut marks = 0;
    for (c, verdict) in judged(text) {
        marks = if is_mark(c) { marks + 1 } else { 0 };
        let shown = verdict.is_none() && marks <= MOST_MARKS;
        plain.push(if shown { c } else { '\u{FFFD}' });
        marks = if shown { marks } else { 0 };
    }
    plain
}

/// Whether a text may be shown as it is: nothing in it must be replaced.
#[must_use]
pub fn is_inert(text: &str) -> bool {
    unfit(text).next().is_none() && !text.graphemes(true).any(is_tower)
}

/// A number with its thousands apart, whatever stands behind its point.
#[must_use]
pub fn grouped(number: impl fmt::Display) -> String {
    let text = number.to_string();
    let whole = text.find('.').unwrap_or(text.len());
    let mut out = String::with_capacity(text.len() + text.len() / 3);
    for (at, digit) in text.chars().enumerate() {
        let before = out.ends_with(|c: char| c.is_ascii_digit());
        if before && at < whole && (whole - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Letters with marks, after the plain ones that are typed for them.
const PLAIN: [(&str, &str); 42] = [
    ("A", "ÀÁÂÃÄÅĀĂĄǍẠẢẤẦẨẪẬẮẰẲẴẶ"),
    ("a", "àáâãäåāăąǎạảấầẩẫậắằẳẵặ"),
    ("AE", "Æ"),
    ("ae", "æ"),
    ("C", "ÇĆĈĊČ"),
    ("c", "çćĉċč"),
    ("D", "ĎĐÐ"),
    ("d", "ďđð"),
    ("E", "ÈÉÊËĒĔĖĘĚẸẺẼẾỀỂỄỆ"),
    ("e", "èéêëēĕėęěẹẻẽếềểễệ"),
    ("G", "ĜĞĠĢ"),
    ("g", "ĝğġģ"),
    ("H", "ĤĦ"),
    ("h", "ĥħ"),
    ("I", "ÌÍÎÏĨĪĬĮİỈỊ"),
    ("i", "ìíîïĩīĭįıỉị"),
    ("J", "Ĵ"),
    ("j", "ĵ"),
    ("K", "Ķ"),
    ("k", "ķ"),
    ("L", "ĹĻĽĿŁ"),
    ("l", "ĺļľŀł"),
    ("N", "ÑŃŅŇ"),
    ("n", "ñńņň"),
    ("O", "ÒÓÔÕÖØŌŎŐƠỌỎỐỒỔỖỘỚỜỞỠỢ"),
    ("o", "òóôõöøōŏőơọỏốồổỗộớờởỡợ"),
    ("OE", "Œ"),
    ("oe", "œ"),
    ("R", "ŔŖŘ"),
    ("r", "ŕŗř"),
    ("S", "ŚŜŞŠȘ"),
    ("s", "śŝşšș"),
    ("ss", "ß"),
    ("T", "ŢŤŦȚ"),
    ("t", "ţťŧț"),
    ("U", "ÙÚÛÜŨŪŬŮŰŲƯỤỦỨỪỬỮỰ"),
    ("u", "ùúûüũūŭůűųưụủứừửữự"),
    ("Y", "ÝŶŸỲỴỶỸ"),
    ("y", "ýÿŷỳỵỷỹ"),
    ("Z", "ŹŻŽ"),
    ("z", "źżž"),
    ("-", "‐‑‒–—―−"),
];

/// The fewest letters and digits of a name that tell it from others.
const TELLING: usize = 3;
/// How much of an id stands for a name of which too little is left.
const END: usize = 6;

/// What a person types for a name on any keyboard: without accents, with plain dashes, what no
/// keyboard has left out, and one space between words. Where too little is left of the name, the
/// end of its id; the second says so.
#[must_use]
pub fn typeable(name: &str, id: &str) -> (String, bool) {
    let mut plain = String::with_capacity(name.len());
    for c in name.chars() {
        let folded = PLAIN.iter().find(|(_, letters)| letters.contains(c));
        match (c, folded) {
            (' '..='~', _) => plain.push(c),
            (_, Some((letters, _))) => plain.push_str(letters),
            ('\u{2018}' | '\u{2019}' | '\u{2BC}', None) => plain.push('\''),
            _ if c.is_whitespace() => plain.push(' '),
            _ => {}
        }
    }
    let words: Vec<&str> = plain.split_whitespace().collect();
    let plain = words.join(" ");
    let told = plain.chars().filter(char::is_ascii_alphanumeric).count();
    if name.is_ascii() || told >= TELLING {
        return (plain, false);
    }
    let skip = id.chars().count().saturating_sub(END);
    (id.chars().skip(skip).collect(), true)
}

/// What is wrong with single characters, in order.
fn unfit(text: &str) -> impl Iterator<Item = BadText> {
    judged(text).filter_map(|(_, verdict)| verdict)
}

/// Every character with what is wrong with it, if anything.
fn judged(text: &str) -> impl Iterator<Item = (char, Option<BadText>)> {
    text.char_indices().map(move |(at, c)| {
        let joins = c == JOINER && joins_emoji(&text[..at], &text[at + c.len_utf8()..]);
        (c, if joins { None } else { verdict(c) })
    })
}

fn verdict(c: char) -> Option<BadText> {
    match c {
        '\u{2028}' | '\u{2029}' => Some(BadText::Control(u32::from(c))),
        _ if c.is_control() => Some(BadText::Control(u32::from(c))),
        '\u{AD}'
        | '\u{61C}'
        | '\u{180E}'
        | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}'
        | '\u{FEFF}'
        | '\u{FFF9}'..='\u{FFFB}'
        | '\u{E0000}'..='\u{E0FFF}' => Some(BadText::Hidden(u32::from(c))),
        _ => None,
    }
}

/// Whether a joiner between the two would join pictures: the one before may carry a
/// variation selector or a skin tone.
fn joins_emoji(before: &str, after: &str) -> bool {
    let dressing = |c: &char| matches!(c, '\u{FE0F}' | '\u{1F3FB}'..='\u{1F3FF}');
    let left = before.chars().rev().find(|c| !dressing(c));
    left.is_some_and(is_emoji) && after.chars().next().is_some_and(is_emoji)
}

/// Whether a character is a picture, as the segmentation rules see it: only pictures are
/// drawn together by a joiner.
fn is_emoji(c: char) -> bool {
    !c.is_ascii() && is_one_grapheme(&[c, JOINER, '\u{1F600}'])
}

/// Whether a character sits on the one before it.
fn is_mark(c: char) -> bool {
    let plain = c.is_ascii() || c == JOINER || matches!(c, '\u{1F3FB}'..='\u{1F3FF}');
    !plain && is_one_grapheme(&['a', c])
}

fn is_one_grapheme(chars: &[char]) -> bool {
    let text: String = chars.iter().collect();
    text.graphemes(true).count() == 1
}

fn is_tower(grapheme: &str) -> bool {
    grapheme.len() > MOST_MARKS && grapheme.chars().filter(|c| is_mark(*c)).count() > MOST_MARKS
}

/// Whether nobody would see it standing alone: spaces, fillers, the blank of Braille, marks.
fn leaves_no_trace(c: char) -> bool {
    let filler = matches!(
        c,
        '\u{115F}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{FFA0}'
    );
    filler || c.is_whitespace() || is_mark(c) || verdict(c).is_some()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ordinary_names_of_every_script_are_lines() {
        for good in [
            "Q3 Awareness Push",
            "Robert'); DROP TABLE campaigns;--",
            "{{7*7}} ${jndi:ldap://x} %s%n",
            "Été à la plage — Größe",
            "夏のキャンペーン",
            "गर्मियों का अभियान",
            "แคมเปญฤดูร้อน",
            "حملة الصيف",
            "👨‍👩‍👧‍👦 family",
            "👩🏽‍🚀 and ❤️‍🔥",
        ] {
            assert_eq!(check_line(good, 100), Ok(()), "{good}");
        }
    }

    #[test]
    fn characters_are_counted_as_people_count_them() {
        assert_eq!(check_line(&"é".repeat(100), 100), Ok(()));
        assert_eq!(check_line(&"e\u{301}".repeat(100), 100), Ok(()));
        assert_eq!(
            check_line(&"x".repeat(101), 100),
            Err(BadText::TooLong(100))
        );
        let family = "👨‍👩‍👧‍👦".repeat(20);
        assert_eq!(
            check_line(&family, 100),
            Err(BadText::TooLong(100)),
            "over 400 bytes"
        );
    }

    #[test]
    fn nothing_to_see_is_not_a_name() {
        assert_eq!(check_line("", 100), Err(BadText::Empty));
        for blank in [
            "   ",
            "\u{3000}",
            "\u{3164}",
            "\u{2800}\u{FFA0}",
            "\u{301}\u{302}",
        ] {
            assert_eq!(check_line(blank, 100), Err(BadText::Blank), "{blank:?}");
        }
    }

    #[test]
    fn control_characters_are_refused_one_by_one() {
        for c in [
            '\0', '\n', '\r', '\t', '\u{B}', '\u{1B}', '\u{7F}', '\u{85}', '\u{9B}', '\u{2028}',
        ] {
            let text = format!("Nike{c}Approved");
            assert_eq!(check_line(&text, 100), Err(BadText::Control(u32::from(c))));
        }
    }

    #[test]
    fn hidden_characters_are_refused_one_by_one() {
        for c in [
            '\u{AD}',
            '\u{61C}',
            '\u{180E}',
            '\u{200B}',
            '\u{200D}',
            '\u{200E}',
            '\u{202A}',
            '\u{202E}',
            '\u{2060}',
            '\u{2066}',
            '\u{2069}',
            '\u{FEFF}',
            '\u{FFF9}',
            '\u{E0001}',
            '\u{E007F}',
        ] {
            let text = format!("Ni{c}ke");
            assert_eq!(check_line(&text, 100), Err(BadText::Hidden(u32::from(c))));
        }
        assert!(check_line("👨\u{200D}", 100).is_err(), "joins nothing");
        assert!(check_line("👨\u{200D}x", 100).is_err(), "joins no picture");
    }

    #[test]
    fn marks_may_stand_but_not_tower() {
        let tower = |n: usize| format!("a{}", "\u{301}".repeat(n));
        assert_eq!(check_line(&tower(8), 100), Ok(()));
        assert_eq!(check_line(&tower(9), 100), Err(BadText::Tower));
    }

    #[test]
    fn an_echo_is_short_and_inert() {
        assert_eq!(echo("a\nb\u{202E}c"), "a\u{FFFD}b\u{FFFD}c");
        assert_eq!(echo(&"x".repeat(64)), "x".repeat(64));
        assert_eq!(echo(&"x".repeat(65)), format!("{}…", "x".repeat(63)));
        assert_eq!(echo("👨‍👩‍👧"), "👨‍👩‍👧");
        assert!(
            !echo(&format!("a{}", "\u{301}".repeat(40)))
                .graphemes(true)
                .any(is_tower)
        );
    }

    #[test]
    fn thousands_stand_apart() {
        let told = [0, 999, 1_000, 1_234_567].map(grouped);
        assert_eq!(told, ["0", "999", "1,000", "1,234,567"]);
        let told = ["1681.41", "-400141.08", "-999.5", "0.1234567"].map(grouped);
        assert_eq!(told, ["1,681.41", "-400,141.08", "-999.5", "0.1234567"]);
    }

    #[test]
    fn a_name_is_typed_on_any_keyboard() {
        let id = "0197a1b2-0000-7000-8000-00000000c0de";
        for (name, typed) in [
            ("Kitsune Ramen 🍜 opening", "Kitsune Ramen opening"),
            ("Été à la plage — Größe", "Ete a la plage - Grosse"),
            ("Théâtre", "Theatre"),
            ("Mother\u{2019}s\u{a0}Day  sale", "Mother's Day sale"),
            ("Nguyễn Ōsaka Łódź", "Nguyen Osaka Lodz"),
            ("Q3", "Q3"),
            ("!", "!"),
            ("Cafe\u{301}", "Cafe"),
        ] {
            assert_eq!(typeable(name, id), (typed.to_owned(), false), "{name}");
        }
        for name in ["夏祭り", "夏 2", "🍜", "—— 夏 ——"] {
            assert_eq!(typeable(name, id), ("00c0de".to_owned(), true), "{name}");
        }
        assert_eq!(typeable("夏", "spend"), ("spend".to_owned(), true));
    }

    proptest! {
        #[test]
        fn what_is_to_be_typed_is_on_every_keyboard(name in any::<String>()) {
            let (typed, _) = typeable(&name, "0197a1");
            prop_assert!(typed.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{typed}");
            prop_assert_eq!(typed.trim(), &typed);
            prop_assert!(!typed.contains("  "));
        }

        #[test]
        fn an_echo_of_anything_is_inert(text in any::<String>()) {
            let once = echo(&text);
            prop_assert!(once.chars().count() <= MOST_ECHO);
            prop_assert_eq!(unfit(&once).next(), None);
            prop_assert_eq!(echo(&once), once);
        }

        #[test]
        fn any_text_gets_a_verdict(text in any::<String>(), most in 0usize..200) {
            if check_line(&text, most).is_ok() {
                prop_assert!(text.graphemes(true).count() <= most);
                prop_assert_eq!(unfit(&text).next(), None);
            }
        }
    }
}
