//! The schema files, as they were when this was built.

/// The text of the file that defines a record, by the record's full name.
pub(super) fn by_name(full_name: &str) -> Option<&'static str> {
    let name = full_name.strip_prefix("parceltrack.shipment.")?;
    ALL.iter().find(|(n, _)| *n == name).map(|(_, text)| *text)
}

macro_rules! avsc {
    ($($name:literal)*) => {
        [$(($name, include_str!(concat!("../../../avro/", $name, ".avsc")))),*]
    };
}

/// Every file of `schemas/avro`; a test holds this list against the folder.
pub(super) static ALL: [(&str, &str); 31] = avsc![
    "Accepted" "AcceptedCommand" "Address" "AmendShipment" "ArchiveShipment" "CancelShipment" "CommandReply"
    "ListKeys" "Location" "Party" "Place" "RecordScan" "Recorded" "RegisterShipment" "Registration" "Rejected"
    "RetractScan" "Scan" "ScanMark" "ScanRecorded" "ScanRetracted" "ScanTime" "Shipment" "ShipmentAmended"
    "ShipmentArchived" "ShipmentCancelled" "ShipmentCommand" "ShipmentEvent" "ShipmentRegistered" "ShipmentSnapshot"
    "UuidBytes"
];
