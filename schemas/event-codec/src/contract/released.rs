//! Every schema that was ever released, so that a lost registry can be rebuilt from the topics' records, which name
//! their schemas by fingerprint only.

use std::sync::LazyLock;

use super::{parse, record_name, stamp};

/// The schema that goes by this `pt-schema` header, if it is one that we ever released.
pub fn by_stamp(wanted: &str) -> Option<&'static str> {
    RELEASED.iter().find(|(stamp, _)| stamp == wanted).map(|(_, json)| *json)
}

static RELEASED: LazyLock<Vec<(String, &'static str)>> = LazyLock::new(|| {
    let stamped = |json: &'static str| {
        let name = record_name(json).ok()?;
        let schema = parse(&name, json).ok()?;
        Some((stamp(&name, u64::from_le_bytes(*schema.rabin_fingerprint())), json))
    };
    ALL.iter().filter_map(|(_, json)| stamped(json.trim_end())).collect()
});

macro_rules! golden {
    ($($folder:literal)*) => {
        [$(($folder, include_str!(concat!("../../../golden/", $folder, "/schema.avsc")))),*]
    };
}

/// Every folder of `schemas/golden`; a test holds this list against the disk.
pub(super) static ALL: [(&str, &str); 4] =
    golden!["v1/ShipmentCommand" "v1/ShipmentEvent" "v1/ShipmentSnapshot" "v1/CommandReply"];
