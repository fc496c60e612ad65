//! A service beneath is away for half a minute: commands and reads wait or say so, and nothing is lost.

use std::time::Duration;

use local_stack::Endpoints;
use serde_json::json;
use testkit::Proxy;
use tokio::runtime::Runtime;

use crate::system::System;

/// How long it is away.
const AWAY: Duration = Duration::from_secs(30);

fn registration() -> serde_json::Value {
    json!({
        "customer_id": "c",
        "sender": { "name": "S" },
        "recipient": { "name": "R" },
        "destination": { "city": "Ulm", "country": "DE" },
        "weight_grams": 1,
    })
}

#[test]
fn the_database_is_away_for_30_s_and_commands_go_on() {
    let runtime = Runtime::new().unwrap();
    let real = Endpoints::from_env();
    let mut proxy = runtime.block_on(Proxy::to(real.cql.clone().unwrap()));
    let mut system = System::at(Endpoints { cql: Some(proxy.at.to_string()), ..real });
    system.run_all();

    runtime.block_on(proxy.cut());
    let (status, answer) = system.post("/api/v1/shipments", "while-away", &registration());
    assert_eq!(status, 201, "commands need no database: {answer}");
    let id = answer["shipment_id"].as_str().unwrap().to_owned();
    let (status, problem) = system.get(&format!("/api/v1/shipments/{id}"));
    assert_eq!(status, 503, "{problem}");
    std::thread::sleep(AWAY);
    runtime.block_on(proxy.mend());

    let row = system.get_until(&format!("/api/v1/shipments/{id}"), |status, _| status == 200);
    assert_eq!(row["version"], 1, "nothing was skipped");
}

#[test]
fn the_registry_is_away_for_30_s_and_nobody_who_runs_notices() {
    let runtime = Runtime::new().unwrap();
    let real = Endpoints::from_env();
    let url = reqwest::Url::parse(real.registry.as_deref().unwrap()).unwrap();
    let target = format!("{}:{}", url.host_str().unwrap(), url.port_or_known_default().unwrap());
    let mut proxy = runtime.block_on(Proxy::to(target));
    let mut through = url.clone();
    through.set_host(Some("127.0.0.1")).unwrap();
    through.set_port(Some(proxy.at.port())).unwrap();
    let mut system = System::at(Endpoints { registry: Some(through.to_string()), ..real });
    system.run_all();
    let (_, first) = system.post("/api/v1/shipments", "before", &registration());
    let id = first["shipment_id"].as_str().unwrap().to_owned();
    system.get_until(&format!("/api/v1/shipments/{id}/history"), |status, _| status == 200);

    runtime.block_on(proxy.cut());
    for n in 0..3 {
        let (status, answer) = system.post("/api/v1/shipments", &format!("while-away-{n}"), &registration());
        assert_eq!(status, 201, "{answer}");
        let id = answer["shipment_id"].as_str().unwrap();
        system.get_until(&format!("/api/v1/shipments/{id}/history"), |status, _| status == 200);
        std::thread::sleep(AWAY / 3);
    }
    runtime.block_on(proxy.mend());
}
