//! Bytes that stand for a value, the same on every machine and in every version, for hashing.

/// Writes fields as tag, length, value. No two different lists of fields give the same bytes, and a field that is
/// absent leaves no trace, so that a field added later changes nothing for those who don't use it.
#[derive(Default)]
pub(crate) struct Canonical {
    bytes: Vec<u8>,
}

impl Canonical {
    pub(crate) fn text(&mut self, tag: u8, text: &str) {
        self.field(tag, text.as_bytes());
    }

    pub(crate) fn some_text(&mut self, tag: u8, text: Option<&String>) {
        if let Some(text) = text {
            self.text(tag, text);
        }
    }

    pub(crate) fn number(&mut self, tag: u8, number: i64) {
        self.field(tag, &number.to_be_bytes());
    }

    pub(crate) fn some_number(&mut self, tag: u8, number: Option<impl Into<i64>>) {
        if let Some(number) = number {
            self.number(tag, number.into());
        }
    }

    /// Degrees; minus zero is zero.
    pub(crate) fn some_degrees(&mut self, tag: u8, degrees: Option<f64>) {
        if let Some(degrees) = degrees {
            self.field(tag, &(degrees + 0.0).to_bits().to_be_bytes());
        }
    }

    /// A record of its own, as one field.
    pub(crate) fn record(&mut self, tag: u8, write: impl FnOnce(&mut Self)) {
        let mut inner = Self::default();
        write(&mut inner);
        self.field(tag, &inner.bytes);
    }

    pub(crate) fn field(&mut self, tag: u8, value: &[u8]) {
        self.bytes.push(tag);
        self.bytes.extend_from_slice(&(value.len() as u64).to_be_bytes());
        self.bytes.extend_from_slice(value);
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(write: impl FnOnce(&mut Canonical)) -> Vec<u8> {
        let mut canonical = Canonical::default();
        write(&mut canonical);
        canonical.bytes
    }

    #[test]
    fn neighbours_cannot_be_confused() {
        let apart = of(|c| {
            c.text(1, "ab");
            c.text(2, "c");
        });
        let otherwise = of(|c| {
            c.text(1, "a");
            c.text(2, "bc");
        });
        assert_ne!(apart, otherwise);
        assert_ne!(of(|c| c.text(1, "x")), of(|c| c.text(2, "x")));
        assert_ne!(of(|c| c.record(1, |r| r.text(1, "x"))), of(|c| c.text(1, "x")));
    }

    #[test]
    fn what_is_absent_leaves_no_trace_but_what_is_empty_does() {
        assert!(of(|c| c.some_text(1, None)).is_empty());
        assert!(!of(|c| c.some_text(1, Some(&String::new()))).is_empty());
    }

    #[test]
    fn minus_zero_is_zero() {
        assert_eq!(of(|c| c.some_degrees(1, Some(-0.0))), of(|c| c.some_degrees(1, Some(0.0))));
    }
}
