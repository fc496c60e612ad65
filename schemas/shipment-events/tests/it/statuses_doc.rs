//! `docs/statuses.md`.

use std::fmt::Write as _;

use shipment_events::{Class, FUTURE_TOLERANCE_MS, Status};

use crate::examples::{EXAMPLES, Example};
use crate::given::HOUR;
use crate::published::assert_published;

#[test]
fn the_published_table_is_the_codes() {
    let mut page = String::from(INTRODUCTION);
    page.push_str("\n## Classes, the weakest first\n\n| class | what its statuses have in common | statuses |\n|---|---|---|\n");
    for class in Class::ALL {
        let members: Vec<String> =
            Status::ALL.into_iter().filter(|s| s.class() == class).map(|s| format!("`{s}`")).collect();
        writeln!(page, "| {} | {} | {} |", class.as_str(), class.meaning(), members.join(", ")).unwrap();
    }
    page.push_str("\n## Statuses\n\n| status | class | rank | set by | final |\n|---|---|---:|---|---|\n");
    for status in Status::ALL {
        let last = if status.is_final() { "yes" } else { "" };
        writeln!(
            page,
            "| `{status}` | {} | {} | {} | {last} |",
            status.class().as_str(),
            status.rank(),
            status.set_by()
        )
        .unwrap();
    }
    page.push_str(
        "\n*Final* means that nothing more is expected; whatever comes all the same is kept and counts.\n",
    );
    write!(page, "{}", TIMES.replace("{hours}", &(FUTURE_TOLERANCE_MS / HOUR).to_string())).unwrap();
    page.push_str("\n## Examples\n\nHours are counted from the registration; what was said stands in the order in which it arrived.\n\n");
    page.push_str("| what happened | what was said | stands at | since | because |\n|---|---|---|---|---|\n");
    for Example { title, said, stands, since, because } in &EXAMPLES {
        let said: Vec<String> = said.iter().map(|(at, status)| format!("{at} h `{status}`")).collect();
        writeln!(page, "| {title} | {} | `{stands}` | {since} h | {because} |", said.join(", ")).unwrap();
    }
    assert_published("statuses.md", &page);
}

const INTRODUCTION: &str = "\
# Statuses

<!-- Made from the code: UPDATE_DOCS=1 cargo test --release -p shipment-events -->

A shipment has one of nineteen statuses. The status is a pure function of the *set* of what was said about the shipment:
its registration, its cancellation, and its scans that weren't retracted. Each of these says a status and a time, and the
shipment stands at the highest by

1. **class**: how strongly the status speaks, whatever the times say;
2. **time**: within a class the later one;
3. **rank**: at the same time the higher one;
4. the event's id: at the same time and rank the status is the same, and this only makes *since when* and *by which event* definite.

So the order in which scans arrive never matters, and neither does a scan that comes twice.
";

const TIMES: &str = "
## Times

- A scan counts at its event time: the moment the carrier says it happened, with whatever offset its clock had.
- A scan whose event time lies more than {hours} hours ahead of its recording is kept and flagged (`from_the_future`), but counts
  at the time of its recording: a clock that runs a year ahead doesn't hide a year of scans. This is the one place where
  the time of arrival matters. Example: a scan that arrives at 1 h and claims 8,760 h counts at 1 h, and a scan of 30 h wins over it.
- A cancellation counts at the time its command was issued, within the same limit.
- `since` is the time at which the winning scan or request counts.
- A scan whose carrier's code says nothing of the parcel's course is reported with the status that fits best; the raw code and
  text are kept beside it.

## Taking back

A scan that is wrong is retracted, and the status is what the others say. It is remembered, though: reported again, it stays
retracted. A shipment that isn't registered and all of whose scans were retracted stands at `registered`, the bottom of the
table, but is unknown to readers until somebody registers it.
";
