//! Prometheus itself takes what we write, and shows the trace behind a bucket.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use telemetry::metrics::{self, LATENCY_SECONDS};
use telemetry::{Readiness, TraceContext, ops};
use tokio_util::sync::CancellationToken;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// It starts in a second or two; other things may run beside the tests.
const PATIENCE: Duration = Duration::from_secs(60);

/// Ended with its test.
struct Prometheus {
    child: Child,
    address: SocketAddr,
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Prometheus {
    fn start(folder: &std::path::Path, scraped: SocketAddr) -> Self {
        let config = folder.join("prometheus.yml");
        let text = format!(
            "global:\n  scrape_interval: 500ms\nscrape_configs:\n  - job_name: ours\n    static_configs:\n      - targets: ['{scraped}']\n"
        );
        std::fs::write(&config, text).unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let child = Command::new("prometheus")
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.tsdb.path={}", folder.join("data").display()))
            .arg(format!("--web.listen-address={address}"))
            .arg("--enable-feature=exemplar-storage")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("prometheus; infra/scripts/prerequisites.sh test");
        Self { child, address }
    }

    /// What it answers to a query; nothing while it isn't up.
    fn ask(&self, path: &str) -> String {
        let asked = || -> std::io::Result<String> {
            let mut stream = TcpStream::connect(self.address)?;
            write!(stream, "GET {path} HTTP/1.0\r\n\r\n")?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok(answer)
        };
        asked().unwrap_or_default()
    }

    fn until(&self, path: &str, parts: &[&str]) {
        let begun = Instant::now();
        loop {
            let answer = self.ask(path);
            if parts.iter().all(|part| answer.contains(part)) {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "{path}: {answer}");
            std::thread::sleep(Duration::from_millis(250));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn prometheus_scrapes_us_and_shows_the_trace_behind_a_bucket() {
    let server = ops::Server::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let (scraped, stop) = (server.local_addr().unwrap(), CancellationToken::new());
    let serving = tokio::spawn(server.run(Readiness::new(), stop.clone()));
    let name = "parceltrack_telemetry_scraped_seconds";
    let seconds = metrics::traced_histogram_vec(name, "Made by a test.", &["route"], LATENCY_SECONDS);
    let trace = TraceContext::parse(&format!("00-{TRACE}-00f067aa0ba902b7-01")).unwrap();
    seconds.with_label_values(&["/a/{id}"]).observe(0.75, Some(&trace));

    let folder = tempfile::tempdir().unwrap();
    let prometheus = Prometheus::start(folder.path(), scraped);
    let asking = tokio::task::spawn_blocking(move || {
        // A bucket's limit is written as it is documented.
        let query = format!("/api/v1/query?query={name}_bucket%7Ble=%221.0%22%7D");
        prometheus.until(&query, &["\"success\"", "/a/{id}", "\"1\"]"]);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let (start, end) = (now - 600, now + 600);
        let query = format!("/api/v1/query_exemplars?query={name}_bucket&start={start}&end={end}");
        prometheus.until(&query, &[TRACE, "\"0.75\""]);
        prometheus.until("/api/v1/query?query=up", &["\"1\"]"]);
    });
    asking.await.unwrap();
    stop.cancel();
    serving.await.unwrap().unwrap();
}
