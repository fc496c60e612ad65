//! The role: takes its addresses, follows the registry in the background, serves, and ends in good order.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use auth::Gatekeeper;
use event_log::{Kafka, Topics};
use pingora_core::server::configuration::ServerConf;
use pingora_proxy::HttpProxy;
use service_registry::Directory;
use settings::{Live, Settings};
use telemetry::Readiness;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::admission::Admission;
use crate::connection::{Connection, HeadLimits};
use crate::doorkeeper::Doorkeeper;
use crate::error::Error;
use crate::front::{Front, IDLE};
use crate::handover::{self, Predecessor, Waiting, given_up};
use crate::lanes::Lanes;
use crate::metrics;
use crate::own::Own;
use crate::proxy::Proxy;
use crate::retry::RETRIES;
use crate::tls::Tls;
use crate::upstreams::Upstreams;

/// How long to pause when the process has run out of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How long connections that nobody uses are kept for another request, once another gateway has taken over.
const LINGER: Duration = Duration::from_secs(5);

/// Idle connections to instances that are kept.
const KEPT_CONNECTIONS: usize = 1_024;

/// Serves until `shutdown`.
///
/// # Errors
/// A setting can't be used, or an address is taken.
pub async fn run(settings: &Settings, shutdown: CancellationToken) -> Result<(), Error> {
    Gateway::bind(settings).await?.serve(shutdown).await
}

/// A gateway that has its addresses, but does not serve yet.
pub struct Gateway {
    ops: telemetry::ops::Server,
    readiness: Readiness,
    serving: Serving,
    follow: Option<(Upstreams, Directory)>,
    predecessor: Option<Predecessor>,
    handover: Option<PathBuf>,
}

impl Gateway {
    /// Takes the addresses, and begins to follow the registry and the API keys. Must be called within a Tokio runtime.
    ///
    /// # Errors
    /// When a setting can't be used, or an address is taken.
    pub async fn bind(settings: &Settings) -> Result<Self, Error> {
        auth::check_listen(settings, settings.gateway.listen)?;
        let (readiness, stop) = (Readiness::new(), CancellationToken::new());
        let gatekeeper = Gatekeeper::start(settings, "parceltrack-gateway-keys", &readiness, stop.clone())?;
        let upstreams = Upstreams::new();
        let mut gateway =
            Self::made_of(settings, Arc::new(gatekeeper), upstreams.clone(), readiness.clone(), stop).await?;
        let kafka = Kafka::of_settings(&settings.kafka, "parceltrack-gateway")?;
        let topics = Topics::of_settings(&settings.kafka);
        let registry = readiness.condition("registry");
        let directory = Directory::start(&kafka, &topics, registry, gateway.serving.stop.clone());
        gateway.follow = Some((upstreams, directory));
        Ok(gateway)
    }

    /// Takes the addresses, for services at known places instead of those in the registry.
    ///
    /// # Errors
    /// When a setting can't be used, or an address is taken.
    pub async fn bind_to(
        settings: &Settings,
        doorkeeper: Arc<dyn Doorkeeper>,
        upstreams: Upstreams,
        readiness: Readiness,
    ) -> Result<Self, Error> {
        Self::made_of(settings, doorkeeper, upstreams, readiness, CancellationToken::new()).await
    }

    async fn made_of(
        settings: &Settings,
        doorkeeper: Arc<dyn Doorkeeper>,
        upstreams: Upstreams,
        readiness: Readiness,
        stop: CancellationToken,
    ) -> Result<Self, Error> {
        metrics::register();
        let own = &settings.gateway;
        let tls = Tls::of(own)?;
        let (listener, ops, predecessor) = addresses(own).await?;
        // The gateway that hands its sockets over may listen elsewhere than the settings of this one say.
        auth::check_listen(settings, at(&listener, own)?)?;
        let head = HeadLimits {
            bytes: own.max_header_bytes,
            time: Duration::from_millis(own.header_timeout_ms),
            idle: IDLE,
        };
        let admission = Admission::new(own.clone(), Own::new(), doorkeeper);
        let lanes = Lanes::start().map_err(Error::Threads)?;
        let conf = Arc::new(ServerConf {
            max_retries: RETRIES + 1,
            upstream_keepalive_pool_size: KEPT_CONNECTIONS.div_ceil(lanes.count()),
            ..ServerConf::default()
        });
        let proxy = Proxy::new(admission, upstreams, tls.is_some());
        let front = |_| {
            let mut proxy = HttpProxy::new(proxy.clone(), Arc::clone(&conf));
            proxy.handle_init_modules();
            // With a token of its own: one that all connections asked would be fought for.
            Arc::new(Front::new(proxy, head, stop.child_token()))
        };
        let serving = Serving {
            listener,
            fronts: (0..lanes.count()).map(front).collect(),
            tls,
            lanes,
            connections: Arc::new(Semaphore::new(own.max_connections)),
            drain: Duration::from_millis(own.drain_ms),
            idle_ms: own.idle_ms.clone(),
            stop,
        };
        let handover = own.handover_socket.clone();
        Ok(Self { ops, readiness, serving, follow: None, predecessor, handover })
    }

    /// The address in use; tells the port where port 0 was asked for.
    ///
    /// # Errors
    /// When the operating system doesn't know.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.serving.listener.local_addr()
    }

    /// The address of health and metrics.
    ///
    /// # Errors
    /// When the operating system doesn't know.
    pub fn ops_addr(&self) -> io::Result<SocketAddr> {
        self.ops.local_addr()
    }

    /// Serves until `shutdown`, or until another gateway takes over; then lets answers under way end within the drain time. Where there
    /// is a gateway already that serves at the same socket file, takes over from it once this one is ready.
    ///
    /// # Errors
    /// When health and metrics stop being served by themselves.
    pub async fn serve(self, shutdown: CancellationToken) -> Result<(), Error> {
        let Self { ops, readiness, serving, follow, predecessor, handover } = self;
        let (stop, certificate) = (serving.stop.clone(), serving.tls.clone());
        let follow = async {
            if let Some((upstreams, directory)) = follow {
                upstreams.follow(directory, stop.clone()).await;
            }
        };
        let watch = async {
            if let Some(tls) = certificate {
                tls.watch(stop.clone()).await;
            }
        };
        let overseeing = async {
            tokio::select! {
                () = shutdown.cancelled() => stop.cancel(),
                () = stop.cancelled() => {}
            }
        };
        let serving = async {
            let waiting = handover.map(|path| Waiting::beside(&path, &serving.listener, &ops));
            let waiting = waiting.transpose().map_err(Error::Handover)?;
            if let Some(predecessor) = predecessor {
                tokio::select! {
                    () = predecessor.replace(&readiness) => tracing::info!("took over from the gateway that served"),
                    () = stop.cancelled() => return Ok(()),
                }
            }
            if let Ok(address) = serving.listener.local_addr() {
                tracing::info!(%address, tls = serving.tls.is_some(), "gateway listening");
            }
            if let Some(waiting) = &waiting {
                waiting.take_place().map_err(Error::Handover)?;
            }
            // Health is the successor's as soon as calls are.
            let (left, told) = (CancellationToken::new(), CancellationToken::new());
            let leaving = async {
                if given_up(waiting, &stop).await {
                    tracing::info!("another gateway has taken over");
                    left.cancel();
                    told.cancel();
                }
            };
            let accepting = async {
                serving.accept(&left).await;
                told.cancel();
            };
            let ((), (), ops) = tokio::join!(leaving, accepting, ops.run(readiness.clone(), told.clone()));
            Ok(ops?)
        };
        let serving = async {
            let served = serving.await;
            stop.cancel();
            served
        };
        tokio::join!(follow, watch, overseeing, serving).3
    }
}

/// The addresses, from the gateway that has them where there is one.
async fn addresses(
    own: &settings::keys::Gateway,
) -> Result<(TcpListener, telemetry::ops::Server, Option<Predecessor>), Error> {
    let came = match own.handover_socket.clone() {
        None => Ok(None),
        Some(path) => {
            let coming = tokio::task::spawn_blocking(move || handover::come(&path));
            coming.await.unwrap_or_else(|ended| Err(io::Error::other(ended)))
        }
    };
    let came = came.map_err(|error| match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Error::HandoverUnderWay,
        _ => Error::Handover(error),
    })?;
    let Some((sockets, predecessor)) = came else {
        let listener = TcpListener::bind(own.listen).await;
        let listener = listener.map_err(|source| Error::Listen { listen: own.listen, source })?;
        return Ok((listener, telemetry::ops::Server::bind(own.ops_listen).await?, None));
    };
    sockets.calls.set_nonblocking(true).map_err(Error::Handover)?;
    let listener = TcpListener::from_std(sockets.calls).map_err(Error::Handover)?;
    let ops = telemetry::ops::Server::at(sockets.ops).map_err(Error::Handover)?;
    let came_at = [at(&listener, own)?, ops.local_addr().map_err(Error::Handover)?];
    for (address, asked) in came_at.into_iter().zip([own.listen, own.ops_listen]) {
        if asked.port() != 0 && asked != address {
            tracing::warn!(%address, %asked, "another address was handed over than the one that is set; it stays in use");
        }
    }
    Ok((listener, ops, Some(predecessor)))
}

/// Where it listens.
fn at(listener: &TcpListener, own: &settings::keys::Gateway) -> Result<SocketAddr, Error> {
    listener.local_addr().map_err(|source| Error::Listen { listen: own.listen, source })
}

struct Serving {
    listener: TcpListener,
    /// One for each lane: connections to instances stay there, too.
    fronts: Vec<Arc<Front>>,
    tls: Option<Tls>,
    lanes: Lanes,
    connections: Arc<Semaphore>,
    drain: Duration,
    /// Milliseconds that a caller may leave an answer unread.
    idle_ms: Live<u64>,
    stop: CancellationToken,
}

impl Serving {
    /// Serves until it is told to stop, or until others accept in its place.
    async fn accept(self, left: &CancellationToken) {
        let (tell, shutdown) = watch::channel(false);
        let mut open = JoinSet::new();
        loop {
            while open.try_join_next().is_some() {}
            let accepted = tokio::select! {
                accepted = self.next() => accepted,
                () = self.stop.cancelled() => break,
                () = left.cancelled() => break,
            };
            let Some((stream, peer, slot)) = accepted else { continue };
            // Answers are small and wanted at once.
            let _ = stream.set_nodelay(true);
            let Ok(stream) = stream.into_std() else { continue };
            let (lane, handle) = self.lanes.next();
            let (front, tls, shutdown) = (Arc::clone(&self.fronts[lane]), self.tls.clone(), shutdown.clone());
            let patience = Duration::from_millis(self.idle_ms.now());
            let served = async move {
                let _slot = slot;
                let _open = Open::new();
                // Here, so that it belongs to this lane.
                let Ok(stream) = TcpStream::from_std(stream) else { return };
                let connection = match tls {
                    None => Some(Connection::plain(stream, peer, patience)),
                    Some(tls) => {
                        tls.accept(stream).await.map(|stream| Connection::tls(stream, peer, patience))
                    }
                };
                if let Some(connection) = connection {
                    front.serve(connection, &shutdown).await;
                }
            };
            open.spawn_on(served, handle);
        }
        drop(self.listener);
        for front in &self.fronts {
            front.stop().await;
        }
        let _ = tell.send(true);
        if left.is_cancelled() {
            // Whoever has a connection may be asking just now: it gets its answer, and is told that it was the last one.
            let all_ended = async { while open.join_next().await.is_some() {} };
            tokio::select! {
                _ = tokio::time::timeout(LINGER.min(self.drain), all_ended) => {}
                () = self.stop.cancelled() => {}
            }
            self.stop.cancel();
        }
        let all_ended = async { while open.join_next().await.is_some() {} };
        if tokio::time::timeout(self.drain, all_ended).await.is_err() {
            let drain_ms = u64::try_from(self.drain.as_millis()).unwrap_or(u64::MAX);
            tracing::warn!(connections = open.len(), drain_ms, "answers under way are cut off");
        }
        open.shutdown().await;
    }

    /// The next connection with its slot; none after an error, which is another connection's and not the end.
    async fn next(&self) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
        let slot = Arc::clone(&self.connections).acquire_owned().await.ok()?;
        match self.listener.accept().await {
            Ok((stream, peer)) => Some((stream, peer, slot)),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                None
            }
        }
    }
}

/// A connection, counted as long as it lives.
struct Open;

impl Open {
    fn new() -> Self {
        metrics::CONNECTIONS.inc();
        Self
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        metrics::CONNECTIONS.dec();
    }
}
