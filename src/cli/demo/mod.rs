//! A desk to look at: a private engine in a directory of its own, filled with weeks of history
//! and kept moving, for `--demo`. Everything in it was asked of the engine by somebody. Refuses
//! to touch anything of the user's, and leaves nothing behind.

mod buys;
mod clock;
mod exchange;
mod house;
mod mover;
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

use chrono::Duration;
use tokio::{sync::watch, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use super::{Ended, open::session};
use crate::{
    config::Settings,
    domain::opendirect::product::Product,
    engine::{
        clock::SystemClock,
        core::Core,
        desk::Serving,
        fault::Fault,
        question,
        reconcile::Runner,
        seller::products::stock::{demo, stock},
        start::{Beside, Started, start_with},
    },
    session::Session,
    store::{self, Shared, open::Database},
};
use clock::CatchingUp;
use exchange::Exchange;
use mover::Mover;
use scratch::Scratch;
use story::Story;
use teller::Teller;
use tempo::Rests;
pub use tempo::Tempo;

/// Products beside those of the usual demonstration catalogue.
const PRODUCTS: &str = include_str!("../../../assets/demo/products.json");
/// How much of history is there when the desk opens; the rest follows behind.
const AT_ONCE: usize = 8;
/// How long before the first thing that happened the clock begins.
const BEFORE: Duration = Duration::minutes(10);

/// What came of telling history: nothing yet, or how it ended.
type Told = Option<Result<(), Fault>>;

/// The desk, open. Dropped or closed, its directory is gone.
pub struct DemoDesk {
    /// Asks as whoever sits at the console.
    pub session: Session,
    core: Core,
    store: Shared,
    told: watch::Receiver<Told>,
    stop: CancellationToken,
    work: Option<JoinHandle<()>>,
    scratch: Scratch,
}

/// Opens the desk, as people like to watch it.
///
/// # Errors
/// When there is no place for its directory, or the engine does not start.
pub async fn open(settings: &Settings) -> Result<DemoDesk, Ended> {
    open_at(settings, Tempo::default()).await
}

/// Opens the desk at a tempo.
///
/// # Errors
/// As [`open`].
pub async fn open_at(settings: &Settings, tempo: Tempo) -> Result<DemoDesk, Ended> {
    let story = story::read()?;
    let scratch = Scratch::make().map_err(|error| no_room(&error))?;
    let stop = CancellationToken::new();
    let rests = Arc::new(Rests::new(&tempo, stop.clone()));
    let begins = story.history.first().map_or(BEFORE, |act| act.ago + BEFORE);
    let clock = CatchingUp::behind(SystemClock::new(settings.starts_at()?), begins);
    let beside = Beside {
        sellers: vec![Arc::new(Exchange::new(Arc::new(clock.clone()))?)],
        pace: rests.clone(),
        ad_server: None,
    };
    let database = Database::File(scratch.path().join("flightdeck.db"));
    let store = store::open::open(&database).await?;
    let serving = Serving {
        every: std::time::Duration::from_mins(1),
        ..Serving::default()
    };
    let tenant = people::tenant()?;
    let started = start_with(store.clone(), Arc::new(clock.clone()), beside, |desk| {
        desk.tenants = vec![tenant];
        desk.ad_server = Some(serving);
    });
    let started = started.await?;
    let Started { core, runner } = started;
    stock(&core, &people::tenant()?, products()?).await?;
    let mut teller = Teller::new(core.clone(), runner.clone(), clock, rests.clone());
    for act in story.history.iter().take(AT_ONCE) {
        teller.tell(act).await?;
    }
    let (tell, told) = watch::channel(None);
    let desk = Living {
        core: core.clone(),
        runner,
        rests,
        tempo,
        stop: stop.clone(),
    };
    Ok(DemoDesk {
        session: session(core.clone(), people::you()?),
        core,
        store,
        told,
        stop,
        work: Some(tokio::spawn(desk.live(teller, story, tell))),
        scratch,
    })
}

impl DemoDesk {
    /// Waits until all of history is there and the present has begun.
    ///
    /// # Errors
    /// When history went otherwise than it was written.
    pub async fn filled(&self) -> Result<(), Fault> {
        let mut told = self.told.clone();
        let ended = told.wait_for(Option::is_some).await;
        let ended = ended.map_err(|_| Fault::broken("the demonstration ended early"))?;
        ended.clone().unwrap_or(Ok(()))
    }

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

/// What goes on behind an open desk.
struct Living {
    core: Core,
    runner: Runner,
    rests: Arc<Rests>,
    tempo: Tempo,
    stop: CancellationToken,
}

impl Living {
    /// Tells the rest of history, arrives at the present and keeps moving.
    async fn live(self, mut teller: Teller, story: Story, tell: watch::Sender<Told>) {
        let told = tokio::select! {
            () = self.stop.cancelled() => return,
            told = history(&mut teller, &story) => told,
        };
        teller.arrive();
        self.rests.begin();
        let mover = Mover::new(self.core, story, &self.tempo);
        let stop = self.stop.clone();
        let moved = async move {
            let begun = teller.in_motion().await;
            // Nobody may be waiting.
            tell.send_replace(Some(told.and(begun)));
            mover.run(stop).await;
        };
        tokio::join!(self.runner.run(self.stop.clone()), moved);
    }
}

/// Tells what did not happen at once. Whatever goes otherwise than it was written is logged,
/// and the rest is told all the same; the first of it is given back.
async fn history(teller: &mut Teller, story: &Story) -> Result<(), Fault> {
    let mut told = Ok(());
    let mut note = |done: Result<(), Fault>| {
        if let Err(fault) = done {
            tracing::error!(%fault, details = ?fault.details, "otherwise than it was written");
            if told.is_ok() {
                told = Err(fault);
            }
        }
    };
    for act in story.history.iter().skip(AT_ONCE) {
        note(teller.tell(act).await);
    }
    note(teller.count().await);
    for act in &story.motion {
        note(teller.begin(act).await);
    }
    told
}

/// Everything that is sold inside.
fn products() -> Result<Vec<Product>, Fault> {
    let mut all = demo()?;
    all.extend(question::read_any::<Vec<Product>>(PRODUCTS.as_bytes())?);
    Ok(all)
}

fn no_room(error: &std::io::Error) -> Ended {
    Ended::Usage(format!(
        "there is no room for the demonstration: {error}\nhint: name a directory that can be written in TMPDIR"
    ))
}
