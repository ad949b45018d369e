//! Just enough of Rust's grammar to tell code from comments, strings and test modules, and to
//! find where braces close. Refuses to be a parser: it never fails, it only blanks.

/// A source file in three shapes of the same length, so that an offset means the same in each.
pub struct Source {
    /// Where it is, from the root of the crate, with forward slashes.
    pub path: String,
    /// As written.
    pub text: String,
    /// Comments, strings and characters are blanks; line breaks stay.
    pub code: String,
    /// Like `code`, and what only tests see is blank too.
    pub shipped: String,
    /// The spans that only tests see.
    pub tests: Vec<(usize, usize)>,
}

impl Source {
    /// Reads `text` as the file `path`.
    pub fn new(path: &str, text: &str) -> Self {
        let code = blank_comments_and_strings(text);
        let tests = if path.ends_with("/tests.rs") {
            vec![(0, code.len())]
        } else {
            test_items(&code)
        };
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            shipped: blank(&code, &tests),
            code,
            tests,
        }
    }

    /// `path:line` of an offset.
    pub fn at(&self, offset: usize) -> String {
        format!("{}:{}", self.path, line_of(&self.text, offset))
    }
}

/// The number of the line that holds `offset`; the first is 1.
pub fn line_of(text: &str, offset: usize) -> usize {
    text[..offset].matches('\n').count() + 1
}

/// Whether `byte` may be part of a name.
pub fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// The offsets at which `needle` stands in `code`, not inside a longer name.
pub fn words<'a>(code: &'a str, needle: &'a str) -> impl Iterator<Item = usize> + 'a {
    let bytes = code.as_bytes();
    code.match_indices(needle)
        .map(|(at, _)| at)
        .filter(move |&at| {
            let end = at + needle.len();
            let starts = !is_word(needle.as_bytes()[0]) || at == 0 || !is_word(bytes[at - 1]);
            let ends = !is_word(bytes[end - 1]) || end == bytes.len() || !is_word(bytes[end]);
            starts && ends
        })
}

/// The name that starts at or, after blanks, behind `at`; empty if something else stands there.
pub fn name_at(code: &str, at: usize) -> &str {
    let rest = code[at..].trim_start();
    let rest = rest.strip_prefix("r#").unwrap_or(rest);
    let end = rest.bytes().position(|it| !is_word(it));
    &rest[..end.unwrap_or(rest.len())]
}

/// Where the bracket at `open` closes: the offset behind it, or the end of the file.
pub fn closing(code: &str, open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in code.bytes().enumerate().skip(open) {
        match byte {
            b'{' | b'(' | b'[' => depth += 1,
            b'}' | b')' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    code.len()
}

/// Where the item at `start` ends: behind its braces, or behind its semicolon if it has none.
pub fn item_end(code: &str, start: usize) -> usize {
    let bytes = code.as_bytes();
    let mut at = start;
    while at < bytes.len() {
        match bytes[at] {
            b'{' => return closing(code, at),
            b'(' | b'[' => at = closing(code, at),
            b';' => return at + 1,
            _ => at += 1,
        }
    }
    code.len()
}

/// Overwrites `spans` with spaces, except for line breaks.
fn blank(code: &str, spans: &[(usize, usize)]) -> String {
    let mut bytes = code.as_bytes().to_vec();
    for &(start, end) in spans {
        for byte in &mut bytes[start..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
    }
    String::from_utf8(bytes).expect("spans begin and end between characters")
}

/// The items under `#[cfg(test)]`, each from its attribute to its end.
fn test_items(code: &str) -> Vec<(usize, usize)> {
    let attribute = "#[cfg(test)]";
    code.match_indices(attribute)
        .map(|(start, _)| (start, item_end(code, start + attribute.len())))
        .collect()
}

/// Blanks comments, and literals of strings, bytes and characters with their quotes.
fn blank_comments_and_strings(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut spans = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let end = literal_end(text, at);
        if end > at {
            spans.push((at, end));
            at = end;
        } else {
            // A whole name at once, lest the last letter of one look like the prefix of a string.
            let name = bytes[at..].iter().take_while(|it| is_word(**it)).count();
            at += name.max(1);
        }
    }
    blank(text, &spans)
}

/// Where the comment or literal that starts at `at` ends; `at` itself if none starts there.
fn literal_end(text: &str, at: usize) -> usize {
    let rest = &text.as_bytes()[at..];
    let length = match rest {
        [b'/', b'/', ..] => line_break(rest),
        [b'/', b'*', ..] => comment(rest),
        [b'"', ..] => 1 + quoted(&rest[1..]),
        [b'b' | b'c', b'"', ..] => 2 + quoted(&rest[2..]),
        [b'r', b'"' | b'#', ..] => raw(rest, 1),
        [b'b' | b'c', b'r', b'"' | b'#', ..] => raw(rest, 2),
        [b'b', b'\'', ..] => 1 + character(&text[at + 1..]),
        [b'\'', ..] => character(&text[at..]),
        _ => 0,
    };
    at + length
}

fn line_break(rest: &[u8]) -> usize {
    rest.iter()
        .position(|it| *it == b'\n')
        .unwrap_or(rest.len())
}

/// The length of a block comment, which may hold others.
fn comment(rest: &[u8]) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        match rest[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

/// The length of a string behind its opening quote, with the closing one.
fn quoted(rest: &[u8]) -> usize {
    let mut at = 0;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// The length of a raw string whose hashes begin at `prefix`; nothing if it is a raw name.
fn raw(rest: &[u8], prefix: usize) -> usize {
    let hashes = rest[prefix..].iter().take_while(|it| **it == b'#').count();
    let body = prefix + hashes + 1;
    if rest.get(body - 1) != Some(&b'"') {
        return 0;
    }
    let mut close = vec![b'"'];
    close.resize(1 + hashes, b'#');
    let found = rest[body..].windows(close.len()).position(|it| it == close);
    found.map_or(rest.len(), |found| body + found + close.len())
}

/// The length of a character with its quotes; nothing if it is a lifetime.
fn character(rest: &str) -> usize {
    let mut inside = rest[1..].char_indices();
    let closes = |at: usize| rest.as_bytes().get(1 + at) == Some(&b'\'');
    match inside.next() {
        Some((_, '\\')) => {
            inside.next();
            let close = inside.find(|(_, it)| *it == '\'');
            close.map_or(0, |(at, _)| at + 2)
        }
        Some((_, it)) if closes(it.len_utf8()) => it.len_utf8() + 2,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn blanks(text: &str, expected: &str) {
        assert_eq!(Source::new("src/x.rs", text).code, expected);
    }

    #[test]
    fn comments_and_literals_are_blank_and_nothing_else_is() {
        blanks("a // b\nc", "a     \nc");
        blanks("a /* b /* c */ d */ e", "a                   e");
        blanks(r#"f("{\"", g)"#, r"f(     , g)");
        blanks("f(r#\"a\"{\"#, b)", "f(        , b)");
        blanks("f(br\"\\\", b'{', c\"{\")", "f(     ,     ,     )");
        blanks(
            r"f('{', '\'', '\u{7b}', 'ü')",
            r"f(   ,     ,         ,     )",
        );
        blanks(
            "fn f<'a>(r#type: &'a str) {}",
            "fn f<'a>(r#type: &'a str) {}",
        );
        blanks("bar\"{\"; x'a", "bar   ; x'a");
        blanks("\"a\nb\"", "  \n  ");
        blanks("\"never closed {", "               ");
    }

    #[test]
    fn what_only_tests_see_does_not_ship_and_what_follows_does() {
        let text = "fn a() {}\n#[cfg(test)]\nuse b::{c};\n#[cfg(test)]\nmod tests {\n fn d() {}\n}\nfn e() {}";
        let shipped = Source::new("src/x.rs", text).shipped;
        assert_eq!(
            shipped.split_whitespace().collect::<String>(),
            "fna(){};fne(){}"
        );
        assert_eq!(shipped.len(), text.len());
        assert_eq!(
            Source::new("src/x/tests.rs", "fn a() {}").shipped.trim(),
            ""
        );
    }

    #[test]
    fn brackets_and_items_are_followed_to_their_end() {
        assert_eq!(closing("{a{b}(c)}d", 0), 9);
        assert_eq!(item_end("fn a(b: [u8; 2]) { c; } d", 0), 23);
        assert_eq!(item_end("use a; b", 0), 6);
    }

    #[test]
    fn words_are_whole() {
        let found: Vec<usize> = words("sqlx sqlx2 mysqlx a::sqlx::b", "sqlx").collect();
        assert_eq!(found, [0, 21]);
        assert_eq!(name_at("crate:: r#store::x", 7), "store");
    }
}
