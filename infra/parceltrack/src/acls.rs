//! `parceltrack acls`: what each principal may do in Kafka, as a table, as command lines, or given at once.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use event_log::{Admin, Kafka, Operation, Resource, Right};
use serde_json::{Value, json};
use settings::Settings;

use crate::cli::AclsArgs;
use crate::rights;

const TIMEOUT: Duration = Duration::from_secs(30);

pub(crate) async fn acls(settings: &Settings, args: &AclsArgs) -> anyhow::Result<()> {
    let rights = rights::all(settings);
    if args.apply {
        let kafka = Kafka::of_settings(&settings.kafka, "parceltrack-cli")?;
        Admin::new(&kafka, TIMEOUT)?.grant(&rights).await?;
        println!("{} rights are given", rights.len());
    } else if args.json {
        println!("{}", serde_json::to_string_pretty(&as_json(&rights))?);
    } else if args.commands {
        print!("{}", commands(&rights, &settings.kafka.bootstrap));
    } else {
        print!("{}", table(&rights));
    }
    Ok(())
}

fn as_json(rights: &[Right]) -> Value {
    let one = |right: &Right| {
        json!({
            "principal": format!("User:{}", right.principal),
            "resource": right.resource.name(),
            "name": right.name.text(),
            "pattern": if right.name.is_prefixed() { "prefixed" } else { "literal" },
            "operation": right.operation.name(),
        })
    };
    rights.iter().map(one).collect()
}

/// A line for each thing, with all that may be done with it; a star stands for whatever follows.
fn table(rights: &[Right]) -> String {
    let mut lines = format!("{:<18} {:<17} {:<40} {}\n", "principal", "what", "name", "may");
    let mut done: Vec<&Right> = Vec::new();
    for right in rights {
        let same = |other: &&Right| {
            (&other.principal, other.resource, &other.name) == (&right.principal, right.resource, &right.name)
        };
        if done.iter().any(same) {
            continue;
        }
        done.push(right);
        let may: Vec<_> = rights.iter().filter(same).map(|right| right.operation.name()).collect();
        let (who, what, name) = (&right.principal, right.resource.name(), right.name.to_string());
        let _ = writeln!(lines, "{who:<18} {what:<17} {name:<40} {}", may.join(", "));
    }
    lines
}

/// Few lines, because each starts a JVM: what a principal may do in the same way with several things is one.
fn commands(rights: &[Right], bootstrap: &str) -> String {
    type Alike<'a> = (&'a str, Operation, Resource, bool);
    let mut alike: BTreeMap<Alike<'_>, Vec<&str>> = BTreeMap::new();
    for right in rights {
        let key = (right.principal.as_str(), right.operation, right.resource, right.name.is_prefixed());
        alike.entry(key).or_default().push(right.name.text());
    }
    let mut lines = String::new();
    for ((principal, operation, resource, is_prefixed), names) in alike {
        let _ = write!(
            lines,
            "kafka-acls.sh --bootstrap-server {bootstrap} --command-config admin.properties --add \
             --allow-principal User:{principal} --operation {operation}"
        );
        for name in names {
            let _ = write!(lines, " --{resource} {name}");
        }
        lines.push_str(if is_prefixed { " --resource-pattern-type prefixed\n" } else { "\n" });
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rights() -> Vec<Right> {
        rights::all(&Settings::default())
    }

    #[test]
    fn the_page_on_security_shows_the_rights_as_they_are() {
        testkit::assert_fence("security.md", "acls", &table(&rights()));
    }

    #[test]
    fn things_that_are_alike_are_one_command() {
        let text = commands(&rights(), "kafka:9092");
        let line = text.lines().find(|line| line.contains("User:command-api --operation Read")).unwrap();
        assert_eq!(
            line,
            "kafka-acls.sh --bootstrap-server kafka:9092 --command-config admin.properties --add \
             --allow-principal User:command-api --operation Read --topic parceltrack.config.v1 \
             --topic parceltrack.shipment.replies.v1 --topic parceltrack.api-keys.v1"
        );
        assert!(
            text.contains(
                "--transactional-id parceltrack.command-handler. --resource-pattern-type prefixed\n"
            )
        );
    }
}
