//! Keeps figures up to date while somebody looks.

use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::Client;
use service_registry::Directory;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{Figures, fetch};

/// Between two looks.
const EVERY: Duration = Duration::from_secs(2);
/// For so long after a page was shown looks go on: a page that is open asks again each two seconds, and in the background of a
/// browser not at all.
const WANTED_FOR: Duration = Duration::from_secs(20);
/// How long a page waits for its first figures.
const FIRST: Duration = Duration::from_secs(2);

/// The figures of now. Clones share them.
#[derive(Clone)]
pub(crate) struct Follow {
    figures: watch::Receiver<Arc<Figures>>,
    wanted: watch::Sender<Instant>,
}

impl Follow {
    /// Begins to look whenever somebody wants to see, until `stop`. Must be called within a Tokio runtime.
    pub(crate) fn start(http: Client, directory: Directory, stop: CancellationToken) -> Self {
        let (tell, figures) = watch::channel(Arc::default());
        let long_ago = Instant::now().checked_sub(WANTED_FOR * 2).unwrap_or_else(Instant::now);
        let wanted = watch::Sender::new(long_ago);
        let mut asked = wanted.subscribe();
        tokio::spawn(async move {
            let looking = async {
                loop {
                    // Old figures would make rates over a time when nobody looked.
                    let mut taken = Figures::default();
                    tell.send_replace(Arc::default());
                    if asked.wait_for(|at| at.elapsed() < WANTED_FOR).await.is_err() {
                        return;
                    }
                    while asked.borrow().elapsed() < WANTED_FOR {
                        let begun = Instant::now();
                        let look = fetch::look(&http, directory.all()).await;
                        taken.take(begun, look);
                        tell.send_replace(Arc::new(taken.clone()));
                        tokio::time::sleep(EVERY.saturating_sub(begun.elapsed())).await;
                    }
                }
            };
            tokio::select! {
                () = looking => {}
                () = stop.cancelled() => {}
            }
        });
        Self { figures, wanted }
    }

    /// The figures of now; who asks first waits a moment for them.
    pub(crate) async fn now(&self) -> Arc<Figures> {
        self.wanted.send_replace(Instant::now());
        let mut figures = self.figures.clone();
        let _ = tokio::time::timeout(FIRST, figures.wait_for(|figures| !figures.is_empty())).await;
        Arc::clone(&figures.borrow())
    }
}
