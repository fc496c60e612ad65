//! W3C Trace Context: one id from the HTTP request through the Kafka headers to the row.

use std::fmt;

/// Where a piece of work stands in a trace: the `traceparent` header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceContext {
    trace_id: [u8; 16],
    span_id: [u8; 8],
    flags: u8,
}

/// The one flag of version 00 that must be passed on: the trace is recorded.
const SAMPLED: u8 = 0b0000_0001;

/// The version this crate writes.
const VERSION: &str = "00";

impl TraceContext {
    /// The header's name, in HTTP and in Kafka alike.
    pub const HEADER: &'static str = "traceparent";

    /// Begins a new trace.
    pub fn start() -> Self {
        Self { trace_id: random(), span_id: random(), flags: SAMPLED }
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
        let context =
            Self { trace_id: from_hex(trace_id)?, span_id: from_hex(span_id)?, flags: flags & SAMPLED };
        (context.trace_id != [0; 16] && context.span_id != [0; 8]).then_some(context)
    }

    /// The caller's trace continued, or a new one where the caller has none that is valid.
    pub fn continue_or_start(header: Option<&str>) -> Self {
        header.and_then(Self::parse).map_or_else(Self::start, |caller| caller.child())
    }

    /// A piece of work within this one: same trace, new span.
    #[must_use]
    pub fn child(&self) -> Self {
        Self { span_id: random(), ..*self }
    }

    /// The trace's id: 32 lowercase hex digits.
    pub fn trace_id(&self) -> String {
        hex(&self.trace_id)
    }

    /// This span's id: 16 lowercase hex digits.
    pub fn span_id(&self) -> String {
        hex(&self.span_id)
    }

    /// Whether the trace is recorded.
    pub fn is_sampled(&self) -> bool {
        self.flags & SAMPLED != 0
    }
}

/// The header's value.
impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{VERSION}-{}-{}-{:02x}", self.trace_id(), self.span_id(), self.flags)
    }
}

/// All zeros is not a valid id.
fn random<const N: usize>() -> [u8; N]
where
    rand::distr::StandardUniform: rand::distr::Distribution<[u8; N]>,
{
    loop {
        let id: [u8; N] = rand::random();
        if id != [0; N] {
            return id;
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    let digit = |n: u8| char::from(b"0123456789abcdef"[usize::from(n)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
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
        assert!(child.is_sampled());
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
