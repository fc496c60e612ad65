//! What every page has around its content.

use maud::{DOCTYPE, Markup, html};

use super::address::{Address, With};
use super::reader::Reader;
use super::{ICON, SCRIPT, STYLE};
use super::{Language, search};

/// A page in the making.
pub(crate) struct Frame<'p> {
    /// Of the window, and of a preview of a link to it.
    pub(crate) title: &'p str,
    /// A sentence or two, for previews.
    pub(crate) description: &'p str,
    pub(crate) address: Address,
    /// The sum of the versions of all that is shown.
    pub(crate) version: i64,
    /// Where changes are heard of, while any are expected.
    pub(crate) live: Option<String>,
    /// What the form below has in it, where that is worth another try.
    pub(crate) typed: &'p str,
    pub(crate) content: Markup,
}

impl Frame<'_> {
    /// The whole document.
    pub(crate) fn document(&self, reader: &Reader) -> Markup {
        let (language, texts) = (reader.language, reader.texts());
        html! {
            (DOCTYPE)
            html lang=(language.tag()) dir=(language.direction()) {
                head {
                    meta charset="utf-8";
                    title { (self.title) }
                    (self.told_to_browsers(reader))
                }
                body {
                    a.skip href="#main" { (texts.skip) }
                    header.top {
                        a.brand href=(Address::Start.link(reader.kept())) {
                            (mark()) span dir="ltr" { "ParcelTrack" }
                        }
                        (self.languages(reader))
                    }
                    main #main tabindex="-1" data-version=(self.version) data-live=[&self.live]
                        data-on=(texts.live.on) data-off=(texts.live.off) data-updated=(texts.live.updated) {
                        (self.content)
                    }
                    @if self.address != Address::Start { (search::again(reader, self.typed)) }
                    footer {
                        p { (texts.footer) }
                        p #as-of { (texts.as_of) " " (reader.moment()) }
                    }
                }
            }
        }
    }

    fn told_to_browsers(&self, reader: &Reader) -> Markup {
        let own = self.address.link(reader.kept());
        html! {
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            meta name="robots" content="noindex";
            meta name="description" content=(self.description);
            meta property="og:type" content="website";
            meta property="og:site_name" content="ParcelTrack";
            meta property="og:title" content=(self.title);
            meta property="og:description" content=(self.description);
            meta property="og:locale" content=(reader.language.locale());
            @for other in Language::ALL.into_iter().filter(|other| *other != reader.language) {
                meta property="og:locale:alternate" content=(other.locale());
            }
            @if let Some(origin) = &reader.origin {
                meta property="og:url" content={ (origin) (own) };
            }
            meta name="twitter:card" content="summary";
            link rel="icon" type="image/svg+xml" href={ "/track/assets/" (ICON.file_name()) };
            link rel="stylesheet" href={ "/track/assets/" (STYLE.file_name()) };
            script src={ "/track/assets/" (SCRIPT.file_name()) } defer {}
        }
    }

    fn languages(&self, reader: &Reader) -> Markup {
        let with = |language| With { language: Some(language), all_steps: reader.all_steps };
        html! {
            nav aria-label=(reader.texts().language) {
                ul {
                    @for language in Language::ALL {
                        li {
                            a href=(self.address.link(with(language))) lang=(language.tag())
                                hreflang=(language.tag()) dir=(language.direction())
                                aria-current=[(language == reader.language).then_some("true")] {
                                (language.own_name())
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The mark before the name.
fn mark() -> Markup {
    html! {
        svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" {
            path d="M12 2 3 7v10l9 5 9-5V7z" {}
            path d="M3 7l9 5 9-5M12 12v10M7.5 4.5l9 5" {}
        }
    }
}
