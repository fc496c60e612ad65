//! Prometheus beside a local system, where it is installed: it finds the roles by the discovery service, and keeps what
//! dashboards and alerts look at.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::Context;
use local_stack::process::ProcessSpec;
use settings::Settings;

use super::own_key::PROMETHEUS as KEY;
use super::role::{Role, log_path};
use crate::presence::reachable;
use crate::remote::gateway_url;

/// What it is called, everywhere.
const NAME: &str = "prometheus";
/// What may be kept: a week of a system that stays, and never a full disk.
const KEPT: [&str; 2] = ["--storage.tsdb.retention.time=7d", "--storage.tsdb.retention.size=512MB"];

/// The containers' configuration, with these in it.
const CONFIG: &str = include_str!("../../../prometheus/prometheus.yml");
const ITS_DISCOVERY: &str = "http://discovery-service:8761";
const ITS_KEY: &str = "/run/secrets/prometheus/key";
const ITS_ADDRESS: &str = "127.0.0.1:9090";

/// The rules, by file name, and where they say that runbooks are.
const RULES: [(&str, &str); 6] = [
    ("backends.yml", include_str!("../../../prometheus/rules/backends.yml")),
    ("dead_letters.yml", include_str!("../../../prometheus/rules/dead_letters.yml")),
    ("expiry.yml", include_str!("../../../prometheus/rules/expiry.yml")),
    ("flow.yml", include_str!("../../../prometheus/rules/flow.yml")),
    ("objectives.yml", include_str!("../../../prometheus/rules/objectives.yml")),
    ("targets.yml", include_str!("../../../prometheus/rules/targets.yml")),
];
const ITS_GATEWAY: &str = "http://127.0.0.1:8080";

/// What became of it.
pub(super) enum Prometheus {
    /// It listens there.
    At(String),
    /// There is none, and nobody need hear of it.
    Without,
    /// There is one, and it can't be started; in words. The system is as good without it.
    Unable(String),
}

/// Starts it, where it is installed and its port is free.
pub(super) async fn start(settings: &Settings, dir: &Path, keep_running: impl FnOnce(Role)) -> Prometheus {
    let port = settings.local_stack.prometheus_port;
    let Some(program) = installed().filter(|_| port != 0) else { return Prometheus::Without };
    if !local_stack::ports::is_free(port) {
        let owner = local_stack::ports::owner(port).unwrap_or_else(|| "another process".to_owned());
        return Prometheus::Unable(format!(
            "port {port} is taken by {owner}; another is set by local_stack.prometheus_port, and 0 is for none"
        ));
    }
    let address = format!("127.0.0.1:{port}");
    match role(program, address.clone(), settings, dir).await {
        Ok(role) => {
            keep_running(role);
            Prometheus::At(address)
        }
        Err(error) => Prometheus::Unable(format!("{error:#}")),
    }
}

/// How to start it: its key is made, and its configuration written anew.
async fn role(program: PathBuf, address: String, settings: &Settings, dir: &Path) -> anyhow::Result<Role> {
    KEY.ensure(dir, settings).await?;
    let home = dir.join(NAME);
    write_configuration(&home, settings, &address, &KEY.path(dir))
        .with_context(|| format!("its configuration can't be written to {}", home.display()))?;
    let of = |name: &str, path: PathBuf| {
        let mut argument = OsString::from(name);
        argument.push(path);
        argument
    };
    let args = [
        of("--config.file=", home.join("prometheus.yml")),
        of("--storage.tsdb.path=", home.join("data")),
        format!("--web.listen-address={address}").into(),
        "--enable-feature=exemplar-storage".into(),
    ];
    let spec = ProcessSpec {
        program,
        args: args.into_iter().chain(KEPT.map(Into::into)).collect(),
        env: Vec::new(),
        dir: home,
        log: log_path(dir, NAME),
    };
    Ok(Role { name: NAME, ops: address, ready_path: "/-/ready", spec })
}

fn installed() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(NAME)).find(|program| program.is_file())
}

/// Without a line on credentials where nobody asks for any: a file that isn't there would be a fault.
fn configuration(settings: &Settings, address: &str, key: &Path) -> String {
    let discovery = reachable(settings.discovery_service.listen);
    let lines = CONFIG.lines().filter(|line| {
        let of_credentials =
            ["authorization:", "type: Bearer", "credentials_file:"].iter().any(|name| line.contains(name));
        settings.auth.required || !of_credentials
    });
    let text: String = lines.flat_map(|line| [line, "\n"]).collect();
    text.replace(ITS_DISCOVERY, &format!("http://{discovery}"))
        .replace(ITS_KEY, &key.display().to_string())
        .replace(ITS_ADDRESS, address)
}

fn write_configuration(home: &Path, settings: &Settings, address: &str, key: &Path) -> std::io::Result<()> {
    let (rules, gateway) = (home.join("rules"), gateway_url(settings));
    std::fs::create_dir_all(&rules)?;
    for (name, text) in RULES {
        std::fs::write(rules.join(name), text.replace(ITS_GATEWAY, &gateway))?;
    }
    std::fs::write(home.join("prometheus.yml"), configuration(settings, address, key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_the_containers_own_is_replaced() {
        let mut settings = Settings::default();
        settings.discovery_service.listen = "0.0.0.0:18761".parse().unwrap();
        let text = configuration(&settings, "127.0.0.1:19090", Path::new("/data/secrets/prometheus-key"));
        for ours in [
            "http://127.0.0.1:18761/",
            "\"127.0.0.1:19090\"",
            "credentials_file: /data/secrets/prometheus-key",
        ] {
            assert!(text.contains(ours), "{ours} is not in\n{text}");
        }
        for its in [ITS_DISCOVERY, ITS_KEY, ITS_ADDRESS] {
            assert!(CONFIG.contains(its) && !text.contains(its), "{text}");
        }
        settings.auth.required = false;
        let open = configuration(&settings, "127.0.0.1:19090", Path::new("/nowhere"));
        assert!(
            ["/nowhere", "authorization", "Bearer"].iter().all(|credentials| !open.contains(credentials)),
            "{open}"
        );
    }

    #[test]
    fn every_file_of_rules_is_taken_along() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../prometheus/rules");
        let mut there: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        there.sort();
        assert_eq!(there, RULES.map(|(name, _)| name));
        for (name, text) in RULES.iter().filter(|(_, text)| text.contains("alert:")) {
            assert!(text.contains(&format!("runbook_url: {ITS_GATEWAY}/docs/runbooks/")), "{name}");
        }
    }
}
