//! Settings as an operator meets them.

mod documentation;
mod precedence;
mod refusals;
mod secrets;

use settings::{Settings, Sources};

/// The settings from these sources, which must be right.
fn load(sources: &Sources) -> Settings {
    Settings::load(sources).unwrap_or_else(|error| panic!("{error}"))
}

/// What is said of these sources, which must be wrong.
fn refusal(sources: &Sources) -> String {
    Settings::load(sources).expect_err("must be refused").to_string()
}

/// A file with this text, in a folder that lives as long as the test.
fn file(folder: &tempfile::TempDir, name: &str, text: &str) -> std::path::PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, text).expect("write the file");
    path
}
