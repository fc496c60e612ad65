//! Whether our contracts may be registered, told subject by subject.

use std::fmt;

use event_codec::Contract;
use event_codec::evolution::{self, Level, check_compatibility};

use crate::{Contracts, Error, Registered, Registry};

/// What was found, one finding for each subject.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// In the order of registration.
    pub findings: Vec<Finding>,
}

/// What was found of one subject.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// The subject.
    pub subject: String,
    /// The rule by which it may change, as our contract has it.
    pub level: Level,
    /// The rule that the registry has for it now, where that is another.
    pub other_level: Option<String>,
    /// May our schema be registered?
    pub verdict: Verdict,
}

/// May our schema be registered?
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It is, already.
    Registered {
        /// Its version.
        version: i32,
        /// Its id.
        id: u32,
    },
    /// The subject has none yet.
    First,
    /// It may become the next version.
    Next {
        /// The version now.
        after: i32,
    },
    /// It may not.
    Refused {
        /// The version that it doesn't go with, where we know it.
        version: Option<i32>,
        /// Why, with the offending field.
        reason: String,
    },
}

impl Report {
    /// Whether nothing was refused.
    pub fn is_ok(&self) -> bool {
        !self.findings.iter().any(|f| matches!(f.verdict, Verdict::Refused { .. }))
    }

    /// Whether all is registered as it should be, so that there is nothing to apply.
    pub fn is_applied(&self) -> bool {
        self.findings
            .iter()
            .all(|f| matches!(f.verdict, Verdict::Registered { .. }) && f.other_level.is_none())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, finding) in self.findings.iter().enumerate() {
            let end = if n + 1 == self.findings.len() { "" } else { "\n" };
            write!(f, "{finding}{end}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.subject)?;
        match &self.verdict {
            Verdict::Registered { version, id } => write!(f, "registered, version {version}, id {id}")?,
            Verdict::First => write!(f, "not registered yet")?,
            Verdict::Next { after } => write!(f, "may follow version {after}")?,
            Verdict::Refused { version: Some(version), reason } => {
                write!(f, "REFUSED by {}, because of version {version}: {reason}", self.level)?;
            }
            Verdict::Refused { version: None, reason } => write!(f, "REFUSED by the registry: {reason}")?,
        }
        match &self.other_level {
            Some(other) => write!(f, " (its rule is {other} and should be {})", self.level),
            None => Ok(()),
        }
    }
}

impl Registry {
    /// Holds our contracts against all that is registered: first here, field by field, then by the registry's own
    /// verdict. Changes nothing.
    ///
    /// # Errors
    /// When the registry doesn't answer; what it refuses is in the report.
    pub async fn check(&self, contracts: &Contracts) -> Result<Report, Error> {
        let mut findings = Vec::new();
        for (subject, contract) in contracts.subjects() {
            findings.push(self.finding(subject, contract).await?);
        }
        Ok(Report { findings })
    }

    async fn finding(&self, subject: String, contract: &Contract) -> Result<Finding, Error> {
        let versions = self.versions(&subject).await?;
        let level = contract.level();
        let other_level = if versions.is_empty() {
            None
        } else {
            self.level(&subject).await?.filter(|theirs| theirs != level.as_str())
        };
        let mut verdict = local_verdict(contract, &versions);
        if let Verdict::Next { .. } = verdict
            && let Some(opinion) = self.would_take(&subject, contract.schema_json()).await?
            && !opinion.compatible
        {
            let said = opinion.messages.join("; ");
            let reason = if said.is_empty() { "it says no more than that".to_owned() } else { said };
            verdict = Verdict::Refused { version: None, reason };
        }
        Ok(Finding { subject, level, other_level, verdict })
    }
}

fn local_verdict(contract: &Contract, versions: &[Registered]) -> Verdict {
    if let Some(same) = versions.iter().find(|v| same_text(&v.schema, contract.schema_json())) {
        return Verdict::Registered { version: same.version, id: same.id };
    }
    for old in versions.iter().rev() {
        if let Err(error) = check_compatibility(contract.schema_json(), &old.schema, contract.level()) {
            return Verdict::Refused { version: Some(old.version), reason: with_hint(&error) };
        }
    }
    versions.last().map_or(Verdict::First, |last| Verdict::Next { after: last.version })
}

fn with_hint(error: &evolution::Error) -> String {
    match error {
        evolution::Error::Incompatible { .. } => {
            format!("{error}. Give an added field a default; never remove or retype one that has none")
        }
        _ => error.to_string(),
    }
}

fn same_text(one: &str, other: &str) -> bool {
    let parsed = |text| serde_json::from_str::<serde_json::Value>(text).ok();
    one == other || parsed(one).is_some_and(|one| Some(one) == parsed(other))
}
