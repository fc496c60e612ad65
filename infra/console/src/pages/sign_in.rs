//! `/console/sign-in` and `/console/sign-out`: credentials go into a cookie, and out of it.

use auth::{Denied, Service, browser, calls};
use axum::extract::State as Given;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use http_api::Routes;
use maud::{Markup, html};
use serde::Deserialize;

use super::extract::{Form, Query};
use super::{State, see_other};
use crate::layout;
use crate::parts::{self, Mood};
use crate::same_origin::came_by_tls;

/// Bytes of a cookie that every browser keeps, with its name and what it is told besides.
const LONGEST: usize = 3_900;

pub(super) fn routes(routes: Routes<State>) -> Routes<State> {
    routes.get(browser::SIGN_IN, show).post(browser::SIGN_IN, sign_in).post("/console/sign-out", sign_out)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    next: String,
    why: String,
}

/// No `Debug`: it holds credentials.
#[derive(Deserialize)]
struct Typed {
    #[serde(default)]
    next: String,
    #[serde(default)]
    credential: String,
}

async fn show(Query(asked): Query<Asked>) -> Response {
    let next = within(&asked.next);
    let said = match asked.why.as_str() {
        "invalid" => Some((
            Mood::Warn,
            "Signed out",
            "Your key or token is no longer good: it was revoked, or has expired.",
        )),
        "unsent" => Some((
            Mood::Warn,
            "Signed out",
            "Your key or token is no longer good, and what you sent was not done. Sign in, and send it again.",
        )),
        "forbidden" => Some((Mood::Warn, "Not for this role", FORBIDDEN)),
        "out" => Some((Mood::Good, "Signed out", "This browser has no credentials any more.")),
        _ => None,
    };
    let told = said.map(|(mood, title, text)| parts::notice(mood, title, html! { p { (text) } }));
    // Who comes by a link from elsewhere is signed in, but the browser keeps that from us: the script asks again from here.
    let may_be_signed_in = asked.why.is_empty().then_some(next);
    layout::bare(StatusCode::OK, "Sign in", may_be_signed_in, &content(next, told.as_ref()))
}

const FORBIDDEN: &str =
    "These credentials are good, but not for the console: it takes an operator's or an admin's.";

async fn sign_in(Given(desk): Given<State>, headers: HeaderMap, Form(given): Form<Typed>) -> Response {
    let next = within(&given.next);
    let refuse = |status: StatusCode, title: &str, text: &str| {
        let told = parts::notice(Mood::Bad, title, html! { p { (text) } });
        layout::bare(status, "Sign in", None, &content(next, Some(&told)))
    };
    let credential = given.credential.trim();
    let Some(shown) = shown(credential) else {
        let text = "Paste the whole key (it begins with ptk_) or token, and nothing else.";
        return refuse(StatusCode::UNAUTHORIZED, "That is no key or token", text);
    };
    if credential.len() > LONGEST {
        let text = "A cookie holds 3,900 bytes. Ask for a token with fewer claims, or use an API key.";
        return refuse(StatusCode::UNAUTHORIZED, "That token is too long for a browser", text);
    }
    let overview = calls::find(Service::Console, &Method::GET, "/console");
    match desk.gatekeeper.admit(&shown, overview).await {
        Ok((principal, _)) => {
            tracing::info!(who = principal.name(), "signed in to the console");
            let mut answer = see_other(next);
            set_cookie(&mut answer, credential, &headers);
            answer
        }
        Err(Denied::Forbidden) => refuse(StatusCode::FORBIDDEN, "Not for this role", FORBIDDEN),
        Err(Denied::Unknowable(why)) => {
            let text = format!("Whether they are good can't be said now: {why}. Try again in a moment.");
            refuse(StatusCode::SERVICE_UNAVAILABLE, "Credentials can't be checked", &text)
        }
        Err(Denied::Missing | Denied::Invalid(_)) => {
            let text = "It is unknown, has expired, or was revoked. Keys are shown once, when they are made; make another one if yours \
                        is lost.";
            refuse(StatusCode::UNAUTHORIZED, "That key or token is not good", text)
        }
    }
}

async fn sign_out(headers: HeaderMap) -> Response {
    let mut answer = see_other("/console/sign-in?why=out");
    set_cookie(&mut answer, "", &headers);
    answer
}

/// As a program shows them; none if they have characters that no key and no token has.
fn shown(credential: &str) -> Option<HeaderMap> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~+/=".contains(&byte);
    if credential.is_empty() || !credential.bytes().all(plain) {
        return None;
    }
    let mut value = HeaderValue::try_from(format!("Bearer {credential}")).ok()?;
    value.set_sensitive(true);
    Some(HeaderMap::from_iter([(header::AUTHORIZATION, value)]))
}

/// An empty credential takes the cookie away.
fn set_cookie(answer: &mut Response, credential: &str, headers: &HeaderMap) {
    let name = browser::COOKIE;
    let mut cookie = format!("{name}={credential}; Path=/console; HttpOnly; SameSite=Strict");
    if credential.is_empty() {
        cookie.push_str("; Max-Age=0");
    }
    if came_by_tls(headers) {
        cookie.push_str("; Secure");
    }
    if let Ok(mut value) = HeaderValue::try_from(cookie) {
        value.set_sensitive(true);
        answer.headers_mut().insert(header::SET_COOKIE, value);
    }
}

/// A page of the console: whoever made a link must not lead anybody elsewhere by it.
fn within(next: &str) -> &str {
    let ours = next == "/console" || next.starts_with("/console/") || next.starts_with("/console?");
    let plain = next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if ours && plain && !next.contains("//") && !next.contains("..") && !next.starts_with(browser::SIGN_IN) {
        next
    } else {
        "/console"
    }
}

fn content(next: &str, told: Option<&Markup>) -> Markup {
    html! {
        @if let Some(told) = told { (told) }
        form.stack.card method="post" action=(browser::SIGN_IN) {
            input type="hidden" name="next" value=(next);
            label for="credential" { "API key or token of an operator or admin" }
            input type="password" id="credential" name="credential" required autofocus autocomplete="current-password"
                spellcheck="false" autocapitalize="off" aria-describedby="credential-hint";
            p.hint id="credential-hint" {
                "It stays in a cookie of this browser until you sign out or close it; the console keeps nothing."
            }
            button.primary type="submit" { "Sign in" }
        }
        details {
            summary { "Where do I get one?" }
            p { "The first start of a local system made an admin's key and kept it in " code { ".local/secrets/admin-key" } ". Others are made by" }
            pre { code { "parceltrack keys create --name NAME --role operator" } }
            p { "An operator sees every shipment but nobody's name, phone or address; an admin sees everything." }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_led_to_pages_of_the_console_alone() {
        for ours in ["/console", "/console/services", "/console?x=1", "/console/config/a?b=c%2Fd"] {
            assert_eq!(within(ours), ours);
        }
        for other in [
            "",
            "/",
            "//evil.example",
            "/consoles",
            "https://evil.example/console",
            "/console//evil",
            "/console/../x",
            "/console/\\evil",
            "/console/sign-in?next=x",
            "/console\r\nx: y",
        ] {
            assert_eq!(within(other), "/console", "{other}");
        }
    }

    #[test]
    fn credentials_have_plain_characters() {
        assert!(shown("ptk_0123_AbC-_").is_some() && shown("a.b.c").is_some());
        for bad in ["", "a b", "a;b", "a\nb", "ä", "a,b"] {
            assert!(shown(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn the_cookie_is_out_of_reach_and_secure_where_it_can_be() {
        let cookie = |credential: &str, headers: &[(&'static str, &str)]| {
            let of = |(name, value): &(&'static str, &str)| {
                (header::HeaderName::from_static(name), value.parse().unwrap())
            };
            let headers: HeaderMap = headers.iter().map(of).collect();
            let mut answer = see_other("/console");
            set_cookie(&mut answer, credential, &headers);
            let value = answer.headers()[header::SET_COOKIE].clone();
            assert!(value.is_sensitive());
            value.to_str().unwrap().to_owned()
        };
        assert_eq!(cookie("x", &[]), "parceltrack_console=x; Path=/console; HttpOnly; SameSite=Strict");
        let tls = [("forwarded", "for=1.2.3.4;proto=https")];
        assert_eq!(
            cookie("x", &tls),
            "parceltrack_console=x; Path=/console; HttpOnly; SameSite=Strict; Secure"
        );
        assert!(cookie("", &[]).contains("Max-Age=0"));
    }

    #[test]
    fn what_was_typed_is_not_shown_again() {
        let told = parts::notice(Mood::Bad, "No", html! { p { "no" } });
        let text = content("/console/services", Some(&told)).into_string();
        assert!(text.contains("type=\"password\"") && !text.contains("value=\"ptk_"), "{text}");
        assert!(text.contains("value=\"/console/services\""), "{text}");
    }
}
