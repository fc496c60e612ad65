//! `parceltrack track`: a parcel's timeline in the terminal.

use std::time::Duration;

use anyhow::{Context, bail};
use owo_colors::{OwoColorize, Stream, Style};
use reqwest::StatusCode;
use serde::Deserialize;
use settings::Settings;

use crate::cli::TrackArgs;
use crate::remote::Remote;
use crate::terminal::printable;

/// How often `--watch` asks again.
const WATCH_INTERVAL: Duration = Duration::from_secs(1);
/// How long one answer may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The public view, as far as the timeline shows it.
#[derive(Deserialize)]
struct Tracking {
    #[serde(rename = "tracking_number")]
    number: Option<String>,
    carrier: Option<String>,
    status: String,
    status_text: String,
    status_since: String,
    promised_delivery: Option<String>,
    origin: Option<Spot>,
    destination: Option<Spot>,
    #[serde(default)]
    events: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    time: String,
    local_time: Option<String>,
    status: String,
    text: Option<String>,
    place: Option<Spot>,
}

#[derive(Deserialize)]
struct Spot {
    facility: Option<String>,
    city: Option<String>,
    region: Option<String>,
    country: Option<String>,
}

#[derive(Deserialize)]
struct Problem {
    title: Option<String>,
    detail: Option<String>,
}

/// Prints the timeline; with `--watch` prints it again whenever it changed, until Ctrl-C.
pub(crate) async fn track(settings: &Settings, args: &TrackArgs) -> anyhow::Result<()> {
    let remote = Remote::find(args.gateway.as_ref(), settings)?;

    let mut etag = None;
    loop {
        match fetch(&remote, &args.number, etag.as_deref()).await {
            Ok(Fetched::Same) => {}
            Ok(Fetched::Tracking { body, etag: fresh }) => {
                etag = fresh;
                show(&body, args)?;
            }
            // Somebody who watches waits for the parcel, and through an outage.
            Err(error) if args.watch => eprintln!("{error:#}; trying again"),
            Err(error) => return Err(error),
        }
        if !args.watch {
            return Ok(());
        }
        tokio::time::sleep(WATCH_INTERVAL).await;
    }
}

enum Fetched {
    Same,
    Tracking { body: String, etag: Option<String> },
}

async fn fetch(remote: &Remote, number: &str, etag: Option<&str>) -> anyhow::Result<Fetched> {
    let mut request = remote.get_segments(["api", "v1", "tracking", number])?.timeout(TIMEOUT);
    if let Some(etag) = etag {
        request = request.header("if-none-match", etag);
    }
    let answer = request.send().await.map_err(|error| remote.unanswered(error))?;
    let status = answer.status();
    if status == StatusCode::NOT_MODIFIED {
        return Ok(Fetched::Same);
    }
    let etag = answer.headers().get("etag").and_then(|v| v.to_str().ok()).map(str::to_owned);
    let body = answer.text().await?;
    if !status.is_success() {
        let problem = serde_json::from_str(&body).unwrap_or(Problem { title: None, detail: None });
        bail!(
            "{}",
            problem.detail.or(problem.title).unwrap_or_else(|| format!("the query API answered {status}"))
        );
    }
    Ok(Fetched::Tracking { body, etag })
}

fn show(body: &str, args: &TrackArgs) -> anyhow::Result<()> {
    if args.json {
        println!("{body}");
        return Ok(());
    }
    let tracking: Tracking =
        serde_json::from_str(body).context("the query API's answer isn't a tracking view")?;
    if args.watch && std::io::IsTerminal::is_terminal(&std::io::stdout()) {
        // Clear the screen, cursor home (ECMA-48).
        print!("\x1b[2J\x1b[H");
    }
    print(&tracking, &args.number);
    Ok(())
}

fn print(tracking: &Tracking, asked: &str) {
    let number = tracking.number.as_deref().unwrap_or(asked);
    println!("{} {}", bold(&printable(number)), printable(tracking.carrier.as_deref().unwrap_or_default()));
    println!("{}  since {}", coloured(&tracking.status, &tracking.status_text), tracking.status_since);
    let (from, to) =
        (tracking.origin.as_ref().map(Spot::text), tracking.destination.as_ref().map(Spot::text));
    if let Some(to) = to.filter(|t| !t.is_empty()) {
        println!("{} to {to}", from.filter(|f| !f.is_empty()).unwrap_or_else(|| "?".to_owned()));
    }
    if let Some(day) = &tracking.promised_delivery {
        println!("promised for {day}");
    }
    println!();
    for (n, entry) in tracking.events.iter().enumerate() {
        let mark = if n == 0 { "●" } else { "○" };
        let time = entry.local_time.as_deref().unwrap_or(&entry.time);
        let place = entry.place.as_ref().map(Spot::text).unwrap_or_default();
        let text = entry.text.as_deref().unwrap_or(&entry.status);
        println!("{mark} {time:<25} {:<22} {place}", coloured(&entry.status, text));
    }
    println!();
}

impl Spot {
    fn text(&self) -> String {
        let parts = [&self.facility, &self.city, &self.region, &self.country];
        parts
            .into_iter()
            .flatten()
            .filter(|p| !p.is_empty())
            .map(|part| printable(part))
            .collect::<Vec<_>>()
            .join(", ")
    }
}

fn bold(text: &str) -> String {
    text.if_supports_color(Stream::Stdout, |t| t.bold()).to_string()
}

fn coloured(status: &str, text: &str) -> String {
    let style = match status {
        "delivered" | "available_for_pickup" => Style::new().green(),
        "returning" | "returned" | "delayed" | "on_hold" | "attempt_failed" | "customs" => {
            Style::new().yellow()
        }
        "exception" | "lost" | "damaged" | "disposed" | "cancelled" | "expired" => Style::new().red(),
        _ => Style::new().cyan(),
    };
    // Padded before it is coloured: the escape codes have no width.
    let padded = format!("{:<22}", printable(text));
    padded.if_supports_color(Stream::Stdout, |t| t.style(style)).to_string()
}
