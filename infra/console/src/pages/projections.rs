//! `/console/projections`: the generations of the views, who fills them, and building them anew.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State as Given;
use axum::http::StatusCode;
use axum::response::Response;
use http_api::Routes;
use maud::{Markup, html};
use projector::{GenerationSeen, Part, RebuildProgress, Stage, Surveyed};
use serde::Deserialize;
use service_registry::{Directory, Status, metadata};
use shipment_events::Timestamp;
use telemetry::chain;

use super::extract::Form;
use super::{State, dead_letters, records, see_other};
use crate::caller::Caller;
use crate::desk::Desk;
use crate::figures::{Figures, Metric, Pick};
use crate::layout::{Page, Section};
use crate::parts::{self, Mood, count, explained};
use crate::projections::{Done, Progress, Running, Trouble, Work};

/// How the role is called in the registry.
const PROJECTOR: &str = "projector";

pub(super) fn routes(routes: Routes<State>) -> Routes<State> {
    let routes = routes.get("/console/projections", show).post("/console/projections", act);
    dead_letters::routes(routes)
}

/// An instance of the projector, as its lease says.
#[derive(Clone, Debug)]
struct Filler {
    name: String,
    status: Status,
    partitions: String,
    lag: String,
}

/// What projectors tell of their work, all together.
#[derive(Clone, Copy, Debug, Default)]
struct Told {
    /// Whether any told something.
    anything: bool,
    /// Events a second.
    rate: Option<f64>,
    /// Seconds that the oldest event not dealt with is old.
    late: f64,
    /// Since they were started: records parked, requests repeated, commits failed.
    parked: f64,
    repeated: f64,
    uncommitted: f64,
}

impl Told {
    fn of(figures: &Figures) -> Self {
        let sum = |metric| figures.sum(&Pick::of(metric));
        Self {
            anything: !figures.is_empty(),
            rate: figures.rate(&Pick::of(Metric::Projected)),
            late: figures.max(&Pick::of(Metric::LagTime)).unwrap_or_default(),
            parked: sum(Metric::ParkedEvents),
            repeated: sum(Metric::ProjectorRetries),
            uncommitted: sum(Metric::CommitFailures),
        }
    }
}

async fn show(Given(desk): Given<Arc<Desk>>, caller: Caller) -> Response {
    Page::new(Section::Projections, "Projections").of(&caller, &page(&desk, None).await)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    act: String,
}

async fn act(Given(desk): Given<Arc<Desk>>, caller: Caller, Form(asked): Form<Asked>) -> Response {
    let work = match asked.act.as_str() {
        "rebuild" => Work::Rebuild,
        "flip-back" => Work::FlipBack,
        "drop-old" => Work::DropOld,
        "stop" => {
            let stopped = desk.projections.stop(caller.principal.name()).await;
            return acted(&desk, &caller, "That was not stopped", stopped).await;
        }
        _ => return show(Given(desk), caller).await,
    };
    let begun = desk.projections.begin(work, caller.principal.name()).await;
    acted(&desk, &caller, "That was not begun", begun).await
}

async fn acted(desk: &Desk, caller: &Caller, in_vain: &str, done: Result<(), Trouble>) -> Response {
    match done {
        Ok(()) => see_other("/console/projections"),
        Err(trouble) => {
            let told = parts::notice(Mood::Bad, in_vain, html! { p { (chain(&trouble)) } });
            Page::new(Section::Projections, "Projections")
                .status(StatusCode::CONFLICT)
                .of(caller, &page(desk, Some(&told)).await)
        }
    }
}

async fn page(desk: &Desk, told: Option<&Markup>) -> Markup {
    let surveyed = match desk.projections.connected().await {
        Ok(connected) => connected.survey.look().await.map_err(|error| chain(&error)),
        Err(trouble) => Err(chain(&trouble)),
    };
    let works = desk.projections.works();
    let told_by_projectors = Told::of(&*desk.figures.now().await);
    content(&Seen {
        surveyed: surveyed.as_ref().map_err(String::as_str),
        work: told_by_projectors,
        fillers: &fillers(&desk.directory),
        running: works.running().as_ref(),
        last: works.last().as_ref(),
        told,
    })
}

fn fillers(directory: &Directory) -> Vec<Filler> {
    let all = directory.all().into_iter().filter(|instance| instance.lease.service.as_str() == PROJECTOR);
    let fact = |instance: &service_registry::Instance, name: &str| {
        instance.metadata(name).unwrap_or_default().to_owned()
    };
    all.map(|instance| Filler {
        name: instance.lease.instance.to_string(),
        status: instance.status(),
        partitions: fact(&instance, metadata::PARTITIONS),
        lag: fact(&instance, metadata::LAG),
    })
    .collect()
}

struct Seen<'a> {
    surveyed: Result<&'a Surveyed, &'a str>,
    fillers: &'a [Filler],
    work: Told,
    running: Option<&'a Running>,
    last: Option<&'a Done>,
    told: Option<&'a Markup>,
}

fn content(seen: &Seen<'_>) -> Markup {
    html! {
        @if let Some(told) = seen.told { (told) }
        (tabs(false))
        (parts::live("works", &works(seen)))
        (parts::live("generations", &html! {
            @match seen.surveyed {
                Ok(surveyed) => (generations(surveyed)),
                Err(why) => (parts::notice(Mood::Bad, "The views can't be looked at", html! {
                    p { (why) }
                    p { "Database and Kafka are both needed for this page; it looks again by itself. Shipments and the event store may still be looked at." }
                })),
            }
            (fillers_table(seen.fillers, seen.work))
        }))
        (parts::live("acts", &acts(seen)))
    }
}

/// Between the views and the dead letters.
pub(super) fn tabs(letters: bool) -> Markup {
    html! {
        nav.tabs aria-label="Projections" {
            ul {
                li { a href="/console/projections" aria-current=[(!letters).then_some("page")] { "Views" } }
                li { a href="/console/projections/dead-letters" aria-current=[letters.then_some("page")] { "Dead letters" } }
            }
        }
    }
}

/// What goes on, here or elsewhere, and what was done last.
fn works(seen: &Seen<'_>) -> Markup {
    let elsewhere = seen.running.is_none() && seen.surveyed.is_ok_and(|surveyed| surveyed.locked);
    html! {
        @if let Some(running) = seen.running { (going_on(running)) }
        @if elsewhere {
            (parts::notice(Mood::Warn, "Somebody else is at it", html! { p { "A rebuild, a flip back or a drop goes on in another process, such as “parceltrack rebuild”. There is one at a time: what is begun here now would be refused." } }))
        }
        @if let Some(last) = seen.last { (done(last)) }
    }
}

/// What goes on, and how far it is.
pub(super) fn going_on(running: &Running) -> Markup {
    let Running { work, console, who, since, progress, stopped_by } = running;
    html! {
        section.notice.warn aria-live="polite" {
            h2 { span.sign aria-hidden="true" { "…" } "Going on: " (work.name()) }
            p {
                "in the console " code { (console) } ", begun by " (who) " at " (parts::time(*since))
                @if let Some(stopped_by) = stopped_by { "; " (stopped_by) " has told it to stop" }
            }
            @match progress {
                Progress::Waiting => p { "Waiting for its turn: there is one at a time in all of the installation." },
                Progress::Rebuild(progress) => (rebuilding(progress)),
                Progress::Retries { tried, failed, of } => {
                    progress max=(of) value=(tried) { (tried) " of " (of) }
                    p { (tried) " of " (of) " tried, " (failed) " in vain" }
                }
            }
            @if work.can_be_stopped() && stopped_by.is_none() {
                form method="post" action="/console/projections" {
                    button type="submit" name="act" value="stop" { "Stop it" }
                    p.hint { "What is done stays; begun again, it goes on from there. It also goes on when this page is closed." }
                }
            }
        }
    }
}

fn rebuilding(progress: &RebuildProgress) -> Markup {
    let stage = match progress.stage {
        Stage::Filling => "reading what there is",
        Stage::Flipping => "caught up; flipping",
        Stage::HandingOver => "live; writing on until the projectors do",
    };
    html! {
        progress max=(progress.total.max(1)) value=(progress.done) aria-label="How far the rebuild is" { (format!("{:.0} %", progress.percent())) }
        p {
            "Generation " (progress.generation) ": " (format!("{:.1} %", progress.percent())) ", " (stage) ". "
            (count(progress.events)) " events written, "
            (explained(html! { (count(progress.rate as u64)) " a second" }, "Over the last ten seconds"))
            @if let Some(left) = progress.left { ", " (parts::span(left.max(Duration::from_secs(1)))) " left" }
            "."
            @if progress.retries > 0 { " " (count(progress.retries)) " requests were repeated: the database is away or busy." }
        }
    }
}

/// What was done last.
pub(super) fn done(done: &Done) -> Markup {
    let (mood, title, text) = match &done.outcome {
        Ok(text) => (Mood::Good, "Done", text),
        Err(text) => (Mood::Bad, "Not done", text),
    };
    parts::notice(
        mood,
        &format!("{title}: {}", done.work.name()),
        html! {
            p { (text) }
            p.soft { "by " (done.who) ", " (parts::time(done.at)) }
        },
    )
}

fn generations(surveyed: &Surveyed) -> Markup {
    html! {
        p.soft { "The live one is so since " (records::time(Timestamp::from_millis(surveyed.live_since))) @if !surveyed.note.is_empty() { ": " (surveyed.note) } "." }
        @for generation in &surveyed.generations { (one(generation)) }
    }
}

fn one(seen: &GenerationSeen) -> Markup {
    let (mood, what) = match seen.part {
        Part::Live => (Mood::Good, "live"),
        Part::Previous => (Mood::Plain, "kept; one can go back to it"),
        Part::Building => (Mood::Warn, "being built, or left half built"),
    };
    let idle = seen.part == Part::Live && seen.members == 0;
    html! {
        section.card {
            h2 { "Generation " (seen.generation) " " (parts::badge(mood, what)) }
            dl.figures {
                div { dt { "Lag" } dd { (explained(count(seen.lag().unsigned_abs()), "Offsets between where it is and the end of the events; marks of transactions count, so that a few are left when nothing is")) } }
                div { dt { "Rate" } dd { @match seen.rate { Some(rate) => (explained(html! { (format!("{rate:.1}")) "/s" }, "Offsets a second over the last twenty seconds of looking")), None => "–" } } }
                div { dt { "Members" } dd { (explained(html! { (seen.members) }, "Of its consumer group: workers of projectors that fill it now")) } }
            }
            @if idle { p { (parts::badge(Mood::Bad, "no projector fills it")) " The views stand still." } }
            details {
                summary { "Each partition, group " code { (seen.group) } }
                (parts::wide(&format!("Partitions of generation {}", seen.generation), &html! {
                    table {
                        thead { tr { th.n { "Partition" } th.n { "Position" } th.n { "End" } th.n { "Lag" } } }
                        tbody {
                            @for at in &seen.partitions {
                                tr {
                                    td.n { a href={ "/console/events/events?partition=" (at.partition) } { (at.partition) } }
                                    td.n { @match at.position { Some(position) => (count(position.unsigned_abs())), None => "not begun" } }
                                    td.n { (count(at.end.unsigned_abs())) }
                                    td.n { (count(at.lag.unsigned_abs())) }
                                }
                            }
                        }
                    }
                }))
            }
        }
    }
}

/// How they do, errors first of all.
fn work(told: Told) -> Markup {
    let rate = told.rate.map_or_else(|| "–".to_owned(), |rate| format!("{rate:.1}/s"));
    let number = |n: f64| count(n as u64);
    html! {
        dl.figures {
            div { dt { "Events" } dd { (explained(rate, "Events written to the views in a second, over the last thirty seconds")) } }
            div { dt { "Behind" } dd { (explained(html! { (format!("{:.1}", told.late)) " s" }, "Age of the oldest event that isn't in the views yet")) } }
            div { dt { "Parked" } dd { a href="/console/projections/dead-letters" { (explained(number(told.parked), "Records that projectors put among the dead letters since they were started")) } } }
            div { dt { "Repeated" } dd { (explained(number(told.repeated), "Requests that had to be sent to the database again since they were started: it was away or busy")) } }
            div { dt { "Commits failed" } dd { (explained(number(told.uncommitted), "Commits of offsets that failed since they were started; they are repeated")) } }
        }
    }
}

fn fillers_table(fillers: &[Filler], told: Told) -> Markup {
    html! {
        h2 { "Projectors" }
        @if fillers.is_empty() {
            (parts::notice(Mood::Warn, "No projector is in the registry", html! { p { "Nothing fills the views. Start one: parceltrack run projector." } }))
        } @else {
            @if told.anything { (work(told)) }
            (parts::wide("Projectors", &html! {
                table {
                    thead { tr { th { "Instance" } th { "Status" } th title="Of the events, that it owns" { "Partitions" } th.n title="Records that it is behind, as it says itself" { "Lag" } } }
                    tbody {
                        @for filler in fillers {
                            tr {
                                th scope="row" { a href={ "/console/services/projector/" (crate::backend::escaped(&filler.name)) } { (filler.name) } }
                                td { (parts::badge(if filler.status == Status::Up { Mood::Good } else { Mood::Warn }, filler.status.as_str())) }
                                td { (filler.partitions) }
                                td.n { (filler.lag) }
                            }
                        }
                    }
                }
            }))
        }
    }
}

/// What can be begun. Each is behind a second click.
fn acts(seen: &Seen<'_>) -> Markup {
    let has = |part| seen.surveyed.is_ok_and(|surveyed| surveyed.generations.iter().any(|g| g.part == part));
    let begun = has(Part::Building);
    let act = |value: &str, title: &str, text: &str, button: &str| {
        html! {
            // Another one's button must not come under the pointer.
            details.deed id={ "act-" (value) } {
                summary { (title) }
                form.stack method="post" action="/console/projections" {
                    p { (text) }
                    button.danger type="submit" name="act" value=(value) { (button) }
                }
            }
        }
    };
    html! {
        h2 { "What can be done" }
        @if begun {
            (act("rebuild", "Go on with the rebuild that was begun…", "A rebuild was begun and not finished. It goes on where it was, then the new views become live; the old ones stay.", "Go on with it"))
        } @else {
            (act("rebuild", "Build the views anew…", "All events are projected into new tables beside the live ones, which serve all the while. Then the new ones become live, and the old ones stay until they are dropped. It takes database and processors for a while.", "Build anew"))
        }
        @if has(Part::Previous) {
            (act("flip-back", "Go back to the views before…", "The generation that was live before is live again, and its projector catches it up from where it was left. Going back twice leads here again.", "Go back"))
        }
        @if has(Part::Previous) || begun {
            (act("drop-old", "Drop what isn't live…", "Every generation but the live one is dropped, one that is half built included. There is no going back then.", "Drop them"))
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::Utc;
    use projector::PartitionSeen;

    use super::*;

    fn generation(generation: u32, part: Part) -> GenerationSeen {
        let partition = PartitionSeen { partition: 2, position: Some(1_200), end: 1_300, lag: 100 };
        let group = format!("parceltrack.projector.g{generation}");
        GenerationSeen { generation, part, group, members: 4, partitions: vec![partition], rate: Some(12.34) }
    }

    fn surveyed(generations: Vec<GenerationSeen>, locked: bool) -> Surveyed {
        Surveyed { generations, live_since: 1_772_409_600_000, note: "rebuilt".to_owned(), locked }
    }

    fn text(surveyed: Result<&Surveyed, &str>, running: Option<&Running>, last: Option<&Done>) -> String {
        let filler = Filler {
            name: "h:1".to_owned(),
            status: Status::Up,
            partitions: "0,3".to_owned(),
            lag: "17".to_owned(),
        };
        let work = Told {
            anything: true,
            rate: Some(31.4),
            late: 2.5,
            parked: 3.0,
            repeated: 4_000.0,
            uncommitted: 0.0,
        };
        content(&Seen { surveyed, fillers: &[filler], work, running, last, told: None }).into_string()
    }

    #[test]
    fn generations_with_lag_rate_and_what_can_be_done() {
        let one = surveyed(vec![generation(3, Part::Live)], false);
        let page = text(Ok(&one), None, None);
        for part in ["Generation 3", "live", "12.3/s", ">1,200<", "Build the views anew"] {
            assert!(page.contains(part), "{part} is missing: {page}");
        }
        assert!(!page.contains("flip-back") && !page.contains("drop-old") && !page.contains("style="));
        assert!(
            fillers_table(&[], Told::default()).into_string().contains("No projector is in the registry")
        );
        let two = surveyed(vec![generation(3, Part::Live), generation(2, Part::Previous)], true);
        let page = text(Ok(&two), None, None);
        assert!(page.contains("flip-back") && page.contains("drop-old"));
        assert!(page.contains("Somebody else is at it"));
        let begun = surveyed(vec![generation(3, Part::Live), generation(4, Part::Building)], false);
        assert!(text(Ok(&begun), None, None).contains("Go on with the rebuild"));
    }

    #[test]
    fn a_rebuild_is_followed_and_can_be_stopped() {
        let progress = RebuildProgress {
            generation: 4,
            stage: Stage::Filling,
            done: 50,
            total: 200,
            events: 1_234,
            elapsed: Duration::from_secs(3),
            rate: 411.0,
            left: Some(Duration::from_secs(9)),
            retries: 2,
        };
        let running = Running {
            work: Work::Rebuild,
            console: "10.0.0.7:8096".to_owned(),
            who: "key:4f".to_owned(),
            since: Utc::now(),
            progress: Progress::Rebuild(progress),
            stopped_by: None,
        };
        let here = surveyed(vec![generation(3, Part::Live)], true);
        let page = text(Ok(&here), Some(&running), None);
        for part in [
            "25.0 %",
            "1,234 events",
            "411 a second",
            "9 s left",
            "10.0.0.7:8096",
            r#"value="stop""#,
            "2 requests",
        ] {
            assert!(page.contains(part), "{part} is missing: {page}");
        }
        assert!(!page.contains("Somebody else"), "it is we who hold the lock");
        let stopped_by = Some("key:5a".to_owned());
        let stopping = Running { stopped_by, progress: Progress::Waiting, ..running };
        let page = text(Ok(&here), Some(&stopping), None);
        assert!(!page.contains(r#"value="stop""#) && page.contains("key:5a has told it to stop"), "{page}");
    }

    #[test]
    fn the_page_comes_without_a_database_and_says_what_was_done_last() {
        let last = Done {
            work: Work::FlipBack,
            who: "key:4f".to_owned(),
            at: Utc::now(),
            outcome: Err("another rebuild runs".to_owned()),
        };
        let page = text(Err("the database did not answer"), None, Some(&last));
        assert!(page.contains("The views can't be looked at") && page.contains("did not answer"), "{page}");
        assert!(page.contains("Not done: a flip back") && page.contains("another rebuild runs"), "{page}");
    }
}
