//! Cursors as callers see them: signed, so that nobody makes one up.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use http_api::Problem;
use sha2::Sha256;
use view_store::{Cursor, ListQuery};

/// Bytes of the signature that a cursor carries: enough that guessing is hopeless, short enough for a URL.
const SIGNATURE: usize = 16;

/// Signs cursors and checks them.
#[derive(Clone)]
pub(crate) struct CursorKey(Hmac<Sha256>);

impl CursorKey {
    /// A key of any length.
    pub(crate) fn new(key: &[u8]) -> Self {
        Self(Hmac::new_from_slice(key).expect("HMAC takes keys of every length"))
    }

    pub(crate) fn write(&self, cursor: Cursor) -> String {
        let text = cursor.to_string();
        let mac = self.0.clone().chain_update(text.as_bytes()).finalize().into_bytes();
        let mut bytes = mac[..SIGNATURE].to_vec();
        bytes.extend(text.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    pub(crate) fn read(&self, text: &str, list: &ListQuery) -> Result<Cursor, Problem> {
        self.cursor(text, list).ok_or_else(|| {
            Problem::invalid_parameter(
                "cursor",
                "the cursor is none of this list's; take next_cursor of its last page, or leave it out to begin anew",
            )
        })
    }

    fn cursor(&self, text: &str, list: &ListQuery) -> Option<Cursor> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (signature, text) = bytes.split_at_checked(SIGNATURE)?;
        // Compares in constant time.
        self.0.clone().chain_update(text).verify_truncated_left(signature).ok()?;
        std::str::from_utf8(text).ok()?.parse::<Cursor>().ok()?.check(list).ok()
    }
}

#[cfg(test)]
mod tests {
    use view_store::DayRange;

    use super::*;

    #[test]
    fn a_cursor_that_was_touched_is_refused() {
        let key = CursorKey::new(b"a key for this test");
        let list = ListQuery::Day(DayRange::ALL);
        let text = format!("{:016x}{:016x}{}", 0, 5, uuid::Uuid::nil().simple());
        let signed = key.write(text.parse().unwrap());
        // Signed, but of another list.
        assert!(key.read(&signed, &list).is_err());
        for n in 0..signed.len() {
            let mut touched = signed.clone().into_bytes();
            touched[n] = if touched[n] == b'A' { b'B' } else { b'A' };
            assert!(key.read(std::str::from_utf8(&touched).unwrap(), &list).is_err());
        }
        for bad in ["", "x", "AAAA", "ä"] {
            assert!(key.read(bad, &list).is_err());
        }
    }
}
