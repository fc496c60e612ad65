//! Blocks of memory that many records share.
//!
//! A record has a key, a value and some ten headers, and a handler holds tens of thousands of records at once. With an
//! allocation for each part, a third of its time went into allocating and freeing. So parts are written one after the other
//! into blocks, and each keeps its share of the block alive.

use bytes::{Bytes, BytesMut};

/// How much is allocated at a time. One record that is kept alone keeps this much.
const BLOCK_BYTES: usize = 64 * 1024;

/// Writes one part after the other. What it gave out stays valid whatever becomes of it.
#[derive(Debug, Default)]
pub struct Block {
    bytes: BytesMut,
}

impl Block {
    /// Nothing written yet, nothing allocated yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A copy of these bytes.
    pub fn copy(&mut self, bytes: &[u8]) -> Bytes {
        self.write(bytes.len(), |to| to.extend_from_slice(bytes))
    }

    /// What something is shown as.
    pub fn show(&mut self, shown: impl std::fmt::Display) -> Bytes {
        self.write(0, |to| {
            use std::fmt::Write as _;
            // Writing into memory can't fail.
            let _ = write!(to, "{shown}");
        })
    }

    /// What is written by this, which has room for so many bytes, and more if need be.
    pub(crate) fn write(&mut self, room: usize, write: impl FnOnce(&mut BytesMut)) -> Bytes {
        if self.bytes.capacity() - self.bytes.len() < room {
            self.bytes = BytesMut::with_capacity(room.max(BLOCK_BYTES));
        }
        write(&mut self.bytes);
        self.bytes.split().freeze()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_given_out_stays_as_it_was() {
        let mut block = Block::new();
        let parts: Vec<Bytes> = (0..50_000).map(|n: u32| block.copy(&n.to_le_bytes())).collect();
        let shown: Vec<Bytes> = (0..50_000).map(|n| block.show(n)).collect();
        drop(block);
        for (n, (part, shown)) in (0_u32..).zip(parts.iter().zip(&shown)) {
            assert_eq!(part[..], n.to_le_bytes());
            assert_eq!(shown[..], *n.to_string().as_bytes());
        }
    }

    #[test]
    fn what_is_larger_than_a_block_has_one_of_its_own() {
        let mut block = Block::new();
        let (small, large) = (block.copy(b"x"), vec![7; 3 * BLOCK_BYTES]);
        assert_eq!((block.copy(&large), small), (Bytes::from(large), Bytes::from_static(b"x")));
    }

    #[test]
    fn neighbours_lie_in_one_block() {
        let mut block = Block::new();
        let (one, two) = (block.copy(b"one"), block.copy(b"two"));
        assert_eq!(two.as_ptr() as usize - one.as_ptr() as usize, one.len());
    }
}
