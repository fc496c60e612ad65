//! The headers of a record.

use std::fmt;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use rdkafka::message::{Header, OwnedHeaders};

use crate::Block;

/// A record's headers in their order. A name may come more than once; a null value reads as an empty one.
///
/// All of them lie in one piece of memory: for each the lengths of its name and of its value (32 bits each), then both.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Headers {
    count: usize,
    bytes: Bytes,
}

impl Headers {
    /// None yet.
    pub const fn new() -> Self {
        Self { count: 0, bytes: Bytes::new() }
    }

    /// These, in a block that others share.
    pub fn within<'n, 'v>(block: &mut Block, headers: impl Iterator<Item = (&'n str, &'v [u8])>) -> Self {
        let mut count = 0;
        let bytes = block.write(USUAL, |to| {
            for (name, value) in headers {
                append(to, name, value);
                count += 1;
            }
        });
        Self { count, bytes }
    }

    /// Adds one at the end.
    pub fn push(&mut self, name: impl AsRef<str>, value: impl AsRef<[u8]>) {
        let (name, value) = (name.as_ref(), value.as_ref());
        let mut bytes = std::mem::take(&mut self.bytes).try_into_mut().unwrap_or_else(|shared| {
            let mut copy = BytesMut::with_capacity(shared.len() + room(name, value));
            copy.extend_from_slice(&shared);
            copy
        });
        append(&mut bytes, name, value);
        *self = Self { count: self.count + 1, bytes: bytes.freeze() };
    }

    /// The same with one more.
    #[must_use]
    pub fn with(mut self, name: impl AsRef<str>, value: impl AsRef<[u8]>) -> Self {
        self.push(name, value);
        self
    }

    /// The last value of that name: as Kafka's own `lastHeader`, so that who adds one overrides.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.parts().filter(|(n, _)| *n == name.as_bytes()).last().map(|(_, value)| value)
    }

    /// The last value of that name, if it is UTF-8.
    pub fn get_str(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(|value| std::str::from_utf8(value).ok())
    }

    /// Removes every header of that name.
    pub fn remove(&mut self, name: &str) {
        *self = self.iter().filter(|(n, _)| *n != name).collect();
    }

    /// All, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        // A name was a `str` when it was written.
        self.parts().map(|(name, value)| (std::str::from_utf8(name).unwrap_or_default(), value))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The bytes of all names and values.
    pub fn size(&self) -> usize {
        self.bytes.len() - self.count * LENGTHS
    }

    /// The bytes that they take in the log, at most: each has two lengths in front.
    pub fn weight(&self) -> usize {
        self.size() + self.len() * 10
    }

    pub(crate) fn to_native(&self) -> Option<OwnedHeaders> {
        if self.is_empty() {
            return None;
        }
        let empty = OwnedHeaders::new_with_capacity(self.count);
        Some(self.iter().fold(empty, |all, (key, value)| all.insert(Header { key, value: Some(value) })))
    }

    fn parts(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let mut rest = &self.bytes[..];
        std::iter::from_fn(move || {
            let name = rest.try_get_u32().ok()? as usize;
            let value = rest.try_get_u32().ok()? as usize;
            let (this, after) = rest.split_at_checked(name + value)?;
            rest = after;
            Some(this.split_at(name))
        })
    }
}

/// What the lengths of one header take.
const LENGTHS: usize = 8;

/// What all headers of a record of ours take, and a little more.
const USUAL: usize = 1024;

fn room(name: &str, value: &[u8]) -> usize {
    LENGTHS + name.len() + value.len()
}

fn append(bytes: &mut BytesMut, name: &str, value: &[u8]) {
    // A record is far smaller than 4 GiB, and so is each part of it.
    bytes.put_u32(name.len() as u32);
    bytes.put_u32(value.len() as u32);
    bytes.put_slice(name.as_bytes());
    bytes.put_slice(value);
}

impl fmt::Debug for Headers {
    /// The names only: values may hold what has no place in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|(name, _)| name)).finish()
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(iter: I) -> Self {
        let (mut count, mut bytes) = (0, BytesMut::new());
        for (name, value) in iter {
            append(&mut bytes, name.as_ref(), value.as_ref());
            count += 1;
        }
        Self { count, bytes: bytes.freeze() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_header_of_a_name_counts() {
        let headers = Headers::new().with("a", "1").with("b", "2").with("a", "3");
        assert_eq!(headers.get_str("a"), Some("3"));
        assert_eq!(headers.get("c"), None);
        assert_eq!(headers.len(), 3);
    }

    #[test]
    fn names_and_values_come_back_as_they_were_given() {
        let given: Vec<(&str, &[u8])> =
            vec![("", b""), ("é", &[0, 255]), ("a", b""), ("", b"x"), ("long", &[7; 70_000])];
        let mut block = Block::new();
        let within = Headers::within(&mut block, given.iter().copied());
        let collected: Headers = given.iter().copied().collect();
        let pushed = given.iter().fold(Headers::new(), |all, (name, value)| all.with(name, value));
        for headers in [&within, &collected, &pushed] {
            assert_eq!(headers.iter().collect::<Vec<_>>(), given);
            assert_eq!((headers.len(), headers.size()), (5, 2 + 2 + 1 + 1 + 4 + 70_000));
        }
        assert!(within == collected && collected == pushed);
    }

    #[test]
    fn a_clone_knows_nothing_of_what_is_added_or_removed_later() {
        let one = Headers::new().with("a", "1").with("b", "2");
        let mut two = one.clone();
        two.push("a", "3");
        let mut three = two.clone();
        three.remove("a");
        assert_eq!((one.get_str("a"), two.get_str("a"), three.get_str("a")), (Some("1"), Some("3"), None));
        assert_eq!((one.len(), two.len(), three.len(), three.get_str("b")), (2, 3, 1, Some("2")));
    }
}
