//! The pages: one that asks for a number, one with what was found, and one where nothing can be looked up.

use axum::http::StatusCode;
use maud::{Markup, html};

use super::address::{self, Address};
use super::asked::MOST;
use super::card::{Amount, Card};
use super::frame::Frame;
use super::parcel::Parcel;
use super::reader::Reader;
use super::texts::Trouble;
use super::{dates, place, search};
use crate::view::TrackingView;

/// Steps of a parcel that are shown, unless all are asked for.
const STEPS: usize = 40;
/// Steps of all parcels together where several have one number.
const STEPS_TOGETHER: usize = 20;

/// What became of one number.
pub(crate) struct Looked {
    pub(crate) number: String,
    pub(crate) found: Found,
}

pub(crate) enum Found {
    /// The parcels that have it, the one registered last first; one at least.
    Parcels(Vec<TrackingView>),
    /// None has it.
    Nothing,
    /// It is none.
    Malformed,
}

/// Asks for a number.
pub(crate) fn start(reader: &Reader) -> Markup {
    let texts = reader.texts();
    Frame {
        title: texts.title,
        description: texts.intro,
        address: Address::Start,
        version: 0,
        live: None,
        typed: "",
        content: html! {
            section.start {
                h1 { (texts.title) }
                p.intro { (texts.intro) }
                (search::form(reader, ""))
            }
        },
    }
    .document(reader)
}

/// Says that nothing can be looked up now.
pub(crate) fn away(numbers: &[String], reader: &Reader) -> Markup {
    let texts = reader.texts();
    let address = Address::of(numbers);
    let again = address.link(reader.kept());
    Frame {
        title: texts.away.title,
        description: texts.away.text,
        address,
        version: 0,
        live: None,
        typed: "",
        content: html! {
            section.card.heed {
                h1 { (texts.away.title) }
                p { (texts.away.text) }
                p { a.more href=(again) { (texts.try_again) } }
            }
        },
    }
    .document(reader)
}

/// Shows what was found, and how the answer is to be marked.
pub(crate) fn found(looked: &[Looked], more: bool, reader: &Reader) -> (StatusCode, Markup) {
    let parcels: Vec<Vec<Parcel<'_>>> = looked.iter().map(Looked::parcels).collect();
    let all = || parcels.iter().flatten();
    let (title, description) = told(looked, &parcels, reader);
    let live = all().any(|parcel| !parcel.is_over()).then(|| {
        let numbers: Vec<&str> = looked.iter().map(|looked| looked.number.as_str()).collect();
        address::live(&numbers)
    });
    let numbers: Vec<String> = looked.iter().map(|looked| looked.number.clone()).collect();
    let typed = match looked {
        [Looked { number, found: Found::Nothing | Found::Malformed }] => number,
        _ => "",
    };
    let page = Frame {
        title: &title,
        description: &description,
        address: Address::of(&numbers),
        version: all().map(|parcel| parcel.view.version).sum(),
        live,
        typed,
        content: html! {
            (heading(looked, reader))
            p #news role="status" {}
            @if more { p.note { ((reader.texts().search.too_many)(MOST as u64)) } }
            (cards(looked, &parcels, reader))
        },
    };
    let status = match looked {
        [one] => one.found.status(),
        _ => StatusCode::OK,
    };
    (status, page.document(reader))
}

fn heading(looked: &[Looked], reader: &Reader) -> Markup {
    let texts = reader.texts();
    html! {
        @match looked {
            [one] => h1.number { (texts.parcel) " " bdi { (one.shown_number()) } },
            several => h1.number { ((texts.numbers)(several.len() as u64)) },
        }
    }
}

fn cards(looked: &[Looked], parcels: &[Vec<Parcel<'_>>], reader: &Reader) -> Markup {
    let amount = match (looked.len(), parcels.iter().map(Vec::len).sum()) {
        (2.., _) => Amount::Brief,
        (_, 0..=1) => Amount::Full(STEPS),
        (_, shown) => Amount::Full(STEPS_TOGETHER / shown),
    };
    html! {
        div #parcels {
            @for (looked, parcels) in looked.iter().zip(parcels) {
                @match &looked.found {
                    Found::Nothing => (trouble(&reader.texts().missing, &looked.number)),
                    Found::Malformed => (trouble(&reader.texts().malformed, &looked.number)),
                    Found::Parcels(_) => @for (at, parcel) in parcels.iter().enumerate() {
                        @let asked = looked.number.as_str();
                        @let card = Card { parcel, asked, amount, is_earlier: at > 0 };
                        (card.render(reader))
                    }
                }
            }
        }
    }
}

fn trouble(trouble: &Trouble, number: &str) -> Markup {
    html! {
        article.card.off {
            p.number { bdi { (number) } }
            h2 { (trouble.title) }
            p.means { (trouble.text) }
            ul.hints role="list" { @for hint in trouble.hints { li { (hint) } } }
        }
    }
}

/// Title and description, for the window and for previews of links.
fn told(looked: &[Looked], parcels: &[Vec<Parcel<'_>>], reader: &Reader) -> (String, String) {
    let texts = reader.texts();
    let [one] = looked else {
        return ((texts.numbers)(looked.len() as u64), texts.intro.to_owned());
    };
    let Some(parcel) = parcels.first().and_then(|parcels| parcels.first()) else {
        let trouble = if matches!(one.found, Found::Malformed) { &texts.malformed } else { &texts.missing };
        return (trouble.title.to_owned(), trouble.text.to_owned());
    };
    let said = (texts.status)(parcel.status);
    let at = parcel.place().map(|at| place::plain(at, reader.language));
    let promise = parcel.promise(reader.now);
    let promised =
        promise.map(|(day, _)| format!("{} {}", texts.facts.promised, dates::day(day, reader.language)));
    let description = [Some(said.means.to_owned()), at, promised].into_iter().flatten();
    (format!("{} · {}", said.name, one.shown_number()), description.collect::<Vec<_>>().join(" · "))
}

impl Looked {
    fn parcels(&self) -> Vec<Parcel<'_>> {
        match &self.found {
            Found::Parcels(views) => views.iter().map(Parcel::of).collect(),
            Found::Nothing | Found::Malformed => Vec::new(),
        }
    }

    /// As it stands on the label, or else as it was asked for.
    fn shown_number(&self) -> &str {
        let label = match &self.found {
            Found::Parcels(views) => views.first().and_then(|view| view.tracking_number.as_deref()),
            Found::Nothing | Found::Malformed => None,
        };
        label.unwrap_or(&self.number)
    }
}

impl Found {
    const fn status(&self) -> StatusCode {
        match self {
            Self::Parcels(_) => StatusCode::OK,
            Self::Nothing => StatusCode::NOT_FOUND,
            Self::Malformed => StatusCode::BAD_REQUEST,
        }
    }
}
