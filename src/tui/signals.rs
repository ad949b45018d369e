//! What the system tells a program: to end, to stop for a while, that its terminal is gone.
//! Watched before the terminal is taken over, so that nothing ends us with the terminal in
//! our state. Wakes up for nothing else.

use std::{
    future::{self, poll_fn},
    io,
    os::fd::{AsFd as _, OwnedFd},
    process,
    task::Poll,
    thread,
    time::Duration,
};

use nix::unistd::{Pid, getpgrp, getppid, getsid};
use rustix::{
    event::{PollFd, PollFlags, poll},
    io::Errno,
    process::kill_current_process_group,
};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::mpsc,
};

use super::terminal::{self, Terminal};

/// The code of a program that ended because its terminal was gone.
pub const HANGUP: u8 = 129;
/// How long the console may take to end by itself when its terminal is gone.
const GRACE: Duration = Duration::from_millis(500);

/// What the system tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// End, with this exit code.
    Quit(u8),
    /// Stop until somebody says otherwise: answer with [`Signals::stop_self`].
    Stop,
    /// Somebody stopped us without a word, and we go on: [`Terminal::renew`] and draw anew.
    Continued,
    /// The terminal is gone. End with [`HANGUP`] and write nothing; half a second later the
    /// process ends anyway.
    Gone,
}

/// Everything that is watched.
#[derive(Debug)]
pub struct Signals {
    quits: [(tokio::signal::unix::Signal, u8); 4],
    stop: tokio::signal::unix::Signal,
    go_on: tokio::signal::unix::Signal,
    gone: mpsc::Receiver<()>,
}

impl Signals {
    /// Watches from now on, within a runtime.
    ///
    /// # Errors
    /// When the system does not let us.
    pub fn new() -> io::Result<Self> {
        let quit = |kind: SignalKind| -> io::Result<_> {
            let code = u8::try_from(128 + kind.as_raw_value()).unwrap_or(u8::MAX);
            Ok((signal(kind)?, code))
        };
        let stdin = io::stdin().as_fd().try_clone_to_owned()?;
        let (tell, gone) = mpsc::channel(1);
        let watch = move || watch_line(&stdin, &tell);
        thread::Builder::new()
            .name("line".to_owned())
            .spawn(watch)?;
        Ok(Self {
            quits: [
                quit(SignalKind::terminate())?,
                quit(SignalKind::hangup())?,
                quit(SignalKind::interrupt())?,
                quit(SignalKind::quit())?,
            ],
            stop: signal(SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw()))?,
            go_on: signal(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()))?,
            gone,
        })
    }

    /// The next thing that we are told. May be dropped at any time; nothing is lost.
    pub async fn next(&mut self) -> Signal {
        let Self {
            quits,
            stop,
            go_on,
            gone,
        } = self;
        let quit = poll_fn(|context| {
            for (signal, code) in &mut *quits {
                if signal.poll_recv(context).is_ready() {
                    return Poll::Ready(*code);
                }
            }
            Poll::Pending
        });
        tokio::select! {
            biased;
            () = told(gone) => Signal::Gone,
            code = quit => Signal::Quit(code),
            _ = stop.recv() => Signal::Stop,
            _ = go_on.recv() => Signal::Continued,
        }
    }

    /// Gives the terminal to the shell, stops the whole job as ctrl-z does, and takes the
    /// terminal again when the shell lets us go on; then everything must be drawn anew. Does
    /// nothing where no shell could ever let us go on: [`can_go_on`] tells.
    ///
    /// # Errors
    /// When the line is gone.
    pub async fn stop_self(&mut self, terminal: &mut Terminal) -> io::Result<()> {
        if !can_go_on() {
            return Ok(());
        }
        terminal.pause()?;
        // Of another thread's doing only: wait until it was so.
        if kill_current_process_group(rustix::process::Signal::STOP).is_ok() {
            self.go_on.recv().await;
        }
        terminal.resume()
    }
}

/// Interrupts and quits that somebody types go to whoever has the terminal.
const TYPED: [u8; 2] = [130, 131];

impl Signals {
    /// Waits for somebody else who has the terminal: an editor. What is typed there is not
    /// meant for us; what ends us still does.
    ///
    /// # Errors
    /// With the signal that ends us.
    pub async fn undisturbed<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Signal> {
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return Ok(done),
                signal = self.next() => match signal {
                    Signal::Quit(code) if TYPED.contains(&code) => {}
                    Signal::Stop | Signal::Continued => {}
                    signal => return Err(signal),
                }
            }
        }
    }
}

async fn told(gone: &mut mpsc::Receiver<()>) {
    if gone.recv().await.is_none() {
        future::pending::<()>().await;
    }
}

/// Whether somebody in our session could let us go on: a shell that gave us a group of our own.
/// In a container our parent, its session or our own may be outside and out of sight: number 0.
#[must_use]
pub fn can_go_on() -> bool {
    let outside = Pid::from_raw(0);
    let (group, parent) = (getpgrp(), getppid());
    let session = getsid(None).unwrap_or(outside);
    session != outside
        && parent != outside
        && group != session
        && getsid(Some(parent)) == Ok(session)
}

/// Waits until the terminal is gone, and for nothing else. Then the console has a moment to
/// end by itself; a loop that hangs does not keep the process.
fn watch_line(line: &OwnedFd, tell: &mpsc::Sender<()>) {
    loop {
        let mut fds = [PollFd::new(line, PollFlags::empty())];
        match poll(&mut fds, None) {
            Err(Errno::INTR) => {}
            Ok(_) if fds[0].revents().intersects(PollFlags::HUP | PollFlags::ERR) => break,
            // Nothing that we could wait for.
            _ => return,
        }
    }
    terminal::set_gone();
    // Where nobody listens any more, nobody needs to be told.
    let _ = tell.try_send(());
    thread::sleep(GRACE);
    process::exit(i32::from(HANGUP));
}
