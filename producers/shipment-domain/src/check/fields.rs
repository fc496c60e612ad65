//! Collects what is wrong, and knows where in the command it is.

use crate::{FieldFault, Rejection, Why};

/// The faults found so far, and the path of the record being looked at.
#[derive(Default)]
pub(super) struct Fields {
    path: String,
    faults: Vec<FieldFault>,
}

impl Fields {
    /// Looks at what lies one level deeper.
    pub(super) fn within(&mut self, name: &str, look: impl FnOnce(&mut Self)) {
        let outer = self.path.len();
        self.path.push('/');
        self.path.push_str(name);
        look(self);
        self.path.truncate(outer);
    }

    /// Notes a fault of the named field of the record being looked at.
    pub(super) fn fault(&mut self, name: &str, why: Why) {
        self.faults.push(FieldFault { path: format!("{}/{name}", self.path), why });
    }

    /// Notes a fault of the named field if there is one.
    pub(super) fn check(&mut self, name: &str, outcome: Result<(), Why>) {
        if let Err(why) = outcome {
            self.fault(name, why);
        }
    }

    /// What was found.
    pub(super) fn into_result(self) -> Result<(), Rejection> {
        if self.faults.is_empty() { Ok(()) } else { Err(Rejection::Fields(self.faults)) }
    }
}
