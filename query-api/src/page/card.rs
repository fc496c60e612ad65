//! One parcel.

use chrono::NaiveDate;
use maud::{Markup, html};
use shipment_events::{Class, Status};

use super::address::{Address, With};
use super::parcel::Parcel;
use super::place::place;
use super::promise::Promise;
use super::reader::Reader;
use super::timeline::timeline;
use super::{carrier, dates};

/// How much of a parcel is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Amount {
    /// All of it, with so many steps at most.
    Full(usize),
    /// Where it is, with a link to the page that has all.
    Brief,
}

/// A parcel that was found.
pub(crate) struct Card<'v> {
    pub(crate) parcel: &'v Parcel<'v>,
    /// The number by which it was asked for.
    pub(crate) asked: &'v str,
    pub(crate) amount: Amount,
    /// Whether a newer parcel has the number.
    pub(crate) is_earlier: bool,
}

impl Card<'_> {
    pub(crate) fn render(&self, reader: &Reader) -> Markup {
        let parcel = self.parcel;
        let texts = reader.texts();
        let said = (texts.status)(parcel.status);
        let number = parcel.view.tracking_number.as_deref().unwrap_or(self.asked);
        html! {
            article.card.(tone(parcel.status)) data-says={ (number) ": " (said.name) } {
                @if self.is_earlier { p.note { (texts.earlier) } }
                @if self.amount == Amount::Brief { p.number { bdi { (number) } } }
                h2 { (said.name) }
                @if let Some(since) = parcel.since {
                    p.since {
                        (reader.day_and_time(since))
                        @if let Some(at) = parcel.place() { " " span.at { (place(at, reader.language)) } }
                    }
                }
                p.means { (said.means) }
                (self.stages(reader))
                @match self.amount {
                    Amount::Brief => {
                        @if let Some((day, promise)) = parcel.promise(reader.now) {
                            p.promised { (texts.facts.promised) " " (promised(day, promise, reader)) }
                        }
                        p { a.more href=(Address::of(&[self.asked.to_owned()]).link(reader.kept())) {
                            (texts.history.details) span.unseen { " " bdi { (number) } }
                        } }
                    }
                    Amount::Full(most) => {
                        (self.facts(reader))
                        @if !said.advice.is_empty() {
                            section.advice {
                                h3 { (texts.advice) }
                                ul { @for advice in said.advice { li { (advice) } } }
                            }
                        }
                        (self.history(most, reader))
                        @if parcel.view.archived { p.note { (texts.archived) } }
                    }
                }
            }
        }
    }

    /// A list in the order of the way; the one where it is says so.
    fn stages(&self, reader: &Reader) -> Markup {
        let (stages, texts) = (self.parcel.stages(), reader.texts());
        let is_over = self.parcel.status.is_final();
        html! {
            ol.stages role="list" aria-label=(texts.progress.heading) {
                @for (at, stage) in stages.all.iter().enumerate() {
                    @let (class, said) = match at.cmp(&stages.now) {
                        std::cmp::Ordering::Less => ("done", texts.progress.done),
                        std::cmp::Ordering::Equal if is_over => ("now", texts.progress.done),
                        std::cmp::Ordering::Equal => ("now", texts.progress.now),
                        std::cmp::Ordering::Greater => ("ahead", texts.progress.ahead),
                    };
                    li.(class) aria-current=[(at == stages.now).then_some("step")] {
                        span { ((texts.stage)(*stage)) } span.unseen { ", " (said) }
                    }
                }
            }
        }
    }

    fn facts(&self, reader: &Reader) -> Markup {
        let (view, texts) = (self.parcel.view, &reader.texts().facts);
        html! {
            dl.facts {
                @if let Some((day, promise)) = self.parcel.promise(reader.now) {
                    div.wide { dt { (texts.promised) } dd { (promised(day, promise, reader)) } }
                }
                @if let Some(origin) = &view.origin {
                    div { dt { (texts.from) } dd { (place(origin, reader.language)) } }
                }
                @if let Some(destination) = &view.destination {
                    div { dt { (texts.to) } dd { (place(destination, reader.language)) } }
                }
                @if let Some(name) = &view.carrier {
                    div { dt { (texts.carrier) } dd { bdi { (carrier::name(name)) } } }
                }
            }
        }
    }

    fn history(&self, most: usize, reader: &Reader) -> Markup {
        let (steps, texts) = (&self.parcel.steps, &reader.texts().history);
        let most = if reader.all_steps { steps.len() } else { most };
        let all = With { all_steps: true, ..reader.kept() };
        html! {
            section.history {
                h3 { (texts.heading) }
                (timeline(&steps[..steps.len().min(most)], reader))
                @if steps.len() > most {
                    p { a.more href=(Address::of(&[self.asked.to_owned()]).link(all)) {
                        ((texts.all_steps)(steps.len() as u64))
                    } }
                }
            }
        }
    }
}

/// The day promised, and how that stands.
fn promised(day: NaiveDate, promise: Promise, reader: &Reader) -> Markup {
    let texts = &reader.texts().promise;
    let stands = match promise {
        Promise::Due(0) => Some(texts.today.to_owned()),
        Promise::Due(1) => Some(texts.tomorrow.to_owned()),
        Promise::Due(days) => Some((texts.in_days)(days)),
        Promise::Late(days) => Some((texts.late)(days)),
        Promise::Kept => Some(texts.kept.to_owned()),
        Promise::Broken(days) => Some((texts.broken)(days)),
        Promise::Void => None,
    };
    html! {
        time datetime=(day) { (dates::day(day, reader.language)) }
        @if let Some(stands) = stands { " " span.badge.late[promise.is_late()] { (stands) } }
    }
}

/// How a status looks: colour says nothing that the words don't.
const fn tone(status: Status) -> &'static str {
    match status {
        Status::Exception | Status::Damaged | Status::Lost | Status::Disposed => "bad",
        Status::AttemptFailed
        | Status::AvailableForPickup
        | Status::Customs
        | Status::Delayed
        | Status::OnHold => "heed",
        _ => match status.class() {
            Class::Delivered => "good",
            Class::CalledOff | Class::Returning | Class::Returned => "off",
            _ => "calm",
        },
    }
}
