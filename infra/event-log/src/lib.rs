//! Kafka as ParcelTrack uses it. The only crate that names rdkafka.
//!
//! | to do | take |
//! |---|---|
//! | say where Kafka is | [`Kafka`] |
//! | name, create and check topics | [`Topics`], [`Admin`] |
//! | write from an async service | [`Producer`] |
//! | write in transactions | [`Rotation`] of [`TransactionalProducer`]s |
//! | read as one of a group, on a thread of one's own | [`GroupConsumer`] |
//! | read as one of a group, from async code | [`GroupStream`] |
//! | read partitions without a group | [`Reader`], [`ReaderStream`] |
//! | look into a topic, a page at a time | [`Browser`] |
//! | follow what a topic of one partition makes | [`Followed`] |
//! | write to such a topic by what it makes | [`SoleWriter`] |
//! | ask for offsets, ids and lag | [`Offsets`], [`GroupOffsets`] |
//! | say who may do what | [`Right`], [`Admin::grant`] |
//! | make a dead letter of a record | [`Parked`] |
//!
//! Blocking calls say so; the two streams and [`Producer`] are the async ones.
#![deny(unsafe_code)]

mod access;
mod admin;
mod block;
mod browse;
mod client;
mod context;
mod dead_letter;
mod error;
mod fault;
#[allow(
    unsafe_code,
    reason = "librdkafka knows topic ids, group generations and access control; rdkafka has no call for them"
)]
mod ffi;
mod figures;
mod fold;
mod followed;
mod group;
mod group_stream;
mod headers;
pub mod metrics;
mod of_settings;
mod offsets;
mod partition;
mod producer;
mod reader;
mod reader_stream;
mod record;
mod refusal;
mod rotation;
mod sole_writer;
mod topics;
mod transaction;

pub use access::{Operation, Pattern, READER_GROUP, Resource, Right};
pub use admin::Admin;
pub use block::Block;
pub use browse::{
    BadPlaces, BadSpans, Between, Browser, Order, Page, PageBounds, Places, SpanStream, Spans, Within,
    parse_offset,
};
pub use client::{Isolation, Kafka};
pub use dead_letter::Parked;
pub use error::Error;
pub use fault::Fault;
pub use ffi::flush;
pub use fold::Fold;
pub use followed::Followed;
pub use group::{Event, GroupConsumer, GroupMetadata, GroupSettings, Reset, StartPolicy};
pub use group_stream::{GroupStream, StreamEvent};
pub use headers::Headers;
pub use offsets::{GroupOffsets, Offsets, Watermarks};
pub use partition::{murmur2, partition_for, partition_of};
pub use producer::{Producer, ProducerSettings};
pub use reader::{Reader, ReaderEvent, Start};
pub use reader_stream::ReaderStream;
pub use record::{Outgoing, Position, Received, Timestamp, TopicPartition};
pub use refusal::Refusal;
pub use rotation::{Rotation, RotationSettings};
pub use sole_writer::{SoleWriter, WriteError};
pub use topics::{Action, Applied, Deviation, TopicSettings, TopicSpec, Topics};
pub use transaction::{TransactionSettings, TransactionalProducer};
