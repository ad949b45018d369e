//! What happens when the program itself fails. The program has no door for that, so this one
//! starts itself in a terminal, as a console whose engine fails while it is opened: that is
//! the loop of the program, only what it is told to open is another.

use std::env;

use chrono::Utc;
use flightdeck::{
    domain::{tenant::role::Role, zone::Zone},
    session::Session,
    tui::{
        console::{Console, Identity},
        keymap::{Keymap, Overrides},
        logbook::Logbook,
        run::{self, Place},
        theme::{Depth, Theme},
    },
};

use crate::{
    desk::{Desk, caller},
    terminal::{Left, Terminal},
};

/// What fails, where this program is to be the console.
const FAILS: &str = "CONSOLE_THAT_FAILS";

/// Not a test of its own: the console that the others start.
#[test]
fn console() {
    let Ok(what) = env::var(FAILS) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(fail(&what));
}

async fn fail(what: &str) {
    let desk = Desk::sqlite("2026-06-15T12:00:00Z").await;
    let caller = caller("acme", Role::Trafficker);
    let session = Session::embedded(desk.core.clone(), caller.clone());
    let identity = Identity {
        caller,
        engine: "embedded".into(),
        read_only: false,
        keeps_house: false,
        zone: Zone::UTC,
    };
    let keymap = Keymap::new(&Overrides::new()).expect("the keymap");
    let theme = Theme::named("dark", Depth::Palette, false).expect("a theme");
    let console = Console::new(identity, keymap, theme, Logbook::new(), Utc::now());
    let open = async {
        match what {
            // Polled by the loop itself.
            "loop" => panic!("the loop fails"),
            "thread" => drop(std::thread::spawn(|| panic!("a thread fails"))),
            "task" => drop(tokio::spawn(async { panic!("a task fails") })),
            _ => {
                let task = tokio::task::spawn_blocking(|| panic!("blocking work fails"));
                task.await.expect_err("it fails");
            }
        }
        Ok::<_, ()>(run::First::Open(Box::new(session)))
    };
    let left = run::run(console, Place::default(), open).await;
    assert!(matches!(left, Ok(run::Left::Quit)), "{left:?}");
}

fn started(what: &str) -> Terminal {
    Terminal::start(
        env::current_exe().expect("this program"),
        &["--exact", "failing::console", "--nocapture"],
        &[(FAILS, what)],
        &env::temp_dir(),
        (100, 30),
    )
}

#[test]
fn a_panic_of_the_loop_is_read_on_the_terminal_as_it_was_before() {
    let mut console = started("loop");
    // As a program of tests ends that failed.
    assert_eq!(console.wait_for_end().exit_code(), 101);
    assert_eq!(console.left(), Left(vec![]));
    let said = console.screen_text();
    assert!(said.contains("the loop fails"), "{said}");
    assert!(said.contains("tests/console/failing.rs"), "{said}");
    let bytes = console.bytes_since_mark();
    let text = String::from_utf8_lossy(&bytes);
    let before = text.split("the loop fails").next().unwrap_or_default();
    assert!(before.contains("\x1b[?1049l"), "it is said after the end");
}

#[test]
fn a_panic_behind_the_loop_is_told_and_the_console_goes_on() {
    for (what, said) in [
        ("task", "a task fails"),
        ("thread", "a thread fails"),
        ("blocking", "blocking work fails"),
    ] {
        let mut console = started(what);
        console.wait_for_text(&format!("a background task failed: {said}; see the log"));
        console.wait_for(vt100::Screen::alternate_screen);
        let bytes = console.bytes_since_mark();
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("panicked at"), "nothing else writes: {text}");
        console.type_keys("?");
        console.wait_for_text("Keys that work here");
        console.type_keys("<ctrl-c>");
        assert_eq!(console.wait_for_end().exit_code(), 0);
        assert_eq!(console.left(), Left(vec![]));
    }
}
