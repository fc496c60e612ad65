//! What processes take of the machine.

use std::fs;

use anyhow::{Context, Result};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;

/// Linux counts processes' time in hundredths of a second, whatever its own clock does.
const TICKS_PER_SECOND: f64 = 100.0;

/// Processor time and memory of a process.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Usage {
    /// Seconds, of all its threads since it began.
    pub(crate) cpu: f64,
    /// Resident now.
    pub(crate) resident_bytes: u64,
    /// The most that was ever resident.
    pub(crate) peak_bytes: u64,
}

impl Usage {
    /// Of another process.
    pub(crate) fn of(pid: u32) -> Result<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).context("the process has ended")?;
        // The name in parentheses may hold spaces; what follows begins with the third field.
        let fields: Vec<&str> =
            stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace().collect();
        let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<u32>().ok()).unwrap_or(0);
        let status = fs::read_to_string(format!("/proc/{pid}/status")).context("the process has ended")?;
        Ok(Self {
            cpu: f64::from(ticks(11) + ticks(12)) / TICKS_PER_SECOND,
            resident_bytes: kilobytes(&status, "VmRSS:"),
            peak_bytes: kilobytes(&status, "VmHWM:"),
        })
    }
}

/// Seconds of processor time of this process since it began: that of whoever generates the load.
pub(crate) fn own_cpu() -> Result<f64> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    let seconds = |time: TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    Ok(seconds(usage.user_time()) + seconds(usage.system_time()))
}

fn kilobytes(status: &str, name: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.split_whitespace().next().and_then(|text| text.parse::<u64>().ok()).unwrap_or(0) * 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_takes_memory_and_time() {
        let usage = Usage::of(std::process::id()).unwrap();
        assert!(usage.resident_bytes > 1024 * 1024 && usage.peak_bytes >= usage.resident_bytes, "{usage:?}");
        let before = own_cpu().unwrap();
        let mut sum = 0_u64;
        while own_cpu().unwrap() - before < 0.03 {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        assert!(Usage::of(std::process::id()).unwrap().cpu > usage.cpu);
    }
}
