//! What happens to instances.

use crate::Instance;

/// What happened to an instance. A renewal that says nothing new is no change.
#[derive(Clone, Debug)]
pub enum Change {
    /// It is there, and was not before.
    Joined(Instance),
    /// It says something else of itself, or an operator does.
    Changed(Instance),
    /// It has gone, in good order or because its lease ended; as it was last.
    Left(Instance),
}

impl Change {
    /// What leads from one to the other.
    pub(crate) fn between(before: Option<Instance>, after: Option<Instance>) -> Option<Self> {
        match (before, after) {
            (None, Some(after)) => Some(Self::Joined(after)),
            (Some(before), None) => Some(Self::Left(before)),
            (Some(before), Some(after)) if !before.says_the_same(&after) => Some(Self::Changed(after)),
            _ => None,
        }
    }

    /// Whose change it is.
    pub fn instance(&self) -> &Instance {
        match self {
            Self::Joined(instance) | Self::Changed(instance) | Self::Left(instance) => instance,
        }
    }

    /// `joined`, `changed` or `left`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Joined(_) => "joined",
            Self::Changed(_) => "changed",
            Self::Left(_) => "left",
        }
    }
}
