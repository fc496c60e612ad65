//! The frame of every page: title, navigation, breadcrumbs, who is signed in.

use auth::Principal;
use axum::http::StatusCode;
use axum::response::Response;
use http_api::html;
use maud::{DOCTYPE, Markup, html as markup};

use crate::assets::{self, ICON, SCRIPT, STYLE};
use crate::caller::Caller;

/// What the navigation leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    Overview,
    Shipments,
    Events,
    Projections,
    Services,
    Config,
    /// None of them.
    Elsewhere,
}

const NAVIGATION: [(Section, &str, &str); 6] = [
    (Section::Overview, "Overview", "/console"),
    (Section::Shipments, "Shipments", "/console/shipments"),
    (Section::Events, "Event store", "/console/events"),
    (Section::Projections, "Projections", "/console/projections"),
    (Section::Services, "Services", "/console/services"),
    (Section::Config, "Config", "/console/config"),
];

/// A page in the making.
#[derive(Debug)]
pub(crate) struct Page {
    section: Section,
    title: String,
    crumbs: Vec<(String, String)>,
    status: StatusCode,
}

impl Page {
    /// Of a section, with a title that is its heading, too.
    pub(crate) fn new(section: Section, title: impl Into<String>) -> Self {
        Self { section, title: title.into(), crumbs: Vec::new(), status: StatusCode::OK }
    }

    /// With a page above it, the outermost first.
    #[must_use]
    pub(crate) fn under(mut self, name: impl Into<String>, address: impl Into<String>) -> Self {
        self.crumbs.push((name.into(), address.into()));
        self
    }

    /// With another status than 200.
    #[must_use]
    pub(crate) fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// The whole as it is sent.
    pub(crate) fn of(self, caller: &Caller, content: &Markup) -> Response {
        let status = self.status;
        html::page(status, self.render(&caller.principal, content))
    }

    /// The same as text, for tests.
    pub(crate) fn render(&self, principal: &Principal, content: &Markup) -> Markup {
        let body = markup! {
            a.skip href="#main" { "Skip to content" }
            header.top {
                (brand())
                nav.pages aria-label="Pages" {
                    ul {
                        @for (section, name, address) in NAVIGATION {
                            li { a href=(address) aria-current=[(section == self.section).then_some("page")] { (name) } }
                        }
                    }
                }
                (who(principal))
            }
            main id="main" tabindex="-1" {
                @if !self.crumbs.is_empty() {
                    nav.crumbs aria-label="Breadcrumbs" {
                        ol {
                            @for (name, address) in &self.crumbs { li { a href=(address) { (name) } } }
                            li aria-current="page" { (self.title) }
                        }
                    }
                }
                h1 { (self.title) }
                (content)
            }
            footer {
                span { "ParcelTrack " (env!("CARGO_PKG_VERSION")) }
                // Shown by the script: without it, nothing moves that could be paused.
                button.quiet type="button" data-pause hidden { "Pause updates" }
            }
        };
        document(&self.title, None, &body)
    }
}

/// A page without navigation, for who isn't signed in. `next` is where to go on for whoever turns out to be.
pub(crate) fn bare(status: StatusCode, title: &str, next: Option<&str>, content: &Markup) -> Response {
    let body = markup! {
        a.skip href="#main" { "Skip to content" }
        header.top { (brand()) }
        main.narrow id="main" tabindex="-1" {
            h1 { (title) }
            (content)
        }
    };
    html::page(status, document(title, next, &body))
}

/// One that says one thing alone, and leads back.
pub(crate) fn alone(status: StatusCode, title: &str, text: &str) -> Response {
    let content = markup! {
        p { (text) }
        p { a.button href="/console" { "To the overview" } }
    };
    bare(status, title, None, &content)
}

fn brand() -> Markup {
    markup! {
        a.brand href="/console" {
            img src=(assets::address(&ICON)) alt="" width="24" height="24";
            span { "ParcelTrack" }
        }
    }
}

fn who(principal: &Principal) -> Markup {
    let is_known = *principal != Principal::unchecked();
    markup! {
        div.who {
            span title={ "Signed in as " (principal.name()) } { (short(principal.name())) " · " (principal.role()) }
            @if is_known {
                form method="post" action="/console/sign-out" { button.quiet type="submit" { "Sign out" } }
            }
        }
    }
}

/// A token's subject comes with its issuer's address, which everybody here knows.
fn short(name: &str) -> &str {
    name.rsplit_once('#').map_or(name, |(_, subject)| subject)
}

fn document(title: &str, next: Option<&str>, body: &Markup) -> Markup {
    markup! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { (title) " · ParcelTrack console" }
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                link rel="icon" type="image/svg+xml" href=(assets::address(&ICON));
                link rel="stylesheet" href=(assets::address(&STYLE));
                script src=(assets::address(&SCRIPT)) defer {}
            }
            body data-next=[next] { (body) }
        }
    }
}

#[cfg(test)]
mod tests {
    use auth::{Customers, Role};

    use super::*;

    #[test]
    fn the_frame_says_where_one_is_and_who_and_escapes_all_of_it() {
        let page = Page::new(Section::Config, "<b>bold</b>").under("Config", "/console/config");
        let operator = Principal::new("oidc:https://issuer/x#ada & co", Role::Operator, Customers::All);
        let text = page.render(&operator, &markup! { p { "1 < 2" } }).into_string();
        assert!(text.contains("<title>&lt;b&gt;bold&lt;/b&gt; · ParcelTrack console</title>"), "{text}");
        assert!(text.contains(r#"<a href="/console/config" aria-current="page">Config</a>"#), "{text}");
        assert!(text.contains("ada &amp; co · operator") && text.contains("Sign out"), "{text}");
        assert!(!text.contains("<b>") && !text.contains("style="), "{text}");
    }

    #[test]
    fn nobody_signs_out_where_nobody_signs_in() {
        let text = Page::new(Section::Overview, "Overview").render(&Principal::unchecked(), &markup! {});
        assert!(!text.into_string().contains("Sign out"));
    }
}
