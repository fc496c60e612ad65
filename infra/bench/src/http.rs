//! A client that asks again and again over connections that stay open, with as little work of its own as can be.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::rounds::Figures;
use crate::stats::quantile;
use crate::usage::own_cpu;

/// Requests a second, their latency, and what asking took itself.
pub(crate) const SPEED: &str = "requests";
pub(crate) const MEDIAN: &str = "p50";
pub(crate) const TAIL: &str = "p99";
pub(crate) const OWN_CPU: &str = "own cpu";
/// All that were sent, also those that don't count.
pub(crate) const COUNT: &str = "count";

/// What comes first isn't counted.
const SETTLING: Duration = Duration::from_secs(1);

/// A connection that takes one request after the other.
pub(crate) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    host: String,
}

impl Connection {
    /// To a port of this machine.
    pub(crate) async fn open(port: u16) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.context("connecting")?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self { sender, host: format!("127.0.0.1:{port}") })
    }

    /// Asks, and reads the whole answer.
    pub(crate) async fn get(&mut self, path: &str) -> Result<(StatusCode, Bytes)> {
        let request = Request::get(path).header("host", &self.host).body(Full::default())?;
        self.send(request).await
    }

    /// The same as somebody.
    async fn get_as(&mut self, path: &str, bearer: &str) -> Result<(StatusCode, Bytes)> {
        let request = Request::get(path)
            .header("host", &self.host)
            .header("authorization", bearer)
            .body(Full::default())?;
        self.send(request).await
    }

    /// Posts JSON.
    pub(crate) async fn post(&mut self, path: &str, body: String) -> Result<(StatusCode, Bytes)> {
        let request = Request::post(path)
            .header("host", &self.host)
            .header("content-type", "application/json")
            .body(Full::from(body))?;
        self.send(request).await
    }

    async fn send(&mut self, request: Request<Full<Bytes>>) -> Result<(StatusCode, Bytes)> {
        self.sender.ready().await?;
        let answer = self.sender.send_request(request).await?;
        let status = answer.status();
        Ok((status, answer.into_body().collect().await?.to_bytes()))
    }
}

/// A request of the nth connection, the mth in a row.
pub(crate) enum Ask {
    Get(String),
    /// With what stands in `Authorization`.
    GetAs(String, String),
    Post(String, String),
}

/// Keeps `connections` busy for so long: each asks again as soon as it is answered. Any answer but a success is an error.
pub(crate) async fn closed_loop(
    port: u16,
    connections: u64,
    length: Duration,
    ask: impl Fn(u64, u64) -> Ask + Clone + Send + 'static,
) -> Result<Figures> {
    let begun = Instant::now();
    let counted_from = begun + SETTLING;
    let until = counted_from + length;
    let mut tasks = JoinSet::new();
    for n in 0..connections {
        let ask = ask.clone();
        tasks.spawn(async move {
            let mut connection = Connection::open(port).await?;
            let (mut millis, mut count) = (Vec::new(), 0);
            for m in 0.. {
                let sent = Instant::now();
                if sent >= until {
                    break;
                }
                let (status, body) = match ask(n, m) {
                    Ask::Get(path) => connection.get(&path).await?,
                    Ask::GetAs(path, bearer) => connection.get_as(&path, &bearer).await?,
                    Ask::Post(path, body) => connection.post(&path, body).await?,
                };
                ensure!(status.is_success(), "answered {status}: {}", String::from_utf8_lossy(&body));
                count += 1;
                if sent >= counted_from {
                    millis.push(sent.elapsed().as_secs_f64() * 1e3);
                }
            }
            Ok::<_, anyhow::Error>((millis, count))
        });
    }
    tokio::time::sleep_until(counted_from.into()).await;
    let cpu = own_cpu()?;
    let (mut millis, mut count) = (Vec::new(), 0_u64);
    while let Some(done) = tasks.join_next().await {
        let (of_one, sent) = done??;
        millis.extend(of_one);
        count += sent;
    }
    let seconds = counted_from.elapsed().as_secs_f64();
    let share = (own_cpu()? - cpu) / seconds;
    millis.sort_by(f64::total_cmp);
    let of = |share| quantile(&millis, share).context("nothing was answered");
    Ok(vec![
        (SPEED.to_owned(), millis.len() as f64 / seconds),
        (MEDIAN.to_owned(), of(0.5)?),
        (TAIL.to_owned(), of(0.99)?),
        (OWN_CPU.to_owned(), share * 100.0),
        (COUNT.to_owned(), count as f64),
    ])
}
