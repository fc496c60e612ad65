macro_rules! columns {
    ($($(#[$doc:meta])+ $variant:ident = $name:literal, $cql:literal;)+) => {
        /// The columns that hold what projections write. Keys aren't among them.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Column {
            $($(#[$doc])+ $variant,)+
        }

        impl Column {
            /// Its name in the table.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// Its CQL type.
            pub const fn cql_type(self) -> &'static str {
                match self { $(Self::$variant => $cql,)+ }
            }
        }
    };
}

columns! {
    /// The sequence of the last event in the row.
    Version = "version", "bigint";
    /// Where the shipment stands.
    Status = "status", "text";
    /// Since when.
    StatusSince = "status_since", "timestamp";
    /// The scan that put it there, as JSON; see [`DecidingScan`](crate::DecidingScan).
    DecidingScan = "deciding_scan", "text";
    /// The last event.
    LastEventId = "last_event_id", "uuid";
    /// Its type.
    LastEventType = "last_event_type", "text";
    /// When it happened.
    LastOccurredAt = "last_occurred_at", "timestamp";
    /// When it was written down.
    LastRecordedAt = "last_recorded_at", "timestamp";
    /// When the shipment was registered. A row without it isn't shown.
    RegisteredAt = "registered_at", "timestamp";
    /// When it was called off.
    CancelledAt = "cancelled_at", "timestamp";
    /// Why.
    CancelReason = "cancel_reason", "text";
    /// When it was put into the archive.
    ArchivedAt = "archived_at", "timestamp";
    /// Why.
    ArchiveReason = "archive_reason", "text";
    /// The shop's customer.
    CustomerId = "customer_id", "text";
    /// The carrier's short name.
    Carrier = "carrier", "text";
    /// The carrier's number.
    TrackingNumber = "tracking_number", "text";
    /// The shop's reference.
    CustomerReference = "customer_reference", "text";
    /// What it weighs.
    WeightGrams = "weight_grams", "bigint";
    /// The day promised.
    PromisedDelivery = "promised_delivery", "date";
    /// Where it starts, as JSON.
    Origin = "origin", "text";
    /// Where it goes, as JSON.
    Destination = "destination", "text";
    /// Who sends it, as JSON. Personal.
    Sender = "sender", "text";
    /// Who gets it, as JSON. Personal.
    Recipient = "recipient", "text";
    /// The keyed hash of the recipient's telephone.
    RecipientPhoneHash = "recipient_phone_hash", "blob";

    /// An event's id.
    EventId = "event_id", "uuid";
    /// How often it was rewritten.
    Revision = "revision", "int";
    /// Its type.
    EventType = "event_type", "text";
    /// When it happened.
    OccurredAt = "occurred_at", "timestamp";
    /// When it was written down.
    RecordedAt = "recorded_at", "timestamp";
    /// The command that caused it.
    CommandId = "command_id", "uuid";
    /// Who posted that command.
    Actor = "actor", "text";
    /// The status after it.
    StatusAfter = "status_after", "text";
    /// The event as it lies in the topic, framing and all.
    Payload = "payload", "blob";
}

impl Column {
    /// The columns of a shipment's row, personal ones last.
    pub const SHIPMENT: [Self; 24] = [
        Self::Version,
        Self::Status,
        Self::StatusSince,
        Self::DecidingScan,
        Self::LastEventId,
        Self::LastEventType,
        Self::LastOccurredAt,
        Self::LastRecordedAt,
        Self::RegisteredAt,
        Self::CancelledAt,
        Self::CancelReason,
        Self::ArchivedAt,
        Self::ArchiveReason,
        Self::CustomerId,
        Self::Carrier,
        Self::TrackingNumber,
        Self::CustomerReference,
        Self::WeightGrams,
        Self::PromisedDelivery,
        Self::Origin,
        Self::Destination,
        Self::RecipientPhoneHash,
        Self::Sender,
        Self::Recipient,
    ];

    /// The columns of an event's row.
    pub const EVENT: [Self; 9] = [
        Self::EventId,
        Self::Revision,
        Self::EventType,
        Self::OccurredAt,
        Self::RecordedAt,
        Self::CommandId,
        Self::Actor,
        Self::StatusAfter,
        Self::Payload,
    ];

    /// Those without the personal ones: all that the public view reads.
    pub const PUBLIC: &[Self] = Self::SHIPMENT.split_at(Self::SHIPMENT.len() - 2).0;
}
