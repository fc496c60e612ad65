//! A request's head in HTTP/1.1, before anyone parses it: bounded in bytes and time, and of one meaning only.
//!
//! Pingora reads a head without a limit on the whole time, up to a mebibyte, and mends some of what it finds: it takes
//! `Transfer-Encoding` over `Content-Length`, and escapes a request line. A proxy that mends is what request smuggling begins
//! with, so such a head is refused here (RFC 9112, sections 3, 5 and 6.3).

use http_api::{Problem, codes};

/// What ends a head.
pub(crate) const END: &[u8] = b"\r\n\r\n";

/// What a client begins with that speaks HTTP/2 without being asked (RFC 9113, section 3.4); it begins like a head.
pub(crate) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Why a head is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It has more bytes than it may.
    TooLarge,
    /// It did not come in time.
    TooSlow,
    /// It could be read two ways, or none.
    Malformed(&'static str),
}

impl Fault {
    /// For the metrics.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::TooSlow => "too_slow",
            Self::Malformed(_) => "malformed",
        }
    }

    /// What the caller is answered.
    pub(crate) fn problem(self) -> Problem {
        match self {
            Self::TooLarge => Problem::http(codes::INVALID_HEADER).detail("the headers are too large"),
            Self::TooSlow => Problem::http(codes::BODY_TOO_SLOW).detail("the headers did not come in time"),
            Self::Malformed(why) => Problem::http(codes::INVALID_HEADER).detail(why),
        }
    }
}

/// What is wrong with a whole head, its last line's end included; none when nothing is.
pub(crate) fn fault(head: &[u8]) -> Option<Fault> {
    malformed(head).map(Fault::Malformed)
}

fn malformed(head: &[u8]) -> Option<&'static str> {
    let Some(head) = head.strip_suffix(END) else { return Some("the head has no end") };
    let mut lines = head.split(|byte| *byte == b'\n').peekable();
    let mut framing = Framing::default();
    let mut number = 0;
    while let Some(line) = lines.next() {
        // The last line's end was taken away together with the head's.
        let line = match (line.strip_suffix(b"\r"), lines.peek()) {
            (Some(line), Some(_)) => line,
            (None, None) => line,
            _ => return Some("a line must end with CR and LF"),
        };
        if line.iter().any(|byte| matches!(byte, b'\r' | 0)) {
            return Some("a line must not have CR or NUL within");
        }
        if number == 0 && !is_request_line(line) {
            return Some(
                "the request line is a method, a path and HTTP/1.1 or HTTP/1.0, with one space between",
            );
        }
        if number > 0
            && let Some(fault) = framing.take(line)
        {
            return Some(fault);
        }
        number += 1;
    }
    framing.fault()
}

fn is_request_line(line: &[u8]) -> bool {
    let parts: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
    let [method, target, version] = parts[..] else { return false };
    is_token(method)
        && !target.is_empty()
        && target.iter().all(u8::is_ascii_graphic)
        && matches!(version, b"HTTP/1.1" | b"HTTP/1.0")
}

fn is_token(text: &[u8]) -> bool {
    !text.is_empty()
        && text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte))
}

/// By which the end of a body is found.
#[derive(Default)]
struct Framing<'a> {
    length: Option<&'a [u8]>,
    coded: bool,
    hosts: usize,
}

impl<'a> Framing<'a> {
    fn take(&mut self, line: &'a [u8]) -> Option<&'static str> {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            return Some("a header line has a name, a colon and a value");
        };
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        // A space before the colon, or at the line's begin, which once meant that the line before goes on.
        if !is_token(name) {
            return Some("a header's name is not one");
        }
        if name.eq_ignore_ascii_case(b"content-length") {
            if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
                return Some("Content-Length must be a number");
            }
            if self.length.replace(value).is_some() {
                return Some("there must be one Content-Length");
            }
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            if std::mem::replace(&mut self.coded, true) || !value.eq_ignore_ascii_case(b"chunked") {
                return Some("Transfer-Encoding must be chunked, and be there once");
            }
        } else if name.eq_ignore_ascii_case(b"host") {
            self.hosts += 1;
        }
        None
    }

    fn fault(&self) -> Option<&'static str> {
        if self.coded && self.length.is_some() {
            return Some("there must not be both Content-Length and Transfer-Encoding");
        }
        (self.hosts > 1).then_some("there must be one Host")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_head_is_taken() {
        for good in [
            "GET / HTTP/1.1\r\n\r\n",
            "GET /a?b=c HTTP/1.0\r\nHost: a\r\n\r\n",
            "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nX-Empty:\r\n\r\n",
            "POST /a HTTP/1.1\r\nhost:a\r\ntransfer-encoding: Chunked \r\n\r\n",
        ] {
            assert_eq!(fault(good.as_bytes()), None, "{good:?}");
        }
    }

    #[test]
    fn a_head_of_two_meanings_is_not() {
        for bad in [
            "POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 3, 4\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: +3\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length:\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding : chunked\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n",
            "POST / HTTP/1.1\r\nX: a\r\n Transfer-Encoding: chunked\r\n\r\n",
            "POST / HTTP/1.1\r\nX: a\nTransfer-Encoding: chunked\r\n\r\n",
            "POST / HTTP/1.1\r\nX: a\rTransfer-Encoding: chunked\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            "GET / HTTP/1.1\r\nX\r\n\r\n",
            "GET / HTTP/1.1\r\nX\0: a\r\n\r\n",
            "GET / HTTP/1.1\r\nX: \0\r\n\r\n",
            "GET  / HTTP/1.1\r\n\r\n",
            "GET /a b HTTP/1.1\r\n\r\n",
            "GET /\t HTTP/1.1\r\n\r\n",
            "GET / HTTP/2.0\r\n\r\n",
            "GET /\r\n\r\n",
            "GET / HTTP/1.1",
        ] {
            assert!(fault(bad.as_bytes()).is_some(), "{bad:?}");
        }
    }
}
