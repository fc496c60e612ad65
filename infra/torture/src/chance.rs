//! Chance from the run's seed.

use rand::SeedableRng;
use rand::rngs::StdRng;
use uuid::Uuid;

/// The chance of one purpose: no other purpose draws the same, or two clients would take the same ids for different commands.
pub fn of(seed: u64, purpose: &str) -> StdRng {
    let root = Uuid::from_u64_pair(seed, 0);
    let (one, other) =
        (Uuid::new_v5(&root, purpose.as_bytes()), Uuid::new_v5(&root, &[purpose.as_bytes(), b"2"].concat()));
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(one.as_bytes());
    bytes[16..].copy_from_slice(other.as_bytes());
    StdRng::from_seed(bytes)
}

/// A random id.
pub fn uuid(chance: &mut StdRng) -> Uuid {
    uuid::Builder::from_random_bytes(rand::Rng::random(chance)).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_seed_and_each_purpose_draws_its_own_and_the_same_again() {
        let first = |seed, purpose| uuid(&mut of(seed, purpose));
        assert_eq!(first(1, "load"), first(1, "load"));
        assert_ne!(first(1, "load"), first(1, "probes"));
        assert_ne!(first(1, "load"), first(2, "load"));
    }
}
