//! A terminal to run a program in: keys in, a screen out, and afterwards how the program left
//! it. Waits for what is to be seen and never for a while.

use std::{
    ffi::OsStr,
    fs::{self, OpenOptions},
    io::{Read, Write as _},
    num::NonZeroU16,
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, MutexGuard, mpsc},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};

/// The longest that anything may take to be seen, unless a test knows better.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// What the terminal knows, shared with the thread that reads.
struct Seen {
    emulator: vt100::Parser,
    /// Every byte since the last mark.
    marked: Vec<u8>,
    /// A character that has not come whole.
    begun: Vec<u8>,
    /// Whether nobody writes any more.
    silent: bool,
    /// Whether the reader shall let go of the terminal.
    let_go: bool,
}

type Shared = Arc<(Mutex<Seen>, Condvar)>;

/// A program in a terminal of its own.
pub struct Terminal {
    shared: Shared,
    child: Option<Box<dyn Child + Send + Sync>>,
    id: u32,
    master: Option<Box<dyn MasterPty + Send>>,
    keys: Option<Box<dyn std::io::Write + Send>>,
    reader: Option<JoinHandle<()>>,
    path: PathBuf,
}

/// How a program left its terminal; nothing in here is good news.
#[derive(Debug, PartialEq, Eq)]
pub struct Left(pub Vec<&'static str>);

impl Terminal {
    /// Starts a program, with nothing in its environment but what is said and a plain terminal.
    pub fn start<A: AsRef<OsStr>>(
        program: impl AsRef<OsStr>,
        arguments: &[A],
        environment: &[(&str, &str)],
        directory: &Path,
        (width, height): (u16, u16),
    ) -> Self {
        let size = pty_size(width, height);
        let pair = native_pty_system().openpty(size).expect("a terminal");
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.cwd(directory);
        command.env_clear();
        for (name, value) in [
            ("TERM", "xterm-256color"),
            ("LANG", "C.UTF-8"),
            ("PATH", "/usr/bin:/bin"),
        ] {
            command.env(name, value);
        }
        for (name, value) in environment {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).expect("it starts");
        drop(pair.slave);
        let seen = Seen {
            emulator: vt100::Parser::new(cells(height), cells(width), 0),
            marked: Vec::new(),
            begun: Vec::new(),
            silent: false,
            let_go: false,
        };
        let shared: Shared = Arc::new((Mutex::new(seen), Condvar::new()));
        let output = pair.master.try_clone_reader().expect("it can be read");
        let reader = thread::spawn({
            let shared = Arc::clone(&shared);
            move || read(output, &shared)
        });
        Self {
            shared,
            id: child.process_id().expect("it runs"),
            child: Some(child),
            keys: Some(pair.master.take_writer().expect("it can be typed into")),
            path: pair.master.tty_name().expect("it has a name"),
            master: Some(pair.master),
            reader: Some(reader),
        }
    }

    /// Waits until the screen is as it should be.
    #[track_caller]
    pub fn wait_for(&self, what: impl Fn(&vt100::Screen) -> bool) {
        self.wait_within(PATIENCE, what);
    }

    /// Waits so long for the screen to be as it should be.
    #[track_caller]
    pub fn wait_within(&self, most: Duration, what: impl Fn(&vt100::Screen) -> bool) {
        let shown = self.wait(most, |seen| what(seen.emulator.screen()));
        assert!(shown, "it is not to be seen:\n{}", self.screen_text());
    }

    /// Waits until a text is somewhere on the screen.
    #[track_caller]
    pub fn wait_for_text(&self, text: &str) {
        let has = |seen: &Seen| seen.emulator.screen().contents().contains(text);
        let shown = self.wait(PATIENCE, has);
        assert!(shown, "no {text:?} is to be seen:\n{}", self.screen_text());
    }

    /// Waits until so many bytes were written since the mark.
    #[track_caller]
    pub fn wait_for_bytes(&self, count: usize) {
        let written = self.wait(PATIENCE, |seen| seen.marked.len() >= count);
        assert!(written, "no {count} bytes came:\n{}", self.screen_text());
    }

    /// Types keys as a person does: `jj<enter>`, `<ctrl-c>`, `<down>`, `<esc>`. Wait for what
    /// an `<esc>` does before more is typed, and know that more than 25 letters at once are a
    /// paste.
    pub fn type_keys(&mut self, keys: &str) {
        let mut rest = keys;
        let mut bytes = Vec::new();
        while let Some(c) = rest.chars().next() {
            let named = rest.strip_prefix('<').and_then(|it| it.split_once('>'));
            let code = named.and_then(|(name, after)| Some((sequence(name)?, after)));
            if let Some((sequence, after)) = code {
                bytes.extend(sequence);
                rest = after;
            } else {
                bytes.extend(c.to_string().bytes());
                rest = &rest[c.len_utf8()..];
            }
        }
        self.send(&bytes);
    }

    /// Pastes a text, as a terminal does that was asked to say where pastes begin and end.
    pub fn paste(&mut self, text: &str) {
        self.send(format!("\x1b[200~{text}\x1b[201~").as_bytes());
    }

    /// Sends bytes as they are.
    pub fn send(&mut self, bytes: &[u8]) {
        let keys = self.keys.as_mut().expect("it is not hung up");
        keys.write_all(bytes).expect("the terminal takes it");
        keys.flush().expect("the terminal takes it");
    }

    /// Gives the window another size.
    pub fn resize(&self, width: u16, height: u16) {
        let mut seen = self.seen();
        seen.emulator.set_size(cells(height), cells(width));
        let master = self.master.as_ref().expect("it is not hung up");
        master
            .resize(pty_size(width, height))
            .expect("it has a size");
    }

    /// Sends a signal to the program.
    pub fn signal(&self, signal: Signal) {
        tell(self.id, signal);
    }

    /// The process of the program.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// What is on the screen, line by line.
    pub fn screen_text(&self) -> String {
        self.seen().emulator.screen().contents()
    }

    /// Forgets the bytes so far.
    pub fn mark(&self) {
        self.seen().marked.clear();
    }

    /// Every byte that the program wrote since the mark.
    pub fn bytes_since_mark(&self) -> Vec<u8> {
        self.seen().marked.clone()
    }

    /// Cuts the line: nobody reads and nobody types from now on.
    pub fn hang_up(&mut self) {
        self.seen().let_go = true;
        // The reader lets go when it has read something.
        let mut line = OpenOptions::new().write(true).open(&self.path);
        if let Ok(line) = &mut line {
            line.write_all(b"\0").expect("the terminal takes it");
        }
        drop(line);
        if let Some(reader) = self.reader.take() {
            reader.join().expect("the reader ends");
        }
        self.keys = None;
        self.master = None;
    }

    /// Whether the program writes nothing for so long; forgets the bytes before.
    pub fn is_silent_for(&self, time: Duration) -> bool {
        self.mark();
        !self.wait(time, |seen| !seen.marked.is_empty())
    }

    /// Waits until the program has written nothing for so long.
    #[track_caller]
    pub fn wait_until_silent_for(&self, time: Duration, most: Duration) {
        let begun = Instant::now();
        while !self.is_silent_for(time) {
            assert!(begun.elapsed() < most, "it is never silent");
        }
    }

    /// Processor time of the program so far, where the system says.
    pub fn spent(&self) -> Duration {
        spent(self.id)
    }

    /// Waits until the program has ended and all that it wrote was read.
    #[track_caller]
    pub fn wait_for_end(&mut self) -> ExitStatus {
        self.wait_for_end_within(PATIENCE).0
    }

    /// The same, so long at most; with the processor time that it took in all.
    #[track_caller]
    pub fn wait_for_end_within(&mut self, most: Duration) -> (ExitStatus, Duration) {
        let mut child = self.child.take().expect("it was not waited for");
        let (say, told) = mpsc::channel();
        let id = self.id;
        thread::spawn(move || {
            // What it took can be asked until somebody has waited for it.
            let until = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            waitid(WaitId::Pid(process(id)), until).expect("it was ours to wait for");
            let spent = spent(id);
            let status = child.wait().expect("it was ours to wait for");
            // Nobody may be patient enough.
            drop(say.send((status, spent)));
        });
        let Ok(ended) = told.recv_timeout(most) else {
            tell(id, Signal::KILL);
            panic!("it does not end within {most:?}:\n{}", self.screen_text());
        };
        let read = self.master.is_none() || self.wait(PATIENCE, |seen| seen.silent);
        assert!(read, "somebody still writes:\n{}", self.screen_text());
        ended
    }

    /// What is still not as a shell wants it.
    pub fn left(&self) -> Left {
        let mut found = Vec::new();
        let master = self.master.as_ref().expect("it is not hung up");
        let modes = master.get_termios().expect("it has modes");
        // As a new terminal has them: lines, echo, signals from keys, line ends.
        for (bits, flag, what) in [
            (modes.local_flags.bits(), 0o2, "keys come one by one"),
            (modes.local_flags.bits(), 0o10, "no echo"),
            (modes.local_flags.bits(), 0o1, "ctrl-c is no signal"),
            (modes.output_flags.bits(), 0o1, "line feeds only feed"),
        ] {
            if bits & flag == 0 {
                found.push(what);
            }
        }
        let seen = self.seen();
        let screen = seen.emulator.screen();
        let mouse = screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None;
        for (is, what) in [
            (screen.alternate_screen(), "the other screen"),
            (screen.hide_cursor(), "no cursor"),
            (screen.bracketed_paste(), "pastes in brackets"),
            (mouse, "the mouse speaks"),
        ] {
            if is {
                found.push(what);
            }
        }
        Left(found)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.shared.0.lock().expect("nobody failed with it")
    }

    fn wait(&self, most: Duration, what: impl Fn(&Seen) -> bool) -> bool {
        let seen = self.seen();
        let waited = self
            .shared
            .1
            .wait_timeout_while(seen, most, |seen| !what(seen));
        let (seen, _) = waited.expect("nobody failed with it");
        what(&seen)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = kill_process(process(self.id), Signal::KILL);
            drop(child.wait());
        }
    }
}

/// Shows everything that the program writes, until it has closed the terminal.
fn read(mut output: Box<dyn Read + Send>, shared: &Shared) {
    let mut piece = [0; 16 * 1024];
    loop {
        let count = output.read(&mut piece).unwrap_or(0);
        let mut seen = shared.0.lock().expect("nobody failed with it");
        if count == 0 || seen.let_go {
            seen.silent = true;
            shared.1.notify_all();
            return;
        }
        let bytes = &piece[..count];
        seen.marked.extend_from_slice(bytes);
        let mut text = std::mem::take(&mut seen.begun);
        text.extend_from_slice(bytes);
        // The emulator shows nothing for U+FFFD, and terminals show something.
        let whole = text.len() - unfinished(&text);
        seen.begun = text.split_off(whole);
        let text = String::from_utf8_lossy(&text).replace('\u{fffd}', "?");
        seen.emulator.process(text.as_bytes());
        shared.1.notify_all();
    }
}

/// How many bytes at the end are the beginning of a character.
fn unfinished(text: &[u8]) -> usize {
    let most = text.len().min(3);
    (1..=most)
        .find(|count| {
            let tail = &text[text.len() - count..];
            tail[0] >= 0xc0 && str::from_utf8(tail).is_err_and(|error| error.error_len().is_none())
        })
        .unwrap_or(0)
}

/// What a terminal sends for a key.
fn sequence(name: &str) -> Option<Vec<u8>> {
    let bytes: &[u8] = match name {
        "enter" => b"\r",
        "esc" => b"\x1b",
        "tab" => b"\t",
        "shift-tab" => b"\x1b[Z",
        "backspace" => b"\x7f",
        "space" => b" ",
        "lt" => b"<",
        "up" => b"\x1b[A",
        "down" => b"\x1b[B",
        "right" => b"\x1b[C",
        "left" => b"\x1b[D",
        "home" => b"\x1b[H",
        "end" => b"\x1b[F",
        "ins" => b"\x1b[2~",
        "del" => b"\x1b[3~",
        "f2" => b"\x1bOQ",
        "f5" => b"\x1b[15~",
        "f6" => b"\x1b[17~",
        "pgup" => b"\x1b[5~",
        "pgdn" => b"\x1b[6~",
        _ => {
            let (held, key) = name.split_once('-')?;
            let (&[byte], "ctrl" | "alt") = (key.as_bytes(), held) else {
                return None;
            };
            let pressed = if held == "ctrl" {
                vec![byte & 0x1f]
            } else {
                vec![0x1b, byte]
            };
            return Some(pressed);
        }
    };
    Some(bytes.to_vec())
}

fn process(id: u32) -> Pid {
    let id = i32::try_from(id).ok().and_then(Pid::from_raw);
    id.expect("the id of a process")
}

/// Sends a signal to a process.
pub fn tell(id: u32, signal: Signal) {
    kill_process(process(id), signal).expect("it can be told");
}

/// Processor time of a process and its threads; nothing where the system does not say.
fn spent(id: u32) -> Duration {
    let about = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    let after = about.rsplit(')').next().unwrap_or_default();
    let ticks = after.split_whitespace().skip(11).take(2);
    let ticks: u64 = ticks.filter_map(|tick| tick.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

fn pty_size(cols: u16, rows: u16) -> PtySize {
    PtySize {
        rows,
        cols,
        pixel_width: 0,
        pixel_height: 0,
    }
}

fn cells(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).expect("a terminal has cells")
}
