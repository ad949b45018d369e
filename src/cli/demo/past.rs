//! What happened at the desk before it was opened: weeks of it, told to the engine by a process of
//! its own, which takes with it all the memory that telling needed. Refuses to tell it where
//! there is a past already.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
};

use chrono::Duration;
use serde::{Deserialize, Serialize};
use tokio::process::Command;

use super::{Ended, Place, clock::CatchingUp, people, start, story, teller::Teller};
use crate::{
    cli::{out, process::with_its_own_heaps},
    config::Settings,
    domain::{ids::JobId, opendirect::product::Product, when::Instant},
    engine::{
        clock::SystemClock,
        fault::Fault,
        question,
        reconcile::pace::AtOnce,
        seller::products::stock::{demo, stock},
    },
};

/// Products beside those of the usual demonstration catalogue.
const PRODUCTS: &str = include_str!("../../../assets/demo/products.json");
/// How long before the first thing that happened the clock begins.
const BEFORE: Duration = Duration::minutes(10);
/// The command that tells it.
const COMMAND: &str = "demo-past";

/// A job that is on its way as the present begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moving {
    /// Which.
    pub job_id: JobId,
    /// The revision at which it is to be seen first.
    pub revision: i64,
    /// How many of its steps it takes without a rest.
    pub steps: usize,
}

/// What the other process is asked.
#[derive(Debug, Clone, clap::Parser)]
pub struct Tell {
    /// The directory of the desk.
    room: PathBuf,
    /// When the present is.
    #[arg(long)]
    starts_at: Option<Instant>,
}

impl Tell {
    /// What this process is asked, if it was started for that: no command for people.
    pub fn asked() -> Option<Self> {
        let mut arguments = std::env::args_os().skip(1).peekable();
        arguments.next_if(|first| *first == *COMMAND)?;
        let name = std::ffi::OsString::from(COMMAND);
        Some(clap::Parser::parse_from(
            [name].into_iter().chain(arguments),
        ))
    }
}

/// Lets the program tell the past in this directory, and says what it has left on its way.
pub async fn told_by(
    program: &Path,
    room: &Path,
    settings: &Settings,
) -> Result<Vec<Moving>, Ended> {
    let mut command = Command::new(program);
    command.arg(COMMAND).arg(room);
    with_its_own_heaps(command.as_std_mut());
    if let Some(starts_at) = settings.starts_at()? {
        command.arg("--starts-at").arg(starts_at.to_rfc3339());
    }
    let ran = command.stdin(Stdio::null()).kill_on_drop(true).output();
    let untold = |why: &str| {
        Ended::Usage(format!(
            "the past of the demonstration could not be told: {why}"
        ))
    };
    let ran = ran.await.map_err(|error| untold(&error.to_string()))?;
    let told = serde_json::from_slice::<Result<Vec<Moving>, Fault>>(&ran.stdout);
    let told = told.map_err(|_| {
        let said = String::from_utf8_lossy(&ran.stderr);
        untold(&format!("{}\n{}", ran.status, said.trim()))
    })?;
    told.map_err(Ended::from)
}

/// Tells it, in the process that was started for it.
pub async fn tell(asked: Tell) -> Result<(), Ended> {
    let told = whole(&asked).await;
    let told = match told {
        Ok(motion) => Ok(motion),
        Err(Ended::Fault(fault)) => Err(fault),
        Err(ended) => return Err(ended),
    };
    out::json(&told)
}

/// Everything that is over, and then what is on its way.
async fn whole(asked: &Tell) -> Result<Vec<Moving>, Ended> {
    let story = story::read()?;
    let begins = story.history.first().map_or(BEFORE, |act| act.ago + BEFORE);
    let clock = CatchingUp::behind(SystemClock::new(asked.starts_at), begins);
    let place = start(&asked.room, Arc::new(clock.clone()), Arc::new(AtOnce));
    let Place {
        store,
        core,
        runner,
    } = place.await?;
    stock(&core, &people::tenant()?, products()?).await?;
    let mut teller = Teller::new(core, runner, clock);
    for act in &story.history {
        teller.tell(act).await?;
    }
    teller.count().await?;
    for act in &story.motion {
        teller.begin(act).await?;
    }
    store.close().await;
    Ok(teller.in_motion())
}

/// Everything that is sold inside.
fn products() -> Result<Vec<Product>, Fault> {
    let mut all = demo()?;
    all.extend(question::read_any::<Vec<Product>>(PRODUCTS.as_bytes())?);
    Ok(all)
}
