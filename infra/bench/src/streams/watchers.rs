//! Those who watch: a connection each, with as little work and memory as can be.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use tokio::time::timeout;

/// How many connect at once.
const AT_ONCE: usize = 100;

/// How long a stream may take to begin, and a change to come to all.
const PATIENCE: Duration = Duration::from_secs(20);
const ALL_SEE: Duration = Duration::from_mins(1);

/// Connections from one address: Linux has 28,000 ports for them.
const OF_AN_ADDRESS: usize = 20_000;

/// What a stream has seen: which shipment, its version, when. A version of -1: it has ended.
type Sight = (usize, i64, Instant);

/// All streams. Dropping them ends them.
pub(crate) struct Watchers {
    port: u16,
    paths: Vec<String>,
    streams: JoinSet<()>,
    held: usize,
    refused: Option<String>,
    sights: UnboundedReceiver<Sight>,
    seen: UnboundedSender<Sight>,
}

impl Watchers {
    pub(crate) fn new(port: u16, paths: Vec<String>) -> Self {
        let (seen, sights) = unbounded_channel();
        Self { port, paths, streams: JoinSet::new(), held: 0, refused: None, sights, seen }
    }

    pub(crate) fn held(&self) -> usize {
        self.held
    }

    /// Why there are not more.
    pub(crate) fn refused(&self) -> Option<String> {
        self.refused.clone()
    }

    /// Opens streams until there are so many, or one is refused.
    pub(crate) async fn grow(&mut self, wanted: usize) {
        while self.held < wanted && self.refused.is_none() {
            let batch = (self.held..wanted.min(self.held + AT_ONCE)).map(|n| {
                let shipment = n % self.paths.len();
                let opening = open(self.port, n, self.paths[shipment].clone());
                async move { (shipment, timeout(PATIENCE, opening).await) }
            });
            for (shipment, opened) in futures::future::join_all(batch).await {
                match opened.context("no answer in time").flatten() {
                    Ok(stream) => {
                        self.held += 1;
                        self.streams.spawn(watch(stream, shipment, self.seen.clone()));
                    }
                    Err(error) => self.refused = Some(format!("{error:#}")),
                }
            }
        }
    }

    /// Waits until every stream has seen this version of its shipment; when each did.
    pub(crate) async fn all_see(&mut self, version: i64) -> Result<Vec<(usize, Instant)>> {
        let mut all = Vec::with_capacity(self.held);
        let deadline = Instant::now() + ALL_SEE;
        while all.len() < self.held {
            let sight = tokio::time::timeout_at(deadline.into(), self.sights.recv()).await;
            let Ok(sight) = sight else { bail!("{} of {} streams were told", all.len(), self.held) };
            let (shipment, seen, at) = sight.context("there are no streams")?;
            ensure!(seen >= 0, "a stream has ended");
            if seen == version {
                all.push((shipment, at));
            }
        }
        Ok(all)
    }
}

/// The nth stream, once it is answered.
async fn open(port: u16, n: usize, path: String) -> Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    let from = Ipv4Addr::new(127, 0, 1, 1 + (n / OF_AN_ADDRESS) as u8);
    socket.bind(SocketAddr::from((from, 0)))?;
    let mut stream = socket.connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
    let request =
        format!("GET {path}/live HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/event-stream\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut status = [0; 12];
    stream.read_exact(&mut status).await?;
    ensure!(status == *b"HTTP/1.1 200", "answered {}", String::from_utf8_lossy(&status));
    Ok(stream)
}

/// Tells of each version as it comes.
async fn watch(stream: TcpStream, shipment: usize, seen: UnboundedSender<Sight>) {
    // Only the end of a line may be cut off between two reads; no event's `id` is far from its beginning.
    let mut rest = String::new();
    loop {
        // Nothing is kept for a stream that is silent.
        let read = match stream.readable().await {
            Ok(()) => {
                let mut buffer = [0; 2_048];
                stream.try_read(&mut buffer).map(|length| buffer[..length].to_vec())
            }
            Err(error) => Err(error),
        };
        match read {
            Ok(bytes) if !bytes.is_empty() => rest.push_str(&String::from_utf8_lossy(&bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => continue,
            _ => {
                let _ = seen.send((shipment, -1, Instant::now()));
                return;
            }
        }
        let at = Instant::now();
        while let Some((line, after)) = rest.split_once('\n') {
            if let Some(version) = line.strip_prefix("id: ").and_then(|id| id.trim().parse().ok()) {
                let _ = seen.send((shipment, version, at));
            }
            rest = after.to_owned();
        }
    }
}
