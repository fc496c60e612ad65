//! What is shown of records, and to whom.

mod given;
mod history;
mod sight;
mod undecoded;
