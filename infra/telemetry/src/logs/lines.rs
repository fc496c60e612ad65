//! Log lines, gathered for some milliseconds and written by a thread of their own.
//!
//! To wake a thread costs more than to write down a line. So the thread is woken by the first of many lines, and takes all that came
//! in the next milliseconds; at once where there are enough of them, or one that somebody may be waiting to read.

use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// How long lines are gathered.
const GATHER: Duration = Duration::from_millis(5);

/// So many bytes are written at once.
const ENOUGH: usize = 32 * 1024;

/// So many may wait; then who logs waits, too.
const MOST: usize = 16 * 1024 * 1024;

/// How long a panic waits for the lines before it.
const PATIENCE: Duration = Duration::from_secs(1);

/// Where lines go. Clones lead to the same place.
#[derive(Clone)]
pub(super) struct Lines(Arc<Shared>);

/// The thread that writes. Dropping it writes what is left.
#[derive(Debug)]
pub(super) struct Worker {
    lines: Lines,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    /// There are lines, or enough of them, or it is the end.
    news: Condvar,
    /// Lines were taken, or written.
    taken: Condvar,
}

#[derive(Default)]
struct Waiting {
    lines: Vec<u8>,
    hurry: bool,
    writing: bool,
    ended: bool,
}

impl Lines {
    /// Starts the thread.
    pub(super) fn to(out: impl Write + Send + 'static) -> io::Result<(Self, Worker)> {
        let lines = Self(Arc::default());
        let writing = lines.clone();
        let thread = thread::Builder::new().name("log".to_owned()).spawn(move || writing.write_to(out))?;
        Ok((lines.clone(), Worker { lines, thread: Some(thread) }))
    }

    /// Waits until all lines so far are written, but not for long: for a panic, behind which there may be no more time.
    pub(super) fn flush(&self) {
        let mut waiting = self.lock();
        waiting.hurry = true;
        self.0.news.notify_one();
        let is_left =
            |waiting: &mut Waiting| !waiting.ended && (waiting.writing || !waiting.lines.is_empty());
        drop(self.0.taken.wait_timeout_while(waiting, PATIENCE, is_left));
    }

    fn add(&self, line: &[u8], is_urgent: bool) -> io::Result<()> {
        let mut waiting = self.lock();
        while waiting.lines.len() >= MOST && !waiting.ended {
            waiting = self.0.taken.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        if waiting.ended {
            // Nobody else writes it.
            return io::stderr().write_all(line);
        }
        let before = waiting.lines.len();
        waiting.lines.extend_from_slice(line);
        let hurry = is_urgent || (before < ENOUGH && waiting.lines.len() >= ENOUGH);
        waiting.hurry |= hurry;
        drop(waiting);
        if before == 0 || hurry {
            self.0.news.notify_one();
        }
        Ok(())
    }

    fn write_to(&self, mut out: impl Write) {
        let mut batch = Vec::with_capacity(2 * ENOUGH);
        let mut waiting = self.lock();
        loop {
            let is_quiet = |waiting: &mut Waiting| waiting.lines.is_empty() && !waiting.ended;
            waiting = self.0.news.wait_while(waiting, is_quiet).unwrap_or_else(PoisonError::into_inner);
            if waiting.lines.is_empty() {
                return;
            }
            let may_wait = |waiting: &mut Waiting| !waiting.hurry && !waiting.ended;
            let gathered = self.0.news.wait_timeout_while(waiting, GATHER, may_wait);
            waiting = gathered.unwrap_or_else(PoisonError::into_inner).0;
            mem::swap(&mut waiting.lines, &mut batch);
            (waiting.hurry, waiting.writing) = (false, true);
            drop(waiting);
            self.0.taken.notify_all();
            // Where nobody reads any more, there is nobody to tell either.
            let _ = out.write_all(&batch).and_then(|()| out.flush());
            batch.clear();
            batch.shrink_to(2 * ENOUGH);
            waiting = self.lock();
            waiting.writing = false;
            self.0.taken.notify_all();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // Nothing is left half-changed by a panic.
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Lines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Lines")
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.lines.lock().ended = true;
        self.lines.0.news.notify_one();
        self.lines.0.taken.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line { lines: self, is_urgent: false }
    }

    fn make_writer_for(&'a self, of: &Metadata<'_>) -> Line<'a> {
        Line { lines: self, is_urgent: *of.level() <= Level::WARN }
    }
}

/// One line, which comes in one piece.
pub(super) struct Line<'a> {
    lines: &'a Lines,
    is_urgent: bool,
}

impl Write for Line<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.lines.add(line, self.is_urgent).map(|()| line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    /// What was written, each time.
    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<Vec<u8>>>>);

    impl Write for Written {
        fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().push(lines.to_vec());
            Ok(lines.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Written {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().concat()).unwrap()
        }
    }

    #[test]
    fn every_line_is_written_once_and_whole_and_many_at_a_time() {
        let written = Written::default();
        let (lines, worker) = Lines::to(written.clone()).unwrap();
        thread::scope(|scope| {
            for of in 0..4 {
                let lines = &lines;
                scope.spawn(move || {
                    for n in 0..5_000 {
                        lines.add(format!("{of} {n}\n").as_bytes(), false).unwrap();
                    }
                });
            }
        });
        drop(worker);
        let text = written.text();
        for of in 0..4 {
            let of = format!("{of} ");
            let numbers = text.lines().filter_map(|line| line.strip_prefix(&of)?.parse::<u32>().ok());
            assert!(numbers.eq(0..5_000), "of {of}");
        }
        assert!(written.0.lock().unwrap().len() < 2_000, "many at a time");
    }

    #[test]
    fn a_line_is_not_kept_back_for_long_and_a_flush_waits_for_all() {
        let written = Written::default();
        let (lines, _worker) = Lines::to(written.clone()).unwrap();
        lines.add(b"one\n", false).unwrap();
        let begun = Instant::now();
        while written.text().is_empty() {
            assert!(begun.elapsed() < Duration::from_secs(10), "never written");
            thread::sleep(Duration::from_millis(1));
        }
        lines.add(b"two\n", false).unwrap();
        lines.flush();
        assert_eq!(written.text(), "one\ntwo\n");
    }
}
