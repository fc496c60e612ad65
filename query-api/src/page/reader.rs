//! Who reads the page, and when.

use chrono::{DateTime, SecondsFormat, Utc};
use maud::{Markup, html};

use super::Language;
use super::address::With;
use super::dates::{self, Moment};
use super::texts::Texts;

/// Who reads the page, and when.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    pub(crate) language: Language,
    /// Whether the language was chosen, and stays so in links.
    pub(crate) chosen: bool,
    pub(crate) all_steps: bool,
    pub(crate) now: DateTime<Utc>,
    /// The scheme and host by which the page was reached, where they are known.
    pub(crate) origin: Option<String>,
}

impl Reader {
    pub(crate) fn texts(&self) -> &'static Texts {
        self.language.texts()
    }

    /// What links keep.
    pub(crate) fn kept(&self) -> With {
        With { language: self.chosen.then_some(self.language), all_steps: false }
    }

    /// Now, in full.
    pub(crate) fn moment(&self) -> Markup {
        let now = Moment::parse(&self.now.to_rfc3339_opts(SecondsFormat::Secs, true));
        html! { @if let Some(now) = now { (self.day_and_time(now)) } }
    }

    /// A moment in full: its day, its time, and how the clock of its place is set.
    pub(crate) fn day_and_time(&self, at: Moment) -> Markup {
        html! {
            time datetime=(at.machine()) {
                (dates::day(at.day(), self.language)) (self.texts().comma)
                bdi dir="ltr" { (at.time()) }
            }
            " " bdi.zone dir="ltr" { (at.zone()) }
        }
    }
}
