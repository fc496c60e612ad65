//! All that the page says, in each language. A text that is missing in one doesn't compile.

mod arabic;
mod countries;
mod english;
mod french;
mod plural;
mod spanish;

pub(crate) use self::arabic::ARABIC;
pub(crate) use self::countries::country;
pub(crate) use self::english::ENGLISH;
pub(crate) use self::french::FRENCH;
pub(crate) use self::spanish::SPANISH;

use shipment_events::Status;

use super::stages::Stage;

/// The texts of one language.
pub(crate) struct Texts {
    /// What the page is for: the heading of the page that asks for a number.
    pub(crate) title: &'static str,
    pub(crate) intro: &'static str,
    pub(crate) skip: &'static str,
    pub(crate) language: &'static str,
    pub(crate) search: Search,
    /// Before a parcel's number.
    pub(crate) parcel: &'static str,
    /// The heading over several.
    pub(crate) numbers: fn(u64) -> String,
    pub(crate) status: fn(Status) -> Said,
    pub(crate) stage: fn(Stage) -> &'static str,
    pub(crate) progress: Progress,
    pub(crate) facts: Facts,
    pub(crate) promise: Promised,
    /// The heading over what to do.
    pub(crate) advice: &'static str,
    pub(crate) history: History,
    /// Said of a shipment that was put into the archive.
    pub(crate) archived: &'static str,
    /// Said of older parcels under a number that was used again.
    pub(crate) earlier: &'static str,
    pub(crate) missing: Trouble,
    pub(crate) malformed: Trouble,
    pub(crate) away: Trouble,
    pub(crate) try_again: &'static str,
    pub(crate) live: LiveTexts,
    pub(crate) footer: &'static str,
    pub(crate) as_of: &'static str,
    pub(crate) calendar: Calendar,
    /// Between the parts of a place.
    pub(crate) comma: &'static str,
}

/// The form that asks for numbers.
pub(crate) struct Search {
    pub(crate) label: &'static str,
    pub(crate) hint: &'static str,
    pub(crate) button: &'static str,
    /// The heading under the parcels that were asked for.
    pub(crate) again: &'static str,
    /// Where more were asked for than are shown.
    pub(crate) too_many: fn(u64) -> String,
}

/// What is said of a status.
pub(crate) struct Said {
    pub(crate) name: &'static str,
    /// One or two sentences: what that means.
    pub(crate) means: &'static str,
    /// What the recipient can do; often nothing.
    pub(crate) advice: &'static [&'static str],
}

/// How far along a stage is, for who doesn't see the picture.
pub(crate) struct Progress {
    pub(crate) heading: &'static str,
    pub(crate) done: &'static str,
    pub(crate) now: &'static str,
    pub(crate) ahead: &'static str,
}

/// Labels of what is known of a parcel.
pub(crate) struct Facts {
    pub(crate) from: &'static str,
    pub(crate) to: &'static str,
    pub(crate) carrier: &'static str,
    pub(crate) promised: &'static str,
}

/// How a promise stands. The numbers are days, one at least.
pub(crate) struct Promised {
    pub(crate) today: &'static str,
    pub(crate) tomorrow: &'static str,
    pub(crate) in_days: fn(u64) -> String,
    pub(crate) late: fn(u64) -> String,
    pub(crate) kept: &'static str,
    pub(crate) broken: fn(u64) -> String,
}

/// The steps so far.
pub(crate) struct History {
    pub(crate) heading: &'static str,
    /// A link to a parcel's own page, where several are shown.
    pub(crate) details: &'static str,
    pub(crate) all_steps: fn(u64) -> String,
}

/// Where no parcel can be shown.
pub(crate) struct Trouble {
    pub(crate) title: &'static str,
    pub(crate) text: &'static str,
    pub(crate) hints: &'static [&'static str],
}

/// What is said while the page keeps itself up to date.
pub(crate) struct LiveTexts {
    pub(crate) on: &'static str,
    pub(crate) off: &'static str,
    /// Before what has changed.
    pub(crate) updated: &'static str,
}

/// How days are written.
pub(crate) struct Calendar {
    /// From Monday on.
    pub(crate) weekdays: [&'static str; 7],
    pub(crate) months: [&'static str; 12],
    /// Of weekday, day, month and year.
    pub(crate) day: fn(&str, u32, &str, i32) -> String,
}

#[cfg(test)]
mod tests {
    use super::super::{Language, MOST};
    use super::*;
    use crate::endpoints::LONGEST;
    use crate::view::public_text;

    #[test]
    fn the_page_and_the_api_call_a_status_the_same() {
        for status in Status::ALL {
            assert_eq!((ENGLISH.status)(status).name, public_text(status));
        }
    }

    #[test]
    fn names_of_statuses_differ_within_and_across_languages() {
        let mut names = std::collections::HashSet::new();
        for language in Language::ALL {
            for status in Status::ALL {
                let said = (language.texts().status)(status);
                assert!(names.insert(said.name), "{language:?} {status}");
                assert!(said.means.ends_with('.') && said.means != said.name, "{language:?} {status}");
                let english = (ENGLISH.status)(status).advice.len();
                assert_eq!(said.advice.len(), english, "{language:?} {status}");
            }
        }
    }

    #[test]
    fn limits_are_told_as_they_are() {
        for language in Language::ALL {
            let texts = language.texts();
            assert!(texts.search.hint.contains(&MOST.to_string()), "{language:?}");
            assert!(texts.malformed.text.contains(&LONGEST.to_string()), "{language:?}");
        }
    }

    #[test]
    fn trouble_comes_with_advice() {
        use Status::{
            AttemptFailed, AvailableForPickup, Customs, Damaged, Disposed, Exception, Lost, OnHold,
        };
        for status in [AttemptFailed, AvailableForPickup, Customs, Damaged, Disposed, Exception, Lost, OnHold]
        {
            assert!(!(ENGLISH.status)(status).advice.is_empty(), "{status}");
        }
    }
}
