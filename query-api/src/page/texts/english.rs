//! English.

mod statuses;

use super::plural::one_or_more;
use super::{Calendar, Facts, History, LiveTexts, Progress, Promised, Search, Texts, Trouble};
use crate::page::stages::Stage;

pub(crate) const ENGLISH: Texts = Texts {
    title: "Track a parcel",
    intro: "See where your parcel is and when it should arrive. No account needed.",
    skip: "Skip to content",
    language: "Language",
    search: Search {
        label: "Tracking number",
        hint: "Several at once: put commas between them, 20 at most.",
        button: "Track",
        again: "Track another parcel",
        too_many: |most| format!("These are the first {most} numbers. Please ask for the others separately."),
    },
    parcel: "Parcel",
    numbers: |n| one_or_more(n, "tracking number", "tracking numbers"),
    status: statuses::said,
    stage,
    progress: Progress { heading: "Progress", done: "done", now: "now", ahead: "still to come" },
    facts: Facts { from: "From", to: "To", carrier: "Carrier", promised: "Promised for" },
    promise: Promised {
        today: "today",
        tomorrow: "tomorrow",
        in_days: |n| format!("in {}", days(n)),
        late: |n| format!("{} late", days(n)),
        kept: "delivered on time",
        broken: |n| format!("delivered {} late", days(n)),
    },
    advice: "What you can do",
    history: History {
        heading: "What happened so far",
        details: "All details",
        all_steps: |n| format!("Show all {n} steps"),
    },
    archived: "This parcel’s record is closed. Nothing more will be added to it.",
    earlier: "An earlier parcel with this number: carriers use numbers again.",
    missing: Trouble {
        title: "No parcel has this number",
        text: "It may be too new or too old, or the number has a slip in it.",
        hints: &[
            "Compare it with the message from the shop or the carrier, letter by letter.",
            "A new parcel shows here as soon as the shop has registered it. Try again in a few hours.",
        ],
    },
    malformed: Trouble {
        title: "That is not a tracking number",
        text: "A tracking number has letters and digits, 64 at most.",
        hints: &["Look for it in the message from the shop or the carrier."],
    },
    away: Trouble {
        title: "We can’t look it up just now",
        text: "Our records don’t answer at the moment. Your parcel is not affected.",
        hints: &[],
    },
    try_again: "Try again",
    live: LiveTexts { on: "Updates by itself", off: "Connection lost, trying again", updated: "Updated:" },
    footer: "Times are local to the place of each step. This page shows no names, addresses or phone numbers.",
    as_of: "As of",
    calendar: Calendar {
        weekdays: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
        months: [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ],
        day: |weekday, day, month, year| format!("{weekday} {day} {month} {year}"),
    },
    comma: ", ",
};

fn days(n: u64) -> String {
    one_or_more(n, "day", "days")
}

const fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Registered => "Registered",
        Stage::Collected => "Collected",
        Stage::OnItsWay => "On its way",
        Stage::OutForDelivery => "Out for delivery",
        Stage::ReadyForCollection => "Ready to collect",
        Stage::Delivered => "Delivered",
        Stage::Returning => "Going back",
        Stage::Returned => "Returned",
        Stage::Cancelled => "Cancelled",
        Stage::Expired => "Expired",
        Stage::Disposed => "Disposed of",
    }
}
