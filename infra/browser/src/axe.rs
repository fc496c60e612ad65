//! axe-core, which finds what stands in the way of people who see, hear or point otherwise.

use std::path::PathBuf;
use std::sync::OnceLock;

use serde_json::Value;

use crate::window::Browser;

/// The rules of WCAG 2.2 at levels A and AA, and what is good practice beyond.
const RUN: &str = "const done = arguments[arguments.length - 1];
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    axe.run(document, { runOnly: tags, rules: { 'target-size': { enabled: true } } }).then(
        result => done(result.violations.flatMap(rule => rule.nodes.map(node =>
            `${rule.id}: ${rule.help}: ${node.html.slice(0, 200)}: ${node.failureSummary.replace(/\\s+/g, ' ')}`))),
        error => done([String(error)]))";

/// Why axe-core can't be run here, in words; `None` when it can.
pub fn axe_is_missing() -> Option<String> {
    let way_out = "infra/scripts/prerequisites.sh test fetches it";
    script().is_none().then(|| format!("there is no axe-core in {}: {way_out}", file().display()))
}

impl Browser {
    /// axe-core finds nothing on the page. Where it is not to be had, nothing is checked; [`axe_is_missing`] tells.
    ///
    /// # Panics
    /// When it finds something.
    #[track_caller]
    pub fn expect_accessible(&self) {
        let found = self.inaccessible();
        assert!(found.is_empty(), "{}:\n{}", self.address(), found.join("\n"));
    }

    /// What axe-core finds on the page, a line each.
    ///
    /// # Panics
    /// When it can't be run.
    #[track_caller]
    pub fn inaccessible(&self) -> Vec<String> {
        let Some(script) = script() else { return Vec::new() };
        self.run(script, &[]);
        let found = self.run_async(RUN);
        let lines = found.as_array().into_iter().flatten();
        lines.map(|line: &Value| line.as_str().unwrap_or_default().to_owned()).collect()
    }
}

/// Where `prerequisites.sh` keeps it.
fn file() -> PathBuf {
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
    let of_user = || std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or_else(home);
    let ours = || of_user().unwrap_or_default().join("parceltrack");
    let cache = std::env::var_os("PARCELTRACK_CACHE").map_or_else(ours, PathBuf::from);
    cache.join("axe-core/axe.min.js")
}

fn script() -> Option<&'static str> {
    static SCRIPT: OnceLock<Option<String>> = OnceLock::new();
    SCRIPT.get_or_init(|| std::fs::read_to_string(file()).ok()).as_deref()
}
