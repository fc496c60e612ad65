//! A service that goes away and comes back, played by a proxy.

use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Forwards connections while it lives; once cut, all are gone and new ones are refused.
pub struct Proxy {
    /// Where it listens.
    pub at: SocketAddr,
    to: String,
    forwarding: Option<(CancellationToken, JoinHandle<()>)>,
}

impl Proxy {
    /// Forwards to `target` (`host:port`), from a port of its own.
    ///
    /// # Panics
    /// When there is no free port.
    pub async fn to(target: impl Into<String>) -> Self {
        let at =
            TcpListener::bind("127.0.0.1:0").await.expect("a free port").local_addr().expect("its address");
        let mut proxy = Self { at, to: target.into(), forwarding: None };
        proxy.mend().await;
        proxy
    }

    /// Ends every connection, and refuses new ones.
    ///
    /// # Panics
    /// When forwarding did.
    pub async fn cut(&mut self) {
        if let Some((stop, task)) = self.forwarding.take() {
            stop.cancel();
            task.await.expect("forwarding does not panic");
        }
    }

    /// Forwards again, on the same port.
    ///
    /// # Panics
    /// When another has taken its port.
    pub async fn mend(&mut self) {
        let listener = TcpListener::bind(self.at).await.expect("its own port");
        let stop = CancellationToken::new();
        let task = tokio::spawn(forward(listener, self.to.clone(), stop.clone()));
        self.forwarding = Some((stop, task));
    }
}

async fn forward(listener: TcpListener, to: String, stop: CancellationToken) {
    loop {
        let (mut client, _) = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted.expect("a connection"),
        };
        let (to, stop) = (to.clone(), stop.clone());
        tokio::spawn(async move {
            let Ok(mut server) = TcpStream::connect(to).await else { return };
            tokio::select! {
                () = stop.cancelled() => {}
                _ = copy_bidirectional(&mut client, &mut server) => {}
            }
        });
    }
}
