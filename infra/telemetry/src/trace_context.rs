//! W3C Trace Context: one id from the HTTP request through the Kafka headers to the row.

use std::fmt;

use rand::RngCore as _;

use crate::sampling;

/// A trace's id; shown as 32 lowercase hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceId(pub(crate) [u8; 16]);

/// A span's id; shown as 16 lowercase hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SpanId(pub(crate) [u8; 8]);

/// Where a piece of work stands in a trace: the `traceparent` header, and the span that it is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceContext {
    trace_id: TraceId,
    span_id: SpanId,
    parent: Option<SpanId>,
    flags: u8,
}

/// The one flag of version 00 that must be passed on: the trace is recorded.
const SAMPLED: u8 = 0b0000_0001;

impl TraceContext {
    /// The header's name, in HTTP and in Kafka alike.
    pub const HEADER: &'static str = "traceparent";

    /// Begins a new trace. Chance says whether it is sampled, by [`sampling::set_ratio`].
    pub fn start() -> Self {
        let trace_id = random();
        let flags = if sampling::is_drawn(trace_id) { SAMPLED } else { 0 };
        Self { trace_id: TraceId(trace_id), span_id: SpanId(random()), parent: None, flags }
    }

    /// Reads a header's value; none where it is not valid, and a new trace is then to be begun.
    pub fn parse(header: &str) -> Option<Self> {
        let (version, rest) = header.split_once('-')?;
        let (trace_id, rest) = rest.split_once('-')?;
        let (span_id, rest) = rest.split_once('-')?;
        let version: [u8; 1] = from_hex(version)?;
        // A later version may add fields after the flags; version 00 may not. 255 is forbidden.
        let flags = match (version[0], rest.split_once('-')) {
            (0xff, _) | (0, Some(_)) => return None,
            (_, Some((flags, _))) => flags,
            (_, None) => rest,
        };
        let [flags] = from_hex(flags)?;
        let (trace_id, span_id) = (TraceId::parse(trace_id)?, SpanId(from_hex(span_id)?));
        (span_id.0 != [0; 8]).then_some(Self { trace_id, span_id, parent: None, flags: flags & SAMPLED })
    }

    /// Reads a header's value if it says that the trace is sampled. Of one that is not, only the end is looked at.
    pub fn parse_sampled(header: &[u8]) -> Option<Self> {
        // Version 00 has 55 characters, the flags last. Later versions may have more, and are read in full.
        if header.len() <= 55 && header.last().copied().and_then(digit).is_none_or(|d| d & SAMPLED == 0) {
            return None;
        }
        Self::parse(std::str::from_utf8(header).ok()?).filter(Self::is_sampled)
    }

    /// The trace that a header's value names.
    pub fn id_of(header: Option<&str>) -> Option<TraceId> {
        Some(Self::parse(header?)?.trace_id)
    }

    /// The caller's trace continued, or a new one where the caller has none that is valid.
    pub fn continue_or_start(header: Option<&str>) -> Self {
        header.and_then(Self::parse).map_or_else(Self::start, |caller| caller.child())
    }

    /// A piece of work within this one: same trace, new span.
    #[must_use]
    pub fn child(&self) -> Self {
        Self { span_id: SpanId(random()), parent: Some(self.span_id), ..*self }
    }

    /// A piece of work within this one whose id follows from this one's and from `step` alone, so that who does the work
    /// again gives it the same name.
    #[must_use]
    pub fn step(&self, step: u64) -> Self {
        let mut id = u64::from_be_bytes(self.span_id.0) ^ step.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        // SplitMix64's last rounds: one bit of difference becomes many, and no two ids become one.
        id = (id ^ (id >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        id = (id ^ (id >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        id ^= id >> 31;
        Self { span_id: SpanId(id.max(1).to_be_bytes()), parent: Some(self.span_id), ..*self }
    }

    /// The trace's id: 32 lowercase hex digits.
    pub fn trace_id(&self) -> String {
        self.trace_id.to_string()
    }

    /// This span's id: 16 lowercase hex digits.
    pub fn span_id(&self) -> String {
        self.span_id.to_string()
    }

    /// The trace's id.
    pub fn trace(&self) -> TraceId {
        self.trace_id
    }

    /// This span's id.
    pub fn span(&self) -> SpanId {
        self.span_id
    }

    /// The span that this one is part of, where that is known.
    pub fn parent(&self) -> Option<SpanId> {
        self.parent
    }

    /// Whether the trace is recorded.
    pub fn is_sampled(&self) -> bool {
        self.flags & SAMPLED != 0
    }
}

/// The header's value.
impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Made for each request: in one piece, and not digit by digit.
        let mut text = *b"00-00000000000000000000000000000000-0000000000000000-00";
        write_hex(&self.trace_id.0, &mut text[3..35]);
        write_hex(&self.span_id.0, &mut text[36..52]);
        write_hex(&[self.flags], &mut text[53..]);
        f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

impl TraceId {
    /// Reads 32 lowercase hex digits that aren't all zero.
    pub fn parse(text: &str) -> Option<Self> {
        from_hex(text).filter(|id| *id != [0; 16]).map(Self)
    }

    /// As bytes.
    pub fn bytes(self) -> [u8; 16] {
        self.0
    }
}

impl SpanId {
    /// As bytes.
    pub fn bytes(self) -> [u8; 8] {
        self.0
    }
}

macro_rules! shown_as_hex {
    ($($id:ty),+) => {$(
        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut text = [0; 2 * size_of::<Self>()];
                write_hex(&self.0, &mut text);
                f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
            }
        }

        impl fmt::Debug for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl serde::Serialize for $id {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    )+};
}

shown_as_hex!(TraceId, SpanId);

/// All zeros is not a valid id.
fn random<const N: usize>() -> [u8; N] {
    let mut id = [0; N];
    loop {
        rand::rng().fill_bytes(&mut id);
        if id != [0; N] {
            return id;
        }
    }
}

fn write_hex(bytes: &[u8], text: &mut [u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for (byte, pair) in bytes.iter().zip(text.chunks_exact_mut(2)) {
        pair.copy_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 0xf)]]);
    }
}

/// Lowercase only: the recommendation says so, and a proxy that upper-cases ids has broken the trace.
fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != N * 2 {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

fn digit(hex: u8) -> Option<u8> {
    match hex {
        b'0'..=b'9' => Some(hex - b'0'),
        b'a'..=b'f' => Some(hex - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALID: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn what_is_read_is_written_again() {
        assert_eq!(TraceContext::parse(VALID).unwrap().to_string(), VALID);
        let started = TraceContext::start();
        assert_eq!(TraceContext::parse(&started.to_string()), Some(started));
    }

    #[test]
    fn a_child_stays_in_the_trace() {
        let parent = TraceContext::parse(VALID).unwrap();
        let child = parent.child();
        assert_eq!(child.trace_id(), parent.trace_id());
        assert_ne!(child.span_id(), parent.span_id());
        assert_eq!(child.parent(), Some(parent.span()));
        assert!(child.is_sampled());
    }

    #[test]
    fn a_step_has_the_same_id_whoever_takes_it() {
        let parent = TraceContext::parse(VALID).unwrap();
        assert_eq!(parent.step(1), parent.step(1));
        assert_ne!(parent.step(1).span(), parent.step(2).span());
        assert_ne!(parent.step(1).span(), parent.child().step(1).span());
        assert_eq!(parent.step(1).parent(), Some(parent.span()));
    }

    #[test]
    fn only_what_is_sampled_is_read_as_such() {
        assert_eq!(TraceContext::parse_sampled(VALID.as_bytes()), TraceContext::parse(VALID));
        let later = format!("01{}-later", &VALID[2..]);
        assert!(TraceContext::parse_sampled(later.as_bytes()).is_some());
        for not in ["", "00-1", &VALID.replace("-01", "-00"), &VALID.replace('4', "x"), "\u{e9}1"] {
            assert_eq!(TraceContext::parse_sampled(not.as_bytes()), None, "{not}");
        }
    }

    #[test]
    fn a_later_version_is_read_as_far_as_it_is_known() {
        let later =
            TraceContext::parse("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff-more").unwrap();
        assert_eq!(later.to_string(), VALID);
    }

    #[test]
    fn what_is_not_valid_begins_a_new_trace() {
        for bad in [
            "",
            "00",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x",
            "00-é",
        ] {
            assert_eq!(TraceContext::parse(bad), None, "{bad}");
            assert_ne!(
                TraceContext::continue_or_start(Some(bad)).trace_id(),
                "4bf92f3577b34da6a3ce929d0e0e4736"
            );
        }
    }
}
