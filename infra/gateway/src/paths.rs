//! Paths that could mean something else to the next who reads them.

/// Why a request's target can't be taken; none when it can. Services decode what they get: whatever would then be another path
/// than the one that was matched and checked here, is refused.
pub(crate) fn fault(target: &[u8]) -> Option<&'static str> {
    let path = target.split(|byte| *byte == b'?').next().unwrap_or_default();
    if path.first() != Some(&b'/') {
        return Some("the path must begin with /");
    }
    if !target.iter().all(u8::is_ascii_graphic) {
        return Some("the path and query must be plain ASCII, anything else percent-encoded");
    }
    if path.iter().any(|byte| matches!(byte, b'\\' | b'#')) {
        return Some("the path must not have \\ or #");
    }
    if path.windows(2).any(|pair| pair == b"//") {
        return Some("the path must not have //");
    }
    if path.split(|byte| *byte == b'/').any(|segment| matches!(segment, b"." | b"..")) {
        return Some("the path must not have . or .. as a part");
    }
    encoded(path)
}

fn encoded(path: &[u8]) -> Option<&'static str> {
    for (at, _) in path.iter().enumerate().filter(|(_, byte)| **byte == b'%') {
        let digits = path.get(at + 1..at + 3).and_then(|digits| std::str::from_utf8(digits).ok());
        let hex = digits.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            None => return Some("the path has a % that begins no percent-encoding"),
            Some(b'/' | b'\\' | b'.' | b'%' | ..=0x1f | 0x7f) => {
                return Some(
                    "the path must not have an encoded slash, dot, percent sign or control character",
                );
            }
            Some(_) => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_paths_pass() {
        for good in [
            "/",
            "/api/v1/shipments/0192?fields=a%2Fb&x=..//",
            "/a.b/c..d",
            "/Gr%C3%BC%C3%9Fe%20x",
            "/a/.well-known",
        ] {
            assert_eq!(fault(good.as_bytes()), None, "{good}");
        }
    }

    #[test]
    fn what_could_be_read_two_ways_does_not() {
        for bad in [
            "",
            "*",
            "api",
            "http://host/api",
            "//host/api",
            "/a//b",
            "/a/../b",
            "/..",
            "/a/.",
            "/a/%2e%2E/b",
            "/a%2fb",
            "/a%5Cb",
            "/a%00",
            "/a%0d%0aX:",
            "/a%252e",
            "/a%",
            "/a%zz",
            "/a%2",
            "/a\\b",
            "/a#b",
            "/a b",
            "/ä",
        ] {
            assert!(fault(bad.as_bytes()).is_some(), "{bad}");
        }
    }
}
