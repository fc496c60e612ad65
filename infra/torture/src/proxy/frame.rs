//! What a proxy needs to know of a request: whose it is and what it asks for. The rest passes as it came.

/// The requests that are meddled with, by their number in Kafka's protocol.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, serde::Serialize)]
pub enum Api {
    /// Records are written.
    Produce,
    /// A producer takes over its transactional id.
    InitProducerId,
    /// Partitions join a transaction.
    AddPartitionsToTxn,
    /// A group's offsets join a transaction.
    AddOffsetsToTxn,
    /// A transaction is committed or aborted.
    EndTxn,
    /// Brokers tell each other how a transaction ended.
    WriteTxnMarkers,
    /// Offsets are written as a part of a transaction.
    TxnOffsetCommit,
    /// Whatever else.
    Other(i16),
}

impl Api {
    /// By its number.
    pub const fn of(key: i16) -> Self {
        match key {
            0 => Self::Produce,
            22 => Self::InitProducerId,
            24 => Self::AddPartitionsToTxn,
            25 => Self::AddOffsetsToTxn,
            26 => Self::EndTxn,
            27 => Self::WriteTxnMarkers,
            28 => Self::TxnOffsetCommit,
            other => Self::Other(other),
        }
    }

    /// From which version on its requests have tagged fields, if they begin with a transactional id.
    const fn flexible_from(self) -> Option<i16> {
        match self {
            Self::Produce => Some(9),
            Self::InitProducerId => Some(2),
            Self::AddPartitionsToTxn | Self::AddOffsetsToTxn | Self::EndTxn | Self::TxnOffsetCommit => {
                Some(3)
            }
            Self::WriteTxnMarkers | Self::Other(_) => None,
        }
    }
}

/// The head of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Request<'a> {
    /// What it asks for.
    pub api: Api,
    /// By which its answer is known.
    pub correlation: i32,
    /// Who sends it.
    pub client: &'a str,
    /// Whose transaction it is about.
    pub transactional_id: Option<&'a str>,
}

impl<'a> Request<'a> {
    /// Reads the head of a frame (without its length); none if it is no request.
    pub fn parse(frame: &'a [u8]) -> Option<Self> {
        let mut rest = Bytes(frame);
        let (key, version, correlation) = (rest.i16()?, rest.i16()?, rest.i32()?);
        let client = rest.text()?;
        let api = Api::of(key);
        let id = match api.flexible_from() {
            None => "",
            Some(from) if version < from => rest.text()?,
            Some(_) => {
                rest.skip_tags()?;
                rest.compact_text()?
            }
        };
        Some(Self { api, correlation, client, transactional_id: Some(id).filter(|id| !id.is_empty()) })
    }
}

/// By which request an answer is for; none if it is no answer.
pub fn answers(frame: &[u8]) -> Option<i32> {
    Bytes(frame).i32()
}

struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(head)
    }

    fn i16(&mut self) -> Option<i16> {
        Some(i16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    fn i32(&mut self) -> Option<i32> {
        Some(i32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    /// A length of -1 is null, which reads as empty.
    fn text(&mut self) -> Option<&'a str> {
        let length = usize::try_from(self.i16()?).unwrap_or(0);
        std::str::from_utf8(self.take(length)?).ok()
    }

    /// One more than the length; 0 is null, which reads as empty.
    fn compact_text(&mut self) -> Option<&'a str> {
        let length = self.varint()?.saturating_sub(1);
        std::str::from_utf8(self.take(length)?).ok()
    }

    fn varint(&mut self) -> Option<usize> {
        let mut value = 0;
        for shift in (0..35).step_by(7) {
            let byte = self.take(1)?[0];
            value |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn skip_tags(&mut self) -> Option<()> {
        for _ in 0..self.varint()? {
            self.varint()?;
            let length = self.varint()?;
            self.take(length)?;
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(key: i16, version: i16, client: &str) -> Vec<u8> {
        let mut frame = Vec::new();
        frame.extend(key.to_be_bytes());
        frame.extend(version.to_be_bytes());
        frame.extend(77_i32.to_be_bytes());
        frame.extend((client.len() as i16).to_be_bytes());
        frame.extend(client.as_bytes());
        frame
    }

    #[test]
    fn a_request_of_old_form_is_read() {
        let mut frame = head(26, 1, "handler");
        frame.extend([0, 3, b'a', b'.', b'0', 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 1]);
        let request = Request::parse(&frame).unwrap();
        assert_eq!((request.api, request.correlation), (Api::EndTxn, 77));
        assert_eq!((request.client, request.transactional_id), ("handler", Some("a.0")));
    }

    #[test]
    fn a_request_with_tagged_fields_is_read() {
        let mut frame = head(0, 10, "handler");
        // One tag of two bytes, then the compact id.
        frame.extend([1, 5, 2, 0xff, 0xff, 4, b'a', b'.', b'1', 0xff]);
        let request = Request::parse(&frame).unwrap();
        assert_eq!((request.api, request.transactional_id), (Api::Produce, Some("a.1")));
    }

    #[test]
    fn a_producer_without_transactions_has_no_id() {
        let mut frame = head(0, 7, "api");
        frame.extend([0xff, 0xff, 0xff, 0xff]);
        assert_eq!(Request::parse(&frame).unwrap().transactional_id, None);
        let mut frame = head(0, 9, "api");
        frame.extend([0, 0, 0xff, 0xff]);
        assert_eq!(Request::parse(&frame).unwrap().transactional_id, None);
    }

    #[test]
    fn what_is_not_meddled_with_is_read_as_far_as_needed() {
        let frame = head(3, 12, "anybody");
        let request = Request::parse(&frame).unwrap();
        assert_eq!((request.api, request.client), (Api::Other(3), "anybody"));
        assert_eq!(answers(&[0, 0, 0, 77, 1]), Some(77));
    }

    #[test]
    fn what_is_cut_short_is_no_request() {
        let mut frame = head(26, 3, "handler");
        frame.extend([0, 9, b'a']);
        for length in 0..frame.len() {
            assert_eq!(Request::parse(&frame[..length]), None, "{length}");
        }
        assert_eq!(answers(&[0, 0]), None);
    }
}
