//! `parceltrack feed`: histories from files into the commands topic.

mod summary;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use command_client::CommandClient;
use shipment_domain::{ShipmentCommand, check};
use shipment_events::{ShipmentId, Timestamp};
use telemetry::TraceContext;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::history::History;
use crate::mapping::Mapping;
use crate::posting::{Answered, Posting};
use crate::registration::{is_numberless, registration};
use crate::rejects::Rejects;
use crate::source::{self, Form, Input, Item};
use crate::tally::Fate;
use crate::{RawHistory, commands};

pub use summary::{Example, FeedSummary};

/// How many bad lines and scans are told one by one in the log; the rest is only counted.
const TOLD: u64 = 20;

/// What to feed, and how.
#[derive(Debug)]
pub struct FeedOptions {
    /// What to read, one after the other.
    pub inputs: Vec<Input>,
    /// How it is written; told from the file's ending, else from its first byte, if not given.
    pub form: Option<Form>,
    /// What codes and words mean.
    pub mapping: Mapping,
    /// Where to write down what couldn't be taken.
    pub rejects: Option<PathBuf>,
    /// No more histories than this.
    pub limit: Option<usize>,
    /// How many commands may be under way at once.
    pub max_in_flight: usize,
    /// How long to wait for the answer to a command.
    pub patience: Duration,
}

impl FeedOptions {
    /// These inputs, our own mapping, 1,000 commands under way, 30 s for an answer.
    pub fn new(inputs: Vec<Input>, mapping: Mapping) -> Self {
        Self {
            inputs,
            form: None,
            mapping,
            rejects: None,
            limit: None,
            max_in_flight: 1000,
            patience: Duration::from_secs(30),
        }
    }
}

/// Why feeding stopped before the end. What was sent until then stays; feeding again doubles nothing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An input can't be read.
    #[error("feeding stopped at an input that can't be read")]
    Source(#[from] source::Error),
    /// The rejects can't be written.
    #[error("the rejects can't be written to {path}")]
    Rejects {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Commands can't be sent.
    #[error("commands can't be sent")]
    Client(#[from] command_client::Error),
    /// The thread that reads has died.
    #[error("the reading thread has ended")]
    ReaderDied,
}

/// Feeds histories: registers each shipment and reports each scan, and waits for the answers.
///
/// `progress` is called with the counts so far, a few times a second. Feeding the same again gives the same commands,
/// which the domain knows already: nothing is doubled.
///
/// # Errors
/// When an input can't be read or commands can't be sent at all. A bad line, scan or command is none: it is counted,
/// and written to the rejects.
pub async fn feed(
    client: &CommandClient,
    options: FeedOptions,
    progress: impl FnMut(&FeedSummary),
) -> Result<FeedSummary, Error> {
    let rejects_path = options.rejects.clone();
    let named = |source| Error::Rejects {
        path: rejects_path.as_ref().map_or_else(String::new, |p| p.display().to_string()),
        source,
    };
    let rejects = Rejects::create(options.rejects.as_deref(), &options.inputs).map_err(&named)?;
    let mut items = read_in_background(options.inputs.clone(), options.form);
    let mut feeding = Feeding {
        posting: Posting::new(client, options.max_in_flight, options.patience),
        mapping: &options.mapping,
        rejects,
        summary: FeedSummary::default(),
        histories: HashMap::new(),
        progress,
        started: Instant::now(),
        shown: Instant::now(),
    };
    let mut left = options.limit.unwrap_or(usize::MAX);
    while left > 0 {
        match items.recv().await.ok_or(Error::ReaderDied)?? {
            Said::End => break,
            Said::Item(Item::Bad(bad)) => {
                feeding.summary.bad_lines += 1;
                if feeding.summary.bad_lines <= TOLD {
                    tracing::warn!(line = bad.line, reason = %bad.reason, "a line can't be read");
                }
                feeding.rejects.line(&bad).map_err(&named)?;
            }
            Said::Item(Item::History(line, raw)) => {
                left -= 1;
                feeding.history(line, raw).await?;
            }
        }
    }
    // Told to stop, the reader ends at its next item.
    items.close();
    while !feeding.posting.is_empty() {
        feeding.take_answer().await;
    }
    feeding.rejects.flush().map_err(&named)?;
    feeding.summary.seconds = feeding.started.elapsed().as_secs_f64();
    (feeding.progress)(&feeding.summary);
    Ok(feeding.summary)
}

/// What the reading thread says. Without an end it has died.
enum Said {
    Item(Item),
    End,
}

/// A thread of its own, not one of the runtime's: the runtime would wait for it at its end, and a read of a terminal
/// never ends.
fn read_in_background(inputs: Vec<Input>, form: Option<Form>) -> mpsc::Receiver<Result<Said, Error>> {
    let (sender, receiver) = mpsc::channel(64);
    let read = move || {
        for input in inputs {
            let read = source::read(&input, form, |item| sender.blocking_send(Ok(Said::Item(item))).is_ok());
            if let Err(error) = read {
                let _ = sender.blocking_send(Err(Error::Source(error)));
                return;
            }
            if sender.is_closed() {
                return;
            }
        }
        let _ = sender.blocking_send(Ok(Said::End));
    };
    if let Err(error) = std::thread::Builder::new().name("feed-reader".to_owned()).spawn(read) {
        tracing::error!(%error, "no thread to read with");
    }
    receiver
}

/// What a command under way is about.
#[derive(Clone, Copy)]
enum Tag {
    Registration { shipment: ShipmentId, numberless: bool },
    Scan { history: u64, position: usize },
}

/// A history whose scans are still under way: kept for the rejects.
struct Held {
    line: u64,
    raw: Arc<RawHistory>,
    under_way: usize,
}

struct Feeding<'a, P> {
    posting: Posting<'a, Tag>,
    mapping: &'a Mapping,
    rejects: Rejects,
    summary: FeedSummary,
    histories: HashMap<u64, Held>,
    progress: P,
    started: Instant,
    shown: Instant,
}

impl<P: FnMut(&FeedSummary)> Feeding<'_, P> {
    async fn history(&mut self, line: u64, raw: RawHistory) -> Result<(), Error> {
        let now = Timestamp::from(Utc::now());
        let history = History::read(&raw, self.mapping, now.to_datetime().date_naive());
        self.summary.histories += 1;
        let number = self.summary.histories;
        for unread in &history.unread {
            self.summary.unread_scans += 1;
            self.reject_scan(line, &raw, unread.position, &unread.reason.to_string());
        }
        let home = self.mapping.home(&raw.carrier);
        let register = registration(&raw.carrier, &raw.tracking_number, home, now);
        let shipment = register.shipment_id;
        self.summary.offer_example(&raw, &history, shipment);
        // One trace a history: all that became of a line can be found together.
        let trace = TraceContext::start();
        let numberless = is_numberless(&register);
        self.send(&register, &trace, Tag::Registration { shipment, numberless }).await?;

        let raw = Arc::new(raw);
        self.histories.insert(number, Held { line, raw, under_way: history.scans.len() + 1 });
        for read in history.scans {
            self.summary.scans += 1;
            if read.meaning.is_unmapped() {
                self.summary.count_unmapped(&read.scan);
            }
            let command = commands::record_scan(shipment, read.scan, now);
            self.send(&command, &trace.child(), Tag::Scan { history: number, position: read.position })
                .await?;
        }
        self.let_go(number);
        Ok(())
    }

    /// Sends a command as soon as there is room. One that its own fields condemn is not sent: the handler would only
    /// say the same.
    async fn send(&mut self, command: &ShipmentCommand, trace: &TraceContext, tag: Tag) -> Result<(), Error> {
        if let Err(rejection) = check(command) {
            let fate = Fate::Rejected { code: rejection.code().to_owned(), text: rejection.text() };
            self.count(tag, fate);
            return Ok(());
        }
        while !self.posting.has_room() {
            self.take_answer().await;
        }
        self.posting.send(command, trace, tag).await?;
        self.show();
        Ok(())
    }

    async fn take_answer(&mut self) {
        if let Some(Answered { tag, fate, .. }) = self.posting.next().await {
            self.count(tag, fate);
            self.show();
        }
    }

    fn count(&mut self, tag: Tag, fate: Fate) {
        match tag {
            Tag::Registration { shipment, numberless } => {
                let fate = known_again(fate);
                if let Fate::Rejected { code, text } = &fate {
                    tracing::warn!(shipment_id = %shipment, code, reason = %text, "a registration was refused");
                }
                self.summary.numberless += u64::from(numberless && fate == Fate::Accepted(1));
                self.summary.registrations.count(&fate);
            }
            Tag::Scan { history, position } => {
                self.summary.scan_commands.count(&fate);
                let reason = match &fate {
                    Fate::Rejected { code, text } => Some(format!("{code}: {text}")),
                    // Whether it was written, and will be decided, nobody knows.
                    Fate::Unanswered => Some("no answer came in time".to_owned()),
                    _ => None,
                };
                if let (Some(reason), Some(held)) = (reason, self.histories.get(&history)) {
                    let (line, raw) = (held.line, Arc::clone(&held.raw));
                    self.reject_scan(line, &raw, position, &reason);
                }
                self.let_go(history);
            }
        }
    }

    /// A history is forgotten once nothing of it is under way.
    fn let_go(&mut self, history: u64) {
        if let Some(held) = self.histories.get_mut(&history) {
            held.under_way -= 1;
            if held.under_way == 0 {
                self.histories.remove(&history);
            }
        }
    }

    fn reject_scan(&mut self, line: u64, raw: &RawHistory, position: usize, reason: &str) {
        if self.summary.unread_scans + self.summary.scan_commands.rejected <= TOLD {
            tracing::warn!(line, position, reason, "a scan can't be taken");
        }
        if let Err(error) = self.rejects.scan(line, raw, position, reason) {
            tracing::error!(%error, "the rejects can't be written");
        }
    }

    fn show(&mut self) {
        if self.shown.elapsed() >= Duration::from_millis(200) {
            self.shown = Instant::now();
            self.summary.seconds = self.started.elapsed().as_secs_f64();
            (self.progress)(&self.summary);
        }
    }
}

/// The domain remembers the last commands of a shipment, not all. After a long history it no longer knows our
/// registration by its id, and says that the shipment is registered: which under an id of our own making is the same.
fn known_again(fate: Fate) -> Fate {
    use shipment_domain::Rule;
    match fate {
        Fate::Rejected { code, .. }
            if code == Rule::AlreadyRegistered.code() || code == Rule::CommandIdReused.code() =>
        {
            Fate::Duplicate
        }
        other => other,
    }
}
