//! `/track`: the tracking page, for everybody.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use chrono::Utc;
use futures::{StreamExt, TryStreamExt, stream};
use http_api::html::{self, Asset};
use http_api::{PathParams, Problem};
use maud::Markup;

use super::tracking::{AT_ONCE, registered, shown_of_each};
use crate::page::{self, Address, Asked, Found, Language, Looked, MOST, Reader, With};
use crate::state::Api;
use crate::view::TrackingView;
use crate::views::RETRY_AFTER;

/// No search engine is to know where somebody's parcel is.
const NOT_INDEXED: (HeaderName, HeaderValue) =
    (HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow"));

/// `GET /track`: asks for numbers, or shows those asked for. One alone has a page with an address of its own.
pub(super) async fn several(
    State(api): State<Arc<Api>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let asked = Asked::of(query.as_deref().unwrap_or_default());
    let reader = reader(&asked, &headers);
    match Address::of(&asked.numbers) {
        Address::Start => answer(StatusCode::OK, page::start(&reader), &reader),
        Address::One(number) => {
            let with = With { language: asked.language, all_steps: asked.all_steps };
            see_other(&Address::One(number).link(with))
        }
        Address::Several(numbers) => show(&api, numbers, &reader).await,
    }
}

/// `GET /track/{number}`.
pub(super) async fn one(
    State(api): State<Arc<Api>>,
    PathParams(number): PathParams<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let asked = Asked::of(query.as_deref().unwrap_or_default());
    show(&api, vec![number], &reader(&asked, &headers)).await
}

/// `GET /track/assets/{file}`.
pub(super) async fn asset(PathParams(file): PathParams<String>) -> Response {
    self::file(&file)
}

/// A file of the tracking page.
pub fn file(name: &str) -> Response {
    Asset::serve(page::ASSETS, name)
}

/// The tracking page that says that nothing can be looked up now, with this problem's status, for whoever asked at this address.
pub fn away(problem: &Problem, uri: &Uri, headers: &HeaderMap) -> Response {
    let query = uri.query().unwrap_or_default();
    // The number of a page of its own as a query has it: there a plus is a blank.
    let number =
        uri.path().strip_prefix("/track/").map(|number| number.replace('+', "%2B").replace('&', "%26"));
    let asked =
        Asked::of(&number.map_or_else(|| query.to_owned(), |number| format!("number={number}&{query}")));
    // What others say about the address is hearsay here.
    let reader = Reader { origin: None, ..reader(&asked, headers) };
    let shown = &asked.numbers[..asked.numbers.len().min(MOST)];
    let mut response = answer(problem.status(), page::away(shown, &reader), &reader);
    response.headers_mut().extend(problem.headers().iter().cloned());
    response
}

async fn show(api: &Api, mut numbers: Vec<String>, reader: &Reader) -> Response {
    let more = numbers.len() > MOST;
    numbers.truncate(MOST);
    let shown = shown_of_each(numbers.len());
    let looking = numbers.clone().into_iter().map(|number| look(api, number, shown));
    let looked: Result<Vec<Looked>, Problem> = stream::iter(looking).buffered(AT_ONCE).try_collect().await;
    match looked {
        Ok(looked) => {
            let (status, page) = page::found(&looked, more, reader);
            answer(status, page, reader)
        }
        Err(problem) => {
            let mut response = answer(problem.status(), page::away(&numbers, reader), reader);
            let wait = HeaderValue::from(RETRY_AFTER.as_secs());
            response.headers_mut().insert(header::RETRY_AFTER, wait);
            response
        }
    }
}

/// What everybody may see of the parcels with a number, so many of them.
async fn look(api: &Api, number: String, shown: usize) -> Result<Looked, Problem> {
    let found = match registered(api, &number).await {
        Ok(rows) => {
            let mut views = Vec::with_capacity(rows.len().min(shown));
            for row in rows.into_iter().take(shown) {
                let history = api.history(row.shipment_id).await?;
                views.extend(TrackingView::new(&row, &history, 0));
            }
            if views.is_empty() { Found::Nothing } else { Found::Parcels(views) }
        }
        Err(problem) if problem.status() == StatusCode::BAD_REQUEST => Found::Malformed,
        Err(problem) => return Err(problem),
    };
    Ok(Looked { number, found })
}

fn reader(asked: &Asked, headers: &HeaderMap) -> Reader {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Reader {
        language: asked.language.unwrap_or_else(|| Language::preferred(accepted.unwrap_or_default())),
        chosen: asked.language.is_some(),
        all_steps: asked.all_steps,
        now: Utc::now(),
        origin: origin(headers),
    }
}

/// Scheme and host as the gateway was asked for them (RFC 7239), which quotes nothing but plain hosts.
fn origin(headers: &HeaderMap) -> Option<String> {
    let forwarded = headers.get(header::FORWARDED)?.to_str().ok()?;
    let part = |name: &str| {
        let mut parts = forwarded.split(';').filter_map(|part| part.trim().split_once('='));
        parts.find(|(key, _)| *key == name).map(|(_, value)| value.trim_matches('"'))
    };
    let (scheme, host) = (part("proto")?, part("host")?);
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~[]:".contains(c);
    let is_good = matches!(scheme, "http" | "https") && !host.is_empty() && host.chars().all(plain);
    is_good.then(|| format!("{scheme}://{host}"))
}

fn answer(status: StatusCode, page: Markup, reader: &Reader) -> Response {
    let mut response = html::page(status, page);
    let language = HeaderValue::from_static(reader.language.tag());
    let headers = [
        NOT_INDEXED,
        (header::CONTENT_LANGUAGE, language),
        (header::VARY, HeaderValue::from_static("accept-language")),
    ];
    response.headers_mut().extend(headers);
    response
}

fn see_other(to: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, to), (header::CACHE_CONTROL, "no-store")]).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_stands_before_says_in_the_readers_language_that_nothing_can_be_looked_up() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static("fr"));
        headers.insert(header::FORWARDED, HeaderValue::from_static("host=\"evil.example\";proto=https"));
        let problem = Problem::unavailable("nobody answers", RETRY_AFTER);
        for (uri, language, again) in [
            ("/track", "fr", "href=\"/track\""),
            ("/track/RR%2012-3", "fr", "href=\"/track/RR%2012-3\""),
            ("/track/A1?lang=ar", "ar", "href=\"/track/A1?lang=ar\""),
            ("/track?numbers=A1,B2", "fr", "href=\"/track?numbers=A1%2CB2\""),
        ] {
            let response = away(&problem, &Uri::from_static(uri), &headers);
            assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(response.headers()[header::CONTENT_LANGUAGE], language);
            assert_eq!(response.headers()[header::RETRY_AFTER], "2");
            let body =
                futures::executor::block_on(axum::body::to_bytes(response.into_body(), 100_000)).unwrap();
            let page = std::str::from_utf8(&body).unwrap();
            assert!(page.contains(again) && !page.contains("evil"), "{uri}: {page}");
        }
    }

    #[test]
    fn the_origin_is_what_the_gateway_says_and_nothing_odd() {
        for (forwarded, expected) in [
            ("for=1.2.3.4;host=\"track.example:8080\";proto=https", Some("https://track.example:8080")),
            ("for=\"[::1]\";host=\"[::1]:80\";proto=http", Some("http://[::1]:80")),
            ("for=1.2.3.4;proto=https", None),
            ("host=\"a\";proto=javascript", None),
            ("host=\"a/b\";proto=http", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::FORWARDED, HeaderValue::from_static(forwarded));
            assert_eq!(origin(&headers).as_deref(), expected, "{forwarded}");
        }
    }
}
