//! The form that asks for numbers. It works without a script.

use maud::{Markup, html};

use super::reader::Reader;

/// For the page that has nothing else; with what was typed last.
pub(crate) fn form(reader: &Reader, typed: &str) -> Markup {
    let texts = &reader.texts().search;
    html! {
        form role="search" action="/track" method="get" {
            label for="numbers" { (texts.label) }
            div.field {
                input #numbers name="numbers" type="search" dir="auto" required maxlength="1400" value=(typed)
                    autocomplete="off" autocapitalize="characters" spellcheck="false" enterkeyhint="search"
                    aria-describedby="hint";
                button { (texts.button) }
            }
            p #hint { (texts.hint) }
            @if reader.chosen { input type="hidden" name="lang" value=(reader.language.tag()); }
        }
    }
}

/// Below what was asked for.
pub(crate) fn again(reader: &Reader, typed: &str) -> Markup {
    html! {
        section.again aria-labelledby="again" {
            h2 #again { (reader.texts().search.again) }
            (form(reader, typed))
        }
    }
}
