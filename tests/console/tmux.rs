//! The program under tmux: keys go in through `tmux send-keys`, pictures come out through
//! `tmux capture-pane`; what we wait for is what tmux shows whoever sits before it.

use std::{
    env,
    io::{self, Write as _},
    process::{Command, Output},
};

use crate::{
    home::{Home, PROGRAM},
    terminal::Terminal,
};

/// A tmux of its own, with somebody before it.
struct Tmux<'a> {
    home: &'a Home,
    seen: Terminal,
}

/// Whether tmux is there; says in one line where it is not.
///
/// # Panics
/// Where it would skip, if `FLIGHTDECK_REQUIRE_TMUX=1`: a skipped test is no passed test.
fn is_there(test: &str) -> bool {
    let Err(reason) = Command::new("tmux").arg("-V").output() else {
        return true;
    };
    let required = env::var("FLIGHTDECK_REQUIRE_TMUX").is_ok_and(|it| it == "1");
    assert!(!required, "{test} needs tmux: {reason}");
    // Written to the stream itself: the test harness hides what `eprintln!` says.
    writeln!(io::stderr(), "SKIPPED {test}: tmux: {reason}").expect("stderr is open");
    false
}

impl<'a> Tmux<'a> {
    /// Opens the console in it.
    fn opens(home: &'a Home, size: (u16, u16)) -> Self {
        let settings = "set -g status off\nset -g default-terminal tmux-256color\n\
            set -s escape-time 0\n";
        std::fs::write(home.path().join("tmux.conf"), settings).expect("settings");
        let program = format!("{PROGRAM}; echo ended with $?; cat");
        let arguments = ["-S", "tmux", "-f", "tmux.conf", "new-session", &program];
        let environment = home.environment();
        let seen = Terminal::start("tmux", &arguments, &environment, home.path(), size);
        seen.wait_for_text("live");
        Self { home, seen }
    }

    #[track_caller]
    fn tells(&self, arguments: &[&str]) -> Output {
        let ran = Command::new("tmux")
            .args(["-S", "tmux"])
            .args(arguments)
            .current_dir(self.home.path())
            .output()
            .expect("tmux");
        let said = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "{arguments:?}: {said}");
        ran
    }

    #[track_caller]
    fn types(&self, keys: &[&str]) {
        self.tells(&[&["send-keys"], keys].concat());
    }

    /// What tmux holds for the pane; it must be what it shows.
    #[track_caller]
    fn sees(&self, text: &str) {
        self.seen.wait_for_text(text);
        let held = self.tells(&["capture-pane", "-p"]).stdout;
        let held = String::from_utf8(held).expect("text");
        assert!(held.contains(text), "no {text:?} in\n{held}");
    }
}

/// Its server would go on without us.
impl Drop for Tmux<'_> {
    fn drop(&mut self) {
        let mut end = Command::new("tmux");
        end.args(["-S", "tmux", "kill-server"]);
        // It may have ended long ago, or never have begun.
        drop(end.current_dir(self.home.path()).output());
    }
}

#[test]
fn a_story_under_tmux() {
    if !is_there("a_story_under_tmux") {
        return;
    }
    let home = Home::with_jobs(&["Back to School", "Spring Launch"]);
    let mut tmux = Tmux::opens(&home, (80, 24));
    tmux.sees("1 Jobs (2)");
    tmux.types(&["/", "bts"]);
    tmux.sees("Jobs · 1 of 2");
    tmux.types(&["Enter"]);
    tmux.sees("Back to School · awaiting approval");
    tmux.types(&["Escape"]);
    tmux.sees("Spring Launch");
    tmux.types(&["?"]);
    tmux.sees("Keys that work here");
    tmux.types(&["Escape"]);
    tmux.types(&[":"]);
    tmux.types(&["-l", "school"]);
    tmux.sees("Back to School");
    tmux.types(&["Enter"]);
    tmux.sees("Back to School · awaiting approval");
    tmux.types(&["x"]);
    tmux.sees("Type Back to School to agree");
    tmux.types(&["-l", "Back to School"]);
    tmux.types(&["Enter"]);
    tmux.sees("[>cancel for good<]");
    tmux.types(&["Enter"]);
    tmux.sees("Back to School is cancelled");
    // Another size: what tmux holds is what we draw.
    tmux.seen.resize(120, 40);
    tmux.sees("brief ✓ allocated");
    tmux.types(&["C-c"]);
    tmux.sees("ended with 0");
    // What was there before comes back, and no mode of ours is left in the pane.
    let left = "#{alternate_on}#{mouse_any_flag}#{cursor_flag}#{wrap_flag}";
    let left = tmux.tells(&["display-message", "-p", left]).stdout;
    assert_eq!(String::from_utf8_lossy(&left).trim(), "0011");
    tmux.tells(&["kill-server"]);
    tmux.seen.wait_for_end();
}
