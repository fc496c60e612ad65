//! Places in words.

use maud::{Markup, html};

use super::Language;
use super::texts::country;
use crate::view::PublicPlace;

/// A place from near to far. Each part keeps its own direction: a name in Latin letters doesn't turn the others around.
pub(crate) fn place(place: &PublicPlace, language: Language) -> Markup {
    let parts = parts(place, language);
    html! {
        @for (at, part) in parts.iter().enumerate() {
            @if at > 0 { (language.texts().comma) }
            bdi { (part) }
        }
    }
}

/// The same as plain text, for previews.
pub(crate) fn plain(place: &PublicPlace, language: Language) -> String {
    parts(place, language).join(language.texts().comma)
}

fn parts(place: &PublicPlace, language: Language) -> Vec<&str> {
    let PublicPlace { facility, city, region, country: code } = place;
    let code = code.as_deref().map(|code| country(code, language).unwrap_or(code));
    let mut parts: Vec<&str> = Vec::new();
    for part in [facility.as_deref(), city.as_deref(), region.as_deref(), code].into_iter().flatten() {
        // Carriers name a facility, or a region, by its city.
        if !part.trim().is_empty() && !parts.contains(&part) {
            parts.push(part);
        }
    }
    parts
}
