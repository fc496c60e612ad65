//! One browser with one window.

use std::fmt::Display;

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use local_stack::process::Process;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::commands::Extra;
use crate::driver;
use crate::look::Look;

/// A browser that shows one page at a time. Dropping it ends it and wipes its profile, also while a test fails.
pub struct Browser {
    pub(crate) client: Client,
    runtime: Runtime,
    // In this order: the profile can be wiped once nobody writes it any more.
    _driver: Process,
    _dir: TempDir,
}

impl Browser {
    /// Starts one that looks at pages so.
    ///
    /// # Panics
    /// When it doesn't start; [`crate::chromium_is_missing`] tells beforehand what there is none without.
    #[track_caller]
    pub fn open(look: &Look) -> Self {
        let dir = tempfile::tempdir().expect("a folder for a profile");
        let (driver, at) = driver::start(dir.path());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let connecting = async {
            let mut builder = ClientBuilder::new(HttpConnector::new());
            builder.capabilities(driver::capabilities(dir.path())).connect(&at).await
        };
        let client = done("start", runtime.block_on(connecting));
        let browser = Self { client, runtime, _driver: driver, _dir: dir };
        browser.look(look);
        browser
    }

    /// Runs the body of a function in the page, and gives what it returns. The page's policy doesn't bind it.
    ///
    /// # Panics
    /// When the script throws.
    #[track_caller]
    pub fn run(&self, script: &str, arguments: &[Value]) -> Value {
        done(script, self.wait(self.client.execute(script, arguments.to_vec())))
    }

    /// The same of a script that calls its last argument when it is done.
    #[track_caller]
    pub(crate) fn run_async(&self, script: &str) -> Value {
        done("a script", self.wait(self.client.execute_async(script, Vec::new())))
    }

    /// What the page shows now, as a PNG file.
    ///
    /// # Panics
    /// When the browser can't say.
    #[track_caller]
    pub fn picture(&self) -> Vec<u8> {
        done("a picture", self.wait(self.client.screenshot()))
    }

    /// A command of the DevTools protocol.
    #[track_caller]
    pub(crate) fn dev_tools(&self, command: &str, parameters: &Value) -> Value {
        done(command, self.wait(self.client.issue_cmd(Extra::dev_tools(command, parameters))))
    }

    /// Presses a key, wherever the focus is.
    #[track_caller]
    pub(crate) fn press(&self, key: &str, code: u32) {
        for event in ["rawKeyDown", "keyUp"] {
            let key = json!({ "type": event, "key": key, "code": key, "windowsVirtualKeyCode": code });
            self.dev_tools("Input.dispatchKeyEvent", &key);
        }
    }

    pub(crate) fn wait<T>(&self, answer: impl Future<Output = T>) -> T {
        self.runtime.block_on(answer)
    }
}

/// What the browser answered.
#[track_caller]
pub(crate) fn done<T>(what: &str, answer: Result<T, impl Display>) -> T {
    answer.unwrap_or_else(|error| panic!("the browser: {what}: {error}"))
}
