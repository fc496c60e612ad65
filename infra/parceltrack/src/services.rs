//! `parceltrack services`: who runs where, by way of the discovery service.

use reqwest::Method;
use serde_json::{Value, json};
use settings::Settings;

use crate::cli::{ServicesArgs, ServicesCommand};
use crate::remote::Remote;
use crate::terminal::printable;

/// Lists instances, takes one out of rotation, or puts it back.
pub(crate) async fn services(settings: &Settings, args: &ServicesArgs) -> anyhow::Result<()> {
    let service = Remote::find(args.gateway.as_ref(), settings)?;
    let answer = match &args.command {
        None => service.get("/api/v1/services", &[]).await?,
        Some(ServicesCommand::TakeOut { service: of, instance, reason }) => {
            let body = json!({ "status": "OUT_OF_SERVICE", "reason": reason.clone().unwrap_or_default() });
            service.answer(service.request(Method::PUT, &status(of, instance)).json(&body)).await?
        }
        Some(ServicesCommand::PutBack { service: of, instance }) => {
            service.answer(service.request(Method::DELETE, &status(of, instance))).await?
        }
    };
    if args.json {
        println!("{}", serde_json::to_string_pretty(&answer)?);
    } else {
        println!("{}", text(&answer));
    }
    Ok(())
}

fn status(service: &str, instance: &str) -> String {
    format!("/api/v1/services/{service}/{instance}/status")
}

fn text(answer: &Value) -> String {
    if answer["done"] == true {
        return "put back".to_owned();
    }
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let instances: Vec<Value> = match &answer["services"] {
        Value::Array(services) => services.iter().flat_map(|service| list(&service["instances"])).collect(),
        _ => vec![answer.clone()],
    };
    if instances.is_empty() {
        return "nobody is registered".to_owned();
    }
    instances.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn line(instance: &Value) -> String {
    let text = |value: &Value| printable(value.as_str().unwrap_or("-"));
    let fact = |name: &str| text(&instance["metadata"][name]);
    format!(
        "{:<18} {:<24} {:<15} version {}, config {}",
        text(&instance["service"]),
        text(&instance["instance"]),
        text(&instance["status"]),
        fact("version"),
        fact("config_offset")
    )
}
