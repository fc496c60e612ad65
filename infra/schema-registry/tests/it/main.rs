//! Against a real registry: `PARCELTRACK_REGISTRY` says where. What needs a fresh or a failing one starts its own.
#![allow(missing_docs, unreachable_pub)]

mod codecs;
mod lost;
mod registering;
mod scratch;
