//! How long a file or a function may be, and the words that a file may not hold.

use crate::lexer::{Source, closing, item_end, line_of, name_at, words};

/// Lines of a file, those of its tests not counted.
const FILE: usize = 500;
/// Lines of a function, from its `fn` to its closing brace.
const FUNCTION: usize = 70;

/// Files that may ask what time it is: the clock, and those that measure how long something took.
const CLOCKS: &[&str] = &[
    "src/api/events.rs",
    "src/api/gate.rs",
    "src/api/share.rs",
    "src/engine/bookings/settled.rs",
    "src/engine/clock.rs",
    "src/engine/core.rs",
    "src/tui/run/mod.rs",
];
/// Files below `tests/` that may sleep. None needs to.
const SLEEPERS: &[&str] = &[];

/// Says what is too long.
pub fn sizes(source: &Source) -> Vec<String> {
    let mut found = Vec::new();
    let span =
        |from: usize, to: usize| line_of(&source.text, to - 1) - line_of(&source.text, from) + 1;
    let of_tests = source.tests.iter().map(|(from, to)| span(*from, *to));
    let lines = source.text.lines().count() - of_tests.sum::<usize>();
    if lines > FILE {
        let path = &source.path;
        found.push(format!("{path}:1: {lines} lines, {FILE} are allowed"));
    }
    let code = &source.shipped;
    for at in words(code, "fn") {
        let name = name_at(code, at + "fn".len());
        if name.is_empty() {
            continue; // the type of a function
        }
        let lines = span(at, item_end(code, at));
        if lines > FUNCTION {
            let at = source.at(at);
            found.push(format!(
                "{at}: {name} has {lines} lines, {FUNCTION} are allowed"
            ));
        }
    }
    found
}

/// Says what a file below `src` must not hold, and that it must say what it is.
pub fn of_src(source: &Source) -> Vec<String> {
    let mut found = Vec::new();
    if !source.text.starts_with("//! ") {
        let path = &source.path;
        found.push(format!("{path}:1: begins with `//!` and says what it is"));
    }
    let path = source.path.as_str();
    if !path.starts_with("src/store/") {
        for driver in ["sqlx", "rusqlite"] {
            found.extend(each(
                source,
                &source.code,
                driver,
                "only the store speaks SQL",
            ));
        }
    }
    if !CLOCKS.contains(&path) {
        for clock in ["Utc::now", "Local::now", "Instant::now", "SystemTime::now"] {
            let why = "the time is an argument; only a clock asks for it";
            found.extend(each(source, &source.shipped, clock, why));
        }
    }
    for (word, why) in [
        ("panic!", "say what is wrong with a value instead"),
        (".unwrap()", "handle it, or `expect` what must hold"),
    ] {
        found.extend(each(source, &source.shipped, word, why));
    }
    found
}

/// Says what a file of tests must not hold.
pub fn of_tests(source: &Source) -> Vec<String> {
    if SLEEPERS.contains(&source.path.as_str()) {
        return Vec::new();
    }
    let why = "wait for what you wait for, not for a while";
    let sleeps = ["sleep(", "sleep_until("].into_iter();
    sleeps
        .flat_map(|word| each(source, &source.code, word, why))
        .collect()
}

/// Says what no file may hold.
pub fn of_all(source: &Source) -> Vec<String> {
    let mut found: Vec<String> = ["todo!", "unimplemented!"]
        .into_iter()
        .flat_map(|word| each(source, &source.code, word, "finish it"))
        .collect();
    let code = &source.code;
    let attributes = ["#[", "#!["].into_iter();
    for (at, open) in attributes.flat_map(|it| code.match_indices(it)) {
        let attribute = &code[at..closing(code, at + open.len() - 1)];
        if words(attribute, "allow").next().is_some() {
            let at = source.at(at);
            found.push(format!("{at}: `allow`: write `expect` with a reason"));
        }
    }
    found
}

fn each(source: &Source, code: &str, word: &str, why: &str) -> Vec<String> {
    words(code, word)
        .map(|at| format!("{}: `{word}`: {why}", source.at(at)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many complaints `check` has about `text`.
    fn count(check: fn(&Source) -> Vec<String>, path: &str, text: &str) -> usize {
        check(&Source::new(path, text)).len()
    }

    #[test]
    fn a_file_is_capped_and_its_tests_are_not() {
        let lines = |count: usize| "// line\n".repeat(count);
        assert_eq!(count(sizes, "src/a.rs", &lines(500)), 0);
        assert_eq!(
            sizes(&Source::new("src/a.rs", &lines(501))),
            ["src/a.rs:1: 501 lines, 500 are allowed"]
        );
        let tests = format!(
            "#[cfg(test)]\nmod tests {{\n{}}}\n",
            "fn a() {}\n".repeat(200)
        );
        assert_eq!(count(sizes, "src/a.rs", &(lines(500) + &tests)), 0);
        assert_eq!(count(sizes, "src/a.rs", &(tests + &lines(501))), 1);
        assert_eq!(
            count(sizes, "src/a/tests.rs", &"fn a() {}\n".repeat(600)),
            0
        );
    }

    #[test]
    fn a_function_is_capped_whatever_its_text_looks_like() {
        let function = |lines: usize| {
            let body = "    f(\"}\", '}', r#\"}\"#); // }\n".repeat(lines - 2);
            format!("type T = fn(u8);\nfn long<'a>(a: [u8; 2]) -> T {{\n{body}}}\n")
        };
        assert_eq!(count(sizes, "src/a.rs", &function(70)), 0);
        assert_eq!(
            sizes(&Source::new("src/a.rs", &function(71))),
            ["src/a.rs:2: long has 71 lines, 70 are allowed"]
        );
        let declared = format!("trait A {{ fn b();{} }}", "\n".repeat(80));
        assert_eq!(count(sizes, "src/a.rs", &declared), 0);
    }

    #[test]
    fn a_source_file_says_what_it_is_and_keeps_the_rules() {
        let check = |path, code: &str| count(of_src, path, &format!("//! A.\n{code}"));
        assert_eq!(count(of_src, "src/a.rs", "fn a() {}"), 1);
        assert_eq!(check("src/a.rs", "fn a() { b.expect(\"c\") } // panic!"), 0);
        assert_eq!(check("src/a.rs", "use sqlx::Pool;"), 1);
        assert_eq!(check("src/a.rs", "use rusqlite::Connection;"), 1);
        assert_eq!(check("src/store/a.rs", "use sqlx::Pool;"), 0);
        assert_eq!(check("src/a.rs", "fn a() { chrono::Utc::now() }"), 1);
        assert_eq!(
            check("src/a.rs", "fn a() { Instant::now(); SystemTime::now() }"),
            2
        );
        assert_eq!(check("src/engine/clock.rs", "fn a() { Utc::now() }"), 0);
        assert_eq!(check("src/a.rs", "fn a() { panic!(\"b\") }"), 1);
        assert_eq!(check("src/a.rs", "fn a() { b.unwrap() }"), 1);
        assert_eq!(check("src/a.rs", "fn a() { b.unwrap_or_default() }"), 0);
        assert_eq!(
            check("src/a.rs", "#[cfg(test)] mod t { fn a() { b.unwrap() } }"),
            0
        );
    }

    #[test]
    fn tests_do_not_sleep() {
        assert_eq!(
            count(of_tests, "tests/a.rs", "thread::sleep(b); // sleep(c)"),
            1
        );
        assert_eq!(count(of_tests, "tests/a.rs", "a.sleepy()"), 0);
    }

    #[test]
    fn nothing_is_silenced_or_left_to_do() {
        assert_eq!(count(of_all, "src/a.rs", "#![allow(dead_code)]"), 1);
        assert_eq!(count(of_all, "src/a.rs", "#[cfg_attr(x, allow(y))]"), 1);
        assert_eq!(
            count(
                of_all,
                "src/a.rs",
                "#[expect(y, reason = \"allow\")] fn allow() {}"
            ),
            0
        );
        assert_eq!(count(of_all, "src/a.rs", "fn a() { todo!() }"), 1);
        assert_eq!(count(of_all, "src/a.rs", "fn a() { unimplemented!() }"), 1);
    }
}
