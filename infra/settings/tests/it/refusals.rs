//! What is refused, and what is said then.

use settings::{Settings, Sources};
use tempfile::tempdir;

use crate::{file, load, refusal};

#[test]
fn a_mistyped_variable_names_the_right_one() {
    assert_eq!(
        refusal(&Sources::none().env("PARCELTRACK_KAFKA_BOOTSTRAPS", "k:1")),
        "unknown setting PARCELTRACK_KAFKA_BOOTSTRAPS in the environment (PARCELTRACK_KAFKA_BOOTSTRAPS), did you \
         mean PARCELTRACK_KAFKA_BOOTSTRAP?; `parceltrack config --explain` lists all"
    );
}

#[test]
fn a_mistyped_key_of_the_file_names_the_right_one() {
    let folder = tempdir().unwrap();
    let path = file(&folder, "pt.toml", "[kafka]\npartition = 3\n[kql]\nnodes = \"a:1\"\n");
    let said = refusal(&Sources::none().file(path));
    assert!(said.starts_with("2 settings can't be used:"), "{said}");
    assert!(said.contains("unknown setting kafka.partition in "), "{said}");
    assert!(said.contains("did you mean kafka.partitions?"), "{said}");
    assert!(said.contains("did you mean [cql]?"), "{said}");
}

#[test]
fn a_mistyped_flag_names_the_right_one() {
    let said = refusal(&Sources::none().set("command_api.listne=0.0.0.0:1"));
    assert!(said.contains("did you mean command_api.listen?"), "{said}");
    assert!(refusal(&Sources::none().set("kafka.bootstrap")).contains("write --set section.key=value"));
}

#[test]
fn a_bad_value_says_key_value_source_and_what_is_allowed() {
    assert_eq!(
        refusal(&Sources::none().env("PARCELTRACK_COMMAND_HANDLER_WORKERS", "many")),
        "command_handler.workers = \"many\" from the environment (PARCELTRACK_COMMAND_HANDLER_WORKERS) is not \
         allowed: it must be a whole number from 1 to 64"
    );
    for (bad, allowed) in [
        ("command_handler.workers=0", "a whole number from 1 to 64"),
        ("kafka.partitions=-1", "a whole number from 1 to 1024"),
        ("command_api.listen=localhost", "an IP address and port such as 127.0.0.1:8091"),
        ("kafka.bootstrap=kafka", "host:port"),
        ("registry.url=127.0.0.1:8081", "begins with http:// or https://"),
        ("cql.tls=yes", "true or false"),
        ("log.format=xml", "text or json"),
        ("local_stack.brokers=2", "1 or 3"),
        ("cql.keyspace=Parcel-Track", "a letter first"),
    ] {
        let said = refusal(&Sources::none().set(bad));
        assert!(said.contains(allowed), "{bad}: {said}");
    }
}

#[test]
fn the_file_has_types() {
    let folder = tempdir().unwrap();
    let path = file(&folder, "pt.toml", "[command_handler]\nworkers = \"2\"\n");
    assert!(refusal(&Sources::none().file(path)).contains("it must be a whole number"));
}

#[test]
fn everything_wrong_is_said_at_once() {
    let error =
        Settings::load(&Sources::none().set("a=b").set("cql.tls=1").env("PARCELTRACK_X", "1")).unwrap_err();
    assert_eq!(error.problems.len(), 3);
}

#[test]
fn two_names_of_one_setting_in_one_source_are_refused() {
    let said =
        refusal(&Sources::none().env("PARCELTRACK_KAFKA", "a:1").env("PARCELTRACK_KAFKA_BOOTSTRAP", "b:1"));
    assert_eq!(
        said,
        "kafka.bootstrap is set twice in the environment: keep either PARCELTRACK_KAFKA or \
         PARCELTRACK_KAFKA_BOOTSTRAP"
    );
}

#[test]
fn settings_that_contradict_each_other_are_refused() {
    for (set, said) in [
        ("cql.username=u", "cql.username and cql.password go together"),
        ("cql.tls_ca_file=ca.pem", "set cql.tls=true"),
        ("command_handler.transaction_timeout_ms=60000", "would hold back its successor"),
        ("kafka.properties.bootstrap.servers=a:1", "set kafka.bootstrap instead"),
        ("command_api.ndjson_in_flight=2000", "could take every slot"),
        ("discovery.ttl_ms=4999", "less than two of discovery.heartbeat_ms"),
    ] {
        let refusal = refusal(&Sources::none().set(set));
        assert!(refusal.contains(said), "{set}: {refusal}");
    }
}

#[test]
fn a_file_that_was_asked_for_must_be_there_and_be_toml() {
    assert!(
        refusal(&Sources::none().file("/nowhere/pt.toml"))
            .contains("can't read the configuration file /nowhere/")
    );
    let folder = tempdir().unwrap();
    let path = file(&folder, "pt.toml", "[cql]\npassword = hunter2hunter2\n");
    let said = refusal(&Sources::none().file(path));
    assert!(said.contains("is not valid TOML: line 2"), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
}

#[test]
fn what_a_role_needs_and_nobody_set_names_every_way_to_set_it() {
    let settings = Settings::default();
    let missing =
        settings::require("command_api.namespace_secret", settings.command_api.namespace_secret.as_ref());
    assert_eq!(
        missing.unwrap_err().to_string(),
        "command_api.namespace_secret is not set: put it in the configuration file, set \
         PARCELTRACK_COMMAND_API_NAMESPACE_SECRET (or PARCELTRACK_COMMAND_API_NAMESPACE_SECRET_FILE, a file that \
         holds it), or pass --set command_api.namespace_secret=…"
    );
}

#[test]
fn who_may_write_the_topic_sends_personal_data_nowhere_and_lets_nobody_see_it() {
    for (key, value) in [
        ("cql.nodes", "10.0.0.1:9042"),
        ("cql.tls", "false"),
        ("cql.grant_read", "mallory"),
        ("cql.grant_write", "mallory"),
        ("registry.url", "http://10.0.0.1:8081"),
        ("auth.required", "false"),
    ] {
        let refusal = refusal(&Sources::none().topic([(key.to_owned(), value.to_owned())].into()));
        assert!(refusal.contains(key), "{key}: {refusal}");
    }
    load(&Sources::none().topic([("gateway.rate_read".to_owned(), "7".to_owned())].into()));
}
