//! How the program behaves in a terminal: whatever ends it, the terminal is as it was found.

use std::{process::Stdio, time::Duration};

use rustix::process::Signal;

use crate::{
    home::{Home, PROGRAM, SIZES, leave},
    terminal::{Left, PATIENCE, Terminal},
};

/// Opened, and at work.
fn opened(home: &Home, environment: &[(&str, &str)], size: (u16, u16)) -> Terminal {
    let console = home.opens_with(&[], environment, size);
    console.wait_for_text("live");
    console
}

/// The program has ended with this code, and nothing of it is left.
#[track_caller]
fn ended(mut console: Terminal, code: u32) {
    assert_eq!(console.wait_for_end().exit_code(), code);
    assert_eq!(console.left(), Left(vec![]));
}

#[test]
fn it_has_the_terminal_to_itself_and_gives_it_back() {
    let home = Home::new();
    let console = opened(&home, &[], SIZES[0]);
    // Everything but the cursor, which is where somebody types.
    assert_eq!(console.left().0.len(), 8, "{:?}", console.left());
    leave(console);
}

/// Its threads take turns, so one heap is enough; to others it is the program that was started.
#[test]
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn it_goes_on_with_one_heap_and_under_its_own_name() {
    let home = Home::new();
    let console = opened(&home, &[], SIZES[0]);
    let id = console.id();
    let about = |what: &str| std::fs::read_to_string(format!("/proc/{id}/{what}")).expect(what);
    assert_eq!(about("comm"), "flightdeck\n");
    let told = about("environ");
    let mut told: Vec<&str> = told
        .split('\0')
        .filter(|it| it.contains("MALLOC") || it.contains("GLIBC"))
        .collect();
    told.sort_unstable();
    let wanted = [
        "GLIBC_TUNABLES=glibc.malloc.tcache_count=0",
        "MALLOC_ARENA_MAX=1",
    ];
    assert_eq!(told, wanted);
    leave(console);
}

#[test]
fn signals_end_it_with_their_number() {
    let home = Home::new();
    for (signal, code) in [
        (Signal::HUP, 129),
        (Signal::INT, 130),
        (Signal::QUIT, 131),
        (Signal::TERM, 143),
    ] {
        let mut console = opened(&home, &[], SIZES[0]);
        // Not even a question keeps it.
        console.type_keys("?");
        console.wait_for_text("Keys that work here");
        console.signal(signal);
        ended(console, code);
    }
}

#[test]
fn a_signal_at_any_moment_of_the_start_leaves_nothing() {
    let home = Home::new();
    for bytes in [0, 1, 20, 200, 2000] {
        let mut console = home.opens(SIZES[1]);
        console.wait_for_bytes(bytes);
        console.signal(Signal::TERM);
        console.wait_for_end();
        assert_eq!(console.left(), Left(vec![]), "after {bytes} bytes");
    }
}

/// A shell that knows of jobs, in which the console is opened.
fn in_a_shell(home: &Home) -> Terminal {
    let environment = [&home.environment()[..], &[("PS1", "$ ")]].concat();
    let mut shell = Terminal::start(
        "/bin/bash",
        &["--norc", "--noprofile", "-i"],
        &environment,
        home.path(),
        (100, 30),
    );
    shell.wait_for_text("$");
    shell.send(format!("{PROGRAM}\r").as_bytes());
    shell.wait_for_text("live");
    shell
}

/// The process in the shell; it says its number on the shell's screen.
fn stops_and_goes_on(shell: &mut Terminal, stop: impl FnOnce(&mut Terminal)) {
    stop(shell);
    shell.wait_for(|screen| !screen.alternate_screen() && !screen.hide_cursor());
    shell.wait_for_text("Stopped");
    shell.type_keys("echo in$((1+1))shell<enter>");
    shell.wait_for_text("in2shell");
    shell.type_keys("clear; fg<enter>");
    shell.wait_for(vt100::Screen::alternate_screen);
    shell.wait_for_text("There are no booking jobs yet.");
}

#[test]
fn ctrl_z_gives_the_terminal_to_the_shell_and_fg_takes_it_back() {
    let home = Home::new();
    let mut shell = in_a_shell(&home);
    for _ in 0..2 {
        stops_and_goes_on(&mut shell, |shell| shell.type_keys("<ctrl-z>"));
    }
    shell.type_keys("?");
    shell.wait_for_text("Keys that work here");
    shell.type_keys("<ctrl-z>");
    shell.wait_for(|screen| !screen.alternate_screen());
    shell.wait_for_text("Stopped");
    shell.type_keys("fg<enter>");
    shell.wait_for_text("Keys that work here");
    shell.type_keys("<ctrl-c>");
    // What is typed before the shell asks again is thrown away with what the mouse said.
    shell.wait_for(|screen| {
        !screen.alternate_screen() && screen.contents().trim_end().ends_with('$')
    });
    shell.type_keys("echo code $?<enter>");
    shell.wait_for_text("code 0");
    shell.type_keys("exit<enter>");
    shell.wait_for_end();
    assert_eq!(shell.left(), Left(vec![]));
}

#[test]
fn others_may_stop_it_kindly_or_not() {
    let home = Home::new();
    let mut shell = in_a_shell(&home);
    let program = child_of(shell.id());
    let tell = |signal| move |_: &mut Terminal| crate::terminal::tell(program, signal);
    stops_and_goes_on(&mut shell, tell(Signal::TSTP));
    // Without a word: the shell finds the terminal as we had it, and sets it right itself.
    tell(Signal::STOP)(&mut shell);
    shell.wait_for_text("Stopped");
    shell.send(b"fg\r");
    shell.wait_for(|screen| {
        let text = screen.contents();
        text.contains("There are no booking jobs yet.") && !text.contains("Stopped")
    });
    shell.type_keys("<ctrl-c>");
    // What is typed before the shell asks again is thrown away with what the mouse said.
    shell.wait_for(|screen| {
        !screen.alternate_screen() && screen.contents().trim_end().ends_with('$')
    });
    shell.type_keys("exit<enter>");
    shell.wait_for_end();
    assert_eq!(shell.left(), Left(vec![]));
}

/// The only child of a process.
fn child_of(id: u32) -> u32 {
    let path = format!("/proc/{id}/task/{id}/children");
    let children = std::fs::read_to_string(path).expect("its children");
    children.trim().parse().expect("one child")
}

#[test]
fn where_nobody_could_let_it_go_on_ctrl_z_stops_nothing() {
    let home = Home::new();
    let mut console = opened(&home, &[], SIZES[0]);
    console.mark();
    console.type_keys("<ctrl-z>");
    // Everything is drawn again.
    console.wait_for_bytes(500);
    console.wait_for_text("no shell is there that could let us go on");
    console.type_keys("?");
    console.wait_for_text("Keys that work here");
    // What comes in one piece with it is not lost.
    console.send(b"\x1aq");
    console.wait_for(|screen| !screen.contents().contains("Keys that work here"));
    console.send(b"\x1a?");
    console.wait_for_text("Keys that work here");
    leave(console);
}

#[test]
fn a_cut_line_ends_it_within_a_second_and_without_work() {
    let home = Home::with_jobs(&["Game Night"]);
    let mut console = opened(&home, &[], SIZES[1]);
    console.wait_for_text("Game Night · awaiting approval");
    let before = console.spent();
    console.hang_up();
    let (status, spent) = console.wait_for_end_within(Duration::from_secs(1));
    assert_eq!(status.exit_code(), 129);
    let spent = spent.saturating_sub(before);
    assert!(spent < Duration::from_millis(250), "{spent:?} of work");
}

#[test]
fn where_there_is_no_console_a_sentence_says_so() {
    let home = Home::new();
    for term in ["dumb", ""] {
        let mut dumb = home.opens_with(&[], &[("TERM", term)], SIZES[0]);
        assert_eq!(dumb.wait_for_end().exit_code(), 2);
        assert!(dumb.screen_text().contains("flightdeck jobs list"));
        assert!(!dumb.bytes_since_mark().contains(&0x1b), "no raw mode");
        assert_eq!(dumb.left(), Left(vec![]));
    }
    let piped = std::process::Command::new(PROGRAM)
        .env_clear()
        .envs(home.environment())
        .env("TERM", "xterm")
        .stdin(Stdio::null())
        .output()
        .expect("it runs");
    let said = String::from_utf8(piped.stderr).expect("text");
    assert_eq!(piped.status.code(), Some(2), "{said}");
    assert!(said.contains("needs a terminal") && piped.stdout.is_empty());
    assert!(!home.path().join("data").exists(), "nothing was begun");
}

/// What is to be seen: a blank that was drawn over something ends a line like one that never was.
fn lines(text: &str) -> Vec<String> {
    text.lines()
        .map(|line| line.trim_end().to_owned())
        .collect()
}

#[test]
fn resized_to_nothing_and_back_the_picture_is_right() {
    let home = Home::with_jobs(&["Game Night", "Spring Launch"]);
    let mut console = opened(&home, &[], SIZES[1]);
    console.wait_for_text("brief ✓ allocated");
    let before = lines(&console.screen_text());
    for (width, height, seen) in [
        (300, 100, "brief ✓ allocated"),
        (200, 60, "brief ✓ allocated"),
        (80, 24, "brief ✓ allocated"),
        (40, 10, "Spring Launch"),
        (39, 9, "make me larger: 40x10"),
        (20, 4, "needs 40x10"),
        (2, 2, "+"),
        (7, 7, "40x10"),
        (1, 1, "+"),
        (300, 1, "make me larger: 40x10"),
        (1, 100, "+"),
    ] {
        console.resize(width, height);
        console.wait_for(|screen| {
            let (high, wide) = screen.size();
            (wide.get(), high.get()) == (width, height) && screen.contents().contains(seen)
        });
        console.type_keys("jk");
    }
    console.resize(120, 40);
    console.wait_for(|screen| lines(&screen.contents()) == before);
    leave(console);
}

#[test]
fn many_sizes_at_once_end_in_the_last_one() {
    let home = Home::with_jobs(&["Game Night"]);
    let console = opened(&home, &[], SIZES[1]);
    console.wait_for_text("Game Night · awaiting approval");
    let before = lines(&console.screen_text());
    for size in 1..100 {
        console.resize(3 * size, size);
    }
    console.resize(120, 40);
    console.wait_for(|screen| lines(&screen.contents()) == before);
    leave(console);
}

#[test]
fn a_paste_presses_no_key() {
    let home = Home::with_jobs(&["Game Night"]);
    let mut console = opened(&home, &[], SIZES[1]);
    console.wait_for_text("Game Night");
    // Nor does what comes as quickly as a paste, without its brackets.
    console.send(b"xGame Night\r\rthis is no hand that types\r");
    console.wait_for_text("a paste presses no keys here");
    for pasted in ["x", "\u{3}", "xGame Night\r\r\r", "n?:"] {
        console.paste(pasted);
        console.wait_for_text("a paste presses no keys here");
        assert!(!console.screen_text().contains("Type Game Night"));
    }
    console.type_keys("?");
    console.wait_for_text("Keys that work here");
    console.type_keys("<esc>");
    console.wait_for(|screen| !screen.contents().contains("Keys that work here"));
    // Where text is typed it is text, on one line.
    console.type_keys("/");
    console.paste("game\rnight");
    console.wait_for_text("Jobs · 1");
    leave(console);
    assert_eq!(home.jobs()[0].1, "awaiting_approval");
}

#[test]
fn an_idle_console_is_silent_and_does_no_work() {
    let home = Home::with_jobs(&["Game Night"]);
    let console = opened(&home, &[], SIZES[1]);
    console.wait_for_text("Game Night · awaiting approval");
    // What is marked as new has grown old by then.
    let quiet = Duration::from_secs(3);
    console.wait_until_silent_for(quiet, PATIENCE);
    let before = console.spent();
    assert!(console.is_silent_for(quiet), "it writes for no reason");
    let spent = console.spent().saturating_sub(before);
    assert!(spent < Duration::from_millis(150), "{spent:?} of work");
    leave(console);
}
