//! Lines of bounded length.

use std::io::{self, BufRead};

/// The longest line kept, in bytes. One longer is skipped to its end and reported.
pub const MAX_LINE: usize = 8 * 1024 * 1024;

pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// A line, without its end.
pub(super) enum Line {
    Whole(Vec<u8>),
    /// It was longer than may be; this is how it begins.
    TooLong(Vec<u8>),
}

/// The next line; `None` at the end.
pub(super) fn next(reader: &mut impl BufRead, max: usize) -> io::Result<Option<Line>> {
    let mut line = Vec::new();
    let mut too_long = false;
    loop {
        let chunk = match reader.fill_buf() {
            Ok(chunk) => chunk,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        if chunk.is_empty() {
            if line.is_empty() && !too_long {
                return Ok(None);
            }
            break;
        }
        let end = chunk.iter().position(|b| *b == b'\n');
        let part = &chunk[..end.unwrap_or(chunk.len())];
        let room = max.saturating_sub(line.len());
        line.extend_from_slice(&part[..part.len().min(room)]);
        too_long |= part.len() > room;
        let used = part.len() + usize::from(end.is_some());
        reader.consume(used);
        if end.is_some() {
            break;
        }
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Ok(Some(if too_long { Line::TooLong(line) } else { Line::Whole(line) }))
}
