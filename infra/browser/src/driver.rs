//! `chromedriver`, which starts and ends Chromium.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fantoccini::wd::Capabilities;
use local_stack::process::{Process, ProcessSpec, log_tail};
use serde_json::json;

/// Debian's names.
const CHROMIUM: &str = "chromium";
const DRIVER: &str = "chromedriver";

/// How long the driver may take to listen; builds may run beside the tests.
const PATIENCE: Duration = Duration::from_secs(30);

/// What there is no browser without on this machine, in words; `None` when it is all there.
pub fn chromium_is_missing() -> Option<String> {
    let missing: Vec<_> = [CHROMIUM, DRIVER].into_iter().filter(|name| on_path(name).is_none()).collect();
    let way_out = "infra/scripts/prerequisites.sh test installs it";
    (!missing.is_empty()).then(|| format!("there is no {}: {way_out}", missing.join(" and no ")))
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// Starts the driver on a free port, with all that it and Chromium write in `dir`; and where it listens. The browser is in the
/// driver's process group and ends with it.
pub(crate) fn start(dir: &Path) -> (Process, String) {
    let log = dir.join("driver.log");
    let home = |name: &str| (name.into(), dir.join("home").into_os_string());
    let spec = ProcessSpec {
        program: DRIVER.into(),
        args: vec!["--port=0".into()],
        env: vec![home("XDG_CONFIG_HOME"), home("XDG_CACHE_HOME")],
        dir: dir.to_owned(),
        log: log.clone(),
    };
    let mut process = Process::spawn(&spec).expect("the browser's driver starts");
    let begun = Instant::now();
    loop {
        if let Some(port) = port(&log_tail(&log, 10)) {
            return (process, format!("http://127.0.0.1:{port}"));
        }
        let ended = process.try_exit().is_some();
        assert!(!ended && begun.elapsed() < PATIENCE, "the browser's driver: {}", log_tail(&log, 10));
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// It picks a port and says so.
fn port(said: &str) -> Option<u16> {
    let (_, rest) = said.split_once("started successfully on port ")?;
    rest.split('.').next()?.trim().parse().ok()
}

/// How Chromium is started: it fetches nothing by itself, and dies with the driver, whose pipe it listens to.
pub(crate) fn capabilities(dir: &Path) -> Capabilities {
    let profile = format!("--user-data-dir={}", dir.join("profile").display());
    let all = json!({
        "browserName": "chrome",
        "goog:loggingPrefs": { "browser": "ALL" },
        "goog:chromeOptions": { "binary": on_path(CHROMIUM), "args": [
            "--headless", "--remote-debugging-pipe", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--hide-scrollbars", "--force-color-profile=srgb",
            // Root has no sandbox; what is looked at is ours.
            "--no-sandbox",
            profile,
        ] },
    });
    all.as_object().cloned().unwrap_or_default()
}
