//! Running Maven and following what it says.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::Error;
use crate::progress::{Progress, Step};

const COPY_DEPENDENCIES: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";
/// Later versions insist on the artifact's parent POM, which not every repository has.
const COPY: &str = "org.apache.maven.plugins:maven-dependency-plugin:2.8:copy";
const ATTEMPTS: u32 = 3;

/// Copies everything that a POM depends on into a folder.
pub(super) fn copy_dependencies(
    package: &'static str,
    pom: &str,
    folder: &Path,
    progress: &Progress,
) -> Result<(), Error> {
    let file = folder.join("pom.xml");
    fs::write(&file, pom).map_err(Error::io("write", &file))?;
    let args = [
        COPY_DEPENDENCIES.to_owned(),
        format!("-DoutputDirectory={}", folder.display()),
        "--file".to_owned(),
        file.display().to_string(),
    ];
    run(package, folder, &args, progress)
}

/// Copies one artifact into a folder.
pub(super) fn copy_artifact(
    package: &'static str,
    artifact: &str,
    folder: &Path,
    progress: &Progress,
) -> Result<(), Error> {
    let args = [
        COPY.to_owned(),
        format!("-Dartifact={artifact}"),
        format!("-DoutputDirectory={}", folder.display()),
    ];
    run(package, folder, &args, progress)
}

/// Networks fail for a moment, and Maven goes on where it left off: so more than one attempt.
fn run(package: &'static str, folder: &Path, args: &[String], progress: &Progress) -> Result<(), Error> {
    let mut attempt = 1;
    loop {
        match run_once(package, folder, args, progress) {
            Err(Error::Fetch { .. }) if attempt < ATTEMPTS => {
                std::thread::sleep(Duration::from_secs(3));
                attempt += 1;
            }
            result => return result,
        }
    }
}

fn run_once(package: &'static str, folder: &Path, args: &[String], progress: &Progress) -> Result<(), Error> {
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
    let mut files = 0;
    let mut complaint = None;
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if let Some(file) = downloaded(&line) {
                files += 1;
                progress(&Step::Fetching { package, files, file: file.to_owned() });
            }
            if complaint.is_none() && line.contains("[ERROR]") {
                complaint = Some(line);
            }
        }
    }
    let status = child.wait().map_err(|source| Error::NoMaven { package, source })?;
    if status.success() {
        return Ok(());
    }
    Err(Error::Fetch { package, detail: complaint.unwrap_or_else(|| format!("mvn ended with {status}")) })
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
