//! The contract as a whole: every record there is, to bytes and back, across versions and implementations.
#![allow(missing_docs, unreachable_pub)]

mod cost;
mod documented;
mod foreign;
mod golden;
mod hostile;
mod samples;
mod versions;
