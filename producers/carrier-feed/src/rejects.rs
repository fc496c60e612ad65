//! What couldn't be taken, written down so that it can be mended and fed again.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use serde::Serialize;

use crate::source::BadLine;
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
    /// Into a file, if one is wanted.
    ///
    /// # Errors
    /// When the file can't be made.
    pub(crate) fn create(path: Option<&Path>) -> io::Result<Self> {
        Ok(Self { out: path.map(File::create).transpose()?.map(BufWriter::new) })
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
