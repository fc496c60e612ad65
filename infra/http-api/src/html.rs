//! Pages for people: HTML under a policy that lets nothing in from elsewhere, and the files that they need.
//!
//! ```
//! use axum::http::StatusCode;
//! use http_api::html::{Asset, page};
//! use maud::{DOCTYPE, html};
//!
//! const STYLE: Asset = Asset::css("page", "body { margin: 0 }");
//!
//! let answer = page(StatusCode::OK, html! {
//!     (DOCTYPE)
//!     html lang="en" {
//!         head { title { "Parcels" } link rel="stylesheet" href={ "/assets/" (STYLE.file_name()) }; }
//!         body { h1 { "Parcels" } }
//!     }
//! });
//! assert_eq!(answer.status(), StatusCode::OK);
//! ```

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};

use crate::catalogue::codes;
use crate::docs::PLAIN;
use crate::problem::Problem;

/// Everything comes from here and nothing is inline: no script, style or `style=` attribute in the page itself.
/// Source: Content Security Policy Level 3, <https://www.w3.org/TR/CSP3/>.
pub const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);

const HEADERS: [(HeaderName, HeaderValue); 5] = [
    (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
];

/// A page as it is sent: under [`POLICY`], never cached, and its address is not told to other sites.
pub fn page(status: StatusCode, content: Markup) -> Response {
    (status, HEADERS, content.into_string()).into_response()
}

/// A problem as people read it, for whoever serves `/docs` too: what went wrong, when another try is worth it, and the address for
/// that one.
pub fn problem(problem: &Problem, again: Option<&str>, request_id: &str) -> Response {
    let status = problem.status();
    let wait = problem.headers().iter().find(|(name, _)| *name == header::RETRY_AFTER);
    let wait = wait.and_then(|(_, seconds)| seconds.to_str().ok());
    let again = again.filter(|_| wait.is_some() || status.is_server_error());
    let content = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { (problem.title()) " · ParcelTrack" }
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                link rel="stylesheet" href={ "/docs/assets/" (PLAIN.file_name()) };
            }
            body {
                main {
                    h1 { (problem.title()) }
                    @if !problem.words().is_empty() { p { (problem.words()) } }
                    @if let Some(seconds) = wait { p { "Another try is worth it in " (seconds) " s." } }
                    @if let Some(again) = again { p { a href=(again) { "Try again" } } }
                    p.fine {
                        (status.as_u16()) " · "
                        a href={ "/docs/errors/" (problem.code()) } { (problem.code()) }
                        " · request " (request_id)
                    }
                }
            }
        }
    };
    let mut response = page(status, content);
    response.headers_mut().extend(problem.headers().iter().cloned());
    response
}

/// A file of a page, compiled into the program. Its name has a hash of what is in it, so that browsers may keep it for ever.
#[derive(Clone, Copy, Debug)]
pub struct Asset {
    name: &'static str,
    ending: &'static str,
    media_type: &'static str,
    content: &'static str,
    hash: u64,
}

impl Asset {
    /// A style sheet; the name without an ending.
    pub const fn css(name: &'static str, content: &'static str) -> Self {
        Self::new(name, "css", "text/css; charset=utf-8", content)
    }

    /// A script; the name without an ending.
    pub const fn js(name: &'static str, content: &'static str) -> Self {
        Self::new(name, "js", "text/javascript; charset=utf-8", content)
    }

    /// A picture; the name without an ending.
    pub const fn svg(name: &'static str, content: &'static str) -> Self {
        Self::new(name, "svg", "image/svg+xml", content)
    }

    const fn new(
        name: &'static str,
        ending: &'static str,
        media_type: &'static str,
        content: &'static str,
    ) -> Self {
        Self { name, ending, media_type, content, hash: fnv1a(content.as_bytes()) }
    }

    /// `page.16f0a5b2c3d4e5f6.css`: what pages name it by.
    pub fn file_name(&self) -> String {
        format!("{}.{:016x}.{}", self.name, self.hash, self.ending)
    }

    /// Its length, in bytes.
    pub const fn len(&self) -> usize {
        self.content.len()
    }

    /// Whether it has no content.
    pub const fn is_empty(&self) -> bool {
        self.content.is_empty()
    }

    /// The answer to a request for a file, out of a page's files. A name of another version, as pages have while an upgrade
    /// rolls, gets the file there is, not to be kept; an unknown name is 404.
    pub fn serve(assets: &[Self], file: &str) -> Response {
        let Some(asset) = assets.iter().find(|asset| asset.is_named(file)) else {
            return Problem::http(codes::NO_SUCH_ADDRESS).into_response();
        };
        let same = asset.file_name() == file;
        let keep = if same { "public, max-age=31536000, immutable" } else { "no-cache" };
        let headers = [
            (header::CONTENT_TYPE, asset.media_type),
            (header::CACHE_CONTROL, keep),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ];
        (headers, asset.content).into_response()
    }

    /// Of any version.
    fn is_named(&self, file: &str) -> bool {
        let rest = file.strip_prefix(self.name).and_then(|rest| rest.strip_prefix('.'));
        let hash =
            rest.and_then(|rest| rest.strip_suffix(self.ending)).and_then(|rest| rest.strip_suffix('.'));
        hash.is_some_and(|hash| hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
    }
}

/// FNV-1a, 64 bits: tells versions of a file apart, and protects nothing.
const fn fnv1a(bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0100_0000_01b3);
        at += 1;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLE: Asset = Asset::css("page", "body { margin: 0 }");
    const ALL: &[Asset] = &[STYLE, Asset::js("page", "'use strict';")];

    #[test]
    fn a_page_lets_nothing_in_from_elsewhere() {
        let answer = page(StatusCode::NOT_FOUND, html! { p { "<nothing>" } });
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
        let policy = answer.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    }

    #[test]
    fn a_problem_is_told_to_people_with_what_its_headers_say() {
        let text = |answer: Response| {
            let (parts, body) = answer.into_parts();
            let body = futures::executor::block_on(axum::body::to_bytes(body, 10_000)).unwrap();
            (parts, String::from_utf8(body.to_vec()).unwrap())
        };
        let away = Problem::unavailable("nobody <answers>", std::time::Duration::from_secs(3));
        let (parts, page) = text(problem(&away, Some("/track?numbers=a&lang=fr"), "r-1"));
        assert_eq!(parts.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(parts.headers[header::RETRY_AFTER], "3");
        for told in
            ["nobody &lt;answers&gt;", "in 3 s", "href=\"/track?numbers=a&amp;lang=fr\"", "PT-0013", "r-1"]
        {
            assert!(page.contains(told), "{told}: {page}");
        }
        let (parts, page) = text(problem(&Problem::http(codes::NO_SUCH_ADDRESS), Some("/nothing"), "r-2"));
        assert_eq!(parts.status, StatusCode::NOT_FOUND);
        assert!(!page.contains("/nothing"), "a second try is no use: {page}");
        let style = page.split_once("/docs/assets/").and_then(|(_, rest)| rest.split_once('"')).unwrap().0;
        assert_eq!(Asset::serve(&[PLAIN], style).status(), StatusCode::OK);
    }

    #[test]
    fn a_file_is_kept_for_ever_under_its_own_name_only() {
        let kept = |file: &str| {
            let answer = Asset::serve(ALL, file);
            (answer.status().as_u16(), answer.headers().get(header::CACHE_CONTROL).cloned())
        };
        let (status, cache) = kept(&STYLE.file_name());
        assert_eq!((status, cache.unwrap()), (200, "public, max-age=31536000, immutable".parse().unwrap()));
        let (status, cache) = kept("page.0123456789abcdef.css");
        assert_eq!((status, cache.unwrap()), (200, "no-cache".parse().unwrap()));
        for unknown in
            ["page.css", "page.0123456789abcdef.png", "other.0123456789abcdef.css", "page.x.css", ""]
        {
            assert_eq!(kept(unknown).0, 404, "{unknown}");
        }
    }

    #[test]
    fn the_name_changes_with_the_content() {
        assert_ne!(STYLE.file_name(), Asset::css("page", "body { margin: 1px }").file_name());
    }
}
