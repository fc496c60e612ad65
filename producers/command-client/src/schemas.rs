//! What the client must know of the contract.

use std::fmt;

use event_codec::{Decoder, Encoder, contract};
use schema_registry::{Codecs, FetchSchema};
use shipment_domain::ShipmentCommand;
use shipment_events::CommandReply;

/// How commands are written and replies are read.
#[derive(Clone)]
pub struct Schemas {
    /// Writes commands under the id that the registry gave their schema.
    pub encoder: Encoder<ShipmentCommand>,
    /// Reads replies.
    pub decoder: Decoder<CommandReply>,
    /// Where to ask for a writer's schema that the decoder doesn't know yet: a newer handler may write by a newer one.
    pub fetch: FetchSchema,
}

impl Schemas {
    /// As the registry has them.
    ///
    /// # Errors
    /// When the codecs were opened without the commands' contract.
    pub fn of(codecs: &Codecs) -> Result<Self, schema_registry::Error> {
        let command = contract::command();
        Ok(Self {
            encoder: codecs.encoder(&command)?,
            decoder: codecs.decoder(&contract::reply()),
            fetch: codecs.fetch(),
        })
    }
}

impl fmt::Debug for Schemas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schemas").field("encoder", &self.encoder).finish_non_exhaustive()
    }
}
