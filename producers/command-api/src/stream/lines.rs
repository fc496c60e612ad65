//! A body cut into lines, with bounded memory.

use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use futures::{Stream, StreamExt};

/// What comes next.
#[derive(PartialEq, Eq, Debug)]
pub(super) enum Next {
    /// A line, without its end.
    Line(Bytes),
    /// A line longer than may be; its rest will be skipped.
    TooLong,
    /// The body is at its end.
    End,
    /// Nothing came for as long as may be.
    Idle,
    /// The body broke off: the sender is gone.
    Broken,
}

/// Cuts a stream of chunks into lines.
pub(super) struct Lines<S> {
    chunks: S,
    /// What came and was not cut yet.
    chunk: Bytes,
    /// The begin of a line whose end has not come yet.
    begun: BytesMut,
    /// Whether the rest of a line too long is being skipped.
    skipping: bool,
    number: u64,
    max_bytes: usize,
    idle: Duration,
}

impl<S, E> Lines<S>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
{
    pub(super) fn new(chunks: S, max_bytes: usize, idle: Duration) -> Self {
        let (chunk, begun) = (Bytes::new(), BytesMut::new());
        Self { chunks, chunk, begun, skipping: false, number: 0, max_bytes, idle }
    }

    /// The number of the line that came last, from 1.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// The next line. After anything but a line there is no next.
    pub(super) async fn next(&mut self) -> Next {
        loop {
            if let Some(next) = self.cut() {
                return next;
            }
            match tokio::time::timeout(self.idle, self.chunks.next()).await {
                Ok(Some(Ok(chunk))) => self.chunk = chunk,
                Ok(None) => return self.last(),
                Ok(Some(Err(_))) => return Next::Broken,
                Err(_elapsed) => return Next::Idle,
            }
        }
    }

    /// What the chunk at hand gives; nothing when it is used up.
    fn cut(&mut self) -> Option<Next> {
        while !self.chunk.is_empty() {
            let end = self.chunk.iter().position(|byte| *byte == b'\n');
            let part = self.chunk.split_to(end.unwrap_or(self.chunk.len()));
            if end.is_some() {
                self.chunk.advance(1);
            }
            if self.skipping {
                self.skipping = end.is_none();
                continue;
            }
            if self.begun.len() + part.len() > self.max_bytes {
                self.begun = BytesMut::new();
                self.skipping = end.is_none();
                self.number += 1;
                return Some(Next::TooLong);
            }
            if end.is_none() {
                self.begun.extend_from_slice(&part);
            } else {
                return Some(self.line(part));
            }
        }
        None
    }

    /// The last line need not have an end.
    fn last(&mut self) -> Next {
        if self.begun.is_empty() { Next::End } else { self.line(Bytes::new()) }
    }

    fn line(&mut self, rest: Bytes) -> Next {
        self.number += 1;
        if self.begun.is_empty() {
            return Next::Line(rest);
        }
        self.begun.extend_from_slice(&rest);
        Next::Line(std::mem::take(&mut self.begun).freeze())
    }
}

#[cfg(test)]
mod tests {
    use futures::stream;

    use super::*;

    const IDLE: Duration = Duration::from_millis(50);

    /// Everything that comes of these chunks, with the lines' numbers.
    async fn cut(chunks: &[&'static str], max_bytes: usize) -> Vec<(u64, String)> {
        let chunks = chunks.iter().map(|chunk| Ok::<_, ()>(Bytes::from_static(chunk.as_bytes())));
        let mut lines = Lines::new(stream::iter(chunks.collect::<Vec<_>>()), max_bytes, IDLE);
        let mut all = Vec::new();
        loop {
            match lines.next().await {
                Next::Line(line) => all.push((lines.number(), String::from_utf8(line.to_vec()).unwrap())),
                Next::TooLong => all.push((lines.number(), "TOO LONG".to_owned())),
                Next::End => return all,
                other => panic!("{other:?}"),
            }
        }
    }

    fn numbered(lines: &[&str]) -> Vec<(u64, String)> {
        (1..).zip(lines).map(|(number, line)| (number, (*line).to_owned())).collect()
    }

    #[tokio::test]
    async fn chunks_have_nothing_to_do_with_lines() {
        let expected = numbered(&["one", "", "three", "four"]);
        for chunks in [
            &["one\n\nthree\nfour"][..],
            &["o", "ne", "\n", "\nth", "ree\nfo", "ur"],
            &["one\n\nthree\nfour\n"],
            &["", "one\n", "\n", "three\n", "", "four", "\n"],
        ] {
            assert_eq!(cut(chunks, 100).await, expected, "{chunks:?}");
        }
        assert_eq!(cut(&[], 100).await, []);
    }

    #[tokio::test]
    async fn a_line_too_long_is_skipped_and_counted() {
        let expected = numbered(&["12345", "TOO LONG", "next", "TOO LONG"]);
        for chunks in [
            &["12345\n123456\nnext\n1234567"][..],
            &["123", "45\n123", "456", "\nne", "xt\n1234", "5", "67"],
            &["12345\n123456", "789", "789", "\nnext\n1234567\n"],
        ] {
            assert_eq!(cut(chunks, 5).await, expected, "{chunks:?}");
        }
    }

    #[tokio::test]
    async fn memory_for_a_line_without_end_is_bounded() {
        let endless = stream::repeat_with(|| Ok::<_, ()>(Bytes::from_static(&[b'x'; 1000]))).take(1000);
        let mut lines = Lines::new(endless, 5_000, IDLE);
        assert_eq!(lines.next().await, Next::TooLong);
        assert_eq!(lines.next().await, Next::End);
        assert_eq!(lines.begun.capacity(), 0);
    }

    #[tokio::test]
    async fn silence_and_a_break_are_not_the_end() {
        let mut silent = Lines::new(stream::pending::<Result<Bytes, ()>>(), 100, IDLE);
        assert_eq!(silent.next().await, Next::Idle);
        let broken = stream::iter([Ok(Bytes::from_static(b"half a li")), Err(())]);
        assert_eq!(Lines::new(broken, 100, IDLE).next().await, Next::Broken);
    }
}
