//! Listens and serves until told to stop: headers in bounded time, connections in bounded
//! number, and what is under way is finished before it ends.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, extract::ConnectInfo};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    sync::Semaphore,
    time::timeout,
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::stopping::Stopping;

/// How long the head of a request may take to arrive.
const HEADER_TIME: Duration = Duration::from_secs(10);
/// How long what is under way may take to finish.
const FINISH_TIME: Duration = Duration::from_secs(10);
/// How many headers a request may have.
const MOST_HEADERS: usize = 100;

/// Serves until `stop` is cancelled; in TLS, if there is a certificate.
pub async fn serve(
    listener: TcpListener,
    (router, tls): (Router, Option<TlsAcceptor>),
    most_connections: u32,
    stop: CancellationToken,
) {
    let room = Arc::new(Semaphore::new(most_connections.max(1) as usize));
    let graceful = GracefulShutdown::new();
    let stopping = Stopping(stop.clone());
    let mut server = auto::Builder::new(TokioExecutor::new());
    server
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .max_headers(MOST_HEADERS);
    server
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(100)
        .max_header_list_size(16 << 10);
    loop {
        let permit = tokio::select! {
            () = stop.cancelled() => break,
            permit = Arc::clone(&room).acquire_owned() => permit,
        };
        let Ok(permit) = permit else { break };
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, most likely: give the others time to end.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        // Small answers shall not wait for company.
        drop(stream.set_nodelay(true));
        let watcher = graceful.watcher();
        let (server, router, tls) = (server.clone(), router.clone(), tls.clone());
        let stopping = stopping.clone();
        tokio::spawn(async move {
            let from = (peer, &stopping);
            let ended = match tls {
                None => watcher.watch(connect(&server, stream, from, &router)).await,
                // Whoever greets slowly holds up nobody else.
                Some(tls) => match timeout(HEADER_TIME, tls.accept(stream)).await {
                    Ok(Ok(stream)) => watcher.watch(connect(&server, stream, from, &router)).await,
                    Ok(Err(error)) => Err(error.into()),
                    Err(slow) => Err(slow.into()),
                },
            };
            if let Err(error) = ended {
                tracing::debug!(%error, "a connection ended badly");
            }
            drop(permit);
        });
    }
    drop(listener);
    if timeout(FINISH_TIME, graceful.shutdown()).await.is_err() {
        tracing::warn!("some connections did not finish in time");
    }
}

fn connect<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    server: &auto::Builder<TokioExecutor>,
    stream: S,
    (peer, stopping): (SocketAddr, &Stopping),
    router: &Router,
) -> auto::Connection<
    'static,
    TokioIo<S>,
    impl hyper::service::Service<
        hyper::Request<hyper::body::Incoming>,
        Response = axum::response::Response,
        Error = std::convert::Infallible,
        Future: Send,
    > + Clone
    + use<S>,
    TokioExecutor,
> {
    let stopping = stopping.clone();
    let service =
        router
            .clone()
            .map_request(move |mut request: hyper::Request<hyper::body::Incoming>| {
                request.extensions_mut().insert(ConnectInfo(peer));
                request.extensions_mut().insert(stopping.clone());
                request.map(axum::body::Body::new)
            });
    server
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
        .into_owned()
}
