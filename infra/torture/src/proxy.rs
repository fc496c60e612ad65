//! A proxy in front of each broker that knows Kafka's requests one from another, so that it can delay, cut and hold back
//! single ones: the end of a transaction above all, whose late arrival can tear the next one.
//!
//! Clients that begin here stay here, because behind its second listener each broker tells the proxy's port as its own
//! ([`local_stack::ProxiedPort`]). The brokers speak to each other through it too, so that the markers at a
//! transaction's end can be held back as well.

mod connection;
mod frame;
mod rules;

use std::io;
use std::net::Ipv4Addr;

use local_stack::ProxiedPort;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

pub use frame::{Api, Request, answers};
pub use rules::{Action, Rule, Rules};

/// The proxies of a cluster. Dropping it ends them and every connection through them.
pub struct Proxies {
    _serving: JoinSet<()>,
}

impl Proxies {
    /// Listens on the advertised ports, and passes on to where the brokers listen.
    ///
    /// # Errors
    /// When a port is taken.
    pub async fn start(ports: &[ProxiedPort], rules: &Rules) -> io::Result<Self> {
        let mut serving = JoinSet::new();
        for (id, port) in (1..).zip(ports) {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port.advertised)).await?;
            serving.spawn(serve(listener, (id, port.listens), rules.clone()));
        }
        Ok(Self { _serving: serving })
    }
}

async fn serve(listener: TcpListener, (id, port): (u8, u16), rules: Rules) {
    let mut connections = JoinSet::new();
    loop {
        // Out of descriptors, or the client has gone: the next one may fare better.
        let Ok((client, _)) = listener.accept().await else { continue };
        let rules = rules.clone();
        connections.spawn(async move {
            // A broker that is down is seen as one: the connection closes.
            if let Ok(broker) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await {
                // However it ends, both sides learn of it by their sockets.
                let _ = connection::pass(client, (id, broker), rules).await;
            }
        });
        while connections.try_join_next().is_some() {}
    }
}
