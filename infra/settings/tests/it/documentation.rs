//! The documentation follows the table.

use std::collections::BTreeSet;
use std::path::Path;

use settings::{Sources, env_names, explain};

use crate::load;

#[test]
fn every_setting_is_explained_with_its_value_and_source() {
    let settings = load(&Sources::none().env("PARCELTRACK_KAFKA", "k:1"));
    let docs = explain(Some(&settings));
    let bootstrap = docs.iter().find(|doc| doc.key == "kafka.bootstrap").unwrap();
    assert_eq!(bootstrap.value.as_deref(), Some("k:1"));
    assert_eq!(bootstrap.source.as_deref(), Some("the environment (PARCELTRACK_KAFKA)"));
    assert_eq!(bootstrap.default, Some("127.0.0.1:9092"));
    for doc in &docs {
        assert!(doc.doc.ends_with('.'), "{}: {}", doc.key, doc.doc);
        let counts = [("_ms", "Milliseconds"), ("_bytes", "Bytes"), ("_mb", "Mebibytes")];
        for (suffix, unit) in counts.iter().filter(|(suffix, _)| doc.key.ends_with(suffix)) {
            assert!(doc.doc.starts_with(unit), "{} ends in {suffix}: say {unit} in: {}", doc.key, doc.doc);
        }
    }
}

#[test]
fn no_variable_means_two_things() {
    let docs = explain(None);
    let mut seen = BTreeSet::new();
    for doc in &docs {
        let alias = doc.env_alias.map(str::to_owned);
        for name in [Some(doc.env.clone()), alias, doc.env_file.clone()].into_iter().flatten() {
            assert!(seen.insert(name.clone()), "{name} is two settings'");
            assert!(env_names().contains(&name));
        }
    }
    assert!(env_names().contains("PARCELTRACK_CACHE"));
}

#[test]
fn the_configuration_page_is_current() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
    let written = settings::markdown();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&page, &written).expect("write docs/configuration.md");
    }
    let there = std::fs::read_to_string(&page).unwrap_or_default();
    assert!(
        there == written,
        "docs/configuration.md is stale: `UPDATE_DOCS=1 cargo test --release -p settings` writes it anew"
    );
}

#[test]
fn the_example_in_the_configuration_page_loads() {
    let page = settings::markdown();
    let (_, rest) = page.split_once("```toml\n").expect("the example");
    let (example, _) = rest.split_once("```").expect("the example's end");
    let folder = tempfile::tempdir().unwrap();
    let password = crate::file(&folder, "password", "secret\n");
    let example = example.replace("/run/secrets/cql-password", &password.display().to_string());
    let settings = load(&Sources::none().file(crate::file(&folder, "pt.toml", &example)));
    assert_eq!(settings.kafka.replication, 3);
    assert_eq!(settings.kafka.properties.0["security.protocol"], "SASL_SSL");
}
