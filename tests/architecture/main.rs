//! The house rules, read from the sources themselves: which way a module may look, how long a
//! file or a function may be, and what nobody writes. Each says `file:line` and what is wrong.

use std::{fs, path::Path};

use lexer::Source;

mod caps;
mod direction;
mod lexer;

/// Every Rust file below a top-level directory of the crate, in order.
fn sources(directory: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut directories = vec![root.join(directory)];
    while let Some(directory) = directories.pop() {
        // Not every tree has benches.
        for entry in fs::read_dir(&directory).into_iter().flatten() {
            let path = entry.expect("a readable directory").path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                let text = fs::read_to_string(&path).expect("a source file is text");
                let path = path.strip_prefix(root).expect("below the root");
                let path = path.to_str().expect("a plain name").replace('\\', "/");
                found.push(Source::new(&path, &text));
            }
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

/// Fails with everything that `check` says about the files below `directories`.
#[track_caller]
fn hold(directories: &[&str], check: fn(&Source) -> Vec<String>) {
    let sources = directories.iter().flat_map(|it| sources(it));
    let found: Vec<String> = sources.flat_map(|it| check(&it)).collect();
    assert!(found.is_empty(), "\n\n{}\n", found.join("\n"));
}

#[test]
fn modules_look_one_way() {
    assert!(!sources("src").is_empty(), "the sources are found");
    hold(&["src"], direction::check);
}

#[test]
fn files_and_functions_are_short() {
    hold(&["src"], caps::sizes);
}

#[test]
fn sources_say_what_they_are_and_hold_nothing_forbidden() {
    hold(&["src"], caps::of_src);
}

#[test]
fn tests_do_not_sleep() {
    hold(&["tests"], caps::of_tests);
}

#[test]
fn nothing_is_silenced_or_left_to_do() {
    hold(&["src", "tests", "benches"], caps::of_all);
}
