//! What the client must know of the contract.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use event_codec::{Decoder, Encoder};
use futures::future::BoxFuture;
use shipment_domain::ShipmentCommand;
use shipment_events::CommandReply;

/// Fetches the schema (as JSON) that the registry has under an id: a newer handler may write replies by a newer one.
pub type FetchSchema =
    Arc<dyn Fn(u32) -> BoxFuture<'static, Result<String, Box<dyn Error + Send + Sync>>> + Send + Sync>;

/// How commands are written and replies are read.
#[derive(Clone)]
pub struct Schemas {
    /// Writes commands under the id that the registry gave their schema.
    pub encoder: Encoder<ShipmentCommand>,
    /// Reads replies.
    pub decoder: Decoder<CommandReply>,
    /// Where to ask for a writer's schema that the decoder doesn't know yet.
    pub fetch: FetchSchema,
}

impl fmt::Debug for Schemas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schemas").field("encoder", &self.encoder).finish_non_exhaustive()
    }
}
