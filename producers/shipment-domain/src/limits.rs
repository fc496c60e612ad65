//! How much of everything, in characters (Unicode scalar values) unless said otherwise.
//!
//! Together they keep the largest legal command below 256 KiB and the largest legal snapshot below 2 MiB, which are
//! the sizes the topics take: a command that was let in never makes a record that can't be written. A test adds it up.

/// Scans of one shipment, the retracted ones included.
pub const SCANS: usize = 1_000;
/// Events of one shipment, from which on it isn't amended any more. Only amendments can get there: whatever else may happen
/// to a shipment makes 2,003 events at the most. So a history can always be read whole.
pub const HISTORY: i64 = 5_000;
/// `customer_id`.
pub const CUSTOMER_ID: usize = 64;
/// Name of a sender or recipient.
pub const NAME: usize = 200;
/// Street part of an address, its lines together.
pub const STREET: usize = 500;
/// City, in addresses, locations and places.
pub const CITY: usize = 100;
/// State, province, county.
pub const REGION: usize = 100;
/// Postal code.
pub const POSTAL_CODE: usize = 20;
/// Country as a carrier wrote it, in a scan's place.
pub const SCAN_COUNTRY: usize = 60;
/// Depot, hub, shop or locker.
pub const FACILITY: usize = 200;
/// The carrier's short name.
pub const CARRIER: usize = 64;
/// Tracking number.
pub const TRACKING_NUMBER: usize = 64;
/// The shop's own reference.
pub const CUSTOMER_REFERENCE: usize = 100;
/// The carrier's raw code.
pub const RAW_CODE: usize = 100;
/// The carrier's raw text.
pub const RAW_TEXT: usize = 2_000;
/// The carrier's own id of a scan.
pub const CARRIER_SCAN_ID: usize = 200;
/// Who signed.
pub const SIGNED_BY: usize = 200;
/// Why a scan is retracted, a shipment cancelled or archived.
pub const REASON: usize = 1_000;
/// Who issued the command.
pub const ACTOR: usize = 200;
/// The heaviest shipment, in grams: 30 t, a full container.
pub const WEIGHT_GRAMS: i64 = 30_000_000;
/// The first moment believed of a scan or a command, in milliseconds since 1970: 1990-01-01T00:00:00Z.
pub const EARLIEST_MS: i64 = 631_152_000_000;
/// The first moment no longer believed, in milliseconds since 1970: 2100-01-01T00:00:00Z.
pub const LATEST_MS: i64 = 4_102_444_800_000;
/// The largest offset from UTC, in seconds: 18 hours either way.
pub const OFFSET_SECONDS: i32 = 64_800;
