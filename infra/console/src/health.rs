//! What is not well, worst first.

use std::time::Duration;

use service_registry::{Instance, Status, metadata};

use crate::backend::escaped;
use crate::figures::{Figures, Metric, Pick, seconds};
use crate::flow::{LATE, OURS, short};
use crate::parts::{Mood, count, span};
use crate::roles::{Roles, expected};

/// One thing that is not well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) mood: Mood,
    /// What is the matter.
    pub(crate) title: String,
    /// What it means, and what to do.
    pub(crate) text: String,
    /// Where to look further.
    pub(crate) link: Option<(String, &'static str)>,
}

/// Longer than this nothing should take to become ready, unless it has much to restore.
const SLOW_START: Duration = Duration::from_secs(60);
/// Longer than this the copy of the registry should not be without contact to Kafka.
const SILENCE: Duration = Duration::from_secs(10);

/// All there is to see.
pub(crate) fn findings(roles: &Roles, figures: &Figures) -> Vec<Finding> {
    let mut all = Vec::new();
    registry(roles, &mut all);
    for name in expected() {
        service(name, roles, &mut all);
    }
    numbers(roles, figures, &mut all);
    configuration(roles, figures, &mut all);
    all.sort_by_key(|finding| finding.mood);
    all
}

fn registry(roles: &Roles, all: &mut Vec<Finding>) {
    if !roles.is_read {
        all.push(Finding {
            mood: Mood::Bad,
            title: "The registry can't be read".to_owned(),
            text: "This console has not read the registry topic yet, so it knows no other service. It reads on by itself once Kafka answers."
                .to_owned(),
            link: None,
        });
        return;
    }
    if let Some(silent) = roles.outlook.silent_for.filter(|silent| *silent > SILENCE) {
        all.push(Finding {
            mood: Mood::Bad,
            title: format!("No contact with Kafka for {}", span(silent)),
            text: "What is shown of services is how things were then. Look at Kafka, and at the network between.".to_owned(),
            link: None,
        });
    }
    if roles.outlook.protecting {
        all.push(Finding {
            mood: Mood::Bad,
            title: "Half of all instances are silent".to_owned(),
            text: "So many at once are not believed to be gone, and none is given up. Look whether they live: if they do, they can't write to Kafka."
                .to_owned(),
            link: Some(("/console/services".to_owned(), "Services")),
        });
    }
}

fn service(name: &str, roles: &Roles, all: &mut Vec<Finding>) {
    if !roles.is_read {
        return;
    }
    if roles.of_service(name).next().is_none() {
        all.push(Finding {
            mood: Mood::Bad,
            title: format!("No {name} runs"),
            text: missing(name).to_owned(),
            link: Some(("/console/services".to_owned(), "Services")),
        });
        return;
    }
    for instance in roles.of_service(name) {
        let age = roles.now.timestamp_millis().saturating_sub(instance.lease.started_at);
        let age = Duration::from_millis(age.max(0) as u64);
        let (mood, is_what, text) = match instance.status() {
            Status::Up => continue,
            Status::Starting if age < SLOW_START => continue,
            Status::Starting => (
                Mood::Warn,
                "has not become ready",
                format!("It was started {} ago. Its /readyz says what it waits for.", span(age)),
            ),
            Status::Down => {
                (Mood::Bad, "says that it can't serve", "Its /readyz says why; its log says more.".to_owned())
            }
            Status::OutOfService => (Mood::Warn, "is out of rotation", reason(instance)),
        };
        let id = instance.id();
        let link =
            format!("/console/services/{}/{}", escaped(id.service.as_str()), escaped(id.instance.as_str()));
        all.push(Finding {
            mood,
            title: format!("{name} {} {is_what}", id.instance),
            text,
            link: Some((link, "This instance")),
        });
    }
}

fn missing(name: &str) -> &'static str {
    match name {
        "command-handler" => "Commands are taken and wait in the topic; nobody decides them.",
        "command-api" => "No commands are taken over HTTP.",
        "projector" => "Events are written, and the views stand still.",
        "query-api" => "Nobody can look anything up.",
        "config-service" => "Roles go on with the configuration they have; it can't be changed.",
        "discovery-service" => {
            "Services still find each other; nobody can take one out, and Prometheus finds no targets."
        }
        "gateway" => "Nobody reaches any service from outside.",
        _ => "Start one: `parceltrack run` and its name.",
    }
}

fn reason(instance: &Instance) -> String {
    match instance.taken_out.as_deref().map(|taken_out| taken_out.reason.as_str()) {
        Some("") => "It was taken out, and no reason was given.".to_owned(),
        Some(reason) => format!("It was taken out: {reason}"),
        None => "By its own word.".to_owned(),
    }
}

fn numbers(roles: &Roles, figures: &Figures, all: &mut Vec<Finding>) {
    for id in &figures.silent {
        // Who isn't there is told of already.
        if roles.instances.iter().any(|instance| instance.id() == *id && instance.is_up()) {
            all.push(Finding {
                mood: Mood::Warn,
                title: format!("{} {} tells no figures", id.service, id.instance),
                text: "It did not answer /metrics in time, so what is below is without it.".to_owned(),
                link: None,
            });
        }
    }
    let behind = figures.max(&Pick::of(Metric::LagTime)).unwrap_or(0.0).max(0.0);
    if behind > LATE.as_secs_f64() {
        let records = count(figures.sum(&Pick::of(Metric::LagRecords)).max(0.0) as u64);
        all.push(Finding {
            mood: Mood::Bad,
            title: format!("The views are {} late", short(seconds(behind))),
            text: format!("{records} events wait for a projector. It may be restarting or the database slow; if it stays so, run another one."),
            link: Some(("/console/projections".to_owned(), "Projections")),
        });
    }
    let left = figures.sum(&Pick::of(Metric::RestoreLeft));
    if left > 0.5 {
        all.push(Finding {
            mood: Mood::Warn,
            title: "A command handler restores its state".to_owned(),
            text: format!(
                "{} snapshots are left to read; commands of those partitions wait until then.",
                count(left as u64)
            ),
            link: None,
        });
    }
    dead_letters(figures, all);
    let open = figures.sums_by(&Pick::of(Metric::Breakers).with("state", "open"), "service");
    for (service, instances) in open.into_iter().filter(|(_, instances)| *instances > 0.5) {
        all.push(Finding {
            mood: Mood::Bad,
            title: format!("The gateway passes over {} of the {service}", count(instances as u64)),
            text: "Requests to it were left without an answer several times in a row. It is tried again by itself; its log says why it didn't answer."
                .to_owned(),
            link: Some(("/console/services".to_owned(), "Services")),
        });
    }
    let requests = Pick::of(Metric::Requests).without(OURS.0, OURS.1);
    if let (Some(failed), Some(of)) = (figures.rate(&requests.with("status", "5")), figures.rate(&requests))
        && failed > 0.01 * of
        && failed > 0.05
    {
        all.push(Finding {
            mood: Mood::Bad,
            title: format!("{:.0} % of all requests fail", 100.0 * failed / of),
            text: "They are answered with a status of 500 or above. The gateway's log has each with its route and service.".to_owned(),
            link: None,
        });
    }
    conditions(figures, all);
}

fn dead_letters(figures: &Figures, all: &mut Vec<Finding>) {
    // Each projector counts the whole topic.
    let there = figures.max(&Pick::of(Metric::DeadLetters));
    let parked = [Metric::ParkedCommands, Metric::ParkedEvents]
        .map(|metric| figures.rate(&Pick::of(metric)).unwrap_or(0.0));
    let grows = parked.iter().sum::<f64>() > 0.0;
    let title = match there {
        Some(there) if there > 0.5 => format!("{} dead letters", count(there as u64)),
        _ if grows => "Records are being parked as dead letters".to_owned(),
        _ => return,
    };
    all.push(Finding {
        mood: if grows { Mood::Bad } else { Mood::Warn },
        title,
        text: "What can't be decoded, decided or shown is parked with its reason, and the rest goes on. Read why, then retry or discard.".to_owned(),
        link: Some(("/console/projections/dead-letters".to_owned(), "Dead letters")),
    });
}

/// What a process that answers says it lacks.
fn conditions(figures: &Figures, all: &mut Vec<Finding>) {
    let pick = Pick::of(Metric::Conditions);
    for (id, series, holds) in figures.each(&pick) {
        if holds < 0.5 && !figures.silent.contains(id) {
            let lacks = series.labels.get("condition").map_or("something", String::as_str);
            all.push(Finding {
                mood: Mood::Warn,
                title: format!("{} {} lacks {lacks}", id.service, id.instance),
                text: format!("Its readiness asks for {lacks}, which does not hold now; /readyz of that instance says more."),
                link: None,
            });
        }
    }
}

/// Whether what was set is in force everywhere.
fn configuration(roles: &Roles, figures: &Figures, all: &mut Vec<Finding>) {
    let link = || Some(("/console/config".to_owned(), "Config"));
    let runs_on = |instance: &Instance| {
        instance.metadata(metadata::CONFIG_OFFSET).and_then(|version| version.parse::<u64>().ok())
    };
    let newest = roles.instances.iter().filter_map(runs_on).max().unwrap_or_default();
    let behind: Vec<String> = roles
        .instances
        .iter()
        .filter(|instance| runs_on(instance).is_some_and(|version| version < newest))
        .map(|instance| instance.id().to_string())
        .collect();
    if !behind.is_empty() {
        all.push(Finding {
            mood: Mood::Warn,
            title: format!("Configuration {newest} is not in force everywhere"),
            text: format!(
                "{} still on an older version. A moment after a change that is as it should be.",
                list(&behind)
            ),
            link: link(),
        });
    }
    for (metric, mood, what, text) in [
        (
            Metric::ConfigRefused,
            Mood::Bad,
            "can't apply the configuration",
            "What was in force there stays so; the log names the entry that doesn't fit.",
        ),
        (
            Metric::ConfigCopy,
            Mood::Warn,
            "runs on a copy of the configuration",
            "The topic could not be read when it started; it follows again once Kafka answers.",
        ),
        (
            Metric::ConfigWaiting,
            Mood::Warn,
            "waits for a restart",
            "Settings were changed that it takes up only when it starts.",
        ),
    ] {
        for (id, _, value) in figures.each(&Pick::of(metric)) {
            if value > 0.5 {
                all.push(Finding {
                    mood,
                    title: format!("{} {} {what}", id.service, id.instance),
                    text: text.to_owned(),
                    link: link(),
                });
            }
        }
    }
}

fn list(names: &[String]) -> String {
    match names {
        [one] => format!("{one} is"),
        [one, two] => format!("{one} and {two} are"),
        [one, two, rest @ ..] => format!("{one}, {two} and {} more are", rest.len()),
        [] => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::figures::parse;
    use crate::flow::tests::figures;
    use crate::roles::tests::{instance, roles, taken_out, whole};

    fn titles(roles: &Roles, figures: &Figures) -> Vec<String> {
        findings(roles, figures).into_iter().map(|finding| finding.title).collect()
    }

    fn figures_of(id: &str, texts: &[&str]) -> Figures {
        let (mut figures, begun) = (Figures::default(), Instant::now());
        for (at, text) in texts.iter().enumerate() {
            let look = [(id.parse().unwrap(), Some(parse(text)))].into();
            figures.take(begun + Duration::from_secs(2 * at as u64), look);
        }
        figures
    }

    #[test]
    fn a_whole_system_has_nothing_to_say() {
        assert_eq!(titles(&whole(), &figures()), [""; 0]);
    }

    #[test]
    fn who_is_missing_down_or_out_is_told_the_worst_first() {
        let mut roles = whole();
        roles.instances.retain(|instance| instance.lease.service.as_str() != "projector");
        roles.instances.push(taken_out(instance("query-api/b:2", Status::Up, &[]), "a new disk"));
        roles.instances.push(instance("query-api/c:2", Status::Down, &[]));
        let told = findings(&roles, &figures());
        let titles: Vec<&str> = told.iter().map(|finding| finding.title.as_str()).collect();
        assert_eq!(
            titles,
            [
                "No projector runs",
                "query-api c:2 says that it can't serve",
                "query-api b:2 is out of rotation"
            ]
        );
        assert_eq!(told[2].text, "It was taken out: a new disk");
        assert_eq!(told[1].link.as_ref().unwrap().0, "/console/services/query-api/c%3A2");
    }

    #[test]
    fn a_registry_that_was_not_read_is_the_one_thing_that_is_told() {
        let unread = Roles { is_read: false, ..roles(vec![]) };
        assert_eq!(titles(&unread, &Figures::default()), ["The registry can't be read"]);
    }

    #[test]
    fn lag_dead_letters_and_failures_are_told() {
        let late = figures_of(
            "projector/a:1",
            &[
                "parceltrack_projector_lag_seconds 75\nparceltrack_projector_lag_records{partition=\"0\"} 12345\n",
            ],
        );
        let told = findings(&whole(), &late);
        assert_eq!(told[0].title, "The views are 75 s late");
        assert!(told[0].text.starts_with("12,345 events wait"), "{told:?}");
        let parked =
            |n: u32| format!("parceltrack_command_handler_parked_records_total{{code=\"PT-2001\"}} {n}\n");
        assert_eq!(
            titles(&whole(), &figures_of("command-handler/a:1", &[&parked(1), &parked(2)])),
            ["Records are being parked as dead letters"]
        );
        assert_eq!(
            titles(&whole(), &figures_of("projector/a:1", &["parceltrack_projector_lag_seconds 1e300\n"])),
            [format!("The views are {} late", short(Duration::MAX))]
        );
        assert_eq!(
            titles(&whole(), &figures_of("projector/a:1", &["parceltrack_projector_dead_letters 3\n"])),
            ["3 dead letters"]
        );
        let answers = |good: u32, bad: u32| {
            let line = |status: &str, n: u32| {
                format!(
                    "parceltrack_gateway_requests_total{{route=\"/x\",method=\"GET\",status=\"{status}\"}} {n}\n"
                )
            };
            line("2xx", good) + &line("5xx", bad)
        };
        assert_eq!(
            titles(&whole(), &figures_of("gateway/a:1", &[&answers(0, 0), &answers(90, 10)])),
            ["10 % of all requests fail"]
        );
        let of_the_console = |good, bad| answers(good, bad).replace("/x", "/console/config");
        let looked_at = figures_of("gateway/a:1", &[&of_the_console(0, 0), &of_the_console(50, 50)]);
        assert_eq!(titles(&whole(), &looked_at), [""; 0], "who looks does not count");
        let open = figures_of(
            "gateway/a:1",
            &["parceltrack_gateway_breakers{service=\"query-api\",state=\"open\"} 1\n"],
        );
        assert_eq!(titles(&whole(), &open), ["The gateway passes over 1 of the query-api"]);
    }

    #[test]
    fn configuration_that_is_not_everywhere_is_told() {
        let mut roles = whole();
        roles.instances.push(instance("query-api/b:2", Status::Up, &[("config_offset", "6")]));
        assert_eq!(titles(&roles, &figures()), ["Configuration 7 is not in force everywhere"]);
        let waits = figures_of("query-api/b:2", &["parceltrack_live_config_restart_needed_keys 2\n"]);
        assert_eq!(titles(&whole(), &waits), ["query-api b:2 waits for a restart"]);
    }
}
