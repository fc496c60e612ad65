//! Reading a record's headers.

use super::{
    CE_ID, CE_SOURCE, CE_SUBJECT, CE_TIME, CE_TYPE, CONTENT_TYPE, PT_REPLY_TO, PT_REROUTED, PT_SCHEMA,
    TRACEPARENT, body_of_type,
};

/// The headers of a record that we know, borrowed from it. Where a header is repeated, the last counts.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct ReadHeaders<'a> {
    /// `ce_id`
    pub id: Option<&'a [u8]>,
    /// `ce_type`
    pub ce_type: Option<&'a [u8]>,
    /// `ce_source`
    pub source: Option<&'a [u8]>,
    /// `ce_time`
    pub time: Option<&'a [u8]>,
    /// `ce_subject`
    pub subject: Option<&'a [u8]>,
    /// `content-type`
    pub content_type: Option<&'a [u8]>,
    /// `traceparent`
    pub traceparent: Option<&'a [u8]>,
    /// `pt-schema`: hand it to [`crate::Decoder::decode`].
    pub stamp: Option<&'a [u8]>,
    /// `pt-reply-to`
    pub reply_to: Option<&'a [u8]>,
    /// `pt-rerouted`
    pub rerouted: Option<&'a [u8]>,
}

impl<'a> ReadHeaders<'a> {
    /// Picks the headers we know out of a record's. A header without a value counts as absent.
    pub fn read(headers: impl IntoIterator<Item = (&'a str, Option<&'a [u8]>)>) -> Self {
        let mut found = Self::default();
        for (name, value) in headers {
            let place = match name {
                CE_ID => &mut found.id,
                CE_TYPE => &mut found.ce_type,
                CE_SOURCE => &mut found.source,
                CE_TIME => &mut found.time,
                CE_SUBJECT => &mut found.subject,
                CONTENT_TYPE => &mut found.content_type,
                TRACEPARENT => &mut found.traceparent,
                PT_SCHEMA => &mut found.stamp,
                PT_REPLY_TO => &mut found.reply_to,
                PT_REROUTED => &mut found.rerouted,
                _ => continue,
            };
            *place = value;
        }
        found
    }

    /// The name of the record in the body, as the headers tell it without decoding.
    pub fn body(&self) -> Option<&'a str> {
        body_of_type(std::str::from_utf8(self.ce_type?).ok()?)
    }
}
