//! `parceltrack keys` and `parceltrack token`: credentials for those who call.

use std::collections::BTreeSet;

use anyhow::Context;
use auth::{KeyRecord, KeySpec, Keys, TokenSpec};
use chrono::{DateTime, Utc};
use event_log::{Kafka, Topics};
use serde_json::{Value, json};
use settings::Settings;

use crate::cli::{KeysArgs, KeysCommand, TokenArgs};
use crate::terminal::printable;

/// Makes, lists and revokes keys, straight in their topic: whoever can write there needs no key.
pub(crate) async fn keys(settings: &Settings, args: &KeysArgs) -> anyhow::Result<()> {
    let kafka = Kafka::of_settings(&settings.kafka, "parceltrack-cli")?;
    let keys = Keys::new(kafka, Topics::of_settings(&settings.kafka));
    let by = who();
    match &args.command {
        KeysCommand::Create { name, role, customers, expires } => {
            let expires_at = expires.map(|span| Utc::now() + span);
            let customers: BTreeSet<String> = customers.iter().cloned().collect();
            let spec = KeySpec { name: name.clone(), role: *role, customers, expires_at };
            let key = keys.create(spec, &by).await?;
            eprintln!("this is the only time that the key is shown; it is listed and revoked as {}", key.id);
            if args.json {
                println!("{}", json!({ "id": key.id, "key": key.key.expose(), "expires_at": expires_at }));
            } else {
                println!("{}", key.key.expose());
            }
        }
        KeysCommand::List => {
            let all = keys.list().await?;
            if args.json {
                let all: Vec<Value> = all.iter().map(|(id, key)| shown(id, key)).collect();
                println!("{}", serde_json::to_string_pretty(&all)?);
            } else if all.is_empty() {
                println!("there are no keys");
            } else {
                let lines: Vec<String> = all.iter().map(|(id, key)| line(id, key, Utc::now())).collect();
                println!("{}", lines.join("\n"));
            }
        }
        KeysCommand::Revoke { id } => {
            let key = keys.revoke(id, &by).await?;
            if args.json {
                println!("{}", shown(id, &key));
            } else {
                let at = key.revoked_at.context("a key that was revoked says when")?;
                println!("{id} ({}) is revoked since {}", printable(&key.name), second(at));
            }
        }
    }
    Ok(())
}

/// Prints a token for development.
pub(crate) fn token(settings: &Settings, args: &TokenArgs) -> anyhow::Result<()> {
    let spec = TokenSpec {
        subject: args.subject.clone(),
        role: args.role,
        customers: args.customers.iter().cloned().collect(),
        ttl: args.ttl,
    };
    let token = auth::development_token(settings, &spec, Utc::now())?;
    println!("{}", token.expose());
    Ok(())
}

/// Who types, for audit records: as the machine knows them.
fn who() -> String {
    let user = std::env::var("USER").ok().filter(|user| !user.is_empty());
    format!("cli:{}", user.as_deref().unwrap_or("unknown"))
}

/// All that is known of a key, but what its secret is known by.
fn shown(id: &str, key: &KeyRecord) -> Value {
    json!({
        "id": id,
        "name": key.name,
        "role": key.role,
        "customers": key.customers,
        "good": key.is_good(Utc::now()),
        "created_at": key.created_at,
        "created_by": key.created_by,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
        "revoked_by": key.revoked_by,
    })
}

fn line(id: &str, key: &KeyRecord, now: DateTime<Utc>) -> String {
    let state = match (key.revoked_at, key.expires_at) {
        (Some(at), _) => format!("revoked {}", second(at)),
        (None, Some(at)) if at <= now => format!("expired {}", second(at)),
        (None, Some(at)) => format!("good until {}", second(at)),
        (None, None) => "good".to_owned(),
    };
    let customers = if key.has_all_customers() {
        "*".to_owned()
    } else {
        key.customers.iter().map(String::as_str).collect::<Vec<_>>().join(",")
    };
    let (name, customers) = (printable(&key.name), printable(&customers));
    format!("{id}  {:<9} {state:<32} {customers:<24} {name}", key.role.name())
}

fn second(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}
