//! What terminals with few colours, or few characters, are sent.

use crate::{
    home::{Home, SIZES, leave},
    terminal::Terminal,
};

/// Every byte of a console that was opened, worked with and left.
fn bytes_of(flags: &[&str], environment: &[(&str, &str)], name: &str) -> (Vec<u8>, Terminal) {
    let home = Home::with_jobs(&[name]);
    let mut console = home.opens_with(flags, environment, SIZES[1]);
    console.wait_for_text("live");
    console.wait_for(|screen| screen.contents().matches("awaiting approval").count() > 1);
    console.type_keys("x");
    console.wait_for_text("Cancel 1 job");
    console.type_keys("<esc>");
    console.wait_for(|screen| !screen.contents().contains("Cancel 1 job"));
    console.type_keys(":jobs");
    console.wait_for_text("Go to");
    console.type_keys("<esc>");
    console.wait_for(|screen| !screen.contents().contains("Go to"));
    (console.bytes_since_mark(), console)
}

/// The numbers of every sequence that sets colours and attributes.
fn attributes(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let sequences = text.split("\x1b[").skip(1).filter_map(|rest| {
        let end = rest.find(|c: char| !matches!(c, '0'..='9' | ';'))?;
        rest[end..].starts_with('m').then(|| rest[..end].to_owned())
    });
    sequences.collect()
}

/// The colours among them: as `31`, `38;5;208` or `38;2;1;2;3`.
fn colours(attributes: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for sequence in attributes {
        let mut numbers = sequence
            .split(';')
            .map(|number| number.parse().unwrap_or(0));
        while let Some(number) = numbers.next() {
            match number {
                38 | 48 => {
                    let depth: u16 = numbers.next().unwrap_or(0);
                    let count = if depth == 2 { 3 } else { 1 };
                    let rest: Vec<String> = numbers
                        .by_ref()
                        .take(count)
                        .map(|it: u16| it.to_string())
                        .collect();
                    found.push(format!("{number};{depth};{}", rest.join(";")));
                }
                30..=49 | 90..=107 => found.push(number.to_string()),
                _ => {}
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

#[test]
fn no_colour_means_none_and_the_cursor_is_seen_all_the_same() {
    for environment in [&[("NO_COLOR", "1")][..], &[("TERM", "vt220")]] {
        let (bytes, console) = bytes_of(&[], environment, "Game Night");
        let all = attributes(&bytes);
        assert_eq!(colours(&all), [""; 0], "{environment:?}");
        assert!(all.iter().any(|one| one.split(';').any(|it| it == "7")));
        console.wait_for(|screen| {
            let (height, width) = screen.size();
            (2..height.get() - 1).any(|y| {
                let reversed = |x: &u16| screen.cell(y, *x).is_some_and(vt100::Cell::inverse);
                let cells: String = (0..width.get())
                    .filter(reversed)
                    .filter_map(|x| screen.cell(y, x))
                    .map(|cell| cell.contents().to_owned())
                    .collect();
                cells.contains("Game")
            })
        });
        leave(console);
    }
}

#[test]
fn a_terminal_is_sent_no_more_colours_than_it_has() {
    for (environment, most) in [
        (&[("TERM", "xterm")][..], 1),
        (&[("TERM", "xterm-256color")], 5),
        (&[("TERM", "xterm"), ("COLORTERM", "truecolor")], 2),
    ] {
        let (bytes, console) = bytes_of(&[], environment, "Game Night");
        let all = colours(&attributes(&bytes));
        assert!(!all.is_empty(), "{environment:?} has colours");
        let depth = |one: &String| match one.split(';').nth(1) {
            None => 1,
            Some(depth) => depth.parse().unwrap_or(0),
        };
        let deep = all.iter().map(depth).filter(|depth| *depth > 1);
        let deep: Vec<u16> = deep.collect();
        assert!(
            deep.iter().all(|depth| *depth == most),
            "{environment:?}: {all:?}"
        );
        assert_eq!(deep.is_empty(), most == 1, "{environment:?}: {all:?}");
        leave(console);
    }
}

#[test]
fn where_there_is_only_ascii_nothing_else_is_sent() {
    for (flags, environment) in [
        (&[][..], &[("LANG", "C"), ("TERM", "xterm")][..]),
        (&["--ascii"], &[]),
    ] {
        let (bytes, console) = bytes_of(flags, environment, "Été 夏 – a name that is longer");
        let strange = String::from_utf8_lossy(&bytes);
        let strange: String = strange.chars().filter(|c| !c.is_ascii()).collect();
        assert_eq!(strange, "", "{environment:?}");
        console.wait_for_text("?t? ?? ");
        leave(console);
    }
}
