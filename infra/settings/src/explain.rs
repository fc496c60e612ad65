//! The documentation of every setting, from the same table that reads them.

use std::collections::BTreeSet;
use std::fmt::Write;

use serde::Serialize;

use crate::keys::{KEYS, SECTIONS, Settings};
use crate::sources::RESERVED_ENV;
use crate::table::Key;

/// What there is to know about one setting.
#[derive(Debug, Clone, Serialize)]
pub struct KeyDoc {
    /// `section.name`, as in `--set` and the file.
    pub key: &'static str,
    /// What it is for, with its unit.
    pub doc: &'static str,
    /// What is allowed.
    pub allowed: String,
    /// The value when nobody sets it; none where it is then unset.
    pub default: Option<&'static str>,
    /// Its environment variable.
    pub env: String,
    /// A shorter variable for the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub env_alias: Option<&'static str>,
    /// The variable that names a file with the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub env_file: Option<String>,
    /// Whether a change in the config topic takes effect without a restart.
    pub live: bool,
    /// Whether it can be in the config topic at all.
    pub in_topic: bool,
    /// Whether its value is never shown.
    pub secret: bool,
    /// The value in force, `***` where it is secret, none where it is unset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Where the value in force came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// Every setting, in the order of the table; with the values in force where `settings` are given.
pub fn explain(settings: Option<&Settings>) -> Vec<KeyDoc> {
    let values = settings.map(Settings::shown);
    KEYS.iter()
        .enumerate()
        .map(|(at, key)| KeyDoc {
            value: values.as_ref().map(|values| values[at].clone()).filter(|value| !value.is_empty()),
            source: settings.map(|settings| settings.origin(key.path).to_string()),
            ..doc_of(key)
        })
        .collect()
}

/// Every variable that is read, reserved ones included.
pub fn env_names() -> BTreeSet<String> {
    KEYS.iter()
        .flat_map(|key| key.env_names().chain(key.file_form.then(|| format!("{}_FILE", key.env()))))
        .chain(RESERVED_ENV.iter().map(|(name, _)| (*name).to_owned()))
        .collect()
}

/// Every setting for a terminal, with the values in force where `settings` are given.
pub fn text(settings: Option<&Settings>) -> String {
    let mut out = String::new();
    for section in SECTIONS {
        let _ = writeln!(out, "[{}]{}", section.name, section.doc);
        for doc in explain(settings).iter().filter(|doc| in_section(doc.key, section.name)) {
            let value = doc.value.as_deref().or(doc.default).unwrap_or("(not set)");
            let source = doc.source.as_ref().map(|source| format!("   from {source}")).unwrap_or_default();
            let _ = writeln!(out, "  {} = {value}{source}", doc.key);
            let live = if doc.live { " (changes live)" } else { "" };
            let _ = writeln!(out, "      {}{live}", doc.doc);
            let _ = writeln!(out, "      {}; {}", doc.allowed, names(doc).join(", "));
        }
        out.push('\n');
    }
    for (name, doc) in RESERVED_ENV {
        let _ = writeln!(out, "{name}\n      {doc}");
    }
    out
}

/// `docs/configuration.md`.
pub fn markdown() -> String {
    let mut out = String::from(INTRODUCTION);
    for section in SECTIONS {
        let _ = write!(out, "\n## {}\n\n{}\n\n", section.name, section.doc.trim());
        out.push_str("| Key | Default | Allowed | Meaning | Environment |\n|---|---|---|---|---|\n");
        for doc in explain(None).iter().filter(|doc| in_section(doc.key, section.name)) {
            let default = doc.default.map_or("not set".to_owned(), |default| format!("`{default}`"));
            let names: Vec<_> = names(doc).iter().map(|name| format!("`{name}`")).collect();
            let _ = writeln!(
                out,
                "| `{}` | {default} | {} | {} | {} |",
                doc.key,
                doc.allowed,
                meaning(doc),
                names.join("<br>"),
            );
        }
    }
    out.push_str("\n## Variables that are not settings\n\n| Environment | Meaning |\n|---|---|\n");
    for (name, doc) in RESERVED_ENV {
        let _ = writeln!(out, "| `{name}` | {doc} |");
    }
    out
}

const INTRODUCTION: &str = "\
# Configuration

<!-- Made from the table in infra/settings/src/keys.rs: `UPDATE_DOCS=1 cargo test --release -p settings` writes it anew. -->

A value is taken from the last of these that has it:

1. the default below;
2. the TOML file: `--config FILE`, else the one `PARCELTRACK_CONFIG` names, else `./parceltrack.toml` where it exists;
3. the config topic ([config.md](config.md)), for roles: entries of the application `parceltrack`, and over them those of the role's own
   name; over both those of the role's profile;
4. the environment: `PARCELTRACK_` and the key in capitals, with `_` for the dot (an empty variable counts as not set);
5. the command line: `--set section.key=value`, as often as needed.

What is marked *changes live* takes effect as soon as the config topic has it; everything else with the next start. The sections `kafka`,
`config` and `local_stack` are needed before the topic can be read, and can't be in it; nor can `auth`, by which an operator could make himself an
admin, nor addresses, paths and names of one process.

Keys and variables that nobody reads are refused, with the nearest known one; so are values outside what is allowed.
`parceltrack config --explain` shows this list with the values in force and where each came from; secrets are never shown.

A secret can be kept in a file: `cql.password_file = \"/run/secrets/cql\"` or `PARCELTRACK_CQL_PASSWORD_FILE`. The same
goes for `kafka.properties_file`, with a `name=value` on each line. Paths are relative to the working folder.

```toml
[kafka]
bootstrap = \"kafka-1:9092,kafka-2:9092\"
replication = 3

[kafka.properties]
security.protocol = \"SASL_SSL\"
sasl.mechanisms = \"SCRAM-SHA-512\"
sasl.username = \"parceltrack\"

[cql]
nodes = [\"scylla-1:9042\", \"scylla-2:9042\"]
local_dc = \"eu-central\"
password_file = \"/run/secrets/cql-password\"
username = \"parceltrack\"
```
";

fn doc_of(key: &Key) -> KeyDoc {
    KeyDoc {
        key: key.path,
        doc: key.doc.trim(),
        allowed: key.allowed(),
        default: Some(key.default).filter(|default| !default.is_empty()),
        env: key.env(),
        env_alias: key.alias,
        env_file: key.file_form.then(|| format!("{}_FILE", key.env())),
        live: key.live,
        in_topic: key.in_topic(),
        secret: key.secret,
        value: None,
        source: None,
    }
}

/// What it is for, and whether it changes live.
fn meaning(doc: &KeyDoc) -> String {
    let live = if doc.live { " Changes live." } else { "" };
    doc.doc.replace('|', "\\|") + live
}

fn names(doc: &KeyDoc) -> Vec<String> {
    let alias = doc.env_alias.map(str::to_owned);
    [alias, Some(doc.env.clone()), doc.env_file.clone()].into_iter().flatten().collect()
}

fn in_section(key: &str, section: &str) -> bool {
    KEYS.iter().any(|known| known.path == key && known.section == section)
}
