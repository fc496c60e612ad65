//! Ports on loopback: free ones, and who holds the others.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::sync::atomic::{AtomicU16, Ordering};

use crate::Error;

/// Below Linux's range for outgoing connections, so that none of those takes the port before its server does.
const FREE_RANGE: std::ops::Range<u16> = 20_000..32_000;

/// Nobody listens on this port of 127.0.0.1.
pub fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// A port that is free now and that this process has not given out before.
///
/// # Errors
/// Every port of the range is taken.
pub fn free_port() -> Result<u16, Error> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let span = FREE_RANGE.end - FREE_RANGE.start;
    // Start where another process is unlikely to look at the same moment.
    let seed = (uuid::Uuid::new_v4().as_u128() % u128::from(span)) as u16;
    let _ = NEXT.compare_exchange(0, seed.max(1), Ordering::Relaxed, Ordering::Relaxed);
    (0..span)
        .map(|_| FREE_RANGE.start + NEXT.fetch_add(1, Ordering::Relaxed) % span)
        .find(|port| is_free(*port))
        .ok_or(Error::NoFreePort)
}

/// Pid and command line of the process that listens on a port, as far as /proc shows it.
pub fn owner(port: u16) -> Option<String> {
    let inodes: Vec<String> = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .flat_map(|table| listening_inodes(&table, port))
        .collect();
    let pid = fs::read_dir("/proc").ok()?.flatten().find_map(|entry| {
        let pid: u32 = entry.file_name().to_str()?.parse().ok()?;
        holds_socket(&entry.path(), &inodes).then_some(pid)
    })?;
    let command = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let command = String::from_utf8_lossy(&command).replace('\0', " ");
    Some(format!("process {pid} ({})", shorten(command.trim())))
}

/// A Java command line runs to pages; its head and its tail tell what it is.
fn shorten(command: &str) -> String {
    let chars: Vec<char> = command.chars().collect();
    if chars.len() <= 100 {
        return command.to_owned();
    }
    let head: String = chars[..50].iter().collect();
    let tail: String = chars[chars.len() - 45..].iter().collect();
    format!("{head} … {tail}")
}

fn listening_inodes(table: &str, port: u16) -> Vec<String> {
    const LISTEN: &str = "0A";
    let local_port = format!(":{port:04X}");
    table
        .lines()
        .skip(1)
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|cells| cells.len() > 9 && cells[1].ends_with(&local_port) && cells[3] == LISTEN)
        .map(|cells| format!("socket:[{}]", cells[9]))
        .collect()
}

fn holds_socket(process: &Path, inodes: &[String]) -> bool {
    let Ok(descriptors) = fs::read_dir(process.join("fd")) else { return false };
    descriptors
        .flatten()
        .filter_map(|descriptor| fs::read_link(descriptor.path()).ok())
        .any(|target| inodes.iter().any(|inode| target.as_os_str() == inode.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_names_this_process() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let port = listener.local_addr().expect("an address").port();
        assert!(!is_free(port));
        let owner = owner(port).expect("an owner");
        assert!(owner.starts_with(&format!("process {} (", std::process::id())), "{owner}");
    }

    #[test]
    fn free_ports_differ() {
        let (first, second) = (free_port().expect("a port"), free_port().expect("a port"));
        assert_ne!(first, second);
        assert!(is_free(first) && is_free(second));
    }

    #[test]
    fn a_long_command_keeps_head_and_tail() {
        let long = format!("java {} kafka.Kafka server.properties", "-Dx=y ".repeat(60));
        let short = shorten(&long);
        assert!(short.starts_with("java ") && short.ends_with("kafka.Kafka server.properties"), "{short}");
    }
}
