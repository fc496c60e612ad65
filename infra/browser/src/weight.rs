//! What a page weighs, and when one sees it.

use serde_json::Value;

use crate::window::Browser;

/// A page and all its files, by the browser's own count.
const PARTS: &str = "const of = kind => performance.getEntriesByType(kind);
    return [...of('navigation'), ...of('resource')].map(e => [e.name, e.transferSize])";

const PAINTED: &str = "performance.getEntriesByType('paint').find(e => e.name === 'first-contentful-paint')";

/// How the page that is shown was loaded.
#[derive(Clone, Debug)]
pub struct Load {
    /// The page and every file that came with it.
    pub parts: Vec<Part>,
    /// From the start of the navigation to the first thing in sight, in milliseconds.
    pub first_paint_ms: f64,
}

/// One file.
#[derive(Clone, Debug)]
pub struct Part {
    /// Where it came from.
    pub url: String,
    /// With headers, as it went over the network; 0 when it came from the cache.
    pub bytes: u64,
}

impl Load {
    /// All of it together.
    pub fn bytes(&self) -> u64 {
        self.parts.iter().map(|part| part.bytes).sum()
    }
}

impl Browser {
    /// How the page that is shown was loaded, once there is something to see.
    ///
    /// # Panics
    /// When nothing comes in sight.
    #[track_caller]
    pub fn load(&self) -> Load {
        self.until(PAINTED);
        let painted = self.run(&format!("return {PAINTED}.startTime"), &[]);
        let parts = self.run(PARTS, &[]);
        let part = |part: &Value| Part {
            url: part[0].as_str().unwrap_or_default().to_owned(),
            bytes: part[1].as_u64().unwrap_or_default(),
        };
        Load {
            parts: parts.as_array().into_iter().flatten().map(part).collect(),
            first_paint_ms: painted.as_f64().unwrap_or_default(),
        }
    }
}
