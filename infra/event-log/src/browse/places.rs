//! Places in partitions.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// An offset in each of some partitions: where one goes on. As text `0:12,3:7`, which is short enough for a link.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Places(BTreeMap<i32, i64>);

/// The text says no places.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("places in partitions are written PARTITION:OFFSET, with commas between, as in 0:12,3:7")]
pub struct BadPlaces;

/// Reads an offset from outside; none where it is none. The largest number is none either: one more would be beyond what there is.
pub fn parse_offset(text: &str) -> Option<i64> {
    text.parse().ok().filter(|offset| (0..i64::MAX).contains(offset))
}

impl Places {
    /// The partitions with the offset in each.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (i32, i64)> {
        self.0.iter().map(|(partition, offset)| (*partition, *offset))
    }

    /// The offset in a partition.
    pub fn get(&self, partition: i32) -> Option<i64> {
        self.0.get(&partition).copied()
    }

    /// Puts an offset in the place of the one that there is.
    pub fn set(&mut self, partition: i32, offset: i64) {
        self.0.insert(partition, offset);
    }
}

impl FromIterator<(i32, i64)> for Places {
    fn from_iter<I: IntoIterator<Item = (i32, i64)>>(all: I) -> Self {
        Self(all.into_iter().collect())
    }
}

impl fmt::Display for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, (partition, offset)) in self.iter().enumerate() {
            let comma = if n == 0 { "" } else { "," };
            write!(f, "{comma}{partition}:{offset}")?;
        }
        Ok(())
    }
}

impl FromStr for Places {
    type Err = BadPlaces;

    fn from_str(text: &str) -> Result<Self, BadPlaces> {
        let one = |part: &str| {
            let (partition, offset) = part.split_once(':')?;
            Some((i32::try_from(parse_offset(partition)?).ok()?, parse_offset(offset)?))
        };
        if text.is_empty() {
            return Ok(Self::default());
        }
        text.split(',').map(|part| one(part).ok_or(BadPlaces)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_written_as_they_are_read() {
        let mut places: Places = "0:12,3:7".parse().unwrap();
        assert_eq!((places.get(3), places.get(1), places.iter().len()), (Some(7), None, 2));
        places.set(3, 8);
        assert_eq!(places.to_string(), "0:12,3:8");
        assert_eq!("".parse(), Ok(Places::default()));
        for bad in [",", "0", "0:", "-1:0", "0:-1", "0:1,", "x:1", "0:9223372036854775807", "4294967296:1"] {
            assert_eq!(bad.parse::<Places>(), Err(BadPlaces), "{bad}");
        }
    }
}
