//! A desk to look at: a private engine in a directory of its own, filled with weeks of history
//! and kept moving, for `--demo`. Everything in it was asked of the engine by somebody. Refuses
//! to touch anything of the user's, and leaves nothing behind.

mod buys;
mod clock;
mod exchange;
mod house;
mod listeners;
mod mover;
pub(super) mod past;
pub(super) mod people;
pub(super) mod scratch;
mod slots;
mod story;
mod teller;
mod tempo;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{Ended, open::session, process::this_program};
use crate::{
    config::Settings,
    engine::{
        bookings::{settled, view::JobView},
        clock::{Clock, SystemClock},
        core::Core,
        desk::Serving,
        fault::Fault,
        reconcile::{Runner, pace::Pace},
        start::{Beside, Started, start_with},
    },
    session::Session,
    store::{
        self, Shared,
        open::{Database, Keeps},
    },
};
use exchange::Exchange;
use listeners::Listeners;
use mover::Mover;
use past::Moving;
use scratch::Scratch;
use tempo::Rests;
pub use tempo::Tempo;

/// How long something in motion is waited for.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(2);

/// The desk, open. Dropped or closed, its directory is gone.
pub struct DemoDesk {
    /// Asks as whoever sits at the console.
    pub session: Session,
    core: Core,
    store: Shared,
    stop: CancellationToken,
    work: Option<JoinHandle<()>>,
    scratch: Scratch,
}

/// Opens the desk, as people like to watch it.
///
/// # Errors
/// When there is no place for its directory, or the engine does not start.
pub async fn open(settings: &Settings) -> Result<DemoDesk, Ended> {
    open_at(settings, Tempo::default(), &this_program()).await
}

/// Opens the desk at a tempo, once this program has told its past.
///
/// # Errors
/// As [`open`].
pub async fn open_at(settings: &Settings, tempo: Tempo, program: &Path) -> Result<DemoDesk, Ended> {
    let story = story::read()?;
    let scratch = Scratch::make().map_err(|error| no_room(&error))?;
    let clock = SystemClock::new(settings.starts_at()?);
    let motion = past::told_by(program, scratch.path(), settings).await?;
    let stop = CancellationToken::new();
    let rests = Arc::new(Rests::new(&tempo, stop.clone()));
    for one in &motion {
        rests.pass(one.job_id, one.steps);
    }
    let place = start(scratch.path(), Arc::new(clock), rests).await?;
    let Place {
        store,
        core,
        runner,
    } = place;
    let running = tokio::spawn(runner.run(stop.clone()));
    in_motion(&core, &motion).await?;
    let mover = Mover::new(core.clone(), story, &tempo);
    let until = stop.clone();
    let work = tokio::spawn(async move {
        // A panic in there was logged where it happened.
        let ((), _) = tokio::join!(mover.run(until), running);
    });
    Ok(DemoDesk {
        session: session(core.clone(), people::you()?),
        core,
        store,
        stop,
        work: Some(work),
        scratch,
    })
}

/// The engine of the desk, on its database.
struct Place {
    store: Shared,
    core: Core,
    runner: Runner,
}

/// Starts the engine of the desk in a directory. Nothing of it runs yet.
async fn start(room: &Path, clock: Arc<dyn Clock>, pace: Arc<dyn Pace>) -> Result<Place, Ended> {
    let beside = Beside {
        sellers: vec![Arc::new(Exchange::new(clock.clone())?)],
        pace,
        ad_server: None,
        post: Arc::new(Listeners::new()),
    };
    let database = Database::File(room.join("flightdeck.db"));
    let store = store::open::open_for(&database, Keeps::Little).await?;
    let serving = Serving {
        every: std::time::Duration::from_mins(1),
        ..Serving::default()
    };
    let tenant = people::tenant()?;
    let started = start_with(store.clone(), clock, beside, |desk| {
        desk.tenants = vec![tenant];
        desk.ad_server = Some(serving);
        desk.keeps = Keeps::Little;
    });
    let Started { core, runner } = started.await?;
    Ok(Place {
        store,
        core,
        runner,
    })
}

/// Waits until what is in motion is where it is to be seen first, but not for long.
async fn in_motion(core: &Core, motion: &[Moving]) -> Result<(), Fault> {
    let by = people::you()?;
    for one in motion {
        let there = |job: &JobView| job.revision >= one.revision;
        settled::wait(core, &by, one.job_id, PATIENCE, there).await?;
    }
    Ok(())
}

impl DemoDesk {
    /// The engine.
    #[must_use]
    pub fn core(&self) -> &Core {
        &self.core
    }

    /// The directory that everything is in.
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.scratch.path()
    }

    /// The file that the audit trail would be anchored in.
    #[must_use]
    pub fn anchor(&self) -> PathBuf {
        self.directory().join("flightdeck.anchor")
    }

    /// Stops everything, closes the database and removes the directory.
    pub async fn close(mut self) {
        self.stop.cancel();
        if let Some(work) = self.work.take() {
            // A panic in there was logged where it happened.
            drop(work.await);
        }
        self.store.close().await;
    }
}

impl Drop for DemoDesk {
    fn drop(&mut self) {
        self.stop.cancel();
        if let Some(work) = &self.work {
            work.abort();
        }
    }
}

fn no_room(error: &std::io::Error) -> Ended {
    Ended::Usage(format!(
        "there is no room for the demonstration: {error}\nhint: name a directory that can be written in TMPDIR"
    ))
}
