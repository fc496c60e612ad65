//! `parceltrack up`: the local stack and every role as child processes of one supervisor.

mod banner;
mod board;
mod detach;
mod own_key;
mod prometheus;
mod role;
mod secrets;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use local_stack::process::ProcessSpec;
use local_stack::{Endpoints, Stack, StackSettings};
use settings::{Origin, Settings};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(crate) use self::board::{Board, RoleState, Running, running};
pub(crate) use self::own_key::ADMIN;
use self::role::Role;
pub(crate) use self::secrets::existing as secrets_of;
use crate::cli::{RoleName, SettingsArgs, UpArgs};
use crate::remote::{GATEWAY, gateway_url};

/// How long the roles may take to become ready before `up` gives up.
const READY_TIMEOUT: Duration = Duration::from_mins(2);

/// Starts everything, and stays until SIGINT or SIGTERM; with `--detach` leaves that to a process of its own.
pub(crate) async fn up(settings: &Settings, from: &SettingsArgs, args: &UpArgs) -> anyhow::Result<()> {
    let dir = std::path::absolute(&settings.local_stack.dir)?;
    if let Some(running) = running(&dir) {
        println!("{} is in use: supervisor {} runs these already:", dir.display(), running.supervisor);
        return crate::status::status(&dir, settings, false).await;
    }
    if args.detach {
        return detach::detach(&dir, args).await;
    }
    let settings = &with_copies(settings);
    let stop = telemetry::shutdown::on_signals()?;
    let Some(board) = Board::take(&dir)? else {
        bail!("{} is in use by another `parceltrack up`; see `parceltrack status`", dir.display());
    };
    let begun = Instant::now();
    ports_are_free(settings)?;

    let mut stack = tokio::select! {
        stack = Stack::start(stack_settings(settings, &dir), local_stack::terminal()) => stack?,
        // What was started so far goes with the future.
        () = stop.cancelled() => return Ok(()),
    };
    let roles = TaskTracker::new();
    let outcome = tokio::select! {
        outcome = serve(&mut stack, settings, from, args, &dir, &board, (&roles, &stop), begun) => outcome,
        () = stop.cancelled() => Ok(()),
    };
    eprintln!("stopping the roles");
    stop.cancel();
    roles.close();
    roles.wait().await;
    stack.stop().await;
    outcome
}

/// From a running stack to a system that serves; returns only on an error.
#[expect(clippy::too_many_arguments, reason = "the one place where everything meets")]
async fn serve(
    stack: &mut Stack,
    settings: &Settings,
    from: &SettingsArgs,
    args: &UpArgs,
    dir: &Path,
    board: &Board,
    (tasks, stop): (&TaskTracker, &CancellationToken),
    begun: Instant,
) -> anyhow::Result<()> {
    let settings = &with_endpoints(settings, stack.endpoints());
    board.endpoints(recorded(settings, stack.endpoints()));
    crate::apply::apply(settings).await.context("topics, schemas and tables could not be applied")?;

    let env = environment(stack.endpoints(), settings, dir)?;
    if ADMIN.ensure(dir, settings).await? {
        banner::print_key(dir)?;
    }
    let roles = roles(settings, from, &env, dir)?;
    let addresses: Vec<_> = roles.iter().map(|role| (role.name, role.ops.clone())).collect();
    let keep_running = |role: Role| {
        board.add(role.name, &role.ops, role.ready_path);
        tasks.spawn(role.keep_running(board.clone(), stop.clone()));
    };
    roles.into_iter().for_each(keep_running);
    wait_until_ready(&addresses).await?;
    let prometheus = prometheus::start(settings, dir, keep_running).await;
    let sample = if args.sample { Some(crate::feed::sample(settings).await?) } else { None };
    board.ready();
    banner::print(settings, stack.endpoints(), dir, &prometheus, begun.elapsed(), sample.as_ref());
    local_stack::cli::keep_up(stack).await;
    Ok(())
}

fn stack_settings(settings: &Settings, dir: &Path) -> StackSettings {
    let local = &settings.local_stack;
    StackSettings {
        brokers: u8::try_from(local.brokers).unwrap_or(1),
        kafka_port: local.kafka_port,
        cql_port: local.cql_port,
        registry_port: local.registry_port,
        kafka_heap_mb: local.kafka_heap_mb,
        cassandra_heap_mb: local.cassandra_heap_mb,
        registry_heap_mb: local.registry_heap_mb,
        copies: u8::try_from(settings.kafka.replication).ok(),
        ..StackSettings::new(dir.join("stack"))
    }
    .using(&named(settings))
}

/// The services that somebody named, wherever that was: those aren't started here.
fn named(settings: &Settings) -> Endpoints {
    let named = |key: &str| settings.origin(key) != Origin::Default;
    Endpoints {
        kafka: named("kafka.bootstrap").then(|| settings.kafka.bootstrap.clone()),
        cql: named("cql.nodes").then(|| settings.cql.nodes.join(",")),
        registry: named("registry.url").then(|| settings.registry.url.clone()),
    }
}

/// As many copies of each topic as brokers are started here, unless somebody said how many.
fn with_copies(settings: &Settings) -> Settings {
    let mut settings = settings.clone();
    let started = named(&settings).kafka.is_none();
    if started && settings.origin("kafka.replication") == Origin::Default {
        settings.kafka.replication = settings.local_stack.brokers.into();
    }
    settings
}

/// What commands typed beside this system must know of it.
fn recorded(settings: &Settings, endpoints: &Endpoints) -> Vec<(String, String)> {
    let mut all: Vec<_> = endpoints.env().into_iter().map(|(name, at)| (name.to_owned(), at)).collect();
    all.push((crate::local::COPIES.0.to_owned(), settings.kafka.replication.to_string()));
    all.push((GATEWAY.to_owned(), gateway_url(settings)));
    all
}

/// A taken port is found before minutes are spent on the stack.
fn ports_are_free(settings: &Settings) -> anyhow::Result<()> {
    let roles = RoleName::ALL.iter().map(|role| (role.listen_key(), role.listen(settings)));
    for (key, address) in roles.chain([("gateway.listen", settings.gateway.listen)]) {
        if !local_stack::ports::is_free(address.port()) {
            let owner =
                local_stack::ports::owner(address.port()).unwrap_or_else(|| "another process".to_owned());
            bail!(
                "port {} is taken by {owner}: stop it, or choose another port with --set {key}=…",
                address.port()
            );
        }
    }
    Ok(())
}

/// The settings as the roles will have them.
fn with_endpoints(settings: &Settings, endpoints: &Endpoints) -> Settings {
    let mut settings = settings.clone();
    if let Some(kafka) = &endpoints.kafka {
        settings.kafka.bootstrap.clone_from(kafka);
    }
    if let Some(cql) = &endpoints.cql {
        settings.cql.nodes = cql.split(',').map(str::to_owned).collect();
    }
    if let Some(registry) = &endpoints.registry {
        settings.registry.url.clone_from(registry);
    }
    settings
}

type Environment = Vec<(std::ffi::OsString, std::ffi::OsString)>;

fn environment(endpoints: &Endpoints, settings: &Settings, dir: &Path) -> anyhow::Result<Environment> {
    // What somebody named the roles find where this process found it.
    let named = named(settings).env();
    let started =
        endpoints.env().into_iter().filter(|(name, _)| named.iter().all(|(other, _)| other != name));
    let mut env: Environment = started.map(|(name, value)| (name.into(), value.into())).collect();
    let secrets = secrets::ensure(dir, settings)?;
    env.extend(secrets.into_iter().map(|(name, value)| (name.into(), value.into())));
    if settings.origin("command_api.query_url") == Origin::Default {
        env.push(("PARCELTRACK_COMMAND_API_QUERY_URL".into(), gateway_url(settings).into()));
    }
    // The default is relative to a working folder; here it belongs to the data.
    if settings.origin("command_handler.state_dir") == Origin::Default {
        env.push(("PARCELTRACK_COMMAND_HANDLER_STATE_DIR".into(), dir.join("state/command-handler").into()));
    }
    if settings.origin("config.copy_dir") == Origin::Default {
        env.push(("PARCELTRACK_CONFIG_COPY_DIR".into(), dir.join("state/config").into()));
    }
    Ok(env)
}

fn roles(
    settings: &Settings,
    from: &SettingsArgs,
    env: &Environment,
    dir: &Path,
) -> anyhow::Result<Vec<Role>> {
    let program = std::env::current_exe()?;
    let of = |role: RoleName| {
        let name = role.name();
        let spec = ProcessSpec {
            program: program.clone(),
            args: ["run", name].into_iter().map(Into::into).chain(from.to_args()).collect(),
            env: env.clone(),
            dir: PathBuf::from("."),
            log: role::log_path(dir, name),
        };
        Role { name, ops: role.listen(settings).to_string(), ready_path: role::READY_PATH, spec }
    };
    Ok(RoleName::ALL.into_iter().map(of).collect())
}

async fn wait_until_ready(roles: &[(&'static str, String)]) -> anyhow::Result<()> {
    let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(2)).build()?;
    let begun = Instant::now();
    for (name, address) in roles {
        let url = format!("http://{address}/readyz");
        let mut reason;
        loop {
            reason = match http.get(&url).send().await {
                Ok(answer) if answer.status().is_success() => break,
                Ok(answer) => answer.text().await.unwrap_or_default(),
                Err(_) => "it doesn't answer".to_owned(),
            };
            if begun.elapsed() > READY_TIMEOUT {
                bail!("{name} isn't ready after {} s: {reason}", READY_TIMEOUT.as_secs());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        eprintln!("{name} ready on {address}");
    }
    Ok(())
}
