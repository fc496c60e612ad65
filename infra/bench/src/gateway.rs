//! The gateway beside nginx, both in front of one service that always says the same, asked by 64 connections at once.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use auth::{Role, TokenSpec};
use chrono::Utc;
use local_stack::ports::free_port;
use service_registry::{Registrar, Registration, Status};

use crate::ground::Ground;
use crate::http::{Ask, COUNT, MEDIAN, OWN_CPU, SPEED, TAIL, closed_loop};
use crate::measure::{Found, Terms, bar};
use crate::process::Running;
use crate::rounds::{Figures, Side, alternate};
use crate::row::Bar;
use crate::world::World;

const CONNECTIONS: u64 = 64;

/// How long each run is.
const LENGTH: Duration = Duration::from_secs(4);

/// Where Debian's package puts it.
const NGINX: &str = "/usr/sbin/nginx";

const PATH: &str = "/api/v1/shipments/0190a5b2-0000-7000-8000-0000000000ab";

/// Nobody is kept waiting by a quota, but each is counted.
const WIDE_QUOTA: &str = "gateway.rate_read=1000000000";

const PLAIN: &str = "plain";
const CHECKED: &str = "checked";
const LIBRARY: &str = "library";
const EACH: &str = "cpu of each";

pub(crate) async fn measure(ground: &Ground, terms: Terms) -> Result<Found> {
    if !Path::new(NGINX).exists() {
        eprintln!(
            "the gateway is left out: there is no nginx to measure it beside (Debian's package nginx-light)"
        );
        return Ok(Found::default());
    }
    let rounds = terms.rounds(5);
    let progress = bar("gateway", 2 * rounds);
    let world = ground.world("gateway").await?;
    let (still, behind) = world.run_bare_api("still", &[]).await?;
    let registrar = register(&world, behind)?;
    let (plain, plain_port) = world.run_gateway(&[WIDE_QUOTA.to_owned()]).await?;
    let checks = [WIDE_QUOTA.to_owned(), "auth.required=true".to_owned()];
    let (checked, checked_port) = world.run_gateway(&checks).await?;
    let (nginx, nginx_port) = run_nginx(&world, behind).await?;
    let (library, library_port) = world.run_bare_api("proxy", &[("behind", behind.to_string())]).await?;
    let bearer = bearer(&world)?;

    let ours = async || {
        let without = asked((&plain, plain_port), None).await?;
        let with = asked((&checked, checked_port), Some(&bearer)).await?;
        let passed_on = without.clone();
        Ok([(PLAIN, without), (CHECKED, with), (LIBRARY, passed_on)])
    };
    let theirs = async || {
        let without = asked((&nginx, nginx_port), None).await?;
        // nginx of Debian checks no tokens.
        let with = asked((&nginx, nginx_port), Some(&bearer)).await?;
        let passed_on = asked((&library, library_port), None).await?;
        Ok([(PLAIN, without), (CHECKED, with), (LIBRARY, passed_on)])
    };
    for _warm_up in 0..2 {
        ours().await?;
        theirs().await?;
    }
    let direct = closed_loop(behind, CONNECTIONS, LENGTH, |_, _| Ask::Get(PATH.to_owned())).await?;
    let pairs = alternate(rounds, &progress, async |side, _| match side {
        Side::Ours => ours().await.map(named),
        Side::Bare => theirs().await.map(named),
    })
    .await?;
    progress.finish_and_clear();
    registrar.stop().await;
    for running in [plain, checked, nginx, library, still] {
        running.stop().await;
    }
    world.end().await?;

    let of = |name: &str| direct.iter().find(|(figure, _)| figure == name).map_or(0.0, |(_, value)| *value);
    let cpu = pairs.spread(Side::Ours, &format!("{PLAIN} {OWN_CPU}")).map_or(0.0, |cpu| cpu.median);
    let note = format!(
        "{CONNECTIONS} connections; the service behind, asked directly: {:.0}/s, p50 {:.2} ms; the generator itself took {cpu:.0} % of a core",
        of(SPEED),
        of(MEDIAN)
    );
    let mut rows = Vec::new();
    for (kind, what, bar) in [
        (PLAIN, "requests through the gateway, beside nginx", Some(Bar::RatioAtLeast(0.8))),
        (CHECKED, "the same with a token and quotas, beside nginx without", Some(Bar::RatioAtLeast(0.6))),
        (LIBRARY, "requests through the gateway, beside a bare proxy on the same library", None),
    ] {
        let row = |name: &str, figure: &str, unit: &str, bar: Option<Bar>| {
            pairs.row(&format!("{kind} {figure}"), &format!("{what}{name}"), unit, bar)
        };
        rows.push(row("", SPEED, "requests/s", bar)?.with_note(note.clone()));
        rows.push(row(", p50", MEDIAN, "ms", None)?);
        rows.push(row(", p99", TAIL, "ms", None)?);
        rows.push(row(", processor time of a request", EACH, "µs", None)?);
    }
    Ok(Found { rows, charts: Vec::new() })
}

fn named(of: [(&'static str, Figures); 3]) -> Figures {
    let each = of.into_iter();
    each.flat_map(|(kind, figures)| {
        figures.into_iter().map(move |(name, value)| (format!("{kind} {name}"), value))
    })
    .collect()
}

/// With what the one that is asked took for each request, which says more than the others where a machine has other things to do.
async fn asked((running, port): (&Running, u16), bearer: Option<&str>) -> Result<Figures> {
    let before = running.cpu_of_all()?;
    let bearer = bearer.map(str::to_owned);
    let ask = move |_, _| match &bearer {
        None => Ask::Get(PATH.to_owned()),
        Some(bearer) => Ask::GetAs(PATH.to_owned(), bearer.clone()),
    };
    let mut figures = closed_loop(port, CONNECTIONS, LENGTH, ask).await?;
    let took = running.cpu_of_all()? - before;
    let count = figures.iter().find(|(name, _)| name == COUNT).map_or(f64::NAN, |(_, count)| *count);
    figures.push((EACH.to_owned(), took * 1e6 / count));
    Ok(figures)
}

/// The service behind passes for the query API.
fn register(world: &World, port: u16) -> Result<Registrar> {
    let address = format!("127.0.0.1:{port}").parse()?;
    let registration = Registration {
        status: Status::Up,
        ..Registration::new("query-api".parse()?, "still".parse()?, address)
    };
    Ok(Registrar::start(&world.kafka, &world.topics, &registration)?)
}

fn bearer(world: &World) -> Result<String> {
    let spec = TokenSpec {
        subject: "bench".to_owned(),
        role: Role::Reader,
        customers: ["shop-7".to_owned()].into(),
        ttl: Duration::from_secs(3_600),
    };
    let token = auth::development_token(&world.loaded_settings()?, &spec, Utc::now())?;
    Ok(format!("Bearer {}", token.expose()))
}

/// As somebody would set it up who wants what the gateway does: connections kept, a line for each request, a request id.
async fn run_nginx(world: &World, behind: u16) -> Result<(Running, u16)> {
    let port = free_port()?;
    let dir = world.dir().display();
    let workers = std::thread::available_parallelism()?;
    let text = format!(
        "daemon off;
pid {dir}/nginx.pid;
error_log {dir}/nginx-error.log;
worker_processes {workers};
events {{ worker_connections 1024; }}
http {{
    access_log {dir}/nginx-access.log combined buffer=64k;
    client_body_temp_path {dir}/nginx-body;
    proxy_temp_path {dir}/nginx-proxy;
    fastcgi_temp_path {dir}/nginx-fastcgi;
    uwsgi_temp_path {dir}/nginx-uwsgi;
    scgi_temp_path {dir}/nginx-scgi;
    keepalive_requests 10000000;
    upstream behind {{
        server 127.0.0.1:{behind};
        keepalive {CONNECTIONS};
        keepalive_requests 10000000;
    }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://behind;
            proxy_http_version 1.1;
            proxy_set_header Connection \"\";
            proxy_set_header X-Request-Id $request_id;
            add_header X-Request-Id $request_id;
        }}
    }}
}}
"
    );
    let conf = world.dir().join("nginx.conf");
    std::fs::write(&conf, text).context("nginx's configuration")?;
    let args = vec!["-c".to_owned(), conf.display().to_string(), "-p".to_owned(), dir.to_string()];
    let mut running = world.run_other(Path::new(NGINX), args, "nginx")?;
    running.wait_until_ready(port).await?;
    Ok((running, port))
}
