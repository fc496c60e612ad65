//! Which source wins.

use settings::{Origin, Sources};
use tempfile::tempdir;

use crate::{file, load};

#[test]
fn the_defaults_alone_are_a_whole_configuration() {
    let settings = load(&Sources::none());
    assert_eq!(settings.kafka.bootstrap, "127.0.0.1:9092");
    assert_eq!(settings.cql.nodes, ["127.0.0.1:9042"]);
    assert_eq!(settings.command_api.listen.port(), 8091);
    assert_eq!(settings.command_handler.batch_bytes, 4 * 1024 * 1024);
    assert_eq!(settings.origin("kafka.bootstrap"), Origin::Default);
}

#[test]
fn a_later_source_wins() {
    let folder = tempdir().unwrap();
    let path = file(
        &folder,
        "pt.toml",
        "[projector]\nconcurrency = 10\nbatch_records = 11\n[kafka]\npartitions = 12\n",
    );
    let sources = Sources::none()
        .file(&path)
        .env("PARCELTRACK_PROJECTOR_CONCURRENCY", "20")
        .env("PARCELTRACK_PROJECTOR_BATCH_RECORDS", "21")
        .set("projector.concurrency=30");
    let settings = load(&sources);

    assert_eq!(settings.projector.concurrency, 30);
    assert_eq!(settings.origin("projector.concurrency"), Origin::Flag);
    assert_eq!(settings.projector.batch_records, 21);
    assert_eq!(
        settings.origin("projector.batch_records"),
        Origin::Env("PARCELTRACK_PROJECTOR_BATCH_RECORDS".to_owned())
    );
    assert_eq!(settings.kafka.partitions, 12);
    assert_eq!(settings.origin("kafka.partitions"), Origin::File(path));
}

#[test]
fn the_endpoints_have_short_names() {
    let settings = load(
        &Sources::none()
            .env("PARCELTRACK_KAFKA", "k:1,l:2")
            .env("PARCELTRACK_CQL", "a:1, b:2")
            .env("PARCELTRACK_REGISTRY", "https://registry/ccompat"),
    );
    assert_eq!(settings.kafka.bootstrap, "k:1,l:2");
    assert_eq!(settings.cql.nodes, ["a:1", "b:2"]);
    assert_eq!(settings.registry.url, "https://registry/ccompat");
}

#[test]
fn the_file_can_be_named_by_a_variable() {
    let folder = tempdir().unwrap();
    let path = file(&folder, "pt.toml", "[cql]\nnodes = [\"a:1\", \"b:2\"]\n");
    let settings = load(&Sources::none().env("PARCELTRACK_CONFIG", path.display().to_string()));
    assert_eq!(settings.cql.nodes, ["a:1", "b:2"]);
}

#[test]
fn an_empty_variable_is_no_value() {
    let settings = load(&Sources::none().env("PARCELTRACK_KAFKA", "").env("PARCELTRACK_CQL_KEYSPACE", ""));
    assert_eq!(settings.cql.keyspace, "parceltrack");
}

#[test]
fn librdkafka_properties_add_up_over_the_sources() {
    let folder = tempdir().unwrap();
    let path = file(
        &folder,
        "pt.toml",
        "[kafka.properties]\nlinger.ms = 5\n\"socket.keepalive.enable\" = true\nclient.rack = \"a\"\n",
    );
    let settings = load(
        &Sources::none()
            .file(path)
            .env("PARCELTRACK_KAFKA_PROPERTIES", "client.rack=b; compression.type=zstd")
            .set("kafka.properties.linger.ms=7")
            .set("kafka.properties.sasl.jaas=x=y"),
    );
    let properties: Vec<_> = settings.kafka.properties.iter().collect();
    assert_eq!(
        properties,
        [
            ("client.rack", "b"),
            ("compression.type", "zstd"),
            ("linger.ms", "7"),
            ("sasl.jaas", "x=y"),
            ("socket.keepalive.enable", "true"),
        ]
    );
}

#[test]
fn librdkafka_properties_can_be_one_text_in_the_file() {
    let folder = tempdir().unwrap();
    let path = file(&folder, "pt.toml", "[kafka]\nproperties = \"linger.ms=5; client.rack=a\"\n");
    let settings = load(&Sources::none().file(path));
    assert_eq!(settings.kafka.properties.0.len(), 2);
}

#[test]
fn groups_are_named_after_the_topics_unless_set() {
    let settings = load(&Sources::none().set("kafka.topic_prefix=t1").set("projector.group=mine"));
    assert_eq!(settings.command_handler_group(), "t1.command-handler");
    assert_eq!(settings.projector_group(), "mine");
}
