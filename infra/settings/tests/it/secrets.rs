//! Secrets are read, and never shown.

use settings::{Secret, Sources};
use tempfile::tempdir;

use crate::{file, load, refusal};

const SECRET: &str = "correct horse battery staple";

#[test]
fn a_secret_can_be_kept_in_a_file() {
    let folder = tempdir().unwrap();
    let path = file(&folder, "secret", &format!("{SECRET}\n"));
    let by_env = Sources::none().env("PARCELTRACK_QUERY_API_CURSOR_KEY_FILE", path.display().to_string());
    let by_flag = Sources::none().set(format!("query_api.cursor_key_file={}", path.display()));
    let toml = file(&folder, "pt.toml", &format!("[query_api]\ncursor_key_file = \"{}\"\n", path.display()));
    for sources in [by_env, by_flag, Sources::none().file(toml)] {
        assert_eq!(load(&sources).query_api.cursor_key, Some(Secret::from(SECRET)));
    }
}

#[test]
fn librdkafka_properties_can_be_kept_in_a_file() {
    let folder = tempdir().unwrap();
    let path = file(&folder, "kafka.properties", "# comment\nsasl.username=u\nsasl.password=p=1\n\n");
    let settings =
        load(&Sources::none().env("PARCELTRACK_KAFKA_PROPERTIES_FILE", path.display().to_string()));
    let properties: Vec<_> = settings.kafka.properties.iter().collect();
    assert_eq!(properties, [("sasl.password", "p=1"), ("sasl.username", "u")]);
}

#[test]
fn a_file_that_is_not_there_is_named_with_its_setting() {
    let said = refusal(&Sources::none().env("PARCELTRACK_CQL_PASSWORD_FILE", "/nowhere/secret"));
    assert!(said.contains("PARCELTRACK_CQL_PASSWORD_FILE") && said.contains("/nowhere/secret"), "{said}");
}

#[test]
fn no_way_of_printing_shows_a_secret() {
    let settings = load(
        &Sources::none()
            .set(format!("query_api.cursor_key={SECRET}"))
            .set("cql.username=app")
            .set(format!("cql.password={SECRET}"))
            .set(format!("kafka.properties.sasl.password={SECRET}")),
    );
    let json = serde_json::to_string(&settings::explain(Some(&settings))).unwrap();
    for printed in [format!("{settings:?}"), format!("{settings:#?}"), settings::text(Some(&settings)), json]
    {
        assert!(!printed.contains("horse"), "{printed}");
        assert!(printed.contains("***"), "{printed}");
    }
    let too_short = refusal(&Sources::none().set("query_api.cursor_key=hunter2"));
    assert!(!too_short.contains("hunter2"), "{too_short}");
    assert!(too_short.contains("at least 16 characters"), "{too_short}");
}
