//! The ledger: every request and every answer, with the moment of each, in memory and in a file that is only appended to.

mod op;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde::Serialize;
use serde_json::json;
use shipment_events::{CommandId, ShipmentId};

pub use op::{Answer, Attempt, Intent, Kind, Op};

use crate::observed::Read;

/// Names an operation in the ledger.
pub type OpNumber = usize;

/// What is known of an answer's command, where the answer tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// The command.
    pub command_id: Option<CommandId>,
    /// Its shipment.
    pub shipment_id: Option<ShipmentId>,
}

/// The ledger. Cheap to clone; the clones write the same.
#[derive(Clone)]
pub struct Ledger {
    begun: Instant,
    pages: Arc<Mutex<Pages>>,
}

struct Pages {
    ops: Vec<Op>,
    reads: Vec<Read>,
    file: BufWriter<File>,
    /// The first line that couldn't be written: a ledger with holes proves nothing.
    torn: Option<io::Error>,
}

impl Ledger {
    /// A new one; its clock starts now.
    ///
    /// # Errors
    /// When the file can't be made.
    pub fn create(path: &Path) -> io::Result<Self> {
        let file = BufWriter::new(File::create(path)?);
        let pages = Pages { ops: Vec::new(), reads: Vec::new(), file, torn: None };
        Ok(Self { begun: Instant::now(), pages: Arc::new(Mutex::new(pages)) })
    }

    /// Milliseconds since it was created.
    pub fn now(&self) -> u64 {
        self.begun.elapsed().as_millis() as u64
    }

    /// A new operation: one thing somebody wants done, however often it is asked for.
    pub fn begin(&self, intent: Intent) -> OpNumber {
        let mut pages = self.lock();
        let number = pages.ops.len();
        pages.line(&json!({ "at": self.now(), "op": number, "begins": intent }));
        pages.ops.push(Op::new(intent));
        number
    }

    /// The request goes out, through this door. Returns which attempt it is.
    pub fn sent(&self, op: OpNumber, through: &str) -> usize {
        let mut pages = self.lock();
        let at = self.now();
        let attempts = &mut pages.ops[op].attempts;
        let attempt = attempts.len();
        attempts.push(Attempt { sent_at: at, through: through.to_owned(), answered: None });
        pages.line(&json!({ "at": at, "op": op, "attempt": attempt, "sent": through }));
        attempt
    }

    /// The answer to an attempt, or that there was none.
    pub fn answered(&self, op: OpNumber, attempt: usize, answer: Answer, told: Told) {
        let mut pages = self.lock();
        let at = self.now();
        pages.line(&json!({ "at": at, "op": op, "attempt": attempt, "answer": answer, "command": told.command_id, "shipment": told.shipment_id }));
        let entry = &mut pages.ops[op];
        entry.attempts[attempt].answered = Some((at, answer));
        entry.command_id = entry.command_id.or(told.command_id);
        entry.shipment_id = entry.shipment_id.or(told.shipment_id);
    }

    /// What was read after a write.
    pub fn read(&self, read: Read) {
        let mut pages = self.lock();
        pages.line(&json!({ "at": self.now(), "read": read }));
        pages.reads.push(read);
    }

    /// All that was read so far.
    pub fn reads(&self) -> Vec<Read> {
        self.lock().reads.clone()
    }

    /// Anything else that is worth a line: a fault, a role that ended.
    pub fn note(&self, what: &str, of: &impl Serialize) {
        let line = json!({ "at": self.now(), "note": what, "of": of });
        self.lock().line(&line);
    }

    /// All operations so far.
    pub fn ops(&self) -> Vec<Op> {
        self.lock().ops.clone()
    }

    /// One operation as it stands.
    pub fn op(&self, number: OpNumber) -> Op {
        self.lock().ops[number].clone()
    }

    /// How many operations there are, and how many of them have a definite answer.
    pub fn counts(&self) -> (usize, usize) {
        let pages = self.lock();
        (pages.ops.len(), pages.ops.iter().filter(|op| op.is_answered()).count())
    }

    /// Writes out what is buffered.
    ///
    /// # Errors
    /// When that, or any line before, couldn't be written.
    pub fn flush(&self) -> io::Result<()> {
        let mut pages = self.lock();
        match pages.torn.take() {
            Some(error) => Err(error),
            None => pages.file.flush(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Pages> {
        // A panic elsewhere leaves whole entries: each change is one step.
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pages {
    fn line(&mut self, line: &serde_json::Value) {
        if let Err(error) = writeln!(self.file, "{line}") {
            self.torn.get_or_insert(error);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_is_in_memory_and_in_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ledger.jsonl");
        let ledger = Ledger::create(&path).unwrap();
        let op = ledger.begin(Intent::of("client-1", Kind::Scan));
        let lost = ledger.sent(op, "api-1");
        ledger.answered(op, lost, Answer::Lost, Told::default());
        let again = ledger.sent(op, "api-2");
        let told = Told { command_id: Some(CommandId::new(uuid::Uuid::from_u128(7))), shipment_id: None };
        ledger.answered(op, again, Answer::Accepted { version: 3, events: 1 }, told);

        assert_eq!(ledger.counts(), (1, 1));
        let kept = ledger.op(op);
        assert_eq!(kept.command_id, told.command_id);
        assert_eq!(kept.attempts.len(), 2);
        ledger.flush().unwrap();
        let lines = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<serde_json::Value> =
            lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 5);
        assert_eq!(lines[4]["answer"]["accepted"]["version"], 3);
    }
}
