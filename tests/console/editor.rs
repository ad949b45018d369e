//! The person's own editor: it has the terminal to itself, and gives back a text.

use std::fs;

use crate::{
    home::{Home, brief, leave},
    terminal::Terminal,
};

/// An editor that shows that it is there, takes a line, and writes what lies beside it.
const EDITOR: &str = "printf '\\033[2Jthe editor of %s' \"$2\"; stty -a > modes; env > given; read line; \
    echo \"it took $line\"; test \"$line\" = keep && cp edited.json \"$3\"";

fn opened(home: &Home) -> Terminal {
    fs::write(home.path().join("editor.sh"), EDITOR).expect("a file at home");
    let edited = brief("Harbour Lights").to_string();
    fs::write(home.path().join("edited.json"), edited).expect("a file at home");
    let mut console = home.opens_with(&[], &[("EDITOR", "sh editor.sh -f me")], (120, 40));
    console.wait_for_text("live");
    console.type_keys("n");
    console.wait_for_text("New brief");
    console.type_keys("<ctrl-e>");
    console.wait_for_text("the editor of me");
    console.wait_for(|screen| !screen.alternate_screen() && !screen.hide_cursor());
    assert!(!console.screen_text().contains("New brief"));
    console
}

#[test]
fn a_brief_goes_to_the_editor_and_comes_back() {
    let home = Home::new();
    let mut console = opened(&home);
    console.type_keys("keep<enter>");
    console.wait_for(vt100::Screen::alternate_screen);
    console.wait_for_text("Harbour Lights");
    assert!(!console.screen_text().contains("it took"), "drawn anew");
    let modes = fs::read_to_string(home.path().join("modes")).expect("modes");
    for mode in ["icanon", "echo", "isig", "opost"] {
        let has = modes.split_whitespace().any(|one| one == mode);
        assert!(has, "{mode} in {modes}");
    }
    // What the console sets for itself alone is not handed on.
    let given = fs::read_to_string(home.path().join("given")).expect("variables");
    assert!(given.contains("EDITOR=sh editor.sh"), "{given}");
    for own in ["MALLOC_ARENA_MAX", "GLIBC_TUNABLES"] {
        assert!(!given.contains(own), "{given}");
    }
    console.type_keys("<ctrl-c>");
    console.wait_for_text("The brief is not sent, and leaving loses it");
    console.type_keys("<down><enter>");
    assert_eq!(console.wait_for_end().exit_code(), 0);
}

#[test]
fn an_editor_that_fails_changes_nothing() {
    let home = Home::new();
    let mut console = opened(&home);
    console.type_keys("no<enter>");
    console.wait_for(vt100::Screen::alternate_screen);
    console.wait_for_text("nothing was changed");
    assert!(!console.screen_text().contains("Harbour Lights"));
    leave(console);
}

#[test]
fn what_ends_the_console_ends_it_while_somebody_edits() {
    let home = Home::new();
    let mut console = opened(&home);
    console.signal(rustix::process::Signal::TERM);
    console.type_keys("keep<enter>");
    assert_eq!(console.wait_for_end().exit_code(), 143);
    assert_eq!(console.left(), crate::terminal::Left(vec![]));
}
