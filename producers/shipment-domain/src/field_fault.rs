//! What is wrong with one field of a command.

use std::fmt;

use crate::Rule;

/// One field that breaks its own rule. Never repeats the field's value: that may be personal.
#[derive(Clone, PartialEq, Debug)]
pub struct FieldFault {
    /// Where, as a JSON pointer into the command's body: `/recipient/phone`. A scan's fields are named from the
    /// scan (`/place/city`), those of the envelope by their own name (`/actor`).
    pub path: String,
    /// What is wrong.
    pub why: Why,
}

/// What can be wrong with a field.
#[derive(Clone, PartialEq, Debug)]
pub enum Why {
    /// Empty, or nothing but white space.
    Blank,
    /// More characters than the limit.
    TooLong {
        /// How many it has.
        characters: usize,
        /// How many it may have.
        limit: usize,
    },
    /// White space before or after, which no reader would see and no lookup would match.
    SpaceAround,
    /// A control character, such as a line end where there are no lines.
    ControlCharacter,
    /// A tracking number with a space or a character outside printable ASCII.
    NotPrintableAscii,
    /// No ISO 3166-1 alpha-2 code in capitals.
    NotACountry,
    /// Not above zero.
    NotPositive,
    /// Outside its range; the words name it.
    OutOfRange(&'static str),
    /// Not `+` and 10 to 13 digits.
    NotAPhone,
    /// The S10 check digit is another.
    WrongCheckDigit,
    /// No scan can set this status.
    NotScannable,
}

impl FieldFault {
    /// The rule that the field breaks.
    pub const fn rule(&self) -> Rule {
        match self.why {
            Why::NotPositive => Rule::WeightNotPositive,
            Why::NotAPhone => Rule::PhoneInvalid,
            Why::WrongCheckDigit => Rule::TrackingNumberInvalid,
            Why::NotScannable => Rule::StatusNotScannable,
            _ => Rule::FieldInvalid,
        }
    }
}

impl fmt::Display for FieldFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.why)
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blank => f.write_str("must not be blank"),
            Self::TooLong { characters, limit } => {
                write!(f, "has {characters} characters, at most {limit} are allowed")
            }
            Self::SpaceAround => f.write_str("begins or ends with white space"),
            Self::ControlCharacter => f.write_str("contains a control character"),
            Self::NotPrintableAscii => f.write_str("must be printable ASCII without spaces"),
            Self::NotACountry => {
                f.write_str("must be an ISO 3166-1 alpha-2 country code in capitals, such as `DE`")
            }
            Self::NotPositive => f.write_str("must be above zero"),
            Self::OutOfRange(range) => write!(f, "must be {range}"),
            Self::NotAPhone => f.write_str("must be `+` and 10 to 13 digits, such as `+4915112345678`"),
            Self::WrongCheckDigit => {
                f.write_str("has the form of a UPU S10 number, but its check digit is wrong")
            }
            Self::NotScannable => {
                f.write_str("can't be set by a scan; `info_received` is the first that can")
            }
        }
    }
}
