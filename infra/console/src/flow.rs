//! How commands become events, rows and answers: the stops along the way, and what goes from each to the next.

mod picture;

use std::time::Duration;

use crate::figures::{Figures, Metric, Pick, seconds};
use crate::parts::Mood;
use crate::roles::Roles;

pub(crate) use self::picture::{tall, wide};

/// A place on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stop {
    pub(crate) name: &'static str,
    /// `2 of 3 up`, or what it is.
    pub(crate) note: String,
    pub(crate) mood: Mood,
}

/// What goes from a stop to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Arrow {
    /// In one word: `requests`.
    pub(crate) what: &'static str,
    /// `12.5/s`
    pub(crate) rate: String,
    /// What is counted.
    pub(crate) rate_means: &'static str,
    /// What else is told: latency, lag.
    pub(crate) more: Vec<Told>,
}

/// One more number on an arrow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) text: String,
    pub(crate) means: &'static str,
    pub(crate) mood: Mood,
}

/// The whole way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Flow {
    /// From who sends to who reads.
    pub(crate) stops: [Stop; 11],
    /// Between each and the next.
    pub(crate) arrows: [Arrow; 10],
}

/// Beyond it a view is late.
pub(crate) const LATE: Duration = Duration::from_secs(10);

/// Of requests that whoever looks at the console makes.
pub(crate) const OURS: (&str, &str) = ("route", "/console");
/// Of calls, not of health checks and scrapes.
const CALLS: (&str, &str) = ("route", "/api");

impl Flow {
    /// As things are now.
    pub(crate) fn of(roles: &Roles, figures: &Figures) -> Self {
        Self { stops: stops(roles, figures), arrows: arrows(figures) }
    }
}

fn stops(roles: &Roles, figures: &Figures) -> [Stop; 11] {
    let service = |name: &'static str| Stop { name, note: up(roles, name), mood: roles.mood(name) };
    let plain = |name, note: &str| Stop { name, note: note.to_owned(), mood: Mood::Plain };
    let is_away = figures
        .each(&Pick::of(Metric::Conditions).with("condition", "database"))
        .any(|(_, _, holds)| holds < 0.5);
    let database = if is_away {
        Stop { name: "database", note: "away".to_owned(), mood: Mood::Bad }
    } else {
        plain("database", "views")
    };
    [
        plain("carriers, shops", "send"),
        service("gateway"),
        service("command-api"),
        plain("commands", "Kafka topic"),
        service("command-handler"),
        plain("events", "Kafka topic"),
        service("projector"),
        database,
        service("query-api"),
        service("gateway"),
        plain("people, apps", "read"),
    ]
}

fn up(roles: &Roles, service: &str) -> String {
    let all = roles.of_service(service).count();
    let up = roles.of_service(service).filter(|instance| instance.is_up()).count();
    match (up, all) {
        (0, 0) => "none runs".to_owned(),
        (up, all) if up == all => format!("{up} up"),
        (up, all) => format!("{up} of {all} up"),
    }
}

fn arrows(figures: &Figures) -> [Arrow; 10] {
    let [requests, calls, commands, decided, accepted] = write_side(figures);
    let [events, rows, reads, answers, errors] = read_side(figures);
    [requests, calls, commands, decided, accepted, events, rows, reads, answers, errors]
}

/// From who sends to the events.
fn write_side(figures: &Figures) -> [Arrow; 5] {
    let requests = Pick::of(Metric::Requests).without(OURS.0, OURS.1);
    let request_time = Pick::of(Metric::RequestTime).without(OURS.0, OURS.1);
    let commanded = Pick::of(Metric::Answered).at("command-api").with(CALLS.0, CALLS.1);
    let command_time = Pick::of(Metric::AnswerTime).at("command-api").with(CALLS.0, CALLS.1);
    let decided = Pick::of(Metric::Decided);
    let produce_time = Pick::of(Metric::Phases).with("phase", "produce");
    let waiting = count(
        figures.sum(&Pick::of(Metric::Waiting)),
        "waiting",
        "Commands whose senders wait for the outcome just now.",
    );
    [
        arrow(
            figures,
            ("requests", &requests),
            "Requests that all gateways answer in a second, those of this console left out.",
            latency(figures, &request_time, REQUEST_TIMES),
        ),
        arrow(
            figures,
            ("calls", &commanded),
            "Calls that the command API answers in a second; one call may bring many commands.",
            latency(figures, &command_time, COMMAND_TIMES),
        ),
        arrow(
            figures,
            ("commands", &Pick::of(Metric::Posted)),
            "Commands that the command API writes into the topic in a second.",
            vec![waiting],
        ),
        arrow(
            figures,
            ("decided", &decided),
            "Commands decided and committed in a second, those that other Kafka clients wrote among them.",
            latency(figures, &Pick::of(Metric::OutcomeTime), OUTCOME_TIMES),
        ),
        arrow(
            figures,
            ("accepted", &decided.with("outcome", "accepted")),
            "Commands in a second that made an event.",
            latency(figures, &produce_time, PRODUCE_TIMES),
        ),
    ]
}

/// From the events to who reads.
fn read_side(figures: &Figures) -> [Arrow; 5] {
    let asked = Pick::of(Metric::Answered).at("query-api").with(CALLS.0, CALLS.1);
    let asked_time = Pick::of(Metric::AnswerTime).at("query-api").with(CALLS.0, CALLS.1);
    let failed = Pick::of(Metric::Requests).without(OURS.0, OURS.1).with("status", "5");
    let live = count(
        figures.sum(&Pick::of(Metric::LiveStreams)),
        "live",
        "Live streams of the query API that are open just now.",
    );
    [
        arrow(
            figures,
            ("events", &Pick::of(Metric::Projected)),
            "Events that projectors write to the views in a second.",
            lag(figures),
        ),
        arrow(
            figures,
            ("rows", &Pick::of(Metric::Statements)),
            "Statements (a row and a time stamp each) written to the database in a second.",
            latency(figures, &Pick::of(Metric::WriteTime), WRITE_TIMES),
        ),
        arrow(
            figures,
            ("reads", &Pick::of(Metric::Reads).count()),
            "Reads of the database in a second.",
            latency(figures, &Pick::of(Metric::Reads), READ_TIMES),
        ),
        arrow(
            figures,
            ("answers", &asked),
            "Questions that the query API answers in a second.",
            latency(figures, &asked_time, ANSWER_TIMES),
        ),
        arrow(
            figures,
            ("errors", &failed),
            "Answers of the gateway in a second that are a failure of ours (status 5xx).",
            vec![live],
        ),
    ]
}

const REQUEST_TIMES: [&str; 2] =
    ["Half of all requests were answered faster.", "99 of 100 requests were answered faster."];
const COMMAND_TIMES: [&str; 2] = [
    "Half of the command API's answers began faster.",
    "99 of 100 of the command API's answers began faster.",
];
const OUTCOME_TIMES: [&str; 2] = [
    "Half of all commands had their outcome sooner after they were sent.",
    "99 of 100 commands had their outcome sooner after they were sent.",
];
const PRODUCE_TIMES: [&str; 2] = [
    "Half of all batches had their events acknowledged by Kafka faster.",
    "99 of 100 batches had their events acknowledged by Kafka faster.",
];
const WRITE_TIMES: [&str; 2] =
    ["Half of all batches were durable faster.", "99 of 100 batches were durable faster."];
const READ_TIMES: [&str; 2] = ["Half of all reads took less.", "99 of 100 reads took less."];
const ANSWER_TIMES: [&str; 2] =
    ["Half of the query API's answers began faster.", "99 of 100 of the query API's answers began faster."];

fn arrow(
    figures: &Figures,
    (what, pick): (&'static str, &Pick<'_>),
    rate_means: &'static str,
    more: Vec<Told>,
) -> Arrow {
    Arrow { what, rate: rate(figures.rate(pick)), rate_means, more }
}

/// Half, and all but one of a hundred.
fn latency(figures: &Figures, pick: &Pick<'_>, means: [&'static str; 2]) -> Vec<Told> {
    let of = |share, name: &str, means| {
        let time = figures.quantile(pick, share).map_or_else(|| "–".to_owned(), short);
        Told { text: format!("{name} {time}"), means, mood: Mood::Plain }
    };
    vec![of(0.5, "p50", means[0]), of(0.99, "p99", means[1])]
}

/// How far the views are behind the log.
fn lag(figures: &Figures) -> Vec<Told> {
    let behind = figures.max(&Pick::of(Metric::LagTime)).unwrap_or(0.0).max(0.0);
    let mood = if behind > LATE.as_secs_f64() { Mood::Bad } else { Mood::Plain };
    let records = figures.sum(&Pick::of(Metric::LagRecords));
    let text = |text: String, means| Told { text, means, mood };
    vec![
        text(
            format!("lag {}", crate::parts::count(records.max(0.0) as u64)),
            "Offsets of the events topic that no projector has dealt with yet.",
        ),
        text(
            format!("age {}", short(seconds(behind))),
            "Age of the oldest event that no projector has dealt with yet: so old is what readers may see.",
        ),
    ]
}

fn count(number: f64, what: &str, means: &'static str) -> Told {
    Told { text: format!("{} {what}", crate::parts::count(number.max(0.0) as u64)), means, mood: Mood::Plain }
}

/// `0/s`, `0.3/s`, `12.5/s`, `1,234/s`; a sign for what can't be told yet.
pub(crate) fn rate(rate: Option<f64>) -> String {
    match rate {
        None => "…".to_owned(),
        Some(rate) if rate < 0.005 => "0/s".to_owned(),
        Some(rate) if rate < 1.0 => format!("{rate:.2}/s"),
        Some(rate) if rate < 100.0 => format!("{rate:.1}/s"),
        Some(rate) => format!("{}/s", crate::parts::count(rate.round() as u64)),
    }
}

/// `0.4 ms`, `12 ms`, `1.5 s`, `3 min`
pub(crate) fn short(time: Duration) -> String {
    let millis = time.as_secs_f64() * 1_000.0;
    match millis {
        0.0 => "0 s".to_owned(),
        millis if millis < 10.0 => format!("{millis:.1} ms"),
        millis if millis < 1_000.0 => format!("{millis:.0} ms"),
        millis if millis < 60_000.0 => format!("{:.1} s", millis / 1_000.0),
        _ => crate::parts::span(time),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::time::Instant;

    use service_registry::Status;

    use super::*;
    use crate::figures::parse;
    use crate::roles::tests::{instance, roles, whole};

    /// What a small system says after two seconds: 20 commands decided and shown.
    pub(crate) fn figures() -> Figures {
        let mut figures = Figures::default();
        let begun = Instant::now();
        for (seconds, done, lag) in [(0, 100, 3), (2, 120, 4)] {
            let look = [
                (
                    "gateway/10.0.0.1:8095",
                    format!(
                        "parceltrack_gateway_requests_total{{route=\"/api/v1/shipments\",method=\"POST\",status=\"201\"}} {done}\n\
                         parceltrack_gateway_requests_total{{route=\"/console\",method=\"GET\",status=\"200\"}} {}\n",
                        done * 50
                    ),
                ),
                (
                    "command-handler/10.0.0.2:8093",
                    format!(
                        "parceltrack_command_handler_commands_total{{type=\"RecordScan\",outcome=\"accepted\"}} {done}\n\
                         parceltrack_command_handler_commands_total{{type=\"RecordScan\",outcome=\"rejected\"}} 7\n"
                    ),
                ),
                (
                    "projector/10.0.0.3:8094",
                    format!(
                        "parceltrack_projector_events_total{{type=\"ScanRecorded\"}} {done}\n\
                         parceltrack_projector_lag_records{{partition=\"0\"}} {lag}\n\
                         parceltrack_projector_lag_seconds 0.25\n"
                    ),
                ),
                (
                    "query-api/10.0.0.4:8092",
                    format!(
                        "parceltrack_http_api_requests_total{{method=\"GET\",route=\"/api/v1/tracking/{{number}}\",status=\"200\"}} {done}\n\
                         parceltrack_http_api_requests_total{{method=\"GET\",route=\"/metrics\",status=\"200\"}} {done}\n\
                         parceltrack_query_api_sse_clients 5\n"
                    ),
                ),
            ];
            let look = look.into_iter().map(|(id, text)| (id.parse().unwrap(), Some(parse(&text)))).collect();
            figures.take(begun + Duration::from_secs(seconds), look);
        }
        figures
    }

    #[test]
    fn each_arrow_says_what_passes_and_the_lookers_own_requests_are_left_out() {
        let flow = Flow::of(&whole(), &figures());
        let rates: Vec<&str> = flow.arrows.iter().map(|arrow| arrow.rate.as_str()).collect();
        assert_eq!(
            rates,
            ["10.0/s", "0/s", "0/s", "10.0/s", "10.0/s", "10.0/s", "0/s", "0/s", "10.0/s", "0/s"]
        );
        let lag: Vec<&str> = flow.arrows[5].more.iter().map(|told| told.text.as_str()).collect();
        assert_eq!(lag, ["lag 4", "age 250 ms"]);
        assert_eq!(flow.arrows[9].more[0].text, "5 live");
        assert!(flow.stops.iter().all(|stop| stop.mood >= Mood::Good), "{:?}", flow.stops);
    }

    #[test]
    fn before_anything_is_known_nothing_is_made_up() {
        let flow = Flow::of(&roles(vec![]), &Figures::default());
        assert_eq!((flow.arrows[0].rate.as_str(), flow.arrows[0].more[0].text.as_str()), ("…", "p50 –"));
        assert_eq!((flow.stops[1].note.as_str(), flow.stops[1].mood), ("none runs", Mood::Bad));
    }

    #[test]
    fn a_service_that_is_partly_there_says_so() {
        let instances =
            vec![instance("projector/a:1", Status::Up, &[]), instance("projector/b:1", Status::Down, &[])];
        let flow = Flow::of(&roles(instances), &Figures::default());
        assert_eq!((flow.stops[6].note.as_str(), flow.stops[6].mood), ("1 of 2 up", Mood::Warn));
    }

    #[test]
    fn rates_and_times_are_short() {
        for (of, text) in [
            (None, "…"),
            (Some(0.0), "0/s"),
            (Some(0.25), "0.25/s"),
            (Some(12.34), "12.3/s"),
            (Some(1_234.5), "1,235/s"),
        ] {
            assert_eq!(rate(of), text);
        }
        for (millis, text) in
            [(0, "0 s"), (4, "4.0 ms"), (123, "123 ms"), (1_500, "1.5 s"), (180_000, "3 min")]
        {
            assert_eq!(short(Duration::from_millis(millis)), text);
        }
    }
}
