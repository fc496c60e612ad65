//! People who use the console in a browser: their credentials are in a cookie, and who has none is sent to sign in.
//!
//! Browsers send a cookie with every request, also with one that another site made them send. So it counts for the console alone
//! (which asks where a form comes from), and for none of the calls that programs make.

use std::borrow::Cow;

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use crate::credentials::API_KEY;
use crate::{Call, Denied, Role, Service, shows_credentials};

/// The cookie that holds a key or token of whoever signed in.
pub const COOKIE: &str = "parceltrack_console";

/// Where one signs in. `next` in the query says where to go then, `why` what was wrong with the credentials before.
pub const SIGN_IN: &str = "/console/sign-in";

/// The headers as credentials are read from them: for a call of the console the cookie stands as `Authorization`, unless there
/// is one. For what everybody may call, it is not looked at: a cookie that is no longer good must not keep anybody from signing in.
pub fn shown<'h>(headers: &'h HeaderMap, call: &Call) -> Cow<'h, HeaderMap> {
    if call.service != Service::Console || call.is_for(Role::Public) || shows_credentials(headers) {
        return Cow::Borrowed(headers);
    }
    let mut cookies = cookies(headers).peekable();
    if cookies.peek().is_none() {
        return Cow::Borrowed(headers);
    }
    let mut shown = headers.clone();
    // All of them: who has two is told that credentials are given once.
    for cookie in cookies {
        if let Ok(mut value) = HeaderValue::try_from(format!("Bearer {cookie}")) {
            value.set_sensitive(true);
            shown.append(header::AUTHORIZATION, value);
        }
    }
    Cow::Owned(shown)
}

/// The headers that hold credentials, and no others: with them a service asks another one in its caller's name.
pub fn credentials_only(shown: &HeaderMap) -> HeaderMap {
    let named = [header::AUTHORIZATION, API_KEY].into_iter();
    named
        .filter_map(|name| {
            let mut value = shown.get(&name)?.clone();
            value.set_sensitive(true);
            Some((name, value))
        })
        .collect()
}

/// What a person is answered whose credentials don't do for a page of the console, or a form: where to sign in. A form was not
/// done, and leads back to its page. None for programs, and where it can't be said whether the credentials are good: those are told
/// the problem.
pub fn to_sign_in(
    denied: &Denied,
    call: Option<&Call>,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
) -> Option<Response> {
    let is_form = *method == Method::POST;
    let is_page = is_form || matches!(*method, Method::GET | Method::HEAD);
    let is_console = call.is_some_and(|call| call.service == Service::Console);
    if !is_page || !is_console || !wants_html(headers) || shows_credentials(headers) {
        return None;
    }
    let why = match denied {
        Denied::Missing | Denied::Invalid(_) if is_form => "&why=unsent",
        Denied::Missing => "",
        Denied::Invalid(_) => "&why=invalid",
        Denied::Forbidden => "&why=forbidden",
        Denied::Unknowable(_) => return None,
    };
    let page = uri.path_and_query().map_or("/console", |page| page.as_str());
    let asked = if is_form { uri.path() } else { page };
    let next: String = form_urlencoded::byte_serialize(asked.as_bytes()).collect();
    let location = HeaderValue::try_from(format!("{SIGN_IN}?next={next}{why}")).ok()?;
    let no_store = HeaderValue::from_static("no-store");
    Some(
        (StatusCode::SEE_OTHER, [(header::LOCATION, location), (header::CACHE_CONTROL, no_store)])
            .into_response(),
    )
}

/// Whether credentials are in the body of this call, for the console to check: a 401 then means that they were not good.
pub fn takes_credentials(call: &Call) -> bool {
    call.service == Service::Console && call.path == SIGN_IN && call.method == Method::POST
}

/// Whether a browser asks for a page: scripts and programs ask for anything.
pub fn wants_html(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

fn cookies(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = all.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(name, value)| *name == COOKIE && !value.is_empty()).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calls::find;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(*name, HeaderValue::from_str(value).unwrap());
        }
        map
    }

    fn line(service: Service, path: &str) -> &'static Call {
        find(service, &Method::GET, path).unwrap()
    }

    #[test]
    fn the_cookie_counts_for_the_consoles_own_pages_alone() {
        let signed_in = headers(&[("cookie", "a=b; parceltrack_console=x.y.z; c=d")]);
        let shows = |headers: &HeaderMap, call| {
            let shown = shown(headers, call);
            shown
                .get_all("authorization")
                .iter()
                .map(|value| value.to_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        let page = line(Service::Console, "/console");
        assert_eq!(shows(&signed_in, page), ["Bearer x.y.z"]);
        assert!(shows(&signed_in, line(Service::Console, SIGN_IN)).is_empty());
        assert!(shows(&signed_in, line(Service::QueryApi, "/api/v1/shipments")).is_empty());
        assert!(shows(&signed_in, line(Service::DiscoveryService, "/api/v1/services")).is_empty());
        let both = headers(&[("cookie", "parceltrack_console=x"), ("authorization", "Bearer y")]);
        assert_eq!(shows(&both, page), ["Bearer y"]);
        let two = headers(&[("cookie", "parceltrack_console=x; parceltrack_console=y")]);
        assert_eq!(shows(&two, page).len(), 2, "and then they are refused: credentials are given once");
        assert!(shows(&headers(&[("cookie", "parceltrack_console=; b=c")]), page).is_empty());
    }

    #[test]
    fn credentials_are_handed_on_and_nothing_else_is() {
        let all =
            headers(&[("authorization", "Bearer x"), ("x-api-key", "y"), ("cookie", "z"), ("host", "h")]);
        let only = credentials_only(&all);
        assert_eq!(only.len(), 2);
        assert!(only.values().all(HeaderValue::is_sensitive));
    }

    #[test]
    fn a_person_is_sent_to_sign_in_and_a_program_is_not() {
        let browser = headers(&[("accept", "text/html,application/xhtml+xml")]);
        let uri: Uri = "/console/config?application=a&b=c".parse().unwrap();
        let page = Some(line(Service::Console, "/console"));
        let to = |denied: &Denied, call, method: &Method, headers: &HeaderMap| {
            let answer = to_sign_in(denied, call, method, &uri, headers)?;
            assert_eq!(answer.status(), StatusCode::SEE_OTHER);
            Some(answer.headers()[header::LOCATION].to_str().unwrap().to_owned())
        };
        let asked = "/console/sign-in?next=%2Fconsole%2Fconfig%3Fapplication%3Da%26b%3Dc";
        assert_eq!(to(&Denied::Missing, page, &Method::GET, &browser).unwrap(), asked);
        let again = to(&Denied::Invalid("no"), page, &Method::GET, &browser).unwrap();
        assert_eq!(again, format!("{asked}&why=invalid"));
        assert_eq!(to(&Denied::Missing, page, &Method::HEAD, &browser).unwrap(), asked);
        let form = "/console/sign-in?next=%2Fconsole%2Fconfig";
        for (denied, why) in
            [(Denied::Missing, "unsent"), (Denied::Invalid("no"), "unsent"), (Denied::Forbidden, "forbidden")]
        {
            assert_eq!(to(&denied, page, &Method::POST, &browser).unwrap(), format!("{form}&why={why}"));
        }
        let program = headers(&[("accept", "*/*")]);
        let api = Some(line(Service::QueryApi, "/api/v1/shipments"));
        assert!(to(&Denied::Missing, page, &Method::GET, &program).is_none());
        assert!(to(&Denied::Missing, page, &Method::POST, &program).is_none());
        assert!(to(&Denied::Missing, api, &Method::GET, &browser).is_none());
        assert!(to(&Denied::Unknowable("now"), page, &Method::GET, &browser).is_none());
    }
}
