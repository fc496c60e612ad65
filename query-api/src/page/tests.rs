//! The pages as people get them.

mod found;
mod frames;
mod weight;

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use shipment_events::Status;

use super::{Found, Language, Looked, Reader, found};
use crate::view::TrackingView;

const NOW: &str = "2026-03-04T12:00:00Z";
const NUMBER: &str = "RR123456785DE";

fn reader(language: Language) -> Reader {
    let now: DateTime<Utc> = NOW.parse().unwrap();
    Reader { language, chosen: false, all_steps: false, now, origin: None }
}

/// A parcel on its way, with a step at the end.
fn parcel(status: Status) -> TrackingView {
    TrackingView::sample(&[
        ("2026-03-04T09:30:00+01:00", status, "Ulm"),
        ("2026-03-03T23:10:00+01:00", Status::InTransit, "Kassel"),
        ("2026-03-02T08:15:00+01:00", Status::PickedUp, "Hamburg"),
        ("2026-03-01T10:00:00.250Z", Status::Registered, ""),
    ])
}

fn looked(views: Vec<TrackingView>) -> Looked {
    Looked { number: NUMBER.to_owned(), found: Found::Parcels(views) }
}

fn page_of(looked: &[Looked], reader: &Reader) -> String {
    found(looked, false, reader).1.into_string()
}

/// The page of one parcel, in English.
fn page(view: TrackingView) -> String {
    let (status, page) = found(&[looked(vec![view])], false, &reader(Language::English));
    assert_eq!(status, StatusCode::OK);
    page.into_string()
}

/// What a reader sees: the text without marks, each run of blanks as one.
fn text(html: &str) -> String {
    let mut text = String::new();
    for part in html.split('<').skip(1) {
        let (mark, words) = part.split_once('>').unwrap_or(("", ""));
        let inline = ["bdi", "/bdi", "span", "/span", "b", "time", "/time"];
        if !inline.contains(&mark.split(' ').next().unwrap_or("")) {
            text.push(' ');
        }
        text.push_str(words);
    }
    text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}
