//! The steps of a parcel, newest first, by the day on the clock of their places.

use maud::{Markup, html};

use super::dates;
use super::parcel::Step;
use super::place::place;
use super::reader::Reader;

/// These steps.
pub(crate) fn timeline(steps: &[Step<'_>], reader: &Reader) -> Markup {
    html! {
        ol.days role="list" {
            @for day in steps.chunk_by(|one, next| one.at.day() == next.at.day()) {
                li {
                    p.day { (dates::day(day[0].at.day(), reader.language)) }
                    ol.steps role="list" { @for step in day { (self::step(step, reader)) } }
                }
            }
        }
    }
}

fn step(step: &Step<'_>, reader: &Reader) -> Markup {
    html! {
        li {
            time datetime=(step.at.machine()) {
                bdi dir="ltr" { (step.at.time()) } " " bdi.zone dir="ltr" { (step.at.zone()) }
            }
            div {
                b { ((reader.texts().status)(step.status).name) }
                @if let Some(at) = step.place { span { (place(at, reader.language)) } }
            }
        }
    }
}
