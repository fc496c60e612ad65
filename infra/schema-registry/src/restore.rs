//! Rebuilding an empty registry with the ids that the topics' records use, or refusing.

use std::collections::{BTreeMap, BTreeSet};

use event_codec::{WriterSchemas, contract};

use crate::{Error, Registry};

mod apicurio;
mod archive;

/// A schema in use: some record of this subject's topic has this id in its frame.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct UsedSchema {
    /// The id in the frame.
    pub id: u32,
    /// The subject: the topic's name and `-value`.
    pub subject: String,
    /// The record's `pt-schema` header, if it had one.
    pub stamp: Option<String>,
    /// The schema itself, if somebody has it: needed where it is none of ours.
    pub schema_json: Option<String>,
}

/// What was done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Restored {
    /// The registry had all of them already, each under its id.
    AlreadyThere,
    /// It was empty, and has these now.
    Rebuilt {
        /// The ids, in order.
        ids: Vec<u32>,
    },
}

/// One schema to be restored.
pub(crate) struct Wanted {
    pub(crate) json: String,
    pub(crate) stamp: String,
    pub(crate) subjects: BTreeSet<String>,
}

impl Registry {
    /// Makes the registry have each of these schemas under its very id. It must be empty, or have them already.
    ///
    /// # Errors
    /// Whenever that can't be done; then nothing was changed, but for [`Error::NotRestored`].
    pub async fn restore(&self, used: &[UsedSchema]) -> Result<Restored, Error> {
        let wanted = resolved(used)?;
        let subjects = self.subjects().await?;
        if !subjects.is_empty() {
            let wrong = self.first_wrong(&wanted).await?;
            return match wrong {
                None => Ok(Restored::AlreadyThere),
                Some(_) => Err(Error::NotEmpty { subjects: subjects.join(", ") }),
            };
        }
        self.import(&wanted).await?;
        match self.first_wrong(&wanted).await? {
            None => Ok(Restored::Rebuilt { ids: wanted.into_keys().collect() }),
            Some((id, wanted, found)) => Err(Error::NotRestored { id, wanted, found }),
        }
    }

    /// The first id under which the registry doesn't have what it should: the id, what should be there, what is.
    async fn first_wrong(
        &self,
        wanted: &BTreeMap<u32, Wanted>,
    ) -> Result<Option<(u32, String, String)>, Error> {
        for (id, schema) in wanted {
            let found = match self.schema_of(*id).await? {
                Some(json) => stamp_of(*id, &json)?,
                None => "nothing".to_owned(),
            };
            if found != schema.stamp {
                return Ok(Some((*id, schema.stamp.clone(), found)));
            }
        }
        Ok(None)
    }
}

/// Each id with its schema: the one given, or one of ours by its fingerprint.
fn resolved(used: &[UsedSchema]) -> Result<BTreeMap<u32, Wanted>, Error> {
    let mut wanted: BTreeMap<u32, Wanted> = BTreeMap::new();
    // Judged last: a record without a header may come before one that has it.
    let mut unknown: BTreeSet<&UsedSchema> = BTreeSet::new();
    for used in used {
        let ours = used.stamp.as_deref().and_then(contract::by_stamp);
        let Some(json) = used.schema_json.as_deref().or(ours).map(str::to_owned) else {
            unknown.insert(used);
            continue;
        };
        let stamp = stamp_of(used.id, &json)?;
        let claims = [used.stamp.as_ref(), wanted.get(&used.id).map(|w| &w.stamp)];
        if let Some(other) = claims.into_iter().flatten().find(|other| **other != stamp) {
            return Err(Error::Contradiction { id: used.id, one: stamp, other: other.clone() });
        }
        let entry =
            wanted.entry(used.id).or_insert_with(|| Wanted { json, stamp, subjects: BTreeSet::new() });
        entry.subjects.insert(used.subject.clone());
    }
    let mut missing = Vec::new();
    for used in unknown {
        match (wanted.get_mut(&used.id), &used.stamp) {
            (Some(known), None) => {
                known.subjects.insert(used.subject.clone());
            }
            (Some(known), Some(other)) => {
                let (one, other) = (known.stamp.clone(), other.clone());
                return Err(Error::Contradiction { id: used.id, one, other });
            }
            (None, stamp) => {
                let stamp = stamp.as_deref().unwrap_or("written without a pt-schema header");
                missing.push(format!("  id {} in {}: {stamp}", used.id, used.subject));
            }
        }
    }
    if missing.is_empty() { Ok(wanted) } else { Err(Error::UnknownSchemas { list: missing.join("\n") }) }
}

fn stamp_of(id: u32, json: &str) -> Result<String, Error> {
    let writers = WriterSchemas::new();
    writers.add(id, json)?;
    Ok(writers.stamp(id).unwrap_or_default())
}

#[cfg(test)]
mod tests;
