//! The terminal that the other tests run the program in, tried on programs that everybody has.

use std::path::Path;

use rustix::process::Signal;

use crate::terminal::{Left, Terminal};

fn cat() -> Terminal {
    // What comes back from a terminal that echoes, and once more from the program.
    Terminal::start("/bin/cat", &[] as &[&str], &[], Path::new("/"), (40, 10))
}

/// A shell that does as it is told.
fn shell(script: &str) -> Terminal {
    Terminal::start(
        "/bin/sh",
        &["-c", script],
        &[("WORD", "hello")],
        Path::new("/"),
        (40, 10),
    )
}

#[test]
fn keys_go_in_and_a_screen_comes_out() {
    let mut cat = cat();
    cat.type_keys("été <lt>x><enter>");
    cat.wait_for(|screen| screen.contents().matches("été <x>").count() == 2);
    cat.mark();
    cat.paste("more");
    cat.wait_for_text("[200~more");
    assert!(cat.bytes_since_mark().ends_with(b"more^[[201~"));
    cat.type_keys("<enter><ctrl-d>");
    assert!(cat.wait_for_end().success());
    assert_eq!(cat.left(), Left(vec![]));
}

#[test]
fn the_program_itself_runs_in_it() {
    let program = env!("CARGO_BIN_EXE_flightdeck");
    let mut help = Terminal::start(program, &["--help"], &[], Path::new("/"), (100, 60));
    assert!(help.wait_for_end().success());
    assert!(help.screen_text().contains("operations console"));
    assert_eq!(help.left(), Left(vec![]));
}

#[test]
fn a_size_and_a_signal_arrive() {
    let mut shell = shell(
        "trap 'stty size' WINCH; trap 'echo $WORD; exit 7' USR1; echo up; while :; do read x; done",
    );
    shell.wait_for_text("up");
    shell.resize(50, 12);
    shell.wait_for_text("12 50");
    shell.signal(Signal::USR1);
    shell.wait_for_text("hello");
    assert_eq!(shell.wait_for_end().exit_code(), 7);
}

#[test]
fn what_was_left_behind_is_seen() {
    let mut shell =
        shell("stty raw -echo; printf '\\033[?1049h\\033[?25l\\033[?2004h\\033[?1000h'");
    shell.wait_for_end();
    assert_eq!(shell.left().0.len(), 8, "{:?}", shell.left());
}

#[test]
fn a_cut_line_ends_who_listens() {
    // One that does not end because there is nothing more to read.
    let mut shell = shell("while :; do read line; done");
    shell.type_keys("here<enter>");
    shell.wait_for_text("here");
    let id = shell.id();
    shell.hang_up();
    assert!(!shell.wait_for_end().success(), "{id} was hung up");
}
