//! The read side over HTTP.
#![forbid(unsafe_code)]

pub mod view;
