//! Serving a router: bounded connections, bounded patience, an orderly end.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::metrics::{self, Counted};

/// How long to pause when the process has run out of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Bytes of a request's head at most.
const MAX_HEAD_BYTES: usize = 64 * 1024;

/// Why an API can't be served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address can't be listened on.
    #[error("can't listen on {listen}: stop what listens there, or set another address")]
    Listen {
        /// The address asked for.
        listen: SocketAddr,
        /// The operating system's words.
        #[source]
        source: io::Error,
    },
}

/// What a server bounds.
#[derive(Debug, Clone, Copy)]
pub struct ServerLimits {
    /// How long answers under way have to end in, once told to stop.
    pub drain: Duration,
    /// How long a caller may take to send a request's head, or to begin another on a kept connection. Longer than the
    /// 90 s for which common clients keep one that is idle: whoever ends it first must not be we, or a request
    /// that is on its way in that very moment fails (RFC 9112, section 9.5).
    pub head_patience: Duration,
    /// Connections at once; further ones wait to be accepted.
    pub max_connections: usize,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            drain: Duration::from_secs(15),
            head_patience: Duration::from_secs(100),
            max_connections: 16_384,
        }
    }
}

/// A server that has its address, but does not serve yet: a taken port is found before anything else begins.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    limits: ServerLimits,
}

/// Binds and serves until `shutdown`, then lets answers under way end within the drain time.
pub async fn serve(
    listen: SocketAddr,
    router: Router,
    limits: ServerLimits,
    shutdown: CancellationToken,
) -> Result<(), Error> {
    Server::bind(listen, limits).await?.run(router, shutdown).await;
    Ok(())
}

impl Server {
    /// Takes the address.
    pub async fn bind(listen: SocketAddr, limits: ServerLimits) -> Result<Self, Error> {
        let listener = TcpListener::bind(listen).await.map_err(|source| Error::Listen { listen, source })?;
        Ok(Self { listener, limits })
    }

    /// The address in use; tells the port where port 0 was asked for.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `shutdown`, then lets answers under way end within the drain time.
    ///
    /// Handlers of endless streams must end them on the same token, or they are cut off.
    pub async fn run(self, router: Router, shutdown: CancellationToken) {
        let slots = Arc::new(Semaphore::new(self.limits.max_connections));
        let graceful = GracefulShutdown::new();
        let mut connections = JoinSet::new();
        loop {
            while connections.try_join_next().is_some() {}
            let accepted = tokio::select! {
                accepted = accept(&self.listener, &slots) => accepted,
                () = shutdown.cancelled() => break,
            };
            let Some((stream, slot)) = accepted else { continue };
            connections.spawn(connection(stream, slot, router.clone(), self.limits, graceful.watcher()));
        }
        drop(self.listener);
        self.limits.drain(graceful, &mut connections).await;
    }
}

impl ServerLimits {
    async fn drain(self, graceful: GracefulShutdown, connections: &mut JoinSet<()>) {
        if tokio::time::timeout(self.drain, graceful.shutdown()).await.is_err() {
            let drain_ms = u64::try_from(self.drain.as_millis()).unwrap_or(u64::MAX);
            tracing::warn!(connections = connections.len(), drain_ms, "answers under way are cut off");
        }
        connections.shutdown().await;
    }
}

/// The next connection with its slot; none after an error, which is another connection's and not the end.
async fn accept(listener: &TcpListener, slots: &Arc<Semaphore>) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let slot = slots.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => Some((stream, slot)),
        Err(error) => {
            tracing::warn!(%error, "a connection could not be accepted");
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

async fn connection(
    stream: TcpStream,
    _slot: OwnedSemaphorePermit,
    router: Router,
    limits: ServerLimits,
    watcher: hyper_util::server::graceful::Watcher,
) {
    // A connection that is cut off drops its task midway.
    let _open = Counted::by(&metrics::OPEN);
    // Answers are small and wanted at once.
    let _ = stream.set_nodelay(true);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_patience)
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%error, "a connection ended early");
    }
}
