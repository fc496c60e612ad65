//! `docker-compose.yml`, read by a real Compose (no engine needed) and held against our own settings.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use settings::{Settings, Sources, env_names};

/// One service of the rendered file, as far as these tests look at it.
#[derive(Debug, Default)]
struct Service {
    image: String,
    env: BTreeMap<String, String>,
    ports: Vec<String>,
    has_health_check: bool,
    runs_once: bool,
}

#[test]
fn every_variable_that_compose_sets_is_one_that_we_read() {
    let Some(services) = services() else { return };
    let known = env_names();
    let set: BTreeSet<&String> = services.values().flat_map(|service| service.env.keys()).collect();
    let ours: Vec<&&String> = set.iter().filter(|name| name.starts_with("PARCELTRACK_")).collect();
    assert!(ours.len() > 10, "{ours:?}");
    for name in ours {
        assert!(known.contains(*name), "docker-compose.yml sets {name}, which nothing reads");
    }
}

#[test]
fn what_compose_sets_loads_as_settings() {
    let Some(services) = services() else { return };
    let dir = tempfile::tempdir().expect("a folder");
    let secret = dir.path().join("secret");
    std::fs::write(&secret, "0123456789abcdef0123456789abcdef").expect("written");
    for role in [
        "apply",
        "command-handler",
        "command-api",
        "projector",
        "query-api",
        "config-service",
        "discovery-service",
        "gateway",
        "console",
    ] {
        let mut sources = Sources::none();
        for (name, value) in &services[role].env {
            let value = if name.ends_with("_FILE") { secret.display().to_string() } else { value.clone() };
            sources = sources.env(name, value);
        }
        let settings = Settings::load(&sources).unwrap_or_else(|error| panic!("{role}: {error}"));
        assert_eq!(settings.kafka.partitions, 48, "{role}");
    }
}

#[test]
fn images_are_pinned_ports_are_on_loopback_and_what_stays_is_watched() {
    let Some(services) = services() else { return };
    assert_eq!(services.len(), 20, "{:?}", services.keys());
    assert_eq!(services.values().map(|service| service.ports.len()).sum::<usize>(), 11);
    for (name, service) in &services {
        let tag = service.image.rsplit_once(':').map_or("", |(_, tag)| tag);
        // Some number theirs with a v before.
        let version = tag.strip_prefix('v').unwrap_or(tag);
        assert!(version.starts_with(|first: char| first.is_ascii_digit()), "{name}: {}", service.image);
        assert!(
            service.has_health_check != service.runs_once,
            "{name} stays and is not watched, or the reverse"
        );
        for port in &service.ports {
            assert!(port.starts_with("127.0.0.1:"), "{name} publishes {port}");
        }
    }
}

#[test]
fn no_password_stands_in_the_file() {
    let Some(services) = services() else { return };
    for (name, service) in &services {
        for (variable, value) in &service.env {
            let secret = ["PASSWORD", "SECRET", "KEY"].iter().any(|word| variable.contains(word));
            assert!(
                !secret || value.starts_with('/'),
                "{name} is given {variable} as {value:?}, and not by a file"
            );
        }
    }
    assert!(
        services["grafana"].env.contains_key("GF_SECURITY_ADMIN_PASSWORD__FILE"),
        "or it would be `admin`"
    );
}

/// `None`, loudly, where there is no Compose: the test then shows nothing.
fn services() -> Option<BTreeMap<String, Service>> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    for compose in [&["docker", "compose"][..], &["docker-compose"][..]] {
        if let Some(text) = render(compose, &root) {
            return Some(parse(&text));
        }
    }
    eprintln!(
        "NOT TESTED: no `docker compose` and no `docker-compose`; `infra/scripts/prerequisites.sh test` installs one"
    );
    None
}

fn render(compose: &[&str], root: &Path) -> Option<String> {
    let version = Command::new(compose[0]).args(&compose[1..]).arg("version").output().ok()?;
    if !version.status.success() {
        return None;
    }
    let output = Command::new(compose[0])
        .args(&compose[1..])
        .arg("--file")
        .arg(root.join("docker-compose.yml"))
        .arg("config")
        .output()
        .expect("it ran a moment ago");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "compose refuses docker-compose.yml: {complaint}");
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The rendered form is regular: two spaces a level, one entry a line. Version 2 writes a published port
/// over several lines, version 1 on one.
fn parse(text: &str) -> BTreeMap<String, Service> {
    let mut services: BTreeMap<String, Service> = BTreeMap::new();
    let (mut in_services, mut name, mut section) = (false, String::new(), String::new());
    for line in text.lines() {
        let content = line.trim_start();
        let indent = line.len() - content.len();
        let (key, value) = content.split_once(':').unwrap_or((content, ""));
        let (key, value) = (key.trim(), value.trim().trim_matches(['"', '\'']));
        match (indent, in_services) {
            (0, _) => in_services = key == "services",
            (2, true) => key.clone_into(&mut name),
            (4, true) if !content.starts_with('-') => {
                key.clone_into(&mut section);
                let service = services.entry(name.clone()).or_default();
                match key {
                    "image" => value.clone_into(&mut service.image),
                    "healthcheck" => service.has_health_check = true,
                    "restart" => service.runs_once = value == "no",
                    _ => (),
                }
            }
            (_, true) => {
                let service = services.entry(name.clone()).or_default();
                match (section.as_str(), key) {
                    ("environment", key) => drop(service.env.insert(key.to_owned(), value.to_owned())),
                    ("ports", "host_ip") => service.ports.push(format!("{value}:")),
                    ("ports", key) if key.starts_with("- 127.") || key.starts_with("- \"") => {
                        service.ports.push(content.trim_matches(['-', ' ', '"']).to_owned());
                    }
                    ("ports", key) if key.trim_start_matches("- ").parse::<u16>().is_ok() => {
                        service.ports.push(content.to_owned());
                    }
                    _ => (),
                }
            }
            _ => (),
        }
    }
    services
}
