//! Who may do what in Kafka: the one place where it is said. `docs/security.md` shows it, and `parceltrack acls` gives it.

use event_log::Operation::{AlterConfigs, Create, Describe, Read, Write};
use event_log::{Operation, Pattern, READER_GROUP, Resource, Right, Topics};
use settings::Settings;

/// Who runs `parceltrack apply`, `verify`, `rebuild`, `tail` and the like.
const OPERATOR: &str = "operator";
/// Whoever posts commands into the topic: `parceltrack feed` and `simulate`, and customers' own programs.
const POSTER: &str = "poster";
/// Who makes and revokes API keys: `parceltrack keys`.
const KEY_ADMIN: &str = "key-admin";

/// Every right of every principal, with the names that these settings give to topics and groups.
pub(crate) fn all(settings: &Settings) -> Vec<Right> {
    let topics = Topics::of_settings(&settings.kafka);
    let handlers = settings.command_handler_group();
    let projectors = settings.projector_group();

    let mut rights = role("command-handler", &topics)
        .topics(Read, [&topics.commands, &topics.snapshots])
        .topics(Write, [&topics.events, &topics.snapshots, &topics.replies, &topics.dead_letters])
        .one(Read, Resource::Group, literal(&handlers))
        .one(Write, Resource::TransactionalId, prefixed(format!("{handlers}.")))
        .rights;
    rights.extend(
        role("projector", &topics)
            .topics(Read, [&topics.events, &topics.replies, &topics.dead_letters])
            .topics(Write, [&topics.dead_letters])
            .one(Read, Resource::Group, prefixed(format!("{projectors}.g")))
            .one(Read, Resource::Group, literal(format!("{projectors}.outcomes")))
            .rights,
    );
    rights.extend(
        role("command-api", &topics)
            .topics(Read, [&topics.replies, &topics.api_keys])
            .topics(Write, [&topics.commands])
            .rights,
    );
    rights.extend(role("query-api", &topics).topics(Read, [&topics.events, &topics.api_keys]).rights);
    rights.extend(
        role("config-service", &topics)
            .topics(Read, [&topics.registry, &topics.api_keys])
            .topics(Write, [&topics.config, &topics.audit])
            .one(Write, Resource::TransactionalId, literal(writer_of(&topics.config)))
            .rights,
    );
    rights.extend(
        role("discovery-service", &topics)
            .topics(Read, [&topics.registry, &topics.api_keys])
            .topics(Write, [&topics.audit])
            .rights,
    );
    rights.extend(role("gateway", &topics).topics(Read, [&topics.registry, &topics.api_keys]).rights);
    rights.extend(console(&topics, &handlers, &projectors));
    rights.extend(
        Of::reader(KEY_ADMIN)
            .topics(Read, [&topics.api_keys])
            .topics(Write, [&topics.api_keys, &topics.audit])
            .one(Write, Resource::TransactionalId, literal(writer_of(&topics.api_keys)))
            .rights,
    );
    rights
        .extend(Of::reader(POSTER).topics(Read, [&topics.replies]).topics(Write, [&topics.commands]).rights);
    rights.extend(operator(&topics, &handlers, &projectors));
    rights
}

/// By which the writers of a topic take turns.
fn writer_of(topic: &str) -> String {
    format!("{topic}.writer")
}

/// What each role has: it follows the configuration, and makes itself known.
fn role(name: &'static str, topics: &Topics) -> Of {
    Of::reader(name).topics(Read, [&topics.config]).topics(Write, [&topics.registry])
}

/// Shows every topic, and does what an operator does to views and dead letters; who may is checked before.
fn console(topics: &Topics, handlers: &str, projectors: &str) -> Vec<Right> {
    let read = [
        &topics.commands,
        &topics.events,
        &topics.snapshots,
        &topics.replies,
        &topics.dead_letters,
        &topics.registry,
        &topics.api_keys,
        &topics.audit,
    ];
    role("console", topics)
        .topics(Read, read)
        .topics(Write, [&topics.commands, &topics.dead_letters, &topics.audit])
        .one(Describe, Resource::Group, literal(handlers))
        .one(Read, Resource::Group, prefixed(format!("{projectors}.g")))
        .one(Read, Resource::Group, literal(format!("{projectors}.rebuild")))
        .rights
}

/// Makes topics and sets them up, reads what there is, and parts dead letters from those that can be tried again.
fn operator(topics: &Topics, handlers: &str, projectors: &str) -> Vec<Right> {
    let ours = || prefixed(format!("{}.", topics.settings().prefix));
    let journal = || literal(&topics.settings().journal);
    // The configuration, because a rebuild locks out another one by owning that topic's one partition.
    let read = [
        &topics.commands,
        &topics.events,
        &topics.snapshots,
        &topics.replies,
        &topics.dead_letters,
        &topics.config,
    ];
    let mut rights =
        Of::reader(OPERATOR).topics(Read, read).topics(Write, [&topics.commands, &topics.dead_letters]);
    for operation in [Create, Describe, AlterConfigs] {
        rights = rights.one(operation, Resource::Topic, ours());
        if !topics.settings().journal.is_empty() {
            rights = rights.one(operation, Resource::Topic, journal());
        }
    }
    rights
        .one(Describe, Resource::Group, literal(handlers))
        .one(Read, Resource::Group, prefixed(format!("{projectors}.g")))
        .one(Read, Resource::Group, literal(format!("{projectors}.rebuild")))
        .rights
}

struct Of {
    principal: &'static str,
    rights: Vec<Right>,
}

impl Of {
    /// One who reads whole partitions, and so asks for a group that there never is.
    fn reader(principal: &'static str) -> Self {
        Self { principal, rights: Vec::new() }.one(Describe, Resource::Group, literal(READER_GROUP))
    }

    fn topics<const N: usize>(self, operation: Operation, names: [&std::sync::Arc<str>; N]) -> Self {
        names.into_iter().fold(self, |of, name| of.one(operation, Resource::Topic, literal(&**name)))
    }

    fn one(mut self, operation: Operation, resource: Resource, name: Pattern) -> Self {
        self.rights.push(Right { principal: self.principal.to_owned(), resource, name, operation });
        self
    }
}

fn literal(name: impl Into<String>) -> Pattern {
    Pattern::Literal(name.into())
}

fn prefixed(name: impl Into<String>) -> Pattern {
    Pattern::Prefixed(name.into())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use settings::Sources;

    use super::*;
    use crate::cli::RoleName;

    fn rights() -> Vec<Right> {
        all(&Settings::default())
    }

    #[test]
    fn what_all_rely_on_has_one_writer() {
        for (topic, writer) in [
            ("parceltrack.shipment.events.v1", "command-handler"),
            ("parceltrack.shipment.snapshots.v1", "command-handler"),
            ("parceltrack.shipment.replies.v1", "command-handler"),
            ("parceltrack.config.v1", "config-service"),
            ("parceltrack.api-keys.v1", "key-admin"),
        ] {
            let writes = |right: &Right| {
                let name = right.name.text();
                let is_meant = if right.name.is_prefixed() { topic.starts_with(name) } else { name == topic };
                right.resource == Resource::Topic && right.operation == Write && is_meant
            };
            let found: Vec<_> = rights().into_iter().filter(writes).map(|right| right.principal).collect();
            assert_eq!(found, [writer], "{topic}");
        }
    }

    #[test]
    fn every_role_has_rights_and_none_has_one_twice() {
        let rights = rights();
        for role in RoleName::ALL {
            assert!(rights.iter().any(|right| right.principal == role.name()), "{}", role.name());
        }
        assert_eq!(rights.iter().collect::<BTreeSet<_>>().len(), rights.len());
    }

    #[test]
    fn names_follow_the_settings() {
        let sources = Sources::none().set("kafka.topic_prefix=other").set("command_handler.group=deciders");
        let rights = all(&Settings::load(&sources).unwrap());
        let of_handler: Vec<_> = rights
            .iter()
            .filter(|right| right.principal == "command-handler" && right.resource != Resource::Topic)
            .map(|right| right.name.to_string())
            .collect();
        assert_eq!(of_handler, [READER_GROUP, "deciders", "deciders.*"]);
        assert!(rights.iter().any(|right| right.name.text() == "other.shipment.events.v1"));
    }
}
