//! The read side over HTTP.
