//! The terminal: taken over once, and left as it was found, whatever ends us. Refuses to be
//! taken over where there is none, and asks it nothing: late answers would end in the shell.

use std::{
    cell::Cell,
    env, io,
    io::IsTerminal as _,
    os::fd::AsFd as _,
    panic,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use rustix::{
    event::{PollFd, PollFlags, poll},
    io::Errno,
    termios::{
        OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcgetwinsize, tcsetattr,
    },
};
use tokio::sync::mpsc;

use super::theme::Depth;

/// Alternate screen, pastes in brackets, no cursor, no wrapping at the right edge.
const ENTER: &[u8] = b"\x1b[?1049h\x1b[?2004h\x1b[?25l\x1b[?7l";
/// Clicks, drags and the wheel; never every movement.
const MOUSE: &[u8] = b"\x1b[?1000h\x1b[?1002h\x1b[?1006h";
/// Everything back, whether it was changed or not; a frame that was cut off is ended first.
const LEAVE: &[u8] = b"\x1b\\\x1b[?2026l\x1b[m\x1b[r\x1b[?1006l\x1b[?1002l\x1b[?1000l\x1b[?7h\x1b[?2004l\x1b[?25h\x1b[?1049l";

/// How the terminal was before us, while we have it.
static FOUND: Mutex<Option<Termios>> = Mutex::new(None);
/// Whether the terminal is ours at this moment.
static OURS: AtomicBool = AtomicBool::new(false);
/// Whether the mouse speaks.
static SPEAKS: AtomicBool = AtomicBool::new(false);
/// Whether nobody is at the other end any more.
static GONE: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// Whether this thread draws.
    static DRAWS: Cell<bool> = const { Cell::new(false) };
}

/// How many panics of background tasks are kept until the console asks.
const MOST_PANICS: usize = 16;

/// The terminal, ours until it is left or dropped.
#[derive(Debug)]
pub struct Terminal {
    mouse: bool,
}

impl Terminal {
    /// Takes the terminal over, with the mouse or without. Signals must be watched by then,
    /// and this thread must be the one that draws.
    ///
    /// # Errors
    /// When standard input is no terminal or cannot be written to.
    pub fn enter(mouse: bool) -> io::Result<Self> {
        DRAWS.set(true);
        SPEAKS.store(mouse, Ordering::SeqCst);
        let mut terminal = Self { mouse };
        terminal.resume()?;
        Ok(terminal)
    }

    /// Writes bytes, all of them.
    ///
    /// # Errors
    /// When the line is gone, which [`is_gone`] knows from then on.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        write(bytes)
    }

    /// Gives the terminal back for a while: to the shell, or to an editor.
    ///
    /// # Errors
    /// When the line is gone.
    pub fn pause(&mut self) -> io::Result<()> {
        restore()
    }

    /// Takes it over again; whoever draws must forget what was on it.
    ///
    /// # Errors
    /// When the line is gone.
    pub fn resume(&mut self) -> io::Result<()> {
        if OURS.swap(true, Ordering::SeqCst) {
            return Ok(());
        }
        let begun = take().and_then(|()| {
            write(ENTER)?;
            write(if self.mouse { MOUSE } else { b"" })
        });
        begun.inspect_err(|_| drop(restore()))
    }

    /// Takes it over again after somebody else stopped us without a word: what is ours may
    /// have been undone.
    ///
    /// # Errors
    /// When the line is gone.
    pub fn renew(&mut self) -> io::Result<()> {
        OURS.store(false, Ordering::SeqCst);
        self.resume()
    }

    /// Lets the mouse speak, or the terminal select text.
    ///
    /// # Errors
    /// When the line is gone.
    pub fn set_mouse(&mut self, mouse: bool) -> io::Result<()> {
        self.mouse = mouse;
        SPEAKS.store(mouse, Ordering::SeqCst);
        let off = b"\x1b[?1006l\x1b[?1002l\x1b[?1000l";
        write(if mouse { MOUSE } else { off })
    }

    /// Leaves it as it was found. Once is enough.
    ///
    /// # Errors
    /// When the line is gone.
    pub fn leave(&mut self) -> io::Result<()> {
        restore()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Nobody is left to tell.
        drop(restore());
        DRAWS.set(false);
    }
}

/// Every key at once and unchanged. What was found is kept until it is restored.
fn take() -> io::Result<()> {
    let stdin = io::stdin();
    let mut found = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
    let mut modes = match found.take() {
        Some(modes) => modes,
        None => tcgetattr(stdin.as_fd())?,
    };
    *found = Some(modes.clone());
    modes.make_raw();
    Ok(tcsetattr(stdin.as_fd(), OptionalActions::Now, &modes)?)
}

/// Leaves the terminal as it was found, if it is ours. Safe in a panic, and as often as one
/// likes.
///
/// # Errors
/// When the line is gone.
pub fn restore() -> io::Result<()> {
    if !OURS.swap(false, Ordering::SeqCst) || is_gone() {
        return Ok(());
    }
    let written = write(LEAVE);
    let stdin = io::stdin();
    // Whoever holds it would be restoring already.
    if let Ok(mut found) = FOUND.try_lock()
        && let Some(modes) = found.take()
    {
        if SPEAKS.load(Ordering::SeqCst) {
            // What the mouse still says is not meant for the shell.
            let _ = tcflush(stdin.as_fd(), QueueSelector::IFlush);
        }
        tcsetattr(stdin.as_fd(), OptionalActions::Now, &modes)?;
    }
    written
}

/// Says that nobody is at the other end: nothing is written from then on.
pub(super) fn set_gone() {
    GONE.store(true, Ordering::SeqCst);
}

/// Whether nobody is at the other end any more.
#[must_use]
pub fn is_gone() -> bool {
    GONE.load(Ordering::SeqCst)
}

fn write(mut bytes: &[u8]) -> io::Result<()> {
    let stdout = io::stdout();
    while !bytes.is_empty() {
        if is_gone() {
            return Err(Errno::IO.into());
        }
        match rustix::io::write(&stdout, bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(Errno::INTR) => {}
            // Somebody who shares the terminal made it so.
            Err(Errno::AGAIN) => {
                poll(&mut [PollFd::new(&stdout, PollFlags::OUT)], None)?;
            }
            Err(error) => {
                if matches!(error, Errno::IO | Errno::PIPE) {
                    set_gone();
                }
                return Err(error.into());
            }
        }
    }
    Ok(())
}

/// How wide and how high the terminal is; 80 by 24 where it does not say.
///
/// # Errors
/// When standard output is no terminal.
pub fn size() -> io::Result<(u16, u16)> {
    let size = tcgetwinsize(io::stdout().as_fd())?;
    let or = |size: u16, usual| if size == 0 { usual } else { size };
    Ok((or(size.ws_col, 80), or(size.ws_row, 24)))
}

/// Whether a console can be shown here.
///
/// # Errors
/// When it cannot: a sentence that says why and what to do instead.
pub fn check() -> Result<(), String> {
    let term = env::var("TERM").unwrap_or_default();
    can_show(
        io::stdin().is_terminal() && io::stdout().is_terminal(),
        &term,
    )
}

fn can_show(terminal: bool, term: &str) -> Result<(), String> {
    const INSTEAD: &str = "hint: `flightdeck jobs list` works everywhere";
    if !terminal {
        return Err(format!(
            "the console needs a terminal, and its input or output is none\n{INSTEAD}"
        ));
    }
    if matches!(term, "" | "dumb") {
        return Err(format!(
            "the console needs a terminal that can place text, and TERM is \"{term}\"\n{INSTEAD}"
        ));
    }
    Ok(())
}

/// How many colours there are, by what the environment says.
pub fn depth(get: impl Fn(&str) -> Option<String>) -> Depth {
    let get = |name| get(name).unwrap_or_default();
    if !get("NO_COLOR").is_empty() {
        return Depth::None;
    }
    let (term, colour) = (get("TERM"), get("COLORTERM"));
    let is = |names: &[&str]| names.iter().any(|name| term.contains(name));
    // What screen shows is its own, whatever the terminal around it can do.
    let promised = matches!(colour.as_str(), "truecolor" | "24bit") && get("STY").is_empty();
    if term.is_empty() || is(&["dumb", "mono", "vt100", "vt102", "vt220"]) {
        Depth::None
    } else if promised
        || is(&[
            "-direct",
            "kitty",
            "alacritty",
            "foot",
            "wezterm",
            "ghostty",
        ])
    {
        Depth::True
    } else if is(&["256"]) {
        Depth::Palette
    } else {
        Depth::Sixteen
    }
}

/// Whether only ASCII can be shown, by what the environment says of the language.
pub fn is_ascii(get: impl Fn(&str) -> Option<String>) -> bool {
    let names = ["LC_ALL", "LC_CTYPE", "LANG"];
    let mut values = names.into_iter().filter_map(get);
    let locale = values.find(|value| !value.is_empty()).unwrap_or_default();
    let locale = locale.to_ascii_lowercase();
    !locale.contains("utf-8") && !locale.contains("utf8")
}

/// Whether somebody sits at the far end of a line.
pub fn is_slow(get: impl Fn(&str) -> Option<String>) -> bool {
    get("SSH_CONNECTION").is_some_and(|value| !value.is_empty())
}

/// A task that failed behind the console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panicked {
    /// What it said.
    pub what: String,
    /// Where.
    pub place: String,
}

/// Lets a panic be seen: of the thread that draws on the terminal as it was before us, of any
/// other in the log and through the channel. Nothing is ever printed onto the console.
#[must_use]
pub fn watch_panics() -> mpsc::Receiver<Panicked> {
    let (tell, told) = mpsc::channel(MOST_PANICS);
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if DRAWS.try_with(Cell::get).unwrap_or(false) {
            drop(restore());
        }
        if !OURS.load(Ordering::SeqCst) {
            return before(panic);
        }
        let payload = panic.payload();
        let what = payload
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned());
        let what = what.or_else(|| payload.downcast_ref::<String>().cloned());
        let what = what.unwrap_or_else(|| "something failed".to_owned());
        let place = panic.location().map(ToString::to_string);
        let place = place.unwrap_or_default();
        tracing::error!(what, place, "a task of the console failed");
        // A console that does not ask has enough to read already.
        drop(tell.try_send(Panicked { what, place }));
    }));
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env<'a>(all: &'a [(&str, &str)]) -> impl Fn(&str) -> Option<String> + use<'a> {
        let all: Vec<(String, String)> = all
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        move |wanted| {
            let found = all.iter().find(|(name, _)| name == wanted);
            found.map(|(_, value)| value.clone())
        }
    }

    #[test]
    fn the_environment_says_how_many_colours_there_are() {
        for (all, expected) in [
            (
                &[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")][..],
                Depth::True,
            ),
            (
                &[("TERM", "xterm-256color"), ("NO_COLOR", "1")],
                Depth::None,
            ),
            (
                &[("TERM", "xterm-256color"), ("NO_COLOR", "")],
                Depth::Palette,
            ),
            (
                &[
                    ("TERM", "screen"),
                    ("COLORTERM", "truecolor"),
                    ("STY", "1.a"),
                ],
                Depth::Sixteen,
            ),
            (&[("TERM", "tmux-256color")], Depth::Palette),
            (&[("TERM", "linux")], Depth::Sixteen),
            (&[("TERM", "xterm-kitty")], Depth::True),
            (&[("TERM", "vt100")], Depth::None),
            (&[("TERM", "dumb"), ("COLORTERM", "truecolor")], Depth::None),
            (&[], Depth::None),
        ] {
            assert_eq!(depth(env(all)), expected, "{all:?}");
        }
    }

    #[test]
    fn the_language_says_whether_there_is_more_than_ascii() {
        for (all, expected) in [
            (&[("LANG", "en_US.UTF-8"), ("TERM", "linux")][..], false),
            (&[("LANG", "en_US.UTF-8"), ("LC_ALL", "C")], true),
            (&[("LANG", "C"), ("LC_CTYPE", "C.utf8")], false),
            (&[("LANG", "de_DE.ISO-8859-1")], true),
            (&[("LC_ALL", ""), ("LANG", "de_DE.UTF-8")], false),
            (&[], true),
        ] {
            assert_eq!(is_ascii(env(all)), expected, "{all:?}");
        }
        assert!(is_slow(env(&[("SSH_CONNECTION", "1 2 3 4")])));
        assert!(!is_slow(env(&[])));
    }

    #[test]
    fn who_cannot_be_shown_a_console_is_told_what_works() {
        assert_eq!(can_show(true, "xterm"), Ok(()));
        for (terminal, term) in [(false, "xterm"), (true, "dumb"), (true, "")] {
            let told = can_show(terminal, term).expect_err("no console");
            assert!(told.contains("flightdeck jobs list"), "{told}");
        }
    }

    #[test]
    fn what_is_not_ours_is_left_alone() {
        assert!(restore().is_ok());
    }
}
