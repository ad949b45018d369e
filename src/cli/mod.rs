//! The command line: one file for each subcommand, tables for people, JSON for programs,
//! exit codes that mean something, and nothing on standard output but the answer.

mod activity;
mod alerts;
mod audit;
mod buys;
mod call;
mod console;
mod delivery;
pub mod demo;
mod doctor;
mod engines;
mod jobs;
mod key;
mod keys;
mod mcp;
mod open;
mod operator;
mod orders;
mod out;
mod outside;
mod pacing;
mod process;
mod sandbox;
mod sellers;
mod serve;
mod shell;
mod slots;
mod tenants;
mod webhooks;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args as _, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::{
    config::{Settings, Unusable},
    domain::text::echo,
    engine::fault::{Fault, FaultKind},
    store::open::OpenError,
};

const AFTER_HELP: &str = "\
Exit codes: 0 done, 1 a mistake of ours, 2 wrong use or input, 3 not found, 4 not allowed, \
5 in conflict with the state of things, 6 the engine or database cannot now, 7 the job failed, \
8 the audit trail is broken, 9 it has no anchor.";

/// The operations console for advertising.
#[derive(Debug, Parser)]
#[command(name = "flightdeck", version, about, after_help = AFTER_HELP)]
struct Args {
    #[command(flatten)]
    options: Options,
    /// Without a command, the console opens.
    #[command(subcommand)]
    command: Option<Command>,
}

/// What is said beside a command, or without one.
#[derive(Debug, clap::Args)]
struct Options {
    /// The settings file; where it is not said, the one in the platform's usual place.
    #[arg(long, global = true, env = "FLIGHTDECK_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// The tenant, instead of the one in the settings.
    #[arg(long, global = true, value_name = "NAME")]
    tenant: Option<String>,
    /// The database: a file or a postgres:// URL, instead of the one in the settings.
    #[arg(long, global = true, value_name = "WHERE")]
    database: Option<String>,
    /// Another engine: its profile in the settings or its address, instead of the one in this
    /// process, `embedded`; `FLIGHTDECK_ENGINE` says it too. An address alone is opened with the
    /// key in `FLIGHTDECK_TOKEN`.
    #[arg(long, global = true, value_name = "ENGINE", conflicts_with_all = ["database", "demo"])]
    engine: Option<String>,
    /// What is logged, instead of what the settings say: off, error, warn, info, debug, trace,
    /// or a filter such as warn,flightdeck=debug.
    #[arg(long, global = true, value_name = "LEVEL")]
    log_level: Option<String>,
    /// Answer in JSON.
    #[arg(long, global = true)]
    json: bool,
    /// Use a desk to look at: filled with history, moving, and gone afterwards.
    #[arg(long, global = true, conflicts_with = "database")]
    demo: bool,
    #[command(flatten)]
    console: console::Flags,
}

impl Args {
    /// What was asked for; where that is the console, without a look at all the commands that
    /// there are.
    fn asked() -> Self {
        let alone = Options::augment_args(clap::Command::new("flightdeck")).try_get_matches();
        match alone.and_then(|matches| Options::from_arg_matches(&matches)) {
            Ok(options) => Self {
                options,
                command: None,
            },
            // A command, or a mistake that is best told with all commands at hand.
            Err(_) => Self::parse(),
        }
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the engine over HTTP.
    Serve(serve::Serve),
    /// Speak the seller's tools over standard input and output, by the Model Context Protocol.
    Mcp,
    /// Send briefs, follow jobs, decide on what is recommended.
    #[command(subcommand)]
    Jobs(jobs::Jobs),
    /// Look at what waits for a decision, and decide.
    #[command(subcommand)]
    Review(jobs::Review),
    /// Decide on the orders that wait for the publisher.
    #[command(subcommand)]
    Orders(orders::Orders),
    /// List media buys, stop them, let them go on, call them off.
    #[command(subcommand)]
    Buys(buys::Buys),
    /// Look at what lines have delivered and what others count, and turn the clock of a sandbox.
    #[command(subcommand)]
    Delivery(delivery::Delivery),
    /// Look at the sellers that jobs are researched and booked with.
    #[command(subcommand)]
    Sellers(sellers::Sellers),
    /// See how lines pace, and change it.
    #[command(subcommand)]
    Pacing(pacing::Pacing),
    /// See what is wrong with lines, and see to it.
    #[command(subcommand)]
    Alerts(alerts::Alerts),
    /// Look at what can be booked, book it, and see to who comes.
    #[command(subcommand)]
    Slots(slots::Slots),
    /// Look at what happened, and at what goes on behind it.
    #[command(subcommand)]
    Activity(activity::Activity),
    /// Say who is told what happens, and see what they were told.
    #[command(subcommand)]
    Webhooks(webhooks::Webhooks),
    /// Ask any operation of the engine with a JSON object.
    Call(call::Call),
    /// Say what is wrong with this set-up and how to mend it.
    Doctor,
    /// Read and verify the audit trail.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Look after the tenants, their principals, and what their ad servers have.
    #[command(subcommand)]
    Tenants(tenants::Tenants),
    /// Hand out a tenant's keys and take them back.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Make a key for the settings of the server, and show it once.
    Key(key::Key),
    /// Print completions for a shell.
    Completions(shell::Completions),
    /// Print the manual page.
    Man,
}

impl Command {
    /// Whether it asks an engine, which may then be one to look at.
    fn may_be_shown(&self) -> bool {
        matches!(
            self,
            Self::Jobs(_)
                | Self::Review(_)
                | Self::Activity(_)
                | Self::Orders(_)
                | Self::Buys(_)
                | Self::Sellers(_)
                | Self::Pacing(_)
                | Self::Alerts(_)
                | Self::Tenants(_)
                | Self::Webhooks(_)
                | Self::Slots(_)
                | Self::Call(_)
                | Self::Audit(_)
        )
    }
}

/// How a command answers, and of which desk.
#[derive(Debug, Clone, Copy)]
struct Shown {
    /// In JSON.
    as_json: bool,
    /// Of a desk to look at.
    demo: bool,
}

/// Why a command ended without its answer.
#[derive(Debug)]
pub enum Ended {
    /// The engine said why.
    Fault(Fault),
    /// The settings or the input said why: wrong use.
    Usage(String),
    /// The database could not be opened.
    Database(OpenError),
    /// Whoever read our output has gone; nothing is wrong.
    Unread,
    /// The answer was given, and it is this code.
    Code(u8),
}

impl From<Fault> for Ended {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Unusable> for Ended {
    fn from(unusable: Unusable) -> Self {
        Self::Usage(unusable.to_string())
    }
}

impl From<OpenError> for Ended {
    fn from(error: OpenError) -> Self {
        Self::Database(error)
    }
}

impl From<std::io::Error> for Ended {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            return Self::Unread;
        }
        Self::Usage(format!("cannot write the answer: {error}"))
    }
}

/// Runs what the arguments say.
///
/// # Errors
/// When something happened that nobody expected.
pub fn run() -> color_eyre::Result<ExitCode> {
    if let Some(tell) = demo::past::Tell::asked() {
        let ended = demo::past::tell(tell);
        return ends(&mut tokio::runtime::Builder::new_multi_thread(), ended);
    }
    let Args { options, command } = Args::asked();
    if let Some(command) = command {
        let mut threads = tokio::runtime::Builder::new_multi_thread();
        return ends(&mut threads, dispatch(options, command));
    }
    process::share_a_heap();
    // The loop of the console; its engine brings its own threads.
    ends(
        &mut tokio::runtime::Builder::new_current_thread(),
        open(options),
    )
}

/// Does it with these threads, and says how it ended.
fn ends(
    threads: &mut tokio::runtime::Builder,
    done: impl Future<Output = Result<(), Ended>>,
) -> color_eyre::Result<ExitCode> {
    let runtime = threads.enable_all().build()?;
    let ended = runtime.block_on(done);
    // Blocking reads of a terminal must not keep a finished program alive.
    runtime.shutdown_background();
    Ok(ExitCode::from(match ended {
        Ok(()) | Err(Ended::Unread) => 0,
        Err(ended) => report(ended),
    }))
}

/// Which engine is asked, if it is not the one in this process.
fn meant(options: &Options, serves: bool) -> Result<Option<String>, Ended> {
    let chosen = engines::chosen(options.engine.clone(), None);
    if serves && chosen.is_some() {
        let said = "what is served is the engine in this process: `serve` takes no --engine";
        return Err(Ended::Usage(said.into()));
    }
    let here = options.demo || options.database.is_some() || serves;
    let environment = std::env::var(engines::ENGINE).ok().filter(|_| !here);
    Ok(engines::chosen(options.engine.clone(), environment))
}

/// The settings, with what the options say instead.
fn settled(mut settings: Settings, options: &Options, serves: bool) -> Result<Settings, Ended> {
    settings.engine = meant(options, serves)?;
    if let Some(tenant) = &options.tenant {
        settings.in_passing = true;
        settings.tenant.clone_from(tenant);
    }
    if let Some(database) = &options.database {
        settings.database.clone_from(database);
    }
    if let Some(level) = &options.log_level {
        settings.log.level.clone_from(level);
        let told = |why| Ended::Usage(format!("--log-level: {} {why}", echo(level)));
        settings.log.fits().map_err(told)?;
    }
    settings.default_tenant()?;
    Ok(settings)
}

/// The console.
async fn open(options: Options) -> Result<(), Ended> {
    let loaded = Settings::load(options.config.as_deref(), std::env::vars_os())?;
    let settings = settled(loaded, &options, false)?;
    console::run(settings, options.console, options.demo).await
}

/// A command.
async fn dispatch(options: Options, command: Command) -> Result<(), Ended> {
    match &command {
        Command::Completions(completions) => {
            return shell::completions(completions, &mut Args::command());
        }
        Command::Man => return shell::man(&Args::command()),
        // A calculator needs no settings, and works where those are wrong.
        Command::Pacing(pacing::Pacing::Explain) => return pacing::explain(options.json),
        Command::Slots(slots::Slots::Preview(preview)) => {
            return slots::preview(preview, options.json);
        }
        _ => {}
    }
    let loaded = Settings::load(options.config.as_deref(), std::env::vars_os());
    let loaded = match (loaded, &command) {
        (Err(wrong), Command::Doctor) => return doctor::unread(&wrong, options.json),
        (loaded, _) => loaded?,
    };
    let settings = settled(loaded, &options, matches!(command, Command::Serve(_)))?;
    let shown = Shown {
        as_json: options.json,
        demo: options.demo,
    };
    if shown.demo && !command.may_be_shown() {
        let said = "--demo goes with the console and with what asks an engine, such as jobs, orders or pacing";
        return Err(Ended::Usage(said.into()));
    }
    out::start_log(&settings.log)?;
    match command {
        Command::Serve(serve) => serve::run(settings, serve).await,
        Command::Mcp => mcp::run(&settings).await,
        Command::Jobs(jobs) => jobs::run(&settings, jobs, shown).await,
        Command::Review(review) => jobs::run(&settings, review.into(), shown).await,
        Command::Activity(activity) => activity::run(&settings, activity, shown).await,
        Command::Orders(orders) => Box::pin(orders::run(&settings, orders, shown)).await,
        Command::Buys(buys) => buys::run(&settings, buys, shown).await,
        Command::Sellers(sellers) => sellers::run(&settings, sellers, shown).await,
        Command::Delivery(delivery) => delivery::run(&settings, delivery, options.json).await,
        Command::Call(call) => call::run(&settings, call, shown).await,
        Command::Doctor => doctor::run(&settings, options.config.as_deref(), options.json).await,
        Command::Audit(audit) => audit::run(&settings, audit, shown).await,
        Command::Keys(keys) => Box::pin(keys::run(&settings, keys, options.json)).await,
        Command::Key(key) => key::run(&settings, &key, options.json),
        Command::Pacing(pacing) => pacing::run(&settings, pacing, shown).await,
        Command::Alerts(alerts) => alerts::run(&settings, alerts, shown).await,
        Command::Tenants(tenants) => tenants::run(&settings, tenants, shown).await,
        Command::Webhooks(webhooks) => webhooks::run(&settings, webhooks, shown).await,
        Command::Slots(slots) => slots::run(&settings, slots, shown).await,
        Command::Completions(_) | Command::Man => Ok(()),
    }
}

fn report(ended: Ended) -> u8 {
    let (said, code) = match ended {
        Ended::Code(code) => return code,
        Ended::Unread => return 0,
        Ended::Usage(said) => (said, 2),
        Ended::Database(error) => (error.to_string(), 6),
        Ended::Fault(fault) => {
            let code = code_of(fault.kind);
            (fault.to_string(), code)
        }
    };
    out::complain(&said);
    code
}

fn code_of(kind: FaultKind) -> u8 {
    match kind {
        FaultKind::Broken => 1,
        FaultKind::Malformed
        | FaultKind::Invalid
        | FaultKind::KeyReused
        | FaultKind::TooLarge
        | FaultKind::UnsupportedMedia
        | FaultKind::MethodNotAllowed => 2,
        FaultKind::NotFound => 3,
        FaultKind::Unauthenticated | FaultKind::Forbidden | FaultKind::Misdirected => 4,
        FaultKind::WrongState | FaultKind::Conflict | FaultKind::Gone | FaultKind::Stale => 5,
        FaultKind::Limited | FaultKind::Busy | FaultKind::Storage => 6,
    }
}
