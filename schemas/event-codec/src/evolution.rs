//! Whether a schema may follow another. Where it may not, the error names the field that stands in the way: the
//! registry's own answer often names the whole schema only.

use std::fmt;

use apache_avro::Schema;
use apache_avro::schema::ResolvedSchema;

mod readable;

/// By which rule a subject's schema may change, as the registry calls it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Level {
    /// The new schema must read what any older one wrote.
    BackwardTransitive,
    /// And any older one must read what the new one writes.
    FullTransitive,
}

impl Level {
    /// The registry's name for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BackwardTransitive => "BACKWARD_TRANSITIVE",
            Self::FullTransitive => "FULL_TRANSITIVE",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Why one schema may not follow another.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A reader couldn't make sense of what the other side wrote.
    #[error("{direction}: at `{path}`: {reason}")]
    Incompatible {
        /// Who could not read whom.
        direction: Direction,
        /// The offending field, from the record down, such as `ShipmentEvent.body.ScanRecorded.scan.carrier`.
        path: String,
        /// What is wrong there.
        reason: String,
    },
    /// One of the two isn't a schema.
    #[error("the {which} schema is not valid Avro: {reason}")]
    Invalid {
        /// `new` or `old`.
        which: &'static str,
        /// What the parser says.
        reason: String,
    },
}

/// Who could not read whom.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// Readers with the new schema meet old records.
    NewReadsOld,
    /// Readers with the old schema meet new records.
    OldReadsNew,
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NewReadsOld => "the new schema can't read what the old one wrote",
            Self::OldReadsNew => "the old schema can't read what the new one writes",
        })
    }
}

/// Checks whether `new` may follow `old` under this rule. Both are self-contained schemas.
///
/// # Errors
/// [`Error::Incompatible`] with the first field found in the way.
pub fn check_compatibility(new: &str, old: &str, level: Level) -> Result<(), Error> {
    let (new, old) = (parse("new", new)?, parse("old", old)?);
    can_read(&new, &old, Direction::NewReadsOld)?;
    match level {
        Level::BackwardTransitive => Ok(()),
        Level::FullTransitive => can_read(&old, &new, Direction::OldReadsNew),
    }
}

fn can_read(reader: &Schema, writer: &Schema, direction: Direction) -> Result<(), Error> {
    let which = |newer: bool| if newer == (direction == Direction::NewReadsOld) { "new" } else { "old" };
    let reader_names = ResolvedSchema::new(reader).map_err(|e| invalid(which(true), &e))?;
    let writer_names = ResolvedSchema::new(writer).map_err(|e| invalid(which(false), &e))?;
    let obstacle = readable::Reading::new(&reader_names, &writer_names).obstacle(writer, reader);
    obstacle.map_or(Ok(()), |(path, reason)| Err(Error::Incompatible { direction, path, reason }))
}

fn parse(which: &'static str, json: &str) -> Result<Schema, Error> {
    Schema::parse_str(json).map_err(|e| invalid(which, &e))
}

fn invalid(which: &'static str, error: &apache_avro::Error) -> Error {
    Error::Invalid { which, reason: error.to_string() }
}

#[cfg(test)]
mod tests;
