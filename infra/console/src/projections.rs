//! The views, as who makes and mends them sees them: rebuilds, flips, dead letters.
//!
//! What takes long goes on in the process when the page that began it is closed, one thing at a time; every page of this
//! console shows the same. Each act is written into the audit topic before it is done: if that can't be, nothing is.

mod works;

use std::sync::Arc;
use std::time::Duration;

use audit::AuditRecord;
use event_log::{Kafka, Producer, ProducerSettings, Topics};
use projector::{DeadLetters, Projector, Survey};
use serde_json::{Value, json};
use service_registry::Registration;
use settings::Settings;
use tokio::sync::{OnceCell, oneshot};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(crate) use self::works::{Done, Progress, Running, Work, Works};
use crate::error::Error;

/// How long the database may take until the page says that it is away.
const CONNECT: Duration = Duration::from_secs(8);
/// How long a rebuild that is told to stop may take to remember where it is.
const STOP: Duration = Duration::from_secs(10);

/// Connects when it is first needed: the console must come up while the database is away.
pub(crate) struct Projections {
    settings: Settings,
    connected: OnceCell<Connected>,
    audit: Producer,
    topics: Topics,
    works: Arc<Works>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

#[derive(Clone)]
pub(crate) struct Connected {
    pub(crate) projector: Projector,
    pub(crate) letters: DeadLetters,
    pub(crate) survey: Arc<Survey>,
}

/// Why something of the views can't be told or done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// It can't be reached, or it refused.
    #[error(transparent)]
    Projector(#[from] projector::Error),
    /// The database isn't there.
    #[error("the database at {nodes} did not answer within {} s; is it up?", CONNECT.as_secs())]
    Away { nodes: String },
    /// Something else goes on.
    #[error("{0} is going on in this console; wait until it is done, or stop it")]
    Busy(&'static str),
    /// Nothing was done, because that could not be written down.
    #[error("nothing was done, because it could not be written down in the audit topic")]
    Unwritten(#[source] event_log::Error),
    /// It goes on elsewhere, or nowhere.
    #[error(
        "nothing that can be stopped goes on in the console {0}: it is done, or another console or a terminal is at it; what goes on in \
         a console is stopped on a page that names this one"
    )]
    NotHere(String),
    /// A defect of ours.
    #[error("it ended unexpectedly; the console's log says more")]
    Ended,
}

impl Projections {
    pub(crate) fn new(settings: &Settings, stop: CancellationToken) -> Result<Self, Error> {
        let kafka = Kafka::of_settings(&settings.kafka, "parceltrack-console-audit")?;
        let mut settings = settings.clone();
        let listen = settings.console.listen;
        let registered = Registration::of_settings(&settings.discovery, "console", listen);
        let name = registered.map_or_else(|_| listen.to_string(), |console| console.instance.to_string());
        // By which Kafka's log tells it from a projector.
        "console".clone_into(&mut settings.projector.instance);
        Ok(Self {
            audit: Producer::new(&kafka, &ProducerSettings::default())?,
            topics: Topics::of_settings(&settings.kafka),
            connected: OnceCell::new(),
            works: Arc::new(Works::of(name)),
            tasks: TaskTracker::new(),
            settings,
            stop,
        })
    }

    /// The projector, once the database was there.
    pub(crate) async fn connected(&self) -> Result<Connected, Trouble> {
        let connect = self.connected.get_or_try_init(|| async {
            let projector = Projector::connect(&self.settings).await?;
            let letters = DeadLetters::of(projector.clone());
            Ok(Connected { survey: Arc::new(Survey::of(projector.clone())), projector, letters })
        });
        match timeout(CONNECT, connect).await {
            Ok(connected) => connected.cloned(),
            Err(_) => Err(Trouble::Away { nodes: self.settings.cql.nodes.join(", ") }),
        }
    }

    /// What goes on, and what did last.
    pub(crate) fn works(&self) -> &Works {
        &self.works
    }

    /// Begins what takes long. It goes on until it is done, stopped, or the process is told to end; then an interrupted rebuild goes
    /// on where it was when it is begun again.
    pub(crate) async fn begin(&self, work: Work, who: &str) -> Result<(), Trouble> {
        let connected = self.connected().await?;
        let cancel = self.stop.child_token();
        let place = self.works.take(work, who, &cancel).map_err(|running| Trouble::Busy(running.name()))?;
        let (works, audit, topics) = (Arc::clone(&self.works), self.audit.clone(), self.topics.clone());
        let who = who.to_owned();
        let (tell, begun) = oneshot::channel();
        // From here on without whoever asked for it: a browser that hangs up ends the question, not the work.
        self.tasks.spawn(async move {
            let record = AuditRecord::now(&who, work.action(), work.target(), Value::Null);
            if let Err(error) = send(&audit, &topics, &record).await {
                place.end(Err("it could not be written down in the audit topic".to_owned()));
                drop(tell.send(Err(Trouble::Unwritten(error))));
                return;
            }
            drop(tell.send(Ok(())));
            let done = works::run(&connected, work, &works, &cancel).await;
            let (outcome, text) = match &done {
                Ok(text) => ("done", text),
                Err(text) => ("failed", text),
            };
            let mut told = json!({ "outcome": outcome, "text": text });
            if let Some(stopped_by) = works.running().and_then(|running| running.stopped_by) {
                told["stopped_by"] = stopped_by.into();
            }
            // Before anything else can be begun, so that the records stand in the order of what was done.
            let record = AuditRecord::now(&who, &format!("{}.end", work.action()), work.target(), told);
            if let Err(error) = send(&audit, &topics, &record).await {
                tracing::warn!(%error, "the end of a work is not in the audit topic");
            }
            place.end(done);
        });
        begun.await.unwrap_or(Err(Trouble::Ended))
    }

    /// Stops what goes on here; it ends a moment later.
    pub(crate) async fn stop(&self, who: &str) -> Result<(), Trouble> {
        let not_here = || Trouble::NotHere(self.works.console().to_owned());
        let running = self.works.running().filter(|running| running.work.can_be_stopped());
        let running = running.ok_or_else(not_here)?;
        let detail = json!({ "begun_by": running.who });
        self.write_down(who, &format!("{}.stop", running.work.action()), running.work.target(), detail)
            .await?;
        if self.works.stop(&running, who) { Ok(()) } else { Err(not_here()) }
    }

    /// Writes down what is about to be done. Must come before it.
    pub(crate) async fn write_down(
        &self,
        who: &str,
        action: &str,
        target: impl Into<String>,
        detail: Value,
    ) -> Result<(), Trouble> {
        let record = AuditRecord::now(who, action, target, detail);
        send(&self.audit, &self.topics, &record).await.map_err(Trouble::Unwritten)
    }

    /// Returns when nothing goes on any more. The process was told to end before.
    pub(crate) async fn stopped(&self) {
        self.tasks.close();
        if timeout(STOP, self.tasks.wait()).await.is_err() {
            tracing::warn!("what went on in the console did not stop in time");
        }
    }
}

async fn send(audit: &Producer, topics: &Topics, record: &AuditRecord) -> Result<(), event_log::Error> {
    audit.send(&audit::record(topics, record))?.await?;
    Ok(())
}
