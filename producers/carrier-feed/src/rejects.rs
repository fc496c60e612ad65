//! What couldn't be taken, written down so that it can be mended and fed again.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use serde::Serialize;

use crate::source::{BadLine, Input};
use crate::{RawHistory, RawScan};

/// A file of rejects: JSON lines.
///
/// A line that can't be read stands there as `{line, reason, raw}`. A scan that can't be read, or that a rule refused,
/// stands there as a history of one scan with `line` and `reason` beside it: mended, the file can be fed as it is.
pub(crate) struct Rejects {
    out: Option<BufWriter<File>>,
}

#[derive(Serialize)]
struct RejectedLine<'a> {
    line: u64,
    reason: &'a str,
    raw: &'a str,
}

#[derive(Serialize)]
struct RejectedScan<'a> {
    line: u64,
    reason: &'a str,
    carrier: &'a str,
    tracking_number: &'a str,
    scans: &'a [&'a RawScan],
}

impl Rejects {
    /// Into a file, if one is wanted, behind what it has: what an earlier run rejected isn't lost.
    ///
    /// # Errors
    /// When the file can't be written, or is one of those that are read.
    pub(crate) fn create(path: Option<&Path>, inputs: &[Input]) -> io::Result<Self> {
        let Some(path) = path else { return Ok(Self { out: None }) };
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        let rejects = file.metadata()?;
        let is_rejects = |input: &Input| match input {
            Input::File(path) => std::fs::metadata(path)
                .is_ok_and(|read| (read.dev(), read.ino()) == (rejects.dev(), rejects.ino())),
            Input::Stdin | Input::Sample => false,
        };
        if inputs.iter().any(is_rejects) {
            let why = "it is one of the files to be read; name another one for what is rejected this time";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        Ok(Self { out: Some(BufWriter::new(file)) })
    }

    pub(crate) fn line(&mut self, bad: &BadLine) -> io::Result<()> {
        self.write(&RejectedLine { line: bad.line, reason: &bad.reason, raw: &bad.raw })
    }

    pub(crate) fn scan(
        &mut self,
        line: u64,
        history: &RawHistory,
        position: usize,
        reason: &str,
    ) -> io::Result<()> {
        let Some(scan) = history.scans.get(position) else { return Ok(()) };
        self.write(&RejectedScan {
            line,
            reason,
            carrier: &history.carrier,
            tracking_number: &history.tracking_number,
            scans: &[scan],
        })
    }

    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.as_mut().map_or(Ok(()), Write::flush)
    }

    fn write(&mut self, entry: &impl Serialize) -> io::Result<()> {
        let Some(out) = &mut self.out else { return Ok(()) };
        serde_json::to_writer(&mut *out, entry)?;
        out.write_all(b"\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_not_written_and_earlier_rejects_stay() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("rejects.jsonl");
        std::fs::write(&path, "earlier\n").unwrap();
        let input = Input::File(dir.path().join(".").join("rejects.jsonl"));
        let refused = Rejects::create(Some(&path), &[Input::Stdin, input]).err().unwrap();
        assert!(refused.to_string().contains("one of the files to be read"), "{refused}");

        let mut rejects = Rejects::create(Some(&path), &[Input::Stdin]).unwrap();
        let bad = BadLine { line: 7, reason: "no".into(), raw: "x".into() };
        rejects.line(&bad).and_then(|()| rejects.flush()).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text, "earlier\n{\"line\":7,\"reason\":\"no\",\"raw\":\"x\"}\n");
    }
}
