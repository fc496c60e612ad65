//! What the figures were measured on: without it they say nothing.

use std::fs;
use std::process::Command;

use serde::{Deserialize, Serialize};

/// The machine and what runs on it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Machine {
    pub(crate) cores: usize,
    pub(crate) cpu: String,
    pub(crate) memory_gib: u64,
    pub(crate) system: String,
    pub(crate) kernel: String,
    pub(crate) java: String,
    pub(crate) services: Vec<String>,
    pub(crate) librdkafka: String,
    pub(crate) rust: String,
    pub(crate) version: String,
}

impl Machine {
    /// This one, as far as it tells.
    pub(crate) fn here() -> Self {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let (cpus, memory, release) = (read("/proc/cpuinfo"), read("/proc/meminfo"), read("/etc/os-release"));
        let kilobytes = field(&memory, "MemTotal:")
            .and_then(|text| text.split_whitespace().next().and_then(|number| number.parse::<u64>().ok()));
        let unknown = || "unknown".to_owned();
        Self {
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            cpu: field(&cpus, "model name\t:").unwrap_or_else(unknown),
            memory_gib: (kilobytes.unwrap_or(0) + 512 * 1024) / (1024 * 1024),
            system: field(&release, "PRETTY_NAME=").map_or_else(unknown, |name| name.replace('"', "")),
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            java: first_line("java", "-version").unwrap_or_else(unknown),
            services: local_stack::versions().map(str::to_owned).to_vec(),
            librdkafka: rdkafka::util::get_rdkafka_version().1,
            rust: first_line("rustc", "--version").unwrap_or_else(unknown),
            version: commit().unwrap_or_else(unknown),
        }
    }

    /// For a page: a line for each.
    pub(crate) fn lines(&self) -> Vec<String> {
        vec![
            format!("{} cores ({}), {} GiB of memory", self.cores, self.cpu, self.memory_gib),
            format!("{}, kernel {}, {}", self.system, self.kernel, self.java),
            format!("{}, one node each, beside the measured programs", self.services.join(", ")),
            format!("librdkafka {}, {}; commit {}", self.librdkafka, self.rust, self.version),
        ]
    }
}

fn field(text: &str, name: &str) -> Option<String> {
    text.lines().find_map(|line| line.strip_prefix(name)).map(|value| value.trim().to_owned())
}

/// Java tells its version on standard error.
fn first_line(program: &str, argument: &str) -> Option<String> {
    let output = Command::new(program).arg(argument).output().ok()?;
    let text = if output.stdout.is_empty() { output.stderr } else { output.stdout };
    String::from_utf8_lossy(&text).lines().next().map(|line| line.trim().to_owned())
}

fn commit() -> Option<String> {
    let output = Command::new("git").args(["describe", "--always", "--dirty"]).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_can_be_told() {
        let machine = Machine::here();
        assert!(machine.cores > 0 && machine.memory_gib > 0, "{machine:?}");
        assert_eq!(machine.services.len(), 3);
        assert_eq!(machine.lines().len(), 4);
    }
}
