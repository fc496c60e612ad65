//! What is shown of records, and to whom.

mod given;
mod sight;
mod undecoded;
