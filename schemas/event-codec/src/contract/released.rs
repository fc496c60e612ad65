//! Every schema that was ever released: what the registry has lost can still be read by its fingerprint, and the registry
//! be rebuilt.

use std::sync::LazyLock;

use crate::writers::WriterSchema;

/// The schema that goes by this `pt-schema` header, if it is one that we ever released.
pub fn by_stamp(wanted: &str) -> Option<&'static str> {
    RELEASED.iter().find(|(writer, _)| writer.stamp == wanted).map(|(_, json)| *json)
}

/// The same, ready to decode with.
pub(crate) fn released_writer(wanted: &[u8]) -> Option<&'static WriterSchema> {
    RELEASED.iter().find(|(writer, _)| writer.stamp.as_bytes() == wanted).map(|(writer, _)| writer)
}

/// Those of one record, the newest first.
pub(crate) fn released_writers(name: &str) -> impl Iterator<Item = &'static WriterSchema> {
    RELEASED.iter().rev().map(|(writer, _)| writer).filter(move |writer| writer.name == name)
}

static RELEASED: LazyLock<Vec<(WriterSchema, &'static str)>> = LazyLock::new(|| {
    let stamped = |json: &'static str| Some((WriterSchema::parse(json).ok()?, json));
    ALL.iter().filter_map(|(_, json)| stamped(json.trim_end())).collect()
});

macro_rules! golden {
    ($($folder:literal)*) => {
        [$(($folder, include_str!(concat!("../../../golden/", $folder, "/schema.avsc")))),*]
    };
}

/// Every folder of `schemas/golden`; a test holds this list against the disk.
pub(super) static ALL: [(&str, &str); 5] = golden![
    "v1/ShipmentCommand" "v1/ShipmentEvent" "v1/ShipmentSnapshot" "v1/CommandReply"
    "v2/ShipmentCommand"
];
