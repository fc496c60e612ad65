//! What the console got that it shouldn't: errors, broken policies, files that are not there.

use serde_json::Value;

use crate::commands::Extra;
use crate::window::{Browser, done};

impl Browser {
    /// What the browser complained of since this was asked last, a line each.
    ///
    /// # Panics
    /// When it can't say.
    #[track_caller]
    pub fn complaints(&self) -> Vec<String> {
        let all = done("its console", self.wait(self.client.issue_cmd(Extra::console())));
        let said = |entry: &Value, of: &str| entry[of].as_str().unwrap_or_default().to_owned();
        let entries = all.as_array().into_iter().flatten();
        let bad = entries.filter(|entry| entry["level"] == "SEVERE" || entry["level"] == "WARNING");
        bad.map(|entry| format!("{} {}", said(entry, "source"), said(entry, "message"))).collect()
    }

    /// The browser had nothing to complain of.
    ///
    /// # Panics
    /// When it had: an error in a script, a policy that was broken, a file that isn't there.
    #[track_caller]
    pub fn expect_no_complaints(&self) {
        let complaints = self.complaints();
        assert!(complaints.is_empty(), "{}:\n{}", self.address(), complaints.join("\n"));
    }

    /// Files and streams that didn't come are expected, as a service was away; any other complaint is told at once.
    ///
    /// # Panics
    /// When there are others.
    #[track_caller]
    pub fn forgive_the_network(&self) {
        let mut complaints = self.complaints();
        complaints.retain(|complaint| !complaint.starts_with("network "));
        assert!(complaints.is_empty(), "{}:\n{}", self.address(), complaints.join("\n"));
    }

    /// One complaint with this text is expected; any other is told at once.
    ///
    /// # Panics
    /// When there are others.
    #[track_caller]
    pub fn forgive(&self, text: &str) {
        let mut complaints = self.complaints();
        if let Some(expected) = complaints.iter().position(|complaint| complaint.contains(text)) {
            complaints.remove(expected);
        }
        assert!(complaints.is_empty(), "{}:\n{}", self.address(), complaints.join("\n"));
    }
}
