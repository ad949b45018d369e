//! `flightdeck` alone: the console on the embedded engine, or on one somewhere else. The first
//! picture stands there before the engine is open, and where one somewhere else is not there at
//! all; who is refused by it reads so before the screen is taken. The log goes to a file, because
//! the screen is the console's.

use std::{
    collections::BTreeMap,
    fs,
    future::ready,
    io,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::{FutureExt as _, future::BoxFuture};
use tokio::{
    runtime::{Builder, Handle, Runtime},
    task::JoinError,
};
use tracing_appender::{
    non_blocking::{NonBlockingBuilder, WorkerGuard},
    rolling,
};
use tracing_subscriber::{layer::SubscriberExt as _, util::SubscriberInitExt as _};

use super::{
    Ended,
    demo::people,
    engines::{self, Afar},
    open::{Desktop, keeps_house, local_caller},
    process::of_its_own,
};
use crate::{
    config::Settings,
    domain::{tenant::caller::Caller, when::Instant, zone::Zone},
    engine::clock::{Clock as _, SystemClock},
    remote::is_away,
    session::Session,
    tui::{
        clean::Clean,
        console::{Console, Identity},
        keymap::Keymap,
        logbook::Logbook,
        run::{self, Choice, First, Left, Place, Unopened},
        terminal,
        theme::{Depth, Theme},
    },
};

/// How long it is waited for the word of an engine somewhere else before the screen is taken: who
/// is refused reads so where they asked.
const WORD: Duration = Duration::from_secs(1);
/// How many days of logs are kept.
const KEPT_LOGS: usize = 7;
/// How many lines may wait to be written; of more, some are left out.
const LINES_AT_ONCE: usize = 2_000;
/// How long background work may take to finish its step when the console is left.
const LAST_STEP: Duration = Duration::from_millis(700);
/// How far the engine's threads stand behind the loop's, in the system's own steps.
#[cfg(target_os = "linux")]
const STEP_BACK: i32 = 5;

/// How the console begins.
#[derive(Debug, Clone, clap::Args)]
pub struct Flags {
    /// Send no commands at all.
    #[arg(long)]
    read_only: bool,
    /// The theme: dark, light, contrast or safe.
    #[arg(long, value_name = "NAME")]
    theme: Option<String>,
    /// Draw with ASCII alone.
    #[arg(long)]
    ascii: bool,
    /// Leave the mouse to the terminal.
    #[arg(long)]
    no_mouse: bool,
}

/// Runs the console.
pub async fn run(mut settings: Settings, flags: Flags, demo: bool) -> Result<(), Ended> {
    terminal::check().map_err(Ended::Usage)?;
    let set = &mut settings.console;
    set.read_only |= flags.read_only;
    set.ascii |= flags.ascii;
    set.mouse &= !flags.no_mouse;
    if let Some(theme) = flags.theme {
        set.theme = theme;
    }
    let logbook = Logbook::new();
    let log = start_log(&settings, &logbook, demo)?;
    let caller = if demo {
        people::you()?
    } else {
        local_caller(&settings)?
    };
    let clock = SystemClock::new(settings.starts_at()?);
    let mut console = console(&settings, caller, demo, logbook, clock.now())?;
    let (choices, at) = choices(&settings, demo)?;
    console.offers(choices.iter().map(|one| one.name.clone()).collect(), at);
    if settings.engine.is_some() {
        console.awaits();
    }
    let state = choices.get(at).and_then(|one| one.state.clone());
    let engine = threads(demo)?;
    let desks = Desks {
        names: names(&settings),
        at,
        settings: settings.clone(),
        demo,
        engine: engine.handle().clone(),
        own: Arc::default(),
        afar: Arc::default(),
    };
    let opens = desks.clone();
    let open = match desks.clone().first().await {
        Ok(open) => open,
        Err(ended) => {
            engine.shutdown_background();
            return Err(ended);
        }
    };
    let place = Place {
        state,
        slow: terminal::is_slow(env),
        ascii: settings.console.ascii || terminal::is_ascii(env),
        clock,
        engines: Some(run::Engines {
            choices,
            at,
            open: Arc::new(move |to| opens.clone().choose(to)),
        }),
        own: of_its_own(),
    };
    let left = run::run(console, place, open).await;
    if let Some((opened, _)) = desks.take() {
        // What does not end in time is carried on by the next start.
        drop(tokio::time::timeout(LAST_STEP, engine.spawn(opened.close())).await);
    }
    engine.shutdown_background();
    drop(log);
    match left {
        Ok(Left::Quit) => Ok(()),
        Ok(Left::Signal(code)) => Err(Ended::Code(code)),
        Ok(Left::Unopened(ended)) => Err(ended),
        Err(error) => Err(Ended::Usage(format!(
            "the terminal cannot be used: {error}"
        ))),
    }
}

/// The engines that can be asked, by what the command line calls them; the first is the one in
/// this process.
fn names(settings: &Settings) -> Vec<Option<String>> {
    let known = settings.engines.keys().cloned().map(Some);
    let mut all: Vec<_> = std::iter::once(None).chain(known).collect();
    if !all.contains(&settings.engine) {
        all.push(settings.engine.clone());
    }
    all
}

/// The same as people see them, and which of them is asked first.
fn choices(settings: &Settings, demo: bool) -> Result<(Vec<Choice>, usize), Ended> {
    let names = names(settings);
    let data = settings.data_dir()?;
    let at = names.iter().position(|one| *one == settings.engine);
    let choice = |named: &Option<String>| match named {
        None => Choice {
            name: Clean::from(if demo { "demo" } else { engines::EMBEDDED }),
            state: (!demo).then(|| data.join("console.toml")),
        },
        Some(named) => Choice {
            name: Clean::new(&engines::label(settings, named)),
            state: Some(data.join(kept_in(named))),
        },
    };
    Ok((names.iter().map(choice).collect(), at.unwrap_or(0)))
}

/// The file that keeps what the console showed of an engine last time.
fn kept_in(named: &str) -> PathBuf {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let name: String = named.chars().take(60).map(plain).collect();
    format!("console-{name}.toml").into()
}

fn env(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The threads that the engine works with. The loop has its own, and goes first where there
/// are too few processors for both: a key is answered while a job is worked out.
fn threads(demo: bool) -> Result<Runtime, Ended> {
    let runtime = Builder::new_multi_thread()
        // One person asks: every further thread would only keep memory.
        .worker_threads(if demo { 1 } else { 2 })
        .max_blocking_threads(if demo { 2 } else { 6 })
        .thread_name("engine")
        .on_thread_start(step_back)
        .enable_all()
        .build();
    runtime.map_err(|error| Ended::Usage(format!("the engine has no threads: {error}")))
}

/// Lets others go before this thread.
fn step_back() {
    // Only there is a thread a process of its own as far as that goes.
    #[cfg(target_os = "linux")]
    {
        let this = Some(rustix::thread::gettid());
        if let Err(error) = rustix::process::setpriority_process(this, STEP_BACK) {
            tracing::debug!(%error, "this thread goes as early as the others");
        }
    }
}

/// Opens engines beside the loop, so that not even a slow disk stops a key.
#[derive(Clone)]
struct Desks {
    names: Vec<Option<String>>,
    /// Which of them the command line means.
    at: usize,
    settings: Settings,
    demo: bool,
    engine: Handle,
    /// The engine in this process, once it is open: whoever runs the console ends it.
    own: Arc<Mutex<Option<(Desktop, Session)>>>,
    /// Those somewhere else whose place and key are known, by their numbers.
    afar: Arc<Mutex<BTreeMap<usize, Afar>>>,
}

/// An engine on its way to be open, or known not to be there.
type Opening = BoxFuture<'static, Result<First, Ended>>;

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Desks {
    fn take(&self) -> Option<(Desktop, Session)> {
        locked(&self.own).take()
    }

    /// Begins to open the engine of the command line. One somewhere else has a moment to refuse
    /// us, before the screen is taken; one that is not there does not keep the screen closed.
    async fn first(self) -> Result<Opening, Ended> {
        let at = self.at;
        if self.named(at).is_none() {
            return Ok(self.open(at).boxed());
        }
        // Where its key is may be asked of a person, who needs the terminal for that.
        self.find(at).await?;
        let mut opening = self.open(at).boxed();
        match tokio::time::timeout(WORD, &mut opening).await {
            Ok(first) => first.map(|first| ready(Ok(first)).boxed()),
            Err(_) => Ok(opening),
        }
    }

    /// Tries to open the engine of that number, or says why it is not open.
    fn choose(self, to: usize) -> BoxFuture<'static, Result<Session, Unopened>> {
        let told = |ended| match ended {
            Ended::Fault(fault) => fault.to_string(),
            Ended::Usage(said) => said,
            Ended::Database(error) => error.to_string(),
            Ended::Unread | Ended::Code(_) => "it ended".to_owned(),
        };
        let opened = async move {
            match self.open(to).await {
                Ok(First::Open(session)) => Ok(*session),
                Ok(First::Away(why)) => Err(Unopened::Away(why)),
                Err(ended) => Err(Unopened::Refused(told(ended))),
            }
        };
        opened.boxed()
    }

    fn named(&self, to: usize) -> Option<&str> {
        self.names.get(to)?.as_deref()
    }

    /// The settings as they are for the engine of that number: the tenant of the command line is
    /// one of the engine of the command line.
    fn settings_of(&self, to: usize) -> Settings {
        let mut settings = self.settings.clone();
        settings.in_passing &= to == self.at;
        settings.engine = self.named(to).map(str::to_owned);
        settings
    }

    /// Where the engine of that number is, if that is somewhere else; found out once.
    async fn find(&self, to: usize) -> Result<Option<Afar>, Ended> {
        let Some(named) = self.named(to) else {
            return Ok(None);
        };
        let known = locked(&self.afar).get(&to).cloned();
        if known.is_some() {
            return Ok(known);
        }
        let afar = Afar::find(&self.settings_of(to), named).await?;
        locked(&self.afar).insert(to, afar.clone());
        Ok(Some(afar))
    }

    async fn open(self, to: usize) -> Result<First, Ended> {
        let Some(afar) = self.find(to).await? else {
            return self.open_own(to).await;
        };
        let knocked = self.engine.spawn(async move { afar.knock().await });
        match knocked.await.map_err(|error| lost(&error))? {
            Ok(session) => Ok(First::Open(Box::new(self.dressed(session)))),
            Err(fault) if is_away(&fault) => Ok(First::Away(fault.to_string())),
            Err(fault) => {
                // Perhaps its key was changed: it is read anew when it is tried again.
                locked(&self.afar).remove(&to);
                Err(fault.into())
            }
        }
    }

    async fn open_own(self, to: usize) -> Result<First, Ended> {
        let known = locked(&self.own).as_ref().map(|(_, it)| it.clone());
        if let Some(session) = known {
            return Ok(First::Open(Box::new(session)));
        }
        let (settings, demo) = (self.settings_of(to), self.demo);
        let opened = self
            .engine
            .spawn(async move { Desktop::open(&settings, demo).await });
        let opened = opened.await.map_err(|error| lost(&error))??;
        let session = self.dressed(opened.session.clone());
        *locked(&self.own) = Some((opened, session.clone()));
        Ok(First::Open(Box::new(session)))
    }

    /// A session as this console uses it.
    fn dressed(&self, session: Session) -> Session {
        let session = session.apart(self.engine.clone());
        if self.settings.console.read_only {
            session.read_only()
        } else {
            session
        }
    }
}

/// Nobody opens the engine any more.
fn lost(error: &JoinError) -> Ended {
    Ended::Usage(format!("the engine: {error}"))
}

fn console(
    settings: &Settings,
    caller: Caller,
    demo: bool,
    logbook: Logbook,
    now: Instant,
) -> Result<Console, Ended> {
    let set = &settings.console;
    let depth = match set.colors.as_str() {
        "none" => Depth::None,
        "16" => Depth::Sixteen,
        "256" => Depth::Palette,
        "true" => Depth::True,
        _ => terminal::depth(env),
    };
    let ascii = set.ascii || terminal::is_ascii(env);
    let Looks {
        theme,
        keymap,
        zone,
    } = Looks::of(settings, depth, ascii).map_err(Ended::Usage)?;
    let keeps_house = keeps_house(&caller);
    let engine = match &settings.engine {
        Some(named) => Clean::new(&engines::label(settings, named)),
        None if demo => "demo".into(),
        None => engines::EMBEDDED.into(),
    };
    let identity = Identity {
        caller,
        engine,
        read_only: set.read_only,
        keeps_house,
        zone,
    };
    let mut console = Console::new(identity, keymap, theme, logbook, now);
    if !set.mouse {
        console.without_mouse();
    }
    if !set.theme.is_empty() {
        console.keep_theme();
    }
    Ok(console)
}

/// Logs to a file a day in the data directory, readable by its owner alone; what is shown
/// only leaves no file behind.
fn start_log(
    settings: &Settings,
    logbook: &Logbook,
    demo: bool,
) -> Result<Option<WorkerGuard>, Ended> {
    let filter = tracing_subscriber::EnvFilter::try_new(&settings.log.level)
        .map_err(|error| Ended::Usage(format!("setting `log.level`: {error}")))?;
    let seen = logbook.layer(SystemClock::new(settings.starts_at()?));
    let registry = tracing_subscriber::registry().with(filter).with(seen);
    if demo {
        drop(registry.try_init());
        return Ok(None);
    }
    let dir = settings.data_dir()?.join("log");
    let failed = |error: &dyn std::fmt::Display| {
        Ended::Usage(format!("cannot log to {}: {error}", dir.display()))
    };
    make_private(&dir).map_err(|error| failed(&error))?;
    let file = rolling::Builder::new()
        .rotation(rolling::Rotation::DAILY)
        .filename_prefix("console")
        .filename_suffix("log")
        .max_log_files(KEPT_LOGS)
        .build(&dir)
        .map_err(|error| failed(&error))?;
    let (writer, guard) = NonBlockingBuilder::default()
        .buffered_lines_limit(LINES_AT_ONCE)
        .finish(file);
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(writer)
        .with_ansi(false);
    // A log that was started before stays; that happens in tests only.
    drop(registry.with(lines).try_init());
    Ok(Some(guard))
}

fn make_private(dir: &std::path::Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// What the settings say of the looks and the keys.
struct Looks {
    theme: Theme,
    keymap: Keymap,
    zone: Zone,
}

impl Looks {
    /// Reads them; or says what the console cannot use.
    fn of(settings: &Settings, depth: Depth, ascii: bool) -> Result<Self, String> {
        let set = &settings.console;
        let named = if set.theme.is_empty() {
            "dark"
        } else {
            &set.theme
        };
        let theme = Theme::named(named, depth, ascii)
            .map_err(|why| format!("setting `console.theme`: {why}"))?;
        let keymap = Keymap::new(&set.keys).map_err(|why| why.to_string())?;
        let zone = set.timezone.parse().map_err(|_| {
            format!(
                "setting `console.timezone`: \"{}\" is no time zone; write one such as Europe/Berlin",
                set.timezone
            )
        })?;
        Ok(Self {
            theme,
            keymap,
            zone,
        })
    }
}

/// What of the settings keeps the console from opening.
pub(super) fn wrong(settings: &Settings) -> Option<String> {
    Looks::of(settings, Depth::None, true).err()
}
