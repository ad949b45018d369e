//! Serves the engine over HTTP until told to stop.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use clap::Args;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::{Ended, demo::scratch::Scratch, open, out, sandbox};
use crate::{
    api::{self, Setup, address::Address, auth::Keys, tls::Certificate},
    config::Settings,
    domain::{
        money::Amount,
        tenant::{
            caller::{Caller, house},
            role::Role,
        },
    },
    engine::activity::anchor,
    store::open::Keeps,
};

/// How often what was measured is folded into sums.
const TIDY: Duration = Duration::from_secs(5);

/// Serve the engine over HTTP.
#[derive(Debug, Args)]
pub struct Serve {
    /// Address and port, instead of those in the settings; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS")]
    bind: Option<String>,
    /// Let anybody with a demo-acme-outdoor- key play in a tenant of its own.
    #[arg(long)]
    sandbox: bool,
    /// Begin with an empty database that is gone afterwards.
    #[arg(long)]
    ephemeral: bool,
}

/// Serves until SIGINT or SIGTERM.
pub async fn run(mut settings: Settings, serve: Serve) -> Result<(), Ended> {
    if let Some(bind) = serve.bind {
        settings.server.bind = bind;
    }
    let listener = listen(&settings).await?;
    let (certificate, scheme) = tls(&settings)?;
    let scratch = serve.ephemeral.then(Scratch::make).transpose()?;
    if let Some(scratch) = &scratch {
        settings.database = scratch.path().join("desk.db").display().to_string();
        settings.audit.anchor = scratch.path().join("anchor").display().to_string();
    }
    if settings.server.public_url.is_empty() {
        settings.server.public_url = format!("{scheme}://{}", listener.local_addr()?);
    }
    // Whoever serves a tenant means it.
    settings.in_passing = false;
    let sandbox = serve.sandbox.then(sandbox::tenant).transpose()?;
    let opened = open::open_with(&settings, Keeps::Much, |desk| {
        desk.sandbox.clone_from(&sandbox);
        desk.tenants.extend(sandbox.clone());
        // Nobody else can go by a clock whose database is gone with it.
        desk.turnable |= serve.ephemeral;
        if sandbox.is_some() {
            desk.sign_off_from = Amount::from(sandbox::SIGN_OFF_FROM);
            desk.sandbox_governance = false;
        }
    })
    .await?;
    let mut set_up = set_up(&settings)?;
    if let Some(tenant) = sandbox {
        sandbox::fill(&opened.core).await?;
        set_up.keys = set_up.keys.playing_in(tenant);
        out::note("a sandbox is open to every key that begins with demo-acme-outdoor-");
    }
    let measured = PrometheusBuilder::new()
        .install_recorder()
        .map_err(|error| Ended::Usage(format!("measurements cannot be kept: {error}")))?;
    let router = api::router(opened.core.clone(), set_up, Some(render(measured.clone())));
    let stop = CancellationToken::new();
    let tidied = tokio::spawn(tidy(measured, stop.clone()));
    let runner = tokio::spawn(opened.runner.clone().run(stop.clone()));
    let anchor = tokio::spawn(anchor::keep(
        opened.core.clone(),
        opened.anchor.clone(),
        stop.clone(),
    ));
    let at = listener.local_addr()?;
    out::note(&format!(
        "flightdeck {} serves {scheme}://{at} on {}",
        env!("CARGO_PKG_VERSION"),
        opened.core.database().await?
    ));
    out::note(&format!("read {scheme}://{at}/docs; stop with ctrl-c"));
    let (tls, renewed) = renewing(certificate, &stop);
    let served = tokio::spawn(api::serve::serve(
        listener,
        (router, tls),
        settings.server.max_connections,
        stop.clone(),
    ));
    told_to_stop().await?;
    tracing::info!("stopping");
    stop.cancel();
    for ending in [served, runner, anchor, tidied, renewed] {
        drop(ending.await); // a panic in there was logged where it happened
    }
    opened.store.close().await;
    drop(scratch);
    Ok(())
}

/// The certificate that the settings name, and what addresses begin with.
fn tls(settings: &Settings) -> Result<(Option<Certificate>, &'static str), Ended> {
    let server = &settings.server;
    if server.tls_cert.is_empty() {
        return Ok((None, "http"));
    }
    let read = Certificate::read(server.tls_cert.as_ref(), server.tls_key.as_ref());
    let read = read.map_err(|why| Ended::Usage(format!("setting `server.tls_cert`: {why}")))?;
    Ok((Some(read), "https"))
}

/// What connections are taken with, where that is TLS; it is another certificate whenever somebody
/// has renewed its files.
fn renewing(
    certificate: Option<Certificate>,
    stop: &CancellationToken,
) -> (Option<TlsAcceptor>, JoinHandle<()>) {
    let tls = certificate.as_ref().map(Certificate::acceptor);
    let stop = stop.clone();
    let renews = async move {
        if let Some(certificate) = certificate {
            certificate.follow(stop).await;
        }
    };
    (tls, tokio::spawn(renews))
}

async fn listen(settings: &Settings) -> Result<TcpListener, Ended> {
    let bind = &settings.server.bind;
    let cannot = |error: std::io::Error| {
        Ended::Usage(format!(
            "cannot listen on {bind}: {error}\nhint: choose another `server.bind`, such as 127.0.0.1:8002"
        ))
    };
    let mut addresses = tokio::net::lookup_host(bind).await.map_err(cannot)?;
    let address: SocketAddr = addresses
        .next()
        .ok_or_else(|| Ended::Usage(format!("{bind} is no address")))?;
    let is_plain = settings.server.tls_cert.is_empty();
    if !address.ip().is_loopback() && is_plain && !settings.server.allow_plain_http {
        return Err(Ended::Usage(format!(
            "{bind} can be reached from elsewhere, and this server speaks plain HTTP\n\
             hint: set `server.tls_cert` and `server.tls_key`; or put a proxy with TLS in front and set `server.allow_plain_http = true`; or bind 127.0.0.1"
        )));
    }
    if !address.ip().is_loopback() && settings.keys.is_empty() && settings.server.open_as != "none"
    {
        return Err(Ended::Usage(format!(
            "{bind} can be reached from elsewhere, and no keys are set up\n\
             hint: make one with `flightdeck key`, or set `server.open_as = \"none\"`"
        )));
    }
    TcpListener::bind(address).await.map_err(cannot)
}

fn set_up(settings: &Settings) -> Result<Setup, Ended> {
    let tenant = settings.default_tenant()?;
    let open = settings
        .server
        .open_as
        .parse()
        .ok()
        .map(|role| Caller::anonymous(tenant.clone(), role));
    let mut keys = Keys::open_as(open);
    for key in &settings.keys {
        let tenant = key.tenant.parse().unwrap_or_else(|_| tenant.clone());
        let Ok(role) = key.role.parse() else { continue };
        // Operators have charge of all tenants, and belong to none.
        let tenant = if role == Role::Operator {
            house()
        } else {
            tenant
        };
        let scopes = key
            .scopes
            .iter()
            .filter_map(|scope| scope.parse().ok())
            .collect();
        let scopes = (!key.scopes.is_empty()).then_some(scopes);
        keys.add(
            &key.id,
            &key.sha256,
            Caller {
                name: key.name.clone(),
                tenant,
                role,
                scopes,
            },
        );
    }
    Ok(Setup {
        keys,
        address: Address {
            hosts: settings.server.hosts.clone(),
            origins: settings.server.origins.clone(),
        },
        requests_per_minute: settings.server.requests_per_minute,
        mcp_per_minute: settings.server.mcp_requests_per_minute,
        admin_per_minute: settings.server.admin_requests_per_minute,
        approve_wait: Duration::from_secs(u64::from(settings.server.approve_wait_seconds)),
    })
}

fn render(measured: PrometheusHandle) -> api::Renderer {
    Arc::new(move || {
        measured.run_upkeep();
        measured.render()
    })
}

/// Folds what was measured into sums, also where nobody ever scrapes it: it would grow.
async fn tidy(measured: PrometheusHandle, stop: CancellationToken) {
    while !stop.is_cancelled() {
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(TIDY) => measured.run_upkeep(),
        }
    }
}

async fn told_to_stop() -> Result<(), Ended> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}
