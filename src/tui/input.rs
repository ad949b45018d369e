//! What a person does: keys, pastes, the mouse, another size of the window. Reads the
//! terminal itself, and only while somebody waits for it, so that no reader steals the keys
//! of an editor, spins on a dead line or blocks on half a sequence.

mod decode;
pub mod key;
mod sequence;

use std::{
    collections::VecDeque,
    future::{self, Future},
    io,
    os::fd::{AsFd as _, OwnedFd},
    pin::Pin,
};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::{
    io::unix::AsyncFd,
    signal::unix::{Signal, SignalKind, signal},
    time::{Sleep, sleep},
};

pub use key::{BadKey, Code, Key};

use decode::Decoder;

/// How many bytes are read at once: as many as the kernel keeps of a terminal's line.
const PIECE: usize = 4096;

/// What the mouse did, with its first button or its wheel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MouseKind {
    /// The button went down.
    Down,
    /// It was let go.
    Up,
    /// The mouse moved with the button down.
    Drag,
    /// The wheel turned up.
    ScrollUp,
    /// The wheel turned down.
    ScrollDown,
}

/// What a person did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Pressed a key.
    Key(Key),
    /// Pasted, or something else that no hand can type as quickly. Line ends are `\n`.
    Paste(String),
    /// Used the mouse.
    Mouse {
        /// How.
        kind: MouseKind,
        /// The column, from 0.
        x: u16,
        /// The row, from 0.
        y: u16,
    },
    /// Made the window that wide and that high.
    Resize(u16, u16),
    /// The terminal is gone. Told once; nothing comes after it.
    Gone,
}

/// The terminal's keys and the mouse, while it is awaited. Drop it before an editor gets the
/// terminal, and make a new one after.
#[derive(Debug)]
pub struct Inputs {
    line: Option<AsyncFd<OwnedFd>>,
    resized: Option<Signal>,
    decoder: Decoder,
    told: VecDeque<Input>,
    /// Until when nothing must come for the decoder to decide.
    silence: Option<Pin<Box<Sleep>>>,
    piece: Box<[u8; PIECE]>,
    gone: bool,
}

impl Default for Inputs {
    fn default() -> Self {
        Self::new()
    }
}

impl Inputs {
    /// Listens to standard input, within a runtime. Where that cannot be awaited the terminal
    /// counts as gone.
    #[must_use]
    pub fn new() -> Self {
        let line = io::stdin().as_fd().try_clone_to_owned();
        Self {
            line: line.and_then(watched).ok(),
            resized: signal(SignalKind::window_change()).ok(),
            decoder: Decoder::default(),
            told: VecDeque::new(),
            silence: None,
            piece: Box::new([0; PIECE]),
            gone: false,
        }
    }

    /// The next thing that somebody did. May be dropped at any time; nothing is lost.
    pub async fn next(&mut self) -> Input {
        loop {
            if let Some(input) = self.told.pop_front() {
                return input;
            }
            if self.gone {
                return future::pending().await;
            }
            let Some(line) = &self.line else {
                self.end();
                continue;
            };
            tokio::select! {
                biased;
                Some(()) = changed(&mut self.resized) => {
                    if let Ok((width, height)) = super::terminal::size() {
                        self.told.push_back(Input::Resize(width, height));
                    }
                }
                ready = line.readable() => match ready {
                    Ok(mut ready) => match waiting(line.get_ref()) {
                        Waiting::Nothing => ready.clear_ready(),
                        waiting => self.read(waiting),
                    }
                    Err(_) => self.end(),
                },
                () = elapsed(&mut self.silence) => self.be_silent(),
            }
        }
    }

    fn read(&mut self, waiting: Waiting) {
        let Some(line) = self.line.as_ref().filter(|_| waiting == Waiting::Bytes) else {
            return self.end();
        };
        match rustix::io::read(line.get_ref(), self.piece.as_mut_slice()) {
            Ok(0) => self.end(),
            Ok(count) => {
                self.decoder.hear(&self.piece[..count], &mut self.told);
                self.wait();
            }
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
            Err(_) => self.end(),
        }
    }

    /// The time is over; unless something came meanwhile and only we were late.
    fn be_silent(&mut self) {
        let line = self.line.as_ref();
        match line.map_or(Waiting::Gone, |line| waiting(line.get_ref())) {
            Waiting::Nothing => {
                self.decoder.silence(&mut self.told);
                self.wait();
            }
            waiting => self.read(waiting),
        }
    }

    fn wait(&mut self) {
        self.silence = self.decoder.patience().map(|wait| Box::pin(sleep(wait)));
    }

    fn end(&mut self) {
        self.gone = true;
        self.line = None;
        self.silence = None;
        self.told.push_back(Input::Gone);
    }
}

#[expect(
    deprecated,
    reason = "what replaces it is unsafe; an `OwnedFd` is the same file until it is dropped"
)]
fn watched(line: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    AsyncFd::new(line)
}

/// What is to be had from a terminal at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Waiting {
    Nothing,
    Bytes,
    Gone,
}

fn waiting(line: &OwnedFd) -> Waiting {
    let mut fds = [PollFd::new(line, PollFlags::IN)];
    let at_once = Timespec::default();
    match poll(&mut fds, Some(&at_once)) {
        Err(rustix::io::Errno::INTR) | Ok(0) => return Waiting::Nothing,
        Err(_) => return Waiting::Gone,
        Ok(_) => {}
    }
    let events = fds[0].revents();
    if events.contains(PollFlags::IN) {
        Waiting::Bytes
    } else {
        Waiting::Gone
    }
}

async fn changed(signal: &mut Option<Signal>) -> Option<()> {
    match signal {
        Some(signal) => signal.recv().await,
        None => future::pending().await,
    }
}

/// Waits for a timer, if there is one. It is kept when the wait is given up.
fn elapsed(timer: &mut Option<Pin<Box<Sleep>>>) -> impl Future<Output = ()> + '_ {
    future::poll_fn(|context| match timer {
        Some(timer) => timer.as_mut().poll(context),
        None => std::task::Poll::Pending,
    })
}
