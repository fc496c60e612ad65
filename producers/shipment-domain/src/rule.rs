//! The rules that refuse a command, each with a stable code. `docs/errors/` is made from this table.

use std::fmt;

macro_rules! rules {
    ($($(#[$doc:meta])+ $variant:ident = $code:literal, $status:literal {
        title: $title:literal, meaning: $meaning:literal, way_out: $way_out:literal $(,)?
    })+) => {
        /// A rule that can refuse a command. Codes are never reused nor given another meaning.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Rule {
            $($(#[$doc])+ $variant,)+
        }

        impl Rule {
            /// Every rule, by code.
            pub const ALL: [Self; 18] = [$(Self::$variant,)+];

            /// The stable code, such as `PT-1004`.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// The HTTP status that answers a command refused by this rule.
            pub const fn http_status(self) -> u16 {
                match self { $(Self::$variant => $status,)+ }
            }

            /// The rule in a few words: the `title` of a problem document.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)+ }
            }

            /// What it means that this rule refused.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)+ }
            }

            /// What the sender can do.
            pub const fn way_out(self) -> &'static str {
                match self { $(Self::$variant => $way_out,)+ }
            }
        }
    };
}

rules! {
    /// Nobody registered the shipment.
    ShipmentNotRegistered = "PT-1001", 404 {
        title: "The shipment isn't registered",
        meaning: "A shipment can be amended, cancelled or archived once it has been registered. This one is unknown, or \
                  only its scans are known so far: scans are kept whatever order they come in, requests are not.",
        way_out: "Check the shipment id. If it is right, register the shipment first; scans that came before are already \
                  kept and count from then on."
    }
    /// The shipment was registered before.
    AlreadyRegistered = "PT-1002", 409 {
        title: "The shipment is already registered",
        meaning: "A shipment id is registered once. Another command, with another command id or `Idempotency-Key`, has \
                  registered this one before.",
        way_out: "To change it, amend it. To repeat a registration whose answer was lost, send it again under the same \
                  command id or `Idempotency-Key`: that gets the first answer again. For another shipment take another id."
    }
    /// The shipment has another version than the sender expected.
    VersionConflict = "PT-1003", 412 {
        title: "The shipment has another version",
        meaning: "The command named the version that it expects (`expected_version`, or `If-Match` over HTTP), and the \
                  shipment has another: somebody else changed it in between. Nothing was done.",
        way_out: "Read the shipment again, see whether the change is still wanted, and send it as a new command with the \
                  version read. Leave the expectation out if any version will do."
    }
    /// The weight isn't above zero.
    WeightNotPositive = "PT-1004", 422 {
        title: "The weight must be above zero",
        meaning: "A shipment weighs something: `weight_grams` must be a whole number of grams above zero.",
        way_out: "Send the weight in grams, rounded up to at least 1."
    }
    /// A telephone number has not the form of E.164.
    PhoneInvalid = "PT-1005", 422 {
        title: "The telephone number isn't valid",
        meaning: "A telephone number is `+`, then 10 to 13 digits, country code first (E.164), with nothing between them.",
        way_out: "Write the number in international form without spaces, brackets or hyphens, such as `+4915112345678`, or \
                  leave it out."
    }
    /// The shop called the shipment off before.
    AlreadyCancelled = "PT-1006", 409 {
        title: "The shipment was cancelled",
        meaning: "The shop cancelled this shipment. It is neither cancelled twice nor amended after that. Scans are still \
                  kept: if the carrier moves the parcel all the same, its status says so.",
        way_out: "If it is to be sent after all, register a new shipment."
    }
    /// The shipment reached an end that forbids the request.
    AlreadyDelivered = "PT-1007", 409 {
        title: "The shipment has already arrived",
        meaning: "A shipment that is `delivered`, `returned` or `disposed` is neither amended nor cancelled; one that is \
                  `returning` is no longer cancelled, but can be amended, since it still has to find its sender.",
        way_out: "Nothing is left to be done. If the scan that says so is wrong, retract that scan, then send the request \
                  again as a new command."
    }
    /// The shipment is in the archive.
    AlreadyArchived = "PT-1008", 409 {
        title: "The shipment is archived",
        meaning: "An archived shipment is neither archived again nor amended nor cancelled. Scans, and retractions of \
                  scans, are still kept.",
        way_out: "Nothing is left to be done; if it is to be sent again, register a new shipment."
    }
    /// The shipment has as many scans as it can have.
    TooManyScans = "PT-1009", 422 {
        title: "The shipment has too many scans",
        meaning: "A shipment keeps at most 1,000 scans, the retracted ones included. No parcel has that many: a device or \
                  an import is most likely reporting the same scan under ever new times or ids.",
        way_out: "Find out what repeats the scans, and give each real scan its own `carrier_scan_id`, the same at every \
                  report: a scan already known is not counted twice."
    }
    /// The shipment has no such scan.
    ScanNotFound = "PT-1010", 404 {
        title: "The shipment has no such scan",
        meaning: "A retraction names the event that recorded the scan, and this shipment's history has no scan under that \
                  event id.",
        way_out: "Look the scan up in the shipment's history and send its event id; check that the shipment id is the one \
                  whose history has it."
    }
    /// The scan was taken back before.
    ScanAlreadyRetracted = "PT-1011", 409 {
        title: "The scan was already retracted",
        meaning: "Another command took this scan back before. It no longer counts.",
        way_out: "Nothing is left to be done."
    }
    /// A field breaks its own rule.
    FieldInvalid = "PT-1012", 422 {
        title: "A field isn't valid",
        meaning: "A field is blank though it must not be, longer than its limit, out of its range, or not in its form. The \
                  text names each such field by its path, such as `/recipient/address/country`, and what is wrong with it.",
        way_out: "Correct the fields that the text names. The limits are listed below."
    }
    /// A tracking number of the UPU's form has a wrong check digit.
    TrackingNumberInvalid = "PT-1013", 422 {
        title: "The tracking number's check digit is wrong",
        meaning: "The tracking number has the form of the Universal Postal Union's S10 (two letters, nine digits, two \
                  letters), whose ninth digit is computed from the eight before. It doesn't fit, so at least one character \
                  is wrong.",
        way_out: "Read the number from the label again. A carrier's number of any other form is not checked this way."
    }
    /// The amendment names no field.
    NothingToAmend = "PT-1014", 422 {
        title: "The amendment changes nothing",
        meaning: "An amendment names at least one field with its new value. This one names none.",
        way_out: "Name the fields that change; those left out stay as they are."
    }
    /// The command's id belongs to another command.
    CommandIdReused = "PT-1015", 422 {
        title: "The command id belongs to another command",
        meaning: "The same command id (over HTTP: the same `Idempotency-Key`) was used for this shipment before, with \
                  another payload. The same id means the same command, so one of the two is not what its sender believes.",
        way_out: "Give every new command its own id, and repeat an id only to repeat the very same command. The time of \
                  issue and the actor may differ; everything else must be the same."
    }
    /// No scan can set that status.
    StatusNotScannable = "PT-1016", 422 {
        title: "No scan can set this status",
        meaning: "`registered` is set by the shop's registration alone; no carrier's scan can report it.",
        way_out: "If the carrier was told of the parcel but has not got it yet, the status is `info_received`."
    }
    /// The shipment was amended until its history was full.
    HistoryFull = "PT-1017", 422 {
        title: "The shipment's history is full",
        meaning: "A shipment whose history has 5,000 events isn't amended any more. No shop changes its mind so often: a \
                  program is most likely amending in a loop, each time under a new command id. Scans, retractions, a \
                  cancellation and the archive are still accepted.",
        way_out: "Find out what repeats the amendments, and repeat a command only under its own id or `Idempotency-Key`. If \
                  the shipment must still change, cancel it and register a new one."
    }
    /// The customer isn't one of the sender's.
    CustomerNotTheirs = "PT-1018", 403 {
        title: "The customer isn't one of the sender's",
        meaning: "Credentials are for certain customers, and `customer_id` names another. Somebody else's shipments don't \
                  exist for the sender (`PT-1001`), and can't be registered either.",
        way_out: "Correct the `customer_id`, or ask an admin for credentials that are for this customer."
    }
}

impl Rule {
    /// The rule with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.code() == code)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}
