//! The command API against a real Kafka and a real schema registry: `PARCELTRACK_KAFKA` and `PARCELTRACK_REGISTRY` say
//! where. Commands are decided by the domain's own rules, in a responder that can be told to be slow or silent.

mod answers;
mod documents;
mod endings;
mod kafka_away;
mod patience;
mod preconditions;
mod refusals;
mod responder;
mod retries;
mod stream;
mod stream_endings;
mod world;
