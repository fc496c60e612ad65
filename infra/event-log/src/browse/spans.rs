//! Stretches of partitions.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use super::places::parse_offset;

/// Stretches of a topic's partitions, the end of each not included. As text `0:12-400,3:7-9`, which is short enough for a link.
/// There are no empty ones in it.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Spans(BTreeMap<i32, Range<i64>>);

/// The text says no stretches.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("stretches of partitions are written PARTITION:FROM-TO, with commas between, as in 0:12-400,3:7-9")]
pub struct BadSpans;

impl Spans {
    /// How much is in them, control records and holes included.
    pub fn offsets(&self) -> u64 {
        self.0.values().fold(0_u64, |sum, span| sum.saturating_add(span.end.abs_diff(span.start)))
    }

    /// Whether there is nothing in them.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The partitions with the stretch of each.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (i32, &Range<i64>)> {
        self.0.iter().map(|(partition, span)| (*partition, span))
    }

    /// The stretch of a partition.
    pub fn get(&self, partition: i32) -> Option<&Range<i64>> {
        self.0.get(&partition)
    }

    /// Puts a stretch in the place of the one that there is; an empty one is none.
    pub(super) fn set(&mut self, partition: i32, span: Range<i64>) {
        if span.start < span.end {
            self.0.insert(partition, span);
        } else {
            self.0.remove(&partition);
        }
    }

    pub(super) fn remove(&mut self, partition: i32) {
        self.0.remove(&partition);
    }
}

impl FromIterator<(i32, Range<i64>)> for Spans {
    fn from_iter<I: IntoIterator<Item = (i32, Range<i64>)>>(all: I) -> Self {
        let mut spans = Self::default();
        for (partition, span) in all {
            spans.set(partition, span);
        }
        spans
    }
}

impl fmt::Display for Spans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, (partition, span)) in self.iter().enumerate() {
            let comma = if n == 0 { "" } else { "," };
            write!(f, "{comma}{partition}:{}-{}", span.start, span.end)?;
        }
        Ok(())
    }
}

impl FromStr for Spans {
    type Err = BadSpans;

    fn from_str(text: &str) -> Result<Self, BadSpans> {
        let one = |part: &str| {
            let (partition, span) = part.split_once(':')?;
            let (start, end) = span.split_once('-')?;
            let partition = i32::try_from(parse_offset(partition)?).ok()?;
            Some((partition, parse_offset(start)?..parse_offset(end)?))
                .filter(|(_, span)| span.start <= span.end)
        };
        if text.is_empty() {
            return Ok(Self::default());
        }
        text.split(',').map(|part| one(part).ok_or(BadSpans)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_written_as_they_are_read() {
        let spans: Spans = "0:12-400,3:7-9".parse().unwrap();
        assert_eq!((spans.offsets(), spans.get(3), spans.get(1)), (390, Some(&(7..9)), None));
        assert_eq!(spans.to_string(), "0:12-400,3:7-9");
        assert!("".parse::<Spans>().unwrap().is_empty());
        assert!("2:5-5".parse::<Spans>().unwrap().is_empty());
        let far: Spans =
            "0:0-9223372036854775806,1:0-9223372036854775806,2:0-9223372036854775806".parse().unwrap();
        assert_eq!(far.offsets(), u64::MAX);
        for bad in [
            ",",
            "0:1-9223372036854775807",
            "0",
            "0:1",
            "0:1-",
            "0:2-1",
            "-1:0-1",
            "0:-1-2",
            "0:1-2,",
            "x:1-2",
            "0:1-2;1:1-2",
        ] {
            assert_eq!(bad.parse::<Spans>(), Err(BadSpans), "{bad}");
        }
    }
}
