//! What goes on beside the loop: what happens in the engine, and its pulse. The pulse also
//! finds what other processes did to the same database, which nobody tells us.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::mpsc,
    time::{MissedTickBehavior, interval, timeout},
};

use tokio_util::task::AbortOnDropHandle;

use super::Msg;
use crate::{
    engine::{
        activity::{FeedEnd, ReadFeed},
        fault::{Fault, FaultKind},
    },
    session::{Seen, Session},
    tui::console::Event,
};

/// How often the engine is asked for a sign of life.
const BEAT: Duration = Duration::from_secs(1);
/// How long an answer may take.
pub const PATIENCE: Duration = Duration::from_secs(5);
/// How many missed events are read one by one; more, and everything is read again.
const MANY: u32 = 500;

/// Both of them; they end with it, or with the loop.
pub struct Background {
    _watches: AbortOnDropHandle<()>,
    _beats: AbortOnDropHandle<()>,
}

/// Starts both.
pub fn start(session: &Session, tell: &mpsc::Sender<Msg>) -> Background {
    let seen = Arc::new(AtomicI64::new(-1));
    let watches = watch(session.clone(), tell.clone(), Arc::clone(&seen));
    let beats = pulse(session.clone(), tell.clone(), seen);
    Background {
        _watches: AbortOnDropHandle::new(tokio::spawn(watches)),
        _beats: AbortOnDropHandle::new(tokio::spawn(beats)),
    }
}

async fn watch(session: Session, tell: mpsc::Sender<Msg>, last: Arc<AtomicI64>) {
    let mut watch = session.watch();
    while let Some(seen) = watch.next().await {
        let event = match seen {
            Seen::Event(event) => {
                last.fetch_max(event.seq, Ordering::Relaxed);
                Event::Happened(event)
            }
            Seen::Missed => Event::Missed,
        };
        if tell.send(Msg::Event(event)).await.is_err() {
            return;
        }
    }
}

async fn pulse(session: Session, tell: mpsc::Sender<Msg>, last: Arc<AtomicI64>) {
    let mut beat = interval(BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // Where the feed ended one beat ago: by now what was told of it has arrived.
    let mut before = None;
    loop {
        beat.tick().await;
        let answer = within(session.ask(FeedEnd {})).await;
        let answer = match answer {
            Ok(end) => {
                if before.is_some_and(|seq| end.seq < seq) {
                    // Another feed: an engine came back with another database.
                    last.store(end.seq, Ordering::Relaxed);
                    before = Some(end.seq);
                    if tell.send(Msg::Event(Event::Missed)).await.is_err() {
                        return;
                    }
                }
                if let Some(missed) = before.replace(end.seq)
                    && !catch_up(&session, &tell, &last, missed).await
                {
                    return;
                }
                Ok(())
            }
            Err(fault) if silent(&fault) => Err(fault),
            // A refusal is a sign of life too.
            Err(_) => Ok(()),
        };
        if tell.send(Msg::Event(Event::Pulse(answer))).await.is_err() {
            return;
        }
    }
}

/// Reads what another process wrote; false when nobody listens any more.
async fn catch_up(session: &Session, tell: &mpsc::Sender<Msg>, last: &AtomicI64, end: i64) -> bool {
    let after = last.fetch_max(end, Ordering::Relaxed);
    if after < 0 || after >= end {
        return true;
    }
    let question = ReadFeed {
        after,
        limit: Some(MANY),
        object: None,
    };
    let events = match within(session.ask(question)).await {
        Ok(read) if read.events.len() < MANY as usize => read.events,
        _ => return tell.send(Msg::Event(Event::Missed)).await.is_ok(),
    };
    for event in events.into_iter().filter(|event| event.seq <= end) {
        if tell.send(Msg::Event(Event::Happened(event))).await.is_err() {
            return false;
        }
    }
    true
}

/// An answer in time, or a fault that says that there was none.
pub async fn within<T>(answer: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    match timeout(PATIENCE, answer).await {
        Ok(answer) => answer,
        Err(_) => Err(Fault::new(
            FaultKind::Busy,
            "NO_ANSWER",
            format!("the engine has not answered for {} s", PATIENCE.as_secs()),
        )
        .hint("ask again: what was done once is not done twice")),
    }
}

/// Whether a fault means that the engine cannot answer.
fn silent(fault: &Fault) -> bool {
    matches!(
        fault.kind,
        FaultKind::Busy | FaultKind::Storage | FaultKind::Broken
    )
}
