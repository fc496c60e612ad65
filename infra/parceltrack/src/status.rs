//! `parceltrack status` and `down`: what another process's supervisor runs, and its end.

use std::net::ToSocketAddrs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use owo_colors::{OwoColorize, Stream};
use serde::Serialize;
use settings::Settings;

use crate::lag::GroupLag;
use crate::up::{RoleState, Running, running};

/// How long one process may take to say how it is.
const PROBE_TIMEOUT: Duration = Duration::from_secs(2);
/// How long `down` waits for everything to stop: the roles' grace and the stack's together.
const DOWN_TIMEOUT: Duration = Duration::from_secs(90);

#[derive(Serialize)]
struct Report {
    running: bool,
    supervisor: u32,
    ready: bool,
    processes: Vec<Line>,
    lag: Vec<GroupLag>,
}

#[derive(Serialize)]
struct Line {
    name: String,
    pid: Option<u32>,
    port: u16,
    restarts: u32,
    health: Health,
}

#[derive(Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
enum Health {
    Ready,
    NotReady { reason: String },
    Down,
}

/// Prints what runs. Fails when nothing does, or when something that should be well isn't.
pub(crate) async fn status(dir: &Path, settings: &Settings, json: bool) -> anyhow::Result<()> {
    let dir = &std::path::absolute(dir)?;
    let Some(running) = running(dir) else {
        if json {
            println!("{}", serde_json::json!({ "running": false }));
        }
        bail!("nothing runs on {}: start it with `parceltrack up`", dir.display());
    };
    let report = report(dir, settings, &running).await?;
    if json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print(&report);
    }
    let well = |line: &&Line| !matches!(line.health, Health::Ready);
    let unwell: Vec<_> = report.processes.iter().filter(well).map(|l| l.name.as_str()).collect();
    if !unwell.is_empty() {
        bail!("not ready: {}; their logs are in {}", unwell.join(", "), dir.join("log").display());
    }
    Ok(())
}

/// Stops what runs, and waits until it has.
pub(crate) async fn down(dir: &Path) -> anyhow::Result<()> {
    let dir = &std::path::absolute(dir)?;
    let Some(found) = running(dir) else {
        println!("nothing runs on {}", dir.display());
        return Ok(());
    };
    let supervisor = Pid::from_raw(found.supervisor.cast_signed());
    kill(supervisor, Signal::SIGTERM)
        .with_context(|| format!("can't signal the supervisor, pid {supervisor}"))?;
    let since = Instant::now();
    while running(dir).is_some() {
        if since.elapsed() > DOWN_TIMEOUT {
            bail!(
                "pid {supervisor} still runs after {} s; see {}",
                DOWN_TIMEOUT.as_secs(),
                dir.join("log").display()
            );
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    println!("stopped after {:.1} s", since.elapsed().as_secs_f64());
    Ok(())
}

async fn report(dir: &Path, settings: &Settings, running: &Running) -> anyhow::Result<Report> {
    let http = reqwest::Client::builder().no_proxy().timeout(PROBE_TIMEOUT).build()?;
    let mut processes: Vec<_> = local_stack::occupant(&dir.join("stack"))
        .into_iter()
        .flat_map(|stack| stack.components)
        .map(|c| Line {
            name: c.name.to_string(),
            pid: Some(c.pid),
            port: c.port,
            restarts: 0,
            health: connects(c.port),
        })
        .collect();
    for role in &running.roles {
        let port = role.address.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).unwrap_or_default();
        let health = health(&http, role).await;
        processes.push(Line {
            name: role.name.clone(),
            pid: role.pid,
            port,
            restarts: role.restarts,
            health,
        });
    }
    let mut settings = settings.clone();
    if let Some((_, kafka)) = running.endpoints.iter().find(|(name, _)| name == "PARCELTRACK_KAFKA") {
        settings.kafka.bootstrap.clone_from(kafka);
    }
    if let Some((_, cql)) = running.endpoints.iter().find(|(name, _)| name == "PARCELTRACK_CQL") {
        settings.cql.nodes = cql.split(',').map(|node| node.trim().to_owned()).collect();
    }
    let lag = crate::lag::of_roles(&settings).await.unwrap_or_else(|error| {
        eprintln!("the lag can't be told: {error:#}");
        Vec::new()
    });
    Ok(Report { running: true, supervisor: running.supervisor, ready: running.ready, processes, lag })
}

async fn health(http: &reqwest::Client, role: &RoleState) -> Health {
    if role.pid.is_none() {
        return Health::Down;
    }
    match http.get(format!("http://{}{}", role.address, role.ready_path)).send().await {
        Ok(answer) if answer.status().is_success() => Health::Ready,
        Ok(answer) => Health::NotReady { reason: answer.text().await.unwrap_or_default() },
        Err(_) => Health::NotReady { reason: format!("no answer on {}", role.ready_path) },
    }
}

fn connects(port: u16) -> Health {
    let address = ("127.0.0.1", port).to_socket_addrs().ok().and_then(|mut all| all.next());
    match address {
        Some(address) if std::net::TcpStream::connect_timeout(&address, PROBE_TIMEOUT).is_ok() => {
            Health::Ready
        }
        _ => Health::NotReady { reason: "no connection".to_owned() },
    }
}

fn print(report: &Report) {
    println!("{:<16} {:>8} {:>6} {:>9}  health", "process", "pid", "port", "restarts");
    for line in &report.processes {
        let pid = line.pid.map_or_else(|| "-".to_owned(), |pid| pid.to_string());
        print!("{:<16} {pid:>8} {:>6} {:>9}  ", line.name, line.port, line.restarts);
        match &line.health {
            Health::Ready => println!("{}", "ready".if_supports_color(Stream::Stdout, |t| t.green())),
            Health::NotReady { reason } => {
                println!("{} {reason}", "not ready".if_supports_color(Stream::Stdout, |t| t.red()));
            }
            Health::Down => println!("{}", "down".if_supports_color(Stream::Stdout, |t| t.red())),
        }
    }
    for group in &report.lag {
        println!("{} has {} records of {} before it", group.group, group.records, group.topic);
    }
}
