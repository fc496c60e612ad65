//! Makes a role known in the registry as long as it runs.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::time::Duration;

use event_log::{Kafka, Topics};
use reqwest::Client;
use service_registry::{Presence, Registrar, Registration, Status, metadata};
use settings::Settings;
use telemetry::facts;
use tokio::sync::watch;

use crate::cli::RoleName;

/// Between two looks at how the role is.
const LOOK: Duration = Duration::from_secs(1);
/// How long it may take to say so.
const PATIENCE: Duration = Duration::from_secs(2);

/// Registers the role. Its status is what its own `/readyz` says; beside it stand the version of the config topic
/// that it runs on, and the facts that it tells of itself.
///
/// A role that can't be registered serves all the same, and the log says why. One whose address is taken isn't: another runs
/// there, and under the same name.
pub(crate) fn register(
    settings: &Settings,
    role: RoleName,
    config: watch::Receiver<u64>,
) -> Option<Registrar> {
    let listen = role.listen(settings);
    if TcpListener::bind(listen).is_err() {
        return None;
    }
    match try_register(settings, role, listen, config) {
        Ok(registrar) => Some(registrar),
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "this role isn't registered: nobody finds it");
            None
        }
    }
}

fn try_register(
    settings: &Settings,
    role: RoleName,
    listen: SocketAddr,
    config: watch::Receiver<u64>,
) -> anyhow::Result<Registrar> {
    let kafka = Kafka::of_settings(&settings.kafka, format!("parceltrack-{}-lease", role.name()))?;
    let registration = Registration::of_settings(&settings.discovery, role.name(), listen)?;
    let registrar = Registrar::start(&kafka, &Topics::of_settings(&settings.kafka), &registration)?;
    let http = Client::builder().no_proxy().timeout(PATIENCE).build()?;
    tokio::spawn(tell(registrar.presence(), http, format!("http://{}/readyz", reachable(listen)), config));
    Ok(registrar)
}

async fn tell(presence: Presence, http: Client, readyz: String, mut config: watch::Receiver<u64>) {
    let mut was_ready = false;
    loop {
        let answer = http.get(&readyz).send().await;
        let is_ready = answer.is_ok_and(|answer| answer.status().is_success());
        was_ready |= is_ready;
        presence.set_status(match (is_ready, was_ready) {
            (true, _) => Status::Up,
            (false, true) => Status::Down,
            (false, false) => Status::Starting,
        });
        presence.set(metadata::CONFIG_OFFSET, config.borrow_and_update().to_string());
        for (name, value) in facts::all() {
            presence.set(name, value);
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            Ok(()) = config.changed() => {}
        }
    }
}

/// Where this process reaches itself.
pub(crate) fn reachable(listen: SocketAddr) -> SocketAddr {
    match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => (Ipv4Addr::LOCALHOST, listen.port()).into(),
        IpAddr::V6(ip) if ip.is_unspecified() => (Ipv6Addr::LOCALHOST, listen.port()).into(),
        _ => listen,
    }
}
