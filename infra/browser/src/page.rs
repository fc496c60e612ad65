//! Going to a page, and what one does there.

use std::time::{Duration, Instant};

use fantoccini::Locator;
use fantoccini::elements::Element;
use serde_json::{Value, json};

use crate::window::{Browser, done};

/// How long something on a page may take to come.
const PATIENCE: Duration = Duration::from_secs(20);

impl Browser {
    /// Goes to a page that is there.
    ///
    /// # Panics
    /// When it isn't answered, or not with success.
    #[track_caller]
    pub fn go(&self, url: &str) {
        self.go_to(url, 200);
    }

    /// Goes to a page that is answered with this status. If that says that something is wrong, the browser's complaint of it
    /// is none.
    ///
    /// # Panics
    /// When it is answered otherwise.
    #[track_caller]
    pub fn go_to(&self, url: &str, status: u16) {
        assert_eq!(self.try_to_go(url), status, "{url}");
        if status >= 400 {
            self.forgive(&format!("the server responded with a status of {status}"));
        }
    }

    /// Goes to a page that is answered anyhow; the status.
    ///
    /// # Panics
    /// When it isn't.
    #[track_caller]
    pub fn try_to_go(&self, url: &str) -> u16 {
        const STATUS: &str = "return performance.getEntriesByType('navigation')[0].responseStatus";
        done(url, self.wait(self.client.goto(url)));
        self.run(STATUS, &[]).as_u64().unwrap_or_default() as u16
    }

    /// Where it is now.
    ///
    /// # Panics
    /// When the browser can't say.
    #[track_caller]
    pub fn address(&self) -> String {
        done("its address", self.wait(self.client.current_url())).to_string()
    }

    /// The text of the first element, as it is shown.
    ///
    /// # Panics
    /// When there is none.
    #[track_caller]
    pub fn text(&self, css: &str) -> String {
        done(css, self.wait(self.element(css).text()))
    }

    /// How many there are.
    ///
    /// # Panics
    /// When the browser can't say.
    #[track_caller]
    pub fn count(&self, css: &str) -> usize {
        done(css, self.wait(self.client.find_all(Locator::Css(css)))).len()
    }

    /// Clicks on the first element, which must be in sight and not covered.
    ///
    /// # Panics
    /// When there is none, or it can't be clicked on.
    #[track_caller]
    pub fn click(&self, css: &str) {
        done(css, self.wait(self.element(css).click()));
    }

    /// Types a text into a field, instead of what is in it.
    ///
    /// # Panics
    /// When there is none, or it can't be typed into.
    #[track_caller]
    pub fn fill(&self, css: &str, text: &str) {
        let field = self.element(css);
        done(css, self.wait(field.clear()));
        done(css, self.wait(field.send_keys(text)));
    }

    /// Waits until an expression is true in the page, at most 20 s.
    ///
    /// # Panics
    /// When it doesn't become true.
    #[track_caller]
    pub fn until(&self, expression: &str) {
        let begun = Instant::now();
        // A page that is just being left has no scripts.
        let holds = || self.wait(self.client.execute(&format!("return !!({expression})"), Vec::new()));
        while holds().is_ok_and(|holds| holds == Value::Bool(false)) || holds().is_err() {
            let shown = || self.run("return document.body.innerText", &[]);
            assert!(
                begun.elapsed() < PATIENCE,
                "never: {expression}\n{}",
                shown().as_str().unwrap_or_default()
            );
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Waits until the first such element shows a text, at most 20 s.
    ///
    /// # Panics
    /// When it never does.
    #[track_caller]
    pub fn until_shown(&self, css: &str, text: &str) {
        let (css, text) = (json!(css), json!(text));
        self.until(&format!("document.querySelector({css})?.innerText.includes({text})"));
    }

    /// Nothing is wider than the window.
    ///
    /// # Panics
    /// When one has to scroll sideways; then it names what is too wide.
    #[track_caller]
    pub fn expect_no_sideways_scrolling(&self) {
        const WIDE: &str = "const width = document.documentElement.clientWidth;
            if (document.documentElement.scrollWidth <= width) return [];
            return [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > width + 1)
                .map(e => e.outerHTML.slice(0, 120))";
        let wide = self.run(WIDE, &[]);
        assert_eq!(wide, json!([]), "{} has to be scrolled sideways", self.address());
    }

    #[track_caller]
    fn element(&self, css: &str) -> Element {
        done(css, self.wait(self.client.find(Locator::Css(css))))
    }
}
