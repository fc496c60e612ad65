//! An instance as others see it.

use std::sync::Arc;

use crate::{InstanceId, Lease, Override, Status};

/// An instance whose lease has not ended. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Instance {
    /// What it says of itself.
    pub lease: Arc<Lease>,
    /// What an operator says of it.
    pub taken_out: Option<Arc<Override>>,
    /// When it was renewed last, in milliseconds since 1970, by the broker's clock.
    pub renewed_at: i64,
}

impl Instance {
    /// Which one it is.
    pub fn id(&self) -> InstanceId {
        self.lease.id()
    }

    /// How it stands. An override can't make ready what says that it isn't.
    pub fn status(&self) -> Status {
        match (self.lease.status, &self.taken_out) {
            (own @ (Status::Starting | Status::Down), _) | (own, None) => own,
            (_, Some(taken_out)) => taken_out.status,
        }
    }

    /// Whether it gets requests.
    pub fn is_up(&self) -> bool {
        self.status() == Status::Up
    }

    /// A fact it tells of itself.
    pub fn metadata(&self, name: &str) -> Option<&str> {
        self.lease.metadata.get(name).map(String::as_str)
    }

    /// Whether anything differs but the time of the renewal.
    pub(crate) fn says_the_same(&self, other: &Self) -> bool {
        self.lease == other.lease && self.taken_out == other.taken_out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::tests::lease;

    #[test]
    fn an_override_hides_but_never_makes_ready() {
        use Status::{Down, OutOfService, Starting, Up};
        for (own, taken_out, shown) in [
            (Up, None, Up),
            (Up, Some(OutOfService), OutOfService),
            (Up, Some(Down), Down),
            (OutOfService, Some(Up), Up),
            (OutOfService, None, OutOfService),
            (Starting, Some(Up), Starting),
            (Down, Some(OutOfService), Down),
        ] {
            let taken_out =
                taken_out.map(|status| Arc::new(Override { status, reason: String::new(), set_at: 0 }));
            let lease = Arc::new(Lease { status: own, ..lease("s/i") });
            assert_eq!(Instance { lease, taken_out, renewed_at: 0 }.status(), shown);
        }
    }
}
