//! The Avro contract: schemas, framing, headers, and the way from bytes to records and back. No network.
