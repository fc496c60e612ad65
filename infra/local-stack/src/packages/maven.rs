//! Running Maven and following what it says.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use crate::Error;
use crate::progress::Step;
use crate::watch::Watch;

const COPY_DEPENDENCIES: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";
/// Later versions insist on the artifact's parent POM, which not every repository has.
const COPY: &str = "org.apache.maven.plugins:maven-dependency-plugin:2.8:copy";
const ATTEMPTS: u32 = 3;

/// Copies everything that a POM depends on into a folder.
pub(super) fn copy_dependencies(
    package: &'static str,
    pom: &str,
    folder: &Path,
    watch: &Watch,
) -> Result<(), Error> {
    let file = folder.join("pom.xml");
    fs::write(&file, pom).map_err(Error::io("write", &file))?;
    let args = [
        COPY_DEPENDENCIES.to_owned(),
        format!("-DoutputDirectory={}", folder.display()),
        "--file".to_owned(),
        file.display().to_string(),
    ];
    run(package, folder, &args, watch)
}

/// Copies one artifact into a folder.
pub(super) fn copy_artifact(
    package: &'static str,
    artifact: &str,
    folder: &Path,
    watch: &Watch,
) -> Result<(), Error> {
    let args = [
        COPY.to_owned(),
        format!("-Dartifact={artifact}"),
        format!("-DoutputDirectory={}", folder.display()),
    ];
    run(package, folder, &args, watch)
}

/// Networks fail for a moment, and Maven goes on where it left off: so more than one attempt.
fn run(package: &'static str, folder: &Path, args: &[String], watch: &Watch) -> Result<(), Error> {
    let mut attempt = 1;
    loop {
        match run_once(package, folder, args, watch) {
            Err(Error::Fetch { .. }) if attempt < ATTEMPTS => {
                std::thread::sleep(Duration::from_secs(3));
                attempt += 1;
            }
            result => return result,
        }
    }
}

fn run_once(package: &'static str, folder: &Path, args: &[String], watch: &Watch) -> Result<(), Error> {
    let mut child = Command::new("mvn")
        // An earlier failure is remembered for a day without --update-snapshots.
        .args(["--batch-mode", "--update-snapshots"])
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|source| Error::NoMaven { package, source })?;
    let complaint = follow(package, &mut child, watch)?;
    let status = child.wait().map_err(|source| Error::NoMaven { package, source })?;
    if status.success() {
        return Ok(());
    }
    Err(Error::Fetch { package, detail: complaint.unwrap_or_else(|| format!("mvn ended with {status}")) })
}

/// Tells of each file, and that it goes on while a large one comes; returns Maven's first complaint.
fn follow(package: &'static str, child: &mut Child, watch: &Watch) -> Result<Option<String>, Error> {
    const TICK: Duration = Duration::from_millis(100);
    let lines = lines_of(child);
    let begun = Instant::now();
    let (mut files, mut complaint, mut told) = (0, None, Instant::now());
    loop {
        if watch.cancelled() {
            let _ = child.kill().and_then(|()| child.wait());
            return Err(Error::Cancelled);
        }
        match lines.recv_timeout(TICK) {
            Ok(line) => {
                if let Some(file) = downloaded(&line) {
                    files += 1;
                    told = Instant::now();
                    watch.tell(&Step::Fetching { package, files, file: file.to_owned() });
                }
                if complaint.is_none() && line.contains("[ERROR]") {
                    complaint = Some(line);
                }
            }
            Err(RecvTimeoutError::Timeout) if told.elapsed() > Duration::from_secs(5) => {
                told = Instant::now();
                watch.tell(&Step::StillFetching { package, since: begun.elapsed() });
            }
            Err(RecvTimeoutError::Timeout) => (),
            Err(RecvTimeoutError::Disconnected) => return Ok(complaint),
        }
    }
}

/// The output comes over a thread: a read of it cannot be interrupted, and a stop must not wait for it.
fn lines_of(child: &mut Child) -> Receiver<String> {
    let (sender, lines) = channel();
    if let Some(output) = child.stdout.take() {
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
    }
    lines
}

/// `Downloaded from central: https://host/path/kafka.jar (1.2 MB at 3 MB/s)` is `kafka.jar`.
fn downloaded(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once("Downloaded from ")?;
    let address = rest.split(' ').nth(1)?;
    let file = address.rsplit('/').next()?;
    let is_content = [".jar", ".gz"].iter().any(|ending| file.ends_with(ending));
    is_content.then_some(file)
}

#[cfg(test)]
mod tests {
    use super::downloaded;

    #[test]
    fn only_content_counts_as_a_file() {
        let line = "[INFO] Downloaded from central: https://repo/org/kafka-4.3.1.jar (1.2 MB at 3 MB/s)";
        assert_eq!(downloaded(line), Some("kafka-4.3.1.jar"));
        assert_eq!(
            downloaded("Downloaded from central: https://repo/kafka-4.3.1.pom (3 kB at 1 MB/s)"),
            None
        );
        assert_eq!(downloaded("[INFO] BUILD SUCCESS"), None);
    }
}
