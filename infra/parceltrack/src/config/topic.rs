//! `parceltrack config get|set|…`: the config topic, by way of the config service.

use std::collections::BTreeMap;
use std::io::Read;
use std::time::Duration;

use anyhow::{Context, bail};
use owo_colors::OwoColorize;
use reqwest::{Method, RequestBuilder};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::cli::{ConfigCommand, Place, Reason};
use crate::remote::{Remote, TIMEOUT};
use crate::terminal::printable;

/// How often `watch` looks.
const LOOK: Duration = Duration::from_secs(1);
/// Changes that one look of `watch` can miss none of.
const AT_ONCE: u32 = 1_000;

/// Where it tells which version each instance runs on.
const INSTANCES: &str = "/api/v1/config-instances";

/// An entry or a change, as the service shows it.
#[derive(Deserialize)]
struct Entry {
    name: String,
    value: Value,
    r#type: Option<String>,
    version: u64,
    at: String,
    author: String,
    reason: Option<String>,
}

/// Asks the service, and prints what it answers.
pub(super) async fn run(service: &Remote, command: &ConfigCommand, as_json: bool) -> anyhow::Result<()> {
    match command {
        ConfigCommand::List { place } => {
            let answer = service.get(&place.path(), &[]).await?;
            print(&answer, as_json, |answer| entries(&answer["entries"], Entry::setting))
        }
        ConfigCommand::Get { name, place } => {
            let answer = service.get(&place.entry(name), &[]).await?;
            print(&answer, as_json, |answer| Ok(shown(&answer["value"])))
        }
        ConfigCommand::Instances => {
            let answer = service.get(INSTANCES, &[]).await?;
            print(&answer, as_json, instances)
        }
        ConfigCommand::Set { assignment, r#type, if_version, dry_run, wait, place, why } => {
            let (name, value) = assignment.split_once('=').context("write NAME=VALUE")?;
            let value = if value == "-" { from_stdin()? } else { value.to_owned() };
            let mut body = why.to_json();
            body["value"] = typed(&value, r#type.as_deref());
            if let Some(kind) = r#type {
                body["type"] = kind.as_str().into();
            }
            let request = service.request(Method::PUT, &place.entry(name)).query(&[("dry_run", dry_run)]);
            let answer = service.answer(if_matches(request, *if_version).json(&body)).await?;
            print(&answer, as_json, |answer| Ok(changed(answer)))?;
            match wait {
                Some(seconds) => acknowledged(service, &answer["version"], *seconds).await,
                None => Ok(()),
            }
        }
        ConfigCommand::Delete { name, if_version, dry_run, place, why } => {
            let request = service.request(Method::DELETE, &place.entry(name)).query(&[("dry_run", dry_run)]);
            let answer = service.answer(if_matches(request, *if_version).json(&why.to_json())).await?;
            print(&answer, as_json, |answer| Ok(changed(answer)))
        }
        ConfigCommand::History { name, limit, place } => {
            let mut query = vec![("limit", limit.to_string())];
            query.extend(name.clone().map(|name| ("name", name)));
            let answer = service.get(&format!("{}/history", place.path()), &query).await?;
            print(&answer, as_json, |answer| entries(&answer["changes"], Entry::change))
        }
        ConfigCommand::Diff { from, to, place } => {
            let mut query = vec![("from", from.to_string())];
            query.extend(to.map(|to| ("to", to.to_string())));
            let answer = service.get(&format!("{}/diff", place.path()), &query).await?;
            print(&answer, as_json, differences)
        }
        ConfigCommand::Rollback { to, dry_run, place, why } => {
            let mut body = why.to_json();
            body["to"] = (*to).into();
            let request = service.request(Method::POST, &format!("{}/rollback", place.path()));
            let answer = service.answer(request.query(&[("dry_run", dry_run)]).json(&body)).await?;
            print(&answer, as_json, |answer| Ok(changed(answer)))
        }
        ConfigCommand::Export { place } => {
            let answer = service.get(&place.path(), &[]).await?;
            println!("{}", serde_json::to_string_pretty(&exported(&answer)?)?);
            Ok(())
        }
        ConfigCommand::Import { file, replace, dry_run, place, why } => {
            let text = if file.as_os_str() == "-" {
                from_stdin()?
            } else {
                std::fs::read_to_string(file).with_context(|| file.display().to_string())?
            };
            let mut body = why.to_json();
            body["entries"] =
                serde_json::from_str(&text).context("the file is not JSON as `config export` writes it")?;
            body["replace"] = (*replace).into();
            let request = service.request(Method::POST, &place.path()).query(&[("dry_run", dry_run)]);
            let answer = service.answer(request.json(&body)).await?;
            print(&answer, as_json, |answer| Ok(changed(answer)))
        }
        ConfigCommand::Watch { place } => watch(service, place, as_json).await,
    }
}

/// Waits until every instance runs on a version.
async fn acknowledged(service: &Remote, version: &Value, seconds: u64) -> anyhow::Result<()> {
    let query = [("version", version.to_string()), ("wait_ms", (seconds * 1_000).to_string())];
    let request = service.request(Method::GET, INSTANCES).query(&query);
    let answer = service.answer(request.timeout(TIMEOUT + Duration::from_secs(seconds))).await?;
    if answer["acknowledged"] != true {
        bail!("not every instance runs on version {version} after {seconds} s:\n{}", instances(&answer)?);
    }
    Ok(())
}

/// Prints every change from now on, until Ctrl-C.
async fn watch(service: &Remote, place: &Place, as_json: bool) -> anyhow::Result<()> {
    let path = format!("{}/history", place.path());
    let query = [("limit", AT_ONCE.to_string())];
    let mut seen = None;
    loop {
        match service.get(&path, &query).await {
            Ok(answer) => {
                let last = seen.unwrap_or_else(|| answer["version"].as_u64().unwrap_or_default());
                let changes = answer["changes"].as_array().cloned().unwrap_or_default();
                let version = |change: &Value| change["version"].as_u64().unwrap_or_default();
                for change in changes.iter().rev().filter(|change| version(change) > last) {
                    let text =
                        if as_json { change.to_string() } else { Entry::deserialize(change)?.change() };
                    println!("{text}");
                }
                seen = Some(changes.first().map_or(last, version).max(last));
            }
            // Who watches waits through an outage; who can't begin has to know.
            Err(error) if seen.is_some() => eprintln!("{error:#}; trying again"),
            Err(error) => return Err(error),
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn if_matches(request: RequestBuilder, version: Option<u64>) -> RequestBuilder {
    match version {
        Some(version) => request.header("if-match", format!("\"{version}\"")),
        None => request,
    }
}

/// Secrets shouldn't stand on a command line, where others see them.
fn from_stdin() -> anyhow::Result<String> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).context("standard input")?;
    Ok(text.trim_end_matches(['\n', '\r']).to_owned())
}

/// A number or a boolean as such, unless another type is wanted.
fn typed(value: &str, kind: Option<&str>) -> Value {
    match (serde_json::from_str(value), kind) {
        // Not what would read otherwise then: 1.10 is a version, and no number.
        (Ok(typed @ (Value::Number(_) | Value::Bool(_))), None | Some("number" | "boolean"))
            if value == typed.to_string().as_str() =>
        {
            typed
        }
        _ => value.into(),
    }
}

/// As `import` takes it; secrets are left out, for they aren't shown.
fn exported(answer: &Value) -> anyhow::Result<BTreeMap<String, Value>> {
    let all: Vec<Entry> = Vec::deserialize(&answer["entries"])?;
    let shown = all.into_iter().filter(|entry| entry.r#type.as_deref() != Some("secret"));
    Ok(shown.map(|entry| (entry.name, json!({ "value": entry.value, "type": entry.r#type }))).collect())
}

fn print(
    answer: &Value,
    as_json: bool,
    text: impl Fn(&Value) -> anyhow::Result<String>,
) -> anyhow::Result<()> {
    if as_json {
        println!("{}", serde_json::to_string_pretty(answer)?);
    } else {
        println!("{}", text(answer)?);
    }
    Ok(())
}

fn changed(answer: &Value) -> String {
    if answer["dry_run"] == true {
        return format!("{} entries would change; nothing was written", answer["would_change"]);
    }
    match (answer["version"].as_u64(), answer["done"] == true) {
        (_, true) => "deleted".to_owned(),
        (Some(version), _) => format!("version {version}"),
        (None, _) => answer.to_string(),
    }
}

fn entries(list: &Value, line: impl Fn(&Entry) -> String) -> anyhow::Result<String> {
    let all: Vec<Entry> = Vec::deserialize(list)?;
    if all.is_empty() {
        return Ok("nothing is set".to_owned());
    }
    Ok(all.iter().map(line).collect::<Vec<_>>().join("\n"))
}

fn instances(answer: &Value) -> anyhow::Result<String> {
    let all = answer["instances"].as_array().context("an answer without instances")?;
    let line = |instance: &Value| {
        let text = |member: &str| printable(instance[member].as_str().unwrap_or_default());
        let version =
            instance["version"].as_u64().map_or_else(|| "?".to_owned(), |version| version.to_string());
        format!("{:<18} {:<24} {:<10} version {version}", text("service"), text("instance"), text("status"))
    };
    Ok(all.iter().map(line).collect::<Vec<_>>().join("\n"))
}

fn differences(answer: &Value) -> anyhow::Result<String> {
    let all = answer["differences"].as_array().context("an answer without differences")?;
    if all.is_empty() {
        return Ok("no difference".to_owned());
    }
    let line = |difference: &Value| {
        let side = |side: &str| shown(&difference[side]["value"]);
        format!(
            "{}: {} -> {}",
            printable(difference["name"].as_str().unwrap_or_default()),
            side("before"),
            side("after")
        )
    };
    Ok(all.iter().map(line).collect::<Vec<_>>().join("\n"))
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "(not set)".to_owned(),
        Value::String(text) => printable(text),
        other => other.to_string(),
    }
}

impl Entry {
    fn setting(&self) -> String {
        format!("{} = {}", printable(&self.name), shown(&self.value))
    }

    fn change(&self) -> String {
        let reason =
            self.reason.as_deref().map(|reason| format!(": {}", printable(reason))).unwrap_or_default();
        let who = format!("version {}, {} by {}{reason}", self.version, self.at, printable(&self.author));
        format!(
            "{}   {}",
            self.setting(),
            who.if_supports_color(owo_colors::Stream::Stdout, |text| text.dimmed())
        )
    }
}

impl Place {
    fn path(&self) -> String {
        format!("/api/v1/config/{}/{}", self.application, self.profile)
    }

    fn entry(&self, name: &str) -> String {
        format!("{}/entries/{name}", self.path())
    }
}

impl Reason {
    fn to_json(&self) -> Value {
        let author =
            self.author.clone().or_else(|| std::env::var("USER").ok().filter(|user| !user.is_empty()));
        let mut body = json!({});
        for (name, value) in [("author", author), ("reason", self.reason.clone())] {
            if let Some(value) = value {
                body[name] = value.into();
            }
        }
        body
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_booleans_are_sent_as_such() {
        assert_eq!(typed("64", None), json!(64));
        assert_eq!(typed("true", None), json!(true));
        assert_eq!(typed("64", Some("text")), json!("64"));
        assert_eq!(typed("00123", None), json!("00123"));
        assert_eq!(typed("1.10", None), json!("1.10"));
        assert_eq!(typed("info", None), json!("info"));
        assert_eq!(typed("12345", Some("secret")), json!("12345"));
    }

    #[test]
    fn what_is_exported_can_be_imported_and_has_no_secret() {
        let entry = |name: &str, value: Value, kind: &str| json!({ "name": name, "value": value, "type": kind, "version": 1, "at": "", "author": "ada" });
        let answer =
            json!({ "entries": [entry("a", json!(5), "number"), entry("b", json!("***"), "secret")] });
        let exported = serde_json::to_value(exported(&answer).unwrap()).unwrap();
        assert_eq!(exported, json!({ "a": { "value": 5, "type": "number" } }));
    }
}
