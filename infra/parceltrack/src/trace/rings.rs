//! The spans that roles keep in memory, asked of every instance that the registry knows.

use std::time::Duration;

use anyhow::bail;
use futures::future::join_all;
use serde_json::Value;
use settings::Settings;
use shipment_events::CommandId;
use telemetry::TraceId;

use crate::remote::Remote;
use crate::up;

/// How long one instance may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// An instance, and where its health and its spans are.
struct Instance {
    service: String,
    name: String,
    address: String,
}

/// What they told.
pub(super) struct Told {
    pub(super) spans: Vec<Value>,
    pub(super) asked: usize,
    /// Those that didn't answer.
    pub(super) unanswered: Vec<String>,
}

impl Told {
    /// In words, who didn't answer.
    pub(super) fn silent(&self) -> String {
        if self.unanswered.is_empty() {
            return String::new();
        }
        format!(" ({} did not answer)", self.unanswered.join(", "))
    }
}

/// Asks all for the spans of a trace; by their beginnings.
pub(super) async fn ask(settings: &Settings, remote: &Remote, trace: TraceId) -> anyhow::Result<Told> {
    let instances = instances(settings, remote).await?;
    let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build()?;
    let answers = join_all(instances.iter().map(|instance| spans_of(&http, instance, trace))).await;
    let (mut spans, mut unanswered) = (Vec::new(), Vec::new());
    for (instance, answer) in instances.iter().zip(answers) {
        match answer {
            Ok(of_it) => spans.extend(of_it),
            Err(error) => {
                tracing::debug!(
                    error = format!("{error:#}"),
                    address = instance.address,
                    "no spans from there"
                );
                unanswered.push(format!("{} {}", instance.service, instance.name));
            }
        }
    }
    spans.sort_by_key(|span| (span["start_unix_us"].as_u64(), span["end_unix_us"].as_u64()));
    Ok(Told { spans, asked: instances.len(), unanswered })
}

/// The command that a span is about, if it is one that names it.
pub(super) fn command_of(span: &Value) -> Option<CommandId> {
    let is_of_command = span["attributes"]["parceltrack.command.type"].is_string();
    let id = span["attributes"]["messaging.message.id"].as_str().filter(|_| is_of_command)?;
    id.parse().ok()
}

async fn spans_of(http: &reqwest::Client, of: &Instance, trace: TraceId) -> anyhow::Result<Vec<Value>> {
    let answer = http.get(format!("http://{}/spans?trace_id={trace}", of.address)).send().await?;
    let mut answer: Value = answer.error_for_status()?.json().await?;
    let spans = answer["spans"].as_array_mut().map(std::mem::take).unwrap_or_default();
    let named = |mut span: Value| {
        span["service"] = of.service.as_str().into();
        span["instance"] = of.name.as_str().into();
        span
    };
    Ok(spans.into_iter().map(named).collect())
}

/// As the registry has them; if that can't be asked, those that run here.
async fn instances(settings: &Settings, remote: &Remote) -> anyhow::Result<Vec<Instance>> {
    let error = match remote.get("/api/v1/services", &[]).await {
        Ok(answer) => return Ok(registered(&answer)),
        Err(error) => error,
    };
    let here = up::running(&settings.local_stack.dir).into_iter().flat_map(|running| running.roles);
    let here: Vec<Instance> = here
        .map(|role| Instance {
            service: role.name.clone(),
            name: role.address.clone(),
            address: role.address,
        })
        .collect();
    if here.is_empty() {
        bail!("who runs where can't be asked: {error:#}");
    }
    Ok(here)
}

fn registered(answer: &Value) -> Vec<Instance> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let instances = list(&answer["services"]).into_iter().flat_map(|service| list(&service["instances"]));
    instances
        .map(|instance| {
            let ops = instance["metadata"]["ops"].as_str();
            let address = ops.map_or_else(|| text(&instance["address"]), str::to_owned);
            Instance { service: text(&instance["service"]), name: text(&instance["instance"]), address }
        })
        .filter(|instance| !instance.address.is_empty())
        .collect()
}
